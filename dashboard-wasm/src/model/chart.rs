//! The line chart: from a series and the size of its box to everything that is drawn.

use protocol::api::{Interval, Overview, Point};

use super::curve::Curve;
use super::time::Wall;
use super::{format, ticks};

/// What the chart shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Length of a step.
    pub interval: Interval,
    /// The steps.
    pub points: Vec<Point>,
    /// Whether the last step is not over.
    pub running: bool,
}

impl Series {
    /// The series of an answer.
    pub fn of(overview: &Overview) -> Self {
        let end = overview.series.last().map_or(0, |point| point.at + overview.interval.millis());
        Self {
            interval: overview.interval,
            points: overview.series.clone(),
            running: overview.generated_at < end,
        }
    }

    /// Whether the step at `index` is not over.
    pub fn is_running(&self, index: usize) -> bool {
        self.running && index + 1 == self.points.len()
    }
}

/// The box the chart is drawn in, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// The root font size: text follows the reader's choice, so the space left for it has to.
    pub rem: f64,
}

/// A label on an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Its place along the axis.
    pub at: f64,
    /// Its text.
    pub label: String,
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
    /// Labels of the vertical axis.
    pub counts: Vec<Tick>,
    /// Labels of the horizontal axis.
    pub times: Vec<Tick>,
    /// Line of the visitors.
    pub visitors: Curve,
    /// Line of the page views.
    pub page_views: Curve,
    steps: usize,
    highest: u64,
}

impl Scene {
    /// Draws `series`, whose steps begin at `walls`, into `frame`.
    pub fn draw(series: &Series, walls: &[Wall], frame: Frame) -> Self {
        let unit = frame.rem / 16.0;
        let most = series.points.iter().map(|point| point.page_views.max(point.visitors)).max().unwrap_or(0);
        let rows = ((frame.height / (56.0 * unit)) as u64).clamp(2, 5);
        let counts = ticks::counts(most, rows);
        let labels: Vec<String> = counts.iter().map(|count| format::axis(*count)).collect();
        let longest = labels.iter().map(String::len).max().unwrap_or(1);

        let mut scene = Self {
            left: (longest as f64 * 7.2 + 14.0) * unit,
            right: (frame.width - 10.0 * unit).max(0.0),
            top: 12.0 * unit,
            base: frame.height - 28.0 * unit,
            counts: Vec::new(),
            times: Vec::new(),
            visitors: Curve::default(),
            page_views: Curve::default(),
            steps: series.points.len(),
            highest: counts.last().copied().unwrap_or(1),
        };
        scene.counts =
            counts.iter().zip(labels).map(|(count, label)| Tick { at: scene.y(*count), label }).collect();
        let room = ((scene.right - scene.left) / (58.0 * unit)) as usize;
        // A label is centred under its point; one that would be cut off at the edge is left out.
        let edge = frame.width - 20.0 * unit;
        scene.times = ticks::times(walls, series.interval, room)
            .into_iter()
            .map(|(index, label)| Tick { at: scene.x(index), label })
            .filter(|tick| tick.at <= edge)
            .collect();
        scene.visitors = scene.curve(series, |point| point.visitors);
        scene.page_views = scene.curve(series, |point| point.page_views);
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

    /// Place of a count.
    pub fn y(&self, count: u64) -> f64 {
        self.base - (self.base - self.top) * count as f64 / self.highest as f64
    }

    /// The step nearest to a place.
    pub fn nearest(&self, x: f64) -> Option<usize> {
        let last = self.steps.checked_sub(1)?;
        let share = (x - self.left) / (self.right - self.left).max(1.0);
        Some(((share * last as f64).round().max(0.0) as usize).min(last))
    }

    fn curve(&self, series: &Series, of: impl Fn(&Point) -> u64) -> Curve {
        let points: Vec<_> = series
            .points
            .iter()
            .enumerate()
            .map(|(index, point)| (self.x(index), self.y(of(point))))
            .collect();
        Curve::through(&points, self.base, series.running)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { width: 800.0, height: 320.0, rem: 16.0 };

    fn scene(frame: Frame) -> Scene {
        let points: Vec<_> = (0..24u64)
            .map(|hour| Point { at: hour * 3_600_000, visitors: hour * 50, page_views: hour * 100 })
            .collect();
        let walls: Vec<_> = points.iter().map(|point| Wall(point.at as i64)).collect();
        Scene::draw(&Series { interval: Interval::Hour, points, running: true }, &walls, frame)
    }

    #[test]
    fn plot_spans_the_frame_and_the_highest_label() {
        let scene = scene(FRAME);
        assert_eq!((scene.x(0), scene.x(23)), (scene.left, scene.right));
        assert_eq!((scene.y(0), scene.y(2_500)), (scene.base, scene.top));
        assert_eq!(scene.counts.last().unwrap().label, "2,500");
    }

    #[test]
    fn nearest_step_is_found_from_everywhere() {
        let scene = scene(FRAME);
        assert_eq!(scene.nearest(-50.0), Some(0));
        assert_eq!(scene.nearest(9_000.0), Some(23));
        assert_eq!(scene.nearest(scene.x(7) + 3.0), Some(7));
    }

    #[test]
    fn narrow_frame_has_fewer_labels_and_none_is_cut_off() {
        let narrow = scene(Frame { width: 320.0, ..FRAME });
        assert!(narrow.times.len() < scene(FRAME).times.len());
        assert!(narrow.times.iter().all(|tick| tick.at <= 300.0));
    }

    #[test]
    fn step_is_running_until_its_end() {
        let mut overview = Overview {
            generated_at: 7_199_999,
            from: 0,
            to: 7_200_000,
            interval: Interval::Hour,
            totals: protocol::api::Totals::default(),
            series: vec![Point::default(), Point { at: 3_600_000, ..Point::default() }],
            pages: Vec::new(),
            sources: Vec::new(),
            countries: Vec::new(),
            devices: Vec::new(),
        };
        let series = Series::of(&overview);
        assert!(series.is_running(1) && !series.is_running(0));
        overview.generated_at = 7_200_000;
        assert!(!Series::of(&overview).running);
    }
}
