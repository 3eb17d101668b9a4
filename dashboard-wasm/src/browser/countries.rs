//! Names of countries in the language of the page.

use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::intl::locale;
use super::zone::construct;
use crate::model::i18n::{Lang, words};

/// The object that names, and its function for one code.
type Namer = (JsValue, Function);

thread_local! {
    static NAMERS: RefCell<HashMap<Lang, Option<Namer>>> = RefCell::default();
}

/// The name of the country of that ISO 3166-1 code; the code itself for what the browser does not know, nothing for
/// nothing.
pub fn name(lang: Lang, code: &str) -> String {
    match code {
        "" | "XX" => return String::new(),
        // Cloudflare's code for the anonymity network.
        "T1" => return words::TOR.of(lang).into(),
        _ => {}
    }
    let found = NAMERS.with_borrow_mut(|namers| {
        let (names, of) = namers.entry(lang).or_insert_with(|| namer(lang)).as_ref()?;
        of.call1(names, &code.into()).ok()?.as_string()
    });
    found.unwrap_or_else(|| code.into())
}

/// `new Intl.DisplayNames(locale, { type: "region" })` and its `of`.
fn namer(lang: Lang) -> Option<Namer> {
    let options = Object::new();
    Reflect::set(&options, &"type".into(), &"region".into()).ok()?;
    let names = construct("DisplayNames", &Array::of2(&locale(lang).into(), &options))?;
    let of = Reflect::get(&names, &"of".into()).ok()?.dyn_into().ok()?;
    Some((names, of))
}
