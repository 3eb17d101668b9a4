//! Questions to the worker on bare workerd, over segments in the embedded store: cold, as the first of an isolate, and warm.

use std::time::Instant;

use analytics::{Dataset, Span};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::LARGE;
use super::clock::{exponent, median};
use super::data::{DAYS, START};
use super::stored::{DAY, Stored, days};
use crate::figures::Figures;
use crate::stack::{METRICS_TOKEN, SETUP_TOKEN, Stack};

/// How often a worker is started for a first question.
const STARTS: usize = 5;

/// The ten breakdowns of an overview.
const BREAKDOWNS: [&str; 10] = [
    "event:page",
    "visit:entry_page",
    "visit:source",
    "visit:channel",
    "visit:utm_campaign",
    "visit:country",
    "visit:city",
    "visit:device",
    "visit:browser",
    "visit:os",
];

/// What the answers over one size cost.
struct Cost {
    events: f64,
    ms: f64,
    read_units: f64,
}

pub(super) fn measure(figures: &mut Figures, sizes: &[(&str, usize)], runs: usize) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut growth: Vec<(&str, Vec<Cost>)> = vec![("days", Vec::new()), ("months", Vec::new())];
    for (name, events) in sizes {
        let started = Instant::now();
        let runs = if *events > LARGE { runs.div_ceil(3) } else { runs };
        let mut stack = Stack::start("info")?;
        let (data, views) = days(*events)?;
        let count = data.values().map(Dataset::event_count).sum::<usize>() as f64;
        let mut bytes = Vec::new();
        for (site, span) in [("days", Span::Day), ("months", Span::Month)] {
            let stored = Stored::new(&stack.store_url, site)?;
            runtime.block_on(stored.seal_all(&data, span))?;
            let (range, now) = (range(site), START + 2 * DAYS * DAY);
            bytes.push(runtime.block_on(stored.bytes(range.start - DAY..range.end, now))? as f64);
        }
        drop(data);
        let client = Client::sign_in(&stack.url)?;
        for (site, bytes) in ["days", "months"].into_iter().zip(bytes) {
            let expected: u64 = views
                .iter()
                .filter(|(day, _)| range(site).contains(&day.start()))
                .map(|(_, views)| *views)
                .sum();
            // Thirty days are the harder case, and what is asked most days of a month.
            let label = if site == "days" { "api" } else { "api_month" };
            let cost = one(figures, &mut stack, &client, (label, name, site), expected, runs)?;
            figures.add(format!("query.{label}_cold.{name}.bytes"), bytes, "bytes");
            let costs = growth.iter_mut().find(|(of, _)| *of == site);
            costs.context("no such site")?.1.push(Cost { events: count, ..cost });
        }
        eprintln!("query: {name} events in the store took {:.0} s", started.elapsed().as_secs_f64());
    }
    for (site, costs) in &growth {
        println!("\n{:>12}  {:>16}  {:>12}   from {site}", "events", "first answer, ms", "read units");
        for Cost { events, ms, read_units } in costs {
            println!("{events:>12}  {ms:>16.1}  {read_units:>12.1}");
        }
        if costs.len() > 1 {
            let points = |of: fn(&Cost) -> f64| -> Vec<(f64, f64)> {
                costs.iter().map(|cost| (cost.events, of(cost))).collect()
            };
            let label = if *site == "days" { "api_cold" } else { "api_month_cold" };
            figures.add(format!("query.{label}.ms_growth_exponent"), exponent(&points(|it| it.ms)), "");
            let units = exponent(&points(|it| it.read_units));
            figures.add(format!("query.{label}.read_units_growth_exponent"), units, "");
        }
    }
    Ok(())
}

/// The thirty days that are asked for, and a day before is loaded: of the month, the month itself; else so many days that it
/// is none.
fn range(site: &str) -> std::ops::Range<u64> {
    match site {
        "days" => START + 2 * DAY..START + (DAYS + 2) * DAY,
        _ => START..START + DAYS * DAY,
    }
}

