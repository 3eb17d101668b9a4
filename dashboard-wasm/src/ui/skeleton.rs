//! The shape of what is on its way.

use leptos::prelude::*;

/// Rows of a list or table.
#[component]
pub fn SkeletonRows(
    /// How many.
    count: usize,
) -> impl IntoView {
    let rows = (0..count).map(|_| view! { <div class="skeleton"></div> });
    view! {
        <div class="skeleton-rows" aria-hidden="true">
            {rows.collect_view()}
        </div>
    }
    .into_any()
}
