//! The edge worker as the module that Workers load: its entries are in `shell` of `edge-worker`, and named nowhere.

#[cfg(target_arch = "wasm32")]
use edge_worker as _;
