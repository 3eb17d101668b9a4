use serde_json::json;

use super::*;

const NOW: u64 = 1_772_287_200_000; // 2026-02-28T14:00:00Z

fn times(range: Range<u64>) -> Times {
    Times { range, comparison: None, zone: Zone::UTC }
}

fn check(query: &serde_json::Value) -> Result<Query, QueryError> {
    let raw = RawQuery::parse(query.to_string().as_bytes())?;
    let range = raw.date_range()?.resolve(NOW, &Zone::UTC, 0)?;
    let segments =
        [("7", vec![json!(["is", "visit:country", ["KR"]])]), ("8", vec![json!(["is", "segment", ["8"]])])];
    let segments = segments.map(|(id, filters)| (id.to_owned(), filters));
    raw.check(&times(range), &Context { segments: segments.into(), ..Context::default() })
}

fn with(changes: &serde_json::Value) -> Result<Query, QueryError> {
    let mut query = json!({ "site_id": "s", "metrics": ["visitors"], "date_range": "7d" });
    for (name, value) in changes.as_object().unwrap() {
        query[name] = value.clone();
    }
    check(&query)
}

#[test]
fn plausibles_own_example_is_understood() {
    let query = check(&json!({
        "site_id": "dummy.site", "metrics": ["visitors", "pageviews", "bounce_rate"], "date_range": "7d",
        "filters": [["is_not", "visit:country", [""]]],
        "dimensions": ["visit:country", "visit:city_name"],
        "order_by": [["visitors", "desc"]], "include": { "total_rows": true },
        "pagination": { "limit": 100, "offset": 0 }
    }))
    .unwrap();
    assert_eq!(query.metrics, [Metric::Visitors, Metric::PageViews, Metric::BounceRate]);
    assert_eq!(query.dimensions, [Dimension::Visit(VisitField::Country), Dimension::Visit(VisitField::City)]);
    let country = Filter::test(Dimension::Visit(VisitField::Country), Op::Is, &[""]);
    assert_eq!(query.filters, [Filter::Not(Box::new(country))]);
    assert_eq!(query.order.len(), 3, "ties are broken by both dimensions");
    assert_eq!(query.echo()["date_range"], json!(["2026-02-21T00:00:00+00:00", "2026-02-28T00:00:00+00:00"]));
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    for (changes, error) in [
        (json!({ "metrics": [] }), "metrics: name 1 to 24 metrics"),
        (json!({ "metrics": ["visitors", "visitors"] }), "metrics: name each metric once"),
        (
            json!({ "dimensions": ["visit:country_name"] }),
            "dimensions: use `visit:country`: codes are kept, names depend on the reader",
        ),
        (json!({ "dimensions": ["visit:mood"] }), "dimensions: there is no `visit:mood`"),
        (
            json!({ "dimensions": ["time:day", "time:hour"] }),
            "dimensions: name each dimension once, and one step of time",
        ),
        (json!({ "filters": [["is", "time:day", ["x"]]] }), "filters: there is no filter by `time:day`"),
        (
            json!({ "filters": [["is", "event:page", []]] }),
            "filters: give 1 to 1000 texts of at most 2048 bytes",
        ),
        (
            json!({ "filters": [["is", "event:page", ["/"], { "case": true }]] }),
            "filters: the only option of a test is `case_sensitive`, true or false",
        ),
        (
            json!({ "filters": [["is", "segment", ["9"]]] }),
            "filters: there is no segment of this id on this site",
        ),
        (json!({ "filters": [["is", "segment", ["8"]]] }), "filters: nest filters at most 8 deep"),
        (
            json!({ "order_by": [["visits", "desc"]] }),
            "order_by: order by metrics and dimensions that are in the query",
        ),
        (json!({ "pagination": { "limit": 0 } }), "pagination: `limit` is 1 to 10000"),
        (json!({ "date_range": ["2026-02-30", "2026-03-01"] }), "date_range"),
        (json!({ "date_range": ["2026-03-02", "2026-03-01"] }), "date_range: the range is empty"),
        (json!({ "sample": 1 }), "query: unknown field `sample`"),
    ] {
        let text = with(&changes).unwrap_err().to_string();
        assert!(text.starts_with(error), "{changes} gave {text}");
    }
    let text = with(&json!({ "metrics": ["clicks"] })).unwrap_err().to_string();
    assert!(text.starts_with("metrics: there is no `clicks`; there are visitors, visits,"), "{text}");
}

