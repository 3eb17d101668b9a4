//! API tokens, ingest keys and share links.

use protocol::SiteId;
use serde_json::{Value, json};

use crate::fixture::{As, DAY_MS, NOW, World};

fn site(id: &str) -> SiteId {
    SiteId::parse(id).unwrap()
}

async fn token(world: &World, who: &As, body: Value) -> (String, String) {
    let made = world.call(who, "POST", "/api/tokens", body).await.ok().body;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["token"]["id"]), text(&made["secret"]))
}

#[tokio::test]
async fn token_reads_until_it_ends_or_is_revoked_or_its_maker_goes() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    let maker = world.person(&owner, "maker@shop.example", Some("viewer"), json!([])).await;
    let (_, short) =
        token(&world, &maker, json!({ "name": "s", "scopes": ["read"], "expires_in_days": 2 })).await;
    let (revoked_id, revoked) = token(&world, &maker, json!({ "name": "r", "scopes": ["read"] })).await;
    let (_, kept) = token(&world, &maker, json!({ "name": "k", "scopes": ["read"] })).await;
    let read = |token: &str| {
        let who = As::bearer(token);
        let world = &world;
        async move { world.get(&who, "/api/sessions/active?site_id=shop").await.status }
    };
    for token in [&short, &revoked, &kept] {
        assert_eq!(read(token).await, 200);
    }
    let tampered = format!("{}{}", &kept[..kept.len() - 1], if kept.ends_with('0') { "1" } else { "0" });
    assert_eq!(read(&tampered).await, 401);
    let listed = world.get(&maker, "/api/tokens").await.ok().body;
    assert_eq!(listed["tokens"].as_array().unwrap().len(), 3);
    assert_eq!(listed["tokens"][0]["last_used"], json!(NOW - NOW % DAY_MS));
    assert!(!listed.to_string().contains(&kept));

    world.call(&maker, "DELETE", &format!("/api/tokens/{revoked_id}"), Value::Null).await.ok();
    assert_eq!((read(&revoked).await, read(&kept).await), (401, 200));
    world.later(2 * DAY_MS);
    assert_eq!((read(&short).await, read(&kept).await), (401, 200));
    let path = format!("/api/people/{}", world.person_id(&maker).await);
    world.call(&owner, "DELETE", &path, Value::Null).await.ok();
    assert_eq!(read(&kept).await, 401);
    assert_eq!(world.get(&owner, "/api/tokens").await.ok().body["tokens"], json!([]));
}

#[tokio::test]
async fn token_may_change_sites_only_as_its_scope_and_maker_may() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    world.site(&owner, "blog").await;
    let (_, read) = token(&world, &owner, json!({ "name": "r", "scopes": ["read"] })).await;
    let (_, manage) =
        token(&world, &owner, json!({ "name": "m", "scopes": ["manage"], "site_id": "shop" })).await;
    let share = json!({ "name": "for a friend" });
    let post = |token: &str, path: &'static str| {
        let (who, share, world) = (As::bearer(token), share.clone(), &world);
        async move { world.call(&who, "POST", path, share).await }
    };
    post(&read, "/api/sites/shop/shares").await.is(403, "forbidden");
    post(&manage, "/api/sites/shop/shares").await.ok();
    post(&manage, "/api/sites/blog/shares").await.is(403, "forbidden");
    world.get(&As::bearer(&manage), "/api/tokens").await.is(403, "forbidden");
    let sites = world.get(&As::bearer(&manage), "/api/sites").await.ok().body;
    assert_eq!(sites["sites"].as_array().unwrap().len(), 1);
    assert_eq!(sites["sites"][0]["role"], "admin");
    // Programs send no origin, and need none: nobody's browser sends a token by itself.
    let mut request = crate::fixture::request(&As::bearer(&manage), "POST", "/api/sites/shop/shares", &share);
    request.headers.retain(|(name, _)| name != "origin");
    world.send(request).await.ok();
}

#[tokio::test]
async fn ingest_key_of_a_site_lets_events_of_that_site_in_and_outlives_its_maker() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    world.site(&owner, "blog").await;
    let maker = world.person(&owner, "maker@shop.example", Some("editor"), json!([])).await;
    let ingest = json!({ "name": "server", "scopes": ["ingest"] });
    world.call(&maker, "POST", "/api/tokens", ingest).await.is(400, "invalid_parameter");
    let body = json!({ "name": "server", "scopes": ["ingest"], "site_id": "shop" });
    let (id, key) = token(&world, &maker, body.clone()).await;
    let (_, reader) = token(&world, &maker, json!({ "name": "r", "scopes": ["read"] })).await;
    let allowed = |id: &'static str, key: &str| {
        let (key, world) = (key.to_owned(), &world);
        async move { world.app.ingest_allowed(&site(id), &key).await.unwrap() }
    };
    assert!(allowed("shop", &key).await && !allowed("blog", &key).await);
    assert!(
        !allowed("shop", &reader).await && !allowed("shop", "").await && !allowed("shop", "lit_x_y").await
    );
    assert!(!allowed("shop", &format!("{}{}", &key[..key.len() - 1], "!")).await);
    assert!(allowed("blog", "ingest-key-of-the-tests").await);
    world.get(&As::bearer(&key), "/api/sessions/active?site_id=shop").await.is(403, "forbidden");
    let viewer = world.person(&owner, "viewer@shop.example", Some("viewer"), json!([])).await;
    world.call(&viewer, "POST", "/api/tokens", body).await.is(403, "forbidden");

    let path = format!("/api/people/{}", world.person_id(&maker).await);
    world.call(&owner, "DELETE", &path, Value::Null).await.ok();
    let other = World::over(&world.prefix);
    assert!(other.app.ingest_allowed(&site("shop"), &key).await.unwrap());
    let listed = world.get(&owner, "/api/sites/shop/tokens").await.ok().body;
    assert_eq!(listed["tokens"][0]["id"], json!(id));
    world
        .call(&owner, "DELETE", &format!("/api/sites/blog/tokens/{id}"), Value::Null)
        .await
        .is(404, "not_found");
    world.call(&owner, "DELETE", &format!("/api/sites/shop/tokens/{id}"), Value::Null).await.ok();
    assert!(!allowed("shop", &key).await);
}

