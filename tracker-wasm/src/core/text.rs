//! Text: taken apart, and as it is sent.

/// Takes what stands before the next `stop`, an ASCII character, off the front of `rest`; at the end all
/// that is left. `None` when nothing is. One plain loop for all that is taken apart here: the standard
/// library's patterns are compiled anew for each use and cost the tracker some kilobytes.
pub fn take<'a>(rest: &mut &'a str, stop: u8) -> Option<&'a str> {
    if rest.is_empty() {
        return None;
    }
    let end = rest.bytes().position(|byte| byte == stop);
    let part = &rest[..end.unwrap_or(rest.len())];
    *rest = end.map_or("", |end| &rest[end + 1..]);
    Some(part)
}

/// One line out of text as a page lays it out: runs of white space become one space, and no more than
/// `max` bytes are looked at, because a marked element may hold half the page.
pub(super) fn squash(text: &str, max: usize) -> String {
    let mut out = String::new();
    for word in text.split_ascii_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        if out.len() >= max {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{squash, take};

    #[test]
    fn white_space_of_the_layout_becomes_one_space() {
        assert_eq!(squash("\n  Add\n\t to   cart ", 128), "Add to cart");
        assert_eq!(squash("   ", 128), "");
    }

    #[test]
    fn parts_are_taken_off_the_front() {
        let mut rest = "a  가 b";
        let parts: Vec<_> = std::iter::from_fn(|| take(&mut rest, b' ')).collect();
        assert_eq!(parts, ["a", "", "가", "b"]);
    }

    #[test]
    fn reading_stops_at_the_limit() {
        assert_eq!(squash("aaa bbb ccc", 5), "aaa bbb");
    }
}
