//! Values that a sender may give any shape: what is of use is kept, the rest is passed over while it is read.
//! `serde_json::Value` would build it first: a body of small objects takes a hundred times its size in memory.

use core::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// A scalar, two counts, or something else.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Loose {
    /// Nothing, or nothing of use.
    #[default]
    Other,
    Text(String),
    Number(Number),
    Bool(bool),
    /// A list of two whole numbers.
    Pair(u64, u64),
}

impl Loose {
    /// The text; empty for everything else.
    pub(super) fn text(&self) -> &str {
        if let Self::Text(text) = self { text } else { "" }
    }

    /// The whole number from 0, if it is one.
    pub(super) fn count(&self) -> Option<u64> {
        if let Self::Number(number) = self { number.as_u64() } else { None }
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Loose, E> {
        Ok(Loose::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Loose, E> {
        Ok(Loose::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Loose, E> {
        Ok(Loose::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Loose, E> {
        Ok(Number::from_f64(value).map_or(Loose::Other, Loose::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Loose, E> {
        Ok(Loose::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Loose, E> {
        Ok(Loose::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Loose, A::Error> {
        let mut pair = [None, None];
        let mut length = 0;
        while let Some(value) = list.next_element::<Loose>()? {
            if let Some(place) = pair.get_mut(length) {
                *place = value.count();
            }
            length += 1;
        }
        Ok(match (pair, length) {
            ([Some(first), Some(second)], 2) => Loose::Pair(first, second),
            _ => Loose::Other,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose, A::Error> {
        while map.next_entry::<Loose, Loose>()?.is_some() {}
        Ok(Loose::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_no_use_is_passed_over() {
        for (text, read) in [
            ("null", Loose::Other),
            ("true", Loose::Bool(true)),
            ("-3", Loose::Number((-3).into())),
            ("1.50", Loose::Number(Number::from_f64(1.5).unwrap())),
            (r#""\u00e9""#, Loose::Text("é".into())),
            ("[1920,1080]", Loose::Pair(1920, 1080)),
            ("[1920]", Loose::Other),
            ("[1,2,3]", Loose::Other),
            ("[1,-2]", Loose::Other),
            (r#"{"a":[{"b":"c"},1],"d":{}}"#, Loose::Other),
        ] {
            assert_eq!(serde_json::from_str::<Loose>(text).unwrap(), read, "{text}");
        }
        assert!(serde_json::from_str::<Loose>(r#"{"a":[1,}"#).is_err());
    }
}
