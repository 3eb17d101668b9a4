//! Answers in the form that was asked for: JSON, CSV (RFC 4180) or one JSON object a line.

use protocol::query::{Answer, AnswerRow, Query, Value};

use crate::encoding::harmless;
use crate::http::{Request, Response};

/// Prints an answer as the request's `Accept` says.
pub(super) fn answer(request: &Request, query: &Query, answer: &Answer) -> Response {
    if accepts(request, "text/csv") {
        return body("text/csv; charset=utf-8", csv(query, answer));
    }
    if accepts(request, "application/x-ndjson") {
        return body("application/x-ndjson", ndjson(query, answer));
    }
    Response::json(200, answer)
}

/// Whether the request asks for a media type by name.
pub(super) fn accepts(request: &Request, media: &str) -> bool {
    let accept = request.header("accept").unwrap_or_default();
    accept.split(',').any(|part| part.split(';').next().unwrap_or_default().trim() == media)
}

fn body(media: &str, text: String) -> Response {
    Response { body: text.into_bytes(), ..Response::empty(200) }.with("content-type", media)
}

fn names(query: &Query) -> impl Iterator<Item = String> {
    let dimensions = query.dimensions.iter().map(protocol::query::Dimension::name);
    let metrics = query.metrics.iter().map(|metric| metric.name().to_owned());
    let compared = query.comparison.iter().flat_map(|_| query.metrics.iter());
    dimensions.chain(metrics).chain(compared.map(|metric| format!("comparison.{}", metric.name())))
}

/// The metrics of a row, those compared with after them.
fn values(row: &AnswerRow) -> impl Iterator<Item = &Value> {
    row.metrics.iter().chain(row.comparison.iter().flatten())
}

fn csv(query: &Query, answer: &Answer) -> String {
    let mut text = String::new();
    csv_line(&mut text, names(query));
    for row in &answer.results {
        let numbers = values(row).map(|value| match value {
            Value::Money(all) => {
                let sums: Vec<String> =
                    all.iter().map(|one| format!("{} {}", one.value, one.currency)).collect();
                sums.join("; ")
            }
            other => match serde_json::to_value(other) {
                Ok(serde_json::Value::Null) | Err(_) => String::new(),
                Ok(number) => number.to_string(),
            },
        });
        csv_line(&mut text, row.dimensions.iter().map(|value| harmless(value)).chain(numbers));
    }
    text
}

/// A line of CSV (RFC 4180).
pub(super) fn csv_line(text: &mut String, fields: impl Iterator<Item = String>) {
    for (index, field) in fields.enumerate() {
        if index > 0 {
            text.push(',');
        }
        if field.contains([',', '"', '\n', '\r']) {
            text.push('"');
            text.push_str(&field.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&field);
        }
    }
    text.push_str("\r\n");
}

fn ndjson(query: &Query, answer: &Answer) -> String {
    let mut text = String::new();
    for row in &answer.results {
        let dimensions = row.dimensions.iter().map(|value| serde_json::Value::from(value.as_str()));
        let metrics = values(row).map(|value| serde_json::to_value(value).unwrap_or_default());
        let fields: serde_json::Map<_, _> = names(query).zip(dimensions.chain(metrics)).collect();
        text.push_str(&serde_json::Value::Object(fields).to_string());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use protocol::query::{AnswerMeta, Dimension, Metric, Money, VisitField};

    use super::*;

    fn printed(accept: &str) -> (String, String) {
        let dimensions = vec![Dimension::Page, Dimension::Visit(VisitField::Country)];
        let query =
            Query::new(vec![Metric::Visitors, Metric::BounceRate, Metric::TotalRevenue], dimensions, 0..1);
        let money =
            Value::Money(vec![Money { value: "12.5".into(), currency: "EUR".into(), rounded: false }]);
        let row = AnswerRow {
            metrics: vec![Value::Count(7), Value::Absent, money],
            dimensions: vec!["=1+1, \"x\"".into(), "KR".into()],
            comparison: None,
        };
        let given = Answer { results: vec![row], meta: AnswerMeta::default(), query: query.echo() };
        let request = Request { headers: vec![("accept".into(), accept.into())], ..Request::default() };
        let response = answer(&request, &query, &given);
        let media = response.headers.iter().find(|(name, _)| *name == "content-type").unwrap().1.clone();
        (media, String::from_utf8(response.body).unwrap())
    }

    #[test]
    fn spreadsheet_gets_quoted_fields_and_no_formulas() {
        let (media, text) = printed("text/csv;q=0.9, */*");
        assert_eq!(media, "text/csv; charset=utf-8");
        let expected = "event:page,visit:country,visitors,bounce_rate,total_revenue\r\n\"'=1+1, \"\"x\"\"\",KR,7,,12.5 EUR\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn programs_get_an_object_a_line_or_all_as_json() {
        let (_, text) = printed("application/x-ndjson");
        let row: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
        assert_eq!(row["visitors"], 7);
        assert_eq!(row["event:page"], "=1+1, \"x\"");
        assert_eq!(row["bounce_rate"], serde_json::Value::Null);
        let (media, text) = printed("*/*");
        assert!(media == "application/json" && text.starts_with("{\"results\":"), "{text}");
    }
}
