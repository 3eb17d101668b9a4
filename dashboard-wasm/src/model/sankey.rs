//! Journeys as a picture: columns of pages, and bands between them as wide as visits went that way.

use protocol::query::JourneyStep;

/// Pages of a column that are drawn by themselves.
const PAGES: usize = 7;
/// Height of the pages of a column together, pixels, if none were too low to be read.
const HEIGHT: f64 = 300.0;
/// Lowest page that can be read, pixels.
const LOWEST: f64 = 26.0;
/// Between two pages.
const GAP: f64 = 8.0;

/// What a box stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// A page, by its path.
    Page(String),
    /// All other pages.
    Others,
}

/// A box.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it stands for.
    pub stop: Stop,
    /// Visits that came here.
    pub visits: u64,
    /// Those of them for which this was the last page, or the first when told backwards.
    pub ended: u64,
    /// Its upper edge, pixels.
    pub top: f64,
    /// Its height.
    pub height: f64,
}

/// A band from a box of a column to a box of the next one to the right.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// The column it leaves.
    pub column: usize,
    /// Box it leaves, and box it comes to.
    pub ends: (usize, usize),
    /// Visits that went this way.
    pub visits: u64,
    /// Its middle where it leaves, and where it comes to.
    pub middles: (f64, f64),
    /// Its width.
    pub width: f64,
}

/// The picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Flow {
    /// Columns of boxes, in the order in which visits come to them.
    pub columns: Vec<Vec<Node>>,
    /// The bands.
    pub bands: Vec<Band>,
    /// Which column is the one that is told from.
    pub center: usize,
    /// Height of everything.
    pub height: f64,
}

/// One side of the picture: columns away from where it is told from, and what goes from each to the next.
#[derive(Default)]
struct Side {
    columns: Vec<Vec<Node>>,
    /// From each column to the next one: boxes at both ends, visits.
    ways: Vec<Vec<((usize, usize), u64)>>,
}

impl Side {
    fn of(steps: &[JourneyStep], others: u64) -> Self {
        let mut side = Self::default();
        // All steps of a depth, each with the box of what leads to it.
        let mut level: Vec<(usize, &JourneyStep)> = steps.iter().map(|step| (0, step)).collect();
        let mut rest: Vec<(usize, u64)> = vec![(0, others)];
        while !level.is_empty() || rest.iter().any(|(_, visits)| *visits > 0) {
            let column = column(&level, &rest);
            let place = |step: &JourneyStep| {
                let is_it = |node: &Node| matches!(&node.stop, Stop::Page(page) if *page == step.page);
                column.iter().position(is_it).unwrap_or(column.len() - 1)
            };
            let mut ways: Vec<((usize, usize), u64)> = Vec::new();
            let mut add =
                |ends: (usize, usize), visits: u64| match ways.iter_mut().find(|(other, _)| *other == ends) {
                    _ if visits == 0 => {}
                    Some((_, sum)) => *sum += visits,
                    None => ways.push((ends, visits)),
                };
            let (mut next, mut next_rest) = (Vec::new(), Vec::new());
            for (from, step) in &level {
                let here = place(step);
                add((*from, here), step.visits);
                next.extend(step.next.iter().map(|step| (here, step)));
                next_rest.push((here, step.others));
            }
            for (from, visits) in &rest {
                add((*from, column.len() - 1), *visits);
            }
            side.columns.push(column);
            side.ways.push(ways);
            (level, rest) = (next, next_rest);
        }
        side
    }
}

