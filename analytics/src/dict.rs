//! Sorted dictionaries: the texts of a column, each once.

use crate::codes::Codes;

/// The distinct texts of a column in bytewise order, so that the order of codes is the order of texts. Code 0
/// is always the empty text: "not known".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dict {
    text: String,
    /// Where each text ends; the first ends at 0.
    ends: Vec<u32>,
}

impl Default for Dict {
    fn default() -> Self {
        Self { text: String::new(), ends: vec![0] }
    }
}

impl Dict {
    /// Texts one after the other and where each ends, the empty one first. The ends have to ascend and lie on
    /// boundaries of characters, the texts have to be sorted and distinct.
    pub(crate) fn from_parts(text: String, ends: Vec<u32>) -> Self {
        Self { text, ends }
    }

    /// Appends a text, which has to be greater than all before.
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        // Whoever fills a dictionary keeps its texts below 4 GiB in all.
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    /// How many texts there are, the empty one included.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is nothing but the empty text.
    pub fn is_empty(&self) -> bool {
        self.ends.len() <= 1
    }

    /// The text of a code; empty for a code that is not there.
    pub fn get(&self, code: u32) -> &str {
        let code = code as usize;
        let start = code.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(code).copied().unwrap_or(start);
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    /// The code of a text.
    pub fn find(&self, text: &str) -> Option<u32> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.get(middle as u32).cmp(text) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle as u32),
            }
        }
        None
    }

    /// All texts by code, the empty one first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|code| self.get(code as u32))
    }

    /// Bytes of all texts together.
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.text.len() + self.ends.len() * 4
    }
}

/// A column of texts: a code for each visit or event, and what the codes mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// The texts.
    pub dict: Dict,
    /// Which of them stands where.
    pub codes: Codes,
}

impl Texts {
    /// A column of nothing.
    pub(crate) fn empty(len: usize) -> Self {
        Self { dict: Dict::default(), codes: Codes::Zero(len) }
    }

    /// A column of codes into texts some of which may stand nowhere: those are dropped, so that a column is
    /// a function of its values alone. `texts` gives the sorted texts by code, the empty one first.
    pub(crate) fn compact<'a>(
        mut codes: Vec<u32>,
        texts: impl Iterator<Item = &'a str>,
        count: usize,
    ) -> Self {
        let mut map = vec![0_u32; count];
        for code in &codes {
            if let Some(used) = map.get_mut(*code as usize) {
                *used = 1;
            }
        }
        let mut dict = Dict::default();
        for (used, text) in map.iter_mut().zip(texts).skip(1) {
            if *used == 1 {
                *used = dict.len() as u32;
                dict.push(text);
            }
        }
        if let Some(empty) = map.first_mut() {
            *empty = 0;
        }
        for code in &mut codes {
            *code = map.get(*code as usize).copied().unwrap_or(0);
        }
        let bound = dict.len();
        Self { dict, codes: Codes::narrow(codes, bound) }
    }

    /// The text at a place; empty past the end.
    pub fn get(&self, index: usize) -> &str {
        self.dict.get(self.codes.get(index))
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.dict.heap_bytes() + self.codes.heap_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_stand_nowhere_are_dropped() {
        let texts = Texts::compact(vec![2, 0, 3], ["", "a", "b", "c"].into_iter(), 4);
        assert_eq!(texts.dict.iter().collect::<Vec<_>>(), ["", "b", "c"]);
        assert_eq!((0..4).map(|index| texts.get(index)).collect::<Vec<_>>(), ["b", "", "c", ""]);
        assert_eq!(
            (texts.dict.find("c"), texts.dict.find("a"), texts.dict.find("")),
            (Some(2), None, Some(0))
        );
    }
}
