//! Events that are not known to have arrived, in the order they happened.

use protocol::{EventId, SessionId, UserId, limits};

use super::text::take;
use super::{Key, World};

/// Largest body of a request. Below the 64 KiB that the Fetch standard grants all keepalive requests of
/// a page together, so that the last words of a closing page are not refused.
pub const MAX_BODY_BYTES: usize = 60_000;

/// Room in a body for everything around the events: ids, context and the page's address.
const ENVELOPE_BYTES: usize = 4_096;

/// Largest printed event: it has to fit a body by itself, with the comma that is counted for each.
pub(super) const MAX_EVENT_BYTES: usize = MAX_BODY_BYTES - ENVELOPE_BYTES - 1;

/// Most events kept while the server cannot be reached, an hour's heartbeats and more; the oldest go
/// first.
pub const MAX_EVENTS_QUEUED: usize = 240;

/// Most bytes kept, for the sake of the storage this site shares with its own code (commonly 5 MB).
const MAX_BYTES_QUEUED: usize = 250_000;

/// How a printed event begins.
const BEFORE_ID: &str = "{\"id\":\"";

/// An id in hyphenated form.
const ID_BYTES: usize = 36;

/// A printed event and the visit it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    user: UserId,
    session: SessionId,
    json: String,
    /// The request that carries it; 0 while it waits.
    request: u32,
}

impl Entry {
    /// The stored form, a line: JSON as we print it holds no line break.
    fn write_to(&self, out: &mut String) {
        self.user.write_to(out);
        out.push(' ');
        self.session.write_to(out);
        out.push(' ');
        out.push_str(&self.json);
        out.push('\n');
    }

    /// Reads a stored line. Anyone can write to storage: what does not look like an event is left out,
    /// and so is what the server would call too old.
    fn parse(line: &str, now: u64) -> Option<Self> {
        let mut json = line;
        let user = UserId::parse(take(&mut json, b' ')?).ok()?;
        let session = SessionId::parse(take(&mut json, b' ')?).ok()?;
        let id = EventId::parse(json.get(BEFORE_ID.len()..BEFORE_ID.len() + ID_BYTES)?).ok()?;
        let whole = json.len() <= MAX_EVENT_BYTES && json.starts_with(BEFORE_ID) && json.ends_with("}");
        let fresh = id.unix_ms().saturating_add(limits::MAX_EVENT_AGE_MS) > now;
        (whole && fresh).then(|| Self { user, session, json: json.into(), request: 0 })
    }

    /// Whether a stored line is this event. The id in its text is all that has to be equal, and nobody
    /// else's text ends like that.
    fn is_line(&self, line: &str) -> bool {
        line.ends_with(self.json.as_str())
    }
}

/// A request's number and whose events it carries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Batch {
    pub(super) request: u32,
    pub(super) user: UserId,
    pub(super) session: SessionId,
}

/// The queue.
#[derive(Debug, Default)]
pub(super) struct Queue {
    entries: Vec<Entry>,
    requests: u32,
    /// Whether storage may hold events of this queue.
    stored: bool,
}

impl Queue {
    /// Takes up what earlier pages could not deliver. It stays in storage until it has arrived.
    pub(super) fn restore(now: u64, world: &dyn World) -> Self {
        let mut queue = Self::default();
        let stored = world.read(Key::Unsent).unwrap_or_default();
        let mut rest = stored.as_str();
        while let Some(line) = take(&mut rest, b'\n') {
            queue.stored = true;
            queue.entries.extend(Entry::parse(line, now));
        }
        queue.bound();
        queue
    }

    /// Adds an event at the end.
    pub(super) fn push(&mut self, user: UserId, session: SessionId, json: String) {
        self.entries.push(Entry { user, session, json, request: 0 });
        self.bound();
    }

    /// How many events wait for a request.
    pub(super) fn waiting(&self) -> usize {
        self.entries.iter().filter(|entry| entry.request == 0).count()
    }

