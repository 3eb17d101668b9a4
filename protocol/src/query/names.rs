//! Names of metrics and dimensions.

use super::zone::Step;

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$item_doc])* $item,)+
        }

        impl $name {
            /// All.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$item),+];

            /// Their names, in the same order.
            pub const NAMES: [&str; Self::ALL.len()] = [$($text),+];

            /// The name in the API.
            pub fn name(self) -> &'static str {
                match self { $(Self::$item => $text,)+ }
            }

            /// By [`Self::name`].
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$item),)+
                    _ => None,
                }
            }
        }
    };
}

names! {
    /// What can be measured. The engine's documentation says what each one is, to the letter.
    Metric {
        /// Distinct visitors.
        Visitors = "visitors",
        /// Distinct visits.
        Visits = "visits",
        /// Page views.
        PageViews = "pageviews",
        /// Page views of a visit, mean.
        ViewsPerVisit = "views_per_visit",
        /// Share of visits that bounced.
        BounceRate = "bounce_rate",
        /// Duration of a visit, mean.
        VisitDuration = "visit_duration",
        /// Engaged time of a visit, mean.
        EngagedTime = "engaged_time",
        /// Engaged time of a visit, median.
        EngagedTimeP50 = "engaged_time_p50",
        /// Engaged time of a visit that three in four do not pass.
        EngagedTimeP75 = "engaged_time_p75",
        /// Engaged time of a visit that nineteen in twenty do not pass.
        EngagedTimeP95 = "engaged_time_p95",
        /// Engaged time of a page view, mean.
        TimeOnPage = "time_on_page",
        /// Largest scroll depth of a page view, mean.
        ScrollDepth = "scroll_depth",
        /// Actions of all kinds.
        Events = "events",
        /// Actions that reach a goal.
        Conversions = "conversions",
        /// Share of all visitors who reach a goal.
        ConversionRate = "conversion_rate",
        /// Share of the group's visitors who reach a goal.
        GroupConversionRate = "group_conversion_rate",
        /// Revenue by currency.
        TotalRevenue = "total_revenue",
        /// Revenue of an action with revenue, mean by currency.
        AverageRevenue = "average_revenue",
        /// Share of page views that are the first of their visit.
        EntryRate = "entry_rate",
        /// Share of page views that are the last of their visit.
        ExitRate = "exit_rate",
        /// Share of all visitors of the query.
        Percentage = "percentage",
    }
}

names! {
    /// What is said of a visit once.
    VisitField {
        /// Where it came from, by name.
        Source = "source",
        /// Group of sources.
        Channel = "channel",
        /// Address of the referrer.
        Referrer = "referrer",
        /// `utm_source`.
        UtmSource = "utm_source",
        /// `utm_medium`.
        UtmMedium = "utm_medium",
        /// `utm_campaign`.
        UtmCampaign = "utm_campaign",
        /// `utm_term`.
        UtmTerm = "utm_term",
        /// `utm_content`.
        UtmContent = "utm_content",
        /// Kind of the click id, such as `gclid`.
        ClickId = "click_id",
        /// Country, ISO 3166-1 alpha-2.
        Country = "country",
        /// Region.
        Region = "region",
        /// City.
        City = "city",
        /// Device class.
        Device = "device",
        /// Browser.
        Browser = "browser",
        /// Version of the browser.
        BrowserVersion = "browser_version",
        /// Operating system.
        Os = "os",
        /// Version of the operating system.
        OsVersion = "os_version",
        /// Size of the screen.
        Screen = "screen",
        /// Language.
        Language = "language",
        /// The site's own id of the person.
        Person = "person",
    }
}

/// By what can be grouped and filtered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// `event:page`: path of the page.
    Page,
    /// `event:hostname`: host of the page.
    Host,
    /// `event:title`: title of the page.
    Title,
    /// `event:name`: name of the event.
    EventName,
    /// `event:goal`: goals the event reaches.
    Goal,
    /// `event:props:<key>`: value of a property.
    Property(Box<str>),
    /// `visit:entry_page`: path of the visit's first page view.
    EntryPage,
    /// `visit:exit_page`: path of the visit's last page view.
    ExitPage,
    /// `visit:entry_page_hostname`.
    EntryHost,
    /// `visit:exit_page_hostname`.
    ExitHost,
    /// `visit:<name>`: what is said of a visit.
    Visit(VisitField),
    /// `time:minute`, `time:hour`, `time:day`, `time:week`, `time:month`: steps of time.
    Time(Step),
    /// `time:hour_of_day`: 00 to 23.
    HourOfDay,
    /// `time:weekday`: 1, Monday, to 7.
    Weekday,
}

impl Dimension {
    /// The name in the API.
    pub fn name(&self) -> String {
        let name = match self {
            Self::Page => "event:page",
            Self::Host => "event:hostname",
            Self::Title => "event:title",
            Self::EventName => "event:name",
            Self::Goal => "event:goal",
            Self::Property(key) => return format!("event:props:{key}"),
            Self::EntryPage => "visit:entry_page",
            Self::ExitPage => "visit:exit_page",
            Self::EntryHost => "visit:entry_page_hostname",
            Self::ExitHost => "visit:exit_page_hostname",
            Self::Visit(field) => return format!("visit:{}", field.name()),
            Self::Time(step) => return format!("time:{}", step.name()),
            Self::HourOfDay => "time:hour_of_day",
            Self::Weekday => "time:weekday",
        };
        name.to_owned()
    }

    /// By [`Self::name`]. `visit:region_name` and `visit:city_name` are names already here; `time` alone has no
    /// step and is not known.
    pub fn from_name(name: &str) -> Option<Self> {
        let (group, rest) = name.split_once(':')?;
        match (group, rest) {
            ("event", "page") => Some(Self::Page),
            ("event", "hostname") => Some(Self::Host),
            ("event", "title") => Some(Self::Title),
            ("event", "name") => Some(Self::EventName),
            ("event", "goal") => Some(Self::Goal),
            ("event", rest) => {
                let key = rest.strip_prefix("props:").filter(|key| !key.is_empty())?;
                Some(Self::Property(key.into()))
            }
            ("visit", "entry_page") => Some(Self::EntryPage),
            ("visit", "exit_page") => Some(Self::ExitPage),
            ("visit", "entry_page_hostname") => Some(Self::EntryHost),
            ("visit", "exit_page_hostname") => Some(Self::ExitHost),
            ("visit", "region_name") => Some(Self::Visit(VisitField::Region)),
            ("visit", "city_name") => Some(Self::Visit(VisitField::City)),
            ("visit", rest) => VisitField::from_name(rest).map(Self::Visit),
            ("time", "hour_of_day") => Some(Self::HourOfDay),
            ("time", "weekday") => Some(Self::Weekday),
            ("time", rest) => Step::from_name(rest).map(Self::Time),
            _ => None,
        }
    }

    /// Whether it is said of a visit as a whole.
    pub fn is_of_visit(&self) -> bool {
        matches!(self, Self::EntryPage | Self::ExitPage | Self::EntryHost | Self::ExitHost | Self::Visit(_))
    }

    /// Whether it is one of time.
    pub fn is_time(&self) -> bool {
        matches!(self, Self::Time(_) | Self::HourOfDay | Self::Weekday)
    }

    /// Whether it is what conversion rates look past: a goal, a property or the name of an event.
    pub fn is_of_goal(&self) -> bool {
        matches!(self, Self::Goal | Self::Property(_) | Self::EventName)
    }
}
