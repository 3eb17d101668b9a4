//! What is looked at: everything that the page's address remembers.

use protocol::query::{Definitions, Step};

use super::filter::Rule;
use super::params::{decode, encode, pairs};
use super::period::{Compare, Period};
use super::stat::Stat;
use super::tab::{BOARDS, Tab};
use super::theme::Theme;

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Id of the site; empty for the first.
    pub site: String,
    /// The period.
    pub period: Period,
    /// How many periods before the one that is going on.
    pub back: u32,
    /// What it is compared with.
    pub compare: Compare,
    /// Step of the graph, if it is not the usual one.
    pub step: Option<Step>,
    /// What words mean.
    pub definitions: Definitions,
    /// What the graph shows.
    pub stat: Stat,
    /// What the numbers are of. All of them have to hold.
    pub rules: Vec<Rule>,
    /// The tab of each card.
    pub tabs: [Tab; 4],
    /// The list that is expanded.
    pub open: Option<Tab>,
    /// What a page has chosen for itself, such as a funnel or a page that journeys are told from. Other pages forget it.
    pub pick: String,
    /// The colours of a page within another one, which cannot remember a choice.
    pub theme: Theme,
}

impl Default for View {
    fn default() -> Self {
        Self {
            site: String::new(),
            period: Period::default(),
            back: 0,
            compare: Compare::default(),
            step: None,
            definitions: Definitions::default(),
            stat: Stat::default(),
            rules: Vec::new(),
            tabs: BOARDS.map(|board| board.tabs[0]),
            open: None,
            pick: String::new(),
            theme: Theme::default(),
        }
    }
}

/// Most periods back: half a century of days.
const MOST_BACK: u32 = 18_262;

impl View {
    /// Reads the query part of an address. What it does not understand is left at its default.
    pub fn parse(search: &str) -> Self {
        let mut view = Self::default();
        for (name, value) in pairs(search) {
            match name {
                "site" => view.site = decode(value).unwrap_or_default(),
                "period" => view.period = Period::from_key(value).unwrap_or_default(),
                "back" => view.back = value.parse().unwrap_or(0).min(MOST_BACK),
                "compare" => view.compare = Compare::from_key(value).unwrap_or_default(),
                "by" => view.step = Step::from_name(value),
                "definitions" => view.definitions = definitions_of(value).unwrap_or_default(),
                "graph" => view.stat = Stat::from_name(value).unwrap_or_default(),
                "f" => view.rules.extend(Rule::parse(value)),
                "tab" => {
                    if let Some(tab) = Tab::from_key(value) {
                        view.tabs[tab.board()] = tab;
                    }
                }
                "open" => view.open = Tab::from_key(value),
                "pick" => view.pick = decode(value).unwrap_or_default(),
                "theme" => view.theme = Theme::from_key(Some(value)),
                _ => {}
            }
        }
        view
    }

    /// The query part of an address that means this; defaults are left out.
    pub fn print(&self) -> String {
        let plain = Self::default();
        let mut pairs: Vec<(&str, String)> = Vec::new();
        if !self.site.is_empty() {
            pairs.push(("site", encode(&self.site)));
        }
        if self.period != plain.period {
            pairs.push(("period", self.period.key()));
        }
        if self.back > 0 {
            pairs.push(("back", self.back.to_string()));
        }
        if self.compare != plain.compare {
            pairs.push(("compare", self.compare.key()));
        }
        if let Some(step) = self.step {
            pairs.push(("by", step.name().into()));
        }
        if self.definitions != plain.definitions {
            pairs.push(("definitions", definitions_key(self.definitions).into()));
        }
        if self.stat != plain.stat {
            pairs.push(("graph", self.stat.metric().name().into()));
        }
        pairs.extend(self.rules.iter().map(|rule| ("f", rule.print())));
        let tabs = self.tabs.iter().zip(&plain.tabs).filter(|(tab, plain)| tab != plain);
        pairs.extend(tabs.map(|(tab, _)| ("tab", tab.key().into())));
        if let Some(tab) = self.open {
            pairs.push(("open", tab.key().into()));
        }
        if !self.pick.is_empty() {
            pairs.push(("pick", encode(&self.pick)));
        }
        if let Some(theme) = self.theme.key() {
            pairs.push(("theme", theme.into()));
        }
        let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }

