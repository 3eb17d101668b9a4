//! The file of variables that wrangler reads.
//!
//! Wrangler parses it with dotenv and then expands `$name` with dotenv-expand, which also happens inside quotes:
//! a `$` has to be escaped with a backslash wherever it stands.

use anyhow::{Result, bail};

/// The whole file.
pub(super) fn render(variables: &[(&str, &str)]) -> Result<String> {
    let mut text = String::from("# Written at every start; changes are lost.\n");
    for (name, value) in variables {
        text.push_str(&line(name, value)?);
    }
    Ok(text)
}

fn line(name: &str, value: &str) -> Result<String> {
    if value.contains(['\n', '\r', '\0']) {
        bail!("the value of {name} has more than one line: remove the line breaks");
    }
    // Between these quotes dotenv changes nothing.
    let Some(quote) = ['\'', '`'].into_iter().find(|quote| !value.contains(*quote)) else {
        bail!("the value of {name} holds both ' and `: use only one of them");
    };
    if value.ends_with('\\') {
        bail!("the value of {name} ends with a backslash, which would hide the closing quote: leave it out");
    }
    Ok(format!("{name}={quote}{}{quote}\n", value.replace('$', "\\$")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_escaped() {
        assert_eq!(line("HASH", "$argon2id$v=19$abc").unwrap(), "HASH='\\$argon2id\\$v=19\\$abc'\n");
    }

    #[test]
    fn json_stays_as_it_is() {
        assert_eq!(line("SITES", "[{\"id\":\"a\"}]").unwrap(), "SITES='[{\"id\":\"a\"}]'\n");
    }

    #[test]
    fn an_apostrophe_changes_the_quotes() {
        assert_eq!(line("SITES", "Jo's #1 shop").unwrap(), "SITES=`Jo's #1 shop`\n");
    }

    #[test]
    fn what_cannot_be_quoted_is_refused() {
        assert!(line("A", "one\ntwo").is_err());
        assert!(line("A", "both ' and `").is_err());
        assert!(line("A", "end\\").is_err());
    }
}
