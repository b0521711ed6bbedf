//! Leader monitoring, in flat rows: one for each server with all that it said and was told, and short
//! sorted vectors that are replaced as a whole; what is refused or suspected is decided by small
//! functions that change nothing.

use prime::pre_order::covers;
use prime::suspect::model::Awaited;
use prime::suspect::model::Effects;
use prime::suspect::model::INFINITE;
use prime::suspect::model::MAX_OPEN;
use prime::suspect::model::MAX_PINGS;
use prime::suspect::model::Measurement;
use prime::suspect::model::Reported;
use prime::suspect::model;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use wire::Config;
use wire::List;
use wire::Monitoring;
use wire::Record;
use wire::Reject;
use wire::ReplicaId;
use wire::Time;
use wire::To;
use wire::Verified;
use wire::View;
use wire::monitoring::MAX_SAMPLES;
use wire::monitoring::Mode;
use wire::prime::Body;
use wire::prime::Matrix;
use wire::prime::NewLeader;
use wire::prime::NewLeaderProof;
use wire::prime::Prime;
use wire::prime::RttMeasure;
use wire::prime::RttPing;
use wire::prime::RttPong;
use wire::prime::TatMeasure;
use wire::prime::TatUb;
use wire::prime::VcProof;

/// All about one server. What is none has no entry at all.
#[derive(Clone, Debug, Default)]
struct Peer {
    tat_if_leader: Option<u64>,
    bound: Option<u64>,
    reported: Option<Reported>,
    answered: Option<u64>,
    taken: Option<u32>,
    vote: Option<Option<Verified<NewLeader>>>,
    shown: Option<Option<Time>>,
}

impl Peer {
    /// One of whom nothing is known.
    fn fresh() -> Self {
        Self {
            tat_if_leader: Some(INFINITE),
            bound: Some(INFINITE),
            reported: Some(Reported::default()),
            answered: Some(0),
            taken: Some(0),
            vote: Some(None),
            shown: Some(None),
        }
    }
}

/// All that leader monitoring remembers.
#[derive(Clone, Debug)]
pub struct State {
    me: ReplicaId,
    view: View,
    /// By row.
    peers: Vec<Peer>,
    announced: u64,
    ping_seq: u64,
    /// Ascending by count.
    pings: Vec<(u64, Time)>,
    replay_asked: bool,
    open: Vec<Measurement>,
    /// Oldest first.
    samples: Vec<(Time, u64)>,
    watch_at: Option<Time>,
    tick_at: Option<Time>,
    counted_from: Time,
    suspects: bool,
    /// Ascending.
    accused: Vec<ReplicaId>,
    proof: Option<NewLeaderProof>,
    settled: bool,
}

/// The first view of the votes in `proof`, 0 without any.
fn proven_by(proof: Option<&NewLeaderProof>) -> View {
    proof.and_then(|proof| proof.votes.first()).map_or(View(0), |vote| vote.body.view)
}

