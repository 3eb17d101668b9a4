use super::*;

fn found(referrer: &str) -> Option<(String, SourceKind)> {
    source(referrer, "shop.example").map(|source| (source.name.into_owned(), source.kind))
}

#[test]
fn the_tables_are_in_order_and_whole() {
    for table in [OVERRIDES, SOURCES] {
        let lines: Vec<_> = table.lines().collect();
        assert!(lines.is_sorted_by(|a, b| a.0 < b.0), "a line is out of order or twice");
        for (host, value) in &lines {
            let kind = value.chars().next().and_then(SourceKind::from_letter);
            assert!(kind.is_some() && value.len() > 1, "{host}");
            assert_eq!(*host, host.to_lowercase());
        }
    }
    assert!(SOURCES.lines().count() > 600);
}

#[test]
fn korean_places_are_known() {
    use SourceKind::{AiAssistant, Email, Messenger, Search, Shopping, Social, Video, Website};
    #[rustfmt::skip]
    let cases = [
        ("https://search.naver.com/search.naver?query=x", "Naver", Search),
        ("https://m.naver.com/", "Naver", Search),
        ("https://www.naver.com", "Naver", Search),
        ("https://m.search.naver.com/", "Naver", Search),
        ("https://m.blog.naver.com/abc/1", "NAVER Blog", Social),
        ("https://blog.naver.com/abc/1", "NAVER Blog", Social),
        ("https://cafe.naver.com/", "NAVER Cafe", Social),
        ("https://m.cafe.daum.net/", "Daum Cafe", Social),
        ("https://cafe.daum.net/", "Daum Cafe", Social),
        ("https://mail.naver.com/v2/read", "NAVER Mail", Email),
        ("https://msearch.shopping.naver.com/", "NAVER Shopping", Shopping),
        ("https://smartstore.naver.com/x", "NAVER Shopping", Shopping),
        ("https://search.zum.com/", "ZUM", Search),
        ("https://search.daum.net/search?q=1", "Daum", Search),
        ("https://band.us/", "BAND", Social),
        ("https://everytime.kr/", "Everytime", Social),
        ("https://gall.dcinside.com/", "DCInside", Social),
        ("https://www.clien.net/", "Clien", Social),
        ("https://somebody.tistory.com/12", "Tistory", Social),
        ("https://brunch.co.kr/@x/1", "Brunch", Social),
        ("https://wrtn.ai/", "wrtn", AiAssistant),
        ("https://tv.naver.com/", "NAVER TV", Video),
        ("https://pcmap.place.naver.com/restaurant/1", "NAVER Map", Search),
        ("https://comic.naver.com/webtoon", "NAVER Webtoon", Website),
        ("https://map.kakao.com/", "Kakao Map", Search),
        ("https://pf.kakao.com/_x", "KakaoTalk", Messenger),
        ("android-app://com.kakao.talk/", "KakaoTalk", Messenger),
        ("android-app://com.nhn.android.search", "Naver", Search),
        ("https://www.coupang.com/", "Coupang", Shopping),
    ];
    for (referrer, name, kind) in cases {
        assert_eq!(found(referrer), Some((name.to_owned(), kind)), "{referrer}");
    }
}

