//! Machines in shared libraries behave in the simulator as the same machines linked in.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[expect(dead_code, reason = "its wrongs are for other tests")]
#[path = "../../boundary/examples/toy/machine.rs"]
mod machine;

use boundary::{Library, Loaded};
use machine::Toy;
use sim::{Adversaries, Faults, Options};
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::PathBuf;
use std::process::Command;
use wire::Machine;

/// Builds the toy's library with this test's own cargo.
fn library() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--offline", "-p", "boundary", "--example", "toy"])
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(built.unwrap().success());
    target.join("debug/examples").join(format!("{DLL_PREFIX}toy{DLL_SUFFIX}"))
}

#[test]
fn four_loaded_replicas_leave_the_trace_of_four_linked_ones() {
    let path = library();
    // Each replica has a library of its own, as in a mixed cluster.
    let folder = path.parent().unwrap().join("one-library-each");
    std::fs::create_dir_all(&folder).unwrap();
    let libraries: Vec<_> = (1..=4)
        .map(|replica| {
            let copy = folder.join(format!("replica-{}-{replica}{DLL_SUFFIX}", std::process::id()));
            std::fs::copy(&path, &copy).unwrap();
            let library = Library::open(&copy).unwrap();
            std::fs::remove_file(copy).unwrap();
            library
        })
        .collect();
    let loaded =
        sim::kv_setup(move |config, me| Loaded::create(&libraries[me.index()], config, me));
    let linked = sim::kv_setup(|config, me| Toy::new(config, me, Box::new(kv::Store::default())));
    let faults = Faults::Network;
    let adversaries = Adversaries::None;
    let options = Options { replicas: 4, recovering: 0, faults, adversaries, scenario: None };
    for seed in 0..4 {
        let inside = sim::run(seed, &options, &loaded);
        let outside = sim::run(seed, &options, &linked);
        assert_eq!(inside.violation, None);
        assert_eq!(inside.trace, outside.trace, "seed {seed}");
        assert!(inside.executed > 2 && inside.executed == outside.executed);
    }
}
