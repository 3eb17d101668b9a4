//! Alerts and reports of a site: rules, the channels they are delivered by, and what was delivered.
//! `/api/sites/{site_id}/alerts` and `…/channels` list and change them.

use serde::{Deserialize, Serialize};

/// Most rules of a site: each is asked every ten minutes.
pub const MAX_RULES: usize = 30;
/// Most channels of a site.
pub const MAX_CHANNELS: usize = 20;
/// Longest window of a rule, hours.
pub const MAX_WINDOW_HOURS: u32 = 168;
/// Longest cool-down of a rule, hours.
pub const MAX_COOL_DOWN_HOURS: u32 = 168;
/// Largest number that a rule waits for.
pub const MAX_THRESHOLD: u32 = 1_000_000_000;
/// Most deliveries that are listed of a channel.
pub const MAX_DELIVERIES: usize = 50;
/// Longest address of a webhook, bytes.
pub const MAX_URL_BYTES: usize = 1_000;

/// What a rule watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// More visitors than usual.
    Spike,
    /// Fewer visitors than usual.
    Drop,
    /// A goal was reached.
    Goal,
    /// The conversion rate of a goal is lower than usual.
    Conversion,
    /// No visitors where there usually are some.
    NoData,
}

impl AlertKind {
    /// All.
    pub const ALL: [Self; 5] = [Self::Spike, Self::Drop, Self::Goal, Self::Conversion, Self::NoData];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spike => "spike",
            Self::Drop => "drop",
            Self::Goal => "goal",
            Self::Conversion => "conversion",
            Self::NoData => "no_data",
        }
    }

    /// Whether it is about a goal.
    pub fn has_goal(self) -> bool {
        matches!(self, Self::Goal | Self::Conversion)
    }

    /// The window it watches unless a rule says otherwise, hours: short where something has to be seen at once, a day
    /// where a few people more or less decide.
    pub fn window_hours(self) -> u32 {
        match self {
            Self::Spike => 1,
            Self::Drop | Self::NoData => 3,
            Self::Goal | Self::Conversion => 24,
        }
    }

    /// The fewest visitors that mean anything unless a rule says otherwise.
    pub fn minimum(self) -> u32 {
        match self {
            Self::Spike | Self::Drop => 20,
            Self::NoData => 5,
            Self::Goal => 1,
            Self::Conversion => 100,
        }
    }
}

/// How far from what is usual something has to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// Far.
    Low,
    /// So far that it is seldom chance.
    #[default]
    Medium,
    /// A little.
    High,
}

impl Sensitivity {
    /// All.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AlertRule {
    /// Its name for people, its own among the site's rules.
    pub name: String,
    /// What it watches.
    pub kind: AlertKind,
    /// Whether it is on.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Name of the goal that it is about: one of the site's, or of a conversion. Of `goal` and `conversion` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// Id of a saved segment: only its visitors are watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// How far from what is usual something has to be.
    #[serde(default)]
    pub sensitivity: Sensitivity,
    /// Over how many hours up to now is counted; 0 stands for what suits the kind.
    #[serde(default)]
    pub window_hours: u32,
    /// The fewest visitors that mean anything, now or usually; 0 stands for what suits the kind.
    #[serde(default)]
    pub minimum: u32,
    /// A limit in place of what is usual: visitors, or per cent of a conversion rate. Needs no history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<u32>,
    /// Of `goal`: tell of each so many times within a day, in place of the first time within the window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    /// For how many hours it is silent after it has fired.
    #[serde(default = "six")]
    pub cool_down_hours: u32,
    /// Whether it tells when all is as usual again.
    #[serde(default = "yes")]
    pub recovery: bool,
    /// Ids of the channels that are told; all of the site when empty.
    #[serde(default)]
    pub channels: Vec<String>,
}

fn yes() -> bool {
    true
}

fn six() -> u32 {
    6
}

/// What is usual at an hour of the week.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usual {
    /// Below this is unusual.
    pub low: f64,
    /// Above this is unusual.
    pub high: f64,
    /// The middle of the earlier weeks.
    pub median: f64,
    /// How many earlier weeks it is made of.
    pub weeks: u32,
}

/// How a rule stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertStatus {
    /// All is as usual.
    #[default]
    Fine,
    /// It has fired and all is not yet as usual again.
    Open,
    /// Too few weeks are known to say what is usual.
    Learning,
    /// What it is about is gone: its goal or its segment.
    Broken,
}

/// How a rule stood when it was last looked at.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertState {
    /// How it stands.
    pub status: AlertStatus,
    /// When it was looked at, Unix milliseconds.
    pub checked_at: u64,
    /// When it fired last, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fired_at: Option<u64>,
    /// What was counted: visitors, times a goal was reached, or a rate in per cent.
    pub value: f64,
    /// What is usual; absent of rules that need not know, and while too few weeks are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<Usual>,
    /// How many earlier weeks are known.
    #[serde(default)]
    pub weeks: u32,
}

