//! Several questions of a kind, for which the events are shown once.

use std::ops::Range;

use protocol::query::QueryError;

use super::{Kind, Question, Share};
use crate::columns::Columns;
use crate::dataset::Dataset;
use crate::query::Index;

/// Questions that are being answered side by side. One that is refused does not stop the others.
pub struct Several<K: Kind> {
    asked: Vec<One<K>>,
}

struct One<K: Kind> {
    kind: K,
    found: Result<Option<K::Sums>, QueryError>,
}

impl<K: Kind> One<K> {
    fn take(&mut self, data: &Dataset, index: &Index, share: Share) {
        let Ok(found) = &mut self.found else { return };
        let done = self.kind.look(data, index, share).and_then(|more| match found {
            Some(sums) => self.kind.add(sums, more),
            None => {
                *found = Some(more);
                Ok(())
            }
        });
        if let Err(error) = done {
            self.found = Err(error);
        }
    }
}

impl<K: Kind> Several<K> {
    /// Nothing is told yet.
    pub fn new(kinds: Vec<K>) -> Self {
        Self { asked: kinds.into_iter().map(|kind| One { kind, found: Ok(None) }).collect() }
    }

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    /// The answers over all that was told, in the order of the questions.
    pub fn finish(mut self) -> Vec<Result<K::Answer, QueryError>> {
        if self.asked.iter().any(|one| matches!(one.found, Ok(None))) {
            let nothing = Dataset::default();
            let index = Index::of(&nothing);
            for one in self.asked.iter_mut().filter(|one| matches!(one.found, Ok(None))) {
                one.take(&nothing, &index, Share::Whole);
            }
        }
        let answer = |one: One<K>| {
            let sums = one.found?.ok_or_else(|| QueryError::new("query", "nothing was looked at"))?;
            Ok(one.kind.finish(sums))
        };
        self.asked.into_iter().map(answer).collect()
    }
}

impl<K: Kind> Question for Several<K> {
    fn columns(&self) -> Columns {
        self.asked.iter().fold(Columns::NONE, |columns, one| columns.or(one.kind.columns()))
    }

    fn ranges(&self) -> Vec<Range<u64>> {
        let periods = self.asked.iter().flat_map(|one| {
            let query = one.kind.query();
            std::iter::once(&query.period).chain(&query.comparison)
        });
        periods.map(|period| period.range.clone()).collect()
    }

    fn restart(&mut self) {
        for one in &mut self.asked {
            one.found = Ok(None);
        }
    }

    fn take(&mut self, data: &Dataset, share: Share) -> Result<(), QueryError> {
        let index = Index::of(data);
        for one in &mut self.asked {
            one.take(data, &index, share);
        }
        Ok(())
    }
}
