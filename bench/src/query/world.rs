//! A made-up site and those who visit it: how often what is found.
//!
//! Popular things are popular by Zipf's law, as pages, referrers and cities are on real sites: the second is found
//! half as often as the first. What is made up has no bots and no typing errors, so real dictionaries are larger.

use fastrand::Rng;

/// Draws places of a list, the first the most often.
#[derive(Debug)]
pub(super) struct Zipf {
    /// Sums of the weights up to each place.
    sums: Vec<f64>,
}

impl Zipf {
    /// Of `count` places, the n-th with the weight n^-exponent.
    pub(super) fn new(count: usize, exponent: f64) -> Self {
        Self::of((1..=count.max(1)).map(|place| (place as f64).powf(-exponent)))
    }

    /// With these weights.
    pub(super) fn of(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let add = |weight| {
            sum += weight;
            sum
        };
        Self { sums: weights.into_iter().map(add).collect() }
    }

    pub(super) fn draw(&self, random: &mut Rng) -> usize {
        let point = random.f64() * self.sums.last().copied().unwrap_or(0.0);
        self.sums.partition_point(|sum| *sum <= point).min(self.sums.len() - 1)
    }
}

/// A page of the site.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) path: String,
    pub(super) title: String,
    pub(super) section: &'static str,
}

/// Where visitors live.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) country: &'static str,
    pub(super) region: String,
    pub(super) city: String,
    pub(super) language: &'static str,
}

/// What visitors look with.
#[derive(Debug)]
pub(super) struct Agent {
    pub(super) device: &'static str,
    pub(super) browser: &'static str,
    pub(super) browser_version: String,
    pub(super) os: &'static str,
    pub(super) os_version: String,
    pub(super) screen: &'static str,
}

/// Where visits come from.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) source: String,
    pub(super) channel: &'static str,
    /// Addresses of referrers of that source; of most there is but one.
    pub(super) referrers: Vec<String>,
    pub(super) click_id: &'static str,
}

/// Everything there is to choose from.
#[derive(Debug)]
pub(super) struct World {
    pub(super) pages: Vec<Page>,
    pub(super) page: Zipf,
    pub(super) places: Vec<Place>,
    pub(super) place: Zipf,
    pub(super) agents: Vec<Agent>,
    pub(super) agent: Zipf,
    pub(super) origins: Vec<Origin>,
    pub(super) origin: Zipf,
    pub(super) campaigns: Vec<String>,
    pub(super) campaign: Zipf,
    pub(super) terms: Vec<String>,
    pub(super) authors: Vec<String>,
    pub(super) products: Vec<String>,
    /// Of the hours of a day, UTC.
    pub(super) hour: Zipf,
}

const SECTIONS: [&str; 6] = ["blog", "docs", "shop", "news", "help", "about"];

const COUNTRIES: [(&str, &str); 60] = [
    ("KR", "ko-KR"),
    ("US", "en-US"),
    ("JP", "ja-JP"),
    ("DE", "de-DE"),
    ("IN", "en-IN"),
    ("GB", "en-GB"),
    ("FR", "fr-FR"),
    ("BR", "pt-BR"),
    ("CA", "en-CA"),
    ("TW", "zh-TW"),
    ("VN", "vi-VN"),
    ("ID", "id-ID"),
    ("AU", "en-AU"),
    ("NL", "nl-NL"),
    ("ES", "es-ES"),
    ("IT", "it-IT"),
    ("PL", "pl-PL"),
    ("SG", "en-SG"),
    ("SE", "sv-SE"),
    ("TH", "th-TH"),
    ("PH", "en-PH"),
    ("MX", "es-MX"),
    ("TR", "tr-TR"),
    ("CH", "de-CH"),
    ("UA", "uk-UA"),
    ("BE", "nl-BE"),
    ("AT", "de-AT"),
    ("MY", "ms-MY"),
    ("HK", "zh-HK"),
    ("CZ", "cs-CZ"),
    ("DK", "da-DK"),
    ("NO", "nb-NO"),
    ("FI", "fi-FI"),
    ("PT", "pt-PT"),
    ("IE", "en-IE"),
    ("IL", "he-IL"),
    ("NZ", "en-NZ"),
    ("ZA", "en-ZA"),
    ("AR", "es-AR"),
    ("CL", "es-CL"),
    ("CO", "es-CO"),
    ("RO", "ro-RO"),
    ("GR", "el-GR"),
    ("HU", "hu-HU"),
    ("EG", "ar-EG"),
    ("SA", "ar-SA"),
    ("AE", "ar-AE"),
    ("PK", "ur-PK"),
    ("BD", "bn-BD"),
    ("NG", "en-NG"),
    ("KE", "en-KE"),
    ("PE", "es-PE"),
    ("BG", "bg-BG"),
    ("RS", "sr-RS"),
    ("HR", "hr-HR"),
    ("SK", "sk-SK"),
    ("LT", "lt-LT"),
    ("EE", "et-EE"),
    ("LV", "lv-LV"),
    ("IS", "is-IS"),
];

