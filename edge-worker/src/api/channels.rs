//! By what a site's alerts and reports are delivered: `/api/sites/{site_id}/channels`, `/api/unsubscribe`.

use protocol::SiteId;
use protocol::alert::{
    Channel, ChannelKind, ChannelMade, Channels, Deliveries, Delivery, DeliveryKind, DeliveryStatus,
    MAX_CHANNELS, MessageLanguage, NewChannel,
};
use protocol::problem::Code;

use super::alerts::sample;
use super::{Answer, Call, email, invalid, named, refused};
use crate::alerts::message::signing_key;
use crate::alerts::{Message, confirm, notice, send, target, unsubscribe_token};
use crate::auth::{same_secret, secret};
use crate::http::Response;
use crate::routes::Act;
use crate::site::Site;
use crate::store::accounts::{ChannelRow, Waiting};

/// Why nothing is sent.
const UNSUBSCRIBED: &str = "its reader has unsubscribed";

/// Lists, adds, changes or removes.
pub(super) async fn run(call: &Call<'_>, act: Act) -> Answer {
    let site = call.site().await?;
    let rows = call.accounts().alerts(site.id.as_str()).await?.channels;
    let outbound = &call.app.config.outbound;
    match act {
        Act::List => {
            let channels = rows.into_iter().map(shown).collect();
            Ok(Response::json(200, &Channels { channels, email: outbound.mail.is_some() }))
        }
        Act::Add => {
            if rows.len() >= MAX_CHANNELS {
                return Err(refused(Code::LimitReached));
            }
            let channel = normal(call, call.body()?, None)?;
            own_name(&rows, &channel.name, "")?;
            let id = secret::id(call.platform);
            let is_signed = channel.kind == ChannelKind::Webhook;
            let key = is_signed.then(|| signing_key(&call.app.config.session_secret, site.id.as_str(), &id));
            let scheme = if call.request.https { "https" } else { "http" };
            let base = format!("{scheme}://{}", call.request.host);
            let unconfirmed = !is_confirmed(&rows, &channel);
            let channel = Channel { id, created_at: call.now(), channel, unsubscribed: false, unconfirmed };
            let mut row = ChannelRow { channel, base, asked_at: 0 };
            if unconfirmed {
                may_write_to(call, &row).await?;
            }
            call.accounts().save_channel(site.id.as_str(), &row).await?;
            call.note("channel.made", &row.channel.id).await;
            if unconfirmed {
                ask_to_confirm(call, &site, &mut row).await?;
            }
            Ok(Response::json(201, &ChannelMade { channel: shown(row), secret: key }))
        }
        Act::Change => {
            let old = find(call, &rows)?;
            let channel = normal(call, call.body()?, Some(&old.channel.channel))?;
            own_name(&rows, &channel.name, &old.channel.id)?;
            // Whoever unsubscribed stays so, whatever else is changed.
            let is_same = channel.target == old.channel.channel.target;
            let unsubscribed = old.channel.unsubscribed && is_same;
            let unconfirmed = if is_same { old.channel.unconfirmed } else { !is_confirmed(&rows, &channel) };
            let is_asked = unconfirmed && !is_same;
            let channel = Channel { channel, unsubscribed, unconfirmed, ..old.channel.clone() };
            let mut row = ChannelRow { channel, ..old.clone() };
            if is_asked {
                may_write_to(call, &row).await?;
            }
            call.accounts().save_channel(site.id.as_str(), &row).await?;
            call.note("channel.changed", &row.channel.id).await;
            if is_asked {
                ask_to_confirm(call, &site, &mut row).await?;
            }
            Ok(Response::json(200, &shown(row)))
        }
        Act::Remove => {
            let id = &find(call, &rows)?.channel.id;
            call.accounts().drop_channel(site.id.as_str(), id).await?;
            call.note("channel.removed", id).await;
            Ok(Response::empty(204))
        }
    }
}

/// Whether something may be sent there at once: to a webhook, or to an address that was confirmed for this site.
fn is_confirmed(rows: &[ChannelRow], new: &NewChannel) -> bool {
    let same =
        |row: &&ChannelRow| row.channel.channel.kind == new.kind && row.channel.channel.target == new.target;
    new.kind != ChannelKind::Email || rows.iter().filter(same).any(|row| row.channel.is_open())
}

/// Whether an address that has not said yes may be written to, whatever channel or site it is given for: each time is
/// an attempt at it, and attempts are slowed down.
async fn may_write_to(call: &Call<'_>, row: &ChannelRow) -> Result<(), Response> {
    call.limit().await?;
    let address = row.channel.channel.target.as_deref().unwrap_or_default().to_lowercase();
    call.charge(&format!("confirm {address}")).await.map(drop)
}

