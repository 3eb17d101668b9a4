use proptest::prelude::*;

use super::checksum::checksum;
use super::*;
use crate::sample::{HOUR, build, history, told_twice};
use crate::{Bucket, Column, Columns, Dataset, EventDim, Span, VisitDim};

fn bucket() -> Bucket {
    Bucket::of(Span::Day, HOUR)
}

proptest! {
    #[test]
    fn segments_give_the_data_back(samples in history()) {
        let data = build(&samples);
        let bytes = write(&data, bucket()).unwrap();
        prop_assert_eq!(read(&bytes, Columns::ALL), Ok(data.clone()));
        let info = inspect(&bytes).unwrap();
        prop_assert_eq!((info.bucket, info.events, info.time_span), (bucket(), data.event_count(), data.time_span()));
    }

    #[test]
    fn order_and_repetition_change_no_byte((once, again) in told_twice()) {
        prop_assert_eq!(write(&build(&once), bucket()).unwrap(), write(&build(&again), bucket()).unwrap());
    }

    #[test]
    fn columns_are_the_same_alone(samples in history(), picked: u64) {
        let data = build(&samples);
        let bytes = write(&data, bucket()).unwrap();
        for dim in VisitDim::ALL.into_iter().filter(|dim| picked >> dim.index() & 1 == 1) {
            let alone = read(&bytes, Columns::NONE.with(Column::Visit(dim))).unwrap();
            prop_assert_eq!(alone.visit(dim), data.visit(dim));
            prop_assert!(VisitDim::ALL.into_iter().all(|other| other == dim || alone.visit(other).dict.is_empty()));
        }
        for dim in EventDim::ALL {
            let alone = read(&bytes, Columns::NONE.with(Column::Event(dim))).unwrap();
            prop_assert_eq!(alone.event(dim), data.event(dim));
        }
        let alone = read(&bytes, Columns::NONE.with(Column::Properties)).unwrap();
        prop_assert_eq!(alone.properties(), data.properties());
        prop_assert_eq!((alone.at(), alone.page_starts()), (data.at(), data.page_starts()));
        let alone = read(&bytes, Columns::NONE.with(Column::Engagement)).unwrap();
        prop_assert_eq!((alone.engaged_ms(), alone.revenue().events.len()), (data.engaged_ms(), 0));
    }

    #[test]
    fn damaged_segments_are_refused(samples in history(), place: prop::sample::Index, bit in 0..8_u8) {
        let mut bytes = write(&build(&samples), bucket()).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert!(read(&bytes, Columns::ALL).is_err());
        bytes.truncate(place);
        prop_assert!(read(&bytes, Columns::ALL).is_err());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        prop_assert!(read(&bytes, Columns::ALL).is_err());
        // The same as a header that is what it says it is.
        let mut header = [&MAGIC[..], &[VERSION], &(bytes.len() as u32).to_le_bytes(), &bytes].concat();
        header.extend(checksum(&header).to_le_bytes());
        let _ = read(&header, Columns::ALL);
    }

    // Whoever makes a segment up makes its checksums right.
    #[test]
    fn made_up_columns_never_panic(samples in history(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let bytes = forged(&write(&build(&samples), bucket()).unwrap(), |_, bodies| {
            for (place, byte) in &changes {
                if !bodies.is_empty() {
                    let place = place.index(bodies.len());
                    bodies[place] = *byte;
                }
            }
        });
        if let Ok(data) = read(&bytes, Columns::ALL) {
            // What passes for a segment is safe to work with.
            let _ = crate::query::Index::of(&data);
            let _ = write(&data, bucket());
        }
    }
}

#[test]
fn an_empty_segment_is_a_segment() {
    let bytes = write(&Dataset::default(), bucket()).unwrap();
    assert_eq!(read(&bytes, Columns::ALL), Ok(Dataset::default()));
}

/// A segment with other bodies under right checksums.
fn forged(bytes: &[u8], change: impl Fn(&mut header::Header, &mut Vec<u8>)) -> Vec<u8> {
    let (mut header, bodies) = header::Header::read(bytes).unwrap();
    let mut bodies = bodies.to_vec();
    change(&mut header, &mut bodies);
    let mut rest = &bodies[..];
    for entry in &mut header.entries {
        let (body, after) = rest.split_at(entry.stored);
        entry.checksum = checksum(body);
        rest = after;
    }
    let mut out = Vec::new();
    header.write(&mut out);
    out.extend(bodies);
    out
}

#[test]
fn columns_of_newer_versions_are_passed_over() {
    let data = golden::events(9);
    let bytes = forged(&write(&data, bucket()).unwrap(), |header, bodies| {
        let entry = header.entries[0];
        header.entries.push(header::Entry { number: 60, needs: 0, codec: 7, raw: 5, stored: 3, ..entry });
        header.entries.push(header::Entry { number: 200, needs: 0, codec: 7, raw: 5, stored: 0, ..entry });
        bodies.extend([1, 2, 3]);
    });
    assert_eq!(read(&bytes, Columns::ALL), Ok(data));
}

#[test]
fn claims_beyond_what_bytes_can_hold_are_refused() {
    let bytes = write(&golden::events(9), bucket()).unwrap();
    let refused = |change: fn(&mut header::Header)| {
        read(&forged(&bytes, |header, _| change(header)), Columns::ALL).is_err()
    };
    assert!(refused(|header| header.counts.events = u32::MAX as usize));
    assert!(refused(
        |header| (header.counts.events, header.counts.visits) = (u32::MAX as usize, u32::MAX as usize)
    ));
    assert!(refused(|header| header.counts.pages += 1));
    assert!(refused(|header| header.entries[5].raw = u32::MAX as usize));
    assert!(refused(|header| header.entries.swap(0, 1)));
    // A packed column that decompresses to what it never could.
    assert!(refused(|header| header
        .entries
        .iter_mut()
        .for_each(|entry| (entry.codec, entry.raw) = (CODEC_LZ4, 1 << 31))));
}

#[test]
fn very_regular_events_are_padded_until_they_may_be_read() {
    let mut builder = crate::Builder::default();
    let (user, session, page) = (
        protocol::UserId::new(HOUR, &[0; 10]),
        protocol::SessionId::new(HOUR, &[0; 10]),
        protocol::PageId::new(HOUR, &[0; 10]),
    );
    for number in 0..60_000_u64 {
        let mut random = [0; 10];
        random[2..].copy_from_slice(&number.to_be_bytes());
        let id = protocol::EventId::new(HOUR, &random);
        builder.push(&crate::Row::new(id, HOUR, user, session, page, crate::Kind::Click)).unwrap();
    }
    let data = builder.finish();
    assert_eq!(data.event_count(), 60_000);
    let bytes = write(&data, bucket()).unwrap();
    assert_eq!(read(&bytes, Columns::ALL), Ok(data));
}

#[test]
fn data_set_without_some_columns_is_not_written() {
    let bytes = write(&golden::events(25), bucket()).unwrap();
    for lacking in [Column::Engagement, Column::Flags, Column::Event(EventDim::Path)] {
        let wanted = [Column::Engagement, Column::Flags, Column::Event(EventDim::Path)];
        let wanted: Columns = wanted.into_iter().filter(|column| *column != lacking).collect();
        let data = read(&bytes, wanted).unwrap();
        assert_eq!(write(&data, bucket()), Err(SegmentError::Incomplete));
    }
    assert_eq!(write(&read(&bytes, Columns::ALL).unwrap(), bucket()), Ok(bytes));
}
