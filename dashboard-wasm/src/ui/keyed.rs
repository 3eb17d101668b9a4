//! Rows that stay the same rows while their contents change.

use leptos::prelude::*;

use super::bind::effect;

/// A row: who it is, and a signal of what it holds.
#[derive(Clone)]
pub struct Entry<T: 'static> {
    /// Its identity.
    pub key: String,
    /// What it holds now.
    pub value: ArcRwSignal<T>,
    /// How often something worth a glance has happened to it, its coming after the first rows included.
    pub news: ArcRwSignal<u32>,
}

/// Follows `source`: a changed item changes its row's signal, and the list itself changes only when rows come, go
/// or move. `is_news` tells which changes are counted as news.
pub fn keyed<T>(
    source: Memo<Vec<T>>,
    key: fn(&T) -> &str,
    is_news: fn(&T, &T) -> bool,
) -> ReadSignal<Vec<Entry<T>>>
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let (entries, set_entries) = signal(Vec::<Entry<T>>::new());
    effect(move || {
        source.with(|items| {
            let old = entries.read_untracked();
            let first = u32::from(!old.is_empty());
            let entry = |item: &T| {
                let Some(entry) = old.iter().find(|entry| entry.key == key(item)) else {
                    let (value, news) = (ArcRwSignal::new(item.clone()), ArcRwSignal::new(first));
                    return Entry { key: key(item).into(), value, news };
                };
                let (is_changed, is_news) =
                    entry.value.with_untracked(|value| (value != item, is_news(value, item)));
                if is_changed {
                    entry.value.set(item.clone());
                }
                if is_news {
                    entry.news.update(|count| *count += 1);
                }
                entry.clone()
            };
            let new: Vec<_> = items.iter().map(entry).collect();
            let is_same = old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| old.key == new.key);
            drop(old);
            if !is_same {
                set_entries.set(new);
            }
        });
    });
    entries
}
