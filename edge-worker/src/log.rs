//! Structured logs: one JSON object a line, no personal data.

use serde_json::{Map, Value};

/// How important a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Business as usual.
    Info,
    /// Somebody has to look.
    Error,
}

/// Prints a line of `message` with fields. Values must not hold addresses, ids of people or secrets.
pub fn line(level: Level, message: &str, fields: &[(&str, Value)]) -> String {
    let mut object = Map::new();
    object.insert("level".into(), if level == Level::Error { "error" } else { "info" }.into());
    object.insert("message".into(), message.into());
    for (name, value) in fields {
        object.insert((*name).into(), value.clone());
    }
    Value::Object(object).to_string()
}

/// Writes a line to the platform's log.
pub fn write(level: Level, message: &str, fields: &[(&str, Value)]) {
    let line = line(level, message, fields);
    #[cfg(target_arch = "wasm32")]
    if level == Level::Error {
        worker::console_error!("{line}");
    } else {
        worker::console_log!("{line}");
    }
    #[cfg(not(target_arch = "wasm32"))]
    eprintln!("{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_is_one_json_object() {
        let line = line(Level::Error, "store failed", &[("attempts", 3.into())]);
        assert_eq!(line, r#"{"attempts":3,"level":"error","message":"store failed"}"#);
    }
}
