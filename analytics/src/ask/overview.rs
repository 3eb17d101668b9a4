//! The overview: sums by group, of which the largest are told at the end.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use protocol::query::{Card, CardRow, Dimension, OverviewAnswer, Query, QueryError, Totals};

use super::explore::span;
use super::{Kind, Share};
use crate::columns::Columns;
use crate::dataset::Dataset;
use crate::query::{Index, columns, overview};

/// An [`overview`].
#[derive(Debug, Clone, Copy)]
pub struct OverviewOf<'a> {
    /// Range, edges of the series, filters and definitions.
    pub query: &'a Query,
    /// What to break down by. Steps of time are the series, and no breakdown.
    pub dimensions: &'a [Dimension],
    /// Most rows of a breakdown.
    pub limit: usize,
}

/// What is found of some visitors: rows of the breakdowns by name, all of them.
#[derive(Debug)]
pub struct OverviewSums {
    answer: OverviewAnswer,
    cards: Vec<HashMap<String, CardRow>>,
}

impl Kind for OverviewOf<'_> {
    type Sums = OverviewSums;
    type Answer = OverviewAnswer;

    fn query(&self) -> &Query {
        self.query
    }

    fn columns(&self) -> Columns {
        let dimensions = self.dimensions.to_vec();
        columns(&Query { metrics: Vec::new(), dimensions, ..self.query.clone() })
    }

    fn look(&self, data: &Dataset, index: &Index, share: Share) -> Result<OverviewSums, QueryError> {
        if share == Share::Whole {
            let answer = overview(data, index, self.query, self.dimensions, self.limit)?;
            return Ok(OverviewSums { answer, cards: Vec::new() });
        }
        let mut answer = overview(data, index, self.query, self.dimensions, usize::MAX)?;
        let by_name = |card: &mut Card| {
            let rows = std::mem::take(&mut card.rows).into_iter();
            rows.map(|mut row| (std::mem::take(&mut row.name), row)).collect()
        };
        let cards = answer.cards.iter_mut().map(by_name).collect();
        Ok(OverviewSums { answer, cards })
    }

    fn add(&self, sums: &mut OverviewSums, more: OverviewSums) -> Result<(), QueryError> {
        let (one, other) = (&mut sums.answer, more.answer);
        add_totals(&mut one.totals, &other.totals);
        if let (Some(one), Some(other)) = (&mut one.comparison, &other.comparison) {
            add_totals(one, other);
        }
        for (point, more) in one.series.iter_mut().zip(&other.series) {
            point.visitors += more.visitors;
            point.visits += more.visits;
            point.page_views += more.page_views;
        }
        one.visits_scanned += other.visits_scanned;
        one.events_scanned += other.events_scanned;
        one.data_span = span(one.data_span, other.data_span);
        for (rows, more) in sums.cards.iter_mut().zip(more.cards) {
            for (name, more) in more {
                match rows.entry(name) {
                    Entry::Vacant(place) => {
                        place.insert(more);
                    }
                    Entry::Occupied(mut row) => {
                        let row = row.get_mut();
                        row.visitors += more.visitors;
                        row.visits += more.visits;
                        row.page_views += more.page_views;
                    }
                }
            }
        }
        Ok(())
    }

    fn finish(&self, sums: OverviewSums) -> OverviewAnswer {
        let mut answer = sums.answer;
        for (card, rows) in answer.cards.iter_mut().zip(sums.cards) {
            card.total_rows = rows.len() as u64;
            card.rows = rows.into_iter().map(|(name, row)| CardRow { name, ..row }).collect();
            card.rows.sort_unstable_by(|a, b| b.visitors.cmp(&a.visitors).then_with(|| a.name.cmp(&b.name)));
            card.rows.truncate(self.limit);
        }
        answer
    }
}

fn add_totals(sums: &mut Totals, more: &Totals) {
    sums.visitors += more.visitors;
    sums.visits += more.visits;
    sums.page_views += more.page_views;
    sums.bounces += more.bounces;
    sums.duration_ms += more.duration_ms;
    sums.engaged_ms += more.engaged_ms;
}
