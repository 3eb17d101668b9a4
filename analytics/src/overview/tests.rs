use proptest::prelude::*;

use super::*;

const HOUR: u64 = 3_600_000;
const START: u64 = 490_000 * HOUR;

fn user(n: u8) -> UserId {
    UserId::new(1, &[n; 10])
}

fn fact(n: u8, at: u64, visitor: u8, visit: u8, kind: FactKind) -> Fact {
    Fact {
        id: EventId::new(at, &[n; 10]),
        at,
        user: user(visitor),
        session: SessionId::new(1, &[visit; 10]),
        page: PageId::new(1, &[visit; 10]),
        country: "KR".into(),
        device: Device::Mobile,
        kind,
    }
}

fn view(path: &str, source: &str) -> FactKind {
    FactKind::PageView { path: path.into(), source: source.into() }
}

fn answer(facts: &[Fact]) -> Overview {
    overview(facts, START, START + 3 * HOUR, Interval::Hour, START)
}

#[test]
fn one_visitor_in_two_hours_is_one_visitor_of_the_range() {
    let facts = [fact(1, START, 1, 1, view("/", "")), fact(2, START + HOUR, 1, 1, view("/b", ""))];
    let overview = answer(&facts);
    assert_eq!((overview.totals.visitors, overview.totals.page_views, overview.totals.sessions), (1, 2, 1));
    assert_eq!(overview.series.iter().map(|p| p.visitors).collect::<Vec<_>>(), [1, 1, 0]);
}

#[test]
fn bounce_is_one_view_without_action_under_ten_seconds() {
    let one = fact(1, START, 1, 1, view("/", ""));
    let rate = |facts: &[Fact]| answer(facts).totals.bounce_rate;
    let with = |kind| vec![one.clone(), fact(2, START + 1, 1, 1, kind)];
    assert_eq!(rate(std::slice::from_ref(&one)), Some(1.0));
    assert_eq!(rate(&with(FactKind::Engagement { engaged_ms: 9_999 })), Some(1.0));
    assert_eq!(rate(&with(FactKind::Engagement { engaged_ms: 10_000 })), Some(0.0));
    assert_eq!(rate(&with(FactKind::Click)), Some(0.0));
    assert_eq!(rate(&with(FactKind::Conversion)), Some(0.0));
    assert_eq!(rate(&with(view("/b", ""))), Some(0.0));
    assert_eq!(rate(&[]), None);
}

#[test]
fn engaged_time_of_a_page_is_its_largest_heartbeat() {
    let mut facts = vec![fact(1, START, 1, 1, view("/", ""))];
    for (n, engaged_ms) in [(2, 4_000), (3, 9_000), (4, 7_000)] {
        facts.push(fact(n, START + u64::from(n), 1, 1, FactKind::Engagement { engaged_ms }));
    }
    assert_eq!(answer(&facts).totals.visit_duration_ms, Some(9_000.0));
}

#[test]
fn source_is_that_of_the_earliest_page_view() {
    let facts = [fact(1, START + 5, 1, 1, view("/b", "")), fact(2, START, 1, 1, view("/", "www.google.com"))];
    let sources = answer(&facts).sources;
    assert_eq!(sources, [Row { name: "www.google.com".into(), visitors: 1, page_views: 2 }]);
}

#[test]
fn heartbeat_that_closes_an_earlier_visit_makes_no_visit() {
    let facts = [fact(1, START, 1, 1, FactKind::Engagement { engaged_ms: 60_000 })];
    assert_eq!(answer(&facts).totals, Totals::default());
}

#[test]
fn range_is_moved_out_to_whole_steps() {
    let overview = overview(&[], START + 1, START + HOUR + 1, Interval::Hour, START);
    assert_eq!((overview.from, overview.to, overview.series.len()), (START, START + 2 * HOUR, 2));
}

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let kind = prop_oneof![
        "/[ab]".prop_map(|path| view(&path, "")),
        Just(FactKind::Click),
        Just(FactKind::Conversion),
        (0..20_000_u64).prop_map(|engaged_ms| FactKind::Engagement { engaged_ms }),
    ];
    proptest::collection::vec((0..4 * HOUR, 0..4_u8, 0..3_u8, kind), 0..30).prop_map(|list| {
        let numbered = list.into_iter().enumerate();
        numbered.map(|(n, (at, u, v, kind))| fact(n as u8, START + at, u, v, kind)).collect()
    })
}

proptest! {
    #[test]
    fn order_and_duplicates_change_nothing(facts in facts(), seed in any::<u64>()) {
        let expected = answer(&facts);
        let mut shuffled = facts.clone();
        shuffled.extend(facts.iter().take(5).cloned());
        shuffled.sort_by_key(|f| f.id.as_bytes().iter().fold(seed, |h, b| h.wrapping_mul(31) ^ u64::from(*b)));
        prop_assert_eq!(answer(&shuffled), expected);
    }

    #[test]
    fn totals_agree_with_brute_force(facts in facts()) {
        let inside: Vec<&Fact> = facts.iter().filter(|f| f.at < START + 3 * HOUR && f.is_action()).collect();
        let users: HashSet<_> = inside.iter().map(|f| f.user).collect();
        let sessions: HashSet<_> = inside.iter().map(|f| f.session).collect();
        let views = inside.iter().filter(|f| matches!(f.kind, FactKind::PageView { .. })).count();
        let overview = answer(&facts);
        prop_assert_eq!(overview.totals.visitors, users.len() as u64);
        prop_assert_eq!(overview.totals.sessions, sessions.len() as u64);
        prop_assert_eq!(overview.totals.page_views, views as u64);
        prop_assert_eq!(overview.series.iter().map(|p| p.page_views).sum::<u64>(), views as u64);
        prop_assert_eq!(overview.pages.iter().map(|p| p.page_views).sum::<u64>(), views as u64);
    }
}
