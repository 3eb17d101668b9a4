//! Lists of visits and timelines: what single visitors did.

use protocol::query::{Query, QueryError, TimelineAnswer, VisitCursor, VisitsAnswer};

use super::explore::of_filters;
use super::{Kind, Share};
use crate::columns::{Column, Columns};
use crate::dataset::Dataset;
use crate::query::Index;
use crate::row::VisitDim;
use crate::{united_visits, visit_timeline, visitor_timeline, visits};

/// A page of a list of [`visits`].
#[derive(Debug, Clone, Copy)]
pub struct VisitsOf<'a> {
    /// Range, filters and definitions.
    pub query: &'a Query,
    /// The last visit of the page before.
    pub before: Option<VisitCursor>,
    /// How many.
    pub limit: usize,
}

impl Kind for VisitsOf<'_> {
    type Sums = VisitsAnswer;
    type Answer = VisitsAnswer;

    fn query(&self) -> &Query {
        self.query
    }

    fn columns(&self) -> Columns {
        VisitDim::ALL.into_iter().map(Column::Visit).fold(of_filters(self.query), Columns::with)
    }

    fn look(&self, data: &Dataset, index: &Index, _: Share) -> Result<VisitsAnswer, QueryError> {
        visits(data, index, self.query, self.before, self.limit)
    }

    fn add(&self, sums: &mut VisitsAnswer, more: VisitsAnswer) -> Result<(), QueryError> {
        *sums = united_visits(vec![std::mem::take(sums), more], self.limit);
        Ok(())
    }

    fn finish(&self, sums: VisitsAnswer) -> VisitsAnswer {
        sums
    }
}

/// A [`visitor_timeline`], or of one visit alone.
#[derive(Debug, Clone, Copy)]
pub struct TimelineOf<'a> {
    /// Range and definitions.
    pub query: &'a Query,
    /// The visitor's number.
    pub visitor: u64,
    /// When the visit began; all visits of the range otherwise.
    pub started_at: Option<u64>,
    /// How many visits, the latest ones.
    pub limit: usize,
}

impl Kind for TimelineOf<'_> {
    type Sums = TimelineAnswer;
    type Answer = TimelineAnswer;

    fn query(&self) -> &Query {
        self.query
    }

    fn columns(&self) -> Columns {
        Columns::ALL
    }

    fn look(&self, data: &Dataset, index: &Index, _: Share) -> Result<TimelineAnswer, QueryError> {
        Ok(match self.started_at {
            None => visitor_timeline(data, index, self.query, self.visitor, self.limit),
            Some(start) => {
                let visit = visit_timeline(data, index, self.query.definitions, self.visitor, start);
                TimelineAnswer { total: u64::from(visit.is_some()), visits: visit.into_iter().collect() }
            }
        })
    }

    fn add(&self, sums: &mut TimelineAnswer, more: TimelineAnswer) -> Result<(), QueryError> {
        // All visits of a visitor are in one part.
        if more.total > 0 {
            *sums = more;
        }
        Ok(())
    }

    fn finish(&self, sums: TimelineAnswer) -> TimelineAnswer {
        sums
    }
}
