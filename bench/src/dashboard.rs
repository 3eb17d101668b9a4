//! `dashboard`: how soon the dashboard shows what is asked of it, in Chromium. `bench/dashboard/run.mjs` drives the
//! browser and says how; the events are those of `query`.
//!
//! ```text
//! npm run bench -- dashboard [--sizes 100k,1m] [--runs 20]
//! ```

use std::fs;
use std::path::Path;

use analytics::{Span, segment};
use anyhow::{Context, Result, bail};
use protocol::api::{SegmentInfo, SegmentList};
use protocol::query::Origin;

use crate::figures::{Figures, script};
use crate::given;
use crate::query::{DAYS, START, build};

const SIZES: [(&str, usize); 3] = [("10k", 10_000), ("100k", 100_000), ("1m", 1_000_000)];

const DAY_MS: u64 = 86_400_000;

/// Measures with the given options.
pub(crate) fn run(options: &[String]) -> Result<()> {
    let root = given("LIVEINSIGHT_ROOT")?;
    let (mut sizes, mut runs) = (vec!["100k".to_owned(), "1m".to_owned()], "20".to_owned());
    let mut options = options.iter();
    while let Some(name) = options.next() {
        let value = options.next().with_context(|| format!("`{name}` needs a value"))?;
        match name.as_str() {
            "--sizes" => sizes = value.split(',').map(str::to_owned).collect(),
            "--runs" => runs.clone_from(value),
            _ => bail!("there is no `{name}`; there are `--sizes` and `--runs`"),
        }
    }
    let files = tempfile::tempdir().context("there is no room for segments")?;
    for size in &sizes {
        let known = SIZES.iter().find(|(name, _)| name == size);
        let (_, events) = known.with_context(|| format!("there is no size `{size}`: 10k, 100k or 1m"))?;
        keep(&files.path().join(size), *events)?;
    }
    let mut figures = Figures::default();
    let mut script = script("bench/dashboard/run.mjs")?;
    script.arg("--folder").arg(files.path()).args(["--sizes", &sizes.join(","), "--runs", &runs]);
    figures.measure(&mut script)?;
    figures.publish(&root, "dashboard")
}

/// Puts the days of the month and their list where the script finds them.
fn keep(folder: &Path, events: usize) -> Result<()> {
    fs::create_dir_all(folder).context("there is no room for segments")?;
    // The browser asks late on the last day.
    let mut list = SegmentList {
        generated_at: START + DAYS * DAY_MS - 60_000,
        segments: Vec::new(),
        tail_hours: Vec::new(),
        origin: Origin::default(),
    };
    for (number, (bucket, bytes)) in build(events, Span::Day)?.into_iter().enumerate() {
        let hash = format!("{number:032x}");
        fs::write(folder.join(&hash), &bytes)?;
        list.segments.push(SegmentInfo {
            bucket: bucket.to_string(),
            hash,
            from: bucket.start(),
            to: bucket.end(),
            events: segment::inspect(&bytes)?.events as u64,
            bytes: bytes.len() as u64,
        });
    }
    let empty =
        segment::write(&analytics::Builder::default().finish(), analytics::Bucket::of(Span::Day, START))?;
    fs::write(folder.join("tail"), empty)?;
    fs::write(folder.join("list.json"), serde_json::to_vec(&list)?).context("the list cannot be kept")
}
