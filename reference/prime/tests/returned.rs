//! Servers that lost their logs and are back: nothing of before is held against them, and they count
//! again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/chaos.rs"]
#[expect(dead_code, reason = "shared with the tests of view changes")]
mod chaos;
#[path = "support/lost.rs"]
mod lost;

use chaos::{Chaos, client_update, seal};
use std::collections::BTreeSet;
use std::sync::Arc;
use wire::auth::Context;
use wire::prime::{Incoming, LIFE, PoAru, PoAruConflict, PoRequest};
use wire::stub::Stub;
use wire::{Input, List, Machine, PoSeq, ReplicaId, Signer, View};

const SIZES: [(u16, u16, u16); 2] = [(4, 1, 0), (6, 1, 1)];

fn blamed(chaos: &Chaos) -> BTreeSet<ReplicaId> {
    let machines = chaos.hosts.values().filter_map(|host| host.machine.as_ref());
    machines.flat_map(|machine| machine.status().blacklisted).collect()
}

/// Updates come all the time, so that rows are found that say more than what was certified again.
#[test]
fn who_restarts_from_its_new_log_contradicts_nothing_that_it_signed() {
    for (n, f, k) in SIZES {
        for seed in 0..4 {
            let mut chaos = Chaos::new(n, f, k, seed);
            let id = ReplicaId(4);
            chaos.load(10, 2);
            chaos.lose(id, false);
            let mut restarts = 0;
            for round in 0..400 {
                if round % 3 == 0 {
                    chaos.submit();
                }
                chaos.run(1);
                if round % 20 == 0 && chaos.machine(id.0).rejoining().open().is_some() {
                    chaos.kill(id);
                    chaos.start(id);
                    restarts += 1;
                }
                assert_eq!(blamed(&chaos), BTreeSet::new(), "{n}, seed {seed}, round {round}");
            }
            assert!(restarts > 3, "{n}, seed {seed}: {restarts}");
            chaos.settle(800).unwrap();
            chaos.verify();
        }
    }
}

/// A row of before was lost with the log, and says more than anybody has certified since: it is repeated,
/// whatever that means, and a restart believes what it says of nothing that was forgotten.
#[test]
fn a_row_that_was_found_is_kept_to_and_certifies_nothing() {
    let mut chaos = Chaos::new(6, 1, 1, 1);
    let (traitor, id) = (ReplicaId(2), ReplicaId(6));
    chaos.traitor = Some(traitor);
    chaos.kill(traitor);
    let request = |chaos: &Chaos, update| {
        let updates =
            List::new(vec![client_update(&chaos.config, update).signed().clone()]).unwrap();
        seal(&chaos.config, traitor, PoRequest { seq: PoSeq(1), updates })
    };
    let (first, second) = (request(&chaos, 8), request(&chaos, 9));
    for other in [3, 4, 6] {
        chaos.step(ReplicaId(other), Input::Message(first.clone()));
    }
    // It alone hears enough acknowledgements.
    let quiet = |_: ReplicaId, message: &Incoming| {
        !matches!(message, Incoming::PoAcks(m) if m.signer() == id)
            && !matches!(message, Incoming::PoRequest(m) if m.signer() == traitor)
    };
    let run = |chaos: &mut Chaos, rounds| (0..rounds).for_each(|_| chaos.round(&mut { quiet }));
    run(&mut chaos, 20);
    assert_eq!(chaos.machine(6).pre_order().aru()[1], PoSeq(1));
    chaos.lose(id, false);
    run(&mut chaos, 200);
    assert!(chaos.machine(6).rejoining().open().is_some());
    assert_eq!(chaos.machine(6).pre_order().sent_aru[1], PoSeq(1));
    chaos.step(id, Input::Message(second));
    run(&mut chaos, 5);
    chaos.kill(id);
    chaos.start(id);
    let held = chaos.machine(6).pre_order().slot(traitor, PoSeq(1)).unwrap();
    assert!(held.request.is_some() && held.certified.is_none());
    for _ in 0..4 {
        chaos.submitted += 1;
        chaos.originate(ReplicaId(3), chaos.submitted);
        run(&mut chaos, 30);
    }
    assert_eq!(blamed(&chaos), BTreeSet::new());
    assert_eq!(chaos.machine(6).execute().index, 4);
}

