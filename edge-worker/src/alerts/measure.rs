//! What rules need to know, asked of the engine: all rules of a site at once, for its events are loaded once.

use std::ops::Range;

use analytics::DAY_MS;
use analytics::ask::{RowsOf, Several};
use protocol::alert::{AlertKind, AlertRule};
use protocol::query::{Context, Dimension, Filter, Metric, Op, Query};
use serde_json::json;

use super::Look;
use super::baseline::{HOUR_MS, Samples, WEEKS, hour_of, weeks_before, window};
use super::judge::{Memory, Seen, rate};

/// What a rule is about is gone: its goal or its segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

/// A rule that is looked at.
pub(super) struct Watched<'a> {
    pub(super) id: &'a str,
    pub(super) rule: &'a AlertRule,
    /// That of `memory`.
    pub(super) version: u64,
    pub(super) memory: Memory,
    /// What was counted.
    pub(super) seen: Result<Seen, Broken>,
}

impl Watched<'_> {
    /// Whether it has to know what is usual.
    fn compares(&self) -> bool {
        self.rule.kind != AlertKind::Goal && self.rule.threshold.is_none()
    }
}

/// Whom a rule watches, and what they have to reach.
struct Filters {
    visitors: Vec<Filter>,
    goal: Option<Vec<Filter>>,
}

fn filters(rule: &AlertRule, context: &Context) -> Result<Filters, Broken> {
    let visitors = match &rule.segment {
        Some(segment) => context.filters(&[json!(["is", "segment", [segment]])]).map_err(|_| Broken)?,
        None => Vec::new(),
    };
    let goal = match (&rule.goal, rule.kind.has_goal()) {
        (Some(name), true) => {
            // Without goals every name of a conversion is one.
            if !context.goals.is_empty() && !context.goals.iter().any(|goal| goal.name == *name) {
                return Err(Broken);
            }
            let test = Filter::test(Dimension::Goal, Op::Is, &[name]);
            Some(visitors.iter().cloned().chain([test]).collect())
        }
        (None, true) => return Err(Broken),
        _ => None,
    };
    Ok(Filters { visitors, goal })
}

/// Questions that are asked together. Each has a number.
struct Questions<'a> {
    context: &'a Context,
    all: Vec<Query>,
}

impl<'a> Questions<'a> {
    fn new(context: &'a Context) -> Self {
        Self { context, all: Vec::new() }
    }

    fn add(&mut self, metric: Metric, filters: &[Filter], range: Range<u64>) -> usize {
        let mut query = Query::new(vec![metric], Vec::new(), range);
        query.filters = filters.to_vec();
        query.goals = self.context.goals.clone();
        self.all.push(query);
        self.all.len() - 1
    }

    async fn ask(&self, look: &Look<'_>) -> Result<Vec<u64>, String> {
        let mut asking = Several::new(self.all.iter().map(|query| RowsOf { query }).collect());
        if asking.is_empty() {
            return Ok(Vec::new());
        }
        let asked = look.app.store.ask(look.site, &mut asking, look.now).await;
        asked.map_err(|error| error.to_string())?;
        let number = |answer: protocol::query::Answer| {
            let value = answer.results.first().and_then(|row| row.metrics.first()?.number());
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
            let count = value.unwrap_or(0.0) as u64;
            count
        };
        let answers = asking.finish().into_iter();
        answers.map(|answer| answer.map(number).map_err(|error| error.to_string())).collect()
    }
}

