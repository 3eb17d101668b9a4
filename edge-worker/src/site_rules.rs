//! Whether a site may be what somebody wants it to be.
//!
//! Forgiving where nothing can go wrong (case, a pasted address in place of its host), strict elsewhere, and each
//! complaint names its field.

use crate::address::Address;
use crate::site::Site;
use protocol::account::MAX_NAME_BYTES;

/// Most domains of a site. With the aliases, all look-up rows of a site fit into one transaction of 100 parts.
pub const MAX_DOMAINS: usize = 30;

/// Most aliases.
const MAX_ALIASES: usize = 10;

/// Longest alias: a UUID, a domain or a name fits.
const MAX_ALIAS_BYTES: usize = 128;

/// Most excluded paths, countries and addresses, each; and parameters that are kept. They are looked through for
/// every event.
const MAX_RULES: usize = 200;

/// Longest path or parameter of a rule.
const MAX_RULE_BYTES: usize = 200;

/// Most partitions: 64,000 write units a second.
const MAX_SHARDS: u32 = 64;

/// Longest retention, in days: ten years.
const MAX_RETENTION_DAYS: u32 = 3_650;

/// The shortest retention of rows where segments outlive them: events come up to seven days late, and compaction may be
/// behind.
const MIN_ROWS_DAYS: u32 = 14;

/// Puts a site into its normal form, or says what is wrong with it. `before` is what it was until now. Excluded
/// addresses are given plainly and leave as their hashes; hashes stay as they are.
///
/// # Errors
/// A sentence that names the field.
pub fn normal(mut site: Site, before: Option<&Site>, secret: &str) -> Result<Site, String> {
    site.name = site.name.trim().to_owned();
    if site.name.is_empty() {
        site.name = site.id.to_string();
    }
    if site.name.len() > MAX_NAME_BYTES || site.name.chars().any(char::is_control) {
        return Err(format!("`name` must have at most {MAX_NAME_BYTES} bytes, without control characters"));
    }
    site.domains = each("domains", &site.domains, MAX_DOMAINS, host)?;
    site.aliases = each("aliases", &site.aliases, MAX_ALIASES, |alias| {
        let fine =
            (1..=MAX_ALIAS_BYTES).contains(&alias.len()) && alias.bytes().all(|b| b.is_ascii_graphic());
        fine.then(|| alias.to_owned())
    })?;
    if !is_time_zone(&site.time_zone) {
        return Err("`time_zone` must be the name of an IANA time zone, such as Asia/Seoul".into());
    }
    let fewest = before.map_or(1, |site| site.shards);
    if !(fewest..=MAX_SHARDS).contains(&site.shards) {
        return Err(format!(
            "`shards` must be {fewest} to {MAX_SHARDS}: it may be raised, never lowered, for what lies above is not read"
        ));
    }
    if !(1..=MAX_RETENTION_DAYS).contains(&site.retention_days) {
        return Err(format!("`retention_days` must be 1 to {MAX_RETENTION_DAYS}"));
    }
    if let Some(days) = site.segment_retention_days {
        if !(site.retention_days..=MAX_RETENTION_DAYS).contains(&days) {
            return Err(format!(
                "`segment_retention_days` must be {} (`retention_days`) to {MAX_RETENTION_DAYS}",
                site.retention_days
            ));
        }
        if days > site.retention_days && site.retention_days < MIN_ROWS_DAYS {
            return Err(format!(
                "`retention_days` must be at least {MIN_ROWS_DAYS} where segments are kept longer: what comes late is \
                 built into them of its rows"
            ));
        }
        // As long as the rows is what every site does.
        site.segment_retention_days = (days > site.retention_days).then_some(days);
    }
    if before
        .is_some_and(|it| it.segment_days() > it.retention_days && site.retention_days > it.retention_days)
    {
        return Err("`retention_days` cannot be raised while segments are kept longer than rows: rows that are gone do \
                    not come back"
            .into());
    }
    // What the worker keeps beside what people say.
    let longest = before.map_or(0, Site::kept_days);
    site.longest_retention_days = if longest > site.retention_days { longest } else { 0 };
    site.erased_until = before.map_or(0, |site| site.erased_until);
    site.estimated_ranges = before.map(|site| site.estimated_ranges.clone()).unwrap_or_default();
    let rule = |text: &str| {
        let fine = (1..=MAX_RULE_BYTES).contains(&text.len()) && !text.chars().any(char::is_control);
        fine.then(|| text.to_owned())
    };
    site.query_parameters = each("query_parameters", &site.query_parameters, MAX_RULES, rule)?;
    let exclusions = &mut site.exclusions;
    exclusions.paths = each("exclusions.paths", &exclusions.paths, MAX_RULES, |path| {
        rule(path).filter(|path| path.starts_with(['/', '*']))
    })?;
    exclusions.countries = each("exclusions.countries", &exclusions.countries, MAX_RULES, country)?;
    exclusions.addresses = each("exclusions.addresses", &exclusions.addresses, MAX_RULES, |text| {
        if text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Some(text.to_owned());
        }
        Address::parse(text)?.exclusion_key(secret, site.id.as_str())
    })?;
    // Whoever makes a site says when, and nobody changes it.
    site.created_at = before.and_then(|site| site.created_at);
    Ok(site)
}

