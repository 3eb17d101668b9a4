//! Made-up questions, out of the same texts that histories are made of.

use proptest::prelude::*;
use protocol::query::{
    Definitions, Dimension, Filter, Goal, GoalOn, Key, Metric, Op, Order, Pagination, Period, PropertyOp,
    PropertyTest, Query, Step, Test, VisitField, Zone,
};

use crate::history::{BEGINNINGS, HOUR, MINUTE, NAMES, PATHS, TEXTS};

/// A question before it is known what history it is asked of.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// From so long after the beginning of the history (less an hour), for so long.
    after: u64,
    length: u64,
    zone: usize,
    metrics: Vec<Metric>,
    dimensions: Vec<Dimension>,
    filters: Vec<Filter>,
    definitions: Definitions,
    goals: Vec<Goal>,
    order: Vec<(usize, bool)>,
    pagination: Pagination,
    compares: u8,
}

/// Clocks: fixed ones, one of them with a half hour, and those that change when histories happen.
fn zones() -> [Zone; 6] {
    let spring_berlin = 1_743_296_400_000;
    let autumn_new_york = 1_762_063_200_000;
    let autumn_lord_howe = 1_743_865_200_000;
    [
        Zone::UTC,
        Zone::new(9 * 3_600, Vec::new()),
        Zone::new(-9 * 1_800, Vec::new()),
        Zone::new(3_600, vec![(spring_berlin, 7_200)]),
        Zone::new(-4 * 3_600, vec![(autumn_new_york, -5 * 3_600)]),
        Zone::new(11 * 3_600, vec![(autumn_lord_howe, 21 * 1_800)]),
    ]
}

fn dimension() -> impl Strategy<Value = Dimension> {
    let time = prop_oneof![
        2 => prop::sample::select(Step::ALL.to_vec()).prop_map(Dimension::Time),
        1 => prop::sample::select(vec![Dimension::HourOfDay, Dimension::Weekday]),
    ];
    prop_oneof![3 => filterable(), 1 => time]
}

/// All but those of time.
fn filterable() -> impl Strategy<Value = Dimension> {
    use Dimension::{
        EntryHost, EntryPage, EventName, ExitHost, ExitPage, Goal, Host, Page, Property, Title, Visit,
    };
    let fixed = vec![Page, Host, Title, EventName, Goal, EntryPage, ExitPage, EntryHost, ExitHost];
    prop_oneof![
        5 => prop::sample::select(fixed),
        2 => prop::sample::select(VisitField::ALL.to_vec()).prop_map(Visit),
        1 => prop::sample::select(vec!["plan", "a", "é", "never"]).prop_map(|key| Property(key.into())),
    ]
}

fn test() -> impl Strategy<Value = Filter> {
    (positive_test(), 0..3_u8).prop_map(|(test, negation)| match negation {
        0 => Filter::Not(Box::new(test)),
        _ => test,
    })
}

fn positive_test() -> impl Strategy<Value = Filter> {
    let texts = [TEXTS.as_slice(), &PATHS, &NAMES, &["(none)", "pageview", "click", "a.example"]].concat();
    let values = prop::collection::vec(prop::sample::select(texts), 1..4);
    let op = prop::sample::select(vec![Op::Is, Op::Contains, Op::Matches]);
    (filterable(), op, values, any::<bool>(), 0..4_u8).prop_map(
        |(dimension, op, values, case_sensitive, anchors)| {
            let value = |text: &str| match (op, anchors) {
                (Op::Is | Op::Contains, _) => text.to_owned(),
                // Letters and digits stand for themselves.
                (Op::Matches, _) => {
                    let plain: String =
                        text.chars().filter(|one| one.is_alphanumeric() || "/-_".contains(*one)).collect();
                    ["", "^"][usize::from(anchors & 1)].to_owned()
                        + &plain
                        + ["", "$"][usize::from(anchors >> 1)]
                }
            };
            // Expressions fold the case of A to Z only.
            let case_sensitive = case_sensitive || op == Op::Matches;
            let values = values.into_iter().map(value).collect();
            Filter::Test(Test { dimension, op, values, case_sensitive })
        },
    )
}

fn filter() -> impl Strategy<Value = Filter> {
    test().prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 1..3).prop_map(Filter::Or),
            inner.clone().prop_map(|inner| Filter::Not(Box::new(inner))),
            inner.prop_map(|inner| Filter::HasDone(Box::new(inner))),
        ]
    })
}

fn goals() -> impl Strategy<Value = Vec<Goal>> {
    let page = prop::sample::select(vec!["/", "/*", "/**", "/a**", "**é", "/blog/*", "*"]);
    let on = prop_oneof![
        page.prop_map(|pattern| GoalOn::Page(pattern.to_owned())),
        prop::sample::select(vec!["purchase", "sign-up", "nothing"])
            .prop_map(|name| GoalOn::Event(name.to_owned())),
    ];
    let test = (
        prop::sample::select(vec!["plan", "a", "never"]),
        prop::sample::select(vec![
            PropertyOp::Is,
            PropertyOp::IsNot,
            PropertyOp::Contains,
            PropertyOp::ContainsNot,
        ]),
        prop::collection::vec(prop::sample::select(vec!["pro", "p", "", "(none)", "1"]), 1..3),
    );
    let test = test.prop_map(|(key, op, values)| PropertyTest {
        key: key.to_owned(),
        op,
        values: values.into_iter().map(str::to_owned).collect(),
    });
    let tests = prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(test, 1..3)];
    let all = prop::collection::vec((on, tests), 1..4).prop_map(|all| {
        let named = all.into_iter().zip(["b", "a", "purchase", "/"]);
        named.map(|((on, props), name)| Goal { props, ..Goal::new(name, on) }).collect()
    });
    prop_oneof![1 => Just(Vec::new()), 1 => all]
}

