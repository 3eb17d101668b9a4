//! Light, dark, or as the system says.

use super::i18n::{Message, shell as say};

/// What the reader chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The choice as it is stored and written into the page (`data-theme`); `None` for the system's.
    pub fn key(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    /// The choice stored as `key`.
    pub fn from_key(key: Option<&str>) -> Self {
        match key {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// The choice after this one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// Its name for people.
    pub fn label(self) -> Message {
        match self {
            Self::System => say::THEME_SYSTEM,
            Self::Light => say::THEME_LIGHT,
            Self::Dark => say::THEME_DARK,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_is_reached_and_stored() {
        let mut theme = Theme::default();
        for _ in 0..3 {
            assert_eq!(Theme::from_key(theme.key()), theme);
            theme = theme.next();
        }
        assert_eq!(theme, Theme::System);
        assert_eq!(Theme::from_key(Some("sepia")), Theme::System);
    }
}
