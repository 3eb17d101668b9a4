//! What an event of the feed says.

use protocol::live::{FeedEntry, FeedKind};

use crate::browser::intl;
use crate::model::i18n::live as say;
use crate::ui::i18n::I18n;

/// What kind of event it is.
pub(super) fn kind(i18n: I18n, kind: FeedKind) -> String {
    i18n.say(match kind {
        FeedKind::PageView => say::FEED_VIEW,
        FeedKind::Click => say::FEED_CLICK,
        FeedKind::Conversion => say::FEED_CONVERSION,
        FeedKind::Custom => say::FEED_CUSTOM,
    })
}

/// Its name in addresses, tests and styles.
pub(super) fn key(kind: FeedKind) -> &'static str {
    match kind {
        FeedKind::PageView => "page_view",
        FeedKind::Click => "click",
        FeedKind::Conversion => "conversion",
        FeedKind::Custom => "custom",
    }
}

/// What it was worth; nothing for nothing.
pub(super) fn worth(i18n: I18n, entry: &FeedEntry) -> String {
    if entry.amount.is_empty() {
        return String::new();
    }
    intl::money(i18n.lang(), &entry.amount, &entry.currency)
}

/// City and country.
pub(super) fn place(i18n: I18n, entry: &FeedEntry) -> String {
    crate::model::presence::place(&entry.city, &i18n.country(&entry.country))
}
