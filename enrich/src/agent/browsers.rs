//! Which words of a user agent name which browser.
//!
//! User agents name their ancestors too (`Chrome/… Safari/… Edg/…`), so every known word has a rank and the lowest
//! wins. Words are looked up, not searched for: a user agent has about 25 of them, whatever the length of the table.

use super::words::Word;

/// What a known word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// The browser, as reports commonly name it.
    pub(super) name: &'static str,
    /// Which word wins when there are several: [`APP`] before [`FORK`] before [`ENGINE`].
    pub(super) rank: u8,
    /// Where the version is.
    pub(super) version: Version,
}

/// Where a browser's version is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// After the word: the first number.
    Major,
    /// After the word, if it has a dot: some builds of these apps send an internal number instead.
    Dotted,
    /// After `Version/`: the first two numbers.
    Safari,
    /// After `Version/` if that is there, otherwise after the word (Opera before 15).
    Opera,
    /// By the engine, because compatibility views lie (Internet Explorer).
    Trident,
    /// The first field with a dot in the parentheses after the word.
    Field,
    /// Nowhere.
    Unknown,
}

/// An app whose pages open inside it: what a site's owner wants to know first.
pub(super) const APP: u8 = 0;
/// A browser with a name of its own, on an engine that names itself as well.
pub(super) const FORK: u8 = 1;
/// A browser that others are built on and imitate.
pub(super) const ENGINE: u8 = 2;
/// What nearly everybody claims to be.
pub(super) const CLAIM: u8 = 3;

/// Whether the word counts only with a slash after it. Bare words may be a model's name: `Line`, `Focus`, `Silk`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Slash,
    Bare,
}

use Form::{Bare, Slash};

