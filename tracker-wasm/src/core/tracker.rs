//! The tracker as a whole: what the page reports goes in, requests and the next wake-up come out.

mod sending;

use protocol::event::{Click, Conversion, Name};
use protocol::{Event, EventId, EventKind, Props, Revenue, SiteId, encode};

pub use sending::Outgoing;

use super::address::{same_path, tidy};
use super::page::Page;
use super::queue::{MAX_EVENT_BYTES, Queue};
use super::retry::Retry;
use super::session::Visitor;
use super::{Moment, Scroll};

/// Heartbeats wait this long for company.
const FLUSH_AFTER_MS: u64 = 5_000;
/// Everything else does not, because somebody may be watching live: just long enough for what happens
/// together, such as a click and the page it leads to, to share a request.
const FLUSH_SOON_MS: u64 = 250;
/// A router sets the title after it has set the address; frameworks take a task or two for it.
const TITLE_WAIT_MS: u64 = 50;

/// The tracker of one document.
#[derive(Debug)]
pub struct Core {
    site: SiteId,
    visitor: Visitor,
    queue: Queue,
    retry: Retry,
    /// `None` until the document is seen for the first time.
    page: Option<Page>,
    /// Whether the document went away; it may come back from the back/forward cache.
    gone: bool,
    visible: bool,
    focused: bool,
    flush_at: Option<u64>,
    /// Whether something was recorded that no request was tried for yet.
    news: bool,
}

impl Core {
    /// Takes up visitor and unsent events. The page view begins when the document is visible: one that is
    /// prerendered or opened in the background may never be.
    pub fn start(moment: &mut Moment<'_>, site: SiteId, visible: bool, focused: bool) -> Self {
        let queue = Queue::restore(moment.now, moment.world);
        let flush_at = (queue.waiting() > 0).then_some(moment.now + FLUSH_SOON_MS);
        let visitor = Visitor::start(moment);
        let mut core = Self {
            site,
            visitor,
            queue,
            retry: Retry::default(),
            page: None,
            gone: false,
            visible,
            focused,
            flush_at,
            news: false,
        };
        if visible {
            core.open(moment);
        }
        core
    }

    /// The document was shown, hidden, or comes back from the back/forward cache.
    pub fn set_visible(&mut self, moment: &mut Moment<'_>, visible: bool) {
        self.visible = visible;
        self.watch(moment.now);
        if !visible {
            self.leave(moment);
            self.visitor.keep(moment.now, moment.world);
        } else if self.gone || self.page.is_none() {
            self.open(moment);
        } else {
            self.resume(moment);
        }
    }

    /// The document goes away. Should it come back, it is another page view.
    pub fn gone(&mut self, moment: &mut Moment<'_>) {
        self.set_visible(moment, false);
        self.gone = true;
    }

    /// Whether the document may be gone in a moment: what happens now is sent and written down at once.
    pub fn is_hidden(&self) -> bool {
        !self.visible
    }

    /// The window was focused or blurred.
    pub fn set_focused(&mut self, moment: &mut Moment<'_>, focused: bool) {
        self.focused = focused;
        self.watch(moment.now);
        self.activity(moment.now);
        if focused && self.visible && !self.gone {
            self.resume(moment);
        }
    }

    /// The visitor did something.
    pub fn activity(&mut self, now: u64) {
        if let Some(page) = &mut self.page {
            page.engagement.activity(now);
        }
    }

    /// The visitor scrolled.
    pub fn scrolled(&mut self, now: u64, scroll: Scroll) {
        if let Some(page) = &mut self.page {
            page.engagement.saw(scroll);
        }
        self.activity(now);
    }

    /// The address may have changed without a new document. `replaced` tells that the page only corrected
    /// its present address: then another query does not make another page, but otherwise it does.
    pub fn navigated(&mut self, moment: &mut Moment<'_>, replaced: bool) {
        let (Some(page), Some(url)) = (&mut self.page, tidy(&moment.world.url())) else { return };
        let same = if replaced { same_path(&page.url, &url) } else { page.url == url };
        // A page view not yet recorded takes an address that replaces its own: the router redirected. One
        // that is pushed is another page, however soon: both are in the history.
        if same || (replaced && page.view_at.is_some()) {
            page.url = url;
            return;
        }
        let referrer = page.url.clone();
        self.leave(moment);
        self.visitor.be_active(moment);
        self.page =
            Some(Page::new(moment, url, Some(referrer), Props::default(), self.is_watched(), TITLE_WAIT_MS));
    }

    /// The site asks for a page view itself.
    pub fn page_view(&mut self, moment: &mut Moment<'_>, props: Props) {
        let Some(url) = tidy(&moment.world.url()) else { return };
        self.leave(moment);
        self.visitor.be_active(moment);
        let referrer = self.page.take().map(|page| page.url);
        self.page = Some(Page::new(moment, url, referrer, props, self.is_watched(), 0));
        self.settle(moment);
    }

    /// A tracked element was clicked.
    pub fn click(&mut self, moment: &mut Moment<'_>, click: Click) {
        self.act(moment, EventKind::Click(click));
    }

