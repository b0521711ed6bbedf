//! Whole replicas through view changes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/chaos.rs"]
mod chaos;

use chaos::Chaos;
use std::collections::BTreeMap;
use wire::prime::{Constraint, Incoming, Prime, Replay, VcPartialSig};
use wire::{Input, List, Protocol, ReplicaId, Signed, View};

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
    for seed in 0..150 {
        crashed += storm(seed).crashed;
    }
    assert!(crashed > 10, "crashes happen: {crashed}");
}

/// Whether `message` is a word about the change itself, by `id`.
fn of_change(message: &Incoming, id: ReplicaId) -> bool {
    let about = matches!(
        message,
        Incoming::RbInit(_)
            | Incoming::RbEcho(_)
            | Incoming::RbReady(_)
            | Incoming::VcList(_)
            | Incoming::VcPartialSig(_)
            | Incoming::VcProof(_)
            | Incoming::ReplayPrepare(_)
            | Incoming::ReplayCommit(_)
            | Incoming::InstallCertificate(_)
    );
    about && Prime::sender(message) == id
}

/// What only one server executed is executed by all, although the list leaves that server out.
#[test]
fn a_list_without_the_one_server_that_executed_binds_what_it_executed() {
    for seed in 0..20 {
        let mut chaos = Chaos::new(4, 1, 0, seed);
        // Server 2 leads view 1.
        let lucky = ReplicaId([1, 3, 4][usize::try_from(seed % 3).unwrap()]);
        chaos.submit();
        // Commits reach one server only.
        for _ in 0..30 {
            chaos.round(&mut |to, message| to == lucky || !matches!(message, Incoming::Commit(_)));
        }
        assert_eq!(chaos.executed.len(), 1, "seed {seed}");
        let alone = chaos.machine(lucky.0).execute().index;
        assert_eq!(alone, 1, "seed {seed}");
        assert!(
            (1..=4).filter(|id| *id != lucky.0).all(|id| chaos.machine(id).execute().index == 0)
        );
        chaos.elect_everywhere(1);
        for _ in 0..60 {
            chaos.round(&mut |to, message| {
                to != lucky
                    && !of_change(message, lucky)
                    && !matches!(message, Incoming::OrderedCertificate(_))
            });
        }
        for id in (1..=4).filter(|id| *id != lucky.0) {
            assert_eq!(chaos.machine(id).order().view, View(1), "seed {seed}: {id}");
            assert_eq!(chaos.machine(id).execute().index, 1, "seed {seed}: {id}");
        }
        chaos.settle(500).unwrap();
        chaos.verify();
    }
}

/// A number that was not prepared below one that was becomes a no-op, which is executed by nobody, and
/// what it would have made eligible is ordered later.
#[test]
fn gaps_become_no_ops() {
    for seed in 0..20 {
        let mut chaos = Chaos::new(4, 1, 0, seed);
        for _ in 0..3 {
            chaos.submit();
            for _ in 0..6 {
                chaos.round(&mut |_, message| match message {
                    Incoming::Commit(_) | Incoming::OrderedCertificate(_) => false,
                    Incoming::Prepare(vote) => vote.body().seq.0 != 1,
                    _ => true,
                });
            }
        }
        assert!(chaos.executed.is_empty(), "seed {seed}");
        chaos.elect_everywhere(1);
        chaos.run(60);
        let certificate = chaos.machine(3).view_change().installs[&View(1)].clone();
        assert_eq!(certificate.resolution.base.0, 0);
        assert!(certificate.resolution.entries.len() >= 2, "seed {seed}: {certificate:?}");
        assert!(certificate.resolution.entries[0].is_none(), "seed {seed}");
        assert!(certificate.resolution.entries[1].is_some(), "seed {seed}");
        chaos.settle(500).unwrap();
        chaos.verify();
    }
}

