//! Plausible's export: CSV files of daily totals (`imported_visitors_*.csv` and its companions). Single visits are not
//! in it, so visits are made up whose totals of the day are those of the files; always the same for the same files.
//!
//! | exact for each day | as far as the files agree with each other | not in the files |
//! |---|---|---|
//! | visitors, visits, page views, bounces (those of one page view), time of all visits | views of a page, entry and exit pages, source, campaign, country and region, device, browser, system of visits; number of custom events and of who sent them | the hour, which values belong together, which visitors came again on another day, cities (only their numbers in GeoNames) |

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use protocol::api::Device;
use protocol::event::{Name, Text, Url};
use protocol::query::united;
use protocol::{Batch, Context, Custom, Event, EventKind, Heartbeat, PageView, Props};

use super::spread::{Counts, Pool, laid_out, shares, shuffle};
use super::table::{Line, Table, country, day};
use super::{ImportError, Sink, ids};
use crate::http::Geo;
use crate::ingest::Visit;

const SOURCE: &str = "plausible";

/// A page with its host.
type Page = (String, String);

/// Source, medium, campaign, content and term.
type Origin = [String; 5];

/// The totals of a day.
#[derive(Debug, Default)]
struct Day {
    line: u64,
    visitors: u64,
    visits: u64,
    views: u64,
    bounces: u64,
    seconds: u64,
    pages: Counts<Page>,
    /// Entry pages: entrances, and how many of them were bounces.
    entries: Vec<(String, u64, u64)>,
    exits: Counts<String>,
    origins: Counts<Origin>,
    places: Counts<(String, String)>,
    devices: Counts<String>,
    browsers: Counts<(String, String)>,
    systems: Counts<(String, String)>,
    events: Vec<Happened>,
}

#[derive(Debug)]
struct Happened {
    name: String,
    link: String,
    path: String,
    visitors: u64,
    count: u64,
}

/// Reads files.
pub(super) async fn read(sink: &mut Sink<'_>, files: &[PathBuf]) -> Result<(), ImportError> {
    let mut days: BTreeMap<String, Day> = BTreeMap::new();
    let mut totals = None;
    for path in files {
        let mut table = Table::open(path)?;
        table.needs(&["date"])?;
        let kind = kind_of(path, &table)?;
        if kind == "visitors" {
            totals = Some(path.clone());
        }
        let (mut count, mut refused) = (0, Vec::new());
        let malformed = table.each(&mut |line| {
            count += 1;
            let date = line.text("date").trim();
            match day(date, "UTC") {
                None => refused.push((line.number, "`date` is no day such as 2025-11-23")),
                Some(_) => {
                    let day = days.entry(date.to_owned()).or_default();
                    if !take(day, kind, line) {
                        refused.push((line.number, "a number is missing or malformed"));
                    }
                }
            }
        })?;
        sink.summary.read += count;
        malformed.into_iter().for_each(|line| sink.refuse(path, line, "not CSV"));
        refused.into_iter().for_each(|(line, reason)| sink.refuse(path, line, reason));
    }
    let Some(totals) = totals else {
        return Err(ImportError::Files(
            "the file of daily totals is missing: imported_visitors_….csv".into(),
        ));
    };
    sink.note(
        "Plausible exports daily totals: the visits are made up so that those are right; see docs/data.md",
    );
    let (zone, kept) = (sink.site.time_zone.clone(), sink.kept());
    let made_up = days.iter().filter(|(_, day)| day.visits > 0 || day.visitors > 0);
    let ranges = made_up
        .filter_map(|(date, _)| super::table::day(date, &zone))
        .filter(|(from, to)| kept.contains(from) && *to <= kept.end)
        .fold(Vec::new(), |all, range| united(&all, range));
    sink.estimated(&ranges).await?;
    for (date, day) in days {
        make_up(sink, &totals, &date, day).await?;
    }
    Ok(())
}

