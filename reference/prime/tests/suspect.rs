//! Leader monitoring, slot by slot.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/suspect.rs"]
mod support;

use prime::suspect::{self, INFINITE, MAX_OPEN, MAX_PINGS, Measurement, allowance};
use std::collections::{BTreeSet, VecDeque};
use support::{One, config, matrix, proof, signed};
use wire::monitoring::{MAX_SAMPLES, Mode, Monitoring};
use wire::prime::{
    Body, Constraint, NewLeader, Proof, ProofMatrix, RttMeasure, RttPing, RttPong, TatMeasure,
    TatUb, VcProof,
};
use wire::{Digest, List, Record, Reject, ReplicaId, Seq, Time, View};

fn four() -> One {
    One::new(config(4, 1, 0, Monitoring::report()), 2)
}

fn robust() -> One {
    One::new(config(4, 1, 0, Monitoring::robust()), 2)
}

#[test]
fn thresholds_are_those_of_the_report_and_count_the_recovering() {
    let four = config(4, 1, 0, Monitoring::report());
    let six = config(6, 1, 1, Monitoring::report());
    assert_eq!(suspect::alpha(&four, &[9, 5, INFINITE, 7]), 9);
    assert_eq!(suspect::alpha(&four, &[9, INFINITE, INFINITE, 7]), INFINITE);
    assert_eq!(suspect::alpha(&six, &[9, 5, INFINITE, 7, INFINITE, 1]), 9);
    assert_eq!(suspect::alpha(&six, &[9, INFINITE, INFINITE, 7, INFINITE, 1]), INFINITE);
    assert_eq!(suspect::tat_acceptable(&four, &[30, 10, 20, INFINITE]), 30);
    assert_eq!(suspect::tat_acceptable(&six, &[30, 10, 20, INFINITE, 40, INFINITE]), 40);
    assert_eq!(suspect::tat_leader(&four, &[0, 50, 40, 60]), 40);
    assert_eq!(suspect::tat_leader(&four, &[0, 50, 0, 60]), 0);
    assert_eq!(suspect::tat_leader(&six, &[0, 50, 0, 40, 60, 70]), 40);
    assert_eq!(suspect::tat_leader(&six, &[0, 0, 0, 40, 60, 70]), 0);
}

#[test]
fn what_a_leader_is_granted_is_integer_arithmetic_without_overflow() {
    let report = Monitoring { k_lat: 250, ..Monitoring::report() };
    assert_eq!(suspect::tat_if_leader(&report, 10_000), 45_000);
    assert_eq!(suspect::tat_if_leader(&report, 0), 20_000);
    assert_eq!(suspect::tat_if_leader(&report, u64::MAX), INFINITE - 1);
    let robust = Monitoring::robust();
    assert_eq!(suspect::tat_if_leader(&robust, 0), 60_000);
    assert_eq!(suspect::tat_if_leader(&robust, 8_000), 60_000);
    assert_eq!(suspect::tat_if_leader(&robust, 8_001), 60_002);
}

#[test]
fn round_trips_become_bounds() {
    let mut one = four();
    assert_eq!(one.said(), [Body::from(RttPing { view: View(0), seq: 1 })]);
    one.now = Time(9_000);
    one.hear(suspect::on_rtt_ping, 3, RttPing { view: View(0), seq: 7 });
    one.hear(suspect::on_rtt_pong, 3, RttPong { view: View(0), pinger: ReplicaId(2), seq: 1 });
    let pong = RttPong { view: View(0), pinger: ReplicaId(3), seq: 7 };
    let measure = RttMeasure { view: View(0), to: ReplicaId(3), rtt: 8_000 };
    assert_eq!(one.said(), [Body::from(pong), measure.into()]);
    // The own value is one of the three that are needed.
    one.hear(suspect::on_rtt_measure, 1, RttMeasure { view: View(0), to: ReplicaId(2), rtt: 9 });
    assert_eq!(one.said(), []);
    one.hear(suspect::on_rtt_measure, 3, RttMeasure { view: View(0), to: ReplicaId(2), rtt: 500 });
    assert_eq!(one.said(), [Body::from(TatUb { view: View(0), alpha: 21_000 })]);
    one.hear(suspect::on_rtt_measure, 3, RttMeasure { view: View(0), to: ReplicaId(2), rtt: 600 });
    assert_eq!(one.said(), []);
    one.hear(suspect::on_rtt_measure, 4, RttMeasure { view: View(0), to: ReplicaId(2), rtt: 50 });
    assert_eq!(one.said(), [Body::from(TatUb { view: View(0), alpha: 20_100 })]);
}

