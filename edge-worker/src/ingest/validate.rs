//! Stage 3: are the times of the events to be believed?

use protocol::clock::{self, Correction, Source};
use protocol::decode::Decoded;

use super::authorise::Sender;

/// Whose clock a sender has.
pub(super) fn clock_of(sender: Sender) -> Source {
    match sender {
        Sender::Page => Source::Browser,
        Sender::Server => Source::Server,
    }
}

/// Takes out the events that are too old or lie in the future, after the correction that their clock needs. The
/// correction itself is made when the batch is stored, because only the store knows what was decided for the
/// visit before.
pub(super) fn times(decoded: &mut Decoded, received_at: u64, source: Source) {
    let correction = if clock::is_suspect(&decoded.batch, received_at, source) {
        Correction::decide(&decoded.batch, received_at, source)
    } else {
        Correction::default()
    };
    decoded.refuse(|event| clock::check_at(event.id.unix_ms(), correction, received_at).err());
}
