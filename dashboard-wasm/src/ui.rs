//! What is on the page: one component a file.

pub mod app;
pub mod bind;
pub mod connection;
pub mod copy_line;
pub mod data;
pub mod desk;
pub mod dialog;
pub mod failed;
pub mod flag;
pub mod help;
pub mod here_now;
pub mod hint;
pub mod i18n;
pub mod icon;
pub mod keyed;
pub mod keys;
pub mod language;
pub mod lazy;
pub mod link;
pub mod live_count;
pub mod logo;
pub mod nav;
pub mod pages;
pub mod place;
pub mod presence;
mod push;
pub mod session;
pub mod session_row;
pub mod shell;
pub mod sign_in;
pub mod sign_out;
pub mod site;
pub mod site_picker;
pub mod skeleton;
pub mod split;
pub mod story;
pub mod theme_toggle;
pub mod top_bar;
pub mod world_map;

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Starts the dashboard in the element `app`, in place of the splash.
pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
        // The page itself holds the message: after a panic nothing here can be relied on to draw one.
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-crashed", "");
        }
    }));
    if let Some(place) = document().get_element_by_id("app") {
        place.set_text_content(None);
        // The dashboard lives for as long as its page.
        mount_to(place.unchecked_into(), app::App).forget();
    }
}
