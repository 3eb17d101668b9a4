//! How a site's events fare: how many are stored and dropped, whether senders are throttled, how long it takes.

use leptos::prelude::*;
use protocol::account::Role;
use protocol::metric::{Metric, MetricsAnswer};
use protocol::report::LedgerAnswer;

use super::form::Loaded;
use crate::browser::intl::Number;
use crate::model::i18n::{Message, manage as say};
use crate::model::ledger::{self, health};
use crate::model::operator::Watch;
use crate::model::settings::utc_day;
use crate::ui::bind::text;
use crate::ui::i18n::I18n;
use crate::ui::session::Session;
use crate::ui::site::Sites;

const HOUR: u64 = 3_600_000;

/// The card.
#[component]
pub fn Health(
    /// The address of its ledger.
    ledger: String,
) -> impl IntoView {
    let i18n = I18n::get();
    let now = Sites::get().time.read();
    let from = now.saturating_sub(23 * HOUR) / HOUR * HOUR;
    let address = ledger + &format!("?from={}&to={}", utc_day(from), utc_day(now));
    // What the whole installation measures of itself is for its admins.
    let may_measure = expect_context::<Session>().role() >= Some(Role::Admin);
    let measured = may_measure.then(|| Loaded::<MetricsAnswer>::new("/api/operator/metrics".into()));
    let ledger = Loaded::<LedgerAnswer>::new(address);
    view! {
        <section class="card" data-testid="health">
            <h2 class="card-title">{i18n.t(say::HEALTH)}</h2>
            {ledger.draw(move |answer| match health(&answer, from) {
                None => view! { <p class="empty">{i18n.t(say::LEDGER_EMPTY)}</p> }.into_any(),
                Some(health) => figures(i18n, health),
            })}
            {measured.map(|measured| measured.draw(move |answer| processing(i18n, answer)))}
        </section>
    }
    .into_any()
}

fn figures(i18n: I18n, health: ledger::Health) -> AnyView {
    let kinds = health.kinds;
    let [accepted, filtered, refused] = kinds.shares().unwrap_or_default();
    let figure = |label: Message, name: &'static str, value: Memo<String>, count: u64| {
        view! {
            <div class="ledger-figure" data-testid=format!("health-{name}") data-value=count.to_string()>
                <dt>{i18n.t(label)}</dt>
                <dd><strong>{value}</strong></dd>
            </div>
        }
        .into_any()
    };
    let share = |share: f64| text(move || i18n.number(Number::FinePercent, share));
    let count = |count: u64| text(move || i18n.count(count));
    let is_bad = health.is_bad();
    view! {
        <p class="verdict" class:is-good=!is_bad class:is-bad=is_bad>
            {i18n.t(if is_bad { say::UNHEALTHY } else { say::HEALTHY })}
        </p>
        <dl class="ledger-figures">
            {figure(say::ACCEPTED, "accepted", share(accepted), kinds.accepted)}
            {figure(say::DROPPED, "dropped", share(filtered + refused), kinds.filtered + kinds.refused)}
            {figure(say::THROTTLED, "throttled", count(health.throttled), health.throttled)}
            {figure(say::UNSTORED, "unstored", count(health.unstored), health.unstored)}
        </dl>
    }
    .into_any()
}

fn processing(i18n: I18n, answer: MetricsAnswer) -> AnyView {
    let mut watch = Watch::default();
    watch.take(answer);
    let value = text(move || match watch.percentiles(Metric::ProcessingTime) {
        None => "–".into(),
        Some([p50, p95, _]) => {
            let [p50, p95] = [p50, p95].map(|value| i18n.number(Number::Full, value));
            i18n.fill(say::P50_P95, &[&p50, &p95])
        }
    });
    view! {
        <p data-testid="health-processing">{i18n.t(say::PROCESSING)} ": " <strong>{value}</strong></p>
        <p class="card-note">{i18n.t(say::PROCESSING_TEXT)}</p>
    }
    .into_any()
}
