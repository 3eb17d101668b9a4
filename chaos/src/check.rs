//! Asks the worker and compares its answers with those by brute force.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::brute::{self, Rows};
use crate::net::Body;
use crate::stack::{SITE, Stack};
use crate::stored::Row;

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// How many answers were compared, and those that differ.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    pub(crate) answers: usize,
    pub(crate) rows: usize,
    pub(crate) mismatches: usize,
    pub(crate) examples: Vec<String>,
}

impl Compared {
    fn note(&mut self, name: &str, rows: usize, is_same: bool, say: impl FnOnce() -> String) {
        self.answers += 1;
        self.rows += rows;
        if !is_same {
            self.mismatches += 1;
            if self.examples.len() < 3 {
                self.examples.push(format!("{name}: {}", say()));
            }
        }
    }
}

fn range(rows: &[Row]) -> Value {
    let first = rows.iter().map(|row| row.at).min().unwrap_or(0);
    let last = rows.iter().map(|row| row.at).max().unwrap_or(HOUR_MS);
    let iso = |at| format!("{}Z", brute::hour(at).replace(' ', "T"));
    json!([iso(first), iso(last + HOUR_MS)])
}

/// Asks everything over all there is.
pub(crate) async fn ask(stack: &Stack, rows: &[Row], compared: &mut Compared) -> anyhow::Result<()> {
    let date_range = range(rows);
    for question in brute::questions() {
        let mut body = question.body;
        body["site_id"] = json!(SITE);
        body["date_range"] = date_range.clone();
        let answer = stack.question("/api/v2/query", &body).await?;
        let (got, expected) = (read(&answer)?, (question.expect)(rows));
        let is_same = got == expected;
        compared.note(question.name, expected.len(), is_same, || differing(&got, &expected));
    }
    let (mut body, expected) = brute::funnel(rows);
    body["site_id"] = json!(SITE);
    body["date_range"] = date_range.clone();
    let answer = stack.question("/api/v2/funnel", &body).await?;
    let is_same = answer["visitors"] == json!(expected);
    compared.note("funnel", expected.len(), is_same, || {
        format!("{} instead of {expected:?}", answer["visitors"])
    });

    let body = json!({ "site_id": SITE, "date_range": date_range, "step": "day" });
    let answer = stack.question("/api/v2/retention", &body).await?;
    let cohorts = answer["cohorts"].as_array().context("no cohorts")?;
    let came: u64 = cohorts.iter().filter_map(|cohort| cohort["visitors"][0].as_u64()).sum();
    let all = rows.iter().filter(|row| row.made.what.type_name() != "heartbeat").map(|row| row.user);
    let all = all.collect::<BTreeSet<_>>().len() as u64;
    compared.note("retention", cohorts.len(), came == all, || format!("{came} instead of {all}"));
    Ok(())
}

/// Has the worker count the rows of each day one by one and compare with its own answers.
pub(crate) async fn verify(stack: &Stack, rows: &[Row], compared: &mut Compared) -> anyhow::Result<()> {
    let days: BTreeSet<u64> = rows.iter().map(|row| row.at / DAY_MS * DAY_MS).collect();
    for day in days {
        let day = brute::hour(day)[..10].to_owned();
        let answer = stack.question(&format!("/api/sites/{SITE}/verify"), &json!({ "day": day })).await?;
        let differences = answer["differences"].as_array().context("no differences")?;
        let count = answer["compared"].as_u64().unwrap_or(0) as usize;
        compared.note("a day's rows", count, differences.is_empty(), || format!("{day}: {differences:?}"));
    }
    Ok(())
}

/// How many segments of hours there are, and their events.
pub(crate) async fn segments(stack: &Stack, rows: &[Row]) -> anyhow::Result<(usize, u64)> {
    let first = rows.iter().map(|row| row.at).min().unwrap_or(0);
    let last = rows.iter().map(|row| row.at).max().unwrap_or(0);
    let url = format!("{}/api/segments?site_id={SITE}&from={first}&to={last}", stack.url());
    let request = hyper::Request::get(url).header("authorization", format!("Bearer {}", stack.token));
    let answer = stack.http.send(request.body(Body::default())?).await?;
    if answer.status != 200 {
        bail!("segments are not listed: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
    }
    let list: Value = serde_json::from_slice(&answer.body)?;
    let segments = list["segments"].as_array().context("no segments")?;
    Ok((segments.len(), segments.iter().filter_map(|segment| segment["events"].as_u64()).sum()))
}

/// The rows of an answer; those of nothing but zeros, as of hours in which nothing happened, left out.
fn read(answer: &Value) -> anyhow::Result<Rows> {
    let results = answer["results"].as_array().context("no results")?;
    let row = |row: &Value| {
        let texts = row["dimensions"].as_array().into_iter().flatten();
        let dimensions = texts.filter_map(|text| text.as_str().map(str::to_owned)).collect();
        let metrics: Vec<Value> = row["metrics"].as_array().cloned().unwrap_or_default();
        metrics.iter().any(|metric| *metric != 0).then_some((dimensions, metrics))
    };
    Ok(results.iter().filter_map(row).collect())
}

fn differing(got: &Rows, expected: &Rows) -> String {
    let keys: BTreeSet<_> = got.keys().chain(expected.keys()).collect();
    let differ = keys.into_iter().filter(|key| got.get(*key) != expected.get(*key));
    let said = differ
        .take(3)
        .map(|key| format!("{key:?} answered {:?}, by brute force {:?}", got.get(key), expected.get(key)));
    said.collect::<Vec<_>>().join("; ")
}
