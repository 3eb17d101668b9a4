//! The dashboard: a page, a style sheet, a script and a wasm file; wasm files of the parts that are loaded when they are
//! wanted; and a Web Worker with the query engine, which is a script and a wasm file of its own. The map of the world and
//! the flags are loaded where they are shown. All but the page have their hash, or version, in the name.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{Work, esbuild, module, optimise, split, wasm_file, wasm_file_of, with_own_std};
use crate::files;
use crate::hash;
use crate::progress::Step;
use crate::setup::Setup;

pub(super) const FOLDERS: &[&str] = &["dashboard-wasm", "engine-wasm"];

const CRATE: &str = "dashboard-wasm";

/// The query engine, compiled for speed.
const ENGINE: &str = "engine-wasm";
const ENGINE_PROFILE: &str = "engine";

/// A file of the result, under the name that holds its hash.
struct Asset {
    url: String,
    integrity: String,
}

/// Views of one type each, instead of a type for every view: an eighth less to load.
const FLAGS: &str = "--cfg erase_components";

pub(super) fn build(setup: &Setup, step: &mut Step, work: &Work) -> Result<()> {
    with_own_std(setup, step, |step, own_std| {
        let wasm = compile(setup, step, own_std)?;
        package(setup, step, &wasm, work)
    })
}

fn compile(setup: &Setup, step: &mut Step, own_std: bool) -> Result<PathBuf> {
    let target = setup.paths.own_target("dashboard");
    let mut cargo = setup.toolchain.cargo(&setup.paths);
    cargo
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", FLAGS)
        .args(["build", "--release", "--locked", "-p", CRATE, "--target", crate::toolchain::TARGET]);
    if own_std {
        cargo
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
    }
    step.run(&mut cargo)?;
    wasm_file(&target, CRATE)
}

fn package(setup: &Setup, step: &mut Step, wasm: &Path, work: &Work) -> Result<()> {
    let source = setup.paths.root.join(CRATE);
    let pkg = work.tmp.join("pkg");
    let package = split::package(setup, step, wasm, &pkg, "dashboard")?;

    let engine = engine(setup, step, &pkg)?;

    let public = source.join("public");
    if public.is_dir() {
        files::mirror(&[&public], &work.out)?;
    }
    for part in &package.parts {
        let asset = add(work, &part.file, &format!("later-{}", part.name), "wasm")?;
        part.link(&pkg, &asset.url, &asset.integrity)?;
    }
    let wasm = add(work, &package.wasm, "dashboard", "wasm")?;
    let engine = add(work, &engine.wasm, "engine", "wasm")?;
    let (js, style) = (work.tmp.join("js"), work.tmp.join("style"));
    files::mirror(&[&source.join("js")], &js)?;
    files::mirror(&[&source.join("style")], &style)?;

    let script = |step: &mut Step, entry: &str, name: &str, place: &str, wasm: &Asset| {
        let script = work.tmp.join(format!("{name}.js"));
        let url = format!("--define:__{place}_URL__=\"{}\"", wasm.url);
        let integrity = format!("--define:__{place}_INTEGRITY__=\"{}\"", wasm.integrity);
        let out = format!("--outfile={}", script.display());
        esbuild(setup, step, &js, &[entry, "--format=esm", "--target=es2022", &url, &integrity, &out])?;
        add(work, &script, name, "js")
    };
    let worker = script(step, "engine-worker.js", "engine", "ENGINE", &engine)?;
    let script = script(step, "entry.js", "dashboard", "WASM", &wasm)?;

    let sheet = work.tmp.join("dashboard.css");
    let out = format!("--outfile={}", sheet.display());
    let mut arguments = vec!["main.css", "--target=es2022", &out];
    let externals = absolute_addresses(&public)?;
    arguments.extend(externals.iter().map(String::as_str));
    esbuild(setup, step, &style, &arguments)?;
    let sheet = add(work, &sheet, "dashboard", "css")?;

    let world = work.tmp.join("world.txt");
    step.run(setup.npm.node_command()?.arg(source.join("map/main.mjs")).arg(&world))?;
    let world = add(work, &world, "world", "txt")?;
    let flags = add_flags(setup, work)?;

    let template = source.join("index.html");
    let page =
        fs::read_to_string(&template).with_context(|| format!("cannot read {}", template.display()))?;
    let assets = [("js", &script), ("css", &sheet), ("wasm", &wasm), ("engine", &worker), ("world", &world)];
    let page = page.replace("{{flags}}", &flags);
    fs::write(work.out.join("index.html"), fill(&page, &assets)?).context("cannot write to the cache")
}

