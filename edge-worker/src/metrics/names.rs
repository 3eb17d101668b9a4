//! The metrics: each has its name, its unit and what it is told apart by written here, once.

use protocol::outcome::Outcome;

/// The namespace in CloudWatch; the worker may publish in no other.
pub const NAMESPACE: &str = "LiveInsight";

/// What numbers are numbers of, in CloudWatch's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
}

impl Unit {
    /// CloudWatch's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
            Self::Seconds => "Seconds",
        }
    }
}

/// How single measurements become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// They add up.
    Counter,
    /// The newest, or the largest of those that are published together.
    Gauge,
    /// All are kept, so that percentiles stay exact to two digits.
    Distribution,
}

macro_rules! metrics {
    ($($(#[$doc:meta])* $name:ident $kind:ident $unit:ident),+ $(,)?) => {
        /// What is measured. Of the service as a whole: a metric for each site would cost more than its events.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Metric {
            $($(#[$doc])* $name),+
        }

        impl Metric {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// How it adds up.
            pub fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind),+ }
            }

            /// What it is a number of.
            pub fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit),+ }
            }
        }
    };
}

metrics! {
    /// Events that were stored, or taken by the queue that stores them.
    EventsProcessed Counter Count,
    /// Events that were understood and do not count.
    EventsFiltered Counter Count,
    /// Events that were not stored, by reason.
    EventsRejected Counter Count,
    /// From the arrival of a batch until it is stored or queued.
    ProcessingTime Distribution Milliseconds,
    /// Batches that could be neither stored nor queued.
    ProcessingErrors Counter Count,
    /// Requests, messages of queues and hourly runs.
    Invocations Counter Count,
    /// From the arrival of a request to its answer.
    Duration Distribution Milliseconds,
    /// Answers with a status of 500 and above.
    Errors Counter Count,
    /// One operation of the store, its repetitions included.
    StoreLatency Distribution Milliseconds,
    /// Write units, by table.
    ConsumedWriteCapacity Counter Count,
    /// Read units, by table.
    ConsumedReadCapacity Counter Count,
    /// Attempts that the store turned away, by table.
    ThrottledRequests Counter Count,
    /// Messages that wait, by queue; of a dead-letter queue those that its consumer was given at once.
    QueueDepth Gauge Count,
    /// How long the oldest closed bucket that is due has been waiting.
    CompactionLag Gauge Seconds,
    /// Dashboards that an isolate's hubs are connected with, while something happens on their sites.
    LiveConnections Gauge Count,
    /// Sites without events at a time of day at which they had some: 1 for each, 0 for all others.
    SilentSites Counter Count,
}

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
