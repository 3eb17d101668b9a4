//! Joins core and browser: listeners, timer, requests.

use std::cell::{OnceCell, RefCell};
use std::rc::{Rc, Weak};

use protocol::SiteId;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventTarget, PageTransitionEvent};

use super::listen::{Listener, Timer};
use super::world::Page;
use crate::core::{Core, Moment, World, click};

/// What the browser tells.
#[derive(Clone, Copy)]
enum Signal {
    Timer,
    Click,
    Activity,
    Scroll,
    Visibility,
    Focus,
    Leave,
    Return,
    Popped,
    Online,
}

/// What is listened to: the first at the document, the others at the window.
///
/// `pointermove` stands for mouse, pen and finger alike until a finger scrolls; then `scroll` comes. Never
/// `unload` or `beforeunload`: one such listener keeps a page out of the back/forward cache.
const SIGNALS: [(&str, Signal); 13] = [
    ("click", Signal::Click),
    ("auxclick", Signal::Click),
    ("pointermove", Signal::Activity),
    ("pointerdown", Signal::Activity),
    ("keydown", Signal::Activity),
    ("scroll", Signal::Scroll),
    ("visibilitychange", Signal::Visibility),
    ("focus", Signal::Focus),
    ("blur", Signal::Focus),
    ("pagehide", Signal::Leave),
    ("pageshow", Signal::Return),
    ("popstate", Signal::Popped),
    ("online", Signal::Online),
];

/// How many of them are listened to at the document.
const AT_DOCUMENT: usize = 7;

/// The running tracker.
pub(super) struct Shell {
    core: RefCell<Core>,
    page: Page,
    timer: OnceCell<Timer>,
    /// Emptied when the tracker stops.
    listeners: RefCell<Vec<Listener>>,
}

impl Shell {
    /// Starts tracking a document.
    pub(super) fn start(site: SiteId, page: Page) -> Rc<Self> {
        let mut random = || page.random();
        let mut moment = Moment { now: page.now(), random: &mut random, world: &page };
        let core = Core::start(&mut moment, site, page.is_visible(), page.is_focused());
        let shell = Rc::new(Self {
            core: RefCell::new(core),
            page,
            timer: OnceCell::new(),
            listeners: RefCell::default(),
        });
        let Page { host, window, document, .. } = &shell.page;
        let _ = shell.timer.set(Timer::new(host, window.clone(), shell.on(Signal::Timer)));
        let mut listeners = Vec::with_capacity(SIGNALS.len());
        for (index, (kind, signal)) in SIGNALS.into_iter().enumerate() {
            let target: &EventTarget = if index < AT_DOCUMENT { document } else { window };
            listeners.push(Listener::new(host, target, kind, shell.on(signal)));
        }
        shell.listeners.replace(listeners);
        shell.run(false, &mut |_, _| {});
        shell
    }

    /// Tells the core something, sends what it wants sent and sets the timer. Does nothing once stopped.
    pub(super) fn run(&self, urgent: bool, tell: &mut dyn FnMut(&mut Core, &mut Moment<'_>)) {
        if self.listeners.borrow().is_empty() {
            return;
        }
        self.tell(urgent, tell);
        let wake_at = self.core.try_borrow().ok().and_then(|core| core.wake_at());
        if let Some(timer) = self.timer.get() {
            timer.set(self.page.now(), wake_at);
        }
    }

    /// Says goodbye and takes everything down.
    pub(super) fn stop(&self) {
        self.run(true, &mut |core, moment| core.gone(moment));
        if let Some(timer) = self.timer.get() {
            timer.set(0, None);
        }
        self.listeners.take();
    }

    fn tell(&self, urgent: bool, tell: &mut dyn FnMut(&mut Core, &mut Moment<'_>)) {
        let now = self.page.now();
        // Storage and fetch may be wrapped by the page, and the wrapper may call the tracker: a call that
        // comes while the core is at work is left out.
        let Ok(mut core) = self.core.try_borrow_mut() else { return };
        let mut random = || self.page.random();
        tell(&mut core, &mut Moment { now, random: &mut random, world: &self.page });
        let mut requests = Vec::new();
        while let Some(request) = core.outgoing(now, urgent, &|| self.page.context()) {
            requests.push(request);
        }
        if core.is_hidden() {
            core.persist(&self.page);
        }
        drop(core);
        for request in requests {
            self.page.host.post(request.number, &request.body);
        }
    }

    fn on(self: &Rc<Self>, signal: Signal) -> Closure<dyn FnMut(Event)> {
        let shell = Rc::downgrade(self);
        Closure::new(move |event: Event| notice(&shell, signal, &event))
    }

    fn notice(&self, signal: Signal, event: &Event) {
        let page = &self.page;
        match signal {
            // These come by the hundred and never have anything to send.
            Signal::Activity | Signal::Scroll => {
                if let Ok(mut core) = self.core.try_borrow_mut() {
                    match signal {
                        Signal::Scroll => core.scrolled(page.now(), page.scroll()),
                        _ => core.activity(page.now()),
                    }
                }
            }
            Signal::Timer => {
                if let Some(timer) = self.timer.get() {
                    timer.fired();
                }
                self.run(false, &mut |core, moment| core.tick(moment));
            }
            Signal::Click => {
                let found = page.host.click(event).unwrap_or_default();
                if let Some(click) = click(&found) {
                    self.run(false, &mut |core, moment| core.click(moment, click.clone()));
                }
            }
            Signal::Visibility => {
                self.run(false, &mut |core, moment| core.set_visible(moment, page.is_visible()));
            }
            // Asked for, not derived: a frame inside the page takes the focus with a blur, too.
            Signal::Focus => {
                self.run(false, &mut |core, moment| core.set_focused(moment, page.is_focused()));
            }
            Signal::Leave => self.run(true, &mut |core, moment| core.gone(moment)),
            Signal::Return => {
                if event.unchecked_ref::<PageTransitionEvent>().persisted() {
                    self.run(false, &mut |core, moment| core.set_visible(moment, page.is_visible()));
                }
            }
            Signal::Popped => self.run(false, &mut |core, moment| core.navigated(moment, false)),
            Signal::Online => self.run(false, &mut |core, _| core.online()),
        }
    }
}

fn notice(shell: &Weak<Shell>, signal: Signal, event: &Event) {
    if let Some(shell) = shell.upgrade() {
        shell.notice(signal, event);
    }
}
