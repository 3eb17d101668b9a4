//! Questions that are no table: funnels, retention, journeys, lists of visits and timelines, each
//! `POST /api/v2/<name>` with a body that names site, range, filters and definitions as a query does.

use analytics::ask::{FunnelOf, JourneyOf, Kind, PropertiesOf, RetentionOf, TimelineOf, VisitsOf};
use analytics::{DAY_MS, visitor_number};
use protocol::query::{
    Asked, Query, QueryError, RawFunnel, RawJourney, RawProperties, RawRetention, RawTimeline, RawVisits,
    Scope, Step,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ask::ask;
use super::query::{body, checked};
use super::{Answer, Call};
use crate::http::Response;

/// What is asked, and of what.
async fn asked<T: DeserializeOwned>(
    call: &Call<'_>,
    step: impl FnOnce(&T) -> Option<Step>,
) -> Result<(T, Query), Response> {
    let site = call.site().await?;
    let Asked::<T> { scope, what } = Asked::parse(body(call)?)?;
    let query = checked(call, &site, scope.query(step(&what))).await?;
    Ok((what, query))
}

async fn told<K: Kind>(call: &Call<'_>, kind: K) -> Answer
where
    K::Answer: Serialize,
{
    Ok(Response::json(200, &ask(call, &*call.site().await?, kind).await?))
}

pub(super) async fn funnel(call: &Call<'_>) -> Answer {
    let (raw, query) = asked::<RawFunnel>(call, |_| None).await?;
    // The goals of the question are those of the site.
    let funnel = raw.check(&query.goals)?;
    told(call, FunnelOf { query: &query, funnel: &funnel }).await
}

pub(super) async fn retention(call: &Call<'_>) -> Answer {
    let (_, query) = asked::<RawRetention>(call, |raw| Some(raw.step.step())).await?;
    told(call, RetentionOf { query: &query }).await
}

pub(super) async fn journey(call: &Call<'_>) -> Answer {
    let (raw, query) = asked::<RawJourney>(call, |_| None).await?;
    let RawJourney { anchor, steps, limit } = raw.check()?;
    told(call, JourneyOf { query: &query, anchor: &anchor, steps, limit }).await
}

pub(super) async fn properties(call: &Call<'_>) -> Answer {
    let (_, query) = asked::<RawProperties>(call, |_| None).await?;
    told(call, PropertiesOf { query: &query }).await
}

pub(super) async fn visits(call: &Call<'_>) -> Answer {
    let (raw, query) = asked::<RawVisits>(call, |_| None).await?;
    let (before, limit) = raw.check()?;
    told(call, VisitsOf { query: &query, before, limit }).await
}

pub(super) async fn timeline(call: &Call<'_>) -> Answer {
    let Asked::<RawTimeline> { scope, what: raw } = Asked::parse(body(call)?)?;
    let limit = raw.check()?;
    let visitor = visitor_number(&raw.visitor).ok_or_else(|| {
        QueryError::new(
            "visitor",
            "name a visitor as lists of visits do, or by the id that the browser keeps",
        )
    })?;
    if !scope.filters.is_empty() {
        return Err(QueryError::new("filters", "a timeline tells everything: leave the filters out").into());
    }
    let site = call.site().await?;
    let mut query = match (&scope, raw.started_at) {
        // Where a visit lies is known.
        (Scope { date_range: serde_json::Value::Null, .. }, Some(start)) => {
            Query::new(Vec::new(), Vec::new(), start..start.saturating_add(DAY_MS))
        }
        _ => checked(call, &site, scope.clone().query(None)).await?,
    };
    query.definitions = scope.definitions;
    told(call, TimelineOf { query: &query, visitor, started_at: raw.started_at, limit }).await
}
