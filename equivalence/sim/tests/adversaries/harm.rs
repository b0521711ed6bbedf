//! What each adversary does to a protocol without the defence that it is aimed at.
//!
//! Each test runs the same attack twice: with the defence nothing is found, without it something
//! is. A defence is undone around a replica ([`Weak`]) or, where that cannot be, inside of it
//! ([`without_source`]); there the same runs without the attack show that nothing else is amiss.

use super::switched_off::{CONTRADICTIONS, ONCE, without as without_source};
use super::weak::{Lack, Weak};
use super::{led, options, setup};
use sim::{Adversaries, Attack, Faults, Kind, Parameters, Sample, Setup};
use wire::prime::Prime;
use wire::{Machine, ReplicaId};

/// What the first of `seeds` that find anything finds.
fn finds<M: Machine<Protocol = Prime>>(
    setup: &Setup<M>,
    seeds: u64,
    parameters: impl Fn(u64) -> Parameters,
) -> Option<Kind> {
    let mut runs = (0..seeds).map(|seed| sim::run_with(seed, parameters(seed), setup, None));
    runs.find_map(|report| report.violation.map(|violation| violation.kind))
}

fn without(lack: Lack) -> Setup<Weak> {
    sim::kv_setup(move |config, me| Weak::with(config, me, lack))
}

/// The first leader does `attack`, and nobody measures how it leads.
fn unmonitored(attack: Attack) -> impl Fn(u64) -> Parameters {
    move |seed| {
        let mut parameters = led(seed, attack);
        parameters.config.monitoring = None;
        parameters.stable_from = None;
        parameters
    }
}

/// The first leader does `attack`, and leaders are monitored.
fn monitored(attack: Attack) -> impl Fn(u64) -> Parameters {
    move |seed| {
        let mut parameters = led(seed, attack);
        // That it goes on is asked for here, not how fast.
        parameters.stable_from = None;
        parameters
    }
}

#[test]
fn slow_and_silent_leaders_stay_where_nobody_measures() {
    let correct = setup::<prime::Replica>();
    for attack in [Attack::SilentLeader, Attack::StaleMatrices, Attack::WithheldNumber] {
        assert_eq!(finds(&correct, 3, monitored(attack)), None, "{attack}");
        assert_eq!(finds(&correct, 3, unmonitored(attack)), Some(Kind::Progress), "{attack}");
    }
}

#[test]
fn a_leader_that_shows_itself_to_one_server_needs_no_monitoring_but_flooding() {
    let attack = unmonitored(Attack::OneServer);
    assert_eq!(finds(&setup::<prime::Replica>(), 4, &attack), None);
    assert_eq!(finds(&without(Lack::Flooding), 4, &attack), Some(Kind::Progress));
}

#[test]
fn two_proposals_stop_everything_where_they_are_no_proof() {
    // Both halves stop their timers, so monitoring does not help.
    let attack = monitored(Attack::EquivocatingLeader);
    assert_eq!(finds(&setup::<prime::Replica>(), 4, &attack), None);
    assert_eq!(finds(&without(Lack::Proofs), 16, &attack), Some(Kind::Progress));
}

#[test]
fn two_requests_split_servers_that_do_not_look_at_digests() {
    let attack = monitored(Attack::EquivocatingOriginator);
    assert_eq!(finds(&setup::<prime::Replica>(), 4, &attack), None);
    let found = finds(&without(Lack::Digests), 8, &attack);
    assert!(matches!(found, Some(Kind::Agreement | Kind::State | Kind::Answer)), "{found:?}");
}

#[test]
fn who_is_left_out_stays_out_without_reconciliation() {
    let attack = monitored(Attack::SelectiveSender);
    assert_eq!(finds(&setup::<prime::Replica>(), 4, &attack), None);
    assert_eq!(finds(&without(Lack::Reconciliation), 8, &attack), Some(Kind::Progress));
}

#[test]
fn garbage_is_believed_where_parts_are_not_grouped() {
    let attack = monitored(Attack::GarbageParts);
    assert_eq!(finds(&setup::<prime::Replica>(), 4, &attack), None);
    assert_eq!(finds(&without(Lack::Groups), 8, &attack), Some(Kind::Progress));
}

#[test]
fn no_view_lasts_where_one_vote_ends_it() {
    for attack in [Attack::BogusChange, Attack::Slanderer] {
        assert_eq!(finds(&setup::<prime::Replica>(), 4, monitored(attack)), None, "{attack}");
        let found = finds(&without(Lack::Votes), 4, monitored(attack));
        assert!(found.is_some_and(|kind| !kind.is_safety()), "{attack}: {found:?}");
    }
}

#[test]
fn a_mixture_does_the_harm_of_those_that_it_is_made_of() {
    let long = |seed| {
        let mut parameters = monitored(Attack::Mixed)(seed);
        // For a while it wants every view to end; when, and for how long, the seed decides.
        parameters.load.probes = 200;
        parameters
    };
    assert_eq!(finds(&setup::<prime::Replica>(), 4, long), None);
    let found = finds(&without(Lack::Votes), 8, long);
    assert!(found.is_some_and(|kind| !kind.is_safety()), "{found:?}");
}