#[test]
fn pongs_that_answer_nothing_count_for_nothing() {
    let mut one = four();
    one.said();
    let pong = |pinger, seq| RttPong { view: View(0), pinger: ReplicaId(pinger), seq };
    one.hear(suspect::on_rtt_pong, 3, pong(1, 1));
    one.hear(suspect::on_rtt_pong, 3, pong(2, 2));
    one.hear(suspect::on_rtt_pong, 3, RttPong { view: View(1), ..pong(2, 1) });
    assert_eq!(one.rejects(), [Reject::NotEntitled, Reject::Invalid, Reject::WrongView]);
    one.hear(suspect::on_rtt_pong, 3, pong(2, 1));
    one.hear(suspect::on_rtt_pong, 3, pong(2, 1));
    assert_eq!(one.rejects(), [Reject::Duplicate]);
    for _ in 0..MAX_PINGS {
        one.tick();
    }
    assert_eq!(one.state.pings.len(), MAX_PINGS);
    one.said();
    one.hear(suspect::on_rtt_pong, 4, pong(2, 1));
    assert_eq!(one.rejects(), [Reject::Stale]);
}

#[test]
fn nobody_is_suspected_before_enough_bounds_are_known_nor_at_equality() {
    let mut one = four();
    one.said();
    for from in 2..=4 {
        one.hear(suspect::on_tat_measure, from, TatMeasure { view: View(0), tat: 50_000 });
    }
    for from in 1..=2 {
        one.hear(suspect::on_tat_ub, from, TatUb { view: View(0), alpha: 1 });
    }
    assert!(!one.state.suspects);
    one.hear(suspect::on_tat_ub, 3, TatUb { view: View(0), alpha: 50_000 });
    assert!(!one.state.suspects, "as slow as acceptable");
    one.hear(suspect::on_tat_ub, 3, TatUb { view: View(0), alpha: 49_999 });
    assert!(one.state.suspects);
    assert_eq!(one.said(), [Body::from(NewLeader { view: View(1) })]);
}

/// One faulty server cannot convict, and one that praises cannot save.
#[test]
fn f_servers_decide_nothing() {
    let mut one = four();
    for from in 1..=4 {
        one.hear(suspect::on_tat_ub, from, TatUb { view: View(0), alpha: 50_000 });
    }
    one.hear(suspect::on_tat_measure, 4, TatMeasure { view: View(0), tat: INFINITE });
    one.hear(suspect::on_tat_ub, 4, TatUb { view: View(0), alpha: 0 });
    one.hear(suspect::on_tat_measure, 1, TatMeasure { view: View(0), tat: 0 });
    one.hear(suspect::on_tat_measure, 2, TatMeasure { view: View(0), tat: 60_000 });
    assert!(!one.state.suspects);
    one.hear(suspect::on_tat_measure, 3, TatMeasure { view: View(0), tat: 60_000 });
    assert!(one.state.suspects);
}

#[test]
fn measurements_run_from_the_question_to_the_covering_answer() {
    let mut one = four();
    let (first, second) = (matrix(&one.config, 1), matrix(&one.config, 2));
    one.ask(&first);
    one.now = one.now.after(3_000);
    one.ask(&first);
    one.ask(&second);
    assert_eq!(one.state.open.len(), 2, "the same question again is no other");
    one.now = one.now.after(4_000);
    assert_eq!(one.measured(), 7_000);
    one.propose(&matrix(&one.config, 0));
    assert_eq!(one.state.open.len(), 2);
    one.propose(&first);
    assert_eq!(one.state.samples, [(one.now, 7_000)]);
    one.now = one.now.after(2_000);
    assert_eq!(one.measured(), 7_000);
    one.now = one.now.after(5_000);
    assert_eq!(one.measured(), 11_000, "what is owed counts with its age");
    one.propose(&second);
    assert_eq!((one.state.open.len(), one.measured()), (0, 11_000));
}

