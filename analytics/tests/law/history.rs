//! Made-up histories: what some visitors did, written as short plans that shrink well, and turned into events.
//!
//! A plan names values by small numbers ("genes") that choose from short lists; 0 is always nothing. Lists are short
//! so that visits meet in the same values, and hold what is easily got wrong: letters beyond ASCII, texts that
//! begin like others, and what looks like a pattern.

use analytics::{Builder, EventDim, Kind, Row, VisitDim};
use proptest::prelude::*;
use protocol::{EventId, PageId, SessionId, UserId};

/// One distinct event, in owned texts: what the reference reads and what rows are made from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) id: EventId,
    pub(crate) at: u64,
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) page: PageId,
    pub(crate) kind: Kind,
    pub(crate) engaged_ms: u64,
    pub(crate) scroll_percent: u8,
    pub(crate) amount: String,
    pub(crate) currency: String,
    pub(crate) visit: [String; VisitDim::COUNT],
    pub(crate) texts: [String; EventDim::COUNT],
    pub(crate) props: Vec<(String, String)>,
    pub(crate) cookieless: bool,
    pub(crate) corrected: bool,
}

/// Without what is not said: a counterexample is read by people.
impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} user {} session {}", self.at, self.kind.name(), self.user, self.session)?;
        write!(f, " page {} id {}", self.page, self.id)?;
        if self.kind == Kind::Heartbeat {
            write!(f, " engaged {} scroll {}", self.engaged_ms, self.scroll_percent)?;
        }
        let visit = VisitDim::ALL.into_iter().map(|dim| (dim.name(), &self.visit[dim.index()]));
        let texts = EventDim::ALL.into_iter().map(|dim| (dim.name(), &self.texts[dim.index()]));
        let money = [("amount", &self.amount), ("currency", &self.currency)];
        for (name, text) in visit.chain(texts).chain(money).filter(|(_, text)| !text.is_empty()) {
            write!(f, " {name}={text:?}")?;
        }
        let props = if self.props.is_empty() { String::new() } else { format!(" {:?}", self.props) };
        let flag = |is_set, name| if is_set { name } else { "" };
        f.write_str(&props)?;
        f.write_str(flag(self.cookieless, " cookieless"))?;
        f.write_str(flag(self.corrected, " corrected"))
    }
}

impl Event {
    pub(crate) fn push_to(&self, builder: &mut Builder) {
        let props: Vec<(&str, &str)> = self.props.iter().map(|(key, value)| (&**key, &**value)).collect();
        let row = Row {
            engaged_ms: self.engaged_ms,
            scroll_percent: self.scroll_percent,
            amount: &self.amount,
            currency: &self.currency,
            visit: self.visit.each_ref().map(|text| &**text),
            texts: self.texts.each_ref().map(|text| &**text),
            props: &props,
            cookieless: self.cookieless,
            corrected: self.corrected,
            ..Row::new(self.id, self.at, self.user, self.session, self.page, self.kind)
        };
        builder.push(&row).unwrap();
    }
}

/// What somebody did, from the first visit on.
#[derive(Debug, Clone)]
struct Visitor {
    visits: Vec<Visit>,
}

#[derive(Debug, Clone)]
struct Visit {
    /// From the last visit's start on, or from the beginning of the history.
    after: u64,
    genes: u8,
    /// Pages may be open at once: each has its own time from the start of the visit.
    pages: Vec<Page>,
}

#[derive(Debug, Clone)]
struct Page {
    after: u64,
    path: u8,
    genes: u8,
    deeds: Vec<Deed>,
}

/// Anything after the page view: kind, time from the opening of the page, values.
#[derive(Debug, Clone)]
struct Deed {
    after: u64,
    kind: u8,
    genes: u8,
}

/// An event of any kind at any time with any ids: what a sender that follows no rule would send.
#[derive(Debug, Clone)]
struct Stray {
    after: u64,
    ids: (u8, u8, u8),
    kind: u8,
    genes: u8,
}

/// Where histories begin: a quarter of an hour before something that begins or ends.
pub(crate) const BEGINNINGS: [u64; 7] = [
    // 2025-11-23T03, an hour like any other.
    1_763_866_800_000 - 900_000,
    // 2025-12-01, a month.
    1_764_547_200_000 - 900_000,
    // 2026-01-01, a year.
    1_767_225_600_000 - 900_000,
    // 2024-02-29, a leap day.
    1_709_164_800_000 - 900_000,
    // 2025-03-30T01:00Z: clocks of the European Union go forward.
    1_743_296_400_000 - 900_000,
    // 2025-11-02T06:00Z: clocks of New York go back.
    1_762_063_200_000 - 900_000,
    // 2025-04-05T15:00Z: clocks of Lord Howe Island go back by half an hour.
    1_743_865_200_000 - 900_000,
];