#[test]
fn segment_stands_for_its_filters() {
    let query = with(&json!({ "filters": [["is", "segment", ["7"]]] })).unwrap();
    let country = Filter::test(Dimension::Visit(VisitField::Country), Op::Is, &["KR"]);
    assert_eq!(query.filters, [Filter::Or(vec![Filter::And(vec![country])])]);
}

#[test]
fn nested_filters_are_read() {
    let query = with(&json!({ "filters": [
        ["or", [["contains", "event:page", ["blog"], { "case_sensitive": false }],
                ["not", ["has_done", ["is", "event:goal", ["Signup"]]]]]],
        ["has_not_done", ["matches", "event:props:plan", ["^pro"]]],
    ] }))
    .unwrap();
    let Filter::Or(any) = &query.filters[0] else { panic!("{:?}", query.filters) };
    assert!(matches!(&any[0], Filter::Test(Test { op: Op::Contains, case_sensitive: false, .. })));
    assert!(matches!(&any[1], Filter::Not(inner) if matches!(**inner, Filter::HasDone(_))));
    assert!(matches!(&query.filters[1], Filter::Not(inner) if matches!(**inner, Filter::HasDone(_))));
}

#[test]
fn date_ranges_are_resolved_on_the_sites_clock() {
    let zone = Zone::new(9 * 3_600, Vec::new());
    for (asked, from, to) in [
        (json!("day"), "2026-02-28T00:00:00+09:00", "2026-03-01T00:00:00+09:00"),
        (json!("24h"), "2026-02-27T23:00:00+09:00", "2026-02-28T23:00:00+09:00"),
        (json!("30d"), "2026-01-29T00:00:00+09:00", "2026-02-28T00:00:00+09:00"),
        (json!("month"), "2026-02-01T00:00:00+09:00", "2026-03-01T00:00:00+09:00"),
        (json!("12mo"), "2025-02-01T00:00:00+09:00", "2026-02-01T00:00:00+09:00"),
        (json!("year"), "2026-01-01T00:00:00+09:00", "2027-01-01T00:00:00+09:00"),
        (json!(["2024-02-29", "2024-02-29"]), "2024-02-29T00:00:00+09:00", "2024-03-01T00:00:00+09:00"),
        (
            json!(["2026-01-01T00:00:00Z", "2026-01-01 10:00:00"]),
            "2026-01-01T09:00:00+09:00",
            "2026-01-01T10:00:01+09:00",
        ),
    ] {
        let range = DateRange::parse(&asked).unwrap().resolve(NOW, &zone, 0).unwrap();
        assert_eq!((zone.print(range.start), zone.print(range.end)), (from.into(), to.into()), "{asked}");
    }
}

/// Berlin in 2026: summer time from 29 March, 01:00 UTC, to 25 October, 01:00 UTC.
fn berlin() -> Zone {
    Zone::new(3_600, vec![(1_774_746_000_000, 7_200), (1_792_890_000_000, 3_600)])
}

fn range(zone: &Zone, from: &str, to: &str) -> Range<u64> {
    let moment = |text| zone.moment(Moment::parse(text).unwrap());
    moment(from)..moment(to)
}

fn lengths(zone: &Zone, step: Step, from: &str, to: &str) -> Vec<u64> {
    let edges = zone.edges(step, range(zone, from, to)).unwrap();
    edges.windows(2).map(|pair| (pair[1] - pair[0]) / 60_000).collect()
}

#[test]
fn days_are_as_long_as_the_clock_makes_them() {
    let zone = berlin();
    assert_eq!(lengths(&zone, Step::Day, "2026-03-28", "2026-03-31"), [24 * 60, 23 * 60, 24 * 60]);
    assert_eq!(lengths(&zone, Step::Day, "2026-10-24", "2026-10-27"), [24 * 60, 25 * 60, 24 * 60]);
    assert_eq!(lengths(&zone, Step::Hour, "2026-03-29", "2026-03-30").len(), 23);
    assert_eq!(lengths(&zone, Step::Hour, "2026-10-25", "2026-10-26"), [60; 25]);
    let lord_howe = Zone::new(37_800, vec![(1_775_314_800_000 - 1_800_000, 39_600)]);
    assert_eq!(
        lengths(&lord_howe, Step::Day, "2026-04-04", "2026-04-06").iter().sum::<u64>(),
        2 * 24 * 60 - 30
    );
}