/// Sends the link by which a channel's address is confirmed, and lists what became of it.
async fn ask_to_confirm(call: &Call<'_>, site: &Site, row: &mut ChannelRow) -> Result<Delivery, Response> {
    row.asked_at = call.now();
    call.accounts().save_channel(site.id.as_str(), row).await?;
    let sent = Box::pin(confirm::send(call.app, site, row, call.platform)).await;
    let (status, problem) = match sent {
        Ok(()) => (DeliveryStatus::Sent, String::new()),
        Err(failure) => (DeliveryStatus::Failed, failure.problem),
    };
    let id = format!("{:013}-confirm-{}", call.now(), secret::id(call.platform));
    let kind = Some(DeliveryKind::Confirmation);
    let delivery = Delivery { id, at: call.now(), kind, what: String::new(), status, attempts: 1, problem };
    call.accounts().note_delivery(&row.channel.id, &delivery).await?;
    Ok(delivery)
}

/// `POST /{channel_id}/confirmation`: sends the link once more.
pub(super) async fn confirmation(call: &Call<'_>) -> Answer {
    let site = call.site().await?;
    let id = call.id("channel_id", Code::NotFound)?;
    let row = call.accounts().channel(site.id.as_str(), id).await?;
    let mut row = row.ok_or_else(|| refused(Code::NotFound))?;
    if row.channel.unsubscribed {
        return Err(invalid(UNSUBSCRIBED));
    }
    if !row.channel.unconfirmed {
        return Err(invalid("its address is confirmed already"));
    }
    let wait = (row.asked_at + confirm::AGAIN_MS).saturating_sub(call.now());
    if wait > 0 {
        let seconds = wait.div_ceil(1_000);
        return Err(refused(Code::TooManyAttempts).with("retry-after", seconds.to_string()));
    }
    may_write_to(call, &row).await?;
    Ok(Response::json(200, &ask_to_confirm(call, &site, &mut row).await?))
}

fn find<'a>(call: &Call<'_>, rows: &'a [ChannelRow]) -> Result<&'a ChannelRow, Response> {
    let id = call.id("channel_id", Code::NotFound)?;
    rows.iter().find(|row| row.channel.id == id).ok_or_else(|| refused(Code::NotFound))
}

fn own_name(rows: &[ChannelRow], name: &str, id: &str) -> Result<(), Response> {
    let is_taken = rows.iter().any(|row| row.channel.id != id && row.channel.channel.name == name);
    if is_taken { Err(refused(Code::AlreadyExists)) } else { Ok(()) }
}

/// As it is shown: without what lets somebody post there.
fn shown(row: ChannelRow) -> Channel {
    let mut channel = row.channel;
    if channel.channel.kind != ChannelKind::Email {
        channel.channel.target = channel.channel.target.as_deref().map(target::shown);
    }
    channel
}

/// A channel in its normal form.
fn normal(call: &Call<'_>, mut new: NewChannel, old: Option<&NewChannel>) -> Result<NewChannel, Response> {
    new.name = named(&new.name)?;
    if old.is_some_and(|old| old.kind != new.kind) {
        return Err(invalid("`kind` cannot be changed: make another channel"));
    }
    let outbound = &call.app.config.outbound;
    new.target = match (new.target, old) {
        (None, Some(old)) => old.target.clone(),
        (None, None) => {
            return Err(invalid("`target` must be an e-mail address, or the address of a webhook"));
        }
        (Some(address), _) if new.kind == ChannelKind::Email => Some(email(&address)?),
        (Some(url), _) => Some(target::webhook(&url, outbound.local).map_err(invalid)?),
    };
    if new.kind == ChannelKind::Email && outbound.mail.is_none() {
        return Err(invalid("e-mail is not set up on this server: its operator sets `MAIL_FROM`"));
    }
    if new.kind != ChannelKind::Email && (new.weekly || new.monthly) {
        return Err(invalid("reports are sent by e-mail alone"));
    }
    if new.quiet.is_some_and(|quiet| quiet.from > 23 || quiet.to > 23 || quiet.from == quiet.to) {
        return Err(invalid("`quiet`: `from` and `to` are two different hours from 0 to 23"));
    }
    Ok(new)
}

/// `POST /{channel_id}/test`: sends a sample at once and says what became of it.
pub(super) async fn test(call: &Call<'_>) -> Answer {
    let site = call.site().await?;
    let id = call.id("channel_id", Code::NotFound)?;
    let row = call.accounts().channel(site.id.as_str(), id).await?;
    let row = row.ok_or_else(|| refused(Code::NotFound))?;
    if row.channel.unsubscribed {
        return Err(invalid(UNSUBSCRIBED));
    }
    if row.channel.unconfirmed {
        return Err(invalid("its address is not confirmed yet"));
    }
    call.limit().await?;
    let zone = call.app.zones.get(&site.time_zone, call.now(), call.platform);
    let notice = sample(&site, call.now(), notice::clock(call.now(), &zone));
    let mut waiting = Waiting {
        id: format!("{:013}-test-{}", call.now(), secret::id(call.platform)),
        channel: id.to_owned(),
        at: call.now(),
        due: call.now(),
        attempts: 1,
        problem: String::new(),
        message: Message::Notice(Box::new(notice)),
    };
    let sent = Box::pin(send(call.app, &site, &row, &waiting.id, &waiting.message, call.platform)).await;
    let status = match sent {
        Ok(()) => DeliveryStatus::Sent,
        Err(failure) => {
            waiting.problem = failure.problem;
            DeliveryStatus::Failed
        }
    };
    let delivery = waiting.listed(status);
    call.accounts().note_delivery(id, &delivery).await?;
    Ok(Response::json(200, &delivery))
}

