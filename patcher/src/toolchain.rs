//! The Rust toolchain that a project is built with.

use crate::error::{Error, Result};
use crate::project::Project;
use std::process::Command;

/// What `rustc -vV` says, run in the project so that its toolchain file counts.
///
/// # Errors
///
/// [`Error::Tool`] if there is no `rustc`.
pub fn toolchain(project: &Project) -> Result<String> {
    let tool = |reason: String| Error::Tool { tool: "rustc -vV".to_owned(), reason };
    let output = Command::new("rustc")
        .arg("-vV")
        .current_dir(&project.root)
        .output()
        .map_err(|error| tool(error.to_string()))?;
    if !output.status.success() {
        return Err(tool(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