/// What a blacklisted server signed need not be covered.
#[test]
fn blacklisting_ends_what_waits_for_the_blacklisted() {
    let mut one = four();
    let asked = matrix(&one.config, 5);
    one.ask(&asked);
    let blacklist = BTreeSet::from([ReplicaId(2)]);
    let before = matrix(&one.config, 1);
    suspect::on_proposal(&mut one.state, &one.rules, one.now, &blacklist, &before);
    assert!(one.state.open.is_empty());
}

#[test]
fn open_measurements_are_bounded_and_the_oldest_stay() {
    let mut one = four();
    let asked = one.now;
    for entry in 1..=MAX_OPEN as u64 + 10 {
        let matrix = matrix(&one.config, entry);
        one.ask(&matrix);
        one.now = one.now.after(1);
    }
    assert_eq!(one.state.open.len(), MAX_OPEN);
    assert_eq!(one.state.open[0].since, asked);
    one.said();
    one.tick();
    let newest = ProofMatrix { matrix: matrix(&one.config, MAX_OPEN as u64) };
    assert!(one.said().contains(&newest.into()), "and the newest is said again");
}

#[test]
fn a_leader_measures_nothing_and_reports_nothing() {
    let mut leader = One::new(config(4, 1, 0, Monitoring::report()), 1);
    let asked = matrix(&leader.config, 1);
    leader.ask(&asked);
    leader.tick();
    assert!(leader.state.open.is_empty());
    assert!(!leader.said().iter().any(|body| matches!(body, Body::TatMeasure(_))));
}

#[test]
fn robust_mode_passes_over_outliers_and_forgets() {
    let rules =
        Monitoring { mode: Mode::Robust { outliers: 2, window: 1_000 }, ..Monitoring::robust() };
    let samples: VecDeque<_> =
        [(100, 90), (200, 80), (300, 70), (400, 60)].map(|(ended, tat)| (Time(ended), tat)).into();
    let measured = |now| suspect::measured(&rules, &samples, &[], Time(now));
    assert_eq!([measured(1_100), measured(1_101), measured(1_300)], [70, 60, 0]);
    let asked = matrix(&config(4, 1, 0, rules.clone()), 1);
    let awaited = suspect::Awaited::Matrix(asked);
    let open = [Measurement { since: Time(0), awaited }];
    assert_eq!(suspect::measured(&rules, &samples, &open, Time(1_100)), 550, "half the age");
    assert_eq!(suspect::measured(&Monitoring::report(), &samples, &open, Time(1_100)), 1_100);
}

/// A report that was high stays so for a window, whatever older word of its signer is passed on.
#[test]
fn reports_are_not_lowered_by_old_words() {
    let mut one = robust();
    one.hear(suspect::on_tat_measure, 3, TatMeasure { view: View(0), tat: 90_000 });
    one.now = one.now.after(9_000_000);
    one.hear(suspect::on_tat_measure, 3, TatMeasure { view: View(0), tat: 1_000 });
    assert_eq!(one.state.reported[2].at(&one.rules, one.now), 90_000);
    one.now = one.now.after(1_000_001);
    assert_eq!(one.state.reported[2].at(&one.rules, one.now), 0);
    one.hear(suspect::on_tat_measure, 3, TatMeasure { view: View(0), tat: 1_000 });
    assert_eq!(one.state.reported[2].at(&one.rules, one.now), 1_000);
    let mut strict = four();
    strict.hear(suspect::on_tat_measure, 3, TatMeasure { view: View(0), tat: 90_000 });
    strict.now = strict.now.after(900_000_000);
    strict.hear(suspect::on_tat_measure, 3, TatMeasure { view: View(0), tat: 1_000 });
    assert_eq!(strict.state.reported[2].at(&strict.rules, strict.now), 90_000);
}

#[test]
fn samples_are_bounded_and_the_large_ones_stay() {
    let mut one = robust();
    for tat in 0..2 * MAX_SAMPLES as u64 {
        suspect::keep_sample(&mut one.state, &one.rules, Time(5_000), tat);
    }
    assert_eq!(one.state.samples.len(), MAX_SAMPLES);
    assert!(one.state.samples.iter().all(|(_, tat)| *tat >= MAX_SAMPLES as u64));
    suspect::keep_sample(&mut one.state, &one.rules, Time(90_000_000), 3);
    assert_eq!(one.state.samples, [(Time(90_000_000), 3)]);
}

