//! Columns of several parts to one.

use super::NOWHERE;
use crate::codes::{Code, Codes};
use crate::dataset::Dataset;
use crate::dict::{Dict, Texts};
use crate::sort::{merge_runs, sorted};
use crate::with_codes;

/// A dictionary of all texts of several, and what their codes have become.
#[derive(Default)]
pub(super) struct Union {
    pub(super) dict: Dict,
    pub(super) maps: Vec<Map>,
}

/// New codes by old ones.
pub(super) enum Map {
    /// They are the same.
    Same,
    /// They are these.
    To(Vec<u32>),
}

impl Map {
    #[inline]
    pub(super) fn of(&self, code: u32) -> u32 {
        match self {
            Self::Same => code,
            Self::To(codes) => codes.get(code as usize).copied().unwrap_or(0),
        }
    }
}

impl Union {
    #[inline(never)]
    pub(super) fn of(dicts: &[&Dict]) -> Self {
        let mut all: Vec<&str> = Vec::new();
        let mut runs = Vec::new();
        let mut first: Option<&Dict> = None;
        for dict in dicts {
            if first.is_none_or(|first| first != *dict) {
                first = first.or(Some(dict));
                runs.push(all.len());
                all.extend(dict.iter().skip(1));
            }
        }
        let mut all = merge_runs(all, runs, |a, b| a <= b);
        all.dedup();
        let mut union = Dict::default();
        all.into_iter().for_each(|text| union.push(text));
        let maps = dicts.iter().map(|dict| {
            if **dict == union {
                return Map::Same;
            }
            let mut next = union.iter().zip(0..).peekable();
            let find = |text: &str| {
                while next.next_if(|(other, _)| *other < text).is_some() {}
                next.peek().map_or(0, |(_, code)| *code)
            };
            Map::To(dict.iter().map(find).collect())
        });
        Self { maps: maps.collect(), dict: union }
    }
}

/// Puts the codes of a part where they belong.
pub(super) fn scatter(codes: &Codes, places: &[u32], map: &Map, out: &mut [u32]) {
    with_codes!(codes, zero(_) => {}, slice => put(slice, places, map, out));
}

#[inline(never)]
fn put<T: Code>(codes: &[T], places: &[u32], map: &Map, out: &mut [u32]) {
    for (place, code) in places.iter().zip(codes) {
        if let Some(out) = out.get_mut(*place as usize) {
            *out = map.of((*code).into());
        }
    }
}

/// One column out of those of the parts.
pub(super) fn gather(columns: &[&Codes], places: &[Vec<u32>], union: &Union, count: usize) -> Texts {
    if union.dict.is_empty() {
        return Texts::empty(count);
    }
    let mut out = vec![0; count];
    for ((codes, places), map) in columns.iter().zip(places).zip(&union.maps) {
        scatter(codes, places, map, &mut out);
    }
    Texts { codes: Codes::narrow(out, union.dict.len()), dict: union.dict.clone() }
}

/// One sparse column out of those of the parts: events, values and where each came from (part, index).
#[inline(never)]
pub(super) fn gather_sparse(
    columns: &[(&[u32], &Codes)],
    places: &[Vec<u32>],
    union: &Union,
    count: usize,
) -> (Vec<u32>, Texts, Vec<(u32, u32)>) {
    let mut all: Vec<(u32, u32, u32, u32)> = Vec::new();
    for (part, (((events, codes), places), map)) in (0..).zip(columns.iter().zip(places).zip(&union.maps)) {
        for (index, event) in (0..).zip(*events) {
            let place = places.get(*event as usize).copied().unwrap_or(NOWHERE);
            if place != NOWHERE {
                all.push((place, map.of(codes.get(index as usize)), part, index));
            }
        }
    }
    if all.len() > count / 1_024 {
        all = in_place_order(&all, count);
    } else {
        all = sorted(&all, Ord::cmp);
    }
    let codes = all.iter().map(|(_, code, ..)| *code).collect();
    let texts = Texts { codes: Codes::narrow(codes, union.dict.len()), dict: union.dict.clone() };
    (
        all.iter().map(|(place, ..)| *place).collect(),
        texts,
        all.iter().map(|(.., part, index)| (*part, *index)).collect(),
    )
}

/// Sorts by place, of which there are `count` and each is taken once: many rows are sorted faster by putting
/// each into its place than by comparing.
fn in_place_order(rows: &[(u32, u32, u32, u32)], count: usize) -> Vec<(u32, u32, u32, u32)> {
    let mut by_place = vec![NOWHERE; count];
    for (number, (place, ..)) in (0..).zip(rows) {
        by_place[*place as usize] = number;
    }
    by_place.retain(|number| *number != NOWHERE);
    by_place.into_iter().map(|number| rows[number as usize]).collect()
}

/// All keys of properties: which property of each part each is, and its values.
pub(super) fn properties(parts: &[&Dataset]) -> Vec<(Box<str>, Vec<Option<usize>>, Union)> {
    let mut keys: Vec<&str> =
        parts.iter().flat_map(|part| &part.properties).map(|property| &*property.key).collect();
    keys = sorted(&keys, Ord::cmp);
    keys.dedup();
    let nothing = Dict::default();
    let of_key = |key: &str| {
        let find =
            |part: &&Dataset| part.properties.binary_search_by(|property| (*property.key).cmp(key)).ok();
        let of_parts: Vec<Option<usize>> = parts.iter().map(find).collect();
        let dicts = parts.iter().zip(&of_parts).map(|(part, index)| {
            index
                .and_then(|index| part.properties.get(index))
                .map_or(&nothing, |property| &property.values.dict)
        });
        let union = Union::of(&dicts.collect::<Vec<_>>());
        (key.into(), of_parts, union)
    };
    keys.into_iter().map(of_key).collect()
}
