//! What is told of a rule, as a value and as sentences in the reader's language.

use std::fmt::Write as _;

use protocol::alert::{AlertKind, MessageLanguage, Usual};
use protocol::query::Zone;
use serde::{Deserialize, Serialize};

use super::judge::shown;

/// Why something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A rule has fired.
    Fired,
    /// All is as usual again.
    Recovered,
    /// Somebody wants to see whether it arrives.
    Test,
}

impl Event {
    /// Its name in the body of a webhook.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fired => "alert.fired",
            Self::Recovered => "alert.recovered",
            Self::Test => "test",
        }
    }
}

/// What is told of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Why.
    pub event: Event,
    /// Id of the rule.
    pub rule_id: String,
    /// Its name.
    pub rule: String,
    /// What it watches.
    pub kind: AlertKind,
    /// The site's id.
    pub site_id: String,
    /// The site's name.
    pub site: String,
    /// Up to when was counted, Unix milliseconds.
    pub at: u64,
    /// Day of the week on the site's clock, 0 Monday to 6 Sunday, and time, such as `14:00`.
    pub clock: (u8, String),
    /// Over how many hours was counted; 0: since the day began.
    pub hours: u32,
    /// What was counted.
    pub value: f64,
    /// What is usual, where it was compared with that.
    pub usual: Option<Usual>,
    /// The limit, where it was compared with that.
    pub threshold: Option<u32>,
    /// The goal it is about.
    pub goal: Option<String>,
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const WEEKDAYS_KO: [&str; 7] = ["월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"];

/// Weekday and time of a moment on a clock.
pub fn clock(at: u64, zone: &Zone) -> (u8, String) {
    let minutes = zone.local_ms(at).div_euclid(60_000);
    let days = minutes.div_euclid(24 * 60);
    let of_day = minutes.rem_euclid(24 * 60);
    // 1970-01-01 was a Thursday.
    let weekday = u8::try_from((days + 3).rem_euclid(7)).unwrap_or(0);
    (weekday, format!("{:02}:{:02}", of_day / 60, of_day % 60))
}

/// A whole number with its thousands set apart, as English and Korean write it.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number that may have a tenth.
fn number(value: f64, is_rate: bool) -> String {
    if is_rate {
        return format!("{value:.1}");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts are small and not negative"
    )]
    let whole = value.round().max(0.0) as u64;
    grouped(whole)
}

impl Notice {
    fn is_rate(&self) -> bool {
        self.kind == AlertKind::Conversion
    }

    /// One line: which rule, of which site.
    pub fn title(&self, language: MessageLanguage) -> String {
        let Self { site, rule, .. } = self;
        match (self.event, language) {
            (Event::Fired, _) => format!("{site}: {rule}"),
            (Event::Recovered, MessageLanguage::En) => format!("{site}: {rule} – back to normal"),
            (Event::Recovered, MessageLanguage::Ko) => format!("{site}: {rule} – 평소 수준으로 돌아옴"),
            (Event::Test, MessageLanguage::En) => format!("{site}: test message"),
            (Event::Test, MessageLanguage::Ko) => format!("{site}: 시험 메시지"),
        }
    }

    /// A sentence that says why.
    pub fn text(&self, language: MessageLanguage) -> String {
        let mut text = match (self.event, language) {
            (Event::Test, MessageLanguage::En) => "This is what an alert looks like. ".to_owned(),
            (Event::Test, MessageLanguage::Ko) => "알림은 이런 모습입니다. ".to_owned(),
            _ => String::new(),
        };
        match language {
            MessageLanguage::En => self.english(&mut text),
            MessageLanguage::Ko => self.korean(&mut text),
        }
        text
    }

    fn english(&self, text: &mut String) {
        let value = number(self.value, self.is_rate());
        let window = match self.hours {
            0 => "today".to_owned(),
            1 => "in the last hour".to_owned(),
            hours if hours % 24 == 0 && hours > 24 => format!("in the last {} days", hours / 24),
            hours => format!("in the last {hours} hours"),
        };
        let goal = self.goal.as_deref().unwrap_or_default();
        let _ = match self.kind {
            AlertKind::Goal if self.value == 1.0 => write!(text, "“{goal}” was reached once {window}"),
            AlertKind::Goal => write!(text, "“{goal}” was reached {value} times {window}"),
            AlertKind::Conversion => write!(text, "{value} % of visitors reached “{goal}” {window}"),
            _ if self.value == 0.0 => write!(text, "no visitors {window}"),
            _ if self.value == 1.0 => write!(text, "1 visitor {window}"),
            _ => write!(text, "{value} visitors {window}"),
        };
        let (weekday, time) = (WEEKDAYS.get(usize::from(self.clock.0)).unwrap_or(&""), &self.clock.1);
        if let Some((low, high)) = self.range() {
            let unit = if self.is_rate() { " %" } else { "" };
            let _ = write!(text, "; usual for {weekday} {time}: {low}–{high}{unit}");
        } else if let Some(limit) = self.limit() {
            let _ = write!(text, "; the limit is {limit}");
        }
        text.push('.');
    }

