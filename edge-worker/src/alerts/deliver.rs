//! Delivering what waits: claimed, sent, noted; what fails is tried again, later and later.

use std::pin::pin;

use futures_util::future::{Either, select};
use protocol::alert::{ChannelKind, DeliveryStatus};

use super::mail::{self, Mail};
use super::message::{Webhook, signing_key};
use super::report::Of;
use super::schedule::{self, Quiet, delay_ms};
use super::{Message, target};
use crate::app::App;
use crate::auth::secret;
use crate::compact::Worked;
use crate::config::MailConfig;
use crate::log::{self, Level};
use crate::platform::{Outgoing, PATIENCE, Platform};
use crate::site::Site;
use crate::store::accounts::ChannelRow;

/// For how long something belongs to whoever claimed it, milliseconds: longer than an attempt can take.
const CLAIM_MS: u64 = 120_000;

/// Up to this much is waited in the queue; after that the next look at the site's alerts finds it.
const LONGEST_WAIT_MS: u64 = 15 * 60_000;

/// Why something did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// In a few words, for the list of deliveries: nothing of what was answered but its status.
    pub problem: String,
    /// Whether it will never arrive.
    pub is_final: bool,
}

impl Failure {
    fn again(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), is_final: false }
    }

    fn finally(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), is_final: true }
    }
}

/// Delivers what waits under a key.
///
/// # Errors
/// The store does not answer.
pub async fn deliver(app: &App, site: &Site, key: &str, platform: &dyn Platform) -> Result<Worked, String> {
    let failed = |error: crate::store::StoreError| error.to_string();
    let (accounts, id, now) = (&app.accounts, site.id.as_str(), platform.now());
    // Somebody else delivered it, or its channel was deleted.
    let Some(mut waiting) = accounts.waiting(id, key).await.map_err(failed)? else { return Ok(Worked::Done) };
    if waiting.due > now {
        return Ok(later(waiting.due - now));
    }
    let row = accounts.channel(id, &waiting.channel).await.map_err(failed)?;
    let Some(row) = row.filter(|row| row.channel.is_open()) else {
        accounts.finish(id, &waiting, DeliveryStatus::Dropped).await.map_err(failed)?;
        return Ok(Worked::Done);
    };
    let quiet = |at| match waiting.message {
        Message::Notice(_) => {
            schedule::quiet(&row.channel.channel, at, &app.zones.get(&site.time_zone, at, platform))
        }
        // Reports come at their time in any case.
        Message::Report { .. } => Quiet::Not,
    };
    if waiting.attempts == 0 && quiet(waiting.at) == Quiet::Dropped {
        accounts.finish(id, &waiting, DeliveryStatus::Dropped).await.map_err(failed)?;
        return Ok(Worked::Done);
    }
    if !accounts.claim_delivery(id, &waiting, now + CLAIM_MS).await.map_err(failed)? {
        return Ok(Worked::Done);
    }
    waiting.attempts += 1;
    let sent = Box::pin(send(app, site, &row, &waiting.id, &waiting.message, platform)).await;
    let Err(Failure { problem, is_final }) = sent else {
        waiting.problem.clear();
        accounts.finish(id, &waiting, DeliveryStatus::Sent).await.map_err(failed)?;
        return Ok(Worked::Done);
    };
    waiting.problem = problem;
    match delay_ms(waiting.attempts).filter(|_| !is_final) {
        Some(delay) => {
            let due = match quiet(now + delay) {
                Quiet::Until(end) => end,
                // It was told before they began.
                Quiet::Dropped | Quiet::Not => now + delay,
            };
            accounts.put_off(id, &waiting, due).await.map_err(failed)?;
            Ok(later(due - now))
        }
        None => {
            let fields = [
                ("site_id", id.into()),
                ("channel", waiting.channel.as_str().into()),
                ("problem", waiting.problem.as_str().into()),
            ];
            log::write(Level::Error, "delivery given up", &fields);
            accounts.finish(id, &waiting, DeliveryStatus::Failed).await.map_err(failed)?;
            Ok(Worked::Done)
        }
    }
}