/// What it certified in its new life it knows from its log, so nobody has to show it again: neither
/// beyond what it may have forgotten nor below.
#[test]
fn who_restarts_from_its_new_log_knows_what_it_certified_since() {
    for window in [4, 16, 256] {
        let mut chaos = Chaos::with(4, 1, 0, 1, |config| config.windows.preorder = window);
        let id = ReplicaId(4);
        chaos.load(4, 10);
        chaos.lose(id, false);
        while chaos.machine(4).rejoining().open().is_none() {
            chaos.load(1, 6);
        }
        chaos.load(20, 12);
        // What is certified now is not ordered: the leader is silent.
        chaos.kill(ReplicaId(1));
        let before = chaos.machine(4).pre_order().aru();
        chaos.load(3, 12);
        let (certified, executed) =
            (chaos.machine(4).pre_order().aru(), chaos.machine(4).execute().executed);
        assert_ne!(certified, before, "{window}");
        chaos.kill(id);
        chaos.start(id);
        assert_eq!(chaos.machine(4).pre_order().aru(), certified, "{window}");
        assert_eq!(chaos.machine(4).execute().executed, executed, "{window}");
    }
}

/// A row of `signer` whose own entry is `own`, and all others `other`.
fn row(chaos: &Chaos, signer: ReplicaId, own: PoSeq, other: u64) -> PoAru {
    let mut vec = vec![PoSeq(other); chaos.config.size()];
    vec[signer.index()] = own;
    PoAru { vec: List::new(vec).unwrap() }
}

fn proof(chaos: &Chaos, signer: ReplicaId, rows: [PoAru; 2]) -> PoAruConflict {
    let signing = Signer::new(Context::from(&chaos.config), Arc::new(Stub(signer.into())));
    let [first, second] = rows.map(|row| signing.sign_all(signer, vec![row]).remove(0));
    PoAruConflict { first: first.signed().clone(), second: second.signed().clone() }
}

/// A faulty leader could leave the convict's rows out, and nobody would hold that against it.
#[test]
fn an_old_row_that_turns_up_late_proves_nothing() {
    let mut chaos = Chaos::new(6, 1, 1, 1);
    let id = ReplicaId(4);
    chaos.load(6, 5);
    chaos.lose(id, false);
    chaos.await_return(4);
    let old = row(&chaos, id, PoSeq(1), 200);
    let shown = seal(&chaos.config, id, old.clone());
    for other in [1, 2, 3, 5, 6] {
        chaos.step(ReplicaId(other), Input::Message(shown.clone()));
    }
    // In somebody's proof as well.
    let life = chaos.machine(1).pre_order().rows[3].as_ref().unwrap().body().clone();
    assert!(life.vec[3] >= LIFE);
    let shown = seal(&chaos.config, ReplicaId(5), proof(&chaos, id, [life.clone(), old]));
    chaos.step(ReplicaId(2), Input::Message(shown));
    chaos.run(20);
    assert_eq!(blamed(&chaos), BTreeSet::new());
    // Its rows are followed all the same.
    chaos.load(3, 40);
    for other in [1, 2, 3, 5, 6] {
        let held = chaos.machine(other).pre_order().rows[3].as_ref().unwrap();
        assert!(held.body().vec[3] >= LIFE && held.body().vec != life.vec, "{other}");
    }
    // Rows of the new life do convict.
    let own = life.vec[3];
    let rows = [row(&chaos, id, own, 0), row(&chaos, id, PoSeq(own.0 + 1), 0)];
    let mut rows = rows.map(|row| row.vec.to_vec());
    (rows[0][0], rows[1][1]) = (PoSeq(1), PoSeq(1));
    rows[1][3] = own;
    let rows = rows.map(|vec| PoAru { vec: List::new(vec).unwrap() });
    let shown = seal(&chaos.config, ReplicaId(5), proof(&chaos, id, rows));
    chaos.step(ReplicaId(2), Input::Message(shown));
    chaos.run(5);
    assert_eq!(blamed(&chaos), [id].into());
}

