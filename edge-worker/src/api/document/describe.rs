//! What each route takes and gives. The compiler sees to it that none is left out.

use protocol::account::{
    AcceptInvitation, ApiTokenMade, ApiTokens, AuditLog, ChangePassword, CodeProof, Grant, Grants,
    InvitationMade, Invitations, Invite, NewApiToken, NewGrant, NewShare, OpenShare, OwnSessions,
    PasswordProof, People, Person, PersonChange, RecoveryCodes, RoleChange, SetUp, SetUpState, ShareMade,
    SharedSite, Shares, SignIn, TotpEnrolment,
};
use protocol::api::{Health, SessionInfo, SiteList};
use protocol::care::{NewErasure, Task, Tasks};
use protocol::metric::MetricsAnswer;
use protocol::problem::Code;
use protocol::report::{
    LedgerAnswer, QuarantineAnswer, QuarantineDone, QuarantineSelection, VerifyAnswer, VerifyDay,
};
use protocol::site::SiteDocument;
use serde_json::json;

use super::{Doc, alerts, saved, statistics, wire};
use crate::routes::Run;

/// What a route takes and gives.
pub(super) fn describe(run: Run) -> Doc {
    match run {
        Run::Health => Doc::new("health", "Whether the worker runs").gives::<Health>(200),
        Run::Metrics => wire::metrics(),
        Run::OperatorMetrics => {
            let about = "What the isolate that answers has measured since it began, as `/metrics` tells it";
            Doc::new("operatorMetrics", about).gives::<MetricsAnswer>(200)
        }
        Run::Events | Run::Preflight => wire::events(),
        Run::Pixel => wire::pixel(),
        Run::Plausible => wire::plausible(),
        Run::Umami => wire::umami(),
        Run::UmamiBatch => wire::umami_batch(),
        Run::Ledger | Run::Quarantine | Run::ReleaseQuarantined | Run::PurgeQuarantined | Run::Verify => {
            report(run)
        }
        Run::ActiveSessions
        | Run::Live
        | Run::Query
        | Run::Queries
        | Run::Funnel
        | Run::Retention
        | Run::Journey
        | Run::Properties
        | Run::Began
        | Run::Visits
        | Run::Timeline
        | Run::Export
        | Run::Segments
        | Run::Segment
        | Run::SegmentTail => statistics::describe(run),
        Run::Saved(kind, act) => saved::describe(kind, act),
        Run::Alerts(_)
        | Run::Channels(_)
        | Run::TestChannel
        | Run::Deliveries
        | Run::Confirmation
        | Run::AskConfirm
        | Run::Confirm
        | Run::AskUnsubscribe
        | Run::Unsubscribe => alerts::describe(run),
        Run::SetUpState
        | Run::SetUp
        | Run::SignIn
        | Run::Session
        | Run::SignOut
        | Run::ChangePassword
        | Run::OwnSessions
        | Run::EndSessions
        | Run::EndSession
        | Run::StartTotp
        | Run::ConfirmTotp
        | Run::DisableTotp
        | Run::Tokens
        | Run::CreateToken
        | Run::RevokeToken => account(run),
        Run::People
        | Run::ChangePerson
        | Run::RemovePerson
        | Run::Invitations
        | Run::Invite
        | Run::TakeInvitationBack
        | Run::AcceptInvitation
        | Run::Audit => people(run),
        Run::Sites
        | Run::CreateSite
        | Run::Site
        | Run::ChangeSite
        | Run::DeleteSite
        | Run::Deletions
        | Run::Erasures
        | Run::Erase
        | Run::Erasure
        | Run::Grants
        | Run::AddGrant
        | Run::ChangeGrant
        | Run::RemoveGrant
        | Run::SiteTokens
        | Run::RevokeSiteToken
        | Run::Shares
        | Run::CreateShare
        | Run::DeleteShare
        | Run::OpenShare
        | Run::SiteAudit => sites(run),
    }
}

