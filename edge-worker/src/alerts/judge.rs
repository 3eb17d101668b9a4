//! Whether a rule fires: a pure function of what was counted, what is usual and how the rule stood before.

use protocol::alert::{AlertKind, AlertRule, AlertState, AlertStatus, Usual};
use serde::{Deserialize, Serialize};

use super::baseline::{HOUR_MS, Samples, usual};

/// What was counted for a rule.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Seen {
    /// The moment up to which was counted, Unix milliseconds.
    pub at: u64,
    /// Visitors of the window.
    pub visitors: u64,
    /// Those of them who reached the goal.
    pub converted: u64,
    /// How often the goal was reached in the window; with `every`, since the day began.
    pub reached: u64,
    /// The site's day, days since 1970-01-01.
    pub day: i64,
    /// Visitors of the day before the window.
    pub day_before: u64,
}

/// What is remembered of a rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// What is shown of it.
    pub state: AlertState,
    /// The day of which multiples of a goal were told, and how many.
    #[serde(default)]
    pub told: (i64, u64),
    /// What earlier weeks counted.
    #[serde(default)]
    pub samples: Samples,
}

/// What has to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// The rule has fired.
    Fired,
    /// All is as usual again.
    Recovered,
}

/// How a number stands to what is usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Beyond what is usual.
    Unusual,
    /// Not quite back: a rule that has fired does not close yet, or it would fire again and again.
    Near,
    /// As usual.
    Usual,
}

impl Place {
    fn above(value: f64, limit: f64, near: f64) -> Self {
        if value > limit {
            Self::Unusual
        } else if value > near {
            Self::Near
        } else {
            Self::Usual
        }
    }

    fn below(value: f64, limit: f64, near: f64) -> Self {
        Self::above(-value, -limit, -near)
    }
}

/// The share of visitors who reached the goal, in per cent; 0 of nobody.
#[expect(clippy::cast_precision_loss, reason = "no site has 2^53 visitors")]
pub fn rate(converted: u64, visitors: u64) -> f64 {
    if visitors == 0 { 0.0 } else { converted as f64 * 100.0 / visitors as f64 }
}

/// Looks at a rule. `before.samples` are those of the hour of `seen.at` where the rule needs to know what is usual.
pub fn judge(rule: &AlertRule, seen: &Seen, before: &Memory) -> (Memory, Option<News>) {
    #[expect(clippy::cast_precision_loss, reason = "no site has 2^53 visitors")]
    let (visitors, minimum) = (seen.visitors as f64, f64::from(rule.minimum));
    let mut next = before.clone();
    let state = &mut next.state;
    state.checked_at = seen.at;
    state.usual = None;
    state.weeks = 0;
    let weeks = before.samples.at(seen.at);
    let mut known = |chance: &dyn Fn(f64) -> f64| {
        let found = usual(&weeks, rule.sensitivity, chance);
        (state.usual, state.weeks) = (found, u32::try_from(weeks.len()).unwrap_or(u32::MAX));
        found
    };
    let limit = rule.threshold.map(f64::from);
    let (value, place) = match rule.kind {
        AlertKind::Goal => return goal(rule, seen, next),
        AlertKind::Spike => {
            let bounds = match limit {
                // The limit itself is reached.
                Some(limit) => Some((limit - 0.5, limit * 0.9)),
                None => known(&f64::sqrt).map(|it| (it.high, f64::midpoint(it.median, it.high))),
            };
            let place = bounds.map(|(high, near)| match visitors < minimum && limit.is_none() {
                true => Place::Usual,
                false => Place::above(visitors, high, near),
            });
            (visitors, place)
        }
        AlertKind::Drop => {
            let place = match limit {
                Some(limit) => Some(Place::below(visitors, limit + 0.5, limit * 1.1)),
                None => known(&f64::sqrt).map(|it| match it.median < minimum {
                    true => Place::Usual,
                    false => Place::below(visitors, it.low, f64::midpoint(it.median, it.low)),
                }),
            };
            (visitors, place)
        }
        AlertKind::Conversion => {
            let rate = rate(seen.converted, seen.visitors);
            // A rate of few visitors is off by chance: the standard deviation of a binomial share.
            let chance = |rate: f64| (rate * (100.0 - rate).max(0.0) / visitors.max(1.0)).sqrt();
            let place = match limit {
                Some(limit) => Some(Place::below(rate, limit, limit * 1.1)),
                None => known(&chance).map(|it| Place::below(rate, it.low, f64::midpoint(it.median, it.low))),
            };
            // Of too few visitors nothing is said, neither that it fell nor that it rose again.
            (rate, place.map(|place| if visitors < minimum { Place::Near } else { place }))
        }
        AlertKind::NoData => {
            // Until weeks are known, the day before says whether anybody comes at all.
            #[expect(clippy::cast_precision_loss, reason = "no site has 2^53 visitors")]
            let expected = known(&f64::sqrt).map_or(seen.day_before as f64, |it| it.median);
            let place = match (seen.visitors, expected >= minimum) {
                (0, true) => Place::Unusual,
                (0, false) => Place::Near,
                _ => Place::Usual,
            };
            (visitors, Some(place))
        }
    };
    next.state.value = value;
    let news = turn(rule, seen.at, &mut next.state, place);
    (next, news)
}

/// A goal: every so many times of a day, or for the first time in a window.
fn goal(rule: &AlertRule, seen: &Seen, mut next: Memory) -> (Memory, Option<News>) {
    #[expect(clippy::cast_precision_loss, reason = "no goal is reached 2^53 times")]
    let value = seen.reached as f64;
    next.state.value = value;
    if let Some(every) = rule.every {
        let told = if next.told.0 == seen.day { next.told.1 } else { 0 };
        let due = seen.reached / u64::from(every.max(1));
        next.told = (seen.day, told.max(due));
        next.state.status = AlertStatus::Fine;
        if due > told {
            next.state.fired_at = Some(seen.at);
            return (next, Some(News::Fired));
        }
        return (next, None);
    }
    let place = if seen.reached > 0 { Place::Unusual } else { Place::Usual };
    let news = turn(rule, seen.at, &mut next.state, Some(place));
    // That nobody reaches it any more is no news.
    (next, news.filter(|news| *news == News::Fired))
}

/// Opens and closes a rule.
fn turn(rule: &AlertRule, at: u64, state: &mut AlertState, place: Option<Place>) -> Option<News> {
    let Some(place) = place else {
        // One that is open stays so until it can be told that all is as usual.
        if state.status != AlertStatus::Open {
            state.status = AlertStatus::Learning;
        }
        return None;
    };
    match (state.status == AlertStatus::Open, place) {
        (false, Place::Unusual) => {
            let silent_until = state.fired_at.map_or(0, |at| at + u64::from(rule.cool_down_hours) * HOUR_MS);
            state.status = AlertStatus::Fine;
            if at < silent_until {
                return None;
            }
            state.status = AlertStatus::Open;
            state.fired_at = Some(at);
            Some(News::Fired)
        }
        (true, Place::Usual) => {
            state.status = AlertStatus::Fine;
            rule.recovery.then_some(News::Recovered)
        }
        (true, _) => None,
        (false, _) => {
            state.status = AlertStatus::Fine;
            None
        }
    }
}

/// What is usual, as whole numbers or tenths, for people.
pub fn shown(usual: &Usual, is_rate: bool) -> (f64, f64) {
    let scale = if is_rate { 10.0 } else { 1.0 };
    ((usual.low * scale).ceil() / scale, (usual.high * scale).floor() / scale)
}

#[cfg(test)]
mod tests;