const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

fn pause() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => 0..4_u64,
        4 => (0..40_u64).prop_map(|seconds| seconds * SECOND),
        3 => (0..120_u64).prop_map(|minutes| minutes * MINUTE + minutes % 7),
        1 => (0..72_u64).prop_map(|hours| hours * HOUR),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    (pause(), 0..7_u8, any::<u8>()).prop_map(|(after, kind, genes)| Deed { after, kind, genes })
}

fn page() -> impl Strategy<Value = Page> {
    (pause(), 0..6_u8, any::<u8>(), prop::collection::vec(deed(), 0..4))
        .prop_map(|(after, path, genes, deeds)| Page { after, path, genes, deeds })
}

fn visit() -> impl Strategy<Value = Visit> {
    let after = prop_oneof![3 => pause(), 1 => (0..40_u64).prop_map(|days| days * DAY)];
    (after, any::<u8>(), prop::collection::vec(page(), 0..4)).prop_map(|(after, genes, pages)| Visit {
        after,
        genes,
        pages,
    })
}

fn visitor() -> impl Strategy<Value = Visitor> {
    prop::collection::vec(visit(), 1..4).prop_map(|visits| Visitor { visits })
}

fn stray() -> impl Strategy<Value = Stray> {
    let ids = (0..5_u8, 0..6_u8, 0..6_u8);
    (pause(), ids, 0..8_u8, any::<u8>()).prop_map(|(after, ids, kind, genes)| Stray {
        after,
        ids,
        kind,
        genes,
    })
}

/// Where it begins (a place in [`BEGINNINGS`]), and distinct events in order of their times.
pub(crate) fn history() -> impl Strategy<Value = (usize, Vec<Event>)> {
    let plan =
        (0..BEGINNINGS.len(), prop::collection::vec(visitor(), 0..7), prop::collection::vec(stray(), 0..4));
    plan.prop_map(|(beginning, visitors, strays)| {
        (beginning, events(BEGINNINGS[beginning], &visitors, &strays))
    })
}

/// Makes ids: of one time as many as wanted, all distinct.
#[derive(Default)]
struct Ids(u32);

impl Ids {
    fn random(&mut self) -> [u8; 10] {
        self.0 += 1;
        let mut random = [0; 10];
        // Of low entropy on purpose: users share most bytes.
        random[6..].copy_from_slice(&self.0.to_be_bytes());
        random
    }
}

fn events(beginning: u64, visitors: &[Visitor], strays: &[Stray]) -> Vec<Event> {
    let mut ids = Ids::default();
    let mut events = Vec::new();
    let (mut users, mut sessions, mut pages) = (Vec::new(), Vec::new(), Vec::new());
    for visitor in visitors {
        let user = UserId::new(beginning, &ids.random());
        users.push(user);
        let mut start = beginning;
        for visit in &visitor.visits {
            start += visit.after;
            let session = SessionId::new(start, &ids.random());
            sessions.push(session);
            for plan in &visit.pages {
                let opened = start + plan.after;
                let page = PageId::new(opened, &ids.random());
                pages.push(page);
                let mut event = Event::of(ids.event(opened, plan.genes), opened, (user, session, page));
                event.say_of_visit(if plan.genes % 8 == 7 { plan.genes } else { visit.genes });
                event.say_of_page(plan.path, plan.genes);
                event.say_of_deed(Kind::PageView, plan.genes);
                let template = event.clone();
                // Of some pages the view never arrives.
                if plan.genes % 16 != 14 {
                    events.push(event);
                }
                for deed in &plan.deeds {
                    let at = opened + deed.after;
                    let mut event = Event { id: ids.event(at, deed.genes), at, ..template.clone() };
                    // What only a page view says.
                    for dim in [EventDim::Title, EventDim::Query] {
                        event.texts[dim.index()].clear();
                    }
                    event.say_of_deed(kind(deed.kind), deed.genes);
                    events.push(event);
                }
            }
        }
    }
    for stray in strays {
        let at = beginning + stray.after * 20;
        let user = choose(&users, stray.ids.0, || UserId::new(at, &[9; 10]));
        let session = choose(&sessions, stray.ids.1, || SessionId::new(beginning - 40 * DAY, &[9; 10]));
        let page = choose(&pages, stray.ids.2, || PageId::new(at, &[9; 10]));
        let mut event = Event::of(ids.event(at, stray.genes), at, (user, session, page));
        event.say_of_visit(stray.genes);
        event.say_of_page(stray.ids.1, stray.genes);
        event.say_of_deed(kind(stray.kind), stray.genes);
        events.push(event);
    }
    events.sort_by_key(|event| (event.at, event.id));
    events
}

