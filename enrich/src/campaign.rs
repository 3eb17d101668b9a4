//! Campaign, click id and what else a page's query string may keep.

use std::borrow::Cow;

use crate::table::cut;

/// Longest campaign value kept; longer ones are cut at a character. They are names people type into link builders;
/// GA4 keeps 100 characters of each.
pub const MAX_VALUE_BYTES: usize = 256;

/// Most parameters of a query string that are looked at: more are no page's, and each would cost time.
pub const MAX_PARAMETERS: usize = 100;

/// Where a visit says it comes from, by the parameters of the page's address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Campaign {
    /// `utm_source`, else `source`, else `ref`.
    pub source: Option<String>,
    /// `utm_medium`.
    pub medium: Option<String>,
    /// `utm_campaign`.
    pub name: Option<String>,
    /// `utm_term`.
    pub term: Option<String>,
    /// `utm_content`.
    pub content: Option<String>,
    /// `utm_id`.
    pub id: Option<String>,
    /// The name of the parameter in which an advertising system put a click's id. The id itself tells one person
    /// from all others and is never kept.
    pub click_id: Option<&'static str>,
}

impl Campaign {
    /// Whether the address says nothing of a campaign.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Parameters that carry a click's id, those before the others that say more about an advertisement: `fbclid` is
/// on links that nobody paid for, too.
const CLICK_IDS: &[&str] = &[
    // Google Ads, also without cookies on iOS (gbraid, wbraid), Display & Video 360, and Ads' newer companion.
    "gclid",
    "gbraid",
    "wbraid",
    "dclid",
    "gad_source",
    // Microsoft, TikTok, X, LinkedIn, Snapchat, Reddit, Yandex.
    "msclkid",
    "ttclid",
    "twclid",
    "li_fat_id",
    "ScCid",
    "rdt_cid",
    "yclid",
    // Naver's search advertisements, then its shopping.
    "n_media",
    "n_campaign_type",
    "n_ad_group",
    "n_ad",
    "n_keyword_id",
    "n_query",
    "n_rank",
    "NaPm",
    // Pinterest, Meta and Instagram mark every link out.
    "epik",
    "fbclid",
    "igshid",
];

/// Reads the query string of a page's address, with or without `?`.
pub fn campaign(query: &str) -> Campaign {
    let mut campaign = Campaign::default();
    let (mut source, mut reference) = (None, None);
    let mut click_id = None;
    for (name, value) in parameters(query) {
        let slot = match &*name {
            "utm_source" => &mut campaign.source,
            "utm_medium" => &mut campaign.medium,
            "utm_campaign" => &mut campaign.name,
            "utm_term" => &mut campaign.term,
            "utm_content" => &mut campaign.content,
            "utm_id" => &mut campaign.id,
            "source" => &mut source,
            "ref" => &mut reference,
            other => {
                let rank = CLICK_IDS.iter().position(|id| id.eq_ignore_ascii_case(other));
                if let Some(rank) = rank.filter(|_| !value.is_empty()) {
                    click_id = Some(click_id.map_or(rank, |known: usize| known.min(rank)));
                }
                continue;
            }
        };
        // The first of several counts, as in every parser that gives one value.
        if slot.is_none() {
            *slot = kept(&value);
        }
    }
    campaign.source = campaign.source.take().or(source).or(reference);
    campaign.click_id = click_id.and_then(|rank| CLICK_IDS.get(rank).copied());
    campaign
}

/// A query string of the allowed parameters alone, in their order and as they were written; without `?`, empty if
/// nothing remains. Names are compared decoded and to the letter.
pub fn allowed_query(query: &str, allow: &[impl AsRef<str>]) -> String {
    let mut kept = String::new();
    for pair in pairs(query) {
        let Some((name, _)) = form_urlencoded::parse(pair.as_bytes()).next() else { continue };
        if allow.iter().any(|allowed| allowed.as_ref() == name) {
            if !kept.is_empty() {
                kept.push('&');
            }
            kept.push_str(pair);
        }
    }
    kept
}

fn pairs(query: &str) -> impl Iterator<Item = &str> {
    let query = query.strip_prefix('?').unwrap_or(query);
    query.split('&').filter(|pair| !pair.is_empty()).take(MAX_PARAMETERS)
}

fn parameters(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    pairs(query).flat_map(|pair| form_urlencoded::parse(pair.as_bytes()))
}

fn kept(value: &str) -> Option<String> {
    let value = cut(value.trim(), MAX_VALUE_BYTES).trim_end();
    // Control characters have no place in a name and would break every list they are printed in.
    let value: String = value.chars().filter(|character| !character.is_control()).collect();
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parameters_of_a_campaign_are_read() {
        let found = campaign(
            "?utm_source=news&utm_medium=email&utm_campaign=%EC%97%AC%EB%A6%84+sale&utm_term=a&utm_content=b&utm_id=c&x=1",
        );
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            Campaign {
                source: text("news"),
                medium: text("email"),
                name: text("여름 sale"),
                term: text("a"),
                content: text("b"),
                id: text("c"),
                click_id: None,
            }
        );
    }

    #[test]
    fn utm_source_stands_before_source_and_ref() {
        let source = |query| campaign(query).source;
        assert_eq!(source("ref=a&source=b&utm_source=c").as_deref(), Some("c"));
        assert_eq!(source("ref=a&source=b").as_deref(), Some("b"));
        assert_eq!(source("ref=a").as_deref(), Some("a"));
        assert_eq!(source("utm_source=&ref=a").as_deref(), Some("a"));
        assert_eq!(source("utm_source=first&utm_source=second").as_deref(), Some("first"));
        assert_eq!(source("q=1"), None);
    }

    #[test]
    fn of_a_click_id_only_the_name_is_kept() {
        let found = campaign("fbclid=IwAR0secret&gclid=Cj0secret");
        assert_eq!(found.click_id, Some("gclid"));
        assert!(!format!("{found:?}").contains("secret"));
        assert_eq!(campaign("sccid=1").click_id, Some("ScCid"));
        assert_eq!(campaign("n_query=x&n_media=8753").click_id, Some("n_media"));
        assert_eq!(campaign("gclid=").click_id, None);
    }

    #[test]
    fn long_values_are_cut_and_controls_dropped() {
        let long = "가".repeat(200);
        let value = campaign(&format!("utm_source={long}")).source.unwrap();
        assert!(value.len() <= MAX_VALUE_BYTES && long.starts_with(&value));
        assert_eq!(campaign("utm_source=a%00%0Ab").source.as_deref(), Some("ab"));
    }

    #[test]
    fn the_allow_list_keeps_order_and_spelling() {
        let allow = ["q", "page", "분류"];
        assert_eq!(allowed_query("?page=2&token=x&q=a+b%20c&q=d", &allow), "page=2&q=a+b%20c&q=d");
        assert_eq!(allowed_query("%EB%B6%84%EB%A5%98=1&Q=2&&=3", &allow), "%EB%B6%84%EB%A5%98=1");
        assert_eq!(allowed_query("token=x", &allow), "");
        assert_eq!(allowed_query("q=1", &[] as &[&str]), "");
    }
}
