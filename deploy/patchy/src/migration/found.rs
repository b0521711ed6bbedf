//! What is kept of a slot that is not what it was, and what is to be done about it.

use super::Change;
use crate::commands::check::text;
use crate::exit::Result;
use crate::mutation::FILE as ADJUDICATIONS;
use crate::rulings::{self, entries};
use crate::{corpus, ledger};
use patcher::{Inventory, Project};
use serde::Serialize;
use slot_syntax::SlotPath;
use std::path::{Path, PathBuf};

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Todo {
    /// `--do` judges it again.
    Judge,
    /// `--do` retires it: it is not judged any more.
    Retire,
    /// Its author must write it again.
    Write,
    /// A command makes it again.
    Make,
    /// A person must look at it, move it or delete it.
    Look,
    /// It stays as what happened then.
    Stay,
}

/// One thing that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Found {
    pub(crate) kind: &'static str,
    /// Relative to the project.
    pub(crate) path: PathBuf,
    /// `family/component.slot` of a version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    pub(crate) todo: Todo,
    pub(crate) why: String,
    /// What does it, where a command or a word to a person can say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) command: Option<String>,
}

/// Where things are looked for.
struct Places<'a> {
    project: &'a Project,
    inventory: &'a Inventory,
    /// The slot's name when they were made.
    slot: &'a str,
    change: &'a Change,
    found: Vec<Found>,
}

/// Everything that is kept of a slot.
pub(crate) fn found(
    project: &Project,
    inventory: &Inventory,
    slot: &str,
    change: &Change,
) -> Result<Vec<Found>> {
    let mut places = Places { project, inventory, slot, change, found: Vec::new() };
    if *change != Change::New {
        places.versions();
        places.ledgers()?;
        places.rulings()?;
        places.corpus()?;
        places.examples()?;
        places.failures()?;
        places.adjudications()?;
    }
    Ok(places.found)
}

