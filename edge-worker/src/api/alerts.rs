//! Rules of a site's alerts: `/api/sites/{site_id}/alerts`.

use protocol::alert::{
    AlertRule, AlertRules, MAX_COOL_DOWN_HOURS, MAX_RULES, MAX_THRESHOLD, MAX_WINDOW_HOURS, Usual,
    WatchedRule,
};
use protocol::problem::Code;

use super::{Answer, Call, invalid, named, refused};
use crate::auth::secret;
use crate::http::Response;
use crate::routes::Act;
use crate::store::accounts::SiteAlerts;

/// Longest name of a goal.
const MAX_GOAL_BYTES: usize = 256;

/// Lists, adds, changes or removes.
pub(super) async fn run(call: &Call<'_>, act: Act) -> Answer {
    let site = call.site().await?;
    let all = call.accounts().alerts(site.id.as_str()).await?;
    let fresh;
    let id = match act {
        Act::List => return Ok(Response::json(200, &listed(&all))),
        Act::Add => {
            if all.rules.len() >= MAX_RULES {
                return Err(refused(Code::LimitReached));
            }
            fresh = secret::id(call.platform);
            fresh.as_str()
        }
        Act::Change | Act::Remove => {
            let id = call.id("alert_id", Code::NotFound)?;
            if !all.rules.iter().any(|(other, _)| other == id) {
                return Err(refused(Code::NotFound));
            }
            id
        }
    };
    if act == Act::Remove {
        call.accounts().drop_alert(site.id.as_str(), id).await?;
        call.note("alert.removed", id).await;
        return Ok(Response::empty(204));
    }
    let rule = normal(call.body()?, &all)?;
    let saved = call.accounts().saved(site.id.as_str()).await?;
    // A segment that is deleted later makes the rule a broken one, which is shown.
    let has = |id: &String| saved.segments.iter().any(|segment| segment.id == *id);
    if rule.segment.as_ref().is_some_and(|id| !has(id)) {
        return Err(invalid("`segment`: there is no saved segment of this id"));
    }
    let goals = &saved.goals;
    let is_goal = |name: &String| goals.is_empty() || goals.iter().any(|goal| goal.what.name == *name);
    if rule.goal.as_ref().is_some_and(|name| !is_goal(name)) {
        return Err(invalid("`goal`: there is no goal of this name"));
    }
    if all.rules.iter().any(|(other, taken)| other != id && taken.name == rule.name) {
        return Err(refused(Code::AlreadyExists));
    }
    call.accounts().save_alert(site.id.as_str(), id, &rule).await?;
    let (status, what) = if act == Act::Add { (201, "alert.made") } else { (200, "alert.changed") };
    call.note(what, id).await;
    Ok(Response::json(status, &WatchedRule { id: id.to_owned(), rule, state: None }))
}

fn listed(all: &SiteAlerts) -> AlertRules {
    let watched = |(id, rule): &(String, AlertRule)| WatchedRule {
        id: id.clone(),
        rule: rule.clone(),
        state: all.memories.get(id).map(|(_, memory)| memory.state.clone()),
    };
    AlertRules { alerts: all.rules.iter().map(watched).collect() }
}

/// A rule in its normal form.
fn normal(mut rule: AlertRule, all: &SiteAlerts) -> Result<AlertRule, Response> {
    rule.name = named(&rule.name)?;
    let kind = rule.kind;
    if rule.window_hours == 0 {
        rule.window_hours = kind.window_hours();
    }
    if rule.minimum == 0 {
        rule.minimum = kind.minimum();
    }
    if rule.window_hours > MAX_WINDOW_HOURS || rule.cool_down_hours > MAX_COOL_DOWN_HOURS {
        let most = MAX_WINDOW_HOURS.min(MAX_COOL_DOWN_HOURS);
        return Err(invalid(format!("`window_hours` and `cool_down_hours` must be at most {most}")));
    }
    for (name, number) in
        [("minimum", Some(rule.minimum)), ("threshold", rule.threshold), ("every", rule.every)]
    {
        if number.is_some_and(|number| !(1..=MAX_THRESHOLD).contains(&number)) {
            return Err(invalid(format!("`{name}` must be 1 to {MAX_THRESHOLD}")));
        }
    }
    match (kind.has_goal(), &rule.goal) {
        (true, Some(goal)) if !goal.is_empty() && goal.len() <= MAX_GOAL_BYTES => {}
        (true, _) => return Err(invalid("`goal` must be the name of a goal")),
        (false, Some(_)) => {
            return Err(invalid("`goal` is of rules of the kinds `goal` and `conversion` alone"));
        }
        (false, None) => {}
    }
    if rule.every.is_some() && kind != protocol::alert::AlertKind::Goal {
        return Err(invalid("`every` is of rules of the kind `goal` alone"));
    }
    if rule.threshold.is_some() && !takes_threshold(&rule) {
        return Err(invalid("`threshold` is of rules of the kinds `spike`, `drop` and `conversion` alone"));
    }
    let is_known = |id: &String| all.channels.iter().any(|row| row.channel.id == *id);
    if !rule.channels.iter().all(is_known) {
        return Err(invalid("`channels`: there is no channel of this id"));
    }
    Ok(rule)
}

fn takes_threshold(rule: &AlertRule) -> bool {
    use protocol::alert::AlertKind::{Conversion, Drop, Spike};
    matches!(rule.kind, Spike | Drop | Conversion)
}

/// What a test tells: numbers of no site.
pub(super) fn sample(
    site: &crate::site::Site,
    now: u64,
    clock: (u8, String),
) -> crate::alerts::notice::Notice {
    use crate::alerts::notice::{Event, Notice};
    Notice {
        event: Event::Test,
        rule_id: "0000000000000000".into(),
        rule: "Test".into(),
        kind: protocol::alert::AlertKind::Spike,
        site_id: site.id.to_string(),
        site: site.name.clone(),
        at: now,
        clock,
        hours: 1,
        value: 412.0,
        usual: Some(Usual { low: 120.0, high: 180.0, median: 150.0, weeks: 6 }),
        threshold: None,
        goal: None,
    }
}