/// Device, browser, newest version, system, versions of it, screens, weight.
#[expect(clippy::type_complexity, reason = "a table is read more easily than a type for it")]
const AGENTS: [(&str, &str, u32, &str, &[&str], &[&str], f64); 9] = [
    ("mobile", "Chrome", 142, "Android", &["16", "15", "14", "13"], &["412x915", "360x800", "384x832"], 30.0),
    ("mobile", "Safari", 26, "iOS", &["26.1", "26.0", "18.6"], &["393x852", "390x844", "430x932"], 22.0),
    ("desktop", "Chrome", 142, "Windows", &["11", "10"], &["1920x1080", "1536x864", "2560x1440"], 20.0),
    ("desktop", "Chrome", 142, "macOS", &["15.1", "14.7"], &["1440x900", "1728x1117", "1512x982"], 8.0),
    ("desktop", "Safari", 26, "macOS", &["15.1", "14.7"], &["1440x900", "1728x1117"], 6.0),
    ("desktop", "Edge", 142, "Windows", &["11", "10"], &["1920x1080", "1536x864"], 6.0),
    ("desktop", "Firefox", 145, "Windows", &["11", "10"], &["1920x1080", "2560x1440"], 3.0),
    ("mobile", "Samsung Internet", 29, "Android", &["16", "15", "14"], &["412x915", "360x780"], 3.0),
    ("tablet", "Safari", 26, "iPadOS", &["26.1", "18.6"], &["820x1180", "1024x1366"], 2.0),
];

/// Source, channel, weight; long tails of other sites follow.
const ORIGINS: [(&str, &str, f64); 10] = [
    ("", "Direct", 45.0),
    ("Google", "Organic Search", 24.0),
    ("Naver", "Organic Search", 6.0),
    ("Google Ads", "Paid Search", 4.0),
    ("Instagram", "Organic Social", 3.0),
    ("YouTube", "Organic Video", 3.0),
    ("Bing", "Organic Search", 2.0),
    ("Reddit", "Organic Social", 2.0),
    ("ChatGPT", "AI Assistants", 1.0),
    ("newsletter", "Email", 2.0),
];

/// Share of a day's visits in each hour, UTC: a site whose people live in many zones, most of them in some.
const HOURS: [f64; 24] = [
    5.4, 5.8, 5.9, 5.6, 5.2, 5.4, 5.6, 5.5, 5.3, 5.0, 4.6, 4.4, 4.6, 4.8, 4.7, 4.0, 3.2, 2.6, 2.2, 2.0, 2.1,
    2.6, 3.6, 4.6,
];

