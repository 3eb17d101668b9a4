//! Questions of any kind, answered visitors after visitors.
//!
//! All visits of a visitor stand together, and every number of every answer is a sum over visitors: of them, their
//! visits, their actions. So what is found of disjoint sets of visitors adds up to exactly what is found of all of
//! them at once, distinct counts included, and a question over more events than fit into memory is asked of one part
//! after the other. Only shares, order and pages are made at the end.

mod explore;
mod rows;
mod several;
mod visits;

use std::ops::Range;

use protocol::query::{Query, QueryError};

use crate::columns::Columns;
use crate::dataset::Dataset;
use crate::query::Index;

pub use explore::{FunnelOf, JourneyOf, PropertiesOf, RetentionOf};
pub use rows::RowsOf;
pub use several::Several;
pub use visits::{TimelineOf, VisitsOf};

/// Which visitors the events are of that a question is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// All there are: no other part comes.
    Whole,
    /// Some; the others come in parts of their own.
    Part,
}

/// A kind of question: what it reads, how it is answered over some visitors, and how that adds up.
pub trait Kind {
    /// What is found of some visitors.
    type Sums;
    /// The answer.
    type Answer;

    /// Range, filters and definitions.
    fn query(&self) -> &Query;

    /// The columns it reads.
    fn columns(&self) -> Columns;

    /// What there is to find of the visitors of a data set. `index` is [`Index::of`] the data set.
    ///
    /// # Errors
    /// The question cannot be asked: a filter holds an expression that is none, or there are too many groups.
    fn look(&self, data: &Dataset, index: &Index, share: Share) -> Result<Self::Sums, QueryError>;

    /// The same for several questions at once, for those kinds that can look together.
    fn look_all(
        all: &[&Self],
        data: &Dataset,
        index: &Index,
        share: Share,
    ) -> Vec<Result<Self::Sums, QueryError>> {
        all.iter().map(|one| one.look(data, index, share)).collect()
    }

    /// Adds what was found of other visitors.
    ///
    /// # Errors
    /// There are too many groups.
    fn add(&self, sums: &mut Self::Sums, more: Self::Sums) -> Result<(), QueryError>;

    /// The answer.
    fn finish(&self, sums: Self::Sums) -> Self::Answer;
}

/// A question as whoever loads the events sees it.
pub trait Question {
    /// The columns it reads.
    fn columns(&self) -> Columns;

    /// Ranges of time that are asked for: the visits of their actions have to be whole.
    fn ranges(&self) -> Vec<Range<u64>>;

    /// Forgets what it was told: it will be told anew.
    fn restart(&mut self);

    /// Takes all events of some visitors, of whom none was told before.
    ///
    /// # Errors
    /// As [`Kind::look`].
    fn take(&mut self, data: &Dataset, share: Share) -> Result<(), QueryError>;
}

/// A question that is being answered.
#[derive(Debug)]
pub struct Asking<K: Kind> {
    kind: K,
    sums: Option<K::Sums>,
}

impl<K: Kind> Asking<K> {
    /// Nothing is told yet.
    pub fn new(kind: K) -> Self {
        Self { kind, sums: None }
    }

    /// The answer over all that was told.
    ///
    /// # Errors
    /// As [`Kind::look`].
    pub fn finish(self) -> Result<K::Answer, QueryError> {
        let sums = match self.sums {
            Some(sums) => sums,
            None => {
                let nothing = Dataset::default();
                self.kind.look(&nothing, &Index::of(&nothing), Share::Whole)?
            }
        };
        Ok(self.kind.finish(sums))
    }
}

impl<K: Kind> Question for Asking<K> {
    fn columns(&self) -> Columns {
        self.kind.columns()
    }

    fn ranges(&self) -> Vec<Range<u64>> {
        let query = self.kind.query();
        std::iter::once(&query.period).chain(&query.comparison).map(|period| period.range.clone()).collect()
    }

    fn restart(&mut self) {
        self.sums = None;
    }

    fn take(&mut self, data: &Dataset, share: Share) -> Result<(), QueryError> {
        let more = self.kind.look(data, &Index::of(data), share)?;
        match &mut self.sums {
            Some(sums) => self.kind.add(sums, more),
            none => {
                *none = Some(more);
                Ok(())
            }
        }
    }
}
