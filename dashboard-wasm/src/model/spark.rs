//! A small line that says how something went, without an axis.

use super::format::tenths;

/// Size of its box.
pub const BOX: (f64, f64) = (60.0, 16.0);

/// The line through values, from zero up to the largest of them, as SVG path data. Where there is no value it is broken.
pub fn line(values: impl ExactSizeIterator<Item = Option<f64>> + Clone) -> String {
    let most = values.clone().flatten().fold(0.0, f64::max);
    let most = if most > 0.0 { most } else { 1.0 };
    let step = BOX.0 / (values.len().max(2) - 1) as f64;
    let mut path = String::new();
    let mut is_down = false;
    for (place, value) in values.enumerate() {
        let Some(value) = value else {
            is_down = false;
            continue;
        };
        path.push(if is_down { 'L' } else { 'M' });
        let y = BOX.1 - 1.0 - value / most * (BOX.1 - 2.0);
        path.push_str(&format!("{} {}", tenths(place as f64 * step), tenths(y)));
        is_down = true;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_spans_the_box_and_is_broken_where_nothing_is_known() {
        assert_eq!(line([Some(0.0), Some(7.0), Some(14.0)].into_iter()), "M0 15L30 8L60 1");
        assert_eq!(line([Some(2.0), None, Some(1.0)].into_iter()), "M0 1M60 8");
        assert_eq!(line([Some(0.0), Some(0.0)].into_iter()), "M0 15L60 15");
        assert_eq!(line(std::iter::empty()), "");
    }
}
