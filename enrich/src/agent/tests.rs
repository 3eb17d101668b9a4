use super::*;

/// A user agent, then browser, version, system, version, device.
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str, Device);

use Device::{Console, Desktop, Mobile, Other, Tablet, Tv, Wearable};

#[rustfmt::skip]
const BROWSERS: &[Case] = &[
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        "Chrome", "142", "Windows", "10", Desktop),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
        "Edge", "142", "Windows", "10", Desktop),
    ("Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
        "Internet Explorer", "11", "Windows", "7", Desktop),
    ("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; Trident/5.0; SLCC2)",
        "Internet Explorer", "9", "Windows", "7", Desktop),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
        "Safari", "18.6", "macOS", "", Desktop),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
        "Firefox", "145", "macOS", "", Desktop),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.1.2 Safari/605.1.15",
        "Safari", "14.1", "macOS", "10.14", Desktop),
    ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        "Firefox", "145", "Linux", "", Desktop),
    ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        "Chrome", "142", "ChromeOS", "", Desktop),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 OPR/124.0.0.0",
        "Opera", "124", "Windows", "10", Desktop),
    ("Opera/9.80 (Windows NT 6.1; U; en) Presto/2.12.388 Version/12.16", "Opera", "12", "Windows", "7", Desktop),
    ("Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; en) Opera 8.50", "Opera", "8", "Windows", "XP", Desktop),
    ("Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; en) Presto/2.8.119 Version/11.10",
        "Opera Mini", "7", "", "", Mobile),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 YaBrowser/25.10.0.0 Safari/537.36",
        "Yandex Browser", "25", "Windows", "10", Desktop),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.6.1 Mobile/15E148 Safari/604.1",
        "Safari", "26.6", "iOS", "26.6", Mobile),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
        "Safari", "18.6", "iOS", "18.6", Mobile),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 26_0_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1",
        "Chrome", "142", "iOS", "26.0", Mobile),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/145.0 Mobile/15E148 Safari/605.1.15",
        "Firefox", "145", "iOS", "18.1", Mobile),
    ("Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1",
        "Safari", "12.1", "iOS", "12.5", Tablet),
    ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/340.0.700000000 Mobile/15E148 Safari/604.1",
        "Google Search App", "340", "iPadOS", "17.5", Tablet),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
        "iOS WebView", "", "iOS", "17.6", Mobile),
    ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
        "Chrome", "142", "Android", "", Mobile),
    ("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "Firefox", "145", "Android", "15", Mobile),
    ("Mozilla/5.0 (Linux; Android 8.1.0; SM-T580) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/100.0.4896.127 Safari/537.36",
        "Chrome", "100", "Android", "8.1", Tablet),
    ("Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP2A.240805.005; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.6723.58 Mobile Safari/537.36",
        "Android WebView", "130", "Android", "14", Mobile),
    ("Mozilla/5.0 (Linux; U; Android 4.0.3; ko-kr; LG-L160L Build/IML74K) AppleWebkit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30",
        "Android Browser", "", "Android", "4.0", Mobile),
    ("Mozilla/5.0 (Mobile; Windows Phone 8.1; Android 4.0; ARM; Trident/7.0; Touch; rv:11.0; IEMobile/11.0; NOKIA; Lumia 520) like iPhone OS 7_0_3 Mac OS X AppleWebKit/537 (KHTML, like Gecko) Mobile Safari/537",
        "IE Mobile", "11", "Windows Phone", "8", Mobile),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Safari/537.36",
        "Samsung Internet", "28", "Linux", "", Desktop),
    ("Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36",
        "Safari", "", "Tizen", "6.0", Tv),
    ("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0.5359.211 Safari/537.36 WebAppManager",
        "LG Browser", "", "webOS", "", Tv),
    ("Mozilla/5.0 (Linux; Android 9; AFTKA) AppleWebKit/537.36 (KHTML, like Gecko) Silk/120.4.1 like Chrome/120.0.6099.230 Safari/537.36",
        "Amazon Silk", "120", "Android", "9", Tv),
    ("Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15",
        "PlayStation Browser", "", "PlayStation", "5", Console),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox Series X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
        "Edge", "142", "Xbox", "", Console),
    ("Mozilla/5.0 (X11; Linux x86_64; Quest 3) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/38.2.0 Chrome/132.0.6834.83 VR Safari/537.36",
        "Meta Quest Browser", "38", "Linux", "", Wearable),
    ("Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.1", "Firefox", "48", "KaiOS", "2.5", Mobile),
    ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36 (Ecosia android@150.0.0.0)",
        "Ecosia", "150", "Android", "", Mobile),
    ("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chr0me/87.0.4280.88 Safari/537.36 LG Browser/8.00.00(LGE; 50SFSW6M; 04.42.26; 0x00000001; DTV_C22P); webOS.TV-2022",
        "LG Browser", "", "webOS", "", Tv),
    ("Mozilla/5.0 (Linux; Android 11; HiPadX) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/100.0.4896.127 Safari/537.36",
        "Chrome", "100", "Android", "11", Tablet),
    ("", "", "", "", "", Other),
    ("no browser at all", "", "", "", "", Other),
];

