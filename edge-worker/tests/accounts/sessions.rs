//! Signing in, second factors, and how sessions end.

use data_encoding::BASE32_NOPAD;
use edge_worker::auth::totp;
use serde_json::{Value, json};

use crate::fixture::{As, DAY_MS, HOUR_MS, PASSWORD, World, request};

const EMAIL: &str = "owner@shop.example";

#[tokio::test]
async fn only_the_right_password_signs_in_and_which_part_is_wrong_is_not_said() {
    let world = World::new().await;
    world.owner().await;
    for (email, password) in
        [(EMAIL, "wrong password"), ("nobody@shop.example", PASSWORD), ("no address", PASSWORD)]
    {
        let answer = world.sign_in(email, password, None).await.is(401, "wrong_credentials");
        assert_eq!(answer.header("set-cookie"), None);
        assert_eq!(answer.body["detail"], Value::Null);
    }
    let answer = world.sign_in(EMAIL, PASSWORD, None).await.ok();
    assert_eq!(answer.body["person"]["email"], EMAIL);
    let mut https =
        request(&As::default(), "POST", "/api/session", &json!({ "email": EMAIL, "password": PASSWORD }));
    https.https = true;
    https.headers[0].1 = "https://stats.example".into();
    let cookie = world.send(https).await.ok().header("set-cookie").unwrap().to_owned();
    assert!(cookie.starts_with("__Host-li_session=") && cookie.contains("; Secure"), "{cookie}");
}

#[tokio::test]
async fn wrong_attempts_make_everyone_wait_longer_and_a_right_one_forgets_them() {
    let world = World::new().await;
    world.owner().await;
    for known in [true, false] {
        let email = if known { EMAIL } else { "nobody@shop.example" };
        for _ in 0..5 {
            world.sign_in(email, "wrong password", None).await.is(401, "wrong_credentials");
        }
        let answer = world.sign_in(email, PASSWORD, None).await.is(429, "too_many_attempts");
        assert_eq!(answer.header("retry-after"), Some("5"), "known: {known}");
    }
    world.later(5_000);
    world.sign_in(EMAIL, "wrong password", None).await.is(401, "wrong_credentials");
    let answer = world.sign_in(EMAIL, PASSWORD, None).await.is(429, "too_many_attempts");
    assert_eq!(answer.header("retry-after"), Some("10"));
    world.later(10_000);
    world.sign_in(EMAIL, PASSWORD, None).await.ok();
    world.sign_in(EMAIL, "wrong password", None).await.is(401, "wrong_credentials");
    world.sign_in(EMAIL, PASSWORD, None).await.ok();
}

#[tokio::test]
async fn attempts_side_by_side_are_no_cheaper() {
    let world = World::new().await;
    world.owner().await;
    let attempts = (0..12).map(|_| world.sign_in(EMAIL, "wrong password", None));
    let answers = futures_util::future::join_all(attempts).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 401).count();
    assert!((1..=5).contains(&looked_at), "{looked_at}");
    assert!(answers.iter().all(|answer| matches!(answer.status, 401 | 429)));
}

#[tokio::test]
async fn limiter_of_the_platform_is_asked_first() {
    let world = World::new().await;
    world.owner().await;
    world.bench.limited.set(true);
    let answer = world.sign_in(EMAIL, PASSWORD, None).await.is(429, "too_many_attempts");
    assert_eq!(answer.header("retry-after"), Some("60"));
}

