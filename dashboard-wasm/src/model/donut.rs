//! Device classes as slices of a ring.

use protocol::api::{Device, Row};

/// A slice; places are in hundredths of the ring, as `pathLength="100"` makes them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slice {
    /// The device class.
    pub device: Device,
    /// Distinct visitors.
    pub visitors: u64,
    /// Share of the ring, 0 to 1.
    pub share: f64,
    /// Where it begins.
    pub start: f64,
}

/// The slices of a breakdown by device, always in the same order, so that colours and places stay put when
/// two classes overtake each other.
pub fn slices(rows: &[Row]) -> Vec<Slice> {
    let total = rows.iter().map(|row| row.visitors).sum::<u64>();
    let mut start = 0.0;
    let mut slices = Vec::new();
    for device in Device::ALL {
        let visitors: u64 =
            rows.iter().filter(|row| Device::from_name(&row.name) == device).map(|row| row.visitors).sum();
        if visitors > 0 {
            let share = visitors as f64 / total as f64;
            slices.push(Slice { device, visitors, share, start });
            start += share * 100.0;
        }
    }
    slices
}

/// A device class for people.
pub fn label(device: Device) -> &'static str {
    match device {
        Device::Desktop => "Desktop",
        Device::Mobile => "Phone",
        Device::Tablet => "Tablet",
        Device::Tv => "Television",
        Device::Console => "Games console",
        Device::Wearable => "Wearable",
        Device::Other => "Other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_fill_the_ring_in_fixed_order() {
        let row = |name: &str, visitors| Row { name: name.into(), visitors, page_views: 0 };
        let slices = slices(&[
            row("mobile", 60),
            row("desktop", 20),
            row("fridge", 10),
            row("", 10),
            row("tablet", 0),
        ]);
        let seen: Vec<_> =
            slices.iter().map(|slice| (slice.device, slice.visitors, slice.start as u64)).collect();
        assert_eq!(seen, [(Device::Desktop, 20, 0), (Device::Mobile, 60, 20), (Device::Other, 20, 80)]);
    }
}