fn later(ms: u64) -> Worked {
    match u32::try_from(ms.div_ceil(1_000)) {
        Ok(seconds) if ms <= LONGEST_WAIT_MS => Worked::Later(seconds),
        _ => Worked::Done,
    }
}

/// Sends something by a channel.
///
/// # Errors
/// It did not arrive.
pub async fn send(
    app: &App,
    site: &Site,
    row: &ChannelRow,
    delivery: &str,
    message: &Message,
    platform: &dyn Platform,
) -> Result<(), Failure> {
    let channel = &row.channel.channel;
    let address = channel.target.as_deref().unwrap_or_default();
    match (channel.kind, message) {
        (ChannelKind::Email, _) => {
            let unsubscribe = unsubscribe_link(&app.config.session_secret, site.id.as_str(), row);
            let mail = match message {
                Message::Notice(notice) => {
                    mail::of_notice(notice, channel.language, address, &row.base, unsubscribe)
                }
                Message::Report { rhythm, from, to } => {
                    let of = Of { app, site, rhythm: *rhythm, range: *from..*to };
                    Box::pin(of.mail(row, unsubscribe, platform)).await.map_err(Failure::again)?
                }
            };
            send_mail(app, &mail, platform).await
        }
        (kind, Message::Notice(notice)) => {
            // What was allowed when the channel was made may not be any more.
            let url = target::webhook(address, app.config.outbound.local).map_err(Failure::finally)?;
            let key = signing_key(&app.config.session_secret, site.id.as_str(), &row.channel.id);
            let (base, now) = (row.base.as_str(), platform.now());
            let webhook = Webhook { url: &url, key: &key, delivery, base, now };
            post(&webhook.request(kind, notice, channel.language), platform).await
        }
        (_, Message::Report { .. }) => Err(Failure::finally("reports are sent by e-mail alone")),
    }
}

async fn post(request: &Outgoing, platform: &dyn Platform) -> Result<(), Failure> {
    match platform.post(request).await {
        Ok(200..=299) => Ok(()),
        // Gone: whoever answers so wants no more.
        Ok(410) => Err(Failure::finally("status 410")),
        Ok(status @ 300..=399) => Err(Failure::again(format!("status {status}: redirects are not followed"))),
        Ok(status) => Err(Failure::again(format!("status {status}"))),
        Err(error) => Err(Failure::again(error.to_string())),
    }
}

pub(super) async fn send_mail(app: &App, mail: &Mail, platform: &dyn Platform) -> Result<(), Failure> {
    let Some(MailConfig { from, api, ses }) = &app.config.outbound.mail else {
        return Err(Failure::finally("e-mail is not set up on this server"));
    };
    if let Some((url, token)) = api {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        headers.extend(token.iter().map(|token| ("authorization", format!("Bearer {token}"))));
        return post(&Outgoing { url: url.clone(), headers, body: mail.for_api(from) }, platform).await;
    }
    let body = mail.for_ses(from);
    let sent = pin!(app.store.send_email(ses, &body));
    match select(sent, platform.sleep(PATIENCE)).await {
        Either::Left((sent, _)) => sent.map_err(|error| Failure::again(error.to_string())),
        Either::Right(_) => Err(Failure::again("no answer within 10 seconds")),
    }
}

/// What proves that somebody has a mail of a channel.
pub fn unsubscribe_token(secret_key: &str, site: &str, channel: &str) -> String {
    secret::keyed_hex(secret_key, "unsubscribe", &[site, channel])
}

pub(super) fn unsubscribe_link(secret_key: &str, site: &str, row: &ChannelRow) -> String {
    let (base, id) = (&row.base, &row.channel.id);
    let token = unsubscribe_token(secret_key, site, id);
    format!("{base}/api/unsubscribe?site={site}&channel={id}&token={token}")
}