#[test]
fn who_has_no_friends_is_helped_by_others_even_when_one_more_is_down() {
    let one_more_down = |seed| {
        let mut parameters = monitored(Attack::FriendsOnly)(seed);
        parameters.crashes.frozen = 1;
        parameters
    };
    // A client asks f+k+1 others after a while, of whom one is correct, and no stranger's friend.
    assert_eq!(finds(&setup::<prime::Replica>(), 8, one_more_down), None);
}

#[test]
fn whoever_believes_one_reply_believes_a_lie() {
    let attack = monitored(Attack::LyingAnswers);
    assert_eq!(finds(&setup::<prime::Replica>(), 4, &attack), None);
    let credulous = |seed| {
        let mut parameters = attack(seed);
        // Of nobody faulty, one reply is enough.
        parameters.config.f = 0;
        parameters
    };
    assert_eq!(finds(&setup::<prime::Replica>(), 4, credulous), Some(Kind::Linearizability));
}

/// What `parameters` are where nobody is faulty.
fn of_the_correct(parameters: impl Fn(u64) -> Parameters) -> impl Fn(u64) -> Parameters {
    move |seed| Parameters { faulty: [].into(), ..parameters(seed) }
}

#[test]
fn contradicting_rows_bring_down_every_leader_where_they_convict_nobody() {
    let long = |seed| {
        let mut parameters = monitored(Attack::AruLiar)(seed);
        // Leaders are measured by all, and fall while clients go on asking.
        parameters.config.timing.proof_matrix = 1_000;
        parameters.load.probes = 60;
        parameters
    };
    assert_eq!(finds(&setup::<prime::Replica>(), 4, long), None);
    let weak = without_source("prime-without-contradictions", &CONTRADICTIONS);
    assert_eq!(finds(&weak, 2, of_the_correct(long)), None);
    assert_eq!(finds(&weak, 4, long), Some(Kind::Unstable));
}

#[test]
fn old_updates_are_executed_again_where_nobody_remembers_them() {
    let patient = |seed| {
        let mut parameters = monitored(Attack::Replayer)(seed);
        // A client that asks again would have its update ordered twice by the correct.
        parameters.load.retry = parameters.active + parameters.bound;
        parameters
    };
    assert_eq!(finds(&setup::<prime::Replica>(), 4, patient), None);
    let weak = without_source("prime-without-once", &ONCE);
    assert_eq!(finds(&weak, 2, of_the_correct(patient)), None);
    assert_eq!(finds(&weak, 4, patient), Some(Kind::ExactlyOnce));
}

/// Seven replicas, of which the first leader and its successor change views as liars.
fn two_change_views(seed: u64) -> Parameters {
    let attack = Attack::BogusChange;
    let options =
        sim::Options { replicas: 7, ..options(4, Faults::None, Adversaries::One(attack)) };
    let mut parameters = sim::parameters(seed, &options);
    parameters.faulty = [(ReplicaId(1), attack), (ReplicaId(2), attack)].into();
    parameters.stable_from = None;
    parameters
}

#[test]
fn no_view_change_ends_where_liars_tell_the_halves_different_things() {
    assert_eq!(finds(&setup::<prime::Replica>(), 3, two_change_views), None);
    let silent = |seed| {
        let mut parameters = two_change_views(seed);
        parameters.faulty = [(parameters.first_leader(), Attack::SilentLeader)].into();
        parameters
    };
    assert_eq!(finds(&without(Lack::Broadcast), 3, silent), None);
    let found = finds(&without(Lack::Broadcast), 12, two_change_views);
    assert!(found.is_some_and(|kind| !kind.is_safety()), "{found:?}");
}

/// Most slots of pre-ordering and ordering that any correct replica remembers under a flood, with
/// windows of this size.
fn remembered(window: u64) -> (usize, usize) {
    let mut parameters = led(1, Attack::Flooder);
    parameters.config.windows.preorder = window;
    parameters.config.windows.order = window;
    let mut most = (0, 0);
    let mut look = |sample: &Sample<'_, prime::Replica>| {
        let columns = sample.machine.pre_order().columns.iter();
        let slots: usize = columns.map(|column| column.slots.len()).sum();
        most = (most.0.max(slots), most.1.max(sample.machine.order().slots.len()));
    };
    let report = sim::run_with(1, parameters, &setup::<prime::Replica>(), Some(&mut look));
    assert_eq!(report.violation, None);
    most
}

#[test]
fn a_flood_fills_what_has_no_window() {
    let (narrow, wide) = (remembered(32), remembered(65_536));
    let allowed = 4 * 32;
    assert!(narrow.0 <= allowed && narrow.1 <= 16 * 32, "{narrow:?}");
    assert!(wide.0 > 4 * allowed, "{wide:?}");
}
