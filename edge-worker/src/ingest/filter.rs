//! Stage 4: what is understood but not counted, and why.

use enrich::BotKind;
use protocol::decode::Decoded;
use protocol::outcome::Outcome;
use protocol::{Event, EventKind};

use super::enrich::Agent;
use crate::address::Address;
use crate::http::{Geo, Request};
use crate::site::Site;

/// What a batch is judged by.
pub(super) struct Facts<'a> {
    pub(super) site: &'a Site,
    pub(super) request: &'a Request,
    pub(super) agent: &'a Agent<'a>,
    pub(super) geo: &'a Geo,
    pub(super) address: Option<Address>,
    /// Key of the hashes in which excluded addresses are kept.
    pub(super) secret: &'a str,
}

/// Why a whole batch is left out or kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    /// Name of the bot, if it is a known one.
    pub(super) bot: &'static str,
}

impl From<Outcome> for Verdict {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, bot: "" }
    }
}

/// Judges a batch: first what must not be kept at all, then what is kept apart. Events on excluded paths are taken
/// out one by one.
pub(super) fn judge(facts: &Facts<'_>, decoded: &mut Decoded) -> Option<Verdict> {
    let header = |name| facts.request.header(name).unwrap_or("");
    let prefetching =
        [header("sec-purpose"), header("purpose"), header("x-moz")].iter().any(|purpose| is_ahead(purpose));
    if prefetching {
        return Some(Outcome::Prerender.into());
    }
    // A server may pass the header on; what its own requests carry says nothing of a visitor.
    let objects = facts.agent.is_browsers && [header("sec-gpc"), header("dnt")].contains(&"1");
    if facts.site.honour_opt_out && objects {
        return Some(Outcome::OptedOut.into());
    }
    if is_excluded(facts) {
        return Some(Outcome::Excluded.into());
    }
    let paths = &facts.site.exclusions.paths;
    if !paths.is_empty() {
        let pages = pages(decoded);
        // Where no page was opened in the meantime, all happened on the page on show.
        let shown = decoded.batch.context.url.as_ref().filter(|_| pages.is_empty());
        let shown = shown.map_or_else(String::new, |url| url.path().to_owned());
        decoded.refuse(|event| {
            let page = pages.iter().find(|(id, _)| *id == event.page_id);
            let path = page.map_or(shown.as_str(), |(_, path)| path.as_str());
            paths.iter().any(|pattern| matches(pattern, path)).then_some(Outcome::Excluded)
        });
    }
    if facts.agent.is_browsers
        && let Some(bot) = enrich::judge(facts.agent.text, &facts.agent.hints)
    {
        let outcome = if bot.kind == BotKind::Headless { Outcome::Headless } else { Outcome::Bot };
        return Some(Verdict { outcome, bot: bot.name.unwrap_or("") });
    }
    let spam = decoded.batch.events.iter().filter_map(referrer_host).any(|host| enrich::is_spam(&host));
    spam.then(|| Outcome::Spam.into())
}

/// `Sec-Purpose: prefetch;prerender` and its older forms.
fn is_ahead(purpose: &str) -> bool {
    purpose.split([';', ',']).any(|part| matches!(part.trim(), "prefetch" | "prerender" | "preview"))
}

fn is_excluded(facts: &Facts<'_>) -> bool {
    let rules = &facts.site.exclusions;
    let country = !facts.geo.country.is_empty() && rules.countries.contains(&facts.geo.country);
    let address = || {
        let address = facts.address.filter(|_| !rules.addresses.is_empty());
        let key = address.and_then(|address| address.exclusion_key(facts.secret, facts.site.id.as_str()));
        key.is_some_and(|key| rules.addresses.contains(&key))
    };
    country || address()
}

/// The pages that were opened in a batch, and their paths.
fn pages(decoded: &Decoded) -> Vec<(protocol::PageId, String)> {
    let viewed = decoded.batch.events.iter().filter_map(|event| match &event.kind {
        EventKind::PageView(view) => Some((event.page_id, view.url.path().to_owned())),
        _ => None,
    });
    viewed.collect()
}

fn referrer_host(event: &Event) -> Option<String> {
    match &event.kind {
        EventKind::PageView(view) => enrich::host_of(view.referrer.as_ref()?.as_str()),
        _ => None,
    }
}

