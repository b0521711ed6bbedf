//! Servers that lose their logs: nothing that they forgot is contradicted, and they serve again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/chaos.rs"]
mod chaos;
#[path = "support/lost.rs"]
mod lost;

use chaos::{Chaos, seal};
use prime::pre_order::last_matrix;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use wire::auth::Context;
use wire::prime::{Body, Commit, Incoming, LIFE, PoRequest, PrePrepare, Prime};
use wire::stub::Stub;
use wire::{
    Blob, ClientId, ClientSeq, Input, List, Machine, Memory, PoSeq, Protocol, Record, ReplicaId,
    Seq, Signer, Update, Verified, View,
};

const SIZES: [(u16, u16, u16); 2] = [(4, 1, 0), (6, 1, 1)];

#[test]
fn who_lost_its_log_serves_again_even_if_nobody_has_anything_to_say() {
    for (n, f, k) in SIZES {
        for seed in 0..12 {
            let mut chaos = Chaos::new(n, f, k, seed);
            chaos.load(6, 3);
            let id = 2 + u16::try_from(seed).unwrap() % (n - 1);
            chaos.run(u32::try_from(seed % 4).unwrap() * 30);
            chaos.lose(ReplicaId(id), false);
            assert!(chaos.machine(id).status().recovering);
            let rounds = chaos.await_return(id);
            println!("{n}, seed {seed}: {id} is back after {rounds} rounds");
            let open = chaos.machine(id).rejoining().open().unwrap();
            assert_eq!(open.view, View(0));
            // It originates, and from the next view on its vote is enough where it is needed.
            let prefix = chaos.machine(id).execute().prefix.clone();
            chaos.submitted += 1;
            chaos.originate(ReplicaId(id), chaos.submitted);
            chaos.run(60);
            let executed = chaos.machine(1).execute().prefix.clone();
            let at = usize::from(id - 1);
            assert_eq!(executed[at], prefix[at].next(), "{n}, seed {seed}");
            chaos.elect_everywhere(1);
            chaos.run(60);
            let others = (1..=n).filter(|other| *other != id && *other != 2);
            let spare = usize::from(n) - chaos.config.quorum();
            for down in others.take(spare) {
                chaos.kill(ReplicaId(down));
            }
            if id != 2 {
                let before = chaos.machine(id).execute().index;
                chaos.load(3, 100);
                assert!(chaos.machine(id).execute().index >= before + 3, "{n}, seed {seed}");
            }
            chaos.settle(800).unwrap();
            chaos.verify();
        }
    }
}

/// In a later view it learns the Replay certificate too, and the next Report names it.
/// Such logs were once written: the life stood in a row, and the next row promised took its place.
#[test]
fn a_log_that_names_the_loss_and_no_life_is_started_from_and_its_server_serves_again() {
    for seed in 0..4 {
        let mut chaos = Chaos::new(4, 1, 0, seed);
        let id = 2 + u16::try_from(seed).unwrap() % 3;
        chaos.load(6, 3);
        chaos.lose(ReplicaId(id), false);
        chaos.run(2);
        chaos.kill(ReplicaId(id));
        let log = &mut chaos.hosts.get_mut(&ReplicaId(id)).unwrap().log;
        let lost = log.iter_mut().find_map(|record| match record {
            Record::Promise(Body::CatchUpRequest(mark)) => Some(mark),
            _ => None,
        });
        lost.unwrap().ordered = Seq(0);
        let lives = |record: &Record<Prime>| {
            let Record::Promise(Body::PoAru(row)) = record else { return false };
            row.vec[usize::from(id - 1)] >= LIFE
        };
        log.retain(|record| !lives(record));
        // The second start finds what the first one logged.
        for _ in 0..2 {
            chaos.start_with(ReplicaId(id), Memory::Whole);
            assert!(chaos.machine(id).rejoining().silent(), "{seed}");
        }
        chaos.await_return(id);
        chaos.load(3, 100);
        chaos.settle(800).unwrap();
        chaos.verify();
    }
}

