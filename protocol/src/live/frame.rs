//! Frames to bytes and back.

use super::codec::{LiveError, Reader, Writer};
use super::types::{
    Change, ClientMessage, Delta, FeedEntry, FeedKind, Frame, Hello, Minute, Snapshot, Visit, VisitKey,
};
use super::{MINUTE_MS, VERSION};
use crate::ids::{SessionId, UserId};

const HELLO: u8 = 0;
const SNAPSHOT: u8 = 1;
const DELTA: u8 = 2;
const RESYNC: u8 = 3;
const PING: u8 = 4;

const ACK: u8 = 0;
const CLIENT_PING: u8 = 1;

const HERE: u8 = 0;
const MOVED: u8 = 1;
const SEEN: u8 = 2;
const LEFT: u8 = 3;
const GONE: u8 = 4;

const KEY_SESSION: u8 = 0;
const KEY_ALIAS: u8 = 1;

fn versioned(kind: u8) -> Writer {
    let mut out = Writer::default();
    out.byte(VERSION);
    out.byte(kind);
    out
}

/// The kind of what follows.
fn kind(reader: &mut Reader<'_>) -> Result<u8, LiveError> {
    if reader.byte()? != VERSION {
        return Err(LiveError::UnknownVersion);
    }
    reader.byte()
}

impl Frame {
    /// The bytes of the frame.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Hello(hello) => {
                let mut out = versioned(HELLO);
                out.number(hello.epoch);
                out.number(hello.seq);
                out.number(hello.time);
                out.finish()
            }
            Self::Snapshot(snapshot) => snapshot.encode(),
            Self::Delta(delta) => delta.encode(),
            Self::Resync => versioned(RESYNC).finish(),
            Self::Ping { seq, time } => {
                let mut out = versioned(PING);
                out.number(*seq);
                out.number(*time);
                out.finish()
            }
        }
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// [`LiveError`] for anything that is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, LiveError> {
        let mut reader = Reader::new(bytes);
        let frame = match kind(&mut reader)? {
            HELLO => {
                let (epoch, seq, time) = (reader.number()?, reader.number()?, reader.number()?);
                Self::Hello(Hello { epoch, seq, time })
            }
            SNAPSHOT => Self::Snapshot(Snapshot::decode(&mut reader)?),
            DELTA => Self::Delta(Delta::decode(&mut reader)?),
            RESYNC => Self::Resync,
            PING => Self::Ping { seq: reader.number()?, time: reader.number()? },
            _ => return Err(LiveError::UnknownVersion),
        };
        reader.end()?;
        Ok(frame)
    }
}

impl ClientMessage {
    /// The bytes of the message.
    pub fn encode(self) -> Vec<u8> {
        match self {
            Self::Ack(seq) => {
                let mut out = versioned(ACK);
                out.number(seq);
                out.finish()
            }
            Self::Ping => versioned(CLIENT_PING).finish(),
        }
    }

    /// Reads a message.
    ///
    /// # Errors
    /// [`LiveError`] for anything that is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, LiveError> {
        let mut reader = Reader::new(bytes);
        let message = match kind(&mut reader)? {
            ACK => Self::Ack(reader.number()?),
            CLIENT_PING => Self::Ping,
            _ => return Err(LiveError::UnknownVersion),
        };
        reader.end()?;
        Ok(message)
    }
}

fn write_all<T>(out: &mut Writer, all: &[T], mut write: impl FnMut(&mut Writer, &T)) {
    out.number(all.len() as u64);
    for one in all {
        write(out, one);
    }
}

fn read_all<'a, T>(
    reader: &mut Reader<'a>,
    mut read: impl FnMut(&mut Reader<'a>) -> Result<T, LiveError>,
) -> Result<Vec<T>, LiveError> {
    let count = reader.count()?;
    // A thing is larger in memory than in the frame, so room is made as they come.
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(read(reader)?);
    }
    Ok(all)
}

