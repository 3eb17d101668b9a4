//! Events that are not known to have arrived.
//!
//! They are kept as one text, a line each, which is also the form they are stored in:
//!
//! | part | content |
//! |---|---|
//! | mark | one byte: a space while the event waits, the request that carries it otherwise |
//! | visitor | user, session and person, each followed by a tab; all empty before consent |
//! | event | as JSON, which holds neither tab nor line break as it is printed |

use protocol::{ids, limits};

use super::Buffer;
use super::text::take;

/// Largest body of a request. Below the 64 KiB that the Fetch standard grants all keepalive requests of
/// a page together, so that the last words of a closing page are not refused.
pub const MAX_BODY_BYTES: usize = 60_000;

/// Room in a body for everything around the events: ids, context and the page's address.
const ENVELOPE_BYTES: usize = 4_096;

/// Most bytes of properties on one event: it has to fit a body by itself, with texts that double when they
/// are escaped.
pub const MAX_PROPS_BYTES: usize = 45_000;

/// Largest line: it has to fit a body by itself.
pub(super) const MAX_LINE_BYTES: usize = MAX_BODY_BYTES - ENVELOPE_BYTES;

/// Most events kept while the server cannot be reached; the oldest go first.
pub const MAX_EVENTS_QUEUED: usize = 240;

/// Most bytes kept, for the sake of the storage this site shares with its own code (commonly 5 MB).
const MAX_BYTES_QUEUED: usize = 128_000;

/// The mark of an event that waits.
const WAITS: u8 = b' ';

/// How an event begins, up to its id.
pub(super) const BEFORE_ID: &[u8] = b"{\"id\":\"";

/// Where a heartbeat says of which page it is, and that it is one: everything before has one length.
const PAGE_AND_TYPE: core::ops::Range<usize> = 75..132;

/// The visitor and the event of a line.
fn parts(line: &[u8]) -> (&[u8], &[u8]) {
    let mut json = line.get(1..).unwrap_or_default();
    for _ in 0..3 {
        take(&mut json, b'\t');
    }
    (line.get(1..line.len() - json.len()).unwrap_or_default(), json)
}

/// The time in the id of an event; `None` if the text does not begin like one.
fn time_of(event: &[u8]) -> Option<u64> {
    ids::time_of(event.strip_prefix(BEFORE_ID)?.get(..ids::ID_BYTES)?)
}

/// Whether the event of a line waits.
fn waits(line: &[u8]) -> bool {
    line.first() == Some(&WAITS)
}

/// Whether a line is one: anyone can write to storage.
fn is_line(line: &[u8]) -> bool {
    let json = parts(line).1;
    time_of(json).is_some() && json.ends_with(b"}") && line.len() < MAX_LINE_BYTES
}

/// The queue.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Queue {
    /// The last request's number, which is its mark, too.
    request: u8,
    /// How many requests are under way.
    under_way: usize,
    /// Where the last line begins; elsewhere once lines before it were taken out.
    last: usize,
    /// How many events had to be thrown away.
    pub(super) dropped: u64,
    lines: Buffer,
}

impl Queue {
    /// An empty queue.
    pub(super) const fn new() -> Self {
        Self { request: WAITS, under_way: 0, last: 0, dropped: 0, lines: Buffer::new() }
    }

    /// Adds lines, each with any mark.
    pub(super) fn add(&mut self, now: u64, mut lines: &[u8]) {
        while !lines.is_empty() {
            let line = take(&mut lines, b'\n');
            if is_line(line) {
                self.replace_beat(line);
                self.bound(now, line.len());
                self.last = self.lines.text().len();
                self.lines.push(WAITS);
                self.lines.put(line.get(1..).unwrap_or_default());
                self.lines.push(b'\n');
            }
        }
        self.bound(now, 0);
    }

    /// Takes out the last line if `beat` makes it useless, being a later heartbeat of the same page, as
    /// they follow each other while a visitor reads offline: unless it is under way or final. The
    /// values of heartbeats are cumulative.
    fn replace_beat(&mut self, beat: &[u8]) {
        let last = self.line(self.last);
        let json = parts(last).1;
        if waits(last)
            && json.ends_with(b":false}")
            && json.get(PAGE_AND_TYPE) == parts(beat).1.get(PAGE_AND_TYPE)
        {
            self.lines.cut(self.last);
        }
    }

