//! Erasing and deleting by the API: who may, what is answered, and that nothing of it comes back.

use edge_worker::ingest::{Clock, Drained, Identity, Message, Parcel, Rules, Visit};
use protocol::decode;
use serde_json::{Value, json};

use crate::fixture::{As, NOW, World, request};
use crate::questions::{user, visit};

async fn site(world: &World, owner: &As) {
    let body = json!({ "id": "shop", "name": "The Shop", "domains": ["shop.example"], "retention_days": 3 });
    world.call(owner, "POST", "/api/sites", body).await.ok();
}

/// Every row of a table, printed.
async fn rows(world: &World, table: &str) -> String {
    let scan = world.client.scan().table_name(format!("{}{table}", world.prefix));
    format!("{:?}", scan.send().await.unwrap().items())
}

async fn everything(world: &World) -> String {
    let mut all = String::new();
    for table in ["Events", "Sessions", "ActiveSessions", "Segments", "Accounts"] {
        all.push_str(&rows(world, table).await);
    }
    all
}

/// A batch of a visitor that waits in the queue since before now.
fn queued(number: u8) -> String {
    let id = "019aaea7-6f80-7000-8000-000000000003";
    let body = json!({
        "v": 1, "site_id": "shop", "user_id": user(number).to_string(), "session_id": id, "sent_at": NOW,
        "events": [{ "id": id, "type": "page_view", "page_id": id, "url": "https://shop.example/late" }],
    });
    let parcel = Parcel {
        batch: decode::batch(body.to_string().as_bytes()).unwrap().batch,
        visit: Visit::default(),
        identity: Identity::Given,
        clock: Clock::Server,
        received_at: NOW - 60_000,
        rules: Rules { shards: 1, retention_days: 3, query_parameters: Vec::new() },
        quarantine: None,
    };
    parcel.print().unwrap()
}

async fn drain(world: &World, number: u8) -> Drained {
    let body = queued(number);
    let message = Message { body: &body, queued_at: NOW - 60_000, is_dead: false };
    world.app.drain(message, &world.bench).await
}

#[tokio::test]
async fn erased_visitor_does_not_come_back_from_the_queue_or_a_door() {
    let world = World::new().await;
    let owner = world.owner().await;
    site(&world, &owner).await;
    for number in 1..3 {
        visit(&world, number, "free").await;
    }
    let gone = user(2).to_string();
    assert!(everything(&world).await.contains(&gone));
    let body = json!({ "visitor_id": gone });
    let asked = world.call(&owner, "POST", "/api/sites/shop/erasures", body).await.ok();
    assert_eq!((asked.status, &asked.body["state"]), (202, &json!("settling")));
    assert_eq!((&asked.body["visitors"], &asked.body["kind"]), (&json!(1), &json!("erasure")));
    assert!(asked.body["rows_deleted"].as_u64().unwrap() >= 4, "{}", asked.body);
    // Its own task knows whom it is about until it is done.
    for table in ["Events", "Sessions", "ActiveSessions", "Segments"] {
        assert!(!rows(&world, table).await.contains(&gone), "{table}");
    }
    assert_eq!(drain(&world, 2).await, Drained::Done);
    visit(&world, 2, "free").await;
    assert_eq!(drain(&world, 1).await, Drained::Done);
    world.an_hour_passes().await;
    let left = everything(&world).await;
    assert!(!left.contains(&gone), "nothing of it is anywhere");
    assert!(left.contains(&user(1).to_string()) && left.contains("/late"));
    let path = format!("/api/sites/shop/erasures/{}", asked.body["id"].as_str().unwrap());
    let done = world.get(&owner, &path).await.ok().body;
    assert_eq!((&done["state"], &done["visitors"]), (&json!("done"), &json!(1)));
    let list = world.get(&owner, "/api/sites/shop/erasures").await.ok().body;
    assert_eq!(list["tasks"], json!([done]));
    let log = world.get(&owner, "/api/sites/shop/audit").await.ok().body.to_string();
    assert!(log.contains("erasure.begun") && !log.contains(&gone));
}

