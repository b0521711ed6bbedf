//! Whole replicas through view changes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/chaos.rs"]
mod chaos;

use chaos::Chaos;
use prime::Replica;
use std::collections::BTreeMap;
use wire::prime::{
    Body, Constraint, Incoming, Payload, Prime, Proof, RbInit, Replay, VcPartialSig,
};
use wire::{
    Effect, Effects, Input, List, Machine, Memory, Proofs, Protocol, Record, ReplicaId, Seq,
    Signed, View,
};

const SIZES: [(u16, u16, u16); 2] = [(4, 1, 0), (6, 1, 1)];

#[test]
fn a_view_change_in_mid_load_loses_nothing() {
    // Seeds of both kinds of proofs.
    for ((n, f, k), seed) in SIZES.into_iter().flat_map(|size| [(size, 1), (size, 3)]) {
        let mut chaos = Chaos::new(n, f, k, seed);
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
        let installed = &chaos.machine(n).view_change().installs[&View(1)].replay.body.proof;
        let whole = matches!(installed, Proof::Threshold(_));
        assert_eq!(whole, chaos.config.proofs == Proofs::Threshold);
        assert_eq!(whole, seed == 3);
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
            chaos.round(&mut |to, message| {
                let certificate = matches!(message, Incoming::OrderedCertificate(_));
                to == lucky || !(certificate || matches!(message, Incoming::Commit(_)))
            });
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
    let proof = Proof::Certificate(List::new(by.into_values().collect()).unwrap());
    Some(chaos::seal(&chaos.config, traitor, Replay { constraint, proof }))
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

/// Whoever leads a view is timed from its installation on: it is shown at once why the view is
/// installed, even if no Replay-Commit reaches it.
#[test]
fn the_leader_is_shown_at_once_that_its_view_is_installed() {
    for seed in 0..10 {
        let mut chaos = Chaos::new(4, 1, 0, seed);
        let leader = ReplicaId(2);
        chaos.elect_everywhere(1);
        let mut left_out = |to: ReplicaId, message: &Incoming| {
            to != leader || !matches!(message, Incoming::ReplayCommit(_))
        };
        let mut waited = 0;
        while chaos.machine(2).order().view < View(1) {
            let others = [1, 3, 4].iter().any(|id| chaos.machine(*id).order().view == View(1));
            waited += u32::from(others);
            assert!(waited <= 2, "seed {seed}");
            chaos.round(&mut left_out);
        }
        chaos.settle(500).unwrap();
        chaos.verify();
    }
}

/// What a broadcast binds, whatever the votes that say so.
fn about(init: &RbInit) -> (u32, Option<(Seq, View)>) {
    let entry = match &init.payload {
        Payload::Report(_) => None,
        Payload::Entry(entry) => Some(&entry.pre_prepare().body),
    };
    (init.seq, entry.map(|proposal| (proposal.seq, proposal.view)))
}

/// A log that ends within the broadcasts of a Report and its entries: what is missing is made again, of
/// the same certificates.
#[test]
fn broadcasts_of_which_the_log_has_a_part_are_made_whole() {
    for seed in [1, 2, 4] {
        let mut chaos = Chaos::new(4, 1, 0, seed);
        for _ in 0..3 {
            chaos.submit();
            for _ in 0..8 {
                chaos.round(&mut |_, message| {
                    !matches!(message, Incoming::Commit(_) | Incoming::OrderedCertificate(_))
                });
            }
        }
        let victim = ReplicaId(3);
        chaos.elect(victim, 1);
        let whole = chaos.hosts[&victim].log.clone();
        let inits = |log: &[Record<Prime>]| -> Vec<RbInit> {
            let body = |record: &Record<Prime>| match record {
                Record::Promise(Body::RbInit(init)) => Some(init.clone()),
                _ => None,
            };
            log.iter().filter_map(body).collect()
        };
        let expected = inits(&whole);
        assert!(expected.len() >= 3, "seed {seed}: a Report and entries");
        let first = whole
            .iter()
            .position(|record| !inits(std::slice::from_ref(record)).is_empty())
            .unwrap();
        for length in first + 1..=whole.len() {
            let log = &whole[..length];
            let mut machine = Replica::new(&chaos.config, victim, Box::new(kv::Store::default()));
            let mut effects = Effects::default();
            for record in log {
                machine.step(chaos.now, Input::Recovered(record.clone()), &mut effects);
            }
            machine.step(chaos.now, Input::Start(Memory::Whole), &mut effects);
            let (mut logged, mut said) = (inits(log), Vec::new());
            for effect in effects.drain() {
                match effect {
                    Effect::Persist { record, .. } => logged.extend(inits(&[record])),
                    Effect::Send { body: Body::RbInit(init), .. } => {
                        assert!(logged.contains(&init), "logged before it is sent");
                        said.push(init);
                    }
                    _ => {}
                }
            }
            let about = |inits: &[RbInit]| inits.iter().map(about).collect::<Vec<_>>();
            assert_eq!(about(&said), about(&expected), "seed {seed}: {length} of {}", whole.len());
            let before = inits(log);
            assert_eq!(said[..before.len()], before, "seed {seed}: the exact bytes");
        }
    }
}

/// Leaders come and go and nothing is ordered, so no checkpoint becomes stable: log and memory stay
/// small all the same, and what is left is enough to start from.
#[test]
fn view_changes_without_progress_leave_little_behind() {
    let mut chaos = Chaos::new(4, 1, 0, 1);
    for _ in 0..3 {
        chaos.submit();
        chaos.run(10);
    }
    let mut sizes = Vec::new();
    for view in 1..=120 {
        chaos.elect_everywhere(view);
        let rounds = if view % 3 == 0 { 3 } else { 40 };
        chaos.run(rounds);
        let machine = chaos.machine(3);
        assert_eq!(machine.checkpoint().stable.0, 0);
        let state = machine.view_change();
        sizes.push((
            chaos.hosts[&ReplicaId(3)].log.len(),
            machine.checkpoint().journal.0.len(),
            state.installs.len(),
            state.resolutions.len(),
        ));
    }
    let most = |of: &[(usize, usize, usize, usize)]| of.iter().map(|size| size.0).max().unwrap();
    assert!(most(&sizes[80..]) * 4 < most(&sizes[..40]) * 5, "the log grows: {sizes:?}");
    assert!(sizes.iter().all(|size| size.0 == size.1), "{sizes:?}");
    assert!(sizes.iter().all(|size| size.2 <= 2 && size.3 <= 3), "{sizes:?}");
    for id in 1..=4 {
        chaos.kill(ReplicaId(id));
        chaos.start(ReplicaId(id));
        assert_eq!(chaos.machine(id).order().preinstalled, View(120));
    }
    chaos.submit();
    chaos.settle(500).unwrap();
    chaos.verify();
}

/// What a Replay bound and nobody could order is carried from change to change, and none leads anywhere:
/// each list that is signed rests on the same Pre-Prepares, which the log holds once.
#[test]
fn what_futile_changes_carry_on_is_logged_once() {
    let orders = |message: &Incoming| {
        matches!(message, Incoming::Commit(_) | Incoming::OrderedCertificate(_))
    };
    let mut chaos = Chaos::new(4, 1, 0, 1);
    for _ in 0..5 {
        chaos.submit();
        for _ in 0..6 {
            chaos.round(&mut |_, message| !orders(message));
        }
    }
    chaos.elect_everywhere(1);
    for _ in 0..40 {
        chaos.round(&mut |_, message| {
            !orders(message) && !matches!(message, Incoming::ReplayCommit(_))
        });
    }
    let mut sizes = Vec::new();
    for view in 2..=200 {
        chaos.elect_everywhere(view);
        for _ in 0..20 {
            chaos.round(&mut |_, message| {
                !orders(message) && !matches!(message, Incoming::Replay(_))
            });
        }
        let machine = chaos.machine(3);
        let change = machine.view_change();
        assert_eq!((change.preinstalled, change.installed), (View(view), View(0)));
        let signed = &change.rounds[&View(view)].signed;
        assert!(!signed.is_empty(), "{view}: it signs a list");
        let journal = &machine.checkpoint().journal.0;
        assert_eq!(journal.len(), chaos.hosts[&ReplicaId(3)].log.len());
        sizes.push(journal.len());
    }
    let carried = chaos.machine(3).view_change().proposals.len();
    assert!(carried >= 3, "{carried}");
    let most = |of: &[usize]| of.iter().copied().max().unwrap();
    assert!(most(&sizes[40..]) <= most(&sizes[..40]), "the log grows: {sizes:?}");
    for id in 1..=4 {
        chaos.kill(ReplicaId(id));
        chaos.start(ReplicaId(id));
        let change = chaos.machine(id).view_change();
        assert_eq!(change.preinstalled, View(200));
        let named = change.certificate.as_ref().unwrap().replay.body.constraint.resolution;
        assert!(change.holds(named, Seq(0)), "{id} holds what its Replay binds");
    }
    chaos.settle(500).unwrap();
    chaos.verify();
}
