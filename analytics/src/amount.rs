//! Money, exactly.

use std::fmt;

/// An amount in ten-thousandths of a currency's unit: four digits after the point are as many as any currency
/// of ISO 4217 has. Sums are exact; what does not fit is kept as the text it was
/// ([`EventDim::OddAmount`](crate::EventDim::OddAmount)).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub i64);

impl Amount {
    /// Ten-thousandths in one.
    pub const SCALE: i64 = 10_000;

    /// Reads a decimal such as `49000` or `-12.50`; `None` when it is none or has no exact value here.
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, sign) = text.strip_prefix('-').map_or((text, 1), |digits| (digits, -1));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let fraction = fraction.trim_end_matches('0');
        if whole.is_empty() || fraction.len() > 4 {
            return None;
        }
        let padding = std::iter::repeat_n(b'0', 4 - fraction.len());
        let mut value = 0_i64;
        for byte in whole.bytes().chain(fraction.bytes()).chain(padding) {
            let digit = char::from(byte).to_digit(10)?;
            value = value.checked_mul(10)?.checked_add(sign * i64::from(digit))?;
        }
        Some(Self(value))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0.unsigned_abs() / 10_000, self.0.unsigned_abs() % 10_000);
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{whole}")?;
        if part > 0 {
            write!(f, ".{}", format!("{part:04}").trim_end_matches('0'))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_or_refused() {
        for (text, value) in [
            ("49000", Some(490_000_000)),
            ("-12.50", Some(-125_000)),
            ("0.00010", Some(1)),
            ("0.00001", None),
            ("922337203685477.5807", Some(i64::MAX)),
            ("-922337203685477.5808", Some(i64::MIN)),
            ("922337203685477.5808", None),
            ("", None),
            ("1e3", None),
            (".5", None),
        ] {
            assert_eq!(Amount::parse(text).map(|amount| amount.0), value, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn amounts_survive_printing(value: i64) {
            proptest::prop_assert_eq!(Amount::parse(&Amount(value).to_string()), Some(Amount(value)));
        }
    }
}
