//! The map of the world: what the build makes of it is read here. `map/main.mjs` says what it is.

/// Width and height of the box that the map is drawn in.
pub const BOX: (u32, u32) = (2000, 860);

/// Shades besides that of nothing.
pub const SHADES: u8 = 5;

/// A country, or land without a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-2 code; empty for land that has none.
    pub code: String,
    /// The middle of its largest part.
    pub x: u32,
    /// See there.
    pub y: u32,
    /// Path data; empty for countries that are a dot.
    pub path: String,
}

/// Reads the map; lines that are none are left out.
pub fn parse(text: &str) -> Vec<Country> {
    let country = |line: &str| {
        let mut fields = line.splitn(4, ' ');
        let code = fields.next()?.trim_matches('-').to_owned();
        let (x, y) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Country { code, x, y, path: fields.next()?.to_owned() })
    };
    text.lines().filter_map(country).collect()
}

/// Which shade a value has: by the square root, because most of the world is small beside one or two countries.
pub fn shade(value: f64, most: f64) -> u8 {
    if value <= 0.0 || most <= 0.0 {
        return 0;
    }
    let part = (value / most).clamp(0.0, 1.0).sqrt();
    ((part * f64::from(SHADES)).ceil() as u8).clamp(1, SHADES)
}

/// The flag of a country, by its address below the folder of flags; nothing for what is no country.
pub fn flag(code: &str) -> Option<String> {
    let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    // Cloudflare's codes for the unknown, and for Tor (`T1`, which has a digit).
    (is_code && code != "XX").then(|| format!("{}.svg", code.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_countries_dots_and_land_without_a_code() {
        let world = parse("KR 1580 212 M1 2l3-4 5 6z\nSG 1485 463 \n- 1170 402 M1 1l2 2 3 3z\nnonsense\n");
        let codes: Vec<_> = world.iter().map(|it| (it.code.as_str(), it.path.is_empty())).collect();
        assert_eq!(codes, [("KR", false), ("SG", true), ("", false)]);
        assert_eq!((world[0].x, world[0].y, world[0].path.as_str()), (1580, 212, "M1 2l3-4 5 6z"));
    }

    #[test]
    fn nothing_has_no_shade_and_the_most_has_the_last() {
        assert_eq!([0.0, 1.0, 100.0, 250.0, 1_000.0].map(|value| shade(value, 1_000.0)), [0, 1, 2, 3, 5]);
        assert_eq!(shade(1.0, 0.0), 0);
        assert_eq!(shade(3.0, 3.0), SHADES);
    }

    #[test]
    fn only_countries_have_flags() {
        assert_eq!(flag("KR").as_deref(), Some("kr.svg"));
        assert_eq!(["", "XX", "T1", "../x", "kr"].map(flag), [const { None }; 5]);
    }
}
