//! Weekly and monthly reports: what is asked, and the mail that tells it.

mod html;
mod words;

use std::ops::Range;

use analytics::ask::{RowsOf, Several};
use protocol::alert::MessageLanguage;
use protocol::query::{
    Answer, AnswerRow, Civil, Dimension, Filter, Metric, Op, Period, Query, Step, Value, VisitField, Zone,
};

use super::mail::Mail;
use super::schedule::Rhythm;
use crate::app::App;
use crate::platform::Platform;
use crate::site::Site;
use crate::store::accounts::ChannelRow;
use words::Words;

/// Rows of a list.
const ROWS: usize = 5;

/// What is told in figures, in this order.
const TOTALS: [Metric; 6] = [
    Metric::Visitors,
    Metric::Visits,
    Metric::PageViews,
    Metric::BounceRate,
    Metric::VisitDuration,
    Metric::Conversions,
];

/// A figure, and what it was in the range before.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Figure {
    metric: Metric,
    now: Option<f64>,
    before: Option<f64>,
}

/// A list, the largest first.
#[derive(Debug, Clone, PartialEq)]
struct List {
    title: &'static str,
    rows: Vec<(String, f64)>,
}

/// What a report tells.
#[derive(Debug, Clone, PartialEq)]
struct Report {
    site: String,
    rhythm: Rhythm,
    /// First and last day.
    days: (Civil, Civil),
    figures: Vec<Figure>,
    /// Visitors of each day.
    series: Vec<(Civil, f64)>,
    lists: Vec<List>,
}

/// A part of what a report is of.
pub(super) struct Of<'a> {
    pub(super) app: &'a App,
    pub(super) site: &'a Site,
    pub(super) rhythm: Rhythm,
    pub(super) range: Range<u64>,
}

impl Of<'_> {
    /// Asks, and writes the mail.
    pub(super) async fn mail(
        &self,
        row: &ChannelRow,
        unsubscribe: String,
        platform: &dyn Platform,
    ) -> Result<Mail, String> {
        let channel = &row.channel.channel;
        let words = Words::of(channel.language);
        let country = |code: &str| platform.country(code, channel.language);
        let report = self.ask(&words, &country, platform).await?;
        let link = format!("{}/?site={}", row.base, self.site.id);
        let to = channel.target.clone().unwrap_or_default();
        Ok(report.mail(channel.language, to, &link, unsubscribe))
    }

    async fn ask(
        &self,
        words: &Words,
        country: &dyn Fn(&str) -> String,
        platform: &dyn Platform,
    ) -> Result<Report, String> {
        let now = platform.now();
        let zone = self.app.zones.get(&self.site.time_zone, now, platform);
        let saved = self.app.saved.of(&self.app.accounts, &self.site.id).await;
        let goals = saved.map_err(|error| error.to_string())?.context().goals;
        let queries = queries(&self.range, &zone).map(|query| Query { goals: goals.clone(), ..query });
        let mut asking = Several::new(queries.iter().map(|query| RowsOf { query }).collect());
        self.app.store.ask(self.site, &mut asking, now).await.map_err(|error| error.to_string())?;
        let answers: Result<Vec<Answer>, _> = asking.finish().into_iter().collect();
        let answers = answers.map_err(|error| error.to_string())?;
        let rows = |place: usize| answers.get(place).map_or(&[][..], |answer| &answer.results[..]);

        let list = |place: usize, title: &'static str, name: &dyn Fn(&str) -> String| {
            let row = |row: &AnswerRow| {
                let named = row.dimensions.first().map_or("", String::as_str);
                (name(named), row.metrics.first().and_then(Value::number).unwrap_or(0.0))
            };
            List { title, rows: rows(place).iter().map(row).collect() }
        };
        let plain = |name: &str| name.to_owned();
        let source = |name: &str| if name.is_empty() { words.direct.to_owned() } else { name.to_owned() };
        Ok(Report {
            site: self.site.name.clone(),
            rhythm: self.rhythm,
            days: (Civil::of(zone.day(self.range.start)), Civil::of(zone.day(self.range.end) - 1)),
            figures: figures(rows(0).first()),
            series: series(rows(1), &self.range, &zone),
            lists: vec![
                list(2, words.pages, &plain),
                list(3, words.sources, &source),
                list(4, words.countries, country),
                list(5, words.goals, &plain),
            ],
        })
    }
}

/// Totals, days, pages, sources, countries, goals.
fn queries(range: &Range<u64>, zone: &Zone) -> [Query; 6] {
    let query = |metrics: &[Metric], dimension: Option<Dimension>| {
        let mut query = Query::new(metrics.to_vec(), dimension.into_iter().collect(), range.clone());
        query.zone = zone.clone();
        query.pagination.limit = ROWS;
        query
    };
    let mut totals = query(&TOTALS, None);
    totals.comparison = Some(Period { range: zone.period_before(range), edges: Vec::new() });
    let mut days = query(&[Metric::Visitors], Some(Dimension::Time(Step::Day)));
    days.period.edges = zone.edges(Step::Day, range.clone()).unwrap_or_default();
    days.pagination.limit = 31;
    let country = Dimension::Visit(VisitField::Country);
    let mut countries = query(&[Metric::Visitors], Some(country.clone()));
    // Of whom it is not known where they are, nothing is told.
    countries.filters = vec![Filter::Not(Box::new(Filter::test(country, Op::Is, &[""])))];
    [
        totals,
        days,
        query(&[Metric::Visitors], Some(Dimension::Page)),
        query(&[Metric::Visitors], Some(Dimension::Visit(VisitField::Source))),
        countries,
        query(&[Metric::Conversions], Some(Dimension::Goal)),
    ]
}

fn figures(row: Option<&AnswerRow>) -> Vec<Figure> {
    let number = |values: Option<&Vec<Value>>, place: usize| values?.get(place)?.number();
    let figure = |(place, metric)| Figure {
        metric,
        now: number(row.map(|row| &row.metrics), place),
        before: number(row.and_then(|row| row.comparison.as_ref()), place),
    };
    TOTALS.into_iter().enumerate().map(figure).collect()
}

/// Every day of a range, those without visitors as well.
fn series(rows: &[AnswerRow], range: &Range<u64>, zone: &Zone) -> Vec<(Civil, f64)> {
    let day = |day: i64| {
        let label = zone.label(Step::Day, zone.day_start(day));
        let row = rows.iter().find(|row| row.dimensions.first() == Some(&label));
        let visitors = row.and_then(|row| row.metrics.first()?.number()).unwrap_or(0.0);
        (Civil::of(day), visitors)
    };
    let last = zone.day(range.end.saturating_sub(1));
    (zone.day(range.start)..=last.min(zone.day(range.start) + 31)).map(day).collect()
}

/// How much more or less something is than before, in per cent; `None` if it was nothing.
fn change(figure: &Figure) -> Option<f64> {
    let (now, before) = (figure.now?, figure.before?);
    (before > 0.0).then(|| (now - before) * 100.0 / before)
}

/// Whether more of it is worse.
fn is_worse(metric: Metric) -> bool {
    metric == Metric::BounceRate
}

impl Report {
    fn mail(&self, language: MessageLanguage, to: String, link: &str, unsubscribe: String) -> Mail {
        let words = Words::of(language);
        let subject = words.subject(&self.site, self.rhythm, self.days);
        let (html, text) = html::render(self, &words, link, &unsubscribe);
        Mail { to, subject, html, text, unsubscribe }
    }
}

#[cfg(test)]
mod tests;