#[rustfmt::skip]
const APPS: &[Case] = &[
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 KAKAOTALK/25.5.1 (INAPP)",
        "KakaoTalk", "25", "iOS", "18.5", Mobile),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 KAKAOTALK 10.4.5",
        "KakaoTalk", "10", "iOS", "16.6", Mobile),
    ("Mozilla/5.0 (Linux; Android 13; SM-S911N Build/TP1A.220624.014; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/118.0.0.0 Mobile Safari/537.36;KAKAOTALK 2410320",
        "KakaoTalk", "", "Android", "13", Mobile),
    ("Mozilla/5.0 (Linux; Android 14; SM-S928N Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/127.0.6533.103 Whale/1.0.0.0 Crosswalk/29.127.0.12 Mobile Safari/537.36 NAVER(inapp; search; 2000; 12.7.5)",
        "NAVER", "12", "Android", "14", Mobile),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 NAVER(inapp; search; 2010; 12.6.2; 15PROMAX)",
        "NAVER", "12", "iOS", "17.5", Mobile),
    ("Mozilla/5.0 (Linux; Android 14; SM-A546S) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.6367.243 Whale/1.0.0.0 Crosswalk/28.124.0.11 Mobile Safari/537.36",
        "Whale", "124", "Android", "14", Mobile),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Whale/4.33.325.17 Safari/537.36",
        "Whale", "4", "Windows", "10", Desktop),
    ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
        "Samsung Internet", "28", "Android", "", Mobile),
    ("Mozilla/5.0 (Linux; Android 13; SM-G991N Build/TP1A.220624.014; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/117.0.0.0 Mobile Safari/537.36 DaumApps/8.2.0 DaumDevice/mobile",
        "Daum", "8", "Android", "13", Mobile),
    ("Mozilla/5.0 (Linux; Android 12; SM-N981N; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/110.0.5481.65 Mobile Safari/537.36 BAND/15.2.1 (Android 12; Samsung SM-N981N)",
        "BAND", "15", "Android", "12", Mobile),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 everytime",
        "Everytime", "", "iOS", "17.4", Mobile),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22B91 Instagram 361.0.0.35.82 (iPhone15,3; iOS 18_1_1; ko_KR; ko; scale=3.00; 1290x2796; 674117118)",
        "Instagram", "361", "iOS", "18.1", Mobile),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/23A341 [FBAN/FBIOS;FBAV/532.0.0.38.71;FBBV/0;FBDV/iPhone17,1;FBMD/iPhone;FBSN/iOS;FBSV/26.0;FBSS/3]",
        "Facebook", "532", "iOS", "26.0", Mobile),
    ("Mozilla/5.0 (Linux; Android 13; SM-A536B Build/TP1A.220624.014; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/119.0.6045.66 Mobile Safari/537.36 [FB_IAB/Orca-Android;FBAV/434.0.0.32.110;]",
        "Messenger", "434", "Android", "13", Mobile),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21F79 Barcelona 338.0.0.28.118 (iPhone14,5; iOS 17_5; ko_KR)",
        "Threads", "338", "iOS", "17.5", Mobile),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/14.3.0",
        "LINE", "14", "iOS", "17.2", Mobile),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 musical_ly_32.5.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/ko Region/KR BytedanceWebview/d8a21c6",
        "TikTok", "", "iOS", "17.1", Mobile),
    ("Mozilla/5.0 (Linux; Android 11; SM-A515F Build/RP1A.200720.012; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/97.0.4692.98 Mobile Safari/537.36 trill_2022206060 JsSdk/1.0",
        "TikTok", "", "Android", "11", Mobile),
    ("Mozilla/5.0 (Linux; Android 16; Pixel 10 Build/CP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/146.0.7680.174 Mobile Safari/537.36 MetaIAB Facebook",
        "Facebook", "", "Android", "16", Mobile),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Twitter for iPhone/10.54",
        "X", "", "iOS", "17.6", Mobile),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [LinkedInApp]/9.29.6962",
        "LinkedIn", "9", "iOS", "17.5", Mobile),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 16_6_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.42(0x18002a2a) NetType/WIFI Language/ko",
        "WeChat", "8", "iOS", "16.6", Mobile),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Snapchat/12.70.0.32 (like Safari/8617.2.4, panda)",
        "Snapchat", "12", "iOS", "17.3", Mobile),
    ("Mozilla/5.0 (Linux; Android 14; SM-S918N) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36 [Pinterest/Android]",
        "Pinterest", "", "Android", "14", Mobile),
    ("Mozilla/5.0 (Linux; Android 13; M2007J20CG; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/125.0.6422.165 Mobile Safari/537.36 Telegram-Android/10.14.5 (Xiaomi M2007J20CG; Android 13; SDK 33; AVERAGE)",
        "Telegram", "10", "Android", "13", Mobile),
];

