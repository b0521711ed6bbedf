//! Leader monitoring, dense: one array for each thing that is known of every server, rings for
//! pings and samples, a word for who was accused.

use prime::pre_order;
use prime::suspect::model;
use prime::suspect::model::{
    Awaited, Effects, INFINITE, MAX_OPEN, MAX_PINGS, Measurement, Reported,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use wire::monitoring::{MAX_SAMPLES, Mode};
use wire::prime::{
    Body, Matrix, NewLeader, NewLeaderProof, Prime, ProofMatrix, RttMeasure, RttPing, RttPong,
    TatMeasure, TatUb, VcProof,
};
use wire::{Config, List, Monitoring, Record, Reject, ReplicaId, Time, To, Verified, View};

/// The bit of a server; 0 for ids that have none.
const fn bit(id: ReplicaId) -> u64 {
    if id.0 >= 1 && id.0 <= 64 { 1u64 << (id.0 - 1) } else { 0 }
}

/// The row of a server; id 0 gets one that no array has.
const fn row_of(id: ReplicaId) -> usize {
    if id.0 == 0 { usize::MAX } else { id.0 as usize - 1 }
}

const fn later(time: Time, by: u64) -> Time {
    Time(time.0.saturating_add(by))
}

/// The time from `since` to `now`.
const fn age(since: Time, now: Time) -> u64 {
    now.0.saturating_sub(since.0)
}

/// Who leads `view`; id 0 where nobody does.
fn leader(config: &Config, view: View) -> ReplicaId {
    if config.leaders.is_empty() { ReplicaId(0) } else { config.leader_of(view) }
}

/// The `rank`-th lowest of `values`, from 1; `lacking` if there are not so many.
fn lowest(mut values: Vec<u64>, rank: usize, lacking: u64) -> u64 {
    if rank == 0 || rank > values.len() {
        return lacking;
    }
    *values.select_nth_unstable(rank - 1).1
}

/// See the contract.
fn tat_if_leader(rules: &Monitoring, rtt: u64) -> u64 {
    let way = if rtt < rules.rtt_floor { rules.rtt_floor } else { rtt };
    let value = u128::from(way) * u128::from(rules.k_lat) / 100
        + u128::from(rules.delta_pp)
        + u128::from(rules.sched_slack);
    if value >= u128::from(INFINITE) { INFINITE - 1 } else { value as u64 }
}

/// What `reported` counts for at `now`.
fn counts(reported: &Reported, rules: &Monitoring, now: Time) -> u64 {
    match rules.mode {
        Mode::Robust { window, .. } if age(reported.heard, now) > window => 0,
        _ => reported.tat,
    }
}

/// The view that `proof` is for, by its first vote.
fn proven_by(proof: &NewLeaderProof) -> Option<View> {
    Some(proof.votes.first()?.body.view)
}

/// The proof for the highest view above `above` that Q of `votes` stand for.
fn elected(
    config: &Config,
    votes: &[Option<Verified<NewLeader>>],
    above: View,
) -> Option<NewLeaderProof> {
    let quorum = config.quorum();
    let mut views = Vec::with_capacity(votes.len());
    for vote in votes {
        if let Some(vote) = vote
            && vote.body().view > above
        {
            views.push(vote.body().view);
        }
    }
    if views.len() < quorum {
        return None;
    }
    views.sort_unstable();
    let mut found = None;
    let mut run = View(0);
    let mut length = 0;
    while let Some(view) = views.pop() {
        if length > 0 && view == run {
            length += 1;
        } else {
            run = view;
            length = 1;
        }
        if length >= quorum {
            found = Some(view);
            break;
        }
    }
    let view = found?;
    let mut chosen = Vec::with_capacity(votes.len());
    for vote in votes {
        if let Some(vote) = vote
            && vote.body().view == view
        {
            chosen.push(vote.signed().clone());
        }
    }
    Some(NewLeaderProof { votes: List::take(&mut chosen.into_iter()) })
}

/// All that leader monitoring remembers.
#[derive(Clone)]
pub struct State {
    me: ReplicaId,
    view: View,
    /// By server.
    tats_if_leader: Vec<u64>,
    /// By server.
    bounds: Vec<u64>,
    announced: u64,
    /// By server.
    reported: Vec<Reported>,
    ping_seq: u64,
    /// Counts and times, ascending by count, each once.
    pings: VecDeque<(u64, Time)>,
    /// By server.
    answered: Vec<u64>,
    replay_asked: bool,
    open: Vec<Measurement>,
    samples: VecDeque<(Time, u64)>,
    watch_at: Option<Time>,
    tick_at: Option<Time>,
    /// By server.
    taken: Vec<u32>,
    counted_from: Time,
    suspects: bool,
    /// By server.
    votes: Vec<Option<Verified<NewLeader>>>,
    /// Servers 1 to 64.
    accused: u64,
    /// Whoever has no bit, each once.
    accused_others: Vec<ReplicaId>,
    proof: Option<NewLeaderProof>,
    settled: bool,
    /// By server.
    shown: Vec<Option<Time>>,
}

impl State {
    /// A state for an abstract one.
    pub fn from_abstract(state: &model::State) -> Self {
        let mut pings = VecDeque::with_capacity(state.pings.len());
        for (count, at) in &state.pings {
            pings.push_back((*count, *at));
        }
        let mut accused = 0;
        let mut accused_others = Vec::new();
        for id in &state.accused {
            let own = bit(*id);
            accused |= own;
            if own == 0 {
                accused_others.push(*id);
            }
        }
        Self {
            me: state.me,
            view: state.view,
            tats_if_leader: state.tats_if_leader.clone(),
            bounds: state.bounds.clone(),
            announced: state.announced,
            reported: state.reported.clone(),
            ping_seq: state.ping_seq,
            pings,
            answered: state.answered.clone(),
            replay_asked: state.replay_asked,
            open: state.open.clone(),
            samples: state.samples.clone(),
            watch_at: state.watch_at,
            tick_at: state.tick_at,
            taken: state.taken.clone(),
            counted_from: state.counted_from,
            suspects: state.suspects,
            votes: state.votes.clone(),
            accused,
            accused_others,
            proof: state.proof.clone(),
            settled: state.settled,
            shown: state.shown.clone(),
        }
    }

    /// The abstract state.
    pub fn to_abstract(&self) -> model::State {
        let mut pings = BTreeMap::new();
        for (count, at) in &self.pings {
            pings.insert(*count, *at);
        }
        model::State {
            me: self.me,
            view: self.view,
            tats_if_leader: self.tats_if_leader.clone(),
            bounds: self.bounds.clone(),
            announced: self.announced,
            reported: self.reported.clone(),
            ping_seq: self.ping_seq,
            pings,
            answered: self.answered.clone(),
            replay_asked: self.replay_asked,
            open: self.open.clone(),
            samples: self.samples.clone(),
            watch_at: self.watch_at,
            tick_at: self.tick_at,
            taken: self.taken.clone(),
            counted_from: self.counted_from,
            suspects: self.suspects,
            votes: self.votes.clone(),
            accused: self.accused(),
            proof: self.proof.clone(),
            settled: self.settled,
            shown: self.shown.clone(),
        }
    }

    /// Nothing known, view 0 preinstalled.
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        let n = config.size();
        Self {
            me,
            view: View(0),
            tats_if_leader: vec![INFINITE; n],
            bounds: vec![INFINITE; n],
            announced: INFINITE,
            reported: vec![Reported::default(); n],
            ping_seq: 0,
            pings: VecDeque::new(),
            answered: vec![0; n],
            replay_asked: false,
            open: Vec::new(),
            samples: VecDeque::new(),
            watch_at: None,
            tick_at: None,
            taken: vec![0; n],
            counted_from: Time(0),
            suspects: false,
            votes: vec![None; n],
            accused: 0,
            accused_others: Vec::new(),
            proof: None,
            settled: false,
            shown: vec![None; n],
        }
    }

    /// The preinstalled view.
    pub const fn view(&self) -> View {
        self.view
    }

    /// Whether this server voted for the next view.
    pub const fn suspects(&self) -> bool {
        self.suspects
    }

    /// Leaders that contradicted themselves.
    pub fn accused(&self) -> BTreeSet<ReplicaId> {
        let mut set = BTreeSet::new();
        let mut rest = self.accused;
        while rest != 0 {
            set.insert(ReplicaId(rest.trailing_zeros() as u16 + 1));
            rest &= rest - 1;
        }
        for id in &self.accused_others {
            set.insert(*id);
        }
        set
    }

    /// Whether monitoring began.
    pub const fn is_started(&self) -> bool {
        self.tick_at.is_some()
    }

    /// The view for which `proof` was given.
    pub fn proven(&self) -> View {
        if let Some(proof) = &self.proof
            && let Some(view) = proven_by(proof)
        {
            return view;
        }
        View(0)
    }

    /// The view that is to be preinstalled.
    pub fn awaits(&self) -> Option<View> {
        let proven = self.proven();
        if proven > self.view { Some(proven) } else { None }
    }

    /// When the timer is wanted.
    pub fn wake_at(&self) -> Option<Time> {
        match (self.tick_at, self.watch_at) {
            (Some(tick), Some(watch)) => Some(if watch < tick { watch } else { tick }),
            (Some(tick), None) => Some(tick),
            (None, watch) => watch,
        }
    }

    /// The highest view whose leader is known to be elected.
    fn reached(&self) -> View {
        let proven = self.proven();
        if proven > self.view { proven } else { self.view }
    }

    fn leads(&self, config: &Config) -> bool {
        leader(config, self.view) == self.me
    }

    fn is_accused(&self, id: ReplicaId) -> bool {
        let own = bit(id);
        if own != 0 {
            return self.accused & own != 0;
        }
        for other in &self.accused_others {
            if *other == id {
                return true;
            }
        }
        false
    }

    /// The vote for the next view.
    const fn next(&self) -> NewLeader {
        NewLeader { view: View(self.view.0.saturating_add(1)) }
    }

    fn vote(&mut self, effects: &mut Effects) {
        if self.suspects {
            return;
        }
        self.suspects = true;
        effects.send(To::All, self.next());
    }

    fn elect(&mut self, proof: NewLeaderProof, effects: &mut Effects) {
        self.proof = Some(proof.clone());
        effects.promise(To::Others, proof);
    }

    fn evaluate(
        &mut self,
        config: &Config,
        rules: &Monitoring,
        now: Time,
        effects: &mut Effects,
    ) {
        if self.suspects {
            return;
        }
        let mut reported = Vec::with_capacity(self.reported.len());
        for entry in &self.reported {
            reported.push(counts(entry, rules, now));
        }
        let given = lowest(reported, config.one_available(), 0);
        let acceptable = lowest(self.bounds.clone(), config.quorum(), INFINITE);
        if given > acceptable {
            self.vote(effects);
        }
    }

    fn keep_sample(&mut self, rules: &Monitoring, now: Time, tat: u64) {
        let window = match rules.mode {
            Mode::Robust { window, .. } => window,
            Mode::Report => {
                for (_, sample) in &self.samples {
                    if *sample >= tat {
                        return;
                    }
                }
                self.samples.clear();
                self.samples.push_back((now, tat));
                return;
            }
        };
        let mut kept = 0;
        for at in 0..self.samples.len() {
            let sample = match self.samples.get(at) {
                Some(sample) => *sample,
                None => break,
            };
            if age(sample.0, now) > window {
                continue;
            }
            if kept != at
                && let Some(to) = self.samples.get_mut(kept)
            {
                *to = sample;
            }
            kept += 1;
        }
        self.samples.truncate(kept);
        self.samples.push_back((now, tat));
        if self.samples.len() <= MAX_SAMPLES {
            return;
        }
        let mut smallest = 0;
        let mut least = u64::MAX;
        let mut at = 0;
        for (_, sample) in &self.samples {
            if *sample < least {
                least = *sample;
                smallest = at;
            }
            at += 1;
        }
        self.samples.remove(smallest);
    }

    /// The turn-around time that this server reports of the leader.
    fn measured(&self, rules: &Monitoring, now: Time) -> u64 {
        let mut oldest = 0;
        for measurement in &self.open {
            let waiting = age(measurement.since, now);
            if waiting > oldest {
                oldest = waiting;
            }
        }
        match rules.mode {
            Mode::Report => {
                let mut largest = oldest;
                for (_, sample) in &self.samples {
                    if *sample > largest {
                        largest = *sample;
                    }
                }
                largest
            }
            Mode::Robust { outliers, window } => {
                let mut recent = Vec::with_capacity(self.samples.len());
                for (ended, sample) in &self.samples {
                    if age(*ended, now) <= window {
                        recent.push(*sample);
                    }
                }
                let passed = usize::from(outliers);
                let mut value = 0;
                if recent.len() > passed {
                    let rank = recent.len() - passed;
                    value = lowest(recent, rank, 0);
                }
                if oldest / 2 > value { oldest / 2 } else { value }
            }
        }
    }

    fn make_ping(&mut self, now: Time, effects: &mut Effects) {
        let count = self.ping_seq.saturating_add(1);
        self.ping_seq = count;
        // Counts only grow: from behind, the place is near.
        let mut place = self.pings.len();
        let mut known = false;
        while place > 0
            && let Some(ping) = self.pings.get(place - 1)
        {
            if ping.0 < count {
                break;
            }
            place -= 1;
            if ping.0 == count {
                known = true;
                break;
            }
        }
        if !known {
            self.pings.insert(place, (count, now));
        } else if let Some(ping) = self.pings.get_mut(place) {
            ping.1 = now;
        }
        if self.pings.len() > MAX_PINGS {
            self.pings.pop_front();
        }
        effects.send(To::Others, RttPing { view: self.view, seq: count });
    }

    fn make_tat_measure(
        &self,
        config: &Config,
        rules: &Monitoring,
        now: Time,
        effects: &mut Effects,
    ) {
        if self.leads(config) {
            return;
        }
        let tat = self.measured(rules, now);
        if tat != 0 {
            effects.send(To::All, TatMeasure { view: self.view, tat });
        }
    }

    fn make_tat_ub(&mut self, config: &Config, effects: &mut Effects) {
        let alpha = lowest(self.tats_if_leader.clone(), config.quorum(), INFINITE);
        if alpha < self.announced {
            self.announced = alpha;
            effects.send(To::All, TatUb { view: self.view, alpha });
        }
    }

    fn say_again(&self, config: &Config, effects: &mut Effects) {
        if self.announced != INFINITE {
            effects.send(To::Others, TatUb { view: self.view, alpha: self.announced });
        }
        if self.suspects {
            effects.send(To::Others, self.next());
        }
        if !self.settled
            && let Some(proof) = &self.proof
        {
            effects.send(To::Others, proof.clone());
        }
        if let Some(last) = self.open.last() {
            let to = To::One(leader(config, self.view));
            match &last.awaited {
                Awaited::Matrix(matrix) => {
                    effects.send(to, ProofMatrix { matrix: matrix.clone() });
                }
                Awaited::Replay(proof) => {
                    let proof: &VcProof = proof;
                    effects.send(to, proof.clone());
                }
            }
        }
    }

    /// Whether one more message of `sender` may be taken; counts it if so.
    fn take(&mut self, config: &Config, rules: &Monitoring, now: Time, sender: ReplicaId) -> bool {
        if now >= self.counted_from && now.0 - self.counted_from.0 >= rules.period {
            self.counted_from = now;
            self.taken.fill(0);
        }
        let allowance = 4 * (5 + u32::from(config.n));
        match self.taken.get_mut(row_of(sender)) {
            Some(taken) if *taken < allowance => {
                *taken += 1;
                true
            }
            _ => false,
        }
    }

    /// Sets the clock to be looked at, if it is not.
    fn watch(&mut self, rules: &Monitoring, now: Time) {
        if self.watch_at.is_none()
            && let Some(stall) = rules.stall_min
        {
            self.watch_at = Some(later(now, stall));
        }
    }
}

