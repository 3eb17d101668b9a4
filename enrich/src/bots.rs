//! Programs among the visitors: crawlers, monitors, scripts and browsers that nobody sits at.

use crate::agent::MAX_USER_AGENT_BYTES;
use crate::agent::words::words;
use crate::hints::Hints;
use crate::table::{Table, cut};

/// isbot's patterns, a line each.
const PATTERNS: Table = Table::new(include_str!("../data/isbot.txt"));
/// Lower-case names of AI crawlers, and as they write themselves.
const AI_CRAWLERS: Table = Table::new(include_str!("../data/ai-crawlers.txt"));

/// A visitor that is no person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bot {
    /// What kind of program.
    pub kind: BotKind,
    /// Its name, if it is one of those known by name.
    pub name: Option<&'static str>,
}

/// A kind of program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BotKind {
    /// A crawler, monitor, link previewer or script.
    Bot,
    /// A crawler that feeds a language model or fetches pages for an assistant.
    AiCrawler,
    /// A browser run by a program.
    Headless,
    /// It sends no user agent, which no browser does.
    NoUserAgent,
}

impl BotKind {
    /// The name on the wire and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::AiCrawler => "ai-crawler",
            Self::Headless => "headless",
            Self::NoUserAgent => "no-user-agent",
        }
    }
}

/// Words of programs that run a browser without a screen, and of the most common others; lower case, in order.
#[rustfmt::skip]
const NAMES: &[(&str, &str, BotKind)] = &[
    ("ahrefsbot", "AhrefsBot", BotKind::Bot),
    ("axios", "axios", BotKind::Bot),
    ("baiduspider", "Baiduspider", BotKind::Bot),
    ("bingbot", "bingbot", BotKind::Bot),
    ("bingpreview", "BingPreview", BotKind::Bot),
    ("chrome-lighthouse", "Lighthouse", BotKind::Bot),
    ("curl", "curl", BotKind::Bot),
    ("cypress", "Cypress", BotKind::Headless),
    ("dataforseobot", "DataForSeoBot", BotKind::Bot),
    ("daum", "Daum", BotKind::Bot),
    ("daumoa", "Daum", BotKind::Bot),
    ("discordbot", "Discordbot", BotKind::Bot),
    ("dotbot", "DotBot", BotKind::Bot),
    ("duckduckbot", "DuckDuckBot", BotKind::Bot),
    ("facebookexternalhit", "facebookexternalhit", BotKind::Bot),
    ("go-http-client", "Go-http-client", BotKind::Bot),
    ("googlebot", "Googlebot", BotKind::Bot),
    ("headlesschrome", "HeadlessChrome", BotKind::Headless),
    ("headlessedg", "HeadlessEdg", BotKind::Headless),
    ("htmlunit", "HtmlUnit", BotKind::Headless),
    ("ia_archiver", "ia_archiver", BotKind::Bot),
    ("jsdom", "jsdom", BotKind::Headless),
    ("kakaotalk-scrap", "kakaotalk-scrap", BotKind::Bot),
    ("lightpanda", "Lightpanda", BotKind::Headless),
    ("linkedinbot", "LinkedInBot", BotKind::Bot),
    ("mj12bot", "MJ12bot", BotKind::Bot),
    ("node-fetch", "node-fetch", BotKind::Bot),
    ("okhttp", "okhttp", BotKind::Bot),
    ("phantomjs", "PhantomJS", BotKind::Headless),
    ("pingdom.com_bot_version_1.4_", "Pingdom", BotKind::Bot),
    ("pinterestbot", "Pinterestbot", BotKind::Bot),
    ("playwright", "Playwright", BotKind::Headless),
    ("postmanruntime", "Postman", BotKind::Bot),
    ("puppeteer", "Puppeteer", BotKind::Headless),
    ("python-requests", "python-requests", BotKind::Bot),
    ("python-urllib", "python-urllib", BotKind::Bot),
    ("scrapy", "Scrapy", BotKind::Bot),
    ("selenium", "Selenium", BotKind::Headless),
    ("semrushbot", "SemrushBot", BotKind::Bot),
    ("seznambot", "SeznamBot", BotKind::Bot),
    ("slackbot", "Slackbot", BotKind::Bot),
    ("slackbot-linkexpanding", "Slackbot", BotKind::Bot),
    ("slimerjs", "SlimerJS", BotKind::Headless),
    ("telegrambot", "TelegramBot", BotKind::Bot),
    ("twitterbot", "Twitterbot", BotKind::Bot),
    ("uptimerobot", "UptimeRobot", BotKind::Bot),
    ("webdriver", "WebDriver", BotKind::Headless),
    ("wget", "Wget", BotKind::Bot),
    ("yandexbot", "YandexBot", BotKind::Bot),
    ("yeti", "Yeti", BotKind::Bot),
];

