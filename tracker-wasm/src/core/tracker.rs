//! The tracker as a whole: what the page reports goes in, commands come out.

mod sending;

use super::buffer::number;
use super::page::Page;
use super::queue::{BEFORE_ID, Queue};
use super::retry::Retry;
use super::text::take;
use super::visitor::Visitor;
use super::{Buffer, Commands, Dice, Moment, NEVER};

/// Heartbeats wait this long for company.
const FLUSH_AFTER_MS: u64 = 5_000;
/// Everything else does not, because somebody may be watching live: just long enough for what happens
/// together, such as a click and the page it leads to, to share a request.
pub(super) const FLUSH_SOON_MS: u64 = 250;
/// A router sets the title after it has set the address; frameworks take a task or two for it.
const TITLE_WAIT_MS: u64 = 50;

/// What the visitor has agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Consent {
    /// Ids are kept in the browser.
    Granted,
    /// Nothing is kept in the browser: to whom a batch belongs is for the server to find out.
    Cookieless,
    /// Nothing is kept, and nothing is sent yet.
    Pending,
    /// Nothing happens at all.
    Denied,
}

impl Consent {
    /// All of them, by number.
    pub(super) const ALL: [Self; 4] = [Self::Granted, Self::Cookieless, Self::Pending, Self::Denied];
}

/// The tracker of one document. It stands at one place in memory, and the address of what stands first is
/// the shortest: small values, then the texts that are used most.
#[derive(Debug)]
#[repr(C)]
pub struct Core {
    pub(super) now: u64,
    pub(super) flush_at: u64,
    /// How many lost events are told of by a request under way, and by which; 0 if by none.
    pub(super) reported: u64,
    pub(super) reporter: u8,
    pub(super) dice: Dice,
    pub(super) retry: Retry,
    /// `None` until the document is seen for the first time.
    pub(super) page: Option<Page>,
    /// Whether the document went away; it may come back from the back/forward cache.
    pub(super) gone: bool,
    pub(super) visible: bool,
    pub(super) focused: bool,
    /// Whether something was recorded that no request was tried for yet.
    pub(super) news: bool,
    /// Whether storage may hold events of this page.
    pub(super) stored: bool,
    /// Whether the site wants to see each event before it is queued.
    pub(super) hooked: bool,
    pub(super) consent: Consent,
    /// The event that is being printed: as a line of the queue, and what it has of its own.
    pub(super) line: Buffer,
    pub(super) body: Buffer,
    /// The commands of this call.
    pub(super) out: Buffer,
    pub(super) visitor: Visitor,
    pub(super) queue: Queue,
    /// The page's address, where it was reached from, and the site's properties of its view.
    pub(super) url: Buffer,
    pub(super) referrer: Buffer,
    pub(super) props: Buffer,
    /// Whose events a request carries.
    pub(super) whose: Buffer,
}

impl Core {
    /// A tracker that has not started.
    pub const fn new() -> Self {
        Self {
            now: 0,
            flush_at: NEVER,
            reported: 0,
            reporter: 0,
            dice: Dice(0),
            retry: Retry::new(),
            page: None,
            gone: false,
            visible: false,
            focused: false,
            news: false,
            stored: false,
            hooked: false,
            consent: Consent::Denied,
            line: Buffer::new(),
            body: Buffer::new(),
            out: Buffer::new(),
            visitor: Visitor::new(),
            queue: Queue::new(),
            url: Buffer::new(),
            referrer: Buffer::new(),
            props: Buffer::new(),
            whose: Buffer::new(),
        }
    }

    /// Looks at the page: whatever changed, or has become due since, is acted upon. The first page view
    /// begins when the document is seen: one that is prerendered or opened in the background may never be.
    pub(super) fn look(&mut self, moment: &Moment<'_>) {
        let refocused = moment.focused && !self.focused;
        let shown = moment.visible && !self.visible;
        let hidden = !moment.visible && self.visible;
        if let Some(page) = &mut self.page {
            page.engagement.watch(moment.now, moment.visible && moment.focused);
            page.engagement.saw(moment.scroll);
            if refocused || shown {
                page.engagement.activity(moment.now);
            }
            if moment.now < self.now {
                // The clock was set back: what was due by the old one would be due in hours.
                page.expect_beat(moment.now);
                self.flush_at = self.flush_at.min(moment.now);
            }
        }
        (self.visible, self.focused, self.now) = (moment.visible, moment.focused, moment.now);
        if hidden {
            self.leave(moment);
            self.visitor.keep(moment, &mut self.out);
        } else if self.visible && (self.gone || self.page.is_none()) {
            self.gone = false;
            self.begin(moment, moment.referrer, 0);
        } else if shown || refocused {
            self.navigated(moment, true);
            self.resume(moment);
        }
        if let Some(page) = &self.page {
            if page.view_at <= moment.now {
                self.settle(moment);
            } else if self.visible && page.beat_at <= moment.now {
                self.beat(moment);
            }
        }
    }

    /// The visitor did something, or scrolled.
    pub(super) fn activity(&mut self, moment: &Moment<'_>) {
        if let Some(page) = &mut self.page {
            page.engagement.saw(moment.scroll);
            page.engagement.activity(moment.now);
        }
    }

