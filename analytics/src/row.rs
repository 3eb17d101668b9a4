//! One stored event, as it is handed to the engine.

use protocol::{EventId, PageId, SessionId, UserId};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A page was shown.
    PageView = 0,
    /// A tracked target was clicked.
    Click = 1,
    /// The visitor did what the site is for.
    Conversion = 2,
    /// Something only the site has a name for.
    Custom = 3,
    /// The last heartbeat of a page view so far: it measures and makes nobody a visitor.
    Heartbeat = 4,
}

impl Kind {
    /// All kinds, by number.
    pub const ALL: [Self; 5] = [Self::PageView, Self::Click, Self::Conversion, Self::Custom, Self::Heartbeat];

    /// The kind of a number; `None` for a number of a newer version.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// The kind of a wire name such as `page_view`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The name on the wire and in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::PageView => "page_view",
            Self::Click => "click",
            Self::Conversion => "conversion",
            Self::Custom => "custom",
            Self::Heartbeat => "heartbeat",
        }
    }
}

macro_rules! dims {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name {
            $($(#[$item_doc])* $item,)+
        }

        impl $name {
            /// All, in the order of their numbers. Numbers are part of the segment format: new ones are
            /// only ever added at the end.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$item),+];

            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The name of the attribute in the store, except where documented otherwise.
            pub fn name(self) -> &'static str {
                match self { $(Self::$item => $text,)+ }
            }

            /// By [`Self::name`].
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|dim| dim.name() == name)
            }

            /// Its number.
            pub fn index(self) -> usize {
                self as usize
            }
        }
    };
}

dims! {
    /// What is said of a visit once: the values of its earliest page view, or of its earliest event if it has
    /// no page view. [`VisitDim::Person`] alone follows another rule.
    VisitDim {
        /// ISO 3166-1 alpha-2 code.
        Country = "country",
        /// Region (ISO 3166-2 or a name, as the platform gives it).
        Region = "region",
        /// City.
        City = "city",
        /// Device class.
        Device = "device",
        /// Browser.
        Browser = "browser",
        /// Version of the browser.
        BrowserVersion = "browser_version",
        /// Operating system.
        Os = "os",
        /// Version of the operating system.
        OsVersion = "os_version",
        /// BCP 47 tag.
        Language = "language",
        /// Width x height of the screen.
        Screen = "screen",
        /// Where the visit came from, by name.
        Source = "source",
        /// Group of sources.
        Channel = "channel",
        /// Address of the referrer.
        Referrer = "referrer",
        /// `utm_source`.
        UtmSource = "utm_source",
        /// `utm_medium`.
        UtmMedium = "utm_medium",
        /// `utm_campaign`.
        UtmCampaign = "utm_campaign",
        /// `utm_term`.
        UtmTerm = "utm_term",
        /// `utm_content`.
        UtmContent = "utm_content",
        /// `utm_id`.
        UtmId = "utm_id",
        /// The kind of the click id in the address, such as `gclid`.
        ClickId = "click_id",
        /// The site's own id of the person. A visitor may sign in half-way, so this is the least of the ids
        /// (bytewise) that any event of the visit names.
        Person = "person_id",
    }
}

dims! {
    /// What is said of each event. Empty where the event does not say: an event other than a page view is
    /// then on the page of its page view.
    EventDim {
        /// Host of the page, with port if it has one.
        Host = "host",
        /// Path of the page.
        Path = "path",
        /// What was kept of the page's query.
        Query = "query",
        /// Title of the document.
        Title = "title",
        /// Name of a conversion, a custom event or a marked click.
        Name = "name",
        /// Amount and currency as they were sent, such as `0.00001 BTC`, of a revenue that
        /// [`Amount`](crate::Amount) does not hold exactly.
        OddAmount = "amount",
    }
}