/// Takes note of a proof that the leader of `view` contradicted itself.
pub fn accuse(state: &mut State, config: &Config, view: View, effects: &mut Effects) {
    let faulty = leader(config, view);
    if !state.is_accused(faulty) {
        let own = bit(faulty);
        state.accused |= own;
        if own == 0 {
            state.accused_others.push(faulty);
        }
    }
    if leader(config, state.view) == faulty {
        state.vote(effects);
    }
}

/// Takes the time for which this server did not run out of what it measures.
pub fn exclude_stall(state: &mut State, rules: &Monitoring, now: Time) {
    let (stall, watch) = match (rules.stall_min, state.watch_at) {
        (Some(stall), Some(watch)) if watch <= now => (stall, watch),
        _ => return,
    };
    let gap = age(watch, now);
    if gap > stall {
        for measurement in &mut state.open {
            let moved = later(measurement.since, gap);
            measurement.since = if moved > now { now } else { moved };
        }
    }
    state.watch_at = Some(later(now, stall));
}

/// Counts a New-Leader vote of its signer.
pub fn on_new_leader(
    state: &mut State,
    config: &Config,
    message: &Verified<NewLeader>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let view = message.body().view;
    let reached = state.reached();
    if view <= reached {
        effects.reject(signer, Reject::Stale);
        return;
    }
    match state.votes.get_mut(row_of(signer)) {
        Some(Some(held)) if held.body().view >= view => {
            effects.reject(signer, Reject::Duplicate);
            return;
        }
        Some(vote) => *vote = Some(message.clone()),
        None => {
            effects.reject(signer, Reject::NotEntitled);
            return;
        }
    }
    if let Some(proof) = elected(config, &state.votes, reached) {
        state.elect(proof, effects);
    }
}

