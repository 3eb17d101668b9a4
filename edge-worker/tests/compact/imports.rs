//! What other products have stored, as events of ours.

use std::collections::BTreeMap;
use std::path::PathBuf;

use analytics::ask::{Asking, RowsOf};
use edge_worker::import::{self, Options, Source, Summary};
use edge_worker::site::Site;
use protocol::SiteId;
use protocol::query::{Dimension, Metric, Query, Value};

use crate::fixture::{NOW, Tables};
use crate::history::DAY_MS;

/// Two days after the last of the fixtures.
const LATER: u64 = NOW + 2 * DAY_MS;

fn site() -> Site {
    let id = SiteId::parse("shop").unwrap();
    Site { domains: vec!["shop.example".into()], ..Site::new(id) }
}

struct Files(PathBuf);

impl Files {
    fn new(test: &str, files: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("liveinsight-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        Self(folder)
    }

    fn paths(&self) -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> =
            std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path()).collect();
        all.sort();
        all
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn run(tables: &Tables, source: Source, files: &Files, options: &Options) -> Summary {
    let store = tables.at(LATER).store;
    import::run(&store, &site(), source, &files.paths(), options, LATER, &mut |_| {}).await.unwrap()
}

/// Numbers of a range by a dimension, or in all.
async fn numbers(
    tables: &Tables,
    metrics: &[Metric],
    dimension: Option<Dimension>,
    days: std::ops::Range<u64>,
) -> BTreeMap<String, Vec<u64>> {
    let query = Query::new(metrics.to_vec(), dimension.into_iter().collect(), days);
    let mut asking = Asking::new(RowsOf { query: &query });
    tables.at(LATER).store.ask(&site(), &mut asking, LATER).await.unwrap();
    let rows = asking.finish().unwrap().results.into_iter();
    rows.map(|row| {
        let value = |value| match value {
            Value::Count(count) => count,
            other => panic!("{other:?} is no count"),
        };
        (row.dimensions.first().cloned().unwrap_or_default(), row.metrics.into_iter().map(value).collect())
    })
    .collect()
}

fn dim(name: &str) -> Dimension {
    Dimension::from_name(name).unwrap()
}

const COUNTS: [Metric; 3] = [Metric::Visitors, Metric::Visits, Metric::PageViews];

fn of<const N: usize>(rows: [(&str, &[u64]); N]) -> BTreeMap<String, Vec<u64>> {
    rows.map(|(name, numbers)| (name.to_owned(), numbers.to_vec())).into()
}

const UMAMI_EVENTS: &str = "\
website_id,session_id,visit_id,event_id,created_at,url_path,url_query,referrer_domain,referrer_path,page_title,event_type,event_name,hostname
w,s1,v1,e1,2025-11-23 03:00:00.100+00,/,utm_source=news&utm_medium=email,,,Tea shop,1,,shop.example
w,s1,v1,e2,2025-11-23 03:01:00.100+00,/tea,,shop.example,/,\"Green, and black\",1,,shop.example
w,s1,v1,e3,2025-11-23 03:02:00.100+00,/tea,,,,,2,signup,shop.example
w,s1,v2,e4,2025-11-23 09:00:00.100+00,/,,www.google.com,/,Tea shop,1,,shop.example
w,s2,v3,e5,2025-11-23 04:00:00+00,/cart,,,,Cart,1,,shop.example
w,s2,v3,e6,2025-11-23 04:01:00+00,/cart,,,,,2,order,shop.example
w,s3,v4,e7,yesterday,/,,,,,1,,shop.example
w,s3,v4,e8,2019-01-01 00:00:00+00,/,,,,,1,,shop.example
";

const UMAMI_SESSIONS: &str = "\
session_id,website_id,browser,os,device,screen,language,country,region,city,distinct_id
s1,w,chrome,Windows 10,desktop,1920x1080,ko-KR,KR,KR-11,Seoul,customer-1
s2,w,ios,iOS,mobile,390x844,en-GB,GB,GB-ENG,London,\\N
";

const UMAMI_DATA: &str = "\
event_data_id,website_id,website_event_id,data_key,string_value,number_value,date_value,data_type
d1,w,e3,plan,pro,,,1
d2,w,e6,items,,2,,2
";

const UMAMI_REVENUE: &str = "\
revenue_id,website_id,session_id,event_id,event_name,currency,revenue
r1,w,s2,e6,order,EUR,12.5000
";

#[tokio::test]
async fn umamis_tables_become_visits_with_all_they_say() {
    let tables = Tables::make().await;
    let files = Files::new(
        "umami",
        &[
            ("website_event.csv", UMAMI_EVENTS),
            ("session.csv", UMAMI_SESSIONS),
            ("event_data.csv", UMAMI_DATA),
            ("revenue.csv", UMAMI_REVENUE),
        ],
    );
    let options = Options { conversions: vec!["signup".into()], ..Options::default() };
    let dry = run(&tables, Source::Umami, &files, &Options { dry_run: true, ..options.clone() }).await;
    assert!(tables.dump("Events").await.is_empty() && tables.dump("Segments").await.is_empty());
    let done = run(&tables, Source::Umami, &files, &options).await;
    assert_eq!((done.read, done.events, done.refused_count()), (8, 6, 2));
    assert_eq!((&done.days, &done.refused), (&dry.days, &dry.refused));
    let lines: Vec<&String> = done.refused.values().flat_map(|(_, lines)| lines).collect();
    assert_eq!(lines, ["website_event.csv:8", "website_event.csv:9"]);
    let range = NOW - DAY_MS..LATER;
    let by = async |dimension| numbers(&tables, &COUNTS, dimension, range.clone()).await;
    assert_eq!(by(None).await, of([("", &[2, 3, 4])]));
    assert_eq!(
        by(Some(Dimension::Page)).await,
        of([("/", &[1, 2, 2]), ("/cart", &[1, 1, 1]), ("/tea", &[1, 1, 1])])
    );
    assert_eq!(by(Some(dim("visit:country"))).await, of([("GB", &[1, 1, 1]), ("KR", &[1, 2, 3])]));
    let channels = by(Some(dim("visit:channel"))).await;
    assert_eq!(channels.get("Email"), Some(&vec![1, 1, 2]));
    assert_eq!(channels.get("Organic Search"), Some(&vec![1, 1, 1]));
    let rows = format!("{:?}", tables.dump("Events").await);
    for text in ["\"pro\"", "\"12.5\"", "\"EUR\"", "customer-1", "Green, and black", "1920x1080"] {
        assert!(rows.contains(text), "{text}");
    }
    // Again: nothing changes, and nothing is built.
    let before = (tables.state().await, tables.dump("Segments").await);
    assert_eq!(run(&tables, Source::Umami, &files, &options).await.segments, 0);
    assert_eq!((tables.state().await, tables.dump("Segments").await), before);
}

fn ga4_line(name: &str, at: u64, user: &str, session: u64, parameters: &[(&str, &str)]) -> String {
    let mut list: Vec<serde_json::Value> = parameters
        .iter()
        .map(|(key, value)| serde_json::json!({ "key": key, "value": { "string_value": value } }))
        .collect();
    list.push(serde_json::json!({ "key": "ga_session_id", "value": { "int_value": session.to_string() } }));
    serde_json::json!({
        "event_date": "20251123", "event_timestamp": (at * 1_000).to_string(), "event_name": name,
        "user_pseudo_id": user, "event_params": list,
        "device": { "category": "mobile", "operating_system": "Android", "language": "ko-kr",
                    "web_info": { "browser": "Chrome", "browser_version": "142.0.1" } },
        "geo": { "country": "South Korea", "region": "Seoul", "city": "Mapo-gu" },
        "collected_traffic_source": { "manual_source": "google", "manual_medium": "cpc" },
        "ecommerce": if name == "purchase" { serde_json::json!({ "purchase_revenue": 49.5 }) } else { serde_json::Value::Null },
    })
    .to_string()
}

#[tokio::test]
async fn ga4s_events_become_visits_with_their_engagement() {
    let tables = Tables::make().await;
    let begun = NOW / 1_000;
    let page = |path: &str| format!("https://shop.example{path}");
    let (home, cart) = (page("/"), page("/cart"));
    let lines = [
        ga4_line("first_visit", NOW, "u1", begun, &[("page_location", &home)]),
        ga4_line("session_start", NOW, "u1", begun, &[("page_location", &home)]),
        ga4_line("page_view", NOW, "u1", begun, &[("page_location", &home), ("page_title", "Tea")]),
        ga4_line(
            "user_engagement",
            NOW + 9_000,
            "u1",
            begun,
            &[("page_location", &home), ("engagement_time_msec", "8500")],
        ),
        ga4_line(
            "page_view",
            NOW + 10_000,
            "u1",
            begun,
            &[("page_location", &cart), ("page_referrer", &home)],
        ),
        ga4_line(
            "scroll",
            NOW + 12_000,
            "u1",
            begun,
            &[("page_location", &cart), ("percent_scrolled", "90")],
        ),
        ga4_line(
            "purchase",
            NOW + 20_000,
            "u1",
            begun,
            &[
                ("page_location", &cart),
                ("currency", "EUR"),
                ("coupon", "MAY"),
                ("engagement_time_msec", "4000"),
            ],
        ),
        ga4_line("page_view", NOW + 60_000, "u2", begun + 60, &[("page_location", &home)]),
        ga4_line("page_view", NOW, "", begun, &[("page_location", &home)]),
        "{".into(),
    ];
    let files = Files::new("ga4", &[("events_20251123.ndjson", &lines.join("\n"))]);
    let done = run(&tables, Source::Ga4, &files, &Options::default()).await;
    assert_eq!((done.read, done.refused_count()), (10, 2));
    assert_eq!(done.days["2025-11-23"]["page_view"], 3);
    let range = NOW - DAY_MS..LATER;
    let by = async |metrics: &[Metric], dimension| numbers(&tables, metrics, dimension, range.clone()).await;
    assert_eq!(by(&COUNTS, None).await, of([("", &[2, 2, 3])]));
    assert_eq!(by(&COUNTS, Some(Dimension::Page)).await, of([("/", &[2, 2, 2]), ("/cart", &[1, 1, 1])]));
    assert_eq!(by(&COUNTS, Some(dim("visit:country"))).await, of([("KR", &[2, 2, 3])]));
    assert_eq!(by(&COUNTS, Some(dim("visit:channel"))).await, of([("Paid Search", &[2, 2, 3])]));
    let rows = tables.dump("Events").await;
    let beats: Vec<&str> = rows
        .iter()
        .filter(|row| row["type"].as_s().unwrap() == "heartbeat")
        .map(|row| row["engaged_ms"].as_n().unwrap().as_str())
        .collect();
    assert_eq!(beats, ["8500", "4000"]);
    let printed = format!("{rows:?}");
    for text in ["\"49.5\"", "\"MAY\"", "\"90\"", "\"142\""] {
        assert!(printed.contains(text), "{text}");
    }
    let before = tables.state().await;
    run(&tables, Source::Ga4, &files, &Options::default()).await;
    assert_eq!(tables.state().await, before);
}

const PLAUSIBLE: [(&str, &str); 10] = [
    (
        "imported_visitors_20251122_20251123.csv",
        "date,visitors,pageviews,bounces,visits,visit_duration\n2025-11-22,10,25,4,12,600\n2025-11-23,3,3,3,3,0\n",
    ),
    (
        "imported_pages_20251122_20251123.csv",
        "date,hostname,page,visits,visitors,pageviews\n2025-11-22,shop.example,/,9,8,11\n2025-11-22,shop.example,/tea,6,6,10\n2025-11-22,shop.example,/cart,4,4,4\n2025-11-23,shop.example,/,3,3,3\n",
    ),
    (
        "imported_entry_pages_20251122_20251123.csv",
        "date,entry_page,visitors,entrances,visit_duration,bounces,pageviews\n2025-11-22,/,7,8,500,3,18\n2025-11-22,/tea,3,4,100,1,7\n2025-11-23,/,3,3,0,3,3\n",
    ),
    (
        "imported_exit_pages_20251122_20251123.csv",
        "date,exit_page,visitors,visits,exits,pageviews,bounces\n2025-11-22,/,3,3,3,11,3\n2025-11-22,/tea,5,5,5,10,1\n2025-11-22,/cart,4,4,4,4,0\n2025-11-23,/,3,3,3,3,3\n",
    ),
    (
        "imported_sources_20251122_20251123.csv",
        "date,source,referrer,utm_source,utm_medium,utm_campaign,utm_content,utm_term,pageviews,visitors,visits,visit_duration,bounces\n2025-11-22,Google,google.com,,,,,,15,6,7,400,2\n2025-11-22,,,,,,,,6,3,3,200,1\n2025-11-22,newsletter,,newsletter,email,may,,,4,1,2,0,1\n2025-11-23,,,,,,,,3,3,3,0,3\n",
    ),
    (
        "imported_locations_20251122_20251123.csv",
        "date,country,region,city,visitors,visits,visit_duration,bounces,pageviews\n2025-11-22,KR,KR-11,1835848,7,8,400,3,17\n2025-11-22,DE,,0,3,4,200,1,8\n2025-11-23,KR,,0,3,3,0,3,3\n",
    ),
    (
        "imported_devices_20251122_20251123.csv",
        "date,device,visitors,visits,visit_duration,bounces,pageviews\n2025-11-22,Desktop,6,7,400,2,15\n2025-11-22,Mobile,4,5,200,2,10\n2025-11-23,Mobile,3,3,0,3,3\n",
    ),
    (
        "imported_browsers_20251122_20251123.csv",
        "date,browser,browser_version,visitors,visits,visit_duration,bounces,pageviews\n2025-11-22,Chrome,142.0,6,8,400,2,15\n2025-11-22,Safari,26.0,4,4,200,2,10\n2025-11-23,Safari,26.0,3,3,0,3,3\n",
    ),
    (
        "imported_operating_systems_20251122_20251123.csv",
        "date,operating_system,operating_system_version,visitors,visits,visit_duration,bounces,pageviews\n2025-11-22,Mac,26.0,6,7,400,2,15\n2025-11-22,iOS,26.0,4,5,200,2,10\n2025-11-23,iOS,26.0,3,3,0,3,3\n",
    ),
    (
        "imported_custom_events_20251122_20251123.csv",
        "date,name,link_url,path,visitors,events\n2025-11-22,Signup,,,4,6\n2025-11-22,Outbound Link: Click,https://docs.example/,,2,2\n2025-11-22,Broken,,,many,2\n",
    ),
];

#[tokio::test]
async fn plausibles_daily_totals_are_met_by_visits_that_are_made_up() {
    let tables = Tables::make().await;
    let files = Files::new("plausible", &PLAUSIBLE);
    let accounts = tables.store.accounts();
    // What cannot be noted as made up is not stored.
    let (store, paths, options) = (tables.at(LATER).store, files.paths(), Options::default());
    let refused = import::run(&store, &site(), Source::Plausible, &paths, &options, LATER, &mut |_| {}).await;
    assert!(refused.is_err() && tables.dump("Events").await.is_empty());
    accounts.create_site(&site(), "0123456789abcdef").await.unwrap().unwrap();
    let done = run(&tables, Source::Plausible, &files, &Options::default()).await;
    assert_eq!(done.refused_count(), 1, "{:?}", done.refused);
    assert!(done.notes.iter().any(|note| note.contains("made up")));
    let midnight = NOW - NOW % DAY_MS;
    let (first, second) = (midnight - DAY_MS..midnight, midnight..midnight + DAY_MS);
    let metrics = [Metric::Visitors, Metric::Visits, Metric::PageViews];
    assert_eq!(numbers(&tables, &metrics, None, first.clone()).await, of([("", &[10, 12, 25])]));
    assert_eq!(numbers(&tables, &metrics, None, second.clone()).await, of([("", &[3, 3, 3])]));
    let kept = accounts.site("shop").await.unwrap().unwrap().site;
    assert_eq!(kept.estimated_ranges, [(first.start, second.end)]);
    let by = async |dimension| numbers(&tables, &metrics[1..], Some(dimension), first.clone()).await;
    let views: BTreeMap<String, u64> =
        by(Dimension::Page).await.into_iter().map(|(page, it)| (page, it[1])).collect();
    assert_eq!(views, [("/", 11), ("/cart", 4), ("/tea", 10)].map(|(page, it)| (page.to_owned(), it)).into());
    let visits = async |dimension| -> BTreeMap<String, u64> {
        by(dimension).await.into_iter().map(|(name, it)| (name, it[0])).collect()
    };
    let expected = |all: &[(&str, u64)]| -> BTreeMap<String, u64> {
        all.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    };

    assert_eq!(visits(Dimension::EntryPage).await, expected(&[("/", 8), ("/tea", 4)]));
    assert_eq!(visits(Dimension::ExitPage).await, expected(&[("/", 3), ("/cart", 4), ("/tea", 5)]));
    assert_eq!(visits(dim("visit:country")).await, expected(&[("DE", 4), ("KR", 8)]));
    assert_eq!(visits(dim("visit:device")).await, expected(&[("desktop", 7), ("mobile", 5)]));
    assert_eq!(visits(dim("visit:browser")).await, expected(&[("Chrome", 8), ("Safari", 4)]));
    assert_eq!(visits(dim("visit:os")).await, expected(&[("iOS", 5), ("macOS", 7)]));
    let channels = visits(dim("visit:channel")).await;
    assert_eq!((channels["Organic Search"], channels["Email"], channels["Direct"]), (7, 2, 3));
    let rows = tables.dump("Events").await;
    let of_kind =
        |kind: &str| rows.iter().filter(|row| row["type"].as_s().unwrap() == kind).collect::<Vec<_>>();
    let engaged: u64 = of_kind("heartbeat")
        .iter()
        .map(|row| row["engaged_ms"].as_n().unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(engaged, 600_000);
    let signups: Vec<_> =
        of_kind("custom").into_iter().filter(|row| row["name"].as_s().unwrap() == "Signup").collect();
    let who: std::collections::BTreeSet<_> =
        signups.iter().map(|row| row["user_id"].as_s().unwrap()).collect();
    assert_eq!((signups.len(), who.len()), (6, 4));
    // Again, and in another order: nothing changes.
    let before = (tables.state().await, tables.dump("Segments").await);
    assert_eq!(run(&tables, Source::Plausible, &files, &Options::default()).await.segments, 0);
    assert_eq!((tables.state().await, tables.dump("Segments").await), before);
}
