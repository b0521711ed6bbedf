//! Runners: linked from versions and machines, and clear about what does not compile.

use crate::common::{Tally, unwatched};
use patcher::{
    Error, Inventory, ReplicaPlan, Run, Runner, VersionFile, build_runner,
    build_runner_without_broken,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// A harness that weighs one update with every version of `count.weigh`.
fn harness(versions: &[VersionFile]) -> String {
    let calls: String = versions
        .iter()
        .map(|version| {
            let (family, slot) = (&version.family, &version.slot);
            let path =
                format!("versions::{family}::{}::{}::{}", slot.component, slot.name, slot.name);
            match slot.name.as_str() {
                "weigh" => format!("    println!(\"{family} {{}}\", {path}(&update));\n"),
                _ => format!("    println!(\"{family} {{:?}}\", {path}(&update).is_none());\n"),
            }
        })
        .collect();
    format!(
        "fn main() {{\n    let update = wire::Update {{ payload: vec![1, 2] }};\n{calls}    \
         println!(\"reference {{}}\", tally::count::weigh(&update));\n}}\n"
    )
}

fn wire() -> BTreeMap<String, Vec<String>> {
    BTreeMap::from([("wire".to_owned(), Vec::new())])
}

fn versions(inventory: &Inventory, names: &[(&str, &str)]) -> Vec<VersionFile> {
    names
        .iter()
        .map(|(family, slot)| {
            inventory.families[*family].versions[&slot.parse().expect("a slot")].clone()
        })
        .collect()
}

fn output_of(path: &Path) -> String {
    let output = Command::new(path).output().expect("a runner that runs");
    String::from_utf8(output.stdout).expect("text")
}

/// Says how many edges were counted, and how many of them taken by one call of each version.
const COUNTER: &str = r#"
use std::sync::atomic::{AtomicPtr, Ordering};
static START: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());
static STOP: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_8bit_counters_init(start: *mut u8, stop: *mut u8) {
    START.store(start, Ordering::Relaxed);
    STOP.store(stop, Ordering::Relaxed);
}
fn taken() -> (usize, usize) {
    let (start, stop) = (START.load(Ordering::Relaxed), STOP.load(Ordering::Relaxed));
    let all = stop as usize - start as usize;
    let taken = (0..all).filter(|at| unsafe { start.add(*at).read_volatile() } > 0).count();
    (all, taken)
}
fn main() {
    let update = wire::Update { payload: std::env::args().map(|_| 7).collect() };
    let before = taken();
    let weight = versions::heron::count::weigh::weigh(&update);
    let after = taken();
    println!("{weight} {} {}", before.0 > 0, before.1 < after.1);
}
"#;

#[test]
fn a_counted_runner_has_counters_on_the_edges_of_its_versions() {
    let (project, inventory, _tally) = &Tally::new().into_read();
    let said = |counted| {
        let runner = Runner {
            main: COUNTER.to_owned(),
            dependencies: wire(),
            versions: versions(inventory, &[("heron", "count.weigh")]),
            counted,
            ..Runner::default()
        };
        let run = unwatched(|watch| build_runner(project, inventory, &runner, watch)).unwrap();
        let Run::Ready { path, .. } = run else { panic!("{run:?}") };
        output_of(&path)
    };
    assert_eq!(said(true), "7 true true\n");
    assert_eq!(said(false), "7 false false\n");
}

#[test]
fn versions_are_linked_side_by_side_and_the_runner_is_kept() {
    let (project, inventory, _tally) = &Tally::new().into_read();
    let chosen = versions(inventory, &[("heron", "count.weigh"), ("ibis", "count.weigh")]);
    let main = harness(&chosen);
    let runner = Runner { main, dependencies: wire(), versions: chosen, ..Runner::default() };
    let run = unwatched(|watch| build_runner(project, inventory, &runner, watch)).unwrap();
    let Run::Ready { path, cached: false, .. } = run else { panic!("{run:?}") };
    assert_eq!(output_of(&path), "heron 3\nibis 3\nreference 3\n");
    let again = unwatched(|watch| build_runner(project, inventory, &runner, watch)).unwrap();
    assert!(matches!(again, Run::Ready { cached: true, .. }), "{again:?}");
}