#[test]
fn who_is_convicted_before_its_life_is_ordered_is_pardoned_by_it() {
    let mut chaos = Chaos::new(6, 1, 1, 2);
    let id = ReplicaId(4);
    chaos.load(6, 5);
    chaos.lose(id, false);
    // All but the leader and itself hear of a row that went to nobody before, and then of the new one.
    let old = seal(&chaos.config, id, row(&chaos, id, PoSeq(9), 1_000));
    let mut shown = false;
    for round in 0..400 {
        // Leaders need not cover a convict: its life is ordered beside something else.
        if round % 40 == 39 {
            chaos.submit();
        }
        if !shown && chaos.machine(4).pre_order().sent_aru[3] >= LIFE {
            shown = true;
            for other in [2, 3, 5, 6] {
                chaos.step(ReplicaId(other), Input::Message(old.clone()));
            }
            chaos.round(&mut |_, message| matches!(message, Incoming::PoAru(_)));
            chaos.round(&mut |to, message| {
                to != id && matches!(message, Incoming::PoAruConflict(_))
            });
            assert_eq!(blamed(&chaos), [id].into());
        }
        // It does not hear of it.
        chaos.round(&mut |to, message| to != id || !matches!(message, Incoming::PoAruConflict(_)));
    }
    assert!(shown && !chaos.machine(4).rejoining().silent());
    assert_eq!(blamed(&chaos), BTreeSet::new());
    for other in [1, 2, 3, 5, 6] {
        let held = chaos.machine(other).pre_order().rows[3].as_ref().unwrap();
        assert!(held.body().vec[3] >= LIFE, "{other}");
    }
}

/// Its vote on ordering counts in the view in which it came back, from where it cannot have voted before.
#[test]
fn it_votes_in_its_view_again_beyond_the_numbers_on_which_it_may_have_voted() {
    for (n, f, k) in SIZES {
        let mut chaos = Chaos::with(n, f, k, 3, |config| config.windows.order = 8);
        chaos.load(6, 5);
        chaos.lose(ReplicaId(4), false);
        chaos.await_return(4);
        let open = chaos.machine(4).rejoining().open().unwrap().clone();
        assert!(chaos.machine(4).status().recovering, "mute in its view");
        while chaos.machine(1).execute().executed < open.upto {
            chaos.load(1, 20);
        }
        chaos.run(60);
        assert!(!chaos.machine(4).status().recovering);
        // Without it there is no quorum any more.
        for down in (2..=3).take(usize::from(n) - chaos.config.quorum()) {
            chaos.kill(ReplicaId(down));
        }
        let before = chaos.machine(1).execute().index;
        chaos.originate(ReplicaId(1), chaos.submitted + 1);
        chaos.submitted += 1;
        chaos.run(200);
        assert_eq!(chaos.machine(1).execute().index, before + 1, "{n}");
        assert_eq!((chaos.machine(1).order().view, open.view), (View(0), View(0)));
    }
}

