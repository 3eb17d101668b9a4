//! One made-up visit: its events and when each is sent.
//!
//! Everything about a visit follows from the hour it begins in and its number: planning an hour again gives
//! the same ids, so traffic that is started twice overwrites itself instead of doubling.

use fastrand::Rng;
use protocol::event::{Name, Text, Url};
use protocol::limits::FIRST_INTERVAL_S;
use protocol::{
    Click, ClickKind, Context, Conversion, Event, EventId, EventKind, Heartbeat, PageId, PageView, Props,
    Revenue, SessionId, Size, UserId,
};

use super::world::{self, BROWSERS, COUNTRIES, Country, HOURS, LANDINGS, REFERRERS, pick};

pub(super) const HOUR_MS: u64 = 3_600_000;

/// Visits in the busiest hour of the busiest day, were all visitors in one time zone.
const PEAK_VISITS: u32 = 260;

/// Regular visitors, who come back with the id they had.
const REGULARS: u64 = 4_000;

/// Pages after which even a lost visitor leaves.
const MAX_PAGES: usize = 14;

/// A visit.
pub(super) struct Visit {
    pub(super) user: UserId,
    pub(super) session: SessionId,
    pub(super) country: &'static Country,
    pub(super) city: &'static str,
    pub(super) user_agent: &'static str,
    pub(super) context: Context,
    /// In order of time.
    pub(super) events: Vec<Event>,
}

fn random(rng: &mut Rng) -> [u8; 10] {
    std::array::from_fn(|_| rng.u8(..))
}