#[test]
fn time_for_which_the_server_did_not_run_is_not_the_leaders() {
    let mut one = robust();
    let (first, second) = (matrix(&one.config, 1), matrix(&one.config, 2));
    one.ask(&first);
    assert_eq!(one.state.watch_at, Some(Time(11_000)));
    // On time, then late by no more than is usual, then late by 300 ms.
    for now in [11_000, 31_000, 341_000] {
        one.now = Time(now);
        suspect::exclude_stall(&mut one.state, &one.rules, one.now);
    }
    assert_eq!(one.state.open[0].since, Time(301_000));
    assert_eq!(one.state.watch_at, Some(Time(351_000)));
    one.now = Time(345_000);
    one.ask(&second);
    one.now = Time(451_000);
    suspect::exclude_stall(&mut one.state, &one.rules, one.now);
    let since: Vec<_> = one.state.open.iter().map(|one| one.since.0).collect();
    assert_eq!(since, [401_000, 445_000]);
    one.propose(&second);
    assert_eq!((one.state.open.len(), one.state.watch_at), (0, None));
    let mut strict = four();
    strict.ask(&first);
    assert_eq!(strict.state.watch_at, None, "the report knows no stalls");
}

#[test]
fn votes_are_sticky_and_said_again_until_the_view_changes() {
    let mut one = four();
    one.said();
    suspect::vote(&mut one.state, &mut one.effects);
    suspect::vote(&mut one.state, &mut one.effects);
    let vote = Body::from(NewLeader { view: View(1) });
    assert_eq!(one.said(), std::slice::from_ref(&vote));
    one.tick();
    assert!(one.said().contains(&vote));
    let four = one.config.clone();
    suspect::accuse(&mut one.state, &four, View(0), &mut one.effects);
    assert_eq!(one.said(), [], "said already");
    let (state, config, rules) = (&mut one.state, &one.config, &one.rules);
    suspect::start(state, config, rules, one.now, View(1), &mut one.effects);
    one.said();
    one.tick();
    assert!(!one.said().iter().any(|body| matches!(body, Body::NewLeader(_))));
    suspect::accuse(&mut one.state, &four, View(0), &mut one.effects);
    assert!(!one.state.suspects, "that leader is gone");
    suspect::accuse(&mut one.state, &four, View(1), &mut one.effects);
    assert_eq!(one.said(), [Body::from(NewLeader { view: View(2) })]);
    // Who was proven faulty is no better when its turn comes again.
    let (state, config, rules) = (&mut one.state, &one.config, &one.rules);
    suspect::start(state, config, rules, one.now, View(4), &mut one.effects);
    let vote = Body::from(NewLeader { view: View(5) });
    assert_eq!(one.said(), [Body::from(RttPing { view: View(4), seq: 1 }), vote]);
}

#[test]
fn q_votes_for_one_view_elect_whatever_lies_between() {
    let mut one = four();
    one.said();
    one.vote_of(1, 7);
    one.vote_of(2, 8);
    one.vote_of(3, 7);
    assert_eq!((one.state.awaits(), one.said().len()), (None, 0));
    one.vote_of(4, 6);
    one.vote_of(4, 5);
    assert_eq!(one.rejects(), [Reject::Duplicate], "each server's highest counts");
    one.vote_of(4, 7);
    assert_eq!(one.state.awaits(), Some(View(7)));
    let expected = proof(&one.config, &[1, 3, 4], 7);
    assert_eq!(one.state.proof, Some(expected.clone()));
    let promised = Record::Promise(Body::from(expected.clone()));
    let effects = one.effects.as_slice();
    let logged = |effect: &wire::Effect<_>| matches!(effect, wire::Effect::Persist { record, .. } if *record == promised);
    assert!(logged(&effects[0]), "{effects:?}");
    assert_eq!(one.said(), [Body::from(expected)]);
    // What the log says after a restart.
    let mut again = four();
    suspect::recover(&mut again.state, &promised);
    suspect::recover(&mut again.state, &Record::Promise(proof(&one.config, &[1, 2, 3], 3).into()));
    assert_eq!(again.state.awaits(), Some(View(7)));
    let (state, config, rules) = (&mut one.state, &one.config, &one.rules);
    suspect::start(state, config, rules, one.now, View(7), &mut one.effects);
    assert_eq!(one.state.votes.iter().flatten().count(), 1, "votes for later views stay");
    one.vote_of(1, 7);
    assert!(one.rejects().contains(&Reject::Stale));
}

