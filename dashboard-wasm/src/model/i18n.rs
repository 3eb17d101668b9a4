//! What is written on the page, in every language. One file a part of the page; a message is one line with all its
//! languages, so that none can be forgotten, and those that nobody uses are not in the program.

pub mod alerts;
pub mod annotations;
pub mod behaviour;
pub mod erase;
pub mod filters;
pub mod live;
pub mod manage;
pub mod map;
pub mod operator;
pub mod overview;
pub mod refusals;
pub mod sessions;
pub mod settings;
pub mod shell;
pub mod words;

/// The languages there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English.
    #[default]
    English,
    /// Korean.
    Korean,
}

impl Lang {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Korean];

    /// Its BCP 47 tag: for the page's `lang`, and as it is stored.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
        }
    }

    /// Its name in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Korean => "한국어",
        }
    }

    /// The language of a tag such as `ko-KR`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let language = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|lang| lang.tag().eq_ignore_ascii_case(language))
    }

    /// The first of the reader's languages that there is, else English.
    pub fn of_reader<'a>(wanted: impl IntoIterator<Item = &'a str>) -> Self {
        wanted.into_iter().find_map(Self::from_tag).unwrap_or_default()
    }
}

/// A text in every language. `{0}`, `{1}`, … stand for what [`Message::fill`] puts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    en: &'static str,
    ko: &'static str,
}

impl Message {
    /// A message. Use [`messages!`](crate::messages).
    pub const fn new(en: &'static str, ko: &'static str) -> Self {
        Self { en, ko }
    }

    /// The text in a language.
    pub fn of(self, lang: Lang) -> &'static str {
        match lang {
            Lang::English => self.en,
            Lang::Korean => self.ko,
        }
    }

    /// The text with its places filled.
    pub fn fill(self, lang: Lang, values: &[&str]) -> String {
        let mut filled = String::new();
        let mut rest = self.of(lang);
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((place, after)) = after.split_once('}') else { break };
            let value = place.bytes().next().map(|digit| usize::from(digit.wrapping_sub(b'0')));
            filled.push_str(value.and_then(|place| values.get(place)).copied().unwrap_or_default());
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

/// Defines messages: `NAME = "English", "Korean";` each a public constant.
#[macro_export]
macro_rules! messages {
    ($($name:ident = $en:literal, $ko:literal;)+) => {
        $(
            #[doc = concat!("`", $en, "`")]
            pub const $name: $crate::model::i18n::Message = $crate::model::i18n::Message::new($en, $ko);
        )+

        #[cfg(test)]
        mod complete {
            #[test]
            fn every_language_has_a_text_with_the_same_places() {
                let places = |text: &str| {
                    let mut places: Vec<_> =
                        text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap().to_owned()).collect();
                    places.sort();
                    places
                };
                for (name, en, ko) in [$((stringify!($name), $en, $ko)),+] {
                    assert!(!en.trim().is_empty() && !ko.trim().is_empty(), "{name}");
                    assert_eq!(places(en), places(ko), "{name}");
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: Message = Message::new("{0} of {1}", "{1} 중 {0}");

    #[test]
    fn places_are_filled_in_the_order_of_the_language() {
        assert_eq!(HELLO.fill(Lang::English, &["2", "7"]), "2 of 7");
        assert_eq!(HELLO.fill(Lang::Korean, &["2", "7"]), "7 중 2");
        assert_eq!(HELLO.fill(Lang::English, &["2"]), "2 of ");
        assert_eq!(Message::new("100%", "100%").fill(Lang::English, &[]), "100%");
    }

    #[test]
    fn the_first_language_that_there_is_is_taken() {
        assert_eq!(Lang::of_reader(["fr-FR", "ko-KR", "en"]), Lang::Korean);
        assert_eq!(Lang::of_reader(["fr"]), Lang::English);
        assert_eq!(Lang::from_tag("EN-gb"), Some(Lang::English));
    }
}
