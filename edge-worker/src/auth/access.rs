//! Who somebody is, what a route needs, and whether the two go together. No I/O: every decision can be tested.

use std::collections::BTreeMap;

use protocol::SiteId;
use protocol::account::{Role, Scope, ShareFilter};
use protocol::problem::Code;

/// What a route needs before it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nobody in particular: anyone may call it.
    Nobody,
    /// A page of the site or a holder of an ingest key; ingest itself decides, for it knows the site.
    Sender,
    /// A person in a browser. With a scope, a token that has it as well.
    SignedIn(Option<Scope>),
    /// A role at every site. With a scope, a token that has it and a maker of that role as well.
    Everywhere(Role, Option<Scope>),
    /// A role at the site that the request names. With a scope, a token as well.
    Site(Role, Option<Scope>),
    /// Reading the site's statistics: viewers, tokens that may read, readers of a share link of the site.
    Statistics,
}

impl Need {
    /// The scope with which a token suffices.
    pub fn scope(self) -> Option<Scope> {
        match self {
            Self::Nobody | Self::Sender => None,
            Self::SignedIn(scope) | Self::Everywhere(_, scope) | Self::Site(_, scope) => scope,
            Self::Statistics => Some(Scope::Read),
        }
    }

    /// The role at the site that is needed, if the route is about one.
    pub fn site_role(self) -> Option<Role> {
        match self {
            Self::Site(role, _) => Some(role),
            Self::Statistics => Some(Role::Viewer),
            _ => None,
        }
    }

    /// Whether a reader of a share link may come in.
    pub fn admits_shares(self) -> bool {
        self == Self::Statistics
    }
}

/// A person's roles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// At every site.
    pub everywhere: Option<Role>,
    /// At single sites, by id.
    pub grants: BTreeMap<String, Role>,
}

impl Rights {
    /// The role at a site.
    pub fn at(&self, site: &str) -> Option<Role> {
        self.everywhere.max(self.grants.get(site).copied())
    }
}

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Nobody we know.
    Nobody,
    /// A person in a browser.
    Person {
        /// The person's id.
        id: String,
        /// The session's id.
        session: String,
        /// What the person may do.
        rights: Rights,
    },
    /// A program with an API token.
    Token {
        /// The token's id.
        id: String,
        /// The person who made it, and for whom it acts.
        person: String,
        /// What that person may do.
        rights: Rights,
        /// What the token may be used for.
        scopes: Vec<Scope>,
        /// The only site it is good for.
        site: Option<String>,
    },
    /// A reader of a share link.
    Share {
        /// The share's id.
        id: String,
        /// The site it shows.
        site: String,
        /// What it shows of the site.
        filter: ShareFilter,
    },
}

impl Principal {
    /// The role at every site. A token that is good for one site has none.
    pub fn role_everywhere(&self) -> Option<Role> {
        match self {
            Self::Person { rights, .. } => rights.everywhere,
            Self::Token { rights, scopes, site: None, .. } => rights.everywhere.min(cap(scopes)),
            _ => None,
        }
    }

    /// The role at a site: a token's is its maker's, and never more than its scopes allow.
    pub fn role_at(&self, at: &str) -> Option<Role> {
        match self {
            Self::Nobody => None,
            Self::Person { rights, .. } => rights.at(at),
            Self::Token { rights, scopes, site, .. } => {
                let is_here = site.as_deref().is_none_or(|site| site == at);
                if is_here { rights.at(at).min(cap(scopes)) } else { None }
            }
            Self::Share { site, .. } => (site == at).then_some(Role::Viewer),
        }
    }

    /// What is shown of the site: all of it, but to readers of a share link with a filter.
    pub fn filter(&self) -> Option<&ShareFilter> {
        match self {
            Self::Share { filter, .. } if !filter.is_empty() => Some(filter),
            _ => None,
        }
    }

    /// How the audit log calls them.
    pub fn actor(&self) -> String {
        match self {
            Self::Nobody => "nobody".into(),
            Self::Person { id, .. } => format!("person:{id}"),
            Self::Token { id, .. } => format!("token:{id}"),
            Self::Share { id, .. } => format!("share:{id}"),
        }
    }
}

/// The highest role that a token of these scopes can act in.
fn cap(scopes: &[Scope]) -> Option<Role> {
    let role = |scope: &Scope| match scope {
        Scope::Manage => Some(Role::Admin),
        Scope::Read => Some(Role::Viewer),
        Scope::Ingest => None,
    };
    scopes.iter().filter_map(role).max()
}

