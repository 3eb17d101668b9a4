//! Goals, segments and funnels of a site: who saves them, and what questions make of them.

use serde_json::{Value, json};

use crate::fixture::World;
use crate::questions::{ask, visit};

#[tokio::test]
async fn what_is_saved_is_listed_by_name_changed_removed_and_noted() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    for (kind, one, other) in [
        (
            "goals",
            json!({ "name": "B", "event": "buy", "currency": "EUR" }),
            json!({ "name": "A", "page": "/a" }),
        ),
        (
            "segments",
            json!({ "name": "B", "filters": [["is", "visit:country", ["KR"]]] }),
            json!({ "name": "A", "filters": [["is_not", "event:page", ["/"]]] }),
        ),
        (
            "funnels",
            json!({ "name": "B", "steps": [{ "page": "/" }, { "event": "buy" }], "strict": true, "window_ms": 5 }),
            json!({ "name": "A", "steps": [{ "page": "/" }, { "page": "/a" }], "strict": false, "window_ms": 6 }),
        ),
    ] {
        let path = format!("/api/sites/shop/{kind}");
        let made = world.call(&owner, "POST", &path, one.clone()).await.ok();
        assert_eq!(made.status, 201);
        let id = made.body["id"].as_str().unwrap().to_owned();
        world.call(&owner, "POST", &path, one.clone()).await.is(409, "already_exists");
        world.call(&owner, "POST", &path, other).await.ok();
        let names = async || {
            let listed = world.get(&owner, &path).await.ok().body[kind].clone();
            let names: Vec<_> = listed.as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
            (names, listed)
        };
        let (listed, all) = names().await;
        assert_eq!(listed, ["A", "B"]);
        for (name, value) in one.as_object().unwrap() {
            assert_eq!(all[1][name], *value, "{kind}");
        }
        let own = format!("{path}/{id}");
        let mut changed = one.clone();
        changed["name"] = json!("C");
        world.call(&owner, "PUT", &own, changed.clone()).await.ok();
        changed["name"] = json!("A");
        world.call(&owner, "PUT", &own, changed).await.is(409, "already_exists");
        assert_eq!(names().await.0, ["A", "C"]);
        world.call(&owner, "DELETE", &own, Value::Null).await.ok();
        world.call(&owner, "DELETE", &own, Value::Null).await.is(404, "not_found");
        assert_eq!(names().await.0, ["A"]);
        let log = world.get(&owner, "/api/sites/shop/audit").await.ok().body.to_string();
        let single = kind.trim_end_matches('s');
        for action in ["made", "changed", "removed"] {
            assert!(log.contains(&format!("{single}.{action}")), "{log}");
        }
    }
    world.call(&owner, "DELETE", "/api/sites/shop?name=shop", Value::Null).await.ok();
    assert!(!world.rows().await.contains("saved#shop"), "nothing is left of what was saved at the site");
}

