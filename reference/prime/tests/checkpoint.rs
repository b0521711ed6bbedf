//! Checkpoints, truncation and state transfer, with whole replicas in one process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/cluster.rs"]
#[expect(unreachable_pub, reason = "a file of its own, for any test")]
mod support;

use prime::Replica;
use prime::checkpoint::{MAX_CHUNKS, MAX_SNAPSHOTS, MAX_VOTES, outdated};
use prime::view_change;
use std::collections::BTreeSet;
use support::{Cluster, Ring};
use wire::prime::{
    Body, Checkpoint, CheckpointProof, Constraint, Incoming, InstallCertificate, Matrix,
    NewLeaderProof, Payload, Prime, Proof, RbInit, Replay, ReplayCommit, ReplayPrepare, Report,
    Resolution, ResolutionAnswer, StateId, StateRequest,
};
use wire::{
    Blob, Digest, Effects, Input, List, Machine, Memory, Protocol, Record, Reject, ReplicaId, Seq,
    Time, View,
};

/// Numbers from one checkpoint to the next in these tests.
const INTERVAL: u64 = 8;

fn all(_: ReplicaId, _: ReplicaId, message: Incoming) -> Option<Incoming> {
    Some(message)
}

/// Nothing to and from replica 4.
fn without_4(from: ReplicaId, to: ReplicaId, message: Incoming) -> Option<Incoming> {
    (from != ReplicaId(4) && to != ReplicaId(4)).then_some(message)
}

/// A cluster in which replica 4 was away for so long that the others forgot what it lacks.
fn with_4_behind() -> Cluster {
    let mut cluster = Cluster::new(4, 1, 0, INTERVAL);
    cluster.load(5, &[1, 2, 3, 4], &mut all);
    cluster.load(6 * INTERVAL, &[1, 2, 3], &mut without_4);
    cluster.run(20, &mut without_4);
    assert!(cluster.machine(1).checkpoint().floor > Seq(cluster.executed(4)));
    cluster
}

fn assert_equal_states(cluster: &Cluster) {
    let states: BTreeSet<Digest> =
        cluster.hosts.values().map(|host| host.machine.as_ref().unwrap().replicated()).collect();
    assert_eq!(states.len(), 1);
    for host in cluster.hosts.values() {
        let machine = host.machine.as_ref().unwrap();
        assert_eq!(machine.execute().index, cluster.submitted());
        assert!(machine.status().blacklisted.is_empty());
        assert!(machine.pre_order().equivocators.is_empty());
        assert!(!machine.order().leader_accused);
    }
}

#[test]
fn checkpoints_are_equal_everywhere_and_become_stable() {
    for (n, f, k) in [(4, 1, 0), (6, 1, 1), (7, 2, 0)] {
        let mut cluster = Cluster::new(n, f, k, INTERVAL);
        cluster.load(4 * INTERVAL, &[1, 2, 3, 4], &mut all);
        cluster.rest();
        let first = cluster.machine(1).checkpoint();
        let last = cluster.executed(1) / INTERVAL * INTERVAL;
        assert!(last >= 3 * INTERVAL, "{last}");
        for id in 1..=n {
            let state = cluster.machine(id).checkpoint();
            assert_eq!(state.stable, Seq(last), "{id} of {n}");
            assert_eq!(state.marks[&state.stable].state, first.marks[&state.stable].state);
            assert_eq!(cluster.machine(id).snapshot(), cluster.machine(1).snapshot());
        }
        assert_equal_states(&cluster);
    }
}

#[test]
fn snapshots_do_not_depend_on_whose_authenticators_are_held() {
    let mut cluster = Cluster::new(4, 1, 0, INTERVAL);
    // Everybody's own rows reach replica 3 alone in other messages than they reach the rest.
    cluster.load(20, &[1, 2, 3, 4], &mut |_, to, message| {
        let kept = to != ReplicaId(3) || !matches!(message, Incoming::PrePrepare(_));
        kept.then_some(message)
    });
    cluster.run(2000, &mut all);
    assert_eq!(cluster.machine(3).snapshot(), cluster.machine(1).snapshot());
    assert_equal_states(&cluster);
}

