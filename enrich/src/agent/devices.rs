//! The class of device.

use protocol::api::Device;

use super::words::behind;
use crate::hints::Hints;

/// The class by the hints, or else by the user agent.
pub(super) fn device(user_agent: &str, os: &str, hints: &Hints<'_>) -> Device {
    if let Some(device) = by_form_factors(hints.form_factors) {
        return device;
    }
    match os {
        // Old ones, and apps made for phones that run on a tablet.
        "iOS" if has(user_agent, &["iPad"]) => Device::Tablet,
        "iOS" => Device::Mobile,
        "iPadOS" => Device::Tablet,
        "Windows" if !has(user_agent, &["PlayStation", "Xbox"]) => Device::Desktop,
        "macOS" | "ChromeOS" | "FreeBSD" | "OpenBSD" | "NetBSD" | "Solaris" => Device::Desktop,
        "Windows Phone" | "KaiOS" | "Symbian" => Device::Mobile,
        "PlayStation" | "Nintendo" | "Xbox" | "Windows" => Device::Console,
        "Roku" | "tvOS" => Device::Tv,
        "BlackBerry OS" if has(user_agent, &["PlayBook"]) => Device::Tablet,
        "BlackBerry OS" => Device::Mobile,
        _ => by_words(user_agent, os, hints),
    }
}

/// Several may be given; the narrowest counts.
fn by_form_factors(factors: &str) -> Option<Device> {
    let named = |name: &str| factors.split('"').any(|part| part == name);
    Some(match () {
        () if named("Watch") || named("XR") => Device::Wearable,
        () if named("Automotive") => Device::Other,
        () if named("Tablet") || named("EInk") => Device::Tablet,
        () if named("Mobile") => Device::Mobile,
        () if named("Desktop") => Device::Desktop,
        () => return None,
    })
}

/// Marks of televisions, boxes and sticks.
#[rustfmt::skip]
const TV: &[&str] = &[
    "TV", "SmartHub", "BRAVIA", "NetCast", "CrKey", "VIDAA", "Viera", "OMI/", "Large Screen", "SHIELD",
    "MIBOX", "MiBOX", " Box ", " Shell ", "Chromecast", "STB", " OTT", "AQUOS", "Philips/",
    // Boxes of the many makers that use Android as it is.
    "X96", "A95X", "H96 ", "MXQ", "VONTAR", "ZIDOO",
];

/// Marks of tablets that call themselves mobile, or whose user agent has no `Mobile` to be without.
#[rustfmt::skip]
const TABLET: &[&str] = &[
    "Tablet", "tablet", "iPad", "Kindle", "PlayBook", "MediaPad", "MatePad", "Nexus 7", "Nexus 9", "Nexus 10",
    "Pixel C", "Lenovo TB", "Lenovo TAB", "Lenovo Tab", "GT-P", "GT-N51", "GT-N80", "Xoom", "SM-T", "SM-X", "SM-P", " Pad ",
    " Pad)", "Pad;", "Redmi Pad", "OPD2", "TouchPad", "hp-tablet", " Tab ", " TAB ", "TAB_", "_TAB", "Tab)", "TAB)", "-W09", "-W19", "/apad",
];

const WEARABLE: &[&str] = &["Watch", "SM-R", "OculusBrowser", "Quest 2", "Quest 3", "Quest Pro"];

fn by_words(user_agent: &str, os: &str, hints: &Hints<'_>) -> Device {
    let agent = |marks: &[&str]| has(user_agent, marks);
    if agent(TV) || is_fire_tv(user_agent) || (os == "webOS" && agent(&["SmartTV", "Web0S"])) {
        return Device::Tv;
    }
    if agent(&["PlayStation", "Nintendo", "Xbox"]) {
        return Device::Console;
    }
    let model = hints.model();
    if agent(WEARABLE) || has(model, WEARABLE) {
        return Device::Wearable;
    }
    let is_tablet = agent(TABLET) || has(model, TABLET) || is_fire_tablet(user_agent);
    match os {
        _ if is_tablet => Device::Tablet,
        "Android" | "HarmonyOS" | "Tizen" | "webOS" | "Sailfish OS" => {
            let is_mobile =
                hints.is_mobile().unwrap_or_else(|| agent(&["Mobile", "Phone", "Mini/", "Dalvik/"]));
            // Chrome's desktop mode on Android says so in a hint and nowhere else.
            if is_mobile { Device::Mobile } else { Device::Tablet }
        }
        _ if hints.is_mobile() == Some(true) => Device::Mobile,
        _ if agent(&["Mobile", "Opera Mini", "J2ME", "MIDP", "Nokia", "UP.Browser", "Phone"]) => {
            Device::Mobile
        }
        "Linux" | "Fuchsia" => Device::Desktop,
        _ => Device::Other,
    }
}

/// Amazon's televisions and sticks have models such as `AFTMM`, its tablets such as `KFTRWI`.
fn is_fire_tv(user_agent: &str) -> bool {
    behind(user_agent, "; AFT").is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_uppercase()))
}

fn is_fire_tablet(user_agent: &str) -> bool {
    behind(user_agent, "; KF").is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_uppercase()))
}

fn has(text: &str, marks: &[&str]) -> bool {
    marks.iter().any(|mark| text.contains(mark))
}
