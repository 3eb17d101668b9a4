//! What the worker measures of itself: each metric has its name, its unit and its kind written here, once. CloudWatch,
//! `GET /metrics` and `GET /api/operator/metrics` are told the same.

use serde::{Deserialize, Serialize};

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
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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

/// `GET /api/operator/metrics`: what the isolate that answers has measured since it began. Another reading may come from
/// another isolate: what two readings of one isolate differ by happened between them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricsAnswer {
    /// The worker's clock when it answered, Unix milliseconds.
    pub generated_at: u64,
    /// The name under which CloudWatch is told the same; absent when it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Names the isolate that answered.
    pub isolate: String,
    /// When it began, Unix milliseconds.
    pub began_at: u64,
    /// What was measured. What never happened is not in it.
    pub series: Vec<Measured>,
}

/// The numbers of one metric under one label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Measured {
    /// The metric.
    pub metric: Metric,
    /// Reason, table or queue, for metrics that are told apart by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The sum since the isolate began; of a gauge its newest value.
    pub total: f64,
    /// Measurements since the isolate began.
    pub count: u64,
    /// Of a distribution the values that occurred, to two digits, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Occurred>,
}

/// A value and how often it occurred.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Occurred {
    /// The value, in the metric's unit.
    pub value: f64,
    /// How often.
    pub count: u64,
}
