//! The answer to a query, computed from the definitions of `analytics::query` by going over lists and maps: slowly,
//! and with nothing of the engine's but the names of things.
//!
//! - An *action* is an event that is no heartbeat. It is *selected* when it is in range and passes all filters.
//! - *Groups* hold selected actions: of each combination of the values an action has, one.
//! - What is said of a visit is said by all of its events, in range or not; counts are of selected actions.
//! - Distinct visitors are distinct user ids (Plausible-like: on one UTC day), over the whole range.
//! - A page is *opened* by the first of its page views; one that reported no engaged time (or depth), or none above
//!   0, has none.
//! - Under GA4-like a visit counts where its first action lies, and nowhere if that is out of range.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use analytics::{EventDim, Kind};
use protocol::UserId;
use protocol::query::{
    Definitions, Dimension, Filter, Goal, GoalOn, Key, Metric, Money, Period, PropertyOp, PropertyTest,
    Query, Value,
};

use crate::history::Event;
use crate::visits::{Visit, place, props, visits};
use crate::words::{decimal, event_name, passes, printed, rounded, visit_dim, wildcard};

/// A value of a dimension: a text, or of time the number of the step.
type Label = (usize, String);

/// An action and the number of its visit.
type Action<'a> = (usize, &'a Event);

/// A row of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    labels: Vec<Label>,
    /// As they are printed.
    pub(crate) dimensions: Vec<String>,
    pub(crate) metrics: Vec<Value>,
    pub(crate) comparison: Option<Vec<Value>>,
}

/// All rows in order, those included that pagination leaves out.
pub(crate) fn answer<'a>(events: impl IntoIterator<Item = &'a Event>, query: &Query) -> Vec<Row> {
    let visits = visits(events);
    let main = Answer::new(&visits, query, &query.period);
    let other = query.comparison.as_ref().map(|period| Answer::new(&visits, query, period));
    let row = |labels: &Vec<Label>| Row {
        dimensions: main.printed(labels),
        metrics: main.measure(labels),
        comparison: other.as_ref().map(|other| other.measure(labels)),
        labels: labels.clone(),
    };
    let mut rows: Vec<Row> = main.groups.keys().map(row).collect();
    rows.sort_by(|a, b| {
        let keys = query.order.iter().map(|order| {
            let ordering = match order.key {
                Key::Metric(place) => compare(&a.metrics[place], &b.metrics[place]),
                Key::Dimension(place) => a.labels[place].cmp(&b.labels[place]),
            };
            if order.descending { ordering.reverse() } else { ordering }
        });
        keys.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    });
    rows
}