/// What a file counts, by its name or else by its columns.
fn kind_of(path: &Path, table: &Table) -> Result<&'static str, ImportError> {
    const KINDS: [(&str, &str, &str); 10] = [
        ("entry_pages", "entry_page", "entrances"),
        ("exit_pages", "exit_page", "exits"),
        ("pages", "page", "pageviews"),
        ("sources", "source", "visits"),
        ("locations", "country", "visits"),
        ("devices", "device", "visits"),
        ("browsers", "browser", "visits"),
        ("operating_systems", "operating_system", "visits"),
        ("custom_events", "name", "events"),
        ("visitors", "visitors", "visit_duration"),
    ];
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let named = KINDS.iter().find(|(kind, ..)| name.starts_with(&format!("imported_{kind}")));
    // What remains has no column that tells more than the totals.
    let found = named.or_else(|| KINDS.iter().find(|(_, first, _)| table.has(first)));
    let Some((kind, first, second)) = found else {
        return Err(ImportError::file(path, "not a file of Plausible's export"));
    };
    table.needs(&[*first, *second])?;
    Ok(*kind)
}

/// Adds a line to its day; `false` if a number is missing.
fn take(day: &mut Day, kind: &str, line: &Line<'_>) -> bool {
    let text = |column| line.text(column).to_owned();
    let Some(visitors) = line.count("visitors") else { return false };
    let visits = line.count("visits");
    let add = |counts: &mut Counts<_>, value, count: Option<u64>| {
        counts.extend(count.map(|count| (value, count)));
        count.is_some()
    };
    match kind {
        "visitors" => {
            let numbers = ["visits", "pageviews", "bounces", "visit_duration"].map(|it| line.count(it));
            let [Some(visits), Some(views), Some(bounces), Some(seconds)] = numbers else { return false };
            day.line = line.number;
            day.visitors += visitors;
            day.visits += visits;
            day.views += views;
            day.bounces += bounces;
            day.seconds += seconds;
            true
        }
        "pages" => {
            let views = line.count("pageviews");
            day.pages.extend(views.map(|views| ((text("hostname"), text("page")), views)));
            views.is_some()
        }
        "entry_pages" => {
            let Some(entrances) = line.count("entrances") else { return false };
            day.entries.push((text("entry_page"), entrances, line.count("bounces").unwrap_or(0)));
            true
        }
        "exit_pages" => add(&mut day.exits, text("exit_page"), line.count("exits")),
        "devices" => add(&mut day.devices, text("device"), visits),
        "sources" => {
            let origin = ["source", "utm_medium", "utm_campaign", "utm_content", "utm_term"].map(text);
            day.origins.extend(visits.map(|visits| (origin, visits)));
            visits.is_some()
        }
        "locations" => {
            // `US-CA` is a region of the country that is said beside it.
            let region = line.text("region").rsplit('-').next().unwrap_or_default().to_owned();
            day.places.extend(visits.map(|visits| ((country(line.text("country")), region), visits)));
            visits.is_some()
        }
        "browsers" => {
            let named = (text("browser"), text("browser_version"));
            day.browsers.extend(visits.map(|visits| (named, visits)));
            visits.is_some()
        }
        "operating_systems" => {
            let system = match line.text("operating_system") {
                "Mac" => "macOS".to_owned(),
                other => other.to_owned(),
            };
            let named = (system, text("operating_system_version"));
            day.systems.extend(visits.map(|visits| (named, visits)));
            visits.is_some()
        }
        _ => {
            let Some(count) = line.count("events") else { return false };
            let (name, link, path) = (text("name"), text("link_url"), text("path"));
            day.events.push(Happened { name, link, path, visitors, count });
            true
        }
    }
}

/// A visit that is made up.
#[derive(Debug, Default)]
struct Made {
    pages: Vec<Page>,
    seconds: u64,
    events: Vec<(String, String, String)>,
}

