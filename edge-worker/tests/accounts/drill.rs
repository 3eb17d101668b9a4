//! The drill: a site is written to a file, read into an installation that is empty, and every question is answered there
//! as it was before.

use std::path::{Path, PathBuf};

use aws_sdk_dynamodb::types::AttributeValue;
use edge_worker::import::liveinsight::{Heading, backup};
use edge_worker::import::{self, Options, Source, Summary};
use edge_worker::store::Store;
use serde_json::{Value, json};

use crate::fixture::{As, DAY_MS, NOW, World, config};
use crate::questions::{ask, visit};

/// A file of a test's own.
fn file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("liveinsight-{}-{name}", std::process::id()))
}

async fn answers(world: &World, who: &As) -> Vec<Value> {
    let shop = |more: Value| {
        let mut body = json!({ "site_id": "shop", "date_range": "day" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let metrics = ["visitors", "visits", "pageviews", "bounce_rate", "visit_duration", "events"];
    let steps = json!([{ "page": "/" }, { "page": "/cart" }, { "goal": "Bought" }]);
    let mut all = Vec::new();
    for (name, body) in [
        ("query", shop(json!({ "metrics": metrics }))),
        ("query", shop(json!({ "metrics": metrics, "dimensions": ["event:page"] }))),
        ("query", shop(json!({ "metrics": metrics, "dimensions": ["visit:browser"] }))),
        ("query", shop(json!({ "metrics": metrics, "dimensions": ["time:hour"] }))),
        ("query", shop(json!({ "metrics": ["visitors"], "dimensions": ["event:props:plan"] }))),
        ("funnel", shop(json!({ "steps": steps }))),
        ("retention", shop(json!({ "step": "day" }))),
        ("journey", shop(json!({ "anchor": { "after": "/" } }))),
        ("visits", shop(json!({ "limit": 50 }))),
    ] {
        let answer = ask(world, who, name, body).await.ok().body;
        all.push(answer);
    }
    assert_eq!(all[0]["results"][0]["metrics"][0], json!(3), "{}", all[0]);
    for kind in ["goals", "funnels", "segments", "annotations"] {
        all.push(world.get(who, &format!("/api/sites/shop/{kind}")).await.ok().body);
    }
    all
}

/// Every row of what is stored of visitors, in an order of its own.
async fn rows(world: &World) -> Vec<String> {
    let mut all = Vec::new();
    for table in ["Events", "Sessions"] {
        let scan = world.client.scan().table_name(format!("{}{table}", world.prefix)).send().await.unwrap();
        for item in scan.items() {
            // Sets have no order.
            let printed = |(name, value): (&String, &AttributeValue)| match value.as_ss() {
                Ok(set) => {
                    let mut set = set.clone();
                    set.sort();
                    format!("{name} {set:?}")
                }
                Err(value) => format!("{name} {value:?}"),
            };
            let mut parts: Vec<String> = item.iter().map(printed).collect();
            parts.sort();
            all.push(parts.join("\n"));
        }
    }
    all.sort();
    all
}

async fn import(store: &Store, world: &World, file: &Path) -> Summary {
    let site = world.accounts.site("shop").await.unwrap().unwrap().site;
    let files = [file.to_path_buf()];
    import::run(store, &site, Source::LiveInsight, &files, &Options::default(), NOW, &mut |_| {})
        .await
        .unwrap()
}

#[tokio::test]
async fn restored_site_answers_every_question_as_before() {
    let old = World::new().await;
    let owner = old.owner().await;
    old.site(&owner, "shop").await;
    for number in 1..4 {
        visit(&old, number, if number % 2 == 0 { "pro" } else { "free" }).await;
    }
    for (kind, body) in [
        ("goals", json!({ "name": "Bought", "event": "purchase" })),
        ("annotations", json!({ "at": 1_000, "text": "Moved to a new house" })),
        (
            "funnels",
            json!({ "name": "Way", "steps": [{ "page": "/" }, { "goal": "Bought" }], "window_ms": DAY_MS }),
        ),
        ("segments", json!({ "name": "Korea", "filters": [["is", "visit:country", ["KR"]]] })),
    ] {
        old.call(&owner, "POST", &format!("/api/sites/shop/{kind}"), body).await.ok();
    }
    let path = file("drill.ndjson");
    let mut out = std::fs::File::create(&path).unwrap();
    let store = Store::new(&config(&old.prefix));
    let site = old.accounts.site("shop").await.unwrap().unwrap().site;
    assert_eq!(backup(&store, &site, NOW, &mut out).await.unwrap(), 3 * 3);

    let new = World::new().await;
    let other = new.owner().await;
    let heading = Heading::of(&path).unwrap().unwrap();
    new.accounts.create_site(&heading.site, "drill").await.unwrap().unwrap();
    let store = Store::new(&config(&new.prefix));
    assert_eq!(heading.save(&store, "shop").await.unwrap(), 4);
    let done = import(&store, &new, &path).await;
    assert_eq!((done.read, done.events, done.refused_count()), (9, 9, 0));
    assert_eq!(rows(&new).await, rows(&old).await);
    assert_eq!(answers(&new, &other).await, answers(&old, &owner).await);

    // What `GET /api/export` gives is read as well, and nothing is there twice.
    let path_of_export = format!("/api/export?site_id=shop&from={}&to={NOW}", NOW - DAY_MS);
    let exported = old.get(&owner, &path_of_export).await.ok();
    std::fs::write(&path, &exported.text).unwrap();
    assert_eq!(import(&store, &new, &path).await.events, 9);
    assert_eq!(rows(&new).await, rows(&old).await);
    assert_eq!(answers(&World::over(&new.prefix), &other).await, answers(&old, &owner).await);
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn lines_that_are_no_events_are_told_and_nothing_else_is_lost() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    let id = "019aaea7-6f80-7000-8000-000000000003";
    let good = json!({ "id": id, "at": NOW, "type": "custom", "name": "x", "user_id": id, "session_id": id,
                       "page_id": id });
    let at = protocol::EventId::parse(id).unwrap().unix_ms();
    let with = |name: &str, value: Value| {
        let mut line = good.clone();
        line["at"] = json!(at);
        line[name] = value;
        line.to_string()
    };
    let lines = [
        with("name", json!("fine")),
        "not JSON".into(),
        with("type", json!("from the future")),
        with("at", json!(at + 3_600_000)),
        with("colour", json!("red")),
        with("props", json!({ "a": 1 })),
        with("user_id", json!("me")),
    ];
    let path = file("lines.ndjson");
    std::fs::write(&path, lines.join("\n")).unwrap();
    let store = Store::new(&config(&world.prefix));
    let done = import(&store, &world, &path).await;
    assert_eq!((done.read, done.events, done.refused_count()), (7, 1, 6));
    let told: Vec<&String> = done.refused.values().flat_map(|(_, lines)| lines).collect();
    assert!(told.iter().any(|line| line.ends_with(":2")) && told.iter().any(|line| line.ends_with(":7")));
    std::fs::remove_file(path).unwrap();
}