#[test]
fn memory_and_log_stay_flat_over_twenty_intervals() {
    let mut cluster = Cluster::new(4, 1, 0, INTERVAL);
    let mut largest = [0; 4];
    for interval in 0..20 {
        cluster.load(INTERVAL, &[1, 2, 3, 4], &mut all);
        for id in 1..=4 {
            let machine = cluster.machine(id);
            let state = machine.checkpoint();
            assert!(state.snapshots() <= MAX_SNAPSHOTS);
            assert!(state.votes.iter().all(|votes| votes.len() <= MAX_VOTES));
            let lengths = [
                machine.catch_up().archive.len(),
                machine.recon().archive.len(),
                state.journal.0.len(),
                cluster.hosts[&ReplicaId(id)].log.len(),
            ];
            assert!(state.marks.len() <= 3, "{}", state.marks.len());
            assert!(machine.recon().sent.len() <= 64);
            if interval < 6 {
                largest = std::array::from_fn(|at| largest[at].max(lengths[at]));
            } else {
                let bound = largest.map(|length| length + length / 2);
                assert!(
                    lengths.iter().zip(&bound).all(|(length, bound)| length <= bound),
                    "{lengths:?} after {largest:?} in interval {interval}"
                );
            }
        }
    }
    cluster.rest();
    assert!(cluster.executed(1) >= 18 * INTERVAL);
    assert!(cluster.hosts.values().all(|host| host.rewrites > 15));
    assert_equal_states(&cluster);
}

#[test]
fn a_server_that_was_away_for_long_fetches_the_state_and_goes_on() {
    let mut cluster = with_4_behind();
    cluster.run(6000, &mut all);
    assert!(cluster.restored.iter().any(|(id, _)| *id == ReplicaId(4)));
    assert_eq!(cluster.executed(4), cluster.executed(1));
    assert_equal_states(&cluster);
    // Its votes count again: without it there is no quorum now.
    cluster.kill(3);
    cluster.load(2 * INTERVAL, &[1, 2, 4], &mut all);
    cluster.run(400, &mut all);
    assert_eq!(cluster.updates(4), cluster.submitted());
    cluster.start(3);
    cluster.run(6000, &mut all);
    assert_equal_states(&cluster);
}

#[test]
fn wrong_chunks_are_refused_and_fetched_elsewhere() {
    let mut cluster = with_4_behind();
    let liar = ReplicaId(2);
    let mut twisted = 0;
    // The network has no keys, so what the liar says is signed beforehand by a second liar.
    let forger = Cluster::new(4, 1, 0, INTERVAL);
    cluster.run(6000, &mut |from, _, message| match message {
        Incoming::StateChunk(chunk) if from == liar => {
            let mut body = chunk.body().clone();
            let mut bytes = body.bytes.into_vec();
            bytes[0] ^= 1;
            body.bytes = Blob::new(bytes).unwrap();
            twisted += 1;
            Some(forger.sign(liar, body.into()))
        }
        message => Some(message),
    });
    assert!(twisted > 0);
    assert_eq!(cluster.rejected(4, 2, Reject::Invalid), twisted);
    assert_equal_states(&cluster);
}

#[test]
fn a_proof_with_other_rows_than_the_state_names_is_no_way_in() {
    let mut cluster = with_4_behind();
    let liar = ReplicaId(2);
    let forger = Cluster::new(4, 1, 0, INTERVAL);
    let nothing = Matrix { rows: List::new(vec![None; 4]).unwrap() };
    cluster.run(8000, &mut |from, _, message| match message {
        Incoming::CheckpointProof(proof) if from == liar => {
            let body = CheckpointProof { preceding: nothing.clone(), ..proof.body().clone() };
            Some(forger.sign(liar, body.into()))
        }
        message => Some(message),
    });
    assert_equal_states(&cluster);
    let rows = &cluster.machine(4).checkpoint().marks.values().next().unwrap().preceding.rows;
    assert!(rows.iter().any(Option::is_some));
}

