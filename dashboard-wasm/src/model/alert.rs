//! What the settings say of rules and channels, and what their forms make of what is typed.

use protocol::alert::{
    AlertKind, AlertState, AlertStatus, Channel, ChannelKind, Delivery, DeliveryKind, DeliveryStatus,
    QuietHours, Sensitivity,
};

use super::i18n::{Lang, Message, alerts as say};

/// The name of what a rule watches.
pub fn kind(kind: AlertKind) -> Message {
    match kind {
        AlertKind::Spike => say::SPIKE,
        AlertKind::Drop => say::DROP,
        AlertKind::Goal => say::GOAL_REACHED,
        AlertKind::Conversion => say::CONVERSION,
        AlertKind::NoData => say::NO_DATA,
    }
}

/// The name of a sensitivity.
pub fn sensitivity(sensitivity: Sensitivity) -> Message {
    match sensitivity {
        Sensitivity::Low => say::LOW,
        Sensitivity::Medium => say::MEDIUM,
        Sensitivity::High => say::HIGH,
    }
}

/// The name of a way to deliver.
pub fn channel(kind: ChannelKind) -> Message {
    match kind {
        ChannelKind::Email => say::EMAIL,
        ChannelKind::Slack => say::SLACK,
        ChannelKind::Webhook => say::WEBHOOK,
    }
}

/// What became of a delivery.
pub fn delivery(status: DeliveryStatus) -> Message {
    match status {
        DeliveryStatus::Waiting => say::WAITING,
        DeliveryStatus::Held => say::HELD,
        DeliveryStatus::Sent => say::SENT,
        DeliveryStatus::Failed => say::FAILED,
        DeliveryStatus::Dropped => say::DROPPED,
    }
}

/// What was delivered, in one line.
pub fn delivered(it: &Delivery, lang: Lang) -> String {
    let Some(kind) = it.kind else { return it.what.clone() };
    let kind = match kind {
        // What a rule has to tell is its name.
        DeliveryKind::Fired => return it.what.clone(),
        DeliveryKind::Recovered => return say::RECOVERED.fill(lang, &[&it.what]),
        DeliveryKind::Test => say::TEST_MESSAGE,
        DeliveryKind::Weekly => say::WEEKLY_REPORT,
        DeliveryKind::Monthly => say::MONTHLY_REPORT,
        DeliveryKind::Confirmation => say::CONFIRMATION,
    };
    kind.of(lang).to_owned()
}

/// How a rule stands: a word, and whether it is one of alarm.
pub fn status(state: Option<&AlertState>, lang: Lang) -> (String, bool) {
    match state.map(|state| (state.status, state.weeks)) {
        None => (say::NOT_YET.of(lang).to_owned(), false),
        Some((AlertStatus::Fine, _)) => (say::FINE.of(lang).to_owned(), false),
        Some((AlertStatus::Open, _)) => (say::OPEN.of(lang).to_owned(), true),
        Some((AlertStatus::Learning, weeks)) => (say::LEARNING.fill(lang, &[&weeks.to_string()]), false),
        Some((AlertStatus::Broken, _)) => (say::BROKEN.of(lang).to_owned(), true),
    }
}

/// What a rule counted last, and what is usual. `print` prints a number.
pub fn counted(kind: AlertKind, state: &AlertState, lang: Lang, print: impl Fn(f64) -> String) -> String {
    let rate = |value: f64| format!("{}%", print((value * 10.0).round() / 10.0));
    let number = |value: f64| if kind == AlertKind::Conversion { rate(value) } else { print(value.round()) };
    let value = number(state.value);
    match (state.status, &state.usual) {
        (AlertStatus::Broken, _) => String::new(),
        (_, Some(usual)) => {
            say::NOW_USUAL.fill(lang, &[&value, &number(usual.low.ceil()), &number(usual.high.floor())])
        }
        _ => say::NOW.fill(lang, &[&value]),
    }
}

