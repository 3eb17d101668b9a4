//! A world of paper for the tests of the core.

use std::cell::{Cell, RefCell};

use super::{Key, Moment, Scroll, World};

/// A page, a storage and a clock that only move when told to.
pub(super) struct Lab {
    now: Cell<u64>,
    identity: RefCell<Option<String>>,
    unsent: RefCell<Option<String>>,
    writes: Cell<u32>,
    pub(super) url: RefCell<String>,
    pub(super) title: RefCell<String>,
    pub(super) scroll: Cell<Scroll>,
}

impl Lab {
    pub(super) fn new() -> Self {
        Self {
            now: Cell::new(1_763_866_800_000),
            identity: RefCell::default(),
            unsent: RefCell::default(),
            writes: Cell::default(),
            url: RefCell::new("https://shop.example/".into()),
            title: RefCell::new("Home".into()),
            scroll: Cell::new(Scroll { bottom: 700, height: 1_000 }),
        }
    }

    pub(super) fn now(&self) -> u64 {
        self.now.get()
    }

    pub(super) fn pass(&self, ms: u64) {
        self.now.set(self.now.get() + ms);
    }

    pub(super) fn set(&self, now: u64) {
        self.now.set(now);
    }

    pub(super) fn writes(&self) -> u32 {
        self.writes.get()
    }

    /// The circumstances of this instant. Random bytes count up: no two ids of a test run are equal.
    pub(super) fn moment(&self) -> Moment<'_> {
        Moment { now: self.now(), random: Box::leak(Box::new(random)), world: self }
    }
}

fn random() -> [u8; 10] {
    thread_local!(static DRAWN: Cell<u64> = const { Cell::new(0) });
    let drawn = DRAWN.get() + 1;
    DRAWN.set(drawn);
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&drawn.to_be_bytes());
    bytes
}

impl World for Lab {
    fn read(&self, key: Key) -> Option<String> {
        match key {
            Key::Identity => self.identity.borrow().clone(),
            Key::Unsent => self.unsent.borrow().clone(),
        }
    }

    fn write(&self, key: Key, value: &str) {
        self.writes.set(self.writes.get() + 1);
        let value = (!value.is_empty()).then(|| value.to_owned());
        match key {
            Key::Identity => self.identity.replace(value),
            Key::Unsent => self.unsent.replace(value),
        };
    }

    fn url(&self) -> String {
        self.url.borrow().clone()
    }

    fn title(&self) -> String {
        self.title.borrow().clone()
    }

    fn referrer(&self) -> String {
        "https://search.example/".into()
    }

    fn scroll(&self) -> Scroll {
        self.scroll.get()
    }
}