#[test]
fn what_too_few_vouch_for_is_not_fetched() {
    let mut cluster = with_4_behind();
    let state =
        StateId { seq: Seq(80 * INTERVAL), root: Digest::of("test", b"garbage"), length: 9 };
    let Incoming::Checkpoint(vote) = cluster.sign(ReplicaId(2), Checkpoint { state }.into()) else {
        unreachable!("a Checkpoint was signed")
    };
    let preceding = cluster.machine(1).checkpoint().preceding.clone();
    let checkpoints = List::new(vec![vote.signed().clone()]).unwrap();
    let proof = CheckpointProof { checkpoints, preceding };
    let message = cluster.sign(ReplicaId(2), proof.into());
    cluster.inject(4, message);
    cluster.inject(4, Incoming::Checkpoint(vote));
    cluster.run(2, &mut without_4_but_injected);
    assert_eq!(cluster.rejected(4, 2, Reject::Invalid), 1);
    assert_eq!(cluster.machine(4).checkpoint().transfer, None);
}

fn without_4_but_injected(from: ReplicaId, to: ReplicaId, message: Incoming) -> Option<Incoming> {
    let injected = matches!(message, Incoming::Checkpoint(_) | Incoming::CheckpointProof(_));
    if injected { Some(message) } else { without_4(from, to, message) }
}

#[test]
fn one_server_cannot_fill_the_votes_nor_change_its_mind() {
    let mut cluster = Cluster::new(4, 1, 0, INTERVAL);
    let vote = |seq: u64, text: &[u8]| {
        let root = Digest::of("test", text);
        Body::from(Checkpoint { state: StateId { seq: Seq(seq), root, length: 1 } })
    };
    for at in 1..=20 {
        let message = cluster.sign(ReplicaId(2), vote(at * INTERVAL, b"a"));
        cluster.inject(1, message);
    }
    for (seq, text) in [(20 * INTERVAL, b"a"), (20 * INTERVAL, b"b"), (INTERVAL, b"a"), (3, b"a")] {
        let message = cluster.sign(ReplicaId(2), vote(seq, text));
        cluster.inject(1, message);
    }
    cluster.run(1, &mut all);
    let held = &cluster.machine(1).checkpoint().votes[1];
    let expected = (17..=20).map(|at| Seq(at * INTERVAL));
    assert!(held.keys().copied().eq(expected), "{:?}", held.keys());
    let reasons = [Reject::Duplicate, Reject::Equivocation, Reject::Stale, Reject::Invalid];
    assert!(reasons.iter().all(|reason| cluster.rejected(1, 2, *reason) == 1));
}

#[test]
fn requests_are_answered_at_a_bounded_rate() {
    let mut cluster = Cluster::new(4, 1, 0, INTERVAL);
    cluster.load(4 * INTERVAL, &[1, 2, 3], &mut all);
    cluster.rest();
    let state = {
        let held = cluster.machine(1).checkpoint();
        held.marks[&held.offered].state
    };
    cluster.run(400, &mut all);
    let before = sent(&cluster, "StateChunk");
    for index in 0..200 {
        let index = index % u32::try_from(state.chunks()).unwrap();
        let message = cluster.sign(ReplicaId(2), StateRequest { state, index }.into());
        cluster.inject(1, message);
    }
    cluster.run(1, &mut all);
    assert_eq!(sent(&cluster, "StateChunk") - before, u64::from(MAX_CHUNKS));
    assert_eq!(cluster.rejected(1, 2, Reject::Full), 200 - u64::from(MAX_CHUNKS));
    let behind = wire::prime::CatchUpRequest {
        view: View(0),
        installed: View(0),
        ordered: Seq(0),
        executed: Seq(0),
    };
    let before = sent(&cluster, "CheckpointProof");
    for _ in 0..5 {
        let message = cluster.sign(ReplicaId(3), behind.clone().into());
        cluster.inject(1, message);
    }
    cluster.run(1, &mut all);
    assert_eq!(sent(&cluster, "CheckpointProof") - before, 1);
    assert_eq!(cluster.rejected(1, 3, Reject::Full), 4);
}

