use std::collections::BTreeMap;

use proptest::prelude::*;

use super::merge;
use crate::sample::{HOUR, Sample, build, history};
use crate::segment::{read, write};
use crate::{Bucket, Column, Columns, Dataset, EventDim, Span, VisitDim};

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
        prop_assert_eq!(write(&merged, day), write(&whole, day));
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

    #[test]
    fn merged_columns_are_the_same_alone(samples in history()) {
        let wanted = Columns::NONE.with(Column::Visit(VisitDim::Country)).with(Column::Event(EventDim::Path)).with(Column::Engagement);
        let parts: Vec<Dataset> = hours(&samples)
            .into_iter()
            .map(|hour| read(&write(&build(hour), Bucket::of(Span::Day, HOUR)), wanted).unwrap())
            .collect();
        let (mut whole, merged) = (build(&samples), merged(&parts));
        whole.keep(merged.loaded());
        prop_assert_eq!(merged.visit(VisitDim::Country), whole.visit(VisitDim::Country));
        prop_assert_eq!((merged.users(), merged.kinds(), merged.at()), (whole.users(), whole.kinds(), whole.at()));
        prop_assert_eq!(merged.pages_of(0), whole.pages_of(0));
    }
}
