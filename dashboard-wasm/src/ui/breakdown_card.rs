//! A card with the most frequent values of something.

use leptos::prelude::*;
use protocol::api::{Overview, Row};

use super::bind::{flag, piece, text};
use super::keyed::{Entry, keyed};
use super::live::Live;
use super::skeleton::SkeletonRows;
use crate::browser::countries::Countries;
use crate::model::breakdown::{Bar, bars};
use crate::model::format::{self, tenths};

/// What is broken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Pages by path.
    Pages,
    /// Referring hosts.
    Sources,
    /// Countries by code.
    Countries,
}

impl Kind {
    fn title(self) -> &'static str {
        match self {
            Self::Pages => "Top pages",
            Self::Sources => "Sources",
            Self::Countries => "Countries",
        }
    }

    fn test_id(self) -> &'static str {
        match self {
            Self::Pages => "page-row",
            Self::Sources => "source-row",
            Self::Countries => "country-row",
        }
    }

    fn empty(self) -> &'static str {
        match self {
            Self::Pages => "Pages appear here as soon as one is opened.",
            Self::Sources => "Sites that send you visitors appear here.",
            Self::Countries => "Countries your visitors come from appear here.",
        }
    }

    fn unknown(self) -> &'static str {
        match self {
            Self::Sources => "Direct / none",
            Self::Pages | Self::Countries => "Unknown",
        }
    }

    fn rows(self, overview: &Overview) -> &[Row] {
        match self {
            Self::Pages => &overview.pages,
            Self::Sources => &overview.sources,
            Self::Countries => &overview.countries,
        }
    }
}

/// Rows with bars, by visitors.
#[component]
pub fn BreakdownCard(
    /// Of what.
    kind: Kind,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let rows = Memo::new(move |_| {
        live.overview.with(|overview| {
            overview
                .as_ref()
                .map(|overview| bars(kind.rows(overview), overview.totals.visitors))
                .unwrap_or_default()
        })
    });
    let entries = keyed(rows, |bar: &Bar| &bar.key, |_, _| false);
    let is_loading = flag(move || live.overview.with(Option::is_none));
    let is_empty = flag(move || rows.with(Vec::is_empty));
    let body = piece(move || match (is_loading.get(), is_empty.get()) {
        (true, _) => view! { <SkeletonRows count=10 /> }.into_any(),
        (_, true) => view! { <p class="empty">{kind.empty()}</p> }.into_any(),
        _ => view! {
            <ul class="bars">
                <For
                    each=move || entries.get()
                    key=|entry| entry.key.clone()
                    children=move |entry| view! { <BarRow kind entry /> }.into_any()
                />
            </ul>
        }
        .into_any(),
    });
    view! {
        <section class="card breakdown" class:is-outdated=flag(move || live.is_outdated.get())>
            <header class="card-head">
                <h2 class="card-title">{kind.title()}</h2>
                <span class="card-note">"Visitors"</span>
            </header>
            {body}
        </section>
    }
    .into_any()
}

#[component]
fn BarRow(kind: Kind, entry: Entry<Bar>) -> impl IntoView {
    let bar = entry.value;
    let read = |of: fn(&Bar) -> String| {
        let bar = bar.clone();
        text(move || bar.with(of))
    };
    let visitors = read(|bar| format::count(bar.visitors));
    let views = read(|bar| format::count(bar.page_views));
    let name = name(kind, &entry.key);
    let is_known = name.is_some();
    let name = name.unwrap_or_else(|| kind.unknown().into());
    let full = name.clone();
    let title = text(move || format!("{full}: {} visitors, {} page views", visitors.get(), views.get()));
    let chip = (kind == Kind::Countries && is_known)
        .then(|| view! { <span class="chip" aria-hidden="true">{entry.key.clone()}</span> });
    view! {
        <li
            class="bar-row"
            title=title
            data-testid=kind.test_id()
            data-name=entry.key
            data-value=read(|bar| bar.visitors.to_string())
            data-page-views=read(|bar| bar.page_views.to_string())
        >
            <span class="bar-track">
                <span class="bar-fill" style:width=read(|bar| format!("{}%", tenths(bar.length as f64 / 10.0)))></span>
            </span>
            {chip}
            <span class="bar-label" class:is-unknown=!is_known>
                {name}
            </span>
            <span class="bar-share">{read(|bar| bar.share.clone())}</span>
            <span class="bar-value">{visitors}</span>
        </li>
    }
    .into_any()
}

fn name(kind: Kind, key: &str) -> Option<String> {
    let name = match kind {
        Kind::Countries => expect_context::<Countries>().name(key),
        Kind::Pages | Kind::Sources => key.to_owned(),
    };
    (!name.is_empty()).then_some(name)
}
