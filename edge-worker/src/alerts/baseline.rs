//! What is usual: the same hour of the week over the last weeks, its median and how far weeks differ from it.
//!
//! Medians, because one holiday or one spike among six weeks must not move what is usual. A number is unusual when its
//! modified z-score is beyond a bound: the distance from the median in units of 1.4826 times the median absolute
//! deviation, which is the standard deviation of what is normally distributed (Iglewicz and Hoaglin 1993, who
//! recommend 3.5).

use std::ops::Range;

use analytics::DAY_MS;
use protocol::alert::{Sensitivity, Usual};
use protocol::query::Zone;
use serde::{Deserialize, Serialize};

/// Length of an hour.
pub const HOUR_MS: u64 = 3_600_000;

/// How many weeks are looked at.
pub const WEEKS: u32 = 6;

/// How many of them have to be known.
pub const FEWEST_WEEKS: u32 = 3;

/// Weeks that happen to be alike do not make every other number unusual: a tenth of the median is never.
const RELATIVE_FLOOR: f64 = 0.1;

/// Scales a median absolute deviation to a standard deviation.
const MAD_SCALE: f64 = 1.4826;

fn bound(sensitivity: Sensitivity) -> f64 {
    match sensitivity {
        Sensitivity::Low => 5.0,
        Sensitivity::Medium => 3.5,
        Sensitivity::High => 2.5,
    }
}

/// The middle of some numbers; `None` of none.
fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_unstable_by(f64::total_cmp);
    let half = numbers.len() / 2;
    let upper = *numbers.get(half)?;
    if numbers.len() % 2 == 1 {
        return Some(upper);
    }
    numbers.get(half.checked_sub(1)?).map(|lower| f64::midpoint(*lower, upper))
}

/// What is usual, given what was counted in earlier weeks. `chance` says how far a number like the median is off by
/// chance alone, such as its square root. `None` if too few weeks are known.
pub fn usual(weeks: &[f64], sensitivity: Sensitivity, chance: impl Fn(f64) -> f64) -> Option<Usual> {
    let count = u32::try_from(weeks.len()).unwrap_or(u32::MAX);
    if count < FEWEST_WEEKS {
        return None;
    }
    let middle = median(weeks.to_vec())?;
    let deviation = median(weeks.iter().map(|week| (week - middle).abs()).collect())?;
    let unit = (MAD_SCALE * deviation).max(chance(middle)).max(RELATIVE_FLOOR * middle);
    let reach = bound(sensitivity) * unit;
    Some(Usual { low: (middle - reach).max(0.0), high: middle + reach, median: middle, weeks: count })
}

/// What earlier weeks counted in the windows that end at an hour and at the next one. It is worked out once an hour;
/// between the two it is interpolated, so that a morning that is busier by the minute is not unusual.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Samples {
    /// The hour, Unix milliseconds.
    pub hour: u64,
    /// What each week that is known counted up to the hour, and up to the next one.
    pub weeks: Vec<(f64, f64)>,
}

/// The hour a moment is in, for [`Samples`].
pub fn hour_of(at: u64) -> u64 {
    at - at % HOUR_MS
}

impl Samples {
    /// Whether they are those of a moment.
    pub fn are_of(&self, at: u64) -> bool {
        self.hour == hour_of(at)
    }

    /// What each week counted in the window that ends at a moment of the hour.
    pub fn at(&self, at: u64) -> Vec<f64> {
        #[expect(clippy::cast_precision_loss, reason = "less than an hour, in milliseconds")]
        let part = at.saturating_sub(self.hour).min(HOUR_MS) as f64 / HOUR_MS as f64;
        self.weeks.iter().map(|(from, to)| from + part * (to - from)).collect()
    }
}

/// The window of so many hours that ends at a moment.
pub fn window(end: u64, hours: u32) -> Range<u64> {
    end.saturating_sub(u64::from(hours) * HOUR_MS)..end
}

