//! Reading a batch takes memory in proportion to its size, whatever it holds: an isolate has 128 MB for all the
//! requests that are under way.

use peak_alloc::PeakAlloc;
use protocol::decode;
use protocol::limits::MAX_INFLATED_BYTES;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What decoding may hold at once, in multiples of the body. Reached by a list of far too many events, of which each
/// takes sixteen bytes before they are counted.
const MOST: usize = 20;

/// What decoding takes at its fullest, in bytes, beyond what was held before.
fn peak(body: &[u8]) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let _ = decode::batch(body);
    MEMORY.peak_usage() - before
}

/// A body of the largest size, filled with repetitions of what `part` makes of a running number.
fn filled(start: &str, part: impl Fn(usize) -> String, end: &str) -> String {
    let mut body = start.to_owned();
    for number in 0.. {
        let part = part(number);
        if body.len() + part.len() + end.len() > MAX_INFLATED_BYTES {
            break;
        }
        body.push_str(&part);
    }
    // What is repeated ends with a comma.
    body.pop();
    body + end
}

fn hex(number: usize) -> String {
    format!("{number:x}")
}

#[test]
fn memory_is_bounded_by_the_size_of_the_body() {
    let id = "019aaea7-6f80-7000-8000-000000000003";
    let head =
        format!(r#"{{"v":1,"site_id":"s","user_id":"{id}","session_id":"{id}","sent_at":1,"events":["#);
    let event = format!(r#"{{"id":"{id}","type":"custom","page_id":"{id}","name":"n","props":{{"#);
    let event_start = format!("{head}{event}");
    let dropped = |inner: &str| format!(r#"{{"v":1,"dropped":{inner}"#);
    let bodies = [
        ("numbers", filled(&dropped("["), |_| "1,".into(), "]}")),
        ("lists", filled(&dropped("["), |_| "[],".into(), "]}")),
        ("maps", filled(&dropped("["), |_| r#"{"":0},"#.into(), "]}")),
        ("texts", filled(&dropped("["), |_| r#""","#.into(), "]}")),
        ("unknown fields", filled("{", |n| format!(r#""{}":{{}},"#, hex(n)), "}")),
        ("events", filled(&head, |_| "1,".into(), "]}")),
        ("maps of properties", filled(&format!(r#"{event_start}"p":["#), |_| r#"{"":0},"#.into(), "]}}]}")),
        ("properties", filled(&event_start, |n| format!(r#""{}":1,"#, hex(n)), "}}]}")),
        ("one property again", filled(&event_start, |_| r#""":"","#.into(), "}}]}")),
        ("one long text", filled(&format!(r#"{event_start}"p":""#), |_| "가,".into(), r#""}}]}"#)),
        ("escapes", filled(&format!(r#"{event_start}"p":""#), |_| r"\n".into(), r#"n"}}]}"#)),
    ];
    for (name, body) in bodies {
        let (peak, most) = (peak(body.as_bytes()), MOST * body.len());
        println!(
            "{name}: {peak} bytes for {} bytes, {:.1} times",
            body.len(),
            peak as f64 / body.len() as f64
        );
        assert!(body.len() > MAX_INFLATED_BYTES - 100, "{name} has only {} bytes", body.len());
        assert!(peak <= most, "{name}: {peak} bytes for {}, at most {most} are allowed", body.len());
    }
}