/// Why a proof is none, or comes too late.
fn unproven(config: &Config, proof: &NewLeaderProof, reached: View) -> Option<Reject> {
    let view = match proven_by(proof) {
        Some(view) if proof.votes.len() >= config.quorum() => view,
        _ => return Some(Reject::Invalid),
    };
    let mut before = None;
    for vote in proof.votes.iter() {
        if vote.body.view != view {
            return Some(Reject::Invalid);
        }
        match before {
            Some(signer) if signer >= vote.signer => return Some(Reject::Invalid),
            _ => before = Some(vote.signer),
        }
    }
    if view == reached {
        return Some(Reject::Duplicate);
    }
    if view < reached { Some(Reject::Stale) } else { None }
}

/// Takes a New-Leader-Proof.
pub fn on_new_leader_proof(
    state: &mut State,
    config: &Config,
    message: &Verified<NewLeaderProof>,
    effects: &mut Effects,
) {
    match unproven(config, message.body(), state.reached()) {
        Some(reason) => effects.reject(message.signer(), reason),
        None => state.elect(message.body().clone(), effects),
    }
}

/// Shows a peer that is behind that a later leader was elected.
pub fn on_peer_view(
    state: &mut State,
    rules: &Monitoring,
    now: Time,
    peer: ReplicaId,
    view: View,
    effects: &mut Effects,
) -> bool {
    if view >= state.view || peer == state.me {
        return false;
    }
    let proof = match &state.proof {
        Some(proof) => proof,
        None => return false,
    };
    match state.shown.get_mut(row_of(peer)) {
        Some(Some(at)) if now < later(*at, rules.period) => return false,
        Some(shown) => *shown = Some(now),
        None => return false,
    }
    effects.send(To::One(peer), proof.clone());
    true
}

