//! The breakdowns: what the tabs of the four cards list.

use super::filter::SEGMENT;
use super::i18n::{Message, filters, map, overview as say};

/// A list of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Groups of sources.
    Channels,
    /// Where visits came from.
    Sources,
    /// Campaigns.
    Campaigns,
    /// Pages.
    Pages,
    /// First pages of visits.
    Entry,
    /// Last pages of visits.
    Exit,
    /// Countries, as a map.
    Map,
    /// Countries.
    Countries,
    /// Regions.
    Regions,
    /// Cities.
    Cities,
    /// Browsers.
    Browsers,
    /// Operating systems.
    Systems,
    /// Device classes.
    Devices,
    /// Sizes of screens.
    Screens,
}

/// A card: some tabs, of which one is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Board {
    /// Its title.
    pub title: Message,
    /// Its tabs; the first is shown unless another is chosen.
    pub tabs: &'static [Tab],
}

/// The four cards.
pub const BOARDS: [Board; 4] = [
    Board { title: say::SOURCES, tabs: &[Tab::Sources, Tab::Channels, Tab::Campaigns] },
    Board { title: say::PAGES, tabs: &[Tab::Pages, Tab::Entry, Tab::Exit] },
    Board { title: say::PLACES, tabs: &[Tab::Countries, Tab::Map, Tab::Regions, Tab::Cities] },
    Board { title: say::DEVICES, tabs: &[Tab::Browsers, Tab::Systems, Tab::Devices, Tab::Screens] },
];

impl Tab {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        BOARDS.into_iter().flat_map(|board| board.tabs.iter().copied())
    }

    /// Its name in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Self::Channels => "channels",
            Self::Sources => "sources",
            Self::Campaigns => "campaigns",
            Self::Pages => "pages",
            Self::Entry => "entry",
            Self::Exit => "exit",
            Self::Map => "map",
            Self::Countries => "countries",
            Self::Regions => "regions",
            Self::Cities => "cities",
            Self::Browsers => "browsers",
            Self::Systems => "systems",
            Self::Devices => "devices",
            Self::Screens => "screens",
        }
    }

    /// By [`Tab::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::all().find(|tab| tab.key() == key)
    }

    /// The card it is on.
    pub fn board(self) -> usize {
        BOARDS.iter().position(|board| board.tabs.contains(&self)).unwrap_or(0)
    }

    /// The tab whose list says the same.
    pub fn listed(self) -> Self {
        match self {
            Self::Map => Self::Countries,
            tab => tab,
        }
    }

    /// The dimension it lists.
    pub fn dimension(self) -> &'static str {
        match self {
            Self::Channels => "visit:channel",
            Self::Sources => "visit:source",
            Self::Campaigns => "visit:utm_campaign",
            Self::Pages => "event:page",
            Self::Entry => "visit:entry_page",
            Self::Exit => "visit:exit_page",
            Self::Map | Self::Countries => "visit:country",
            Self::Regions => "visit:region",
            Self::Cities => "visit:city",
            Self::Browsers => "visit:browser",
            Self::Systems => "visit:os",
            Self::Devices => "visit:device",
            Self::Screens => "visit:screen",
        }
    }

    /// Its name on the tab.
    pub fn label(self) -> Message {
        match self {
            Self::Channels => say::CHANNELS,
            Self::Sources => say::SOURCES,
            Self::Campaigns => say::CAMPAIGNS,
            Self::Pages => say::TOP_PAGES,
            Self::Entry => say::ENTRY_PAGES,
            Self::Exit => say::EXIT_PAGES,
            Self::Map => map::MAP_TAB,
            Self::Countries => say::COUNTRIES,
            Self::Regions => say::REGIONS,
            Self::Cities => say::CITIES,
            Self::Browsers => say::BROWSERS,
            Self::Systems => say::SYSTEMS,
            Self::Devices => say::DEVICE,
            Self::Screens => say::SCREENS,
        }
    }

    /// The metrics of the expanded table besides visitors.
    pub fn more(self) -> &'static [&'static str] {
        match self {
            Self::Pages => &["pageviews", "bounce_rate", "time_on_page", "scroll_depth"],
            Self::Entry => &["visits", "pageviews", "bounce_rate", "visit_duration"],
            Self::Exit => &["visits", "pageviews", "visit_duration"],
            _ => &["visits", "pageviews", "bounce_rate", "visit_duration", "conversion_rate"],
        }
    }
}

