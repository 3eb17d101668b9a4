//! Google Analytics 4, as BigQuery exports it: NDJSON of its `events_YYYYMMDD` tables, one event a line. A file is held
//! in memory, which is one day when tables are exported one by one.
//!
//! The visit is `user_pseudo_id` with `ga_session_id`, the second at which it began. Engagement times belong to the page
//! of the view before them and become the last heartbeat of that page. Events that GA4 makes by itself
//! (`session_start`, `first_visit`, `user_engagement`, `scroll`) are not events here, but for what they measure.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use protocol::api::Device;
use protocol::event::{Name, Text, Url};
use protocol::{
    Batch, Click, ClickKind, Context, Conversion, Custom, Event, EventKind, Heartbeat, PageId, PageView,
    PersonId, Props, Revenue,
};
use serde_json::Value;

use super::countries::COUNTRIES;
use super::table::country;
use super::{ImportError, Options, Sink, ids};
use crate::http::Geo;
use crate::ingest::Visit;

const SOURCE: &str = "ga4";

/// What GA4 sends by itself and what only measures here.
const AUTOMATIC: [&str; 6] =
    ["session_start", "first_visit", "first_open", "user_engagement", "scroll", "page_view"];

/// Parameters that are not the site's own.
const OF_GA4: [&str; 18] = [
    "ga_session_id",
    "ga_session_number",
    "page_location",
    "page_referrer",
    "page_title",
    "engagement_time_msec",
    "engaged_session_event",
    "session_engaged",
    "entrances",
    "percent_scrolled",
    "source",
    "medium",
    "campaign",
    "term",
    "content",
    "batch_ordering_id",
    "batch_page_id",
    "ignore_referrer",
];

/// The value of a parameter, whichever of its forms it has.
fn parameter(event: &Value, key: &str) -> Option<String> {
    let all = event.get("event_params")?.as_array()?;
    let value = all.iter().find(|it| it.get("key").and_then(Value::as_str) == Some(key))?.get("value")?;
    value_of(value)
}

fn value_of(value: &Value) -> Option<String> {
    let named = ["string_value", "int_value", "double_value", "float_value"];
    named.iter().filter_map(|name| value.get(name)).find_map(plain)
}

/// BigQuery prints whole numbers as texts.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn text<'a>(event: &'a Value, path: &[&str]) -> &'a str {
    let found = path.iter().try_fold(event, |value, name| value.get(name));
    match found.and_then(Value::as_str) {
        None | Some("(not set)" | "(none)" | "(direct)" | "(not provided)" | "<Other>") => "",
        Some(text) => text,
    }
}

/// A line that counts.
struct Line {
    number: u64,
    at: u64,
    user: String,
    session: String,
    begun: u64,
    event: Value,
}

fn line(number: u64, event: Value) -> Result<Line, &'static str> {
    let micros = event.get("event_timestamp").and_then(plain).and_then(|text| text.parse::<u64>().ok());
    let at = micros.ok_or("`event_timestamp` is missing")? / 1_000;
    if text(&event, &["event_name"]).is_empty() {
        return Err("`event_name` is missing");
    }
    let user = text(&event, &["user_pseudo_id"]).to_owned();
    if user.is_empty() {
        return Err("`user_pseudo_id` is missing: the visitor did not consent");
    }
    let session = parameter(&event, "ga_session_id").ok_or("`ga_session_id` is missing")?;
    // The second at which it began; an app's may be a small number.
    let begun = session.parse::<u64>().map_or(at, |seconds| seconds.saturating_mul(1_000));
    let begun = if begun.abs_diff(at) > 24 * 3_600_000 { at - at % 86_400_000 } else { begun };
    Ok(Line { number, at, user, session, begun, event })
}

fn device(event: &Value) -> Device {
    match text(event, &["device", "category"]) {
        "desktop" => Device::Desktop,
        "mobile" => Device::Mobile,
        "tablet" => Device::Tablet,
        "smart tv" => Device::Tv,
        _ => Device::Other,
    }
}

fn visit(event: &Value) -> Visit {
    let own = |path: &[&str]| text(event, path).to_owned();
    let os = match text(event, &["device", "operating_system"]) {
        "Macintosh" => "macOS".to_owned(),
        "Web" => String::new(),
        other => other.to_owned(),
    };
    let version = own(&["device", "web_info", "browser_version"]);
    Visit {
        geo: Geo { country: code(event), region: own(&["geo", "region"]), city: own(&["geo", "city"]) },
        device: device(event),
        browser: match text(event, &["device", "web_info", "browser"]) {
            "" => own(&["device", "browser"]),
            browser => browser.to_owned(),
        },
        browser_version: version.split('.').next().unwrap_or_default().to_owned(),
        os,
        language: own(&["device", "language"]),
        ..Visit::default()
    }
}

