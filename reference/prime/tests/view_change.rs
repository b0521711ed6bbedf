//! Whole replicas through view changes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/chaos.rs"]
mod chaos;

use chaos::Chaos;
use wire::{ReplicaId, View};

const SIZES: [(u16, u16, u16); 2] = [(4, 1, 0), (6, 1, 1)];

#[test]
fn a_view_change_in_mid_load_loses_nothing() {
    for (n, f, k) in SIZES {
        let mut chaos = Chaos::new(n, f, k, 1);
        for _ in 0..10 {
            chaos.submit();
            chaos.run(1);
        }
        chaos.elect_everywhere(1);
        for _ in 0..10 {
            chaos.submit();
            chaos.run(1);
        }
        let rounds = chaos.settle(500).unwrap();
        chaos.verify();
        println!("{n}: settled after {rounds} rounds");
        assert!((1..=n).all(|id| chaos.machine(id).order().view == View(1)));
    }
}

/// Everything at once, by `seed`: load, losses, elections seen by some first, crashes in the middle of
/// steps.
fn storm(seed: u64) -> Chaos {
    let (n, f, k) = SIZES[usize::try_from(seed % 2).unwrap()];
    let mut chaos = Chaos::new(n, f, k, seed);
    chaos.loss = chaos.random(30);
    chaos.delay = chaos.random(60);
    chaos.crashes = chaos.random(3) * 20;
    let mut view = 0;
    let rounds = 40 + chaos.random(60);
    for _ in 0..rounds {
        if chaos.submitted < 12 && chaos.random(4) == 0 {
            chaos.submit();
        }
        if view < 4 && chaos.random(25) == 0 {
            view += 1;
            for id in chaos.config.replicas() {
                if chaos.random(3) > 0 {
                    chaos.elect(id, view);
                }
            }
        }
        for id in chaos.down() {
            if chaos.random(10) == 0 {
                chaos.start(id);
            }
        }
        chaos.run(1);
    }
    view += 1;
    chaos.elect(ReplicaId(1), view);
    if let Err(stand) = chaos.settle(1500) {
        panic!("seed {seed}: no progress\n{stand}");
    }
    chaos.verify();
    chaos
}

#[test]
fn storms_of_losses_crashes_and_elections_end_in_agreement() {
    let mut crashed = 0;
    for seed in 0..40 {
        crashed += storm(seed).crashed;
    }
    assert!(crashed > 10, "crashes happen: {crashed}");
}
