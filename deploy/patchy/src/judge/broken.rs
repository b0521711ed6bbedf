//! Building the runner of versions, and telling which of them do not compile.

use super::{Bench, bench_for, unseen};
use crate::confine;
use crate::exit::Result;
use crate::progress::building;
use crate::verdicts::BENCH;
use patcher::{
    Broken, Diagnostic, Error, Inventory, Project, Runner, VersionFile, build_runner_without_broken,
};
use std::path::{Path, PathBuf};
use verdict::{By, Decision, Verdict, runner_source};

/// The bench's feature with which it can search.
const COUNTING: &str = "coverage";

/// A runner, the hash over what it is made of, and the versions that are not in it.
pub(super) type Built = (PathBuf, String, Vec<Broken>);

impl Bench<'_> {
    /// As [`Bench::build`]; where the compiler itself comes to grief over the version asked for, that
    /// is what is wrong with it.
    pub(super) fn build_what_can_be(
        &self,
        versions: &[VersionFile],
        alone: &[String],
    ) -> Result<Built> {
        let error = match self.build(versions, alone) {
            Ok(built) => return Ok(built),
            Err(error) => error,
        };
        let asked = |version: &&VersionFile| self.is_asked(&version.family);
        let (Some(untrusted), Some(_)) = (&self.effort.untrusted, self.of_family) else {
            return Err(error.into());
        };
        let (Error::Build { summary, details }, Some(suspect)) =
            (&error, versions.iter().find(asked))
        else {
            return Err(error.into());
        };
        let others: Vec<VersionFile> =
            versions.iter().filter(|version| !asked(version)).cloned().collect();
        let slots = [alone, &[suspect.slot.to_string()]].concat();
        // If the others cannot be built either it is not this one's doing.
        let Ok((path, hash, mut broken)) = self.build(&others, &slots) else {
            return Err(error.into());
        };
        let said = of_compiler(summary, details, untrusted.compile_seconds);
        broken.push(Broken {
            family: suspect.family.clone(),
            slot: suspect.slot.to_string(),
            diagnostics: vec![Diagnostic {
                error: true,
                warning: false,
                message: said.clone(),
                rendered: said,
                places: Vec::new(),
            }],
        });
        Ok((path, hash, broken))
    }

    /// The runner of all versions that compile.
    pub(super) fn build(&self, versions: &[VersionFile], alone: &[String]) -> Result<Built, Error> {
        let how = How { strict: true, ..How::through(&self.compiler) };
        build(self.project, self.inventory, versions, alone, how)
    }

    /// What the compiler is called through.
    pub(super) fn compiler(project: &Project, effort: &super::Effort) -> Result<PathBuf> {
        let untrusted = effort.untrusted.as_ref();
        confine::wrapper(project, untrusted.map(|untrusted| untrusted.compile_seconds))
    }
}

/// How a runner is built.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How<'a> {
    /// What the compiler is called through.
    pub(crate) compiler: &'a Path,
    /// Whether edges are counted, so that the runner can search.
    pub(crate) counted: bool,
    /// Whether versions of which the compiler warns are left out with those that do not compile.
    pub(crate) strict: bool,
}

impl<'a> How<'a> {
    /// Everything that compiles, the compiler called through a program.
    pub(crate) fn through(compiler: &'a Path) -> Self {
        Self { compiler, counted: false, strict: false }
    }
}

/// The runner of all versions that compile, the hash over what it is made of, and the others.
pub(crate) fn build(
    project: &Project,
    inventory: &Inventory,
    versions: &[VersionFile],
    alone: &[String],
    how: How<'_>,
) -> Result<Built, Error> {
    let slots = versions.iter().map(|version| version.slot.to_string());
    let mut dependencies = bench_for(inventory, slots.chain(alone.iter().cloned()));
    if let Some(features) = dependencies.get_mut(BENCH).filter(|_| how.counted) {
        features.push(COUNTING.to_owned());
    }
    let runner = Runner {
        dependencies,
        versions: versions.to_vec(),
        counted: how.counted,
        strict: how.strict,
        compiler: Some(how.compiler.to_owned()),
        ..Runner::default()
    };
    let main = |versions: &[VersionFile]| {
        let name = |version: &VersionFile| {
            let slot = &version.slot;
            (version.family.clone(), slot.component.clone(), slot.name.clone())
        };
        runner_source(&versions.iter().map(name).collect::<Vec<_>>())
    };
    let (path, broken) = building("building the bench", |watch| {
        build_runner_without_broken(project, inventory, &runner, &main, watch)
    })?;
    // The runner stands in a folder named by its hash.
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
    let hash = folder.to_string_lossy().into_owned();
    Ok((path, hash, broken))
}

/// What stopped a compiler that said nothing about the version's text.
pub(super) fn of_compiler(summary: &str, details: &str, seconds: u64) -> String {
    let any = |hints: &[&str]| hints.iter().any(|hint| details.contains(hint));
    if any(&["(signal: 24", "(signal: 9"]) {
        format!("the compiler used up its {seconds} s of processor time on it")
    } else if any(&["memory allocation of", "(signal: 6", "out of memory"]) {
        "the compiler used up its memory on it".to_owned()
    } else if any(&["SIGSEGV", "(signal: 11", "overflowed its stack"]) {
        "the compiler used up its stack on it".to_owned()
    } else {
        format!("the compiler did not come through: {summary}")
    }
}

pub(super) fn of_broken(broken: &Broken) -> Verdict {
    let mut verdict = unseen(Decision::Rejected, &broken.family, &broken.slot);
    verdict.by = Some(By::Build);
    verdict.rule = Some("a version compiles, without a warning".to_owned());
    let said: Vec<&str> = broken.diagnostics.iter().map(|said| said.rendered.trim_end()).collect();
    verdict.got = Some(said.join("\n"));
    verdict
}

pub(super) fn is_about(broken: &Broken, version: &VersionFile) -> bool {
    broken.family == version.family && broken.slot == version.slot.to_string()
}

#[cfg(test)]
mod tests {
    use super::of_compiler;

    #[test]
    fn what_stopped_the_compiler_is_named() {
        let said = |details: &str| of_compiler("could not compile", details, 9);
        let time = "the compiler used up its 9 s of processor time on it";
        assert_eq!(said("didn't exit successfully: `rustc` (signal: 24)"), time);
        assert_eq!(said("didn't exit successfully: `rustc` (signal: 9, SIGKILL: kill)"), time);
        let memory = "the compiler used up its memory on it";
        assert_eq!(said("rustc: memory allocation of 8 bytes failed"), memory);
        assert_eq!(said("rustc interrupted by SIGSEGV"), "the compiler used up its stack on it");
        assert_eq!(said(""), "the compiler did not come through: could not compile");
    }
}
