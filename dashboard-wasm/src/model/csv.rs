//! Tables as files (RFC 4180).

/// Prints lines of fields.
pub fn print(lines: &[Vec<String>]) -> String {
    let mut text = String::new();
    for line in lines {
        let fields: Vec<String> = line.iter().map(|field| quoted(field)).collect();
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A field as it stands in a file. What a spreadsheet would take for a formula is made a text.
fn quoted(field: &str) -> String {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && field.parse::<f64>().is_err();
    let field = if is_formula { format!("'{field}") } else { field.to_owned() };
    if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_and_formulas_disarmed() {
        let lines = vec![vec!["a,b".into(), "say \"x\"".into()], vec!["=1+1".into(), "-2.5".into()]];
        assert_eq!(print(&lines), "\"a,b\",\"say \"\"x\"\"\"\r\n'=1+1,-2.5\r\n");
    }
}
