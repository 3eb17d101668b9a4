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
    fn take(&mut self, more: Result<K::Sums, QueryError>) {
        let Ok(found) = &mut self.found else { return };
        let done = more.and_then(|more| match found {
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

    /// Looks at some visitors for those that `wants` says.
    fn look(&mut self, data: &Dataset, share: Share, wants: impl Fn(&One<K>) -> bool) {
        let index = Index::of(data);
        let kinds: Vec<&K> = self.asked.iter().filter(|one| wants(one)).map(|one| &one.kind).collect();
        let found = K::look_all(&kinds, data, &index, share);
        for (one, more) in self.asked.iter_mut().filter(|one| wants(one)).zip(found) {
            one.take(more);
        }
    }

    /// The answers over all that was told, in the order of the questions.
    pub fn finish(mut self) -> Vec<Result<K::Answer, QueryError>> {
        let is_untold = |one: &One<K>| matches!(one.found, Ok(None));
        if self.asked.iter().any(is_untold) {
            self.look(&Dataset::default(), Share::Whole, is_untold);
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
        self.look(data, share, |one| one.found.is_ok());
        Ok(())
    }
}
