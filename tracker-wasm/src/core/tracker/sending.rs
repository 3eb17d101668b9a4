//! When something is sent, and what becomes of it.

use protocol::{Context, encode};

use super::Core;
use crate::core::{Moment, World};

/// With this many events waiting, nothing is waited for.
const FLUSH_AT_EVENTS: usize = 10;

/// A request to be sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// To be named in [`Core::answered`].
    pub number: u32,
    /// The batch as JSON.
    pub body: String,
}

impl Core {
    /// When [`Core::tick`] and [`Core::outgoing`] want to be called next, if nothing happens before.
    pub fn wake_at(&self) -> Option<u64> {
        let page = self.page.as_ref();
        let view = page.and_then(|page| page.view_at);
        let beat = page.and_then(|page| page.beat_at).filter(|_| self.visible);
        let idle = !self.queue.is_sending();
        let flush = self.flush_at.filter(|_| idle).map(|at| at.max(self.retry.not_before()));
        [view, beat, flush].into_iter().flatten().min()
    }

    /// The next request, if one is due. `urgent` sends everything at once: the document may be gone in a
    /// moment, or the site asked for it. So does what happens on a hidden document, but only once: a
    /// request that fails there, as all do in the back/forward cache, waits its turn like any other.
    pub fn outgoing(&mut self, now: u64, urgent: bool, context: &dyn Fn() -> Context) -> Option<Outgoing> {
        let waiting = self.queue.waiting();
        let urgent = urgent || (self.news && !self.visible);
        let due = urgent
            || (!self.queue.is_sending()
                && (waiting >= FLUSH_AT_EVENTS || self.flush_at.is_some_and(|at| at <= now)));
        if waiting == 0 || !due || !self.retry.allows(now, urgent) {
            self.news = false;
            return None;
        }
        let context = Context { url: self.page.as_ref().map(|page| page.url.clone()), ..context() };
        let Some(batch) = self.queue.take(urgent) else {
            self.news = false;
            return None;
        };
        let number = batch.request;
        let body =
            encode::batch(&self.site, &batch.user, &batch.session, now, &context, self.queue.events(number));
        self.flush_at = (self.queue.waiting() > 0).then_some(now);
        Some(Outgoing { number, body })
    }

    /// What became of a request: the status, 0 if there was no answer, and `Retry-After` in seconds.
    pub fn answered(&mut self, moment: &mut Moment<'_>, number: u32, status: u16, retry_after_s: u32) {
        if matches!(status, 0 | 408 | 429 | 500..) {
            self.queue.release(number);
            self.retry.failed(moment.now, retry_after_s, (moment.random)());
            self.flush_at = (self.queue.waiting() > 0).then_some(moment.now);
            self.persist(moment.world);
        } else {
            // Either stored, or refused for good: sending it again would change nothing.
            self.queue.finish(number, moment.world);
            self.retry.succeeded();
        }
    }

    /// The browser is back online.
    pub fn online(&mut self) {
        self.retry.hurry();
    }

    /// Writes down what is not known to have arrived.
    pub fn persist(&mut self, world: &dyn World) {
        self.queue.persist(world);
    }
}
