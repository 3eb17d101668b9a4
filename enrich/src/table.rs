//! Tables kept as sorted text: a line a key, found by binary search without unpacking anything at start-up.

/// Lines of `key`, or of `key<TAB>value`, in ascending order of the bytes of the key, each ended by a line feed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table(&'static str);

impl Table {
    /// A table from a data file: the lines before it that begin with `#` say where it is from and are skipped.
    pub(crate) const fn new(file: &'static str) -> Self {
        let bytes = file.as_bytes();
        let mut start = 0;
        while start < bytes.len() && bytes[start] == b'#' {
            while start < bytes.len() && bytes[start] != b'\n' {
                start += 1;
            }
            if start < bytes.len() {
                start += 1;
            }
        }
        Self(file.split_at(start).1)
    }

    /// The value of a key: empty for a line that is a key alone.
    pub(crate) fn find(self, key: &str) -> Option<&'static str> {
        let text = self.0;
        let (mut low, mut high) = (0, text.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let start = text[..floor(text, middle)].rfind('\n').map_or(0, |end| end + 1);
            let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
            let line = &text[start..end];
            let (found, value) = line.split_once('\t').unwrap_or((line, ""));
            match found.cmp(key) {
                std::cmp::Ordering::Equal => return Some(value),
                std::cmp::Ordering::Less => low = end + 1,
                std::cmp::Ordering::Greater => high = start,
            }
        }
        None
    }

    /// All keys and values in order.
    pub(crate) fn lines(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0.lines().map(|line| line.split_once('\t').unwrap_or((line, "")))
    }
}

/// The nearest place at or before `index` where a character begins.
fn floor(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

/// The beginning of a text, at most so many bytes long and never half a character.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    &text[..floor(text, bytes)]
}

/// A host and its parent domains, from the longest: `a.b.com`, `b.com`. No table knows a name without a dot.
pub(crate) fn domains(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |host| host.split_once('.').map(|(_, parent)| parent))
        .take_while(|domain| domain.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Table = Table::new("# from somewhere\n# licence\na\tone\nb.c\nd\tthree\né\tfour\n");

    #[test]
    fn every_line_is_found_and_nothing_else() {
        for (key, value) in TABLE.lines() {
            assert_eq!(TABLE.find(key), Some(value));
        }
        assert_eq!(TABLE.lines().count(), 4);
        for unknown in ["", "0", "aa", "b", "c", "e", "z", "ë", "# licence"] {
            assert_eq!(TABLE.find(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn an_empty_table_finds_nothing() {
        assert_eq!(Table::new("# only words\n").find("a"), None);
        assert_eq!(Table::new("").find(""), None);
    }

    #[test]
    fn a_cut_keeps_characters_whole() {
        assert_eq!(cut("가나", 5), "가");
        assert_eq!(cut("가나", 6), "가나");
        assert_eq!(cut("abc", 99), "abc");
        assert_eq!(cut("가", 0), "");
    }

    #[test]
    fn parents_follow_their_host() {
        assert_eq!(domains("a.b.com").collect::<Vec<_>>(), ["a.b.com", "b.com"]);
        assert_eq!(domains("com").count() + domains("").count(), 0);
        assert_eq!(domains("a..com").collect::<Vec<_>>(), ["a..com", ".com"]);
    }
}
