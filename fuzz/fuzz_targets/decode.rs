//! No body panics, none takes more memory than a multiple of its size, compressed or not.

#![no_main]

use libfuzzer_sys::fuzz_target;
use peak_alloc::PeakAlloc;
use protocol::decode;
use protocol::limits::{MAX_BODY_BYTES, MAX_INFLATED_BYTES};

// The file alone: the rest of the worker, with the SDK of its store, would take minutes to build.
#[allow(dead_code, reason = "the worker's visibility is not that of a program")]
#[path = "../../edge-worker/src/ingest/gzip.rs"]
mod gzip;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// As in `protocol/tests/allocation.rs`, and what an error's text takes.
const MOST_TIMES: usize = 20;
const MOST_BESIDE: usize = 4 * 1024;

/// The inflater's tables.
const INFLATER: usize = 16 * 1024;

fn held<T>(most: usize, what: &str, work: impl FnOnce() -> T) -> T {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let result = work();
    let peak = MEMORY.peak_usage().saturating_sub(before);
    assert!(peak <= most, "{what}: {peak} bytes were held, at most {most} are allowed");
    result
}

fn decoded(body: &[u8]) {
    let most = MOST_TIMES * body.len().min(MAX_INFLATED_BYTES) + MOST_BESIDE;
    let _ = held(most, "decode", || decode::batch(body));
}

fuzz_target!(|body: &[u8]| {
    decoded(body);
    if body.len() > MAX_BODY_BYTES {
        return;
    }
    // As sent, and as the inside of a member, past the checks of which random bytes fail the first.
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    member.extend_from_slice(body);
    for sent in [body, &member] {
        let inflated = held(MAX_INFLATED_BYTES + INFLATER, "inflate", || gzip::inflate(sent));
        if let Ok(inflated) = inflated {
            assert!(inflated.len() <= MAX_INFLATED_BYTES);
            decoded(&inflated);
        }
    }
    let mut packed = member[..10].to_vec();
    packed.extend(miniz_oxide::deflate::compress_to_vec(body, 1));
    packed.extend(crc32fast::hash(body).to_le_bytes());
    packed.extend((body.len() as u32).to_le_bytes());
    assert_eq!(gzip::inflate(&packed).ok().as_deref(), Some(body), "what was packed comes out again");
});
