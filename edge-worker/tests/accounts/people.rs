//! Setting up, letting in, appointing, removing.

use serde_json::{Value, json};

use crate::fixture::{As, DAY_MS, PASSWORD, SETUP_TOKEN, World};

#[tokio::test]
async fn first_owner_is_made_once_with_the_setup_token() {
    let world = World::new().await;
    let nobody = As::default();
    assert_eq!(world.get(&nobody, "/api/setup").await.body["needed"], true);
    let body = |token: &str| json!({ "setup_token": token, "email": "a@b.example", "password": PASSWORD });
    world.call(&nobody, "POST", "/api/setup", body("guess")).await.is(403, "invalid_setup_token");
    let both = [world.call(&nobody, "POST", "/api/setup", body(SETUP_TOKEN)), {
        let body = json!({ "setup_token": SETUP_TOKEN, "email": "c@d.example", "password": PASSWORD });
        world.call(&nobody, "POST", "/api/setup", body)
    }];
    let mut statuses: Vec<u16> =
        futures_util::future::join_all(both).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "of two at once one comes in");
    world.call(&nobody, "POST", "/api/setup", body(SETUP_TOKEN)).await.is(409, "already_set_up");
    assert_eq!(world.get(&nobody, "/api/setup").await.body["needed"], false);
}

#[tokio::test]
async fn address_belongs_to_one_person_whatever_its_case() {
    let world = World::new().await;
    let owner = world.owner().await;
    let invite = |email: &str| {
        world.call(&owner, "POST", "/api/invitations", json!({ "email": email, "role": "viewer" }))
    };
    invite("OWNER@shop.example").await.is(409, "already_exists");
    let first = invite("Jane@Shop.example").await.ok();
    let second = invite("jane@shop.EXAMPLE").await.ok();
    let accept = |token: &Value| {
        let body = json!({ "token": token, "password": PASSWORD });
        let world = &world;
        async move { world.call(&As::default(), "POST", "/api/invitations/accept", body).await }
    };
    accept(&first.body["token"]).await.ok();
    accept(&second.body["token"]).await.is(409, "already_exists");
    accept(&first.body["token"]).await.is(404, "unknown_link");
    world.sign_in("JANE@SHOP.EXAMPLE", PASSWORD, None).await.ok();
}

#[tokio::test]
async fn invitation_ends_after_a_week_or_when_taken_back() {
    let world = World::new().await;
    let owner = world.owner().await;
    let body = json!({ "email": "jane@shop.example", "role": "viewer" });
    let kept = world.call(&owner, "POST", "/api/invitations", body.clone()).await.ok();
    let gone = world.call(&owner, "POST", "/api/invitations", body).await.ok();
    let path = format!("/api/invitations/{}", gone.body["invitation"]["id"].as_str().unwrap());
    world.call(&owner, "DELETE", &path, Value::Null).await.ok();
    let open = world.get(&owner, "/api/invitations").await.ok();
    assert_eq!(open.body["invitations"].as_array().unwrap().len(), 1);
    let accept = |token: Value| {
        let body = json!({ "token": token, "password": PASSWORD });
        let world = &world;
        async move { world.call(&As::default(), "POST", "/api/invitations/accept", body).await }
    };
    accept(gone.body["token"].clone()).await.is(404, "unknown_link");
    let tampered = kept.body["token"].as_str().unwrap().replace("liv_", "lit_");
    accept(tampered.into()).await.is(404, "unknown_link");
    world.later(7 * DAY_MS);
    accept(kept.body["token"].clone()).await.is(404, "unknown_link");
}

#[tokio::test]
async fn invitation_of_somebody_who_was_dismissed_is_void() {
    let world = World::new().await;
    let owner = world.owner().await;
    let admin = world.person(&owner, "admin@shop.example", Some("admin"), json!([])).await;
    let body = json!({ "email": "friend@shop.example", "role": "editor" });
    let made = world.call(&admin, "POST", "/api/invitations", body).await.ok();
    let path = format!("/api/people/{}", world.person_id(&admin).await);
    world.call(&owner, "PUT", &path, json!({ "name": "", "role": "editor" })).await.ok();
    let body = json!({ "token": made.body["token"], "password": PASSWORD });
    world.call(&As::default(), "POST", "/api/invitations/accept", body).await.is(404, "unknown_link");
}

#[tokio::test]
async fn last_owner_can_be_neither_removed_nor_dismissed() {
    let world = World::new().await;
    let owner = world.owner().await;
    let first = world.person_id(&owner).await;
    let path = format!("/api/people/{first}");
    let viewer = json!({ "name": "", "role": "viewer" });
    world.call(&owner, "DELETE", &path, Value::Null).await.is(409, "last_owner");
    world.call(&owner, "PUT", &path, viewer.clone()).await.is(409, "last_owner");
    let second = world.person(&owner, "second@shop.example", Some("owner"), json!([])).await;
    let second_path = format!("/api/people/{}", world.person_id(&second).await);
    // Each removes the other at the same moment: one of them stays.
    let both = [
        world.call(&owner, "DELETE", &second_path, Value::Null),
        world.call(&second, "DELETE", &path, Value::Null),
    ];
    let done = futures_util::future::join_all(both).await;
    assert_eq!(done.iter().filter(|answer| answer.status == 204).count(), 1, "{done:?}");
    let people = world.accounts.people().await.unwrap();
    assert_eq!(people.len(), 1);
}