fn sent(cluster: &Cluster, kind: &'static str) -> u64 {
    cluster.sent.get(&(ReplicaId(1), kind)).copied().unwrap_or_default()
}

/// What a restart must give back, whatever the log was rewritten to.
fn essence(machine: &Replica) -> impl PartialEq + std::fmt::Debug {
    let (pre_order, order) = (machine.pre_order(), machine.order());
    let votes: Vec<_> = order
        .slots
        .iter()
        .map(|(seq, slot)| (*seq, order.digest_at(*seq), slot.prepared, slot.committed))
        .collect();
    (
        machine.execute().clone(),
        (pre_order.last_own, pre_order.sent_aru.clone(), pre_order.columns.clone()),
        (order.accepted, order.ordered, order.proposed, votes),
    )
}

fn started(cluster: &Cluster, id: ReplicaId, log: &[Record<Prime>]) -> Replica {
    let mut machine = Replica::new(&cluster.config, id, Box::new(Ring::default()));
    let mut effects = Effects::default();
    for record in log {
        machine.step(Time(1), Input::Recovered(record.clone()), &mut effects);
    }
    machine.step(Time(1), Input::Start(Memory::Whole), &mut effects);
    machine
}

#[test]
fn a_rewritten_log_gives_back_what_the_whole_log_does() {
    let mut cluster = Cluster::new(4, 1, 0, INTERVAL);
    let mut compared = 0;
    for _ in 0..6 * INTERVAL {
        cluster.load(1, &[1, 2, 3, 4], &mut all);
        cluster.run(1, &mut all);
        for id in cluster.config.replicas().collect::<Vec<_>>() {
            let host = &cluster.hosts[&id];
            if host.rewrites > 0 {
                let short = started(&cluster, id, &host.log);
                let whole = started(&cluster, id, &host.whole);
                assert_eq!(essence(&short), essence(&whole));
                assert!(host.log.len() < host.whole.len());
                compared += 1;
            }
        }
    }
    assert!(compared > 50, "{compared}");
}

#[test]
fn a_restart_from_a_rewritten_log_at_any_moment_contradicts_nothing() {
    let mut cluster = Cluster::new(4, 1, 0, INTERVAL);
    for step in 0..10 * INTERVAL {
        let originators: Vec<u16> = (1..=4).collect();
        let turn = u16::try_from(step % 4).unwrap();
        cluster.load(1, &originators[usize::from(turn)..=usize::from(turn)], &mut all);
        let victim = u16::try_from(step % 3).unwrap() + 2;
        let rounds = u32::try_from(step % 5).unwrap();
        cluster.run(rounds, &mut all);
        cluster.kill(victim);
        cluster.start(victim);
    }
    cluster.run(8000, &mut all);
    assert!(cluster.hosts.values().all(|host| host.rewrites > 3));
    assert_equal_states(&cluster);
}

