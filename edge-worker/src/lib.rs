//! The edge worker: `POST /events` in, answers to the dashboard out.
//!
//! The entry point (`shell`, wasm32 only) turns a request of the platform into [`http::Request`] and calls
//! [`app::App::handle`]; everything behind it runs natively too. Only `store` names DynamoDB's types.
//!
//! | method and path | needs | does |
//! |---|---|---|
//! | `POST /events` | the site's origin or the ingest key | stores a batch, answers with receipts |
//! | `OPTIONS /events` | an origin of any site | answers the CORS preflight |
//! | `POST /api/session` | the admin password | signs in |
//! | `GET /api/session` | signed in | lists the sites |
//! | `DELETE /api/session` | | signs out |
//! | `GET /api/sessions/active` | signed in | who is here now |
//! | `GET /api/overview` | signed in | totals, time series and breakdowns of a range |
//! | `GET /health` | | says that the worker runs |

pub mod address;
mod api;
pub mod app;
pub mod auth;
pub mod config;
pub mod http;
pub mod ingest;
pub mod log;
pub mod platform;
pub mod site;
pub mod sites;
pub mod store;

#[cfg(target_arch = "wasm32")]
mod shell;
