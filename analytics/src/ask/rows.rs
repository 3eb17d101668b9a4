//! Queries: rows of metrics by dimensions.

use protocol::query::{Answer, Query, QueryError};

use super::{Kind, Share};
use crate::columns::Columns;
use crate::dataset::Dataset;
use crate::query::{Index, Partial, columns, run};

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
        let found = match share {
            Share::Whole => Found::Whole(Box::new(run(data, index, self.query)?)),
            Share::Part => Found::Part(Box::new(Partial::of(data, index, self.query)?)),
        };
        Ok(RowsSums(found))
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