#[test]
fn who_lost_its_log_in_a_later_view_names_its_replay_in_the_next() {
    for (n, f, k) in SIZES {
        for seed in 0..6 {
            let mut chaos = Chaos::new(n, f, k, seed);
            chaos.load(3, 5);
            chaos.elect_everywhere(1);
            chaos.run(60);
            chaos.elect_everywhere(2);
            chaos.run(60);
            chaos.load(3, 20);
            let id = 4;
            chaos.lose(ReplicaId(id), false);
            chaos.await_return(id);
            let open = chaos.machine(id).rejoining().open().unwrap();
            assert_eq!(open.view, View(2), "{n}, seed {seed}");
            let named = chaos.machine(id).view_change().certificate.clone().unwrap();
            assert_eq!(named.replay.body.constraint.view, View(2), "{n}, seed {seed}");
            // It restarts from the log that it began, and is still what it was.
            chaos.kill(ReplicaId(id));
            chaos.start(ReplicaId(id));
            assert_eq!(chaos.machine(id).rejoining().open().unwrap().view, View(2));
            assert_eq!(chaos.machine(id).view_change().certificate, Some(named));
            chaos.elect_everywhere(3);
            chaos.run(80);
            assert_eq!(chaos.machine(id).order().view, View(3), "{n}, seed {seed}");
            chaos.settle(800).unwrap();
            chaos.verify();
        }
    }
}

/// Without the votes of the Replay certificate it stays silent: its Report would leave them out.
#[test]
fn who_cannot_name_the_replay_of_its_view_stays_silent() {
    let mut chaos = Chaos::new(4, 1, 0, 1);
    chaos.load(3, 5);
    chaos.elect_everywhere(1);
    chaos.run(60);
    chaos.load(3, 20);
    let id = ReplicaId(4);
    chaos.lose(id, false);
    for _ in 0..600 {
        chaos.round(&mut |to, message| to != id || !matches!(message, Incoming::ReplayPrepare(_)));
    }
    assert_eq!(chaos.machine(4).order().view, View(1));
    assert_eq!(chaos.machine(4).execute().executed, chaos.machine(1).execute().executed);
    assert!(chaos.machine(4).rejoining().silent());
    chaos.await_return(4);
    chaos.settle(400).unwrap();
    chaos.verify();
}

/// An originator that equivocates finds nobody who acknowledged one request and forgot it.
#[test]
fn what_was_acknowledged_and_forgotten_is_not_acknowledged_again() {
    for seed in 0..4 {
        let mut chaos = Chaos::new(6, 1, 1, seed);
        let (traitor, forgetful) = (ReplicaId(2), ReplicaId(6));
        chaos.traitor = Some(traitor);
        chaos.kill(traitor);
        let request = |chaos: &Chaos, client| {
            let updates = List::new(vec![update(chaos, client).signed().clone()]).unwrap();
            seal(&chaos.config, traitor, PoRequest { seq: PoSeq(1), updates })
        };
        let (first, second) = (request(&chaos, 7), request(&chaos, 8));
        chaos.step(forgetful, Input::Message(first.clone()));
        chaos.run(20);
        let key = (forgetful, traitor, PoSeq(1));
        assert_eq!(chaos.acked.get(&key), Some(&Prime::digest(&first)), "seed {seed}");
        chaos.lose(forgetful, false);
        for _ in 0..400 {
            chaos.round(&mut |_, message| !matches!(message, Incoming::PoRequest(_)));
        }
        assert!(chaos.machine(6).rejoining().open().is_some(), "seed {seed}");
        chaos.step(forgetful, Input::Message(second));
        // Whatever it said to that would have been noticed.
        chaos.run(100);
        let held = chaos.machine(6).pre_order().slot(traitor, PoSeq(1)).unwrap();
        assert!(held.request.is_some() && !held.acks.contains_key(&forgetful), "seed {seed}");
        // The traitor's numbers are not passed over for its sake.
        assert!(!chaos.is_back(6));
    }
}