impl World {
    /// A site of a size that goes with that many events: its pages, cities and referrers grow with their root.
    pub(super) fn new(events: usize) -> Self {
        let size = (events as f64).sqrt();
        let pages: Vec<Page> = (0..(size * 3.0) as usize).map(page).collect();
        let (agents, weights): (Vec<_>, Vec<_>) = agents().unzip();
        let (origins, shares): (Vec<_>, Vec<_>) = origins((size / 2.0) as usize).unzip();
        let named = |name: &str, count: usize| (0..count).map(|n| format!("{name}-{n:03}")).collect();
        Self {
            page: Zipf::new(pages.len(), 1.0),
            pages,
            place: Zipf::new((size / 2.0) as usize + 60, 1.0),
            places: (0..(size / 2.0) as usize + 60).map(place).collect(),
            agent: Zipf::of(weights),
            agents,
            origin: Zipf::of(shares),
            origins,
            campaign: Zipf::new(40, 1.0),
            campaigns: named("campaign", 40),
            terms: named("term", 200),
            authors: named("author", 60),
            products: named("sku", 400),
            hour: Zipf::of(HOURS),
        }
    }
}

fn page(number: usize) -> Page {
    let section = SECTIONS[number * 7 % SECTIONS.len()];
    let path = match number {
        0 => "/".to_owned(),
        1..5 => format!("/{}", SECTIONS[number]),
        _ => format!("/{section}/2025/{:02}/a-page-about-{}-and-{number}", number % 12 + 1, number * 31 % 97),
    };
    Page { path, title: format!("About {} and {number} - {section} - Example", number * 31 % 97), section }
}

fn place(number: usize) -> Place {
    let (country, language) = COUNTRIES[(number * 11 + number / 60) % COUNTRIES.len()];
    let region = number / COUNTRIES.len() % 20;
    Place { country, region: format!("{country}-{region:02}"), city: format!("City {number}"), language }
}

/// Each browser in its four newest versions, on each version of its system, on each screen.
fn agents() -> impl Iterator<Item = (Agent, f64)> {
    AGENTS.iter().flat_map(|&(device, browser, newest, os, versions, screens, weight)| {
        let screens = (1..).zip(screens);
        screens.flat_map(move |(s, screen)| {
            let versions = (1..).zip(versions);
            versions.flat_map(move |(v, version)| {
                (0..4_u32).map(move |age| {
                    let browser_version = (newest - age).to_string();
                    let os_version = (*version).to_owned();
                    let weight = weight / f64::from((s * v * (1 << (age * 2))) as u32);
                    (Agent { device, browser, browser_version, os, os_version, screen }, weight)
                })
            })
        })
    })
}

fn origins(others: usize) -> impl Iterator<Item = (Origin, f64)> {
    let known = ORIGINS.iter().map(|&(source, channel, weight)| {
        let host = source.to_ascii_lowercase().replace(' ', "");
        let referrers = match channel {
            "Direct" | "Email" => vec![String::new()],
            "Organic Social" => (0..50).map(|n| format!("https://{host}.example/r/topic{n}/")).collect(),
            _ => vec![format!("https://www.{host}.example/")],
        };
        let click_id = if channel == "Paid Search" { "gclid" } else { "" };
        (Origin { source: source.to_owned(), channel, referrers, click_id }, weight)
    });
    let others = (0..others).map(|number| {
        let source = format!("site{number}.example");
        let referrers = (0..8).map(|n| format!("https://{source}/links/{n}")).collect();
        (Origin { source, channel: "Referral", referrers, click_id: "" }, 2.0 / (number + 1) as f64)
    });
    known.chain(others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_second_is_found_half_as_often() {
        let (zipf, mut random) = (Zipf::new(100, 1.0), Rng::with_seed(1));
        let mut counts = [0_u32; 100];
        for _ in 0..100_000 {
            counts[zipf.draw(&mut random)] += 1;
        }
        let ratio = f64::from(counts[0]) / f64::from(counts[1]);
        assert!((1.8..2.2).contains(&ratio), "{ratio}");
        assert!(counts.iter().all(|count| *count > 0));
    }
}
