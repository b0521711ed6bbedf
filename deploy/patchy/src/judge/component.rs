//! Judging a version of a whole component.
//!
//! Its functions are judged one by one, as versions of their slots upon the abstract state, and in
//! sequences of calls in which it keeps its own state, where the component has slots; then a replica that is composed with it runs in
//! lockstep with the reference, in simulated clusters with faults. One verdict comes of all that: the
//! worst of them.

use super::broken::of_compiler;
use super::{Answer, Bench, Given, Round, bench_for, read, run, unseen, write};
use crate::exit::{Failure, Result};
use crate::progress::building;
use patcher::{
    Error, Family, Inventory, Lineage, REFERENCE, ReplicaPlan, Run, Runner, Specification,
    VersionFile, adapted, adapters, build_runner, sha256,
};
use serde_json::json;
use slot_syntax::Component;
use std::collections::BTreeMap;
use std::path::PathBuf;
use verdict::{By, Decision, Entry, KeptInput, Verdict, is_benched, runner_of};

/// The crate with the simulator.
const SIM: &str = "sim";

/// Under which name the composed crate is linked.
const COMPOSED: &str = "composed";

impl Bench<'_> {
    /// Judges one version of a component, beside the reference alone.
    pub(super) fn component(&self, version: &VersionFile) -> Result<Round> {
        let name = version.slot.to_string();
        let component = self.inventory.components.get(&version.slot).ok_or_else(|| {
            Failure::internal(format!("a version of {name}, which is no component slot"))
        })?;
        let slots: Vec<String> = component
            .slots
            .iter()
            .filter(|slot| is_benched(&slot.path.component, &slot.path.name))
            .map(|slot| slot.path.to_string())
            .collect();
        let kept = match self.effort.case {
            Some(_) => return Err(Failure::usage(no_case(&name))),
            None => self.kept.of(&slots.iter().cloned().collect()),
        };
        let functions = match slots.is_empty() {
            true => None,
            false => match self.build_whole(&self.functions(component, version)?, version)? {
                Ok(built) => Some(built),
                Err(refused) => return Ok(alone(refused)),
            },
        };
        let lockstep = match self.build_whole(&self.lockstep(version)?, version)? {
            Ok(built) => built,
            Err(refused) => return Ok(alone(refused)),
        };
        let key =
            json!([functions.as_ref().map(|built| &built.1), lockstep.1, self.effort, name, kept])
                .to_string();
        let cache = format!("{}.json", sha256(key.as_bytes()));
        let cache = self.project.generated().join("checks").join(cache);
        if let Some(Answer { verdicts, stale }) = read(&cache) {
            return Ok(Round { verdicts, stale, cached: true });
        }
        let answer = self.run_whole(
            version,
            &slots,
            &kept,
            (functions.as_ref().map(|built| &built.0), &lockstep.0),
        )?;
        self.kept.all_met(&answer.stale)?;
        write(&cache, &answer)?;
        Ok(Round { verdicts: answer.verdicts, stale: answer.stale, cached: false })
    }

    fn run_whole(
        &self,
        version: &VersionFile,
        slots: &[String],
        kept: &[&KeptInput],
        (functions, lockstep): (Option<&PathBuf>, &PathBuf),
    ) -> Result<Answer> {
        let mut answer = Answer::default();
        if let Some(functions) = functions {
            let given = Given::new(kept)?;
            answer = match run::sequences(functions, version, slots, &given, self.effort)? {
                Ok(answer) => answer,
                Err(verdict) => Answer { verdicts: vec![verdict], ..Answer::default() },
            };
            answer.verdicts.retain(|verdict| verdict.family == version.family);
        }
        let sound = |verdict: &Verdict| verdict.verdict != Decision::Rejected;
        if answer.verdicts.iter().all(sound) {
            answer.verdicts.push(run::lockstep(lockstep, version, self.effort)?);
        }
        answer.verdicts = vec![folded(version, &answer.verdicts)];
        Ok(answer)
    }

    /// The program that calls the version function by function.
    fn functions(&self, component: &Component, version: &VersionFile) -> Result<Runner> {
        let family = &version.family;
        let benched =
            component.slots.iter().filter(|slot| is_benched(&slot.path.component, &slot.path.name));
        let entry = |slot: &slot_syntax::Slot| Entry {
            family: family.clone(),
            component: slot.path.component.clone(),
            slot: slot.path.name.clone(),
            function: adapted(slot, family),
        };
        let entries: Vec<Entry> = benched.clone().map(entry).collect();
        let slots = benched.map(|slot| slot.path.to_string());
        let library = self.project.protocol_library()?;
        Ok(Runner {
            main: runner_of(&entries),
            dependencies: bench_for(self.inventory, slots),
            versions: vec![version.clone()],
            adapters: BTreeMap::from([(component.path.clone(), adapters(component, &library))]),
            compiler: Some(self.compiler.clone()),
            ..Runner::default()
        })
    }

    /// The program in which a replica composed with the version keeps step with the reference.
    fn lockstep(&self, version: &VersionFile) -> Result<Runner> {
        let machine = &self.project.settings.machine;
        let library = self.project.protocol_library()?;
        let main = format!(
            "//! Runs clusters of pairs.\n\nfn main() -> std::process::ExitCode {{\n    \
             sim::main::<sim::Lockstep<{library}::{machine}, {COMPOSED}::{machine}>>()\n}}\n"
        );
        let mut replica = ReplicaPlan::of_family(1, REFERENCE);
        replica.slots.insert(version.slot.to_string(), version.family.clone());
        Ok(Runner {
            main,
            dependencies: BTreeMap::from([(SIM.to_owned(), Vec::new())]),
            machines: BTreeMap::from([(COMPOSED.to_owned(), replica)]),
            // Here all of the version is used that anybody uses; above only what the bench calls.
            strict: true,
            compiler: Some(self.compiler.clone()),
            ..Runner::default()
        })
    }

    /// Builds a program with the version in it; or says that it cannot be. Without the version it can,
    /// so that whatever the compiler says is about the version, or about how the rest uses it.
    fn build_whole(
        &self,
        runner: &Runner,
        version: &VersionFile,
    ) -> Result<Result<(PathBuf, String), Verdict>> {
        let inventory = with(self.inventory, version);
        let built = building("building the bench", |watch| {
            build_runner(self.project, &inventory, runner, watch)
        });
        match built {
            Ok(Run::Ready { path, hash, .. }) => Ok(Ok((path, hash))),
            Ok(Run::Broken(broken)) => {
                let said = broken.iter().flat_map(|one| &one.diagnostics);
                let said: Vec<&str> = said.map(|said| said.rendered.trim_end()).collect();
                Ok(Err(uncompiled(version, said.join("\n"))))
            }
            Err(Error::Build { summary, details }) => {
                let seconds = self.effort.untrusted.as_ref().map(|it| it.compile_seconds);
                let said = seconds.map(|seconds| of_compiler(&summary, &details, seconds));
                Ok(Err(uncompiled(version, format!("{}\n{details}", said.unwrap_or(summary)))))
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn alone(verdict: Verdict) -> Round {
    Round { verdicts: vec![verdict], stale: Vec::new(), cached: false }
}

fn uncompiled(version: &VersionFile, said: String) -> Verdict {
    let mut verdict = unseen(Decision::Rejected, &version.family, &version.slot.to_string());
    verdict.by = Some(By::Build);
    verdict.rule = Some(
        "a version compiles without a warning, and what is composed with it compiles".to_owned(),
    );
    verdict.got = Some(said.trim().to_owned());
    verdict
}

/// The inventory in which the version stands in its family's place.
fn with(inventory: &Inventory, version: &VersionFile) -> Inventory {
    let mut inventory = inventory.clone();
    let name = version.family.clone();
    let family = inventory.families.entry(name.clone()).or_insert_with(|| Family {
        lineage: Lineage {
            name,
            author: String::new(),
            written_by: String::new(),
            specification: Specification::Contract,
            mandate: String::new(),
            seen: Vec::new(),
            date: String::new(),
            votable: false,
            planted: false,
            components: Vec::new(),
        },
        versions: BTreeMap::new(),
        strays: Vec::new(),
    });
    family.versions.insert(version.slot.clone(), version.clone());
    inventory
}

fn no_case(name: &str) -> String {
    format!("--case: {name} is a whole component, of which no single case is judged: name a slot")
}

/// The worst of some verdicts on parts of a version, as the verdict on the whole.
fn folded(version: &VersionFile, parts: &[Verdict]) -> Verdict {
    let name = version.slot.to_string();
    let gravity = |verdict: &&Verdict| match verdict.verdict {
        Decision::Accepted => 0,
        Decision::Undecided => 1,
        Decision::Rejected => 2,
    };
    // The first of several that are as bad.
    let worst = parts.iter().rev().max_by_key(gravity).cloned();
    let mut whole = worst.unwrap_or_else(|| unseen(Decision::Undecided, &version.family, &name));
    let cases: u64 = parts.iter().map(|part| part.cases).sum();
    let changing: f64 =
        parts.iter().map(|part| part.state_changing_percent * part.cases as f64).sum();
    whole.state_changing_percent =
        if cases == 0 { 0.0 } else { (changing / cases as f64 * 100.0).round() / 100.0 };
    whole.cases = cases;
    if whole.slot != name {
        let part = &whole.slot;
        let of_part = |rule: String| match rule.starts_with(part) {
            true => rule,
            false => format!("{part}: {rule}"),
        };
        whole.rule = whole.rule.map(of_part);
    }
    // An input is one of a slot, and says nothing of the whole by itself.
    (whole.slot, whole.input) = (name, None);
    whole
}