/// Normal forms of a list, without repetitions.
fn each(
    field: &str,
    list: &[String],
    most: usize,
    normal: impl Fn(&str) -> Option<String>,
) -> Result<Vec<String>, String> {
    if list.len() > most {
        return Err(format!("`{field}` may have at most {most} entries"));
    }
    let mut result: Vec<String> = Vec::with_capacity(list.len());
    for (index, text) in list.iter().enumerate() {
        let entry =
            normal(text.trim()).ok_or_else(|| format!("`{field}`: entry {} is malformed", index + 1))?;
        if !result.contains(&entry) {
            result.push(entry);
        }
    }
    Ok(result)
}

/// ISO 3166-1 alpha-2, upper case.
pub fn country(text: &str) -> Option<String> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic())).then(|| text.to_ascii_uppercase())
}

/// A host as browsers write it in `Origin`: lower case, with its port unless that is the scheme's own. Takes a
/// whole address as well, as people paste it.
fn host(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let (rest, own_port) = match (lower.strip_prefix("https://"), lower.strip_prefix("http://")) {
        (Some(rest), _) => (rest, Some(":443")),
        (_, Some(rest)) => (rest, Some(":80")),
        _ => (lower.as_str(), None),
    };
    let rest = rest.split(['/', '?', '#']).next()?;
    let host = own_port.and_then(|port| rest.strip_suffix(port)).unwrap_or(rest);
    let (name, port) = match host.rsplit_once(':') {
        // An IPv6 address stands in brackets and is full of colons.
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    if port.is_some_and(|port| port.starts_with(['0', '+']) || port.parse::<u16>().is_err()) {
        return None;
    }
    let is_name = |name: &str| {
        name.len() <= 253
            && name.split('.').all(|label| {
                (1..=63).contains(&label.len())
                    && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
                    && !label.starts_with('-')
                    && !label.ends_with('-')
            })
    };
    let fine = match name.strip_prefix('[') {
        Some(address) => address.strip_suffix(']')?.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_name(name),
    };
    fine.then(|| host.to_owned())
}

/// Whether a text has the form of a zone's name in the IANA database. Whether there is such a zone is known to the
/// browsers that compute with it.
fn is_time_zone(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
    };
    text.len() <= 64 && (1..=3).contains(&text.split('/').count()) && text.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use protocol::SiteId;

    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn site() -> Site {
        Site::new(SiteId::parse("shop").unwrap())
    }

    #[test]
    fn domains_are_hosts_whatever_is_pasted() {
        for (text, expected) in [
            ("Shop.Example", Some("shop.example")),
            ("https://shop.example/a?b#c", Some("shop.example")),
            ("https://shop.example:443", Some("shop.example")),
            ("http://shop.example:443/", Some("shop.example:443")),
            ("localhost:8788", Some("localhost:8788")),
            ("127.0.0.1:3000", Some("127.0.0.1:3000")),
            ("[::1]:3000", Some("[::1]:3000")),
            ("[::1]", Some("[::1]")),
            ("xn--9n2bp8q.xn--t60b56a", Some("xn--9n2bp8q.xn--t60b56a")),
            ("shop..example", None),
            ("*.shop.example", None),
            ("가게.한국", None),
            ("shop.example:0", None),
            ("shop.example:99999", None),
            ("", None),
            ("user@shop.example", None),
        ] {
            assert_eq!(host(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn time_zones_have_the_form_of_the_database() {
        for zone in ["UTC", "Asia/Seoul", "America/Argentina/Buenos_Aires", "Etc/GMT+9", "EST5EDT"] {
            assert!(is_time_zone(zone), "{zone}");
        }
        for wrong in ["", "/", "Asia/", "Asia/Seoul/", "../etc", "+09:00", "Asia/Seoul;x", "A/B/C/D"] {
            assert!(!is_time_zone(wrong), "{wrong}");
        }
    }

    #[test]
    fn addresses_are_hashed_at_once_and_hashes_stay() {
        let mut wanted = site();
        wanted.exclusions.addresses = vec!["203.0.113.7".into(), "2001:db8::1".into(), "203.0.113.7".into()];
        let kept = normal(wanted, None, SECRET).unwrap();
        let key = |text| Address::parse(text).unwrap().exclusion_key(SECRET, "shop").unwrap();
        assert_eq!(kept.exclusions.addresses, [key("203.0.113.7"), key("2001:db8::1")]);
        assert_eq!(normal(kept.clone(), Some(&kept), SECRET), Ok(kept));
    }

    #[test]
    fn nobody_says_when_a_site_was_made() {
        let claims = Site { created_at: Some(7), ..site() };
        assert_eq!(normal(claims.clone(), None, SECRET).unwrap().created_at, None);
        let before = Site { created_at: Some(5), ..site() };
        assert_eq!(normal(claims, Some(&before), SECRET).unwrap().created_at, Some(5));
        assert_eq!(normal(site(), Some(&before), SECRET).unwrap().created_at, Some(5));
    }

    #[test]
    fn shards_only_go_up() {
        let before = Site { shards: 4, ..site() };
        for (shards, fine) in [(3, false), (4, true), (64, true), (65, false)] {
            assert_eq!(normal(Site { shards, ..site() }, Some(&before), SECRET).is_ok(), fine, "{shards}");
        }
        assert!(normal(Site { shards: 0, ..site() }, None, SECRET).is_err());
    }

    #[test]
    fn complaint_names_the_field() {
        let mut wrong = site();
        wrong.exclusions.countries = vec!["KR".into(), "Korea".into()];
        assert_eq!(normal(wrong, None, SECRET).unwrap_err(), "`exclusions.countries`: entry 2 is malformed");
        for retention_days in [0, 3_651] {
            let complaint = normal(Site { retention_days, ..site() }, None, SECRET).unwrap_err();
            assert!(complaint.contains("retention_days"), "{complaint}");
        }
        for (rows, segments, kept) in [
            (400, 400, Ok(None)),
            (90, 400, Ok(Some(400))),
            (90, 89, Err("`segment_retention_days` must be 90")),
            (90, 3_651, Err("`segment_retention_days` must be 90")),
            (13, 14, Err("`retention_days` must be at least 14")),
            (13, 13, Ok(None)),
        ] {
            let wanted = Site { retention_days: rows, segment_retention_days: Some(segments), ..site() };
            match (normal(wanted, None, SECRET), kept) {
                (Ok(site), Ok(kept)) => assert_eq!(site.segment_retention_days, kept),
                (Err(complaint), Err(expected)) => assert!(complaint.starts_with(expected), "{complaint}"),
                (found, expected) => panic!("{rows} and {segments}: {found:?}, not {expected:?}"),
            }
        }
        let before = Site { retention_days: 90, segment_retention_days: Some(400), ..site() };
        let complaint =
            normal(Site { retention_days: 400, ..before.clone() }, Some(&before), SECRET).unwrap_err();
        assert!(complaint.starts_with("`retention_days` cannot be raised"), "{complaint}");
        assert!(normal(Site { retention_days: 30, ..before.clone() }, Some(&before), SECRET).is_ok());
        let mut wrong = site();
        wrong.exclusions.paths = vec!["admin".into()];
        assert!(normal(wrong, None, SECRET).unwrap_err().contains("exclusions.paths"));
    }

    proptest! {
        #[test]
        fn normal_form_is_its_own_normal_form(
            domain in "[a-zA-Z0-9.:/-]{0,20}", zone in "[A-Z][a-z]{1,5}(/[A-Z][a-z]{1,5})?", country in "[a-zA-Z]{2}",
            address in any::<[u8; 4]>(),
        ) {
            let mut wanted = site();
            wanted.domains = vec![domain];
            wanted.time_zone = zone;
            wanted.exclusions.countries = vec![country];
            wanted.exclusions.addresses = vec![std::net::Ipv4Addr::from(address).to_string()];
            if let Ok(first) = normal(wanted, None, SECRET) {
                prop_assert_eq!(normal(first.clone(), Some(&first), SECRET), Ok(first));
            }
        }
    }
}