struct Link {
    id: String,
    token: String,
}

async fn share(world: &World, owner: &As, body: Value) -> Link {
    let made = world.call(owner, "POST", "/api/sites/shop/shares", body).await.ok().body;
    assert!(made["path"].as_str().unwrap().starts_with("/#share=lis_"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Link { id: text(&made["share"]["id"]), token: text(&made["token"]) }
}

#[tokio::test]
async fn share_link_shows_its_site_with_its_password_until_it_ends() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    world.site(&owner, "blog").await;
    let body = json!({ "name": "board", "password": "open sesame", "expires_at": NOW + DAY_MS });
    let link = share(&world, &owner, body).await;
    let open = |password: Option<&str>| {
        let body = json!({ "token": link.token, "password": password });
        let world = &world;
        async move { world.call(&As::default(), "POST", "/api/shares/open", body).await }
    };
    open(None).await.is(403, "share_password_required");
    open(Some("wrong")).await.is(403, "wrong_password");
    let opened = open(Some("open sesame")).await.ok();
    assert_eq!(opened.body["site"]["id"], "shop");
    let bearer = As::bearer(opened.body["access_token"].as_str().unwrap());
    for reader in [opened.signed_in(), bearer.clone()] {
        world.get(&reader, "/api/sessions/active?site_id=shop").await.ok();
        let other = world.get(&reader, "/api/sessions/active?site_id=blog").await;
        assert!(matches!(other.status, 401 | 403), "{other:?}");
        for path in ["/api/sites/shop", "/api/session", "/api/sites", "/api/sites/shop/shares"] {
            let answer = world.get(&reader, path).await;
            assert!(matches!(answer.status, 401 | 403), "{path}");
        }
    }
    let tampered = format!("{}0", opened.body["access_token"].as_str().unwrap());
    world.get(&As::bearer(&tampered), "/api/sessions/active?site_id=shop").await.is(401, "sign_in_required");
    world.later(13 * 3_600_000);
    world.get(&bearer, "/api/sessions/active?site_id=shop").await.is(401, "sign_in_required");
    let again = As::bearer(open(Some("open sesame")).await.ok().body["access_token"].as_str().unwrap());
    world.get(&again, "/api/sessions/active?site_id=shop").await.ok();
    world.later(12 * 3_600_000);
    world.get(&again, "/api/sessions/active?site_id=shop").await.is(401, "sign_in_required");
    open(Some("open sesame")).await.is(404, "unknown_link");
}

#[tokio::test]
async fn share_link_that_was_revoked_or_whose_site_is_gone_shows_nothing() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    let [first, second] = [
        share(&world, &owner, json!({ "name": "a" })).await,
        share(&world, &owner, json!({ "name": "b", "filter": { "country": "kr" } })).await,
    ];
    let open = |token: &str| {
        let (body, world) = (json!({ "token": token }), &world);
        async move { world.call(&As::default(), "POST", "/api/shares/open", body).await }
    };
    let reader = open(&first.token).await.ok().signed_in();
    world.get(&reader, "/api/sessions/active?site_id=shop").await.ok();
    let opened = open(&second.token).await.ok();
    assert_eq!(opened.body["filter"], json!({ "country": "KR" }));
    world.call(&owner, "DELETE", &format!("/api/sites/shop/shares/{}", first.id), Value::Null).await.ok();
    world.get(&reader, "/api/sessions/active?site_id=shop").await.is(401, "sign_in_required");
    open(&first.token).await.is(404, "unknown_link");
    world.call(&owner, "DELETE", "/api/sites/shop?name=shop", Value::Null).await.ok();
    open(&second.token).await.is(404, "unknown_link");
}

#[tokio::test]
async fn wrong_passwords_of_a_share_link_are_counted() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    let link = share(&world, &owner, json!({ "name": "a", "password": "open sesame" })).await;
    let open = |password: &str| {
        let (body, world) = (json!({ "token": link.token, "password": password }), &world);
        async move { world.call(&As::default(), "POST", "/api/shares/open", body).await }
    };
    for _ in 0..5 {
        open("wrong").await.is(403, "wrong_password");
    }
    open("open sesame").await.is(429, "too_many_attempts");
    world.later(5_000);
    open("open sesame").await.ok();
}
