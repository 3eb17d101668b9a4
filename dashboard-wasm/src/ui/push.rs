//! The connection to the hub: made, kept alive, made anew after it has ended.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo_timers::callback::{Interval, Timeout};
use protocol::live::{Applied, Frame, LiveState, PING};

use crate::browser::clock;
use crate::browser::socket::{Said, Socket};
use crate::model::push::Retry;
use crate::model::query;

/// How often the connection is looked after.
const BEAT_MS: u32 = 5_000;
/// How long nothing may be heard before it is asked whether the connection stands. The platform answers; no hub wakes.
const QUIET_MS: u64 = 4_000;
/// How long nothing may be heard before it is given up.
const DEAD_MS: u64 = 25_000;
/// How long the first state may take before somebody else is asked.
const SLOW_MS: u64 = 4_000;
/// How long what came may go unacknowledged.
const ACK_MS: u32 = 1_000;
/// How long a hidden page stays connected.
const HIDDEN_MS: u32 = 60_000;

/// What the hub has said.
#[derive(Debug, Clone)]
pub(super) enum News {
    /// Something has happened. The new events as a segment; empty when there are none, and for readers of share links.
    Events(Rc<[u8]>),
    /// Events may have been missed: what is shown has to be loaded again.
    Reload,
}

/// What [`Hub`] tells its owner.
pub(super) enum Told {
    /// The state has changed; and the events that are part of that, if any are.
    State(Option<News>),
    /// The connection stands, and this is the hub's clock: when it was asked, and what it said.
    Clock(u64, u64),
    /// Something was heard, be it that there is nothing new.
    Heard,
    /// There is no connection for now, and has not been for a while.
    Lost,
}

/// The connection of a page. Dropping it closes it.
pub(super) struct Hub(Rc<Inner>);

struct Inner {
    tell: Box<dyn Fn(Told)>,
    site: RefCell<String>,
    state: RefCell<LiveState>,
    socket: RefCell<Option<Socket>>,
    retry: Cell<Retry>,
    is_visible: Cell<bool>,
    asked_at: Cell<u64>,
    heard_at: Cell<u64>,
    /// To connect again, or, while hidden, to close.
    timer: RefCell<Option<Timeout>>,
    ack: RefCell<Option<Timeout>>,
    beat: RefCell<Option<Interval>>,
}

impl Hub {
    /// Not connected yet: see [`Hub::watch`].
    pub(super) fn new(tell: impl Fn(Told) + 'static) -> Self {
        Self(Rc::new(Inner {
            tell: Box::new(tell),
            site: RefCell::default(),
            state: RefCell::default(),
            socket: RefCell::default(),
            retry: Cell::default(),
            is_visible: Cell::new(true),
            asked_at: Cell::new(0),
            heard_at: Cell::new(0),
            timer: RefCell::default(),
            ack: RefCell::default(),
            beat: RefCell::default(),
        }))
    }

    /// Watches a site, in place of the one before.
    pub(super) fn watch(&self, site: String) {
        *self.0.site.borrow_mut() = site;
        *self.0.state.borrow_mut() = LiveState::default();
        self.now();
    }

    /// Connects at once, whatever the pace; a connection there is, is made anew.
    pub(super) fn now(&self) {
        self.0.retry.set(Retry::default());
        self.0.connect();
    }

    /// The page is visible, or no longer.
    pub(super) fn show(&self, is_visible: bool) {
        let inner = &self.0;
        inner.is_visible.set(is_visible);
        inner.timer.take();
        let has_socket = inner.socket.borrow().is_some();
        match (is_visible, has_socket) {
            (true, false) => self.now(),
            (false, true) => {
                let weak = Rc::downgrade(inner);
                let close = move || {
                    if let Some(inner) = weak.upgrade() {
                        inner.socket.take();
                        inner.beat.take();
                    }
                };
                inner.timer.replace(Some(Timeout::new(HIDDEN_MS, close)));
            }
            _ => {}
        }
    }

    /// The computer is not connected any more: nothing would be heard of that for a while.
    pub(super) fn offline(&self) {
        if self.0.socket.take().is_some() {
            self.0.end(0);
            (self.0.tell)(Told::Lost);
        }
    }

    /// What the hub has said so far.
    pub(super) fn state<T>(&self, read: impl FnOnce(&LiveState) -> T) -> T {
        read(&self.0.state.borrow())
    }
}

