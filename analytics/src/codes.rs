//! A column of small numbers, as narrow as its largest.

/// A number of a column: `u8`, `u16` or `u32`. For loops that are written once and compiled for each width.
pub trait Code: Copy + Into<u32> + 'static {}
impl Code for u8 {}
impl Code for u16 {}
impl Code for u32 {}

/// Numbers below a bound, one for each visit or event. Inner loops match once and run over the slice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Codes {
    /// So many zeros: nothing is said, or the column was not asked for.
    Zero(usize),
    /// Numbers below 2⁸.
    U8(Vec<u8>),
    /// Numbers below 2¹⁶.
    U16(Vec<u16>),
    /// Numbers below 2³².
    U32(Vec<u32>),
}

impl Default for Codes {
    fn default() -> Self {
        Self::Zero(0)
    }
}

/// Calls a generic function or closure body with the slice of a column, whatever its width.
///
/// `with_codes!(codes, zero(len) => a, slice => b)`: `b` is compiled for `&[u8]`, `&[u16]` and `&[u32]`.
#[macro_export]
macro_rules! with_codes {
    ($codes:expr, zero($len:pat) => $zero:expr, $slice:pat => $body:expr) => {
        match $codes {
            $crate::Codes::Zero($len) => $zero,
            $crate::Codes::U8($slice) => $body,
            $crate::Codes::U16($slice) => $body,
            $crate::Codes::U32($slice) => $body,
        }
    };
}

impl Codes {
    /// A column of the given values, each of which has to be below `bound`. One bound, one width: equal
    /// columns are equal whatever they were made from.
    pub fn narrow(values: Vec<u32>, bound: usize) -> Self {
        match bound {
            0..=1 => Self::Zero(values.len()),
            2..=0x100 => Self::U8(values.into_iter().map(|value| value as u8).collect()),
            0x101..=0x1_0000 => Self::U16(values.into_iter().map(|value| value as u16).collect()),
            _ => Self::U32(values),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        with_codes!(self, zero(len) => *len, slice => slice.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number at a place; 0 past the end.
    #[inline]
    pub fn get(&self, index: usize) -> u32 {
        with_codes!(self, zero(_) => 0, slice => slice.get(index).copied().map_or(0, Into::into))
    }

    /// All of them in full width, for loops that go over them once.
    pub(crate) fn widened(&self) -> Vec<u32> {
        fn wide(codes: &[impl Code]) -> Vec<u32> {
            codes.iter().map(|code| (*code).into()).collect()
        }
        with_codes!(self, zero(len) => vec![0; *len], slice => wide(slice))
    }

    /// All, one after the other. Convenient, not fast: see [`with_codes!`].
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::Zero(_) => 0,
            Self::U8(slice) => slice.len(),
            Self::U16(slice) => slice.len() * 2,
            Self::U32(slice) => slice.len() * 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_narrow_as_their_bound() {
        assert_eq!(Codes::narrow(vec![0, 0], 1), Codes::Zero(2));
        assert_eq!(Codes::narrow(vec![0, 255], 256), Codes::U8(vec![0, 255]));
        assert_eq!(Codes::narrow(vec![0, 256], 257), Codes::U16(vec![0, 256]));
        assert_eq!(Codes::narrow(vec![65_536], 65_537), Codes::U32(vec![65_536]));
        let codes = Codes::narrow(vec![3, 1], 4);
        assert_eq!((codes.get(1), codes.get(2), codes.iter().sum::<u32>()), (1, 0, 4));
    }
}
