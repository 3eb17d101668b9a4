//! `npm run size`: what a visitor, an analyst and the edge have to load, and beside it what other trackers weigh.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::files;
use crate::paths::Paths;
use crate::process;
use crate::rivals::Rivals;
use crate::setup::Setup;
use crate::table;

/// Bytes of one or several files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Size {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// A row of a table: what it is, and its size.
type Row = (String, Size);

/// Prints the tables and writes `dist/size.json`.
pub(crate) fn run(setup: &Setup) -> Result<()> {
    let mut sizes = measure(setup)?;
    print("bytes", &sizes);
    if let Some(rivals) = Rivals::install(setup)? {
        let others = measure_rivals(setup, &rivals)?;
        print("other trackers, bytes", &others);
        sizes.extend(others.into_iter().map(|(name, size)| (format!("rivals.{name}"), size)));
    }
    let list: Vec<Value> = sizes
        .iter()
        .map(
            |(name, size)| json!({ "name": name, "raw": size.raw, "gzip": size.gzip, "brotli": size.brotli }),
        )
        .collect();
    let path = setup.paths.dist().join("size.json");
    fs::write(&path, format!("{:#}\n", Value::from(list)))
        .with_context(|| format!("cannot write {}", path.display()))
}

fn print(title: &str, sizes: &[Row]) {
    let rows: Vec<Vec<String>> = sizes
        .iter()
        .map(|(name, size)| {
            let mut row = vec![name.clone()];
            row.extend([size.raw, size.gzip, size.brotli].map(table::thousands));
            row
        })
        .collect();
    println!("{}", table::render(&[title, "raw", "gzip -9", "brotli -11"], &rows));
}

fn measure(setup: &Setup) -> Result<Vec<Row>> {
    let mut sizes = Vec::new();
    for Group { name, total, parts } in groups(&setup.paths)? {
        let mut whole = Size::default();
        for (part, files) in &parts {
            let size = sum(&compress(setup, files)?);
            whole = sum(&[whole, size]);
            if !part.is_empty() {
                sizes.push((format!("{name}.{part}"), size));
            }
        }
        sizes.push((format!("{name}{total}"), whole));
    }
    Ok(sizes)
}

fn measure_rivals(setup: &Setup, rivals: &Rivals) -> Result<Vec<Row>> {
    let (names, files): (Vec<String>, Vec<PathBuf>) = rivals.scripts().into_iter().unzip();
    Ok(names.into_iter().zip(compress(setup, &files)?).collect())
}