#[tokio::test]
async fn erasure_is_for_admins_of_the_site_from_its_own_pages() {
    let world = World::new().await;
    let owner = world.owner().await;
    site(&world, &owner).await;
    let grants = json!([{ "site_id": "shop", "role": "editor" }]);
    let editor = world.person(&owner, "editor@shop.example", None, grants).await;
    let body = json!({ "person_id": "customer-7" });
    let path = "/api/sites/shop/erasures";
    world.call(&editor, "POST", path, body.clone()).await.is(403, "forbidden");
    let mut elsewhere = request(&owner, "POST", path, &body);
    elsewhere.headers.retain(|(name, _)| name != "origin");
    elsewhere.headers.push(("origin".into(), "https://evil.example".into()));
    world.send(elsewhere).await.is(403, "cross_site");
    for wrong in [
        json!({}),
        json!({ "person_id": "a", "visitor_id": user(1).to_string() }),
        json!({ "visitor_id": "7" }),
        json!({ "session_id": "" }),
        json!({ "person_id": " " }),
        json!({ "person": "a" }),
    ] {
        world.call(&owner, "POST", path, wrong).await.is(400, "invalid_parameter");
    }
    world.get(&owner, &format!("{path}/00112233445566aa")).await.is(404, "not_found");
}

#[tokio::test]
async fn deleted_site_refuses_events_at_once_and_leaves_nothing_but_the_log() {
    let world = World::new().await;
    let owner = world.owner().await;
    site(&world, &owner).await;
    world.site(&owner, "blog").await;
    visit(&world, 1, "free").await;
    let share = json!({ "name": "a" });
    world.call(&owner, "POST", "/api/sites/shop/shares", share).await.ok();
    let goal = json!({ "name": "Bought", "event": "purchase" });
    world.call(&owner, "POST", "/api/sites/shop/goals", goal).await.ok();
    let body = json!({ "name": "t", "scopes": ["read"], "site_id": "shop" });
    world.call(&owner, "POST", "/api/tokens", body).await.ok();
    let body = json!({ "email": "guest@shop.example", "grants": [{ "site_id": "shop", "role": "viewer" }] });
    world.call(&owner, "POST", "/api/invitations", body).await.ok();
    for path in ["/api/sites/shop", "/api/sites/shop?name=shop", "/api/sites/shop?name=The%20Blog"] {
        world.call(&owner, "DELETE", path, Value::Null).await.is(400, "invalid_parameter");
    }
    let path = "/api/sites/shop?name=The%20Shop";
    let begun = world.call(&owner, "DELETE", path, Value::Null).await.ok();
    assert_eq!((begun.status, &begun.body["state"]), (202, &json!("settling")));
    world.get(&owner, "/api/sites/shop").await.is(404, "unknown_site");

    let refused = world.send(crate::questions::sent(1, "free")).await;
    assert_eq!((refused.status, refused.code()), (404, "unknown_site"));
    // What waited in the queue is let go of.
    assert_eq!(drain(&world, 1).await, Drained::Done);
    let body = json!({ "id": "shop", "domains": [] });
    world.call(&owner, "POST", "/api/sites", body.clone()).await.is(409, "already_exists");
    world.an_hour_passes().await;
    let list = world.get(&owner, "/api/deletions").await.ok().body;
    let all = list["tasks"].as_array().unwrap();
    assert_eq!((all.len(), &all[0]["state"], &all[0]["site_id"]), (1, &json!("done"), &json!("shop")));
    for table in ["Events", "Sessions", "ActiveSessions", "Segments"] {
        assert!(!rows(&world, table).await.contains("shop"), "{table}");
    }
    let scan = world.client.scan().table_name(format!("{}Accounts", world.prefix)).send().await.unwrap();
    for item in scan.items() {
        let pk = item["pk"].as_s().unwrap();
        let is_log = matches!(pk.as_str(), "audit" | "tasks" | "deleted_sites");
        // People's addresses are theirs.
        let is_theirs = matches!(pk.as_str(), "people" | "invitations") || pk.starts_with("email#");
        let printed = format!("{item:?}").replace("shop.example", "");
        assert!(is_log || is_theirs && !printed.contains("shop") || !printed.contains("shop"), "{item:?}");
    }
    // A new site of the same id is another one.
    world.call(&owner, "POST", "/api/sites", body).await.ok();
    assert!(!rows(&world, "Events").await.contains("shop"));
}

#[tokio::test]
async fn shorter_retention_begins_a_task_and_a_longer_one_none() {
    let world = World::new().await;
    let owner = world.owner().await;
    site(&world, &owner).await;
    let change = async |days: u32| {
        let mut body = world.get(&owner, "/api/sites/shop").await.ok().body;
        body["retention_days"] = json!(days);
        world.call(&owner, "PUT", "/api/sites/shop", body).await.ok();
        world.get(&owner, "/api/sites/shop/erasures").await.ok().body["tasks"].clone()
    };
    assert_eq!(change(5).await, json!([]));
    let tasks = change(2).await;
    let task = &tasks[0];
    assert_eq!((&task["kind"], &task["state"]), (&json!("retention"), &json!("done")), "{task}");
}
