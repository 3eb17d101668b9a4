//! Asking again and again, one question at a time.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use serde::de::DeserializeOwned;
use wasm_bindgen_futures::spawn_local;

use super::api::{self, Abort};
use super::clock::{self, Trip};
use crate::model::failure::Failure;
use crate::model::pace::Pace;

/// A question that is asked again after each answer, while the page is visible. Dropping it cancels the request
/// under way and the timer.
#[must_use = "a poll that is not kept asks nothing"]
pub struct Poll<T: 'static>(Rc<Inner<T>>);

struct Inner<T> {
    address: Box<dyn Fn() -> String>,
    answered: Box<dyn Fn(Result<T, Failure>, Trip)>,
    pace: Cell<Pace>,
    /// The shortest wait after an answer, milliseconds.
    shortest: u32,
    is_visible: Cell<bool>,
    /// Number of the newest request; answers to older ones are ignored.
    newest: Cell<u64>,
    request: RefCell<Option<Abort>>,
    timer: RefCell<Option<Timeout>>,
}

impl<T: DeserializeOwned + 'static> Poll<T> {
    /// Asks `address`, made anew for each request, and hands every answer to `answered`. Begins with
    /// [`Poll::show`]. After an answer it waits for `shortest` milliseconds, a second at least.
    pub fn new(
        shortest: u32,
        address: impl Fn() -> String + 'static,
        answered: impl Fn(Result<T, Failure>, Trip) + 'static,
    ) -> Self {
        Self(Rc::new(Inner {
            shortest,
            address: Box::new(address),
            answered: Box::new(answered),
            pace: Cell::default(),
            is_visible: Cell::new(false),
            newest: Cell::new(0),
            request: RefCell::default(),
            timer: RefCell::default(),
        }))
    }

    /// The page is visible: asks at once, unless an answer is already on its way.
    pub fn show(&self) {
        self.0.is_visible.set(true);
        if self.0.request.borrow().is_none() {
            self.0.ask();
        }
    }

    /// The page is hidden: an answer under way is still taken, then nothing more is asked.
    pub fn hide(&self) {
        self.0.is_visible.set(false);
        self.0.timer.take();
    }

    /// Asks nothing more until [`Poll::show`]; an answer under way is not waited for.
    pub fn stop(&self) {
        self.hide();
        self.0.request.take();
        self.0.newest.set(self.0.newest.get() + 1);
    }

    /// The question has changed, or somebody asks for a try: what is under way is dropped, a new request leaves
    /// at once.
    pub fn restart(&self) {
        self.0.pace.set(Pace::default());
        self.0.ask();
    }
}

impl<T: DeserializeOwned + 'static> Inner<T> {
    fn ask(self: &Rc<Self>) {
        self.timer.take();
        let number = self.newest.get() + 1;
        self.newest.set(number);
        let abort = Abort::new();
        let signal = abort.signal();
        // Dropping the earlier handle cancels the earlier request.
        self.request.replace(Some(abort));

        let address = (self.address)();
        let poll = Rc::downgrade(self);
        spawn_local(async move {
            let sent = clock::local();
            let answer = api::get::<T>(&address, signal).await;
            let trip = Trip { sent, answered: clock::local() };
            if let Some(poll) = poll.upgrade()
                && poll.newest.get() == number
            {
                poll.take(answer, trip);
            }
        });
    }

    fn take(self: &Rc<Self>, answer: Result<T, Failure>, trip: Trip) {
        self.request.take();
        let mut pace = self.pace.get();
        let wait = match &answer {
            Ok(_) => pace.after_answer(trip.answered.saturating_sub(trip.sent) as f64).max(self.shortest),
            Err(_) => pace.after_failure(),
        };
        self.pace.set(pace);
        (self.answered)(answer, trip);
        // What was answered may have restarted the poll.
        if self.is_visible.get() && self.request.borrow().is_none() {
            let poll = Rc::downgrade(self);
            let again = move || {
                if let Some(poll) = poll.upgrade() {
                    poll.ask();
                }
            };
            self.timer.replace(Some(Timeout::new(wait, again)));
        }
    }
}