    /// The visitor did what the site is for. Returns whether all of it was kept: a revenue that is none
    /// and properties over the limits are left out, because the conversion itself matters more.
    pub fn conversion(
        &mut self,
        moment: &mut Moment<'_>,
        name: &str,
        revenue: Option<(&str, &str)>,
        props: Props,
    ) -> bool {
        let Some(name) = Name::parse(name) else { return false };
        let parsed = revenue.and_then(|(amount, currency)| Revenue::parse(amount, currency));
        let complete = parsed.is_some() == revenue.is_some();
        self.act(moment, EventKind::Conversion(Conversion { name, revenue: parsed, props }));
        complete
    }

    /// Does what has become due.
    pub fn tick(&mut self, moment: &mut Moment<'_>) {
        let Some(page) = &self.page else { return };
        if page.view_at.is_some_and(|at| at <= moment.now) {
            self.settle(moment);
        } else if self.visible && page.beat_at.is_some_and(|at| at <= moment.now) {
            self.beat(moment);
        }
    }

    fn is_watched(&self) -> bool {
        self.visible && self.focused
    }

    fn watch(&mut self, now: u64) {
        let watched = self.is_watched();
        if let Some(page) = &mut self.page {
            page.engagement.watch(now, watched);
        }
    }

    /// Begins the document's own page view.
    fn open(&mut self, moment: &mut Moment<'_>) {
        self.gone = false;
        let Some(url) = tidy(&moment.world.url()) else { return };
        self.visitor.be_active(moment);
        let referrer = tidy(&moment.world.referrer());
        self.page = Some(Page::new(moment, url, referrer, Props::default(), self.is_watched(), 0));
        self.settle(moment);
    }

    /// Records the page view that waits for its title, if one does.
    fn settle(&mut self, moment: &mut Moment<'_>) {
        if let Some(page) = self.page.as_mut().filter(|page| page.view_at.is_some()) {
            let at = page.started;
            let view = page.view(&moment.world.title());
            self.record(moment, at, EventKind::PageView(view));
        }
    }

    /// Goes on with a page that was left: the visitor is there again, and is said to be at once. Unless
    /// the visit is over: then only who stays, or does something, begins another.
    fn resume(&mut self, moment: &mut Moment<'_>) {
        let alive = self.visitor.is_alive(moment.now, moment.world);
        match &mut self.page {
            Some(page) if page.is_left() && !alive => page.expect_beat(moment.now),
            Some(page) if page.is_left() => self.beat(moment),
            _ => {}
        }
    }

    /// Sends a heartbeat. It is activity while the window is focused. Without focus it keeps no visit
    /// alive, and ends with it.
    fn beat(&mut self, moment: &mut Moment<'_>) {
        if self.focused {
            let renewed = self.renew(moment);
            if !renewed {
                self.heartbeat(moment, false);
            }
        } else if self.visitor.is_alive(moment.now, moment.world) {
            self.heartbeat(moment, false);
        } else {
            self.leave(moment);
        }
    }

    /// Notes activity. If that begins another visit, the page begins anew with it, so that every page
    /// view belongs to one visit and every visit begins with a page view; returns whether it did.
    fn renew(&mut self, moment: &mut Moment<'_>) -> bool {
        let renewed = self.visitor.be_active(moment);
        if renewed && let Some(page) = self.page.take() {
            self.page = Some(Page::new(moment, page.url, None, Props::default(), self.is_watched(), 0));
            self.settle(moment);
        }
        renewed
    }

    /// Sends the page's final heartbeat, unless it was.
    fn leave(&mut self, moment: &mut Moment<'_>) {
        self.settle(moment);
        if self.page.as_ref().is_some_and(|page| !page.is_left()) {
            self.heartbeat(moment, true);
        }
    }

    fn heartbeat(&mut self, moment: &mut Moment<'_>, last: bool) {
        let alive = self.visitor.is_alive(moment.now, moment.world);
        if let Some(page) = &mut self.page {
            let beat = page.beat(moment.now, moment.world.scroll(), last);
            // The end of a visit noticed late, after a night's sleep of the machine, does not prolong it.
            let at = if alive { moment.now } else { self.visitor.active() };
            self.record(moment, at, EventKind::Heartbeat(beat));
        }
    }

    /// Records something the visitor did on the page.
    fn act(&mut self, moment: &mut Moment<'_>, kind: EventKind) {
        self.settle(moment);
        if self.page.is_none() {
            self.open(moment);
        }
        self.renew(moment);
        self.activity(moment.now);
        self.record(moment, moment.now, kind);
    }

    fn record(&mut self, moment: &mut Moment<'_>, at: u64, kind: EventKind) {
        let Some(page) = &self.page else { return };
        let patient = matches!(kind, EventKind::Heartbeat(_));
        let mut event = Event { id: EventId::new(at, &(moment.random)()), at, page_id: page.id, kind };
        let mut json = String::with_capacity(512);
        encode::event(&event, &mut json);
        if json.len() > MAX_EVENT_BYTES {
            // Only properties can be that long; the event matters more than they do.
            match &mut event.kind {
                EventKind::PageView(view) => view.props = Props::default(),
                EventKind::Conversion(conversion) => conversion.props = Props::default(),
                EventKind::Click(_) | EventKind::Heartbeat(_) => {}
            }
            json.clear();
            encode::event(&event, &mut json);
        }
        self.queue.push(self.visitor.user(), self.visitor.session(), json);
        let due = moment.now + if patient { FLUSH_AFTER_MS } else { FLUSH_SOON_MS };
        self.flush_at = Some(self.flush_at.map_or(due, |at| at.min(due)));
        self.news = true;
    }
}

#[cfg(test)]
mod tests;
