//! Journeys: which pages visits go to next, or came from.

use std::collections::HashMap;

use protocol::query::{Anchor, JourneyAnswer, JourneyStep, MAX_JOURNEY_STEPS, Query, QueryError};

use crate::dataset::Dataset;
use crate::query::{Block, Index, Input, Scan, covered, wildcard};
use crate::row::{EventDim, Kind};
use crate::sort::sorted;

/// A place in the tree of ways.
#[derive(Default)]
struct Place {
    page: u32,
    visits: u64,
    next: Vec<u32>,
}

/// The ways visits take from an anchor, up to `steps` pages (at most [`MAX_JOURNEY_STEPS`], the anchor included)
/// and the `limit` most frequent at each. A way is made of the selected page views of a visit, by path; the same
/// page several times in a row is one. Range and filters are the query's; what its metrics and dimensions say is
/// not read.
///
/// # Errors
/// A filter holds an expression that is none.
pub fn journey(
    data: &Dataset,
    index: &Index,
    query: &Query,
    anchor: &Anchor,
    steps: usize,
    limit: usize,
) -> Result<JourneyAnswer, QueryError> {
    let input = Input { data, index };
    let paths = data.event(EventDim::Path);
    let is_back = matches!(anchor, Anchor::End | Anchor::Before(_));
    let anchors: Option<Vec<bool>> = match anchor {
        Anchor::Start | Anchor::End => None,
        Anchor::After(pattern) | Anchor::Before(pattern) => {
            Some(paths.dict.iter().map(|path| wildcard(pattern, path)).collect())
        }
    };
    let mut tree = vec![Place::default()];
    let mut children: HashMap<(u32, u32), u32> = HashMap::new();
    let mut scan = Scan::new(input, query, &query.period.range, &query.filters, false)?;
    let mut block = Block::default();
    let mut way: Vec<u32> = Vec::new();
    while scan.next(&mut block) {
        for slot in block.slots() {
            way.clear();
            let views = block.events(input, &slot);
            let views = views.filter(|event| data.kinds().get(*event) == Some(&Kind::PageView));
            way.extend(views.map(|event| paths.codes.get(event)));
            way.dedup();
            let is_anchor = |page: &u32| {
                anchors.as_ref().is_none_or(|anchors| anchors.get(*page as usize) == Some(&true))
            };
            let from = if *anchor == Anchor::End {
                way.len().checked_sub(1)
            } else {
                way.iter().position(is_anchor)
            };
            let Some(from) = from else { continue };
            let pages: &mut dyn Iterator<Item = &u32> =
                if is_back { &mut way[..=from].iter().rev() } else { &mut way[from..].iter() };
            let mut parent = 0_u32;
            tree[0].visits += 1;
            for page in pages.take(steps.min(MAX_JOURNEY_STEPS)) {
                let place = *children.entry((parent, *page)).or_insert_with(|| {
                    tree.push(Place { page: *page, ..Place::default() });
                    let place = (tree.len() - 1) as u32;
                    tree[parent as usize].next.push(place);
                    place
                });
                tree[place as usize].visits += 1;
                parent = place;
            }
        }
    }
    let root = told(&tree, 0, limit, &|page| paths.dict.get(page).to_owned());
    Ok(JourneyAnswer {
        visits: root.visits,
        others: root.others,
        steps: root.next,
        covered: covered(input, query),
    })
}

/// A place and what follows, no deeper than [`MAX_JOURNEY_STEPS`].
fn told(tree: &[Place], place: u32, limit: usize, name: &impl Fn(u32) -> String) -> JourneyStep {
    let Some(Place { page, visits, next }) = tree.get(place as usize) else {
        return JourneyStep::default();
    };
    let of = |place: &u32| tree.get(*place as usize).map_or((0, 0), |place| (place.visits, place.page));
    let mut order = next.clone();
    // Codes are in the order of texts.
    order = sorted(&order, |a, b| of(b).0.cmp(&of(a).0).then_with(|| of(a).1.cmp(&of(b).1)));
    let went_on: u64 = order.iter().map(|place| of(place).0).sum();
    let listed: u64 = order.iter().take(limit).map(|place| of(place).0).sum();
    JourneyStep {
        page: name(*page),
        visits: *visits,
        ended: visits - went_on,
        others: went_on - listed,
        next: order.iter().take(limit).map(|place| told(tree, *place, limit, name)).collect(),
    }
}
