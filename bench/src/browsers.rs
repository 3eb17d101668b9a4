//! What browsers of 2026 say of themselves.

/// A browser: the headers by which the worker tells it from others.
pub(crate) struct Browser {
    /// Its user agent.
    pub(crate) agent: &'static str,
    /// `Sec-CH-UA`, `-Mobile` and `-Platform`, which only Chromium's family sends.
    pub(crate) hints: Option<[&'static str; 3]>,
    /// `Accept-Language`.
    pub(crate) language: &'static str,
    /// The edge's `request.cf`, as far as the worker reads it.
    pub(crate) place: &'static str,
}

const SEOUL: &str = r#"{"country":"KR","region":"Seoul","city":"Seoul"}"#;
const BUSAN: &str = r#"{"country":"KR","region":"Busan","city":"Busan"}"#;
const AUSTIN: &str = r#"{"country":"US","region":"Texas","city":"Austin"}"#;
const BERLIN: &str = r#"{"country":"DE","region":"Land Berlin","city":"Berlin"}"#;

const KOREAN: &str = "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7";

/// Desktop and mobile, with and without Client Hints, in-app browsers among them.
pub(crate) const BROWSERS: [Browser; 8] = [
    Browser {
        agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                Chrome/142.0.0.0 Safari/537.36",
        hints: Some([
            r#""Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99""#,
            "?0",
            r#""Windows""#,
        ]),
        language: KOREAN,
        place: SEOUL,
    },
    Browser {
        agent: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                Chrome/142.0.0.0 Mobile Safari/537.36",
        hints: Some([
            r#""Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99""#,
            "?1",
            r#""Android""#,
        ]),
        language: KOREAN,
        place: BUSAN,
    },
    Browser {
        agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                Version/26.1 Mobile/15E148 Safari/604.1",
        hints: None,
        language: "en-US,en;q=0.9",
        place: AUSTIN,
    },
    Browser {
        agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                Version/26.1 Safari/605.1.15",
        hints: None,
        language: "en-US,en;q=0.9",
        place: AUSTIN,
    },
    Browser {
        agent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        hints: None,
        language: "de,en-US;q=0.7,en;q=0.3",
        place: BERLIN,
    },
    Browser {
        agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
        hints: Some([
            r#""Chromium";v="142", "Microsoft Edge";v="142", "Not_A Brand";v="99""#,
            "?0",
            r#""Windows""#,
        ]),
        language: "de-DE,de;q=0.9,en;q=0.8",
        place: BERLIN,
    },
    Browser {
        agent: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36",
        hints: Some([
            r#""Chromium";v="136", "Samsung Internet";v="29.0", "Not.A/Brand";v="99""#,
            "?1",
            r#""Android""#,
        ]),
        language: KOREAN,
        place: SEOUL,
    },
    Browser {
        agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                Mobile/15E148 KAKAOTALK/25.10.0 (INAPP)",
        hints: None,
        language: "ko-KR,ko;q=0.9",
        place: SEOUL,
    },
];
