//! Programs written out as source, with all that they need, for others to build.

use crate::cargo::Watch;
use crate::compose::Base;
use crate::error::Result;
use crate::files;
use crate::manifest;
use crate::project::Project;
use crate::runner::{Runner, runner_crate};
use crate::toolchain::toolchain;
use crate::workspace::Workspace;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Writes a runner into an empty folder, as a workspace of its own: the runner in `compositions/<name>`,
/// and copies of the crates of the project that it needs. Gives the runner's folder.
///
/// Machines are left out.
///
/// # Errors
///
/// Files that cannot be read or written.
pub fn export_runner(
    project: &Project,
    runner: &Runner,
    name: &str,
    folder: &Path,
    watch: &Watch<'_>,
) -> Result<PathBuf> {
    let partners = runner.dependencies.keys().map(String::as_str);
    let partners: Vec<&str> =
        partners.filter(|name| manifest::workspace_crate(project, name).is_ok()).collect();
    let base = Base::read(project, toolchain(project)?, &partners)?;
    let made = runner_crate(project, &base, runner, &BTreeMap::new(), name);
    files::create_folder(folder)?;
    let workspace = Workspace::lock(project, watch)?.at(folder);
    workspace.write(&base, &[made])?;
    Ok(folder.join("compositions").join(name))
}
