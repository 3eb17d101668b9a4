//! A report as HTML and as text. Bars are cells of tables with a colour.

use std::fmt::Write as _;

use protocol::query::Metric;

use super::words::Words;
use super::{Figure, List, ROWS, Report, change, is_worse};
use crate::alerts::mail::{ACCENT, BAD, INK, LINE, MUTED, Page, escaped};

const TABLE: &str = r#"role="presentation" cellpadding="0" cellspacing="0" border="0" width="100%""#;
const WASH: &str = "#dff2ee";
/// Height of the tallest bar, pixels.
const HEIGHT: f64 = 72.0;

/// The mail as HTML and as text.
pub(super) fn render(report: &Report, words: &Words, link: &str, unsubscribe: &str) -> (String, String) {
    let mut rows = String::new();
    figures(&mut rows, report, words);
    series(&mut rows, report, words);
    for list in &report.lists {
        bars(&mut rows, list, words);
    }
    let title = format!("{} · {}", report.site, words.days(report.rhythm, report.days));
    let page = Page {
        language: words.language,
        kicker: (words.rhythm(report.rhythm), ACCENT),
        title: &title,
        rows: &rows,
        link: (link, words.open),
        unsubscribe,
    };
    (page.html(), page.text(&text(report, words)))
}

/// A row of the page with a heading.
fn section(rows: &mut String, title: &str, body: &str) {
    let title = escaped(title);
    // Writing to a string does not fail.
    let _ = write!(
        rows,
        r#"<tr><td style="padding:18px 28px 4px"><h2 style="margin:0 0 8px;font-size:14px;line-height:20px;font-weight:650">{title}</h2>{body}</td></tr>"#
    );
}

fn changed(figure: &Figure) -> Option<(String, &'static str)> {
    let by = change(figure)?;
    let colour = match by.round() {
        0.0 => MUTED,
        by if (by > 0.0) == is_worse(figure.metric) => BAD,
        _ => ACCENT,
    };
    let sign = if by.round() > 0.0 {
        "▲ "
    } else if by.round() < 0.0 {
        "▼ "
    } else {
        ""
    };
    Some((format!("{sign}{:.0}%", by.abs()), colour))
}

fn figures(rows: &mut String, report: &Report, words: &Words) {
    let mut body = format!(r#"<tr><td style="padding:14px 22px 0"><table {TABLE}>"#);
    for figures in report.figures.chunks(3) {
        body.push_str("<tr>");
        for figure in figures {
            let (name, value) = (words.total(figure.metric), words.figure(figure.metric, figure.now));
            let (by, colour) = changed(figure).unwrap_or(("–".to_owned(), MUTED));
            let _ = write!(
                body,
                r#"<td width="33%" valign="top" style="padding:8px 6px"><div style="font-size:12px;line-height:16px;color:{MUTED}">{name}</div><div style="font-size:22px;line-height:30px;font-weight:650;color:{INK}">{value}</div><div style="font-size:12px;line-height:16px;color:{colour}">{by}</div></td>"#
            );
        }
        body.push_str("</tr>");
    }
    let _ = write!(
        body,
        r#"</table><div style="padding:2px 6px;font-size:11px;color:{MUTED}">▲▼ {}</div></td></tr>"#,
        words.before
    );
    rows.push_str(&body);
}

fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(1.0, f64::max)
}

