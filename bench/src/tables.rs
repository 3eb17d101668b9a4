//! What is in the tables afterwards, read by scanning them over the store's own API.

use anyhow::{Context, bail};
use serde_json::{Map, Value, json};

/// An item as DynamoDB's JSON has it: attribute names and typed values.
pub(crate) type Item = Map<String, Value>;

/// Bytes DynamoDB adds to each item when it bills storage (AWS, DynamoDB pricing: "100 byte per item storage
/// overhead used for indexing").
pub(crate) const INDEX_BYTES: usize = 100;

/// Reads all items of a table: `Events`, `Sessions`, `ActiveSessions` or `Accounts`.
pub(crate) fn scan(store: &str, table: &str, mut each: impl FnMut(&Item)) -> anyhow::Result<()> {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut start = Value::Null;
    loop {
        let mut question = json!({ "TableName": format!("liveinsight-{table}"), "ConsistentRead": true });
        if !start.is_null() {
            question["ExclusiveStartKey"] = start;
        }
        let mut answer = agent
            .post(format!("{store}/"))
            .header("x-amz-target", "DynamoDB_20120810.Scan")
            // The embedded store wants to be told who asks, and believes it.
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, \
                 SignedHeaders=host, Signature=0",
            )
            .header("x-amz-date", "20260101T000000Z")
            .content_type("application/x-amz-json-1.0")
            .send(question.to_string())?;
        let text = answer.body_mut().with_config().limit(64 << 20).read_to_string()?;
        if answer.status() != 200 {
            bail!("{table} cannot be scanned: {text}");
        }
        let mut page: Value = serde_json::from_str(&text)?;
        for item in page["Items"].as_array().context("a page without items")? {
            each(item.as_object().context("an item that is no object")?);
        }
        start = page["LastEvaluatedKey"].take();
        if start.is_null() {
            return Ok(());
        }
    }
}

/// The text of an attribute; empty when it is absent.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value["S"].as_str()).unwrap_or("")
}

/// How many elements a set of texts has.
pub(crate) fn elements(item: &Item, name: &str) -> usize {
    item.get(name).and_then(|value| value["SS"].as_array()).map_or(0, Vec::len)
}

/// The size of an item as DynamoDB counts it, in bytes (AWS developer guide, "DynamoDB item sizes and formats").
pub(crate) fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value_size(value)).sum()
}

fn value_size(value: &Value) -> usize {
    let Some((kind, value)) = value.as_object().and_then(|typed| typed.iter().next()) else { return 0 };
    let text = |value: &Value| value.as_str().map_or(0, str::len);
    let number = |value: &Value| {
        let digits = value.as_str().unwrap_or("").trim_start_matches('-').replace('.', "");
        digits.trim_matches('0').len().div_ceil(2) + 1
    };
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    match kind.as_str() {
        "S" | "B" => text(value),
        "N" => number(value),
        "SS" | "BS" => list.iter().map(text).sum(),
        "NS" => list.iter().map(number).sum(),
        // Three bytes for a list or map, and one for each element.
        "L" => 3 + list.iter().map(|element| 1 + value_size(element)).sum::<usize>(),
        "M" => {
            let elements = value.as_object().into_iter().flatten();
            3 + elements.map(|(name, element)| 1 + name.len() + value_size(element)).sum::<usize>()
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_has_the_size_that_the_developer_guide_gives() {
        let item = json!({
            "pk": { "S": "abc" }, "at": { "N": "1763866800123" }, "even": { "N": "1200" }, "seen": { "SS": ["a", "bc"] },
            "yes": { "BOOL": true }, "target": { "M": { "kind": { "S": "button" } } }
        });
        let expected = (2 + 3) + (2 + 8) + (4 + 2) + (4 + 3) + (3 + 1) + (6 + 3 + 1 + 4 + 6);
        assert_eq!(size(item.as_object().unwrap()), expected);
    }
}
