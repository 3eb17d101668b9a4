//! The address a request came from. It is used while the request is answered and never kept: its `Debug` form
//! hides it, and what is stored is a keyed hash.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// An address of a visitor or a caller.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Address(IpAddr);

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

impl Address {
    /// Reads an address as in `CF-Connecting-IP`, or the first one of an `X-Forwarded-For` list.
    pub fn parse(text: &str) -> Option<Self> {
        let first = text.split(',').next()?.trim();
        // Proxies of some makes add the port, and brackets where an IPv6 address would be ambiguous.
        let bare = match first.strip_prefix('[') {
            Some(rest) => rest.split(']').next()?,
            None if first.matches(':').count() == 1 => first.split(':').next()?,
            None => first,
        };
        let address: IpAddr = bare.parse().ok()?;
        Some(Self(address.to_canonical()))
    }

    /// The bytes that tell one household or server from another: all of IPv4, and of IPv6 the network of 64
    /// bits, because the rest is chosen by the device and changes daily (RFC 8981).
    fn network(self) -> [u8; 16] {
        let full = match self.0 {
            IpAddr::V4(v4) => return v4.to_ipv6_mapped().octets(),
            IpAddr::V6(v6) => v6,
        };
        Ipv6Addr::from_bits(full.to_bits() & !u128::from(u64::MAX)).octets()
    }

    /// What the address is known by where something has to be kept or counted: a hash with a secret key, cut to
    /// 16 bytes. `None` when the key is empty.
    pub fn keyed_hash(self, key: &[u8], purpose: &str, parts: &[&[u8]]) -> Option<[u8; 16]> {
        if key.is_empty() {
            return None;
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
        for part in [purpose.as_bytes(), &self.network()].into_iter().chain(parts.iter().copied()) {
            // The length keeps two different splits of the same bytes apart.
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        let tag = mac.finalize().into_bytes();
        Some(std::array::from_fn(|index| tag[index]))
    }

    /// The form in which a site's excluded addresses are kept: 32 hex digits.
    pub fn exclusion_key(self, secret: &str, site: &str) -> Option<String> {
        let hash = self.keyed_hash(secret.as_bytes(), "exclusion", &[site.as_bytes()])?;
        Some(hash.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        let v4 = Address::parse("203.0.113.7").unwrap();
        for text in ["203.0.113.7, 10.0.0.1", " 203.0.113.7:4711", "::ffff:203.0.113.7"] {
            assert_eq!(Address::parse(text), Some(v4), "{text}");
        }
        assert_eq!(Address::parse("[2001:db8::1]:443"), Address::parse("2001:db8::1"));
        for text in ["", "unknown", "203.0.113", "a:b:c", "[2001:db8::1"] {
            let read = Address::parse(text);
            assert!(read.is_none() || text.starts_with('['), "{text}");
        }
    }

    #[test]
    fn address_is_never_printed() {
        let address = Address::parse("203.0.113.7").unwrap();
        assert_eq!(format!("{address:?}"), "Address(…)");
    }

    #[test]
    fn devices_of_one_household_share_their_hash_and_sites_do_not() {
        let hash = |text: &str, site| Address::parse(text).unwrap().exclusion_key("secret", site).unwrap();
        assert_eq!(hash("2001:db8:1:2:aaaa::1", "shop"), hash("2001:db8:1:2:bbbb::9", "shop"));
        assert_ne!(hash("2001:db8:1:2::1", "shop"), hash("2001:db8:1:3::1", "shop"));
        assert_ne!(hash("203.0.113.7", "shop"), hash("203.0.113.8", "shop"));
        assert_ne!(hash("203.0.113.7", "shop"), hash("203.0.113.7", "blog"));
        assert_eq!(Address::parse("203.0.113.7").unwrap().exclusion_key("", "shop"), None);
    }
}
