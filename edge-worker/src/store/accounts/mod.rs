//! The table Accounts: sites, people, and what they may do.
//!
//! | `pk` | `sk` | row | lasts |
//! |---|---|---|---|
//! | `sites` | site id | `doc`, the site as JSON; `version`, which each change counts up | until deleted |
//! | `host#<host>` | `sites` | `sites`, the ids of the sites with this domain; `host#null` of those that take opaque origins | |
//! | `alias#<name>` | `site` | `site_id`: another name is one site's alone | with the site |
//! | `people` | person id | `email`, `name`, `role`, `grants` (site id → role), `password` (PHC string), `generation` (sessions of another one are void), `totp_nonce`, `totp_on`, `totp_step` (last step used), `recovery` (hashes) | until removed |
//! | `email#<address>` | `person` | `person_id`: an address, in lower case, is one person's alone | with the person |
//! | `instance` | `owners` | `count` of owners; that the row is there says that set-up is done | for ever |
//! | `sessions#<person id>` | session id | `hash` of the cookie, `previous` one and `rotated_at`, `generation`, `created_at`, `last_seen` (to the hour), `user_agent` | 7 days unused, 30 at most |
//! | `invitations` | invitation id | `doc` with the hash of the secret | 7 days |
//! | `tokens` | token id | `doc` with the hash of the secret; `last_used` (to the day) | until revoked |
//! | `shares` | share id | `doc` with the hash of the secret | until revoked |
//! | `throttle#<keyed hash>` | `throttle` | `count` and `last` of wrong attempts | a day |
//! | `saved#<site id>` | `goal#`, `segment#`, `funnel#` or `annotation#` and id | `doc` | until removed, or with the site |
//! | `tasks` | site id `#` task id, or `#deletion` | `doc`, what may be shown; `work`, what is to be done to whom, until it is done; `version` | 400 days |
//! | `erased#<site id>` | see `store::erased` | | 30 days |
//! | `alerts#<site id>`, `deliveries#<channel id>` | see `alerts.rs` | rules, channels, what waits and was delivered | until removed, or with the site; 30 days |
//! | `audit` | entry id (UUIDv7) | `doc`; `site_id` | 400 days |
//!
//! All rows that end have `expires_at` (Unix seconds) as their time to live; reads never trust it to have worked.
//! What must be unique or counted is written in one transaction with its look-up row, under conditions.
//! Secrets are kept as hashes (see `auth::secret`), and no address of a visitor or a caller is kept at all.

mod alerts;
mod audit;
mod documents;
mod people;
mod rows;
mod saved;
mod second_factor;
mod sessions;
mod sites;
mod tasks;
mod throttle;

use std::rc::Rc;
use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::SharedTimeSource;

use super::calls::Calls;

pub use alerts::{ChannelRow, SiteAlerts, Waiting};
pub(crate) use documents::token_day;
pub use documents::{Document, InvitationRow, ShareRow, TokenRow};
pub use people::{Entry, PersonConflict, PersonRow, SecondFactor};
pub use sessions::SessionRow;
pub use sites::{SiteConflict, StoredSite};
pub use tasks::{DELETION, TaskRow};

/// The table of sites, people and what they may do. Copies share one connection.
#[derive(Clone)]
pub struct Accounts {
    calls: Calls,
    table: Rc<str>,
    time: SharedTimeSource,
}

impl Accounts {
    pub(super) fn new(calls: Calls, table: &str, time: SharedTimeSource) -> Self {
        Self { calls, table: table.into(), time }
    }

    /// The platform's clock, Unix milliseconds.
    pub fn now(&self) -> u64 {
        let since = self.time.now().duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    /// Waits.
    pub(crate) fn sleep(&self, duration: Duration) -> Sleep {
        self.calls.sleep.sleep(duration)
    }
}
