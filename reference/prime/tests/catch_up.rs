//! Catch-up: how much one server can get out of another, and how soon one asks.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/chaos.rs"]
#[expect(dead_code, reason = "shared with the tests of view changes")]
mod chaos;

use chaos::{Chaos, seal};
use prime::catch_up::{self, ANSWERS, CERTIFICATES, Certificate, State};
use prime::order::{self, OrderSlot};
use wire::prime::{CatchUpRequest, Incoming, Matrix, PrePrepare, Prime};
use wire::{
    Config, Digest, Effect, Effects, List, Protocol, Reject, ReplicaId, Seq, Time, Verified, View,
};

fn config() -> Config {
    Config::new(Digest::of("test", b"catch up"), 4, 1, 0)
}

fn proposal(config: &Config, seq: u64) -> Verified<PrePrepare> {
    let matrix = Matrix { rows: List::new(vec![None; 4]).unwrap() };
    match seal(config, ReplicaId(1), PrePrepare { view: View(0), seq: Seq(seq), matrix }) {
        Incoming::PrePrepare(proposal) => proposal,
        other => panic!("{other:?}"),
    }
}

/// A server whose archive has the numbers from 1 to `last`.
fn with_archive(config: &Config, last: u64) -> State {
    let mut state = State::new(config, ReplicaId(2));
    for seq in 1..=last {
        let certificate = Certificate { pre_prepare: proposal(config, seq), commits: Vec::new() };
        state.archive.insert(Seq(seq), certificate);
    }
    state
}

/// How many certificates server 4 gets for saying that it has ordered `ordered`.
fn asked(state: &mut State, config: &Config, now: Time, ordered: u64) -> Result<usize, Reject> {
    let (view, ordered) = (View(0), Seq(ordered));
    let request = CatchUpRequest { view, installed: view, ordered, executed: ordered };
    let Incoming::CatchUpRequest(request) = seal(config, ReplicaId(4), request) else {
        unreachable!("a Catch-Up-Request was signed")
    };
    let mut effects = Effects::default();
    catch_up::on_catch_up_request(state, config, now, &request, &mut effects);
    let reject = effects.as_slice().iter().find_map(|effect| match effect {
        Effect::Reject { from, reason } => Some((*from, *reason)),
        _ => None,
    });
    match reject {
        Some((from, reason)) => {
            assert_eq!(from, Some(ReplicaId(4)));
            Err(reason)
        }
        None => Ok(effects.drain().len()),
    }
}

#[test]
fn whoever_creeps_forward_gets_no_more_than_whoever_takes_all() {
    let config = config();
    let mut state = with_archive(&config, 1000);
    let (mut now, period) = (Time(5), config.timing.retransmit);
    for _ in 0..3 {
        let got: usize = (0..900).filter_map(|at| asked(&mut state, &config, now, at).ok()).sum();
        assert_eq!(got as u64, ANSWERS, "within one period");
        now = now.after(period);
    }
    let mut ordered = 0;
    while let Ok(got) = asked(&mut state, &config, now, ordered) {
        assert_eq!(got as u64, CERTIFICATES);
        ordered += CERTIFICATES;
    }
    assert_eq!(ordered, ANSWERS, "whoever has got all of it is helped on at once");
    assert_eq!(asked(&mut state, &config, now, 1000), Ok(0));
}

#[test]
fn the_last_answer_of_a_period_is_cut_where_the_share_ends() {
    let config = config();
    let mut state = with_archive(&config, 1000);
    // A view change ordered 7: the first answer is shorter than the others.
    state.archive.remove(&Seq(7));
    let now = Time(5);
    for (ordered, got) in [(0, 31), (32, 32), (64, 32), (96, 32), (128, 1)] {
        assert_eq!(asked(&mut state, &config, now, ordered), Ok(got), "{ordered}");
    }
    let answered = state.answered[3];
    assert_eq!((answered.count, answered.upto), (ANSWERS, Seq(129)));
    assert_eq!(asked(&mut state, &config, now, 129), Err(Reject::Full));
    assert_eq!(asked(&mut state, &config, now.after(config.timing.retransmit), 129), Ok(32));
}