#[test]
fn proofs_elect_if_they_prove() {
    let mut one = four();
    one.said();
    let send = |one: &mut One, from: u16, proof| {
        let message = signed(&one.config, from, proof);
        let (state, config) = (&mut one.state, &one.config);
        suspect::on_new_leader_proof(state, config, &message, &mut one.effects);
    };
    let config = one.config.clone();
    let mut mixed = proof(&config, &[1, 2, 3], 4).votes.into_vec();
    mixed[2] = signed(&config, 3, NewLeader { view: View(5) }).signed().clone();
    send(&mut one, 4, proof(&config, &[1, 2], 4));
    send(&mut one, 4, proof(&config, &[1, 2, 2], 4));
    send(&mut one, 4, proof(&config, &[3, 2, 1], 4));
    send(&mut one, 4, proof(&config, &[], 4));
    send(&mut one, 4, wire::prime::NewLeaderProof { votes: List::new(mixed).unwrap() });
    send(&mut one, 4, proof(&config, &[1, 2, 3], 0));
    let invalid = [Reject::Invalid; 5];
    assert_eq!(one.rejects(), [&invalid[..], &[Reject::Duplicate]].concat());
    send(&mut one, 4, proof(&config, &[1, 2, 3], 4));
    assert_eq!(one.state.awaits(), Some(View(4)));
}

#[test]
fn the_proof_is_shown_to_all_until_something_is_executed_then_to_who_is_behind() {
    let mut one = four();
    for voter in [1, 3, 4] {
        one.vote_of(voter, 2);
    }
    let (state, config, rules) = (&mut one.state, &one.config, &one.rules);
    suspect::start(state, config, rules, one.now, View(2), &mut one.effects);
    one.said();
    let proof = Body::from(proof(&one.config, &[1, 3, 4], 2));
    one.tick();
    assert!(one.said().contains(&proof));
    suspect::settle(&mut one.state, View(1));
    one.tick();
    assert!(one.said().contains(&proof));
    suspect::settle(&mut one.state, View(2));
    one.tick();
    assert!(!one.said().contains(&proof));
    let behind = |one: &mut One, peer, view| {
        let (state, rules) = (&mut one.state, &one.rules);
        let peer = ReplicaId(peer);
        suspect::on_peer_view(state, rules, one.now, peer, View(view), &mut one.effects);
        one.said()
    };
    assert_eq!(behind(&mut one, 3, 2), []);
    assert_eq!(behind(&mut one, 2, 0), [], "nobody shows himself");
    assert_eq!(behind(&mut one, 3, 1), std::slice::from_ref(&proof));
    assert_eq!(behind(&mut one, 3, 0), [], "once a period");
    assert_eq!(behind(&mut one, 4, 0), std::slice::from_ref(&proof));
    one.now = one.now.after(one.rules.period);
    assert_eq!(behind(&mut one, 3, 1), std::slice::from_ref(&proof));
}

#[test]
fn a_replay_is_asked_for_once_and_any_replay_answers() {
    let mut one = four();
    one.said();
    let ask = |one: &mut One, view, base| {
        let ids = List::new(vec![ReplicaId(1), ReplicaId(2), ReplicaId(3)]).unwrap();
        let (base, start_seq) = (Seq(base), Seq(base + 1));
        let resolution = Digest::default();
        let constraint = Constraint { view: View(view), ids, base, start_seq, resolution };
        let proof = VcProof { constraint, proof: Proof::Certificate(List::empty()) };
        let (state, config, rules) = (&mut one.state, &one.config, &one.rules);
        suspect::on_vc_proof(state, config, rules, one.now, &proof);
        Body::from(proof)
    };
    ask(&mut one, 1, 0);
    assert!(one.state.open.is_empty(), "of another view");
    let first = ask(&mut one, 0, 0);
    ask(&mut one, 0, 5);
    assert_eq!((one.state.open.len(), one.said().len()), (1, 0));
    one.tick();
    assert!(one.said().contains(&first));
    assert_eq!(one.measured(), one.rules.period);
    let anything = matrix(&one.config, 9);
    one.propose(&anything);
    assert_eq!(one.state.open.len(), 1, "no Pre-Prepare answers it");
    suspect::on_replay(&mut one.state, &one.rules, one.now);
    assert_eq!((one.state.open.len(), one.measured()), (0, one.rules.period));
    ask(&mut one, 0, 6);
    assert!(one.state.open.is_empty());
}