/// Chooses which pages visits see: a bounce its entry page; others an entry page, an exit page, and what is left.
fn pages_of(day: &mut Day, visits: usize, host: &str, date: &str) -> Vec<Vec<Page>> {
    let bounces = usize::try_from(day.bounces).unwrap_or(usize::MAX).min(visits);
    let deep = visits - bounces;
    let views = usize::try_from(day.views).unwrap_or(usize::MAX);
    // A visit has a page at least.
    let more = views.saturating_sub(bounces).max(deep) as u64;
    let depths: Vec<usize> =
        shares(more, deep as u64).map(|depth| usize::try_from(depth).unwrap_or(1)).collect();
    let mut pool = Pool::new(std::mem::take(&mut day.pages));
    let (mut of_bounces, mut of_deep) = (Vec::new(), Vec::new());
    for (page, entrances, bounces) in &day.entries {
        let bounces = (*bounces).min(*entrances);
        of_bounces.push((page.clone(), bounces));
        of_deep.push((page.clone(), entrances - bounces));
    }
    let mut exits = Pool::new(std::mem::take(&mut day.exits));
    let mut page = |wanted: Option<&str>| {
        let named = wanted.filter(|page| !page.is_empty());
        let found = named.and_then(|page| pool.take(|(_, own)| own == page));
        let (found_host, path) = found
            .or_else(|| named.is_none().then(|| pool.take_any()).flatten())
            .unwrap_or_else(|| (host.to_owned(), named.unwrap_or("/").to_owned()));
        (if found_host.is_empty() { host.to_owned() } else { found_host }, path)
    };
    let mut all: Vec<Vec<Page>> = Vec::with_capacity(visits);
    for entry in laid_out(&of_bounces, bounces, &[SOURCE, date, "bounces"]) {
        exits.take(|exit| *exit == entry);
        all.push(vec![page(Some(&entry))]);
    }
    // The ends of visits before what lies between them, so that it is not used up by others.
    let entries = laid_out(&of_deep, deep, &[SOURCE, date, "entries"]);
    let mut ends = Vec::with_capacity(deep);
    for (entry, depth) in entries.iter().zip(&depths) {
        let first = page(Some(entry));
        let exit = if *depth > 1 { exits.take_any() } else { exits.take(|exit| exit == entry) };
        let last = (*depth > 1).then(|| page(exit.as_deref()));
        ends.push((first, last));
    }
    for ((first, last), depth) in ends.into_iter().zip(depths) {
        let mut pages = vec![first];
        pages.extend((2..depth).map(|_| page(None)));
        pages.extend(last);
        all.push(pages);
    }
    all
}

