//! Client Hints: what Chromium's browsers say of themselves in headers of their own, because their user agent is
//! frozen (<https://wicg.github.io/ua-client-hints/>).

/// The values of the `Sec-CH-UA…` headers as they were sent; empty where one was not. All of it is the visitor's
/// word and may be anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// `Sec-CH-UA`: brands with their major versions.
    pub ua: &'a str,
    /// `Sec-CH-UA-Full-Version-List`: brands with their full versions; read before [`Hints::ua`].
    pub full_version_list: &'a str,
    /// `Sec-CH-UA-Mobile`: `?1` or `?0`.
    pub mobile: &'a str,
    /// `Sec-CH-UA-Platform`, such as `"Windows"`.
    pub platform: &'a str,
    /// `Sec-CH-UA-Platform-Version`, such as `"15.0.0"`.
    pub platform_version: &'a str,
    /// `Sec-CH-UA-Model`, such as `"SM-S911N"`.
    pub model: &'a str,
    /// `Sec-CH-UA-Form-Factors`, such as `"Tablet"`.
    pub form_factors: &'a str,
}

impl<'a> Hints<'a> {
    /// Names and versions of the brands, from the most exact list there is.
    pub(crate) fn brands(&self) -> Brands<'a> {
        let list = if self.full_version_list.is_empty() { self.ua } else { self.full_version_list };
        Brands(list)
    }

    /// Whether the browser prefers a mobile page, if it says so.
    pub(crate) fn is_mobile(&self) -> Option<bool> {
        match self.mobile.trim() {
            "?1" => Some(true),
            "?0" => Some(false),
            _ => None,
        }
    }

    /// The platform without its quotes.
    pub(crate) fn platform(&self) -> &'a str {
        unquoted(self.platform)
    }

    /// The platform's version without its quotes.
    pub(crate) fn platform_version(&self) -> &'a str {
        unquoted(self.platform_version)
    }

    /// The device's model without its quotes.
    pub(crate) fn model(&self) -> &'a str {
        unquoted(self.model)
    }
}

fn unquoted(value: &str) -> &str {
    value.trim().trim_matches('"').trim()
}

/// Members of a list such as `"Chromium";v="142", "Not_A Brand";v="99"`: names contain every kind of sign on
/// purpose (GREASE), so quotes are what counts, not commas.
#[derive(Debug, Clone)]
pub(crate) struct Brands<'a>(&'a str);

impl<'a> Iterator for Brands<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = quoted(self.0)?;
        let (version, rest) = match rest.strip_prefix(";v=") {
            Some(version) => quoted(version).unwrap_or(("", "")),
            None => ("", rest),
        };
        self.0 = rest;
        Some((name, version))
    }
}

/// The first text in quotes, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let (_, text) = text.split_once('"')?;
    text.split_once('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brands_are_read_past_grease() {
        let hints =
            Hints { ua: r#""Not)A;Brand, v";v="8", "Chromium";v="138", "Whale";v="4""#, ..Hints::default() };
        let brands: Vec<_> = hints.brands().collect();
        assert_eq!(brands, [("Not)A;Brand, v", "8"), ("Chromium", "138"), ("Whale", "4")]);
    }

    #[test]
    fn the_full_list_is_read_first() {
        let hints = Hints {
            ua: r#""Opera";v="120""#,
            full_version_list: r#""Opera";v="120.0.5543.93""#,
            ..Hints::default()
        };
        assert_eq!(hints.brands().next(), Some(("Opera", "120.0.5543.93")));
    }

    #[test]
    fn broken_lists_end_early() {
        for broken in ["", "\"", "Chromium", "\"Chromium", ";v=\"1\"\"", "\"a\";v=\"1", "\"\"\"\"\"\""] {
            let hints = Hints { ua: broken, ..Hints::default() };
            assert!(hints.brands().count() <= broken.len(), "{broken}");
        }
    }

    #[test]
    fn single_values_lose_their_quotes() {
        let hints =
            Hints { mobile: "?1", platform: "\"Android\"", platform_version: "15.0.0", ..Hints::default() };
        assert_eq!(hints.is_mobile(), Some(true));
        assert_eq!((hints.platform(), hints.platform_version(), hints.model()), ("Android", "15.0.0", ""));
        assert_eq!(Hints::default().is_mobile(), None);
    }
}
