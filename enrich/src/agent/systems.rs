//! The operating system, and its version where that is not a constant.

use super::words::{behind, leading_version, major, numbers};
use crate::hints::Hints;

/// Name and version; empty if unknown.
pub(super) fn system(user_agent: &str, hints: &Hints<'_>) -> (&'static str, String) {
    let name = by_hint(hints.platform()).unwrap_or_else(|| by_words(user_agent));
    let hinted = hints.platform_version();
    let version = match name {
        "Windows" => windows(user_agent, hinted),
        "macOS" => macos(user_agent, hinted),
        "iOS" | "iPadOS" => ios(user_agent),
        "Android" => android(user_agent, hinted),
        // The user agent's number is a build, and a constant since Chrome 110: 14541.0.0.
        "ChromeOS" => numbers(hinted, 1),
        "HarmonyOS" => after(user_agent, &["HarmonyOS ", "OpenHarmony "], 1),
        "KaiOS" => after(user_agent, &["KAIOS/"], 2),
        "Tizen" => after(user_agent, &["Tizen ", "Tizen/"], 2),
        "Windows Phone" => after(user_agent, &["Windows Phone OS ", "Windows Phone "], 1),
        "PlayStation" => after(user_agent, &["PlayStation Vita ", "PlayStation "], 1),
        "BlackBerry OS" => after(user_agent, &["Version/"], 1),
        _ => String::new(),
    };
    (name, version)
}

fn by_hint(platform: &str) -> Option<&'static str> {
    Some(match platform {
        "Windows" => "Windows",
        "macOS" => "macOS",
        "Android" => "Android",
        "Chrome OS" | "Chromium OS" | "ChromeOS" => "ChromeOS",
        "Linux" => "Linux",
        "iOS" => "iOS",
        "Fuchsia" => "Fuchsia",
        _ => return None,
    })
}

/// Systems imitate others, so the order matters: Windows Phone calls itself Android, Android calls itself Linux.
const WORDS: &[(&str, &str)] = &[
    ("Windows Phone", "Windows Phone"),
    ("IEMobile", "Windows Phone"),
    ("Xbox", "Xbox"),
    ("Windows", "Windows"),
    ("Win98", "Windows"),
    // Before Apple's: models are called HiPad.
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("Tizen", "Tizen"),
    ("KAIOS", "KaiOS"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("iPod", "iOS"),
    ("Web0S", "webOS"),
    ("webOS", "webOS"),
    ("hpwOS", "webOS"),
    ("VIDAA", "VIDAA"),
    ("Sailfish", "Sailfish OS"),
    ("Adr ", "Android"),
    ("CrOS", "ChromeOS"),
    ("PlayStation", "PlayStation"),
    ("PLAYSTATION", "PlayStation"),
    ("Nintendo", "Nintendo"),
    ("BlackBerry", "BlackBerry OS"),
    ("BB10", "BlackBerry OS"),
    ("PlayBook", "BlackBerry OS"),
    ("Symbian", "Symbian"),
    ("SymbOS", "Symbian"),
    ("Series60", "Symbian"),
    ("Roku", "Roku"),
    ("Fuchsia", "Fuchsia"),
    ("Apple TV", "tvOS"),
    ("AppleTV", "tvOS"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("Mac_PowerPC", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
    ("NetBSD", "NetBSD"),
    ("SunOS", "Solaris"),
    ("Linux", "Linux"),
    ("X11", "Linux"),
];

fn by_words(user_agent: &str) -> &'static str {
    let name = WORDS.iter().find(|(word, _)| user_agent.contains(word)).map_or("", |(_, name)| name);
    // Tablets were called iOS up to version 12.
    match name {
        "iPadOS" if ios_number(user_agent).is_some_and(|version| version < 13) => "iOS",
        name => name,
    }
}

/// Since Windows 10 every browser sends `NT 10.0`. A hint's 13 and above is Windows 11, 1 to 10 is Windows 10, and
/// 0 with a minor number is older (<https://learn.microsoft.com/microsoft-edge/web-platform/how-to-detect-win11>).
fn windows(user_agent: &str, hinted: &str) -> String {
    let by_hint = match major(hinted) {
        Some(13..) => Some("11"),
        Some(1..) => Some("10"),
        _ => None,
    };
    let by_kernel = || {
        Some(match behind(user_agent, "Windows NT ").map(leading_version)? {
            "10.0" => "10",
            "6.3" => "8.1",
            "6.2" => "8",
            "6.1" => "7",
            "6.0" => "Vista",
            "5.1" | "5.2" => "XP",
            "5.0" | "5.01" => "2000",
            "4.0" => "NT 4",
            _ => return None,
        })
    };
    let by_name = || {
        let names = [
            ("Windows XP", "XP"),
            ("Windows 98", "98"),
            ("Win98", "98"),
            ("Windows 95", "95"),
            ("Windows 2000", "2000"),
        ];
        names.iter().find(|(text, _)| user_agent.contains(text)).map(|(_, name)| *name)
    };
    by_hint.or_else(by_kernel).or_else(by_name).unwrap_or_default().to_owned()
}

/// Safari, Chrome and Firefox stopped counting at 10.15 and send that on every later system.
fn macos(user_agent: &str, hinted: &str) -> String {
    if !hinted.is_empty() {
        // From 11 on Apple counts by the first number.
        let count = if hinted.starts_with("10.") { 2 } else { 1 };
        return numbers(leading_version(hinted), count);
    }
    let version = behind(user_agent, "Mac OS X ").map(leading_version).unwrap_or_default();
    match numbers(version, 2).as_str() {
        "10.15" => String::new(),
        _ if version.starts_with("10") => numbers(version, 2),
        _ => numbers(version, 1),
    }
}

fn ios_number(user_agent: &str) -> Option<u32> {
    major(leading_version(behind(user_agent, " OS ")?))
}

/// Safari 26 and what is built on it send 18.6 or 18.7 for every later system
/// (<https://webkit.org/blog/17333/webkit-features-in-safari-26-0/>). Its own version is the system's then, and
/// Facebook's apps send the true one.
fn ios(user_agent: &str) -> String {
    let sent = behind(user_agent, " OS ").map(leading_version).unwrap_or_default();
    if let Some(told) = behind(user_agent, "FBSV/").map(leading_version)
        && !told.is_empty()
    {
        return numbers(told, 2);
    }
    let safari = behind(user_agent, "Version/").map(leading_version).unwrap_or_default();
    let frozen = matches!(numbers(sent, 2).as_str(), "18.6" | "18.7");
    let known = if frozen && major(safari).is_some_and(|version| version >= 26) { safari } else { sent };
    numbers(known, 2)
}

/// Chrome sends `Android 10; K` on every version; Firefox's is true.
fn android(user_agent: &str, hinted: &str) -> String {
    if !hinted.is_empty() {
        return android_numbers(leading_version(hinted));
    }
    match behind(user_agent, "Android ").or_else(|| behind(user_agent, "Adr ")) {
        Some(rest) if rest.starts_with("10; K)") || rest.starts_with("10; K;") => String::new(),
        Some(rest) => android_numbers(leading_version(rest)),
        None => String::new(),
    }
}

/// From 9 on the second number is always 0.
fn android_numbers(version: &str) -> String {
    let count = if major(version).is_some_and(|version| version >= 9) { 1 } else { 2 };
    numbers(version, count)
}

fn after(user_agent: &str, names: &[&str], count: usize) -> String {
    let version = names.iter().find_map(|name| behind(user_agent, name)).map(leading_version);
    numbers(version.unwrap_or_default(), count)
}