    fn korean(&self, text: &mut String) {
        let value = number(self.value, self.is_rate());
        let window = match self.hours {
            0 => "오늘".to_owned(),
            hours if hours % 24 == 0 && hours > 24 => format!("최근 {}일간", hours / 24),
            hours => format!("최근 {hours}시간 동안"),
        };
        let goal = self.goal.as_deref().unwrap_or_default();
        let _ = match self.kind {
            AlertKind::Goal => write!(text, "{window} “{goal}” 목표 {value}회 달성"),
            AlertKind::Conversion => write!(text, "{window} “{goal}” 전환율 {value}%"),
            _ if self.value == 0.0 => write!(text, "{window} 방문자 없음"),
            _ => write!(text, "{window} 방문자 {value}명"),
        };
        let (weekday, time) = (WEEKDAYS_KO.get(usize::from(self.clock.0)).unwrap_or(&""), &self.clock.1);
        if let Some((low, high)) = self.range() {
            let unit = if self.is_rate() { "%" } else { "명" };
            let _ = write!(text, " ({weekday} {time} 평소: {low}–{high}{unit})");
        } else if let Some(limit) = self.limit() {
            let _ = write!(text, " (기준: {limit})");
        }
    }

    fn range(&self) -> Option<(String, String)> {
        let (low, high) = shown(self.usual.as_ref()?, self.is_rate());
        Some((number(low, self.is_rate()), number(high, self.is_rate())))
    }

    fn limit(&self) -> Option<String> {
        let unit = if self.is_rate() { " %" } else { "" };
        Some(format!("{}{unit}", grouped(self.threshold?.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice() -> Notice {
        Notice {
            event: Event::Fired,
            rule_id: "00112233445566aa".into(),
            rule: "Busy".into(),
            kind: AlertKind::Spike,
            site_id: "shop".into(),
            site: "Shop".into(),
            at: 1_763_647_200_000,
            clock: clock(1_763_647_200_000, &Zone::UTC),
            hours: 1,
            value: 412.0,
            usual: Some(Usual { low: 119.2, high: 180.7, median: 150.0, weeks: 6 }),
            threshold: None,
            goal: None,
        }
    }

    #[test]
    fn reason_is_told_in_both_languages() {
        let spike = notice();
        let text = spike.text(MessageLanguage::En);
        assert_eq!(text, "412 visitors in the last hour; usual for Thursday 14:00: 120–180.");
        assert_eq!(
            spike.text(MessageLanguage::Ko),
            "최근 1시간 동안 방문자 412명 (목요일 14:00 평소: 120–180명)"
        );
        assert_eq!(spike.title(MessageLanguage::En), "Shop: Busy");
        let limited = Notice { usual: None, threshold: Some(1_000), value: 1_234.0, hours: 48, ..notice() };
        assert_eq!(
            limited.text(MessageLanguage::En),
            "1,234 visitors in the last 2 days; the limit is 1,000."
        );
        let silent = Notice { kind: AlertKind::NoData, value: 0.0, hours: 3, usual: None, ..notice() };
        assert_eq!(silent.text(MessageLanguage::En), "no visitors in the last 3 hours.");
        assert_eq!(silent.text(MessageLanguage::Ko), "최근 3시간 동안 방문자 없음");
    }

    #[test]
    fn goals_and_rates_are_told() {
        let goal = Notice {
            kind: AlertKind::Goal,
            goal: Some("Purchase".into()),
            usual: None,
            value: 1.0,
            ..notice()
        };
        assert_eq!(goal.text(MessageLanguage::En), "“Purchase” was reached once in the last hour.");
        let many = Notice { value: 300.0, hours: 0, ..goal };
        assert_eq!(many.text(MessageLanguage::En), "“Purchase” was reached 300 times today.");
        assert_eq!(many.text(MessageLanguage::Ko), "오늘 “Purchase” 목표 300회 달성");
        let usual = Some(Usual { low: 2.11, high: 3.39, median: 3.0, weeks: 4 });
        let rate = Notice { kind: AlertKind::Conversion, value: 1.23, hours: 24, usual, ..many };
        let text = rate.text(MessageLanguage::En);
        assert_eq!(
            text,
            "1.2 % of visitors reached “Purchase” in the last 24 hours; usual for Thursday 14:00: 2.2–3.3 %."
        );
    }

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(grouped(number), text);
        }
    }
}
