//! The graph of a figure over time: from answers and the size of its box to everything that is drawn.

use std::collections::HashMap;
use std::ops::Range;

use protocol::query::{Step, Zone};

use super::axis::{self, Label};
use super::curve::Curve;
use super::question::Reply;
use super::stat::Unit;
use super::time::Wall;

/// The box the graph is drawn in, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// The root font size: text follows the reader's choice, so the space left for it has to.
    pub rem: f64,
}

/// A figure over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Where the steps begin, and where the last one ends.
    pub edges: Vec<u64>,
    /// The value of each step; nothing for steps that have not begun and for means of nothing.
    pub values: Vec<Option<f64>>,
    /// The same of the range compared with, in order.
    pub before: Vec<Option<f64>>,
    /// Where the steps of the range compared with begin, and where the last one ends.
    pub before_edges: Vec<u64>,
    /// The step that is going on, if one is.
    pub running: Option<usize>,
    /// What a step is.
    pub step: Step,
    /// What kind of number it is.
    pub unit: Unit,
}

/// What a series is made of.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The range.
    pub range: &'a Range<u64>,
    /// The range compared with.
    pub comparison: Option<&'a Range<u64>>,
    /// The step.
    pub step: Step,
    /// The site's clock.
    pub zone: &'a Zone,
    /// The time.
    pub now: u64,
    /// Place of the metric among those asked.
    pub metric: usize,
    /// Its unit.
    pub unit: Unit,
}

impl Series {
    /// From the answers for the range and the one compared with, each by time.
    pub fn of(ask: &Ask<'_>, reply: &Reply, before: Option<&Reply>) -> Self {
        let edges = |range: &Range<u64>| ask.zone.edges(ask.step, range.clone()).unwrap_or_default();
        let main = edges(ask.range);
        let before_edges = ask.comparison.map(edges).unwrap_or_default();
        let running = main.windows(2).position(|pair| (pair[0]..pair[1]).contains(&ask.now));
        let mut values = values(ask, reply, &main);
        for (value, edge) in values.iter_mut().zip(&main) {
            if *edge > ask.now {
                *value = None;
            }
        }
        let before = before.map(|reply| self::values(ask, reply, &before_edges)).unwrap_or_default();
        Self { edges: main, values, before, before_edges, running, step: ask.step, unit: ask.unit }
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

fn values(ask: &Ask<'_>, reply: &Reply, edges: &[u64]) -> Vec<Option<f64>> {
    let rows: HashMap<&str, Option<f64>> = reply
        .results
        .iter()
        .filter_map(|row| Some((row.dimensions.first()?.as_str(), row.metric(ask.metric))))
        .collect();
    let nothing = (ask.unit == Unit::Count).then_some(0.0);
    let steps = edges.len().saturating_sub(1);
    let value = |edge: &u64| rows.get(ask.zone.label(ask.step, *edge).as_str()).copied().unwrap_or(nothing);
    edges.iter().take(steps).map(value).collect()
}

/// A label on an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick<T> {
    /// Its place along the axis.
    pub at: f64,
    /// What it says.
    pub label: T,
}

/// Everything that is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Left edge of the plot.
    pub left: f64,
    /// Right edge of the plot.
    pub right: f64,
    /// Upper edge of the plot.
    pub top: f64,
    /// The base line.
    pub base: f64,
    /// Values on the vertical axis.
    pub counts: Vec<Tick<f64>>,
    /// Steps on the horizontal axis: which, and how they are called.
    pub times: Vec<Tick<(usize, Label)>>,
    /// The line.
    pub line: Curve,
    /// The line of the range compared with.
    pub before: Curve,
    steps: usize,
    highest: f64,
}

impl Scene {
    /// Draws a series, whose steps begin at `walls`, into a frame. `longest` is how many characters the longest label of
    /// these values on the vertical axis has.
    pub fn draw(
        series: &Series,
        walls: &[Wall],
        frame: Frame,
        longest: impl FnOnce(&[f64]) -> usize,
    ) -> Self {
        let unit = frame.rem / 16.0;
        let all = series.values.iter().chain(&series.before).flatten();
        let most = all.fold(0.0_f64, |most, value| most.max(*value));
        let rows = ((frame.height / (56.0 * unit)) as u64).clamp(2, 5);
        let values = axis::values(most, rows, series.unit);
        let mut scene = Self {
            left: (longest(&values) as f64 * 7.0 + 14.0) * unit,
            right: (frame.width - 10.0 * unit).max(0.0),
            top: 12.0 * unit,
            base: frame.height - 28.0 * unit,
            counts: Vec::new(),
            times: Vec::new(),
            line: Curve::default(),
            before: Curve::default(),
            steps: series.len(),
            highest: values.last().copied().unwrap_or(1.0),
        };
        scene.counts = values.iter().map(|value| Tick { at: scene.y(*value), label: *value }).collect();
        let room = ((scene.right - scene.left) / (64.0 * unit)) as usize;
        // A label is centred under its point; one that would be cut off at the edge is left out.
        let edge = frame.width - 22.0 * unit;
        let labels = axis::times(walls, series.step, room).into_iter();
        scene.times = labels
            .map(|(index, label)| Tick { at: scene.x(index), label: (index, label) })
            .filter(|tick| tick.at <= edge)
            .collect();
        scene.line = scene.curve(&series.values, series.running.is_some());
        scene.before = scene.curve(&series.before, false);
        scene
    }