impl Snapshot {
    fn encode(&self) -> Vec<u8> {
        let mut out = versioned(SNAPSHOT);
        out.number(self.seq);
        out.number(self.time);
        out.number(self.known_from);
        write_all(&mut out, &self.visits, |out, visit| visit.write(out));
        write_all(&mut out, &self.minutes, |out, minute| minute.write(out));
        write_all(&mut out, &self.feed, |out, entry| entry.write(out));
        write_all(&mut out, &self.conversions, |out, entry| entry.write(out));
        out.number(self.rows_from);
        out.bytes(&self.rows);
        out.finish()
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, LiveError> {
        Ok(Self {
            seq: reader.number()?,
            time: reader.number()?,
            known_from: reader.number()?,
            visits: read_all(reader, Visit::read)?,
            minutes: read_all(reader, Minute::read)?,
            feed: read_all(reader, FeedEntry::read)?,
            conversions: read_all(reader, FeedEntry::read)?,
            rows_from: reader.number()?,
            rows: reader.bytes()?.to_vec(),
        })
    }
}

impl Delta {
    fn encode(&self) -> Vec<u8> {
        let mut out = versioned(DELTA);
        out.number(self.seq);
        out.number(self.time);
        write_all(&mut out, &self.changes, |out, change| change.write(out));
        write_all(&mut out, &self.feed, |out, entry| entry.write(out));
        write_all(&mut out, &self.minutes, |out, minute| minute.write(out));
        out.bytes(&self.rows);
        out.finish()
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, LiveError> {
        Ok(Self {
            seq: reader.number()?,
            time: reader.number()?,
            changes: read_all(reader, Change::read)?,
            feed: read_all(reader, FeedEntry::read)?,
            minutes: read_all(reader, Minute::read)?,
            rows: reader.bytes()?.to_vec(),
        })
    }
}

impl VisitKey {
    fn write(self, out: &mut Writer) {
        match self {
            Self::Session(id) => {
                out.byte(KEY_SESSION);
                out.raw(id.as_bytes());
            }
            Self::Alias(bytes) => {
                out.byte(KEY_ALIAS);
                out.raw(&bytes);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, LiveError> {
        match reader.byte()? {
            KEY_SESSION => {
                SessionId::from_bytes(reader.raw()?).map(Self::Session).ok_or(LiveError::Malformed)
            }
            KEY_ALIAS => Ok(Self::Alias(reader.raw()?)),
            _ => Err(LiveError::Malformed),
        }
    }
}

impl Visit {
    /// Writes it, for frames and for what isolates tell a hub.
    pub fn write(&self, out: &mut Writer) {
        self.key.write(out);
        out.byte(u8::from(self.user.is_some()) | u8::from(self.left) << 1);
        if let Some(user) = &self.user {
            out.raw(user.as_bytes());
        }
        for word in [&self.page, &self.country, &self.city, &self.device, &self.browser, &self.os] {
            out.word(word);
        }
        out.number(self.started_at);
        out.number(self.last_seen);
        out.number(self.interval_s.into());
    }

    /// Reads what [`Visit::write`] wrote.
    ///
    /// # Errors
    /// [`LiveError`] for anything that is none.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, LiveError> {
        let key = VisitKey::read(reader)?;
        let flags = reader.byte()?;
        if flags > 3 {
            return Err(LiveError::Malformed);
        }
        let user = match flags & 1 {
            0 => None,
            _ => Some(UserId::from_bytes(reader.raw()?).ok_or(LiveError::Malformed)?),
        };
        Ok(Self {
            key,
            user,
            page: reader.word()?,
            country: reader.word()?,
            city: reader.word()?,
            device: reader.word()?,
            browser: reader.word()?,
            os: reader.word()?,
            started_at: reader.number()?,
            last_seen: reader.number()?,
            interval_s: reader.small()?,
            left: flags & 2 != 0,
        })
    }
}

impl Change {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Here(visit) => {
                out.byte(HERE);
                visit.write(out);
            }
            Self::Moved { key, page, last_seen, interval_s } => {
                out.byte(MOVED);
                key.write(out);
                out.word(page);
                out.number(*last_seen);
                out.number((*interval_s).into());
            }
            Self::Seen { key, last_seen, interval_s } => {
                out.byte(SEEN);
                key.write(out);
                out.number(*last_seen);
                out.number((*interval_s).into());
            }
            Self::Left { key, last_seen } => {
                out.byte(LEFT);
                key.write(out);
                out.number(*last_seen);
            }
            Self::Gone(key) => {
                out.byte(GONE);
                key.write(out);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, LiveError> {
        Ok(match reader.byte()? {
            HERE => Self::Here(Visit::read(reader)?),
            MOVED => Self::Moved {
                key: VisitKey::read(reader)?,
                page: reader.word()?,
                last_seen: reader.number()?,
                interval_s: reader.small()?,
            },
            SEEN => Self::Seen {
                key: VisitKey::read(reader)?,
                last_seen: reader.number()?,
                interval_s: reader.small()?,
            },
            LEFT => Self::Left { key: VisitKey::read(reader)?, last_seen: reader.number()? },
            GONE => Self::Gone(VisitKey::read(reader)?),
            _ => return Err(LiveError::Malformed),
        })
    }
}

impl FeedEntry {
    fn write(&self, out: &mut Writer) {
        out.number(self.at);
        out.byte(self.kind as u8);
        self.visit.write(out);
        for word in self.words() {
            out.word(word);
        }
    }

    fn words(&self) -> [&str; 8] {
        [
            &self.page,
            &self.country,
            &self.city,
            &self.device,
            &self.source,
            &self.name,
            &self.amount,
            &self.currency,
        ]
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, LiveError> {
        let at = reader.number()?;
        let kind = FeedKind::ALL.get(usize::from(reader.byte()?)).copied().ok_or(LiveError::Malformed)?;
        Ok(Self {
            at,
            kind,
            visit: VisitKey::read(reader)?,
            page: reader.word()?,
            country: reader.word()?,
            city: reader.word()?,
            device: reader.word()?,
            source: reader.word()?,
            name: reader.word()?,
            amount: reader.word()?,
            currency: reader.word()?,
        })
    }
}

impl Minute {
    fn write(&self, out: &mut Writer) {
        out.number(self.start / MINUTE_MS);
        for number in [self.visits, self.page_views, self.conversions, self.events] {
            out.number(number.into());
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, LiveError> {
        Ok(Self {
            start: reader.number()?.checked_mul(MINUTE_MS).ok_or(LiveError::Malformed)?,
            visits: reader.small()?,
            page_views: reader.small()?,
            conversions: reader.small()?,
            events: reader.small()?,
        })
    }
}