/// The boxes of a column: the most frequent pages, the others as one at the end.
fn column(level: &[(usize, &JourneyStep)], rest: &[(usize, u64)]) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for (_, step) in level {
        let stop = Stop::Page(step.page.clone());
        match nodes.iter_mut().find(|node| node.stop == stop) {
            Some(node) => {
                node.visits += step.visits;
                node.ended += step.ended;
            }
            None => nodes.push(Node { stop, visits: step.visits, ended: step.ended, top: 0.0, height: 0.0 }),
        }
    }
    nodes.sort_by(|a, b| b.visits.cmp(&a.visits).then_with(|| a.stop.cmp(&b.stop)));
    let folded = nodes.split_off(nodes.len().min(PAGES));
    let sum = |of: fn(&Node) -> u64| folded.iter().map(of).sum::<u64>();
    let visits = sum(|node| node.visits) + rest.iter().map(|(_, visits)| visits).sum::<u64>();
    if visits > 0 {
        nodes.push(Node { stop: Stop::Others, visits, ended: sum(|node| node.ended), top: 0.0, height: 0.0 });
    }
    nodes
}

impl Flow {
    /// The picture of what lies before and after a place. Of both, whichever is told has the place as its first column.
    pub fn of(before: Option<(&[JourneyStep], u64)>, after: Option<(&[JourneyStep], u64)>) -> Self {
        let side = |told: Option<(&[JourneyStep], u64)>| {
            told.map(|(steps, others)| Side::of(steps, others)).unwrap_or_default()
        };
        let (back, on) = (side(before), side(after));
        let mut flow = Self::default();
        let both = !back.columns.is_empty() && !on.columns.is_empty();
        flow.columns.extend(back.columns.iter().skip(usize::from(both)).rev().cloned());
        let last = flow.columns.len().saturating_sub(1);
        // Told backwards alone, the place is the last column.
        flow.center = if on.columns.is_empty() { last } else { flow.columns.len() };
        flow.columns.extend(on.columns.iter().cloned());
        flow.place_boxes();
        let depth = back.columns.len();
        for (away, ways) in back.ways.iter().enumerate().skip(1) {
            let column = depth - 1 - away;
            for ((near, far), visits) in ways {
                flow.bands.push(Band::new(column, (*far, *near), *visits));
            }
        }
        for (away, ways) in on.ways.iter().enumerate().skip(1) {
            for (ends, visits) in ways {
                flow.bands.push(Band::new(flow.center + away - 1, *ends, *visits));
            }
        }
        flow.place_bands();
        flow
    }

    /// Pixels of a visit.
    fn scale(&self) -> f64 {
        let total = |column: &Vec<Node>| column.iter().map(|node| node.visits).sum::<u64>();
        HEIGHT / self.columns.iter().map(total).max().unwrap_or(0).max(1) as f64
    }

    fn place_boxes(&mut self) {
        let scale = self.scale();
        for column in &mut self.columns {
            let mut top = 0.0;
            for node in column {
                node.height = (node.visits as f64 * scale).max(LOWEST);
                node.top = top;
                top += node.height + GAP;
            }
        }
        let bottom = |column: &Vec<Node>| column.last().map_or(0.0, |node| node.top + node.height);
        self.height = self.columns.iter().map(bottom).fold(0.0, f64::max);
    }

    fn place_bands(&mut self) {
        let scale = self.scale();
        self.bands.sort_by_key(|band| (band.column, band.ends));
        for band in &mut self.bands {
            band.width = (band.visits as f64 * scale).max(1.0);
        }
        // On each side bands lie in the order of what is at their other end, so that as few as possible cross.
        for side in 0..2 {
            let mut order: Vec<usize> = (0..self.bands.len()).collect();
            order.sort_by_key(|place| {
                let Band { column, ends, .. } = self.bands[*place];
                if side == 0 { (column, ends.0, ends.1) } else { (column, ends.1, ends.0) }
            });
            let (mut at, mut used) = (None, 0.0);
            for place in order {
                let band = &mut self.bands[place];
                let (column, node) =
                    if side == 0 { (band.column, band.ends.0) } else { (band.column + 1, band.ends.1) };
                if at != Some((column, node)) {
                    (at, used) = (Some((column, node)), 0.0);
                }
                let top =
                    self.columns.get(column).and_then(|nodes| nodes.get(node)).map_or(0.0, |node| node.top);
                let middle = top + used + band.width / 2.0;
                *(if side == 0 { &mut band.middles.0 } else { &mut band.middles.1 }) = middle;
                used += band.width;
            }
        }
    }
}