async fn make_up(sink: &mut Sink<'_>, path: &Path, date: &str, mut day_: Day) -> Result<(), ImportError> {
    let day = &mut day_;
    let zone = sink.site.time_zone.clone();
    let Some((from, to)) = super::table::day(date, &zone) else { return Ok(()) };
    if day.visits == 0 && day.visitors == 0 {
        return Ok(());
    }
    let kept = sink.kept();
    if !kept.contains(&from) || to > kept.end {
        sink.refuse(path, day.line, "older than the site's retention, or not over yet");
        return Ok(());
    }
    let count = day.visits.max(day.visitors);
    let visits = usize::try_from(count).unwrap_or(usize::MAX);
    if day.views < count {
        sink.note("some days have visits without a page view; each was given one");
    }
    let host = sink.site.domains.first().cloned().unwrap_or_else(|| sink.site.id.to_string());
    let pages = pages_of(day, visits, &host, date);
    let bounces = usize::try_from(day.bounces).unwrap_or(usize::MAX).min(visits);
    // Bounces have no duration; who saw one page and was no bounce shares in it.
    let mut seconds = shares(day.seconds, (visits - bounces) as u64);
    let mut made: Vec<Made> = pages
        .into_iter()
        .enumerate()
        .map(|(index, pages)| Made {
            pages,
            seconds: if index < bounces { 0 } else { seconds.next().unwrap_or(0) },
            events: Vec::new(),
        })
        .collect();
    shuffle(&mut made, &[SOURCE, date, "visits"]);
    let visitors = usize::try_from(day.visitors).unwrap_or(visits).clamp(1, visits);
    for happened in &day.events {
        let who = usize::try_from(happened.visitors).unwrap_or(visitors).clamp(1, visitors);
        let first = ids::number(&[SOURCE, date, &happened.name]) % visitors as u64;
        let first = usize::try_from(first).unwrap_or(0);
        for (index, count) in shares(happened.count, who as u64).enumerate() {
            let Some(visit) = made.get_mut((first + index) % visitors) else { continue };
            let event = (happened.name.clone(), happened.link.clone(), happened.path.clone());
            visit.events.extend(std::iter::repeat_n(event, usize::try_from(count).unwrap_or(0)));
        }
    }
    let seed = |of| [SOURCE, date, of];
    let origins = laid_out(&day.origins, visits, &seed("origins"));
    let places = laid_out(&day.places, visits, &seed("places"));
    let devices = laid_out(&day.devices, visits, &seed("devices"));
    let browsers = laid_out(&day.browsers, visits, &seed("browsers"));
    let systems = laid_out(&day.systems, visits, &seed("systems"));
    let longest = made.iter().map(|made| made.seconds * 1_000).max().unwrap_or(0);
    let room = (to - from).saturating_sub(longest + 60_000);
    for (index, made) in made.into_iter().enumerate() {
        // Evenly over the day: the hour is not in the files.
        let begun = from + room * index as u64 / visits as u64;
        let (browser, browser_version) = browsers.get(index).cloned().unwrap_or_default();
        let (os, os_version) = systems.get(index).cloned().unwrap_or_default();
        let (country, region) = places.get(index).cloned().unwrap_or_default();
        let visit = Visit {
            geo: Geo { country, region, city: String::new() },
            device: device(devices.get(index).map_or("", String::as_str)),
            browser,
            browser_version,
            os,
            os_version,
            ..Visit::default()
        };
        let origin = origins.get(index).cloned().unwrap_or_default();
        let made = whole(sink, date, index, index % visitors, begun, to - 1, &origin, &made);
        sink.visit(made, visit).await?;
    }
    Ok(())
}

fn device(text: &str) -> Device {
    match text {
        "Desktop" | "Laptop" => Device::Desktop,
        "Mobile" => Device::Mobile,
        "Tablet" => Device::Tablet,
        _ => Device::Other,
    }
}

