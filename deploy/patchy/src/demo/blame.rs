//! Who is to blame for a dead replica, from what it left behind.
//!
//! The inputs that it recorded are replayed with the same program, which must panic again. The
//! panic's place suggests a version; where it lies in none, every version is suspected. Then the
//! replica is composed anew with the reference in the suspected slots and gets the same inputs:
//! where the panic is gone, a version of those slots is to blame. See [`super::bisect`].

use super::Demo;
use super::bisect::{FoundBy, culprit, suspect};
use super::stage::host;
use crate::commands::build::{build_targets, short};
use crate::confine::Limits;
use crate::exit::{Failure, Result};
use crate::process::{self, Input, Job};
use cluster::Exit;
use layout::NodeFile;
use patcher::{Compiler, Inventory, Kind, REFERENCE, ReplicaPlan, Target};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Who it was, and how that was found out.
#[derive(Debug, Serialize)]
pub(super) struct Blame {
    pub(super) replica: u16,
    /// `None` if the panic stays with the reference in every slot.
    pub(super) slot: Option<String>,
    /// As `family/component.slot`.
    pub(super) version: Option<String>,
    /// Where the replica panicked.
    pub(super) place: Option<String>,
    pub(super) found_by: FoundBy,
    /// Every replay, in order.
    pub(super) replays: Vec<Replay>,
}

/// One replay of the recorded inputs.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Replay {
    /// What was replayed with.
    composition: String,
    /// Slots in which the reference stood for the version.
    exchanged: Vec<String>,
    /// Inputs stepped through.
    steps: u64,
    /// Where it panicked, if it did.
    panic: Option<String>,
}

/// What a program says that it is made of.
#[derive(Debug, Deserialize)]
struct Provenance {
    composition: String,
    slots: BTreeMap<String, SlotProvenance>,
    #[serde(default)]
    providers: BTreeMap<String, String>,
    compiler: Compiler,
}

#[derive(Debug, Deserialize)]
struct SlotProvenance {
    family: String,
}

/// Longest that a replay may take.
const LONGEST: u64 = 300;

/// Memory for a replay. Unit: bytes.
const MEMORY: u64 = 8 << 30;

struct Inquest<'a> {
    demo: &'a Demo<'a>,
    inventory: &'a Inventory,
    flight: PathBuf,
    own: Provenance,
    replays: Vec<Replay>,
}

pub(super) fn blame(
    demo: &Demo<'_>,
    inventory: &Inventory,
    dir: &Path,
    exit: &Exit,
) -> Result<Blame> {
    let host = host(dir, exit.id);
    let program = NodeFile::read(&host)?.binary;
    let own = provenance(&program)?;
    let flight = host.join("flight.bin");
    let mut inquest = Inquest { demo, inventory, flight, own, replays: Vec::new() };
    let composition = inquest.own.composition.clone();
    let again = inquest.replay(&program, &composition, Vec::new())?;
    let Some(place) = again else {
        return Err(Failure::internal(format!(
            "{}: the replay does not panic, but replica {} did",
            inquest.flight.display(),
            exit.id
        )));
    };
    let (found_by, slot) = inquest.find(&place)?;
    let version = slot.as_ref().map(|slot| format!("{}/{slot}", inquest.family(slot)));
    match &version {
        Some(version) => demo.say(format!("to blame: {version}, in replica {}", exit.id)),
        None => demo.say("to blame: no version; the panic stays with the reference everywhere"),
    }
    let replays = inquest.replays;
    Ok(Blame { replica: exit.id, slot, version, place: Some(place), found_by, replays })
}

impl Inquest<'_> {
    /// Whose version the dead replica has in a slot.
    fn family(&self, slot: &str) -> &str {
        self.own.slots.get(slot).map_or(REFERENCE, |choice| &choice.family)
    }

    /// The slot whose version must go for the panic to go, and how it was found.
    fn find(&mut self, place: &str) -> Result<(FoundBy, Option<String>)> {
        let own = self.own.slots.iter().filter(|(_, choice)| choice.family != REFERENCE);
        let versions = own.map(|(slot, choice)| (slot.clone(), choice.family.clone())).collect();
        let suspect = suspect(place, &versions);
        match suspect {
            Some(slot) => self.demo.say(format!("the panic's place is in the version of {slot}")),
            None => self.demo.say("the panic's place is in no version: all are suspected"),
        }
        culprit(&versions, suspect, |slots| self.is_gone_without(slots))
    }

    /// Whether the inputs pass without a panic once the reference stands in `slots`.
    fn is_gone_without(&mut self, slots: &[String]) -> Result<bool> {
        let exchanged: BTreeSet<&String> = slots.iter().collect();
        let kept = self
            .own
            .slots
            .iter()
            .filter(|(slot, choice)| choice.family != REFERENCE && !exchanged.contains(slot));
        let replica = ReplicaPlan {
            slots: kept.map(|(slot, choice)| (slot.clone(), choice.family.clone())).collect(),
            providers: self.own.providers.clone(),
            compiler: self.own.compiler.clone(),
            ..ReplicaPlan::of_family(1, REFERENCE)
        };
        let target = [Target { name: "exchanged".to_owned(), replica }];
        let output = self.demo.stage.folder.join("programs");
        let project = &self.demo.project;
        let built = build_targets(project, self.inventory, Kind::Replica, &target, &output)?;
        let built = built.into_iter().next();
        let built = built.ok_or_else(|| Failure::internal("nothing was built"))?;
        let panic = self.replay(&built.path, &built.composition, slots.to_vec())?;
        Ok(panic.is_none())
    }

    /// Replays the recorded inputs with a program; where it panicked.
    fn replay(
        &mut self,
        program: &Path,
        composition: &str,
        exchanged: Vec<String>,
    ) -> Result<Option<String>> {
        let words = vec!["--replay".into(), self.flight.clone().into()];
        let answer = ask(program, words, vec![self.flight.clone()])?;
        let steps = answer["steps"].as_u64().unwrap_or_default();
        let panic = answer["panic"]["place"].as_str().map(str::to_owned);
        let what = match exchanged.as_slice() {
            [] => "as it was".to_owned(),
            [one] => format!("with the reference in {one}"),
            many => format!("with the reference in {} slots", many.len()),
        };
        let came = match &panic {
            Some(place) => format!("panics at {place}"),
            None => "does not panic".to_owned(),
        };
        self.demo.say(format!(
            "replay {what} (composition {}): {steps} inputs, {came}",
            short(composition)
        ));
        let composition = composition.to_owned();
        self.replays.push(Replay { composition, exchanged, steps, panic: panic.clone() });
        Ok(panic)
    }
}

fn provenance(program: &Path) -> Result<Provenance> {
    let answer = ask(program, vec!["--provenance".into()], Vec::new())?;
    serde_json::from_value(answer).map_err(|error| {
        Failure::internal(format!("{}: its provenance: {error}", program.display()))
    })
}

/// Runs a replica's program for the JSON object that it prints.
fn ask(program: &Path, arguments: Vec<std::ffi::OsString>, read: Vec<PathBuf>) -> Result<Value> {
    let limits = Limits { memory: MEMORY, cpu: LONGEST, read, ..Limits::default() };
    let timeout = Duration::from_secs(LONGEST);
    let job = Job {
        program,
        arguments,
        limits: Some(limits),
        timeout,
        heard: false,
        environment: &[],
        input: Input::Nothing,
    };
    let ended = process::run(&job)?;
    serde_json::from_str(&ended.stdout).map_err(|_| {
        let said = ended.stderr.trim();
        Failure::internal(format!("{}: {}: {said}", program.display(), ended.why()))
    })
}
