//! Funnels: how many visitors take which steps.

use protocol::query::{FUNNEL_STEPS, Funnel, FunnelAnswer, Query, QueryError};

use crate::dataset::Dataset;
use crate::query::{Goals, Index, Input, covered, for_each_visitor};

const MOST: usize = *FUNNEL_STEPS.end();

/// How many visitors reach each step. Range, filters and definitions are the query's; what its metrics and
/// dimensions say is not read.
///
/// - Actions are the selected ones of a visitor, over all visits, in order of time.
/// - A visitor reaches step k if there are k different actions that reach steps 1 to k in this order, the last
///   of them no later than the window after the first. Loose: other actions may lie between. Strict: each is
///   the very next selected action.
/// - The first step may be taken any number of times; the best attempt counts.
///
/// # Errors
/// A filter holds an expression that is none.
pub fn funnel(
    data: &Dataset,
    index: &Index,
    query: &Query,
    funnel: &Funnel,
) -> Result<FunnelAnswer, QueryError> {
    let input = Input { data, index };
    let steps = Goals::new(data, funnel.steps());
    let count = funnel.steps().len().min(MOST);
    let mut reached = [0_u64; MOST];
    let mut all_visitors = 0;
    for_each_visitor(input, query, |actions| {
        all_visitors += 1;
        // When the latest attempt began that has come to each step: no earlier one can do better.
        let mut began: [Option<u64>; MOST] = [None; MOST];
        let mut furthest = 0;
        for action in actions {
            let takes = steps.reached(data, action.event as usize);
            let before = began;
            if funnel.is_strict() {
                began = [None; MOST];
            }
            for step in 0..count {
                if takes >> step & 1 == 0 {
                    continue;
                }
                let from = match step.checked_sub(1) {
                    None => Some(action.at),
                    Some(last) => before[last].filter(|began| action.at - began <= funnel.window_ms()),
                };
                if from.is_some() {
                    began[step] = from.max(began[step]);
                    furthest = furthest.max(step + 1);
                }
            }
        }
        for visitors in reached.iter_mut().take(furthest) {
            *visitors += 1;
        }
    })?;
    let visitors = reached.into_iter().take(count).collect();
    Ok(FunnelAnswer { visitors, all_visitors, covered: covered(input, query) })
}