#[tokio::test]
async fn owner_who_was_dismissed_lets_the_other_be_the_last() {
    let world = World::new().await;
    let owner = world.owner().await;
    let second = world.person(&owner, "second@shop.example", Some("owner"), json!([])).await;
    let path = format!("/api/people/{}", world.person_id(&second).await);
    world.call(&owner, "PUT", &path, json!({ "name": "S", "role": null })).await.ok();
    let own = format!("/api/people/{}", world.person_id(&owner).await);
    world.call(&owner, "DELETE", &own, Value::Null).await.is(409, "last_owner");
    world.call(&owner, "PUT", &path, json!({ "name": "S", "role": "owner" })).await.ok();
    world.call(&owner, "DELETE", &own, Value::Null).await.ok();
    world.get(&owner, "/api/session").await.is(401, "sign_in_required");
    world.get(&second, "/api/people").await.ok();
}

#[tokio::test]
async fn admins_look_after_viewers_and_editors_only() {
    let world = World::new().await;
    let owner = world.owner().await;
    let admin = world.person(&owner, "admin@shop.example", Some("admin"), json!([])).await;
    let viewer = world.person(&admin, "viewer@shop.example", Some("viewer"), json!([])).await;
    let viewer_path = format!("/api/people/{}", world.person_id(&viewer).await);
    let owner_path = format!("/api/people/{}", world.person_id(&owner).await);
    let role = |role: &str| json!({ "name": "N", "role": role });
    world.call(&admin, "PUT", &viewer_path, role("editor")).await.ok();
    let log = world.get(&owner, "/api/audit").await.ok().body;
    let target = viewer_path.rsplit('/').next();
    let noted = |entry: &Value| entry["action"] == "person.role_changed viewer → editor";
    let entry = log["entries"].as_array().unwrap().iter().find(|entry| noted(entry)).unwrap();
    assert_eq!(entry["target"].as_str(), target);
    world.call(&admin, "PUT", &viewer_path, role("admin")).await.is(403, "forbidden");
    world.call(&admin, "PUT", &owner_path, role("viewer")).await.is(403, "forbidden");
    world.call(&admin, "DELETE", &owner_path, Value::Null).await.is(403, "forbidden");
    let body = json!({ "email": "x@shop.example", "role": "owner" });
    world.call(&admin, "POST", "/api/invitations", body).await.is(403, "forbidden");
    world.call(&viewer, "GET", "/api/people", Value::Null).await.is(403, "forbidden");
    world.call(&owner, "PUT", &viewer_path, role("admin")).await.ok();
    world.get(&viewer, "/api/people").await.ok();
}

#[tokio::test]
async fn grants_open_one_site_and_go_with_it() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    world.site(&owner, "blog").await;
    let guest = world.person(&owner, "guest@shop.example", None, json!([])).await;
    let sites = |who: As| {
        let world = &world;
        async move {
            let body = world.get(&who, "/api/session").await.ok().body;
            let sites = body["sites"].as_array().unwrap().clone();
            sites.iter().map(|site| site["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(sites(guest.clone()).await, [""; 0]);
    let body = json!({ "email": "Guest@shop.example", "role": "admin" });
    let granted = world.call(&owner, "POST", "/api/sites/shop/grants", body).await.ok();
    assert_eq!(sites(guest.clone()).await, ["shop"]);
    assert_eq!(sites(owner.clone()).await, ["blog", "fixed", "shop"]);
    world.get(&guest, "/api/sites/shop/grants").await.ok();
    world.get(&guest, "/api/sites/blog").await.is(403, "forbidden");
    let body = json!({ "email": "owner@shop.example", "role": "owner" });
    world.call(&guest, "POST", "/api/sites/shop/grants", body).await.is(400, "invalid_parameter");
    let path = format!("/api/sites/shop/grants/{}", granted.body["person_id"].as_str().unwrap());
    world.call(&guest, "PUT", &path, json!({ "role": "viewer" })).await.ok();
    world.get(&guest, "/api/sites/shop/grants").await.is(403, "forbidden");
    world.call(&owner, "DELETE", "/api/sites/shop?name=shop", Value::Null).await.ok();
    world.an_hour_passes().await;
    world.site(&owner, "shop").await;
    assert_eq!(sites(guest).await, [""; 0], "a new site of the same id is another one");
    world.call(&owner, "DELETE", &path, Value::Null).await.is(404, "not_found");
}

#[tokio::test]
async fn what_is_done_is_in_the_log_without_secrets() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    world.site(&owner, "blog").await;
    let made =
        world.call(&owner, "POST", "/api/tokens", json!({ "name": "t", "scopes": ["read"] })).await.ok();
    let all = world.get(&owner, "/api/audit?limit=2").await.ok().body;
    let actions = |log: &Value| -> Vec<String> {
        log["entries"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(all["entries"].as_array().unwrap().len(), 2);
    let mut seen = actions(&all);
    let mut next = all["next"].as_str().map(str::to_owned);
    while let Some(before) = next {
        let page = world.get(&owner, &format!("/api/audit?limit=2&before={before}")).await.ok().body;
        seen.extend(actions(&page));
        next = page["next"].as_str().map(str::to_owned);
    }
    seen.sort();
    assert_eq!(seen, ["person.entered", "session.begun", "site.created", "site.created", "token.made"]);
    let of_shop = world.get(&owner, "/api/sites/shop/audit").await.ok().body;
    assert_eq!((actions(&of_shop), &of_shop["next"]), (vec!["site.created".into()], &Value::Null));

    let rows = world.rows().await;
    let secret = made.body["secret"].as_str().unwrap();
    for kept_nowhere in
        [PASSWORD, secret, "203.0.113.7", owner.cookie.as_deref().unwrap().split('=').nth(1).unwrap()]
    {
        assert!(!rows.contains(kept_nowhere), "{kept_nowhere}");
    }
    assert!(rows.contains("$argon2id$") && rows.contains(made.body["token"]["prefix"].as_str().unwrap()));
}
