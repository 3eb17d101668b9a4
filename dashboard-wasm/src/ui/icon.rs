//! Icons, drawn with one pen: 20 units, round ends, the colour of the text.

use leptos::prelude::*;
use protocol::api::Device;

use crate::model::theme::Theme;

/// An icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// A sun.
    Sun,
    /// A moon.
    Moon,
    /// A screen.
    Monitor,
    /// A phone.
    Phone,
    /// A tablet.
    Tablet,
    /// A device of any kind.
    Device,
    /// A door.
    SignOut,
    /// Two sheets.
    Copy,
    /// A tick.
    Check,
    /// A circle with an i.
    Info,
    /// An arrow down.
    Chevron,
    /// A broken cloud.
    Offline,
    /// To the left.
    Earlier,
    /// To the right.
    Later,
    /// A cross.
    Close,
    /// A question mark.
    Help,
    /// A funnel.
    Filter,
}

impl Icon {
    /// The icon of a theme.
    pub fn of_theme(theme: Theme) -> Self {
        match theme {
            Theme::System => Self::Monitor,
            Theme::Light => Self::Sun,
            Theme::Dark => Self::Moon,
        }
    }

    /// The icon of a device class.
    pub fn of_device(device: Device) -> Self {
        match device {
            Device::Desktop => Self::Monitor,
            Device::Mobile => Self::Phone,
            Device::Tablet => Self::Tablet,
            Device::Tv => Self::Monitor,
            Device::Console | Device::Wearable | Device::Other => Self::Device,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Sun => {
                "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1\
                 M14.6 14.6l1.1 1.1M15.7 4.3l-1.1 1.1M5.4 14.6l-1.1 1.1"
            }
            Self::Moon => "M16.8 11.8A7 7 0 0 1 8.2 3.2a7 7 0 1 0 8.6 8.6Z",
            Self::Monitor => {
                "M3.5 3.5h13a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1v-8a1 1 0 0 1 1-1M7 17h6"
            }
            Self::Phone => {
                "M6.5 2.5h7a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1M9 15h2"
            }
            Self::Tablet => {
                "M4.5 2.5h11a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1M9 15h2"
            }
            Self::Device => "M4 4h12v12H4zM8 8h4v4H8z",
            Self::SignOut => "M8 3H4.5a1 1 0 0 0-1 1v12a1 1 0 0 0 1 1H8M13 13.5l3.5-3.5L13 6.5M16 10H8",
            Self::Copy => "M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4",
            Self::Check => "M4 10.5l4 4 8-9",
            Self::Info => "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15M10 9.3v4.2M10 6.5v.1",
            Self::Chevron => "M6 8l4 4 4-4",
            Self::Earlier => "M12 5l-5 5 5 5",
            Self::Later => "M8 5l5 5-5 5",
            Self::Close => "M5 5l10 10M15 5L5 15",
            Self::Help => "M7.4 7.4a2.7 2.7 0 1 1 4.1 2.3c-1 .6-1.5 1.1-1.5 2.1M10 14.8v.1",
            Self::Filter => "M3 4.5h14l-5.5 6.5v5l-3-1.5V11z",
            Self::Offline => {
                "M3 3l14 14M7.5 6a5 5 0 0 1 7.3 3.6A3.2 3.2 0 0 1 16.5 15M5.8 9A3.3 3.3 0 0 0 6.2 15.5H12"
            }
        }
    }

    /// Draws it, beside a text that says the same.
    pub fn draw(self) -> AnyView {
        view! {
            <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
                <path d=self.path() />
            </svg>
        }
        .into_any()
    }
}
