//! Names of countries in the reader's language.

use js_sys::{Array, Function, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use super::zone::construct;

/// The names of countries. A copy is the same list.
#[derive(Clone, Copy)]
pub struct Countries(StoredValue<Option<(JsValue, Function)>, LocalStorage>);

impl Countries {
    /// The names in the reader's language.
    pub fn new() -> Self {
        Self(StoredValue::new_local(namer()))
    }

    /// The name of the country of that ISO 3166-1 code; the code itself for what the browser does not know,
    /// nothing for nothing.
    pub fn name(self, code: &str) -> String {
        match code {
            "" | "XX" => return String::new(),
            // Cloudflare's code for the anonymity network.
            "T1" => return "Tor network".into(),
            _ => {}
        }
        let name = |namer: &Option<(JsValue, Function)>| {
            let (names, of) = namer.as_ref()?;
            of.call1(names, &code.into()).ok()?.as_string()
        };
        self.0.with_value(name).unwrap_or_else(|| code.into())
    }
}

impl Default for Countries {
    fn default() -> Self {
        Self::new()
    }
}

/// `new Intl.DisplayNames(navigator.language, { type: "region" })` and its `of`.
fn namer() -> Option<(JsValue, Function)> {
    let options = Object::new();
    Reflect::set(&options, &"type".into(), &"region".into()).ok()?;
    let language = window().navigator().language().unwrap_or_else(|| "en".into());
    let names = construct("DisplayNames", &Array::of2(&language.into(), &options))?;
    let of = Reflect::get(&names, &"of".into()).ok()?.dyn_into().ok()?;
    Some((names, of))
}
