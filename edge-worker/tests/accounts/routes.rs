//! The table of routes, walked: who gets in where.

use edge_worker::app::ROUTES;
use edge_worker::auth::access::Need;
use edge_worker::routes::Route;
use protocol::account::{Role, Scope};
use serde_json::{Value, json};

use crate::fixture::{As, DAY_MS, World};

/// A path with something in place of its open parts, of the site `shop`.
fn filled(route: &Route) -> String {
    let path: Vec<&str> = route
        .path
        .split('/')
        .map(|part| match part {
            "{site_id}" => "shop",
            part if part.starts_with('{') => "00112233445566aa",
            part => part,
        })
        .collect();
    let path = path.join("/");
    let is_named = route.need.site_role().is_none() || route.path.contains("{site_id}");
    if is_named { path } else { format!("{path}?site_id=shop") }
}

/// A body that no route takes: whoever is let in is told so, and nothing is changed.
fn body(route: &Route) -> Value {
    if matches!(route.method, "POST" | "PUT") { json!([]) } else { Value::Null }
}

async fn status(world: &World, who: &As, route: &Route) -> u16 {
    world.call(who, route.method, &filled(route), body(route)).await.status
}

/// Routes that want somebody, but those that end the session they are called with.
fn closed() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(|route| !matches!(route.need, Need::Nobody | Need::Sender))
}

fn is_in(status: u16) -> bool {
    !matches!(status, 401 | 403)
}

#[tokio::test]
async fn nobody_gets_in_nor_does_a_session_or_token_that_was_tampered_with_or_has_ended() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    let body = json!({ "name": "t", "scopes": ["read", "manage"], "expires_in_days": 1 });
    let token = world.call(&owner, "POST", "/api/tokens", body).await.ok().body["secret"].clone();
    let token = token.as_str().unwrap();
    let tampered =
        |text: &str| format!("{}{}", &text[..text.len() - 1], if text.ends_with('0') { '1' } else { '0' });
    let cookie = owner.cookie.clone().unwrap();
    let before = world.rows().await.len();
    for who in [
        As::default(),
        As { cookie: Some(tampered(&cookie)), bearer: None },
        As::bearer(&tampered(token)),
        As::bearer("lia_00112233445566aa_9999999999_00"),
        // A token that is not good is not made up for by a good cookie.
        As { cookie: Some(cookie.clone()), bearer: Some(tampered(token)) },
    ] {
        for route in closed() {
            assert_eq!(status(&world, &who, route).await, 401, "{} {} {who:?}", route.method, route.path);
        }
    }
    assert_eq!(world.rows().await.len(), before, "nothing was written");
    world.later(8 * DAY_MS);
    for who in [owner, As::bearer(token)] {
        for route in closed() {
            assert_eq!(status(&world, &who, route).await, 401, "{} {} {who:?}", route.method, route.path);
        }
    }
}

#[tokio::test]
async fn role_at_a_site_opens_the_routes_of_that_site_that_need_no_more() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    world.site(&owner, "blog").await;
    for role in [Role::Viewer, Role::Editor, Role::Admin] {
        let grant = |site: &str| json!([{ "site_id": site, "role": role.as_str() }]);
        let here =
            world.person(&owner, &format!("{}@shop.example", role.as_str()), None, grant("shop")).await;
        let elsewhere =
            world.person(&owner, &format!("{}@blog.example", role.as_str()), None, grant("blog")).await;
        for route in closed().filter(|route| route.need.site_role().is_some() && route.method != "DELETE") {
            let name = format!("{} {} {role:?}", route.method, route.path);
            assert_eq!(status(&world, &elsewhere, route).await, 403, "{name}");
            let expected = Some(role) >= route.need.site_role();
            assert_eq!(is_in(status(&world, &here, route).await), expected, "{name}");
        }
        for route in closed().filter(|route| matches!(route.need, Need::Everywhere(..))) {
            assert_eq!(status(&world, &here, route).await, 403, "{} {}", route.method, route.path);
        }
    }
}

#[tokio::test]
async fn role_everywhere_opens_every_site_and_what_needs_no_more() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    for role in [Role::Viewer, Role::Editor, Role::Admin] {
        let who = world
            .person(&owner, &format!("{}@x.example", role.as_str()), Some(role.as_str()), json!([]))
            .await;
        for route in closed().filter(|route| route.method != "DELETE") {
            let needed = match route.need {
                Need::Everywhere(needed, _) => Some(needed),
                need => need.site_role(),
            };
            let expected = needed.is_none_or(|needed| role >= needed);
            let is = is_in(status(&world, &who, route).await);
            assert_eq!(is, expected, "{} {} {role:?}", route.method, route.path);
        }
    }
    for route in closed().filter(|route| route.method != "DELETE") {
        assert!(is_in(status(&world, &owner, route).await), "{} {}", route.method, route.path);
    }
}

#[tokio::test]
async fn token_opens_the_routes_of_its_scopes_alone() {
    let world = World::new().await;
    let owner = world.owner().await;
    world.site(&owner, "shop").await;
    for scope in [Scope::Read, Scope::Ingest, Scope::Manage] {
        let body = json!({ "name": "t", "scopes": [scope.as_str()], "site_id": "shop" });
        let token = world.call(&owner, "POST", "/api/tokens", body).await.ok().body["secret"].clone();
        let who = As::bearer(token.as_str().unwrap());
        for route in closed().filter(|route| route.method != "DELETE") {
            let fits = route
                .need
                .scope()
                .is_some_and(|needed| needed == scope || needed == Scope::Read && scope == Scope::Manage);
            let cap = if scope == Scope::Manage { Role::Admin } else { Role::Viewer };
            let everywhere = matches!(route.need, Need::Everywhere(..));
            let expected = fits && !everywhere && route.need.site_role().is_none_or(|needed| cap >= needed);
            let is = is_in(status(&world, &who, route).await);
            assert_eq!(is, expected, "{} {} {scope:?}", route.method, route.path);
        }
    }
}
