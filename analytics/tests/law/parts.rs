//! Questions of every kind over shards of visitors: what is found of them adds up to what is found of all.

use analytics::ask::{
    Asking, FunnelOf, JourneyOf, Kind, PropertiesOf, Question, RetentionOf, RowsOf, Several, Share, VisitsOf,
};
use analytics::{Columns, Dataset, Shard};
use proptest::prelude::*;
use protocol::query::{Anchor, Dimension, Filter, Funnel, Op, Query, RawFunnel, RawStep, Step};

use crate::history::{HOUR, MINUTE, NAMES, PATHS};
use crate::store::{Store, join};

/// How the visitors are told apart: shards with so many bits, and which of them come first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    bits: u32,
    turn: u32,
}

pub(crate) fn cut() -> impl Strategy<Value = Cut> {
    (0..5_u32, any::<u32>()).prop_map(|(bits, turn)| Cut { bits, turn })
}

impl Cut {
    fn parts(self, data: &Dataset) -> Vec<Dataset> {
        let mut parts: Vec<Dataset> = Shard::each(self.bits).map(|shard| data.of_shard(shard)).collect();
        let turn = self.turn as usize % parts.len();
        parts.rotate_left(turn);
        parts
    }
}

/// What is asked besides queries.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    funnel: Funnel,
    anchor: Anchor,
    steps: usize,
    limit: usize,
}

pub(crate) fn wish() -> impl Strategy<Value = Wish> {
    let page = |path: &str| RawStep { page: Some(path.to_owned()), ..RawStep::default() };
    let on = prop_oneof![
        prop::sample::select(PATHS.to_vec()).prop_map(page),
        Just(page("/**")),
        prop::sample::select(NAMES.to_vec())
            .prop_map(|name| RawStep { event: Some(name.to_owned()), ..RawStep::default() }),
    ];
    let sound = |step: &RawStep| step.page.iter().chain(&step.event).all(|text| !text.is_empty());
    let steps = prop::collection::vec(on.prop_filter("a step has a text", sound), 2..5);
    let window = prop::sample::select(vec![5 * MINUTE, HOUR, 24 * HOUR]);
    let anchor = prop::sample::select(vec![
        Anchor::Start,
        Anchor::End,
        Anchor::After("/a**".into()),
        Anchor::Before("/**".into()),
    ]);
    (steps, any::<bool>(), window, anchor, 1..5_usize, 1..4_usize).prop_map(
        |(steps, strict, window_ms, anchor, length, limit)| Wish {
            funnel: RawFunnel { steps, strict, window_ms }.check(&[]).unwrap(),
            anchor,
            steps: length,
            limit,
        },
    )
}

fn same<K>(store: &Store<'_>, cut: Cut, kind: K) -> Result<(), TestCaseError>
where
    K: Kind + Copy,
    K::Answer: Clone + PartialEq + std::fmt::Debug,
{
    let data = join(&store.parts(kind.columns()));
    let mut whole = Asking::new(kind);
    whole.take(&data, Share::Whole).unwrap();
    let mut parts = Asking::new(kind);
    // What a first attempt was told is forgotten.
    parts.take(&data, Share::Part).unwrap();
    parts.restart();
    for part in cut.parts(&data) {
        parts.take(&part, Share::Part).unwrap();
    }
    let answer = whole.finish().unwrap();
    prop_assert_eq!(parts.finish().unwrap(), answer.clone(), "parts on the left");
    // The columns that are asked for say all that the answer needs.
    let mut all = Asking::new(kind);
    all.take(&join(&store.parts(Columns::ALL)), Share::Whole).unwrap();
    prop_assert_eq!(all.finish().unwrap(), answer, "all columns on the left");
    Ok(())
}

/// Several questions at once are answered as each alone, and one that is refused stops no other.
fn together(store: &Store<'_>, cut: Cut, query: &Query) -> Result<(), TestCaseError> {
    let mut other = query.clone();
    other.filters.clear();
    let mut wrong = query.clone();
    wrong.filters = vec![Filter::test(Dimension::Page, Op::Matches, &["("])];
    let kinds = [query, &wrong, &other].map(|query| RowsOf { query });
    let mut all = Several::new(kinds.to_vec());
    let data = join(&store.parts(all.columns()));
    for part in cut.parts(&data) {
        all.take(&part, Share::Part).unwrap();
    }
    let answers = all.finish();
    prop_assert!(answers[1].is_err());
    for place in [0, 2] {
        let mut alone = Asking::new(kinds[place]);
        alone.take(&data, Share::Whole).unwrap();
        prop_assert_eq!(answers[place].as_ref().unwrap(), &alone.finish().unwrap());
    }
    Ok(())
}

pub(crate) fn check(
    store: &Store<'_>,
    query: &Query,
    dimensions: &[Dimension],
    wish: &Wish,
    cut: Cut,
) -> Result<(), TestCaseError> {
    let mut query = query.clone();
    query.include.total_rows = true;
    same(store, cut, RowsOf { query: &query })?;
    together(store, cut, &query)?;
    same(store, cut, VisitsOf { query: &query, before: None, limit: wish.limit })?;
    same(store, cut, PropertiesOf { query: &query })?;
    same(store, cut, FunnelOf { query: &query, funnel: &wish.funnel })?;
    let (anchor, steps, limit) = (&wish.anchor, wish.steps, wish.limit);
    same(store, cut, JourneyOf { query: &query, anchor, steps, limit })?;
    for dimension in dimensions {
        let mut by = Query { dimensions: vec![dimension.clone()], ..query.clone() };
        by.order = Query::new(by.metrics.clone(), by.dimensions.clone(), 0..1).order;
        same(store, cut, RowsOf { query: &by })?;
    }
    for period in std::iter::once(&mut query.period).chain(&mut query.comparison) {
        period.edges = query.zone.edges(Step::Day, period.range.clone()).unwrap();
    }
    same(store, cut, RetentionOf { query: &query })
}