#[test]
fn half_hour_zones_leap_days_and_new_years_have_their_steps() {
    let india = Zone::new(19_800, Vec::new());
    let edges = india.edges(Step::Hour, range(&india, "2026-01-01", "2026-01-02")).unwrap();
    assert_eq!(edges.len(), 25);
    assert_eq!(edges[0] % 3_600_000, 1_800_000);
    assert_eq!(india.label(Step::Hour, edges[1]), "2026-01-01 01:00:00");
    let days = Zone::UTC.edges(Step::Day, range(&Zone::UTC, "2024-02-28", "2024-03-02")).unwrap();
    let labels: Vec<_> = days.iter().map(|edge| Zone::UTC.label(Step::Day, *edge)).collect();
    assert_eq!(labels, ["2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02"]);
    let weeks = Zone::UTC.edges(Step::Week, range(&Zone::UTC, "2025-12-31", "2026-01-06")).unwrap();
    let labels: Vec<_> = weeks.iter().map(|edge| Zone::UTC.label(Step::Week, *edge)).collect();
    assert_eq!(labels, ["2025-12-29", "2026-01-05", "2026-01-12"]);
    let months = Zone::UTC.edges(Step::Month, range(&Zone::UTC, "2025-12-15", "2026-02-02")).unwrap();
    let labels: Vec<_> = months.iter().map(|edge| Zone::UTC.label(Step::Month, *edge)).collect();
    assert_eq!(labels, ["2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01"]);
}

#[test]
fn periods_to_compare_with_are_whole() {
    let zone = berlin();
    let shown = |range: Range<u64>| (zone.print(range.start), zone.print(range.end));
    let before = |from, to| shown(zone.period_before(&range(&zone, from, to)));
    assert_eq!(before("2026-03-29", "2026-03-30").0, "2026-03-28T00:00:00+01:00");
    assert_eq!(before("2026-03-01", "2026-04-01").0, "2026-02-01T00:00:00+01:00");
    let year = shown(zone.year_before(&range(&zone, "2024-02-29", "2024-03-01")));
    assert_eq!(year, ("2023-02-28T00:00:00+01:00".into(), "2023-03-01T00:00:00+01:00".into()));
}

#[test]
fn values_are_printed_as_plausible_prints_them() {
    for (value, printed) in [
        (Value::Count(3), json!(3)),
        (Value::Share(1, 3), json!(33.33)),
        (Value::Duration(1_500, 1), json!(1.5)),
        (Value::Mean(1, 0), json!(null)),
        (Value::Money(Vec::new()), json!(null)),
        (
            Value::Money(vec![Money { value: "1.5".into(), currency: "EUR".into(), rounded: false }]),
            json!({ "value": "1.5", "currency": "EUR" }),
        ),
    ] {
        assert_eq!(serde_json::to_value(&value).unwrap(), printed);
        let read: Value = serde_json::from_value(printed.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), printed, "what is read is printed alike");
    }
}

#[test]
fn answer_is_read_as_it_is_printed() {
    let answer = Answer {
        results: vec![AnswerRow {
            metrics: vec![Value::Count(3), Value::Absent, Value::Number(1.5)],
            dimensions: vec!["/".into()],
            comparison: Some(vec![Value::Count(2), Value::Absent, Value::Absent]),
        }],
        meta: AnswerMeta {
            range: 1..9,
            visits_scanned: 2,
            events_scanned: 4,
            data_span: Some((1, 8)),
            estimates: vec![Estimate { metric: "engaged_time_p50".into(), relative_error: 0.008 }],
            origin: Origin { estimated_ranges: vec![(2, 5)], segments_only_until: Some(4) },
            total_rows: Some(1),
            time_labels: None,
        },
        query: json!({ "site_id": "shop" }),
    };
    assert_eq!(serde_json::from_value::<Answer>(serde_json::to_value(&answer).unwrap()).unwrap(), answer);
}

proptest::proptest! {
    #[test]
    fn civil_days_and_numbers_are_the_same(day in -1_000_000_i64..1_000_000) {
        proptest::prop_assert_eq!(Civil::of(day).days(), day);
    }

    #[test]
    fn local_time_comes_back(at in 1_770_000_000_000_u64..1_800_000_000_000) {
        let zone = berlin();
        let back = zone.to_utc(zone.local_ms(at));
        // The hour that occurs twice comes back as its first occurrence.
        proptest::prop_assert!(back == at || back + 3_600_000 == at);
    }

    #[test]
    fn steps_cover_the_range(from in 1_770_000_000_000_u64..1_800_000_000_000, length in 1_u64..400_000_000) {
        for step in Step::ALL {
            let edges = berlin().edges(step, from..from + length).unwrap();
            proptest::prop_assert!(edges[0] <= from && *edges.last().unwrap() >= from + length);
            proptest::prop_assert!(edges.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
