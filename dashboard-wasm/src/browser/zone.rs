//! Time zones, of which only the browser knows the rules.

use js_sys::{Array, Function, Object, Reflect, global};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use crate::model::time::Wall;

/// The wall clock of a site. A copy is the same clock.
#[derive(Clone, Copy)]
pub struct Zone(StoredValue<Option<Function>, LocalStorage>);

impl Zone {
    /// The clock of the IANA zone `name`, or of UTC if the browser does not know it.
    pub fn new(name: &str) -> Self {
        Self(StoredValue::new_local(printer(name)))
    }

    /// What the clock shows at a moment.
    pub fn wall(self, at: u64) -> Wall {
        let print = |print: &Option<Function>| {
            let text = print.as_ref()?.call1(&JsValue::UNDEFINED, &JsValue::from(at as f64)).ok()?;
            Wall::parse(&text.as_string()?)
        };
        self.0.with_value(print).unwrap_or(Wall(at as i64))
    }
}

/// `new Intl.DateTimeFormat("en-US", …).format`, by reflection because js-sys has no constructor that returns the
/// error of an unknown zone instead of throwing through the program.
fn printer(zone: &str) -> Option<Function> {
    let options = Object::new();
    let two_digits = "2-digit";
    for (name, value) in [
        ("timeZone", zone),
        ("hourCycle", "h23"),
        ("year", "numeric"),
        ("month", two_digits),
        ("day", two_digits),
        ("hour", two_digits),
        ("minute", two_digits),
        ("second", two_digits),
    ] {
        Reflect::set(&options, &name.into(), &value.into()).ok()?;
    }
    let format = construct("DateTimeFormat", &Array::of2(&"en-US".into(), &options))?;
    Reflect::get(&format, &"format".into()).ok()?.dyn_into().ok()
}

/// `new Intl[name](…arguments)`.
pub(super) fn construct(name: &str, arguments: &Array) -> Option<JsValue> {
    let intl = Reflect::get(&global(), &"Intl".into()).ok()?;
    let constructor: Function = Reflect::get(&intl, &name.into()).ok()?.dyn_into().ok()?;
    Reflect::construct(&constructor, arguments).ok()
}
