//! The edge worker: `POST /events` in, answers to the dashboard out.
//!
//! The entry point (`shell`, wasm32 only) turns a request of the platform into [`http::Request`] and calls
//! [`app::App::handle`]; everything behind it runs natively too. Only `store` names DynamoDB's types.
//!
//! [`app::ROUTES`] lists what there is and what each route needs.

pub mod address;
pub mod alerts;
pub mod api;
pub mod app;
pub mod auth;
mod cache;
pub mod care;
pub mod compact;
pub mod config;
pub mod encoding;
pub mod http;
#[cfg(feature = "native")]
pub mod import;
pub mod ingest;
pub mod live;
pub mod log;
pub mod metrics;
mod order;
pub mod platform;
pub mod routes;
mod saved;
pub mod site_rules;
pub mod sites;
pub mod store;
pub mod trace;
pub mod zones;

pub use protocol::site;

#[cfg(target_arch = "wasm32")]
mod shell;