/// Longer than every name in the tables.
const MAX_NAME_BYTES: usize = 48;

/// Products of nearly every browser, which no table needs to be asked about. Lower case.
const COMMON: &[&str] =
    &["applewebkit", "chrome", "firefox", "gecko", "mobile", "mozilla", "safari", "version"];

/// What program a request is from; `None` for what looks like a person's browser.
pub fn judge(user_agent: &str, hints: &Hints<'_>) -> Option<Bot> {
    let user_agent = cut(user_agent.trim(), MAX_USER_AGENT_BYTES);
    if user_agent.is_empty() {
        return Some(Bot { kind: BotKind::NoUserAgent, name: None });
    }
    let matches = engine::matches(user_agent);
    let lower = user_agent.to_ascii_lowercase();
    let named = by_word(&lower, matches);
    // A name of its own says enough where a program cannot be anything else.
    if let Some(bot) = named.filter(|bot| bot.kind != BotKind::Bot) {
        return Some(bot);
    }
    if hints.brands().take(8).any(|(brand, _)| brand.contains("Headless")) {
        return Some(Bot { kind: BotKind::Headless, name: Some("HeadlessChrome") });
    }
    let unnamed = Bot { kind: BotKind::Bot, name: None };
    matches.then(|| by_phrase(&lower).or(named).unwrap_or(unnamed))
}

/// A name that is one word of a user agent in lower case: AI crawlers before headless browsers before the others.
/// What no pattern knows is asked only for its products (`name/version`), because most of it is no bot's and has few.
fn by_word(lower: &str, thorough: bool) -> Option<Bot> {
    let mut found = None;
    for word in words(lower) {
        let asked = thorough || (word.after.starts_with('/') && !COMMON.contains(&word.text));
        if !asked || word.text.len() < 3 || word.text.len() > MAX_NAME_BYTES {
            continue;
        }
        if let Some(name) = AI_CRAWLERS.find(word.text) {
            return Some(Bot { kind: BotKind::AiCrawler, name: Some(name) });
        }
        if let Ok(index) = NAMES.binary_search_by(|entry| entry.0.cmp(word.text))
            && let Some(&(_, name, kind)) = NAMES.get(index)
            && found.is_none_or(|bot: Bot| bot.kind == BotKind::Bot && kind == BotKind::Headless)
        {
            found = Some(Bot { kind, name: Some(name) });
        }
    }
    found
}

/// An AI crawler whose name has spaces in it.
fn by_phrase(lower: &str) -> Option<Bot> {
    let mut phrases = AI_CRAWLERS.lines().filter(|(phrase, _)| phrase.contains(' '));
    let (_, name) = phrases.find(|(phrase, _)| lower.contains(phrase))?;
    Some(Bot { kind: BotKind::AiCrawler, name: Some(name) })
}

/// isbot's patterns as one, which is how isbot runs them.
#[cfg(target_arch = "wasm32")]
fn pattern() -> String {
    PATTERNS.lines().map(|(pattern, _)| pattern).collect::<Vec<_>>().join("|")
}

#[cfg(target_arch = "wasm32")]
mod engine {
    thread_local! {
        static PATTERN: js_sys::RegExp = js_sys::RegExp::new(&super::pattern(), "i");
    }

