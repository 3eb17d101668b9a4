use proptest::prelude::*;

use super::*;
use crate::encode;
use crate::outcome::Status;

const NOW: u64 = 1_763_866_800_000;

fn event_id(ms: u64) -> String {
    EventId::new(ms, &[9; 10]).to_string()
}

fn body(events: &str) -> String {
    format!(
        r#"{{"v":1,"site_id":"shop","user_id":"{0}","session_id":"{0}","sent_at":{NOW},"events":[{events}]}}"#,
        event_id(NOW)
    )
}

fn page_view(at: u64) -> String {
    format!(
        r#"{{"id":"{0}","type":"page_view","at":{at},"page_id":"{0}","url":"https://shop.example/"}}"#,
        event_id(at)
    )
}

fn reasons(events: &str) -> Vec<Option<Outcome>> {
    batch(body(events).as_bytes()).unwrap().receipts.into_iter().map(|r| r.reason).collect()
}

#[test]
fn the_documented_batch_is_read() {
    let text = include_str!("../../../tests/fixtures/batch.json");
    let decoded = batch(text.as_bytes()).unwrap();
    assert!(decoded.receipts.iter().all(|r| r.status == Status::Accepted), "{:?}", decoded.receipts);
    let names: Vec<_> = decoded.batch.events.iter().map(|e| e.kind.type_name()).collect();
    assert_eq!(names, ["page_view", "click", "conversion", "custom", "heartbeat"]);
    let EventKind::Conversion(conversion) = &decoded.batch.events[2].kind else { panic!() };
    assert_eq!(conversion.revenue, Revenue::parse("49000", "KRW"));
    assert_eq!(conversion.props.iter().collect::<Vec<_>>(), [("gift", "true"), ("items", "2")]);
    let EventKind::Custom(custom) = &decoded.batch.events[3].kind else { panic!() };
    assert_eq!((custom.name.as_str(), custom.props.is_empty()), ("coupon_opened", false));
    let Batch { person_id, cookieless, dropped, faults, context, .. } = decoded.batch;
    assert_eq!(person_id, PersonId::parse("customer-1042"));
    assert_eq!((cookieless, dropped, faults, context.tab.as_str()), (true, 2, 1, "k3x9"));
}

/// A batch of one page view with more fields.
fn batch_with(fields: &str) -> Result<Batch, BatchError> {
    let text = body(&page_view(NOW)).replacen('{', &format!("{{{fields},"), 1);
    batch(text.as_bytes()).map(|decoded| decoded.batch)
}

#[test]
fn batch_of_an_older_tracker_reads_as_before() {
    let batch = batch(body(&page_view(NOW)).as_bytes()).unwrap().batch;
    assert_eq!((&batch.person_id, batch.cookieless, batch.dropped, batch.faults), (&None, false, 0, 0));
    assert!(batch.context.tab.is_empty());
}