#[test]
fn a_crash_within_an_adopted_state_loses_neither_the_old_nor_the_new() {
    let mut cluster = with_4_behind();
    let before = cluster.hosts[&ReplicaId(4)].log.clone();
    while cluster.restored.is_empty() {
        cluster.run(1, &mut all);
    }
    // As it would be if the process had died after any record of the adopted state.
    let whole = cluster.hosts[&ReplicaId(4)].whole.clone();
    let begin = whole.iter().rposition(is_proof).unwrap();
    let end = whole.iter().rposition(is_chunk).unwrap() + 1;
    assert!(end - begin > 2, "several chunks");
    for length in begin..=end {
        let machine = started(&cluster, ReplicaId(4), &whole[..length]);
        let adopted = length == end;
        assert_eq!(machine.execute().executed == cluster.machine(4).execute().executed, adopted);
        let old = started(&cluster, ReplicaId(4), &before);
        assert!(machine.execute().executed >= old.execute().executed);
    }
    // And it goes on from half a state.
    cluster.kill(4);
    cluster.hosts.get_mut(&ReplicaId(4)).unwrap().log = whole[..end - 1].to_vec();
    cluster.start(4);
    cluster.run(6000, &mut all);
    assert_equal_states(&cluster);
}

fn is_proof(record: &Record<Prime>) -> bool {
    matches!(record, Record::Promise(Body::CheckpointProof(_)))
}

fn is_chunk(record: &Record<Prime>) -> bool {
    matches!(record, Record::Promise(Body::StateChunk(_)))
}

/// A Replay of `view` whose numbers begin at `start`.
fn replay(view: u64, start: u64) -> Replay {
    let ids = List::new((1..=3).map(ReplicaId).collect()).unwrap();
    let resolution = resolution(start).digest();
    let (view, base) = (View(view), Seq(start - 1));
    let constraint = Constraint { view, ids, base, start_seq: Seq(start), resolution };
    Replay { constraint, proof: Proof::Certificate(List::empty()) }
}

fn resolution(start: u64) -> Resolution {
    Resolution { base: Seq(start - 1), entries: List::empty() }
}

/// What a server logs in a change to `view`; `installed` by a certificate or not.
fn change(cluster: &Cluster, view: u64, start: u64, voted: bool) -> Vec<Record<Prime>> {
    let leader = ReplicaId(2);
    let report = Report { executed: Seq(0), count: 0, replay: None };
    let payload = Payload::Report(report);
    let signed = cluster.sign(leader, replay(view, start).into());
    let Incoming::Replay(held) = &signed else { unreachable!("a Replay was signed") };
    let digest = held.digest();
    let install = InstallCertificate {
        replay: held.signed().clone(),
        commits: List::empty(),
        resolution: resolution(start),
    };
    let answer = ResolutionAnswer { resolution: resolution(start) };
    let mut records = vec![Record::Promise(NewLeaderProof { votes: List::empty() }.into())];
    if voted {
        let view = View(view);
        records.push(Record::Promise(RbInit { view, seq: 0, payload }.into()));
        records.push(Record::Held(signed.clone()));
        records.push(Record::Promise(ReplayPrepare { view, digest }.into()));
        records.push(Record::Promise(ReplayCommit { view, digest }.into()));
    }
    records.push(Record::Promise(answer.into()));
    records.push(Record::Promise(install.into()));
    records
}

#[test]
fn of_view_changes_a_log_keeps_the_last_vote_and_what_binds_later_numbers() {
    let cluster = Cluster::new(4, 1, 0, INTERVAL);
    let changes = [
        change(&cluster, 1, 5, true),
        change(&cluster, 2, 9, true),
        change(&cluster, 3, 12, false),
        change(&cluster, 4, 40, false),
    ];
    let records = changes.concat();
    let needless = outdated(Seq(16), &records);
    let kept: Vec<_> = records.iter().zip(needless).filter(|(_, drop)| !drop).collect();
    let kept: Vec<_> = kept.into_iter().map(|(record, _)| record.clone()).collect();
    // Of 1 nothing; of 2, the last one voted for, what its certificate is made of; 3 binds what follows
    // number 16, 4 what follows number 39; of the proofs of election the last.
    let of_2 = [1, 2, 4, 5].map(|at| changes[1][at].clone());
    let expected = [&of_2[..], &changes[2][1..], &changes[3][..]].concat();
    assert_eq!(kept, expected);
    let before = outdated(Seq(7), &records).into_iter().filter(|drop| *drop).count();
    assert_eq!(before, 3 + 4 + 1, "all install certificates bind numbers above 7");
}

