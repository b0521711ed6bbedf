//! The slots of leader monitoring.

use prime::pre_order::Effects;
use prime::suspect::{Measurement, State};
use std::collections::{BTreeSet, VecDeque};
use wire::monitoring::Monitoring;
use wire::prime::{
    Matrix, NewLeader, NewLeaderProof, Prime, RttMeasure, RttPing, RttPong, TatMeasure, TatUb,
    VcProof,
};
use wire::{Config, Record, ReplicaId, Time, Verified, View};

super::adapter::table! {
    /// Versions of the slots of leader monitoring.
    Suspect of suspect, sound: Some(crate::sound::suspect);
    accuse(state: &mut State, config: &Config, view: View, effects: &mut Effects,);
        [] oracle;
    alpha(config: &Config, tats_if_leader: &[u64],) -> u64;
        [] oracle;
    elect(state: &mut State, proof: NewLeaderProof, effects: &mut Effects,);
        [] oracle;
    elected(
        config: &Config, votes: &[Option<Verified<NewLeader>>], above: View,
    ) -> Option<NewLeaderProof>;
        [] oracle;
    evaluate(
        state: &mut State, config: &Config, rules: &Monitoring, now: Time, effects: &mut Effects,
    );
        [] oracle;
    exclude_stall(state: &mut State, rules: &Monitoring, now: Time,);
        [] oracle;
    keep_sample(state: &mut State, rules: &Monitoring, now: Time, tat: u64,);
        [] oracle;
    make_ping(state: &mut State, now: Time, effects: &mut Effects,);
        [] oracle;
    make_tat_measure(
        state: &mut State, config: &Config, rules: &Monitoring, now: Time, effects: &mut Effects,
    );
        [] oracle;
    make_tat_ub(state: &mut State, config: &Config, effects: &mut Effects,);
        [] oracle;
    measured(
        rules: &Monitoring, samples: &VecDeque<(Time, u64)>, open: &[Measurement], now: Time,
    ) -> u64;
        [] oracle;
    on_new_leader(
        state: &mut State, config: &Config, message: &Verified<NewLeader>, effects: &mut Effects,
    );
        [Stale Duplicate] oracle;
    on_new_leader_proof(
        state: &mut State, config: &Config, message: &Verified<NewLeaderProof>,
        effects: &mut Effects,
    );
        [Invalid Duplicate Stale] oracle;
    on_peer_view(
        state: &mut State, rules: &Monitoring, now: Time, peer: ReplicaId, view: View,
        effects: &mut Effects,
    ) -> bool;
        [] oracle;
    on_proof_matrix_sent(
        state: &mut State, config: &Config, rules: &Monitoring, now: Time, matrix: &Matrix,
    );
        [] oracle;
    on_proposal(
        state: &mut State, rules: &Monitoring, now: Time, blacklist: &BTreeSet<ReplicaId>,
        preceding: &Matrix,
    );
        [] oracle;
    on_replay(state: &mut State, rules: &Monitoring, now: Time,);
        [] oracle;
    on_rtt_measure(
        state: &mut State, config: &Config, rules: &Monitoring, now: Time,
        message: &Verified<RttMeasure>, effects: &mut Effects,
    );
        [WrongView NotEntitled Full] oracle;
    on_rtt_ping(
        state: &mut State, config: &Config, rules: &Monitoring, now: Time,
        message: &Verified<RttPing>, effects: &mut Effects,
    );
        [WrongView NotEntitled Full] oracle;
    on_rtt_pong(
        state: &mut State, config: &Config, rules: &Monitoring, now: Time,
        message: &Verified<RttPong>, effects: &mut Effects,
    );
        [WrongView NotEntitled Full Invalid Duplicate Stale] oracle;
    on_tat_measure(
        state: &mut State, config: &Config, rules: &Monitoring, now: Time,
        message: &Verified<TatMeasure>, effects: &mut Effects,
    );
        [WrongView Full] oracle;
    on_tat_ub(
        state: &mut State, config: &Config, rules: &Monitoring, now: Time,
        message: &Verified<TatUb>, effects: &mut Effects,
    );
        [WrongView Full] oracle;
    on_vc_proof(
        state: &mut State, config: &Config, rules: &Monitoring, now: Time, proof: &VcProof,
    );
        [] oracle;
    recover(state: &mut State, record: &Record<Prime>,);
        [] oracle;
    say_again(state: &mut State, config: &Config, effects: &mut Effects,);
        [] oracle;
    settle(state: &mut State, view: View,);
        [] oracle;
    start(
        state: &mut State, config: &Config, rules: &Monitoring, now: Time, view: View,
        effects: &mut Effects,
    );
        [] oracle;
    take(
        state: &mut State, config: &Config, rules: &Monitoring, now: Time, sender: ReplicaId,
    ) -> bool;
        [] oracle;
    tat_acceptable(config: &Config, bounds: &[u64],) -> u64;
        [] oracle;
    tat_if_leader(rules: &Monitoring, rtt: u64,) -> u64;
        [] oracle;
    tat_leader(config: &Config, reported: &[u64],) -> u64;
        [] oracle;
    tick(state: &mut State, config: &Config, rules: &Monitoring, now: Time, effects: &mut Effects,);
        [] oracle;
    vote(state: &mut State, effects: &mut Effects,);
        [] oracle;
}
