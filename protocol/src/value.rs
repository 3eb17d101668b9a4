//! The values events are made of: texts, addresses, names, money. Each has one constructor, and a value
//! that exists is within the limits of [`crate::limits`].

use crate::limits;

/// Text of at most `MAX` bytes; longer text is cut, never refused, because a long title is not a reason
/// to lose a page view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// Keeps at most `MAX` bytes of `text`, cut at a character boundary.
    pub fn cut(text: &str) -> Self {
        Self(limits::cut(text, MAX).into())
    }

    /// The text kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing was given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// An absolute URL of at most [`limits::MAX_URL_BYTES`] bytes: `http`, `https` or, for referrers,
/// `android-app`. Not a full URL parser: browsers send URLs already serialised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url(String);

impl Url {
    /// Takes a URL as a browser prints it; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let has_scheme = ["https://", "http://", "android-app://"]
            .iter()
            .any(|s| text.len() > s.len() && text.starts_with(s));
        let fits = text.len() <= limits::MAX_URL_BYTES && !text.bytes().any(|b| b <= b' ' || b == 0x7f);
        (has_scheme && fits).then(|| Self(text.into()))
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL up to its query or fragment.
    pub fn without_query(&self) -> &str {
        self.0.split(['?', '#']).next().unwrap_or("")
    }

    /// What lies between the question mark and the fragment; empty without one.
    pub fn query(&self) -> &str {
        let before_fragment = self.0.split('#').next().unwrap_or("");
        before_fragment.split_once('?').map_or("", |(_, query)| query)
    }

    /// The same page with this query, or none if it is empty, and without a fragment. The URL stays as it is if it
    /// would become too long.
    #[must_use]
    pub fn with_query(self, query: &str) -> Self {
        let mark = if query.is_empty() { "" } else { "?" };
        Self::parse(&format!("{}{mark}{query}", self.without_query())).unwrap_or(self)
    }

    /// Everything between the scheme and the path, lower-cased by the browser: host and, if it is not
    /// the scheme's own, port.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
        authority.rsplit('@').next().unwrap_or("")
    }

    /// The path, without query and fragment; `/` when the URL has none.
    pub fn path(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let rest = rest.split(['?', '#']).next().unwrap_or("");
        rest.find('/').map_or("/", |start| &rest[start..])
    }
}