impl Inner {
    fn connect(self: &Rc<Self>) {
        self.timer.take();
        self.ack.take();
        let site = self.site.borrow().clone();
        if site.is_empty() || !self.is_visible.get() {
            return;
        }
        let after = self.state.borrow().resume().map(|resume| resume.to_string());
        self.asked_at.set(clock::local());
        self.heard_at.set(clock::local());
        // The earlier connection first: what it still had to say comes again over this one.
        self.socket.take();
        let hub = Rc::downgrade(self);
        let said = move |said| hear(&hub, said);
        let socket = Socket::open(&query::live(&site, after.as_deref()), said);
        let is_refused = socket.is_none();
        self.socket.replace(socket);
        if is_refused {
            return self.end(0);
        }
        if self.beat.borrow().is_none() {
            let hub = Rc::downgrade(self);
            let beat = move || {
                if let Some(hub) = hub.upgrade() {
                    hub.look_after();
                }
            };
            self.beat.replace(Some(Interval::new(BEAT_MS, beat)));
        }
    }

    /// The connection has ended, or could not be made.
    fn end(self: &Rc<Self>, code: u16) {
        self.socket.take();
        self.ack.take();
        let mut retry = self.retry.get();
        let wait = retry.after_end(code, js_sys::Math::random());
        self.retry.set(retry);
        if retry.is_lost(self.state.borrow().is_ready()) {
            (self.tell)(Told::Lost);
        }
        if !self.is_visible.get() {
            return;
        }
        let hub = Rc::downgrade(self);
        let again = move || {
            if let Some(hub) = hub.upgrade() {
                hub.connect();
            }
        };
        self.timer.replace(Some(Timeout::new(wait, again)));
    }

    fn look_after(self: &Rc<Self>) {
        let now = clock::local();
        let (quiet, asked) = (now.saturating_sub(self.heard_at.get()), self.asked_at.get());
        if self.socket.borrow().is_none() {
            return;
        }
        if quiet > DEAD_MS {
            return self.end(0);
        }
        if !self.state.borrow().is_ready() && now.saturating_sub(asked) > SLOW_MS {
            (self.tell)(Told::Lost);
        }
        if quiet >= QUIET_MS
            && let Some(socket) = &*self.socket.borrow()
        {
            socket.say(PING);
        }
    }

    fn take(self: &Rc<Self>, bytes: &[u8]) {
        let Ok(frame) = Frame::decode(bytes) else {
            // Of another version: a page that is loaded anew understands it, and polling does meanwhile.
            return self.end(0);
        };
        if let Frame::Hello(hello) = &frame {
            (self.tell)(Told::Clock(self.asked_at.get(), hello.time));
        }
        let has_events = match &frame {
            Frame::Delta(delta) => !delta.minutes.is_empty() || !delta.rows.is_empty(),
            _ => true,
        };
        let applied = self.state.borrow_mut().apply(frame);
        if self.state.borrow().is_ready() {
            let mut retry = self.retry.get();
            retry.succeeded();
            self.retry.set(retry);
        }
        self.acknowledge();
        match applied {
            Applied::Nothing => {}
            Applied::Changed { rows } => {
                (self.tell)(Told::State(has_events.then(|| News::Events(rows.into()))));
            }
            Applied::Reloaded => (self.tell)(Told::State(Some(News::Reload))),
        }
        // The state may be ready without having changed: who comes back has missed nothing.
        (self.tell)(Told::Heard);
    }

    fn acknowledge(self: &Rc<Self>) {
        let due = self.state.borrow_mut().acknowledge();
        if let Some(message) = due {
            self.ack.take();
            if let Some(socket) = &*self.socket.borrow() {
                socket.send(&message.encode());
            }
        } else if self.ack.borrow().is_none() {
            let hub = Rc::downgrade(self);
            let late = move || {
                let Some(hub) = hub.upgrade() else { return };
                hub.ack.take();
                if !hub.state.borrow().is_ready() {
                    return;
                }
                let message = hub.state.borrow_mut().acknowledge_now();
                if let Some(socket) = &*hub.socket.borrow() {
                    socket.send(&message.encode());
                }
            };
            self.ack.replace(Some(Timeout::new(ACK_MS, late)));
        }
    }
}

fn hear(hub: &Weak<Inner>, said: Said) {
    let Some(hub) = hub.upgrade() else { return };
    hub.heard_at.set(clock::local());
    match said {
        Said::Open => {}
        Said::Frame(bytes) => hub.take(&bytes),
        Said::Text(_) => (hub.tell)(Told::Heard),
        Said::Ended(code) => hub.end(code),
    }
}
