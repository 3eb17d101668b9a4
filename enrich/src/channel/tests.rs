use std::borrow::Cow;

use proptest::prelude::*;

use super::*;
use crate::campaign::campaign;
use crate::referrer::source;

/// The channel of a visit to a page with this query, from this referrer.
fn of(query: &str, referrer: &str) -> Channel {
    channel(&campaign(query), source(referrer, "shop.example").as_ref())
}

const GOOGLE: &str = "https://www.google.com/";
const NAVER: &str = "https://search.naver.com/";
const FACEBOOK: &str = "https://l.facebook.com/";
const YOUTUBE: &str = "https://www.youtube.com/";
const BLOG: &str = "https://blog.example.org/";

#[test]
fn without_a_campaign_the_source_decides() {
    assert_eq!(of("", ""), Channel::Direct);
    assert_eq!(of("", GOOGLE), Channel::OrganicSearch);
    assert_eq!(of("", NAVER), Channel::OrganicSearch);
    assert_eq!(of("", FACEBOOK), Channel::OrganicSocial);
    assert_eq!(of("", "android-app://com.kakao.talk"), Channel::OrganicSocial);
    assert_eq!(of("", YOUTUBE), Channel::OrganicVideo);
    assert_eq!(of("", "https://www.coupang.com/"), Channel::OrganicShopping);
    assert_eq!(of("", "https://chatgpt.com/"), Channel::AiAssistants);
    assert_eq!(of("", "https://mail.naver.com/"), Channel::Email);
    assert_eq!(of("", BLOG), Channel::Referral);
    assert_eq!(of("", "https://www.shop.example/"), Channel::Direct);
}

#[test]
fn a_paid_medium_makes_the_kind_of_source_paid() {
    assert_eq!(of("utm_medium=cpc", GOOGLE), Channel::PaidSearch);
    assert_eq!(of("utm_source=naver&utm_medium=CPC", ""), Channel::PaidSearch);
    assert_eq!(of("utm_source=facebook&utm_medium=paid-social", ""), Channel::PaidSocial);
    assert_eq!(of("utm_source=kakaotalk&utm_medium=cpm", ""), Channel::PaidSocial);
    assert_eq!(of("utm_source=youtube&utm_medium=cpv", ""), Channel::PaidVideo);
    assert_eq!(of("utm_source=youtube&utm_medium=cpc", ""), Channel::PaidVideo);
    assert_eq!(of("utm_source=amazon&utm_medium=cpc", ""), Channel::PaidShopping);
    assert_eq!(
        of("utm_source=partner&utm_medium=cpc&utm_campaign=spring_shopping", ""),
        Channel::PaidShopping
    );
    assert_eq!(of("utm_source=partner&utm_medium=ppc", ""), Channel::PaidOther);
    assert_eq!(of("utm_source=partner&utm_medium=retargeting", ""), Channel::PaidOther);
    assert_eq!(of("utm_campaign=x-cross-network-y&utm_medium=cpc", GOOGLE), Channel::CrossNetwork);
}

#[test]
fn banners_are_display_unless_the_source_says_more() {
    for medium in ["display", "banner", "expandable", "interstitial", "cpm"] {
        assert_eq!(of(&format!("utm_source=partner&utm_medium={medium}"), ""), Channel::Display, "{medium}");
    }
    assert_eq!(of("utm_source=google&utm_medium=cpm", ""), Channel::PaidSearch);
    assert_eq!(of("dclid=x", BLOG), Channel::Display);
}