fn after() -> impl Strategy<Value = u64> {
    prop_oneof![
        5 => Just(0),
        2 => (0..120_u64).prop_map(|minutes| minutes * MINUTE),
        1 => (0..100_u64).prop_map(|hours| hours * HOUR),
    ]
}

pub(crate) fn question() -> impl Strategy<Value = Question> {
    let length = prop_oneof![
        1 => (60..240_u64).prop_map(|minutes| minutes * MINUTE),
        3 => (2..72_u64).prop_map(|hours| hours * HOUR),
        3 => (1..80_u64).prop_map(|days| days * 24 * HOUR),
    ];
    let definitions =
        prop::sample::select(vec![Definitions::LiveInsight, Definitions::Plausible, Definitions::Ga4]);
    let dimensions = prop::collection::vec(dimension(), 0..3);
    let metrics = prop::sample::subsequence(Metric::ALL.to_vec(), 1..=Metric::ALL.len());
    let filters = prop_oneof![
        3 => Just(Vec::new()),
        2 => filter().prop_map(|filter| vec![filter]),
        1 => prop::collection::vec(filter(), 2),
    ];
    let order = prop::collection::vec((0..30_usize, any::<bool>()), 0..3);
    let pages = prop_oneof![3 => Just((10_000, 0)), 1 => (1..5_usize, 0..4_usize)];
    let what = (metrics, dimensions, filters, definitions, goals());
    ((after(), length, 0..6_usize), what, order, pages, 0..4_u8).prop_map(
        |(
            (after, length, zone),
            (metrics, dimensions, filters, definitions, goals),
            order,
            page,
            compares,
        )| {
            let question = Question {
                after,
                length,
                zone,
                metrics,
                dimensions,
                filters,
                definitions,
                goals,
                order,
                pagination: Pagination { limit: page.0, offset: page.1 },
                compares,
            };
            question.supported()
        },
    )
}

impl Question {
    /// Without what is refused.
    fn supported(mut self) -> Self {
        // Two steps of time at once, and one dimension twice.
        let mut seen: Vec<Dimension> = Vec::new();
        self.dimensions.retain(|dimension| {
            let is_step = |dimension: &Dimension| matches!(dimension, Dimension::Time(_));
            let fits = !(seen.contains(dimension) || is_step(dimension) && seen.iter().any(is_step));
            seen.push(dimension.clone());
            fits
        });
        let asks_goal = self.dimensions.contains(&Dimension::Goal)
            || self.filters.iter().any(|filter| filter.any(&|test| test.dimension.is_of_goal()));
        let by_page = self.dimensions.contains(&Dimension::Page);
        self.metrics.retain(|metric| match metric {
            Metric::GroupConversionRate => !self.dimensions.is_empty(),
            Metric::BounceRate => !(by_page && asks_goal),
            _ => true,
        });
        if self.metrics.is_empty() {
            self.metrics.push(Metric::Visitors);
        }
        self
    }

    /// Asked of a history that begins there.
    pub(crate) fn query(&self, beginning: usize) -> Query {
        let zone = zones()[self.zone].clone();
        let from = BEGINNINGS[beginning % BEGINNINGS.len()] - HOUR + self.after;
        let range = from..from + self.length;
        let mut query = Query::new(self.metrics.clone(), self.dimensions.clone(), range.clone());
        for dimension in &mut query.dimensions {
            // Minutes of months are refused.
            if *dimension == Dimension::Time(Step::Minute) && self.length > 24 * HOUR {
                *dimension = Dimension::Time(Step::Day);
            }
        }
        let step = query.dimensions.iter().find_map(|dimension| match dimension {
            Dimension::Time(step) => Some(*step),
            _ => None,
        });
        let period = |range: std::ops::Range<u64>| Period {
            edges: step.map_or(Vec::new(), |step| zone.edges(step, range.clone()).unwrap()),
            range,
        };
        query.period = period(range.clone());
        query.comparison = match self.compares {
            0 => Some(period(zone.period_before(&range))),
            _ => None,
        };
        let keys = query.metrics.len() + query.dimensions.len();
        let mut order: Vec<Order> = Vec::new();
        let asked = self.order.iter().map(|(place, descending)| {
            let place = place % keys;
            let key = match place.checked_sub(query.metrics.len()) {
                Some(place) => Key::Dimension(place),
                None => Key::Metric(place),
            };
            Order { key, descending: *descending }
        });
        for one in asked.chain(query.order.iter().copied()) {
            let is_money =
                |place: usize| matches!(query.metrics[place], Metric::TotalRevenue | Metric::AverageRevenue);
            // The order of sums of several currencies is nobody's business.
            let skipped = matches!(one.key, Key::Metric(place) if is_money(place));
            if !skipped && order.iter().all(|other| other.key != one.key) {
                order.push(one);
            }
        }
        query.order = order;
        query.filters = self.filters.clone();
        query.definitions = self.definitions;
        query.goals = self.goals.clone();
        query.zone = zone;
        query.pagination = self.pagination;
        query
    }
}
