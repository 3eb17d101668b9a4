//! Numbers and dates as the reader writes them, by the browser's `Intl`.

use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::{Array, Function, Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};

use super::zone::construct;
use crate::model::i18n::Lang;
use crate::model::time::Wall;

/// How a number is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Number {
    /// In full: `1,284,003`, at most one digit after the point.
    Full,
    /// Short: `1.3M`, `128만`.
    Short,
    /// A part of 1 in per cent, whole: `43%`.
    Percent,
    /// The same with a digit after the point: `42.5%`.
    FinePercent,
}

/// How a moment of a site's wall clock is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Date {
    /// `14:05`.
    Clock,
    /// `26 Nov`.
    Day,
    /// `Thu 26 Nov`.
    Weekday,
    /// `26 Nov 2026`.
    Full,
    /// `November 2026`.
    Month,
    /// `Nov`.
    ShortMonth,
    /// `2026`.
    Year,
    /// `Thu 26 Nov, 14:05`.
    Moment,
    /// `Thu`.
    DayOfWeek,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Form {
    Number(Number),
    Date(Date),
    Money(String),
}

/// The object that formats, and its function for one value.
type Formatter = (JsValue, Function);

thread_local! {
    static KNOWN: RefCell<HashMap<(Lang, Form), Option<Formatter>>> = RefCell::default();
}

/// The reader's locale of a language: the region decides on the order of day and month.
pub fn locale(lang: Lang) -> String {
    let wanted = window().navigator().languages();
    let found = wanted.iter().filter_map(|tag| tag.as_string()).find(|tag| Lang::from_tag(tag) == Some(lang));
    found.unwrap_or_else(|| lang.tag().into())
}

/// The languages the reader has chosen in the browser.
pub fn wanted() -> Vec<String> {
    window().navigator().languages().iter().filter_map(|tag| tag.as_string()).collect()
}

/// A number.
pub fn number(lang: Lang, form: Number, value: f64) -> String {
    with(lang, &Form::Number(form), |(_, format)| {
        format.call1(&JsValue::UNDEFINED, &value.into()).ok()?.as_string()
    })
    .unwrap_or_else(|| value.to_string())
}

/// A decimal in a currency, by its ISO 4217 code; as it is for what the browser does not know.
pub fn money(lang: Lang, amount: &str, currency: &str) -> String {
    // Formatted as the decimal it is: a float would round long ones.
    with(lang, &Form::Money(currency.to_owned()), |(_, format)| {
        format.call1(&JsValue::UNDEFINED, &amount.into()).ok()?.as_string()
    })
    .unwrap_or_else(|| format!("{amount} {currency}"))
}

/// A moment.
pub fn date(lang: Lang, form: Date, wall: Wall) -> String {
    with(lang, &Form::Date(form), |(_, format)| {
        format.call1(&JsValue::UNDEFINED, &(wall.0 as f64).into()).ok()?.as_string()
    })
    .unwrap_or_default()
}

/// From a moment to a moment, without saying twice what both share.
pub fn dates(lang: Lang, form: Date, from: Wall, to: Wall) -> String {
    with(lang, &Form::Date(form), |(formatter, _)| {
        let range: Function = Reflect::get(formatter, &"formatRange".into()).ok()?.dyn_into().ok()?;
        range.call2(formatter, &(from.0 as f64).into(), &(to.0 as f64).into()).ok()?.as_string()
    })
    .unwrap_or_default()
}

fn with<T>(lang: Lang, form: &Form, act: impl FnOnce(&Formatter) -> Option<T>) -> Option<T> {
    KNOWN.with_borrow_mut(|known| {
        let formatter = known.entry((lang, form.clone())).or_insert_with(|| formatter(lang, form));
        act(formatter.as_ref()?)
    })
}

fn formatter(lang: Lang, form: &Form) -> Option<Formatter> {
    let (kind, pairs): (&str, &[(&str, &str)]) = match form {
        Form::Number(Number::Full) => ("NumberFormat", &[("maximumFractionDigits", "1")]),
        Form::Number(Number::Short) => {
            ("NumberFormat", &[("notation", "compact"), ("maximumFractionDigits", "1")])
        }
        Form::Number(Number::Percent) => {
            ("NumberFormat", &[("style", "percent"), ("maximumFractionDigits", "0")])
        }
        Form::Number(Number::FinePercent) => {
            ("NumberFormat", &[("style", "percent"), ("maximumFractionDigits", "1")])
        }
        Form::Date(date) => ("DateTimeFormat", parts(*date)),
        Form::Money(_) => ("NumberFormat", &[("style", "currency"), ("currencyDisplay", "narrowSymbol")]),
    };
    let options = Object::new();
    for (name, value) in pairs {
        Reflect::set(&options, &(*name).into(), &(*value).into()).ok()?;
    }
    if matches!(form, Form::Date(_)) {
        // A wall clock has no zone: what it shows is taken as if it were UTC.
        Reflect::set(&options, &"timeZone".into(), &"UTC".into()).ok()?;
    }
    if let Form::Money(currency) = form {
        Reflect::set(&options, &"currency".into(), &currency.into()).ok()?;
    }
    let made = construct(kind, &Array::of2(&locale(lang).into(), &options))?;
    let format = Reflect::get(&made, &"format".into()).ok()?.dyn_into().ok()?;
    Some((made, format))
}

fn parts(date: Date) -> &'static [(&'static str, &'static str)] {
    match date {
        Date::Clock => &[("hour", "2-digit"), ("minute", "2-digit"), ("hourCycle", "h23")],
        Date::Day => &[("day", "numeric"), ("month", "short")],
        Date::Weekday => &[("weekday", "short"), ("day", "numeric"), ("month", "short")],
        Date::Full => &[("day", "numeric"), ("month", "short"), ("year", "numeric")],
        Date::Month => &[("month", "long"), ("year", "numeric")],
        Date::ShortMonth => &[("month", "short")],
        Date::Year => &[("year", "numeric")],
        Date::DayOfWeek => &[("weekday", "short")],
        Date::Moment => &[
            ("weekday", "short"),
            ("day", "numeric"),
            ("month", "short"),
            ("hour", "2-digit"),
            ("minute", "2-digit"),
            ("hourCycle", "h23"),
        ],
    }
}