#[test]
fn click_ids_of_advertising_make_a_click_paid() {
    assert_eq!(of("gclid=x", GOOGLE), Channel::PaidSearch);
    assert_eq!(of("gbraid=x", ""), Channel::PaidSearch);
    assert_eq!(of("gclid=x", BLOG), Channel::Referral);
    assert_eq!(of("msclkid=x", "https://www.bing.com/"), Channel::PaidSearch);
    assert_eq!(of("n_media=27758&n_query=x", NAVER), Channel::PaidSearch);
    assert_eq!(of("NaPm=ct%3Dx", NAVER), Channel::OrganicSearch);
    assert_eq!(of("ttclid=x", "https://www.tiktok.com/"), Channel::PaidSocial);
    assert_eq!(of("twclid=x", "https://t.co/x"), Channel::PaidSocial);
    // On every link out of Facebook, paid for or not.
    assert_eq!(of("fbclid=x", FACEBOOK), Channel::OrganicSocial);
}

#[test]
fn media_tell_where_no_known_source_does() {
    let cases = [
        ("social", Channel::OrganicSocial),
        ("Social-Media", Channel::OrganicSocial),
        ("sm", Channel::OrganicSocial),
        ("video", Channel::OrganicVideo),
        ("organic", Channel::OrganicSearch),
        ("email", Channel::Email),
        ("e-mail", Channel::Email),
        ("newsletter", Channel::Email),
        ("affiliate", Channel::Affiliates),
        ("audio", Channel::Audio),
        ("sms", Channel::Sms),
        ("push", Channel::MobilePush),
        ("web-push", Channel::MobilePush),
        ("notification", Channel::MobilePush),
        ("referral", Channel::Referral),
        ("link", Channel::Referral),
        ("unheard-of", Channel::Referral),
    ];
    for (medium, channel) in cases {
        assert_eq!(of(&format!("utm_source=partner&utm_medium={medium}"), ""), channel, "{medium}");
    }
    assert_eq!(of("utm_source=newsletter", ""), Channel::Email);
    assert_eq!(of("utm_source=sms", ""), Channel::Sms);
    assert_eq!(of("utm_source=firebase", ""), Channel::MobilePush);
    assert_eq!(of("utm_medium=unheard-of", ""), Channel::Direct);
}

#[test]
fn a_shop_is_a_word_of_its_own() {
    for name in ["shop", "my-shop", "2026_shop", "eshop", "shopping", "google shop"] {
        assert!(is_shopping(name), "{name}");
    }
    for name in ["", "workshop", "bishop", "photoshop", "sho"] {
        assert!(!is_shopping(name), "{name}");
    }
}

#[test]
fn the_campaigns_source_counts_more_than_the_referrer() {
    assert_eq!(of("utm_source=newsletter&utm_medium=email", GOOGLE), Channel::Email);
    assert_eq!(of("ref=producthunt.com", GOOGLE), Channel::OrganicSocial);
}

#[test]
fn names_are_told_apart() {
    let names: std::collections::BTreeSet<_> = Channel::ALL.iter().map(|channel| channel.as_str()).collect();
    assert_eq!(names.len(), Channel::ALL.len());
}

proptest! {
    #[test]
    fn every_visit_has_one_channel(
        words in prop::collection::vec(prop::option::of("[a-z_ -]{0,12}|cpc|organic|social|email|shop"), 4),
        click_id in prop::option::of(prop::sample::select(vec!["gclid", "fbclid", "n_media", "dclid"])),
        host in prop::option::of("[a-z]{1,8}\\.(com|kr|ai)|google.com|naver.com|youtube.com"),
    ) {
        let mut words = words.into_iter();
        let mut next = || words.next().flatten();
        let campaign = Campaign { source: next(), medium: next(), name: next(), term: next(), click_id, ..Campaign::default() };
        let source = host.map(|host| source(&format!("https://{host}/"), "shop.example").unwrap_or(Source {
            name: Cow::Borrowed(""),
            kind: SourceKind::Website,
        }));
        let first = channel(&campaign, source.as_ref());
        prop_assert!(Channel::ALL.contains(&first));
        prop_assert_eq!(first, channel(&campaign.clone(), source.clone().as_ref()));
        // Without any trace nobody sent the visitor.
        if campaign.is_empty() && source.is_none() {
            prop_assert_eq!(first, Channel::Direct);
        }
    }
}