#[tokio::test]
async fn session_ends_by_time_by_signing_out_and_everywhere() {
    let world = World::new().await;
    let first = world.owner().await;
    let second = world.sign_in(EMAIL, PASSWORD, None).await.ok().signed_in();
    world.call(&first, "DELETE", "/api/session", Value::Null).await.ok();
    world.get(&first, "/api/session").await.is(401, "sign_in_required");
    let third = world.sign_in(EMAIL, PASSWORD, None).await.ok().signed_in();
    let own = world.get(&second, "/api/account/sessions").await.ok().body;
    let own = own["sessions"].as_array().unwrap().clone();
    assert_eq!((own.len(), own.iter().filter(|it| it["current"] == true).count()), (2, 1));
    let other = own.iter().find(|it| it["current"] == false).unwrap()["id"].as_str().unwrap();
    world.call(&second, "DELETE", &format!("/api/account/sessions/{other}"), Value::Null).await.ok();
    world.get(&third, "/api/session").await.is(401, "sign_in_required");
    world.get(&second, "/api/session").await.ok();

    let fourth = world.sign_in(EMAIL, PASSWORD, None).await.ok().signed_in();
    world.call(&second, "DELETE", "/api/account/sessions", Value::Null).await.ok();
    for ended in [&second, &fourth] {
        world.get(ended, "/api/session").await.is(401, "sign_in_required");
    }
    let last = world.sign_in(EMAIL, PASSWORD, None).await.ok().signed_in();
    world.later(7 * DAY_MS + HOUR_MS);
    world.get(&last, "/api/session").await.is(401, "sign_in_required");
}

#[tokio::test]
async fn question_costs_no_look_at_the_session_and_a_change_does() {
    let world = World::new().await;
    let owner = world.owner().await;
    let ask = async || {
        let question = json!({ "site_id": "fixed", "metrics": ["visitors"], "date_range": "7d" });
        world.call(&owner, "POST", "/api/v2/query", question).await
    };
    ask().await.ok();
    // Ended in another isolate: what this one knows is believed for some seconds.
    let other = World::over(&world.prefix);
    other.call(&owner, "DELETE", "/api/session", Value::Null).await.ok();
    ask().await.ok();
    let site = json!({ "id": "new", "domains": ["new.example"] });
    world.call(&owner, "POST", "/api/sites", site).await.is(401, "sign_in_required");
    ask().await.is(401, "sign_in_required");
}

#[tokio::test]
async fn session_in_use_goes_on_under_changing_cookies_for_a_month() {
    let world = World::new().await;
    let mut who = world.owner().await;
    let first = who.clone();
    for day in 1..30 {
        world.later(DAY_MS);
        let answer = World::over(&world.prefix);
        answer.now.set(world.now.get());
        let answer = answer.get(&who, "/api/session").await;
        assert_eq!(answer.status, 200, "day {day}");
        let renewed = answer.signed_in();
        assert_ne!(renewed.cookie, who.cookie);
        // What was under way with the old cookie still gets its answer.
        world.get(&who, "/api/account/sessions").await.ok();
        who = renewed;
    }
    world.get(&first, "/api/session").await.is(401, "sign_in_required");
    world.later(DAY_MS);
    world.get(&who, "/api/session").await.is(401, "sign_in_required");
}

#[tokio::test]
async fn session_that_was_tampered_with_is_none() {
    let world = World::new().await;
    let owner = world.owner().await;
    let cookie = owner.cookie.unwrap();
    let last = if cookie.ends_with('0') { "1" } else { "0" };
    let tampered = format!("{}{last}", &cookie[..cookie.len() - 1]);
    for cookie in [tampered.as_str(), "li_session=", "li_session=x.y.z", "li_session=v1.9999999999.00"] {
        let who = As { cookie: Some(cookie.into()), bearer: None };
        world.get(&who, "/api/session").await.is(401, "sign_in_required");
    }
}

#[tokio::test]
async fn page_of_another_site_cannot_act_for_the_person() {
    let world = World::new().await;
    let owner = world.owner().await;
    let body = json!({ "id": "shop", "domains": [] });
    for origin in [Some("https://evil.example"), Some("null"), None] {
        let mut request = request(&owner, "POST", "/api/sites", &body);
        request.headers.retain(|(name, _)| name != "origin");
        request.headers.extend(origin.map(|origin| ("origin".to_owned(), origin.to_owned())));
        world.send(request).await.is(403, "cross_site");
    }
    let mut form = request(&owner, "POST", "/api/sites", &body);
    form.headers.retain(|(name, _)| name != "content-type");
    form.headers.push(("content-type".into(), "text/plain".into()));
    world.send(form).await.is(415, "unsupported_media_type");
    let mut login =
        request(&As::default(), "POST", "/api/session", &json!({ "email": EMAIL, "password": PASSWORD }));
    login.headers[0].1 = "https://evil.example".into();
    world.send(login).await.is(403, "cross_site");
    world.call(&owner, "POST", "/api/sites", body).await.ok();
}

