//! One instance of leader monitoring, and everybody's pens.

use prime::suspect::{self, State};
use std::sync::Arc;
use wire::auth::Context;
use wire::prime::{Body, Matrix, NewLeader, NewLeaderProof, PoAru, Prime};
use wire::stub::Stub;
use wire::{
    Config, Digest, Effect, Effects, List, Monitoring, PoSeq, Reject, ReplicaId, Signable, Signer,
    Time, Verified, View,
};

/// Four servers of which one may be faulty, or six with one more recovering.
pub(crate) fn config(n: u16, f: u16, k: u16, rules: Monitoring) -> Config {
    let config =
        Config { monitoring: Some(rules), ..Config::new(Digest::of("test", b"suspect"), n, f, k) };
    config.check().unwrap();
    config
}

/// Signs `body` as server `id`.
pub(crate) fn signed<T: Signable<Signer = ReplicaId>>(
    config: &Config,
    id: u16,
    body: T,
) -> Verified<T> {
    let id = ReplicaId(id);
    let signer = Signer::new(Context::from(config), Arc::new(Stub(id.into())));
    signer.sign_all(id, vec![body]).remove(0)
}

/// A matrix whose only row is server 2's, acknowledging `entry` of server 1.
pub(crate) fn matrix(config: &Config, entry: u64) -> Matrix {
    let mut vec = vec![PoSeq(0); config.size()];
    vec[0] = PoSeq(entry);
    let row = signed(config, 2, PoAru { vec: List::new(vec).unwrap() }).signed().clone();
    let mut rows = vec![None; config.size()];
    rows[1] = Some(row);
    Matrix { rows: List::new(rows).unwrap() }
}

/// Votes of `voters` for `view`, as one proof.
pub(crate) fn proof(config: &Config, voters: &[u16], view: u64) -> NewLeaderProof {
    let vote = NewLeader { view: View(view) };
    let votes = voters.iter().map(|id| signed(config, *id, vote.clone()).signed().clone());
    NewLeaderProof { votes: List::new(votes.collect()).unwrap() }
}

/// One server's monitoring, started in view 0 at time 1000.
pub(crate) struct One {
    pub(crate) config: Config,
    pub(crate) rules: Monitoring,
    pub(crate) state: State,
    pub(crate) effects: Effects<Prime>,
    pub(crate) now: Time,
}

impl One {
    pub(crate) fn new(config: Config, me: u16) -> Self {
        let rules = config.monitoring.clone().unwrap();
        let state = State::new(&config, ReplicaId(me));
        let mut one = Self { config, rules, state, effects: Effects::default(), now: Time(1_000) };
        suspect::start(&mut one.state, &one.config, &one.rules, one.now, View(0), &mut one.effects);
        one
    }

    /// What it has said since this was asked last.
    pub(crate) fn said(&mut self) -> Vec<Body> {
        let effects = self.effects.drain().into_iter();
        let bodies = effects.filter_map(|effect| match effect {
            Effect::Send { body, .. } => Some(body),
            _ => None,
        });
        bodies.collect()
    }

    /// Why it has dropped something since this or `said` was asked last.
    pub(crate) fn rejects(&mut self) -> Vec<Reject> {
        let effects = self.effects.drain().into_iter();
        let reasons = effects.filter_map(|effect| match effect {
            Effect::Reject { reason, .. } => Some(reason),
            _ => None,
        });
        reasons.collect()
    }

    pub(crate) fn hear<T: Signable<Signer = ReplicaId>>(
        &mut self,
        slot: fn(&mut State, &Config, &Monitoring, Time, &Verified<T>, &mut Effects<Prime>),
        from: u16,
        body: T,
    ) {
        let message = signed(&self.config, from, body);
        slot(&mut self.state, &self.config, &self.rules, self.now, &message, &mut self.effects);
    }

    pub(crate) fn vote_of(&mut self, from: u16, view: u64) {
        let message = signed(&self.config, from, NewLeader { view: View(view) });
        suspect::on_new_leader(&mut self.state, &self.config, &message, &mut self.effects);
    }

    pub(crate) fn tick(&mut self) {
        self.now = self.now.after(self.rules.period);
        let (state, config, rules) = (&mut self.state, &self.config, &self.rules);
        suspect::tick(state, config, rules, self.now, &mut self.effects);
    }

    pub(crate) fn ask(&mut self, matrix: &Matrix) {
        let (state, config, rules) = (&mut self.state, &self.config, &self.rules);
        suspect::on_proof_matrix_sent(state, config, rules, self.now, matrix);
    }

    /// The matrix that the leader got accepted last.
    pub(crate) fn propose(&mut self, matrix: &Matrix) {
        let nobody = std::collections::BTreeSet::new();
        suspect::on_proposal(&mut self.state, &self.rules, self.now, &nobody, matrix);
    }

    /// What it would report now.
    pub(crate) fn measured(&self) -> u64 {
        suspect::measured(&self.rules, &self.state.samples, &self.state.open, self.now)
    }
}
