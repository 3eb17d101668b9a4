//! Which properties events have.

use protocol::query::{PropertiesAnswer, PropertyKey, Query, QueryError};

use crate::dataset::Dataset;
use crate::query::{Block, Index, Input, Scan, covered};
use crate::sort::sort;

/// The properties that the selected actions have, the most frequent first. Range, filters and definitions are the
/// query's; what its metrics and dimensions say is not read.
///
/// # Errors
/// A filter holds an expression that is none.
pub(crate) fn properties(
    data: &Dataset,
    index: &Index,
    query: &Query,
) -> Result<PropertiesAnswer, QueryError> {
    let input = Input { data, index };
    let mut scan = Scan::new(input, query, &query.period.range, &query.filters, false)?;
    let mut block = Block::default();
    let mut selected = vec![false; data.kinds().len()];
    while scan.next(&mut block) {
        for slot in block.slots() {
            for event in block.events(input, &slot) {
                if let Some(place) = selected.get_mut(event) {
                    *place = true;
                }
            }
        }
    }
    let is_selected = |event: &&u32| selected.get(**event as usize) == Some(&true);
    let counted = data.properties().iter().map(|property| PropertyKey {
        key: property.key.to_string(),
        events: property.events.iter().filter(is_selected).count() as u64,
    });
    let mut properties: Vec<PropertyKey> = counted.filter(|property| property.events > 0).collect();
    order(&mut properties);
    Ok(PropertiesAnswer { properties, covered: covered(input, query) })
}

/// Adds what was found of other visitors.
pub(crate) fn add(sums: &mut PropertiesAnswer, more: PropertiesAnswer) {
    for property in more.properties {
        match sums.properties.iter_mut().find(|sum| sum.key == property.key) {
            Some(sum) => sum.events += property.events,
            None => sums.properties.push(property),
        }
    }
    order(&mut sums.properties);
    sums.covered.add(&more.covered);
}

fn order(properties: &mut Vec<PropertyKey>) {
    sort(properties, |a, b| b.events.cmp(&a.events).then_with(|| a.key.cmp(&b.key)));
}
