//! Machines in shared libraries behave in the simulator as the same machines linked in.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[expect(dead_code, reason = "its wrongs are for other tests")]
#[path = "../../boundary/examples/toy/machine.rs"]
mod machine;

use boundary::{Library, Loaded, ServiceKind};
use machine::Toy;
use sim::{Adversaries, Attack, Cryptography, Faults, Options, Setup};
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::process::Command;
use std::sync::Arc;
use wire::{Machine, Proofs};

/// Builds `example` of `package` with this test's own cargo, and opens four copies: each replica has a
/// library of its own, as in a mixed cluster.
fn libraries(package: &str, example: &str) -> Vec<Arc<Library>> {
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--offline", "-p", package, "--example", example])
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(built.unwrap().success());
    let path = target.join("debug/examples").join(format!("{DLL_PREFIX}{example}{DLL_SUFFIX}"));
    let folder = path.parent().unwrap().join("one-library-each");
    std::fs::create_dir_all(&folder).unwrap();
    let open = |replica| {
        let name = format!("{example}-{}-{replica}{DLL_SUFFIX}", std::process::id());
        let copy = folder.join(name);
        std::fs::copy(&path, &copy).unwrap();
        let library = Library::open(&copy).unwrap();
        std::fs::remove_file(copy).unwrap();
        library
    };
    (1..=4).map(open).collect()
}

fn loaded(package: &str, example: &str) -> Setup<Loaded> {
    let libraries = libraries(package, example);
    sim::kv_setup_with(move |config, me, scheme| {
        let (library, scheme) = (&libraries[me.index()], scheme.clone());
        Loaded::create_with(library, config, me, scheme, ServiceKind::Store)
    })
}

fn linked<M: Machine>() -> Setup<M> {
    sim::kv_setup(|config, me| M::new(config, me, Box::new(kv::Store::default())))
}

fn options(faults: Faults, adversaries: Adversaries) -> Options {
    Options { replicas: 4, recovering: 0, faults, adversaries, scenario: None }
}

#[test]
fn four_loaded_replicas_leave_the_trace_of_four_linked_ones() {
    let (loaded, linked) = (loaded("boundary", "toy"), linked::<Toy>());
    let options = options(Faults::Network, Adversaries::None);
    for seed in 0..4 {
        let inside = sim::run(seed, &options, &loaded);
        let outside = sim::run(seed, &options, &linked);
        assert_eq!(inside.violation, None);
        assert_eq!(inside.trace, outside.trace, "seed {seed}");
        assert!(inside.executed > 2 && inside.executed == outside.executed);
    }
}

/// What proves a change of views, shares and threshold signatures too, goes in and comes out.
#[test]
fn loaded_replicas_change_views_as_linked_ones_do_with_either_kind_of_proof_and_of_signature() {
    let (mut loaded, mut linked) = (loaded("sim", "prime_library"), linked::<prime::Replica>());
    let options = options(Faults::None, Adversaries::One(Attack::SilentLeader));
    let sorts = [
        (Proofs::Certificate, Cryptography::Stub),
        (Proofs::Threshold, Cryptography::Stub),
        (Proofs::Threshold, Cryptography::Real),
    ];
    for sort in sorts {
        let (proofs, cryptography) = sort;
        (loaded.cryptography, linked.cryptography) = (cryptography, cryptography);
        let mut parameters = sim::parameters(1, &options);
        parameters.faulty = [(parameters.first_leader(), Attack::SilentLeader)].into();
        parameters.config.proofs = proofs;
        let inside = sim::run_with(1, parameters.clone(), &loaded, None);
        let outside = sim::run_with(1, parameters, &linked, None);
        assert_eq!(inside.violation, None, "{sort:?}");
        assert_eq!(inside.trace, outside.trace, "{sort:?}");
        assert!(inside.tally.views > 0, "{sort:?}");
    }
}
