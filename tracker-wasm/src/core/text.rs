//! Text, taken apart.

/// Takes what stands before the next `stop` off the front of `rest`; all of it if there is none.
pub(super) fn take<'a>(rest: &mut &'a [u8], stop: u8) -> &'a [u8] {
    let end = rest.iter().position(|byte| *byte == stop).unwrap_or(rest.len());
    let part = rest.get(..end).unwrap_or_default();
    *rest = rest.get(end + 1..).unwrap_or_default();
    part
}

/// Reads decimal digits. What holds others gives any number: it comes from storage anyone can write to,
/// and whoever asks checks whether the number makes sense.
pub(super) fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |number, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit & 15)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_taken_off_the_front() {
        let mut rest = "a  가 b".as_bytes();
        let parts: Vec<_> = (0..5).map(|_| take(&mut rest, b' ')).collect();
        assert_eq!(parts, ["a", "", "가", "b", ""].map(str::as_bytes));
    }

    #[test]
    fn numbers_are_read_and_nonsense_does_no_harm() {
        assert_eq!(number(b"1763866800000"), 1_763_866_800_000);
        assert_eq!(number(b""), 0);
        number(&[b'9'; 99]);
    }
}