/// One question, and the twelve of an overview.
fn one(
    figures: &mut Figures,
    stack: &mut Stack,
    client: &Client,
    (label, name, site): (&str, &str, &str),
    views: u64,
    runs: usize,
) -> Result<Cost> {
    let days = match site {
        "days" => json!(["2025-11-03", "2025-12-02"]),
        _ => json!(["2025-11-01", "2025-11-30"]),
    };
    let totals = ["visitors", "visits", "pageviews", "bounce_rate", "visit_duration"];
    let breakdown =
        |of: &str| json!({ "metrics": ["visitors", "pageviews"], "date_range": days, "dimensions": [of] });
    let mut all: Vec<Value> = BREAKDOWNS.into_iter().map(breakdown).collect();
    all.push(json!({ "metrics": ["visitors"], "date_range": days, "dimensions": ["time:day"] }));
    all.push(json!({ "metrics": totals, "date_range": days }));
    let overview = json!({ "site_id": site, "queries": all });
    let mut question = json!({ "metrics": totals, "date_range": days, "dimensions": ["event:page"] });
    question["site_id"] = json!(site);

    let (mut cold, mut units) = (Vec::new(), Vec::new());
    for _ in 0..STARTS.min(runs) {
        stack.restart_worker()?;
        let started = Instant::now();
        let answer = client.ask("query", &question)?;
        cold.push(started.elapsed().as_secs_f64() * 1_000.0);
        units.push(client.read_units()?);
        let rows = answer["results"].as_array().map_or(0, Vec::len);
        anyhow::ensure!(rows > 0, "no page was answered: {answer}");
    }
    let timed = |body: &Value, path: &str| -> Result<f64> {
        let mut times = Vec::new();
        for _ in 0..runs.max(1) {
            let started = Instant::now();
            client.ask(path, body)?;
            times.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
        Ok(median(times))
    };
    let warm = timed(&question, "query")?;
    let cold = median(cold);
    stack.restart_worker()?;
    let base = stack.worker_memory()?;
    let started = Instant::now();
    let told = client.ask("queries", &overview)?;
    let overview_cold = started.elapsed().as_secs_f64() * 1_000.0;
    let (peak, left) = (stack.worker_peak()?, stack.worker_memory()?);
    let found = &told["results"][BREAKDOWNS.len() + 1]["results"][0]["metrics"][2];
    anyhow::ensure!(found.as_u64() == Some(views), "{views} page views were stored, {found} answered");
    let overview_warm = timed(&overview, "queries")?;
    let mb = |bytes: u64| bytes as f64 / 1e6;
    let units = median(units);
    let mut add = |what: &str, value, unit: &str| figures.add(format!("query.{label}{what}"), value, unit);
    add(&format!("_cold.{name}.ms"), cold, "ms");
    add(&format!("_cold.{name}.read_units"), units, "RRU");
    add(&format!("_warm.{name}.ms"), warm, "ms");
    add(&format!("_overview_cold.{name}.ms"), overview_cold, "ms");
    add(&format!("_overview_warm.{name}.ms"), overview_warm, "ms");
    // Beside what workerd takes before it is asked anything.
    add(&format!("_memory.{name}.mb"), mb(left.saturating_sub(base)), "MB");
    add(&format!("_memory_peak.{name}.mb"), mb(peak.saturating_sub(base)), "MB");
    Ok(Cost { events: 0.0, ms: cold, read_units: units })
}

/// Somebody who is signed in.
struct Client {
    agent: ureq::Agent,
    url: String,
    cookie: String,
}

impl Client {
    fn sign_in(url: &str) -> Result<Self> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let body = json!({
            "setup_token": SETUP_TOKEN, "email": "bench@example.com", "name": "Bench", "password": "correct horse",
        });
        let answer = agent.post(format!("{url}/api/setup")).header("origin", url).send_json(body)?;
        let cookie = answer.headers().get("set-cookie").context("nobody was signed in")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(Self { agent, url: url.to_owned(), cookie })
    }

    fn ask(&self, path: &str, question: &Value) -> Result<Value> {
        let request = self.agent.post(format!("{}/api/v2/{path}", self.url));
        let mut answer =
            request.header("origin", &self.url).header("cookie", &self.cookie).send_json(question)?;
        let told: Value = answer.body_mut().with_config().limit(1 << 30).read_json()?;
        if answer.status() != 200 {
            bail!("a question was answered with {}: {told}", answer.status());
        }
        Ok(told)
    }

    /// Units the worker has spent on segments and rows since its start.
    fn read_units(&self) -> Result<f64> {
        let request = self.agent.get(format!("{}/metrics", self.url));
        let mut answer = request.header("authorization", format!("Bearer {METRICS_TOKEN}")).call()?;
        let text = answer.body_mut().read_to_string()?;
        let of = |line: &&str| {
            line.starts_with("liveinsight_consumed_read_capacity_total{")
                && (line.contains("Segments") || line.contains("Events"))
        };
        let numbers = text.lines().filter(of).filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        Ok(numbers.sum())
    }
}
