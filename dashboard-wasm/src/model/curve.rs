//! Smooth lines through points, as SVG path data.
//!
//! Monotone cubic interpolation (Fritsch and Carlson; Steffen's tangents): the line never rises above or falls
//! below the points it joins, so it shows no visitors that were not there.

use super::format;

/// A point of the picture.
pub type Point = (f64, f64);

/// Path data of one series.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Curve {
    /// The line up to the running step.
    pub line: String,
    /// The line into the running step, whose count still grows; empty when there is none.
    pub tail: String,
    /// What lies between the whole line and the base.
    pub area: String,
}

impl Curve {
    /// Through `points`, left to right, above `base`; with `running` the last point is one that still moves.
    pub fn through(points: &[Point], base: f64, running: bool) -> Self {
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return Self::default();
        };
        let slopes = slopes(points);
        let whole = points.len() - 1;
        let fixed = if running { whole.saturating_sub(1) } else { whole };

        let mut area = String::new();
        push(&mut area, 'M', &[(first.0, base)]);
        push(&mut area, 'L', &[*first]);
        segments(&mut area, points, &slopes, 0, whole);
        push(&mut area, 'L', &[(last.0, base)]);
        area.push('Z');

        let mut tail = String::new();
        if fixed < whole {
            push(&mut tail, 'M', &[points[fixed]]);
            segments(&mut tail, points, &slopes, fixed, whole);
        }
        let mut line = String::new();
        push(&mut line, 'M', &[*first]);
        segments(&mut line, points, &slopes, 0, fixed);
        Self { line, tail, area }
    }
}

fn segments(path: &mut String, points: &[Point], slopes: &[f64], from: usize, to: usize) {
    for index in from..to {
        let ((x0, y0), (x1, y1)) = (points[index], points[index + 1]);
        let third = (x1 - x0) / 3.0;
        let (leave, arrive) = (slopes[index] * third, slopes[index + 1] * third);
        push(path, 'C', &[(x0 + third, y0 + leave), (x1 - third, y1 - arrive), (x1, y1)]);
    }
}

fn slopes(points: &[Point]) -> Vec<f64> {
    let secants: Vec<f64> =
        points.windows(2).map(|pair| (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0)).collect();
    let Some(last) = secants.len().checked_sub(1) else {
        return vec![0.0; points.len()];
    };
    let mut slopes = vec![0.0; points.len()];
    for (index, pair) in secants.windows(2).enumerate() {
        let (before, after) = (pair[0], pair[1]);
        if before * after > 0.0 {
            let mean = f64::midpoint(before, after).abs() / 2.0;
            slopes[index + 1] = 2.0 * before.signum() * before.abs().min(after.abs()).min(mean);
        }
    }
    if last == 0 {
        return vec![secants[0]; 2];
    }
    slopes[0] = (3.0 * secants[0] - slopes[1]) / 2.0;
    slopes[last + 1] = (3.0 * secants[last] - slopes[last]) / 2.0;
    slopes
}

fn push(path: &mut String, command: char, points: &[Point]) {
    path.push(command);
    for (index, (x, y)) in points.iter().enumerate() {
        if index > 0 {
            path.push(' ');
        }
        path.push_str(&format::tenths(*x));
        path.push(' ');
        path.push_str(&format::tenths(*y));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_points_give_a_straight_line() {
        let curve = Curve::through(&[(0.0, 30.0), (30.0, 20.0), (60.0, 10.0)], 40.0, false);
        assert_eq!(curve.line, "M0 30C10 26.7 20 23.3 30 20C40 16.7 50 13.3 60 10");
        assert_eq!(curve.tail, "");
        assert!(curve.area.starts_with("M0 40L0 30C") && curve.area.ends_with("L60 40Z"));
    }

    #[test]
    fn running_step_is_drawn_apart() {
        let curve = Curve::through(&[(0.0, 0.0), (30.0, 0.0), (60.0, 0.0)], 9.0, true);
        assert_eq!(curve.line, "M0 0C10 0 20 0 30 0");
        assert_eq!(curve.tail, "M30 0C40 0 50 0 60 0");
    }

    #[test]
    fn line_never_leaves_the_range_of_its_points() {
        let points: Vec<Point> = [5.0, 90.0, 88.0, 10.0, 10.0, 60.0, 0.0]
            .iter()
            .enumerate()
            .map(|(x, y)| (x as f64 * 10.0, *y))
            .collect();
        for (pair, slope) in points.windows(2).zip(slopes(&points).windows(2)) {
            let secant = (pair[1].1 - pair[0].1) / 10.0;
            // Monotone on a segment: both tangents have the secant's sign and at most three times its size.
            assert!(
                slope.iter().all(|slope| slope * secant >= 0.0 && slope.abs() <= 3.0 * secant.abs() + 1e-9)
            );
        }
    }

    #[test]
    fn too_few_points_draw_what_they_can() {
        assert_eq!(Curve::through(&[], 0.0, true), Curve::default());
        assert_eq!(Curve::through(&[(5.0, -0.5)], 0.0, true).line, "M5 -0.5");
        assert_eq!(Curve::through(&[(0.0, 0.0), (3.0, 3.0)], 0.0, false).line, "M0 0C1 1 2 2 3 3");
    }
}
