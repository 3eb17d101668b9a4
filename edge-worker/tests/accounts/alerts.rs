//! Alerts of a site, from the event to the webhook: the engine is asked, the store remembers, the test's platform sends.

use edge_worker::alerts::message::signature;
use edge_worker::http::Request;
use protocol::{EventId, PageId, SessionId, UserId};
use serde_json::{Value, json};

use crate::fixture::{Answer, As, DAY_MS, HOUR_MS, NOW, World};

const WEEK_MS: u64 = 7 * DAY_MS;

/// So many visitors come, a few minutes before the clock's time; `reach` names a conversion each of them reaches.
pub(crate) async fn visitors(world: &World, count: u8, reach: Option<&str>) {
    for number in 0..count {
        let at = world.now.get() - 120_000 - u64::from(number) * 1_000;
        let week = (at / DAY_MS) as u8;
        let ids = |place: u8| [number, place, week, 3, 4, 5, 6, 7, 8, 9];
        let page = PageId::new(at, &ids(1)).to_string();
        let event = |place: u8, mut more: Value| {
            more["id"] = json!(EventId::new(at + u64::from(place), &ids(place)).to_string());
            more["at"] = json!(at + u64::from(place));
            more["page_id"] = json!(page);
            more
        };
        let mut events = vec![event(1, json!({ "type": "page_view", "url": "https://shop.example/tea" }))];
        events.extend(reach.map(|name| event(2, json!({ "type": "conversion", "name": name }))));
        let body = json!({
            "v": 1, "site_id": "shop", "sent_at": world.now.get(), "events": events, "context": {},
            "user_id": UserId::new(at, &ids(2)).to_string(), "session_id": SessionId::new(at, &ids(3)).to_string(),
        });
        let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
        let headers = [
            ("content-type", "application/json"),
            ("x-liveinsight-key", "ingest-key-of-the-tests"),
            ("user-agent", agent),
        ];
        let request = Request {
            method: "POST".into(),
            path: "/events".into(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            body: Some(body.to_string().into_bytes()),
            ..Request::default()
        };
        let answer = world.send(request).await.ok();
        assert!(answer.body.to_string().contains("accepted"), "{}", answer.body);
    }
}

/// A shop with a rule and a channel; the answers to making both.
pub(crate) async fn shop(rule: Value, channel: Value) -> (World, As, [Answer; 2]) {
    let world = World::new().await;
    // Before anything that is told.
    world.at(NOW - 50 * DAY_MS);
    let owner = world.owner().await;
    // Six weeks back have to be kept.
    let site = json!({ "id": "shop", "domains": ["shop.example"], "retention_days": 60 });
    world.call(&owner, "POST", "/api/sites", site).await.ok();
    let channel = world.call(&owner, "POST", "/api/sites/shop/channels", channel).await.ok();
    if channel.body["channel"]["unconfirmed"] == true {
        let link = confirmation(&sent(&world)[0]);
        world.call(&As::default(), "POST", &link, Value::Null).await.ok();
        world.bench.posts.borrow_mut().clear();
    }
    let rule = world.call(&owner, "POST", "/api/sites/shop/alerts", rule).await.ok();
    world.at(NOW);
    let owner = world.sign_in("owner@shop.example", crate::fixture::PASSWORD, None).await.signed_in();
    (world, owner, [rule, channel])
}

/// The link in a mail that asks whether an address is its reader's.
fn confirmation(mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap();
    let link = text.lines().find_map(|line| line.strip_prefix("http://stats.example"));
    link.filter(|link| link.starts_with("/api/confirm?")).unwrap().to_owned()
}

fn webhook() -> Value {
    json!({ "name": "Ops", "kind": "webhook", "target": "https://ops.example/hook?key=hidden" })
}

fn spike() -> Value {
    json!({ "name": "Busy", "kind": "spike", "minimum": 5 })
}

async fn watch(world: &World) {
    world.app.watch(&world.bench).await;
}

fn sent(world: &World) -> Vec<Value> {
    let posts = world.bench.posts.borrow();
    posts.iter().map(|post| serde_json::from_str(&post.body).unwrap()).collect()
}

async fn deliveries(world: &World, owner: &As, channel: &Answer) -> Value {
    let id = channel.body["channel"]["id"].as_str().unwrap();
    let path = format!("/api/sites/shop/channels/{id}/deliveries");
    world.get(owner, &path).await.ok().body["deliveries"].clone()
}

async fn state(world: &World, owner: &As) -> Value {
    world.get(owner, "/api/sites/shop/alerts").await.ok().body["alerts"][0]["state"].clone()
}

#[tokio::test]
async fn spike_beyond_what_is_usual_is_told_once_with_its_reason_and_a_signature() {
    let (world, owner, [_, channel]) = shop(spike(), webhook()).await;
    for week in (1..=6).rev() {
        world.at(NOW - week * WEEK_MS);
        visitors(&world, 2 + (week % 2) as u8, None).await;
    }
    world.at(NOW);
    watch(&world).await;
    assert_eq!(sent(&world), Vec::<Value>::new(), "nobody is no spike");
    let usual = state(&world, &owner).await;
    assert_eq!((&usual["weeks"], &usual["usual"]["median"]), (&json!(6), &json!(2.5)), "{usual}");

    visitors(&world, 30, None).await;
    // Two isolates at once, and again.
    let other = World::over(&world.prefix);
    world.pass(600_000);
    other.at(world.now.get());
    futures_util::future::join(watch(&world), watch(&other)).await;
    watch(&world).await;
    let posts: Vec<_> = [&world, &other].iter().flat_map(|it| it.bench.posts.borrow().clone()).collect();
    assert_eq!(posts.len(), 1);
    let body: Value = serde_json::from_str(&posts[0].body).unwrap();
    let text = body["text"].as_str().unwrap();
    assert!(text.starts_with("30 visitors in the last hour; usual for Sunday 03:10: 0–"), "{text}");
    assert_eq!((body["event"].as_str(), body["value"].as_f64()), (Some("alert.fired"), Some(30.0)));
    let header = |name| posts[0].headers.iter().find(|(key, _)| *key == name).unwrap().1.clone();
    let key = channel.body["secret"].as_str().unwrap();
    let time = header("x-liveinsight-timestamp").parse().unwrap();
    assert_eq!(header("x-liveinsight-signature"), signature(key, time, &posts[0].body));
    assert_eq!(deliveries(&world, &owner, &channel).await[0]["status"], "sent");

    world.pass(HOUR_MS);
    watch(&world).await;
    let told = [sent(&world), sent(&other)].concat();
    assert_eq!(told.last().unwrap()["event"], "alert.recovered");
    assert_eq!(told.len(), 2);
}

#[tokio::test]
async fn too_little_history_is_said_and_an_absolute_limit_needs_none() {
    let (world, owner, _) = shop(spike(), webhook()).await;
    world.at(NOW - WEEK_MS);
    visitors(&world, 2, None).await;
    world.at(NOW);
    visitors(&world, 30, None).await;
    watch(&world).await;
    let learning = state(&world, &owner).await;
    assert_eq!((learning["status"].as_str(), learning["weeks"].as_u64()), (Some("learning"), Some(1)));
    assert!(sent(&world).is_empty());
    let limited = json!({ "name": "Full", "kind": "spike", "threshold": 30 });
    world.call(&owner, "POST", "/api/sites/shop/alerts", limited).await.ok();
    watch(&world).await;
    assert_eq!(sent(&world)[0]["text"], "30 visitors in the last hour; the limit is 30.");
}

#[tokio::test]
async fn goals_and_falling_rates_are_told() {
    let goal = json!({ "name": "Sold", "kind": "goal", "goal": "purchase" });
    let (world, owner, _) = shop(goal, webhook()).await;
    let rate =
        json!({ "name": "Rate", "kind": "conversion", "goal": "purchase", "threshold": 50, "minimum": 5 });
    world.call(&owner, "POST", "/api/sites/shop/alerts", rate).await.ok();
    visitors(&world, 6, Some("purchase")).await;
    watch(&world).await;
    assert_eq!(sent(&world)[0]["text"], "“purchase” was reached 6 times in the last 24 hours.");
    assert_eq!(sent(&world).len(), 1, "the rate is 100 %");
    // Others come and reach nothing.
    world.pass(HOUR_MS);
    visitors(&world, 30, None).await;
    watch(&world).await;
    let told = sent(&world);
    assert_eq!(
        told[1]["text"],
        "16.7 % of visitors reached “purchase” in the last 24 hours; the limit is 50 %."
    );
    assert_eq!(told.len(), 2);
}

#[tokio::test]
async fn what_fails_is_tried_again_and_given_up_in_the_end() {
    let rule = json!({ "name": "Full", "kind": "spike", "threshold": 3 });
    let (world, owner, [_, channel]) = shop(rule, webhook()).await;
    visitors(&world, 3, None).await;
    world.bench.answers.borrow_mut().extend([500, 302]);
    watch(&world).await;
    let waits = deliveries(&world, &owner, &channel).await;
    assert_eq!((&waits[0]["status"], &waits[0]["problem"]), (&json!("waiting"), &json!("status 500")));
    watch(&world).await;
    assert_eq!(sent(&world).len(), 1, "not before it is time");
    world.pass(5_000);
    watch(&world).await;
    world.pass(30_000);
    watch(&world).await;
    let done = deliveries(&world, &owner, &channel).await;
    assert_eq!((&done[0]["status"], &done[0]["attempts"]), (&json!("sent"), &json!(3)));
    let posts = world.bench.posts.borrow().clone();
    let id = |post: &edge_worker::platform::Outgoing| {
        post.headers.iter().find(|(name, _)| *name == "x-liveinsight-delivery").unwrap().1.clone()
    };
    assert!(posts.iter().all(|post| id(post) == id(&posts[0])), "one delivery, known by its id");

    world.pass(24 * HOUR_MS);
    visitors(&world, 3, None).await;
    world.bench.answers.borrow_mut().extend([500; 20]);
    for _ in 0..12 {
        watch(&world).await;
        world.pass(HOUR_MS / 2);
    }
    let given_up = deliveries(&world, &owner, &channel).await;
    let given_up = given_up.as_array().unwrap().iter().find(|it| it["status"] == "failed").unwrap();
    assert_eq!(given_up["attempts"], 6);
}

#[tokio::test]
async fn quiet_hours_hold_back_or_drop() {
    for (drop, status) in [(false, "held"), (true, "dropped")] {
        let quiet = json!({ "from": 3, "to": 7, "drop": drop });
        let mut channel = webhook();
        channel["quiet"] = quiet;
        let rule = json!({ "name": "Full", "kind": "spike", "threshold": 3, "recovery": false });
        let (world, owner, [_, channel]) = shop(rule, channel).await;
        visitors(&world, 3, None).await;
        watch(&world).await;
        assert!(sent(&world).is_empty());
        assert_eq!(deliveries(&world, &owner, &channel).await[0]["status"], status);
        world.at(NOW + 4 * HOUR_MS);
        watch(&world).await;
        watch(&world).await;
        assert_eq!(sent(&world).len(), usize::from(!drop));
    }
}

#[tokio::test]
async fn addresses_and_keys_are_not_shown_again_and_nothing_stays_of_a_site() {
    let (world, owner, [rule, channel]) = shop(spike(), webhook()).await;
    let key = channel.body["secret"].as_str().unwrap();
    assert!(key.starts_with("whsec_"));
    let listed = world.get(&owner, "/api/sites/shop/channels").await.ok();
    assert_eq!(listed.body["channels"][0]["channel"]["target"], "https://ops.example/…");
    assert!(!listed.text.contains("hidden") && !listed.text.contains(key));
    assert!(!world.rows().await.contains(key), "the key is kept nowhere");

    let id = channel.body["channel"]["id"].as_str().unwrap();
    let own = format!("/api/sites/shop/channels/{id}");
    let renamed = json!({ "name": "Operators", "kind": "webhook" });
    world.call(&owner, "PUT", &own, renamed).await.ok();
    let test = world.call(&owner, "POST", &format!("{own}/test"), json!({})).await.ok();
    assert_eq!((&test.body["status"], &test.body["attempts"]), (&json!("sent"), &json!(1)));
    assert_eq!(world.bench.posts.borrow()[0].url, "https://ops.example/hook?key=hidden", "it stays");
    world.bench.answers.borrow_mut().push_back(404);
    let test = world.call(&owner, "POST", &format!("{own}/test"), json!({})).await.ok();
    assert_eq!((&test.body["status"], &test.body["problem"]), (&json!("failed"), &json!("status 404")));
    assert_eq!(deliveries(&world, &owner, &channel).await.as_array().unwrap().len(), 2);

    let rule = format!("/api/sites/shop/alerts/{}", rule.body["id"].as_str().unwrap());
    world.call(&owner, "DELETE", &rule, Value::Null).await.ok();
    world.call(&owner, "DELETE", &rule, Value::Null).await.is(404, "not_found");
    world.call(&owner, "DELETE", "/api/sites/shop?name=shop", Value::Null).await.ok();
    let rows = world.rows().await;
    assert!(!rows.contains("alerts#shop") && !rows.contains("deliveries#"), "nothing is left");
}

#[tokio::test]
async fn what_cannot_work_is_refused() {
    let (world, owner, _) = shop(spike(), webhook()).await;
    for body in [
        json!({ "name": "x", "kind": "webhook", "target": "http://ops.example/" }),
        json!({ "name": "x", "kind": "slack", "target": "https://169.254.169.254/latest" }),
        json!({ "name": "x", "kind": "slack", "target": "https://localhost/" }),
        json!({ "name": "x", "kind": "slack" }),
        json!({ "name": "x", "kind": "email", "target": "nobody" }),
        json!({ "name": "x", "kind": "slack", "target": "https://a.example/", "weekly": true }),
        json!({ "name": "x", "kind": "email", "target": "a@b.example", "quiet": { "from": 5, "to": 5 } }),
    ] {
        world.call(&owner, "POST", "/api/sites/shop/channels", body).await.is(400, "invalid_parameter");
    }
    for body in [
        json!({ "name": "x", "kind": "goal" }),
        json!({ "name": "x", "kind": "spike", "goal": "purchase" }),
        json!({ "name": "x", "kind": "spike", "every": 5 }),
        json!({ "name": "x", "kind": "no_data", "threshold": 5 }),
        json!({ "name": "x", "kind": "spike", "window_hours": 1000 }),
        json!({ "name": "x", "kind": "spike", "segment": "00112233445566aa" }),
        json!({ "name": "x", "kind": "spike", "channels": ["00112233445566aa"] }),
    ] {
        world.call(&owner, "POST", "/api/sites/shop/alerts", body).await.is(400, "invalid_parameter");
    }
    world.call(&owner, "POST", "/api/sites/shop/alerts", spike()).await.is(409, "already_exists");
    world.call(&owner, "POST", "/api/sites/shop/channels", webhook()).await.is(409, "already_exists");
}

#[tokio::test]
async fn address_gets_nothing_but_a_link_until_its_reader_confirms_it() {
    let (world, owner, _) = shop(json!({ "name": "Full", "kind": "spike", "threshold": 3 }), webhook()).await;
    let channel = json!({ "name": "Jo", "kind": "email", "target": "jo@shop.example", "language": "ko" });
    let made = world.call(&owner, "POST", "/api/sites/shop/channels", channel.clone()).await.ok();
    assert_eq!(made.body["channel"]["unconfirmed"], true);
    let own = format!("/api/sites/shop/channels/{}", made.body["channel"]["id"].as_str().unwrap());
    let mails = || -> Vec<Value> { sent(&world).into_iter().filter(|it| it["to"].is_array()).collect() };
    assert_eq!(mails().len(), 1);
    assert_eq!(mails()[0]["subject"], "shop: 이메일 주소를 확인해 주세요");
    // Neither what happens nor a test gets there, and another link not at once.
    visitors(&world, 3, None).await;
    watch(&world).await;
    world.call(&owner, "POST", &format!("{own}/test"), json!({})).await.is(400, "invalid_parameter");
    let again = format!("{own}/confirmation");
    world.call(&owner, "POST", &again, json!({})).await.is(429, "too_many_attempts");
    assert_eq!((mails().len(), sent(&world).len()), (1, 2), "the webhook was told");

    let (nobody, first) = (As::default(), confirmation(&mails()[0]));
    let forged = first.replace("&until=", "&until=9");
    world.get(&nobody, &forged).await.is(404, "unknown_link");
    world.pass(7 * DAY_MS + 1);
    world.call(&nobody, "POST", &first, Value::Null).await.is(404, "unknown_link");
    let owner = world.sign_in("owner@shop.example", crate::fixture::PASSWORD, None).await.signed_in();
    assert_eq!(world.call(&owner, "POST", &again, json!({})).await.ok().body["status"], "sent");

    // The link is of one address alone.
    let second = confirmation(&mails()[1]);
    let moved = json!({ "name": "Jo", "kind": "email", "target": "ann@shop.example" });
    world.call(&owner, "PUT", &own, moved).await.ok();
    world.call(&nobody, "POST", &second, Value::Null).await.is(404, "unknown_link");
    let third = confirmation(&mails()[2]);
    assert_eq!(mails()[2]["to"], json!(["ann@shop.example"]));
    let page = world.get(&nobody, &third).await.ok();
    assert!(page.text.contains("<form method=\"post\">"), "{}", page.text);
    let channels = world.get(&owner, "/api/sites/shop/channels").await.ok().body["channels"].clone();
    assert_eq!(channels[0]["unconfirmed"], true, "to look at the page confirms nothing");
    world.call(&nobody, "POST", &third, Value::Null).await.ok();
    world.call(&owner, "POST", &again, json!({})).await.is(400, "invalid_parameter");
    let tested = world.call(&owner, "POST", &format!("{own}/test"), json!({})).await.ok();
    assert_eq!((&tested.body["status"], &tested.body["kind"]), (&json!("sent"), &json!("test")));

    // What is confirmed once is so for the site.
    let other = json!({ "name": "Ann", "kind": "email", "target": "ann@shop.example" });
    let other = world.call(&owner, "POST", "/api/sites/shop/channels", other).await.ok();
    assert_eq!(other.body["channel"]["unconfirmed"], false);
    assert_eq!(mails().len(), 4);
    let listed = world.get(&owner, &format!("{own}/deliveries")).await.ok().body["deliveries"].clone();
    let kinds: Vec<&str> = listed.as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["test", "confirmation", "confirmation", "confirmation"]);
}

