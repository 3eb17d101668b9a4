//! The way in: one function, numbers and one text, so that the glue between JavaScript and WebAssembly
//! is as small as can be.

use super::text::take;
use super::tracker::{Consent, FLUSH_SOON_MS};
use super::{Core, Moment, NEVER, Scroll};

/// What happened. The numbers are those of `js/core.js`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Op {
    /// The tracker starts. `a`, `b`: the seed. Rest: properties of the first page view.
    Start,
    /// The page was shown, hidden, focused or blurred, or the timer has fired.
    Look,
    /// The document goes away.
    Go,
    /// The visitor did something.
    Activity,
    /// The address may have changed. `a`: whether it was replaced.
    Navigated,
    /// The site asks for a page view. Rest: its properties.
    PageView,
    /// The visitor did something that is an event. Rest: the event's type and what is its own.
    Act,
    /// A request was answered. `a`: its number; `b`: status, 0 if there was no answer; `c`: `Retry-After`.
    Answered,
    /// Everything is to be sent at once.
    Flush,
    /// Rest: events of earlier pages (`a` = 1) or back from the site's hook, one a line.
    Adopt,
    /// The site says who this is. Rest: its own id for the person.
    Identify,
    /// The site says that this is somebody else.
    Reset,
    /// The visitor's consent is another: the one of this call.
    Consent,
    /// The browser is back online.
    Online,
}

/// All operations, by number.
const OPS: [Op; 16] = [
    Op::Start,
    Op::Look,
    Op::Go,
    Op::Activity,
    Op::Navigated,
    Op::PageView,
    Op::Act,
    Op::Answered,
    Op::Flush,
    Op::Adopt,
    Op::Identify,
    Op::Reset,
    Op::Consent,
    Op::Online,
    Op::Look,
    Op::Look,
];

/// One call.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// A number of [`Op`], plus 16 while the document is shown, 32 while it has the focus, 64 if the site has
    /// a hook, and 128 times the number of the consent: granted, cookieless, pending, denied.
    pub op: u32,
    /// Unix milliseconds.
    pub now: u64,
    /// See [`Op`].
    pub a: u32,
    /// See [`Op`].
    pub b: u32,
    /// See [`Op`].
    pub c: u32,
    /// Lower edge of the viewport, from the top of the document, in CSS pixels.
    pub bottom: u32,
    /// Height of the document in CSS pixels; 0 if it was not asked for.
    pub height: u32,
    /// Identity, address, referrer and title of the page, and the rest; parted by NUL. Addresses, title,
    /// properties and what an event has of its own are JSON already: JavaScript escapes a text in a tenth
    /// of the bytes this module would need.
    pub text: &'a [u8],
}

impl Core {
    /// What the last call was answered with: [`super::Commands`].
    pub fn answer(&self) -> &[u8] {
        self.out.text()
    }

    /// Takes a call.
    #[inline(always)]
    pub fn tell(&mut self, call: Call<'_>) {
        self.out.cut(0);
        let Call { op: flags, now, a, b, c, bottom, height, text: mut rest } = call;
        let op = OPS[(flags & 15) as usize];
        let mut moment = Moment {
            now,
            visible: flags & 16 != 0 && op != Op::Go,
            focused: flags & 32 != 0,
            scroll: Scroll { bottom, height },
            identity: take(&mut rest, 0),
            url: take(&mut rest, 0),
            referrer: take(&mut rest, 0),
            title: take(&mut rest, 0),
        };
        if op == Op::Activity {
            self.activity(&moment);
            return;
        }
        let consent = Consent::ALL[(flags >> 7 & 3) as usize];
        if op == Op::Start {
            self.start(&moment, consent, u64::from(a) << 32 | u64::from(b));
            self.hooked = flags & 64 != 0;
            self.props.set(rest);
        }
        if consent != Consent::Denied {
            self.look(&moment);
        } else if !matches!(op, Op::Start | Op::Consent | Op::Answered) {
            return;
        }
        match op {
            Op::Go => self.gone = true,
            Op::Navigated => self.navigated(&moment, a == 1),
            Op::PageView => {
                // Right after a navigation it is that page's view the site means.
                if self.page.is_none_or(|page| page.view_at == NEVER) {
                    self.begin(&moment, &[], 0);
                }
                self.props.set(rest);
            }
            Op::Act => {
                self.renew(&moment);
                self.activity(&moment);
                self.body.set(rest);
                self.record(now, FLUSH_SOON_MS);
            }
            Op::Answered => self.answered(a as u8, b, c),
            Op::Adopt => self.adopt(rest, a == 1),
            Op::Identify => {
                self.visitor.identify(rest);
                self.visitor.save(now, &mut self.out);
            }
            Op::Reset => {
                self.leave(&moment);
                self.visitor.reset(now, &mut self.dice);
                self.visitor.save(now, &mut self.out);
                // What is stored is the old identity still.
                moment.identity = &[];
                self.restart(&moment);
            }
            Op::Consent => self.set_consent(&moment, consent),
            Op::Online => self.retry.hurry(),
            Op::Start | Op::Look | Op::Flush | Op::Activity => {}
        }
        self.act(matches!(op, Op::Go | Op::Flush));
    }

    /// Begins, or begins anew after it was stopped.
    fn start(&mut self, moment: &Moment<'_>, consent: Consent, seed: u64) {
        (self.consent, self.dice.0, self.now, self.flush_at) = (consent, seed, moment.now, NEVER);
        (self.page, self.gone, self.visible, self.stored) = (None, false, false, false);
        self.queue.clear();
        self.retry.succeeded();
        self.visitor.reset(moment.now, &mut self.dice);
        self.visitor.admit(moment, &mut self.dice);
    }
}
