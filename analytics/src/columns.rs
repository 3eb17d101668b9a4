//! Which columns of a data set are wanted, and which are there.

use crate::row::{EventDim, VisitDim};

/// A column that can be left out. Users, starts, kinds, times and pages are always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// Texts of a visit.
    Visit(VisitDim),
    /// Texts of an event.
    Event(EventDim),
    /// Engaged time and scroll depth of heartbeats.
    Engagement,
    /// Amounts and currencies.
    Revenue,
    /// Properties of all keys.
    Properties,
    /// Marks of a visit: [`FLAG_COOKIELESS`](crate::FLAG_COOKIELESS) and
    /// [`FLAG_CORRECTED`](crate::FLAG_CORRECTED).
    Flags,
    /// Engaged time, scroll depth and address of single pages, made of [`Column::Engagement`]: whether
    /// [`Index::condense`](crate::query::Index::condense) keeps them. Everything else has them anyway.
    Pages,
}

impl Column {
    /// Its number in the segment format: below 64.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Visit(dim) => dim as u8,
            Self::Event(dim) => 40 + dim as u8,
            Self::Engagement => 32,
            Self::Revenue => 33,
            Self::Properties => 34,
            Self::Flags => 35,
            // In no segment.
            Self::Pages => 36,
        }
    }
}

/// A set of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns(u64);

impl Columns {
    /// Every column, those of newer versions included.
    pub const ALL: Self = Self(u64::MAX);
    /// None of those that can be left out.
    pub const NONE: Self = Self(0);

    /// With a column more.
    #[must_use]
    pub fn with(self, column: Column) -> Self {
        Self(self.0 | 1 << column.number())
    }

    /// Whether a column is in it.
    pub fn has(self, column: Column) -> bool {
        self.0 >> column.number() & 1 == 1
    }

    /// About how many bytes of memory an event takes with these columns, for planning: a visit has four and a half
    /// events, half of them page views, and properties are two of three.
    pub fn bytes_per_event(self) -> u64 {
        let visits = VisitDim::ALL.into_iter().filter(|dim| self.has(Column::Visit(*dim))).count() as u64;
        let events = EventDim::ALL.into_iter().filter(|dim| self.has(Column::Event(*dim))).count() as u64;
        let if_has = |column, bytes| if self.has(column) { bytes } else { 0 };
        13 + visits.div_ceil(2)
            + events * 2
            + if_has(Column::Engagement, 3)
            + if_has(Column::Properties, 5)
            + if_has(Column::Revenue, 1)
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<Column> for Columns {
    fn from_iter<I: IntoIterator<Item = Column>>(columns: I) -> Self {
        columns.into_iter().fold(Self::NONE, Self::with)
    }
}
