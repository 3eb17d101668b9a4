//! Sums of money, exact.

use crate::amount::Amount;
use crate::dataset::Dataset;
use crate::row::EventDim;
use protocol::query::Money;

/// Digits after the point that are kept. An amount has at most 20 characters on the wire
/// ([`protocol::limits::MAX_AMOUNT_BYTES`]), so it has at most 18 such digits.
const DIGITS: usize = 18;

/// One unit of a currency.
const ONE: i128 = 1_000_000_000_000_000_000;

/// A decimal of at most 18 digits after the point and its currency, such as `0.00001 BTC`.
fn parse(text: &str) -> Option<(i128, &str)> {
    let (amount, currency) = text.split_once(' ')?;
    let value = decimal(amount)?;
    (!currency.is_empty()).then_some((value, currency))
}

/// A decimal in 10⁻¹⁸ units.
pub(crate) fn decimal(text: &str) -> Option<i128> {
    let (digits, sign) = text.strip_prefix('-').map_or((text, 1), |digits| (digits, -1));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let padding = DIGITS.checked_sub(fraction.len())?;
    let mut value = 0_i128;
    for byte in whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat_n(b'0', padding)) {
        let digit = char::from(byte).to_digit(10)?;
        value = value.checked_mul(10)?.checked_add(sign * i128::from(digit))?;
    }
    (!whole.is_empty()).then_some(value)
}

fn print(value: i128) -> String {
    let (whole, part) =
        (value.unsigned_abs() / ONE.unsigned_abs(), value.unsigned_abs() % ONE.unsigned_abs());
    let sign = if value < 0 { "-" } else { "" };
    let part = format!("{part:018}");
    let part = part.trim_end_matches('0');
    let point = if part.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{part}")
}

/// One amount as money.
pub(crate) fn one(value: i128, currency: &str) -> Money {
    Money { value: print(value), currency: currency.into(), rounded: false }
}

/// Sum and count of amounts of one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    value: i128,
    count: u64,
}

impl Sum {
    pub(crate) fn add(&mut self, value: i128) {
        // Sums of 10²⁰ units: out of reach of anything but nonsense.
        self.value = self.value.saturating_add(value);
        self.count += 1;
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.value = self.value.saturating_add(other.value);
        self.count += other.count;
    }

    pub(crate) fn total(self, currency: &str) -> Money {
        Money { value: print(self.value), currency: currency.into(), rounded: false }
    }

    /// The mean, to four digits after the point, half away from zero.
    pub(crate) fn mean(self, currency: &str) -> Money {
        const STEP: i128 = ONE / Amount::SCALE as i128;
        let parts = i128::from(self.count.max(1)) * STEP;
        let exact = self.value % parts == 0;
        let steps = (self.value.abs() + parts / 2) / parts * self.value.signum();
        Money { value: print(steps * STEP), currency: currency.into(), rounded: !exact }
    }
}

/// What each event was worth, read in the order of events.
#[derive(Debug)]
pub(crate) struct Amounts<'a> {
    data: &'a Dataset,
    next: usize,
    /// Amounts that are kept as texts, by their code.
    odd: Vec<Option<(i128, u32)>>,
    /// Currencies that only those have.
    currencies: Vec<&'a str>,
}

impl<'a> Amounts<'a> {
    pub(crate) fn new(data: &'a Dataset) -> Self {
        let known = &data.revenue().currencies.dict;
        let mut currencies = Vec::new();
        let mut odd = Vec::new();
        for text in data.event(EventDim::OddAmount).dict.iter() {
            odd.push(parse(text).map(|(value, currency)| {
                let code = known.find(currency).unwrap_or_else(|| {
                    let place = currencies.iter().position(|other| *other == currency).unwrap_or_else(|| {
                        currencies.push(currency);
                        currencies.len() - 1
                    });
                    (known.len() + place) as u32
                });
                (value, code)
            }));
        }
        Self { data, next: 0, odd, currencies }
    }

    /// The worth of an event in 10⁻¹⁸ units and the code of its currency. Events are asked for in order, one
    /// perhaps more than once.
    #[inline]
    pub(crate) fn of(&mut self, event: usize) -> Option<(i128, u32)> {
        let revenue = self.data.revenue();
        while revenue.events.get(self.next).is_some_and(|other| (*other as usize) < event) {
            self.next += 1;
        }
        if revenue.events.get(self.next).is_some_and(|other| *other as usize == event) {
            let currency = revenue.currencies.codes.get(self.next);
            let amount = revenue.amounts.get(self.next)?;
            // An amount without a currency is none.
            return (currency > 0)
                .then(|| (i128::from(amount.0) * (ONE / i128::from(Amount::SCALE)), currency));
        }
        let code = self.data.event(EventDim::OddAmount).codes.get(event);
        self.odd.get(code as usize).copied().flatten()
    }

    /// The text of a currency's code.
    pub(crate) fn currency(&self, code: u32) -> &'a str {
        let known = &self.data.revenue().currencies.dict;
        match (code as usize).checked_sub(known.len()) {
            Some(place) => self.currencies.get(place).copied().unwrap_or(""),
            None => known.get(code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_any_length_are_exact() {
        for (text, printed) in [
            ("0.00001 BTC", Some("0.00001")),
            ("-0.00000000000000001 BTC", Some("-0.00000000000000001")),
            ("99999999999999999999 X", Some("99999999999999999999")),
            ("1.50 X", Some("1.5")),
            ("1", None),
            ("1e3 X", None),
        ] {
            assert_eq!(parse(text).map(|(value, _)| print(value)).as_deref(), printed, "{text}");
        }
    }

    #[test]
    fn mean_says_whether_it_is_rounded() {
        let mean = |value, count| {
            let money = Sum { value: value * ONE, count }.mean("EUR");
            (money.value, money.rounded)
        };
        assert_eq!(mean(3, 2), ("1.5".into(), false));
        assert_eq!(mean(-2, 3), ("-0.6667".into(), true));
        assert_eq!(mean(1, 3), ("0.3333".into(), true));
    }
}
