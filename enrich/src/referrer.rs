//! Where a visit came from: the site, app or search engine behind a referrer.

use std::borrow::Cow;

use crate::table::{Table, cut, domains};

/// Longest source name made of a host nobody knows: a domain name has at most 253 bytes (RFC 1035 §2.3.4).
pub const MAX_NAME_BYTES: usize = 253;

/// Our own knowledge, which comes before Matomo's lists.
const OVERRIDES: Table = Table::new(include_str!("../data/overrides.txt"));
/// Matomo's lists.
const SOURCES: Table = Table::new(include_str!("../data/sources.txt"));

/// Where a visit came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// A name people know, such as `Google` or `KakaoTalk`; the host for a site without one.
    pub name: Cow<'static, str>,
    /// What kind of place it is.
    pub kind: SourceKind,
}

/// What kind of place a visit came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// A search engine.
    Search,
    /// A social network, a forum or a blog host.
    Social,
    /// A video platform.
    Video,
    /// A shop or a marketplace.
    Shopping,
    /// A mailbox read in a browser or an app.
    Email,
    /// An assistant that answers with links.
    AiAssistant,
    /// A messenger.
    Messenger,
    /// Any other site or app.
    Website,
}

impl SourceKind {
    /// The name on the wire and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Social => "social",
            Self::Video => "video",
            Self::Shopping => "shopping",
            Self::Email => "email",
            Self::AiAssistant => "ai-assistant",
            Self::Messenger => "messenger",
            Self::Website => "website",
        }
    }

    /// The letter before a name in the data files.
    fn from_letter(letter: char) -> Option<Self> {
        Some(match letter {
            's' => Self::Search,
            'o' => Self::Social,
            'v' => Self::Video,
            'h' => Self::Shopping,
            'e' => Self::Email,
            'a' => Self::AiAssistant,
            'm' => Self::Messenger,
            'w' => Self::Website,
            _ => return None,
        })
    }
}

/// The source behind a referrer. `None` without a referrer, with one that is no address, and for the site's own
/// pages: `page_host` is the host of the page that was visited; `www.` before either makes no difference.
pub fn source(referrer: &str, page_host: &str) -> Option<Source> {
    let host = host_of(referrer)?;
    if bare(&host) == bare(&page_host.trim_end_matches('.').to_ascii_lowercase()) {
        return None;
    }
    Some(known(&host).unwrap_or_else(|| unknown(&host)))
}

/// The lower-case host of a referrer (`https://…`, `http://…`), or the package of an app (`android-app://…`), for
/// [`crate::is_spam`] and for keeping. `None` if there is none.
pub fn host_of(referrer: &str) -> Option<String> {
    let (scheme, rest) = referrer.trim().split_once("://")?;
    if !["http", "https", "android-app"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        // An IPv6 address has colons of its own.
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let host = host.trim_end_matches('.');
    let is_host = !host.is_empty()
        && host.len() <= MAX_NAME_BYTES
        && !host.chars().any(|sign| sign.is_whitespace() || sign.is_control());
    is_host.then(|| host.to_ascii_lowercase())
}

/// The source that a campaign names: `naver`, `facebook`, `chatgpt.com`. Names nobody knows are kept as they are.
pub fn named(name: &str) -> Source {
    let name = cut(name.trim(), MAX_NAME_BYTES);
    let lower = name.to_ascii_lowercase();
    let found = match ALIASES.iter().find(|(alias, _)| *alias == lower) {
        Some((_, host)) => known(host),
        None if lower.contains('.') => known(bare(&lower)),
        None => SUFFIXES.iter().find_map(|suffix| known(&format!("{lower}.{suffix}"))),
    };
    found.unwrap_or_else(|| Source { name: Cow::Owned(name.to_owned()), kind: SourceKind::Website })
}

/// Most are called by their domain: `google`, `clien`, `gmarket`, `perplexity`.
const SUFFIXES: &[&str] = &["com", "net", "co.kr", "kr", "ai"];

/// What else link builders write for a host.
const ALIASES: &[(&str, &str)] = &[
    ("adwords", "google.com"),
    ("band", "band.us"),
    ("fb", "facebook.com"),
    ("google_ads", "google.com"),
    ("googleads", "google.com"),
    ("ig", "instagram.com"),
    ("insta", "instagram.com"),
    ("kakaotalk", "kakao.com"),
    ("kakaostory", "story.kakao.com"),
    ("line", "line.me"),
    ("meta", "facebook.com"),
    ("naver_blog", "blog.naver.com"),
    ("naver_cafe", "cafe.naver.com"),
    ("naver_shopping", "shopping.naver.com"),
    ("naver_tv", "tv.naver.com"),
    ("naverblog", "blog.naver.com"),
    ("navercafe", "cafe.naver.com"),
    ("telegram", "t.me"),
    ("twitch", "twitch.tv"),
    ("yt", "youtube.com"),
];

/// The entry of a host or of the nearest parent domain that has one.
fn known(host: &str) -> Option<Source> {
    domains(host).take(MAX_LABELS).find_map(|domain| {
        let value =
            OVERRIDES.find(domain).or_else(|| SOURCES.find(domain)).or_else(|| any_country(domain))?;
        let kind = SourceKind::from_letter(value.chars().next()?)?;
        Some(Source { name: Cow::Borrowed(value.get(1..)?), kind })
    })
}

/// More labels than any real host has below a known domain.
const MAX_LABELS: usize = 16;

/// Entries such as `google.{}` or `images.google.{}` stand for `google.de`, `google.co.kr` and `google.com.br`.
fn any_country(domain: &str) -> Option<&'static str> {
    let (name, code) = domain.rsplit_once('.')?;
    if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let name = match name.rsplit_once('.') {
        Some((name, "com" | "co" | "org" | "net" | "it" | "edu")) => name,
        _ => name,
    };
    SOURCES.find(&format!("{name}.{{}}"))
}

fn unknown(host: &str) -> Source {
    Source { name: Cow::Owned(bare(host).to_owned()), kind: SourceKind::Website }
}

/// A host without `www.`.
fn bare(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

#[cfg(test)]
mod tests;