/// The name of a dimension for people; a property goes by its key.
pub fn dimension_label(name: &str) -> Option<Message> {
    Some(match name {
        "visit:channel" => say::CHANNEL,
        "visit:source" => say::SOURCE,
        "visit:utm_campaign" => say::CAMPAIGN,
        "event:page" => say::PAGE,
        "visit:entry_page" => say::ENTRY_PAGE,
        "visit:exit_page" => say::EXIT_PAGE,
        "visit:country" => say::COUNTRY,
        "visit:region" => say::REGION,
        "visit:city" => say::CITY,
        "visit:browser" => say::BROWSERS,
        "visit:os" => say::SYSTEMS,
        "visit:device" => say::DEVICE,
        "visit:screen" => say::SCREENS,
        "event:hostname" => filters::HOST,
        "event:title" => filters::TITLE,
        "visit:referrer" => filters::REFERRER,
        "visit:utm_source" => filters::UTM_SOURCE,
        "visit:utm_medium" => filters::UTM_MEDIUM,
        "visit:utm_term" => filters::UTM_TERM,
        "visit:utm_content" => filters::UTM_CONTENT,
        "visit:browser_version" => filters::BROWSER_VERSION,
        "visit:os_version" => filters::OS_VERSION,
        "visit:language" => filters::LANGUAGE,
        "event:name" => filters::EVENT,
        "event:goal" => filters::GOAL,
        "visit:person" => filters::PERSON,
        SEGMENT => filters::SEGMENT,
        _ => return None,
    })
}

/// The dimensions that can be filtered by, in groups. Properties come besides.
pub const FILTERED: [(Message, &[&str]); 5] = [
    (
        filters::GROUP_PAGES,
        &["event:page", "visit:entry_page", "visit:exit_page", "event:title", "event:hostname"],
    ),
    (
        filters::GROUP_SOURCES,
        &[
            "visit:source",
            "visit:channel",
            "visit:referrer",
            "visit:utm_campaign",
            "visit:utm_source",
            "visit:utm_medium",
            "visit:utm_term",
            "visit:utm_content",
        ],
    ),
    (filters::GROUP_PLACES, &["visit:country", "visit:region", "visit:city", "visit:language"]),
    (
        filters::GROUP_DEVICES,
        &[
            "visit:device",
            "visit:browser",
            "visit:browser_version",
            "visit:os",
            "visit:os_version",
            "visit:screen",
        ],
    ),
    (filters::GROUP_EVENTS, &["event:goal", "event:name", "visit:person"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::query::Dimension;

    #[test]
    fn everything_that_can_be_filtered_by_has_a_name() {
        for name in FILTERED.iter().flat_map(|(_, names)| names.iter()) {
            assert!(Dimension::from_name(name).is_some(), "{name}");
            assert!(dimension_label(name).is_some(), "{name}");
        }
    }

    #[test]
    fn every_tab_lists_a_dimension_that_has_a_name() {
        for tab in Tab::all() {
            assert_eq!(Tab::from_key(tab.key()), Some(tab));
            assert!(BOARDS[tab.board()].tabs.contains(&tab));
            assert!(Dimension::from_name(tab.dimension()).is_some(), "{tab:?}");
            assert!(dimension_label(tab.dimension()).is_some(), "{tab:?}");
            for metric in tab.more() {
                assert!(protocol::query::Metric::from_name(metric).is_some(), "{metric}");
            }
        }
    }
}