impl State {
    /// Nothing known, view 0 preinstalled.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        Self {
            me,
            view: View(0),
            peers: vec![Peer::fresh(); config.size()],
            announced: INFINITE,
            ping_seq: 0,
            pings: Vec::new(),
            replay_asked: false,
            open: Vec::new(),
            samples: Vec::new(),
            watch_at: None,
            tick_at: None,
            counted_from: Time(0),
            suspects: false,
            accused: Vec::new(),
            proof: None,
            settled: false,
        }
    }

    /// The state that `state` stands for.
    #[must_use]
    pub fn from_abstract(state: &model::State) -> Self {
        let lengths = [
            state.tats_if_leader.len(),
            state.bounds.len(),
            state.reported.len(),
            state.answered.len(),
            state.taken.len(),
            state.votes.len(),
            state.shown.len(),
        ];
        let rows = lengths.into_iter().max().unwrap_or_default();
        let peers = (0..rows).map(|row| Peer {
            tat_if_leader: state.tats_if_leader.get(row).copied(),
            bound: state.bounds.get(row).copied(),
            reported: state.reported.get(row).copied(),
            answered: state.answered.get(row).copied(),
            taken: state.taken.get(row).copied(),
            vote: state.votes.get(row).cloned(),
            shown: state.shown.get(row).copied(),
        });
        Self {
            me: state.me,
            view: state.view,
            peers: peers.collect(),
            announced: state.announced,
            ping_seq: state.ping_seq,
            pings: state.pings.iter().map(|(&count, &sent)| (count, sent)).collect(),
            replay_asked: state.replay_asked,
            open: state.open.clone(),
            samples: state.samples.iter().copied().collect(),
            watch_at: state.watch_at,
            tick_at: state.tick_at,
            counted_from: state.counted_from,
            suspects: state.suspects,
            accused: state.accused.iter().copied().collect(),
            proof: state.proof.clone(),
            settled: state.settled,
        }
    }

    /// The abstract state.
    #[must_use]
    pub fn to_abstract(&self) -> model::State {
        model::State {
            me: self.me,
            view: self.view,
            tats_if_leader: self.column(|peer| peer.tat_if_leader),
            bounds: self.column(|peer| peer.bound),
            announced: self.announced,
            reported: self.column(|peer| peer.reported),
            ping_seq: self.ping_seq,
            pings: self.pings.iter().copied().collect(),
            answered: self.column(|peer| peer.answered),
            replay_asked: self.replay_asked,
            open: self.open.clone(),
            samples: self.samples.iter().copied().collect(),
            watch_at: self.watch_at,
            tick_at: self.tick_at,
            taken: self.column(|peer| peer.taken),
            counted_from: self.counted_from,
            suspects: self.suspects,
            votes: self.column(|peer| peer.vote.clone()),
            accused: self.accused(),
            proof: self.proof.clone(),
            settled: self.settled,
            shown: self.column(|peer| peer.shown),
        }
    }

    /// The preinstalled view.
    #[must_use]
    pub const fn view(&self) -> View {
        self.view
    }

    /// Whether this server voted for the view after this one.
    #[must_use]
    pub const fn suspects(&self) -> bool {
        self.suspects
    }

    /// Leaders that contradicted themselves, as was proven here.
    #[must_use]
    pub fn accused(&self) -> BTreeSet<ReplicaId> {
        self.accused.iter().copied().collect()
    }

    /// Whether `start` was called: not while the log is read.
    #[must_use]
    pub const fn is_started(&self) -> bool {
        self.tick_at.is_some()
    }

    /// The view for which the proof was given, by its first vote; 0 without proof or vote.
    #[must_use]
    pub fn proven(&self) -> View {
        proven_by(self.proof.as_ref())
    }

    /// The view that is to be preinstalled, because its leader was elected and it is not yet.
    #[must_use]
    pub fn awaits(&self) -> Option<View> {
        Some(self.proven()).filter(|&proven| proven > self.view)
    }

    /// When the timer is wanted, if it is.
    #[must_use]
    pub fn wake_at(&self) -> Option<Time> {
        self.tick_at.into_iter().chain(self.watch_at).min()
    }

    fn reached(&self) -> View {
        self.view.max(self.proven())
    }

    fn column<T>(&self, of: impl Fn(&Peer) -> Option<T>) -> Vec<T> {
        self.peers.iter().map_while(of).collect()
    }

    fn peer(&self, id: ReplicaId) -> Option<&Peer> {
        usize::from(id.0).checked_sub(1).and_then(|row| self.peers.get(row))
    }

    fn peer_mut(&mut self, id: ReplicaId) -> Option<&mut Peer> {
        usize::from(id.0).checked_sub(1).and_then(|row| self.peers.get_mut(row))
    }

    fn leads(&self, config: &Config) -> bool {
        leader_of(config, self.view) == Some(self.me)
    }

    /// Sets the clock to be looked at while something is open.
    fn watch(&mut self, rules: &Monitoring, now: Time) {
        let begun = self.watch_at.or(rules.stall_min.map(|least| now.after(least)));
        self.watch_at = begun.filter(|_| !self.open.is_empty());
    }

    /// Begins to measure, if there is room and another server leads; says whether it did.
    fn begin(&mut self, config: &Config, rules: &Monitoring, now: Time, awaited: impl FnOnce() -> Awaited) -> bool {
        let begins = !self.leads(config) && self.open.len() < MAX_OPEN;
        if begins {
            self.open.push(Measurement { since: now, awaited: awaited() });
            self.watch(rules, now);
        }
        begins
    }

    /// Ends what is `over`, in the order begun.
    fn end(&mut self, rules: &Monitoring, now: Time, over: impl Fn(&Awaited) -> bool) {
        let open = std::mem::take(&mut self.open);
        let (ended, open): (Vec<_>, Vec<_>) = open.into_iter().partition(|one| over(&one.awaited));
        let samples = std::mem::take(&mut self.samples);
        self.samples = ended
            .iter()
            .map(|one| now.since(one.since))
            .fold(samples, |samples, tat| with_sample(samples, rules, now, tat));
        self.open = open;
        if self.open.is_empty() {
            self.watch_at = None;
        }
    }
}