/// Whether a path fits a pattern in which `*` stands for any text. Takes time in proportion to the product of their
/// lengths at worst, whatever the pattern.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use protocol::{SiteId, decode};

    use super::*;
    use crate::ingest::authorise::Sender;
    use crate::ingest::enrich::agent;

    const FIREFOX: &str =
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0";
    const GOOGLEBOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
    const HEADLESS: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36";

    fn decoded(referrer: &str) -> Decoded {
        let id = "019aaea7-6f80-7000-8000-000000000003";
        let other = "019aaea7-6f80-7000-8000-000000000004";
        let body = format!(
            r#"{{"v":1,"site_id":"shop","user_id":"{id}","session_id":"{id}","sent_at":1,
            "context":{{"url":"https://shop.example/admin/users"}},"events":[
            {{"id":"{id}","type":"page_view","page_id":"{id}","url":"https://shop.example/a","referrer":"{referrer}"}},
            {{"id":"{other}","type":"custom","page_id":"{other}","name":"saved"}}]}}"#
        );
        decode::batch(body.as_bytes()).unwrap()
    }

    fn outcome(
        site: &Site,
        headers: &[(&str, &str)],
        sender: Sender,
        referrer: &str,
    ) -> (Option<Outcome>, usize) {
        let headers = headers.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let request = Request { headers, ..Request::default() };
        let agent = agent(&request, sender);
        let facts = Facts {
            site,
            request: &request,
            agent: &agent,
            geo: &Geo { country: "KR".into(), ..Geo::default() },
            address: Address::parse("203.0.113.7"),
            secret: "secret",
        };
        let mut decoded = decoded(referrer);
        let verdict = judge(&facts, &mut decoded).map(|verdict| verdict.outcome);
        (verdict, decoded.batch.events.len())
    }

    fn site() -> Site {
        Site::new(SiteId::parse("shop").unwrap())
    }

    #[test]
    fn each_filter_has_its_outcome() {
        let judged = |headers: &[(&str, &str)]| outcome(&site(), headers, Sender::Page, "").0;
        let with = |name, value| [("user-agent", FIREFOX), (name, value)];
        assert_eq!(judged(&with("x", "y")), None);
        assert_eq!(judged(&with("sec-purpose", "prefetch;prerender")), Some(Outcome::Prerender));
        assert_eq!(judged(&with("sec-gpc", "1")), Some(Outcome::OptedOut));
        assert_eq!(judged(&with("dnt", "1")), Some(Outcome::OptedOut));
        assert_eq!(judged(&with("dnt", "0")), None);
        assert_eq!(judged(&[("user-agent", GOOGLEBOT)]), Some(Outcome::Bot));
        assert_eq!(judged(&[("user-agent", HEADLESS)]), Some(Outcome::Headless));
        assert_eq!(judged(&[]), Some(Outcome::Bot));
        let spam = outcome(&site(), &with("x", "y"), Sender::Page, "https://semalt.com/");
        assert_eq!(spam.0, Some(Outcome::Spam));
    }

    #[test]
    fn site_may_count_those_who_would_rather_not_be() {
        let site = Site { honour_opt_out: false, ..site() };
        let headers = [("user-agent", FIREFOX), ("sec-gpc", "1")];
        assert_eq!(outcome(&site, &headers, Sender::Page, "").0, None);
    }

    #[test]
    fn server_without_a_visitors_user_agent_is_no_bot() {
        assert_eq!(outcome(&site(), &[("user-agent", "curl/8.5.0")], Sender::Server, "").0, None);
        let given = [("x-liveinsight-user-agent", GOOGLEBOT)];
        assert_eq!(outcome(&site(), &given, Sender::Server, "").0, Some(Outcome::Bot));
    }

    #[test]
    fn rules_of_the_site_leave_out_country_address_and_path() {
        let headers = [("user-agent", FIREFOX)];
        let with = |change: fn(&mut Site)| {
            let mut site = site();
            change(&mut site);
            outcome(&site, &headers, Sender::Page, "")
        };
        assert_eq!(with(|site| site.exclusions.countries = vec!["KR".into()]).0, Some(Outcome::Excluded));
        assert_eq!(with(|site| site.exclusions.countries = vec!["JP".into()]).0, None);
        let excluded = with(|site| {
            let key = Address::parse("203.0.113.7").and_then(|a| a.exclusion_key("secret", "shop"));
            site.exclusions.addresses = key.into_iter().collect();
        });
        assert_eq!(excluded.0, Some(Outcome::Excluded));
        // Of the event without a page view nobody knows whether it happened before or after the page was left.
        assert_eq!(with(|site| site.exclusions.paths = vec!["/admin/*".into()]), (None, 2));
        assert_eq!(with(|site| site.exclusions.paths = vec!["/a".into()]), (None, 1));
    }

    #[test]
    fn events_of_a_batch_without_page_views_happened_on_the_page_on_show() {
        let mut site = site();
        site.exclusions.paths = vec!["/admin/*".into()];
        let request = Request { headers: vec![("user-agent".into(), FIREFOX.into())], ..Request::default() };
        let agent = agent(&request, Sender::Page);
        let geo = Geo::default();
        let facts =
            Facts { site: &site, request: &request, agent: &agent, geo: &geo, address: None, secret: "" };
        let mut decoded = decoded("");
        decoded.batch.events.remove(0);
        assert_eq!(judge(&facts, &mut decoded), None);
        assert!(decoded.batch.events.is_empty());
    }

    #[test]
    fn star_stands_for_any_text() {
        for (pattern, path, fits) in [
            ("/admin/*", "/admin/", true),
            ("/admin/*", "/admin", false),
            ("/a*/b*c", "/axx/byyc", true),
            ("/a*/b*c", "/axx/byyd", false),
            ("*", "/anything", true),
            ("/a", "/a", true),
            ("/a", "/ab", false),
            ("*.pdf", "/x/y.pdf", true),
            ("/ab*ba", "/aba", false),
        ] {
            assert_eq!(matches(pattern, path), fits, "{pattern} {path}");
        }
    }
}
