//! `npm run size`: what a visitor, an analyst and the edge have to load.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::files;
use crate::paths::Paths;
use crate::process;
use crate::setup::Setup;
use crate::table;

/// Bytes of one or several files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Size {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Prints the table and writes `dist/size.json`.
pub(crate) fn run(setup: &Setup) -> Result<()> {
    let sizes = measure(setup)?;
    let rows: Vec<Vec<String>> = sizes
        .iter()
        .map(|(name, size)| {
            let mut row = vec![name.clone()];
            row.extend([size.raw, size.gzip, size.brotli].map(table::thousands));
            row
        })
        .collect();
    println!("{}", table::render(&["bytes", "raw", "gzip -9", "brotli -11"], &rows));
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

fn measure(setup: &Setup) -> Result<Vec<(String, Size)>> {
    let mut sizes = Vec::new();
    for (name, parts) in groups(&setup.paths)? {
        let mut total = Size::default();
        for (part, files) in &parts {
            let size = sum(&compress(setup, files)?);
            total = sum(&[total, size]);
            if !part.is_empty() {
                sizes.push((format!("{name}.{part}"), size));
            }
        }
        let whole = if name == "worker.bundle" { name.to_owned() } else { format!("{name}.total") };
        sizes.push((whole, total));
    }
    Ok(sizes)
}

type Group = (&'static str, Vec<(&'static str, Vec<PathBuf>)>);

/// What is loaded together, in parts that are worth a line of their own.
fn groups(paths: &Paths) -> Result<Vec<Group>> {
    let dist = paths.dist();
    let with_extension = |folder: &str, extension: &str| -> Result<Vec<PathBuf>> {
        let dir = dist.join(folder);
        let all = files::list(&dir)?;
        Ok(all
            .into_iter()
            .filter(|file| file.extension().is_some_and(|e| e == extension))
            .map(|f| dir.join(f))
            .collect())
    };
    Ok(vec![
        ("tracker.cdn", vec![("", vec![dist.join("cdn/li.js")])]),
        ("tracker.npm", vec![("", vec![dist.join("tracker/index.js")])]),
        (
            "dashboard.first_load",
            vec![
                ("html", vec![dist.join("dashboard/index.html")]),
                ("css", with_extension("dashboard/assets", "css")?),
                ("js", with_extension("dashboard/assets", "js")?),
                ("wasm", with_extension("dashboard/assets", "wasm")?),
            ],
        ),
        (
            "worker.bundle",
            vec![("js", with_extension("worker", "js")?), ("wasm", with_extension("worker", "wasm")?)],
        ),
    ])
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

    #[test]
    fn sizes_are_read_and_added() {
        let sizes = parse("[[10,5,4],[1,2,3]]").unwrap();
        assert_eq!(sum(&sizes), Size { raw: 11, gzip: 7, brotli: 7 });
        assert_eq!(parse("[[10]]"), None);
    }
}
