//! Where those are who are here, and where something has just happened.

use std::collections::BTreeMap;

use leptos::prelude::*;
use protocol::live::FeedKind;

use crate::model::i18n::{live as say, map as map_say};
use crate::ui::bind::effect;
use crate::ui::i18n::I18n;
use crate::ui::presence::Presence;
use crate::ui::world_map::{Pulse, Shaded, WorldMap};

/// Pulses that are remembered; the map draws the newest.
const MOST: usize = 32;

/// How many are in each country, the most first. Each second, so that texts are made of countries, not of visits.
fn shaded<'a>(codes: impl Iterator<Item = &'a str>) -> Vec<Shaded> {
    let mut countries: BTreeMap<&str, u32> = BTreeMap::new();
    for code in codes.filter(|code| !code.is_empty()) {
        *countries.entry(code).or_default() += 1;
    }
    let mut values: Vec<Shaded> =
        countries.into_iter().map(|(code, count)| (code.to_owned(), f64::from(count))).collect();
    values.sort_by(|a, b| b.1.total_cmp(&a.1));
    values
}

/// The card.
#[component]
pub fn MapCard() -> impl IntoView {
    let (i18n, live) = (I18n::get(), Presence::get());
    let values = Memo::new(move |_| {
        let at = live.at();
        let pushed = live.read(|state| {
            shaded(state.visits().filter(|visit| visit.is_here(at)).map(|visit| visit.country.as_ref()))
        });
        pushed.unwrap_or_else(|| {
            live.active.with(|active| {
                let all = active.iter().flat_map(|active| &active.sessions);
                shaded(all.filter(|session| session.now).map(|session| session.country.as_str()))
            })
        })
    });
    let pulses = RwSignal::new(Vec::<Pulse>::new());
    let (mut newest, mut number) = (None::<u64>, 0);
    effect(move || {
        // Only what comes while one looks pulses: not the half hour that was there before.
        let found = live.read(|state| {
            let from = newest.unwrap_or_else(|| state.time());
            let fresh: Vec<_> = state
                .feed()
                .filter(|entry| entry.at > from && !entry.country.is_empty())
                .map(|entry| (entry.country.as_ref().to_owned(), entry.kind == FeedKind::Conversion))
                .collect();
            let latest = state.feed().map(|entry| entry.at).max().unwrap_or(from);
            (fresh, latest.max(from))
        });
        let Some((fresh, latest)) = found else { return };
        newest = Some(latest);
        if fresh.is_empty() {
            return;
        }
        pulses.update(|pulses| {
            for (code, is_conversion) in fresh {
                number += 1;
                pulses.push(Pulse { number, code, is_conversion });
            }
            let old = pulses.len().saturating_sub(MOST);
            pulses.drain(..old);
        });
    });
    view! {
        <section class="card live-map" aria-labelledby="live-map">
            <header class="card-head">
                <h2 class="card-title" id="live-map">{i18n.t(say::WORLD)}</h2>
            </header>
            <WorldMap
                values
                label=i18n.t(map_say::MAP_OF_NOW)
                print=|i18n, value| i18n.fill(map_say::HERE_OF, &[&i18n.count(value as u64)])
                pulses
            />
        </section>
    }
    .into_any()
}
