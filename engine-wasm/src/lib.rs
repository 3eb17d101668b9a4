//! The query engine in the dashboard: takes the segments of a range and answers questions about them, without
//! asking anybody.
//!
//! [`held`] is what is loaded, [`ask`] are questions and answers; both are plain Rust. `shell` is what the Web Worker's
//! JavaScript calls.

pub mod ask;
pub mod held;
#[cfg(target_arch = "wasm32")]
mod shell;
