//! Numbers, shares and spans of time in words.
//!
//! Integer arithmetic throughout: printing floats would bring 10 KB of formatting code into the bundle.

/// A count with thousands separators: `1,284,003`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count that has to fit a stat card: exact below ten million, `12.8M` from there.
pub fn headline(value: u64) -> String {
    if value < 10_000_000 { count(value) } else { scaled(value) }
}

/// A count that has to fit an axis: exact below a hundred thousand, `250k` and `1.5M` from there.
pub fn axis(value: u64) -> String {
    if value < 100_000 { count(value) } else { scaled(value) }
}

fn scaled(value: u64) -> String {
    let (unit, suffix) = match value {
        0..1_000_000 => (1_000, "k"),
        1_000_000..1_000_000_000 => (1_000_000, "M"),
        _ => (1_000_000_000, "B"),
    };
    // Cut, not rounded: 9.99M must not read 10M before it is.
    let (whole, tenth) = (value / unit, value % unit * 10 / unit);
    if tenth == 0 { format!("{}{suffix}", count(whole)) } else { format!("{}.{tenth}{suffix}", count(whole)) }
}

/// A share from 0 to 1 in percent; a share too small to round to 1 is not called nothing.
pub fn percent(share: f64) -> String {
    let rounded = (share * 100.0).round() as u64;
    if rounded == 0 && share > 0.0 { "<1%".into() } else { format!("{rounded}%") }
}

/// A span of time with its two largest units: `48s`, `4m 05s`, `2h 07m`, `3d 4h`.
pub fn duration(millis: u64) -> String {
    let seconds = millis / 1_000;
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}h {:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d {}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// How long ago something was, coarse enough not to change with every second.
pub fn ago(millis: u64) -> String {
    let seconds = millis / 1_000;
    match seconds {
        0..10 => "just now".into(),
        10..60 => format!("{}s ago", seconds / 10 * 10),
        60..3_600 => format!("{}m ago", seconds / 60),
        3_600..86_400 => format!("{}h ago", seconds / 3_600),
        _ => format!("{}d ago", seconds / 86_400),
    }
}

/// `1 visitor`, `2 visitors`.
pub fn visitors(value: u64) -> String {
    if value == 1 { "1 visitor".into() } else { format!("{} visitors", count(value)) }
}

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
    fn count_groups_digits_by_three() {
        assert_eq!(
            ["0", "999", "1,000", "12,345", "1,284,003"],
            [0, 999, 1_000, 12_345, 1_284_003].map(count)[..]
        );
    }

    #[test]
    fn headline_is_exact_until_it_no_longer_fits() {
        assert_eq!(headline(9_999_999), "9,999,999");
        assert_eq!(headline(10_000_000), "10M");
        assert_eq!(headline(12_860_000), "12.8M");
        assert_eq!(headline(2_000_000_000_000), "2,000B");
    }

    #[test]
    fn axis_shortens_round_numbers_without_loss() {
        assert_eq!(["20,000", "100k", "250k", "1.5M"], [20_000, 100_000, 250_000, 1_500_000].map(axis)[..]);
    }

    #[test]
    fn percent_rounds_but_never_to_nothing() {
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(0.004), "<1%");
        assert_eq!(percent(0.425), "43%");
        assert_eq!(percent(1.0), "100%");
    }

    #[test]
    fn duration_shows_two_units() {
        let cases =
            [(0, "0s"), (59_999, "59s"), (245_000, "4m 05s"), (7_620_000, "2h 07m"), (273_600_000, "3d 4h")];
        for (millis, text) in cases {
            assert_eq!(duration(millis), text);
        }
    }

    #[test]
    fn ago_steps_by_ten_seconds_then_minutes() {
        let cases = [
            (0, "just now"),
            (9_999, "just now"),
            (39_000, "30s ago"),
            (60_000, "1m ago"),
            (7_200_000, "2h ago"),
        ];
        for (millis, text) in cases {
            assert_eq!(ago(millis), text);
        }
        assert_eq!(ago(200_000_000), "2d ago");
    }

    #[test]
    fn one_visitor_is_singular() {
        assert_eq!(visitors(1), "1 visitor");
        assert_eq!(visitors(1_200), "1,200 visitors");
    }

    #[test]
    fn tenths_are_printed_without_needless_zeros() {
        assert_eq!(["0", "-0.5", "12", "7.3"], [0.0, -0.5, 11.96, 7.26].map(tenths)[..]);
    }
}