/// Begins to measure how long the leader takes to cover `matrix`.
pub fn on_proof_matrix_sent(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    matrix: &Matrix,
) {
    if state.leads(config) || state.open.len() >= MAX_OPEN {
        return;
    }
    for measurement in &state.open {
        if let Awaited::Matrix(other) = &measurement.awaited
            && other.same(matrix)
        {
            return;
        }
    }
    state.open.push(Measurement { since: now, awaited: Awaited::Matrix(matrix.clone()) });
    state.watch(rules, now);
}

/// Ends every measurement whose matrix is covered by `preceding`.
pub fn on_proposal(
    state: &mut State,
    rules: &Monitoring,
    now: Time,
    blacklist: &BTreeSet<ReplicaId>,
    preceding: &Matrix,
) {
    let before = std::mem::take(&mut state.open);
    let mut open = Vec::with_capacity(before.len());
    for measurement in before {
        let ends = match &measurement.awaited {
            Awaited::Matrix(matrix) => pre_order::covers(blacklist, preceding, matrix),
            Awaited::Replay(_) => false,
        };
        if ends {
            state.keep_sample(rules, now, age(measurement.since, now));
        } else {
            open.push(measurement);
        }
    }
    if open.is_empty() {
        state.watch_at = None;
    }
    state.open = open;
}