fn report(run: Run) -> Doc {
    let day = || json!({ "type": "string", "format": "date" });
    match run {
        Run::Ledger => Doc::new("ledger", "What became of the events that arrived, by hour and outcome")
            .query("from", "First day, UTC; today when absent.", false, day())
            .query("to", "Last day, UTC; today when absent.", false, day())
            .gives::<LedgerAnswer>(200),
        Run::Quarantine => Doc::new("quarantine", "Batches of a day that were kept apart")
            .query("day", "The day, UTC; today when absent.", false, day())
            .query("after", "The `next` of the page before.", false, json!({ "type": "string" }))
            .gives::<QuarantineAnswer>(200),
        Run::ReleaseQuarantined => Doc::new("releaseQuarantined", "Count batches that were kept apart")
            .takes::<QuarantineSelection>()
            .gives::<QuarantineDone>(200),
        Run::Verify => Doc::new("verify", "Compare a day's answers with a plain count of its rows")
            .takes::<VerifyDay>()
            .gives::<VerifyAnswer>(200),
        // Purging; everything else is described elsewhere.
        _ => Doc::new("purgeQuarantined", "Delete batches that were kept apart")
            .takes::<QuarantineSelection>()
            .gives::<QuarantineDone>(200),
    }
}

fn account(run: Run) -> Doc {
    let attempts = &[Code::TooManyAttempts];
    match run {
        Run::SetUpState => {
            Doc::new("setUpState", "Whether the first owner is still to be made").gives::<SetUpState>(200)
        }
        Run::SetUp => Doc::new("setUp", "Make the first owner and sign in")
            .takes::<SetUp>()
            .gives::<SessionInfo>(201)
            .problems(&[Code::InvalidSetupToken, Code::AlreadySetUp, Code::AlreadyExists, Code::Conflict])
            .problems(attempts),
        Run::SignIn => Doc::new("signIn", "Sign in")
            .takes::<SignIn>()
            .gives::<SessionInfo>(200)
            .problems(&[Code::WrongCredentials, Code::TotpRequired, Code::WrongCode])
            .problems(attempts),
        Run::Session => {
            Doc::new("session", "Who is signed in and what they may see").gives::<SessionInfo>(200)
        }
        Run::ChangePassword => Doc::new("changePassword", "Change the password; all other sessions end")
            .takes::<ChangePassword>()
            .gives::<SessionInfo>(200)
            .problems(&[Code::WrongPassword])
            .problems(attempts),
        Run::OwnSessions => {
            Doc::new("ownSessions", "In which browsers one is signed in").gives::<OwnSessions>(200)
        }
        Run::EndSessions => Doc::new("endSessions", "Sign out everywhere"),
        Run::EndSession => Doc::new("endSession", "Sign out in one browser").problems(&[Code::NotFound]),
        Run::StartTotp => Doc::new("startTotp", "Make a second factor that waits for its first code")
            .takes::<PasswordProof>()
            .gives::<TotpEnrolment>(200)
            .problems(&[Code::WrongPassword, Code::AlreadyExists, Code::Conflict])
            .problems(attempts),
        Run::ConfirmTotp => Doc::new("confirmTotp", "Turn the second factor on; all other sessions end")
            .takes::<CodeProof>()
            .gives::<RecoveryCodes>(200)
            .problems(&[Code::WrongCode, Code::TotpNotStarted, Code::Conflict])
            .problems(attempts),
        Run::DisableTotp => Doc::new("disableTotp", "Turn the second factor off; all other sessions end")
            .takes::<PasswordProof>()
            .problems(&[Code::WrongPassword])
            .problems(attempts),
        Run::Tokens => Doc::new("tokens", "One's API tokens; everyone's for admins").gives::<ApiTokens>(200),
        Run::CreateToken => Doc::new("createToken", "Make an API token; its secret is answered once")
            .takes::<NewApiToken>()
            .gives::<ApiTokenMade>(201)
            .problems(&[Code::UnknownSite, Code::LimitReached]),
        Run::RevokeToken => Doc::new("revokeToken", "Revoke an API token").problems(&[Code::NotFound]),
        // Signing out; everything else is described elsewhere.
        _ => Doc::new("signOut", "Sign out in this browser"),
    }
}

fn people(run: Run) -> Doc {
    match run {
        Run::People => Doc::new("people", "Everyone who may sign in").gives::<People>(200),
        Run::ChangePerson => Doc::new("changePerson", "Change a person's name and role everywhere")
            .takes::<PersonChange>()
            .gives::<Person>(200)
            .problems(&[Code::UnknownPerson, Code::LastOwner, Code::Conflict]),
        Run::RemovePerson => Doc::new("removePerson", "Remove a person").problems(&[
            Code::UnknownPerson,
            Code::LastOwner,
            Code::Conflict,
        ]),
        Run::Invitations => Doc::new("invitations", "Open invitations").gives::<Invitations>(200),
        Run::Invite => Doc::new("invite", "Invite somebody; the secret is answered once")
            .takes::<Invite>()
            .gives::<InvitationMade>(201)
            .problems(&[Code::AlreadyExists, Code::UnknownSite, Code::LimitReached]),
        Run::TakeInvitationBack => {
            Doc::new("takeInvitationBack", "Take an invitation back").problems(&[Code::NotFound])
        }
        Run::AcceptInvitation => Doc::new("acceptInvitation", "Come in by an invitation and sign in")
            .takes::<AcceptInvitation>()
            .gives::<SessionInfo>(201)
            .problems(&[Code::UnknownLink, Code::AlreadyExists, Code::Conflict, Code::TooManyAttempts]),
        // The audit log; everything else is described elsewhere.
        _ => log(Doc::new("audit", "What was done by whom, everywhere")),
    }
}

