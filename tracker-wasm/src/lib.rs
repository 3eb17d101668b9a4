//! The browser SDK of LiveInsight.
//!
//! [`core`] decides: a state machine that is told what happened and when, and answers what to send and
//! when to be woken. It names no browser type and is tested natively. `browser` (wasm32 only) is the
//! shell around it: storage, page facts, listeners, one timer. The JavaScript in `js/` starts the module
//! and does what WebAssembly cannot do itself: catch traps, wrap `history`, hand a promise back.

#[cfg(target_arch = "wasm32")]
pub mod browser;
pub mod core;
