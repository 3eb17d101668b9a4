//! Reads what arrives at `POST /events` into checked types: parse, don't validate.
//!
//! A fault of the batch refuses the request; a fault of one event refuses that event and leaves the
//! others alone. Unknown fields are passed over, so that a newer tracker can talk to an older worker.

mod loose;

use std::collections::BTreeMap;

use loose::Loose;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::WIRE_VERSION;
use crate::event::{
    Batch, Click, ClickKind, Context, Conversion, Custom, Event, EventKind, Heartbeat, Name, PageView,
    PersonId, Props, Revenue, Size, Text, Url,
};
use crate::ids::{EventId, PageId, SessionId, SiteId, UserId};
use crate::limits;
use crate::outcome::Outcome;
use crate::problem::Code;
use crate::receipt::Receipt;

/// Why a batch as a whole cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct BatchError {
    /// The problem's name.
    pub code: Code,
    /// What is wrong with this batch; never quotes its content.
    pub detail: String,
}

impl BatchError {
    fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// A batch taken apart: the events that hold, and a receipt for each that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// What is to be stored; its `events` may be empty when all were refused.
    pub batch: Batch,
    /// One receipt for each event, in the order sent.
    pub receipts: Vec<Receipt>,
    /// Fields that were passed over because this version does not know them: a newer sender's, or a typing error.
    pub unknown_fields: u32,
}

impl Decoded {
    /// Takes out the events for which `judge` gives an outcome, and says so in their receipts.
    pub fn refuse(&mut self, mut judge: impl FnMut(&Event) -> Option<Outcome>) {
        let receipts = &mut self.receipts;
        self.batch.events.retain(|event| {
            let Some(outcome) = judge(event) else { return true };
            for receipt in receipts.iter_mut().filter(|receipt| receipt.outcome() == Outcome::Accepted) {
                let same = receipt.id.as_deref().and_then(|id| EventId::parse(id).ok()) == Some(event.id);
                if same {
                    *receipt = Receipt::new(receipt.id.take(), outcome);
                }
            }
            false
        });
    }
}

#[derive(Deserialize)]
struct RawBatch<'a> {
    v: Loose,
    site_id: Option<String>,
    user_id: Option<String>,
    session_id: Option<String>,
    person_id: Option<String>,
    cookieless: Option<bool>,
    sent_at: Option<u64>,
    #[serde(default)]
    dropped: Loose,
    #[serde(default)]
    faults: Loose,
    context: Option<RawContext>,
    #[serde(borrow, default)]
    events: Vec<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawContext {
    language: Loose,
    time_zone: Loose,
    screen: Loose,
    viewport: Loose,
    url: Loose,
    tab: Loose,
}

/// What every event has, of whatever type.
#[derive(Deserialize)]
struct RawHead {
    id: String,
    #[serde(rename = "type")]
    kind: String,
}

const KNOWN_TYPES: [&str; 5] = ["page_view", "click", "conversion", "custom", "heartbeat"];

#[derive(Deserialize)]
struct RawEvent {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    at: Option<u64>,
    page_id: Option<String>,
    url: Option<String>,
    referrer: Option<String>,
    title: Option<String>,
    name: Option<String>,
    props: Option<BTreeMap<String, Loose>>,
    target: Option<RawTarget>,
    revenue: Option<RawRevenue>,
    engaged_ms: Option<u64>,
    scroll_percent: Option<u64>,
    interval_s: Option<u64>,
    #[serde(rename = "final")]
    last: Option<bool>,
}

#[derive(Deserialize)]
struct RawTarget {
    kind: String,
    name: Option<String>,
    text: Option<String>,
    href: Option<String>,
    selector: Option<String>,
}

#[derive(Deserialize)]
struct RawRevenue {
    amount: String,
    currency: String,
}

