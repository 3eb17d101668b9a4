//! What an isolate tells a hub: signs of life and events, as they are stored.
//!
//! ```text
//! version u8, then until the end: VISIT visit | EVENT event | GAP from | RENEW
//! ```

use std::sync::Arc;

use analytics::{EventDim, Kind, Row, VisitDim};
use protocol::live::{LiveError, Reader, Visit, Word, Writer};
use protocol::{EventId, PageId, SessionId, UserId};

const VERSION: u8 = 1;

const VISIT: u8 = 1;
const EVENT: u8 = 2;
const GAP: u8 = 3;
const RENEW: u8 = 4;

/// An event as it is stored, with the page it happened on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub(crate) id: EventId,
    pub(crate) at: u64,
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) page_id: PageId,
    pub(crate) kind: Kind,
    pub(crate) engaged_ms: u64,
    pub(crate) scroll_percent: u8,
    pub(crate) amount: Word,
    pub(crate) currency: Word,
    pub(crate) visit: [Word; VisitDim::COUNT],
    pub(crate) texts: [Word; EventDim::COUNT],
    pub(crate) props: Vec<(Word, Word)>,
    pub(crate) cookieless: bool,
    pub(crate) corrected: bool,
    /// Path of the page; empty when unknown.
    pub(crate) page: Word,
}

impl Event {
    /// Takes a row over. `page` is the path of its page, if it does not say so itself.
    pub fn of(row: &Row<'_>, page: &str) -> Self {
        let empty: Word = Arc::from("");
        let word = |text: &str| if text.is_empty() { Word::clone(&empty) } else { Word::from(text) };
        let own = row.texts[EventDim::Path.index()];
        Self {
            id: row.id,
            at: row.at,
            user: row.user,
            session: row.session,
            page_id: row.page,
            kind: row.kind,
            engaged_ms: row.engaged_ms,
            scroll_percent: row.scroll_percent,
            amount: word(row.amount),
            currency: word(row.currency),
            visit: row.visit.map(word),
            texts: row.texts.map(word),
            props: row.props.iter().map(|(key, value)| (word(key), word(value))).collect(),
            cookieless: row.cookieless,
            corrected: row.corrected,
            page: word(if own.is_empty() { page } else { own }),
        }
    }

    /// The properties, for [`Event::row`] to borrow.
    pub fn props(&self) -> Vec<(&str, &str)> {
        self.props.iter().map(|(key, value)| (&**key, &**value)).collect()
    }