/// Whether somebody may come in; `site` is the one the request names.
///
/// # Errors
/// [`Code::SignInRequired`] for nobody, [`Code::Forbidden`] for somebody who may not.
pub fn decide(need: Need, principal: &Principal, site: Option<&SiteId>) -> Result<(), Code> {
    if matches!(need, Need::Nobody | Need::Sender) {
        return Ok(());
    }
    let may = match principal {
        Principal::Nobody => return Err(Code::SignInRequired),
        Principal::Person { .. } => true,
        Principal::Token { scopes, .. } => need.scope().is_some_and(|scope| {
            // Who may change something has to see what it is.
            scopes.contains(&scope) || scope == Scope::Read && scopes.contains(&Scope::Manage)
        }),
        Principal::Share { .. } => need.admits_shares(),
    };
    let role = match need {
        Need::Everywhere(role, _) => principal.role_everywhere() >= Some(role),
        Need::Site(role, _) => site.is_some_and(|site| principal.role_at(site.as_str()) >= Some(role)),
        Need::Statistics => site.is_some_and(|site| principal.role_at(site.as_str()).is_some()),
        Need::Nobody | Need::Sender | Need::SignedIn(_) => true,
    };
    if may && role { Ok(()) } else { Err(Code::Forbidden) }
}

/// Whether somebody of the role `actor` may turn a person's role everywhere from `old` into `new`, as inviting and
/// removing are as well. Admins look after viewers and editors, owners after everyone.
pub fn may_appoint(actor: Option<Role>, old: Option<Role>, new: Option<Role>) -> bool {
    match actor {
        Some(Role::Owner) => true,
        Some(Role::Admin) => old.max(new) < Some(Role::Admin),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn site(id: &str) -> SiteId {
        SiteId::parse(id).unwrap()
    }

    fn rights(everywhere: Option<Role>, shop: Option<Role>) -> Rights {
        Rights { everywhere, grants: shop.map(|role| ("shop".to_owned(), role)).into_iter().collect() }
    }

    fn person(everywhere: Option<Role>, shop: Option<Role>) -> Principal {
        Principal::Person { id: "p".into(), session: "s".into(), rights: rights(everywhere, shop) }
    }

    fn token(scopes: &[Scope], at: Option<&str>, rights: Rights) -> Principal {
        Principal::Token {
            id: "t".into(),
            person: "p".into(),
            rights,
            scopes: scopes.to_vec(),
            site: at.map(Into::into),
        }
    }

    fn may(need: Need, principal: &Principal, at: &str) -> bool {
        decide(need, principal, Some(&site(at))).is_ok()
    }

    #[test]
    fn role_at_one_site_is_none_at_another() {
        for role in [Role::Viewer, Role::Editor, Role::Admin] {
            let person = person(None, Some(role));
            for needed in Role::ALL {
                assert_eq!(may(Need::Site(needed, None), &person, "shop"), role >= needed);
                assert!(!may(Need::Site(needed, None), &person, "blog"));
                assert!(!may(Need::Everywhere(needed, None), &person, "shop"));
            }
            assert!(may(Need::Statistics, &person, "shop") && !may(Need::Statistics, &person, "blog"));
            assert!(may(Need::SignedIn(None), &person, "blog"));
        }
    }

    #[test]
    fn role_everywhere_is_one_at_every_site() {
        for role in Role::ALL {
            let person = person(Some(role), None);
            for needed in Role::ALL {
                assert_eq!(may(Need::Site(needed, None), &person, "any"), role >= needed);
                assert_eq!(may(Need::Everywhere(needed, None), &person, "any"), role >= needed);
            }
        }
        assert!(may(Need::Site(Role::Admin, None), &person(Some(Role::Viewer), Some(Role::Admin)), "shop"));
    }

    #[test]
    fn nobody_gets_in_where_anything_is_needed() {
        for need in [
            Need::SignedIn(None),
            Need::SignedIn(Some(Scope::Read)),
            Need::Everywhere(Role::Viewer, None),
            Need::Site(Role::Viewer, Some(Scope::Read)),
            Need::Statistics,
        ] {
            assert_eq!(decide(need, &Principal::Nobody, Some(&site("shop"))), Err(Code::SignInRequired));
        }
        assert_eq!(decide(Need::Nobody, &Principal::Nobody, None), Ok(()));
    }

    #[test]
    fn token_reaches_as_far_as_scope_site_and_maker_allow() {
        let admin = rights(Some(Role::Admin), None);
        let read = token(&[Scope::Read], None, admin.clone());
        assert!(may(Need::Statistics, &read, "shop"));
        assert!(may(Need::Site(Role::Viewer, Some(Scope::Read)), &read, "shop"));
        assert!(!may(Need::Site(Role::Viewer, None), &read, "shop"), "no token suffices");
        assert!(!may(Need::Site(Role::Editor, Some(Scope::Manage)), &read, "shop"), "scope");

        let manage = token(&[Scope::Manage], Some("shop"), admin.clone());
        assert!(may(Need::Site(Role::Admin, Some(Scope::Manage)), &manage, "shop"));
        assert!(may(Need::Statistics, &manage, "shop"), "who manages may look");
        assert!(!may(Need::Site(Role::Editor, Some(Scope::Manage)), &manage, "blog"), "site");
        assert!(!may(Need::Everywhere(Role::Admin, Some(Scope::Manage)), &manage, "shop"), "one site only");

        let ingest = token(&[Scope::Ingest], Some("shop"), admin);
        assert!(!may(Need::Statistics, &ingest, "shop"));
        assert!(!may(Need::SignedIn(Some(Scope::Read)), &ingest, "shop"));

        let of_viewer = token(&[Scope::Manage, Scope::Read], None, rights(None, Some(Role::Viewer)));
        assert!(may(Need::Statistics, &of_viewer, "shop") && !may(Need::Statistics, &of_viewer, "blog"));
        assert!(!may(Need::Site(Role::Editor, Some(Scope::Manage)), &of_viewer, "shop"), "maker");
        let dismissed = token(&[Scope::Read], None, Rights::default());
        assert!(!may(Need::Statistics, &dismissed, "shop"));
    }

    #[test]
    fn share_link_shows_statistics_of_its_site_and_nothing_else() {
        let share = Principal::Share { id: "s".into(), site: "shop".into(), filter: ShareFilter::default() };
        assert!(may(Need::Statistics, &share, "shop") && !may(Need::Statistics, &share, "blog"));
        for need in [
            Need::SignedIn(Some(Scope::Read)),
            Need::Site(Role::Viewer, Some(Scope::Read)),
            Need::Everywhere(Role::Viewer, Some(Scope::Read)),
        ] {
            assert!(!may(need, &share, "shop"), "{need:?}");
        }
    }

    #[test]
    fn route_about_a_site_needs_one() {
        let owner = person(Some(Role::Owner), None);
        assert_eq!(decide(Need::Statistics, &owner, None), Err(Code::Forbidden));
        assert_eq!(decide(Need::Site(Role::Viewer, None), &owner, None), Err(Code::Forbidden));
    }

    #[test]
    fn only_owners_appoint_and_dismiss_admins_and_owners() {
        use Role::{Admin, Editor, Owner, Viewer};
        assert!(may_appoint(Some(Owner), Some(Owner), None) && may_appoint(Some(Owner), None, Some(Owner)));
        assert!(may_appoint(Some(Admin), None, Some(Editor)) && may_appoint(Some(Admin), Some(Viewer), None));
        for (old, new) in [(None, Some(Admin)), (Some(Admin), None), (Some(Owner), Some(Viewer))] {
            assert!(!may_appoint(Some(Admin), old, new), "{old:?} {new:?}");
        }
        for actor in [None, Some(Viewer), Some(Editor)] {
            assert!(!may_appoint(actor, None, None));
        }
    }

    fn role() -> impl Strategy<Value = Option<Role>> {
        prop::option::of(prop::sample::select(Role::ALL.to_vec()))
    }

    fn need() -> impl Strategy<Value = Need> {
        let scope =
            || prop::option::of(prop::sample::select(vec![Scope::Read, Scope::Ingest, Scope::Manage]));
        let some_role = || prop::sample::select(Role::ALL.to_vec());
        prop_oneof![
            scope().prop_map(Need::SignedIn),
            (some_role(), scope()).prop_map(|(role, scope)| Need::Everywhere(role, scope)),
            (some_role(), scope()).prop_map(|(role, scope)| Need::Site(role, scope)),
            Just(Need::Statistics),
        ]
    }

    proptest! {
        /// A token never opens what its maker could not open in a browser.
        #[test]
        fn token_opens_nothing_its_maker_may_not(
            need in need(),
            everywhere in role(),
            shop in role(),
            scopes in prop::collection::vec(
                prop::sample::select(vec![Scope::Read, Scope::Ingest, Scope::Manage]), 0..3),
            at in prop::option::of(prop::sample::select(vec!["shop", "blog"])),
            asked in prop::sample::select(vec!["shop", "blog"]),
        ) {
            let rights = rights(everywhere, shop);
            let token = token(&scopes, at, rights.clone());
            let maker = Principal::Person { id: "p".into(), session: "s".into(), rights };
            if may(need, &token, asked) {
                prop_assert!(may(need, &maker, asked));
            }
        }

        /// More rights never open less.
        #[test]
        fn higher_role_opens_all_that_a_lower_one_does(need in need(), low in role(), high in role(), shop in role()) {
            prop_assume!(low <= high);
            if may(need, &person(low, shop), "shop") {
                prop_assert!(may(need, &person(high, shop), "shop"));
            }
        }
    }
}
