//! The keys that the overview obeys.

use super::seen::Seen;
use crate::model::i18n::overview as say;
use crate::model::i18n::shell;
use crate::model::period::{Compare, Period, steps};
use crate::model::view::View;
use crate::ui::keys::Keys;
use crate::ui::place::Place;

/// Registers them for as long as the page is shown.
pub(super) fn register(seen: Seen) {
    let (keys, place) = (Keys::get(), Place::get());
    let periods = [
        ("d", Period::Today, say::TODAY),
        ("h", Period::LastDay, say::LAST_DAY),
        ("m", Period::Month, say::THIS_MONTH),
        ("y", Period::Year, say::THIS_YEAR),
        ("a", Period::All, say::ALL_TIME),
    ];
    for (key, period, label) in periods {
        keys.on(key, say::KEYS_PERIODS, label, move || {
            place.change(|view| {
                view.period = period;
                view.back = 0;
                view.step = None;
            });
        });
    }
    keys.on("ArrowLeft", say::KEYS_PERIODS, say::KEY_EARLIER, move || place.change(View::go_earlier));
    keys.on("ArrowRight", say::KEYS_PERIODS, say::KEY_LATER, move || place.change(View::go_later));
    keys.on("x", say::KEYS_PERIODS, say::KEY_COMPARE, move || {
        place.change(|view| {
            view.compare = if view.compare == Compare::Off { Compare::Previous } else { Compare::Off };
        });
    });
    keys.on("i", say::KEYS_PERIODS, say::KEY_INTERVAL, move || {
        use leptos::prelude::{GetUntracked, WithUntracked};
        let choices = seen.range.with_untracked(steps);
        let at = choices.iter().position(|step| *step == seen.step.get_untracked()).map_or(0, |at| at + 1);
        place.change(|view| view.step = choices.get(at).or(choices.first()).copied());
    });
    keys.on("Escape", shell::HELP_EVERYWHERE, shell::KEY_ESCAPE, move || {
        place.change(|view| view.rules.clear());
    });
}
