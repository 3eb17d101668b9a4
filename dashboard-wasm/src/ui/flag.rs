//! The flag of a country. It says nothing that does not stand beside it.

use leptos::prelude::*;

use super::bind::piece;
use crate::browser::page;
use crate::model::world;

/// Draws the flag of a code, if it has one.
pub fn flag(code: &str) -> AnyView {
    let Some((name, folder)) = world::flag(code).zip(page::meta("flags")) else { return ().into_any() };
    view! {
        <img class="flag" src=format!("{folder}/{name}") alt="" width="16" height="16" loading="lazy" decoding="async" />
    }
    .into_any()
}

/// Draws the flag of a code that may change.
pub fn flag_of(code: Memo<String>) -> AnyView {
    piece(move || code.with(|code| flag(code)))
}
