//! What one connection still has to be sent.
//!
//! Nothing is queued for anybody: a connection has a place in the hub's log, and is sent what follows as long as no
//! more than a window of frames is unacknowledged. Whoever has fallen behind what the log remembers is sent all there
//! is. So the memory that a slow reader costs is that of its window, in the platform's buffers.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use protocol::live::{Frame, Hello, Resume, WINDOW};

use super::hub::Hub;
use super::view::View;

/// A reader that acknowledges nothing for so long is given up, milliseconds.
const PATIENCE_MS: u64 = 60_000;

/// The place of a connection.
#[derive(Debug, Default)]
pub struct Place {
    /// Number of the last flush that was sent, or needed not be; none: everything is still to be sent.
    seq: Option<u64>,
    /// Whether the reader had a state before, which is void.
    is_void: bool,
    /// Whether the reader stayed while the hub was rebuilt.
    stayed: bool,
    /// Numbers of the frames that are on the way.
    on_the_way: VecDeque<u64>,
    /// Since when the oldest of them has been.
    waiting_since: u64,
}

/// What is to be done with a connection after it was sent what it could be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pumped {
    /// Nothing.
    Fine,
    /// It cannot be written to.
    Broken,
    /// It is to be closed: its reader takes nothing in.
    TooSlow,
}

impl Place {
    /// A new connection, whose reader may have a state already.
    pub fn new(after: Option<Resume>, hub: Option<&Hub>) -> Self {
        let known = after.zip(hub).filter(|(after, hub)| {
            let is_same = after.epoch == hub.epoch();
            is_same && (after.seq == hub.seq() || hub.remembers(after.seq.saturating_add(1)))
        });
        let seq = known.map(|(after, _)| after.seq);
        Self { seq, is_void: after.is_some() && seq.is_none(), ..Self::default() }
    }

    /// A connection that stayed while the hub was rebuilt.
    pub fn stayed() -> Self {
        Self { is_void: true, stayed: true, ..Self::default() }
    }

    /// Takes in that the reader has everything up to a number.
    pub fn acknowledge(&mut self, seq: u64, now: u64) {
        while self.on_the_way.front().is_some_and(|first| *first <= seq) {
            self.on_the_way.pop_front();
        }
        self.waiting_since = now;
    }

    /// Sends what there is and may be sent. `send` says whether it could. Nothing may have come to the hub since its
    /// last flush.
    pub fn pump(
        &mut self,
        hub: &Hub,
        view: &View<'_>,
        frames: &mut Frames,
        now: u64,
        mut send: impl FnMut(&[u8]) -> bool,
    ) -> Pumped {
        loop {
            if self.on_the_way.len() as u64 >= WINDOW {
                let is_late = self.waiting_since + PATIENCE_MS < now;
                return if is_late { Pumped::TooSlow } else { Pumped::Fine };
            }
            let next = match self.seq {
                Some(seq) if seq >= hub.seq() => return Pumped::Fine,
                Some(seq) if hub.remembers(seq + 1) => Some(seq + 1),
                Some(_) => {
                    self.is_void = true;
                    None
                }
                None => None,
            };
            let sent = match next {
                Some(seq) => {
                    self.seq = Some(seq);
                    match frames.delta(hub, seq, view) {
                        Some(bytes) => Some((seq, bytes)),
                        None => continue,
                    }
                }
                None => {
                    if self.is_void && !(self.greet(hub, now, &mut send) && send(&Frame::Resync.encode())) {
                        return Pumped::Broken;
                    }
                    let bytes = frames.snapshot(hub, view, now, self.stayed);
                    (self.is_void, self.stayed) = (false, false);
                    self.seq = Some(hub.seq());
                    Some((hub.seq(), bytes))
                }
            };
            if let Some((seq, bytes)) = sent {
                if !send(&bytes) {
                    return Pumped::Broken;
                }
                if self.on_the_way.is_empty() {
                    self.waiting_since = now;
                }
                self.on_the_way.push_back(seq);
            }
        }
    }

    /// Says which memory speaks.
    pub fn greet(&self, hub: &Hub, now: u64, send: &mut impl FnMut(&[u8]) -> bool) -> bool {
        send(&Frame::Hello(Hello { epoch: hub.epoch(), seq: hub.seq(), time: now }).encode())
    }
}

/// Of which view, the delta of which number or a snapshot, and whether with the rows it was made of.
type Made = (String, Option<u64>, bool);

/// Frames that were just made: readers of one view are sent the same bytes.
#[derive(Debug, Default)]
pub struct Frames {
    made: HashMap<Made, Option<Rc<[u8]>>>,
}

impl Frames {
    fn delta(&mut self, hub: &Hub, seq: u64, view: &View<'_>) -> Option<Rc<[u8]>> {
        let made = self.made.entry((view.name().to_owned(), Some(seq), false));
        made.or_insert_with(|| hub.delta(seq, view).map(|frame| frame.encode().into())).clone()
    }

    fn snapshot(&mut self, hub: &Hub, view: &View<'_>, now: u64, with_rows: bool) -> Rc<[u8]> {
        let made = self.made.entry((view.name().to_owned(), None, with_rows));
        let frame = made.or_insert_with(|| Some(hub.snapshot(view, now, with_rows).encode().into())).clone();
        frame.unwrap_or_default()
    }
}
