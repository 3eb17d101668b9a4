//! Whatever a visitor sends: no function fails, and what is kept is bounded.

use enrich::{Hints, MAX_NAME_BYTES, MAX_PARAMETERS, MAX_VALUE_BYTES};
use proptest::prelude::*;

/// Any text, and text made of the pieces that the parsers look for.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "Mozilla/5.0",
        "(",
        ")",
        ";",
        " ",
        "Version/",
        "Chrome/",
        "Android ",
        "10; K)",
        "Windows NT ",
        " OS ",
        "Mac OS X ",
        "NAVER(",
        "KAKAOTALK ",
        "Opera Mini/",
        "Trident/",
        "MSIE ",
        "9",
        "99999999999",
        ".",
        "_",
        "/",
        "]",
        "한",
        "\u{0}",
        "utm_source=",
        "&",
        "%",
        "%EA%B0",
        "gclid=",
        "?",
        "https://",
        "android-app://",
        "[",
        "@",
        ":",
        "www.",
        "google.",
        "co.",
        "kr",
        "\"",
        ";v=",
        ",",
        "\t",
        "\n",
        "{}",
    ]);
    prop_oneof![
        any::<String>(),
        prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat()),
        (any::<char>(), 0_usize..3_000).prop_map(|(sign, count)| sign.to_string().repeat(count)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn agents_and_bots(user_agent in text(), hint in text(), other in text()) {
        let hints = Hints {
            ua: &hint,
            full_version_list: &other,
            mobile: &other,
            platform: &hint,
            platform_version: &other,
            model: &hint,
            form_factors: &other,
        };
        for hints in [Hints::default(), hints] {
            let agent = enrich::parse(&user_agent, &hints);
            prop_assert!(agent.browser_version.len() <= 24 && agent.os_version.len() <= 24);
            prop_assert_eq!(&agent, &enrich::parse(&user_agent, &hints));
            let bot = enrich::judge(&user_agent, &hints);
            prop_assert_eq!(bot, enrich::judge(&user_agent, &hints));
        }
    }

    #[test]
    fn referrers(referrer in text(), host in text()) {
        if let Some(source) = enrich::source(&referrer, &host) {
            prop_assert!(!source.name.is_empty() && source.name.len() <= MAX_NAME_BYTES);
        }
        if let Some(host) = enrich::host_of(&referrer) {
            prop_assert!(host.len() <= MAX_NAME_BYTES);
            enrich::is_spam(&host);
        }
        enrich::is_spam(&referrer);
        prop_assert!(enrich::named(&referrer).name.len() <= MAX_NAME_BYTES);
    }

    #[test]
    fn campaigns(query in text(), name in text()) {
        let campaign = enrich::campaign(&query);
        for value in [&campaign.source, &campaign.medium, &campaign.name, &campaign.term, &campaign.content, &campaign.id] {
            prop_assert!(value.as_ref().is_none_or(|value| !value.is_empty() && value.len() <= MAX_VALUE_BYTES));
        }
        enrich::channel(&campaign, enrich::source(&query, "").as_ref());
        let kept = enrich::allowed_query(&query, &[&name]);
        prop_assert!(kept.len() <= query.len() && kept.split('&').count() <= MAX_PARAMETERS);
        // Once filtered, nothing more goes.
        prop_assert_eq!(&kept, &enrich::allowed_query(&kept, &[&name]));
    }
}
