//! Segments of every version stay readable, and this version writes the bytes it always wrote.

use protocol::{EventId, PageId, SessionId, UserId};

use super::{inspect, read, write};
use crate::sample::HOUR;
use crate::{Bucket, Builder, Columns, Dataset, EventDim, Kind, Row, Span, VisitDim};

const V1: &[u8] = include_bytes!("../../fixtures/segment-v1.bin");

fn bucket() -> Bucket {
    Bucket::of(Span::Day, HOUR)
}

/// A number that looks like chance and never changes.
fn noise(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z ^ (z >> 32)
}

fn small(seed: u64, below: u64) -> u64 {
    (noise(seed) % below) * (noise(seed + 1) % below) / below
}

/// Events of `visits` visits that use every column and every form of stream.
pub(super) fn events(visits: u64) -> Dataset {
    let mut builder = Builder::default();
    for visit in 0..visits {
        let seed = visit * 1_000;
        let user = if visit % 3 == 2 { visit - 1 } else { visit };
        let user = UserId::new(HOUR, &[(user % 251) as u8; 10].map(|byte| byte ^ (user / 251) as u8));
        let start = HOUR + noise(seed) % 3_600_000 * 20;
        let session = SessionId::new(start, &[0; 10]);
        let mut at = start + small(seed, 5);
        let texts: Vec<String> =
            (0..VisitDim::COUNT as u64).map(|dim| format!("v{}", small(seed + dim, 3 + dim * 2))).collect();
        for page in 0..1 + small(seed + 50, 6) {
            let seed = seed + page * 100;
            let page = PageId::new(at - small(seed, 3).min(at - start), &[0; 10]);
            let path = small(seed + 1, 90);
            let (path_text, title) = (format!("/shop/item-{path}"), format!("Item {path}"));
            for step in 0..1 + noise(seed + 2) % 4 {
                let seed = seed + step * 10;
                let kind = if step == 0 { Kind::PageView } else { Kind::ALL[1 + (noise(seed) % 4) as usize] };
                at += if step == 0 { 0 } else { small(seed + 3, 60_000) };
                let id = EventId::new(
                    at,
                    &[(seed % 256) as u8, (seed / 256) as u8, (seed / 65_536) as u8, 0, 0, 0, 0, 0, 0, 0],
                );
                let value = format!("{}", small(seed + 4, 40));
                let amount =
                    if visit % 97 == 5 { "0.00001".to_owned() } else { format!("{}.5", noise(seed) % 90) };
                let props = [("plan", &*value), ("zone", "")];
                let mut row = Row::new(id, at, user, session, page, kind);
                row.visit = std::array::from_fn(|dim| if dim < 11 || step == 0 { &*texts[dim] } else { "" });
                (row.cookieless, row.corrected) = (visit % 50 == 1, visit % 70 == 1);
                match kind {
                    Kind::PageView => {
                        row = row.with(EventDim::Path, &path_text).with(EventDim::Title, &title);
                        row = row
                            .with(EventDim::Host, "shop.example")
                            .with(EventDim::Query, if path == 3 { "?q" } else { "" });
                        row.props = &props[..1];
                        builder.push(&row).unwrap();
                    }
                    Kind::Heartbeat => {
                        row.engaged_ms = (at - page.unix_ms()) / (1 + noise(seed + 5) % 2);
                        row.scroll_percent = (noise(seed + 6) % 101) as u8;
                        builder.push(&row).unwrap();
                    }
                    _ => {
                        row = row.with(EventDim::Name, if seed % 2 == 0 { "buy" } else { "look" });
                        (row.amount, row.currency) =
                            if kind == Kind::Conversion { (&*amount, "EUR") } else { ("", "") };
                        row.props = &props;
                        builder.push(&row).unwrap();
                    }
                }
            }
        }
    }
    builder.finish()
}

#[test]
fn segments_of_version_1_stay_readable() {
    let data = events(900);
    let info = inspect(V1).unwrap();
    assert_eq!((info.events, info.bucket), (data.event_count(), bucket()));
    assert_eq!(read(V1, Columns::ALL), Ok(data));
}

#[test]
fn version_1_is_written_byte_for_byte() {
    assert!(
        write(&events(900), bucket()).unwrap() == V1,
        "a change of bytes needs a new version and a new fixture"
    );
}

#[test]
#[ignore = "writes the fixture: only for a new version"]
fn write_fixture() {
    std::fs::write(
        concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/segment-v1.bin"),
        write(&events(900), bucket()).unwrap(),
    )
    .unwrap();
}

#[test]
fn every_changed_byte_and_every_cut_is_noticed() {
    let bytes = write(&events(25), bucket()).unwrap();
    for place in 0..bytes.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[place] ^= change;
            assert!(read(&damaged, Columns::ALL).is_err(), "byte {place} changed by {change}");
        }
        assert!(read(&bytes[..place], Columns::ALL).is_err(), "cut at {place}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(read(&longer, Columns::ALL).is_err());
}
