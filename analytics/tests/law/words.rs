//! Money, names, tests and patterns of the reference.

use analytics::{EventDim, Kind, VisitDim};
use protocol::query::{Op, Test, VisitField};

use crate::history::Event;

/// Digits after the point that are reckoned with.
const DIGITS: usize = 18;

/// A decimal in 10⁻¹⁸; nothing if the text is none.
pub(crate) fn decimal(text: &str) -> Option<i128> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction:0<DIGITS$}");
    (!whole.is_empty()).then(|| all.parse::<i128>().ok().map(|value| sign * value)).flatten()
}

/// A mean to four digits after the point, half away from zero, and whether it is another than the exact one.
pub(crate) fn rounded(sum: i128, count: i128) -> (i128, bool) {
    let step = 10_i128.pow(14);
    let twice = 2 * sum.abs() + count * step;
    let value = twice / (2 * count * step) * step * sum.signum();
    (value, value * count != sum)
}

pub(crate) fn printed(value: i128) -> String {
    let digits = format!("{:019}", value.abs());
    let (whole, fraction) = digits.split_at(digits.len() - DIGITS);
    let text = format!("{whole}.{fraction}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if value < 0 { format!("-{text}") } else { text.to_owned() }
}

/// `pageview`, or the event's own name, or that of its kind.
pub(crate) fn event_name(event: &Event) -> &str {
    let own = &*event.texts[EventDim::Name.index()];
    match event.kind {
        Kind::PageView => "pageview",
        kind if own.is_empty() => kind.name(),
        _ => own,
    }
}

pub(crate) fn passes(test: &Test, text: &str) -> bool {
    let fold = |text: &str| if test.case_sensitive { text.to_owned() } else { text.to_lowercase() };
    let text = fold(text);
    test.values.iter().map(|value| fold(value)).any(|value| match test.op {
        Op::Is => text == value,
        Op::Contains => text.contains(&value),
        // The expressions of made-up questions are a text with anchors, or with one point.
        Op::Matches => match (value.strip_prefix('^'), value.strip_suffix('$')) {
            (Some(start), None) => text.starts_with(start),
            (None, Some(end)) => text.ends_with(end),
            (Some(_), Some(_)) => text == value[1..value.len() - 1],
            (None, None) => match value.split_once('.') {
                Some((before, after)) => text.char_indices().any(|(place, one)| {
                    text[..place].ends_with(before) && text[place + one.len_utf8()..].starts_with(after)
                }),
                None => text.contains(&value),
            },
        },
    })
}

/// `*` is any text without `/`, `**` any text.
pub(crate) fn wildcard(pattern: &str, path: &str) -> bool {
    let any = |rest: &str, crosses: bool| {
        let mut places = path.char_indices().chain([(path.len(), '/')]);
        let reach = if crosses {
            path.len()
        } else {
            places.find(|(_, one)| *one == '/').map_or(path.len(), |(place, _)| place)
        };
        (0..=reach).filter(|place| path.is_char_boundary(*place)).any(|place| wildcard(rest, &path[place..]))
    };
    if let Some(rest) = pattern.strip_prefix("**") {
        return any(rest, true);
    }
    if let Some(rest) = pattern.strip_prefix('*') {
        return any(rest, false);
    }
    let mut characters = pattern.chars();
    match characters.next() {
        None => path.is_empty(),
        Some(one) => path.strip_prefix(one).is_some_and(|rest| wildcard(characters.as_str(), rest)),
    }
}

pub(crate) fn visit_dim(field: VisitField) -> VisitDim {
    let name = if field == VisitField::Person { "person_id" } else { field.name() };
    VisitDim::from_name(name).unwrap()
}
