//! Stage 5: what the worker adds to a batch: place, device, browser, campaign, source and channel.

use enrich::Hints;
use protocol::api::Device;
use protocol::event::PageView;
use protocol::limits::{MAX_CONTEXT_BYTES, cut};
use serde::{Deserialize, Serialize};

use super::authorise::Sender;
use super::parcel::Rules;
use crate::http::{Geo, Request};
use crate::site::PlaceDetail;

/// In which a server gives the user agent of its visitor.
const AGENT_HEADER: &str = "x-liveinsight-user-agent";

/// What is known of a visit beyond its events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Visit {
    /// Where the visitor is.
    pub geo: Geo,
    /// Device class.
    pub device: Device,
    /// Browser family; empty when unknown.
    pub browser: String,
    /// Its version, as far as it is told; empty when unknown.
    pub browser_version: String,
    /// Operating system; empty when unknown.
    pub os: String,
    /// Its version, unless it is one that browsers have frozen; empty when unknown.
    pub os_version: String,
    /// Language tag of the browser; empty when unknown.
    pub language: String,
    /// Name of the bot, for the quarantine; empty for others.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bot: String,
    /// What a bot calls itself, for the quarantine; empty for others.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user_agent: String,
}

/// What the sender says of the visitor's browser.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Agent<'a> {
    /// The user agent; empty when not given.
    pub(crate) text: &'a str,
    pub(crate) hints: Hints<'a>,
    /// Whether the sender has to be a browser, so that anything else is a bot.
    pub(crate) is_browsers: bool,
}

/// Reads the headers. A server's own user agent says nothing of its visitor.
pub(crate) fn agent<'a>(request: &'a Request, sender: Sender) -> Agent<'a> {
    let header = |name| request.header(name).unwrap_or("");
    let hints = || Hints {
        ua: header("sec-ch-ua"),
        full_version_list: header("sec-ch-ua-full-version-list"),
        mobile: header("sec-ch-ua-mobile"),
        platform: header("sec-ch-ua-platform"),
        platform_version: header("sec-ch-ua-platform-version"),
        model: header("sec-ch-ua-model"),
        form_factors: header("sec-ch-ua-form-factors"),
    };
    match sender {
        Sender::Page => Agent { text: header("user-agent"), hints: hints(), is_browsers: true },
        Sender::Server => match request.header(AGENT_HEADER) {
            Some(text) => Agent { text, hints: hints(), is_browsers: true },
            // A proxy passes its visitor's on; a program's own begins with its name.
            None if header("user-agent").starts_with("Mozilla/") => {
                Agent { text: header("user-agent"), hints: hints(), is_browsers: true }
            }
            None => Agent { text: "", hints: Hints::default(), is_browsers: false },
        },
    }
}

/// Where the visitor is: as the edge says, or as a server that holds the ingest key says; no more exactly than the
/// site wants to know.
pub(crate) fn place(request: &Request, sender: Sender, detail: PlaceDetail) -> Geo {
    let header = |name| cut(request.header(name).unwrap_or(""), MAX_CONTEXT_BYTES).to_owned();
    let mut geo = match sender {
        Sender::Page => request.geo.clone(),
        Sender::Server => Geo {
            country: header("x-liveinsight-country"),
            region: header("x-liveinsight-region"),
            city: header("x-liveinsight-city"),
        },
    };
    if geo.country.len() != 2 || !geo.country.bytes().all(|b| b.is_ascii_alphabetic()) {
        geo.country.clear();
    }
    geo.country.make_ascii_uppercase();
    if detail < PlaceDetail::City {
        geo.city.clear();
    }
    if detail < PlaceDetail::Region {
        geo.region.clear();
    }
    if detail < PlaceDetail::Country {
        geo.country.clear();
    }
    geo
}

/// Describes the visit a batch belongs to.
pub(crate) fn visit(agent: &Agent<'_>, geo: Geo, language: &str) -> Visit {
    let read = enrich::parse(agent.text, &agent.hints);
    Visit {
        geo,
        device: read.device,
        browser: read.browser.to_owned(),
        browser_version: read.browser_version,
        os: read.os.to_owned(),
        os_version: read.os_version,
        language: language.to_owned(),
        bot: String::new(),
        user_agent: String::new(),
    }
}

/// What a page view's address and referrer say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Landing {
    /// The allowed part of the query.
    pub query: String,
    /// Where the visitor came from: a search engine's, network's or product's name, or a host; empty for direct
    /// visits and the site's own pages.
    pub source: String,
    /// The channel of [`Landing::source`] and campaign, as in GA4's default channel group. Empty for a page view
    /// that came from the site itself.
    pub channel: &'static str,
    campaign: enrich::Campaign,
}