/// As ratios, exactly; what is absent is the smallest.
fn compare(a: &Value, b: &Value) -> std::cmp::Ordering {
    let ratio = |value: &Value| match *value {
        Value::Count(count) | Value::Percentile(count) => Some((count, 1)),
        Value::Share(part, whole) | Value::Mean(part, whole) | Value::Duration(part, whole) => {
            Some((part, whole))
        }
        Value::Money(_) | Value::Absent | Value::Number(_) => None,
    };
    match (ratio(a), ratio(b)) {
        (Some((a, of_a)), Some((b, of_b))) => {
            (u128::from(a) * u128::from(of_b)).cmp(&(u128::from(b) * u128::from(of_a)))
        }
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// A period and its groups.
struct Answer<'r, 'a> {
    visits: &'r [Visit<'a>],
    query: &'r Query,
    period: &'r Period,
    /// All selected actions.
    selected: Vec<Action<'a>>,
    /// The same, whatever goal, property and event name the filters ask for.
    everybody: Vec<Action<'a>>,
    groups: Groups<'a>,
    /// Groups of everybody by the dimensions that are no goal, property or event name.
    wider: Groups<'a>,
}

type Groups<'a> = BTreeMap<Vec<Label>, Vec<Action<'a>>>;

impl<'r, 'a> Answer<'r, 'a> {
    fn new(visits: &'r [Visit<'a>], query: &'r Query, period: &'r Period) -> Self {
        let (selected, everybody) = (Vec::new(), Vec::new());
        let groups = BTreeMap::new();
        let mut answer =
            Self { visits, query, period, selected, everybody, groups: groups.clone(), wider: groups };
        let all: Vec<&Filter> = query.filters.iter().collect();
        answer.selected = answer.select(&all);
        answer.groups = answer.group(&answer.selected, &query.dimensions.iter().collect::<Vec<_>>());
        let relaxed = all.into_iter().filter(|filter| !filter.any(&|test| test.dimension.is_of_goal()));
        answer.everybody = answer.select(&relaxed.collect::<Vec<_>>());
        let kept: Vec<&Dimension> =
            query.dimensions.iter().filter(|dimension| !dimension.is_of_goal()).collect();
        answer.wider = answer.group(&answer.everybody, &kept);
        answer
    }

    /// The metrics of a group; of one that is not there, those of nothing.
    fn measure(&self, labels: &[Label]) -> Vec<Value> {
        let kept = self.query.dimensions.iter().zip(labels).filter(|(dimension, _)| !dimension.is_of_goal());
        let wide: Vec<Label> = kept.map(|(_, label)| label.clone()).collect();
        let actions =
            |groups: &'_ Groups<'a>, labels: &[Label]| groups.get(labels).cloned().unwrap_or_default();
        let group = Group {
            answer: self,
            actions: actions(&self.groups, labels),
            labels,
            wider: actions(&self.wider, &wide),
        };
        self.query.metrics.iter().map(|metric| group.measure(*metric)).collect()
    }

    fn printed(&self, labels: &[Label]) -> Vec<String> {
        let print = |(dimension, (number, text)): (&Dimension, &Label)| match dimension {
            Dimension::Time(step) => self.query.zone.label(*step, self.period.edges[*number]),
            _ => text.clone(),
        };
        self.query.dimensions.iter().zip(labels).map(print).collect()
    }

    fn range(&self) -> &Range<u64> {
        &self.period.range
    }

    fn select(&self, filters: &[&Filter]) -> Vec<Action<'a>> {
        let mut selected = Vec::new();
        for (number, visit) in self.visits.iter().enumerate() {
            for event in visit.actions().filter(|event| self.range().contains(&event.at)) {
                if filters.iter().all(|filter| self.holds(filter, visit, event)) {
                    selected.push((number, event));
                }
            }
        }
        selected
    }

    fn group(&self, actions: &[Action<'a>], dimensions: &[&Dimension]) -> Groups<'a> {
        let mut groups: Groups<'_> = BTreeMap::new();
        if dimensions.is_empty() {
            groups.insert(Vec::new(), Vec::new());
        }
        for (number, event) in actions {
            let mut keys = vec![Vec::new()];
            for dimension in dimensions {
                let values = self.values(dimension, &self.visits[*number], event);
                let with = |key: &Vec<Label>| {
                    let key = key.clone();
                    values
                        .iter()
                        .map(move |value| [key.clone(), vec![value.clone()]].concat())
                        .collect::<Vec<_>>()
                };
                keys = keys.iter().flat_map(with).collect();
            }
            for key in keys {
                groups.entry(key).or_default().push((*number, event));
            }
        }
        groups
    }

    fn holds(&self, filter: &Filter, visit: &Visit<'a>, event: &'a Event) -> bool {
        match filter {
            Filter::And(all) => all.iter().all(|filter| self.holds(filter, visit, event)),
            Filter::Or(any) => any.iter().any(|filter| self.holds(filter, visit, event)),
            Filter::Not(inner) => !self.holds(inner, visit, event),
            Filter::HasDone(inner) => visit
                .actions()
                .filter(|other| self.range().contains(&other.at))
                .any(|other| self.holds(inner, visit, other)),
            Filter::Test(test) => {
                self.values(&test.dimension, visit, event).iter().any(|(_, text)| passes(test, text))
            }
        }
    }

    /// The values of an action.
    fn values(&self, dimension: &Dimension, visit: &Visit<'a>, event: &'a Event) -> Vec<Label> {
        let text = |text: &str| vec![(0, text.to_owned())];
        let said_by =
            |event: Option<&'a Event>, dim| text(event.map_or("", |event| place(visit, event, dim)));
        let title = &*event.texts[EventDim::Title.index()];
        let local = || self.query.zone.local_ms(event.at);
        match dimension {
            Dimension::Page => text(place(visit, event, EventDim::Path)),
            Dimension::Host => text(place(visit, event, EventDim::Host)),
            Dimension::Title if event.kind != Kind::PageView && title.is_empty() => Vec::new(),
            Dimension::Title => text(title),
            Dimension::EventName => text(event_name(event)),
            Dimension::Goal => self.goals(event).into_iter().map(|goal| (0, goal)).collect(),
            Dimension::Property(key) => text(props(event).get(&**key).copied().unwrap_or("(none)")),
            Dimension::EntryPage => said_by(visit.views().next(), EventDim::Path),
            Dimension::EntryHost => said_by(visit.views().next(), EventDim::Host),
            Dimension::ExitPage => said_by(visit.views().next_back(), EventDim::Path),
            Dimension::ExitHost => said_by(visit.views().next_back(), EventDim::Host),
            Dimension::Visit(field) => text(visit.said(visit_dim(*field))),
            Dimension::Time(_) => {
                let number = self.period.edges.iter().rposition(|edge| *edge <= event.at);
                number.map(|number| (number, String::new())).into_iter().collect()
            }
            Dimension::HourOfDay => text(&format!("{:02}", local().rem_euclid(86_400_000) / 3_600_000)),
            // 1970-01-01 was a Thursday.
            Dimension::Weekday => text(&((local().div_euclid(86_400_000) + 3).rem_euclid(7) + 1).to_string()),
        }
    }

    /// Names of the goals an action reaches, each once.
    fn goals(&self, event: &Event) -> BTreeSet<String> {
        let own = &event.texts[EventDim::Name.index()];
        if self.query.goals.is_empty() {
            return (event.kind == Kind::Conversion).then(|| own.clone()).into_iter().collect();
        }
        let reaches = |goal: &&Goal| match &goal.on {
            GoalOn::Page(pattern) => {
                event.kind == Kind::PageView && wildcard(pattern, &event.texts[EventDim::Path.index()])
            }
            GoalOn::Event(name) => !matches!(event.kind, Kind::PageView | Kind::Heartbeat) && own == name,
        };
        let holds = |test: &PropertyTest| {
            let value = props(event).get(&*test.key).copied().unwrap_or("(none)");
            match test.op {
                PropertyOp::Is => test.values.iter().any(|one| one == value),
                PropertyOp::IsNot => !test.values.iter().any(|one| one == value),
                PropertyOp::Contains => test.values.iter().any(|one| value.contains(one.as_str())),
                PropertyOp::ContainsNot => !test.values.iter().any(|one| value.contains(one.as_str())),
            }
        };
        let reached = self.query.goals.iter().filter(reaches).filter(|goal| goal.props.iter().all(holds));
        reached.map(|goal| goal.name.clone()).collect()
    }

    fn visitor(&self, visit: usize) -> (UserId, u64) {
        let Visit { user, start, .. } = &self.visits[visit];
        let day = if self.query.definitions == Definitions::Plausible { start / 86_400_000 } else { 0 };
        (*user, day)
    }

    fn visitors(&self, actions: &[Action<'a>]) -> u64 {
        let visitors: BTreeSet<_> = actions.iter().map(|(visit, _)| self.visitor(*visit)).collect();
        visitors.len() as u64
    }

    fn bounced(&self, visit: &Visit<'_>) -> bool {
        let [views, clicks, conversions, customs] =
            [Kind::PageView, Kind::Click, Kind::Conversion, Kind::Custom].map(|kind| visit.count(kind));
        let is_short = visit.engaged_ms() < 10_000;
        match self.query.definitions {
            Definitions::LiveInsight => views == 1 && clicks == 0 && conversions == 0 && is_short,
            Definitions::Plausible => views < 2 && clicks + conversions + customs == 0,
            Definitions::Ga4 => is_short && conversions == 0 && views < 2,
        }
    }

    fn duration_ms(&self, visit: &Visit<'_>) -> u64 {
        match self.query.definitions {
            Definitions::Plausible => visit.span_ms(),
            Definitions::LiveInsight | Definitions::Ga4 => visit.engaged_ms(),
        }
    }
}

/// A group and what its metrics are compared with.
struct Group<'r, 'a> {
    answer: &'r Answer<'r, 'a>,
    actions: Vec<Action<'a>>,
    labels: &'r [Label],
    wider: Vec<Action<'a>>,
}

impl<'a> Group<'_, 'a> {
    fn measure(&self, metric: Metric) -> Value {
        let visits = self.visits();
        let count = visits.len() as u64;
        let views = self.views();
        let sum = |of: &dyn Fn(&Visit<'_>) -> u64| visits.iter().map(|visit| of(visit)).sum::<u64>();
        let converted: Vec<Action<'_>> =
            self.actions.iter().copied().filter(|(_, event)| !self.answer.goals(event).is_empty()).collect();
        let converters = self.answer.visitors(&converted);
        let visitors = |actions: &[Action<'a>]| self.answer.visitors(actions);
        match metric {
            Metric::Visitors => Value::Count(visitors(&self.actions)),
            Metric::Visits => Value::Count(count),
            Metric::PageViews => Value::Count(views.len() as u64),
            Metric::Events => Value::Count(self.actions.len() as u64),
            Metric::ViewsPerVisit => mean(views.len() as u64, count, Value::Mean),
            Metric::BounceRate => self.bounce_rate(&visits),
            Metric::VisitDuration => {
                mean(sum(&|visit| self.answer.duration_ms(visit)), count, Value::Duration)
            }
            Metric::EngagedTime => mean(sum(&|visit| visit.engaged_ms()), count, Value::Duration),
            Metric::EngagedTimeP50 => percentile(&visits, 50),
            Metric::EngagedTimeP75 => percentile(&visits, 75),
            Metric::EngagedTimeP95 => percentile(&visits, 95),
            Metric::TimeOnPage => {
                let times = self.opened(|visit, event| visit.page_of(event).engaged_ms());
                mean(times.iter().sum(), times.len() as u64, Value::Duration)
            }
            Metric::ScrollDepth => {
                let depths = self.opened(|visit, event| visit.page_of(event).scroll_percent().map(u64::from));
                mean(depths.iter().sum(), depths.len() as u64, Value::Mean)
            }
            Metric::Conversions => Value::Count(converted.len() as u64),
            Metric::ConversionRate => mean(converters, visitors(&self.answer.everybody), Value::Share),
            Metric::GroupConversionRate => mean(converters, visitors(&self.wider), Value::Share),
            Metric::TotalRevenue => self.revenue(false),
            Metric::AverageRevenue => self.revenue(true),
            Metric::EntryRate => {
                mean(self.edges(|visit| visit.views().next()), views.len() as u64, Value::Share)
            }
            Metric::ExitRate => {
                mean(self.edges(|visit| visit.views().next_back()), views.len() as u64, Value::Share)
            }
            Metric::Percentage => {
                mean(visitors(&self.actions), visitors(&self.answer.selected), Value::Share)
            }
        }
    }

    /// The visits that count here.
    fn visits(&self) -> Vec<&Visit<'a>> {
        let numbers: BTreeSet<usize> = self.actions.iter().map(|(visit, _)| *visit).collect();
        let visits = numbers.into_iter().map(|visit| &self.answer.visits[visit]);
        let is_ga4 = self.answer.query.definitions == Definitions::Ga4;
        visits.filter(|visit| !is_ga4 || self.began_here(visit)).collect()
    }

    fn began_here(&self, visit: &Visit<'a>) -> bool {
        let Some(first) = visit.actions().next() else { return false };
        let dimensions = self.answer.query.dimensions.iter().zip(self.labels);
        self.answer.range().contains(&first.at)
            && dimensions
                .filter(|(dimension, _)| dimension.is_time())
                .all(|(dimension, label)| self.answer.values(dimension, visit, first).contains(label))
    }

    fn views(&self) -> Vec<Action<'a>> {
        self.actions.iter().copied().filter(|(_, event)| event.kind == Kind::PageView).collect()
    }

    fn bounce_rate(&self, visits: &[&Visit<'a>]) -> Value {
        let page = self.answer.query.dimensions.iter().position(|dimension| *dimension == Dimension::Page);
        let entered = visits.iter().filter(|visit| {
            let entry = visit.views().next().map(|view| &view.texts[EventDim::Path.index()]);
            page.is_none_or(|page| entry == Some(&self.labels[page].1))
        });
        let (mut bounces, mut count) = (0, 0);
        for visit in entered {
            count += 1;
            bounces += u64::from(self.answer.bounced(visit));
        }
        mean(bounces, count, Value::Share)
    }

    /// What the pages opened here reported, where they did.
    fn opened(&self, reported: impl Fn(&Visit<'a>, &Event) -> Option<u64>) -> Vec<u64> {
        let values = self.views().into_iter().filter_map(|(number, event)| {
            let visit = &self.answer.visits[number];
            let is_first = visit.page_of(event).first_view().is_some_and(|first| first.id == event.id);
            is_first.then(|| reported(visit, event)).flatten().filter(|value| *value > 0)
        });
        values.collect()
    }

    /// How many of the page views are that one of their visit.
    fn edges(&self, edge: impl Fn(&Visit<'a>) -> Option<&'a Event>) -> u64 {
        let is_edge = |(number, event): &Action<'_>| {
            edge(&self.answer.visits[*number]).is_some_and(|edge| edge.id == event.id)
        };
        self.views().iter().filter(|view| is_edge(view)).count() as u64
    }

    fn revenue(&self, is_mean: bool) -> Value {
        let mut sums: BTreeMap<&str, (i128, i128)> = BTreeMap::new();
        for (_, event) in &self.actions {
            if let Some(value) = decimal(&event.amount).filter(|_| !event.currency.is_empty()) {
                let (sum, count) = sums.entry(&event.currency).or_default();
                (*sum, *count) = (*sum + value, *count + 1);
            }
        }
        let money = sums.into_iter().map(|(currency, (sum, count))| {
            let (value, rounded) = if is_mean { rounded(sum, count) } else { (sum, false) };
            Money { value: printed(value), currency: currency.to_owned(), rounded }
        });
        Value::Money(money.collect())
    }
}

/// Sum and count, or a part and its whole; absent without any.
fn mean(sum: u64, count: u64, make: fn(u64, u64) -> Value) -> Value {
    if count == 0 { Value::Absent } else { make(sum, count) }
}

fn percentile(visits: &[&Visit<'_>], percent: usize) -> Value {
    let mut values: Vec<u64> = visits.iter().map(|visit| visit.engaged_ms()).collect();
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100);
    rank.checked_sub(1).map_or(Value::Absent, |place| Value::Percentile(values[place]))
}
