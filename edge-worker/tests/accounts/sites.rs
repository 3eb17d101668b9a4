//! Sites: what they may be, how they are found, and who changes them at the same time.

use protocol::SiteId;
use serde_json::{Value, json};

use crate::fixture::{NOW, World};

async fn found(world: &World, name: &str) -> Option<String> {
    world.app.sites().by_name(name).await.unwrap().map(|site| site.id.to_string())
}

#[tokio::test]
async fn site_is_found_by_id_alias_domain_and_origin_as_long_as_it_has_them() {
    let world = World::new().await;
    let owner = world.owner().await;
    let body = json!({
        "id": "shop", "domains": ["https://Shop.example/", "www.shop.example"], "aliases": ["94db1cb1"],
        "time_zone": "Asia/Seoul", "allow_null_origin": true,
    });
    let made = world.call(&owner, "POST", "/api/sites", body).await.ok();
    assert_eq!(made.status, 201);
    assert_eq!(made.body["domains"], json!(["shop.example", "www.shop.example"]));
    for name in ["shop", "94db1cb1", "shop.example", "WWW.shop.example"] {
        assert_eq!(found(&world, name).await.as_deref(), Some("shop"), "{name}");
    }
    for origin in ["https://shop.example", "null", "https://fixed.example"] {
        assert!(world.app.sites().knows_origin(origin).await.unwrap(), "{origin}");
    }
    let mut changed = made.body.clone();
    changed["domains"] = json!(["shop.example"]);
    changed["aliases"] = json!(["other"]);
    changed["allow_null_origin"] = json!(false);
    let changed = world.call(&owner, "PUT", "/api/sites/shop", changed).await.ok();
    assert_eq!(changed.body["version"], 2);
    for (name, expected) in [("94db1cb1", None), ("www.shop.example", None), ("other", Some("shop"))] {
        assert_eq!(found(&world, name).await.as_deref(), expected, "{name}");
    }
    assert!(!world.app.sites().knows_origin("null").await.unwrap());
    world.call(&owner, "DELETE", "/api/sites/shop?name=shop", Value::Null).await.ok();
    for name in ["shop", "other", "shop.example"] {
        assert_eq!(found(&world, name).await, None, "{name}");
    }
    world.get(&owner, "/api/sites/shop").await.is(404, "unknown_site");
}

#[tokio::test]
async fn two_sites_may_share_a_domain_but_no_alias() {
    let world = World::new().await;
    let owner = world.owner().await;
    let body = |id: &str, alias: &str| json!({ "id": id, "domains": ["localhost:3000"], "aliases": [alias] });
    let create = |body| world.call(&owner, "POST", "/api/sites", body);
    create(body("blog", "a")).await.ok();
    let refused = create(body("app", "a")).await.is(409, "already_exists");
    assert!(refused.body["detail"].as_str().unwrap().contains("aliases"));
    create(body("app", "b")).await.ok();
    create(body("app", "c")).await.is(409, "already_exists");
    create(json!({ "id": "fixed", "domains": [] })).await.is(409, "already_exists");
    assert_eq!(found(&world, "localhost:3000").await.as_deref(), Some("app"));
    world.call(&owner, "DELETE", "/api/sites/app?name=app", Value::Null).await.ok();
    assert_eq!(found(&world, "localhost:3000").await.as_deref(), Some("blog"));
    assert_eq!(found(&world, "b").await, None);
}

#[tokio::test]
async fn change_made_of_an_old_version_is_refused() {
    let world = World::new().await;
    let owner = world.owner().await;
    let first = world.site(&owner, "shop").await.body;
    let named = |name: &str| {
        let mut body = first.clone();
        body["name"] = json!(name);
        body
    };
    let both = [
        world.call(&owner, "PUT", "/api/sites/shop", named("A")),
        world.call(&owner, "PUT", "/api/sites/shop", named("B")),
    ];
    let mut statuses: Vec<u16> =
        futures_util::future::join_all(both).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    world.call(&owner, "PUT", "/api/sites/shop", named("C")).await.is(409, "conflict");
    let mut renamed = world.get(&owner, "/api/sites/shop").await.ok().body;
    renamed["id"] = json!("other");
    world.call(&owner, "PUT", "/api/sites/shop", renamed).await.is(400, "invalid_parameter");
}

