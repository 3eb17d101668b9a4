//! Questions that are no table, and several at once, over events that came in by the front door.

use edge_worker::http::Request;
use protocol::{EventId, PageId, SessionId, UserId};
use serde_json::{Value, json};

use crate::fixture::{Answer, As, HOUR_MS, NOW, World};

/// A visit: `/`, then `/cart`, and a purchase with a plan. It begins so many minutes before now.
pub(crate) async fn visit(world: &World, number: u8, plan: &str) {
    let answer = world.send(sent(number, plan)).await.ok();
    assert!(answer.body.to_string().matches("accepted").count() >= 3, "{}", answer.body);
}

/// The request that brings it.
pub(crate) fn sent(number: u8, plan: &str) -> Request {
    let at = NOW - HOUR_MS + u64::from(number) * 60_000;
    let ids = |place: u8| [number, place, 1, 2, 3, 4, 5, 6, 7, 8];
    let page = |place: u8| PageId::new(at, &ids(place)).to_string();
    let event = |place: u8, mut more: Value| {
        let then = at + u64::from(place) * 1_000;
        more["id"] = json!(EventId::new(then, &ids(place)).to_string());
        more["at"] = json!(then);
        more
    };
    let events = [
        event(1, json!({ "type": "page_view", "page_id": page(1), "url": "https://shop.example/" })),
        event(2, json!({ "type": "page_view", "page_id": page(2), "url": "https://shop.example/cart" })),
        event(
            3,
            json!({ "type": "conversion", "page_id": page(2), "name": "purchase", "props": { "plan": plan },
                    "revenue": { "amount": "12.50", "currency": "EUR" } }),
        ),
    ];
    let body = json!({
        "v": 1, "site_id": "shop", "sent_at": NOW, "events": events, "context": {},
        "user_id": user(number).to_string(), "session_id": SessionId::new(at, &ids(0)).to_string(),
    });
    let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
    let headers = [
        ("content-type", "application/json"),
        ("x-liveinsight-key", "ingest-key-of-the-tests"),
        ("user-agent", agent),
    ];
    Request {
        method: "POST".into(),
        path: "/events".into(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: Some(body.to_string().into_bytes()),
        ..Request::default()
    }
}

pub(crate) fn user(number: u8) -> UserId {
    UserId::new(NOW, &[number; 10])
}

pub(crate) async fn ask(world: &World, who: &As, name: &str, body: Value) -> Answer {
    world.call(who, "POST", &format!("/api/v2/{name}"), body).await
}

fn shop(more: &Value) -> Value {
    let mut body = json!({ "site_id": "shop", "date_range": "day" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn shop_with_visits() -> (World, As) {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    for (number, plan) in [(1, "pro"), (2, "free"), (3, "pro")] {
        visit(&world, number, plan).await;
    }
    (world, owner)
}

#[tokio::test]
async fn funnels_retention_and_journeys_are_told() {
    let (world, owner) = shop_with_visits().await;
    let goal = json!({ "name": "Pro", "event": "purchase", "props": [{ "key": "plan", "values": ["pro"] }] });
    world.call(&owner, "POST", "/api/sites/shop/goals", goal).await.ok();
    let steps = json!([{ "page": "/" }, { "page": "/cart" }, { "goal": "Pro" }]);
    let told = ask(&world, &owner, "funnel", shop(&json!({ "steps": steps, "strict": true }))).await.ok();
    assert_eq!((&told.body["visitors"], &told.body["all_visitors"]), (&json!([3, 3, 2]), &json!(3)));
    let short = shop(&json!({ "steps": steps, "window_ms": 1_500 }));
    assert_eq!(ask(&world, &owner, "funnel", short).await.ok().body["visitors"], json!([3, 3, 0]));

    let told = ask(&world, &owner, "retention", shop(&json!({ "step": "day" }))).await.ok();
    assert_eq!(told.body["cohorts"][0]["visitors"], json!([3]));

    let anchor = json!({ "anchor": { "after": "/" }, "steps": 2, "limit": 1 });
    let told = ask(&world, &owner, "journey", shop(&anchor)).await.ok();
    assert_eq!(told.body["steps"][0]["next"][0]["page"], "/cart");
    assert_eq!(told.body["steps"][0]["next"][0]["visits"], 3);
    let told = ask(&world, &owner, "journey", shop(&json!({ "anchor": "end" }))).await.ok();
    assert_eq!(told.body["steps"][0]["page"], "/cart");
}

#[tokio::test]
async fn visits_are_listed_page_by_page_and_each_has_its_timeline() {
    let (world, owner) = shop_with_visits().await;
    let first = ask(&world, &owner, "visits", shop(&json!({ "limit": 2 }))).await.ok().body;
    assert_eq!((first["visits"].as_array().unwrap().len(), &first["total"]), (2, &json!(3)));
    let rest = shop(&json!({ "limit": 2, "before": first["next"] }));
    let rest = ask(&world, &owner, "visits", rest).await.ok().body;
    assert_eq!((rest["visits"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
    let row = &rest["visits"][0];
    assert_eq!((&row["entry"], &row["exit"], &row["conversions"]), (&json!("/"), &json!("/cart"), &json!(1)));
    assert_eq!(row["said"]["browser"], "Chrome");
    let filters = json!({ "filters": [["is", "event:props:plan", ["free"]]] });
    assert_eq!(ask(&world, &owner, "visits", shop(&filters)).await.ok().body["total"], 1);

    let one = json!({ "site_id": "shop", "visitor": row["visitor"], "started_at": row["started_at"] });
    let told = ask(&world, &owner, "timeline", one).await.ok().body;
    let kinds: Vec<_> =
        told["visits"][0]["events"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["page_view", "page_view", "conversion"]);
    assert_eq!(told["visits"][0]["events"][2]["props"], json!({ "plan": "pro" }));
    assert_eq!(told["visits"][0]["events"][2]["revenue"]["value"], "12.5");
    let all = shop(&json!({ "visitor": user(1).to_string() }));
    assert_eq!(ask(&world, &owner, "timeline", all).await.ok().body["visits"], told["visits"]);
    let nobody = shop(&json!({ "visitor": user(9).to_string() }));
    assert_eq!(ask(&world, &owner, "timeline", nobody).await.ok().body["total"], 0);
}

#[tokio::test]
async fn several_questions_are_answered_in_order_each_with_its_own_refusal() {
    let (world, owner) = shop_with_visits().await;
    let queries = json!([
        { "metrics": ["visitors"], "date_range": "day" },
        { "metrics": ["money"], "date_range": "day" },
        { "metrics": ["visitors"], "date_range": "day", "filters": [["matches", "event:page", ["("]]] },
        { "metrics": ["pageviews"], "date_range": "day", "dimensions": ["event:page"] },
    ]);
    let answer = ask(&world, &owner, "queries", json!({ "site_id": "shop", "queries": queries })).await.ok();
    let results = answer.body["results"].as_array().unwrap();
    assert_eq!(results[0]["results"][0]["metrics"], json!([3]));
    for (place, what) in [(1, "metrics"), (2, "filters")] {
        assert_eq!(results[place]["problem"]["code"], "invalid_parameter");
        assert!(results[place]["problem"]["detail"].as_str().unwrap().starts_with(what), "{results:?}");
    }
    assert_eq!(results[3]["results"][1]["dimensions"], json!(["/cart"]));
    let alone = shop(&queries[3]);
    let alone = ask(&world, &owner, "query", alone).await.ok().body;
    assert_eq!(alone["results"], results[3]["results"], "as when it is asked alone");
}

#[tokio::test]
async fn what_is_not_supported_is_refused_by_name() {
    let (world, owner) = shop_with_visits().await;
    for (name, more, place) in [
        ("funnel", json!({ "steps": [{ "page": "/" }] }), "steps"),
        ("funnel", json!({ "steps": [{ "page": "/" }, { "goal": "None" }] }), "steps"),
        ("retention", json!({ "step": "hour" }), "query"),
        ("retention", json!({ "step": "day", "date_range": ["2020-01-01", "2025-11-23"] }), "date_range"),
        ("journey", json!({ "steps": 99 }), "steps"),
        ("journey", json!({ "metrics": ["visitors"] }), "query"),
        ("visits", json!({ "limit": 0 }), "limit"),
        ("visits", json!({ "before": "x" }), "before"),
        ("visits", json!({ "filters": [["near", "visit:city", ["Seoul"]]] }), "filters"),
        ("timeline", json!({ "visitor": "me" }), "visitor"),
        ("queries", json!({ "queries": [] }), "query"),
    ] {
        let refused = ask(&world, &owner, name, shop(&more)).await.is(400, "invalid_parameter");
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.starts_with(place), "{name} {more}: {detail}");
    }
}

#[tokio::test]
async fn reader_of_a_link_sees_what_the_link_shows_and_no_people() {
    let (world, owner) = shop_with_visits().await;
    let link = json!({ "name": "carts", "filter": { "page": "/cart" } });
    let made = world.call(&owner, "POST", "/api/sites/shop/shares", link).await.ok();
    let token = json!({ "token": made.body["token"] });
    let reader = world.call(&As::default(), "POST", "/api/shares/open", token).await.ok().signed_in();
    let steps = json!([{ "page": "/" }, { "page": "/cart" }]);
    let told = ask(&world, &reader, "funnel", shop(&json!({ "steps": steps }))).await.ok();
    assert_eq!(told.body["visitors"], json!([0, 0]), "the first page is not shown");
    let told = ask(&world, &reader, "journey", shop(&json!({}))).await.ok().body.to_string();
    assert!(told.contains("/cart") && !told.contains("\"page\":\"/\""), "{told}");
    assert_eq!(ask(&world, &reader, "retention", shop(&json!({}))).await.status, 200);
    let queries = json!([
        { "metrics": ["visitors"], "date_range": "day", "dimensions": ["event:page"] },
        { "metrics": ["visitors"], "date_range": "day", "dimensions": ["visit:entry_page"] },
    ]);
    let body = json!({ "site_id": "shop", "queries": queries });
    let results = ask(&world, &reader, "queries", body).await.ok().body["results"].clone();
    assert_eq!(results[0]["results"][0]["dimensions"], json!(["/cart"]));
    assert_eq!(results[1]["problem"]["code"], "forbidden");
    for (name, more) in [("visits", json!({})), ("timeline", json!({ "visitor": user(1).to_string() }))] {
        let refused = ask(&world, &reader, name, shop(&more)).await;
        assert!(matches!(refused.status, 401 | 403), "{name}");
    }
}

#[tokio::test]
async fn every_event_is_exported_once_with_all_it_says_and_the_rest_after_any_of_them() {
    let (world, owner) = shop_with_visits().await;
    let path = format!("/api/export?site_id=shop&from={}&to={}", NOW - 2 * HOUR_MS, NOW);
    let whole = world.get(&owner, &path).await.ok();
    assert_eq!(whole.header("content-type"), Some("application/x-ndjson"));
    let lines: Vec<&str> = whole.text.lines().collect();
    let events: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.len(), 9);
    let bought: Vec<_> = events.iter().filter(|event| event["type"] == "conversion").collect();
    assert_eq!(bought.len(), 3);
    assert_eq!((&bought[0]["amount"], &bought[0]["props"]["plan"]), (&json!("12.50"), &json!("pro")));
    assert!(bought[0]["at"].is_u64() && !whole.text.contains("expires_at") && !whole.text.contains("\"pk\""));
    for place in [0, 4, 8] {
        let after = format!("{path}&after={}", events[place]["id"].as_str().unwrap());
        let rest = world.get(&owner, &after).await.ok();
        assert_eq!(rest.text.lines().collect::<Vec<_>>(), lines[place + 1..], "after {place}");
    }
    let first = events.iter().filter_map(|event| event["at"].as_u64()).min().unwrap();
    let short = format!("/api/export?site_id=shop&from={first}&to={}", first + 1);
    assert_eq!(world.get(&owner, &short).await.ok().text.lines().count(), 1, "the end is not in the range");

    let mut request = crate::fixture::request(&owner, "GET", &path, &Value::Null);
    request.headers.push(("accept".into(), "text/csv".into()));
    let table = world.send(request).await.ok();
    let rows: Vec<&str> = table.text.lines().collect();
    assert!(rows[0].starts_with("id,at,type,user_id,session_id,page_id,host,path"), "{}", rows[0]);
    assert_eq!(rows.len(), 10);
    assert!(rows[3].contains(r#""{""plan"":""pro""}""#), "{}", rows[3]);
    let heading: Vec<&str> = rows[0].split(',').collect();
    for name in events.iter().flat_map(|event| event.as_object().unwrap().keys()) {
        assert!(heading.contains(&name.as_str()), "the table has no column {name}");
    }

    for wrong in ["from=2&to=1", "from=0&to=99999999999999", "from=1&to=2&after=x"] {
        world.get(&owner, &format!("/api/export?site_id=shop&{wrong}")).await.is(400, "invalid_parameter");
    }
}

#[tokio::test]
async fn day_is_verified_against_its_rows() {
    let (world, owner) = shop_with_visits().await;
    let verify = |day: &str| {
        let (body, world, owner) = (json!({ "day": day }), &world, &owner);
        async move { world.call(owner, "POST", "/api/sites/shop/verify", body).await }
    };
    let done = verify("2025-11-23").await.ok().body;
    assert_eq!(done["differences"], json!([]));
    // Of the day, an hour and two pages: visitors, visits, page views, events.
    assert_eq!(done["compared"], 16);
    assert_eq!(verify("2025-11-22").await.ok().body["compared"], 0);
    verify("yesterday").await.is(400, "invalid_parameter");
}
