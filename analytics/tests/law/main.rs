//! The law of the engine: *for any history of events, with retries, duplicates, late and reordered arrivals, and a
//! crash at any step, every query equals the same query brute-forced over the set of distinct accepted events.*
//!
//! `LIVEINSIGHT_LAW_CASES` says on how many histories each of the six laws is tried: `npm test` tries 3,400 (20,400 in
//! all), `cargo test` alone 400. A million: `LIVEINSIGHT_LAW_CASES=170000 cargo test -p analytics --test law`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is used by tests alone may fail as tests do")]

mod history;
mod overview;
mod parts;
mod questions;
mod reference;
mod store;
mod visits;
mod words;

use analytics::query::{Index, columns as columns_of, run};
use analytics::{Column, Columns, Dataset, EventDim, VisitDim, segment};
use proptest::prelude::*;
use proptest::test_runner::Config;

use protocol::query::{Query, Step};

use history::{Event, history};
use questions::{Question, question};
use store::{Move, Store, build, join, moves};

fn config() -> Config {
    let cases = std::env::var("LIVEINSIGHT_LAW_CASES").ok().and_then(|cases| cases.parse().ok());
    Config { cases: cases.unwrap_or(400), failure_persistence: None, ..Config::default() }
}

/// Tells a history and a schedule move by move; `ask` is called with a number when somebody asks, and at the end.
fn tell<'a>(
    history: &'a [Event],
    moves: &[Move],
    mut ask: impl FnMut(&Store<'a>, Option<u8>) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let mut store = Store::default();
    let mut waiting: Vec<&Event> = history.iter().collect();
    for one in moves {
        store.make(one, &mut waiting);
        if let Move::Ask { what } = one {
            ask(&store, Some(*what))?;
        }
    }
    waiting.into_iter().for_each(|event| store.arrive(event));
    ask(&store, None)
}

/// What the engine answers of the parts a query has to look at, as the worker and the dashboard ask it.
fn check(store: &Store<'_>, query: &Query) -> Result<(), TestCaseError> {
    let data = join(&store.parts(columns_of(query)));
    let answer = run(&data, &Index::of(&data), query).unwrap();
    let expected = reference::answer(store.events(), query);
    let page = expected.into_iter().skip(query.pagination.offset).take(query.pagination.limit);
    let page: Vec<_> = page.map(|row| (row.dimensions, row.metrics, row.comparison)).collect();
    let rows = answer.results.iter().cloned().map(|row| (row.dimensions, row.metrics, row.comparison));
    let rows: Vec<_> = rows.collect();
    prop_assert_eq!(rows, page, "engine on the left, reference on the right");
    prop_assert!(answer.meta.estimates.is_empty());
    let (data, index) = Index::condense(data);
    prop_assert_eq!(run(&data, &index, query).unwrap(), answer, "a condensed data set answers the same");
    Ok(())
}

/// A few columns.
fn columns() -> impl Strategy<Value = Columns> {
    let all =
        VisitDim::ALL.into_iter().map(Column::Visit).chain(EventDim::ALL.into_iter().map(Column::Event));
    let all = all.chain([Column::Engagement, Column::Revenue, Column::Properties, Column::Flags]);
    let all: Vec<Column> = all.collect();
    prop_oneof![
        1 => Just(Columns::ALL),
        3 => prop::sample::subsequence(all.clone(), 0..all.len()).prop_map(|some| some.into_iter().collect()),
    ]
}

/// A data set with no more than these columns, by way of a segment.
fn only(data: &Dataset, columns: Columns) -> Dataset {
    let bucket = analytics::Bucket::of(analytics::Span::Month, 0);
    segment::read(&segment::write(data, bucket).unwrap(), columns).unwrap()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_stored_is_what_happened((_, history) in history(), moves in moves()) {
        tell(&history, &moves, |store, _| {
            prop_assert_eq!(join(&store.parts(Columns::ALL)), build(store.events()));
            Ok(())
        })?;
    }

    #[test]
    fn every_query_equals_the_reference(
        questions in prop::collection::vec(question(), 1..4),
        moves in moves(),
        history in history(),
    ) {
        let (beginning, history) = history;
        let queries: Vec<Query> = questions.iter().map(|question: &Question| question.query(beginning)).collect();
        tell(&history, &moves, |store, what| {
            // At any moment one of them, at the end all.
            let chosen = what.map(|what| usize::from(what) % queries.len());
            let mut asked = queries.iter().enumerate().filter(|(place, _)| chosen.is_none_or(|one| one == *place));
            asked.try_for_each(|(_, query)| check(store, query))
        })?;
    }

    #[test]
    fn questions_asked_together_equal_the_reference(
        question in question(),
        dimensions in prop::sample::subsequence(overview::cards(), 0..4),
        step in prop::sample::select(vec![Step::Hour, Step::Day, Step::Week, Step::Month]),
        moves in moves(),
        (beginning, history) in history(),
    ) {
        let query = question.query(beginning);
        tell(&history, &moves, |store, _| overview::check(store, &query, &dimensions, step))?;
    }

    #[test]
    fn answers_over_parts_of_the_visitors_add_up(
        question in question(),
        dimensions in prop::sample::subsequence(overview::cards(), 0..4),
        wish in parts::wish(),
        cut in parts::cut(),
        moves in moves(),
        (beginning, history) in history(),
    ) {
        let query = question.query(beginning);
        tell(&history, &moves, |store, _| parts::check(store, &query, &dimensions, &wish, cut))?;
    }

    #[test]
    fn columns_left_out_do_not_change_the_others((_, history) in history(), moves in moves(), columns in columns()) {
        tell(&history, &moves, |store, _| {
            let whole = build(store.events());
            // Rows have all columns and segments those wanted: what is dropped must not change the rest.
            let some = join(&store.parts(columns));
            let loaded = some.loaded();
            prop_assert!(loaded == columns || loaded == Columns::ALL);
            prop_assert_eq!(some, only(&whole, loaded));
            Ok(())
        })?;
    }

    #[test]
    fn damaged_segments_are_refused(
        (_, history) in history(),
        moves in moves(),
        columns in columns(),
        place in any::<prop::sample::Index>(),
        damage in 1..=u8::MAX,
        cut in any::<bool>(),
    ) {
        tell(&history, &moves, |store, _| {
            for (_, bytes) in store.segments() {
                let mut damaged = bytes.to_vec();
                let place = place.index(bytes.len());
                if cut {
                    damaged.truncate(place);
                } else {
                    damaged[place] ^= damage;
                }
                // Columns nobody asks for are not looked at: what was asked for is right, or nothing is said.
                prop_assert!(segment::read(&damaged, Columns::ALL).is_err());
                if let Ok(data) = segment::read(&damaged, columns) {
                    prop_assert_eq!(data, segment::read(bytes, columns).unwrap());
                }
            }
            Ok(())
        })?;
    }
}
