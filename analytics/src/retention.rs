//! Retention: who comes back, by when they came first.

use protocol::query::{Cohort, MAX_COHORTS, Query, QueryError, RetentionAnswer};

use crate::dataset::Dataset;
use crate::query::{Index, Input, Steps, covered, for_each_visitor};

/// Cohorts by the steps of the query's period (its edges: days, weeks, months). A visitor belongs to the cohort
/// of the step of the first selected action *in range*, and is counted in each step with a selected action.
/// Filters and definitions are the query's; what its metrics and dimensions say is not read.
///
/// # Errors
/// There are no steps or more than [`MAX_COHORTS`], or a filter holds an expression that is none.
pub fn retention(data: &Dataset, index: &Index, query: &Query) -> Result<RetentionAnswer, QueryError> {
    let input = Input { data, index };
    let steps = Steps::new(&query.period.edges);
    let count = steps.len();
    if !(1..=MAX_COHORTS).contains(&count) {
        let what =
            format!("retention takes 1 to {MAX_COHORTS} steps: choose a longer step or a shorter range");
        return Err(QueryError::new("date_range", what));
    }
    let mut cohorts: Vec<Cohort> = (0..count)
        .map(|step| Cohort { at: steps.edge(step as u32), visitors: vec![0; count - step] })
        .collect();
    for_each_visitor(input, query, |actions| {
        // Actions are in order, so steps are as well.
        let mut taken = actions.iter().filter_map(|action| steps.find(action.at)).map(|step| step as usize);
        let Some(first) = taken.next() else { return };
        let Some(cohort) = cohorts.get_mut(first) else { return };
        let mut last = usize::MAX;
        for step in std::iter::once(first).chain(taken) {
            if step != last
                && let Some(visitors) = cohort.visitors.get_mut(step - first)
            {
                *visitors += 1;
            }
            last = step;
        }
    })?;
    Ok(RetentionAnswer { cohorts, covered: covered(input, query) })
}