/// Two view changes with nothing ordered between: what one server executed from the first Replay stays,
/// although a prepare certificate of the view before would say the same or more.
#[test]
fn what_one_server_replayed_is_bound_alike_by_the_next_change() {
    for seed in 0..20 {
        let mut chaos = Chaos::new(4, 1, 0, seed);
        // Numbers 1 and 2: prepared by server 4 alone, so that a list may or may not know of them.
        for _ in 0..2 {
            chaos.submit();
            for _ in 0..6 {
                chaos.round(&mut |to, message| match message {
                    Incoming::Commit(_) | Incoming::OrderedCertificate(_) => false,
                    Incoming::Prepare(_) => to == ReplicaId(4),
                    _ => true,
                });
            }
        }
        chaos.elect_everywhere(1);
        // The first change knows nothing of server 4's; its Replay commits at one server only.
        let lucky = ReplicaId(1 + u16::try_from(seed % 2).unwrap());
        for _ in 0..40 {
            chaos.round(&mut |to, message| {
                let commit = matches!(message, Incoming::ReplayCommit(_));
                let install = matches!(message, Incoming::InstallCertificate(_));
                !of_change(message, ReplicaId(4)) && (!commit || to == lucky) && !install
            });
        }
        assert_eq!(chaos.machine(lucky.0).order().view, View(1), "seed {seed}");
        let first = chaos.machine(lucky.0).view_change().installs[&View(1)].resolution.clone();
        assert!(first.entries.is_empty(), "seed {seed}: {first:?}");
        // The second change leaves the lucky one out and hears of server 4's certificates.
        chaos.elect_everywhere(2);
        for _ in 0..60 {
            chaos.round(&mut |to, message| to != lucky && !of_change(message, lucky));
        }
        let others = (1..=4).filter(|id| *id != lucky.0);
        for id in others {
            let machine = chaos.machine(id);
            assert_eq!(machine.order().view, View(2), "seed {seed}: {id}");
            let second = &machine.view_change().installs[&View(2)].resolution;
            assert_eq!(*second, first, "seed {seed}: certificates of view 0 are over");
        }
        chaos.settle(500).unwrap();
        chaos.verify();
    }
}

/// Whoever slept through everything is shown an install certificate and goes on.
#[test]
fn a_latecomer_is_shown_why_the_view_is_installed() {
    for seed in 0..10 {
        let mut chaos = Chaos::new(4, 1, 0, seed);
        let late = ReplicaId(4);
        chaos.submit();
        let mut away =
            |to: ReplicaId, message: &Incoming| to != late && Prime::sender(message) != late;
        for view in 1..=2 {
            for id in 1..=3 {
                chaos.elect(ReplicaId(id), view);
            }
            for _ in 0..40 {
                chaos.round(&mut away);
            }
            assert!((1..=3).all(|id| chaos.machine(id).order().view == View(view)), "seed {seed}");
            chaos.submit();
        }
        assert_eq!(chaos.machine(4).order().view, View(0));
        // It hears of no votes for leaders and of no broadcasts: the certificate is enough.
        for _ in 0..1200 {
            chaos.round(&mut |_, message| {
                !matches!(message, Incoming::NewLeaderProof(_) | Incoming::RbInit(_))
            });
        }
        assert_eq!(chaos.machine(4).order().view, View(2), "seed {seed}");
        chaos.settle(500).unwrap();
        chaos.verify();
    }
}

/// Each server is killed at each point of a view change in turn, with the step that it was in torn
/// apart.
#[test]
fn a_crash_anywhere_in_a_view_change_contradicts_and_forgets_nothing() {
    let mut crashed = 0;
    for seed in 0..120 {
        let mut chaos = Chaos::new(4, 1, 0, seed);
        chaos.delay = 40;
        for _ in 0..4 {
            chaos.submit();
            chaos.round(&mut |to, message| to.0 < 3 || !matches!(message, Incoming::Commit(_)));
        }
        chaos.crashes = 60;
        chaos.elect_everywhere(1);
        for _ in 0..30 {
            chaos.run(1);
            for id in chaos.down() {
                chaos.start(id);
            }
        }
        crashed += chaos.crashed;
        if let Err(stand) = chaos.settle(800) {
            panic!("seed {seed}: no progress\n{stand}");
        }
        assert!((1..=4).all(|id| chaos.machine(id).order().view == View(1)), "seed {seed}");
        chaos.verify();
    }
    assert!(crashed > 200, "crashes happen: {crashed}");
}

