//! Page and storage as the core sees them.

use protocol::event::{Context, Size, Text};
use protocol::limits::MAX_PIXELS;
use wasm_bindgen::JsValue;
use web_sys::{Document, Window};

use super::host::Host;
use crate::core::{Key, Scroll, World, take};

/// The document the tracker runs in.
pub(super) struct Page {
    pub(super) window: Window,
    pub(super) document: Document,
    pub(super) host: Host,
    /// What does not change while a document lives.
    pub(super) context: Context,
}

impl Page {
    /// What a batch says about browser and screen.
    pub(super) fn context(&self) -> Context {
        let viewport = size(number(self.window.inner_width()), number(self.window.inner_height()));
        Context { viewport, ..self.context.clone() }
    }

    /// Whether the document is shown.
    pub(super) fn is_visible(&self) -> bool {
        !self.document.hidden()
    }

    /// Whether the window has the focus.
    pub(super) fn is_focused(&self) -> bool {
        self.document.has_focus().unwrap_or(true)
    }

    /// Unix milliseconds.
    pub(super) fn now(&self) -> u64 {
        js_sys::Date::now() as u64
    }

    /// Ten random bytes.
    pub(super) fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        // There is no page without it: getRandomValues is older than WebAssembly.
        if let Ok(crypto) = self.window.crypto() {
            let _ = crypto.get_random_values_with_u8_array(&mut bytes);
        }
        bytes
    }
}

/// What a document says about itself once and for all.
pub(super) fn context(mut locale: &str, width: f64, height: f64) -> Context {
    let language = Text::cut(take(&mut locale, 0).unwrap_or(""));
    let time_zone = Text::cut(locale);
    Context { language, time_zone, screen: size(width, height), ..Context::default() }
}

fn size(width: f64, height: f64) -> Option<Size> {
    // What is no number becomes 0, what is too large the largest number: casts from floats saturate.
    let size = Size { width: width as u32, height: height as u32 };
    (size.width.max(size.height) <= MAX_PIXELS).then_some(size)
}

fn number(value: Result<JsValue, JsValue>) -> f64 {
    value.ok().and_then(|value| value.as_f64()).unwrap_or_default()
}

impl World for Page {
    fn read(&self, key: Key) -> Option<String> {
        self.host.read(key as u32)
    }

    fn write(&self, key: Key, value: &str) {
        self.host.write(key as u32, value);
    }

    fn url(&self) -> String {
        self.window.location().href().unwrap_or_default()
    }

    fn title(&self) -> String {
        self.document.title()
    }

    fn referrer(&self) -> String {
        self.document.referrer()
    }

    fn scroll(&self) -> Scroll {
        let bottom = self.window.scroll_y().unwrap_or_default() + number(self.window.inner_height());
        let height = self.document.document_element().map_or(0, |root| root.scroll_height());
        Scroll { bottom: bottom as u32, height: height.max(0) as u32 }
    }
}