/// The moment so many weeks before, at the same time of the site's clock.
pub fn weeks_before(at: u64, weeks: u32, zone: &Zone) -> u64 {
    zone.to_utc(zone.local_ms(at) - i64::from(weeks) * 7 * DAY_MS.cast_signed())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(weeks: &[f64]) -> Option<Usual> {
        usual(weeks, Sensitivity::Medium, f64::sqrt)
    }

    #[test]
    fn one_odd_week_does_not_move_what_is_usual() {
        let calm = counts(&[150.0, 140.0, 160.0, 150.0, 155.0, 145.0]).unwrap();
        let odd = counts(&[150.0, 140.0, 160.0, 4_000.0, 155.0, 145.0]).unwrap();
        assert!(calm.high < 210.0 && calm.low > 90.0, "{calm:?}");
        assert!(odd.high < 230.0 && odd.low > 80.0, "{odd:?}");
    }

    #[test]
    fn two_weeks_say_nothing() {
        assert_eq!(counts(&[100.0, 100.0]), None);
        assert_eq!(counts(&[]), None);
        assert_eq!(counts(&[100.0; 3]).map(|usual| usual.weeks), Some(3));
    }

    #[test]
    fn between_two_hours_is_interpolated() {
        let samples = Samples { hour: 3 * HOUR_MS, weeks: vec![(10.0, 40.0), (0.0, 6.0)] };
        assert!(samples.are_of(4 * HOUR_MS - 1) && !samples.are_of(4 * HOUR_MS));
        assert_eq!(samples.at(3 * HOUR_MS), [10.0, 0.0]);
        assert_eq!(samples.at(3 * HOUR_MS + HOUR_MS / 3), [20.0, 2.0]);
    }

    #[test]
    fn a_week_before_is_the_same_time_of_the_sites_clock() {
        // Central European time ends its summer on 2026-10-25T01:00Z.
        let zone = Zone::new(7_200, vec![(1_792_890_000_000, 3_600)]);
        let thursday_14 = 1_793_278_800_000; // 2026-10-29T13:00Z
        assert_eq!(weeks_before(thursday_14, 1, &zone), thursday_14 - 7 * DAY_MS - HOUR_MS);
        assert_eq!(weeks_before(thursday_14, 1, &Zone::UTC), thursday_14 - 7 * DAY_MS);
    }

    proptest! {
        #[test]
        fn what_is_usual_is_around_the_median(weeks in prop::collection::vec(0.0_f64..1e6, 3..7)) {
            let medium = counts(&weeks).unwrap();
            prop_assert!(0.0 <= medium.low && medium.low <= medium.median && medium.median <= medium.high);
            let (low, high) = weeks.iter().fold((f64::MAX, 0.0_f64), |(l, h), w| (l.min(*w), h.max(*w)));
            prop_assert!(low <= medium.median && medium.median <= high);
        }

        #[test]
        fn order_of_weeks_means_nothing(weeks in prop::collection::vec(0.0_f64..1e6, 3..7)) {
            let mut turned = weeks.clone();
            turned.reverse();
            prop_assert_eq!(counts(&weeks), counts(&turned));
        }

        #[test]
        fn more_sensitive_is_narrower(weeks in prop::collection::vec(0.0_f64..1e6, 3..7)) {
            let [low, medium, high] = Sensitivity::ALL.map(|it| usual(&weeks, it, f64::sqrt).unwrap());
            prop_assert!(low.high >= medium.high && medium.high >= high.high);
            prop_assert!(low.low <= medium.low && medium.low <= high.low);
        }

        #[test]
        fn weeks_that_double_double_what_is_usual(weeks in prop::collection::vec(1.0_f64..1e6, 3..7)) {
            let one = usual(&weeks, Sensitivity::High, |_| 0.0).unwrap();
            let doubled: Vec<f64> = weeks.iter().map(|week| week * 2.0).collect();
            let two = usual(&doubled, Sensitivity::High, |_| 0.0).unwrap();
            prop_assert!((two.high - one.high * 2.0).abs() < 1e-6 * two.high);
        }
    }
}
