//! What is exported, read by DuckDB: `npm test -- export`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

use std::path::Path;
use std::process::Command;

use analytics::query::{Index, columns, run};
use analytics::{Bucket, DAY_MS, Span};
use edge_worker::config::StoreConfig;
use edge_worker::ingest::{Ingest, Rules, Visit};
use edge_worker::site::Site;
use edge_worker::store::Store;
use export::write::Format;
use export::write_days;
use protocol::query::{Metric, Query, Value};
use protocol::{EventId, PageId, SessionId, SiteId, UserId, decode};
use serde_json::json;

/// 2025-11-23T03:00:00Z
const NOW: u64 = 1_763_866_800_000;
const VISITS: u8 = 40;

fn store() -> Store {
    let endpoint = std::env::var("LIVEINSIGHT_DYNAMODB_ENDPOINT");
    Store::new(&StoreConfig {
        endpoint: Some(endpoint.expect("run `npm test -- export`, or name a DynamoDB")),
        region: "us-east-1".into(),
        table_prefix: format!("export-{}-", std::process::id()),
        access_key_id: "local".into(),
        secret_access_key: "local".into(),
        session_token: None,
        metrics_endpoint: None,
    })
}

/// A visit of two pages, a purchase and a last heartbeat; some begin on the day before.
async fn visit(store: &Store, number: u8) {
    let at = NOW - u64::from(number) * 20 * 60_000;
    let id = |place: u8| [number, place, 1, 2, 3, 4, 5, 6, 7, 8];
    let event = |place: u8, page: u8, mut more: serde_json::Value| {
        let then = at + u64::from(place) * 1_000;
        more["id"] = json!(EventId::new(then, &id(place)).to_string());
        more["at"] = json!(then);
        more["page_id"] = json!(PageId::new(at, &id(page)).to_string());
        more
    };
    // Some give money back.
    let amount = format!("{}{number}.25", if number % 7 == 3 { "-" } else { "" });
    let events = [
        event(
            1,
            1,
            json!({ "type": "page_view", "url": "https://shop.example/", "title": "커피, \"quoted\"" }),
        ),
        event(2, 2, json!({ "type": "page_view", "url": "https://shop.example/cart" })),
        event(
            3,
            2,
            json!({ "type": "conversion", "name": "purchase", "props": { "plan": "pro" },
                            "revenue": { "amount": amount, "currency": "EUR" } }),
        ),
        event(
            4,
            2,
            json!({ "type": "heartbeat", "engaged_ms": 5_000, "scroll_percent": 70, "interval_s": 15,
                            "final": true }),
        ),
    ];
    let body = json!({
        "v": 1, "site_id": "shop", "sent_at": NOW, "context": {}, "events": events,
        "user_id": UserId::new(NOW, &[number % 30; 10]).to_string(),
        "session_id": SessionId::new(at, &id(0)).to_string(),
    });
    let decoded = decode::batch(body.to_string().as_bytes()).unwrap();
    assert_eq!(decoded.batch.events.len(), 4);
    let rules = Rules { shards: 1, retention_days: 400, query_parameters: Vec::new() };
    store.write(&Ingest::new(&decoded.batch, &Visit::default(), &rules, None)).await.unwrap();
}

fn duckdb(statement: &str) -> serde_json::Value {
    let python = std::env::var("LIVEINSIGHT_DUCKDB_PYTHON").expect("run `npm test -- export`");
    let program =
        "import duckdb, json, sys; print(json.dumps(duckdb.sql(sys.argv[1]).fetchall(), default=str))";
    let done = Command::new(python).args(["-c", program, statement]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

/// Visitors, visits, page views, conversions and revenue.
fn counted(reader: &str) -> serde_json::Value {
    duckdb(&format!(
        "SELECT count(DISTINCT visitor), count(DISTINCT row(visitor, visit_started_at)),
                count(*) FILTER (type = 'page_view'), count(*) FILTER (type = 'conversion'),
                sum(CAST(amount AS DECIMAL(18, 4)))::DOUBLE
         FROM {reader} WHERE type <> 'heartbeat'"
    ))
}

#[tokio::test]
async fn duckdb_counts_and_sums_what_questions_are_answered() {
    let store = store();
    store.create_tables().await.unwrap();
    let site = Site::new(SiteId::parse("shop").unwrap());
    for number in 0..VISITS {
        visit(&store, number).await;
    }
    let now = NOW + 60_000;
    let days = || Bucket::touching(Span::Day, NOW - DAY_MS..now);
    let range = days().next().unwrap().start()..days().last().unwrap().end();
    let metrics =
        [Metric::Visitors, Metric::Visits, Metric::PageViews, Metric::Conversions, Metric::TotalRevenue];
    let query = Query::new(metrics.to_vec(), Vec::new(), range.clone());
    let loaded = store.load(&site, &range, columns(&query), now).await.unwrap();
    let answer = run(&loaded.data, &Index::of(&loaded.data), &query).unwrap();
    let number = |value: &Value| match value {
        Value::Money(all) => all[0].value.parse().unwrap(),
        other => other.number().unwrap(),
    };
    let expected: Vec<f64> = answer.results[0].metrics.iter().map(number).collect();
    assert_eq!(expected[..4], [30.0, 40.0, 80.0, 40.0]);

    let folder = tempfile::tempdir().unwrap();
    for (format, name, function) in [
        (Format::Parquet, "events.parquet", "read_parquet"),
        (Format::Ndjson, "events.ndjson", "read_ndjson_auto"),
        (Format::Csv, "events.csv", "read_csv_auto"),
    ] {
        let path = folder.path().join(name);
        let written =
            write_days(&store, &site, days(), format, std::fs::File::create(&path).unwrap(), now).await;
        assert_eq!(written.unwrap(), usize::from(VISITS) * 4);
        let reader = format!("{function}('{}')", path.display());
        let told: Vec<f64> = serde_json::from_value(counted(&reader)[0].clone()).unwrap();
        assert_eq!(told, expected, "{name}");
    }
    texts_and_times(&folder.path().join("events.parquet"));
}

/// Types are those that readers expect, and texts come back as they were.
fn texts_and_times(path: &Path) {
    let told = duckdb(&format!(
        "SELECT typeof(min(\"at\")), epoch_ms(max(\"at\")), any_value(title), any_value(props ->> '$.plan'), max(engaged_ms)
         FROM read_parquet('{}')",
        path.display()
    ));
    let last = NOW + 4_000;
    assert_eq!(told[0], json!(["TIMESTAMP WITH TIME ZONE", last, "커피, \"quoted\"", "pro", 5_000]));
}
