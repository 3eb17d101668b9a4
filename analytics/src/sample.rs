//! Made-up events for the tests of this crate.

use proptest::prelude::*;
use protocol::{EventId, PageId, SessionId, UserId};

use crate::{Builder, Dataset, EventDim, Kind, Row, VisitDim};

/// 2025-11-23T03:00:00Z.
pub(crate) const HOUR: u64 = 1_763_866_800_000;

/// What a row is made of, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) id: EventId,
    pub(crate) at: u64,
    user: UserId,
    session: SessionId,
    page: PageId,
    kind: Kind,
    engaged_ms: u64,
    scroll_percent: u8,
    amount: &'static str,
    visit: Vec<(VisitDim, String)>,
    texts: Vec<(EventDim, String)>,
    props: Vec<(String, String)>,
    flags: (bool, bool),
}

impl Sample {
    pub(crate) fn user_hash(&self) -> u64 {
        crate::user_hash(&self.user)
    }

    fn push_to(&self, builder: &mut Builder) {
        let props: Vec<(&str, &str)> = self.props.iter().map(|(key, value)| (&**key, &**value)).collect();
        let mut row = Row {
            engaged_ms: self.engaged_ms,
            scroll_percent: self.scroll_percent,
            amount: self.amount,
            currency: if self.amount.len() > 2 { "KRW" } else { "EUR" },
            props: &props,
            cookieless: self.flags.0,
            corrected: self.flags.1,
            ..Row::new(self.id, self.at, self.user, self.session, self.page, self.kind)
        };
        for (dim, value) in &self.visit {
            row = row.with_visit(*dim, value);
        }
        for (dim, value) in &self.texts {
            row = row.with(*dim, value);
        }
        builder.push(&row).unwrap();
    }
}

pub(crate) fn build<'a>(samples: impl IntoIterator<Item = &'a Sample>) -> Dataset {
    let mut builder = Builder::default();
    samples.into_iter().for_each(|sample| sample.push_to(&mut builder));
    builder.finish()
}

fn sample() -> impl Strategy<Value = Sample> {
    let who = (0..4_u8, 0..3_u64, 0..3_u64, any::<bool>());
    let when = (prop_oneof![4 => 0..40_u64, 1 => 0..7_200_000_u64], 0..3_u64, any::<[u8; 10]>());
    let what = (
        0..5_usize,
        0..30_000_u64,
        0..=100_u8,
        prop::sample::select(vec!["", "", "12", "-0.50", "0.00001", "49000"]),
    );
    let text = || prop::sample::select(vec!["", "a", "b", "abc", "é", "한국"]).prop_map(str::to_owned);
    let dims = prop::collection::vec((0..VisitDim::COUNT, text()), 0..6);
    let texts = prop::collection::vec((0..EventDim::COUNT, text()), 0..4);
    let props = prop::collection::vec((text(), text()), 0..4);
    (who, when, what, dims, texts, props, any::<(bool, bool)>()).prop_map(
        |(
            (user, session, page, is_far),
            (late, skew, random),
            (kind, engaged_ms, scroll, amount),
            dims,
            texts,
            props,
            flags,
        )| {
            let at = HOUR + 3_590_000 + late * 1000 / (1 + late % 3 * 999);
            let start = if is_far && session == 2 { 1_000 } else { HOUR + session * 1_000_000 };
            Sample {
                id: EventId::new(at + skew, &random),
                at,
                user: UserId::new(HOUR, &[user; 10]),
                session: SessionId::new(start, &[0; 10]),
                page: PageId::new(HOUR + page, &[0; 10]),
                kind: Kind::ALL[kind],
                engaged_ms,
                scroll_percent: scroll,
                amount,
                visit: dims.into_iter().map(|(dim, text)| (VisitDim::ALL[dim], text)).collect(),
                texts: texts.into_iter().map(|(dim, text)| (EventDim::ALL[dim], text)).collect(),
                props,
                flags,
            }
        },
    )
}

/// Distinct events of a few visitors over two hours, many of them in the same millisecond.
pub(crate) fn history() -> impl Strategy<Value = Vec<Sample>> {
    prop::collection::vec(sample(), 0..40).prop_map(|mut samples| {
        samples.sort_by_key(|sample| sample.id);
        samples.dedup_by_key(|sample| sample.id);
        samples
    })
}

/// A history, and the same with repetitions and in another order.
pub(crate) fn told_twice() -> impl Strategy<Value = (Vec<Sample>, Vec<Sample>)> {
    history().prop_flat_map(|samples| {
        let again = if samples.is_empty() {
            Just(Vec::new()).boxed()
        } else {
            prop::collection::vec(prop::sample::select(samples.clone()), 0..20).boxed()
        };
        (Just(samples), again).prop_flat_map(|(samples, again)| {
            let mut other = samples.clone();
            other.extend(again);
            (Just(samples), Just(other).prop_shuffle())
        })
    })
}