    /// As another page looks at the same.
    #[must_use]
    pub fn elsewhere(self) -> Self {
        Self { open: None, pick: String::new(), ..self }
    }

    /// Looks at the period before.
    pub fn go_earlier(&mut self) {
        self.back = (self.back + 1).min(MOST_BACK);
    }

    /// Looks at the period after, as far as the one that is going on.
    pub fn go_later(&mut self) {
        self.back = self.back.saturating_sub(1);
    }

    /// Whether going from one to the other deserves an entry in the browser's history of its own: choosing a tab or a
    /// graph does not.
    pub fn is_step_from(&self, before: &Self) -> bool {
        let place = |view: &Self| Self { stat: Stat::default(), tabs: Self::default().tabs, ..view.clone() };
        place(self) != place(before)
    }
}

/// The name of a set of definitions, in addresses and in questions.
pub fn definitions_key(definitions: Definitions) -> &'static str {
    match definitions {
        Definitions::LiveInsight => "live_insight",
        Definitions::Plausible => "plausible",
        Definitions::Ga4 => "ga4",
    }
}

/// By [`definitions_key`].
pub fn definitions_of(key: &str) -> Option<Definitions> {
    [Definitions::LiveInsight, Definitions::Plausible, Definitions::Ga4]
        .into_iter()
        .find(|definitions| definitions_key(*definitions) == key)
}

#[cfg(test)]
mod tests {
    use protocol::query::Zone;

    use super::super::filter::Op;
    use super::*;

    #[test]
    fn address_holds_everything() {
        let view = View {
            site: "가게&co".into(),
            period: Period::Custom(20_000, 20_010),
            back: 3,
            compare: Compare::YearAgo,
            step: Some(Step::Hour),
            definitions: Definitions::Ga4,
            stat: Stat::BounceRate,
            rules: vec![
                Rule { op: Op::Is, dimension: "visit:country".into(), values: vec!["KR".into()] },
                Rule { op: Op::Contains, dimension: "event:page".into(), values: vec!["a,b".into()] },
            ],
            tabs: [Tab::Campaigns, Tab::Exit, Tab::Cities, Tab::Screens],
            open: Some(Tab::Cities),
            pick: "after,/a&b".into(),
            theme: Theme::Dark,
        };
        assert_eq!(View::parse(&view.print()), view);
        assert_eq!(view.clone().elsewhere().pick, "");
        assert_eq!(View::default().print(), "");
        assert_eq!(View::parse(""), View::default());
    }

    #[test]
    fn nonsense_in_an_address_changes_nothing() {
        let search = "?period=soon&back=-1&compare=x&by=second&definitions=mine&graph=y&f=is&tab=z&open=z&q";
        assert_eq!(View::parse(search), View::default());
    }

    #[test]
    fn earlier_ends_half_a_century_ago_and_later_now() {
        let now = 1_795_669_200_000;
        let mut view = View::parse("?back=4000000000");
        assert_eq!(view.back, MOST_BACK);
        view.go_earlier();
        assert_eq!(view.back, MOST_BACK);
        for period in Period::NAMED.into_iter().chain([Period::Custom(20_000, 20_365)]) {
            for now in [0, now] {
                let range = period.range(view.back, now, &Zone::UTC, now.saturating_sub(1));
                assert!(range.start < range.end, "{period:?} {range:?}");
            }
        }
        view.go_later();
        assert_eq!(view.back, MOST_BACK - 1);
        view.back = 0;
        view.go_later();
        assert_eq!(view.back, 0);
    }

    #[test]
    fn tabs_make_no_history() {
        let before = View::default();
        assert!(!View { stat: Stat::Visits, ..before.clone() }.is_step_from(&before));
        assert!(View { back: 1, ..before.clone() }.is_step_from(&before));
    }

    #[test]
    fn definitions_go_by_the_name_that_questions_use() {
        for definitions in [Definitions::LiveInsight, Definitions::Plausible, Definitions::Ga4] {
            let json = serde_json::to_value(definitions).unwrap();
            assert_eq!(json, definitions_key(definitions));
        }
    }
}