/// In ascending order of the word's bytes.
#[rustfmt::skip]
const TABLE: &[(&str, Form, &str, u8, Version)] = &[
    ("115Browser", Slash, "115 Browser", FORK, Version::Major),
    ("2345Explorer", Slash, "2345 Browser", FORK, Version::Major),
    ("360SE", Bare, "360 Browser", FORK, Version::Unknown),
    ("AVG", Slash, "AVG Secure Browser", FORK, Version::Major),
    ("AlipayClient", Slash, "Alipay", APP, Version::Major),
    ("AlohaBrowser", Slash, "Aloha", FORK, Version::Major),
    ("Avast", Slash, "Avast Secure Browser", FORK, Version::Major),
    ("AvastSecureBrowser", Slash, "Avast Secure Browser", FORK, Version::Major),
    ("Avira", Slash, "Avira Secure Browser", FORK, Version::Major),
    ("BAND", Slash, "BAND", APP, Version::Major),
    ("BB10", Bare, "BlackBerry Browser", FORK, Version::Safari),
    ("Barcelona", Bare, "Threads", APP, Version::Major),
    ("Basilisk", Slash, "Basilisk", FORK, Version::Major),
    ("BlackBerry", Bare, "BlackBerry Browser", ENGINE, Version::Safari),
    ("Brave", Bare, "Brave", FORK, Version::Major),
    ("BytedanceWebview", Bare, "TikTok", APP, Version::Unknown),
    ("CCleaner", Slash, "CCleaner Browser", FORK, Version::Major),
    ("Camino", Slash, "Camino", FORK, Version::Major),
    ("Chrome", Slash, "Chrome", CLAIM, Version::Major),
    ("Chromium", Slash, "Chromium", ENGINE, Version::Major),
    ("Coast", Slash, "Opera Coast", FORK, Version::Major),
    ("Comodo_Dragon", Slash, "Comodo Dragon", FORK, Version::Major),
    ("CriOS", Slash, "Chrome", ENGINE, Version::Major),
    ("Cyberfox", Slash, "Cyberfox", FORK, Version::Major),
    ("DaumApps", Slash, "Daum", APP, Version::Major),
    ("Ddg", Slash, "DuckDuckGo", FORK, Version::Major),
    ("DingTalk", Slash, "DingTalk", APP, Version::Major),
    ("Discord", Slash, "Discord", APP, Version::Unknown),
    ("Dolfin", Slash, "Dolphin", FORK, Version::Major),
    ("Dolphin", Slash, "Dolphin", FORK, Version::Dotted),
    ("DolphinHDCN", Slash, "Dolphin", FORK, Version::Major),
    ("Dragon", Slash, "Comodo Dragon", FORK, Version::Major),
    ("DuckDuckGo", Slash, "DuckDuckGo", FORK, Version::Major),
    ("EVERYTIME", Bare, "Everytime", APP, Version::Dotted),
    ("Ecosia", Bare, "Ecosia", FORK, Version::Major),
    ("Edg", Slash, "Edge", FORK, Version::Major),
    ("EdgA", Slash, "Edge", FORK, Version::Major),
    ("EdgW", Slash, "Edge", FORK, Version::Major),
    ("Edge", Slash, "Edge", FORK, Version::Major),
    ("EdgiOS", Slash, "Edge", FORK, Version::Major),
    ("Electron", Slash, "Electron", ENGINE, Version::Major),
    ("Epiphany", Slash, "GNOME Web", FORK, Version::Major),
    ("Everytime", Bare, "Everytime", APP, Version::Dotted),
    ("EverytimeApp", Bare, "Everytime", APP, Version::Dotted),
    ("FBAN", Slash, "Facebook", APP, Version::Unknown),
    ("FBAV", Slash, "Facebook", APP, Version::Major),
    ("FB_IAB", Slash, "Facebook", APP, Version::Unknown),
    ("Falkon", Slash, "Falkon", FORK, Version::Major),
    ("Firefox", Slash, "Firefox", ENGINE, Version::Major),
    ("Flipboard", Slash, "Flipboard", APP, Version::Major),
    ("Focus", Slash, "Firefox Focus", FORK, Version::Major),
    ("FxiOS", Slash, "Firefox", ENGINE, Version::Major),
    ("GSA", Slash, "Google Search App", APP, Version::Major),
    ("HeadlessChrome", Slash, "Headless Chrome", ENGINE, Version::Major),
    ("HeyTapBrowser", Slash, "HeyTap Browser", FORK, Version::Major),
    ("HuaweiBrowser", Slash, "Huawei Browser", FORK, Version::Major),
    ("IEMobile", Slash, "IE Mobile", FORK, Version::Major),
    ("IceCat", Slash, "IceCat", FORK, Version::Major),
    ("Iceweasel", Slash, "Iceweasel", FORK, Version::Major),
    ("Instabridge", Slash, "Instabridge", FORK, Version::Major),
    ("Instagram", Bare, "Instagram", APP, Version::Major),
    ("Iron", Slash, "Iron", FORK, Version::Major),
    ("K-Meleon", Slash, "K-Meleon", FORK, Version::Major),
    ("KAKAOSTORY", Bare, "KakaoStory", APP, Version::Dotted),
    ("KAKAOTALK", Bare, "KakaoTalk", APP, Version::Dotted),
    ("KakaoTalk", Bare, "KakaoTalk", APP, Version::Dotted),
    ("Kindle", Slash, "Kindle", FORK, Version::Major),
    ("Klar", Slash, "Firefox Focus", FORK, Version::Major),
    ("Konqueror", Slash, "Konqueror", FORK, Version::Major),
    ("LBBROWSER", Bare, "Liebao", FORK, Version::Unknown),
    ("Ladybird", Slash, "Ladybird", FORK, Version::Major),
    ("LibreWolf", Slash, "LibreWolf", FORK, Version::Major),
    ("Line", Slash, "LINE", APP, Version::Major),
    ("LinkedInApp", Bare, "LinkedIn", APP, Version::Major),
    ("MQQBrowser", Slash, "QQ Browser", FORK, Version::Major),
    ("MSIE", Bare, "Internet Explorer", ENGINE, Version::Trident),
    ("Maxthon", Bare, "Maxthon", FORK, Version::Major),
    ("Mercury", Slash, "Mercury", FORK, Version::Major),
    ("MetaIAB", Bare, "Facebook", APP, Version::Unknown),
    ("MetaSr", Bare, "Sogou Explorer", FORK, Version::Unknown),
    ("MicroMessenger", Slash, "WeChat", APP, Version::Major),
    ("Midori", Slash, "Midori", FORK, Version::Major),
    ("MintBrowser", Slash, "Mint Browser", FORK, Version::Major),
    ("MiuiBrowser", Slash, "Mi Browser", FORK, Version::Major),
    ("MullvadBrowser", Slash, "Mullvad Browser", FORK, Version::Major),
    ("MxBrowser", Slash, "Maxthon", FORK, Version::Major),
    ("NAVER", Bare, "NAVER", APP, Version::Field),
    ("NetFront", Bare, "NetFront", FORK, Version::Major),
    ("NewsArticle", Slash, "Toutiao", APP, Version::Major),
    ("NintendoBrowser", Slash, "Nintendo Browser", FORK, Version::Major),
    ("NokiaBrowser", Slash, "Nokia Browser", FORK, Version::Major),
    ("Norton", Slash, "Norton Private Browser", FORK, Version::Major),
    ("OPR", Slash, "Opera", FORK, Version::Major),
    ("OPT", Slash, "Opera", FORK, Version::Major),
    ("OPX", Slash, "Opera GX", FORK, Version::Major),
    ("OPiOS", Slash, "Opera Mini", FORK, Version::Major),
    ("Obigo", Bare, "Obigo", FORK, Version::Unknown),
    ("OculusBrowser", Slash, "Meta Quest Browser", FORK, Version::Major),
    ("Odin", Slash, "Odin", FORK, Version::Major),
    ("Opera", Slash, "Opera", ENGINE, Version::Opera),
    ("Otter", Slash, "Otter", FORK, Version::Major),
    ("PHX", Slash, "Phoenix", FORK, Version::Major),
    ("PaleMoon", Slash, "Pale Moon", FORK, Version::Major),
    ("Pinterest", Slash, "Pinterest", APP, Version::Major),
    ("PlayStation", Bare, "PlayStation Browser", FORK, Version::Unknown),
    ("Puffin", Slash, "Puffin", FORK, Version::Major),
    ("QQ", Slash, "QQ", APP, Version::Major),
    ("QQBrowser", Slash, "QQ Browser", FORK, Version::Major),
    ("QtWebEngine", Slash, "QtWebEngine", ENGINE, Version::Major),
    ("Quark", Slash, "Quark", FORK, Version::Major),
    ("QupZilla", Slash, "QupZilla", FORK, Version::Major),
    ("S40OviBrowser", Slash, "Ovi Browser", FORK, Version::Major),
    ("Safari", Bare, "Safari", CLAIM, Version::Safari),
    ("SailfishBrowser", Slash, "Sailfish Browser", FORK, Version::Major),
    ("SamsungBrowser", Slash, "Samsung Internet", FORK, Version::Major),
    ("SeaMonkey", Slash, "SeaMonkey", FORK, Version::Major),
    ("Silk", Slash, "Amazon Silk", FORK, Version::Major),
    ("Slack", Slash, "Slack", APP, Version::Major),
    ("Slack_SSB", Slash, "Slack", APP, Version::Major),
    ("Sleipnir", Slash, "Sleipnir", FORK, Version::Major),
    ("Snapchat", Bare, "Snapchat", APP, Version::Major),
    ("SogouMobileBrowser", Slash, "Sogou Mobile", FORK, Version::Major),
    ("Spotify", Slash, "Spotify", APP, Version::Major),
    ("SznProhlizec", Slash, "Seznam Browser", FORK, Version::Major),
    ("Teams", Slash, "Microsoft Teams", APP, Version::Unknown),
    ("Telegram-Android", Slash, "Telegram", APP, Version::Major),
    ("Thunderbird", Slash, "Thunderbird", FORK, Version::Major),
    ("TikTok", Bare, "TikTok", APP, Version::Dotted),
    ("TossApp", Slash, "Toss", APP, Version::Major),
    ("TowneersApp", Slash, "Karrot", APP, Version::Major),
    ("Trident", Slash, "Internet Explorer", ENGINE, Version::Trident),
    ("Twitter", Bare, "X", APP, Version::Major),
    ("TwitterAndroid", Bare, "X", APP, Version::Major),
    ("UBrowser", Slash, "UC Browser", FORK, Version::Major),
    ("UCBrowser", Slash, "UC Browser", FORK, Version::Major),
    ("UCWEB", Bare, "UC Browser", FORK, Version::Unknown),
    ("Viber", Slash, "Viber", APP, Version::Major),
    ("Vivaldi", Slash, "Vivaldi", FORK, Version::Major),
    ("VivoBrowser", Slash, "Vivo Browser", FORK, Version::Major),
    ("Waterfox", Slash, "Waterfox", FORK, Version::Major),
    ("Weibo", Bare, "Weibo", APP, Version::Unknown),
    ("Whale", Slash, "Whale", FORK, Version::Major),
    ("WhatsApp", Slash, "WhatsApp", APP, Version::Major),
    ("YaApp_Android", Slash, "Yandex Browser", FORK, Version::Major),
    ("YaApp_iOS", Slash, "Yandex Browser", FORK, Version::Major),
    ("YaBrowser", Slash, "Yandex Browser", FORK, Version::Major),
    ("YaSearchApp", Slash, "Yandex Browser", FORK, Version::Unknown),
    ("YaSearchBrowser", Slash, "Yandex Browser", FORK, Version::Major),
    ("YandexSearch", Slash, "Yandex Browser", FORK, Version::Major),
    ("Zalo", Bare, "Zalo", APP, Version::Unknown),
    ("__weibo__", Bare, "Weibo", APP, Version::Unknown),
    ("aweme", Bare, "Douyin", APP, Version::Unknown),
    ("baiduboxapp", Slash, "Baidu", APP, Version::Major),
    ("bdbrowser", Slash, "Baidu Browser", FORK, Version::Major),
    ("brave", Slash, "Brave", FORK, Version::Unknown),
    ("coc_coc_browser", Slash, "Coc Coc", FORK, Version::Major),
    ("everytime", Bare, "Everytime", APP, Version::Dotted),
    ("everytimeApp", Bare, "Everytime", APP, Version::Dotted),
    ("iCab", Slash, "iCab", FORK, Version::Major),
    ("musical_ly", Bare, "TikTok", APP, Version::Dotted),
    ("qutebrowser", Slash, "qutebrowser", FORK, Version::Major),
    ("rekonq", Bare, "Rekonq", FORK, Version::Major),
    ("wOSBrowser", Slash, "webOS Browser", FORK, Version::Major),
    ("zumapp", Bare, "ZUM", APP, Version::Dotted),
];

