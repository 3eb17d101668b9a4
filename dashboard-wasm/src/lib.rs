//! The dashboard: one page that shows a site's numbers and keeps them up to date by itself.
//!
//! - [`model`] is everything that can be decided without a browser: words, scales, paths, orders, paces. It
//!   compiles and is tested natively, reads no clock and touches no page.
//! - `browser` wraps the platform (fetch, listeners, storage, `Intl`) in values that undo themselves.
//! - `ui` is Leptos components, one a file, that join the two.

#[cfg(target_arch = "wasm32")]
pub mod browser;
pub mod model;
#[cfg(target_arch = "wasm32")]
pub mod ui;
