//! Answers of the store that an isolate keeps for a while, what is not there included.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::rc::Rc;

/// What the cache knows under a key. A value of `None` inside means: the store has none.
pub(crate) enum Known<V: ?Sized> {
    /// It may be used.
    Fresh(Option<Rc<V>>),
    /// It may be used while it is asked for again, or when the store does not answer.
    Stale(Option<Rc<V>>),
    /// Nothing.
    Nothing,
}

/// How long answers are used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lifetime {
    /// What is there, milliseconds.
    pub(crate) found: u64,
    /// What is not there, milliseconds.
    pub(crate) missing: u64,
    /// What is no longer fresh is used for this long while the store does not answer, milliseconds.
    pub(crate) stale: u64,
}

/// Most entries. Whoever asks for things that are not there must not fill the isolate's memory.
const MAX_ENTRIES: usize = 10_000;

struct Entry {
    value: Option<Rc<dyn Any>>,
    loaded_at: u64,
    /// When somebody last went to ask for it again.
    asked_at: u64,
}

/// A cache. What it holds is of one type, but kept without it: the map's code is large, and one copy serves all.
pub(crate) struct Cache<V> {
    lifetime: Lifetime,
    entries: RefCell<HashMap<String, Entry>>,
    holds: PhantomData<V>,
}

/// Only one of the requests that find an entry stale goes to ask, and the next one after this long, milliseconds.
const ASK_AGAIN_MS: u64 = 2_000;

impl<V: 'static> Cache<V> {
    pub(crate) fn new(lifetime: Lifetime) -> Self {
        Self { lifetime, entries: RefCell::default(), holds: PhantomData }
    }

    /// What is known under a key at `now`. The first to be told [`Known::Stale`] has to ask the store; for others
    /// the entry counts as fresh meanwhile.
    pub(crate) fn get(&self, key: &str, now: u64) -> Known<V> {
        let typed = |value: Option<Rc<dyn Any>>| value.and_then(|value| value.downcast().ok());
        match get(&mut self.entries.borrow_mut(), self.lifetime, key, now) {
            Known::Fresh(value) => Known::Fresh(typed(value)),
            Known::Stale(value) => Known::Stale(typed(value)),
            Known::Nothing => Known::Nothing,
        }
    }

    /// Keeps an answer.
    pub(crate) fn put(&self, key: String, value: Option<V>, now: u64) -> Option<Rc<V>> {
        let value = value.map(Rc::new);
        let kept = value.clone().map(|value| value as Rc<dyn Any>);
        put(&mut self.entries.borrow_mut(), key, Entry { value: kept, loaded_at: now, asked_at: 0 });
        value
    }

    /// Forgets everything: something was changed here, and this isolate at least must see it at once.
    pub(crate) fn clear(&self) {
        self.entries.borrow_mut().clear();
    }
}

fn get(entries: &mut HashMap<String, Entry>, lifetime: Lifetime, key: &str, now: u64) -> Known<dyn Any> {
    let Some(entry) = entries.get_mut(key) else { return Known::Nothing };
    let age = now.saturating_sub(entry.loaded_at);
    let fresh = if entry.value.is_some() { lifetime.found } else { lifetime.missing };
    if age < fresh {
        return Known::Fresh(entry.value.clone());
    }
    if age >= fresh + lifetime.stale || entry.value.is_none() {
        return Known::Nothing;
    }
    if now < entry.asked_at + ASK_AGAIN_MS {
        return Known::Fresh(entry.value.clone());
    }
    entry.asked_at = now;
    Known::Stale(entry.value.clone())
}

fn put(entries: &mut HashMap<String, Entry>, key: String, entry: Entry) {
    if entries.len() >= MAX_ENTRIES && !entries.contains_key(&key) {
        // What is not there first: it costs one question to learn again.
        entries.retain(|_, entry| entry.value.is_some());
        if entries.len() >= MAX_ENTRIES {
            entries.clear();
        }
    }
    entries.insert(key, entry);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache() -> Cache<u32> {
        Cache::new(Lifetime { found: 60_000, missing: 5_000, stale: 600_000 })
    }

    fn is_fresh(cache: &Cache<u32>, key: &str, now: u64) -> bool {
        matches!(cache.get(key, now), Known::Fresh(_))
    }

    #[test]
    fn answer_is_fresh_for_a_minute_and_absence_for_a_moment() {
        let cache = cache();
        assert!(matches!(cache.get("a", 0), Known::Nothing));
        cache.put("a".into(), Some(1), 0);
        cache.put("b".into(), None, 0);
        assert!(is_fresh(&cache, "a", 59_999) && is_fresh(&cache, "b", 4_999));
        assert!(matches!(cache.get("b", 5_000), Known::Nothing));
        assert!(matches!(cache.get("a", 660_000), Known::Nothing));
    }

    #[test]
    fn only_one_request_asks_again_for_what_is_stale() {
        let cache = cache();
        cache.put("a".into(), Some(1), 0);
        assert!(matches!(cache.get("a", 60_000), Known::Stale(Some(_))));
        assert!(is_fresh(&cache, "a", 60_001), "somebody is asking");
        assert!(matches!(cache.get("a", 62_000), Known::Stale(Some(_))), "nobody came back");
        cache.put("a".into(), Some(2), 62_100);
        assert!(is_fresh(&cache, "a", 100_000));
    }

    #[test]
    fn questions_for_what_is_not_there_do_not_fill_the_memory() {
        let cache = cache();
        cache.put("known".into(), Some(1), 0);
        for number in 0..2 * MAX_ENTRIES {
            cache.put(format!("unknown {number}"), None, 0);
        }
        assert!(cache.entries.borrow().len() <= MAX_ENTRIES);
        assert!(is_fresh(&cache, "known", 1));
    }
}
