//! At a glance: what is in order, what somebody has to look at, and where the runbook speaks of it.

use leptos::prelude::*;

use super::figure;
use crate::model::i18n::{Message, operator as say};
use crate::model::operator::{Check, State, Watch};
use crate::ui::bind::{piece, text};
use crate::ui::i18n::I18n;

fn word(state: State) -> (Message, &'static str) {
    match state {
        State::Fine => (say::FINE, "fine"),
        State::Look => (say::TO_LOOK, "look"),
        State::Unknown => (say::UNKNOWN, "unknown"),
    }
}

/// The card.
#[component]
pub fn Status(
    /// What is measured.
    watch: RwSignal<Watch>,
) -> impl IntoView {
    let i18n = I18n::get();
    let checks = Memo::new(move |_| watch.with(Watch::checks));
    let looks =
        Memo::new(move |_| checks.with(|all| all.iter().filter(|it| it.state == State::Look).count()));
    let whole = Memo::new(move |_| match (looks.get(), watch.with(Watch::covered)) {
        (0, 0) => State::Unknown,
        (0, _) => State::Fine,
        _ => State::Look,
    });
    let verdict = text(move || match whole.get() {
        State::Unknown => i18n.say(say::MEASURING),
        State::Fine => i18n.say(say::HEALTHY),
        State::Look => i18n.fill(say::LOOK, &[&looks.get().to_string()]),
    });
    let rows =
        piece(move || checks.with(|all| all.iter().map(|check| row(i18n, check)).collect_view()).into_any());
    view! {
        <section class="card" aria-labelledby="status-title">
            <div class="card-head">
                <h2 class="card-title" id="status-title">{i18n.t(say::STATUS)}</h2>
                <p
                    class="operator-verdict"
                    role="status"
                    data-testid="verdict"
                    data-state=text(move || word(whole.get()).1.into())
                >
                    {verdict}
                </p>
            </div>
            <ul class="operator-checks">{rows}</ul>
        </section>
    }
    .into_any()
}

fn row(i18n: I18n, check: &Check) -> AnyView {
    let Check { metric, label, state, value, section } = *check;
    let (says, kind) = word(state);
    view! {
        <li class="setting-row operator-check" data-testid="check" data-name=section data-state=kind>
            <span class="operator-dot" aria-hidden="true"></span>
            <span class="setting-main">
                <span>
                    {i18n.t(say::name(metric))} " " <code class="option-name">{label}</code>
                </span>
            </span>
            <span class="card-note">{i18n.t(says)}</span>
            <strong>{text(move || figure(i18n, metric, value))}</strong>
            {(state == State::Look).then(|| {
                let entry = format!("docs/runbook.md#{section}");
                view! { <span class="setting-outcome">{text(move || i18n.fill(say::RUNBOOK, &[&entry]))}</span> }.into_any()
            })}
        </li>
    }
    .into_any()
}