/// A leader that equivocates finds nobody who prepared one proposal and forgot it, also above the
/// number from which on everybody knows who is new.
#[test]
fn what_was_prepared_and_forgotten_is_not_prepared_again() {
    let mut chaos = Chaos::new(6, 1, 1, 1);
    let (traitor, forgetful) = (ReplicaId(1), ReplicaId(6));
    chaos.kill(traitor);
    chaos.traitor = Some(traitor);
    let next = |chaos: &mut Chaos, client: u32, seq: u64| {
        let update = update(chaos, client);
        chaos.step(ReplicaId(3), Input::Update(update));
        for _ in 0..60 {
            chaos.round(&mut |_, message| !matches!(message, Incoming::PrePrepare(_)));
        }
        let matrix = last_matrix(chaos.machine(4).pre_order());
        seal(&chaos.config, traitor, PrePrepare { view: View(0), seq: Seq(seq), matrix })
    };
    for seq in 1..=2 {
        let proposal = next(&mut chaos, u32::try_from(seq).unwrap(), seq);
        chaos.step(forgetful, Input::Message(proposal));
    }
    chaos.wire.retain(|(_, message)| !matches!(message, Incoming::PrePrepare(_)));
    let prepared = |chaos: &Chaos| {
        chaos.said.keys().filter(|word| word.0 == forgetful && word.1 == "prepare").count()
    };
    assert_eq!(prepared(&chaos), 2);
    chaos.lose(forgetful, false);
    chaos.run(300);
    for seq in 1..=2 {
        let proposal = next(&mut chaos, u32::try_from(seq).unwrap() + 2, seq);
        let digest = Prime::digest(&proposal);
        let commit = Commit { view: View(0), seq: Seq(seq), digest };
        let commit = seal(&chaos.config, traitor, commit);
        for id in 2..=6 {
            chaos.step(ReplicaId(id), Input::Message(proposal.clone()));
        }
        for id in 2..=6 {
            chaos.step(ReplicaId(id), Input::Message(commit.clone()));
        }
        chaos.run(300);
        assert_eq!(chaos.machine(6).execute().executed, Seq(seq));
        assert!(chaos.machine(6).rejoining().open().is_some());
    }
}

/// What an originator sends while its numbers are about to be passed over is originated again; no
/// client has to ask twice.
#[test]
fn an_update_in_a_number_that_is_passed_over_is_executed_all_the_same() {
    let mut passed_over = 0;
    for seed in 0..8 {
        let mut chaos = Chaos::new(4, 1, 0, seed);
        chaos.load(4, 10);
        chaos.lose(ReplicaId(4), false);
        let renews = |chaos: &Chaos| chaos.machine(3).pre_order().sent_aru[2] >= LIFE;
        while !renews(&chaos) {
            chaos.run(1);
        }
        let before = chaos.machine(3).pre_order().last_own;
        chaos.submitted += 1;
        chaos.originate(ReplicaId(3), chaos.submitted);
        chaos.run(200);
        assert_eq!(chaos.machine(1).execute().index, chaos.submitted, "seed {seed}");
        passed_over += u32::from(chaos.machine(3).pre_order().last_own.0 > before.0 + 1);
        chaos.settle(400).unwrap();
        chaos.verify();
    }
    assert!(passed_over > 4, "{passed_over}");
}

