//! What those who set up alerts send and are given.

use protocol::alert::{
    AlertRule, AlertRules, Channel, ChannelMade, Channels, Deliveries, Delivery, NewChannel, WatchedRule,
};
use protocol::problem::Code;
use serde_json::json;

use super::{Body, Doc};
use crate::routes::{Act, Run};

/// What a route takes and gives.
pub(super) fn describe(run: Run) -> Doc {
    match run {
        Run::Alerts(act) => rule(act),
        Run::Channels(act) => channel(act),
        Run::TestChannel => {
            Doc::new("testChannel", "Send a sample by a channel at once; what became of it is answered")
                .gives::<Delivery>(200)
                .problems(&[Code::NotFound, Code::TooManyAttempts])
        }
        Run::Deliveries => Doc::new("deliveries", "The last 50 deliveries of a channel, the newest first")
            .gives::<Deliveries>(200)
            .problems(&[Code::NotFound]),
        Run::Confirmation => Doc::new(
            "askConfirmation",
            "Send the link by which a channel's e-mail address is confirmed once more",
        )
        .gives::<Delivery>(200)
        .problems(&[Code::NotFound, Code::TooManyAttempts]),
        Run::AskConfirm => {
            until(link(Doc::new("askConfirm", "A page that asks whether to confirm an address")))
        }
        Run::Confirm => until(link(Doc::new("confirm", "Confirm a channel's e-mail address"))),
        Run::AskUnsubscribe => link(Doc::new("askUnsubscribe", "A page that asks whether to unsubscribe")),
        // The button of that page; everything else is described elsewhere.
        _ => link(Doc::new("unsubscribe", "Unsubscribe from a channel's e-mail (RFC 8058)")),
    }
}

fn link(doc: Doc) -> Doc {
    let text = || json!({ "type": "string" });
    let mut doc = doc
        .query("site", "As in the link of an e-mail.", false, text())
        .query("channel", "As in the link of an e-mail.", false, text())
        .query("token", "As in the link of an e-mail.", false, text())
        .problems(&[Code::UnknownLink]);
    let schema = json!({ "type": "string", "description": "A page for people." });
    doc.schemas.insert("MailPage".to_owned(), schema);
    doc.gives = (200, Some(Body { media: &["text/html"], schema: "MailPage".to_owned() }));
    doc
}

fn until(doc: Doc) -> Doc {
    doc.query("until", "As in the link of an e-mail.", false, json!({ "type": "string" }))
}

fn rule(act: Act) -> Doc {
    match act {
        Act::List => {
            Doc::new("alerts", "Rules of alerts, by name, and how each stands").gives::<AlertRules>(200)
        }
        Act::Add => Doc::new("makeAlert", "Make a rule of alerts")
            .takes::<AlertRule>()
            .gives::<WatchedRule>(201)
            .problems(&[Code::LimitReached, Code::AlreadyExists]),
        Act::Change => Doc::new("changeAlert", "Change a rule; what is remembered of it is forgotten")
            .takes::<AlertRule>()
            .gives::<WatchedRule>(200)
            .problems(&[Code::NotFound, Code::AlreadyExists]),
        Act::Remove => Doc::new("removeAlert", "Remove a rule").problems(&[Code::NotFound]),
    }
}

fn channel(act: Act) -> Doc {
    match act {
        Act::List => {
            Doc::new("channels", "By what alerts and reports are delivered, by name").gives::<Channels>(200)
        }
        Act::Add => Doc::new("makeChannel", "Make a channel; the key of its signatures is answered once")
            .takes::<NewChannel>()
            .gives::<ChannelMade>(201)
            .problems(&[Code::LimitReached, Code::AlreadyExists]),
        Act::Change => Doc::new("changeChannel", "Change a channel")
            .takes::<NewChannel>()
            .gives::<Channel>(200)
            .problems(&[Code::NotFound, Code::AlreadyExists]),
        Act::Remove => {
            Doc::new("removeChannel", "Remove a channel, with what waits for it").problems(&[Code::NotFound])
        }
    }
}
