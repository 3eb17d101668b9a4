//! The names that other projects give to what we call otherwise: differences of words are no errors.

/// Another project's name of a browser, and ours.
const BROWSERS: &[(&str, &str)] = &[
    // uap-core
    ("AmazonSilk", "Amazon Silk"),
    ("Android", "Android Browser"),
    ("BlackBerry WebKit", "BlackBerry Browser"),
    ("BlackBerry", "BlackBerry Browser"),
    ("Chrome Mobile", "Chrome"),
    ("Chrome Mobile WebView", "Android WebView"),
    ("Chrome Mobile iOS", "Chrome"),
    ("DuckDuckGo Mobile", "DuckDuckGo"),
    ("Edge Mobile", "Edge"),
    ("Facebook Messenger", "Messenger"),
    ("Firefox Mobile", "Firefox"),
    ("Firefox iOS", "Firefox"),
    ("Google", "Google Search App"),
    ("HeadlessChrome", "Headless Chrome"),
    ("IE", "Internet Explorer"),
    ("MIUI Browser", "Mi Browser"),
    ("MiuiBrowser", "Mi Browser"),
    ("Mobile Safari", "Safari"),
    ("Mobile Safari UI/WKWebView", "iOS WebView"),
    ("Opera Mobile", "Opera"),
    ("QQ Browser Mobile", "QQ Browser"),
    ("Twitter", "X"),
    ("Aloha Browser", "Aloha"),
    ("AVG", "AVG Secure Browser"),
    ("Dragon", "Comodo Dragon"),
    ("Ecosia Android", "Ecosia"),
    ("Ecosia iOS", "Ecosia"),
    ("MullvadBrowser", "Mullvad Browser"),
    ("NetFront NX", "NetFront"),
    ("Seznam prohlížeč", "Seznam Browser"),
    ("Slack Desktop Client", "Slack"),
    ("Yandex Searchapp", "Yandex Browser"),
    // Matomo
    ("360 Secure Browser", "360 Browser"),
    ("Chrome Webview", "Android WebView"),
    ("Facebook App", "Facebook"),
    ("Firefox Mobile iOS", "Firefox"),
    ("HeyTapBrowser", "HeyTap Browser"),
    ("Huawei Browser Mobile", "Huawei Browser"),
    ("Microsoft Edge", "Edge"),
    ("Mobile Silk", "Amazon Silk"),
    ("Oculus Browser", "Meta Quest Browser"),
    ("Phoenix Browser", "Phoenix"),
    ("Puffin Web Browser", "Puffin"),
    ("Samsung Browser", "Samsung Internet"),
    ("Sogou Mobile Browser", "Sogou Mobile"),
    ("UC Browser HD", "UC Browser"),
    ("UC Browser Mini", "UC Browser"),
    ("UC Browser Turbo", "UC Browser"),
    ("vivo Browser", "Vivo Browser"),
    ("Whale Browser", "Whale"),
    ("Yandex Browser Lite", "Yandex Browser"),
];

/// Ours for another project's name of a browser.
pub(super) fn browser(name: &str) -> &str {
    BROWSERS.iter().find(|(theirs, _)| *theirs == name).map_or(name, |(_, ours)| ours)
}

/// One word for a system, whoever names it. Distributions of Linux are Linux; the iPad's system is iOS.
pub(super) fn system(name: &str) -> &str {
    match name {
        "Mac OS X" | "Mac OS" | "Mac" => "macOS",
        "iPadOS" => "iOS",
        "Chrome OS" => "ChromeOS",
        "GNU/Linux" | "Ubuntu" | "Fedora" | "Debian" | "Red Hat" | "SUSE" | "Kubuntu" | "Mint"
        | "Arch Linux" | "Gentoo" | "Mandriva" => "Linux",
        "Web0S" => "webOS",
        "Windows Mobile" => "Windows Phone",
        "Playstation" | "PlayStation Portable" => "PlayStation",
        "Symbian OS" | "Symbian^3" | "Symbian^3 Anna" | "Symbian^3 Belle" | "Symbian OS Series 60" => {
            "Symbian"
        }
        "Fire OS" | "Android TV" | "Wear OS" | "CyanogenMod" | "Lineage OS" | "MocorDroid" => "Android",
        "Other" => "",
        other => other,
    }
}

/// Our word for Matomo's class of device; `None` for classes that we do not have, such as cameras.
pub(super) fn device(class: &str) -> Option<&'static str> {
    Some(match class {
        "desktop" => "desktop",
        "smartphone" | "phablet" | "feature phone" | "mobile" => "mobile",
        "tablet" => "tablet",
        "tv" => "tv",
        "console" => "console",
        "wearable" => "wearable",
        _ => return None,
    })
}