    /// Place of the step at `index`.
    pub fn x(&self, index: usize) -> f64 {
        let width = self.right - self.left;
        if self.steps < 2 {
            self.left + width / 2.0
        } else {
            self.left + width * index as f64 / (self.steps - 1) as f64
        }
    }

    /// Place of a value.
    pub fn y(&self, value: f64) -> f64 {
        self.base - (self.base - self.top) * value / self.highest
    }

    /// The step nearest to a place.
    pub fn nearest(&self, x: f64) -> Option<usize> {
        let last = self.steps.checked_sub(1)?;
        let share = (x - self.left) / (self.right - self.left).max(1.0);
        Some(((share * last as f64).round().max(0.0) as usize).min(last))
    }

    fn curve(&self, values: &[Option<f64>], running: bool) -> Curve {
        let known = values.iter().take(self.steps).enumerate();
        let points: Vec<_> =
            known.filter_map(|(index, value)| Some((self.x(index), self.y((*value)?)))).collect();
        Curve::through(&points, self.base, running)
    }
}

#[cfg(test)]
mod tests {
    use super::super::question::{Measure, ReplyRow};
    use super::*;

    const HOUR: u64 = 3_600_000;
    const FRAME: Frame = Frame { width: 800.0, height: 320.0, rem: 16.0 };

    fn reply(rows: &[(&str, f64)]) -> Reply {
        let row = |(label, value): &(&str, f64)| ReplyRow {
            metrics: vec![Measure::Number(*value)],
            dimensions: vec![(*label).into()],
            comparison: None,
        };
        Reply { results: rows.iter().map(row).collect(), ..Reply::default() }
    }

    fn series(unit: Unit) -> Series {
        let (range, before) = (0..24 * HOUR, 0..24 * HOUR);
        let ask = Ask {
            range: &range,
            comparison: Some(&before),
            step: Step::Hour,
            zone: &Zone::UTC,
            now: 5 * HOUR + 60_000,
            metric: 0,
            unit,
        };
        let main = reply(&[("1970-01-01 01:00:00", 40.0), ("1970-01-01 05:00:00", 10.0)]);
        Series::of(&ask, &main, Some(&reply(&[("1970-01-01 23:00:00", 90.0)])))
    }

    #[test]
    fn step_without_a_row_is_nothing_and_one_to_come_is_none() {
        let series = series(Unit::Count);
        assert_eq!(
            series.values[..7],
            [0.0, 40.0, 0.0, 0.0, 0.0, 10.0, -1.0].map(|v| (v >= 0.0).then_some(v))
        );
        assert_eq!((series.len(), series.running), (24, Some(5)));
        assert_eq!(series.before[23], Some(90.0));
    }

    #[test]
    fn mean_of_nothing_leaves_a_gap() {
        let series = series(Unit::Percent);
        assert_eq!(series.values[..3], [None, Some(40.0), None]);
    }

    #[test]
    fn plot_spans_the_frame_and_both_lines() {
        let series = series(Unit::Count);
        let walls: Vec<_> = series.edges.iter().map(|edge| Wall(*edge as i64)).collect();
        let scene = Scene::draw(&series, &walls[..24], FRAME, |_| 3);
        assert_eq!((scene.x(0), scene.x(23)), (scene.left, scene.right));
        assert_eq!((scene.y(0.0), scene.y(100.0)), (scene.base, scene.top));
        assert_eq!(scene.counts.last().unwrap().label, 100.0);
        assert_eq!(scene.nearest(-50.0), Some(0));
        assert_eq!(scene.nearest(scene.x(7) + 3.0), Some(7));
        assert!(!scene.line.tail.is_empty() && scene.before.tail.is_empty());
        let narrow = Scene::draw(&series, &walls[..24], Frame { width: 320.0, ..FRAME }, |_| 3);
        assert!(narrow.times.len() < scene.times.len());
        let wide_labels = Scene::draw(&series, &walls[..24], FRAME, |values| {
            assert_eq!(values.last(), Some(&100.0));
            9
        });
        assert!(wide_labels.left > scene.left);
    }
}
