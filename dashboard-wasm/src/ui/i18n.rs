//! The language of the page.

use leptos::prelude::*;
use protocol::api::Device;
use protocol::query::Money;

use super::bind::{effect, text};
use crate::browser::intl::{self, Date, Number};
use crate::browser::{countries, page};
use crate::model::i18n::{Lang, Message, words};
use crate::model::stat::{Unit, seconds};
use crate::model::time::Wall;

/// The language; a copy is the same one. In the context of every component.
#[derive(Clone, Copy)]
pub struct I18n(RwSignal<Lang>);

impl I18n {
    /// The language chosen on an earlier visit, else the browser's.
    pub fn start() -> Self {
        let lang = RwSignal::new(page::stored_language());
        effect(move || page::show_language(lang.get()));
        Self(lang)
    }

    /// The language of the page this component is on.
    pub fn get() -> Self {
        expect_context()
    }

    /// The language; whoever reads it is called again when it changes.
    pub fn lang(self) -> Lang {
        self.0.get()
    }

    /// Chooses a language and keeps the choice.
    pub fn choose(self, lang: Lang) {
        page::store_language(lang);
        self.0.set(lang);
    }

    /// Chooses the next language.
    pub fn next(self) {
        let at = Lang::ALL.iter().position(|lang| *lang == self.0.get_untracked()).unwrap_or(0);
        self.choose(Lang::ALL[(at + 1) % Lang::ALL.len()]);
    }

    /// A message as a text that follows the language.
    pub fn t(self, message: Message) -> Memo<String> {
        text(move || message.of(self.lang()).to_owned())
    }

    /// A message now, in a closure that follows.
    pub fn say(self, message: Message) -> String {
        message.of(self.lang()).to_owned()
    }

    /// A message with its places filled.
    pub fn fill(self, message: Message, values: &[&str]) -> String {
        message.fill(self.lang(), values)
    }

    /// A number.
    pub fn number(self, form: Number, value: f64) -> String {
        intl::number(self.lang(), form, value)
    }

    /// A count in full: `1,284,003`.
    pub fn count(self, value: u64) -> String {
        self.number(Number::Full, value as f64)
    }

    /// Sums of money.
    pub fn money(self, sums: &[Money]) -> String {
        let sums = sums.iter().map(|Money { value, currency, .. }| intl::money(self.lang(), value, currency));
        sums.collect::<Vec<_>>().join(" + ")
    }

    /// A moment of a site's wall clock.
    pub fn date(self, form: Date, wall: Wall) -> String {
        intl::date(self.lang(), form, wall)
    }

    /// A stretch of a site's wall clock.
    pub fn dates(self, form: Date, from: Wall, to: Wall) -> String {
        intl::dates(self.lang(), form, from, to)
    }

    /// A figure in full; a dash for what is unknown.
    pub fn figure(self, unit: Unit, value: Option<f64>) -> String {
        match (unit, value) {
            (_, None) => "–".into(),
            (Unit::Count, Some(value)) => self.number(Number::Full, value),
            (Unit::Percent, Some(value)) => self.number(Number::FinePercent, value / 100.0),
            (Unit::Seconds, Some(value)) => seconds(self.lang(), value),
        }
    }

    /// A figure where there is little room.
    pub fn short_figure(self, unit: Unit, value: Option<f64>) -> String {
        match (unit, value) {
            (Unit::Count, Some(value)) if value >= 100_000.0 => self.number(Number::Short, value),
            (Unit::Percent, Some(value)) => self.number(Number::Percent, value / 100.0),
            (unit, value) => self.figure(unit, value),
        }
    }

    /// A country by its code.
    pub fn country(self, code: &str) -> String {
        countries::name(self.lang(), code)
    }

    /// A device class by its name.
    pub fn device(self, name: &str) -> String {
        self.say(match Device::from_name(name) {
            Device::Desktop => words::DESKTOP,
            Device::Mobile => words::MOBILE,
            Device::Tablet => words::TABLET,
            Device::Tv => words::TV,
            Device::Console => words::CONSOLE,
            Device::Wearable => words::WEARABLE,
            Device::Other => words::OTHER,
        })
    }

    /// A duration, milliseconds.
    pub fn duration(self, millis: u64) -> String {
        words::duration(self.lang(), millis)
    }

    /// How long ago something was, coarse enough not to change with every second.
    pub fn ago(self, millis: u64) -> String {
        let coarse = match millis / 1_000 {
            0..10 => return self.say(words::JUST_NOW),
            10..60 => words::SECONDS.fill(self.lang(), &[&(millis / 10_000 * 10).to_string()]),
            60..3_600 => words::MINUTES.fill(self.lang(), &[&(millis / 60_000).to_string()]),
            _ => self.duration(millis),
        };
        self.fill(words::AGO, &[&coarse])
    }
}
