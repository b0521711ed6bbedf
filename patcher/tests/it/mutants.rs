//! Mutants: what each operator makes, and that everything else stays.

use crate::common::{Tally, golden, unwatched};
use patcher::{
    Inventory, Mutant, Mutated, Mutator, Operator, Project, Runner, VersionFile,
    build_runner_without_broken, sample,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A text of `count.weigh` with something for every operator.
const SOURCE: &str = "\
//! Größe – multi-byte text in front.

use wire::Update;

struct Pair {
    left: u64,
    right: u64,
    name: String,
}

pub fn weigh(update: &Update) -> u64 {
    let mut sum = 0;
    if update.payload.len() >= 3 && !update.payload.is_empty() {
        return 7;
    }
    for byte in &update.payload {
        sum += u64::from(*byte);
        note(sum);
    }
    let _ = enough(sum, 2) || true;
    assert!(sum > 1);
    sum
}

fn enough(sum: u64, limit: u64) -> bool {
    sum == limit
}

fn note(sum: u64) {
    let pair = Pair { left: sum, right: 1, name: String::new() };
    let list = [pair.left, 5];
    let _ = (list[at()], &list[0..1], pair.right.max(1));
    print(pair.left);
    grow(&mut pair, quorum());
}

fn emit(effects: &mut wire::Effects, seen: Option<u64>) {
    match seen {
        Some(1) if effects.is_new() => effects.reject(3),
        _ => effects.send(),
    }
    effects.send();
    return effects.reject(4);
}

#[cfg(test)]
mod tests {
    fn not_looked_at() -> bool {
        1 < 2
    }
}
";

fn mutated(tally: &Tally, text: &str) -> Mutated {
    let (project, inventory) = tally.read();
    let slot = inventory.slot("count.weigh").expect("a slot");
    let version = VersionFile::new(slot, "heron", Path::new("weigh.rs"), text.to_owned());
    let mutator = Mutator::new(&project, &inventory).expect("structures that can be read");
    mutator.version(&version).expect("a text that is Rust")
}

/// What each operator makes of [`SOURCE`] stands in the golden file, to be read.
#[test]
fn each_operator_makes_its_faults() {
    let tally = Tally::new();
    let table = "[workspace.metadata.patchy.mutate]\nexchange = [[\"is_new\", \"is_old\"]]\n\n";
    let lints = "[workspace.lints.rust]";
    tally.edit("Cargo.toml", lints, &format!("{table}{lints}"));
    let mutants = mutated(&tally, SOURCE).mutants;
    let operators: BTreeSet<Operator> = mutants.iter().map(|mutant| mutant.operator).collect();
    assert_eq!(operators.len(), 13, "{operators:?}");
    let shown: Vec<String> =
        mutants.iter().map(|mutant| format!("{}: {}\n", mutant.line, mutant.mutation)).collect();
    golden("mutants.txt", &shown.concat());
}

#[test]
fn statements_change_places_and_functions_end_early() {
    let tally = Tally::new();
    let mutants = mutated(&tally, SOURCE).mutants;
    let text = |operator, words: &str| {
        let found: Vec<&Mutant> = mutants
            .iter()
            .filter(|mutant| mutant.operator == operator && mutant.text.contains(words))
            .collect();
        assert_eq!(found.len(), 1, "{operator} {words}: {found:#?}");
    };
    text(Operator::Swap, "        note(sum);\n        sum += u64::from(*byte);\n");
    text(Operator::Swap, "    grow(&mut pair, quorum());\n    print(pair.left);\n");
    text(Operator::Return, "-> u64 { return Default::default();\n");
    text(Operator::Return, "-> bool { return true;\n");
    text(Operator::Return, "-> bool { return false;\n");
    text(Operator::Return, "fn note(sum: u64) { return;\n");
    text(Operator::Return, "    return; grow(&mut pair, quorum());\n");
    // Neither what is asserted nor a return changes places.
    let swapped = mutants.iter().filter(|mutant| mutant.operator == Operator::Swap);
    assert!(swapped.clone().all(|mutant| mutant.text.contains("    assert!(sum > 1);\n    sum\n")));
    assert!(swapped.clone().all(|mutant| mutant.text.contains("    return effects.reject(4);\n}")));
}

#[test]
fn every_mutant_differs_in_one_place_and_has_a_name_of_its_own() {
    let tally = Tally::new();
    let Mutated { baseline, mutants, .. } = mutated(&tally, SOURCE);
    assert_eq!(baseline, SOURCE);
    let names: BTreeSet<&String> = mutants.iter().map(|mutant| &mutant.mutation).collect();
    assert_eq!(names.len(), mutants.len());
    let tests = &SOURCE[SOURCE.find("#[cfg(test)]").unwrap()..];
    for mutant in &mutants {
        assert_ne!(mutant.text, SOURCE);
        assert!(
            mutant.text.starts_with("//! Größe – multi-byte text in front.\n\nuse wire::Update;")
        );
        assert!(mutant.text.ends_with(tests), "{}", mutant.text);
    }
    let first = &mutants[0];
    let shown = "early return in weigh: `pub fn weigh(update: &Update) -> u64 {` becomes \
                 `pub fn weigh(update: &Update) -> u64 { return Default::default();`";
    assert_eq!((first.mutation.as_str(), first.line), (shown, 11));
    // The same change of the same line twice: told apart by a number.
    let text = "pub fn weigh(u: &wire::Update) -> u64 {\n    f();\n    f();\n    1\n}\nfn f() {}\n";
    let twice = mutated(&tally, text).mutants;
    let dropped = twice.iter().filter(|mutant| mutant.operator == Operator::Drop);
    let dropped: Vec<&str> = dropped.map(|mutant| mutant.mutation.as_str()).collect();
    let once = "statement dropped in weigh: `f();` becomes nothing";
    assert_eq!(dropped, [once, &format!("{once} (2)")]);
}

#[test]
fn a_sample_is_chosen_by_its_seed_and_keeps_the_order() {
    let tally = Tally::new();
    let mutants = mutated(&tally, SOURCE).mutants;
    let chosen = sample(mutants.clone(), 9, 4);
    assert_eq!((chosen.len(), &chosen), (9, &sample(mutants.clone(), 9, 4)));
    assert_ne!(chosen, sample(mutants.clone(), 9, 5));
    let mut rest = mutants.iter();
    assert!(chosen.iter().all(|one| rest.any(|other| other == one)));
    assert_eq!(sample(mutants.clone(), 10_000, 4), mutants);
}

#[test]
fn a_reference_slot_is_mutated_as_a_version_with_the_lines_of_its_file() {
    let (project, inventory, _tally) = &Tally::new().into_read();
    let slot = inventory.slot("count.on_update").unwrap();
    let mutated = Mutator::new(project, inventory).unwrap().reference(slot).unwrap();
    assert!(mutated.baseline.contains("use tally::check::judge;"), "{}", mutated.baseline);
    let added = mutated.mutants.iter().find(|mutant| mutant.text.contains("counted -= 1")).unwrap();
    assert_eq!(added.line, 33);
    assert_eq!(added.file, Path::new("reference/tally/src/count/on_update.rs"));
    let shown = "off by one in add: `state.seen.counted += 1;` becomes `state.seen.counted -= 1;`";
    assert_eq!((added.family.as_str(), added.mutation.as_str()), ("reference", shown));
    assert!(mutated.mutants.iter().all(|mutant| mutant.text != mutated.baseline));
}

/// The names of those that do not compile, and of the others.
fn compiled(
    project: &Project,
    inventory: &Inventory,
    mutants: &[Mutant],
) -> (Vec<String>, Vec<String>) {
    let versions = mutants.iter().enumerate().map(|(at, mutant)| {
        let slot = inventory.slot(&mutant.slot.to_string()).expect("a slot");
        VersionFile::new(slot, &format!("m{at}"), &mutant.file, mutant.text.clone())
    });
    let runner = Runner {
        versions: versions.collect(),
        profile: "dev".to_owned(),
        dependencies: BTreeMap::from([("wire".to_owned(), Vec::new())]),
        ..Runner::default()
    };
    let main = |_: &[VersionFile]| "fn main() {}".to_owned();
    let (_, broken) =
        unwatched(|watch| build_runner_without_broken(project, inventory, &runner, &main, watch))
            .expect("a runner of those that compile");
    let numbers: BTreeSet<usize> =
        broken.iter().map(|broken| broken.family[1..].parse().expect("a number")).collect();
    let name = |at: usize| mutants[at].mutation.clone();
    let (broken, whole): (Vec<usize>, Vec<usize>) =
        (0..mutants.len()).partition(|at| numbers.contains(at));
    (broken.into_iter().map(name).collect(), whole.into_iter().map(name).collect())
}

/// Where all of a function's value is left out, nothing is given back.
#[test]
fn mutants_that_do_not_compile_are_told_from_those_that_do() {
    let (project, inventory, _tally) = &Tally::new().into_read();
    let mutator = Mutator::new(project, inventory).unwrap();
    let judge = mutator.reference(inventory.slot("check.judge").unwrap()).unwrap().mutants;
    let (broken, whole) = compiled(project, inventory, &judge);
    assert_eq!(broken.len(), 1, "{broken:#?}");
    assert!(broken[0].starts_with("statement dropped in judge: `if update.payload.is_empty()"));
    let longer = "comparison in judge: `} else if update.payload.len() > MAX_PAYLOAD {` becomes \
                  `} else if update.payload.len() >= MAX_PAYLOAD {`";
    assert!(whole.iter().any(|name| name == longer), "{whole:#?}");
    assert_eq!(broken.len() + whole.len(), judge.len());
}
