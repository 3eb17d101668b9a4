//! Rules of a site's alerts, and by what they and reports are delivered.

pub mod channels;
pub mod log;
pub mod rules;

use leptos::prelude::*;
use protocol::alert::Channels;
use protocol::api::SiteInfo;

use super::form::Loaded;
use channels::ChannelsCard;
use rules::RulesCard;

/// Rules, and below them who is told.
#[component]
pub fn AlertsSection(
    /// The site.
    site: SiteInfo,
) -> impl IntoView {
    let SiteInfo { id, .. } = site;
    let address = StoredValue::new(format!("/api/sites/{id}"));
    // Rules name channels.
    let channels = Loaded::<Channels>::new(format!("{}/channels", address.get_value()));
    view! {
        <RulesCard address channels />
        <ChannelsCard address channels />
    }
    .into_any()
}