/// GA4 says a country's English name.
fn code(event: &Value) -> String {
    let name = text(event, &["geo", "country"]);
    let known = COUNTRIES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.map_or_else(|| country(name), |(_, code)| (*code).to_owned())
}

/// The address of a page with the campaign that GA4 attributes to the event, where the address itself names none.
fn page(event: &Value) -> Option<Url> {
    let url = Url::parse(&parameter(event, "page_location")?)?;
    if url.query().contains("utm_source=") {
        return Some(url);
    }
    let collected = |name: &str| text(event, &["collected_traffic_source", name]).to_owned();
    let of = |key: &str, name: &str| match collected(name) {
        own if own.is_empty() => parameter(event, key).unwrap_or_default(),
        own => own,
    };
    let parts = [
        ("utm_source", of("source", "manual_source")),
        ("utm_medium", of("medium", "manual_medium")),
        ("utm_campaign", of("campaign", "manual_campaign_name")),
        ("utm_term", of("term", "manual_term")),
        ("utm_content", of("content", "manual_content")),
    ];
    // What came of itself or by a link is known by its referrer.
    let manual = !matches!(parts[1].1.as_str(), "" | "referral" | "organic" | "(none)");
    if !manual {
        return Some(url);
    }
    let mut query = form_urlencoded::Serializer::new(url.query().to_owned());
    for (name, value) in parts.iter().filter(|(_, value)| !value.is_empty() && !value.starts_with('(')) {
        query.append_pair(name, value);
    }
    let query = query.finish();
    Some(url.with_query(&query))
}

fn props(event: &Value) -> Props {
    let mut props = Props::default();
    for own in event.get("event_params").and_then(Value::as_array).into_iter().flatten() {
        let key = own.get("key").and_then(Value::as_str).unwrap_or_default();
        if !OF_GA4.contains(&key)
            && let Some(value) = own.get("value").and_then(value_of)
        {
            props.push(key, &value);
        }
    }
    props
}

fn revenue(event: &Value) -> Option<Revenue> {
    let amount = event.get("ecommerce").and_then(|it| it.get("purchase_revenue")).and_then(plain);
    let amount = amount.or_else(|| parameter(event, "value"))?;
    Revenue::parse(&amount, &parameter(event, "currency")?)
}

/// What an event is here; `None` for one that only measures.
fn kind(event: &Value, options: &Options) -> Result<Option<EventKind>, &'static str> {
    let name = text(event, &["event_name"]);
    if name == "page_view" {
        let url = page(event).ok_or("`page_location` is missing or no address")?;
        let referrer = parameter(event, "page_referrer").and_then(|text| Url::parse(&text));
        let title = Text::cut(&parameter(event, "page_title").unwrap_or_default());
        return Ok(Some(EventKind::PageView(PageView { url, referrer, title, props: Props::default() })));
    }
    if AUTOMATIC.contains(&name) {
        return Ok(None);
    }
    let href = parameter(event, "link_url").and_then(|text| Url::parse(&text));
    if name == "click" && href.is_some() {
        let text = Text::cut(&parameter(event, "link_text").unwrap_or_default());
        let click = Click { kind: ClickKind::Outbound, name: None, text, href, selector: Text::default() };
        return Ok(Some(EventKind::Click(click)));
    }
    let own = Name::parse(name).ok_or("`event_name` is too long")?;
    let is_conversion = name == "purchase" || options.conversions.iter().any(|it| it == name);
    Ok(Some(match is_conversion {
        true => EventKind::Conversion(Conversion { name: own, revenue: revenue(event), props: props(event) }),
        false => EventKind::Custom(Custom { name: own, props: props(event) }),
    }))
}

/// Reads files.
pub(super) async fn read(
    sink: &mut Sink<'_>,
    files: &[PathBuf],
    options: &Options,
) -> Result<(), ImportError> {
    for path in files {
        let file = File::open(path).map_err(|error| ImportError::file(path, error))?;
        let mut visits: BTreeMap<(String, String), Vec<Line>> = BTreeMap::new();
        for (index, text) in BufReader::new(file).lines().enumerate() {
            let text = text.map_err(|error| ImportError::file(path, error))?;
            let number = index as u64 + 1;
            if text.trim().is_empty() {
                continue;
            }
            sink.summary.read += 1;
            let read = serde_json::from_str(&text).map_err(|_| "not JSON").and_then(|it| line(number, it));
            match read {
                Ok(line) if !sink.kept().contains(&line.at) => {
                    sink.refuse(path, number, "older than the site's retention, or of the future");
                }
                Ok(line) => {
                    visits.entry((line.user.clone(), line.session.clone())).or_default().push(line);
                }
                Err(reason) => sink.refuse(path, number, reason),
            }
        }
        for lines in visits.into_values() {
            let Some((batch, visit)) = whole(sink, path, lines, options) else { continue };
            sink.visit(batch, visit).await?;
        }
    }
    Ok(())
}

