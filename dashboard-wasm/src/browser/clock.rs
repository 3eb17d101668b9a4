//! The worker's clock as the page sees it.

use gloo_timers::callback::Interval;
use js_sys::Date;
use leptos::prelude::*;

use crate::model::clock::Skew;

/// When a request left and when its answer came, by the computer's clock.
#[derive(Debug, Clone, Copy)]
pub struct Trip {
    /// When it left.
    pub sent: u64,
    /// When the answer came.
    pub answered: u64,
}

/// The worker's clock.
#[derive(Clone, Copy)]
pub struct Clock {
    skew: StoredValue<Skew>,
    ticking: RwSignal<u64>,
}

impl Clock {
    /// Starts a clock that ticks each second while `visible`.
    pub fn start(visible: ReadSignal<bool>) -> Self {
        let clock = Self { skew: StoredValue::new(Skew::default()), ticking: RwSignal::new(local()) };
        let timer = StoredValue::new_local(None);
        Effect::new(move || {
            let ticks = visible.get().then(|| {
                clock.tick();
                Interval::new(1_000, move || clock.tick())
            });
            timer.set_value(ticks);
        });
        clock
    }

    /// The time to the second; whoever reads it is called again as it passes.
    pub fn now(self) -> u64 {
        self.ticking.get()
    }

    /// The exact time.
    pub fn read(self) -> u64 {
        self.skew.get_value().apply(local())
    }

    /// Learns from an answer.
    pub fn learn(self, trip: Trip, generated_at: u64) {
        let known = self.skew.get_value();
        let learned = known.learn(trip.sent, trip.answered, generated_at);
        if learned != known {
            self.skew.set_value(learned);
            self.tick();
        }
    }

    fn tick(self) {
        self.ticking.set(self.read());
    }
}

/// The computer's clock.
pub fn local() -> u64 {
    Date::now() as u64
}
