//! Words and numbers in a user agent.

/// A run of letters, digits and `_ - .`, with what stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    pub(crate) after: &'a str,
}

/// The words of a text in order.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(is_part)?;
        let word = &rest[start..];
        let end = word.find(|character| !is_part(character)).unwrap_or(word.len());
        let (text, after) = word.split_at(end);
        rest = after;
        Some(Word { text, after })
    })
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.')
}

/// The version behind a name: `/1.2`, ` 1.2`, `]/1.2`, as `1.2`. Empty if there is no number at once.
pub(crate) fn version_after(after: &str) -> &str {
    let after = after.strip_prefix(']').unwrap_or(after);
    leading_version(after.strip_prefix(['/', ' ', ':']).unwrap_or(after))
}

/// The digits and dots (or underscores, which Apple writes) that a text begins with.
pub(crate) fn leading_version(text: &str) -> &str {
    let end = text
        .find(|character: char| !character.is_ascii_digit() && !matches!(character, '.' | '_'))
        .unwrap_or(text.len());
    text[..end].trim_matches(['.', '_'])
}

/// At most so many numbers of a version, joined by dots; no longer than versions are.
pub(crate) fn numbers(version: &str, count: usize) -> String {
    /// No part of a version is longer; what is, is somebody's joke and would be stored with each event.
    const DIGITS: usize = 10;
    let parts = version.split(['.', '_']).filter(|part| !part.is_empty() && part.len() <= DIGITS);
    let mut joined = String::new();
    for part in parts.take(count) {
        if !joined.is_empty() {
            joined.push('.');
        }
        joined.push_str(part);
    }
    joined
}

/// The first number of a version.
pub(crate) fn major(version: &str) -> Option<u32> {
    version.split(['.', '_']).next()?.parse().ok()
}

/// What stands behind the first occurrence of a text.
pub(crate) fn behind<'a>(text: &'a str, what: &str) -> Option<&'a str> {
    text.split_once(what).map(|(_, after)| after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_at_everything_else() {
        let found: Vec<_> =
            words("Mozilla/5.0 (iPhone; U) [LinkedInApp]/9.1 한글").map(|word| word.text).collect();
        assert_eq!(found, ["Mozilla", "5.0", "iPhone", "U", "LinkedInApp", "9.1"]);
        assert_eq!(words("a-b_c.d").next(), Some(Word { text: "a-b_c.d", after: "" }));
        assert_eq!(words(" (;) ").count(), 0);
    }

    #[test]
    fn versions_are_read_in_every_spelling() {
        assert_eq!(version_after("/142.0.0.0 Safari"), "142.0.0.0");
        assert_eq!(version_after(" 10.4.5 (INAPP)"), "10.4.5");
        assert_eq!(version_after("]/9.29.6962"), "9.29.6962");
        assert_eq!(version_after(" for iPhone"), "");
        assert_eq!(leading_version("18_7 like Mac OS X"), "18_7");
        assert_eq!(numbers("18_7_1", 2), "18.7");
        assert_eq!(numbers("142", 2), "142");
        assert_eq!(numbers("", 2), "");
        assert_eq!(numbers(&"9".repeat(500), 2), "");
        assert_eq!(major("15.0.0"), Some(15));
        assert_eq!(major("x"), None);
    }
}