/// A page that is on show, and what was measured of it.
struct Shown {
    id: PageId,
    engaged_ms: u64,
    scroll: u8,
    last_at: u64,
}

impl Shown {
    fn heartbeat(&self, site: &str) -> Option<Event> {
        if self.engaged_ms == 0 && self.scroll == 0 {
            return None;
        }
        let beat = Heartbeat {
            engaged_ms: self.engaged_ms,
            scroll_percent: self.scroll,
            interval_s: protocol::limits::FIRST_INTERVAL_S,
            last: true,
        };
        let id = ids::event(self.last_at, &[SOURCE, site, &self.id.to_string(), "engagement"]);
        Some(Event { id, at: self.last_at, page_id: self.id, kind: EventKind::Heartbeat(beat) })
    }
}

fn whole(
    sink: &mut Sink<'_>,
    path: &std::path::Path,
    mut lines: Vec<Line>,
    options: &Options,
) -> Option<(Batch, Visit)> {
    lines.sort_by_key(|line| (line.at, line.number));
    let site = sink.site.id.to_string();
    let first = lines.first()?;
    let (user, session, begun) = (first.user.clone(), first.session.clone(), first.begun);
    let says = lines.iter().find(|line| text(&line.event, &["event_name"]) == "page_view").unwrap_or(first);
    let visit = visit(&says.event);
    let person = lines.iter().find_map(|line| PersonId::parse(text(&line.event, &["user_id"])));
    let mut shown: Option<Shown> = None;
    let mut events = Vec::new();
    for line in &lines {
        let event = &line.event;
        let name = text(event, &["event_name"]);
        // Two events of one name in one microsecond are told apart by their place in the batch.
        let order = parameter(event, "batch_ordering_id").unwrap_or_default();
        let stamp = event.get("event_timestamp").and_then(plain).unwrap_or_default();
        let parts = [SOURCE, &site, &line.user, &stamp, name, &order];
        let kind = match kind(event, options) {
            Ok(kind) => kind,
            Err(reason) => {
                sink.refuse(path, line.number, reason);
                continue;
            }
        };
        let number = |key| parameter(event, key).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        let engaged_ms = number("engagement_time_msec");
        let is_view = matches!(kind, Some(EventKind::PageView(_)));
        if is_view {
            // What a page view brings was measured on the page before it.
            if let Some(before) = &mut shown {
                before.engaged_ms += engaged_ms;
            }
            events.extend(shown.as_ref().and_then(|page| page.heartbeat(&site)));
            let id = ids::page(line.at, &parts);
            shown = Some(Shown { id, engaged_ms: 0, scroll: 0, last_at: line.at });
        } else if shown.is_none() {
            let location = parameter(event, "page_location").unwrap_or_default();
            let id = ids::page(line.begun, &[SOURCE, &site, &line.user, &line.session, &location]);
            shown = Some(Shown { id, engaged_ms: 0, scroll: 0, last_at: line.at });
        }
        let page = shown.as_mut()?;
        page.engaged_ms += if is_view { 0 } else { engaged_ms };
        page.scroll = page.scroll.max(u8::try_from(number("percent_scrolled").min(100)).unwrap_or(100));
        page.last_at = line.at;
        let page_id = page.id;
        events.extend(kind.map(|kind| Event { id: ids::event(line.at, &parts), at: line.at, page_id, kind }));
    }
    events.extend(shown.as_ref().and_then(|page| page.heartbeat(&site)));
    if events.is_empty() {
        return None;
    }
    let batch = Batch {
        site_id: sink.site.id.clone(),
        user_id: ids::user(&[SOURCE, &site, &user]),
        person_id: person,
        session_id: ids::session(begun, &[SOURCE, &site, &user, &session]),
        cookieless: false,
        sent_at: begun,
        dropped: 0,
        faults: 0,
        context: Context { language: Text::cut(&visit.language), ..Context::default() },
        events,
    };
    Some((batch, visit))
}
