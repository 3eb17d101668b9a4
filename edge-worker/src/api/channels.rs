//! By what a site's alerts and reports are delivered: `/api/sites/{site_id}/channels`, `/api/unsubscribe`.

use protocol::SiteId;
use protocol::alert::{
    Channel, ChannelKind, ChannelMade, Channels, Deliveries, DeliveryStatus, MAX_CHANNELS, MessageLanguage,
    NewChannel,
};
use protocol::problem::Code;

use super::alerts::sample;
use super::{Answer, Call, email, invalid, named, refused};
use crate::alerts::message::signing_key;
use crate::alerts::{Message, notice, send, target, unsubscribe_token};
use crate::auth::{same_secret, secret};
use crate::http::Response;
use crate::routes::Act;
use crate::store::accounts::{ChannelRow, Waiting};

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
            let channel = Channel { id, created_at: call.now(), channel, unsubscribed: false };
            let row = ChannelRow { channel, base };
            call.accounts().save_channel(site.id.as_str(), &row).await?;
            call.note("channel.made", &row.channel.id).await;
            Ok(Response::json(201, &ChannelMade { channel: shown(row), secret: key }))
        }
        Act::Change => {
            let old = find(call, &rows)?;
            let channel = normal(call, call.body()?, Some(&old.channel.channel))?;
            own_name(&rows, &channel.name, &old.channel.id)?;
            // Whoever unsubscribed stays so, whatever else is changed.
            let unsubscribed = old.channel.unsubscribed && channel.target == old.channel.channel.target;
            let channel = Channel { channel, unsubscribed, ..old.channel.clone() };
            let row = ChannelRow { channel, base: old.base.clone() };
            call.accounts().save_channel(site.id.as_str(), &row).await?;
            call.note("channel.changed", &row.channel.id).await;
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
        return Err(invalid("its reader has unsubscribed"));
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
        what: notice.title(row.channel.channel.language),
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

/// The channel of a link to unsubscribe.
async fn of_link(call: &Call<'_>) -> Result<(SiteId, ChannelRow), Response> {
    let unknown = || refused(Code::UnknownLink);
    let parameter = |name| call.request.parameter(name).unwrap_or_default();
    let (site, channel, token) = (parameter("site"), parameter("channel"), parameter("token"));
    let site = SiteId::parse(&site).map_err(|_| unknown())?;
    let expected = unsubscribe_token(&call.app.config.session_secret, site.as_str(), &channel);
    if !secret::is_id(&channel) || !same_secret(&token, &expected) {
        return Err(unknown());
    }
    let row = call.accounts().channel(site.as_str(), &channel).await?;
    Ok((site, row.ok_or_else(unknown)?))
}

/// `GET /api/unsubscribe`: a page with a button. Programs that look at links in mails must not unsubscribe anybody.
pub(super) async fn ask(call: &Call<'_>) -> Answer {
    let (_, row) = of_link(call).await?;
    let [title, button] = match row.channel.channel.language {
        MessageLanguage::En => ["No more e-mail from LiveInsight?", "Unsubscribe"],
        MessageLanguage::Ko => ["LiveInsight 메일을 그만 받으시겠습니까?", "수신 거부"],
    };
    Ok(page(title, &format!(r#"<form method="post"><button>{button}</button></form>"#)))
}

/// `POST /api/unsubscribe`, by the button or by the reader's mail program (RFC 8058).
pub(super) async fn unsubscribe(call: &Call<'_>) -> Answer {
    let (site, mut row) = of_link(call).await?;
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
