//! Everything that must be there before anything can be built.

use anyhow::Result;

use crate::npm::Npm;
use crate::paths::Paths;
use crate::progress::Progress;
use crate::toolchain::Toolchain;
use crate::tools::Tools;

/// The complete equipment.
#[derive(Debug)]
pub(crate) struct Setup {
    /// Folders.
    pub(crate) paths: Paths,
    /// Prints steps.
    pub(crate) progress: Progress,
    /// The wasm compiler.
    pub(crate) toolchain: Toolchain,
    /// Programs from npm.
    pub(crate) npm: Npm,
    /// Programs from the crate registry.
    pub(crate) tools: Tools,
}

impl Setup {
    /// Finds everything, installing what is missing. Quick when it is all there.
    pub(crate) fn prepare(paths: &Paths, progress: &Progress) -> Result<Self> {
        let toolchain = Toolchain::find(paths, progress)?;
        let npm = Npm::install(paths, progress)?;
        let tools = Tools::find(paths, progress)?;
        Ok(Self { paths: paths.clone(), progress: progress.clone(), toolchain, npm, tools })
    }
}