/// Where the visitor came from, as an address that is read to that: a campaign as its parameters, a source as referrer.
fn landing(
    (host, path): &Page,
    [source, medium, campaign, content, term]: &Origin,
) -> (Option<Url>, Option<Url>) {
    let is_campaign =
        !matches!(medium.as_str(), "" | "organic" | "referral" | "(none)") || !campaign.is_empty();
    let mut query = form_urlencoded::Serializer::new(String::new());
    if is_campaign {
        for (name, value) in [
            ("utm_source", source),
            ("utm_medium", medium),
            ("utm_campaign", campaign),
            ("utm_content", content),
            ("utm_term", term),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
    }
    let query = query.finish();
    let mark = if query.is_empty() { "" } else { "?" };
    let path = path.replace(' ', "%20");
    let url = Url::parse(&format!("https://{host}{path}{mark}{query}"));
    let referrer = (!is_campaign && !source.is_empty()).then(|| referrer(source)).flatten();
    (url, referrer)
}

/// The address of a source: Plausible names those it knows, and calls the others by their host.
fn referrer(source: &str) -> Option<Url> {
    let host = match source.to_ascii_lowercase().as_str() {
        "google" => "www.google.com".to_owned(),
        "bing" => "www.bing.com".to_owned(),
        "duckduckgo" => "duckduckgo.com".to_owned(),
        "yahoo" | "yahoo!" => "search.yahoo.com".to_owned(),
        "naver" => "search.naver.com".to_owned(),
        "daum" => "search.daum.net".to_owned(),
        "baidu" => "www.baidu.com".to_owned(),
        "yandex" => "yandex.ru".to_owned(),
        "facebook" => "www.facebook.com".to_owned(),
        "instagram" => "www.instagram.com".to_owned(),
        "twitter" => "t.co".to_owned(),
        "linkedin" => "www.linkedin.com".to_owned(),
        "youtube" => "www.youtube.com".to_owned(),
        "reddit" => "www.reddit.com".to_owned(),
        "pinterest" => "www.pinterest.com".to_owned(),
        "hacker news" => "news.ycombinator.com".to_owned(),
        "github" => "github.com".to_owned(),
        "direct / none" => return None,
        other if other.contains('.') => other.to_owned(),
        other => format!("{}.example", other.replace(|c: char| !c.is_ascii_alphanumeric(), "-")),
    };
    Url::parse(&format!("https://{host}/"))
}

#[expect(clippy::too_many_arguments, reason = "all that a visit is made of, once")]
fn whole(
    sink: &Sink<'_>,
    date: &str,
    index: usize,
    visitor: usize,
    begun: u64,
    latest: u64,
    origin: &Origin,
    made: &Made,
) -> Batch {
    let site = sink.site.id.to_string();
    let (index, visitor) = (index.to_string(), visitor.to_string());
    let parts = |what: &str, number: usize| -> [String; 6] {
        [SOURCE, &site, date, &index, what, &number.to_string()].map(str::to_owned)
    };
    let hashed = |what: &str, number: usize, at: u64| {
        let parts = parts(what, number);
        ids::event(at, &parts.each_ref().map(String::as_str))
    };
    let mut events = Vec::new();
    let steps = made.pages.len().saturating_sub(1).max(1) as u64;
    let mut first_page = None;
    let mut last_page = None;
    for (number, page) in made.pages.iter().enumerate() {
        let at = (begun + made.seconds * 1_000 * number as u64 / steps).min(latest);
        let nothing = Origin::default();
        let (url, referrer) = landing(page, if number == 0 { origin } else { &nothing });
        let Some(url) = url else { continue };
        let parts = parts("view", number);
        let page_id = ids::page(at, &parts.each_ref().map(String::as_str));
        first_page = first_page.or(Some(page_id));
        last_page = Some(page_id);
        let view = PageView { url, referrer, title: Text::default(), props: Props::default() };
        events.push(Event { id: hashed("view", number, at), at, page_id, kind: EventKind::PageView(view) });
    }
    if made.seconds > 0
        && let Some(page_id) = first_page
    {
        let at = (begun + made.seconds * 1_000).min(latest);
        let beat = Heartbeat {
            engaged_ms: made.seconds * 1_000,
            scroll_percent: 0,
            interval_s: protocol::limits::FIRST_INTERVAL_S,
            last: true,
        };
        events.push(Event { id: hashed("time", 0, at), at, page_id, kind: EventKind::Heartbeat(beat) });
    }
    for (number, (name, link, path)) in made.events.iter().enumerate() {
        let (Some(name), Some(page_id)) = (Name::parse(name), last_page) else { continue };
        let mut props = Props::default();
        for (key, value) in [("url", link), ("path", path)] {
            if !value.is_empty() {
                props.push(key, value);
            }
        }
        let at = (begun + made.seconds * 1_000).min(latest);
        let kind = EventKind::Custom(Custom { name, props });
        events.push(Event { id: hashed("event", number, at), at, page_id, kind });
    }
    Batch {
        site_id: sink.site.id.clone(),
        user_id: ids::user(&[SOURCE, &site, date, &visitor]),
        person_id: None,
        session_id: ids::session(begun, &[SOURCE, &site, date, &index]),
        cookieless: true,
        sent_at: begun,
        dropped: 0,
        faults: 0,
        context: Context::default(),
        events,
    }
}