    /// How many events wait for a request.
    pub(super) fn waiting(&self) -> usize {
        let (mut rest, mut count) = (self.lines.text(), 0);
        while !rest.is_empty() {
            count += usize::from(waits(take(&mut rest, b'\n')));
        }
        count
    }

    /// Whether a request is under way.
    pub(super) fn is_sending(&self) -> bool {
        self.under_way > 0
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.text().is_empty()
    }

    /// All lines, for the next page to send if this one cannot.
    pub(super) fn text(&self) -> &[u8] {
        self.lines.text()
    }

    /// Forgets everything, requests under way, too.
    pub(super) fn clear(&mut self) {
        self.under_way = 0;
        self.lines.cut(0);
    }

    /// Marks the next events as under way and prints them as the elements of an array: the first waiting
    /// ones of one visitor, within the limits of a batch. With `all_told`, requests under way and this one
    /// stay below [`MAX_BODY_BYTES`] together. Returns the request's number, or nothing if there is no room;
    /// `whose` is given what the lines say of the visitor.
    pub(super) fn take(&mut self, all_told: bool, whose: &mut Buffer, events: &mut Buffer) -> Option<u8> {
        let mut bytes = ENVELOPE_BYTES;
        let mut rest = self.lines.text();
        while all_told && !rest.is_empty() {
            let line = take(&mut rest, b'\n');
            if !waits(line) {
                bytes += line.len();
            }
        }
        bytes += if all_told { self.under_way * ENVELOPE_BYTES } else { 0 };
        // Marks are printable, so that they can be stored.
        let request = if self.request < b'z' { self.request + 1 } else { WAITS + 1 };
        let (mut start, mut count) = (0, 0);
        while !self.line(start).is_empty() {
            let line = self.line(start);
            let next = start + line.len() + 1;
            if waits(line) {
                let (visitor, json) = parts(line);
                bytes += line.len();
                if count == 0 {
                    whose.set(visitor);
                }
                if bytes > MAX_BODY_BYTES || count == limits::MAX_EVENTS || whose.text() != visitor {
                    break;
                }
                if count > 0 {
                    events.push(b',');
                }
                events.put(json);
                count += 1;
                self.mark(start, request);
            }
            start = next;
        }
        (count > 0).then(|| {
            self.request = request;
            self.under_way += 1;
            request
        })
    }

    /// Ends a request: its events are forgotten, because they have arrived or never will, or wait again,
    /// where they were.
    pub(super) fn end(&mut self, request: u8, forget: bool) {
        self.under_way = self.under_way.saturating_sub(1);
        let mut start = 0;
        while let [mark, rest @ ..] = self.line(start) {
            let length = rest.len() + 2;
            if *mark != request {
                start += length;
            } else if forget {
                self.lines.remove(start, length);
            } else {
                self.mark(start, WAITS);
            }
        }
    }

    /// Throws away what is too much with `more` bytes to come, or older than the server takes: the oldest
    /// first, and never what is under way, because it may arrive yet.
    fn bound(&mut self, now: u64, more: usize) {
        loop {
            let (mut start, mut count) = (0, 0);
            let mut oldest = None;
            while !self.line(start).is_empty() {
                let line = self.line(start);
                // Ids are sorted by time, and all events begin with theirs.
                if waits(line) && oldest.is_none_or(|at| parts(line).1 < parts(self.line(at)).1) {
                    oldest = Some(start);
                }
                start += line.len() + 1;
                count += 1;
            }
            let Some(at) = oldest else { break };
            let line = self.line(at);
            let length = line.len() + 1;
            let happened = time_of(parts(line).1).unwrap_or(now);
            if count <= MAX_EVENTS_QUEUED
                && start + more <= MAX_BYTES_QUEUED
                && now.saturating_sub(happened) <= limits::MAX_EVENT_AGE_MS
            {
                break;
            }
            self.lines.remove(at, length);
            self.dropped += 1;
        }
    }

    /// The line that begins at `start`; empty at the end.
    fn line(&self, start: usize) -> &[u8] {
        take(&mut self.lines.text().get(start..).unwrap_or_default(), b'\n')
    }

    fn mark(&mut self, start: usize, mark: u8) {
        if let Some(place) = self.lines.room().get_mut(start) {
            *place = mark;
        }
    }
}

#[cfg(test)]
mod tests;
