//! Sites, people and what they may do, against a real DynamoDB API: `npm test -- store`, or `cargo test -p edge-worker
//! --features native --test accounts` with `LIVEINSIGHT_DYNAMODB_ENDPOINT` set.

// A request goes through everything, and each of its layers is a future of its own.
#![recursion_limit = "256"]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail by panicking")]

mod alerts;
mod care;
mod drill;
mod fixture;
mod people;
mod questions;
mod routes;
mod saved;
mod sessions;
mod sharing;
mod sites;
