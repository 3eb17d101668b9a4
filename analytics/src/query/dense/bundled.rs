//! Breakdowns by columns that are kept as one: visits are counted by combination, and combinations by each column at the
//! end. Only visitors whose combination changed from visit to visit are looked at column by column.

use protocol::query::QueryError;

use super::tally::{Again, Counts, Tally};
use super::{Outcome, finish};
use crate::query::bundle::Bundle;
use crate::query::filter::Node;
use crate::query::index::at;
use crate::query::scan::Block;
use crate::query::source::{Input, Source};
use crate::query::task::{Measured, Task};

/// A task of the bundle.
struct Member<'a> {
    task: Task<'a>,
    passes: Vec<Node<'a>>,
    source: Source<'a>,
    /// The code of each combination.
    values: &'a [u32],
    again: Again,
}

/// Tasks over columns of one bundle.
pub(crate) struct Bundled<'a> {
    input: Input<'a>,
    bundle: &'a Bundle,
    tally: Tally,
    members: Vec<Member<'a>>,
    codes: Vec<u32>,
}

impl<'a> Bundled<'a> {
    pub(crate) fn new(input: Input<'a>, bundle: &'a Bundle) -> Self {
        Self { input, bundle, tally: Tally::new(bundle.count), members: Vec::new(), codes: Vec::new() }
    }

    pub(crate) fn is_of(&self, bundle: &Bundle) -> bool {
        std::ptr::eq(self.bundle, bundle)
    }

    /// Takes a task by a column of the bundle, with filters that are about its groups alone.
    pub(crate) fn add(&mut self, task: Task<'a>, source: Source<'a>, passes: Vec<Node<'a>>) {
        let Source::Visit(dim) = source else { return };
        let values = self.bundle.values(dim).unwrap_or_default();
        let again = Again::new(source.domain(self.input.data));
        self.members.push(Member { task, passes, source, values, again });
    }

    #[inline(never)]
    pub(crate) fn block(&mut self, block: &Block) {
        block.gather(&self.bundle.combinations, &mut self.codes);
        let codes = self.codes.as_slice();
        self.tally.add_all(codes, &block.sums);
        let user = |row: &u32| at(&block.users, *row as usize);
        for visits in block.again.chunk_by(|a, b| user(a) == user(b)) {
            let code = |row: &u32| at(codes, *row as usize);
            let Some(first) = visits.first().map(code) else { continue };
            let rest = visits.get(1..).unwrap_or_default();
            if rest.iter().all(|row| code(row) == first) {
                self.tally.count_again(first, rest.len() as u32);
                continue;
            }
            for member in &mut self.members {
                let codes = visits.iter().map(|row| at(member.values, code(row) as usize));
                member.again.see(codes.map(|code| (code, user(&visits[0]), true)));
            }
        }
    }

    /// What was summed up, of each task in the order in which they came.
    pub(crate) fn finish(self) -> Vec<Result<Measured<'a>, QueryError>> {
        let combinations: Vec<Counts> =
            (0..self.bundle.count as u32).map(|code| self.tally.counts(code)).collect();
        let finish_one = |member: Member<'a>| {
            let mut counts = vec![Counts::default(); member.source.domain(self.input.data)];
            for (code, more) in member.values.iter().zip(&combinations) {
                if let Some(counts) = counts.get_mut(*code as usize) {
                    counts.visitors += more.visitors;
                    counts.visits += more.visits;
                    counts.views += more.views;
                }
            }
            for (code, counts) in (0..).zip(&mut counts) {
                counts.visitors -= member.again.visits(code);
            }
            let outcome = Outcome { counts, judged: Vec::new(), reached: Vec::new() };
            finish(self.input, &member.task, Some(member.source), &member.passes, &outcome)
        };
        self.members.into_iter().map(finish_one).collect()
    }
}