/// Takes a body apart. Whether its times can be believed is for [`crate::clock`] to say.
///
/// # Errors
/// [`BatchError`] when the batch as a whole cannot be taken: not JSON, another version, ids missing or
/// malformed, no events or too many, a person's id that is too long.
pub fn batch(body: &[u8]) -> Result<Decoded, BatchError> {
    let most = limits::MAX_INFLATED_BYTES;
    if body.len() > most {
        return Err(BatchError::new(
            Code::BodyTooLarge,
            format!("the body has {} bytes, at most {most} are taken", body.len()),
        ));
    }
    if depth(body) > limits::MAX_DEPTH {
        let most = limits::MAX_DEPTH;
        return Err(BatchError::new(Code::InvalidJson, format!("nested more than {most} levels deep")));
    }
    let mut unknown_fields = 0_u32;
    let raw: RawBatch<'_> =
        read(serde_json::Deserializer::from_slice(body), &mut unknown_fields).map_err(|error| {
            // serde_json's own text may quote the content; the position alone is safe to repeat.
            let place = format!("at line {}, column {}", error.line(), error.column());
            match error.classify() {
                serde_json::error::Category::Data => BatchError::new(
                    Code::InvalidBatch,
                    format!("a field is missing or of the wrong type {place}"),
                ),
                _ => BatchError::new(Code::InvalidJson, format!("not valid JSON {place}")),
            }
        })?;
    if raw.v.count() != Some(WIRE_VERSION) {
        return Err(BatchError::new(Code::UnsupportedVersion, format!("`v` must be {WIRE_VERSION}")));
    }
    let site_id = id(raw.site_id.as_deref(), "site_id", SiteId::parse)?;
    let user_id = id(raw.user_id.as_deref(), "user_id", UserId::parse)?;
    let session_id = id(raw.session_id.as_deref(), "session_id", SessionId::parse)?;
    let person_id = person(raw.person_id.as_deref())?;
    let sent_at = raw
        .sent_at
        .ok_or_else(|| BatchError::new(Code::InvalidBatch, "`sent_at` is missing: Unix milliseconds"))?;
    if raw.events.is_empty() {
        return Err(BatchError::new(Code::EmptyBatch, "`events` is missing or empty"));
    }
    if raw.events.len() > limits::MAX_EVENTS {
        return Err(BatchError::new(
            Code::TooManyEvents,
            format!("{} events, at most {} are taken in one batch", raw.events.len(), limits::MAX_EVENTS),
        ));
    }

    let mut events = Vec::with_capacity(raw.events.len());
    let mut receipts = Vec::with_capacity(raw.events.len());
    for text in raw.events {
        let head = serde_json::from_str::<RawHead>(text.get()).ok();
        let known = head.as_ref().is_none_or(|head| KNOWN_TYPES.contains(&head.kind.as_str()));
        let sent_id = head.map(|head| limits::cut(&head.id, 36).to_owned());
        // A newer tracker's event may have any shape: nothing of it is looked at.
        let read = if known {
            read(serde_json::Deserializer::from_str(text.get()), &mut unknown_fields)
                .map_err(|_| Outcome::InvalidEvent)
                .and_then(event)
        } else {
            Err(Outcome::UnknownType)
        };
        match read {
            Ok(event) => {
                receipts.push(Receipt::new(sent_id, Outcome::Accepted));
                // Of two events with one id the first counts, for every row made of them.
                if events.iter().all(|earlier: &Event| earlier.id != event.id) {
                    events.push(event);
                }
            }
            Err(outcome) => receipts.push(Receipt::new(sent_id, outcome)),
        }
    }
    let about = raw.context.unwrap_or_default();
    let context = Context {
        language: Text::cut(about.language.text()),
        time_zone: Text::cut(about.time_zone.text()),
        screen: size(&about.screen),
        viewport: size(&about.viewport),
        url: Url::parse(about.url.text()),
        tab: Text::cut(about.tab.text()),
    };
    let batch = Batch {
        site_id,
        user_id,
        person_id,
        session_id,
        cookieless: raw.cookieless.unwrap_or(false),
        sent_at,
        dropped: count(&raw.dropped),
        faults: count(&raw.faults),
        context,
        events,
    };
    Ok(Decoded { batch, receipts, unknown_fields })
}

/// Reads one value and counts the fields that it has and `T` does not.
fn read<'de, R, T>(mut from: serde_json::Deserializer<R>, unknown: &mut u32) -> serde_json::Result<T>
where
    R: serde_json::de::Read<'de>,
    T: Deserialize<'de>,
{
    let value = serde_ignored::deserialize(&mut from, |_| *unknown = unknown.saturating_add(1))?;
    from.end()?;
    Ok(value)
}

