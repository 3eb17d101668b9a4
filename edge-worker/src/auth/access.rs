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

#[cfg(test)]
mod tests;
