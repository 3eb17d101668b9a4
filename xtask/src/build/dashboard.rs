//! The dashboard: a page, a style sheet, a script and a wasm file, the last three with their hash in the name.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{Work, esbuild, optimise, wasm_file};
use crate::files;
use crate::hash;
use crate::progress::Step;
use crate::setup::Setup;

pub(super) const FOLDERS: &[&str] = &["dashboard-wasm"];

const CRATE: &str = "dashboard-wasm";

/// A file of the result, under the name that holds its hash.
struct Asset {
    url: String,
    integrity: String,
}

pub(super) fn build(setup: &Setup, step: &mut Step, work: &Work) -> Result<()> {
    let source = setup.paths.root.join(CRATE);
    let mut cargo = setup.toolchain.cargo(&setup.paths);
    cargo.args(["build", "--release", "--locked", "-p", CRATE, "--target", crate::toolchain::TARGET]);
    step.run(&mut cargo)?;
    let wasm = wasm_file(&setup.paths.wasm_target(), CRATE)?;
    let package = optimise::package(setup, step, &wasm, &work.tmp.join("pkg"), "dashboard")?;

    let public = source.join("public");
    if public.is_dir() {
        files::mirror(&[&public], &work.out)?;
    }
    let wasm = add(work, &package.wasm, "wasm")?;
    let (js, style) = (work.tmp.join("js"), work.tmp.join("style"));
    files::mirror(&[&source.join("js")], &js)?;
    files::mirror(&[&source.join("style")], &style)?;

    let script = work.tmp.join("dashboard.js");
    let url = format!("--define:__WASM_URL__=\"{}\"", wasm.url);
    let integrity = format!("--define:__WASM_INTEGRITY__=\"{}\"", wasm.integrity);
    let out = format!("--outfile={}", script.display());
    esbuild(setup, step, &js, &["entry.js", "--format=esm", "--target=es2022", &url, &integrity, &out])?;
    let script = add(work, &script, "js")?;

    let sheet = work.tmp.join("dashboard.css");
    let out = format!("--outfile={}", sheet.display());
    let mut arguments = vec!["main.css", "--target=es2022", &out];
    let externals = absolute_addresses(&public)?;
    arguments.extend(externals.iter().map(String::as_str));
    esbuild(setup, step, &style, &arguments)?;
    let sheet = add(work, &sheet, "css")?;

    let template = source.join("index.html");
    let page =
        fs::read_to_string(&template).with_context(|| format!("cannot read {}", template.display()))?;
    fs::write(work.out.join("index.html"), fill(&page, &script, &sheet, &wasm)?)
        .context("cannot write to the cache")
}

/// Addresses such as `/icons/x.svg` in the style sheet are of files in `public/`, which are served beside it.
fn absolute_addresses(public: &Path) -> Result<Vec<String>> {
    if !public.is_dir() {
        return Ok(Vec::new());
    }
    Ok(files::list(public)?.iter().map(|file| format!("--external:/{}", file.display())).collect())
}

fn add(work: &Work, file: &Path, extension: &str) -> Result<Asset> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let name = format!("dashboard-{}.{extension}", hash::short(&bytes));
    let dir = work.out.join("assets");
    fs::create_dir_all(&dir)?;
    fs::write(dir.join(&name), &bytes)?;
    Ok(Asset { url: format!("/assets/{name}"), integrity: hash::integrity(&bytes) })
}

fn fill(page: &str, script: &Asset, sheet: &Asset, wasm: &Asset) -> Result<String> {
    let filled = page
        .replace("{{js}}", &script.url)
        .replace("{{js_integrity}}", &script.integrity)
        .replace("{{css}}", &sheet.url)
        .replace("{{css_integrity}}", &sheet.integrity)
        .replace("{{wasm}}", &wasm.url);
    if let Some(start) = filled.find("{{") {
        let rest: String = filled[start..].chars().take(40).collect();
        bail!("dashboard-wasm/index.html has a placeholder nothing fills: {rest}");
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(name: &str) -> Asset {
        Asset { url: format!("/assets/{name}"), integrity: format!("sha384-{name}") }
    }

    #[test]
    fn the_page_gets_its_addresses() {
        let page = "<link href=\"{{css}}\" integrity=\"{{css_integrity}}\"><script src=\"{{js}}\">{{wasm}}";
        let filled = fill(page, &asset("a.js"), &asset("b.css"), &asset("c.wasm")).unwrap();
        assert_eq!(
            filled,
            "<link href=\"/assets/b.css\" integrity=\"sha384-b.css\"><script src=\"/assets/a.js\">/assets/c.wasm"
        );
    }

    #[test]
    fn an_unknown_placeholder_is_an_error() {
        let error = fill("{{wsam}}", &asset("a"), &asset("b"), &asset("c")).unwrap_err();
        assert!(error.to_string().contains("{{wsam}}"));
    }
}