#[tokio::test]
async fn mail_is_sent_until_its_reader_unsubscribes() {
    let rule =
        json!({ "name": "Full", "kind": "spike", "threshold": 3, "cool_down_hours": 0, "recovery": false });
    let channel = json!({ "name": "Jo", "kind": "email", "target": "Jo@Shop.Example", "language": "ko" });
    let (world, owner, [_, channel]) = shop(rule, channel).await;
    visitors(&world, 3, None).await;
    watch(&world).await;
    let mail = sent(&world).remove(0);
    assert_eq!((&mail["to"], &mail["subject"]), (&json!(["jo@shop.example"]), &json!("shop: Full")));
    assert!(mail["text"].as_str().unwrap().contains("방문자 3명"), "{mail}");
    let link = mail["headers"]["List-Unsubscribe"].as_str().unwrap().trim_matches(['<', '>']).to_owned();
    assert_eq!(mail["headers"]["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
    let path = link.strip_prefix("http://stats.example").unwrap();
    let nobody = As::default();
    let page = world.get(&nobody, path).await.ok();
    assert!(page.text.contains("<form method=\"post\">") && page.text.contains("수신 거부"));
    let forged = format!("{}0", &path[..path.len() - 1]);
    let forged = if forged == path { format!("{}1", &path[..path.len() - 1]) } else { forged };
    world.call(&nobody, "POST", &forged, Value::Null).await.is(404, "unknown_link");
    world.call(&nobody, "POST", path, Value::Null).await.ok();

    world.pass(2 * HOUR_MS);
    watch(&world).await;
    visitors(&world, 3, None).await;
    watch(&world).await;
    assert_eq!(sent(&world).len(), 1);
    let own = format!("/api/sites/shop/channels/{}", channel.body["channel"]["id"].as_str().unwrap());
    let renamed = json!({ "name": "Joanna", "kind": "email" });
    let renamed = world.call(&owner, "PUT", &own, renamed).await.ok();
    assert_eq!(renamed.body["unsubscribed"], true, "it stays so");
}

#[tokio::test]
async fn weekly_report_is_sent_once_on_monday_at_eight() {
    let channel = json!({ "name": "Jo", "kind": "email", "target": "jo@shop.example", "weekly": true });
    let (world, _, [_, channel]) = shop(spike(), channel).await;
    visitors(&world, 3, Some("purchase")).await;
    world.at(NOW + 29 * HOUR_MS - 1);
    watch(&world).await;
    assert!(sent(&world).is_empty(), "not before Monday, 8:00");
    world.pass(1);
    let other = World::over(&world.prefix);
    other.at(world.now.get());
    futures_util::future::join(watch(&world), watch(&other)).await;
    world.pass(600_000);
    watch(&world).await;
    let mails = [sent(&world), sent(&other)].concat();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail["subject"], "shop: Weekly report, 17 – 23 November 2025");
    let text = mail["text"].as_str().unwrap();
    for part in ["Visitors: 3\n", "  23.11.  3\n", "3  /tea\n", "3  Direct / none\n", "3  purchase\n"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let html = mail["html"].as_str().unwrap();
    assert!(html.contains("/api/unsubscribe?") && html.contains("bgcolor"), "{html}");
    let owner = world.sign_in("owner@shop.example", crate::fixture::PASSWORD, None).await.signed_in();
    assert_eq!(deliveries(&world, &owner, &channel).await[0]["status"], "sent");
    world.pass(7 * DAY_MS);
    watch(&world).await;
    assert_eq!(sent(&world).len() + sent(&other).len(), 2, "and the next one");
}