/// Ends the measurement for a Replay.
pub fn on_replay(state: &mut State, rules: &Monitoring, now: Time) {
    state.replay_asked = true;
    let mut found = None;
    let mut at = 0;
    for measurement in &state.open {
        if matches!(measurement.awaited, Awaited::Replay(_)) {
            found = Some((at, measurement.since));
            break;
        }
        at += 1;
    }
    if let Some((at, since)) = found {
        state.open.remove(at);
        state.keep_sample(rules, now, age(since, now));
    }
    if state.open.is_empty() {
        state.watch_at = None;
    }
}

/// Takes an RTT-Measure of its signer.
pub fn on_rtt_measure(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttMeasure>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    if body.view != state.view {
        effects.reject(signer, Reject::WrongView);
        return;
    }
    if body.to != state.me || signer == state.me {
        effects.reject(signer, Reject::NotEntitled);
        return;
    }
    if !state.take(config, rules, now, signer) {
        effects.reject(signer, Reject::Full);
        return;
    }
    let tat = tat_if_leader(rules, body.rtt);
    match state.tats_if_leader.get_mut(row_of(signer)) {
        Some(held) if tat < *held => *held = tat,
        _ => return,
    }
    state.make_tat_ub(config, effects);
}

/// Answers an RTT-Ping of its signer.
pub fn on_rtt_ping(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttPing>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    if body.view != state.view {
        effects.reject(signer, Reject::WrongView);
        return;
    }
    if signer == state.me {
        effects.reject(signer, Reject::NotEntitled);
        return;
    }
    if !state.take(config, rules, now, signer) {
        effects.reject(signer, Reject::Full);
        return;
    }
    effects.send(To::One(signer), RttPong { view: body.view, pinger: signer, seq: body.seq });
}