/// Changes that lead nowhere, one after the other, leave only what the next Report names.
#[test]
fn of_view_changes_that_led_nowhere_a_log_keeps_none() {
    let cluster = Cluster::new(4, 1, 0, INTERVAL);
    let voted = change(&cluster, 1, 5, true);
    let begun = |view: u64| change(&cluster, view, 9, true)[..3].to_vec();
    let later: Vec<_> = (2..=20).map(begun).collect();
    let records = [voted.clone(), later.concat()].concat();
    let needless = outdated(Seq(0), &records);
    let kept: Vec<_> = records.iter().zip(needless).filter(|(_, drop)| !drop).collect();
    let kept: Vec<_> = kept.into_iter().map(|(record, _)| record.clone()).collect();
    let of_1 = [1, 2, 4, 5, 6].map(|at| voted[at].clone());
    assert_eq!(kept, [&of_1[..], &later[18][..]].concat());
    // Views that begin alike and in which nothing was proposed need one certificate.
    let alike = (1..=9).map(|view| change(&cluster, view, 5, false));
    let records = alike.collect::<Vec<_>>().concat();
    let needless = outdated(Seq(0), &records);
    let certificates = records.iter().zip(needless).filter(|(record, drop)| {
        matches!(record, Record::Promise(Body::InstallCertificate(_))) && !drop
    });
    assert_eq!(certificates.count(), 1);
}

/// Two changes with one resolution, of which the log needs the later one: the resolution must stand
/// where a restart reads it behind the beginning of that change.
#[test]
fn a_log_that_began_anew_holds_the_resolution_of_its_replay_certificate() {
    let cluster = Cluster::new(4, 1, 0, INTERVAL);
    let mut second = change(&cluster, 2, 5, true);
    let digest = Prime::digest(&cluster.sign(ReplicaId(2), replay(2, 5).into()));
    let prepare = |id| {
        Record::Held(cluster.sign(ReplicaId(id), ReplayPrepare { view: View(2), digest }.into()))
    };
    second.splice(3..3, [1, 3, 4].map(prepare));
    let changes = [change(&cluster, 1, 5, true), second, change(&cluster, 3, 12, false)];
    let recovered = |records: Vec<Record<Prime>>| {
        let mut state = view_change::State::new(&cluster.config, ReplicaId(1));
        records.iter().for_each(|record| {
            view_change::recover(&mut state, &cluster.config, record);
        });
        let held = state.certificate.clone().expect("it voted");
        let constraint = held.replay.body.constraint;
        (constraint.view, state.holds(constraint.resolution, Seq(16)))
    };
    let records = changes.concat();
    let needless = outdated(Seq(16), &records);
    let kept: Vec<_> = records.iter().zip(needless).filter(|(_, drop)| !drop).collect();
    let kept: Vec<_> = kept.into_iter().map(|(record, _)| record.clone()).collect();
    assert!(kept.len() < records.len());
    assert_eq!(recovered(records), (View(2), true));
    assert_eq!(recovered(kept), (View(2), true));
}

#[test]
fn a_server_with_an_empty_disk_fetches_the_state() {
    let mut cluster = Cluster::new(4, 1, 0, INTERVAL);
    cluster.load(6 * INTERVAL, &[1, 2, 3, 4], &mut all);
    cluster.kill(4);
    cluster.hosts.get_mut(&ReplicaId(4)).unwrap().log.clear();
    cluster.load(2 * INTERVAL, &[1, 2, 3], &mut all);
    cluster.start(4);
    cluster.run(6000, &mut all);
    assert_eq!(cluster.updates(4), cluster.submitted());
    assert_eq!(cluster.machine(4).snapshot(), cluster.machine(1).snapshot());
}