/// A leader that shows two Replays, both proven, is voted out with proof, whoever followed which.
#[test]
fn a_leader_that_sends_two_replays_is_voted_out() {
    let mut tried = 0;
    for seed in 0..40 {
        let mut chaos = Chaos::new(4, 1, 0, seed);
        let (traitor, victim) = (ReplicaId(2), ReplicaId(4));
        chaos.traitor = Some(traitor);
        chaos.delay = 60;
        for _ in 0..4 {
            chaos.submit();
            chaos.run(2);
        }
        chaos.elect_everywhere(1);
        let mut shown = false;
        for _ in 0..80 {
            chaos.round(&mut |to, message| {
                shown || to != victim || !matches!(message, Incoming::Replay(_))
            });
            if let Some(other) = other_replay(&chaos, traitor).filter(|_| !shown) {
                shown = true;
                chaos.step(victim, Input::Message(other));
            }
        }
        if let Err(stand) = chaos.settle(800) {
            panic!("seed {seed}: no progress\n{stand}");
        }
        chaos.verify();
        let view = chaos.machine(1).order().view;
        tried += u32::from(shown);
        assert_eq!(view > View(1), shown, "seed {seed}");
    }
    assert!(tried > 5, "a second Replay can be made: {tried}");
}

/// A Replay that the traitor could have sent beside the one it sent.
fn other_replay(chaos: &Chaos, traitor: ReplicaId) -> Option<Incoming> {
    let round = chaos.machine(traitor.0).view_change().round()?;
    let sent = &round.promised.as_ref()?.constraint;
    let mut signed: BTreeMap<Constraint, BTreeMap<ReplicaId, Signed<VcPartialSig>>> =
        BTreeMap::new();
    for message in &chaos.overheard {
        let Incoming::VcPartialSig(partial) = message else { continue };
        let by = signed.entry(partial.body().constraint.clone()).or_default();
        by.insert(partial.signer(), partial.signed().clone());
    }
    let quorum = chaos.config.quorum();
    let other =
        signed.into_iter().find(|(constraint, by)| constraint != sent && by.len() >= quorum);
    let (constraint, by) = other?;
    let partials = List::new(by.into_values().collect()).unwrap();
    Some(chaos::seal(&chaos.config, traitor, Replay { constraint, partials }))
}

/// Views come and go; what they leave behind in memory and in the log does not add up. The servers
/// restart from what is left.
#[test]
fn many_view_changes_leave_little_behind() {
    let mut chaos = Chaos::new(4, 1, 0, 3);
    assert_eq!(chaos.config.windows.checkpoint, 4);
    let mut sizes = Vec::new();
    for view in 1..=24 {
        for _ in 0..5 {
            chaos.submit();
            chaos.run(4);
        }
        chaos.elect_everywhere(view);
        chaos.run(40);
        for _ in 0..5 {
            chaos.submit();
            let rounds = 1 + u32::try_from(chaos.random(6)).unwrap();
            chaos.run(rounds);
            let id = ReplicaId(1 + u16::try_from(chaos.random(4)).unwrap());
            chaos.kill(id);
            chaos.start(id);
        }
        let state = chaos.machine(3).view_change();
        assert_eq!(state.installed, View(view));
        let log = chaos.hosts[&ReplicaId(3)].log.len();
        sizes.push((log, state.installs.len(), state.resolutions.len(), state.proposals.len()));
    }
    let early = sizes[4..12].iter().map(|size| size.0).max().unwrap();
    let late = sizes[16..].iter().map(|size| size.0).max().unwrap();
    assert!(late < early * 2, "the log grows: {sizes:?}");
    assert!(sizes.iter().all(|size| size.1 < 8 && size.2 < 8), "{sizes:?}");
    chaos.settle(500).unwrap();
    chaos.verify();
}

