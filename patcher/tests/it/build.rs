//! Building: distinct, reproducible, cached, signed, and stopped when asked.

use crate::common::{Tally, four, unwatched};
use patcher::{
    Built, Error, Inventory, Kind, Plan, Project, ReplicaPlan, Target, Watch, build,
    builder_public_key, provenance_path, signature_path, verify_binary,
};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

fn build_plan(tally: &Tally, plan: &Plan, kind: Kind) -> patcher::Result<Vec<Built>> {
    let (project, inventory) = tally.read();
    let output = tally.root.join("out");
    unwatched(|watch| build(&project, &inventory, kind, &Target::of_plan(plan), &output, watch))
}

fn plan_of(inventory: &Inventory, families: &[&str]) -> Plan {
    let replicas = (1..).zip(families).map(|(id, family)| ReplicaPlan::of_family(id, family));
    Plan { replicas: replicas.collect(), waive_sharing_bound: true, ..four(inventory) }
}

fn output_of(binary: &Path, arguments: &[&str]) -> String {
    let output = Command::new(binary).args(arguments).output().expect("a program that runs");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn four_replicas_are_distinct_work_alike_and_say_what_they_are_made_of() {
    let tally = Tally::new();
    let (project, inventory) = tally.read();
    let plan = four(&inventory);
    let built = build_plan(&tally, &plan, Kind::Replica).unwrap();
    let digests: std::collections::BTreeSet<&str> =
        built.iter().map(|built| built.sha256.as_str()).collect();
    assert_eq!(digests.len(), 4);
    let key = builder_public_key(&project).unwrap();
    for (built, replica) in built.iter().zip(&plan.replicas) {
        assert!(!built.cached);
        let counted = output_of(&built.path, &["abc", "", "123456789"]);
        assert_eq!(counted, "[Total(294)]\n[Reject(Empty)]\n[Reject(Long)]\n");
        let provenance = output_of(&built.path, &["--provenance"]);
        assert_eq!(provenance, fs::read_to_string(provenance_path(&built.path)).unwrap());
        let provenance: serde_json::Value = serde_json::from_str(&provenance).unwrap();
        assert_eq!(provenance["composition"], built.composition.as_str());
        assert_eq!(provenance["slots"]["count.weigh"]["family"], replica.family.as_str());
        assert_eq!(provenance["slots"]["count.weigh"]["sha256"].as_str().unwrap().len(), 64);
        let shuffle = replica.compiler.section_shuffle.unwrap();
        assert_eq!(provenance["compiler"]["section-shuffle"], shuffle);
        verify_binary(&built.path, &key).unwrap();
    }
}

#[test]
fn equal_plans_give_equal_binaries_wherever_the_project_lies() {
    let (here, there) = (Tally::new(), Tally::copy_to("elsewhere/and/deeper/than/before"));
    let plan = plan_of(&here.read().1, &["reference", "heron", "ibis"]);
    for kind in [Kind::Replica, Kind::Library] {
        let first = build_plan(&here, &plan, kind).unwrap();
        let second = build_plan(&there, &plan, kind).unwrap();
        for (first, second) in first.iter().zip(&second) {
            assert_eq!(first.sha256, second.sha256, "{}", first.name);
            assert_eq!(first.composition, second.composition);
        }
    }
}

#[test]
fn what_did_not_change_is_not_built_again_and_what_changed_is() {
    let tally = Tally::new();
    let plan = plan_of(&tally.read().1, &["reference", "heron"]);
    let first = build_plan(&tally, &plan, Kind::Replica).unwrap();
    let start = Instant::now();
    let again = build_plan(&tally, &plan, Kind::Replica).unwrap();
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert!(again.iter().all(|built| built.cached));

    tally.edit("variants/heron/src/count/weigh.rs", "copied()", "cloned()");
    let third = build_plan(&tally, &plan, Kind::Replica).unwrap();
    assert_eq!(third.iter().map(|built| built.cached).collect::<Vec<_>>(), [true, false]);
    assert_eq!(third[0].sha256, first[0].sha256);
    assert_ne!(third[1].sha256, first[1].sha256);

    // A crate that all share changes all.
    tally.edit("deploy/host/src/lib.rs", "{:?}", "{:?} ");
    let fourth = build_plan(&tally, &plan, Kind::Replica).unwrap();
    assert!(fourth.iter().all(|built| !built.cached));
    assert_eq!(output_of(&fourth[1].path, &["a"]), "[Total(97)] \n");
}

#[test]
fn a_binary_stands_on_the_providers_that_the_plan_names() {
    let tally = Tally::new();
    let mut plan = plan_of(&tally.read().1, &["heron", "heron", "heron"]);
    let named = |allocator: &str, voice: &str| {
        [("allocator", allocator), ("voice", voice)]
            .map(|(w, n)| (w.to_owned(), n.to_owned()))
            .into()
    };
    plan.replicas[1].providers = named("counting", "loud");
    // What is taken where nothing is named, named.
    plan.replicas[2].providers = named("system", "plain");
    let built = build_plan(&tally, &plan, Kind::Replica).unwrap();
    let said = |index: usize| output_of(&built[index].path, &["--providers"]);
    // Though built at the same time, only the one that needs the feature has it.
    let plain = "false here, loud is false\n";
    assert_eq!([said(0), said(1), said(2)], [plain, "true HERE, loud is true\n", plain]);
    assert_ne!(built[0].sha256, built[1].sha256);
    assert_eq!(built[0].composition, built[2].composition);
    for (index, allocator) in ["system", "counting"].into_iter().enumerate() {
        let provenance = output_of(&built[index].path, &["--provenance"]);
        let provenance: serde_json::Value = serde_json::from_str(&provenance).unwrap();
        assert_eq!(provenance["providers"]["allocator"], allocator);
    }
}

#[test]
fn compiler_choices_alone_make_another_binary() {
    let tally = Tally::new();
    let mut plan = plan_of(&tally.read().1, &["reference", "reference", "reference"]);
    plan.replicas[1].compiler.section_shuffle = Some(9);
    plan.replicas[2].compiler.opt_level = 1;
    let built = build_plan(&tally, &plan, Kind::Replica).unwrap();
    assert_ne!(built[0].sha256, built[1].sha256);
    assert_ne!(built[0].sha256, built[2].sha256);
}

#[test]
fn equal_replicas_are_one_composition_built_once() {
    let tally = Tally::new();
    let plan = plan_of(&tally.read().1, &["heron", "heron"]);
    let built = build_plan(&tally, &plan, Kind::Replica).unwrap();
    assert_eq!(built[0].sha256, built[1].sha256);
    assert_eq!(built[0].composition, built[1].composition);
}

#[test]
fn a_changed_binary_or_another_key_is_noticed() {
    let tally = Tally::new();
    let (project, inventory) = tally.read();
    let built = build_plan(&tally, &plan_of(&inventory, &["reference"]), Kind::Replica).unwrap();
    let path = &built[0].path;
    let key = builder_public_key(&project).unwrap();
    verify_binary(path, &key).unwrap();
    let refused = |key: &str| verify_binary(path, key).unwrap_err().to_string();
    assert!(refused(&"00".repeat(32)).contains("another builder's key"));

    let signed = fs::read_to_string(signature_path(path)).unwrap();
    let forged = signed.replace(&built[0].sha256, &"ab".repeat(32));
    fs::write(signature_path(path), forged).unwrap();
    assert!(refused(&key).contains("the binary is not the one that was signed"));
    let mut content = fs::read(path).unwrap();
    content.push(0);
    fs::write(path, &content).unwrap();
    let forged = signed.replace(&built[0].sha256, &patcher::sha256(&content));
    fs::write(signature_path(path), forged).unwrap();
    assert!(refused(&key).contains("the signature does not verify"));
}

#[test]
fn the_builders_key_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let tally = Tally::new();
    let project = Project::open(&tally.root).unwrap();
    let first = builder_public_key(&project).unwrap();
    let mode = fs::metadata(project.generated().join("builder.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(builder_public_key(&project).unwrap(), first);
}

#[test]
fn a_version_that_does_not_compile_fails_the_build_with_what_the_compiler_said() {
    let tally = Tally::new();
    let (_, inventory) = tally.read();
    let mut plan = plan_of(&inventory, &["reference"]);
    plan.replicas[0].slots.insert("check.judge".to_owned(), "rook".to_owned());
    let Err(Error::Build { summary, details }) = build_plan(&tally, &plan, Kind::Replica) else {
        panic!("it compiles")
    };
    assert!(summary.contains("no method named `is_blank`"), "{summary}");
    assert!(details.contains("src/versions/rook/check/judge.rs:7"), "{details}");
}

#[test]
fn a_build_stops_when_the_flag_is_set() {
    let tally = Tally::new();
    let (project, inventory) = tally.read();
    // A build script that would run for a minute.
    fs::write(
        tally.root.join("reference/wire/build.rs"),
        "fn main() { std::thread::sleep(std::time::Duration::from_secs(60)) }\n",
    )
    .unwrap();
    let targets = Target::of_plan(&plan_of(&inventory, &["reference"]));
    let cancel = AtomicBool::new(false);
    let start = Instant::now();
    let result = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_secs(2));
            cancel.store(true, Ordering::Relaxed);
        });
        let watch = Watch { progress: &|_| {}, cancel: &cancel };
        build(&project, &inventory, Kind::Replica, &targets, &tally.root.join("out"), &watch)
    });
    assert!(matches!(result, Err(Error::Cancelled)), "{result:?}");
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(!tally.root.join("out").exists());
}

#[test]
fn two_builds_in_one_project_take_turns() {
    let tally = Tally::new();
    let plans: Vec<Plan> = ["heron", "ibis", "crane", "reference"]
        .map(|family| plan_of(&tally.read().1, &[family]))
        .into();
    let digests: Vec<String> = thread::scope(|scope| {
        let builds: Vec<_> = plans
            .iter()
            .map(|plan| {
                let tally = &tally;
                scope.spawn(move || {
                    let (project, inventory) = tally.read();
                    let output = tally.root.join(&plan.replicas[0].family);
                    let targets = Target::of_plan(plan);
                    unwatched(|watch| {
                        build(&project, &inventory, Kind::Replica, &targets, &output, watch)
                    })
                })
            })
            .collect();
        builds.into_iter().map(|build| build.join().unwrap().unwrap().remove(0).sha256).collect()
    });
    let distinct: std::collections::BTreeSet<&String> = digests.iter().collect();
    assert_eq!(distinct.len(), 4);
}
