//! When something is sent, and what becomes of it.

use super::{Consent, Core, FLUSH_SOON_MS};
use crate::core::buffer::number;
use crate::core::{Commands, Moment, NEVER};

/// With this many events waiting, nothing is waited for.
const FLUSH_AT_EVENTS: usize = 10;

impl Core {
    /// Sends what is due, writes down what may be lost and sets the timer. `urgent` sends everything at
    /// once: the document may be gone in a moment, or the site asked for it. So does what happens on a
    /// hidden document, but only once: a request that fails there, as all do in the back/forward cache,
    /// waits its turn like any other.
    pub(in crate::core) fn act(&mut self, urgent: bool) {
        let urgent = urgent || (self.news && !self.visible);
        let sends = matches!(self.consent, Consent::Granted | Consent::Cookieless);
        while sends && self.is_due(urgent) && self.request(urgent) {}
        self.news = false;
        if !self.visible {
            self.persist();
        }
        if self.queue.waiting() == 0 {
            self.flush_at = NEVER;
        }
        let mut at = NEVER;
        if let Some(page) = &self.page {
            at = if self.visible { page.view_at.min(page.beat_at) } else { page.view_at };
        }
        if sends && !self.queue.is_sending() && self.flush_at != NEVER {
            at = at.min(self.flush_at.max(self.retry.not_before()));
        }
        self.out.push(Commands::TIMER);
        if at != NEVER {
            number(&mut self.out, at.saturating_sub(self.now).min(i32::MAX as u64));
        }
        self.out.push(0);
    }

    fn is_due(&self, urgent: bool) -> bool {
        let waiting = self.queue.waiting();
        let ripe = waiting >= FLUSH_AT_EVENTS || self.flush_at <= self.now;
        waiting > 0 && (urgent || (!self.queue.is_sending() && ripe)) && self.retry.allows(self.now, urgent)
    }

    /// Sends the next request; returns whether there was room for one.
    fn request(&mut self, urgent: bool) -> bool {
        let (whose, events) = (&mut self.whose, &mut self.line);
        events.cut(0);
        let Some(request) = self.queue.take(urgent, whose, events) else { return false };
        let out = &mut self.out;
        out.push(Commands::POST);
        number(out, request.into());
        out.push(b'\t');
        // One request tells of it: if that fails, another does.
        let mut dropped = 0;
        if self.reporter == 0 {
            dropped = core::mem::take(&mut self.queue.dropped);
            (self.reporter, self.reported) = (request, dropped);
        }
        number(out, dropped);
        out.push(b'\t');
        out.put(if whose.text().len() > 3 { whose.text() } else { self.visitor.head() });
        out.put(events.text());
        out.push(0);
        self.flush_at = self.now;
        true
    }

    /// What became of a request: the status, 0 if there was no answer, and `Retry-After` in seconds.
    pub(in crate::core) fn answered(&mut self, request: u8, status: u32, retry_after_s: u32) {
        let arrived = (200..300).contains(&status);
        let again = matches!(status, ..200 | 500.. | 408 | 429);
        self.queue.end(request, !again);
        if request == self.reporter {
            self.reporter = 0;
            if !arrived {
                self.queue.dropped += self.reported;
            }
        }
        if again {
            self.retry.failed(self.now, retry_after_s, self.dice.draw());
            self.flush_at = self.now;
        } else {
            // Either stored, or refused for good: sending it again would change nothing.
            self.retry.succeeded();
        }
        if again || self.stored {
            self.persist();
        }
    }

    /// Takes up events: of an earlier page, or of this one when the site's hook has seen them.
    pub(in crate::core) fn adopt(&mut self, lines: &[u8], earlier: bool) {
        self.queue.add(self.now, lines);
        self.flush_at = self.flush_at.min(self.now + FLUSH_SOON_MS);
        self.news = true;
        if earlier {
            self.persist();
        }
    }

    /// The visitor agrees, or does not any more.
    pub(in crate::core) fn set_consent(&mut self, moment: &Moment<'_>, consent: Consent) {
        let before = core::mem::replace(&mut self.consent, consent);
        if consent == Consent::Denied {
            self.queue.clear();
            self.page = None;
            self.visitor.reset(moment.now, &mut self.dice);
        } else if consent == Consent::Granted && before != consent {
            self.visitor.admit(moment, &mut self.dice);
            self.visitor.save(moment.now, &mut self.out);
        }
    }

    /// Writes down what is not known to have arrived, or takes it away again.
    fn persist(&mut self) {
        if self.stored || !self.queue.is_empty() {
            self.stored = !self.queue.is_empty();
            self.out.push(Commands::UNSENT);
            self.out.put(self.queue.text());
            self.out.push(0);
        }
    }
}
