//! Words that several pages use: units, places, devices.

use super::Lang;

crate::messages! {
    UNKNOWN = "Unknown", "알 수 없음";
    JUST_NOW = "just now", "방금";
    AGO = "{0} ago", "{0} 전";
    SECONDS = "{0}s", "{0}초";
    MINUTES = "{0}m", "{0}분";
    MINUTES_SECONDS = "{0}m {1}s", "{0}분 {1}초";
    HOURS_MINUTES = "{0}h {1}m", "{0}시간 {1}분";
    DAYS_HOURS = "{0}d {1}h", "{0}일 {1}시간";
    TOR = "Tor network", "Tor 네트워크";
    DESKTOP = "Desktop", "데스크톱";
    MOBILE = "Phone", "휴대폰";
    TABLET = "Tablet", "태블릿";
    TV = "Television", "TV";
    CONSOLE = "Games console", "게임기";
    WEARABLE = "Wearable", "웨어러블";
    OTHER = "Other", "기타";
}

/// A duration in two units: `59s`, `4m 05s`, `2h 07m`, `3d 4h`.
pub fn duration(lang: Lang, millis: u64) -> String {
    let seconds = millis / 1_000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let two = |value: u64| format!("{value:02}");
    if minutes == 0 {
        SECONDS.fill(lang, &[&seconds.to_string()])
    } else if hours == 0 {
        MINUTES_SECONDS.fill(lang, &[&minutes.to_string(), &two(seconds % 60)])
    } else if days == 0 {
        HOURS_MINUTES.fill(lang, &[&hours.to_string(), &two(minutes % 60)])
    } else {
        DAYS_HOURS.fill(lang, &[&days.to_string(), &(hours % 24).to_string()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duration_shows_two_units_in_every_language() {
        let cases = [
            (0, "0s", "0초"),
            (59_999, "59s", "59초"),
            (245_000, "4m 05s", "4분 05초"),
            (7_620_000, "2h 07m", "2시간 07분"),
            (273_600_000, "3d 4h", "3일 4시간"),
        ];
        for (millis, en, ko) in cases {
            assert_eq!(duration(Lang::English, millis), en);
            assert_eq!(duration(Lang::Korean, millis), ko);
        }
    }
}