/// A name chosen by the site, such as a conversion's: 1 to [`limits::MAX_NAME_BYTES`] bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Takes a name; `None` when empty, blank, too long or with a control character in it, which would
    /// make it something else where names stand beside other values.
    pub fn parse(text: &str) -> Option<Self> {
        plain(text, limits::MAX_NAME_BYTES).map(Self)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The customer's own id for a visitor: 1 to [`limits::MAX_PERSON_BYTES`] bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(String);

impl PersonId {
    /// Takes an id as the site gives it; `None` when empty, blank, too long or with a control character in
    /// it. It is never cut: two people whose ids begin alike would become one.
    pub fn parse(text: &str) -> Option<Self> {
        plain(text, limits::MAX_PERSON_BYTES).map(Self)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Trimmed text of 1 to `max` bytes without control characters.
fn plain(text: &str, max: usize) -> Option<String> {
    let text = text.trim();
    let plain = !text.bytes().any(|byte| byte < b' ' || byte == 0x7f);
    (plain && !text.is_empty() && text.len() <= max).then(|| text.into())
}

/// Properties a site attaches to an event: at most [`limits::MAX_PROPS`] pairs, keys unique.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Props(Vec<(String, String)>);

impl Props {
    /// Adds a pair. Returns whether it was kept: an empty or over-long key, a key already there and
    /// pairs above the limit are not; an over-long value is cut.
    pub fn push(&mut self, key: &str, value: &str) -> bool {
        let fits = !key.is_empty()
            && key.len() <= limits::MAX_PROP_KEY_BYTES
            && self.0.len() < limits::MAX_PROPS
            && self.0.iter().all(|(k, _)| k != key);
        if fits {
            self.0.push((key.into(), limits::cut(value, limits::MAX_PROP_VALUE_BYTES).into()));
        }
        fits
    }

    /// The pairs, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Money: a decimal string, so that no amount is ever rounded, and an ISO 4217 code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revenue {
    amount: String,
    currency: [u8; 3],
}

impl Revenue {
    /// Takes an amount such as `49000` or `-12.50` and a currency such as `KRW`; `None` when the amount
    /// is not digits with at most one point, or the code is not three letters.
    pub fn parse(amount: &str, currency: &str) -> Option<Self> {
        let digits = amount.strip_prefix('-').unwrap_or(amount);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let decimal = !whole.is_empty()
            && !fraction.is_empty()
            && amount.len() <= limits::MAX_AMOUNT_BYTES
            && whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
        let code: [u8; 3] = currency.as_bytes().try_into().ok()?;
        let letters = code.iter().all(u8::is_ascii_alphabetic);
        (decimal && letters)
            .then(|| Self { amount: amount.into(), currency: code.map(|b| b.to_ascii_uppercase()) })
    }

    /// The decimal string.
    pub fn amount(&self) -> &str {
        &self.amount
    }

    /// The ISO 4217 code, upper case.
    pub fn currency(&self) -> &str {
        core::str::from_utf8(&self.currency).unwrap_or("XXX")
    }
}

/// A width and height in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Width, 0 to [`limits::MAX_PIXELS`].
    pub width: u32,
    /// Height, 0 to [`limits::MAX_PIXELS`].
    pub height: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_gives_host_and_path() {
        for (url, host, path) in [
            ("https://shop.example/a/b?x=1#y", "shop.example", "/a/b"),
            ("http://127.0.0.1:8788", "127.0.0.1:8788", "/"),
            ("https://u:p@shop.example?x=/1", "shop.example", "/"),
            ("https://shop.example/%ED%95%9C#/r", "shop.example", "/%ED%95%9C"),
            ("android-app://com.kakao.talk/", "com.kakao.talk", "/"),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!((url.host(), url.path()), (host, path), "{url:?}");
            assert!(
                !url.without_query().contains(['?', '#']) && url.as_str().starts_with(url.without_query())
            );
        }
    }

    #[test]
    fn query_is_what_lies_between_question_mark_and_fragment() {
        let url = |text| Url::parse(text).unwrap();
        assert_eq!(url("https://a/b?x=1&y=?#z?").query(), "x=1&y=?");
        assert_eq!(url("https://a/b#?x").query(), "");
        assert_eq!(url("https://a/b?x=1#z").with_query("").as_str(), "https://a/b");
        assert_eq!(url("https://a/b#z").with_query("q=1").as_str(), "https://a/b?q=1");
    }

    #[test]
    fn what_is_no_web_address_is_no_url() {
        let long = format!("https://a/{}", "x".repeat(limits::MAX_URL_BYTES));
        for text in ["", "https://", "/path", "javascript:alert(1)", "https://a b", "https://a/\n", &long] {
            assert_eq!(Url::parse(text), None, "{text}");
        }
    }

    #[test]
    fn revenue_is_a_decimal_and_a_currency() {
        let revenue = Revenue::parse("-12.50", "krw").unwrap();
        assert_eq!((revenue.amount(), revenue.currency()), ("-12.50", "KRW"));
        for (amount, currency) in
            [("", "KRW"), ("1e3", "KRW"), ("1.", "KRW"), ("1", "KR"), ("1,0", "USD"), ("-", "USD")]
        {
            assert_eq!(Revenue::parse(amount, currency), None, "{amount} {currency}");
        }
    }

    #[test]
    fn person_is_taken_whole_or_not_at_all() {
        let longest = "x".repeat(limits::MAX_PERSON_BYTES);
        assert_eq!(PersonId::parse(&longest).unwrap().as_str(), longest);
        assert_eq!(PersonId::parse(" customer-1042 ").unwrap().as_str(), "customer-1042");
        for text in ["", "  ", "a\tb", &format!("{longest}x")] {
            assert_eq!(PersonId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn props_refuse_what_is_double_or_too_many() {
        let mut props = Props::default();
        assert!(props.push("a", "1"));
        assert!(!props.push("a", "2"));
        assert!(!props.push("", "2"));
        for i in 0..limits::MAX_PROPS {
            props.push(&format!("k{i}"), "v");
        }
        assert_eq!(props.iter().count(), limits::MAX_PROPS);
        assert_eq!(props.iter().next(), Some(("a", "1")));
    }
}