fn leader_of(config: &Config, view: View) -> Option<ReplicaId> {
    let turns = u64::try_from(config.leaders.len()).ok()?;
    let turn = usize::try_from(view.0.checked_rem(turns)?).ok()?;
    config.leaders.get(turn).copied()
}

/// B10: what a server would have to wait for a leader so far away.
fn tat_if_leader(rules: &Monitoring, rtt: u64) -> u64 {
    let way = u128::from(rtt.max(rules.rtt_floor)) * u128::from(rules.k_lat) / 100;
    let all = way + u128::from(rules.delta_pp) + u128::from(rules.sched_slack);
    u64::try_from(all).unwrap_or(INFINITE)
}

/// C2, C3, E2, E3: the (f+k+1)-st highest.
fn high(config: &Config, mut values: Vec<u64>) -> u64 {
    values.sort_unstable_by_key(|&value| Reverse(value));
    values.get(config.one_available() - 1).copied().unwrap_or(INFINITE)
}

/// E4, E5: the (f+k+1)-st lowest.
fn low(config: &Config, mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(config.one_available() - 1).copied().unwrap_or(0)
}

fn alpha(state: &State, config: &Config) -> u64 {
    high(config, state.column(|peer| peer.tat_if_leader))
}

/// What `reported` counts for at `now`.
fn counts_for(reported: Reported, rules: &Monitoring, now: Time) -> u64 {
    match rules.mode {
        Mode::Robust { window, .. } if now.since(reported.heard) >= window => 0,
        _ => reported.tat,
    }
}

/// `samples` with one more.
fn with_sample(samples: Vec<(Time, u64)>, rules: &Monitoring, now: Time, tat: u64) -> Vec<(Time, u64)> {
    match rules.mode {
        Mode::Report if samples.iter().any(|sample| sample.1 >= tat) => samples,
        Mode::Report => vec![(now, tat)],
        Mode::Robust { window, .. } => {
            let mut samples = samples;
            samples.push((now, tat));
            samples.retain(|sample| now.since(sample.0) < window);
            while samples.len() > MAX_SAMPLES {
                let least = samples.iter().enumerate().min_by_key(|(_, sample)| sample.1);
                let Some((place, _)) = least else { break };
                samples.remove(place);
            }
            samples
        }
    }
}

/// D2: what the leader is reported to take.
fn measured(state: &State, rules: &Monitoring, now: Time) -> u64 {
    let ages = state.open.iter().map(|one| now.since(one.since));
    let age = ages.max().unwrap_or_default();
    match rules.mode {
        Mode::Report => state.samples.iter().map(|sample| sample.1).fold(age, u64::max),
        Mode::Robust { outliers, window } => {
            let recent = state.samples.iter().filter(|sample| now.since(sample.0) < window);
            let mut tats: Vec<u64> = recent.map(|sample| sample.1).collect();
            tats.sort_unstable_by_key(|&tat| Reverse(tat));
            tats.get(usize::from(outliers)).copied().unwrap_or_default().max(age / 2)
        }
    }
}

/// B1 to B3.
fn make_ping(state: &mut State, now: Time, effects: &mut Effects) {
    state.ping_seq = state.ping_seq.saturating_add(1);
    let count = state.ping_seq;
    let others = state.pings.iter().copied();
    let below = others.clone().filter(|ping| ping.0 < count);
    let above = others.filter(|ping| ping.0 > count);
    let all: Vec<(u64, Time)> = below.chain(Some((count, now))).chain(above).collect();
    let given_up = all.len().saturating_sub(MAX_PINGS);
    state.pings = all.into_iter().skip(given_up).collect();
    effects.send(To::Others, RttPing { view: state.view, seq: count });
}

/// C4.
fn announce(state: &mut State, alpha: u64, effects: &mut Effects) {
    state.announced = state.announced.min(alpha);
    effects.send(To::All, TatUb { view: state.view, alpha });
}

/// E7.
fn vote(state: &mut State, effects: &mut Effects) {
    state.suspects = true;
    effects.send(To::All, NewLeader { view: next(state.view) });
}

fn next(view: View) -> View {
    View(view.0.saturating_add(1))
}

