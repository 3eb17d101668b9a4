//! Umami's tables as CSV: `website_event`, with `session` beside it where the browser and the place are kept there, and
//! `event_data` and `revenue` if there are any. A table is known by its columns, whatever its file is called.
//!
//! Umami's session is a visitor (of a month), its visit a visit. What happened belongs to the page view before it. How
//! long a page was read Umami does not know.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use protocol::event::{Name, Size, Text, Url};
use protocol::{
    Batch, Context, Conversion, Custom, Event, EventKind, PageView, PersonId, Props, Revenue, UserId,
};

use super::table::{Line, Table, country, time};
use super::{ImportError, Options, Sink, ids};
use crate::http::Geo;
use crate::ingest::Visit;
use protocol::api::Device;

/// Names our ids are made from, so that those of other sources are others.
const SOURCE: &str = "umami";

/// What Umami calls a page view; everything else is an event of the site's own.
const PAGE_VIEW: &str = "1";

/// The browser and place of a visitor.
#[derive(Debug, Clone, Default)]
struct Visitor {
    visit: Visit,
    screen: Option<Size>,
    person: Option<PersonId>,
}

/// What is gathered of a visit.
#[derive(Debug, Default)]
struct Gathered {
    visitor: String,
    begun: u64,
    lines: Vec<Found>,
    own: Option<Visitor>,
}

#[derive(Debug)]
struct Found {
    id: String,
    at: u64,
    kind: EventKind,
}

fn device(text: &str) -> Device {
    match text.to_ascii_lowercase().as_str() {
        "desktop" | "laptop" => Device::Desktop,
        "mobile" => Device::Mobile,
        "tablet" => Device::Tablet,
        "smarttv" | "tv" => Device::Tv,
        "console" => Device::Console,
        "wearable" => Device::Wearable,
        _ => Device::Other,
    }
}

fn browser(text: &str) -> String {
    // The names of `detect-browser`, which Umami uses, where ours differ.
    match text {
        "chrome" | "crios" | "chromium-webview" => "Chrome".into(),
        "firefox" | "fxios" => "Firefox".into(),
        "safari" | "ios" | "ios-webview" => "Safari".into(),
        "edge" | "edge-chromium" | "edge-ios" => "Edge".into(),
        "samsung" => "Samsung Internet".into(),
        "opera" | "opera-mini" => "Opera".into(),
        "kakaotalk" => "KakaoTalk".into(),
        "facebook" => "Facebook".into(),
        "instagram" => "Instagram".into(),
        other => other.into(),
    }
}

fn system(text: &str) -> (String, String) {
    if let Some(version) = text.strip_prefix("Windows ") {
        return ("Windows".into(), version.into());
    }
    match text {
        "Mac OS" => ("macOS".into(), String::new()),
        "Android OS" => ("Android".into(), String::new()),
        other => (other.into(), String::new()),
    }
}

fn screen(text: &str) -> Option<Size> {
    let (width, height) = text.split_once('x')?;
    Some(Size { width: width.parse().ok()?, height: height.parse().ok()? })
}

fn visitor(line: &Line<'_>) -> Visitor {
    let (os, os_version) = system(line.text("os"));
    let region = line.first(&["region", "subdivision1"]);
    let visit = Visit {
        geo: Geo {
            country: country(line.text("country")),
            region: region.to_owned(),
            city: line.text("city").to_owned(),
        },
        device: device(line.text("device")),
        browser: browser(line.text("browser")),
        os,
        os_version,
        language: line.text("language").to_owned(),
        ..Visit::default()
    };
    Visitor { visit, screen: screen(line.text("screen")), person: PersonId::parse(line.text("distinct_id")) }
}

/// The address of the page of a line.
fn page(line: &Line<'_>, host: &str) -> Option<Url> {
    let host = match line.text("hostname") {
        "" => host,
        own => own,
    };
    let path = line.text("url_path");
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let query = line.text("url_query").trim_start_matches('?');
    let mark = if query.is_empty() { "" } else { "?" };
    Url::parse(&format!("https://{host}{path}{mark}{query}").replace(' ', "%20"))
}

fn referrer(line: &Line<'_>) -> Option<Url> {
    let host = line.text("referrer_domain");
    let path = line.text("referrer_path");
    (!host.is_empty())
        .then(|| format!("https://{host}/{}", path.trim_start_matches('/')))
        .and_then(|url| Url::parse(&url.replace(' ', "%20")))
}

/// Properties and revenue of events, by Umami's id of the event.
#[derive(Debug, Default)]
struct Data {
    props: HashMap<String, Props>,
    revenue: HashMap<String, Revenue>,
}

impl Data {
    fn read(tables: &mut [(PathBuf, Table)], sink: &mut Sink<'_>) -> Result<Self, ImportError> {
        let mut data = Self::default();
        for (path, table) in tables {
            let (is_data, is_revenue) =
                (table.has("data_key") || table.has("event_key"), table.has("revenue"));
            let is_own = table.has("event_type");
            if !(is_data || is_revenue) || is_own {
                continue;
            }
            let malformed = table.each(&mut |line| {
                let id = line.first(&["website_event_id", "event_id"]).to_owned();
                if is_revenue {
                    let amount = line.text("revenue");
                    // Databases print as many places as the column has.
                    let amount = match amount.contains('.') {
                        true => amount.trim_end_matches('0').trim_end_matches('.'),
                        false => amount,
                    };
                    data.revenue.extend(Revenue::parse(amount, line.text("currency")).map(|it| (id, it)));
                    return;
                }
                let key = line.first(&["data_key", "event_key"]);
                let value = line.first(&["string_value", "number_value", "date_value"]);
                data.props.entry(id).or_default().push(key, value);
            })?;
            for line in malformed {
                sink.refuse(path, line, "not CSV");
            }
        }
        Ok(data)
    }
}

