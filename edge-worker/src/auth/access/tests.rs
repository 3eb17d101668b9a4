//! The matrix of roles, scopes and needs.

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

fn role() -> impl Strategy<Value = Option<Role>> {
    prop::option::of(prop::sample::select(Role::ALL.to_vec()))
}

fn need() -> impl Strategy<Value = Need> {
    let scope = || prop::option::of(prop::sample::select(vec![Scope::Read, Scope::Ingest, Scope::Manage]));
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