/// Counts what the rules need, and sees to it that they know what is usual.
pub(super) async fn see(look: &Look<'_>, watched: &mut [Watched<'_>]) -> Result<(), String> {
    let saved =
        look.app.saved.of(&look.app.accounts, &look.site.id).await.map_err(|error| error.to_string())?;
    let context = saved.context();
    let found: Vec<Result<Filters, Broken>> = watched.iter().map(|it| filters(it.rule, &context)).collect();
    let day = look.zone.day(look.tick);

    let mut questions = Questions::new(&context);
    let mut places = Vec::with_capacity(watched.len());
    for (it, found) in watched.iter().zip(&found) {
        let Ok(Filters { visitors, goal }) = found else {
            places.push(None);
            continue;
        };
        let range = window(look.tick, it.rule.window_hours);
        let of_goal = match it.rule.every {
            Some(_) => look.zone.day_start(day)..look.tick,
            None => range.clone(),
        };
        let before = range.start.saturating_sub(DAY_MS)..range.start;
        places.push(Some((
            questions.add(Metric::Visitors, visitors, range.clone()),
            goal.as_ref().map(|goal| questions.add(Metric::Visitors, goal, range)),
            goal.as_ref().map(|goal| questions.add(Metric::Conversions, goal, of_goal)),
            (it.rule.kind == AlertKind::NoData).then(|| questions.add(Metric::Visitors, visitors, before)),
        )));
    }
    let answers = questions.ask(look).await?;
    let answer = |place: Option<usize>| place.and_then(|place| answers.get(place).copied()).unwrap_or(0);
    for (it, places) in watched.iter_mut().zip(places) {
        it.seen = places.ok_or(Broken).map(|(visitors, converted, reached, before)| Seen {
            at: look.tick,
            visitors: answer(Some(visitors)),
            converted: answer(converted),
            reached: answer(reached),
            day,
            day_before: answer(before),
        });
    }
    samples(look, watched, &found, &context).await
}

/// Counts earlier weeks for the rules that do not know them for this hour.
async fn samples(
    look: &Look<'_>,
    watched: &mut [Watched<'_>],
    found: &[Result<Filters, Broken>],
    context: &Context,
) -> Result<(), String> {
    let hour = hour_of(look.tick);
    let asks = |it: &Watched<'_>| it.compares() && it.seen.is_ok() && it.memory.samples.hour != hour;
    let mut weeks: Vec<Vec<(f64, f64)>> = vec![Vec::new(); watched.len()];
    if !watched.iter().any(&asks) {
        return Ok(());
    }
    let oldest = look.site.answered_from(look.now);
    // A week after the other: together they would be loaded with all that lies between them.
    for week in 1..=WEEKS {
        let ends = [hour, hour + HOUR_MS].map(|end| weeks_before(end, week, &look.zone));
        let mut questions = Questions::new(context);
        // Whether there was anybody at all: the site may be younger.
        let anybody = questions.add(Metric::Visitors, &[], ends[0].saturating_sub(DAY_MS)..ends[1]);
        let mut places = Vec::new();
        for (place, (it, found)) in watched.iter().zip(found).enumerate() {
            let Ok(Filters { visitors, goal }) = found else { continue };
            let hours = it.rule.window_hours;
            // Of a window that begins before what is kept only a part could be counted.
            if !asks(it) || window(ends[0], hours).start < oldest {
                continue;
            }
            let visitors = ends.map(|end| questions.add(Metric::Visitors, visitors, window(end, hours)));
            let converted = goal
                .as_ref()
                .map(|goal| ends.map(|end| questions.add(Metric::Visitors, goal, window(end, hours))));
            places.push((place, visitors, converted));
        }
        let answers = questions.ask(look).await?;
        let answer = |place: usize| answers.get(place).copied().unwrap_or(0);
        if answer(anybody) == 0 {
            continue;
        }
        for (place, visitors, converted) in places {
            let Some(known) = weeks.get_mut(place) else { continue };
            let visitors = visitors.map(answer);
            match converted.map(|places| places.map(answer)) {
                #[expect(clippy::cast_precision_loss, reason = "no site has 2^53 visitors")]
                None => known.push((visitors[0] as f64, visitors[1] as f64)),
                // Of nobody there is no rate.
                Some(converted) if visitors.iter().all(|count| *count > 0) => {
                    known.push((rate(converted[0], visitors[0]), rate(converted[1], visitors[1])));
                }
                Some(_) => {}
            }
        }
    }
    for (it, weeks) in watched.iter_mut().zip(weeks) {
        if asks(it) {
            it.memory.samples = Samples { hour, weeks };
        }
    }
    Ok(())
}
