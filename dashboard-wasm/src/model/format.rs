//! Numbers for SVG and CSS. Those for people are printed by the browser.

/// A length for SVG and CSS; tenths of a pixel are finer than any screen.
pub fn tenths(value: f64) -> String {
    let tenths = (value * 10.0).round() as i64;
    let (sign, whole, rest) = (if tenths < 0 { "-" } else { "" }, tenths.abs() / 10, tenths.abs() % 10);
    if rest == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_are_printed_without_needless_zeros() {
        assert_eq!(["0", "-0.5", "12", "7.3"], [0.0, -0.5, 11.96, 7.26].map(tenths)[..]);
    }
}