    pub(super) fn matches(user_agent: &str) -> bool {
        PATTERN.with(|pattern| pattern.test(user_agent))
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod engine {
    use std::sync::LazyLock;

    use fancy_regex::Regex;

    /// The few patterns that look around are slow here and would make all of them slow.
    static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| compiled().unwrap_or_default());

    /// Two patterns: of those that look around, and of the others.
    pub(super) fn compiled() -> Result<Vec<Regex>, Box<fancy_regex::Error>> {
        let patterns = super::PATTERNS.lines().map(|(pattern, _)| pattern);
        let (around, plain): (Vec<_>, Vec<_>) =
            patterns.partition(|pattern| pattern.contains("(?!") || pattern.contains("(?<"));
        let join = |patterns: Vec<&str>| {
            // One hyphen in a class is plain in JavaScript and an error here unless it is escaped.
            let pattern = patterns.join("|").replace(r"\d-.", r"\d\-.");
            Regex::new(&format!("(?i){pattern}")).map_err(Box::new)
        };
        Ok(vec![join(plain)?, join(around)?])
    }

    pub(super) fn matches(user_agent: &str) -> bool {
        // An error is a pattern that gave up on a hostile text: no browser sends one.
        PATTERNS.iter().any(|pattern| pattern.is_match(user_agent).unwrap_or(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bot(user_agent: &str) -> Option<(BotKind, Option<&'static str>)> {
        judge(user_agent, &Hints::default()).map(|bot| (bot.kind, bot.name))
    }

    #[test]
    fn the_tables_are_in_order_and_complete() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
        let crawlers: Vec<_> = AI_CRAWLERS.lines().collect();
        assert!(crawlers.is_sorted_by(|a, b| a.0 < b.0));
        assert!(crawlers.len() > 100, "{}", crawlers.len());
        assert!(
            crawlers
                .iter()
                .all(|(key, name)| name.to_ascii_lowercase() == *key && key.len() <= MAX_NAME_BYTES)
        );
        assert!(PATTERNS.lines().count() > 150);
        assert!(engine::compiled().is_ok());
    }

    #[test]
    fn crawlers_are_bots_by_name() {
        let google = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
        assert_eq!(bot(google), Some((BotKind::Bot, Some("Googlebot"))));
        let yeti = "Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)";
        assert_eq!(bot(yeti), Some((BotKind::Bot, Some("Yeti"))));
        assert_eq!(bot("curl/8.5.0"), Some((BotKind::Bot, Some("curl"))));
        let kakao = "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984";
        assert_eq!(bot(kakao).map(|(kind, _)| kind), Some(BotKind::Bot));
        assert_eq!(bot("SomethingNew-crawler/3"), Some((BotKind::Bot, None)));
    }

    #[test]
    fn ai_crawlers_are_named() {
        let gpt = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)";
        assert_eq!(bot(gpt), Some((BotKind::AiCrawler, Some("GPTBot"))));
        let claude = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)";
        assert_eq!(bot(claude), Some((BotKind::AiCrawler, Some("ClaudeBot"))));
        // Without an address isbot does not know it.
        assert_eq!(
            bot("Mozilla/5.0 (Windows NT 10.0) Perplexity-User/1.0"),
            Some((BotKind::AiCrawler, Some("Perplexity-User")))
        );
        assert_eq!(bot("Sidetrade indexer bot/1.0").map(|(kind, _)| kind), Some(BotKind::AiCrawler));
    }

    #[test]
    fn browsers_without_a_screen_are_found() {
        let headless = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36";
        assert_eq!(bot(headless), Some((BotKind::Headless, Some("HeadlessChrome"))));
        let phantom = "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1";
        assert_eq!(bot(phantom), Some((BotKind::Headless, Some("PhantomJS"))));
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
        assert_eq!(bot(chrome), None);
        let hints = Hints { ua: r#""HeadlessChrome";v="142", "Chromium";v="142""#, ..Hints::default() };
        assert_eq!(judge(chrome, &hints).map(|bot| bot.kind), Some(BotKind::Headless));
    }

    #[test]
    fn no_user_agent_is_no_browser() {
        assert_eq!(bot(""), Some((BotKind::NoUserAgent, None)));
        assert_eq!(bot(" \t"), Some((BotKind::NoUserAgent, None)));
    }
}