#[tokio::test]
async fn annotations_are_listed_by_time_for_those_who_may_look_and_changed_by_those_who_may_edit() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    let path = "/api/sites/shop/annotations";
    let note = |at: u64, text: &str| json!({ "at": at, "text": text });
    let later = world.call(&owner, "POST", path, note(2_000, "Sale")).await.ok();
    assert_eq!((later.status, &later.body["text"]), (201, &json!("Sale")));
    // The same may happen twice.
    world.call(&owner, "POST", path, note(1_000, " Sale\n again ")).await.ok();
    let texts = async || {
        let listed = world.get(&owner, path).await.ok().body["annotations"].clone();
        listed.as_array().unwrap().iter().map(|it| it["text"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(texts().await, ["Sale again", "Sale"]);
    let own = format!("{path}/{}", later.body["id"].as_str().unwrap());
    world.call(&owner, "PUT", &own, note(500, "Sale")).await.ok();
    assert_eq!(texts().await, ["Sale", "Sale again"]);
    let far = 4_000_000_000_000;
    for wrong in [note(1, " "), note(1, &"a".repeat(201)), note(far, "x"), json!({ "at": 1 })] {
        let answer = world.call(&owner, "POST", path, wrong.clone()).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    world.call(&owner, "DELETE", &own, Value::Null).await.ok();
    world.call(&owner, "DELETE", &own, Value::Null).await.is(404, "not_found");
    assert_eq!(texts().await, ["Sale again"]);
    let log = world.get(&owner, "/api/sites/shop/audit").await.ok().body.to_string();
    for action in ["made", "changed", "removed"] {
        assert!(log.contains(&format!("annotation.{action}")), "{log}");
    }
    world.call(&owner, "DELETE", "/api/sites/shop?name=shop", Value::Null).await.ok();
    assert!(!world.rows().await.contains("saved#shop"), "nothing is left of what was saved at the site");
}

#[tokio::test]
async fn what_cannot_be_used_is_not_saved() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    for (kind, body) in [
        ("goals", json!({ "name": "", "event": "buy" })),
        ("goals", json!({ "name": "x" })),
        ("goals", json!({ "name": "x", "event": "buy", "currency": "euro" })),
        ("goals", json!({ "name": "x", "event": "buy", "props": [{ "key": "plan", "values": [] }] })),
        ("segments", json!({ "name": "x", "filters": [] })),
        ("segments", json!({ "name": "x", "filters": [["near", "visit:city", ["Seoul"]]] })),
        ("segments", json!({ "name": "x", "filters": [["is", "segment", ["00112233445566aa"]]] })),
        ("funnels", json!({ "name": "x", "steps": [{ "page": "/" }], "window_ms": 1 })),
        ("funnels", json!({ "name": "x", "steps": [{ "page": "/" }, { "goal": "Other" }], "window_ms": 1 })),
    ] {
        let answer = world.call(&owner, "POST", &format!("/api/sites/shop/{kind}"), body.clone()).await;
        assert_eq!((answer.status, answer.code()), (400, "invalid_parameter"), "{body}");
    }
    let segment = json!({ "name": "x", "filters": [["is", "visit:country", ["KR"]]] });
    let made = world.call(&owner, "POST", "/api/sites/shop/segments", segment).await.ok();
    let id = made.body["id"].as_str().unwrap();
    let circle = json!({ "name": "x", "filters": [["is", "segment", [id]]] });
    let path = format!("/api/sites/shop/segments/{id}");
    world.call(&owner, "PUT", &path, circle).await.is(400, "invalid_parameter");
}

#[tokio::test]
async fn questions_use_what_is_saved_at_once() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    visit(&world, 1, "pro").await;
    visit(&world, 2, "free").await;
    let goals = async |more: Value| {
        let body = json!({
            "site_id": "shop", "metrics": ["visitors"], "date_range": "day", "dimensions": ["event:goal"], "goals": more,
        });
        let rows = ask(&world, &owner, "query", body).await.ok().body["results"].clone();
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| format!("{} {}", row["dimensions"][0], row["metrics"][0])).collect::<Vec<_>>()
    };
    assert_eq!(goals(json!([])).await, [r#""purchase" 2"#], "without goals names of conversions are goals");
    let goal = json!({ "name": "Pro", "event": "purchase", "props": [{ "key": "plan", "values": ["pro"] }] });
    let made = world.call(&owner, "POST", "/api/sites/shop/goals", goal).await.ok();
    assert_eq!(goals(json!([])).await, [r#""Pro" 1"#]);
    assert_eq!(goals(json!([{ "name": "Cart", "page": "/cart" }])).await, [r#""Cart" 2"#, r#""Pro" 1"#]);
    let path = format!("/api/sites/shop/goals/{}", made.body["id"].as_str().unwrap());
    let changed = json!({ "name": "Pro", "page": "/**" });
    world.call(&owner, "PUT", &path, changed).await.ok();
    assert_eq!(goals(json!([])).await, [r#""Pro" 2"#]);

    let segment = json!({ "name": "Pro", "filters": [["is", "event:props:plan", ["pro"]]] });
    let made = world.call(&owner, "POST", "/api/sites/shop/segments", segment).await.ok();
    let id = made.body["id"].clone();
    let body = json!({
        "site_id": "shop", "metrics": ["visitors"], "date_range": "day", "filters": [["is", "segment", [id]]],
    });
    let answer = ask(&world, &owner, "query", body.clone()).await.ok();
    assert_eq!(answer.body["results"][0]["metrics"], json!([1]));
    let path = format!("/api/sites/shop/segments/{}", id.as_str().unwrap());
    world.call(&owner, "DELETE", &path, Value::Null).await.ok();
    let refused = ask(&world, &owner, "query", body).await.is(400, "invalid_parameter");
    assert!(refused.body["detail"].as_str().unwrap().contains("no segment"));
}
