//! Keyboard shortcuts: each is registered by the part of the page that obeys it, and the help lists what is registered.

use leptos::prelude::*;

use crate::browser::keys;
use crate::model::i18n::Message;

/// A shortcut.
struct Shortcut {
    number: u64,
    key: &'static str,
    section: Message,
    message: Message,
    act: Box<dyn Fn()>,
}

/// A line of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The key as `KeyboardEvent.key` names it.
    pub key: &'static str,
    /// Which part of the page obeys it.
    pub section: Message,
    /// What it does.
    pub message: Message,
}

/// The shortcuts; a copy is the same list. In the context of every component.
#[derive(Clone, Copy)]
pub struct Keys {
    list: StoredValue<Vec<Shortcut>, LocalStorage>,
    next: StoredValue<u64>,
    version: RwSignal<u64>,
}

impl Keys {
    /// Begins to listen.
    pub fn start() -> Self {
        let keys = Self {
            list: StoredValue::new_local(Vec::new()),
            next: StoredValue::new(0),
            version: RwSignal::new(0),
        };
        keys::on_key(move |pressed| keys.press(pressed));
        keys
    }

    /// The shortcuts of the page this component is on.
    pub fn get() -> Self {
        expect_context()
    }

    /// Obeys `key` for as long as the current component lives. Letters are given in lower case, and upper case is the
    /// same key. The last one registered wins.
    pub fn on(self, key: &'static str, section: Message, message: Message, act: impl Fn() + 'static) {
        self.add(Shortcut { number: self.next.get_value(), key, section, message, act: Box::new(act) });
    }

    /// [`Self::on`] without the type of the closure, of which there is one for each shortcut.
    fn add(self, shortcut: Shortcut) {
        let number = shortcut.number;
        self.next.set_value(number + 1);
        self.list.update_value(|list| list.push(shortcut));
        self.version.update(|version| *version += 1);
        on_cleanup(move || {
            let _ = self.list.try_update_value(|list| list.retain(|shortcut| shortcut.number != number));
            let _ = self.version.try_update(|version| *version += 1);
        });
    }

    /// What there is, in the order of registration.
    pub fn lines(self) -> Vec<Line> {
        self.version.track();
        self.list.with_value(|list| {
            let line = |shortcut: &Shortcut| Line {
                key: shortcut.key,
                section: shortcut.section,
                message: shortcut.message,
            };
            list.iter().map(line).collect()
        })
    }

    fn press(self, pressed: &str) -> bool {
        let lower = pressed.to_ascii_lowercase();
        // Taken out while it acts: what it does may register others.
        let found = self.list.try_update_value(|list| {
            let place = list.iter().rposition(|shortcut| shortcut.key.eq_ignore_ascii_case(&lower))?;
            let act: Box<dyn Fn()> = Box::new(|| {});
            Some((list[place].number, std::mem::replace(&mut list[place].act, act)))
        });
        let Some((number, act)) = found.flatten() else { return false };
        act();
        let _ = self.list.try_update_value(|list| {
            if let Some(shortcut) = list.iter_mut().find(|shortcut| shortcut.number == number) {
                shortcut.act = act;
            }
        });
        true
    }
}