/// Compiles the query engine and puts its module and what calls it into a folder.
pub(super) fn engine(setup: &Setup, step: &mut Step, out: &Path) -> Result<optimise::Package> {
    let mut cargo = setup.toolchain.cargo(&setup.paths);
    module(&mut cargo, ENGINE_PROFILE, ENGINE);
    step.run(&mut cargo)?;
    let engine = wasm_file_of(&setup.paths.wasm_target(), ENGINE_PROFILE, ENGINE)?;
    optimise::package_for_speed(setup, step, &engine, out, "engine")
}

/// Addresses such as `/icons/x.svg` in the style sheet are of files in `public/`, which are served beside it.
fn absolute_addresses(public: &Path) -> Result<Vec<String>> {
    if !public.is_dir() {
        return Ok(Vec::new());
    }
    Ok(files::list(public)?.iter().map(|file| format!("--external:/{}", file.display())).collect())
}

fn add(work: &Work, file: &Path, name: &str, extension: &str) -> Result<Asset> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let name = format!("{name}-{}.{extension}", hash::short(&bytes));
    let dir = work.out.join("assets");
    fs::create_dir_all(&dir)?;
    fs::write(dir.join(&name), &bytes)?;
    Ok(Asset { url: format!("/assets/{name}"), integrity: hash::integrity(&bytes) })
}

/// Copies the flags of countries, each a file that is loaded where it is shown, and returns the address of their folder.
fn add_flags(setup: &Setup, work: &Work) -> Result<String> {
    let package = setup.paths.node_modules().join("circle-flags");
    let manifest = fs::read_to_string(package.join("package.json")).context("the flags are not installed")?;
    let manifest: serde_json::Value =
        serde_json::from_str(&manifest).context("the flags' package is damaged")?;
    let version = manifest["version"].as_str().context("the flags' package has no version")?;
    // Files in this folder are cached for a year: another version has other addresses.
    let folder = format!("flags-{version}");
    let target = work.out.join("assets").join(&folder);
    fs::create_dir_all(&target)?;
    for entry in fs::read_dir(package.join("flags")).context("the flags' package has no flags")? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Two letters are a country; the others are regions, languages and clubs of countries.
        if name.len() == "kr.svg".len() && name.ends_with(".svg") {
            fs::copy(&path, target.join(&name))?;
        }
    }
    // The licence asks to go along.
    fs::copy(package.join("LICENSE.md"), target.join("LICENSE.md"))
        .context("the flags' licence is missing")?;
    Ok(format!("/assets/{folder}"))
}

/// Fills in `{{name}}`, the address of an asset, and `{{name_integrity}}`.
fn fill(page: &str, assets: &[(&str, &Asset)]) -> Result<String> {
    let filled = assets.iter().fold(page.to_owned(), |page, (name, asset)| {
        page.replace(&format!("{{{{{name}}}}}"), &asset.url)
            .replace(&format!("{{{{{name}_integrity}}}}"), &asset.integrity)
    });
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
        let (js, css, wasm) = (asset("a.js"), asset("b.css"), asset("c.wasm"));
        let filled = fill(page, &[("js", &js), ("css", &css), ("wasm", &wasm)]).unwrap();
        assert_eq!(
            filled,
            "<link href=\"/assets/b.css\" integrity=\"sha384-b.css\"><script src=\"/assets/a.js\">/assets/c.wasm"
        );
    }

    #[test]
    fn an_unknown_placeholder_is_an_error() {
        let error = fill("{{wsam}}", &[("wasm", &asset("c"))]).unwrap_err();
        assert!(error.to_string().contains("{{wsam}}"));
    }
}
