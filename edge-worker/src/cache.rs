//! Answers of the store that an isolate keeps for a while, what is not there included.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// What the cache knows under a key. A value of `None` inside means: the store has none.
#[derive(Debug)]
pub(crate) enum Known<V> {
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

struct Entry<V> {
    value: Option<Rc<V>>,
    loaded_at: u64,
    /// When somebody last went to ask for it again.
    asked_at: u64,
}

/// A cache.
pub(crate) struct Cache<V> {
    lifetime: Lifetime,
    entries: RefCell<HashMap<String, Entry<V>>>,
}

/// Only one of the requests that find an entry stale goes to ask, and the next one after this long, milliseconds.
const ASK_AGAIN_MS: u64 = 2_000;

impl<V> Cache<V> {
    pub(crate) fn new(lifetime: Lifetime) -> Self {
        Self { lifetime, entries: RefCell::default() }
    }

    /// What is known under a key at `now`. The first to be told [`Known::Stale`] has to ask the store; for others
    /// the entry counts as fresh meanwhile.
    pub(crate) fn get(&self, key: &str, now: u64) -> Known<V> {
        let mut entries = self.entries.borrow_mut();
        let Some(entry) = entries.get_mut(key) else { return Known::Nothing };
        let age = now.saturating_sub(entry.loaded_at);
        let fresh = if entry.value.is_some() { self.lifetime.found } else { self.lifetime.missing };
        if age < fresh {
            return Known::Fresh(entry.value.clone());
        }
        if age >= fresh + self.lifetime.stale || entry.value.is_none() {
            return Known::Nothing;
        }
        if now < entry.asked_at + ASK_AGAIN_MS {
            return Known::Fresh(entry.value.clone());
        }
        entry.asked_at = now;
        Known::Stale(entry.value.clone())
    }

    /// Keeps an answer.
    pub(crate) fn put(&self, key: String, value: Option<V>, now: u64) -> Option<Rc<V>> {
        let value = value.map(Rc::new);
        let mut entries = self.entries.borrow_mut();
        if entries.len() >= MAX_ENTRIES && !entries.contains_key(&key) {
            // What is not there first: it costs one question to learn again.
            entries.retain(|_, entry| entry.value.is_some());
            if entries.len() >= MAX_ENTRIES {
                entries.clear();
            }
        }
        entries.insert(key, Entry { value: value.clone(), loaded_at: now, asked_at: 0 });
        value
    }

    /// Forgets everything: something was changed here, and this isolate at least must see it at once.
    pub(crate) fn clear(&self) {
        self.entries.borrow_mut().clear();
    }
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