    /// Whether a request is under way.
    pub(super) fn is_sending(&self) -> bool {
        self.entries.iter().any(|entry| entry.request != 0)
    }

    /// Marks the next events as under way: the oldest waiting ones of one visit, within the limits of a
    /// batch. With `all_told`, requests under way and this one stay below [`MAX_BODY_BYTES`] together.
    pub(super) fn take(&mut self, all_told: bool) -> Option<Batch> {
        let first = self.entries.iter().find(|entry| entry.request == 0)?;
        let batch = Batch { request: self.requests + 1, user: first.user, session: first.session };
        let (mut bytes, mut count) = (ENVELOPE_BYTES, 0);
        let mut under_way = Vec::new();
        for entry in self.entries.iter().filter(|entry| all_told && entry.request != 0) {
            bytes += entry.json.len() + 1;
            if !under_way.contains(&entry.request) {
                under_way.push(entry.request);
                bytes += ENVELOPE_BYTES;
            }
        }
        for entry in self.entries.iter_mut().filter(|entry| entry.request == 0) {
            bytes += entry.json.len() + 1;
            let fits = bytes <= MAX_BODY_BYTES && count < limits::MAX_EVENTS;
            if !fits || (entry.user, entry.session) != (batch.user, batch.session) {
                break;
            }
            entry.request = batch.request;
            count += 1;
        }
        if count == 0 {
            return None;
        }
        self.requests = batch.request;
        Some(batch)
    }

    /// The events of a request, printed, oldest first.
    pub(super) fn events(&self, request: u32) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(move |entry| entry.request == request).map(|entry| entry.json.as_str())
    }

    /// Forgets the events of a request, here and in storage: they have arrived, or never will.
    pub(super) fn finish(&mut self, request: u32, world: &dyn World) {
        if self.stored {
            self.rewrite(request, world);
        }
        self.entries.retain(|entry| entry.request != request);
    }

    /// Lets the events of a request wait again, where they were.
    pub(super) fn release(&mut self, request: u32) {
        for entry in self.entries.iter_mut().filter(|entry| entry.request == request) {
            entry.request = 0;
        }
    }

    /// Writes down everything not known to have arrived, for the next page to send if this one cannot.
    pub(super) fn persist(&mut self, world: &dyn World) {
        if self.stored || !self.entries.is_empty() {
            self.rewrite(u32::MAX, world);
        }
    }

    /// Puts what is stored and what is here together, without the events of the request `done`: other
    /// tabs of the site use the same storage.
    fn rewrite(&mut self, done: u32, world: &dyn World) {
        let stored = world.read(Key::Unsent).unwrap_or_default();
        let mut out = String::with_capacity(stored.len() + 1_024);
        let mut count = 0;
        let mut rest = stored.as_str();
        while let Some(line) = take(&mut rest, b'\n') {
            if !self.entries.iter().any(|entry| entry.is_line(line)) {
                out.push_str(line);
                out.push('\n');
                count += 1;
            }
        }
        for entry in self.entries.iter().filter(|entry| entry.request != done) {
            entry.write_to(&mut out);
            count += 1;
        }
        let mut kept = out.as_str();
        while count > MAX_EVENTS_QUEUED || kept.len() > MAX_BYTES_QUEUED {
            take(&mut kept, b'\n');
            count -= 1;
        }
        world.write(Key::Unsent, kept);
        self.stored = !kept.is_empty();
    }

    fn bound(&mut self) {
        let mut bytes: usize = self.entries.iter().map(|entry| entry.json.len()).sum();
        let mut dropped = 0;
        for entry in &self.entries {
            if self.entries.len() - dropped <= MAX_EVENTS_QUEUED && bytes <= MAX_BYTES_QUEUED {
                break;
            }
            bytes -= entry.json.len();
            dropped += 1;
        }
        self.entries.drain(..dropped);
    }
}

#[cfg(test)]
mod tests;