/// How deeply the brackets of a JSON text are nested; of anything else some number.
fn depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let (mut quoted, mut escaped) = (false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn id<T, E: core::fmt::Display>(
    text: Option<&str>,
    field: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, BatchError> {
    let text = text.ok_or_else(|| BatchError::new(Code::InvalidBatch, format!("`{field}` is missing")))?;
    parse(text).map_err(|error| BatchError::new(Code::InvalidBatch, format!("`{field}`: {error}")))
}

/// Nobody is identified by an empty id. One that cannot be kept refuses the batch, as any other id does:
/// without it the events would be somebody else's.
fn person(text: Option<&str>) -> Result<Option<PersonId>, BatchError> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let max = limits::MAX_PERSON_BYTES;
    let detail = || format!("`person_id`: at most {max} bytes without control characters are taken");
    PersonId::parse(text).map(Some).ok_or_else(|| BatchError::new(Code::InvalidBatch, detail()))
}

/// What a tracker says of its own health is no reason to refuse events: anything but a count is none.
fn count(value: &Loose) -> u32 {
    value.count().and_then(|count| u32::try_from(count).ok()).unwrap_or(0)
}

fn size(value: &Loose) -> Option<Size> {
    let Loose::Pair(width, height) = value else { return None };
    let edge = |n: u64| u32::try_from(n).ok().filter(|n| *n <= limits::MAX_PIXELS);
    Some(Size { width: edge(*width)?, height: edge(*height)? })
}

fn event(raw: RawEvent) -> Result<Event, Outcome> {
    let id = EventId::parse(&raw.id).map_err(|_| Outcome::InvalidEvent)?;
    let at = raw.at.unwrap_or(id.unix_ms());
    if at.abs_diff(id.unix_ms()) > limits::MAX_ID_SKEW_MS {
        return Err(Outcome::TimeMismatch);
    }
    let page_id = raw.page_id.as_deref().and_then(|p| PageId::parse(p).ok()).ok_or(Outcome::InvalidPageId);
    let kind = match raw.kind.as_str() {
        "page_view" => EventKind::PageView(PageView {
            url: raw.url.as_deref().and_then(Url::parse).ok_or(Outcome::InvalidUrl)?,
            referrer: raw.referrer.as_deref().and_then(Url::parse),
            title: Text::cut(raw.title.as_deref().unwrap_or("")),
            props: props(raw.props),
        }),
        "click" => {
            let target = raw.target.ok_or(Outcome::InvalidTarget)?;
            EventKind::Click(Click {
                kind: ClickKind::ALL
                    .into_iter()
                    .find(|kind| kind.as_str() == target.kind)
                    .ok_or(Outcome::InvalidTarget)?,
                name: target.name.as_deref().and_then(Name::parse),
                text: Text::cut(target.text.as_deref().unwrap_or("")),
                href: target.href.as_deref().and_then(Url::parse),
                selector: Text::cut(target.selector.as_deref().unwrap_or("")),
            })
        }
        "conversion" => EventKind::Conversion(Conversion {
            name: raw.name.as_deref().and_then(Name::parse).ok_or(Outcome::InvalidName)?,
            revenue: raw
                .revenue
                .map(|r| Revenue::parse(&r.amount, &r.currency).ok_or(Outcome::InvalidRevenue))
                .transpose()?,
            props: props(raw.props),
        }),
        "custom" => EventKind::Custom(Custom {
            name: raw.name.as_deref().and_then(Name::parse).ok_or(Outcome::InvalidName)?,
            props: props(raw.props),
        }),
        "heartbeat" => EventKind::Heartbeat(
            heartbeat(raw.engaged_ms, raw.scroll_percent, raw.interval_s, raw.last)
                .ok_or(Outcome::InvalidHeartbeat)?,
        ),
        _ => return Err(Outcome::UnknownType),
    };
    Ok(Event { id, at, page_id: page_id?, kind })
}

fn heartbeat(
    engaged_ms: Option<u64>,
    scroll_percent: Option<u64>,
    interval_s: Option<u64>,
    last: Option<bool>,
) -> Option<Heartbeat> {
    let scroll_percent = u8::try_from(scroll_percent.unwrap_or(0)).ok().filter(|p| *p <= 100)?;
    let interval_s = u32::try_from(interval_s.unwrap_or(limits::FIRST_INTERVAL_S.into())).ok()?;
    let engaged_ms = engaged_ms.filter(|ms| *ms <= limits::SESSION_MAX_MS)?;
    (1..=limits::MAX_INTERVAL_S).contains(&interval_s).then_some(Heartbeat {
        engaged_ms,
        scroll_percent,
        interval_s,
        last: last.unwrap_or(false),
    })
}

/// Scalars become text; nested values and what is over the limits are left out.
fn props(map: Option<BTreeMap<String, Loose>>) -> Props {
    let mut props = Props::default();
    for (key, value) in map.unwrap_or_default() {
        match value {
            Loose::Text(text) => props.push(&key, &text),
            Loose::Number(number) => props.push(&key, &number.to_string()),
            Loose::Bool(flag) => props.push(&key, if flag { "true" } else { "false" }),
            _ => false,
        };
    }
    props
}

#[cfg(test)]
mod tests;
