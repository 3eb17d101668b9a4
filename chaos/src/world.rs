//! The shop that visitors come to, and what their browsers and the edge say of them.

use fastrand::Rng;

/// Where somebody is, as the edge says it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) country: &'static str,
    /// `request.cf`.
    pub(crate) cf: &'static str,
}

pub(crate) const PLACES: [Place; 4] = [
    Place { country: "KR", cf: r#"{"country":"KR","region":"Seoul","city":"Seoul"}"# },
    Place { country: "JP", cf: r#"{"country":"JP","region":"Tokyo","city":"Tokyo"}"# },
    Place { country: "DE", cf: r#"{"country":"DE","region":"Land Berlin","city":"Berlin"}"# },
    Place { country: "US", cf: r#"{"country":"US","region":"Texas","city":"Austin"}"# },
];

pub(crate) const AGENTS: [&str; 5] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
];

pub(crate) const PATHS: [&str; 10] = [
    "/",
    "/products",
    "/products/guji",
    "/products/huila",
    "/products/decaf",
    "/about",
    "/shop",
    "/shop/cart",
    "/shop/checkout",
    "/journal",
];

pub(crate) const REFERRERS: [&str; 4] = [
    "",
    "https://www.google.com/",
    "https://search.naver.com/search.naver",
    "https://www.reddit.com/r/coffee",
];

/// Picks one.
pub(crate) fn pick<T>(dice: &mut Rng, of: &'static [T]) -> &'static T {
    &of[dice.usize(..of.len())]
}
