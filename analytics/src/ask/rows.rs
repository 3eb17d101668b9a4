//! Queries: rows of metrics by dimensions.

use protocol::query::{Answer, Query, QueryError};

use super::{Kind, Share};
use crate::columns::Columns;
use crate::dataset::Dataset;
use crate::query::{Index, Partial, columns, run_all};

/// A query, as [`run`](crate::query::run) answers it.
#[derive(Debug, Clone, Copy)]
pub struct RowsOf<'a> {
    /// The query.
    pub query: &'a Query,
}

/// What is found of some visitors.
#[derive(Debug)]
pub struct RowsSums(Found);

#[derive(Debug)]
enum Found {
    Whole(Box<Answer>),
    Part(Box<Partial>),
}

impl Kind for RowsOf<'_> {
    type Sums = RowsSums;
    type Answer = Answer;

    fn query(&self) -> &Query {
        self.query
    }

    fn columns(&self) -> Columns {
        columns(self.query)
    }

    fn look(&self, data: &Dataset, index: &Index, share: Share) -> Result<RowsSums, QueryError> {
        let mut found = Self::look_all(&[self], data, index, share);
        found.pop().unwrap_or_else(|| Err(QueryError::new("query", "nothing was asked")))
    }

    fn look_all(
        all: &[&Self],
        data: &Dataset,
        index: &Index,
        share: Share,
    ) -> Vec<Result<RowsSums, QueryError>> {
        let queries: Vec<&Query> = all.iter().map(|one| one.query).collect();
        match share {
            Share::Whole => {
                let answers = run_all(data, index, &queries).into_iter();
                answers.map(|answer| Ok(RowsSums(Found::Whole(Box::new(answer?))))).collect()
            }
            Share::Part => {
                let parts = Partial::of_all(data, index, &queries).into_iter();
                parts.map(|part| Ok(RowsSums(Found::Part(Box::new(part?))))).collect()
            }
        }
    }

    fn add(&self, sums: &mut RowsSums, more: RowsSums) -> Result<(), QueryError> {
        match (&mut sums.0, more.0) {
            (Found::Part(sums), Found::Part(more)) => sums.add(&more, self.query),
            // To the whole nothing can be added.
            _ => Err(QueryError::new("query", "a part was told after the whole")),
        }
    }

    fn finish(&self, sums: RowsSums) -> Answer {
        match sums.0 {
            Found::Whole(answer) => *answer,
            Found::Part(sums) => sums.finish(self.query),
        }
    }
}