/// The visits that begin in an hour since 1970, of a site whose pages begin with `base`.
pub(super) fn hour(hour: u64, base: &str) -> Vec<Visit> {
    let mut rng = Rng::with_seed(hour.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut visits = Vec::new();
    for country in COUNTRIES {
        let local = hour + country.utc_offset;
        // 1970-01-01 was a Thursday: days 2 and 3 of each week since are the weekend.
        let weekend = matches!((local / 24) % 7, 2 | 3);
        let day = if weekend { 78 } else { 100 };
        let shape = HOURS[usize::try_from(local % 24).unwrap_or(0)];
        // In millionths of the peak; up to a quarter more or less, as real hours differ.
        let expected = country.share * shape * day / 100 * rng.u32(75..125) / 100;
        let count = PEAK_VISITS * expected / 100_000;
        visits.extend((0..count).map(|_| visit(&mut rng, hour * HOUR_MS, country, base)));
    }
    visits
}

fn visit(rng: &mut Rng, hour_start: u64, country: &'static Country, base: &str) -> Visit {
    let start = hour_start + rng.u64(0..HOUR_MS);
    let (_, user_agent, [sw, sh], [vw, vh]) = pick(rng, BROWSERS, |row| row.0);
    let regular = rng.u32(0..100) < 35;
    let user = if regular {
        let number = rng.u64(0..REGULARS);
        UserId::new(1_735_689_600_000 + number, &random(&mut Rng::with_seed(number)))
    } else {
        UserId::new(start, &random(rng))
    };
    let mut visit = Visit {
        user,
        session: SessionId::new(start, &random(rng)),
        country,
        city: rng.choice(country.cities.iter().copied()).unwrap_or(""),
        user_agent,
        context: Context {
            language: Text::cut(country.language),
            time_zone: Text::cut(country.time_zone),
            screen: Some(Size { width: *sw, height: *sh }),
            viewport: Some(Size { width: *vw, height: *vh }),
            ..Context::default()
        },
        events: Vec::new(),
    };
    browse(rng, &mut visit, start, base);
    visit
}

/// Goes from page to page until the visitor leaves.
fn browse(rng: &mut Rng, visit: &mut Visit, start: u64, base: &str) {
    let mut at = start;
    let mut path = pick(rng, LANDINGS, |row| row.0).1;
    let mut referrer = Url::parse(pick(rng, REFERRERS, |row| row.0).1);
    for _ in 0..MAX_PAGES {
        let Some(url) = Url::parse(&format!("{base}{path}")) else { return };
        let page = PageId::new(at, &random(rng));
        let mut record = |rng: &mut Rng, at: u64, kind: EventKind| {
            visit.events.push(Event { id: EventId::new(at, &random(rng)), at, page_id: page, kind });
        };
        let view = PageView {
            url: url.clone(),
            referrer: referrer.replace(url),
            title: Text::cut(title(path)),
            props: Props::default(),
        };
        record(rng, at, EventKind::PageView(view));

        // Long tail: most pages are glanced at, a few are read.
        let stay = 4_000 + rng.u64(0..18_000) + if rng.u32(0..100) < 30 { rng.u64(0..300_000) } else { 0 };
        let mut beat = |rng: &mut Rng, after: u64, last: bool| {
            let engaged_ms = after * rng.u64(70..100) / 100;
            let scroll_percent = u8::try_from((20 + after / 900).min(100)).unwrap_or(100);
            let kind = Heartbeat { engaged_ms, scroll_percent, interval_s: FIRST_INTERVAL_S, last };
            record(rng, at + after, EventKind::Heartbeat(kind));
        };
        let interval = u64::from(FIRST_INTERVAL_S) * 1_000;
        for n in 1..=stay / interval {
            if n * interval < stay {
                beat(rng, n * interval, false);
            }
        }
        beat(rng, stay, true);
        if let Some((offset, kind)) = action(rng, path) {
            record(rng, at + offset.min(stay - 1), kind);
        }
        // The next page takes a moment to load.
        at += stay + 120;
        match world::next(rng, path) {
            Some(to) => path = to,
            None => break,
        }
    }
    visit.events.sort_by_key(|event| (event.at, event.id));
}

/// What a visitor does on a page besides reading it.
fn action(rng: &mut Rng, path: &str) -> Option<(u64, EventKind)> {
    let click = |kind, text: &str, href: &str| {
        EventKind::Click(Click {
            kind,
            name: None,
            text: Text::cut(text),
            href: Url::parse(href),
            selector: Text::cut("main a"),
        })
    };
    let chance = rng.u32(0..100);
    let kind = match path {
        "/shop/checkout" if chance < 70 => EventKind::Conversion(Conversion {
            name: Name::parse("purchase")?,
            revenue: Revenue::parse(&(12_000 + 1_000 * rng.u32(0..60)).to_string(), "KRW"),
            props: Props::default(),
        }),
        "/about" if chance < 20 => click(ClickKind::Outbound, "about grinding", "https://example.org/grind"),
        "/products" if chance < 6 => {
            click(ClickKind::Download, "Price list", "https://shop.example/price-list.txt")
        }
        _ => return None,
    };
    Some((3_000 + rng.u64(0..6_000), kind))
}

fn title(path: &str) -> &'static str {
    match path.split('?').next().unwrap_or("") {
        "/" => "Haneul Coffee",
        "/products" => "Our coffees",
        "/about" => "About us",
        "/shop" => "Shop",
        "/shop/cart" => "Your cart",
        "/shop/checkout" => "Checkout",
        _ => "Coffee, 250 g",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "http://127.0.0.1:8788";

    #[test]
    fn hour_planned_twice_is_the_same() {
        let ids =
            || hour(490_003, BASE).iter().flat_map(|v| v.events.iter().map(|e| e.id)).collect::<Vec<_>>();
        assert!(!ids().is_empty());
        assert_eq!(ids(), ids());
    }

    #[test]
    fn day_has_a_shape() {
        // 12 UTC is 21 in Seoul, the busiest hour; 19 UTC is 4 in the morning there.
        let visits = |utc: u64| hour(20_412 * 24 + utc, BASE).len();
        assert!(visits(12) > 2 * visits(19), "{} {}", visits(12), visits(19));
    }

    #[test]
    fn events_are_in_order_and_each_page_ends_with_a_final_heartbeat() {
        for visit in hour(490_012, BASE) {
            assert!(visit.events.is_sorted_by_key(|event| event.at));
            let views = visit.events.iter().filter(|e| matches!(e.kind, EventKind::PageView(_))).count();
            let ends =
                visit.events.iter().filter(|e| matches!(&e.kind, EventKind::Heartbeat(b) if b.last)).count();
            assert_eq!(views, ends);
        }
    }
}
