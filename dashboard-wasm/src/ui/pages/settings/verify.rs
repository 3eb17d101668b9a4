//! A check that what questions are answered is what the rows of a day say.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::report::{VerifyAnswer, VerifyDay};

use super::form::{DayField, Form};
use crate::browser::api;
use crate::model::i18n::manage as say;
use crate::model::settings::utc_day;
use crate::ui::bind::{piece, text};
use crate::ui::i18n::I18n;
use crate::ui::site::Sites;

/// The button, and what came of it.
#[component]
pub fn Verify(
    /// The site's id.
    site: String,
) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let now = Sites::get().time.read();
    // Yesterday is over and, as a rule, sealed.
    let day = RwSignal::new(utc_day(now.saturating_sub(86_400_000)));
    let answer = RwSignal::new(None::<VerifyAnswer>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        answer.set(None);
        let (address, body) = (format!("/api/sites/{site}/verify"), VerifyDay { day: day.get_untracked() });
        let request = async move { api::change::<VerifyAnswer>("POST", &address, &body).await };
        form.send(request, move |done| answer.set(Some(done)));
    };
    let failure = text(move || form.problem(i18n).unwrap_or_default());
    let outcome = piece(move || match answer.get() {
        None => ().into_any(),
        Some(VerifyAnswer { compared, differences, .. }) if differences.is_empty() => view! {
            <p class="verdict is-good" data-testid="verified">
                {text(move || i18n.fill(say::VERIFY_FINE, &[&i18n.count(compared)]))}
            </p>
        }
        .into_any(),
        Some(VerifyAnswer { compared, differences, .. }) => {
            let count = differences.len() as u64;
            let rows = differences.into_iter().map(|it| {
                view! {
                    <tr>
                        <th scope="row">{it.what}</th>
                        <td>{text(move || i18n.count(it.rows))}</td>
                        <td>{text(move || i18n.count(it.answered))}</td>
                    </tr>
                }
                .into_any()
            });
            view! {
                <p class="verdict is-bad">
                    {text(move || i18n.fill(say::VERIFY_DIFFERS, &[&i18n.count(count), &i18n.count(compared)]))}
                </p>
                <div class="table-scroll" tabindex="0" role="region" aria-label=i18n.t(say::VERIFY)>
                    <table class="plain-table">
                        <thead>
                            <tr>
                                <th scope="col">{i18n.t(say::WHAT)}</th>
                                <th scope="col">{i18n.t(say::BY_ROWS)}</th>
                                <th scope="col">{i18n.t(say::BY_ANSWER)}</th>
                            </tr>
                        </thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                </div>
            }
            .into_any()
        }
    });
    view! {
        <section class="card">
            <h2 class="card-title">{i18n.t(say::VERIFY)}</h2>
            <p class="settings-text">{i18n.t(say::VERIFY_TEXT)}</p>
            <form class="form-line" data-testid="verify" on:submit=submit>
                <DayField label=say::DAY_UTC name="day" value=day />
                <button type="submit" class="button button-primary" aria-disabled=text(move || form.busy.get().to_string())>
                    {i18n.t(say::VERIFY)}
                </button>
            </form>
            <p class="field-problem" role="alert">{failure}</p>
            <div role="status">{outcome}</div>
        </section>
    }
    .into_any()
}
