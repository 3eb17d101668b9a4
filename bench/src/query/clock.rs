//! Times of repeated runs.

use std::hint::black_box;
use std::time::Duration;

/// Time this thread has spent on a processor, where the system tells: what others do then hardly counts. Nothing that is
/// measured here waits.
#[cfg(unix)]
fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    // Neither is below 0.
    Duration::new(time.tv_sec.cast_unsigned(), time.tv_nsec as u32)
}

#[cfg(not(unix))]
fn now() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}

/// The median of so many runs, in milliseconds. What a run returns is thrown away outside of the time.
pub(super) fn median_ms<T>(runs: usize, mut run: impl FnMut() -> T) -> f64 {
    let times = (0..runs.max(1)).map(|_| {
        let start = now();
        let result = black_box(run());
        let time = now().saturating_sub(start);
        drop(result);
        time.as_secs_f64() * 1_000.0
    });
    median(times.collect())
}

/// The median; of an even number, the mean of the two in the middle.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        0 if !values.is_empty() => f64::midpoint(values[middle - 1], values[middle]),
        _ => values.get(middle).copied().unwrap_or(f64::NAN),
    }
}

/// The exponent of growth: the slope of the line of least squares through the logarithms of size and time.
/// 1 is growth in proportion.
pub(super) fn exponent(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = logs.len() as f64;
    let (mean_x, mean_y) =
        (logs.iter().map(|(x, _)| x).sum::<f64>() / count, logs.iter().map(|(_, y)| y).sum::<f64>() / count);
    let covariance: f64 = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = logs.iter().map(|(x, _)| (x - mean_x) * (x - mean_x)).sum();
    covariance / variance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_is_that_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]).to_string(), "2");
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]).to_string(), "2.5");
    }

    #[test]
    fn exponent_of_a_square_is_two() {
        let points: Vec<(f64, f64)> = (1..5).map(|x| (f64::from(x), f64::from(x * x))).collect();
        assert!((exponent(&points) - 2.0).abs() < 1e-9);
    }
}
