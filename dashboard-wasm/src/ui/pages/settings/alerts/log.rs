//! What was delivered by a channel.

use leptos::prelude::*;
use protocol::alert::{Deliveries, DeliveryStatus};

use crate::browser::intl::Date;
use crate::model::alert;
use crate::model::i18n::alerts as say;
use crate::ui::bind::text;
use crate::ui::i18n::I18n;
use crate::ui::pages::settings::form::Loaded;
use crate::ui::site::Sites;

/// The last deliveries, the newest first.
#[component]
pub fn Log(
    /// Their address in the API.
    path: String,
) -> impl IntoView {
    let (i18n, sites) = (I18n::get(), Sites::get());
    let loaded = Loaded::<Deliveries>::new(path);
    loaded.draw(move |list| {
        if list.deliveries.is_empty() {
            return view! { <p class="empty setting-log">{i18n.t(say::NO_DELIVERIES)}</p> }.into_any();
        }
        let rows = list.deliveries.into_iter().map(|it| {
            let at = it.at;
            let time = text(move || i18n.date(Date::Moment, sites.wall(at)));
            let is_bad = it.status == DeliveryStatus::Failed;
            let (outcome, attempts, problem) = (it.status, it.attempts, it.problem.clone());
            let status = text(move || {
                let mut said = i18n.say(alert::delivery(outcome));
                if attempts > 1 {
                    said = format!("{said}, {}", i18n.fill(say::ATTEMPTS, &[&attempts.to_string()]));
                }
                if !problem.is_empty() {
                    said = format!("{said} ({problem})");
                }
                said
            });
            let what = text(move || alert::delivered(&it, i18n.lang()));
            view! {
                <li class="log-row" data-testid="delivery">
                    <span class="card-note">{time}</span>
                    <span class="log-what">{what}</span>
                    <span class="card-note" class:is-alarm=is_bad>{status}</span>
                </li>
            }
            .into_any()
        });
        view! { <ul class="setting-log">{rows.collect_view()}</ul> }.into_any()
    })
}