/// Votes, unless that was done, if the leader of the view is accused.
fn vote_if_accused(state: &mut State, config: &Config, effects: &mut Effects) {
    let leader = leader_of(config, state.view);
    let accused = leader.is_some_and(|leader| state.accused.binary_search(&leader).is_ok());
    if accused && !state.suspects {
        vote(state, effects);
    }
}

/// Block E: whether the leader takes longer than is acceptable.
fn too_slow(state: &State, config: &Config, rules: &Monitoring, now: Time) -> bool {
    let counted = |peer: &Peer| peer.reported.map(|reported| counts_for(reported, rules, now));
    let acceptable = high(config, state.column(|peer| peer.bound));
    low(config, state.column(counted)) > acceptable
}

fn evaluate(state: &mut State, config: &Config, rules: &Monitoring, now: Time, effects: &mut Effects) {
    if !state.suspects && too_slow(state, config, rules, now) {
        vote(state, effects);
    }
}

/// The proof is logged and passed on; the view begins with `start`.
fn elect(state: &mut State, proof: NewLeaderProof, effects: &mut Effects) {
    state.proof = Some(proof.clone());
    effects.promise(To::Others, proof);
}

/// The proof that a view above `above` was voted for by Q servers, if one was.
fn elected(state: &State, config: &Config, above: View) -> Option<NewLeaderProof> {
    let votes = || state.peers.iter().filter_map(|peer| peer.vote.as_ref()?.as_ref());
    let mut views: Vec<View> =
        votes().map(|vote| vote.body().view).filter(|&view| view > above).collect();
    views.sort_unstable();
    let runs = views.chunk_by(|a, b| a == b).rev();
    let view = runs.filter(|run| run.len() >= config.quorum()).find_map(|run| run.first().copied())?;
    let signed = votes().filter(|vote| vote.body().view == view).map(|vote| vote.signed().clone());
    let mut signed = signed;
    Some(NewLeaderProof { votes: List::take(&mut signed) })
}

/// Counts one more message of `sender`, if that may be.
fn take(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    sender: ReplicaId,
) -> Result<(), Reject> {
    if now.since(state.counted_from) >= rules.period {
        state.counted_from = now;
        state.peers.iter_mut().for_each(|peer| peer.taken = peer.taken.map(|_| 0));
    }
    let allowance = 4 * (5 + u32::from(config.n));
    let taken = state.peer_mut(sender).and_then(|peer| peer.taken.as_mut());
    let taken = taken.filter(|taken| **taken < allowance).ok_or(Reject::Full)?;
    *taken += 1;
    Ok(())
}

/// Whether a message is about the preinstalled view and its sender and addressee may be who they are.
fn current(state: &State, view: View, entitled: bool) -> Result<(), Reject> {
    match (view == state.view, entitled) {
        (false, _) => Err(Reject::WrongView),
        (true, false) => Err(Reject::NotEntitled),
        (true, true) => Ok(()),
    }
}

/// Says what came of a message, if it was refused.
fn refuse(verdict: Result<(), Reject>, sender: ReplicaId, effects: &mut Effects) {
    verdict.err().into_iter().for_each(|reason| effects.reject(sender, reason));
}

/// Takes note that there is proof that the leader of `view` contradicted itself.
pub fn accuse(state: &mut State, config: &Config, view: View, effects: &mut Effects) {
    let leader = leader_of(config, view);
    let place = leader.and_then(|leader| state.accused.binary_search(&leader).err());
    if let (Some(leader), Some(place)) = (leader, place) {
        state.accused.insert(place, leader);
    }
    if leader.is_some() && leader == leader_of(config, state.view) {
        vote_if_accused(state, config, effects);
    }
}

/// Looks at the clock, at the beginning of every step.
pub fn exclude_stall(state: &mut State, rules: &Monitoring, now: Time) {
    let watch_at = state.watch_at.filter(|&at| at <= now);
    if let (Some(least), Some(at)) = (rules.stall_min, watch_at) {
        let lost = now.since(at);
        if lost > least {
            state.open.iter_mut().for_each(|one| one.since = one.since.after(lost).min(now));
        }
        state.watch_at = Some(now.after(least));
    }
}

/// Whether a vote is news.
fn votable(state: &State, message: &Verified<NewLeader>) -> Result<(), Reject> {
    let view = message.body().view;
    if view <= state.reached() {
        return Err(Reject::Stale);
    }
    let held = state.peer(message.signer()).and_then(|peer| peer.vote.as_ref());
    match held.ok_or(Reject::NotEntitled)? {
        Some(vote) if vote.body().view >= view => Err(Reject::Duplicate),
        _ => Ok(()),
    }
}