/// Its originator is never idle before f others go down, and then every acknowledgement is needed.
#[test]
fn a_number_that_one_without_its_log_does_not_acknowledge_is_passed_over_in_the_end() {
    for seed in 0..6 {
        let renewal = 300_000;
        let mut chaos = Chaos::with(4, 1, 0, seed, |config| config.timing.renewal = renewal);
        chaos.load(6, 3);
        chaos.lose(ReplicaId(4), false);
        while chaos.machine(4).rejoining().open().is_none() {
            chaos.submitted += 1;
            chaos.originate(ReplicaId(3), chaos.submitted);
            chaos.run(1);
        }
        chaos.kill(ReplicaId(2));
        // It votes again from the next view on.
        chaos.elect_everywhere(2);
        let before = chaos.machine(1).execute().prefix[2];
        assert!(
            chaos.machine(3).pre_order().last_own > before,
            "seed {seed}: nothing is under way"
        );
        let rounds = u32::try_from(renewal / 2_000).unwrap();
        chaos.run(rounds / 2);
        assert!(
            chaos.machine(1).execute().index < chaos.submitted,
            "seed {seed}: nothing is held up"
        );
        chaos.run(2 * rounds);
        assert_eq!(chaos.machine(1).execute().index, chaos.submitted, "seed {seed}");
        chaos.settle(800).unwrap();
        chaos.verify();
    }
}

/// By `seed`: load, losses of messages, elections, crashes, and one server after the other that loses
/// its log; with k = 1, beside a traitor that forgets again and again and votes on.
fn storm(seed: u64, planted: bool) -> (Chaos, u32) {
    let (n, f, k) = SIZES[usize::try_from(seed % 2).unwrap()];
    let mut chaos = Chaos::new(n, f, k, seed);
    chaos.loss = chaos.random(25);
    chaos.delay = chaos.random(50);
    if k > 0 {
        chaos.traitor = Some(ReplicaId(1 + u16::try_from(chaos.random(6)).unwrap()));
    }
    let (mut view, mut lost) = (0, 0);
    let mut last: Option<ReplicaId> = None;
    for round in 0..160 {
        if chaos.submitted < 30 && chaos.random(4) == 0 {
            chaos.submit();
        }
        if view < 5 && chaos.random(30) == 0 {
            view += 1;
            for id in chaos.config.replicas() {
                if chaos.random(3) > 0 {
                    chaos.elect(id, view);
                }
            }
        }
        if let Some(traitor) = chaos.traitor.filter(|_| chaos.random(25) == 0) {
            chaos.lose(traitor, true);
        }
        let free = last.is_none_or(|id| chaos.is_back(id.0));
        let id = ReplicaId(1 + u16::try_from(chaos.random(usize::from(n))).unwrap());
        if round > 10 && free && chaos.traitor != Some(id) && chaos.random(20) == 0 {
            chaos.lose(id, planted);
            last = Some(id);
            lost += 1;
        }
        if let Some(id) = last.filter(|_| chaos.random(15) == 0) {
            chaos.kill(id);
            chaos.start(id);
        }
        chaos.run(1);
    }
    (chaos, lost)
}

#[test]
fn storms_in_which_logs_are_lost_contradict_nothing() {
    let mut lost = 0;
    for seed in 0..120 {
        let (mut chaos, count) = storm(seed, false);
        lost += count;
        for turn in 0..6 {
            // A leader that lost its log is replaced.
            chaos.elect_everywhere(6 + turn);
            // A life whose row an old row contradicts is ordered together with something else.
            chaos.submit();
            if chaos.settle(250).is_ok() {
                break;
            }
        }
        if let Err(stand) = chaos.settle(400) {
            let lives = chaos.hosts.values().map(|host| {
                let machine = host.machine.as_ref().unwrap();
                let prefix = &machine.execute().prefix;
                let sent = &machine.pre_order().sent_aru;
                format!("{prefix:?} {sent:?} {:?}", machine.rejoining())
            });
            let lives = lives.collect::<Vec<_>>().join("\n");
            panic!("seed {seed}: no progress\n{stand}\n{lives}");
        }
        chaos.verify();
    }
    assert!(lost > 100, "logs are lost: {lost}");
}