/// What is loaded together, in parts that are worth a line of their own, and what the line of the whole ends with.
struct Group {
    name: &'static str,
    total: &'static str,
    parts: Vec<(&'static str, Vec<PathBuf>)>,
}

fn groups(paths: &Paths) -> Result<Vec<Group>> {
    let dist = paths.dist();
    let files_where = |folder: &str, wanted: &dyn Fn(&Path) -> bool| -> Result<Vec<PathBuf>> {
        let dir = dist.join(folder);
        Ok(files::list(&dir)?.into_iter().filter(|file| wanted(file)).map(|file| dir.join(file)).collect())
    };
    let with_extension = |folder: &str, extension: &str| {
        files_where(folder, &|file| file.extension().is_some_and(|found| found == extension))
    };
    let with_prefix =
        |folder: &str, prefix: &str| files_where(folder, &|file| file.to_string_lossy().starts_with(prefix));

    // What the overview needs, and nothing else, is named `dashboard-`: a test of the dashboard holds that.
    let dashboard = |prefix: &str, extension: &str| {
        files_where("dashboard/assets", &|file| {
            file.to_string_lossy().starts_with(prefix) && file.extension().is_some_and(|it| it == extension)
        })
    };

    let mut groups =
        vec![Group { name: "tracker.cdn", total: ".total", parts: vec![("", vec![dist.join("cdn/li.js")])] }];
    // Parts that only some pages load, and only when there are such parts.
    for (name, prefix) in [("tracker.fallback", "li-fallback-"), ("tracker.vitals", "li-vitals-")] {
        let found = with_prefix("cdn", prefix)?;
        if !found.is_empty() {
            groups.push(Group { name, total: "", parts: vec![("", found)] });
        }
    }
    groups.extend([
        Group {
            name: "tracker.npm",
            total: ".total",
            parts: vec![("", vec![dist.join("tracker/index.js")])],
        },
        Group {
            name: "dashboard.first_load",
            total: ".total",
            parts: vec![
                ("html", vec![dist.join("dashboard/index.html")]),
                ("css", with_extension("dashboard/assets", "css")?),
                ("js", dashboard("dashboard-", "js")?),
                ("wasm", dashboard("dashboard-", "wasm")?),
            ],
        },
        Group {
            name: "dashboard.engine",
            total: ".total",
            parts: vec![("js", dashboard("engine-", "js")?), ("wasm", dashboard("engine-", "wasm")?)],
        },
        Group {
            name: "dashboard.other_pages",
            total: ".total",
            parts: vec![("wasm", dashboard("later-", "wasm")?)],
        },
        Group {
            name: "worker.bundle",
            total: "",
            parts: vec![("js", with_extension("worker", "js")?), ("wasm", with_extension("worker", "wasm")?)],
        },
    ]);
    Ok(groups)
}

/// Compressed by Node's zlib: it is there anyway, and a brotli crate would double the time xtask takes to compile.
fn compress(setup: &Setup, files: &[PathBuf]) -> Result<Vec<Size>> {
    let mut command = setup.npm.node_command()?;
    command.arg(setup.paths.root.join("xtask/compress.mjs")).args(files);
    let answer = process::output(&mut command)?;
    parse(&answer).context("xtask/compress.mjs answered something unexpected")
}

fn parse(answer: &str) -> Option<Vec<Size>> {
    let parsed: Value = serde_json::from_str(answer).ok()?;
    let size = |value: &Value| {
        Some(Size { raw: value[0].as_u64()?, gzip: value[1].as_u64()?, brotli: value[2].as_u64()? })
    };
    parsed.as_array()?.iter().map(size).collect()
}

fn sum(sizes: &[Size]) -> Size {
    sizes.iter().fold(Size::default(), |total, size| Size {
        raw: total.raw + size.raw,
        gzip: total.gzip + size.gzip,
        brotli: total.brotli + size.brotli,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Scratch;

    #[test]
    fn sizes_are_read_and_added() {
        let sizes = parse("[[10,5,4],[1,2,3]]").unwrap();
        assert_eq!(sum(&sizes), Size { raw: 11, gzip: 7, brotli: 7 });
        assert_eq!(parse("[[10]]"), None);
    }

    #[test]
    fn what_only_some_pages_load_has_a_line_of_its_own() {
        let scratch = Scratch::new("size");
        let paths = Paths { root: scratch.0.clone(), cache: scratch.0.clone() };
        for folder in ["cdn", "dashboard/assets", "worker"] {
            fs::create_dir_all(paths.dist().join(folder)).unwrap();
        }
        let names = || groups(&paths).unwrap().iter().map(|group| group.name).collect::<Vec<_>>();
        let of_dashboard = ["dashboard.first_load", "dashboard.engine", "dashboard.other_pages"];
        assert_eq!(names()[..2], ["tracker.cdn", "tracker.npm"]);
        assert_eq!(names()[2..5], of_dashboard);
        assert_eq!(names()[5..], ["worker.bundle"]);
        for file in ["li.js", "li-0.1.0-f61476f1.js", "li-vitals-0a1b2c3d.js"] {
            fs::write(paths.dist().join("cdn").join(file), "").unwrap();
        }
        assert_eq!(names()[..3], ["tracker.cdn", "tracker.vitals", "tracker.npm"]);
    }
}