impl Ids {
    /// An event's id is made by a clock that may differ by some seconds from the time it is taken to have happened.
    fn event(&mut self, at: u64, genes: u8) -> EventId {
        let skew = [0, 0, 0, 1, 2_000, 59_000][usize::from(genes) % 6];
        EventId::new(at - skew, &self.random())
    }
}

fn choose<T: Copy>(list: &[T], place: u8, other: impl FnOnce() -> T) -> T {
    list.get(usize::from(place)).copied().unwrap_or_else(other)
}

fn kind(number: u8) -> Kind {
    // Heartbeats are the most frequent.
    Kind::from_number(number).unwrap_or(Kind::Heartbeat)
}

pub(crate) const TEXTS: [&str; 8] = ["", "a", "b", "ab", "A", "é", "한국", "a.b"];
pub(crate) const PATHS: [&str; 6] = ["/", "/a", "/a/b", "/blog/", "/blog/é", "/*"];
const HOSTS: [&str; 3] = ["a.example", "b.example", ""];
pub(crate) const NAMES: [&str; 4] = ["", "purchase", "sign-up", "Purchase"];
const REFERRERS: [&str; 4] = ["", "https://a.example/x", "https://a.example/y?z", "b.example"];
const AMOUNTS: [&str; 8] = ["", "12", "-0.50", "0.00001", "49000", "0", "922337203685477.5807", "0.1000"];
const CURRENCIES: [&str; 3] = ["EUR", "KRW", ""];
const KEYS: [&str; 4] = ["plan", "a", "", "é"];

impl Event {
    fn of(id: EventId, at: u64, (user, session, page): (UserId, SessionId, PageId)) -> Self {
        Self {
            id,
            at,
            user,
            session,
            page,
            kind: Kind::PageView,
            engaged_ms: 0,
            scroll_percent: 0,
            amount: String::new(),
            currency: String::new(),
            visit: std::array::from_fn(|_| String::new()),
            texts: std::array::from_fn(|_| String::new()),
            props: Vec::new(),
            cookieless: false,
            corrected: false,
        }
    }

    fn say_of_visit(&mut self, genes: u8) {
        for dim in VisitDim::ALL {
            let choice = usize::from(genes) * (dim.index() + 3) / 8;
            let list: &[&str] = if dim == VisitDim::Referrer { &REFERRERS } else { &TEXTS };
            list[choice % list.len()].clone_into(&mut self.visit[dim.index()]);
        }
        self.cookieless = genes % 5 == 4;
    }

    fn say_of_page(&mut self, path: u8, genes: u8) {
        let say = |text: &mut String, list: &[&str], choice: u8| {
            list[usize::from(choice) % list.len()].clone_into(text);
        };
        // Some pages have no name at all.
        if genes % 16 != 15 {
            say(&mut self.texts[EventDim::Path.index()], &PATHS, path);
            say(&mut self.texts[EventDim::Host.index()], &HOSTS, genes / 16 % 3);
            say(&mut self.texts[EventDim::Title.index()], &TEXTS, genes / 4);
            say(&mut self.texts[EventDim::Query.index()], &TEXTS, genes / 8);
        }
    }

    fn say_of_deed(&mut self, kind: Kind, genes: u8) {
        self.kind = kind;
        self.corrected = genes % 11 == 10;
        let choice = usize::from(genes);
        // An event other than a page view may leave its page to its page view, wholly or in part.
        let left_out: &[EventDim] = match genes % 8 {
            0 | 2 => &[EventDim::Path, EventDim::Host],
            4 => &[EventDim::Path],
            6 => &[EventDim::Host],
            _ => &[],
        };
        for dim in left_out.iter().filter(|_| kind != Kind::PageView) {
            self.texts[dim.index()].clear();
        }
        // Somebody who signs in half-way.
        if genes % 4 == 3 {
            TEXTS[choice / 4 % TEXTS.len()].clone_into(&mut self.visit[VisitDim::Person.index()]);
        }
        if kind == Kind::Heartbeat {
            self.engaged_ms = u64::from(genes) * 700;
            self.scroll_percent = genes % 101;
            return;
        }
        if kind != Kind::PageView {
            NAMES[choice % NAMES.len()].clone_into(&mut self.texts[EventDim::Name.index()]);
        }
        if kind == Kind::Conversion || kind == Kind::Custom && choice % 3 == 0 {
            AMOUNTS[choice % AMOUNTS.len()].clone_into(&mut self.amount);
            CURRENCIES[choice / 8 % CURRENCIES.len()].clone_into(&mut self.currency);
        }
        for place in 0..choice / 32 % 4 {
            let (key, value) =
                (KEYS[(choice + place) % KEYS.len()], TEXTS[choice / (place + 1) % TEXTS.len()]);
            self.props.push((key.to_owned(), value.to_owned()));
        }
    }
}