/// One stored event with everything a question may ask for. Absent is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// Rows of one id are one event.
    pub id: EventId,
    /// When it happened, Unix milliseconds; values above [`MAX_TIME_MS`] are taken as that.
    pub at: u64,
    /// The visitor.
    pub user: UserId,
    /// The visit.
    pub session: SessionId,
    /// The page view it belongs to.
    pub page: PageId,
    /// What happened.
    pub kind: Kind,
    /// Heartbeats only: time the page was visible, focused and in use, milliseconds, cumulative for the page
    /// view; values above `u32::MAX` (49 days) are taken as that.
    pub engaged_ms: u64,
    /// Heartbeats only: deepest point seen, per cent, cumulative for the page view.
    pub scroll_percent: u8,
    /// What it was worth, a decimal such as `-12.50`; empty when nothing.
    pub amount: &'a str,
    /// ISO 4217 code of the amount; ignored without one.
    pub currency: &'a str,
    /// What is said of the visit, by [`VisitDim::index`].
    pub visit: [&'a str; VisitDim::COUNT],
    /// What is said of the event, by [`EventDim::index`]; [`EventDim::OddAmount`] is not read.
    pub texts: [&'a str; EventDim::COUNT],
    /// The site's own properties; those without a key are passed over, of one key given twice
    /// the least value is kept.
    pub props: &'a [(&'a str, &'a str)],
    /// Whether nothing was kept in the browser.
    pub cookieless: bool,
    /// Whether the time is that of the arrival, because the browser's clock was wrong.
    pub corrected: bool,
}

impl<'a> Row<'a> {
    /// A row that says nothing but what happened, when and to whom.
    pub fn new(id: EventId, at: u64, user: UserId, session: SessionId, page: PageId, kind: Kind) -> Self {
        Self {
            id,
            at,
            user,
            session,
            page,
            kind,
            engaged_ms: 0,
            scroll_percent: 0,
            amount: "",
            currency: "",
            visit: [""; VisitDim::COUNT],
            texts: [""; EventDim::COUNT],
            props: &[],
            cookieless: false,
            corrected: false,
        }
    }

    /// With a value for the visit.
    #[must_use]
    pub fn with_visit(mut self, dim: VisitDim, value: &'a str) -> Self {
        self.visit[dim.index()] = value;
        self
    }

    /// With a value for the event.
    #[must_use]
    pub fn with(mut self, dim: EventDim, value: &'a str) -> Self {
        self.texts[dim.index()] = value;
        self
    }
}

/// The last time there is, Unix milliseconds: what the 48 bits of a UUIDv7 hold.
pub const MAX_TIME_MS: u64 = (1 << 48) - 1;

/// How far an event may lie from the time of its visit's id. An event further off (a sender that keeps one
/// visit open for weeks) belongs to a visit of the UTC day it happened on.
pub const MAX_OFFSET_MS: u64 = i32::MAX as u64;

/// Milliseconds of a day.
pub const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// The number a visitor is known by. The two halves of the id, each through the finaliser of SplitMix64
/// (Stafford's variant 13), a bijection that leaves no bit of the id without effect on any bit of the hash.
/// It has no seed: equal for all time and places. Of n visitors, n²/2⁶⁵ pairs are expected to fall together:
/// 0.000003 at ten million. Whoever makes up an id to fall together with another's could as well send that id.
pub fn user_hash(user: &UserId) -> u64 {
    let half = |bytes: &[u8]| bytes.iter().fold(0_u64, |half, byte| half << 8 | u64::from(*byte));
    let (high, low) = user.as_bytes().split_at(8);
    mix(mix(half(high)) ^ half(low))
}

fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_of_a_user_never_changes() {
        // The first number SplitMix64 gives from the seed 0, as its authors' code prints it.
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(user_hash(&UserId::new(1_763_866_800_123, &[7; 10])), 12_981_065_635_683_475_098);
    }

    #[test]
    fn names_find_their_dimension() {
        for dim in VisitDim::ALL {
            assert_eq!(VisitDim::from_name(dim.name()), Some(dim));
        }
        for dim in EventDim::ALL {
            assert_eq!(EventDim::from_name(dim.name()), Some(dim));
        }
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
            assert_eq!(Kind::from_number(kind as u8), Some(kind));
        }
    }
}
