//! Texts by number, in order of arrival, and then in order.

use std::collections::HashMap;

use crate::builder::TooLarge;
use crate::dict::Texts;

/// Gives each distinct text a number. The empty text is 0.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    numbers: HashMap<Box<str>, u32>,
    bytes: usize,
    /// The text asked for last and its number: rows that come together are alike.
    last: (Box<str>, u32),
}

impl Interner {
    pub(crate) fn intern(&mut self, text: &str) -> Result<u32, TooLarge> {
        if text.is_empty() {
            return Ok(0);
        }
        if *self.last.0 == *text {
            return Ok(self.last.1);
        }
        let number = match self.numbers.get(text) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.numbers.len() + 1).map_err(|_| TooLarge)?;
                self.bytes += text.len();
                if self.bytes > u32::MAX as usize {
                    return Err(TooLarge);
                }
                self.numbers.insert(text.into(), number);
                number
            }
        };
        self.last = (text.into(), number);
        Ok(number)
    }

    /// Takes in the texts of another; returns their numbers here by their numbers there.
    pub(crate) fn absorb(&mut self, other: &Self) -> Result<Vec<u32>, TooLarge> {
        let mut numbers = vec![0; other.numbers.len() + 1];
        for (text, number) in &other.numbers {
            if let Some(place) = numbers.get_mut(*number as usize) {
                *place = self.intern(text)?;
            }
        }
        Ok(numbers)
    }

    /// Sorts the texts.
    pub(crate) fn rank(self) -> Ranked {
        let mut texts: Vec<(Box<str>, u32)> = self.numbers.into_iter().collect();
        texts.sort_unstable();
        let mut ranks = vec![0; texts.len() + 1];
        for (rank, (_, number)) in (1..).zip(&texts) {
            if let Some(place) = ranks.get_mut(*number as usize) {
                *place = rank;
            }
        }
        Ranked { ranks, texts: texts.into_iter().map(|(text, _)| text).collect() }
    }
}

/// Texts in order, and which number has become which rank. The empty text has rank 0.
#[derive(Debug)]
pub(crate) struct Ranked {
    ranks: Vec<u32>,
    texts: Vec<Box<str>>,
}

impl Ranked {
    pub(crate) fn of(&self, number: u32) -> u32 {
        self.ranks.get(number as usize).copied().unwrap_or(0)
    }

    pub(crate) fn text(&self, rank: u32) -> &str {
        (rank as usize).checked_sub(1).and_then(|index| self.texts.get(index)).map_or("", |text| text)
    }

    /// A column of ranks.
    pub(crate) fn column(&self, ranks: Vec<u32>) -> Texts {
        let texts = std::iter::once("").chain(self.texts.iter().map(|text| &**text));
        Texts::compact(ranks, texts, self.ranks.len())
    }
}
