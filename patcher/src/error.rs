//! What can go wrong, each in one sentence that names the place and the mend.

use crate::make::Infeasible;
use crate::plan::PlanErrors;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The result of the patcher's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Anything that the patcher may answer instead of doing its work.
#[derive(Debug, Error)]
pub enum Error {
    /// No project upwards from a folder.
    #[error(
        "{} is in no project: no Cargo.toml with `[workspace.metadata.patchy]` stands here or \
         above; change the folder or name the project's",
        start.display()
    )]
    NoProject {
        /// Where the search began.
        start: PathBuf,
    },
    /// A manifest, or the `patchy` table in it, is damaged.
    #[error("{}:{line}: {reason}", file.display())]
    Manifest {
        /// The manifest.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong, with the mend.
        reason: String,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that should hold text holds something else.
    #[error("{}:{line}: the file is not text in UTF-8; save it as that", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// Where it ceases to be text; from 1.
        line: usize,
    },
    /// The protocol's source or a version is damaged.
    #[error(transparent)]
    Source(#[from] slot_syntax::Errors),
    /// There is no plan where one is to be read.
    #[error(
        "{}: there is no such file; make a plan with `patchy plan --replicas 4 -o {}`",
        file.display(), file.display()
    )]
    NoPlan {
        /// Where none is.
        file: PathBuf,
    },
    /// A plan is damaged or does not fit the project.
    #[error(transparent)]
    Plan(#[from] PlanErrors),
    /// No plan holds the sharing bound.
    #[error(transparent)]
    Infeasible(#[from] Infeasible),
    /// No component slot has this name.
    #[error("`{name}` is no component that can be written as a whole{}", near(.name, .known))]
    NotWhole {
        /// The name.
        name: String,
        /// All that there are.
        known: Vec<String>,
    },
    /// A component is named where a slot of it must be.
    #[error("`{name}` is a whole component: name one of its slots here, as `{name}.SLOT`")]
    Component {
        /// The component.
        name: String,
    },
    /// No slot and no component has this name.
    #[error("no slot and no component is called `{name}`{}", near(.name, .known))]
    UnknownSlot {
        /// What was asked for.
        name: String,
        /// All that there are.
        known: Vec<String>,
    },
    /// A name that cannot be a family's.
    #[error("{reason}")]
    Name {
        /// What is wrong, with the mend.
        reason: String,
    },
    /// A folder that is to be filled has something in it.
    #[error("{} is not empty: name a folder that is, or that does not exist yet", folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
    },
    /// No family has this name.
    #[error("no family is called `{name}`{}", near(.name, .known))]
    UnknownFamily {
        /// What was asked for.
        name: String,
        /// All that there are.
        known: Vec<String>,
    },
    /// A family has no version of a slot.
    #[error("the family `{family}` has no version of `{slot}`: write {}", file.display())]
    NoVersion {
        /// The family.
        family: String,
        /// The slot.
        slot: String,
        /// Where the version would stand.
        file: PathBuf,
    },
    /// No replica of the plan has this number.
    #[error("the plan has no replica {id}: it has {}", numbers(.known))]
    UnknownReplica {
        /// What was asked for.
        id: u32,
        /// All that there are.
        known: Vec<u32>,
    },
    /// A slot has no parameter from which a trigger could be read.
    #[error(
        "nothing can be planted in `{slot}`: no parameter carries an update; these slots have \
         one: {}", .plantable.join(", ")
    )]
    NotPlantable {
        /// The slot.
        slot: String,
        /// Slots that can be planted.
        plantable: Vec<String>,
    },
    /// A tool of the Rust toolchain could not be run.
    #[error("`{tool}` could not be run: {reason}; is the Rust toolchain on the PATH?")]
    Tool {
        /// The command.
        tool: String,
        /// What the system said.
        reason: String,
    },
    /// The compiler refused.
    #[error("the build failed: {summary}")]
    Build {
        /// The first error.
        summary: String,
        /// All that the compiler said, as a terminal would show it.
        details: String,
    },
    /// Two different compositions gave one binary, so at least one was not built.
    #[error("the compositions {first} and {second} gave equal binaries: delete target/patchy")]
    NotDistinct {
        /// Hash of one composition.
        first: String,
        /// Hash of the other.
        second: String,
    },
    /// A signature file does not fit its binary.
    #[error("{}: {reason}", file.display())]
    Signature {
        /// The signature file.
        file: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The caller's flag was set.
    #[error("cancelled")]
    Cancelled,
}

impl Error {
    /// Makes an [`Error::Io`] of what the system said about a path.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// Names that were asked for in vain, for the end of a sentence: the one that was meant, if one is
/// near, else all of them where they are few.
pub(crate) fn near(name: &str, known: &[String]) -> String {
    /// As many as a sentence bears.
    const FEW: usize = 8;
    match (nearest(name, known), known) {
        (Some(meant), _) => format!(": did you mean `{meant}`?"),
        (None, []) => ": there are none".to_owned(),
        (None, [only]) => format!(": there is only `{only}`"),
        (None, few) if few.len() <= FEW => {
            let few: Vec<String> = few.iter().map(|name| format!("`{name}`")).collect();
            format!(": there are {}", few.join(", "))
        }
        (None, _) => ": `patchy slots` lists them".to_owned(),
    }
}

/// The most similar of some names, if it may have been meant: no more than a third of its letters
/// are to be typed anew.
fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    let rated = known.iter().map(|other| (distance(name, other), other));
    let (typed, other) = rated.min_by_key(|(typed, _)| *typed)?;
    let length = name.chars().count().min(other.chars().count());
    (typed <= length.div_ceil(3)).then_some(other)
}

/// How many letters must be put in, taken out or exchanged to get from one text to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, other) in to.iter().enumerate() {
            let exchanged = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = exchanged.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

fn numbers(known: &[u32]) -> String {
    known.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{distance, near};

    #[test]
    fn letters_are_counted() {
        for (from, to, typed) in [
            ("", "", 0),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("hron", "heron", 1),
            ("ab", "ba", 2),
        ] {
            assert_eq!((distance(from, to), distance(to, from)), (typed, typed), "{from} {to}");
        }
    }

    #[test]
    fn only_what_is_near_is_taken_for_meant() {
        let said = |name: &str, known: &[&str]| {
            near(name, &known.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(said("ceder", &["birch", "cedar"]), ": did you mean `cedar`?");
        assert_eq!(said("sequoia", &["birch", "cedar"]), ": there are `birch`, `cedar`");
        assert_eq!(said("oak", &["ash"]), ": there is only `ash`");
        assert_eq!(said("oak", &[]), ": there are none");
        let many: Vec<String> = (0..20).map(|number| format!("pre_order.slot{number}")).collect();
        assert_eq!(near("bogus", &many), ": `patchy slots` lists them");
        assert_eq!(near("pre_order.slto7", &many), ": did you mean `pre_order.slot7`?");
    }
}