#[tokio::test]
async fn another_password_ends_all_other_sessions() {
    let world = World::new().await;
    let first = world.owner().await;
    let second = world.sign_in(EMAIL, PASSWORD, None).await.ok().signed_in();
    let body = |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
    let change = |body| world.call(&second, "POST", "/api/account/password", body);
    change(body("wrong password", "another horse")).await.is(403, "wrong_password");
    change(body(PASSWORD, "short")).await.is(400, "invalid_parameter");
    let renewed = change(body(PASSWORD, "another horse")).await.ok().signed_in();
    world.get(&renewed, "/api/session").await.ok();
    for ended in [&first, &second] {
        world.get(ended, "/api/session").await.is(401, "sign_in_required");
    }
    world.sign_in(EMAIL, PASSWORD, None).await.is(401, "wrong_credentials");
    world.sign_in(EMAIL, "another horse", None).await.ok();
}

/// The code an authenticator app shows for a secret.
fn code(secret: &str, now: u64) -> String {
    let bytes: totp::Secret = BASE32_NOPAD.decode(secret.as_bytes()).unwrap().try_into().unwrap();
    (0..1_000_000)
        .map(|code| format!("{code:06}"))
        .find(|code| {
            totp::step_of(&bytes, code, now, Some(now / 30_000 - 1)).is_some_and(|step| step == now / 30_000)
        })
        .unwrap()
}

#[tokio::test]
async fn second_factor_is_asked_for_and_each_code_is_good_once() {
    let world = World::new().await;
    let owner = world.owner().await;
    let proof = json!({ "password": PASSWORD });
    let post = |path: &'static str, body: Value| world.call(&owner, "POST", path, body);
    post("/api/account/totp/confirm", json!({ "code": "123456" })).await.is(409, "totp_not_started");
    post("/api/account/totp", json!({ "password": "wrong password" })).await.is(403, "wrong_password");
    let enrolment = post("/api/account/totp", proof.clone()).await.ok().body;
    let secret = enrolment["secret"].as_str().unwrap();
    assert!(enrolment["uri"].as_str().unwrap().contains(secret));
    world.sign_in(EMAIL, PASSWORD, None).await.ok();
    let first = code(secret, world.now.get());
    post("/api/account/totp/confirm", json!({ "code": "000000" })).await.is(403, "wrong_code");
    let confirmed = post("/api/account/totp/confirm", json!({ "code": first })).await.ok();
    let owner = confirmed.signed_in();
    let recovery = confirmed.body["codes"].as_array().unwrap().clone();
    assert_eq!(recovery.len(), 10);
    world.call(&owner, "POST", "/api/account/totp", proof.clone()).await.is(409, "already_exists");

    world.sign_in(EMAIL, PASSWORD, None).await.is(401, "totp_required");
    world.sign_in(EMAIL, PASSWORD, Some(&first)).await.is(403, "wrong_code");
    world.later(60_000);
    let next = code(secret, world.now.get());
    world.sign_in(EMAIL, "wrong password", Some(&next)).await.is(401, "wrong_credentials");
    let signed_in = world.sign_in(EMAIL, PASSWORD, Some(&next)).await.ok();
    assert_eq!(signed_in.body["person"]["totp"], true);
    world.sign_in(EMAIL, PASSWORD, Some(&next)).await.is(403, "wrong_code");

    let spare = recovery[3].as_str().unwrap();
    world.sign_in(EMAIL, PASSWORD, Some(spare)).await.ok();
    world.sign_in(EMAIL, PASSWORD, Some(spare)).await.is(403, "wrong_code");
    assert!(!world.rows().await.contains(secret), "the shared secret is kept nowhere");

    let signed_in = signed_in.signed_in();
    let renewed = world.call(&signed_in, "POST", "/api/account/totp/disable", proof).await.ok().signed_in();
    world.get(&signed_in, "/api/session").await.is(401, "sign_in_required");
    world.get(&renewed, "/api/session").await.ok();
    world.sign_in(EMAIL, PASSWORD, None).await.ok();
}
