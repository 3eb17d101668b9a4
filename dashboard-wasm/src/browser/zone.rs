//! Time zones, of which only the browser knows the rules.

use js_sys::{Array, Function, Object, Reflect, global};
use wasm_bindgen::{JsCast, JsValue};

use crate::model::time::Wall;

/// How often one looks for a change of the offset: no zone has changed it twice within a week, and back, since there are
/// web pages.
const GRID: u64 = 7 * 24 * 3_600_000;

/// Years before and after a moment for which offsets are found.
const AROUND: u64 = 10 * 366 * 24 * 3_600_000;

/// Offsets from UTC of the IANA zone `name` around `now`: the first, and when it becomes what, in seconds. UTC's for a
/// zone that the browser does not know.
pub fn offsets(name: &str, now: u64) -> (i32, Vec<(u64, i32)>) {
    let Some(print) = printer(name) else { return (0, Vec::new()) };
    let offset = |at: u64| {
        let text = print.call1(&JsValue::UNDEFINED, &JsValue::from(at as f64)).ok();
        let wall = text.and_then(|text| text.as_string()).and_then(|text| Wall::parse(&text));
        wall.map_or(0, |wall| ((wall.0 - (at / 1_000 * 1_000).cast_signed()) / 1_000) as i32)
    };
    let (from, to) = (now.saturating_sub(AROUND) / GRID * GRID, now + AROUND / 10);
    let first = offset(from);
    let (mut changes, mut before, mut at) = (Vec::new(), first, from);
    while at < to {
        let next = at + GRID;
        let after = offset(next);
        if after != before {
            // Changes are at whole minutes: the offset is `before` at `low` and `after` at `high`.
            let (mut low, mut high) = (at / 60_000, next / 60_000);
            while high - low > 1 {
                let middle = low.midpoint(high);
                if offset(middle * 60_000) == before { low = middle } else { high = middle }
            }
            changes.push((high * 60_000, after));
            before = after;
        }
        at = next;
    }
    (first, changes)
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

/// The time zone of the reader's computer; UTC if the browser does not tell.
pub fn own() -> String {
    let zone = || {
        let format = construct("DateTimeFormat", &Array::new())?;
        let resolved: Function = Reflect::get(&format, &"resolvedOptions".into()).ok()?.dyn_into().ok()?;
        let options = resolved.call0(&format).ok()?;
        Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
    };
    zone().unwrap_or_else(|| "UTC".into())
}
