//! Sums over everything that is selected.

use protocol::query::{Definitions, Period, Query, QueryError, Totals};

use crate::query::definition::{Judged, judge};
use crate::query::scan::{Block, Scan, Slot};
use crate::query::source::Input;

pub(super) fn totals_of(input: Input<'_>, query: &Query, period: &Period) -> Result<Totals, QueryError> {
    let mut scan = Scan::new(input, query, &period.range, &query.filters, false)?;
    let mut block = Block::default();
    let mut totals = Sums::default();
    while scan.next(&mut block) {
        totals.add(input, query, period, &block);
    }
    Ok(totals.sums)
}

#[derive(Default)]
pub(super) struct Sums {
    pub(super) sums: Totals,
    last_user: u32,
}

impl Sums {
    pub(super) fn add(&mut self, input: Input<'_>, query: &Query, period: &Period, block: &Block) {
        let index = input.index;
        let of = |definitions, slot: &Slot| {
            let visit = slot.visit as usize;
            let views = if slot.masked { index.views.get(visit) } else { slot.views };
            judge(definitions, index, visit, views)
        };
        // One loop for each set of definitions, so that none asks for it at each visit.
        match query.definitions {
            Definitions::LiveInsight => {
                self.sum(block, |slot| Some(of(Definitions::LiveInsight, slot)));
            }
            Definitions::Plausible => {
                self.sum(block, |slot| Some(of(Definitions::Plausible, slot)));
            }
            Definitions::Ga4 => {
                self.sum(block, |slot| {
                    counts(input, query, period, slot).then(|| of(Definitions::Ga4, slot))
                });
            }
        }
    }

    #[inline]
    fn sum(&mut self, block: &Block, judged: impl Fn(&Slot) -> Option<Judged>) {
        let (mut sums, mut last_user) = (self.sums, self.last_user);
        for slot in &block.slots {
            sums.visitors += u64::from(last_user != slot.user);
            last_user = slot.user;
            sums.page_views += u64::from(slot.views);
            if let Some(judged) = judged(slot) {
                sums.visits += 1;
                sums.bounces += u64::from(judged.bounced);
                sums.duration_ms += u64::from(judged.duration_ms);
                sums.engaged_ms += u64::from(judged.engaged_ms);
            }
        }
        (self.sums, self.last_user) = (sums, last_user);
    }
}

/// Whether a visit counts: under GA4-like definitions only where it began.
#[inline]
pub(super) fn counts(input: Input<'_>, query: &Query, period: &Period, slot: &Slot) -> bool {
    query.definitions != Definitions::Ga4 || period.range.contains(&input.index.begun(slot.visit as usize))
}
