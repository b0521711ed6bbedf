//! Leaders under judgement: whole replicas in virtual time, with latencies that the test chooses.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/suspect.rs"]
#[expect(dead_code, reason = "shared with the tests of single slots")]
mod pens;
#[path = "support/virtual_time.rs"]
mod virtual_time;

use pens::{config, matrix, signed};
use std::sync::Arc;
use virtual_time::{Cluster, Way};
use wire::auth::Context;
use wire::monitoring::Monitoring;
use wire::prime::{Incoming, PoAru, PoAruConflict, PoRequest, PrePrepare, PrePrepareConflict};
use wire::stub::Stub;
use wire::{
    Blob, ClientId, ClientSeq, Config, List, Machine, PoSeq, ReplicaId, Seq, Signer, Update, View,
};

/// One way, between any two. Unit: microseconds.
const WAY: u64 = 5_000;

/// The leader of view 0.
const LEADER: ReplicaId = ReplicaId(1);

/// An update every 5 ms, in turn to all, for `millis`.
fn load(cluster: &mut Cluster, millis: u64) {
    for turn in 0..millis / 5 {
        cluster.submit(u16::try_from(turn % u64::from(cluster.config.n)).unwrap() + 1);
        cluster.run(5_000);
    }
}

/// The same small numbers in the same order in every run.
fn numbers() -> impl FnMut(u64) -> u64 {
    let mut state = 11u64;
    move |below| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

/// Everything takes [`WAY`], but a Pre-Prepare from the leader itself what `proposal` says.
fn leading(mut proposal: impl FnMut(Seq) -> Option<u64> + 'static) -> Way {
    Box::new(move |from, _, message, _| match message {
        Incoming::PrePrepare(m) if from == LEADER => proposal(m.body().seq),
        _ => Some(WAY),
    })
}

fn everybody(config: &Config) -> Vec<u16> {
    config.replicas().map(|id| id.0).collect()
}

#[test]
fn a_correct_leader_is_never_suspected_for_jitter() {
    for (n, f, k) in [(4, 1, 0), (6, 1, 1)] {
        for rules in [Monitoring::report(), Monitoring::robust()] {
            let config = config(n, f, k, rules);
            let mut number = numbers();
            // Within K_Lat = 2 of the least.
            let way = Box::new(move |_, _, _: &Incoming, _| Some(WAY + number(WAY)));
            let mut cluster = Cluster::new(config, way);
            load(&mut cluster, 1_500);
            assert_eq!(cluster.against_the_first(), []);
            assert!((1..=n).all(|id| cluster.machine(id).status().updates > 250));
        }
    }
}

/// Rare outliers far beyond K_Lat convict nobody in robust mode.
#[test]
fn outliers_are_passed_over() {
    let mut number = numbers();
    let rare = leading(move |_| Some(if number(200) == 0 { 90_000 } else { WAY }));
    let mut cluster = Cluster::new(config(4, 1, 0, Monitoring::robust()), rare);
    load(&mut cluster, 2_000);
    assert_eq!(cluster.against_the_first(), []);
}

#[test]
fn a_silent_leader_is_voted_out() {
    for (n, f, k) in [(4, 1, 0), (6, 1, 1)] {
        for (rules, within) in [(Monitoring::report(), 400), (Monitoring::robust(), 500)] {
            let config = config(n, f, k, rules);
            let mut cluster = Cluster::new(config.clone(), leading(|_| None));
            cluster.run(500_000);
            assert_eq!(cluster.against_the_first(), [], "nothing is asked of it yet");
            load(&mut cluster, within);
            assert_eq!(cluster.against_the_first(), everybody(&config));
            assert!(
                everybody(&config).iter().all(|id| cluster.machine(*id).suspect().view > View(0))
            );
        }
    }
}

/// Of seven servers the first leader proposes nothing and the second replays nothing; the third leads.
#[test]
fn leaders_that_do_not_finish_the_view_change_are_voted_out_too() {
    for rules in [Monitoring::report(), Monitoring::robust()] {
        let way: Way = Box::new(|from, _, message, _| match message {
            Incoming::PrePrepare(_) if from == LEADER => None,
            Incoming::Replay(_) if from == ReplicaId(2) => None,
            _ => Some(WAY),
        });
        let mut cluster = Cluster::new(config(7, 2, 0, rules), way);
        load(&mut cluster, 1_500);
        cluster.run(1_000_000);
        for id in 1..=7 {
            let status = cluster.machine(id).status();
            assert_eq!((status.view, status.preinstalled, status.suspects), (2, 2, false));
            assert_eq!((status.updates, status.blacklisted.len()), (300, 0));
            assert!(cluster.machine(id).suspect().settled);
        }
    }
}

/// A leader that dies for f servers only does not get away with it, nor do they get it voted out.
#[test]
fn f_servers_that_hear_nothing_convict_nobody() {
    let way: Way = Box::new(|from, to, message, _| {
        let withheld = matches!(message, Incoming::PrePrepare(_)) && to == ReplicaId(4);
        (from != LEADER || !withheld).then_some(WAY)
    });
    let mut cluster = Cluster::new(config(4, 1, 0, Monitoring::report()), way);
    load(&mut cluster, 1_000);
    assert_eq!(cluster.against_the_first(), [], "the others passed its proposals on");
}

#[test]
fn the_line_is_where_the_constants_put_it() {
    // B is 2 * 10 ms + 20 ms. Updates keep coming, so every Proof-Matrix asks for what the leader has
    // just proposed, and is answered when that comes.
    for (took, outcome) in [(40_000, vec![]), (41_000, vec![1, 2, 3, 4])] {
        let rules = Monitoring::report();
        let mut cluster = Cluster::new(config(4, 1, 0, rules), leading(move |_| Some(took)));
        load(&mut cluster, 1_000);
        assert_eq!(cluster.against_the_first(), outcome);
        assert!(cluster.machine(2).status().updates > 0, "it does its work");
    }
    // In robust mode B is 2.5 * 10 ms + 20 ms + 20 ms.
    for (took, outcome) in [(65_000, vec![]), (66_000, vec![1, 2, 3, 4])] {
        let rules = Monitoring::robust();
        let mut cluster = Cluster::new(config(4, 1, 0, rules), leading(move |_| Some(took)));
        load(&mut cluster, 1_000);
        assert_eq!(cluster.against_the_first(), outcome);
    }
}

/// With one number withheld, those after it are worth nothing.
#[test]
fn a_leader_that_leaves_a_gap_is_voted_out() {
    let way: Way = Box::new(|_, _, message, _| match message {
        Incoming::PrePrepare(m) => (m.body().seq != Seq(3)).then_some(WAY),
        _ => Some(WAY),
    });
    let config = config(4, 1, 0, Monitoring::report());
    let mut cluster = Cluster::new(config.clone(), way);
    load(&mut cluster, 600);
    assert_eq!(cluster.against_the_first(), everybody(&config));
}

#[test]
fn a_leader_that_contradicts_itself_is_voted_out_at_once() {
    let config = config(4, 1, 0, Monitoring::robust());
    let proposal = |entry| {
        let matrix = matrix(&config, entry);
        signed(&config, 1, PrePrepare { view: View(0), seq: Seq(1), matrix })
    };
    let mut cluster = Cluster::new(config.clone(), leading(|_| None));
    cluster.run(20_000);
    cluster.hand(2, proposal(1));
    cluster.hand(3, proposal(2));
    cluster.run(WAY);
    // Flooded, the two meet; a round later everybody has the proof.
    assert_eq!(cluster.against_the_first(), [2, 3, 4]);
    cluster.run(2 * WAY);
    assert_eq!(cluster.against_the_first(), everybody(&config));
    assert!(cluster.machine(2).suspect().proven() >= View(1));
}

#[test]
fn proof_that_is_passed_on_counts_like_ones_own() {
    let config = config(4, 1, 0, Monitoring::robust());
    let proposal = |entry| {
        let matrix = matrix(&config, entry);
        signed(&config, 1, PrePrepare { view: View(0), seq: Seq(1), matrix }).signed().clone()
    };
    let conflict = |first, second| signed(&config, 4, PrePrepareConflict { first, second });
    let mut cluster = Cluster::new(config.clone(), leading(|_| None));
    cluster.run(20_000);
    cluster.hand(2, conflict(proposal(1), proposal(1)));
    assert_eq!(cluster.against_the_first(), []);
    cluster.hand(2, conflict(proposal(1), proposal(2)));
    assert_eq!(cluster.against_the_first(), [2]);
}

/// Whoever is proven to have contradicted himself shows in the status, whatever he did it in.
#[test]
fn whoever_contradicts_himself_is_shown() {
    let config = config(4, 1, 0, Monitoring::robust());
    let mut cluster = Cluster::new(config.clone(), leading(|_| Some(WAY)));
    let aru = |entries: [u64; 4]| {
        let vec = List::new(entries.map(PoSeq).to_vec()).unwrap();
        signed(&config, 3, PoAru { vec }).signed().clone()
    };
    let (first, second) = (aru([1, 0, 0, 0]), aru([0, 1, 0, 0]));
    cluster.hand(2, signed(&config, 4, PoAruConflict { first, second }));
    assert_eq!(cluster.machine(2).status().blacklisted, [ReplicaId(3)]);
    let request = |seq| {
        let client = ClientId(1);
        let signer = Signer::new(Context::from(&config), Arc::new(Stub(client.into())));
        let update = Update { seq: ClientSeq(seq), payload: Blob::new(vec![1]).unwrap() };
        let updates = signer.sign_all(client, vec![update]).remove(0).signed().clone();
        let updates = List::new(vec![updates]).unwrap();
        signed(&config, 4, PoRequest { seq: PoSeq(1), updates })
    };
    cluster.hand(2, request(1));
    cluster.hand(2, request(2));
    assert_eq!(cluster.machine(2).status().blacklisted, [ReplicaId(3), ReplicaId(4)]);
    let proposal = |entry| {
        let matrix = matrix(&config, entry);
        signed(&config, 1, PrePrepare { view: View(0), seq: Seq(1), matrix })
    };
    cluster.hand(2, proposal(1));
    cluster.hand(2, proposal(2));
    cluster.run(10 * WAY);
    let all = [1, 3, 4].map(ReplicaId);
    assert!((1..=4).all(|id| cluster.machine(id).status().blacklisted == all));
}

/// A host that does not run for a while does not blame the leader for it; the report's rules do.
#[test]
fn stalls_of_ones_own_are_not_the_leaders() {
    for (rules, blames) in [(Monitoring::robust(), false), (Monitoring::report(), true)] {
        let mut cluster = Cluster::new(config(4, 1, 0, rules), leading(|_| Some(35_000)));
        load(&mut cluster, 1_000);
        assert_eq!(cluster.against_the_first(), []);
        for id in [2, 3, 4] {
            cluster.stall(id, 300_000);
        }
        cluster.run(400_000);
        load(&mut cluster, 300);
        assert_eq!(!cluster.against_the_first().is_empty(), blames);
    }
}

/// Without rules nothing is measured and nobody votes, whatever the leader does.
#[test]
fn without_rules_nobody_is_judged() {
    let config = Config { monitoring: None, ..config(4, 1, 0, Monitoring::report()) };
    let mut cluster = Cluster::new(config, leading(|_| None));
    load(&mut cluster, 500);
    assert_eq!(cluster.against_the_first(), []);
    assert_eq!(cluster.machine(2).suspect().ping_seq, 0);
}
