//! Tests of texts. Each runs once for every text of a dictionary, never for a row.

use protocol::query::{Op, QueryError, Test};

use super::expression::Expression;

/// The texts or expressions of a test, ready to run.
#[derive(Debug)]
pub(crate) struct Matcher {
    how: How,
    /// Both sides are in lower case.
    lower: bool,
}

#[derive(Debug)]
enum How {
    Is(Vec<String>),
    Contains(Vec<String>),
    Matches(Vec<Expression>),
}

impl Matcher {
    /// Case is folded by Unicode for `is` and `contains`, for A to Z in expressions (`regex-lite`).
    pub(crate) fn new(test: &Test) -> Result<Self, QueryError> {
        let lower = !test.case_sensitive;
        let texts = || {
            let fold = |text: &String| if lower { text.to_lowercase() } else { text.clone() };
            test.values.iter().map(fold).collect()
        };
        let how = match test.op {
            Op::Is => How::Is(texts()),
            Op::Contains => How::Contains(texts()),
            Op::Matches => {
                let compile = |text: &String| Expression::new(text, test.case_sensitive);
                How::Matches(test.values.iter().map(compile).collect::<Result<_, _>>()?)
            }
        };
        Ok(Self { lower: lower && test.op != Op::Matches, how })
    }

    /// The texts of an exact test, which can be looked up.
    pub(crate) fn exact(&self) -> Option<&[String]> {
        match &self.how {
            How::Is(texts) if !self.lower => Some(texts),
            _ => None,
        }
    }

    /// Whether a text passes.
    pub(crate) fn holds(&self, text: &str) -> bool {
        let folded;
        let text = if self.lower {
            folded = text.to_lowercase();
            folded.as_str()
        } else {
            text
        };
        match &self.how {
            How::Is(texts) => texts.iter().any(|one| one == text),
            How::Contains(texts) => texts.iter().any(|one| text.contains(one.as_str())),
            How::Matches(all) => all.iter().any(|one| one.is_match(text)),
        }
    }
}

/// Whether a path matches a pattern as a whole: `*` stands for any text without `/`, `**` for any text. Takes
/// time in proportion to both lengths: each kind of star goes back only to its own last occurrence.
pub fn wildcard(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.as_bytes(), path.as_bytes());
    let (mut at_pattern, mut at_path) = (0, 0);
    // Where to go on after the last `*` and `**`, and how far it has reached.
    let mut star: Option<(usize, usize)> = None;
    let mut stars: Option<(usize, usize)> = None;
    loop {
        let rest = pattern.get(at_pattern..).unwrap_or_default();
        if rest.starts_with(b"**") {
            at_pattern += 2;
            (star, stars) = (None, Some((at_pattern, at_path)));
        } else if rest.starts_with(b"*") {
            at_pattern += 1;
            star = Some((at_pattern, at_path));
        } else if let (Some(one), Some(other)) = (rest.first(), path.get(at_path))
            && one == other
        {
            (at_pattern, at_path) = (at_pattern + 1, at_path + 1);
        } else if rest.is_empty() && at_path == path.len() {
            return true;
        } else if let Some((after, reached)) = star
            && path.get(reached).is_some_and(|byte| *byte != b'/')
        {
            star = Some((after, reached + 1));
            (at_pattern, at_path) = (after, reached + 1);
        } else if let Some((after, reached)) = stars
            && reached < path.len()
        {
            (star, stars) = (None, Some((after, reached + 1)));
            (at_pattern, at_path) = (after, reached + 1);
        } else {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::query::Dimension;

    use super::*;

    fn holds(op: Op, value: &str, case_sensitive: bool, text: &str) -> bool {
        let test = Test { dimension: Dimension::Page, op, values: vec![value.into()], case_sensitive };
        Matcher::new(&test).unwrap().holds(text)
    }

    #[test]
    fn texts_are_compared_as_asked() {
        for (op, value, case_sensitive, text, expected) in [
            (Op::Is, "/Blog", true, "/blog", false),
            (Op::Is, "/Blog", false, "/bLOG", true),
            (Op::Contains, "ÄRGER", false, "/ärger/1", true),
            (Op::Contains, "", true, "", true),
            (Op::Matches, "^/blog/[0-9]+$", true, "/blog/12", true),
            (Op::Matches, "^/blog/[0-9]+$", true, "/blog/12/x", false),
            (Op::Matches, "BLOG", false, "/blog", true),
        ] {
            assert_eq!(holds(op, value, case_sensitive, text), expected, "{op:?} {value} {text}");
        }
    }

    #[test]
    fn expressions_that_are_none_or_too_large_are_refused() {
        for value in ["(", "(?:a{1000}){1000}"] {
            let test = Test {
                dimension: Dimension::Page,
                op: Op::Matches,
                values: vec![value.into()],
                case_sensitive: true,
            };
            assert!(Matcher::new(&test).is_err(), "{value}");
        }
    }

    #[test]
    fn stars_stand_for_parts_of_a_path() {
        for (pattern, path, expected) in [
            ("/", "/", true),
            ("/blog/*", "/blog/a", true),
            ("/blog/*", "/blog/a/b", false),
            ("/blog/**", "/blog/a/b", true),
            ("/blog**", "/blog", true),
            ("/*/edit", "/a/edit", true),
            ("/*/edit", "/a/b/edit", false),
            ("**/edit", "/a/b/edit", true),
            ("/a*b*c", "/aXbYc", true),
            ("/a*b*c", "/aXbY/c", false),
            ("**a*c", "/xa/yac", true),
            ("*", "", true),
            ("", "", true),
            ("", "/", false),
        ] {
            assert_eq!(wildcard(pattern, path), expected, "{pattern} {path}");
        }
    }

    /// The definition, tried in every way.
    fn plain(pattern: &[u8], path: &[u8]) -> bool {
        match pattern {
            [] => path.is_empty(),
            [b'*', b'*', rest @ ..] => (0..=path.len()).any(|place| plain(rest, &path[place..])),
            [b'*', rest @ ..] => {
                let reach = path.iter().position(|byte| *byte == b'/').unwrap_or(path.len());
                (0..=reach).any(|place| plain(rest, &path[place..]))
            }
            [one, rest @ ..] => path.first() == Some(one) && plain(rest, &path[1..]),
        }
    }

    proptest::proptest! {
        #[test]
        fn wildcard_is_what_trying_everything_gives(pattern in "[ab/*]{0,10}", path in "[ab/]{0,12}") {
            proptest::prop_assert_eq!(wildcard(&pattern, &path), plain(pattern.as_bytes(), path.as_bytes()));
        }
    }
}
