//! The overview: totals, time series and the first breakdowns of a range.

use std::collections::{HashMap, HashSet};

use protocol::api::{Device, Interval, MAX_ROWS, Overview, Point, Row, Totals};
use protocol::{EventId, PageId, SessionId, UserId};

use crate::fact::{Fact, FactKind};

/// A visit of one page view and no click or conversion is a bounce below this engaged time. GA4 calls a
/// session engaged from 10 s on (its help, "engaged sessions"); so do we.
pub const BOUNCE_ENGAGED_MS: u64 = 10_000;

#[derive(Default)]
struct Visit<'a> {
    page_views: u64,
    actions: u64,
    /// Engaged time is cumulative for a page view: the largest value of a page is its time.
    engaged: HashMap<PageId, u64>,
    /// The earliest page view decides where the visit came from.
    entry: Option<(u64, EventId, &'a str)>,
    user: Option<UserId>,
}

#[derive(Default)]
struct Group {
    users: HashSet<UserId>,
    page_views: u64,
}

/// Computes the overview of `[from, to)`, both moved outwards to the interval's boundaries. `now` is the
/// answer's `generated_at`.
pub fn overview<'a>(
    facts: impl IntoIterator<Item = &'a Fact>,
    from: u64,
    to: u64,
    interval: Interval,
    now: u64,
) -> Overview {
    let step = interval.millis();
    let from = from - from % step;
    let to = to.next_multiple_of(step);
    let steps = usize::try_from((to - from) / step).unwrap_or(0);

    let mut seen = HashSet::new();
    let mut visits: HashMap<SessionId, Visit<'_>> = HashMap::new();
    let mut users: HashSet<UserId> = HashSet::new();
    let mut series: Vec<Group> = (0..steps).map(|_| Group::default()).collect();
    let mut pages: HashMap<&str, Group> = HashMap::new();
    let mut countries: HashMap<&str, Group> = HashMap::new();
    let mut devices: HashMap<Device, Group> = HashMap::new();
    let mut totals = Totals::default();

    for fact in facts.into_iter().filter(|fact| (from..to).contains(&fact.at)) {
        if !seen.insert(fact.id) {
            continue;
        }
        let visit = visits.entry(fact.session).or_default();
        let mut groups: Vec<&mut Group> = Vec::with_capacity(4);
        if fact.is_action() {
            users.insert(fact.user);
            // A visit has one user; should a server send two, the choice must not depend on order.
            visit.user = Some(visit.user.map_or(fact.user, |user| user.min(fact.user)));
            let index = usize::try_from((fact.at - from) / step).unwrap_or(usize::MAX);
            groups.extend(series.get_mut(index));
            groups.push(countries.entry(&fact.country).or_default());
            groups.push(devices.entry(fact.device).or_default());
        }
        match &fact.kind {
            FactKind::PageView { path, source } => {
                totals.page_views += 1;
                visit.page_views += 1;
                if visit.entry.is_none_or(|(at, id, _)| (fact.at, fact.id) < (at, id)) {
                    visit.entry = Some((fact.at, fact.id, source));
                }
                groups.push(pages.entry(path).or_default());
                for group in &mut groups {
                    group.page_views += 1;
                }
            }
            FactKind::Click => visit.actions += 1,
            FactKind::Conversion => {
                visit.actions += 1;
                totals.conversions += 1;
            }
            FactKind::Engagement { engaged_ms } => {
                let page = visit.engaged.entry(fact.page).or_default();
                *page = (*page).max(*engaged_ms);
            }
        }
        for group in groups {
            group.users.insert(fact.user);
        }
    }

    // A visit known only by the heartbeat that closed it began before the range.
    visits.retain(|_, visit| visit.user.is_some());
    let mut sources: HashMap<&str, Group> = HashMap::new();
    let (mut bounces, mut engaged_total) = (0_u64, 0_u64);
    for visit in visits.values() {
        let engaged: u64 = visit.engaged.values().sum();
        engaged_total += engaged;
        if visit.page_views == 1 && visit.actions == 0 && engaged < BOUNCE_ENGAGED_MS {
            bounces += 1;
        }
        if let (Some((.., source)), Some(user)) = (visit.entry, visit.user) {
            let group = sources.entry(source).or_default();
            group.users.insert(user);
            group.page_views += visit.page_views;
        }
    }
    totals.visitors = users.len() as u64;
    totals.sessions = visits.len() as u64;
    if totals.sessions > 0 {
        totals.bounce_rate = Some(bounces as f64 / totals.sessions as f64);
        totals.visit_duration_ms = Some(engaged_total as f64 / totals.sessions as f64);
    }

    let points = series.iter().enumerate().map(|(index, group)| Point {
        at: from + index as u64 * step,
        visitors: group.users.len() as u64,
        page_views: group.page_views,
    });
    Overview {
        generated_at: now,
        from,
        to,
        interval,
        totals,
        series: points.collect(),
        pages: rows(pages.into_iter().map(|(name, group)| (name.to_owned(), group))),
        sources: rows(sources.into_iter().map(|(name, group)| (name.to_owned(), group))),
        countries: rows(countries.into_iter().map(|(name, group)| (name.to_owned(), group))),
        devices: rows(devices.into_iter().map(|(device, group)| (device.as_str().to_owned(), group))),
    }
}

/// The largest groups first; equal ones by name, so that the order never depends on hashing.
fn rows(groups: impl Iterator<Item = (String, Group)>) -> Vec<Row> {
    let mut rows: Vec<Row> = groups
        .map(|(name, group)| Row { name, visitors: group.users.len() as u64, page_views: group.page_views })
        .collect();
    rows.sort_by(|a, b| {
        (b.visitors, b.page_views).cmp(&(a.visitors, a.page_views)).then_with(|| a.name.cmp(&b.name))
    });
    rows.truncate(MAX_ROWS);
    rows
}

#[cfg(test)]
mod tests;