/// Counts a New-Leader vote of its signer, who may be this server.
pub fn on_new_leader(
    state: &mut State,
    config: &Config,
    message: &Verified<NewLeader>,
    effects: &mut Effects,
) {
    let verdict = votable(state, message);
    if verdict.is_ok() {
        if let Some(peer) = state.peer_mut(message.signer()) {
            peer.vote = Some(Some(message.clone()));
        }
        let proof = elected(state, config, state.reached());
        proof.into_iter().for_each(|proof| elect(state, proof, effects));
    }
    refuse(verdict, message.signer(), effects);
}

/// Whether a proof elects a leader that is not known to be elected.
fn elects(state: &State, config: &Config, proof: &NewLeaderProof) -> Result<(), Reject> {
    let votes = &proof.votes;
    let view = proven_by(Some(proof));
    let ascending = votes.is_sorted_by(|a, b| a.signer < b.signer);
    let alike = votes.iter().all(|vote| vote.body.view == view);
    if votes.len() < config.quorum() || !ascending || !alike {
        return Err(Reject::Invalid);
    }
    match view.cmp(&state.reached()) {
        std::cmp::Ordering::Less => Err(Reject::Stale),
        std::cmp::Ordering::Equal => Err(Reject::Duplicate),
        std::cmp::Ordering::Greater => Ok(()),
    }
}

/// Takes a New-Leader-Proof.
pub fn on_new_leader_proof(
    state: &mut State,
    config: &Config,
    message: &Verified<NewLeaderProof>,
    effects: &mut Effects,
) {
    let verdict = elects(state, config, message.body());
    if verdict.is_ok() {
        elect(state, message.body().clone(), effects);
    }
    refuse(verdict, message.signer(), effects);
}

/// Shows `peer`, which spoke as one who has preinstalled `view`, that a later leader was elected.
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
    let Some(proof) = state.proof.clone() else { return false };
    let Some(shown) = state.peer_mut(peer).and_then(|peer| peer.shown.as_mut()) else { return false };
    if shown.is_some_and(|last| now < last.after(rules.period)) {
        return false;
    }
    *shown = Some(now);
    effects.send(To::One(peer), proof);
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
    state.begin(config, rules, now, || Awaited::Matrix(matrix.clone()));
}

/// Ends every measurement whose matrix is covered by `preceding`.
pub fn on_proposal(
    state: &mut State,
    rules: &Monitoring,
    now: Time,
    blacklist: &BTreeSet<ReplicaId>,
    preceding: &Matrix,
) {
    state.end(rules, now, |awaited| match awaited {
        Awaited::Matrix(matrix) => covers(blacklist, preceding, matrix),
        Awaited::Replay(_) => false,
    });
}

/// Ends the measurement for a Replay.
pub fn on_replay(state: &mut State, rules: &Monitoring, now: Time) {
    state.replay_asked = true;
    state.end(rules, now, |awaited| match awaited {
        Awaited::Matrix(_) => false,
        Awaited::Replay(_) => true,
    });
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
    let (body, sender) = (message.body(), message.signer());
    let verdict = current(state, body.view, body.to == state.me && sender != state.me)
        .and_then(|()| take(state, config, rules, now, sender));
    if verdict.is_ok() {
        let tat = tat_if_leader(rules, body.rtt);
        let known = state.peer_mut(sender).and_then(|peer| peer.tat_if_leader.as_mut());
        if let Some(known) = known.filter(|known| tat < **known) {
            *known = tat;
            let alpha = alpha(state, config);
            if alpha < state.announced {
                announce(state, alpha, effects);
            }
        }
    }
    refuse(verdict, sender, effects);
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
    let (body, sender) = (message.body(), message.signer());
    let verdict = current(state, body.view, sender != state.me)
        .and_then(|()| take(state, config, rules, now, sender));
    if verdict.is_ok() {
        let pong = RttPong { view: body.view, pinger: sender, seq: body.seq };
        effects.send(To::One(sender), pong);
    }
    refuse(verdict, sender, effects);
}

