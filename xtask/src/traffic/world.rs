//! The made-up world: who comes, from where, with what, and how they go through the demo shop.
//!
//! Shares are rounded from public reports of 2025 on browsers, devices and referrers; they need only look
//! right, because nothing is concluded from them.

use fastrand::Rng;

/// A country with its share of visitors, offset from UTC in hours, cities and languages.
pub(super) struct Country {
    pub(super) code: &'static str,
    pub(super) share: u32,
    pub(super) utc_offset: u64,
    pub(super) cities: &'static [&'static str],
    pub(super) language: &'static str,
    pub(super) time_zone: &'static str,
}

const fn country(
    code: &'static str,
    share: u32,
    utc_offset: u64,
    cities: &'static [&'static str],
    language: &'static str,
    time_zone: &'static str,
) -> Country {
    Country { code, share, utc_offset, cities, language, time_zone }
}

pub(super) const COUNTRIES: &[Country] = &[
    country("KR", 460, 9, &["Seoul", "Busan", "Incheon", "Daegu", "Jeju"], "ko-KR", "Asia/Seoul"),
    country("US", 150, 19, &["New York", "Los Angeles", "Seattle", "Austin"], "en-US", "America/New_York"),
    country("JP", 110, 9, &["Tokyo", "Osaka", "Fukuoka"], "ja-JP", "Asia/Tokyo"),
    country("DE", 55, 1, &["Berlin", "Munich", "Hamburg"], "de-DE", "Europe/Berlin"),
    country("GB", 50, 0, &["London", "Manchester"], "en-GB", "Europe/London"),
    country("SG", 35, 8, &["Singapore"], "en-SG", "Asia/Singapore"),
    country("FR", 35, 1, &["Paris", "Lyon"], "fr-FR", "Europe/Paris"),
    country("IN", 35, 5, &["Bengaluru", "Mumbai"], "en-IN", "Asia/Kolkata"),
    country("BR", 25, 21, &["São Paulo"], "pt-BR", "America/Sao_Paulo"),
    country("AU", 25, 10, &["Sydney", "Melbourne"], "en-AU", "Australia/Sydney"),
    country("VN", 20, 7, &["Ho Chi Minh City", "Hanoi"], "vi-VN", "Asia/Ho_Chi_Minh"),
];

/// Visits an hour, by the visitor's own clock, as a share of the busiest hour in per cent.
pub(super) const HOURS: [u32; 24] =
    [28, 17, 10, 7, 6, 9, 18, 34, 52, 66, 74, 80, 92, 84, 78, 76, 77, 80, 84, 90, 97, 100, 82, 52];

/// Browsers by share: header, screen and viewport.
pub(super) const BROWSERS: &[(u32, &str, [u32; 2], [u32; 2])] = &[
    (
        26,
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
        [412, 915],
        [412, 785],
    ),
    (
        22,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
        [393, 852],
        [393, 660],
    ),
    (
        20,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        [1920, 1080],
        [1903, 937],
    ),
    (
        9,
        "Mozilla/5.0 (Linux; Android 15; SM-S931N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
        [384, 832],
        [384, 720],
    ),
    (
        8,
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
        [1512, 982],
        [1512, 860],
    ),
    (
        6,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
        [1536, 864],
        [1521, 730],
    ),
    (
        4,
        "Mozilla/5.0 (Linux; Android 15; SM-S928N; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36;KAKAOTALK 2611",
        [412, 891],
        [412, 770],
    ),
    (3, "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", [2560, 1440], [2545, 1297]),
    (
        2,
        "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
        [820, 1180],
        [820, 1080],
    ),
];

/// Where visits come from, by share; empty is direct.
pub(super) const REFERRERS: &[(u32, &str)] = &[
    (34, ""),
    (22, "https://www.google.com/"),
    (14, "https://search.naver.com/search.naver"),
    (8, "https://www.instagram.com/"),
    (6, "https://www.youtube.com/"),
    (5, "https://m.search.naver.com/"),
    (4, "https://www.reddit.com/r/coffee"),
    (3, "https://www.bing.com/"),
    (2, "https://chatgpt.com/"),
    (2, "https://news.ycombinator.com/"),
];

/// Landing pages by share, with the campaign they may carry.
pub(super) const LANDINGS: &[(u32, &str)] = &[
    (42, "/"),
    (18, "/products"),
    (10, "/shop"),
    (8, "/products/yirgacheffe?utm_source=instagram&utm_medium=social&utm_campaign=autumn"),
    (7, "/products/morning-blend"),
    (6, "/shop?utm_source=newsletter&utm_medium=email&utm_campaign=weekly"),
    (5, "/products/huila"),
    (4, "/about"),
];

/// Picks by share.
pub(super) fn pick<'a, T>(rng: &mut Rng, table: &'a [T], share: impl Fn(&T) -> u32) -> &'a T {
    let mut left = rng.u32(0..table.iter().map(&share).sum());
    for row in table {
        let part = share(row);
        if left < part {
            return row;
        }
        left -= part;
    }
    // Unreachable: the shares add up to the bound.
    &table[0]
}

/// Where a visitor goes from a page; `None` ends the visit.
pub(super) fn next(rng: &mut Rng, path: &str) -> Option<&'static str> {
    const PRODUCTS: [&str; 4] =
        ["/products/yirgacheffe", "/products/huila", "/products/morning-blend", "/products/decaf"];
    const SHELF: [&str; 4] = ["/shop/yirgacheffe", "/shop/huila", "/shop/morning-blend", "/shop/decaf"];
    let one = |rng: &mut Rng, pages: &[&'static str]| rng.choice(pages.iter().copied());
    let chance = rng.u32(0..100);
    match path {
        "/" => match chance {
            0..45 => None,
            45..70 => Some("/products"),
            70..92 => Some("/shop"),
            _ => Some("/about"),
        },
        "/products" | "/about" => match chance {
            0..35 => None,
            35..80 => one(rng, &PRODUCTS),
            _ => Some("/shop"),
        },
        "/shop" => match chance {
            0..30 => None,
            _ => one(rng, &SHELF),
        },
        "/shop/cart" => (chance < 55).then_some("/shop/checkout"),
        "/shop/checkout" => (chance < 10).then_some("/shop"),
        path if path.starts_with("/shop/") => match chance {
            0..35 => None,
            35..65 => Some("/shop"),
            _ => Some("/shop/cart"),
        },
        _ => match chance {
            0..40 => None,
            40..75 => Some("/shop"),
            _ => one(rng, &PRODUCTS),
        },
    }
}