/// An originator that is faulty, or down, says nothing for its sake.
#[test]
fn a_silent_originator_does_not_keep_it_among_those_that_recover() {
    let mut chaos = Chaos::with(6, 1, 1, 3, |config| config.windows.order = 4);
    chaos.load(6, 5);
    chaos.kill(ReplicaId(5));
    chaos.lose(ReplicaId(6), false);
    for _ in 0..12 {
        chaos.load(1, 60);
    }
    assert!(!chaos.is_back(6), "one originator keeps silent");
    assert!(!chaos.machine(6).status().recovering);
    // Two may be correct ones that wait for it.
    let acks = chaos.machine(6).rejoining().open().unwrap().acks.clone();
    let mut prefix = chaos.machine(6).execute().prefix.clone();
    prefix[1] = PoSeq(acks[1].0 - 1);
    let reached = (View(9), chaos.machine(6).execute().executed);
    assert!(chaos.machine(6).rejoining().recovering(&chaos.config, reached, &prefix));
}

/// The log of one that owes it numbers begins with a state in which the life is long over.
#[test]
fn what_others_owe_it_they_owe_after_a_restart_too() {
    let mut chaos = Chaos::with(4, 1, 0, 1, |config| config.windows.checkpoint = 4);
    let busy = ReplicaId(3);
    let originate = |chaos: &mut Chaos| {
        chaos.submitted += 1;
        chaos.originate(busy, chaos.submitted);
        chaos.run(2);
    };
    chaos.load(4, 10);
    chaos.lose(ReplicaId(4), false);
    // As long as something of its own is under way it passes over nothing.
    while chaos.machine(4).rejoining().silent() {
        originate(&mut chaos);
    }
    (0..40).for_each(|_| originate(&mut chaos));
    let until = chaos.machine(4).rejoining().open().unwrap().acks[2];
    assert!(chaos.machine(3).execute().prefix[2] < until);
    chaos.kill(busy);
    chaos.start(busy);
    chaos.run(400);
    assert!(chaos.machine(3).execute().prefix[2] >= until);
    assert!(chaos.is_back(4));
}

/// Numbers that a life passed over are nobody's to send.
#[test]
fn numbers_that_were_passed_over_are_not_asked_for() {
    let mut chaos = Chaos::new(6, 1, 1, 1);
    chaos.load(8, 10);
    // From here on one server hears nothing but votes: what it lacks it learns all at once.
    let late = ReplicaId(2);
    let deaf = |to: ReplicaId, message: &Incoming| {
        to != late
            || matches!(
                message,
                Incoming::PrePrepare(_)
                    | Incoming::Prepare(_)
                    | Incoming::Commit(_)
                    | Incoming::PoAru(_)
                    | Incoming::OrderedCertificate(_)
            )
    };
    let mut asked = BTreeSet::new();
    let lives = |chaos: &Chaos| {
        let rows = &chaos.machine(1).checkpoint().preceding.rows;
        rows.iter().flatten().filter(|row| row.body.vec[row.signer.index()] >= LIFE).count()
    };
    chaos.originate(ReplicaId(3), chaos.submitted + 1);
    chaos.submitted += 1;
    for _ in 0..30 {
        chaos.round(&mut |to, message| deaf(to, message));
    }
    chaos.lose(ReplicaId(6), false);
    for round in 0..600 {
        if round % 40 == 39 {
            chaos.originate(ReplicaId(3), chaos.submitted + 1);
            chaos.submitted += 1;
        }
        chaos.round(&mut |to, message| {
            if let Incoming::ReconRequest(m) = message
                && m.signer() == late
            {
                asked.insert((m.body().originator, m.body().seq));
            }
            deaf(to, message)
        });
    }
    assert!(lives(&chaos) > 1, "somebody began a life for another's sake");
    let reached = &chaos.machine(1).execute().prefix;
    assert!(chaos.machine(2).execute().executed < chaos.machine(1).execute().executed);
    assert!(!asked.is_empty());
    // Every number that is asked for was sent once: before a life, or after it.
    let held = |key: &(ReplicaId, PoSeq)| {
        chaos.said.keys().any(|word| (word.1, word.0, word.3) == ("po-request", key.0, key.1.0))
    };
    assert!(asked.iter().all(held), "of {reached:?}: {asked:?}");
}
