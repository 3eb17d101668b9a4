use std::collections::BTreeMap;

use proptest::prelude::*;
use protocol::{EventId, PageId, SessionId, UserId};

use super::merge;
use crate::sample::{HOUR, Sample, build, history};
use crate::segment::write;
use crate::{Bucket, Builder, Column, Columns, Dataset, EventDim, Kind, Row, Span, VisitDim};

fn merged(parts: &[Dataset]) -> Dataset {
    merge(&parts.iter().collect::<Vec<_>>())
}

fn hours(samples: &[Sample]) -> Vec<Vec<&Sample>> {
    let mut hours: BTreeMap<_, Vec<&Sample>> = BTreeMap::new();
    for sample in samples {
        hours.entry(Bucket::of(Span::Hour, sample.at)).or_default().push(sample);
    }
    hours.into_values().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn merged_hours_are_the_whole(samples in history()) {
        let parts: Vec<Dataset> = hours(&samples).into_iter().map(build).collect();
        let (whole, merged) = (build(&samples), merged(&parts));
        prop_assert_eq!(&merged, &whole);
        let day = Bucket::of(Span::Day, HOUR);
        prop_assert_eq!(write(&merged, day).unwrap(), write(&whole, day).unwrap());
    }

    // Each millisecond is its own part: visits are in as many pieces as can be.
    #[test]
    fn merged_milliseconds_are_the_whole(samples in history()) {
        let mut by_time: BTreeMap<u64, Vec<&Sample>> = BTreeMap::new();
        samples.iter().for_each(|sample| by_time.entry(sample.at).or_default().push(sample));
        let parts: Vec<Dataset> = by_time.into_values().map(build).collect();
        prop_assert_eq!(merged(&parts), build(&samples));
    }

    #[test]
    fn an_older_state_beside_the_newer_changes_nothing(samples in history(), known: u64) {
        let known = samples.iter().enumerate().filter(|(index, _)| known >> (index % 64) & 1 == 1);
        let old = build(known.map(|(_, sample)| sample));
        let whole = build(&samples);
        let mut parts: Vec<Dataset> = hours(&samples).into_iter().map(build).collect();
        parts.insert(0, old);
        prop_assert_eq!(merged(&parts), whole);
    }

    #[test]
    fn parts_may_be_merged_in_any_order_and_in_steps(samples in history()) {
        let mut parts: Vec<Dataset> = hours(&samples).into_iter().map(build).collect();
        let whole = merged(&parts);
        parts.reverse();
        prop_assert_eq!(&merged(&parts), &whole);
        if let Some(last) = parts.pop() {
            prop_assert_eq!(merged(&[merged(&parts), last]), whole);
        }
    }

    // Events of one millisecond are in an order that columns have a say in which are not there.
    #[test]
    fn columns_left_out_do_not_change_the_order_of_the_others(
        samples in history(),
        known: u64,
        wanted: u64,
        is_mixed: bool,
    ) {
        let wanted = columns(wanted);
        let known = samples.iter().enumerate().filter(|(index, _)| known >> (index % 64) & 1 == 1);
        let mut parts: Vec<Dataset> = hours(&samples).into_iter().map(build).collect();
        parts.insert(0, build(known.map(|(_, sample)| sample)));
        // Some parts may have more columns than others.
        let skipped = usize::from(is_mixed);
        parts.iter_mut().skip(skipped).for_each(|part| part.keep(wanted));
        let mut whole = build(&samples);
        whole.keep(if parts.len() > skipped { wanted } else { Columns::ALL });
        prop_assert_eq!(merged(&parts), whole);
    }
}

fn columns(bits: u64) -> Columns {
    let others = [Column::Engagement, Column::Revenue, Column::Properties, Column::Flags];
    let all =
        VisitDim::ALL.map(Column::Visit).into_iter().chain(EventDim::ALL.map(Column::Event)).chain(others);
    (0..).zip(all).filter(|(place, _)| bits >> place & 1 == 1).map(|(_, column)| column).collect()
}

/// Two views of one millisecond, told apart only by their paths.
#[test]
fn entry_and_exit_do_not_depend_on_the_columns_loaded() {
    let (user, session) = (UserId::new(1, &[1; 10]), SessionId::new(HOUR, &[1; 10]));
    let view = |at: u64, path, title| {
        let mut id = [0; 10];
        id[0] = u8::from(path == "/a");
        let row =
            Row::new(EventId::new(at, &id), at, user, session, PageId::new(HOUR, &[1; 10]), Kind::PageView);
        row.with(EventDim::Path, path).with(EventDim::Title, title)
    };
    let part = |rows: &[Row<'_>]| {
        let mut builder = Builder::default();
        rows.iter().for_each(|row| builder.push(row).unwrap());
        builder.finish()
    };
    let views = [view(HOUR, "/a", "second"), view(HOUR, "/b", "first")];
    let later = part(&[view(HOUR + 1, "/a", "third")]);
    // Beside an older state that knew only one of them.
    for parts in [vec![part(&views), later.clone()], vec![part(&views[1..]), part(&views), later]] {
        let titles = |data: Dataset| {
            let titles = data.event(EventDim::Title);
            titles.codes.iter().map(|code| titles.dict.get(code).to_owned()).collect::<Vec<_>>()
        };
        let whole = titles(merged(&parts));
        let mut parts = parts;
        parts.iter_mut().for_each(|part| part.keep(Columns::NONE.with(Column::Event(EventDim::Title))));
        assert_eq!(titles(merged(&parts)), whole);
    }
}
