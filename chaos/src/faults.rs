//! Which faults are injected when: two lanes, one for the store's answers and one for everything else, each a shuffled
//! deck that is dealt with pauses, so that every kind comes before any comes again. All of it follows from the seed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until};

use crate::proxy::{Proxy, Rule, StoreFault};
use crate::queues::Queues;
use crate::stack::Stack;

/// A fault of something else than the store's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Other {
    WorkerKilled,
    StoreRestarted,
    HubsEvicted,
    QueueRefuses,
    ConsumersFail,
    /// No fault, but it happens among them: the schedule that makes jobs of compaction.
    Schedule,
}

impl Other {
    const ALL: [Self; 6] = [
        Self::WorkerKilled,
        Self::StoreRestarted,
        Self::HubsEvicted,
        Self::QueueRefuses,
        Self::ConsumersFail,
        Self::Schedule,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::WorkerKilled => "worker is killed",
            Self::StoreRestarted => "store is killed",
            Self::HubsEvicted => "hubs are evicted",
            Self::QueueRefuses => "queues refuse messages",
            Self::ConsumersFail => "queues' consumers fail",
            Self::Schedule => "compaction runs meanwhile",
        }
    }
}

/// Everything that can be made to fail.
pub(crate) struct Faults {
    pub(crate) stack: Rc<Stack>,
    pub(crate) proxy: Rc<Proxy>,
    pub(crate) queues: Rc<Queues>,
    /// How often each was injected.
    pub(crate) injected: RefCell<BTreeMap<&'static str, u32>>,
}

/// How long a fault lasts, and how long it is quiet between two, milliseconds.
const LASTS: std::ops::Range<u64> = 1_500..6_000;
const PAUSE: std::ops::Range<u64> = 1_000..4_000;

impl Faults {
    fn note(&self, name: &'static str) {
        *self.injected.borrow_mut().entry(name).or_default() += 1;
    }

    /// Injects faults until `end`; everything works again afterwards.
    pub(crate) async fn inject(&self, seed: u64, end: Instant) -> anyhow::Result<()> {
        let (store, other) = tokio::join!(self.store_lane(seed, end), self.other_lane(!seed, end));
        self.proxy.rule.set(None);
        store.and(other)
    }

    async fn store_lane(&self, seed: u64, end: Instant) -> anyhow::Result<()> {
        let mut dice = Rng::with_seed(seed);
        let mut deck = Deck::new(&StoreFault::ALL);
        while let Some(until) = turn(&mut dice, end).await {
            let fault = deck.deal(&mut dice);
            let percent = *dice.choice(&[20, 60, 100, 100]).unwrap_or(&100);
            self.note(fault.name());
            self.proxy.rule.set(Some(Rule { fault, percent }));
            sleep_until(until).await;
            self.proxy.rule.set(None);
        }
        Ok(())
    }

    async fn other_lane(&self, seed: u64, end: Instant) -> anyhow::Result<()> {
        let mut dice = Rng::with_seed(seed);
        let mut deck = Deck::new(&Other::ALL);
        while let Some(until) = turn(&mut dice, end).await {
            let fault = deck.deal(&mut dice);
            self.note(fault.name());
            match fault {
                Other::WorkerKilled => {
                    self.stack.kill_worker();
                    sleep(Duration::from_millis(dice.u64(0..1_500))).await;
                    self.stack.start_worker().await?;
                }
                Other::StoreRestarted => {
                    self.stack.kill_store();
                    sleep(Duration::from_millis(dice.u64(0..3_000))).await;
                    self.stack.start_store().await?;
                }
                // Either may meet a worker that does not answer.
                Other::HubsEvicted => drop(self.stack.dispatch("/evict", &json!({})).await),
                Other::Schedule => drop(self.stack.dispatch("/schedule", &json!({})).await),
                Other::QueueRefuses => {
                    self.queues.refuses.set(true);
                    sleep_until(until).await;
                    self.queues.refuses.set(false);
                }
                Other::ConsumersFail => {
                    self.queues.consumers_fail.set(true);
                    sleep_until(until).await;
                    self.queues.consumers_fail.set(false);
                }
            }
        }
        Ok(())
    }
}

/// Waits for the next turn; gives back when it ends, or nothing when time is up.
async fn turn(dice: &mut Rng, end: Instant) -> Option<Instant> {
    sleep(Duration::from_millis(dice.u64(PAUSE))).await;
    let until = Instant::now() + Duration::from_millis(dice.u64(LASTS));
    (until <= end).then_some(until)
}

/// Cards of which each comes before any comes again.
struct Deck<T> {
    all: Vec<T>,
    left: Vec<T>,
}

impl<T: Copy> Deck<T> {
    fn new(all: &[T]) -> Self {
        Self { all: all.to_vec(), left: Vec::new() }
    }

    fn deal(&mut self, dice: &mut Rng) -> T {
        if self.left.is_empty() {
            self.left.clone_from(&self.all);
            dice.shuffle(&mut self.left);
        }
        self.left.pop().unwrap_or(self.all[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_comes_before_any_comes_again_and_the_seed_tells_in_which_order() {
        let deal = |seed| {
            let mut dice = Rng::with_seed(seed);
            let mut deck = Deck::new(&StoreFault::ALL);
            (0..20).map(|_| deck.deal(&mut dice).name()).collect::<Vec<_>>()
        };
        let cards = deal(1);
        for half in cards.chunks(10) {
            let mut half = half.to_vec();
            half.sort_unstable();
            half.dedup();
            assert_eq!(half.len(), 10);
        }
        assert_eq!(cards, deal(1));
        assert_ne!(cards, deal(2));
    }
}
