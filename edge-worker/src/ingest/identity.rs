//! Who a visitor is when the browser keeps no id: a hash that changes every day, with a secret that is forgotten
//! after two.

use protocol::UserId;

use crate::address::Address;

/// Bytes of a day's secret.
pub(crate) const SALT_BYTES: usize = 32;

/// The secret of one day.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Salt {
    /// Start of the day, UTC, Unix milliseconds.
    pub(crate) day: u64,
    pub(crate) secret: [u8; SALT_BYTES],
}

impl Salt {
    /// The visitor's id for this day: 74 bits of a hash over site, address and user agent (an id of version 7 has no
    /// more to give). Among ten million visitors a day the probability that any two share one is 3 in 10^9.
    fn visitor(&self, site: &str, address: Option<Address>, user_agent: &str) -> Option<UserId> {
        let address = address.or_else(|| Address::parse("::"))?;
        let hash = address.keyed_hash(&self.secret, "visitor", &[site.as_bytes(), user_agent.as_bytes()])?;
        let random: [u8; 10] = std::array::from_fn(|index| hash[index]);
        Some(UserId::new(self.day, &random))
    }
}

/// Whose a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// The one its ids say.
    Given,
    /// The one the worker derives. Which visit it belongs to is decided when it is stored.
    Derived {
        /// The visitor's id of today.
        today: UserId,
        /// The id the same visitor had until midnight: a visit that began before goes on under it.
        before: Option<UserId>,
        /// Whether the ids in the batch stay the same while a page is open, so that what was decided for the
        /// page holds for all its batches. Scripts of other products send none.
        page_has_id: bool,
    },
}

/// Derives a visitor's ids. The user agent is the sender's; nothing else of the browser is looked at.
pub(crate) fn derive(
    [today, before]: [Option<Salt>; 2],
    site: &str,
    address: Option<Address>,
    user_agent: &str,
    page_has_id: bool,
) -> Option<Identity> {
    let of = |salt: Option<Salt>| salt.and_then(|salt| salt.visitor(site, address, user_agent));
    Some(Identity::Derived { today: of(today)?, before: of(before), page_has_id })
}

#[cfg(test)]
mod tests {
    use analytics::DAY_MS;

    use super::*;

    const TODAY: Salt = Salt { day: 20_000 * DAY_MS, secret: [1; SALT_BYTES] };
    const BEFORE: Salt = Salt { day: 19_999 * DAY_MS, secret: [2; SALT_BYTES] };

    fn ids(salts: [Option<Salt>; 2], site: &str, address: &str, agent: &str) -> (UserId, Option<UserId>) {
        match derive(salts, site, Address::parse(address), agent, true).unwrap() {
            Identity::Derived { today, before, .. } => (today, before),
            Identity::Given => panic!(),
        }
    }

    #[test]
    fn visitor_is_the_same_all_day_and_another_one_the_next() {
        let (today, before) = ids([Some(TODAY), Some(BEFORE)], "shop", "203.0.113.7", "Firefox");
        assert_eq!(ids([Some(TODAY), None], "shop", "203.0.113.7", "Firefox"), (today, None));
        assert_ne!(Some(today), before);
        assert_eq!(ids([Some(BEFORE), None], "shop", "203.0.113.7", "Firefox").0, before.unwrap());
    }

    #[test]
    fn site_address_and_user_agent_make_the_visitor() {
        let id = |site, address, agent| ids([Some(TODAY), None], site, address, agent).0;
        let one = id("shop", "203.0.113.7", "Firefox");
        for other in [
            id("blog", "203.0.113.7", "Firefox"),
            id("shop", "203.0.113.8", "Firefox"),
            id("shop", "203.0.113.7", "Chrome"),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn id_says_nothing_but_its_day() {
        let (id, _) = ids([Some(TODAY), None], "shop", "203.0.113.7", "Firefox");
        assert_eq!(id.unix_ms(), TODAY.day);
    }

    #[test]
    fn without_a_secret_nobody_is_derived() {
        assert_eq!(derive([None, Some(BEFORE)], "shop", None, "Firefox", true), None);
    }
}