impl Landing {
    /// Names and values of the attributes; the empty ones are not kept.
    pub fn attributes(&self) -> [(&'static str, &str); 10] {
        fn text(value: &Option<String>) -> &str {
            value.as_deref().unwrap_or("")
        }
        let campaign = &self.campaign;
        [
            ("query", &self.query),
            ("source", &self.source),
            ("channel", self.channel),
            ("utm_source", text(&campaign.source)),
            ("utm_medium", text(&campaign.medium)),
            ("utm_campaign", text(&campaign.name)),
            ("utm_term", text(&campaign.term)),
            ("utm_content", text(&campaign.content)),
            ("utm_id", text(&campaign.id)),
            ("click_id", campaign.click_id.unwrap_or("")),
        ]
    }
}

/// Reads the address and the referrer of a page view.
pub(crate) fn landing(view: &PageView, rules: &Rules) -> Landing {
    let query = view.url.query();
    let campaign = enrich::campaign(query);
    let host = enrich::host_of(view.url.as_str()).unwrap_or_default();
    let referrer = view.referrer.as_ref();
    let source = referrer.and_then(|referrer| enrich::source(referrer.as_str(), &host));
    let is_internal = referrer.is_some() && source.is_none() && campaign.is_empty();
    let channel = if is_internal { "" } else { enrich::channel(&campaign, source.as_ref()).as_str() };
    let tagged = campaign.source.as_deref().map(enrich::named);
    let name = tagged.or(source).map(|source| source.name.into_owned());
    Landing {
        query: enrich::allowed_query(query, &rules.query_parameters),
        source: name.unwrap_or_default(),
        channel,
        campaign,
    }
}

#[cfg(test)]
mod tests {
    use protocol::Props;
    use protocol::event::{Text, Url};

    use super::*;

    fn land(url: &str, referrer: &str) -> Landing {
        let view = PageView {
            url: Url::parse(url).unwrap(),
            referrer: Url::parse(referrer),
            title: Text::default(),
            props: Props::default(),
        };
        landing(&view, &Rules { query_parameters: vec!["q".into()], ..Rules::default() })
    }

    #[test]
    fn source_and_channel_come_from_campaign_before_referrer() {
        let searched = land("https://shop.example/?q=tea&token=secret", "https://www.google.com/");
        assert_eq!((searched.source.as_str(), searched.channel), ("Google", "Organic Search"));
        assert_eq!(searched.query, "q=tea");
        let mailed =
            land("https://shop.example/?utm_source=june&utm_medium=email", "https://www.google.com/");
        assert_eq!((mailed.source.as_str(), mailed.channel), ("june", "Email"));
        let direct = land("https://shop.example/", "");
        assert_eq!((direct.source.as_str(), direct.channel), ("", "Direct"));
    }

    #[test]
    fn page_of_the_same_site_is_no_source() {
        let inside = land("http://127.0.0.1:8788/b", "http://127.0.0.1:8788/a");
        assert_eq!((inside.source.as_str(), inside.channel), ("", ""));
    }

    #[test]
    fn place_is_kept_no_more_exactly_than_wanted() {
        let geo = Geo { country: "kr".into(), region: "Seoul".into(), city: "Seoul".into() };
        let request = Request { geo, ..Request::default() };
        let kept = |detail| {
            let geo = place(&request, Sender::Page, detail);
            [geo.country, geo.region, geo.city].map(|text| !text.is_empty())
        };
        assert_eq!(kept(PlaceDetail::City), [true, true, true]);
        assert_eq!(kept(PlaceDetail::Region), [true, true, false]);
        assert_eq!(kept(PlaceDetail::Country), [true, false, false]);
        assert_eq!(kept(PlaceDetail::None), [false, false, false]);
    }

    #[test]
    fn user_agent_of_a_server_says_nothing_of_its_visitor() {
        let of = |headers: &[(&str, &str)], sender| {
            let headers = headers.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
            let request = Request { headers, ..Request::default() };
            let agent = agent(&request, sender);
            (agent.text.to_owned(), agent.is_browsers)
        };
        let curl = [("user-agent", "curl/8.5.0")];
        assert_eq!(of(&curl, Sender::Page), ("curl/8.5.0".into(), true));
        assert_eq!(of(&curl, Sender::Server), (String::new(), false));
        let passed = [("user-agent", "Mozilla/5.0 (X11)")];
        assert_eq!(of(&passed, Sender::Server), ("Mozilla/5.0 (X11)".into(), true));
        let given = [("user-agent", "curl/8.5.0"), (AGENT_HEADER, "Googlebot/2.1")];
        assert_eq!(of(&given, Sender::Server), ("Googlebot/2.1".into(), true));
    }
}
