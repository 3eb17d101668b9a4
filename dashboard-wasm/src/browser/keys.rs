//! Keys that are pressed anywhere on the page.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// Calls `pressed` for every key that is meant for the page: not typed into a field, not part of a shortcut of the
/// browser, and not while a dialog is open. The key is taken if `pressed` says so. Listens for as long as the current
/// component lives.
pub fn on_key(pressed: impl Fn(&str) -> bool + 'static) {
    let callback = Closure::<dyn FnMut(KeyboardEvent)>::new(move |event: KeyboardEvent| {
        let is_chord = event.ctrl_key() || event.meta_key() || event.alt_key();
        if event.default_prevented() || event.is_composing() || is_chord || is_typing(&event) {
            return;
        }
        if document().query_selector("dialog[open]").ok().flatten().is_some() {
            return;
        }
        if pressed(&event.key()) {
            event.prevent_default();
        }
    });
    let _ = document().add_event_listener_with_callback("keydown", callback.as_ref().unchecked_ref());
    let kept = StoredValue::new_local(Some(callback));
    on_cleanup(move || {
        if let Some(callback) = kept.try_update_value(Option::take).flatten() {
            let _ =
                document().remove_event_listener_with_callback("keydown", callback.as_ref().unchecked_ref());
        }
    });
}

fn is_typing(event: &KeyboardEvent) -> bool {
    let Some(element) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
        return false;
    };
    let tag = element.tag_name();
    let is_field = match tag.as_str() {
        "SELECT" | "TEXTAREA" => true,
        "INPUT" => !matches!(element.get_attribute("type").as_deref(), Some("radio" | "checkbox")),
        _ => false,
    };
    is_field || element.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable)
}