/// Takes an RTT-Pong of its signer and tells the signer what it shows.
pub fn on_rtt_pong(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttPong>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    if body.view != state.view {
        effects.reject(signer, Reject::WrongView);
        return;
    }
    if body.pinger != state.me || signer == state.me {
        effects.reject(signer, Reject::NotEntitled);
        return;
    }
    if !state.take(config, rules, now, signer) {
        effects.reject(signer, Reject::Full);
        return;
    }
    if body.seq > state.ping_seq {
        effects.reject(signer, Reject::Invalid);
        return;
    }
    let answered = match state.answered.get_mut(row_of(signer)) {
        Some(answered) => answered,
        None => {
            effects.reject(signer, Reject::Full);
            return;
        }
    };
    if body.seq <= *answered {
        effects.reject(signer, Reject::Duplicate);
        return;
    }
    let mut sent = None;
    for (count, at) in &state.pings {
        if *count == body.seq {
            sent = Some(*at);
            break;
        }
    }
    let sent = match sent {
        Some(sent) => sent,
        None => {
            effects.reject(signer, Reject::Stale);
            return;
        }
    };
    *answered = body.seq;
    effects.send(
        To::One(signer),
        RttMeasure { view: body.view, to: signer, rtt: age(sent, now) },
    );
}

