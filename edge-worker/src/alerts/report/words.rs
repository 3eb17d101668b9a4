//! The words of reports.

use protocol::alert::MessageLanguage;
use protocol::query::{Civil, Metric};

use crate::alerts::notice::grouped;
use crate::alerts::schedule::Rhythm;

/// Texts in a language.
pub(super) struct Words {
    pub(super) language: MessageLanguage,
    pub(super) pages: &'static str,
    pub(super) sources: &'static str,
    pub(super) countries: &'static str,
    pub(super) goals: &'static str,
    pub(super) direct: &'static str,
    pub(super) by_day: &'static str,
    pub(super) none: &'static str,
    pub(super) before: &'static str,
    pub(super) open: &'static str,
    weekly: &'static str,
    monthly: &'static str,
    totals: [&'static str; 6],
}

/// Whose names `totals` are.
const NAMED: [Metric; 6] = super::TOTALS;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const ENGLISH: Words = Words {
    language: MessageLanguage::En,
    pages: "Top pages",
    sources: "Top sources",
    countries: "Top countries",
    goals: "Goals",
    direct: "Direct / none",
    by_day: "Visitors by day",
    none: "Nothing in this time.",
    before: "compared with the time before",
    open: "Open the dashboard",
    weekly: "Weekly report",
    monthly: "Monthly report",
    totals: ["Visitors", "Visits", "Page views", "Bounce rate", "Visit duration", "Conversions"],
};

const KOREAN: Words = Words {
    language: MessageLanguage::Ko,
    pages: "인기 페이지",
    sources: "주요 유입원",
    countries: "주요 국가",
    goals: "목표",
    direct: "직접 방문 / 없음",
    by_day: "일별 방문자",
    none: "이 기간에는 없습니다.",
    before: "이전 기간과 비교",
    open: "대시보드 열기",
    weekly: "주간 보고서",
    monthly: "월간 보고서",
    totals: ["방문자", "방문", "페이지뷰", "이탈률", "방문 시간", "전환"],
};

impl Words {
    /// Those of a language.
    pub(super) fn of(language: MessageLanguage) -> Self {
        match language {
            MessageLanguage::En => ENGLISH,
            MessageLanguage::Ko => KOREAN,
        }
    }

    fn is_korean(&self) -> bool {
        self.language == MessageLanguage::Ko
    }

    pub(super) fn rhythm(&self, rhythm: Rhythm) -> &'static str {
        match rhythm {
            Rhythm::Weekly => self.weekly,
            Rhythm::Monthly => self.monthly,
        }
    }

    /// The name of a figure.
    pub(super) fn total(&self, metric: Metric) -> &'static str {
        let place = NAMED.iter().position(|it| *it == metric);
        place.and_then(|place| self.totals.get(place)).copied().unwrap_or_default()
    }

    fn month(&self, month: u32) -> &'static str {
        let place = usize::try_from(month).unwrap_or(0);
        place.checked_sub(1).and_then(|place| MONTHS.get(place)).copied().unwrap_or_default()
    }

    /// The days of a report: `June 2026`, `25–31 May 2026`.
    pub(super) fn days(&self, rhythm: Rhythm, (first, last): (Civil, Civil)) -> String {
        match (rhythm, self.is_korean()) {
            (Rhythm::Monthly, false) => format!("{} {}", self.month(first.month), first.year),
            (Rhythm::Monthly, true) => format!("{}년 {}월", first.year, first.month),
            (Rhythm::Weekly, true) => format!(
                "{}년 {}월 {}일 – {}월 {}일",
                first.year, first.month, first.day, last.month, last.day
            ),
            (Rhythm::Weekly, false) => {
                let begin = match first.month == last.month {
                    true => first.day.to_string(),
                    false => format!("{} {}", first.day, self.month(first.month)),
                };
                format!("{begin} – {} {} {}", last.day, self.month(last.month), last.year)
            }
        }
    }

    pub(super) fn subject(&self, site: &str, rhythm: Rhythm, days: (Civil, Civil)) -> String {
        format!("{site}: {}, {}", self.rhythm(rhythm), self.days(rhythm, days))
    }

    /// A day in few letters.
    pub(super) fn day(&self, day: Civil) -> String {
        if self.is_korean() {
            format!("{}/{}", day.month, day.day)
        } else {
            format!("{}.{}.", day.day, day.month)
        }
    }

    /// A figure in full; a dash for none.
    pub(super) fn figure(&self, metric: Metric, value: Option<f64>) -> String {
        let Some(value) = value else { return "–".to_owned() };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "figures are small and not negative"
        )]
        let whole = value.round().max(0.0) as u64;
        match (metric, self.is_korean()) {
            (Metric::BounceRate, _) => format!("{value:.0}%"),
            (Metric::VisitDuration, false) if whole >= 60 => format!("{} min {} s", whole / 60, whole % 60),
            (Metric::VisitDuration, true) if whole >= 60 => format!("{}분 {}초", whole / 60, whole % 60),
            (Metric::VisitDuration, false) => format!("{whole} s"),
            (Metric::VisitDuration, true) => format!("{whole}초"),
            _ => grouped(whole),
        }
    }
}
