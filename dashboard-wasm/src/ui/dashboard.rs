//! The dashboard of one site.

use leptos::prelude::*;
use protocol::api::SiteInfo;

use super::bind::{flag, piece, text};
use super::breakdown_card::{BreakdownCard, Kind};
use super::chart_card::ChartCard;
use super::connection::ConnectionNotice;
use super::devices_card::DevicesCard;
use super::failed::Failed;
use super::here_now::HereNow;
use super::i18n::I18n;
use super::live::Live;
use super::session::Session;
use super::stat_card::StatCard;
use super::top_bar::TopBar;
use crate::browser::countries::Countries;
use crate::model::definitions::Stat;
use crate::model::pace::Link;

/// The page of somebody who is signed in.
#[component]
pub fn Dashboard(
    /// The sites to choose from.
    sites: Vec<SiteInfo>,
) -> impl IntoView {
    let Some(first) = sites.first().cloned() else { return ().into_any() };
    let live = Live::start(sites, first, expect_context::<Session>());
    provide_context(live);
    provide_context(Countries::new());

    let i18n = I18n::get();
    let message = text(move || match &*live.overview_link.read() {
        Link::Lost(failure) => failure.message(i18n.lang()),
        _ => String::new(),
    });
    let is_loading = flag(move || live.overview.with(Option::is_none));
    // Only as long as there is nothing to show; later failures leave the last numbers in place.
    let is_failed = flag(move || is_loading.get() && matches!(*live.overview_link.read(), Link::Lost(_)));
    let figures = move || {
        view! {
            <dl class="stats" aria-busy=text(move || is_loading.get().to_string())>
                {Stat::ALL.map(|stat| view! { <StatCard stat /> }.into_any())}
            </dl>
            <ChartCard />
            <div class="breakdowns">
                <BreakdownCard kind=Kind::Pages />
                <BreakdownCard kind=Kind::Sources />
                <BreakdownCard kind=Kind::Countries />
            </div>
        }
        .into_any()
    };
    let failed = move || {
        view! {
            <section class="card">
                <Failed message retry=move || live.retry() />
            </section>
        }
        .into_any()
    };
    view! {
        <TopBar />
        <main class="page" id="main" tabindex="-1">
            <h1 class="visually-hidden">{text(move || live.site.with(|site| site.name.clone()))}</h1>
            {piece(move || if is_failed.get() { failed() } else { figures() })}
            <div class="lower">
                <HereNow />
                <DevicesCard />
            </div>
        </main>
        <ConnectionNotice />
    }
    .into_any()
}