#[test]
fn floods_are_answered_up_to_the_allowance_and_make_nothing_grow() {
    let mut one = four();
    one.said();
    let size = |one: &One| borsh::to_vec(&one.state).unwrap().len();
    one.vote_of(3, 1);
    let before = size(&one);
    for seq in 1..5_000 {
        one.hear(suspect::on_rtt_ping, 3, RttPing { view: View(0), seq });
        one.hear(suspect::on_rtt_pong, 3, RttPong { view: View(0), pinger: ReplicaId(2), seq });
        one.hear(suspect::on_tat_measure, 3, TatMeasure { view: View(0), tat: seq });
        one.hear(suspect::on_tat_ub, 3, TatUb { view: View(0), alpha: seq });
        let rtt = RttMeasure { view: View(0), to: ReplicaId(2), rtt: 9_000 - seq };
        one.hear(suspect::on_rtt_measure, 3, rtt);
        one.vote_of(3, seq);
    }
    assert_eq!(size(&one), before);
    let allowed = allowance(&one.config) as usize;
    assert!(one.said().len() <= allowed);
    // The others are heard all the same, and so is this one in the next period.
    one.hear(suspect::on_rtt_ping, 4, RttPing { view: View(0), seq: 1 });
    one.hear(suspect::on_rtt_ping, 3, RttPing { view: View(0), seq: 1 });
    assert_eq!(one.said().len(), 1);
    one.now = one.now.after(one.rules.period);
    one.hear(suspect::on_rtt_ping, 3, RttPing { view: View(0), seq: 1 });
    assert_eq!(one.said().len(), 1);
}

#[test]
fn a_proof_that_waits_gives_way_to_a_higher_view_alone() {
    let mut one = four();
    let config = one.config.clone();
    let show = |one: &mut One, view| {
        let message = signed(&config, 4, proof(&config, &[1, 3, 4], view));
        let (state, config) = (&mut one.state, &one.config);
        suspect::on_new_leader_proof(state, config, &message, &mut one.effects);
    };
    show(&mut one, 5);
    one.said();
    for view in [4, 5] {
        show(&mut one, view);
    }
    for from in [1, 3, 4] {
        one.vote_of(from, 4);
    }
    let stale = [Reject::Stale; 3];
    assert_eq!(one.rejects(), [&[Reject::Stale, Reject::Duplicate], &stale[..]].concat());
    assert_eq!((one.state.view, one.state.reached()), (View(0), View(5)));
    for from in [1, 3, 4] {
        one.vote_of(from, 6);
    }
    assert_eq!(one.state.awaits(), Some(View(6)));
    assert_eq!(one.said(), [Body::from(proof(&config, &[1, 3, 4], 6))]);
}

/// Who passes on an old word can make it last, and can make it neither more nor less.
#[test]
fn an_old_report_can_be_prolonged_and_nothing_else() {
    let mut one = robust();
    let Mode::Robust { window, .. } = one.rules.mode else { unreachable!("robust") };
    let said = |tat| TatMeasure { view: View(0), tat };
    one.hear(suspect::on_tat_measure, 3, said(9_000));
    one.hear(suspect::on_tat_measure, 3, said(5_000));
    one.now = one.now.after(window);
    one.hear(suspect::on_tat_measure, 3, said(9_000));
    one.now = one.now.after(window);
    assert_eq!(one.state.reported[2].at(&one.rules, one.now), 9_000);
    one.now = one.now.after(1);
    assert_eq!(one.state.reported[2].at(&one.rules, one.now), 0);
    one.hear(suspect::on_tat_measure, 3, said(5_000));
    assert_eq!(one.state.reported[2].at(&one.rules, one.now), 5_000);
}
