//! What JavaScript does for the tracker (`js/host.js`): what WebAssembly cannot do itself, and what would
//! take many small calls from here.

use js_sys::Function;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Event;

#[wasm_bindgen]
extern "C" {
    /// The object `start` is given.
    pub type Host;

    /// Wraps a callback so that nothing it throws, a trap included, ever reaches the page.
    #[wasm_bindgen(method)]
    pub(super) fn guard(this: &Host, run: &Function) -> Function;

    /// Sends a batch; answers through [`super::Tracker::answered`].
    #[wasm_bindgen(method)]
    pub(super) fn post(this: &Host, number: u32, body: &str);

    /// What is stored under a key, a [`crate::core::Key`] as number. Never throws.
    #[wasm_bindgen(method)]
    pub(super) fn read(this: &Host, key: u32) -> Option<String>;

    /// Stores a value; an empty one removes it. Never throws.
    #[wasm_bindgen(method)]
    pub(super) fn write(this: &Host, key: u32, value: &str);

    /// What a click hit, for [`crate::core::click`]; `undefined` if it hit nothing of interest.
    #[wasm_bindgen(method)]
    pub(super) fn click(this: &Host, event: &Event) -> Option<String>;
}