fn series(rows: &mut String, report: &Report, words: &Words) {
    let most = largest(report.series.iter().map(|(_, visitors)| *visitors));
    let is_week = report.series.len() <= 7;
    let mut body = format!(r#"<table {TABLE}><tr>"#);
    for (_, visitors) in &report.series {
        let height = (visitors / most * HEIGHT).round().max(1.0);
        let colour = if *visitors > 0.0 { ACCENT } else { LINE };
        // A month has no room for its numbers.
        let number = match is_week {
            true => format!(
                r#"<div style="font-size:11px;line-height:16px;color:{MUTED}">{}</div>"#,
                words.figure(Metric::Visitors, Some(*visitors))
            ),
            false => String::new(),
        };
        let _ = write!(
            body,
            r#"<td valign="bottom" align="center" style="padding:0 1px">{number}<table {TABLE}><tr><td height="{height}" bgcolor="{colour}" style="height:{height}px;font-size:0;line-height:0">&nbsp;</td></tr></table></td>"#
        );
    }
    body.push_str("</tr><tr>");
    let last = report.series.len().saturating_sub(1);
    for (place, (day, _)) in report.series.iter().enumerate() {
        if is_week {
            let day = words.day(*day);
            let _ = write!(
                body,
                r#"<td align="center" style="padding-top:4px;font-size:11px;color:{MUTED}">{day}</td>"#
            );
        } else if place == 0 || place == last / 2 || place == last {
            // Labels are wider than bars: three of them share the row.
            let (span, side) = match place {
                0 => (last / 3, "left"),
                place if place == last => (report.series.len() - 2 * (last / 3), "right"),
                _ => (last / 3, "center"),
            };
            let day = words.day(*day);
            let _ = write!(
                body,
                r#"<td colspan="{span}" align="{side}" style="padding-top:4px;font-size:11px;color:{MUTED}">{day}</td>"#
            );
        }
    }
    body.push_str("</tr></table>");
    section(rows, words.by_day, &body);
}

fn bars(rows: &mut String, list: &List, words: &Words) {
    if list.rows.is_empty() {
        let body = format!(r#"<div style="font-size:13px;color:{MUTED}">{}</div>"#, words.none);
        return section(rows, list.title, &body);
    }
    let most = largest(list.rows.iter().map(|(_, value)| *value));
    let mut body = format!(r#"<table {TABLE}>"#);
    for (name, value) in list.rows.iter().take(ROWS) {
        let share = (value / most * 100.0).round().clamp(1.0, 100.0);
        let rest = match 100.0 - share {
            0.0 => String::new(),
            rest => format!(r#"<td width="{rest}%" style="font-size:0;line-height:0">&nbsp;</td>"#),
        };
        let (name, value) = (escaped(&cut(name)), words.figure(Metric::Visitors, Some(*value)));
        let _ = write!(
            body,
            r#"<tr><td style="padding:4px 0 2px;font-size:13px;line-height:18px;word-break:break-all">{name}</td><td align="right" valign="top" width="72" style="padding:4px 0 2px 12px;font-size:13px;line-height:18px;font-weight:600">{value}</td></tr><tr><td colspan="2" style="padding-bottom:6px"><table {TABLE} bgcolor="{WASH}" style="border-radius:3px"><tr><td width="{share}%" height="6" bgcolor="{ACCENT}" style="height:6px;font-size:0;line-height:0;border-radius:3px">&nbsp;</td>{rest}</tr></table></td></tr>"#
        );
    }
    body.push_str("</table>");
    section(rows, list.title, &body);
}

/// Addresses of pages may be as long as they like.
fn cut(name: &str) -> String {
    const MOST: usize = 80;
    match name.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}

fn text(report: &Report, words: &Words) -> String {
    let mut text = String::new();
    for figure in &report.figures {
        let value = words.figure(figure.metric, figure.now);
        let by = change(figure).map(|by| format!(" ({by:+.0}%)")).unwrap_or_default();
        let _ = writeln!(text, "{}: {value}{by}", words.total(figure.metric));
    }
    let _ = writeln!(text, "\n{}", words.by_day);
    for (day, visitors) in &report.series {
        let _ =
            writeln!(text, "  {:>6}  {}", words.day(*day), words.figure(Metric::Visitors, Some(*visitors)));
    }
    for list in &report.lists {
        let _ = writeln!(text, "\n{}", list.title);
        for (name, value) in &list.rows {
            let _ = writeln!(text, "  {:>7}  {}", words.figure(Metric::Visitors, Some(*value)), cut(name));
        }
        if list.rows.is_empty() {
            let _ = writeln!(text, "  {}", words.none);
        }
    }
    text
}