/// A rule, what names it, and how it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WatchedRule {
    /// Names it.
    pub id: String,
    /// The rule.
    pub rule: AlertRule,
    /// How it stands; absent until it was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<AlertState>,
}

/// A site's rules, by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertRules {
    /// The rules.
    pub alerts: Vec<WatchedRule>,
}

/// By what something is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// An e-mail.
    Email,
    /// A webhook that takes what Slack takes: `{"text": …}`.
    Slack,
    /// A webhook that is given JSON with a signature.
    Webhook,
}

impl ChannelKind {
    /// All.
    pub const ALL: [Self; 3] = [Self::Email, Self::Slack, Self::Webhook];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Slack => "slack",
            Self::Webhook => "webhook",
        }
    }
}

/// In which language something is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageLanguage {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

/// Hours of the site's day at which nobody wants to be told anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// The hour they begin, 0 to 23.
    pub from: u8,
    /// The hour they end, 0 to 23; the next day's if it is not later.
    pub to: u8,
    /// Whether what happens meanwhile is dropped; otherwise it is sent when they end.
    #[serde(default)]
    pub drop: bool,
}

/// A channel, as it is made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewChannel {
    /// Its name for people, its own among the site's channels.
    pub name: String,
    /// By what is delivered. Cannot be changed.
    pub kind: ChannelKind,
    /// The e-mail address, or the address of the webhook. When a channel is changed and this is absent, it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The language of what is delivered.
    #[serde(default)]
    pub language: MessageLanguage,
    /// Whether alerts are delivered.
    #[serde(default = "yes")]
    pub alerts: bool,
    /// Whether a report is sent every Monday. Of e-mail alone, as the next one.
    #[serde(default)]
    pub weekly: bool,
    /// Whether a report is sent on the first of every month.
    #[serde(default)]
    pub monthly: bool,
    /// When nothing is delivered. Reports come at eight in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
}

/// A channel, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Channel {
    /// Names it.
    pub id: String,
    /// When it was made, Unix milliseconds.
    pub created_at: u64,
    /// The channel. Of a webhook's address only the host is shown: whoever knows the rest can post there.
    pub channel: NewChannel,
    /// Whether the reader has unsubscribed; nothing is delivered then, whatever is changed but the address.
    #[serde(default)]
    pub unsubscribed: bool,
    /// Whether nobody has confirmed its e-mail address yet; nothing but the link to do so is sent until then.
    #[serde(default)]
    pub unconfirmed: bool,
}

impl Channel {
    /// Whether anything may be delivered.
    pub fn is_open(&self) -> bool {
        !self.unsubscribed && !self.unconfirmed
    }
}

/// A site's channels, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Channels {
    /// The channels.
    pub channels: Vec<Channel>,
    /// Whether e-mail is set up on this server.
    pub email: bool,
}

/// A channel that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChannelMade {
    /// The channel.
    pub channel: Channel,
    /// Of a `webhook`: the key of its signatures. It is told this once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// It is being sent, or tried again.
    Waiting,
    /// It is held back until the quiet hours are over.
    Held,
    /// It arrived.
    Sent,
    /// It was given up.
    Failed,
    /// It was dropped: quiet hours.
    Dropped,
}

/// What is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryKind {
    /// What a rule has to tell.
    Fired,
    /// That all is back to normal.
    Recovered,
    /// A sample.
    Test,
    /// A weekly report.
    Weekly,
    /// A monthly report.
    Monthly,
    /// The link by which an e-mail address is confirmed.
    Confirmation,
}

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    /// Names it; the header `x-liveinsight-delivery`.
    pub id: String,
    /// When it was made, Unix milliseconds.
    pub at: u64,
    /// What was delivered; absent of deliveries that an older version listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<DeliveryKind>,
    /// The name of the rule that told it, if one did.
    #[serde(default)]
    pub what: String,
    /// What became of it.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong at the last attempt: a status, or a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub problem: String,
}

/// The last deliveries of a channel, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deliveries {
    /// At most [`MAX_DELIVERIES`].
    pub deliveries: Vec<Delivery>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_has_defaults_and_names_are_those_of_the_wire() {
        let rule: AlertRule = serde_json::from_str(r#"{"name":"Busy","kind":"spike"}"#).unwrap();
        assert!(rule.enabled && rule.recovery && rule.channels.is_empty());
        assert_eq!((rule.cool_down_hours, rule.sensitivity), (6, Sensitivity::Medium));
        for kind in AlertKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        for kind in ChannelKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        for sensitivity in Sensitivity::ALL {
            assert_eq!(serde_json::to_value(sensitivity).unwrap(), sensitivity.name());
        }
    }
}
