//! The periods an analyst can choose.

use protocol::api::Interval;

/// A stretch of time that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Window {
    /// 30 minutes, by minute.
    HalfHour,
    /// 24 hours, by hour.
    #[default]
    Day,
    /// 7 days, by hour.
    Week,
}

impl Window {
    /// All of them, the shortest first.
    pub const ALL: [Self; 3] = [Self::HalfHour, Self::Day, Self::Week];

    /// Its name in the page's address.
    pub fn key(self) -> &'static str {
        match self {
            Self::HalfHour => "30m",
            Self::Day => "24h",
            Self::Week => "7d",
        }
    }

    /// The period of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.key() == key)
    }

    /// Its name on a button.
    pub fn short_label(self) -> &'static str {
        match self {
            Self::HalfHour => "30 min",
            Self::Day => "24 h",
            Self::Week => "7 days",
        }
    }

    /// Its name in a sentence.
    pub fn label(self) -> &'static str {
        match self {
            Self::HalfHour => "30 minutes",
            Self::Day => "24 hours",
            Self::Week => "7 days",
        }
    }

    /// Length of a step of the chart.
    pub fn interval(self) -> Interval {
        match self {
            Self::HalfHour => Interval::Minute,
            Self::Day | Self::Week => Interval::Hour,
        }
    }

    /// Number of steps, the running one included.
    pub fn steps(self) -> u64 {
        match self {
            Self::HalfHour => 30,
            Self::Day => 24,
            Self::Week => 168,
        }
    }

    /// Start and exclusive end at `now`, on boundaries of the interval, so that every range has the same
    /// number of steps and the running one is its last.
    pub fn range(self, now: u64) -> (u64, u64) {
        let step = self.interval().millis();
        let to = (now / step + 1) * step;
        (to.saturating_sub(self.steps() * step), to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_ends_with_the_running_step() {
        let now = 1_795_442_709_000;
        for period in Window::ALL {
            let (from, to) = period.range(now);
            let step = period.interval().millis();
            assert_eq!((to - from) / step, period.steps());
            assert!(from % step == 0 && to - step <= now && now < to);
        }
    }

    #[test]
    fn key_names_one_period() {
        for period in Window::ALL {
            assert_eq!(Window::from_key(period.key()), Some(period));
        }
        assert_eq!(Window::from_key("1y"), None);
    }
}
