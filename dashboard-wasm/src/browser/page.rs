//! The page itself: title, address, theme, clipboard.

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::model::theme::Theme;

const THEME: &str = "theme";

/// Sets the title of the tab.
pub fn set_title(title: &str) {
    document().set_title(title);
}

/// The query part of the address.
pub fn search() -> String {
    window().location().search().unwrap_or_default()
}

/// The scheme and host the page came from.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Replaces the query part of the address, without a new entry in the history.
pub fn set_search(search: &str) {
    if let Ok(history) = window().history() {
        // Refused only in sandboxes, where there is no address to share either.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(search));
    }
}

/// The theme chosen on an earlier visit.
pub fn stored_theme() -> Theme {
    let storage = window().local_storage().ok().flatten();
    let key = storage.and_then(|storage| storage.get_item(THEME).ok().flatten());
    Theme::from_key(key.as_deref())
}

/// Shows a theme, and keeps it where the browser allows that.
pub fn set_theme(theme: Theme) {
    if let Some(root) = document().document_element() {
        let _ = match theme.key() {
            Some(key) => root.set_attribute("data-theme", key),
            None => root.remove_attribute("data-theme"),
        };
    }
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = match theme.key() {
            Some(key) => storage.set_item(THEME, key),
            None => storage.remove_item(THEME),
        };
    }
}

/// Copies text; whether the browser let us.
pub async fn copy(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    // Pages that did not come over HTTPS have none.
    !clipboard.is_undefined() && JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// The root font size in CSS pixels.
pub fn rem() -> f64 {
    let size = document()
        .document_element()
        .and_then(|root| window().get_computed_style(&root).ok().flatten())
        .and_then(|style| style.get_property_value("font-size").ok());
    // Read as an integer: parsing floats is code the bundle otherwise does without.
    let whole = size.and_then(|size| size.split(['.', 'p']).next()?.parse::<u32>().ok());
    f64::from(whole.unwrap_or(16))
}