#[tokio::test]
async fn site_of_the_configuration_is_shown_and_not_changed() {
    let world = World::new().await;
    let owner = world.owner().await;
    let fixed = world.get(&owner, "/api/sites/fixed").await.ok().body;
    assert_eq!(fixed["fixed"], true);
    world.call(&owner, "PUT", "/api/sites/fixed", fixed).await.is(409, "fixed_site");
    world.call(&owner, "DELETE", "/api/sites/fixed", Value::Null).await.is(409, "fixed_site");
}

#[tokio::test]
async fn excluded_address_is_kept_as_its_hash_alone() {
    let world = World::new().await;
    let owner = world.owner().await;
    let body = json!({ "id": "shop", "domains": [], "exclusions": { "addresses": ["198.51.100.77"] } });
    let made = world.call(&owner, "POST", "/api/sites", body).await.ok().body;
    let hash = made["exclusions"]["addresses"][0].as_str().unwrap().to_owned();
    assert_eq!(hash.len(), 32);
    assert!(!world.rows().await.contains("198.51.100.77"));
    let again = world.call(&owner, "PUT", "/api/sites/shop", made).await.ok().body;
    assert_eq!(again["exclusions"]["addresses"], json!([hash]));
    let body = json!({ "id": "x", "domains": [], "exclusions": { "addresses": ["not an address"] } });
    let refused = world.call(&owner, "POST", "/api/sites", body).await.is(400, "invalid_parameter");
    assert!(!refused.body["detail"].as_str().unwrap().contains("not an address"));
}

#[tokio::test]
async fn other_isolates_see_a_site_they_have_not_asked_for_at_once() {
    let world = World::new().await;
    let owner = world.owner().await;
    let other = World::over(&world.prefix);
    world.site(&owner, "shop").await;
    let id = SiteId::parse("shop").unwrap();
    assert!(other.app.sites().by_id(&id).await.unwrap().is_some());
    assert!(!other.app.sites().knows_origin("https://shop.example.evil").await.unwrap());
}

#[tokio::test]
async fn site_begins_when_it_is_made_unless_its_id_was_used_before() {
    let world = World::new().await;
    let owner = world.owner().await;
    let mut made = world.site(&owner, "shop").await.body;
    assert_eq!(made["created_at"], json!(NOW));
    made["created_at"] = json!(5);
    let changed = world.call(&owner, "PUT", "/api/sites/shop", made).await.ok().body;
    assert_eq!(changed["created_at"], json!(NOW));
    world.call(&owner, "DELETE", "/api/sites/shop?name=shop", Value::Null).await.ok();
    world.an_hour_passes().await;
    assert_eq!(world.site(&owner, "shop").await.body["created_at"], Value::Null);

    // A mark, as events leave of a site that was deleted long ago; the ledger, of one that was given by the environment.
    for (table, pk, sk) in [
        ("Segments", "marked", "dirty#2025-11-20T07"),
        ("Accounts", "ledger#counted#2025-11-22", "07"),
        ("Accounts", "ledger#other#2025-11-22", "07"),
    ] {
        let put = world.client.put_item().table_name(format!("{}{table}", world.prefix));
        let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.into());
        put.item("pk", text(pk)).item("sk", text(sk)).send().await.unwrap();
    }
    for (id, expected) in [("marked", Value::Null), ("counted", Value::Null), ("new", json!(NOW))] {
        assert_eq!(world.site(&owner, id).await.body["created_at"], expected, "{id}");
    }
}

#[tokio::test]
async fn all_time_of_a_new_site_is_cheap_and_of_one_that_nobody_compacted_refused() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    crate::questions::visit(&world, 1, "pro").await;
    let before = world.app.store().read_units();
    let all = |site: &str| json!({ "site_id": site, "metrics": ["visitors"], "date_range": ["2024-11-01", "2025-11-23"] });
    let told = world.call(&owner, "POST", "/api/v2/query", all("shop")).await.ok();
    assert_eq!(told.body["results"][0]["metrics"], json!([1]));
    assert!(world.app.store().read_units() - before < 40.0, "{}", world.app.store().read_units() - before);
    let refused =
        world.call(&owner, "POST", "/api/v2/query", all("fixed")).await.is(400, "invalid_parameter");
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("not compacted yet") && detail.contains("shorter range"), "{detail}");
}