    /// The address may have changed without a new document. `replaced` tells that the page only corrected
    /// its present address: then another query does not make another page, but otherwise it does.
    pub(super) fn navigated(&mut self, moment: &Moment<'_>, replaced: bool) {
        let url = moment.url;
        let Some(page) = &self.page else { return };
        // Out of sight nobody sees a page; what is there when it is shown again counts.
        if url.is_empty() || !self.visible {
            return;
        }
        let same = if replaced { path(self.url.text()) == path(url) } else { self.url.text() == url };
        // A page view not yet recorded takes an address that replaces its own: the router redirected. One
        // that is pushed is another page, however soon: both are in the history.
        if same || (replaced && page.view_at != NEVER) {
            self.url.set(url);
        } else {
            self.begin(moment, &[], TITLE_WAIT_MS);
        }
    }

    /// Ends the present page and begins another, recorded after `wait` milliseconds. Without a referrer it
    /// was reached from the present page.
    pub(super) fn begin(&mut self, moment: &Moment<'_>, referrer: &[u8], wait: u64) {
        let url = moment.url;
        if !url.is_empty() {
            self.leave(moment);
            self.visitor.be_active(moment, &mut self.dice, &mut self.out);
            self.referrer.set(if referrer.is_empty() { self.url.text() } else { referrer });
            self.url.set(url);
            self.page = Some(Page::new(moment, &mut self.dice, wait));
        }
    }

    /// Begins the present page anew, for another visit.
    pub(super) fn restart(&mut self, moment: &Moment<'_>) {
        if self.page.is_some() {
            self.page = Some(Page::new(moment, &mut self.dice, 0));
            self.settle(moment);
        }
    }

    /// Notes that the visitor does something on the page. If that begins another visit, the page begins
    /// anew with it, so that every page view belongs to one visit and every visit begins with a page view;
    /// returns whether it did.
    pub(super) fn renew(&mut self, moment: &Moment<'_>) -> bool {
        self.settle(moment);
        if !self.visitor.is_alive(moment) {
            self.leave(moment);
        }
        let renewed = self.visitor.be_active(moment, &mut self.dice, &mut self.out);
        if renewed {
            self.restart(moment);
        }
        renewed
    }

    /// Records the page view that waits for its title, if one does.
    fn settle(&mut self, moment: &Moment<'_>) {
        let Some(page) = self.page.as_mut().filter(|page| page.view_at != NEVER) else { return };
        page.view_at = NEVER;
        let at = page.started;
        self.body.set(b"\"type\":\"page_view\",\"url\":\"");
        self.body.put(self.url.text());
        if !self.referrer.text().is_empty() {
            self.body.put(b"\",\"referrer\":\"");
            self.body.put(self.referrer.text());
        }
        self.body.put(b"\",\"title\":\"");
        self.body.put(moment.title);
        self.body.put(b"\"");
        self.body.put(self.props.text());
        self.record(at, FLUSH_SOON_MS);
        // What is told once: a page that begins anew for another visit was reached from nowhere.
        self.referrer.cut(0);
        self.props.cut(0);
    }

    /// Goes on with a page that was left: the visitor is there again, and is said to be at once. Unless
    /// the visit is over: then only who stays, or does something, begins another.
    fn resume(&mut self, moment: &Moment<'_>) {
        let alive = self.visitor.is_alive(moment);
        let Some(page) = self.page.as_mut().filter(|page| page.left) else { return };
        if alive {
            self.beat(moment);
        } else {
            page.expect_beat(moment.now);
        }
    }

    /// Sends a heartbeat. It is activity while the window is focused. Without focus it keeps no visit
    /// alive, and ends with it.
    fn beat(&mut self, moment: &Moment<'_>) {
        if self.focused {
            if !self.renew(moment) {
                self.heartbeat(moment, false);
            }
        } else if self.visitor.is_alive(moment) {
            self.heartbeat(moment, false);
        } else {
            self.leave(moment);
        }
    }

    /// Sends the page's final heartbeat, unless it was.
    pub(super) fn leave(&mut self, moment: &Moment<'_>) {
        self.settle(moment);
        if self.page.as_ref().is_some_and(|page| !page.left) {
            self.heartbeat(moment, true);
        }
    }

    fn heartbeat(&mut self, moment: &Moment<'_>, last: bool) {
        let alive = self.visitor.is_alive(moment);
        // The end of a visit noticed late, after a night's sleep of the machine, does not prolong it.
        let at = if alive { moment.now } else { self.visitor.active };
        if let Some(page) = &mut self.page {
            self.body.cut(0);
            page.beat(moment.now, last, &mut self.body);
            self.record(at, FLUSH_AFTER_MS);
        }
    }

    /// Queues an event of the present page, to be sent after `wait` milliseconds; its type and what is its own
    /// is in `body`.
    pub(super) fn record(&mut self, at: u64, wait: u64) {
        let Some(page) = &self.page else { return };
        let line = &mut self.line;
        line.set(b" ");
        line.put(if self.consent == Consent::Pending { b"\t\t\t" } else { self.visitor.head() });
        line.put(BEFORE_ID);
        line.put(&self.dice.id(at));
        line.put(b"\",\"at\":");
        number(line, at);
        line.put(b",\"page_id\":\"");
        line.put(&page.id);
        line.put(b"\",");
        line.put(self.body.text());
        line.put(b"}");
        if self.hooked {
            self.out.push(Commands::HOOK);
            self.out.put(self.line.text());
            self.out.push(0);
        } else {
            self.queue.add(self.now, self.line.text());
            self.flush_at = self.flush_at.min(self.now + wait);
            self.news = true;
        }
    }
}

impl Default for Core {
    fn default() -> Self {
        Self::new()
    }
}

/// An address up to its query: what shows the same page to the eye has this in common.
fn path(url: &[u8]) -> &[u8] {
    take(&mut { url }, b'?')
}

#[cfg(test)]
mod tests;