#[test]
fn person_is_taken_whole_or_the_batch_is_refused() {
    let longest = "가".repeat(limits::MAX_PERSON_BYTES / 3);
    for (sent, kept) in [
        ("null", None),
        (r#""""#, None),
        (r#"" ""#, None),
        (r#"" a@b.example""#, Some("a@b.example")),
        (&format!("\"{longest}\""), Some(longest.as_str())),
    ] {
        let batch = batch_with(&format!(r#""person_id":{sent}"#)).unwrap();
        assert_eq!(batch.person_id.as_ref().map(PersonId::as_str), kept, "{sent}");
    }
    let long = format!("\"{}\"", "secret".repeat(22));
    for sent in [long.as_str(), r#""secret\tsecret""#, "42", "[]"] {
        let error = batch_with(&format!(r#""person_id":{sent}"#)).unwrap_err();
        assert_eq!(error.code, Code::InvalidBatch, "{sent}");
        assert!(!error.detail.contains("secret"), "{error}");
    }
    let error = batch_with(&format!(r#""person_id":{long}"#)).unwrap_err();
    assert_eq!(error.detail, "`person_id`: at most 128 bytes without control characters are taken");
}

#[test]
fn cookieless_is_true_or_false() {
    for (sent, read) in [("true", Some(true)), ("false", Some(false)), ("null", Some(false)), ("1", None)] {
        let batch = batch_with(&format!(r#""cookieless":{sent}"#));
        assert_eq!(batch.ok().map(|batch| batch.cookieless), read, "{sent}");
    }
}

#[test]
fn counts_that_are_none_and_tabs_that_are_too_long_refuse_nothing() {
    for (sent, read) in [
        ("7", 7),
        ("4294967295", u32::MAX),
        ("4294967296", 0),
        ("-1", 0),
        ("1.5", 0),
        (r#""7""#, 0),
        ("null", 0),
        (r#"{"a":[]}"#, 0),
    ] {
        let batch = batch_with(&format!(r#""dropped":{sent},"faults":{sent}"#)).unwrap();
        assert_eq!((batch.dropped, batch.faults), (read, read), "{sent}");
    }
    for (sent, kept) in [(r#""k3""#, "k3"), (r#""0123456789abcdefX""#, "0123456789abcdef"), ("7", "")] {
        let batch = batch_with(&format!(r#""context":{{"tab":{sent}}}"#)).unwrap();
        assert_eq!(batch.context.tab.as_str(), kept, "{sent}");
    }
}

#[test]
fn faults_of_the_batch_have_their_own_code() {
    let ids = format!(r#""user_id":"{0}","session_id":"{0}","sent_at":1"#, event_id(NOW));
    let many = vec![page_view(NOW); limits::MAX_EVENTS + 1].join(",");
    for (text, code) in [
        ("".to_owned(), Code::InvalidJson),
        ("{\"v\":1".to_owned(), Code::InvalidJson),
        ("[]".to_owned(), Code::InvalidBatch),
        (format!(r#"{{"v":2,"site_id":"shop",{ids},"events":[1]}}"#), Code::UnsupportedVersion),
        (format!(r#"{{"v":1,{ids},"events":[1]}}"#), Code::InvalidBatch),
        (format!(r#"{{"v":1,"site_id":"Shop#1",{ids},"events":[1]}}"#), Code::InvalidBatch),
        (format!(r#"{{"v":1,"site_id":"shop",{ids}}}"#), Code::EmptyBatch),
        (body(""), Code::EmptyBatch),
        (body(&many), Code::TooManyEvents),
        (" ".repeat(limits::MAX_INFLATED_BYTES + 1), Code::BodyTooLarge),
    ] {
        let error = batch(text.as_bytes()).unwrap_err();
        assert_eq!(error.code, code, "{error} for {}", limits::cut(&text, 90));
    }
}

#[test]
fn one_bad_event_leaves_the_others_alone() {
    let (good, later) = (page_view(NOW), page_view(NOW + 1));
    let decoded = batch(body(&format!("{good},{{\"type\":\"page_view\"}},17,{later}")).as_bytes()).unwrap();
    let status: Vec<_> = decoded.receipts.iter().map(|r| r.status).collect();
    assert_eq!(status, [Status::Accepted, Status::Rejected, Status::Rejected, Status::Accepted]);
    assert_eq!(decoded.batch.events.len(), 2);
}

#[test]
fn each_fault_of_an_event_has_its_own_reason() {
    let id = event_id(NOW);
    let with = |rest: &str| format!(r#"{{"id":"{id}","at":{NOW},"page_id":"{id}",{rest}}}"#);
    for (event, reason) in [
        (with(r#""type":"page_view","url":"/relative""#), Outcome::InvalidUrl),
        (with(r#""type":"click""#), Outcome::InvalidTarget),
        (with(r#""type":"click","target":{"kind":"hover"}"#), Outcome::InvalidTarget),
        (with(r#""type":"conversion","name":"  ""#), Outcome::InvalidName),
        (with(r#""type":"custom""#), Outcome::InvalidName),
        (with(r#""type":"custom","name":"a\tb""#), Outcome::InvalidName),
        (
            with(r#""type":"conversion","name":"buy","revenue":{"amount":"1e9","currency":"KRW"}"#),
            Outcome::InvalidRevenue,
        ),
        (with(r#""type":"heartbeat""#), Outcome::InvalidHeartbeat),
        (with(r#""type":"heartbeat","engaged_ms":1,"scroll_percent":101"#), Outcome::InvalidHeartbeat),
        (with(r#""type":"heartbeat","engaged_ms":1,"interval_s":0"#), Outcome::InvalidHeartbeat),
        (with(r#""type":"session_replay""#), Outcome::UnknownType),
        (with(r#""type":"session_replay","target":"x","title":7"#), Outcome::UnknownType),
        (format!(r#"{{"id":"{id}","at":1,"page_id":"{id}","type":"page_view"}}"#), Outcome::TimeMismatch),
        (
            format!(r#"{{"id":"{id}","page_id":"x","type":"heartbeat","engaged_ms":1}}"#),
            Outcome::InvalidPageId,
        ),
    ] {
        assert_eq!(reasons(&event), [Some(reason)], "{event}");
    }
}

#[test]
fn of_two_events_with_one_id_the_first_counts() {
    let second = page_view(NOW).replace("example/", "example/other");
    let decoded = batch(body(&format!("{},{second}", page_view(NOW))).as_bytes()).unwrap();
    assert!(decoded.receipts.iter().all(|receipt| receipt.status == Status::Accepted));
    let [Event { kind: EventKind::PageView(view), .. }] = decoded.batch.events.as_slice() else { panic!() };
    assert_eq!(view.url.path(), "/");
}

#[test]
fn text_nested_too_deeply_is_refused_before_it_is_read() {
    for (deep, taken) in [(limits::MAX_DEPTH - 3, true), (limits::MAX_DEPTH, false), (20_000, false)] {
        let event = page_view(NOW).replacen(
            '{',
            &format!(r#"{{"colour":{}{},"#, "[".repeat(deep), "]".repeat(deep)),
            1,
        );
        assert_eq!(batch(body(&event).as_bytes()).is_ok(), taken, "{deep}");
    }
    // Brackets in texts are no nesting.
    let event = page_view(NOW).replacen('{', &format!(r#"{{"title":"\"{}","#, "[{".repeat(40)), 1);
    assert_eq!(reasons(&event), [None]);
}

#[test]
fn unknown_fields_are_passed_over_and_counted() {
    let event = page_view(NOW).replacen('{', r#"{"colour":{"deep":[1,2]},"size":3,"#, 1);
    assert_eq!(reasons(&event), [None]);
    let text = body(&format!("{event},{}", page_view(NOW + 1))).replacen('{', r#"{"mood":"good","#, 1);
    let decoded = batch(text.as_bytes()).unwrap();
    assert_eq!((decoded.batch.events.len(), decoded.unknown_fields), (2, 3));
    assert_eq!(batch(body(&page_view(NOW)).as_bytes()).unwrap().unknown_fields, 0);
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 0..12).prop_map(String::from_iter)
}

fn url() -> impl Strategy<Value = Url> {
    "https://[a-z]{1,8}\\.example/[a-z0-9/%\"\\\\]{0,12}".prop_filter_map("a url", |u| Url::parse(&u))
}

fn some_props() -> impl Strategy<Value = Props> {
    // serde_json keeps objects sorted by key, and order carries no meaning: compare sorted.
    proptest::collection::btree_map(text(), text(), 0..4).prop_map(|map| {
        let mut props = Props::default();
        for (key, value) in &map {
            props.push(key, value);
        }
        props
    })
}

fn kind() -> impl Strategy<Value = EventKind> {
    let name = || text().prop_filter_map("a name", |t| Name::parse(&t));
    let revenue = (0u64.., "[A-Z]{3}").prop_map(|(n, c)| Revenue::parse(&n.to_string(), &c));
    prop_oneof![
        (url(), proptest::option::of(url()), text(), some_props()).prop_map(
            |(url, referrer, title, props)| {
                EventKind::PageView(PageView { url, referrer, title: Text::cut(&title), props })
            }
        ),
        (0..4usize, proptest::option::of(name()), text(), proptest::option::of(url()), text()).prop_map(
            |(kind, name, text, href, selector)| EventKind::Click(Click {
                kind: ClickKind::ALL[kind],
                name,
                text: Text::cut(&text),
                href,
                selector: Text::cut(&selector),
            })
        ),
        (name(), revenue, some_props())
            .prop_map(|(name, revenue, props)| EventKind::Conversion(Conversion { name, revenue, props })),
        (name(), some_props()).prop_map(|(name, props)| EventKind::Custom(Custom { name, props })),
        (0..=limits::SESSION_MAX_MS, 0..=100u8, 1..=limits::MAX_INTERVAL_S, any::<bool>()).prop_map(
            |(engaged_ms, scroll_percent, interval_s, last)| EventKind::Heartbeat(Heartbeat {
                engaged_ms,
                scroll_percent,
                interval_s,
                last
            })
        ),
    ]
}

proptest! {
    #[test]
    fn what_the_tracker_prints_the_worker_reads(
        events in proptest::collection::vec((kind(), any::<[u8; 10]>(), 0..1000u64), 1..limits::MAX_EVENTS),
        language in text(),
        pixels in 0..=limits::MAX_PIXELS,
        page in proptest::option::of(url()),
        person in text(),
        cookieless in any::<bool>(),
        (dropped, faults) in any::<(u32, u32)>(),
        tab in text(),
    ) {
        let events: Vec<Event> = events
            .into_iter()
            .map(|(kind, random, ms)| Event {
                id: EventId::new(NOW - ms, &random),
                at: NOW - ms,
                page_id: PageId::new(NOW, &random),
                kind,
            })
            .collect();
        let expected = Batch {
            site_id: SiteId::parse("shop").unwrap(),
            user_id: UserId::new(NOW, &[1; 10]),
            person_id: PersonId::parse(&person),
            session_id: SessionId::new(NOW, &[2; 10]),
            cookieless,
            sent_at: NOW,
            dropped,
            faults,
            context: Context {
                language: Text::cut(&language),
                screen: Some(Size { width: pixels, height: 1 }),
                url: page,
                tab: Text::cut(&tab),
                ..Context::default()
            },
            events,
        };
        let body = encode::batch(&expected);
        let decoded = batch(body.as_bytes()).unwrap();
        prop_assert_eq!(decoded.batch, expected);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = batch(&bytes);
    }
}
