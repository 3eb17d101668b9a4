//! Finding the route of a request.

use protocol::saved::SavedKind;

use crate::auth::access::Need;

/// One route.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// Upper-case method.
    pub method: &'static str,
    /// Path; a part in braces stands for any text without a slash.
    pub path: &'static str,
    /// What is needed to come in.
    pub need: Need,
    /// What is run.
    pub run: Run,
}

pub(crate) const fn route(method: &'static str, path: &'static str, need: Need, run: Run) -> Route {
    Route { method, path, need, run }
}

/// Parts of a path that a route leaves open, by name.
pub type Parts<'a> = Vec<(&'static str, &'a str)>;

/// What there is at an address.
#[derive(Debug)]
pub enum Found<'a> {
    /// A route, with the parts its path leaves open.
    Route(&'static Route, Parts<'a>),
    /// Routes of other methods alone: these.
    Methods(String),
    /// Nothing.
    Nothing,
}

/// What is done to what is saved at a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is described for the API's document, see api::document")]
pub enum Act {
    List,
    Add,
    Change,
    Remove,
}

/// Names what is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is described for the API's document, see api::document")]
pub enum Run {
    Health,
    Metrics,
    OperatorMetrics,
    Events,
    Preflight,
    Pixel,
    Plausible,
    Umami,
    UmamiBatch,
    SetUpState,
    SetUp,
    SignIn,
    Session,
    SignOut,
    ChangePassword,
    OwnSessions,
    EndSessions,
    EndSession,
    StartTotp,
    ConfirmTotp,
    DisableTotp,
    People,
    ChangePerson,
    RemovePerson,
    Invitations,
    Invite,
    TakeInvitationBack,
    AcceptInvitation,
    Sites,
    CreateSite,
    Site,
    ChangeSite,
    DeleteSite,
    Deletions,
    Erasures,
    Erase,
    Erasure,
    Grants,
    AddGrant,
    ChangeGrant,
    RemoveGrant,
    SiteTokens,
    RevokeSiteToken,
    Shares,
    CreateShare,
    DeleteShare,
    OpenShare,
    Tokens,
    CreateToken,
    RevokeToken,
    Audit,
    SiteAudit,
    Ledger,
    Quarantine,
    ReleaseQuarantined,
    PurgeQuarantined,
    ActiveSessions,
    Live,
    Query,
    Queries,
    Funnel,
    Retention,
    Journey,
    Properties,
    Began,
    Visits,
    Timeline,
    Segments,
    Segment,
    SegmentTail,
    Export,
    Verify,
    Saved(SavedKind, Act),
    Alerts(Act),
    Channels(Act),
    TestChannel,
    Deliveries,
    Confirmation,
    AskConfirm,
    Confirm,
    AskUnsubscribe,
    Unsubscribe,
}

impl Run {
    /// Whether it is a question: it names its site in its body, as clients of other products do, and changes nothing.
    pub fn is_question(self) -> bool {
        matches!(
            self,
            Self::Query
                | Self::Queries
                | Self::Funnel
                | Self::Retention
                | Self::Journey
                | Self::Properties
                | Self::Visits
                | Self::Timeline
        )
    }
}

/// Looks an address up in a table.
pub fn find<'a>(routes: &'static [Route], method: &str, path: &'a str) -> Found<'a> {
    let here = || routes.iter().filter_map(|route| Some((route, parts(route.path, path)?)));
    // A path that is written out wins over one that leaves a part open.
    let best = here().filter(|(route, _)| route.method == method).min_by_key(|(_, parts)| parts.len());
    match best {
        Some((route, parts)) => Found::Route(route, parts),
        None => {
            let methods: Vec<&str> = here().map(|(route, _)| route.method).collect();
            if methods.is_empty() { Found::Nothing } else { Found::Methods(methods.join(", ")) }
        }
    }
}

fn parts<'a>(template: &'static str, path: &'a str) -> Option<Parts<'a>> {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    let mut parts = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(parts),
            (Some(wanted), Some(given)) => {
                match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                    Some(name) if !given.is_empty() => parts.push((name, given)),
                    _ if wanted == given => {}
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[Route] = &[
        route("GET", "/api/things/{thing_id}", Need::Nobody, Run::Health),
        route("GET", "/api/things/new", Need::Nobody, Run::Events),
        route("POST", "/api/things", Need::Nobody, Run::SignIn),
        route("DELETE", "/api/things/{thing_id}/parts/{part_id}", Need::Nobody, Run::SignOut),
    ];

    fn run(method: &str, path: &str) -> Option<Run> {
        match find(TABLE, method, path) {
            Found::Route(route, _) => Some(route.run),
            _ => None,
        }
    }

    #[test]
    fn open_parts_are_named_and_written_out_paths_win() {
        assert_eq!(run("GET", "/api/things/7"), Some(Run::Health));
        assert_eq!(run("GET", "/api/things/new"), Some(Run::Events));
        let Found::Route(_, parts) = find(TABLE, "DELETE", "/api/things/7/parts/x") else {
            panic!("not found")
        };
        assert_eq!(parts, [("thing_id", "7"), ("part_id", "x")]);
    }

    #[test]
    fn what_is_not_in_the_table_is_not_there() {
        for path in ["/api/things/", "/api/things/7/", "//api/things", "/api/things/7/parts", "/api", ""] {
            assert!(matches!(find(TABLE, "GET", path), Found::Nothing), "{path}");
        }
        assert!(matches!(find(TABLE, "PUT", "/api/things"), Found::Methods(methods) if methods == "POST"));
    }
}
