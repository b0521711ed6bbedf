//! What every command is given: the project, and how to talk.

use crate::exit::{Failure, Result};
use crate::report;
use patcher::{Error, Inventory, Project};
use std::path::{Path, PathBuf};

/// The global options.
#[derive(Debug)]
pub(crate) struct Context {
    start: Option<PathBuf>,
    json: bool,
}

impl Context {
    pub(crate) fn new(start: Option<PathBuf>, json: bool) -> Self {
        Self { start, json }
    }

    /// Whether one JSON object is all that standard output may get.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// The project in which the user stands, or the one named by `--project`.
    pub(crate) fn project(&self) -> Result<Project> {
        let start = self.start.as_deref().unwrap_or_else(|| Path::new("."));
        Project::find(start).map_err(|error| match error {
            Error::Io { .. } if self.start.is_some() => {
                Failure::usage(format!("--project {}: there is no such folder", start.display()))
            }
            Error::NoProject { start } => Failure::usage(format!(
                "{} is in no project: no Cargo.toml with `[workspace.metadata.patchy]` stands \
                 there or above; change the folder or name the project with --project",
                start.display()
            )),
            other => other.into(),
        })
    }

    /// The project and all that it has to compose from.
    pub(crate) fn inventory(&self) -> Result<(Project, Inventory)> {
        let project = self.project()?;
        let inventory = Inventory::read(&project)?;
        Ok((project, inventory))
    }

    /// Tells people what is going on beside the result.
    pub(crate) fn note(&self, line: &str) {
        if !self.json {
            report::note(line);
        }
    }

    /// Tells people, not scripts, how a long command goes on.
    pub(crate) fn say(&self, line: &str) {
        if !self.json {
            report::say(line);
        }
    }
}