    /// The row.
    pub fn row<'a>(&'a self, props: &'a [(&'a str, &'a str)]) -> Row<'a> {
        Row {
            engaged_ms: self.engaged_ms,
            scroll_percent: self.scroll_percent,
            amount: &self.amount,
            currency: &self.currency,
            visit: self.visit.each_ref().map(|word| &**word),
            texts: self.texts.each_ref().map(|word| &**word),
            props,
            cookieless: self.cookieless,
            corrected: self.corrected,
            ..Row::new(self.id, self.at, self.user, self.session, self.page_id, self.kind)
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, LiveError> {
        let id = EventId::from_bytes(reader.raw()?).ok_or(LiveError::Malformed)?;
        let at = reader.number()?;
        let user = UserId::from_bytes(reader.raw()?).ok_or(LiveError::Malformed)?;
        let session = SessionId::from_bytes(reader.raw()?).ok_or(LiveError::Malformed)?;
        let page_id = PageId::from_bytes(reader.raw()?).ok_or(LiveError::Malformed)?;
        let kind = Kind::from_number(reader.byte()?).ok_or(LiveError::Malformed)?;
        let flags = reader.byte()?;
        let (engaged_ms, scroll_percent) = (reader.number()?, reader.byte()?);
        let (amount, currency, page) = (reader.word()?, reader.word()?, reader.word()?);
        let (visit, texts) = (words(reader)?, words(reader)?);
        let mut props = Vec::new();
        for _ in 0..reader.count()? {
            props.push((reader.word()?, reader.word()?));
        }
        Ok(Self {
            id,
            at,
            user,
            session,
            page_id,
            kind,
            engaged_ms,
            scroll_percent,
            amount,
            currency,
            visit,
            texts,
            props,
            cookieless: flags & 1 != 0,
            corrected: flags & 2 != 0,
            page,
        })
    }
}

/// Those that are not empty, after a number whose bits say which.
fn write_words(out: &mut Writer, words: &[&str]) {
    let bits = words.iter().enumerate().filter(|(_, word)| !word.is_empty());
    out.number(bits.fold(0, |bits, (index, _)| bits | 1 << index));
    for word in words.iter().filter(|word| !word.is_empty()) {
        out.word(word);
    }
}

fn words<const N: usize>(reader: &mut Reader<'_>) -> Result<[Word; N], LiveError> {
    let bits = reader.number()?;
    let mut words = std::array::from_fn(|_| Word::from(""));
    for (_, word) in words.iter_mut().enumerate().filter(|(index, _)| bits >> index & 1 == 1) {
        *word = reader.word()?;
    }
    Ok(words)
}

/// What is to be told, as it gathers.
#[derive(Debug)]
pub struct Telling(Writer);

impl Default for Telling {
    fn default() -> Self {
        let mut out = Writer::default();
        out.byte(VERSION);
        Self(out)
    }
}

impl Telling {
    /// Adds a sign of life.
    pub fn visit(&mut self, visit: &Visit) {
        self.0.byte(VISIT);
        visit.write(&mut self.0);
    }

    /// Adds an event. `page` is the path of its page, if it does not say so itself.
    pub fn event(&mut self, row: &Row<'_>, page: &str) {
        let out = &mut self.0;
        out.byte(EVENT);
        out.raw(row.id.as_bytes());
        out.number(row.at);
        out.raw(row.user.as_bytes());
        out.raw(row.session.as_bytes());
        out.raw(row.page.as_bytes());
        out.byte(row.kind as u8);
        out.byte(u8::from(row.cookieless) | u8::from(row.corrected) << 1);
        out.number(row.engaged_ms);
        out.byte(row.scroll_percent);
        let own = row.texts[EventDim::Path.index()];
        for word in [row.amount, row.currency, if own.is_empty() { page } else { own }] {
            out.word(word);
        }
        write_words(out, &row.visit);
        write_words(out, &row.texts);
        out.number(row.props.len() as u64);
        for (key, value) in row.props {
            out.word(key);
            out.word(value);
        }
    }

    /// Says that something since then was not told: the hub has to look it up.
    pub fn gap(&mut self, from: u64) {
        self.0.byte(GAP);
        self.0.number(from);
    }

    /// Says that what the hub remembers is void: somebody was erased.
    pub fn renew(&mut self) {
        self.0.byte(RENEW);
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.len() <= 1
    }

    /// How long it is, bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The message.
    pub fn finish(self) -> Vec<u8> {
        self.0.finish()
    }
}

/// What was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Signs of life, in the order in which they were stored.
    pub visits: Vec<Visit>,
    /// Events.
    pub events: Vec<Event>,
    /// Since when something was not told.
    pub gap: Option<u64>,
    /// Whether what the hub remembers is void.
    pub renew: bool,
}

impl Told {
    /// Reads a message.
    ///
    /// # Errors
    /// [`LiveError`] for anything that is none, such as one of a newer worker.
    pub fn read(bytes: &[u8]) -> Result<Self, LiveError> {
        let mut reader = Reader::new(bytes);
        if reader.byte()? != VERSION {
            return Err(LiveError::UnknownVersion);
        }
        let mut told = Self::default();
        while !reader.is_empty() {
            match reader.byte()? {
                VISIT => told.visits.push(Visit::read(&mut reader)?),
                EVENT => told.events.push(Event::read(&mut reader)?),
                GAP => {
                    let from = reader.number()?;
                    told.gap = Some(told.gap.map_or(from, |known| known.min(from)));
                }
                RENEW => told.renew = true,
                _ => return Err(LiveError::Malformed),
            }
        }
        Ok(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_763_866_800_000;

    #[test]
    fn row_comes_back_with_all_it_says() {
        let mut row = Row::new(
            EventId::new(NOW, &[1; 10]),
            NOW,
            UserId::new(NOW, &[2; 10]),
            SessionId::new(NOW, &[3; 10]),
            PageId::new(NOW, &[4; 10]),
            Kind::Conversion,
        );
        let texts: Vec<String> = (0..VisitDim::COUNT).map(|n| format!("visit {n}")).collect();
        row.visit = std::array::from_fn(|n| if n % 3 == 0 { "" } else { texts[n].as_str() });
        row.texts[EventDim::Name.index()] = "purchase";
        (row.amount, row.currency, row.engaged_ms, row.scroll_percent) = ("12.50", "EUR", 9, 70);
        let props = [("film", "guji"), ("empty", "")];
        row.props = &props;
        row.corrected = true;
        let mut telling = Telling::default();
        assert!(telling.is_empty());
        telling.event(&row, "/cart");
        telling.event(&row.with(EventDim::Path, "/own"), "/cart");
        telling.gap(9);
        telling.gap(7);
        telling.renew();
        let told = Told::read(&telling.finish()).unwrap();
        assert_eq!((told.gap, told.renew), (Some(7), true));
        assert_eq!(told.events[0], Event::of(&row, "/cart"));
        let (own, props) = (&told.events[1], told.events[0].props());
        assert_eq!((&*told.events[0].page, &*own.page), ("/cart", "/own"));
        assert_eq!(told.events[0].row(&props), row);
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let mut telling = Telling::default();
        let id = |n| [n; 10];
        let row = Row::new(
            EventId::new(NOW, &id(1)),
            NOW,
            UserId::new(NOW, &id(1)),
            SessionId::new(NOW, &id(1)),
            PageId::new(NOW, &id(1)),
            Kind::Click,
        );
        telling.event(&row, "/");
        let bytes = telling.finish();
        for end in 2..bytes.len() {
            assert!(Told::read(&bytes[..end]).is_err(), "{end}");
        }
        assert_eq!(Told::read(&[9]), Err(LiveError::UnknownVersion));
        assert_eq!(Told::read(&[]), Err(LiveError::Truncated));
    }
}