/// The same storms, but those that lost their logs vote at once.
#[test]
fn the_same_storms_catch_those_that_vote_at_once() {
    let caught = |seed: &u64| catch_unwind(AssertUnwindSafe(|| storm(*seed, true))).is_err();
    let count = (0..40).filter(caught).count();
    assert!(count > 10, "caught in {count} storms of 40");
}

fn update(chaos: &Chaos, client: u32) -> Verified<Update> {
    let id = ClientId(client);
    let signer = Signer::new(Context::from(&chaos.config), Arc::new(Stub(id.into())));
    let payload = Blob::new(client.to_le_bytes().to_vec()).unwrap();
    signer.sign_all(id, vec![Update { seq: ClientSeq(1), payload }]).remove(0)
}

/// Only those of `group` hear each other's votes on `proposal`, which all of them are shown, and the
/// traitor's.
fn order_among(chaos: &mut Chaos, group: [u16; 3], proposal: &Incoming) {
    let traitor = chaos.traitor.unwrap();
    for id in group {
        chaos.step(ReplicaId(id), Input::Message(proposal.clone()));
    }
    let digest = Prime::digest(proposal);
    let commit = Commit { view: View(0), seq: Seq(1), digest };
    let commit = seal(&chaos.config, traitor, commit);
    for _ in 0..40 {
        for id in group {
            chaos.step(ReplicaId(id), Input::Message(commit.clone()));
        }
        chaos.round(&mut |to, message| {
            let votes = matches!(message, Incoming::Prepare(_) | Incoming::Commit(_));
            votes && group.contains(&to.0) && group.contains(&Prime::sender(message).0)
        });
    }
}

/// A traitor that leads shows two groups two proposals. The groups share nobody, unless one forgets
/// whose side it was on.
fn two_proposals(planted: bool) -> Chaos {
    let mut chaos = Chaos::new(6, 1, 1, 1);
    let (traitor, forgetful) = (ReplicaId(1), ReplicaId(6));
    chaos.kill(traitor);
    let mut quiet =
        |_: ReplicaId, message: &Incoming| !matches!(message, Incoming::OrderedCertificate(_));
    let mut matrices = Vec::new();
    for (client, originator) in [(1, 3), (2, 2)] {
        let update = update(&chaos, client);
        chaos.step(ReplicaId(originator), Input::Update(update));
        for _ in 0..40 {
            chaos.round(&mut quiet);
        }
        matrices.push(last_matrix(chaos.machine(4).pre_order()));
    }
    chaos.traitor = Some(traitor);
    chaos.wire.clear();
    let proposals = matrices.into_iter().map(|matrix| {
        seal(&chaos.config, traitor, PrePrepare { view: View(0), seq: Seq(1), matrix })
    });
    let proposals: Vec<Incoming> = proposals.collect();
    order_among(&mut chaos, [2, 3, 6], &proposals[0]);
    assert!([2, 3, 6].iter().all(|id| chaos.machine(*id).execute().index == 1));
    chaos.wire.clear();
    chaos.lose(forgetful, planted);
    for _ in 0..40 {
        // It hears the rows again, so that it could join in.
        chaos.round(&mut |to, message| to == forgetful && matches!(message, Incoming::PoAru(_)));
    }
    if planted {
        // Nobody looks over its shoulder: the deed itself must show.
        chaos.said.retain(|word, _| word.0 != forgetful);
        chaos.acked.retain(|key, _| key.0 != forgetful);
    }
    order_among(&mut chaos, [4, 5, 6], &proposals[1]);
    chaos
}

#[test]
fn one_that_forgot_its_vote_does_not_order_two_things() {
    let chaos = two_proposals(false);
    assert!([4, 5].iter().all(|id| chaos.machine(*id).execute().index == 0));
    assert_eq!(chaos.executed.len(), 1);
    let two = catch_unwind(AssertUnwindSafe(|| two_proposals(true)));
    let message = two.map(drop).unwrap_err();
    let message = message.downcast_ref::<String>().unwrap();
    assert!(message.contains("two updates at position 1"), "{message}");
}