/// When the ping was sent that is answered for the first time.
fn answers(state: &State, sender: ReplicaId, count: u64) -> Result<Time, Reject> {
    let answered = state.peer(sender).and_then(|peer| peer.answered);
    if count > state.ping_seq {
        return Err(Reject::Invalid);
    }
    if answered.is_some_and(|answered| count <= answered) {
        return Err(Reject::Duplicate);
    }
    let place = state.pings.binary_search_by_key(&count, |ping| ping.0);
    let ping = place.ok().and_then(|place| state.pings.get(place));
    ping.map(|ping| ping.1).ok_or(Reject::Stale)
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
    let (body, sender) = (message.body(), message.signer());
    let verdict = current(state, body.view, body.pinger == state.me && sender != state.me)
        .and_then(|()| take(state, config, rules, now, sender))
        .and_then(|()| answers(state, sender, body.seq));
    let verdict = verdict.map(|sent| {
        if let Some(peer) = state.peer_mut(sender) {
            peer.answered = peer.answered.map(|_| body.seq);
        }
        let measure = RttMeasure { view: state.view, to: sender, rtt: now.since(sent) };
        effects.send(To::One(sender), measure);
    });
    refuse(verdict, sender, effects);
}

/// Takes a TAT-Measure of its signer, who may be this server.
pub fn on_tat_measure(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<TatMeasure>,
    effects: &mut Effects,
) {
    let (body, sender) = (message.body(), message.signer());
    let verdict = current(state, body.view, true)
        .and_then(|()| take(state, config, rules, now, sender));
    if verdict.is_ok() {
        let held = state.peer_mut(sender).and_then(|peer| peer.reported.as_mut());
        if let Some(held) = held.filter(|held| body.tat >= counts_for(**held, rules, now)) {
            *held = Reported { tat: body.tat, heard: now };
            evaluate(state, config, rules, now, effects);
        }
    }
    refuse(verdict, sender, effects);
}

/// Takes a TAT-UB of its signer, who may be this server.
pub fn on_tat_ub(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<TatUb>,
    effects: &mut Effects,
) {
    let (body, sender) = (message.body(), message.signer());
    let verdict = current(state, body.view, true)
        .and_then(|()| take(state, config, rules, now, sender));
    if verdict.is_ok() {
        let bound = state.peer_mut(sender).and_then(|peer| peer.bound.as_mut());
        if let Some(bound) = bound.filter(|bound| body.alpha < **bound) {
            *bound = body.alpha;
            evaluate(state, config, rules, now, effects);
        }
    }
    refuse(verdict, sender, effects);
}

/// Begins to measure how long the leader takes to send a Replay.
pub fn on_vc_proof(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    proof: &VcProof,
) {
    if !state.replay_asked {
        state.replay_asked =
            state.begin(config, rules, now, || Awaited::Replay(Box::new(proof.clone())));
    }
}

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(state: &mut State, record: &Record<Prime>) {
    if let Record::Promise(Body::NewLeaderProof(proof)) = record
        && !proof.votes.is_empty()
        && proven_by(Some(proof)) > state.proven()
    {
        state.proof = Some(proof.clone());
    }
}

/// Notes that something was executed in the installed view `view`.
pub fn settle(state: &mut State, view: View) {
    state.settled |= view == state.view;
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
    let fresh = State::new(config, state.me);
    let old = std::mem::replace(state, fresh);
    let vote = |row: usize| {
        let held = old.peers.get(row).and_then(|peer| peer.vote.clone()).flatten();
        held.filter(|vote| vote.body().view > view)
    };
    let peers = (0..config.size()).map(|row| Peer { vote: Some(vote(row)), ..Peer::fresh() });
    let proven = old.proven();
    *state = State {
        view,
        peers: peers.collect(),
        tick_at: Some(now.after(rules.period)),
        counted_from: now,
        accused: old.accused,
        proof: old.proof.filter(|_| proven == view && proven > View(0)),
        ..State::new(config, old.me)
    };
    let me = old.me;
    if let Some(peer) = state.peer_mut(me) {
        peer.tat_if_leader = Some(tat_if_leader(rules, 0));
    }
    make_ping(state, now, effects);
    vote_if_accused(state, config, effects);
}

/// Does what is periodic, if it is due.
pub fn tick(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    effects: &mut Effects,
) {
    if state.tick_at.is_none_or(|at| now < at) {
        return;
    }
    state.tick_at = Some(now.after(rules.period));
    make_ping(state, now, effects);
    announce(state, alpha(state, config), effects);
    let tat = if state.leads(config) { 0 } else { measured(state, rules, now) };
    effects.send(To::All, TatMeasure { view: state.view, tat });
    if state.suspects {
        effects.send(To::Others, NewLeader { view: next(state.view) });
    }
    let proof = state.proof.iter().filter(|_| !state.settled);
    proof.for_each(|proof| effects.send(To::Others, proof.clone()));
}
