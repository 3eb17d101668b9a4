//! The map of the world, fetched when it is first shown.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};

use super::page;
use crate::model::world::{Country, parse};

thread_local! {
    static KNOWN: RefCell<Option<Rc<Vec<Country>>>> = RefCell::default();
}

/// The countries; nothing if they cannot be had.
pub async fn load() -> Option<Rc<Vec<Country>>> {
    if let Some(known) = KNOWN.with_borrow(Clone::clone) {
        return Some(known);
    }
    let options = RequestInit::new();
    options.set_integrity(&page::meta("world-integrity")?);
    let answer =
        JsFuture::from(window().fetch_with_str_and_init(&page::meta("world")?, &options)).await.ok()?;
    let response: Response = answer.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    let world = Rc::new(parse(&text));
    KNOWN.set(Some(Rc::clone(&world)));
    Some(world)
}