/// `GET /{channel_id}/deliveries`.
pub(super) async fn deliveries(call: &Call<'_>) -> Answer {
    let site = call.site().await?;
    let id = call.id("channel_id", Code::NotFound)?;
    if call.accounts().channel(site.id.as_str(), id).await?.is_none() {
        return Err(refused(Code::NotFound));
    }
    let deliveries = call.accounts().deliveries(site.id.as_str(), id, call.now()).await?;
    Ok(Response::json(200, &Deliveries { deliveries }))
}

/// What a link in a mail is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    Unsubscribe,
    Confirm,
}

/// The channel of a link in a mail.
async fn of_link(call: &Call<'_>, link: Link) -> Result<(SiteId, ChannelRow), Response> {
    let unknown = || refused(Code::UnknownLink);
    let parameter = |name| call.request.parameter(name).unwrap_or_default();
    let (site, channel, token) = (parameter("site"), parameter("channel"), parameter("token"));
    let site = SiteId::parse(&site).map_err(|_| unknown())?;
    if !secret::is_id(&channel) {
        return Err(unknown());
    }
    let key = &call.app.config.session_secret;
    if link == Link::Unsubscribe && !same_secret(&token, &unsubscribe_token(key, site.as_str(), &channel)) {
        return Err(unknown());
    }
    let until: u64 = parameter("until").parse().unwrap_or(0);
    if link == Link::Confirm {
        // What proves it is of the row: nobody makes the table work with links that cannot be.
        if !(call.now()..=call.now() + confirm::LINK_MS).contains(&until) {
            return Err(unknown());
        }
        call.limit().await?;
    }
    let row = call.accounts().channel(site.as_str(), &channel).await?.ok_or_else(unknown)?;
    if link == Link::Confirm {
        let expected = confirm::token(key, site.as_str(), &row, until);
        // Whoever has unsubscribed since does not mean it any more.
        if row.channel.unsubscribed || !same_secret(&token, &expected) {
            return Err(unknown());
        }
    }
    Ok((site, row))
}

/// `GET /api/confirm`: a page with a button. Programs that look at links in mails must not confirm anything.
pub(super) async fn ask_confirm(call: &Call<'_>) -> Answer {
    let (_, row) = of_link(call, Link::Confirm).await?;
    let [title, button] = match row.channel.channel.language {
        MessageLanguage::En => ["Get e-mail from LiveInsight at this address?", "Confirm"],
        MessageLanguage::Ko => ["이 주소로 LiveInsight 메일을 받으시겠습니까?", "확인"],
    };
    Ok(page(title, &format!(r#"<form method="post"><button>{button}</button></form>"#)))
}

/// `POST /api/confirm`, by the button.
pub(super) async fn confirm(call: &Call<'_>) -> Answer {
    let (site, mut row) = of_link(call, Link::Confirm).await?;
    row.channel.unconfirmed = false;
    call.accounts().save_channel(site.as_str(), &row).await?;
    let title = match row.channel.channel.language {
        MessageLanguage::En => "The address is confirmed.",
        MessageLanguage::Ko => "주소를 확인했습니다.",
    };
    Ok(page(title, ""))
}

/// `GET /api/unsubscribe`: a page with a button. Programs that look at links in mails must not unsubscribe anybody.
pub(super) async fn ask(call: &Call<'_>) -> Answer {
    let (_, row) = of_link(call, Link::Unsubscribe).await?;
    let [title, button] = match row.channel.channel.language {
        MessageLanguage::En => ["No more e-mail from LiveInsight?", "Unsubscribe"],
        MessageLanguage::Ko => ["LiveInsight 메일을 그만 받으시겠습니까?", "수신 거부"],
    };
    Ok(page(title, &format!(r#"<form method="post"><button>{button}</button></form>"#)))
}

/// `POST /api/unsubscribe`, by the button or by the reader's mail program (RFC 8058).
pub(super) async fn unsubscribe(call: &Call<'_>) -> Answer {
    let (site, mut row) = of_link(call, Link::Unsubscribe).await?;
    row.channel.unsubscribed = true;
    call.accounts().save_channel(site.as_str(), &row).await?;
    let title = match row.channel.channel.language {
        MessageLanguage::En => "You will get no more e-mail from here.",
        MessageLanguage::Ko => "더 이상 메일을 보내지 않습니다.",
    };
    Ok(page(title, ""))
}

fn page(title: &str, rest: &str) -> Response {
    let html = format!(
        r#"<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>{title}</title></head><body><h1>{title}</h1>{rest}</body></html>"#
    );
    let mut response = Response::empty(200).with("content-type", "text/html; charset=utf-8");
    response.body = html.into_bytes();
    response
        .with("content-security-policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'")
        // The button's request has to say that it comes from here.
        .with("referrer-policy", "same-origin")
}
