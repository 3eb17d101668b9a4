//! What the worker has read, printed and read again, is the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::event::Props;
use protocol::{Batch, EventKind, decode, encode};

/// Properties have no order: a reader sorts them by key.
fn sorted(batch: &mut Batch) {
    for event in &mut batch.events {
        let props = match &mut event.kind {
            EventKind::PageView(view) => &mut view.props,
            EventKind::Conversion(conversion) => &mut conversion.props,
            EventKind::Custom(custom) => &mut custom.props,
            EventKind::Click(_) | EventKind::Heartbeat(_) => continue,
        };
        let mut pairs: Vec<(String, String)> =
            props.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        pairs.sort();
        let mut again = Props::default();
        for (key, value) in &pairs {
            assert!(again.push(key, value), "a pair that was kept is kept again");
        }
        *props = again;
    }
}

fuzz_target!(|body: &[u8]| {
    let Ok(mut first) = decode::batch(body) else { return };
    assert!(first.batch.events.len() <= first.receipts.len());
    if first.batch.events.is_empty() {
        // There is no batch without events to be printed.
        return;
    }
    let printed = encode::batch(&first.batch);
    let mut again = match decode::batch(printed.as_bytes()) {
        Ok(again) => again,
        Err(error) => panic!("what was printed is refused: {error}"),
    };
    assert_eq!(again.unknown_fields, 0, "only known fields are printed");
    assert_eq!(again.batch.events.len(), again.receipts.len());
    sorted(&mut first.batch);
    sorted(&mut again.batch);
    assert_eq!(first.batch, again.batch);
    assert_eq!(printed, encode::batch(&again.batch), "printed twice, it is the same text");
});