/// Takes a TAT-Measure of its signer.
pub fn on_tat_measure(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<TatMeasure>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    if body.view != state.view {
        effects.reject(signer, Reject::WrongView);
        return;
    }
    if !state.take(config, rules, now, signer) {
        effects.reject(signer, Reject::Full);
        return;
    }
    match state.reported.get_mut(row_of(signer)) {
        Some(held) if body.tat >= counts(held, rules, now) => {
            *held = Reported { tat: body.tat, heard: now };
        }
        _ => return,
    }
    state.evaluate(config, rules, now, effects);
}

/// Takes a TAT-UB of its signer.
pub fn on_tat_ub(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<TatUb>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    if body.view != state.view {
        effects.reject(signer, Reject::WrongView);
        return;
    }
    if !state.take(config, rules, now, signer) {
        effects.reject(signer, Reject::Full);
        return;
    }
    match state.bounds.get_mut(row_of(signer)) {
        Some(held) if body.alpha < *held => *held = body.alpha,
        _ => return,
    }
    state.evaluate(config, rules, now, effects);
}

/// Begins to measure how long the leader takes to send a Replay.
pub fn on_vc_proof(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    proof: &VcProof,
) {
    if proof.constraint.view != state.view || state.replay_asked || state.leads(config) {
        return;
    }
    state.replay_asked = true;
    if state.open.len() < MAX_OPEN {
        let awaited = Awaited::Replay(Box::new(proof.clone()));
        state.open.push(Measurement { since: now, awaited });
    }
    state.watch(rules, now);
}

/// Takes one record of the log.
pub fn recover(state: &mut State, record: &Record<Prime>) {
    if let Record::Promise(Body::NewLeaderProof(proof)) = record
        && let Some(view) = proven_by(proof)
        && view > state.proven()
    {
        state.proof = Some(proof.clone());
    }
}

/// Notes that something was executed in the installed view `view`.
pub fn settle(state: &mut State, view: View) {
    if view == state.view {
        state.settled = true;
    }
}

/// Begins to monitor the leader of `view`.
pub fn start(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    view: View,
    effects: &mut Effects,
) {
    state.tats_if_leader.fill(INFINITE);
    if let Some(own) = state.tats_if_leader.get_mut(row_of(state.me)) {
        *own = tat_if_leader(rules, 0);
    }
    state.bounds.fill(INFINITE);
    state.announced = INFINITE;
    state.reported.fill(Reported { tat: 0, heard: Time(0) });
    state.ping_seq = 0;
    state.answered.fill(0);
    state.pings.clear();
    state.open.clear();
    state.samples.clear();
    state.replay_asked = false;
    state.suspects = false;
    state.settled = false;
    state.watch_at = None;
    state.taken.fill(0);
    state.counted_from = now;
    state.shown.fill(None);
    state.view = view;
    for vote in &mut state.votes {
        let over = match vote {
            Some(held) => held.body().view <= view,
            None => false,
        };
        if over {
            *vote = None;
        }
    }
    if state.proven() != view {
        state.proof = None;
    }
    state.tick_at = Some(later(now, rules.period));
    state.make_ping(now, effects);
    if state.is_accused(leader(config, view)) {
        state.vote(effects);
    }
}

/// Does what is periodic, if it is due.
pub fn tick(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    effects: &mut Effects,
) {
    match state.tick_at {
        Some(at) if at <= now => {}
        _ => return,
    }
    state.tick_at = Some(later(now, rules.period));
    state.make_ping(now, effects);
    state.make_tat_measure(config, rules, now, effects);
    state.say_again(config, effects);
}
