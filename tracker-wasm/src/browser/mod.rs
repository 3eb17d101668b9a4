//! The module as the browser loads it: two functions, no imports.

use core::ptr::{null, null_mut};
use std::sync::Mutex;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::core::{Buffer, Call, Core};

/// The tracker, and the text of a call. There is one thread; the lock is the standard library's safe way
/// to a value that lives as long as the module.
static MODULE: Mutex<(Core, Buffer)> = Mutex::new((Core::new(), Buffer::new()));

/// Where JavaScript writes the text of a call.
#[wasm_bindgen]
pub fn input() -> *mut u8 {
    MODULE.try_lock().map_or(null_mut(), |mut module| module.1.room().as_mut_ptr())
}

/// Where JavaScript finds the answer to a call.
#[wasm_bindgen]
pub fn output() -> *const u8 {
    MODULE.try_lock().map_or(null(), |module| module.0.answer().as_ptr())
}

/// Tells the tracker what happened; see [`Core::tell`]. The text has `length` bytes. The time comes in two
/// parts because a float costs more to take, and a 64-bit integer would be a `BigInt`. Returns the length of
/// the answer.
#[wasm_bindgen]
#[allow(
    clippy::too_many_arguments,
    reason = "numbers cost nothing to pass; a structure would be a text to read"
)]
pub fn tell(
    op: u32,
    now_high: u32,
    now_low: u32,
    a: u32,
    b: u32,
    c: u32,
    bottom: u32,
    height: u32,
    length: usize,
) -> usize {
    let Ok(mut module) = MODULE.try_lock() else { return 0 };
    let (core, text) = &mut *module;
    let text = text.room().get(..length).unwrap_or_default();
    let now = u64::from(now_high) << 32 | u64::from(now_low);
    core.tell(Call { op, now, a, b, c, bottom, height, text });
    core.answer().len()
}
