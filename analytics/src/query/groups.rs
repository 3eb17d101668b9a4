//! Groups and what is summed up of each.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use protocol::query::{MAX_DIMENSIONS, QueryError};

use super::money::Sum;
use super::sketch::Sketch;

/// Codes of the dimensions of a group; unused ones are 0.
pub(crate) type Key = [u32; MAX_DIMENSIONS];

/// Largest table that finds a group by its codes at once.
const MAX_TABLE: usize = 1 << 20;

/// Most groups of a query: 100 MB of sums.
const MAX_GROUPS: usize = 1_000_000;

/// What is summed up of every group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    /// The last visitor and visit (and one) seen: both come in order.
    pub(crate) last_user: u32,
    pub(crate) last_visit: u32,
    pub(crate) visitors: u32,
    pub(crate) visits: u32,
    pub(crate) views: u32,
    pub(crate) events: u32,
    /// Visits that count for the bounce rate, and those that bounced.
    pub(crate) entered: u32,
    pub(crate) bounced: u32,
    pub(crate) duration_ms: u64,
    pub(crate) engaged_ms: u64,
}

/// What is summed up only if a metric asks for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct More {
    pub(crate) last_converter: u32,
    pub(crate) converters: u32,
    pub(crate) conversions: u32,
    pub(crate) entries: u32,
    pub(crate) exits: u32,
    pub(crate) timed_pages: u32,
    pub(crate) scrolled_pages: u32,
    pub(crate) page_ms: u64,
    pub(crate) scroll: u64,
}

/// Groups by their codes.
#[derive(Debug)]
pub(crate) struct Groups {
    pub(crate) keys: Vec<Key>,
    pub(crate) cells: Vec<Cell>,
    pub(crate) more: Vec<More>,
    pub(crate) sketches: Vec<Sketch>,
    /// By group and currency.
    pub(crate) revenue: BTreeMap<(u32, u32), Sum>,
    find: Find,
    with_more: bool,
    with_sketches: bool,
}

#[derive(Debug)]
enum Find {
    /// Product of the domains before each dimension, and the group (and one) of each combination of codes.
    Table([usize; MAX_DIMENSIONS], Vec<u32>),
    Hash(HashMap<Key, u32, BuildHasherDefault<Mix>>),
}

/// A quick hash. Codes are ranks of texts among all texts of a column: nobody picks them to fall together.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let word = chunk.iter().rev().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
            self.write_u64(word);
        }
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(word.into());
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(26) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Groups {
    /// Room for groups of dimensions of so many codes each.
    pub(crate) fn new(domains: &[usize], with_more: bool, with_sketches: bool) -> Self {
        let mut strides = [0; MAX_DIMENSIONS];
        let mut product = Some(1_usize);
        for (stride, domain) in strides.iter_mut().zip(domains) {
            *stride = product.unwrap_or(0);
            product = product.and_then(|product| product.checked_mul((*domain).max(1)));
        }
        let largest = domains.iter().copied().max().unwrap_or(1);
        let find = match product {
            // One dimension alone is never larger than its dictionary.
            Some(product) if product <= MAX_TABLE.max(largest) => Find::Table(strides, vec![0; product]),
            _ => Find::Hash(HashMap::default()),
        };
        Self {
            keys: Vec::new(),
            cells: Vec::new(),
            more: Vec::new(),
            sketches: Vec::new(),
            revenue: BTreeMap::new(),
            find,
            with_more,
            with_sketches,
        }
    }

    /// The number of a group, made if it is not there.
    ///
    /// # Errors
    /// There are too many groups.
    #[inline]
    pub(crate) fn number(&mut self, key: &Key) -> Result<usize, QueryError> {
        let place = match &mut self.find {
            Find::Table(strides, table) => {
                let place: usize =
                    key.iter().zip(strides).map(|(code, stride)| *code as usize * *stride).sum();
                // Codes are below their domains, so the place is in the table.
                let Some(place) = table.get_mut(place) else { return Err(too_many()) };
                place
            }
            Find::Hash(groups) => groups.entry(*key).or_insert(0),
        };
        if *place == 0 {
            if self.cells.len() >= MAX_GROUPS {
                return Err(too_many());
            }
            self.keys.push(*key);
            self.cells.push(Cell::default());
            if self.with_more {
                self.more.push(More::default());
            }
            if self.with_sketches {
                self.sketches.push(Sketch::default());
            }
            *place = self.cells.len() as u32;
        }
        Ok(*place as usize - 1)
    }

    /// The number of a group if it is there.
    pub(crate) fn find(&self, key: &Key) -> Option<usize> {
        let number = match &self.find {
            Find::Table(strides, table) => {
                let place: usize =
                    key.iter().zip(strides).map(|(code, stride)| *code as usize * *stride).sum();
                table.get(place).copied()
            }
            Find::Hash(groups) => groups.get(key).copied(),
        };
        let number = (number? as usize).checked_sub(1)?;
        // Codes of another period may lie beyond the domains of this one and then meet another group's place.
        (self.keys.get(number) == Some(key)).then_some(number)
    }

    /// Adds the sums of a group of other visitors to a group. Money is added by whoever knows the currencies.
    pub(crate) fn add(&mut self, into: usize, others: &Self, number: usize) {
        if let (Some(own), Some(more)) = (self.cells.get_mut(into), others.cells.get(number)) {
            own.visitors += more.visitors;
            own.visits += more.visits;
            own.views += more.views;
            own.events += more.events;
            own.entered += more.entered;
            own.bounced += more.bounced;
            own.duration_ms += more.duration_ms;
            own.engaged_ms += more.engaged_ms;
        }
        if let (Some(own), Some(more)) = (self.more.get_mut(into), others.more.get(number)) {
            own.converters += more.converters;
            own.conversions += more.conversions;
            own.entries += more.entries;
            own.exits += more.exits;
            own.timed_pages += more.timed_pages;
            own.scrolled_pages += more.scrolled_pages;
            own.page_ms += more.page_ms;
            own.scroll += more.scroll;
        }
        if let (Some(own), Some(more)) = (self.sketches.get_mut(into), others.sketches.get(number)) {
            own.merge(more);
        }
    }

    /// How many groups there are.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }
}

fn too_many() -> QueryError {
    QueryError::new(
        "dimensions",
        "there are more than a million groups: use fewer dimensions or more filters",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_beyond_its_domain_finds_no_other_group() {
        let mut groups = Groups::new(&[2, 3], false, false);
        let key = |a, b| {
            let mut key = [0; MAX_DIMENSIONS];
            (key[0], key[1]) = (a, b);
            key
        };
        let number = groups.number(&key(0, 1)).unwrap();
        assert_eq!(groups.find(&key(0, 1)), Some(number));
        // 2 + 0 · 2 is the place of 0 + 1 · 2.
        assert_eq!(groups.find(&key(2, 0)), None);
        assert_eq!(groups.find(&key(9, 9)), None);
    }
}
