//! What visitors did, by the driver's own account: every event that a tracker tried to send, and what it was told.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use protocol::limits::MAX_FUTURE_MS;
use protocol::outcome::Status;
use protocol::receipt::BatchAnswer;
use protocol::{Batch, EventId, EventKind};

use crate::world::Place;

/// What an id keeps when its time is corrected.
pub(crate) type Key = [u8; 10];

/// What an event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    View {
        path: String,
    },
    Click,
    Conversion {
        name: String,
        cents: u64,
    },
    Custom {
        name: String,
    },
    /// A page's last heartbeat.
    Left {
        engaged_ms: u64,
    },
}

impl What {
    /// What the store calls its type.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::View { .. } => "page_view",
            Self::Click => "click",
            Self::Conversion { .. } => "conversion",
            Self::Custom { .. } => "custom",
            Self::Left { .. } => "heartbeat",
        }
    }
}

/// An event that has a row.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) what: What,
    /// When it happened by the clock that counts, Unix milliseconds: the right one, or, where it is only a little off,
    /// the browser's own.
    pub(crate) at: u64,
    /// The ids of its visitor and visit, without their times; `None` when the worker derives them.
    pub(crate) ids: Option<(Key, Key)>,
    pub(crate) page: Key,
    pub(crate) country: &'static str,
    /// Whether a tracker was told that it is accepted.
    pub(crate) accepted: bool,
    /// Whether it was told that it is not.
    pub(crate) refused: bool,
}

/// Whose a batch is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender {
    /// How far its clock is ahead, milliseconds.
    pub(crate) skew_ms: i64,
    pub(crate) cookieless: bool,
    pub(crate) place: &'static Place,
}

impl Sender {
    /// By how much its times are corrected: a clock that is a little off is left alone.
    fn corrected_ms(self) -> i64 {
        if self.skew_ms.unsigned_abs() > MAX_FUTURE_MS { self.skew_ms } else { 0 }
    }
}

/// Everything.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) made: HashMap<Key, Made>,
    /// Requests by status; 0 for those without an answer.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// Events by the reason for which they were not accepted.
    pub(crate) refused: BTreeMap<&'static str, u64>,
    /// Events that trackers say they threw away.
    pub(crate) dropped: u64,
    /// Of answered requests: since the start, and how long each took.
    pub(crate) latencies: Vec<(Duration, Duration)>,
    /// Pages that were opened, and those that were torn down while a request was under way.
    pub(crate) pages: u64,
    pub(crate) torn: u64,
    /// Events that were taken over from earlier pages.
    pub(crate) adopted: u64,
    pub(crate) visitors: usize,
    pub(crate) skewed: u64,
    pub(crate) offline: u64,
}

impl Ledger {
    /// Notes the events of a batch that is about to be sent.
    pub(crate) fn sending(&mut self, batch: &Batch, sender: Sender) {
        let cents = |amount: &str| amount.replace('.', "").parse().unwrap_or(0);
        for event in &batch.events {
            let what = match &event.kind {
                EventKind::PageView(view) => What::View { path: view.url.path().to_owned() },
                EventKind::Click(_) => What::Click,
                EventKind::Conversion(conversion) => What::Conversion {
                    name: conversion.name.as_str().to_owned(),
                    cents: conversion.revenue.as_ref().map_or(0, |revenue| cents(revenue.amount())),
                },
                EventKind::Custom(custom) => What::Custom { name: custom.name.as_str().to_owned() },
                EventKind::Heartbeat(beat) if beat.last => What::Left { engaged_ms: beat.engaged_ms },
                EventKind::Heartbeat(_) => continue,
            };
            self.made.entry(event.id.random()).or_insert_with(|| Made {
                what,
                at: event.at.saturating_add_signed(-sender.corrected_ms()),
                ids: (!sender.cookieless).then(|| (batch.user_id.random(), batch.session_id.random())),
                page: event.page_id.random(),
                country: sender.place.country,
                accepted: false,
                refused: false,
            });
        }
    }

    /// Notes an answer.
    pub(crate) fn answered(&mut self, answer: &BatchAnswer, dropped: u64) {
        self.dropped += dropped;
        for receipt in &answer.receipts {
            let outcome = receipt.outcome();
            if outcome.status() != Status::Accepted {
                *self.refused.entry(outcome.code()).or_default() += 1;
            }
            let key = receipt.id.as_deref().and_then(|id| EventId::parse(id).ok()).map(|id| id.random());
            if let Some(made) = key.and_then(|key| self.made.get_mut(&key)) {
                made.accepted |= outcome.status() == Status::Accepted;
                made.refused |= outcome.status() != Status::Accepted;
            }
        }
    }

    /// Notes what a request was answered with, `start` after the run began.
    pub(crate) fn heard(&mut self, status: u16, start: Duration, took: Duration) {
        *self.statuses.entry(status).or_default() += 1;
        if status != 0 {
            self.latencies.push((start, took));
        }
    }
}