/// Reads tables.
pub(super) async fn read(
    sink: &mut Sink<'_>,
    files: &[PathBuf],
    options: &Options,
) -> Result<(), ImportError> {
    let mut tables = Vec::new();
    for path in files {
        tables.push((path.clone(), Table::open(path)?));
    }
    let mut data = Data::read(&mut tables, sink)?;
    let mut visitors: HashMap<String, Visitor> = HashMap::new();
    for (_, table) in tables.iter_mut().filter(|(_, table)| is_sessions(table)) {
        table.each(&mut |line| {
            visitors.insert(line.text("session_id").to_owned(), visitor(line));
        })?;
    }
    let mut visits: HashMap<String, Gathered> = HashMap::new();
    let mut found_any = false;
    for (path, table) in tables.iter_mut().filter(|(_, table)| table.has("event_type")) {
        found_any = true;
        table.needs(&["event_id", "session_id", "created_at", "url_path"])?;
        events(sink, path, table, options, &mut data, &mut visits)?;
    }
    if !found_any {
        let text = "there is no table of events among the files: export `website_event` with its heading";
        return Err(ImportError::Files(text.into()));
    }
    sink.note("Umami keeps no time on pages: visits have no engaged time, and are bounces by their page views alone");
    let mut names: Vec<String> = visits.keys().cloned().collect();
    names.sort_unstable();
    for name in names {
        let Some(gathered) = visits.remove(&name) else { continue };
        let who =
            gathered.own.clone().or_else(|| visitors.get(&gathered.visitor).cloned()).unwrap_or_default();
        let batch = batch(sink, &name, gathered, &who);
        sink.visit(batch, who.visit).await?;
    }
    Ok(())
}

fn is_sessions(table: &Table) -> bool {
    table.has("session_id") && table.has("browser") && !table.has("event_type")
}

fn events(
    sink: &mut Sink<'_>,
    path: &Path,
    table: &mut Table,
    options: &Options,
    data: &mut Data,
    visits: &mut HashMap<String, Gathered>,
) -> Result<(), ImportError> {
    let has_browser = table.has("browser");
    let host = sink.site.domains.first().cloned().unwrap_or_else(|| sink.site.id.to_string());
    let kept = sink.kept();
    let mut refused: Vec<(u64, &str)> = Vec::new();
    let mut count = 0;
    let malformed = table.each(&mut |line| {
        count += 1;
        match found(line, &host, options, data) {
            Ok(found) if !kept.contains(&found.at) => {
                refused.push((line.number, "older than the site's retention, or of the future"));
            }
            Ok(found) => {
                let name = line.first(&["visit_id", "session_id"]).to_owned();
                let visit = visits.entry(name).or_default();
                if visit.lines.is_empty() {
                    visit.begun = found.at;
                    visit.visitor = line.text("session_id").to_owned();
                    visit.own = has_browser.then(|| visitor(line));
                }
                visit.begun = visit.begun.min(found.at);
                visit.lines.push(found);
            }
            Err(reason) => refused.push((line.number, reason)),
        }
    })?;
    sink.summary.read += count;
    malformed.into_iter().for_each(|line| sink.refuse(path, line, "not CSV"));
    refused.into_iter().for_each(|(line, reason)| sink.refuse(path, line, reason));
    Ok(())
}

fn found(line: &Line<'_>, host: &str, options: &Options, data: &mut Data) -> Result<Found, &'static str> {
    let id = line.text("event_id");
    if id.is_empty() || line.text("session_id").is_empty() {
        return Err("`event_id` or `session_id` is empty");
    }
    let at = time(line.text("created_at")).ok_or("`created_at` is no time")?;
    let url = page(line, host).ok_or("`url_path` is no path")?;
    let props = data.props.remove(id).unwrap_or_default();
    let name = line.text("event_name");
    let kind = if line.text("event_type") == PAGE_VIEW || name.is_empty() {
        let title = Text::cut(line.text("page_title"));
        EventKind::PageView(PageView { url, referrer: referrer(line), title, props })
    } else {
        let revenue = data.revenue.remove(id);
        let is_conversion = revenue.is_some() || options.conversions.iter().any(|it| it == name);
        let name = Name::parse(name).ok_or("`event_name` is too long")?;
        match is_conversion {
            true => EventKind::Conversion(Conversion { name, revenue, props }),
            false => EventKind::Custom(Custom { name, props }),
        }
    };
    Ok(Found { id: id.to_owned(), at, kind })
}

fn batch(sink: &Sink<'_>, visit: &str, gathered: Gathered, who: &Visitor) -> Batch {
    let site = sink.site.id.as_str();
    let Gathered { visitor, begun, mut lines, .. } = gathered;
    lines.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    let mut page = None;
    let events = lines.into_iter().map(|Found { id, at, kind }| {
        let own = ids::page(at, &[SOURCE, site, &id]);
        if matches!(kind, EventKind::PageView(_)) {
            page = Some(own);
        }
        Event { id: ids::event(at, &[SOURCE, site, &id]), at, page_id: page.unwrap_or(own), kind }
    });
    let events = events.collect();
    let user: UserId = ids::user(&[SOURCE, site, &visitor]);
    Batch {
        site_id: sink.site.id.clone(),
        user_id: user,
        person_id: who.person.clone(),
        session_id: ids::session(begun, &[SOURCE, site, visit]),
        cookieless: true,
        sent_at: begun,
        dropped: 0,
        faults: 0,
        context: Context {
            language: Text::cut(&who.visit.language),
            screen: who.screen,
            ..Context::default()
        },
        events,
    }
}