/// Brands of `Sec-CH-UA`, in ascending order. `Chromium` is left out: all of them send it.
#[rustfmt::skip]
const BRANDS: &[(&str, &str)] = &[
    ("AVG Secure Browser", "AVG Secure Browser"),
    ("Android WebView", "Android WebView"),
    ("Avast Secure Browser", "Avast Secure Browser"),
    ("Avira Secure Browser", "Avira Secure Browser"),
    ("Brave", "Brave"),
    ("CCleaner Browser", "CCleaner Browser"),
    ("ChatGPT Atlas", "ChatGPT Atlas"),
    ("CocCoc", "Coc Coc"),
    ("Comet", "Comet"),
    ("Dia", "Dia"),
    ("DuckDuckGo", "DuckDuckGo"),
    ("Ecosia", "Ecosia"),
    ("Google Chrome", "Chrome"),
    ("HeadlessChrome", "Headless Chrome"),
    ("HuaweiBrowser", "Huawei Browser"),
    ("Iron", "Iron"),
    ("Kiwi", "Kiwi"),
    ("Microsoft Edge", "Edge"),
    ("Microsoft Edge WebView2", "Edge WebView"),
    ("MiuiBrowser", "Mi Browser"),
    ("Norton Private Browser", "Norton Private Browser"),
    ("Oculus Browser", "Meta Quest Browser"),
    ("Opera", "Opera"),
    ("Opera Air", "Opera Air"),
    ("Opera GX", "Opera GX"),
    ("OperaMobile", "Opera"),
    ("QQBrowser", "QQ Browser"),
    ("Quark", "Quark"),
    ("Samsung Internet", "Samsung Internet"),
    ("Silk", "Amazon Silk"),
    ("UCBrowser", "UC Browser"),
    ("Vivaldi", "Vivaldi"),
    ("VivoBrowser", "Vivo Browser"),
    ("Whale", "Whale"),
    ("YaBrowser", "Yandex Browser"),
    ("Yandex", "Yandex Browser"),
];

/// What a word of a user agent says of the browser.
pub(super) fn known(word: &Word<'_>) -> Option<Known> {
    let index = TABLE.binary_search_by(|entry| entry.0.cmp(word.text)).ok()?;
    let &(_, form, name, rank, version) = TABLE.get(index)?;
    let counts = form == Bare || word.after.starts_with(['/', ']']);
    counts.then_some(Known { name, rank, version })
}

/// The browser of a brand of `Sec-CH-UA`.
pub(super) fn brand(name: &str) -> Option<&'static str> {
    let index = BRANDS.binary_search_by(|entry| entry.0.cmp(name)).ok()?;
    BRANDS.get(index).map(|entry| entry.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order() {
        assert!(TABLE.is_sorted_by(|a, b| a.0 < b.0));
        assert!(BRANDS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn a_bare_word_is_not_a_browser() {
        let line = |after| known(&Word { text: "Line", after });
        assert_eq!(line("/13.1.0").map(|known| known.name), Some("LINE"));
        assert_eq!(line(" 2 Build/X"), None);
        assert_eq!(known(&Word { text: "Nothing", after: "/1" }), None);
    }
}
