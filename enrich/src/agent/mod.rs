//! Browser, system and device from a user agent and Client Hints: ordered tables of words, no regular expressions.

mod browsers;
mod devices;
mod systems;
pub(crate) mod words;

pub use protocol::api::Device;

use crate::hints::Hints;
use crate::table::cut;
use browsers::{Known, Version};
use words::{Word, behind, leading_version, numbers, version_after, words};

/// Most of a user agent that is read. Browsers send up to about 250 bytes, apps up to about 600.
pub const MAX_USER_AGENT_BYTES: usize = 1_024;

/// What a user agent says of the visitor's software. Names are those common in reports; a name or version that
/// cannot be known is empty rather than guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// The browser, or the app whose built-in browser it is: `Chrome`, `KakaoTalk`; empty if unknown.
    pub browser: &'static str,
    /// Major version; for Safari with the minor one (`18.6`); empty if unknown.
    pub browser_version: String,
    /// The operating system: `Windows`, `macOS`, `iOS`, `iPadOS`, `Android`; empty if unknown.
    pub os: &'static str,
    /// The system's version, empty where browsers send a constant instead of it: macOS `10_15_7`, Android `10; K`,
    /// Windows `10.0` (which is called `10` and is `11` only if a hint says so).
    pub os_version: String,
    /// The class of device.
    pub device: Device,
}

/// Reads a user agent and what hints there are. Never fails: what is unknown is empty or [`Device::Other`].
pub fn parse(user_agent: &str, hints: &Hints<'_>) -> Agent {
    let user_agent = cut(user_agent, MAX_USER_AGENT_BYTES);
    let (os, os_version) = systems::system(user_agent, hints);
    let (browser, browser_version) = browser(user_agent, os, hints);
    let device = devices::device(user_agent, os, hints);
    Agent { browser, browser_version, os, os_version, device }
}

fn browser(user_agent: &str, os: &str, hints: &Hints<'_>) -> (&'static str, String) {
    let (name, version) = match best(user_agent) {
        Some((known, word)) => refine(known.name, version(&known, &word, user_agent), user_agent, os),
        None => refine("", String::new(), user_agent, os),
    };
    // Only what goes by a common name may be something else by its brands.
    match (name, branded(hints)) {
        ("" | "Chrome", Some(brand)) => brand,
        ("Chromium" | "Android WebView", Some(brand)) if brand.0 != "Chromium" => brand,
        _ => (name, version),
    }
}

/// The known word of the lowest rank, the first one of several.
fn best(user_agent: &str) -> Option<(Known, Word<'_>)> {
    let mut best: Option<(Known, Word<'_>)> = None;
    for word in words(user_agent) {
        if let Some(known) = browsers::known(&word)
            && best.as_ref().is_none_or(|(other, _)| wins(&known, other))
        {
            best = Some((known, word));
        }
    }
    best
}

/// A lower rank wins; of one browser's two words, the one with the version.
fn wins(new: &Known, old: &Known) -> bool {
    new.rank < old.rank
        || (new.name == old.name && old.version == Version::Unknown && new.version != Version::Unknown)
}

fn version(known: &Known, word: &Word<'_>, user_agent: &str) -> String {
    let after = version_after(word.after);
    let of_safari = || behind(user_agent, "Version/").map(leading_version);
    match known.version {
        // The constant that Whale sends on Android.
        Version::Major if known.name == "Whale" && after == "1.0.0.0" => number_behind(user_agent, "Chrome/"),
        Version::Major => numbers(after, 1),
        Version::Dotted if after.contains('.') => numbers(after, 1),
        Version::Dotted | Version::Unknown => String::new(),
        Version::Safari => numbers(of_safari().unwrap_or_default(), 2),
        Version::Opera => numbers(of_safari().unwrap_or(after), 1),
        Version::Trident => trident_version(user_agent),
        Version::Field => {
            let fields =
                word.after.strip_prefix('(').and_then(|rest| rest.split(')').next()).unwrap_or_default();
            let field = fields.split(';').map(str::trim).find(|field| {
                field.contains('.') && !field.is_empty() && leading_version(field).len() == field.len()
            });
            numbers(field.unwrap_or_default(), 1)
        }
    }
}

/// Internet Explorer's compatibility view sends the version of a page's liking; the engine's is true.
fn trident_version(user_agent: &str) -> String {
    let engine = behind(user_agent, "Trident/").map(leading_version).and_then(words::major);
    match engine {
        Some(engine @ 4..=7) => (engine + 4).to_string(),
        _ => number_behind(user_agent, "MSIE "),
    }
}

/// What one word alone does not tell.
fn refine(name: &'static str, version: String, user_agent: &str, os: &str) -> (&'static str, String) {
    let has = |text: &str| user_agent.contains(text);
    match name {
        // TikTok's older words run into the version: musical_ly_2022…, trill_2023….
        "" | "Safari" | "Chrome" if has(" musical_ly_") || has(" trill_") => ("TikTok", String::new()),
        "Ecosia" => (name, number_behind(user_agent, "@")),
        "Facebook" if has("Messenger") || has("MESSENGER") || has("Orca-Android") => ("Messenger", version),
        "Opera" | "" if has("Opera Mini/") => ("Opera Mini", number_behind(user_agent, "Opera Mini/")),
        // Opera 8 and before, under a false name.
        "" | "Internet Explorer" | "Firefox" if has(" Opera ") => {
            ("Opera", number_behind(user_agent, " Opera "))
        }
        "Chrome" | "Safari" if os == "webOS" || has(" LG Browser/") => ("LG Browser", String::new()),
        "Chrome" if os == "Android" && (has("; wv)") || has("Version/")) => ("Android WebView", version),
        // Its `Version/4.0` is a constant.
        "Safari" if os == "Android" => ("Android Browser", String::new()),
        "" if matches!(os, "iOS" | "iPadOS") && has("AppleWebKit/") => ("iOS WebView", version),
        "" if os == "macOS" && has("AppleWebKit/") => ("Safari", version),
        "" if os == "Android" && has("AppleWebKit/") => ("Android Browser", String::new()),
        _ => (name, version),
    }
}

/// The first number behind a text.
fn number_behind(user_agent: &str, text: &str) -> String {
    numbers(behind(user_agent, text).map(leading_version).unwrap_or_default(), 1)
}

/// The most telling brand with its major version: one of its own before Chrome or a WebView, and `Chromium` if
/// there is no other.
fn branded(hints: &Hints<'_>) -> Option<(&'static str, String)> {
    let mut best: Option<(u8, &'static str, &str)> = None;
    for (brand, version) in hints.brands().take(MAX_BRANDS) {
        let (rank, name) = match browsers::brand(brand) {
            Some(name @ ("Chrome" | "Android WebView")) => (1, name),
            Some(name) => (0, name),
            None if brand == "Chromium" => (2, "Chromium"),
            None => continue,
        };
        if best.is_none_or(|(other, ..)| rank < other) {
            best = Some((rank, name, version));
        }
    }
    best.map(|(_, name, version)| (name, numbers(leading_version(version), 1)))
}

/// Browsers send three or four; who sends more wants time.
const MAX_BRANDS: usize = 8;

#[cfg(test)]
mod tests;