/// A number that is ordered above one that is not is carried over as well: the one server that executed
/// both is not in the list.
#[test]
fn what_is_ordered_and_not_executed_is_not_lost() {
    let mut arranged = 0;
    for seed in 0..20 {
        let mut chaos = Chaos::new(4, 1, 0, seed);
        let lucky = ReplicaId([1, 3, 4][usize::try_from(seed % 3).unwrap()]);
        for _ in 0..2 {
            chaos.submit();
            for _ in 0..8 {
                chaos.round(&mut |to, message| match message {
                    Incoming::Commit(vote) => to == lucky || vote.body().seq.0 > 1,
                    Incoming::OrderedCertificate(_) => false,
                    _ => true,
                });
            }
        }
        let others = || (1..=4).filter(|id| *id != lucky.0);
        assert_eq!(chaos.machine(lucky.0).execute().index, 2, "seed {seed}");
        let ordered = |id: u16| chaos.machine(id).order().slots.values().any(|slot| slot.committed);
        if !others().all(|id| chaos.machine(id).execute().index == 0 && ordered(id)) {
            continue;
        }
        arranged += 1;
        chaos.elect_everywhere(1);
        for _ in 0..60 {
            chaos.round(&mut |to, message| {
                let certificate = matches!(message, Incoming::OrderedCertificate(_));
                to != lucky && !of_change(message, lucky) && !certificate
            });
        }
        for id in others() {
            let install = &chaos.machine(id).view_change().installs[&View(1)];
            assert_eq!(install.resolution.entries.len(), 2, "seed {seed}: {id}");
            assert!(install.resolution.entries.iter().all(Option::is_some), "seed {seed}: {id}");
        }
        chaos.settle(500).unwrap();
        chaos.verify();
    }
    assert!(arranged > 10, "{arranged}");
}

/// A log that was begun anew at a state of a view before the installed one still leads from there to
/// the installed one.
#[test]
fn a_log_begun_anew_leads_through_the_views_that_it_needs() {
    let mut chaos = Chaos::new(4, 1, 0, 3);
    assert_eq!(chaos.config.windows.checkpoint, 4);
    chaos.elect_everywhere(1);
    chaos.run(40);
    let steady = |chaos: &mut Chaos, upto: u64, checkpoints: bool| {
        while chaos.machine(1).execute().executed.0 < upto {
            chaos.submit();
            for _ in 0..4 {
                chaos.round(&mut |_, message| {
                    let about =
                        matches!(message, Incoming::Checkpoint(_) | Incoming::CheckpointProof(_));
                    checkpoints || !about
                });
            }
        }
    };
    steady(&mut chaos, 9, true);
    steady(&mut chaos, 14, false);
    chaos.elect_everywhere(2);
    for _ in 0..40 {
        chaos.round(&mut |_, message| {
            !matches!(message, Incoming::Checkpoint(_) | Incoming::CheckpointProof(_))
        });
    }
    assert!((1..=4).all(|id| chaos.machine(id).order().view == View(2)));
    let before = chaos.machine(1).checkpoint().stable;
    chaos.run(60);
    assert!(chaos.machine(1).checkpoint().stable > before);
    let executed = chaos.machine(1).execute().executed;
    assert!(executed > chaos.machine(1).checkpoint().stable);
    for id in 1..=4 {
        chaos.kill(ReplicaId(id));
        chaos.start(ReplicaId(id));
        assert_eq!(chaos.machine(id).order().view, View(2));
        assert!(chaos.machine(id).execute().executed >= executed);
    }
    chaos.settle(500).unwrap();
    chaos.verify();
}