fn check(cases: &[Case]) {
    for (user_agent, browser, browser_version, os, os_version, device) in cases {
        let found = parse(user_agent, &Hints::default());
        let wanted = Agent {
            browser,
            browser_version: (*browser_version).to_owned(),
            os,
            os_version: (*os_version).to_owned(),
            device: *device,
        };
        assert_eq!(found, wanted, "{user_agent}");
    }
}

#[test]
fn browsers_are_told_from_what_they_imitate() {
    check(BROWSERS);
}

#[test]
fn pages_inside_apps_are_told_from_browsers() {
    check(APPS);
}

#[test]
fn no_person_is_taken_for_a_program() {
    let people = BROWSERS.iter().chain(APPS).map(|case| case.0);
    for user_agent in people.filter(|user_agent| user_agent.starts_with("Mozilla/")) {
        assert_eq!(crate::judge(user_agent, &Hints::default()), None, "{user_agent}");
    }
}

const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36";

#[test]
fn hints_tell_the_versions_that_user_agents_freeze() {
    let os_version = |user_agent, platform, platform_version| {
        parse(user_agent, &Hints { platform, platform_version, ..Hints::default() }).os_version
    };
    assert_eq!(os_version(WINDOWS, "\"Windows\"", "\"19.0.0\""), "11");
    assert_eq!(os_version(WINDOWS, "\"Windows\"", "\"13.0.0\""), "11");
    assert_eq!(os_version(WINDOWS, "\"Windows\"", "\"10.0.0\""), "10");
    assert_eq!(os_version(WINDOWS, "\"Windows\"", ""), "10");
    assert_eq!(os_version(ANDROID, "\"Android\"", "\"15.0.0\""), "15");
    assert_eq!(os_version(ANDROID, "\"Android\"", ""), "");
    let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
    assert_eq!(os_version(mac, "\"macOS\"", "\"15.7.1\""), "15");
    assert_eq!(os_version(mac, "\"macOS\"", "\"10.15.7\""), "10.15");
}

#[test]
fn brands_tell_the_browsers_that_look_like_chrome() {
    let browser = |ua| {
        let agent = parse(WINDOWS, &Hints { ua, ..Hints::default() });
        (agent.browser, agent.browser_version)
    };
    let version = |text: &str| text.to_owned();
    assert_eq!(
        browser(r#""Brave";v="142", "Chromium";v="142", "Not_A Brand";v="99""#),
        ("Brave", version("142"))
    );
    assert_eq!(browser(r#""Chromium";v="142", "Google Chrome";v="142""#), ("Chrome", version("142")));
    assert_eq!(browser(r#""Chromium";v="138", "Whale";v="4", "Not)A;Brand";v="8""#), ("Whale", version("4")));
    assert_eq!(browser(r#""Chromium";v="142", "Not_A Brand";v="99""#), ("Chromium", version("142")));
    let electron = format!("{WINDOWS} Electron/39.2.7");
    let hints = Hints { ua: r#""Chromium";v="142", "Not_A Brand";v="99""#, ..Hints::default() };
    assert_eq!(parse(&electron, &hints).browser, "Electron");
    // What calls itself something keeps its name: the WebView below an app is no news.
    let talk = parse(
        &format!("{ANDROID};KAKAOTALK 2410320"),
        &Hints { ua: r#""Android WebView";v="142", "Chromium";v="142""#, ..Hints::default() },
    );
    assert_eq!(talk.browser, "KakaoTalk");
}

#[test]
fn hints_tell_the_device_that_desktop_mode_hides() {
    let linux = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
    let device = |hints: Hints<'_>| {
        let agent = parse(linux, &hints);
        (agent.os, agent.device)
    };
    assert_eq!(device(Hints::default()), ("Linux", Desktop));
    assert_eq!(
        device(Hints { platform: "\"Android\"", mobile: "?1", ..Hints::default() }),
        ("Android", Mobile)
    );
    assert_eq!(
        device(Hints { platform: "\"Android\"", mobile: "?0", ..Hints::default() }),
        ("Android", Tablet)
    );
    let factors = |form_factors| device(Hints { form_factors, ..Hints::default() }).1;
    assert_eq!(factors("\"Tablet\""), Tablet);
    assert_eq!(factors("\"Desktop\", \"XR\""), Wearable);
    assert_eq!(factors("\"Nonsense\""), Desktop);
}

#[test]
fn joke_versions_are_not_kept() {
    let joke = format!("Mozilla/5.0 (Windows NT 10.0) Chrome/{} Safari/537.36", "9".repeat(400));
    assert_eq!(parse(&joke, &Hints::default()).browser_version, "");
}
