//! All versions of each slot, held against each other as machine code and by what they execute.
//!
//! A version's code is that of its entry function, wherever the compiler put it (equal functions become
//! one), and of all other functions of its module. What it executes upon an input are the operations of
//! that code, in order; what it calls is not its own.
//!
//! The reference is measured as a copy that stands among the versions. In its own crate, where it can be
//! fused with what it calls, the same text is other machine code.

use crate::grams::Grams;
use crate::owner::Slots;
use crate::program::Program;
use crate::{answer, step};
use bench::{Corpus, Registry};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
use std::process::ExitCode;

/// How the bench calls the reference.
const REFERENCE: &str = "reference";

/// What to measure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    sources: Slots,
    /// The family in whose name the reference's texts are linked as versions are.
    copy: String,
    /// Decides the inputs.
    seed: u64,
    /// Upon how many inputs each version is called.
    inputs: u64,
    /// Most instructions that are noted of one call.
    most: usize,
}

#[derive(Debug, Serialize)]
struct Answer {
    slots: Vec<OfSlot>,
    /// Instructions noted in all.
    instructions: u64,
    /// Why nothing was followed, if this system lets nothing be; then there are no inputs.
    refused: Option<String>,
}

#[derive(Debug, Serialize)]
struct OfSlot {
    /// `component.slot`.
    slot: String,
    /// How many inputs there were.
    inputs: u64,
    versions: Vec<OfVersion>,
    pairs: Vec<Pair>,
}

#[derive(Debug, Serialize)]
struct OfVersion {
    /// Calls of which not all was noted.
    cut: u64,
}

#[derive(Debug, Serialize)]
struct Pair {
    left: String,
    right: String,
    /// 0 to 1; nothing where a version has no code that could be found.
    machine_code: Option<f64>,
    /// 0 to 1, the mean over the inputs; nothing where there were none.
    trace: Option<f64>,
}

/// Measures the versions of a registry, and says what came of it.
#[must_use]
pub fn versions(registry: &Registry) -> ExitCode {
    answer(|question: Question| measure(registry, question))
}

/// One version, while it is measured.
#[derive(Default)]
struct Version {
    code: Vec<Range<u64>>,
    grams: Grams,
    /// By input.
    traces: BTreeMap<u64, Grams>,
    /// Calls of which not all was noted.
    cut: u64,
}

fn measure(registry: &Registry, question: Question) -> Result<Answer, String> {
    let refused = step::prepare().err();
    let inputs = if refused.is_some() { 0 } else { question.inputs };
    bench::around(step::begin, step::end);
    let program = Program::of_this_process(question.sources)?;
    let corpus = Corpus::record(question.seed);
    let mut found = code(registry, &program, &question.copy);
    let mut answer = Answer { slots: Vec::new(), instructions: 0, refused };
    let mut operations = BTreeMap::new();
    for slot in bench::slots() {
        let mut versions = found.remove(slot).unwrap_or_default();
        // Two at least: else there is nothing to compare.
        if versions.len() < 2 {
            continue;
        }
        let mut each = |family: &'static str, input: u64, call: &mut dyn FnMut()| {
            let measured = measured_as(family, &question.copy);
            let Some(version) = measured.and_then(|name| versions.get_mut(name)) else { return };
            let steps = step::noting(question.most, call);
            answer.instructions += steps.addresses.len() as u64;
            note(&program, version, input, &steps, &mut operations);
        };
        let inputs = registry.call(&corpus, slot, inputs, &mut each).unwrap_or_default();
        answer.slots.push(of_slot(slot, inputs, &versions));
    }
    Ok(answer)
}

/// Under which family a function is measured: its copy's figures are the reference's, and not its own.
fn measured_as(family: &'static str, copy: &str) -> Option<&'static str> {
    match family {
        REFERENCE => None,
        _ if family == copy => Some(REFERENCE),
        _ => Some(family),
    }
}

/// The code of all versions, by slot and family.
fn code(
    registry: &Registry,
    program: &Program,
    copy: &str,
) -> BTreeMap<&'static str, BTreeMap<&'static str, Version>> {
    let mut by_module = program.of_versions();
    let mut found: BTreeMap<&'static str, BTreeMap<&'static str, Version>> = BTreeMap::new();
    for bench::Function { slot, family, address } in registry.functions() {
        let Some(measured) = measured_as(family, copy) else { continue };
        let name = (family.to_owned(), slot.to_owned());
        let mut code = by_module.remove(&name).unwrap_or_default();
        let entry = program.function(address).map(|function| function.code.clone());
        code.extend(entry.filter(|entry| !code.contains(entry)));
        code.sort_by_key(|range| range.start);
        let mut version = Version { code, ..Version::default() };
        for range in &version.code {
            version.grams.add(&program.operations(range));
        }
        found.entry(slot).or_default().insert(measured, version);
    }
    found
}

/// Notes what a version executed upon one input.
fn note(
    program: &Program,
    version: &mut Version,
    input: u64,
    steps: &step::Steps,
    operations: &mut BTreeMap<usize, Option<(u64, u16)>>,
) {
    let mut own = Vec::new();
    for &address in &steps.addresses {
        let known = operations
            .entry(address)
            .or_insert_with(|| Some((program.in_file(address)?, program.operation(address)?)));
        let inside = |at: u64| version.code.iter().any(|range| range.contains(&at));
        if let Some((at, operation)) = *known
            && inside(at)
        {
            own.push(operation);
        }
    }
    version.cut += u64::from(steps.cut);
    version.traces.insert(input, Grams::of(&own));
}

fn of_slot(slot: &str, inputs: u64, versions: &BTreeMap<&'static str, Version>) -> OfSlot {
    let mut pairs = Vec::new();
    for (at, (left, one)) in versions.iter().enumerate() {
        for (right, other) in versions.iter().skip(at + 1) {
            let code = !one.grams.is_empty() && !other.grams.is_empty();
            pairs.push(Pair {
                left: (*left).to_owned(),
                right: (*right).to_owned(),
                machine_code: code.then(|| one.grams.set_distance(&other.grams)),
                trace: trace(one, other),
            });
        }
    }
    let versions = versions.values().map(|version| OfVersion { cut: version.cut }).collect();
    OfSlot { slot: slot.to_owned(), inputs, versions, pairs }
}

fn trace(one: &Version, other: &Version) -> Option<f64> {
    let both =
        one.traces.iter().filter_map(|(input, trace)| Some((trace, other.traces.get(input)?)));
    let add =
        |(sum, count), (left, right): (&Grams, &Grams)| (sum + left.distance(right), count + 1);
    let (sum, count): (f64, u32) = both.fold((0.0, 0), add);
    (count > 0).then(|| sum / f64::from(count))
}