fn log(doc: Doc) -> Doc {
    let id = json!({ "type": "string", "format": "uuid" });
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 });
    doc.query("before", "The `next` of the page before.", false, id)
        .query("limit", "Entries of a page.", false, limit)
        .gives::<AuditLog>(200)
}

fn sites(run: Run) -> Doc {
    match run {
        Run::Sites => Doc::new("sites", "The sites one may see").gives::<SiteList>(200),
        Run::CreateSite => Doc::new("createSite", "Make a site")
            .takes::<SiteDocument>()
            .gives::<SiteDocument>(201)
            .problems(&[Code::AlreadyExists, Code::Conflict]),
        Run::Site => Doc::new("site", "A site's settings").gives::<SiteDocument>(200),
        Run::ChangeSite => {
            Doc::new("changeSite", "Change a site: the whole document, with the version it was made of")
                .takes::<SiteDocument>()
                .gives::<SiteDocument>(200)
                .problems(&[Code::AlreadyExists, Code::Conflict, Code::FixedSite])
        }
        Run::DeleteSite => Doc::new(
            "deleteSite",
            "Delete a site with all its events and everyone's access to it; events are refused at once, what is \
             stored is deleted in the background",
        )
        .query("name", "The site's name, so that no other is meant.", true, json!({ "type": "string" }))
        .gives::<Task>(202)
        .problems(&[Code::Conflict, Code::FixedSite]),
        Run::Deletions => {
            Doc::new("deletions", "Sites that are being deleted, and those that were").gives::<Tasks>(200)
        }
        Run::Erasures => Doc::new(
            "erasures",
            "Who was erased, without saying whom, and what shorter retentions delete: how far it is",
        )
        .gives::<Tasks>(200),
        Run::Erase => Doc::new(
            "erase",
            "Erase a person with all their visitors, a visitor or a visit: rows, segments, live state",
        )
        .takes::<NewErasure>()
        .gives::<Task>(202)
        .problems(&[Code::Conflict, Code::LimitReached]),
        Run::Erasure => {
            Doc::new("erasure", "How far an erasure is").gives::<Task>(200).problems(&[Code::NotFound])
        }
        Run::Grants => Doc::new("grants", "Who has a role at this very site").gives::<Grants>(200),
        Run::AddGrant => Doc::new("addGrant", "Give somebody who is there already a role at the site")
            .takes::<NewGrant>()
            .gives::<Grant>(201)
            .problems(&[Code::UnknownPerson]),
        Run::ChangeGrant => Doc::new("changeGrant", "Change a person's role at the site")
            .takes::<RoleChange>()
            .gives::<Grant>(200)
            .problems(&[Code::UnknownPerson]),
        Run::RemoveGrant => Doc::new("removeGrant", "Take a person's role at the site away")
            .problems(&[Code::UnknownPerson, Code::NotFound]),
        Run::SiteTokens => {
            Doc::new("siteTokens", "API tokens that are good for this site alone").gives::<ApiTokens>(200)
        }
        Run::RevokeSiteToken => {
            Doc::new("revokeSiteToken", "Revoke an API token of the site").problems(&[Code::NotFound])
        }
        Run::Shares => Doc::new("shares", "The site's share links").gives::<Shares>(200),
        Run::CreateShare => Doc::new("createShare", "Make a share link; its secret is answered once")
            .takes::<NewShare>()
            .gives::<ShareMade>(201)
            .problems(&[Code::LimitReached]),
        Run::DeleteShare => Doc::new("deleteShare", "Revoke a share link").problems(&[Code::NotFound]),
        Run::OpenShare => {
            Doc::new("openShare", "Open a share link").takes::<OpenShare>().gives::<SharedSite>(200).problems(
                &[Code::UnknownLink, Code::SharePasswordRequired, Code::WrongPassword, Code::TooManyAttempts],
            )
        }
        // The site's audit log; everything else is described elsewhere.
        _ => log(Doc::new("siteAudit", "What was done to the site, by whom")),
    }
}
