//! Compaction against a real DynamoDB API: `npm test -- store`, or `LIVEINSIGHT_DYNAMODB_ENDPOINT=… cargo test
//! -p edge-worker --features native --test compact`. Each test has tables of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

mod beginnings;
mod crashes;
mod erasure;
#[path = "../store/fixture.rs"]
#[allow(dead_code, reason = "shared with the tests of the store, which use other parts of it")]
mod fixture;
mod history;
mod imports;
mod levels;
mod retention;
mod shards;