#[test]
fn versions_that_do_not_compile_are_named_and_the_others_go_on() {
    let (project, inventory, _tally) = &Tally::new().into_read();
    let mut chosen = versions(inventory, &[("heron", "count.weigh"), ("rook", "check.judge")]);
    let slot = inventory.slot("count.weigh").unwrap();
    let text = "use nowhere::Thing;\npub fn weigh(u: &wire::Update) -> u64 { 0 }\n".to_owned();
    chosen.push(VersionFile::new(slot, "draft", Path::new("draft.rs"), text));
    // Fits by name only: the harness's call is where the compiler complains.
    let text = "struct Update;\npub fn weigh(_: &Update) -> u64 { 0 }\n".to_owned();
    chosen.push(VersionFile::new(slot, "other", Path::new("other.rs"), text));
    assert!(chosen.iter().all(|version| version.fit.is_ok()));

    let runner = Runner { dependencies: wire(), versions: chosen, ..Runner::default() };
    let (path, broken) = unwatched(|watch| {
        build_runner_without_broken(project, inventory, &runner, &harness, watch)
    })
    .unwrap();
    let mut names: Vec<(&str, &str)> =
        broken.iter().map(|broken| (broken.family.as_str(), broken.slot.as_str())).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [("draft", "count.weigh"), ("other", "count.weigh"), ("rook", "check.judge")]
    );
    let rook = broken.iter().find(|broken| broken.family == "rook").unwrap();
    assert!(rook.diagnostics[0].message.contains("no method named `is_blank`"));
    assert_eq!(rook.diagnostics[0].places[0].line, 7);
    assert_eq!(output_of(&path), "heron 3\nreference 3\n");
}

#[test]
fn where_warnings_are_refused_a_version_with_one_is_left_out() {
    let (project, inventory, _tally) = &Tally::new().into_read();
    let mut chosen = versions(inventory, &[("heron", "count.weigh")]);
    let slot = inventory.slot("count.weigh").unwrap();
    let weigh = "pub fn weigh(update: &wire::Update) -> u64 {\n    PLACE\n}\n";
    for (family, body) in [
        (
            "draft",
            "for byte in update.payload.first() {\n        return u64::from(*byte);\n    }\n    0",
        ),
        ("other", "let unread = 1;\n    update.payload.len() as u64"),
        ("third", "update.payload.len() as u64"),
    ] {
        let text = weigh.replace("PLACE", body);
        chosen.push(VersionFile::new(slot, family, Path::new("draft.rs"), text));
    }
    assert!(chosen.iter().all(|version| version.fit.is_ok()));
    let build = |strict| {
        let versions = chosen.clone();
        let runner = Runner { dependencies: wire(), versions, strict, ..Runner::default() };
        unwatched(|watch| build_runner_without_broken(project, inventory, &runner, &harness, watch))
            .unwrap()
    };
    // Twice: what was compiled before is warned of again.
    for _ in 0..2 {
        let (path, broken) = build(true);
        assert_eq!(output_of(&path), "heron 3\nthird 2\nreference 3\n");
        let said: Vec<(&str, &str)> = broken
            .iter()
            .map(|one| (one.family.as_str(), one.diagnostics[0].message.as_str()))
            .collect();
        let loops =
            "for loop over an `Option`. This is more readably written as an `if let` statement";
        assert_eq!(said, [("draft", loops), ("other", "unused variable: `unread`")]);
        assert_eq!(broken[1].diagnostics[0].places[0].line, 2);
        std::fs::remove_file(path).unwrap();
    }
    let (path, broken) = build(false);
    assert!(broken.is_empty(), "{broken:?}");
    assert_eq!(output_of(&path), "heron 3\ndraft 1\nother 2\nthird 2\nreference 3\n");
}

#[test]
fn a_harness_that_does_not_compile_is_an_error_of_the_build() {
    let (project, inventory, _tally) = &Tally::new().into_read();
    let runner = Runner { main: "fn main() { nothing() }".to_owned(), ..Runner::default() };
    let result = unwatched(|watch| build_runner(project, inventory, &runner, watch));
    let Err(Error::Build { summary, .. }) = result else { panic!("{result:?}") };
    assert!(summary.contains("cannot find function `nothing`"), "{summary}");
}

#[test]
fn whole_machines_are_linked_under_names_of_their_own() {
    let (project, inventory, _tally) = &Tally::new().into_read();
    let main = "use wire::Machine as _;\n\
        fn run<M: wire::Machine>() {\n    let mut effects = wire::Effects::default();\n    \
        M::new().step(&wire::Update { payload: vec![5] }, &mut effects);\n    \
        println!(\"{:?}\", effects.take());\n}\n\
        fn main() {\n    run::<first::Replica>();\n    run::<second::Replica>();\n    \
        run::<tally::Replica>();\n}\n";
    let machine = |family: &str| ReplicaPlan::of_family(1, family);
    let machines = BTreeMap::from([
        ("first".to_owned(), machine("heron")),
        ("second".to_owned(), machine("ibis")),
    ]);
    let runner =
        Runner { main: main.to_owned(), dependencies: wire(), machines, ..Runner::default() };
    let run = unwatched(|watch| build_runner(project, inventory, &runner, watch)).unwrap();
    let Run::Ready { path, .. } = run else { panic!("{run:?}") };
    assert_eq!(output_of(&path), "[Total(5)]\n".repeat(3));
}
