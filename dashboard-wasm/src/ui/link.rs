//! Links between the pages of the dashboard.

use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;

use super::bind::{effect, text};
use super::place::Place;
use crate::browser::page;
use crate::model::route::Route;

/// A link that changes the page without loading it anew. Opening it in a new tab works as with any other.
#[component]
pub fn Link(
    /// Where to.
    to: Route,
    /// Classes.
    class: &'static str,
    /// Whether all parts of the page count as the place it leads to.
    #[prop(optional)]
    with_parts: bool,
    children: Children,
) -> impl IntoView {
    let (place, node) = (Place::get(), NodeRef::<html::A>::new());
    let go = move |event: MouseEvent| {
        let is_plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        if is_plain {
            event.prevent_default();
            place.go(to);
        }
    };
    let current = text(move || {
        let here = place.route();
        let is_part = with_parts && std::mem::discriminant(&here) == std::mem::discriminant(&to);
        let current = if here == to {
            "page"
        } else if is_part {
            "true"
        } else {
            "false"
        };
        current.into()
    });
    // On phones the list it is in may be wider than the page.
    effect(move || {
        let is_here = current.with(|current| current != "false");
        if let Some(link) = node.get().filter(|_| is_here) {
            request_animation_frame(move || page::bring_into_sight(&link));
        }
    });
    view! {
        <a node_ref=node class=class href=text(move || page::kept(&place.address(to))) aria-current=current on:click=go>
            {children()}
        </a>
    }
    .into_any()
}
