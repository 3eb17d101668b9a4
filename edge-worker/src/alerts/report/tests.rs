use super::*;

fn report(rhythm: Rhythm, days: i64) -> Report {
    // 2026-05-25 is a Monday.
    let first = Civil { year: 2026, month: 5, day: if days > 7 { 1 } else { 25 } };
    let day = |place: i64| Civil::of(first.days() + place);
    Report {
        site: "Shop & Co".into(),
        rhythm,
        days: (first, day(days - 1)),
        figures: vec![
            Figure { metric: Metric::Visitors, now: Some(1_234.0), before: Some(1_000.0) },
            Figure { metric: Metric::BounceRate, now: Some(50.0), before: Some(40.0) },
            Figure { metric: Metric::VisitDuration, now: Some(75.0), before: None },
        ],
        series: (0..days).map(|place| (day(place), f64::from(u32::try_from(place).unwrap() * 10))).collect(),
        lists: vec![
            List { title: "Top pages", rows: vec![("/<script>".into(), 10.0), ("/tea".into(), 5.0)] },
            List { title: "Goals", rows: Vec::new() },
        ],
    }
}

fn mail(report: &Report, language: MessageLanguage) -> Mail {
    report.mail(language, "jo@shop.example".into(), "https://s/?site=shop", "https://s/u?a=1&b=2".into())
}

#[test]
fn mail_tells_figures_with_their_change_and_escapes_what_visitors_choose() {
    let mail = mail(&report(Rhythm::Weekly, 7), MessageLanguage::En);
    assert_eq!(mail.subject, "Shop & Co: Weekly report, 25 – 31 May 2026");
    for part in
        ["1,234", "▲ 23%", "1 min 15 s", "/&lt;script&gt;", "Shop &amp; Co", "https://s/u?a=1&amp;b=2"]
    {
        assert!(mail.html.contains(part), "{part}");
    }
    for part in ["<script", "<svg", "<style", "<link", "class="] {
        assert!(!mail.html.contains(part), "{part}");
    }
    assert!(mail.text.contains("Visitors: 1,234 (+23%)") && mail.text.contains("/<script>"));
    assert!(mail.text.contains("Goals\n  Nothing in this time."));
}

#[test]
fn tables_are_whole_in_both_rhythms_and_languages() {
    for (rhythm, days) in [(Rhythm::Weekly, 7), (Rhythm::Monthly, 28), (Rhythm::Monthly, 31)] {
        for language in [MessageLanguage::En, MessageLanguage::Ko] {
            let html = mail(&report(rhythm, days), language).html;
            for tag in ["table", "tr", "td", "div", "h2", "a"] {
                let opened =
                    html.matches(&format!("<{tag} ")).count() + html.matches(&format!("<{tag}>")).count();
                assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
            }
        }
    }
    let korean = mail(&report(Rhythm::Monthly, 31), MessageLanguage::Ko);
    assert_eq!(korean.subject, "Shop & Co: 월간 보고서, 2026년 5월");
    assert!(korean.text.contains("방문자: 1,234 (+23%)") && korean.text.contains("방문 시간: 1분 15초"));
}

#[test]
fn more_of_a_bounce_rate_is_worse_and_nothing_before_is_no_change() {
    let [visitors, bounces, duration] = [0, 1, 2].map(|place| report(Rhythm::Weekly, 7).figures[place]);
    assert_eq!(change(&visitors).map(f64::round), Some(23.0));
    assert!(is_worse(bounces.metric) && !is_worse(visitors.metric));
    assert_eq!(change(&duration), None);
}

#[test]
fn days_without_visitors_are_in_the_series() {
    let zone = Zone::new(32_400, Vec::new());
    let day = Civil { year: 2026, month: 5, day: 25 }.days();
    let range = zone.day_start(day)..zone.day_start(day + 7);
    let row =
        AnswerRow { metrics: vec![Value::Count(3)], dimensions: vec!["2026-05-27".into()], comparison: None };
    let all = series(&[row], &range, &zone);
    let numbers: Vec<f64> = all.iter().map(|(_, visitors)| *visitors).collect();
    assert_eq!(numbers, [0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(all[6].0, Civil { year: 2026, month: 5, day: 31 });
}