#[test]
fn places_elsewhere_are_known() {
    use SourceKind::{AiAssistant, Email, Messenger, Search, Shopping, Social, Video, Website};
    #[rustfmt::skip]
    let cases = [
        ("https://www.google.com/", "Google", Search),
        ("https://www.google.co.kr/", "Google", Search),
        ("https://google.de", "Google", Search),
        ("https://www.google.com.br/", "Google", Search),
        ("https://mail.google.com/mail/", "Gmail", Email),
        ("https://gemini.google.com/", "Gemini", AiAssistant),
        ("https://docs.google.com/document", "Google Docs", Website),
        ("android-app://com.google.android.googlequicksearchbox/https/www.google.com", "Google", Search),
        ("android-app://com.google.android.gm/", "Gmail", Email),
        ("https://www.bing.com/", "Bing", Search),
        ("https://duckduckgo.com/", "DuckDuckGo", Search),
        ("https://yandex.ru/search", "Yandex", Search),
        ("https://l.facebook.com/", "Facebook", Social),
        ("https://www.facebook.com/", "Facebook", Social),
        ("https://t.co/abc", "X", Social),
        ("https://x.com/", "X", Social),
        ("https://www.threads.net/", "Threads", Social),
        ("https://old.reddit.com/r/rust", "Reddit", Social),
        ("https://news.ycombinator.com/item?id=1", "Hacker News", Social),
        ("https://m.youtube.com/watch?v=1", "YouTube", Video),
        ("https://t.me/s/x", "Telegram", Messenger),
        ("https://web.whatsapp.com/", "WhatsApp", Messenger),
        ("https://app.slack.com/", "Slack", Messenger),
        ("https://discord.com/channels/1", "Discord", Messenger),
        ("https://outlook.live.com/mail/", "Outlook", Email),
        ("https://chatgpt.com/", "ChatGPT", AiAssistant),
        ("https://www.perplexity.ai/", "Perplexity", AiAssistant),
        ("https://claude.ai/", "Claude", AiAssistant),
        ("https://copilot.microsoft.com/", "Copilot", AiAssistant),
        ("https://chat.deepseek.com/", "DeepSeek", AiAssistant),
        ("https://www.amazon.com/", "Amazon", Shopping),
        ("https://en.wikipedia.org/wiki/X", "Wikipedia", Website),
        ("https://www.cnn.com/", "cnn.com", Website),
        ("https://blog.example.org/post?a=b", "blog.example.org", Website),
        ("android-app://org.example.reader/x", "org.example.reader", Website),
    ];
    for (referrer, name, kind) in cases {
        assert_eq!(found(referrer), Some((name.to_owned(), kind)), "{referrer}");
    }
}

#[test]
fn the_sites_own_pages_are_no_source() {
    for (referrer, page) in [
        ("https://shop.example/a", "shop.example"),
        ("https://www.shop.example/a", "shop.example"),
        ("http://SHOP.example:8080/a", "www.shop.example"),
        ("https://shop.example./", "Shop.Example"),
        ("https://www.naver.com/", "naver.com"),
    ] {
        assert_eq!(source(referrer, page), None, "{referrer} on {page}");
    }
    assert!(source("https://other.shop.example/", "shop.example").is_some());
}

#[test]
fn what_is_no_address_is_no_source() {
    for referrer in [
        "",
        " ",
        "naver.com",
        "about:blank",
        "https://",
        "https:///path",
        "ftp://a.b/",
        "data://x",
        "https://a b/",
    ] {
        assert_eq!(found(referrer), None, "{referrer}");
    }
}

#[test]
fn hosts_are_read_out_of_odd_addresses() {
    let host = |referrer| host_of(referrer).unwrap_or_default();
    assert_eq!(host("https://user:secret@Example.com:443/x"), "example.com");
    assert_eq!(host("https://example.com?q=@evil.com"), "example.com");
    assert_eq!(host("http://[2001:db8::1]:80/"), "2001:db8::1");
    assert_eq!(host("https://example.com\\@evil.com"), "example.com");
    assert_eq!(host("HTTPS://EXAMPLE.COM./"), "example.com");
    assert_eq!(host(&format!("https://{}/", "a".repeat(254))), "");
}

#[test]
fn campaigns_name_sources_by_many_names() {
    let name = |text| {
        let source = named(text);
        (source.name.into_owned(), source.kind)
    };
    assert_eq!(name("naver"), ("Naver".to_owned(), SourceKind::Search));
    assert_eq!(name("Google"), ("Google".to_owned(), SourceKind::Search));
    assert_eq!(name("fb"), ("Facebook".to_owned(), SourceKind::Social));
    assert_eq!(name("IG"), ("Instagram".to_owned(), SourceKind::Social));
    assert_eq!(name("chatgpt.com"), ("ChatGPT".to_owned(), SourceKind::AiAssistant));
    assert_eq!(name("kakaotalk"), ("KakaoTalk".to_owned(), SourceKind::Messenger));
    assert_eq!(name("www.youtube.com"), ("YouTube".to_owned(), SourceKind::Video));
    assert_eq!(name("clien"), ("Clien".to_owned(), SourceKind::Social));
    assert_eq!(name("gmarket"), ("Gmarket".to_owned(), SourceKind::Shopping));
    assert_eq!(name("perplexity"), ("Perplexity".to_owned(), SourceKind::AiAssistant));
    assert_eq!(name("daum"), ("Daum".to_owned(), SourceKind::Search));
    assert_eq!(name("x"), ("X".to_owned(), SourceKind::Social));
    assert_eq!(name("Summer Letter"), ("Summer Letter".to_owned(), SourceKind::Website));
    for (_, host) in ALIASES {
        assert!(known(host).is_some(), "{host}");
    }
}
