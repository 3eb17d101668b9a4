//! What tells the numbers of a metric apart. The metrics themselves are in [`protocol::metric`].

use protocol::outcome::Outcome;

/// The namespace in CloudWatch; the worker may publish in no other.
pub const NAMESPACE: &str = "LiveInsight";

/// What tells numbers of one metric apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// Nothing.
    None,
    /// Why an event was not stored.
    Reason(Outcome),
    /// Table, without its prefix.
    Table(&'static str),
    /// Queue, without the name of the installation.
    Queue(&'static str),
}

impl Label {
    /// Dimension and value.
    pub fn pair(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::None => None,
            Self::Reason(outcome) => Some(("Reason", outcome.code())),
            Self::Table(name) => Some(("Table", name)),
            Self::Queue(name) => Some(("Queue", name)),
        }
    }
}