impl Band {
    fn new(column: usize, ends: (usize, usize), visits: u64) -> Self {
        Self { column, ends, visits, middles: (0.0, 0.0), width: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(page: &str, visits: u64, next: Vec<JourneyStep>) -> JourneyStep {
        let went: u64 = next.iter().map(|step| step.visits).sum();
        JourneyStep { page: page.into(), visits, ended: visits - went, others: 0, next }
    }

    fn pages(column: &[Node]) -> Vec<&str> {
        let name = |node: &Node| match &node.stop {
            Stop::Page(page) => page.clone(),
            Stop::Others => "…".into(),
        };
        column.iter().map(|node| Box::leak(name(node).into_boxed_str()) as &str).collect()
    }

    #[test]
    fn same_page_on_two_ways_is_one_box() {
        let shop = step("/shop", 6, vec![step("/cart", 4, vec![])]);
        let blog = step("/blog", 3, vec![step("/cart", 2, vec![]), step("/", 1, vec![])]);
        let flow = Flow::of(None, Some((&[step("/", 10, vec![shop, blog])], 0)));
        assert_eq!(
            flow.columns.iter().map(|column| pages(column)).collect::<Vec<_>>(),
            [vec!["/"], vec!["/shop", "/blog"], vec!["/cart", "/"]]
        );
        assert_eq!(flow.columns[2][0].visits, 6);
        assert_eq!(flow.columns[0][0].ended, 1);
        let band = flow.bands.iter().find(|band| band.column == 1 && band.ends == (1, 0)).unwrap();
        assert_eq!(band.visits, 2);
        // It comes to the box below the band from the shop.
        assert!(
            band.middles.1
                > flow.bands.iter().find(|band| band.ends == (0, 0) && band.column == 1).unwrap().middles.1
        );
    }

    #[test]
    fn page_stands_between_what_was_before_and_what_came_after() {
        let before = [step("/cart", 5, vec![step("/shop", 3, vec![step("/", 2, vec![])])])];
        let after = [step("/cart", 5, vec![step("/pay", 4, vec![])])];
        let flow = Flow::of(Some((&before, 0)), Some((&after, 0)));
        assert_eq!(
            flow.columns.iter().map(|column| pages(column)).collect::<Vec<_>>(),
            [vec!["/"], vec!["/shop"], vec!["/cart"], vec!["/pay"]]
        );
        assert_eq!(flow.center, 2);
        assert_eq!(
            flow.bands.iter().map(|band| (band.column, band.visits)).collect::<Vec<_>>(),
            [(0, 2), (1, 3), (2, 4)]
        );
        let back = Flow::of(Some((&before, 0)), None);
        assert_eq!((back.columns.len(), back.center), (3, 2));
    }

    #[test]
    fn rare_pages_are_one_box_and_no_visit_is_lost() {
        let next: Vec<JourneyStep> = (0..12).map(|page| step(&format!("/{page}"), 1, vec![])).collect();
        let start = JourneyStep { others: 5, ..step("/", 20, next) };
        let flow = Flow::of(None, Some((&[start], 3)));
        let second = &flow.columns[1];
        assert_eq!((second.len(), &second[7].stop, second[7].visits), (8, &Stop::Others, 10));
        assert_eq!(flow.columns[0].iter().map(|node| node.visits).sum::<u64>(), 23);
        let gone: u64 = flow.bands.iter().map(|band| band.visits).sum();
        assert_eq!(gone, 17);
        assert!(second.iter().all(|node| node.height >= LOWEST));
    }

    #[test]
    fn nothing_is_no_picture() {
        assert_eq!(Flow::of(None, Some((&[], 0))).columns.len(), 0);
    }
}