impl Places<'_> {
    fn add(
        &mut self,
        kind: &'static str,
        path: &Path,
        todo: Todo,
        why: &str,
        command: Option<String>,
    ) {
        let path = self.project.shown(path).to_owned();
        let why = why.to_owned();
        self.found.push(Found { kind, path, version: None, todo, why, command });
    }

    /// What is to be done with files that stand under a name that no slot has any more.
    fn orphaned(&mut self, kind: &'static str, path: &Path) {
        let shown = self.project.shown(path).display().to_string();
        let (why, command) = match self.change {
            Change::Renamed(to) => (
                format!("the slot is called {to} now"),
                format!("git mv {shown} {}", shown.replace(self.slot, to)),
            ),
            _ => ("the slot is not there any more".to_owned(), format!("git rm -r {shown}")),
        };
        self.add(kind, path, Todo::Look, &why, Some(command));
    }

    fn is_orphaned(&self) -> bool {
        matches!(self.change, Change::Renamed(_) | Change::Gone)
    }

    fn versions(&mut self) {
        if self.is_orphaned() {
            return self.strays();
        }
        for version in self.inventory.versions() {
            if version.slot.to_string() != self.slot {
                continue;
            }
            let family = &version.family;
            let (todo, why, command) = match &version.fit {
                Ok(_) => (Todo::Judge, "its verdict was about another contract".to_owned(), None),
                Err(errors) => {
                    let again = format!("patchy ingest {} --family {family} FILE", self.slot);
                    (Todo::Write, errors.to_string(), Some(again))
                }
            };
            self.found.push(Found {
                kind: "version",
                path: version.file.clone(),
                version: Some(version.name()),
                todo,
                why,
                command,
            });
        }
    }

    /// Versions of a slot that is there no more belong to none.
    fn strays(&mut self) {
        let Ok(path) = self.slot.parse::<SlotPath>() else { return };
        for (name, family) in &self.inventory.families {
            let ends = |file: &&PathBuf| file.ends_with(path.file());
            let Some(file) = family.strays.iter().find(ends) else { continue };
            let shown = file.display();
            let (why, command) = match self.change {
                Change::Renamed(to) => (
                    format!("the slot is called {to} now: the function in it, too"),
                    format!("patchy ingest {to} --family {name} {shown}"),
                ),
                _ => ("the slot is not there any more".to_owned(), format!("git rm {shown}")),
            };
            self.found.push(Found {
                kind: "version",
                path: file.clone(),
                version: Some(format!("{name}/{}", self.slot)),
                todo: Todo::Write,
                why,
                command: Some(command),
            });
        }
    }

    fn ledgers(&mut self) -> Result<()> {
        for name in ledger::families(self.project, self.inventory)? {
            let folder = ledger::folder(self.project, &name).join(self.slot);
            if !folder.is_dir() {
                continue;
            }
            let (todo, why, command) = match self.change {
                Change::Contract => (
                    Todo::Make,
                    "its drafts were judged by another contract",
                    Some("patchy ledger rejudge".to_owned()),
                ),
                Change::Signature => (
                    Todo::Retire,
                    "its drafts have a signature that nobody asks for any more",
                    None,
                ),
                _ => (Todo::Stay, "it tells what happened then, and is judged no more", None),
            };
            self.add("ledger", &folder, todo, why, command);
            for file in entries(&folder)? {
                let is_run = |name: &str| name.starts_with("run-") && name.ends_with(".json");
                if file.file_name().and_then(|name| name.to_str()).is_some_and(is_run) {
                    let why = "it answers a prompt that is another now, and cannot be replayed";
                    let again = format!("patchy generate {} --family {name} --model M", self.slot);
                    let again = (!self.is_orphaned()).then_some(again);
                    self.add("recorded conversation", &file, Todo::Stay, why, again);
                }
            }
        }
        Ok(())
    }

    fn rulings(&mut self) -> Result<()> {
        let folder = self.project.root.join(rulings::FOLDER).join(self.slot);
        if self.is_orphaned() && folder.is_dir() {
            self.orphaned("ruling", &folder);
            return Ok(());
        }
        for file in entries(&folder)? {
            let why = match self.change {
                Change::Contract => "the contract that it applies says other words now",
                _ => "its input may not fit the slot any more",
            };
            let command = format!("patchy check --slot {} names the place", self.slot);
            self.add("ruling", &file, Todo::Look, why, Some(command));
        }
        Ok(())
    }

    fn corpus(&mut self) -> Result<()> {
        let folder = self.project.root.join(corpus::folder(self.slot));
        if entries(&folder)?.is_empty() {
            return Ok(());
        }
        if self.is_orphaned() {
            self.orphaned("corpus", &folder);
        } else {
            let (why, command) = match self.change {
                Change::Contract => ("its inputs are met by the next check as they are", None),
                _ => {
                    let again = format!("patchy fuzz --slot {}", self.slot);
                    ("inputs that do not fit any more are passed over", Some(again))
                }
            };
            let todo = if command.is_some() { Todo::Make } else { Todo::Stay };
            self.add("corpus", &folder, todo, why, command);
        }
        Ok(())
    }

    fn examples(&mut self) -> Result<()> {
        let Some(folder) = &self.project.settings.examples else { return Ok(()) };
        let component = self.slot.split('.').next().unwrap_or_default();
        let file = self.project.root.join(folder).join(format!("{component}.md"));
        if !file.is_file() {
            return Ok(());
        }
        let text = text(&file)?;
        let heading = format!("## {}", self.slot);
        if !text.lines().any(|line| line == heading) || *self.change == Change::Contract {
            return Ok(());
        }
        let made = text.lines().find_map(|line| line.strip_prefix("Made by `")?.split('`').next());
        let made = made.map(|made| format!("{made} > {}", self.project.shown(&file).display()));
        let why = match self.change {
            Change::Signature => "it shows calls with other arguments",
            _ => "it shows calls of a slot under a name that it has no more",
        };
        self.add("recorded calls", &file, Todo::Make, why, made);
        Ok(())
    }

    fn failures(&mut self) -> Result<()> {
        for name in ["drafts.json", "mutants.json"] {
            let file = self.project.root.join("equivalence/failures").join(name);
            let named = format!("\"{}\"", self.slot);
            if file.is_file() && text(&file)?.contains(&named) {
                let mut command = "patchy ledger rejudge".to_owned();
                if name == "mutants.json" {
                    command += " --mutants 2";
                }
                let why = "it counts failures at what the slot asked for before";
                self.add("table of failures", &file, Todo::Make, why, Some(command));
            }
        }
        Ok(())
    }

    fn adjudications(&mut self) -> Result<()> {
        let file = self.project.root.join(ADJUDICATIONS);
        if *self.change == Change::Contract || !file.is_file() {
            return Ok(());
        }
        let named = format!("slot = \"{}\"", self.slot);
        let count = text(&file)?.lines().filter(|line| line.trim() == named).count();
        if count > 0 {
            let why = format!("{count} of its entries name mutants of the slot as it was");
            let command = match self.change {
                Change::Gone => "leave these entries out".to_owned(),
                Change::Renamed(to) => format!("call the slot {to} in them"),
                _ => format!("patchy mutate --slot {}", self.slot),
            };
            self.add("adjudications", &file, Todo::Look, &why, Some(command));
        }
        Ok(())
    }
}