#[test]
fn what_a_view_change_ordered_is_shown_by_its_certificate_alone() {
    let config = config();
    let mut state = State::new(&config, ReplicaId(2));
    let nothing = OrderSlot { committed: true, replayed: true, ..OrderSlot::default() };
    catch_up::keep(&mut state, Seq(1), &nothing);
    let bound = OrderSlot { pre_prepare: Some(proposal(&config, 2)), ..nothing };
    catch_up::keep(&mut state, Seq(2), &bound);
    assert!(state.archive.is_empty());
    catch_up::keep(&mut state, Seq(3), &OrderSlot { replayed: false, ..bound });
    assert_eq!(state.archive.len(), 1);
    let mut gap = with_archive(&config, 100);
    gap.archive.retain(|seq, _| seq.0 > 40);
    assert_eq!(asked(&mut gap, &config, Time(1), 0), Ok(0), "beyond its reach");
    assert_eq!(asked(&mut gap, &config, Time(1), 38), Ok(30));
}

#[test]
fn a_server_asks_when_something_is_on_its_way_however_idle_it_was() {
    let config = config();
    let period = config.timing.retransmit;
    let mut state = State::new(&config, ReplicaId(2));
    let mut order = order::State::new(&config, ReplicaId(2));
    let mut effects = Effects::default();
    let mut asks = |state: &mut State, order: &order::State, now: u64| {
        catch_up::make_catch_up_request(state, &config, Time(now), order, &mut effects);
        !effects.drain().is_empty()
    };
    assert!(asks(&mut state, &order, 0));
    assert!(!asks(&mut state, &order, 2 * period));
    order.slots.entry(Seq(1)).or_default();
    assert!(asks(&mut state, &order, 2 * period + 1));
    assert!(!asks(&mut state, &order, 3 * period));
    assert!(asks(&mut state, &order, 3 * period + 1));
    order.slots.clear();
    state.ask_soon(&config);
    assert!(!asks(&mut state, &order, 4 * period));
    assert!(asks(&mut state, &order, 4 * period + 1));
    state.follow(Time(4 * period + 2), Seq(CERTIFICATES - 1));
    assert!(!asks(&mut state, &order, 4 * period + 2));
    state.follow(Time(4 * period + 2), Seq(CERTIFICATES));
    assert!(asks(&mut state, &order, 4 * period + 2));
}

/// A client's next update goes to server 1, which leads.
fn submit(chaos: &mut Chaos) {
    chaos.submitted += 1;
    chaos.originate(ReplicaId(1), chaos.submitted);
}

/// A server that missed more numbers than anybody takes ahead of time catches up while the others go on,
/// at whatever moment it comes back.
#[test]
fn a_straggler_beyond_the_window_catches_up_under_load() {
    for seed in [1, 2, 4, 5, 7, 8] {
        let mut chaos = Chaos::new(4, 1, 0, seed);
        let late = ReplicaId(4);
        let mut away =
            |to: ReplicaId, message: &Incoming| to != late && Prime::sender(message) != late;
        let numbers = 3 * chaos.config.windows.order;
        while chaos.machine(1).order().ordered.0 < numbers {
            submit(&mut chaos);
            for _ in 0..2 {
                chaos.round(&mut away);
            }
        }
        let wait = 5 * u32::try_from(seed).unwrap();
        for _ in 0..wait {
            chaos.round(&mut away);
        }
        // One period until it says how far it is, and a few rounds for each answer.
        for _ in 0..50 {
            submit(&mut chaos);
            chaos.run(1);
        }
        let ordered = |id: u16| chaos.machine(id).order().ordered.0;
        let lag = ordered(1).saturating_sub(ordered(4));
        assert!(lag < chaos.config.windows.order, "seed {seed}: {lag} behind");
        chaos.settle(500).unwrap();
        chaos.verify();
    }
}
