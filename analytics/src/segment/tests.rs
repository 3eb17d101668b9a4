use proptest::prelude::*;

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
        let bytes = write(&data, bucket());
        prop_assert_eq!(read(&bytes, Columns::ALL), Ok(data.clone()));
        let info = inspect(&bytes).unwrap();
        prop_assert_eq!((info.bucket, info.events, info.time_span), (bucket(), data.event_count(), data.time_span()));
    }

    #[test]
    fn order_and_repetition_change_no_byte((once, again) in told_twice()) {
        prop_assert_eq!(write(&build(&once), bucket()), write(&build(&again), bucket()));
    }

    #[test]
    fn columns_are_the_same_alone(samples in history(), picked: u64) {
        let data = build(&samples);
        let bytes = write(&data, bucket());
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
        let mut bytes = write(&build(&samples), bucket());
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert!(read(&bytes, Columns::ALL).is_err());
        bytes.truncate(place);
        prop_assert!(read(&bytes, Columns::ALL).is_err());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        prop_assert!(read(&bytes, Columns::ALL).is_err());
    }

    // Whoever makes a segment up makes its checksums right.
    #[test]
    fn made_up_columns_never_panic(samples in history(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let bytes = write(&build(&samples), bucket());
        let (mut header, bodies) = header::Header::read(&bytes).unwrap();
        let mut bodies = bodies.to_vec();
        for (place, byte) in changes {
            if !bodies.is_empty() {
                let place = place.index(bodies.len());
                bodies[place] = byte;
            }
        }
        let mut rest = &bodies[..];
        for entry in &mut header.entries {
            let (body, after) = rest.split_at(entry.stored);
            entry.checksum = crc32fast::hash(body);
            rest = after;
        }
        let mut bytes = Vec::new();
        header.write(&mut bytes);
        bytes.extend(bodies);
        if let Ok(data) = read(&bytes, Columns::ALL) {
            // What passes for a segment is safe to work with.
            let _ = crate::Derived::of(&data, None);
            let _ = write(&data, bucket());
        }
    }
}

#[test]
fn an_empty_segment_is_a_segment() {
    let bytes = write(&Dataset::default(), bucket());
    assert_eq!(read(&bytes, Columns::ALL), Ok(Dataset::default()));
}