/// What a channel is for, in a few words.
pub fn purposes(channel: &Channel, lang: Lang) -> String {
    let is = &channel.channel;
    let mut parts = Vec::new();
    let mut add = |when: bool, message: Message| {
        if when {
            parts.push(message.of(lang).to_owned());
        }
    };
    add(channel.unsubscribed, say::UNSUBSCRIBED);
    add(channel.unconfirmed && !channel.unsubscribed, say::UNCONFIRMED);
    add(is.alerts, say::ALERTS);
    add(is.weekly, say::WEEKLY_SHORT);
    add(is.monthly, say::MONTHLY_SHORT);
    parts.extend(
        is.quiet.map(|quiet| say::QUIET_SHORT.fill(lang, &[&quiet.from.to_string(), &quiet.to.to_string()])),
    );
    parts.join(" · ")
}

/// A number that was typed: `None` of nothing; what is no number becomes one that is refused.
pub fn typed(text: &str) -> Option<u32> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.parse().unwrap_or(u32::MAX))
}

/// Quiet hours that were typed: `None` if neither hour was.
pub fn quiet(from: &str, to: &str, drop: bool) -> Option<QuietHours> {
    let hour = |text: &str| typed(text).map(|hour| u8::try_from(hour).unwrap_or(u8::MAX));
    match (hour(from), hour(to)) {
        (None, None) => None,
        (from, to) => Some(QuietHours { from: from.unwrap_or(u8::MAX), to: to.unwrap_or(u8::MAX), drop }),
    }
}

/// Who is told once a box is ticked or cleared, of `all` there are: nobody in the list stands for all, those to come
/// included.
pub fn ticked(told: &[String], all: &[String], id: &str, is_ticked: bool) -> Vec<String> {
    let was = |it: &String| told.is_empty() || told.contains(it);
    let is = |it: &&String| if **it == id { is_ticked } else { was(it) };
    let now: Vec<String> = all.iter().filter(is).cloned().collect();
    if now.len() == all.len() { Vec::new() } else { now }
}

#[cfg(test)]
mod tests {
    use protocol::alert::Usual;

    use super::*;

    #[test]
    fn what_a_rule_counted_is_told_beside_what_is_usual() {
        let usual = Some(Usual { low: 119.2, high: 180.9, median: 150.0, weeks: 6 });
        let state = AlertState { value: 412.0, usual, ..AlertState::default() };
        let print = |value: f64| value.to_string();
        assert_eq!(counted(AlertKind::Spike, &state, Lang::English, print), "412 now, usually 120–180");
        let state = AlertState { value: 1.234, usual: None, ..state };
        assert_eq!(counted(AlertKind::Conversion, &state, Lang::English, print), "1.2% now");
        let learning = AlertState { status: AlertStatus::Learning, weeks: 2, ..state };
        assert_eq!(status(Some(&learning), Lang::English).0, "Learning what is usual: 2 of 3 weeks known");
    }

    #[test]
    fn what_was_delivered_is_told_in_the_readers_language() {
        let delivery = |kind| Delivery {
            id: String::new(),
            at: 0,
            kind,
            what: "Busy".into(),
            status: DeliveryStatus::Sent,
            attempts: 1,
            problem: String::new(),
        };
        let told = |kind, lang| delivered(&delivery(kind), lang);
        assert_eq!(told(Some(DeliveryKind::Weekly), Lang::Korean), "주간 보고서");
        assert_eq!(told(Some(DeliveryKind::Recovered), Lang::English), "Busy – back to normal");
        assert_eq!(told(None, Lang::Korean), "Busy");
    }

    #[test]
    fn what_is_typed_becomes_a_number_or_is_refused() {
        assert_eq!((typed(" "), typed(" 7 "), typed("seven")), (None, Some(7), Some(u32::MAX)));
        assert_eq!(quiet("", " ", true), None);
        assert_eq!(quiet("22", "7", false), Some(QuietHours { from: 22, to: 7, drop: false }));
        assert_eq!(quiet("22", "", false).map(|quiet| quiet.to), Some(u8::MAX));
    }

    #[test]
    fn receivers_are_named_one_by_one_unless_all_are_told() {
        let ids = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let all = ids("a b c");
        assert_eq!(ticked(&[], &all, "b", false), ids("a c"));
        assert_eq!(ticked(&ids("a c"), &all, "a", false), ids("c"));
        assert_eq!(ticked(&ids("a c"), &all, "b", true), ids(""));
        assert_eq!(ticked(&ids("gone a"), &all, "b", true), ids("a b"));
    }
}
