//! The page itself: title, address, theme, clipboard.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlElement, Url};

use crate::model::i18n::Lang;
use crate::model::route::Route;
use crate::model::theme::Theme;
use crate::model::view::View;

const THEME: &str = "theme";
const LANGUAGE: &str = "language";

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

/// The path of the address.
pub fn path() -> String {
    window().location().pathname().unwrap_or_default()
}

/// The part of the address behind `#`, without it. It never reaches a server.
pub fn fragment() -> String {
    window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned()
}

thread_local! {
    /// Looked up once: a page in a frame never becomes another.
    static IS_EMBEDDED: bool = Route::from_path(&path()) == Route::Embed;
}

/// Whether the page is made to be within another site's page. Such a page may be framed by anybody (`public/_headers`), so
/// it knows nobody but the reader of the share link in its address, whoever is signed in.
pub fn is_embedded() -> bool {
    IS_EMBEDDED.with(|is_embedded| *is_embedded)
}

/// The secret of the share link that the page was opened by. It stays in the address, so that the page can be loaded anew.
pub fn share() -> Option<String> {
    fragment().strip_prefix("share=").map(str::to_owned)
}

/// An address of the dashboard, with the share link that the page was opened by.
pub fn kept(address: &str) -> String {
    share().map_or_else(|| address.to_owned(), |token| format!("{address}#share={token}"))
}

/// Shows another address, with an entry of its own in the history if `is_step`.
pub fn set_address(address: &str, is_step: bool) {
    let address = &kept(address);
    if let Ok(history) = window().history() {
        // Refused only in sandboxes, where there is no address to share either.
        let _ = if is_step {
            history.push_state_with_url(&JsValue::NULL, "", Some(address))
        } else {
            history.replace_state_with_url(&JsValue::NULL, "", Some(address))
        };
    }
}

/// Loads the dashboard anew at another address.
pub fn load_anew(address: &str) {
    // Refused only in sandboxes.
    let _ = window().location().assign(address);
}

/// The content of a `<meta>` of the page.
pub fn meta(name: &str) -> Option<String> {
    let element = document().query_selector(&format!("meta[name='{name}']")).ok()??;
    element.get_attribute("content")
}

fn stored(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

fn store(key: &str, value: Option<&str>) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        };
    }
}

/// The language chosen on an earlier visit, else the first of the browser's that there is.
pub fn stored_language() -> Lang {
    let wanted = super::intl::wanted();
    let chosen = stored(LANGUAGE).and_then(|tag| Lang::from_tag(&tag));
    chosen.unwrap_or_else(|| Lang::of_reader(wanted.iter().map(String::as_str)))
}

/// Says which language the page is in.
pub fn show_language(lang: Lang) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("lang", lang.tag());
    }
}

/// Keeps a chosen language.
pub fn store_language(lang: Lang) {
    store(LANGUAGE, Some(lang.tag()));
}

/// The theme chosen on an earlier visit; within another page the one its address names.
pub fn stored_theme() -> Theme {
    if is_embedded() {
        return View::parse(&search()).theme;
    }
    Theme::from_key(stored(THEME).as_deref())
}

/// Shows a theme, and keeps it where the browser allows that.
pub fn set_theme(theme: Theme) {
    if let Some(root) = document().document_element() {
        let _ = match theme.key() {
            Some(key) => root.set_attribute("data-theme", key),
            None => root.remove_attribute("data-theme"),
        };
    }
    if !is_embedded() {
        store(THEME, theme.key());
    }
}

/// Deletes the segments that the Web Worker has kept in the browser's cache, under the name that `segment-cache.js` gives.
pub fn forget_segments() {
    // There a browser may refuse, and nothing was kept.
    if is_embedded() {
        return;
    }
    let Ok(caches) = js_sys::Reflect::get(&window(), &"caches".into()) else { return };
    let delete = js_sys::Reflect::get(&caches, &"delete".into()).ok();
    if let Some(delete) = delete.and_then(|delete| delete.dyn_into::<js_sys::Function>().ok()) {
        // The promise is not waited for: the browser keeps its word without us.
        let _ = delete.call1(&caches, &"segments-1".into());
    }
}

/// How much memory the device has, GiB, as far as the browser tells: 0.25 to 8.
pub fn device_memory() -> Option<f64> {
    js_sys::Reflect::get(&window().navigator(), &"deviceMemory".into()).ok()?.as_f64()
}

/// Does something once what has just been drawn is on the screen; in a tab that nobody sees, once somebody does.
pub fn after_paint(act: impl FnOnce() + 'static) {
    request_animation_frame(move || set_timeout(act, Duration::ZERO));
}

/// Hands the reader a file.
pub fn download(name: &str, mime: &str, contents: &str) {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let parts = js_sys::Array::of1(&contents.into());
    let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) else { return };
    let Ok(address) = Url::create_object_url_with_blob(&blob) else { return };
    if let Ok(Ok(anchor)) = document().create_element("a").map(JsCast::dyn_into::<HtmlAnchorElement>) {
        anchor.set_href(&address);
        anchor.set_download(name);
        anchor.click();
    }
    let _ = Url::revoke_object_url(&address);
}

/// Moves the focus to the page's contents, as a newly loaded page would.
pub fn focus_main() {
    // After the new page has been drawn.
    gloo_timers::callback::Timeout::new(0, || {
        if let Some(main) = document().get_element_by_id("main") {
            let _ = main.unchecked_into::<HtmlElement>().focus();
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    })
    .forget();
}

/// Scrolls a list that is wider than its box so that an entry is in its middle.
pub fn bring_into_sight(entry: &web_sys::Element) {
    let Ok(Some(list)) = entry.closest("ul") else { return };
    if list.scroll_width() <= list.client_width() {
        return;
    }
    let middle = |element: &web_sys::Element| {
        let place = element.get_bounding_client_rect();
        place.left() + place.width() / 2.0
    };
    list.set_scroll_left(list.scroll_left() + (middle(entry) - middle(&list)) as i32);
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
