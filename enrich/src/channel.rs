//! The channel a visit belongs to, after the rules of GA4's default channel group
//! (<https://support.google.com/analytics/answer/9756891>), with messengers among the social networks and the
//! advertising systems' click ids as signs of a paid click.

use crate::campaign::Campaign;
use crate::referrer::{Source, SourceKind, named};

/// How a visit came about. In the order in which the rules are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Google's campaigns over several of its networks.
    CrossNetwork,
    /// Advertisements on shopping sites.
    PaidShopping,
    /// Advertisements on search engines.
    PaidSearch,
    /// Advertisements on social networks.
    PaidSocial,
    /// Advertisements on video sites.
    PaidVideo,
    /// Banners.
    Display,
    /// Advertisements elsewhere.
    PaidOther,
    /// Shopping sites.
    OrganicShopping,
    /// Social networks and messengers.
    OrganicSocial,
    /// Video sites.
    OrganicVideo,
    /// Assistants that answer with links.
    AiAssistants,
    /// Search engines.
    OrganicSearch,
    /// Mail, newsletters.
    Email,
    /// Partners paid by result.
    Affiliates,
    /// Podcasts and radio.
    Audio,
    /// Text messages.
    Sms,
    /// Notifications of a phone or browser.
    MobilePush,
    /// Links on other sites.
    Referral,
    /// The address itself, a bookmark, or a place that does not tell.
    Direct,
}

impl Channel {
    /// All of them, in the order of the rules.
    pub const ALL: [Self; 19] = [
        Self::CrossNetwork,
        Self::PaidShopping,
        Self::PaidSearch,
        Self::PaidSocial,
        Self::PaidVideo,
        Self::Display,
        Self::PaidOther,
        Self::OrganicShopping,
        Self::OrganicSocial,
        Self::OrganicVideo,
        Self::AiAssistants,
        Self::OrganicSearch,
        Self::Email,
        Self::Affiliates,
        Self::Audio,
        Self::Sms,
        Self::MobilePush,
        Self::Referral,
        Self::Direct,
    ];

    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CrossNetwork => "Cross-network",
            Self::PaidShopping => "Paid Shopping",
            Self::PaidSearch => "Paid Search",
            Self::PaidSocial => "Paid Social",
            Self::PaidVideo => "Paid Video",
            Self::Display => "Display",
            Self::PaidOther => "Paid Other",
            Self::OrganicShopping => "Organic Shopping",
            Self::OrganicSocial => "Organic Social",
            Self::OrganicVideo => "Organic Video",
            Self::AiAssistants => "AI Assistants",
            Self::OrganicSearch => "Organic Search",
            Self::Email => "Email",
            Self::Affiliates => "Affiliates",
            Self::Audio => "Audio",
            Self::Sms => "SMS",
            Self::MobilePush => "Mobile Push Notifications",
            Self::Referral => "Referral",
            Self::Direct => "Direct",
        }
    }
}

/// The channel of a visit with this campaign, from this source ([`crate::source`] of the referrer). A source that
/// the campaign names counts more than the referrer.
pub fn channel(campaign: &Campaign, source: Option<&Source>) -> Channel {
    let tagged = campaign.source.as_deref().map(named);
    let source = tagged.as_ref().or(source);
    let lower = |value: &Option<String>| value.as_deref().unwrap_or_default().to_ascii_lowercase();
    let (medium, name) = (lower(&campaign.medium), lower(&campaign.name));
    let source_name = source.map(|source| source.name.to_ascii_lowercase()).unwrap_or_default();
    let kind = source.map(|source| source.kind);
    let from = |wanted: SourceKind| kind == Some(wanted);
    let from_social = from(SourceKind::Social) || from(SourceKind::Messenger);
    let paid = is_paid(&medium);
    let is = |words: &[&str]| words.contains(&medium.as_str());

    if name.contains("cross-network") {
        Channel::CrossNetwork
    } else if paid && (from(SourceKind::Shopping) || is_shopping(&name)) {
        Channel::PaidShopping
    } else if (paid && from(SourceKind::Search)) || is_search_click(campaign.click_id, &source_name, kind) {
        Channel::PaidSearch
    } else if from_social && (paid || is_social_click(campaign.click_id)) {
        Channel::PaidSocial
    } else if paid && from(SourceKind::Video) {
        Channel::PaidVideo
    } else if is(&["display", "banner", "expandable", "interstitial", "cpm"])
        || campaign.click_id == Some("dclid")
    {
        Channel::Display
    } else if paid {
        Channel::PaidOther
    } else if from(SourceKind::Shopping) || is_shopping(&name) {
        Channel::OrganicShopping
    } else if from_social
        || is(&["social", "social-network", "social-media", "sm", "social network", "social media"])
    {
        Channel::OrganicSocial
    } else if from(SourceKind::Video) || medium.contains("video") {
        Channel::OrganicVideo
    } else if from(SourceKind::AiAssistant) {
        Channel::AiAssistants
    } else if from(SourceKind::Search) || medium == "organic" {
        Channel::OrganicSearch
    } else if from(SourceKind::Email) || is_email(&source_name) || is_email(&medium) {
        Channel::Email
    } else if is(&["affiliate", "affiliates"]) {
        Channel::Affiliates
    } else if medium == "audio" {
        Channel::Audio
    } else if medium == "sms" || source_name == "sms" {
        Channel::Sms
    } else if medium.ends_with("push")
        || medium.contains("mobile")
        || medium.contains("notification")
        || source_name == "firebase"
    {
        Channel::MobilePush
    } else if source.is_some() || is(&["referral", "app", "link"]) {
        Channel::Referral
    } else {
        Channel::Direct
    }
}

/// Media of paid clicks: `cpc`, `ppc`, `cpm`, `paid-social`, `retargeting`.
fn is_paid(medium: &str) -> bool {
    medium.contains("cp") || medium.starts_with("paid") || matches!(medium, "ppc" | "retargeting")
}

/// A campaign for a shop, and not for a `workshop` or a `bishop`: the letter before `shop` decides.
fn is_shopping(name: &str) -> bool {
    name.contains("shopping")
        || name.match_indices("shop").any(|(at, _)| {
            let before = name[..at].chars().next_back();
            before.is_none_or(|letter| letter == 'e' || !letter.is_ascii_lowercase())
        })
}

/// A search engine's own mark on an advertisement. Google's are also on clicks whose referrer got lost.
fn is_search_click(click_id: Option<&str>, source: &str, kind: Option<SourceKind>) -> bool {
    match click_id {
        Some("gclid" | "gbraid" | "wbraid" | "gad_source") => source == "google" || kind.is_none(),
        Some("msclkid") => source == "bing" || kind.is_none(),
        Some("yclid") => source.starts_with("yandex"),
        Some(naver) if naver.starts_with("n_") => source.starts_with("naver") || kind.is_none(),
        _ => false,
    }
}

/// Marks that social networks put on advertisements only.
fn is_social_click(click_id: Option<&str>) -> bool {
    matches!(click_id, Some("ttclid" | "twclid" | "li_fat_id" | "ScCid" | "rdt_cid"))
}

fn is_email(text: &str) -> bool {
    ["email", "e-mail", "e_mail", "e mail", "newsletter"].iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests;
