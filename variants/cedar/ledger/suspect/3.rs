//! Leader monitoring, kept as logs: what each server said or was told is a log of lines, of which the
//! last of each server counts; what the leader owes and what it took are logs of their own. Refusals
//! stand in tables; what follows is drawn up as commands, which [`carry_out`] executes.

use prime::pre_order::covers;
use prime::suspect::model;
use prime::suspect::model::Awaited;
use prime::suspect::model::Effects;
use prime::suspect::model::INFINITE;
use prime::suspect::model::MAX_OPEN;
use prime::suspect::model::MAX_PINGS;
use prime::suspect::model::Measurement;
use prime::suspect::model::Reported;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::VecDeque;
use wire::Config;
use wire::Effect;
use wire::List;
use wire::Monitoring;
use wire::Record;
use wire::Reject;
use wire::ReplicaId;
use wire::Signed;
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
use wire::prime::ProofMatrix;
use wire::prime::RttMeasure;
use wire::prime::RttPing;
use wire::prime::RttPong;
use wire::prime::TatMeasure;
use wire::prime::TatUb;
use wire::prime::VcProof;

// ---- Logs ----

/// Lines about servers, in the order in which they were written; the last about each counts, and
/// without one a value that is the same for all.
#[derive(Clone)]
struct Log<T> {
    lines: Vec<(usize, T)>,
    /// A fold: the last line about each row. As many as there are rows.
    last: Vec<Option<usize>>,
    blank: T,
}

impl<T: Clone + PartialEq> Log<T> {
    fn new(rows: usize, blank: T) -> Self {
        Self { lines: Vec::new(), last: vec![None; rows], blank }
    }

    fn from_values(values: &[T], blank: T) -> Self {
        let mut log = Self::new(values.len(), blank);
        for (row, value) in values.iter().enumerate() {
            if *value != log.blank {
                log.note(row, value.clone());
            }
        }
        log
    }

    /// What counts of `row`; `None` if there is no such row.
    fn get(&self, row: usize) -> Option<&T> {
        let line = self.last.get(row)?.and_then(|place| self.lines.get(place));
        Some(line.map_or(&self.blank, |(_, value)| value))
    }

    fn values(&self) -> impl Iterator<Item = &T> {
        (0..self.last.len()).filter_map(|row| self.get(row))
    }

    fn to_values(&self) -> Vec<T> {
        self.values().cloned().collect()
    }

    fn note(&mut self, row: usize, value: T) {
        let Some(last) = self.last.get_mut(row) else { return };
        *last = Some(self.lines.len());
        self.lines.push((row, value));
        if self.lines.len() > 2 * self.last.len() + 16 {
            self.compact();
        }
    }

    /// Strikes out the lines that do not count.
    fn compact(&mut self) {
        let mut place = 0..;
        let last = &self.last;
        self.lines.retain(|(row, _)| last.get(*row).copied().flatten() == place.next());
        for (place, (row, _)) in self.lines.iter().enumerate() {
            if let Some(last) = self.last.get_mut(*row) {
                *last = Some(place);
            }
        }
    }

    /// Begins anew.
    fn clear(&mut self) {
        self.lines.clear();
        self.last.fill(None);
    }
}

/// The logs.
#[derive(Clone)]
pub struct State {
    me: ReplicaId,
    view: View,
    distances: Log<u64>,
    bounds: Log<u64>,
    announced: u64,
    reports: Log<Reported>,
    ping_seq: u64,
    pings: BTreeMap<u64, Time>,
    answered: Log<u64>,
    replay_asked: bool,
    /// The log of what the leader was asked for and still owes.
    open: Vec<Measurement>,
    /// The log of what it took.
    samples: VecDeque<(Time, u64)>,
    watch_at: Option<Time>,
    tick_at: Option<Time>,
    taken: Log<u32>,
    counted_from: Time,
    suspects: bool,
    votes: Log<Option<Verified<NewLeader>>>,
    accused: BTreeSet<ReplicaId>,
    proof: Option<NewLeaderProof>,
    settled: bool,
    shown: Log<Option<Time>>,
}

impl State {
    /// A state for an abstract one.
    #[must_use]
    pub fn from_abstract(state: &model::State) -> Self {
        Self {
            me: state.me,
            view: state.view,
            distances: Log::from_values(&state.tats_if_leader, INFINITE),
            bounds: Log::from_values(&state.bounds, INFINITE),
            announced: state.announced,
            reports: Log::from_values(&state.reported, Reported::default()),
            ping_seq: state.ping_seq,
            pings: state.pings.clone(),
            answered: Log::from_values(&state.answered, 0),
            replay_asked: state.replay_asked,
            open: state.open.clone(),
            samples: state.samples.clone(),
            watch_at: state.watch_at,
            tick_at: state.tick_at,
            taken: Log::from_values(&state.taken, 0),
            counted_from: state.counted_from,
            suspects: state.suspects,
            votes: Log::from_values(&state.votes, None),
            accused: state.accused.clone(),
            proof: state.proof.clone(),
            settled: state.settled,
            shown: Log::from_values(&state.shown, None),
        }
    }

    /// The abstract state.
    #[must_use]
    pub fn to_abstract(&self) -> model::State {
        model::State {
            me: self.me,
            view: self.view,
            tats_if_leader: self.distances.to_values(),
            bounds: self.bounds.to_values(),
            announced: self.announced,
            reported: self.reports.to_values(),
            ping_seq: self.ping_seq,
            pings: self.pings.clone(),
            answered: self.answered.to_values(),
            replay_asked: self.replay_asked,
            open: self.open.clone(),
            samples: self.samples.clone(),
            watch_at: self.watch_at,
            tick_at: self.tick_at,
            taken: self.taken.to_values(),
            counted_from: self.counted_from,
            suspects: self.suspects,
            votes: self.votes.to_values(),
            accused: self.accused.clone(),
            proof: self.proof.clone(),
            settled: self.settled,
            shown: self.shown.to_values(),
        }
    }

    /// Nothing known, view 0 preinstalled.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        let rows = config.size();
        Self {
            me,
            view: View(0),
            distances: Log::new(rows, INFINITE),
            bounds: Log::new(rows, INFINITE),
            announced: INFINITE,
            reports: Log::new(rows, Reported::default()),
            ping_seq: 0,
            pings: BTreeMap::new(),
            answered: Log::new(rows, 0),
            replay_asked: false,
            open: Vec::new(),
            samples: VecDeque::new(),
            watch_at: None,
            tick_at: None,
            taken: Log::new(rows, 0),
            counted_from: Time(0),
            suspects: false,
            votes: Log::new(rows, None),
            accused: BTreeSet::new(),
            proof: None,
            settled: false,
            shown: Log::new(rows, None),
        }
    }

    /// `view`.
    #[must_use]
    pub const fn view(&self) -> View {
        self.view
    }

    /// `suspects`.
    #[must_use]
    pub const fn suspects(&self) -> bool {
        self.suspects
    }

    /// `accused`.
    #[must_use]
    pub fn accused(&self) -> BTreeSet<ReplicaId> {
        self.accused.clone()
    }

    /// Whether `tick_at` is set.
    #[must_use]
    pub const fn is_started(&self) -> bool {
        self.tick_at.is_some()
    }

    /// The view for which `proof` was given, by its first vote; 0 without proof or vote.
    #[must_use]
    pub fn proven(&self) -> View {
        self.proof.as_ref().map_or(View(0), view_of)
    }

    /// The view that is to be preinstalled.
    #[must_use]
    pub fn awaits(&self) -> Option<View> {
        Some(self.proven()).filter(|proven| *proven > self.view)
    }

    /// When the timer is wanted, if it is.
    #[must_use]
    pub fn wake_at(&self) -> Option<Time> {
        [self.tick_at, self.watch_at].into_iter().flatten().min()
    }

    fn reached(&self) -> View {
        self.view.max(self.proven())
    }

    fn leads(&self, config: &Config) -> bool {
        config.leader_of(self.view) == self.me
    }
}

fn row_of(id: ReplicaId) -> Option<usize> {
    usize::from(id.0).checked_sub(1)
}

/// The row of a server, or one that no log has.
fn row_or_none(id: ReplicaId) -> usize {
    row_of(id).unwrap_or(usize::MAX)
}

fn view_of(proof: &NewLeaderProof) -> View {
    proof.votes.first().map_or(View(0), |vote| vote.body.view)
}

const fn later(time: Time, delay: u64) -> Time {
    Time(time.0.saturating_add(delay))
}

const fn since(then: Time, now: Time) -> u64 {
    now.0.saturating_sub(then.0)
}

// ---- Folds ----

/// The `rank`-th lowest of `values`, from 1.
fn lowest<'a>(values: impl Iterator<Item = &'a u64>, rank: usize) -> Option<u64> {
    let mut values: Vec<u64> = values.copied().collect();
    let place = rank.checked_sub(1).filter(|place| *place < values.len())?;
    Some(*values.select_nth_unstable(place).1)
}

/// The turn-around time to be expected over a way of `rtt`.
fn tat_if_leader(rules: &Monitoring, rtt: u64) -> u64 {
    let way = u128::from(rtt.max(rules.rtt_floor)) * u128::from(rules.k_lat) / 100;
    let sum = way + u128::from(rules.delta_pp) + u128::from(rules.sched_slack);
    u64::try_from(sum).map_or(INFINITE - 1, |sum| sum.min(INFINITE - 1))
}

/// What a report counts for.
fn counts_for(report: &Reported, rules: &Monitoring, now: Time) -> u64 {
    match rules.mode {
        Mode::Robust { window, .. } if since(report.heard, now) > window => 0,
        Mode::Robust { .. } | Mode::Report => report.tat,
    }
}

/// What is to be reported of the leader.
fn measured(
    rules: &Monitoring,
    samples: &VecDeque<(Time, u64)>,
    open: &[Measurement],
    now: Time,
) -> u64 {
    let age = open.iter().map(|owed| since(owed.since, now)).max().unwrap_or(0);
    match rules.mode {
        Mode::Report => samples.iter().map(|(_, tat)| *tat).max().unwrap_or(0).max(age),
        Mode::Robust { outliers, window } => {
            let recent = samples.iter().filter(|(at, _)| since(*at, now) <= window);
            let mut tats: Vec<u64> = recent.map(|(_, tat)| *tat).collect();
            let beyond = tats.len().checked_sub(usize::from(outliers) + 1);
            let largest = beyond.map_or(0, |place| *tats.select_nth_unstable(place).1);
            largest.max(age / 2)
        }
    }
}

/// Adds to the log of what the leader took, and strikes out of it what no longer counts.
fn keep_sample(samples: &mut VecDeque<(Time, u64)>, rules: &Monitoring, now: Time, tat: u64) {
    match rules.mode {
        Mode::Report => {
            if samples.iter().all(|(_, known)| *known < tat) {
                samples.clear();
                samples.push_back((now, tat));
            }
        }
        Mode::Robust { window, .. } => {
            samples.push_back((now, tat));
            samples.retain(|(at, _)| since(*at, now) <= window);
            while samples.len() > MAX_SAMPLES {
                let places = samples.iter().enumerate();
                let least = places.min_by_key(|(_, (_, tat))| *tat).map(|(place, _)| place);
                let Some(least) = least else { break };
                samples.remove(least);
            }
        }
    }
}

/// The votes of the highest view above `above` that Q servers want.
fn elected(
    config: &Config,
    votes: &Log<Option<Verified<NewLeader>>>,
    above: View,
) -> Option<NewLeaderProof> {
    let wanted = || votes.values().flatten().filter(|vote| vote.body().view > above);
    let mut views: Vec<View> = wanted().map(|vote| vote.body().view).collect();
    views.sort_unstable_by(|a, b| b.cmp(a));
    let rank = config.quorum().checked_sub(1)?;
    // Descending: where Q equal ones begin, the one Q - 1 further is equal too.
    let chosen = views.iter().zip(views.iter().skip(rank)).find(|(first, last)| first == last);
    let (view, _) = chosen?;
    let mut chosen = wanted().filter(|vote| vote.body().view == *view);
    let mut signed = chosen.by_ref().map(|vote| vote.signed().clone());
    Some(NewLeaderProof { votes: List::take(&mut signed) })
}

// ---- Commands ----

/// What is to be done.
enum Command {
    /// How far away a server is found, as a turn-around time.
    Distance(usize, u64),
    /// What a server promises.
    Bound(usize, u64),
    /// What this server promises.
    Announce(u64),
    /// What a server reports.
    Report(usize, Reported),
    /// A ping goes out.
    Ping(u64, Time),
    /// A server answered a ping.
    Answered(usize, u64),
    /// A message of a server was taken.
    Taken(usize, u32),
    /// Counting what is taken begins anew.
    Recount(Time),
    /// A Replay was asked for, or came.
    ReplayAsked,
    /// The leader is asked.
    Ask(Measurement, Option<Time>),
    /// This server voted.
    Suspect,
    /// A server voted.
    Vote(usize, Verified<NewLeader>),
    /// A leader contradicted itself.
    Accuse(ReplicaId),
    /// A leader was elected.
    Elect(NewLeaderProof),
    /// A server was shown the proof.
    Shown(usize, Time),
    /// A record of the log on disk.
    Log(Record<Prime>),
    /// To sign and send.
    Say(To, Body),
    /// Whose message was dropped, and why.
    Refuse(ReplicaId, Reject),
}

/// Does to the state what of `command` concerns it; what is left comes back.
fn settle_in(state: &mut State, command: Command) -> Option<Command> {
    match command {
        Command::Distance(row, tat) => state.distances.note(row, tat),
        Command::Bound(row, alpha) => state.bounds.note(row, alpha),
        Command::Announce(alpha) => state.announced = alpha,
        Command::Report(row, report) => state.reports.note(row, report),
        Command::Ping(seq, at) => {
            state.ping_seq = seq;
            state.pings.insert(seq, at);
            while state.pings.len() > MAX_PINGS {
                state.pings.pop_first();
            }
        }
        Command::Answered(row, seq) => state.answered.note(row, seq),
        Command::Taken(row, count) => state.taken.note(row, count),
        Command::Recount(at) => {
            state.counted_from = at;
            state.taken.clear();
        }
        Command::ReplayAsked => state.replay_asked = true,
        Command::Ask(owed, watch_at) => {
            state.open.push(owed);
            state.watch_at = state.watch_at.or(watch_at);
        }
        Command::Suspect => state.suspects = true,
        Command::Vote(row, vote) => state.votes.note(row, Some(vote)),
        Command::Accuse(leader) => {
            state.accused.insert(leader);
        }
        Command::Elect(proof) => state.proof = Some(proof),
        Command::Shown(row, at) => state.shown.note(row, Some(at)),
        Command::Log(_) | Command::Say(..) | Command::Refuse(..) => return Some(command),
    }
    None
}

fn carry_out(
    state: &mut State,
    commands: impl IntoIterator<Item = Command>,
    effects: &mut Effects,
) {
    for command in commands {
        match settle_in(state, command) {
            Some(Command::Log(record)) => effects.persist(record),
            Some(Command::Say(to, body)) => effects.push(Effect::Send { to, body }),
            Some(Command::Refuse(from, reason)) => effects.reject(from, reason),
            _ => {}
        }
    }
}

/// To vote for the next leader, at most once in a view.
fn vote(state: &State) -> Vec<Command> {
    if state.suspects {
        return Vec::new();
    }
    vec![Command::Suspect, Command::Say(To::All, ballot(state))]
}

fn ballot(state: &State) -> Body {
    NewLeader { view: View(state.view.0.saturating_add(1)) }.into()
}

fn elect(proof: NewLeaderProof) -> [Command; 3] {
    let body = Body::from(proof.clone());
    [
        Command::Elect(proof),
        Command::Log(Record::Promise(body.clone())),
        Command::Say(To::Others, body),
    ]
}

fn ping(state: &State, now: Time) -> [Command; 2] {
    let seq = state.ping_seq.saturating_add(1);
    let body = Body::from(RttPing { view: state.view, seq });
    [Command::Ping(seq, now), Command::Say(To::Others, body)]
}

/// To announce a lower bound, if what is known now allows it.
fn announce(state: &State, config: &Config) -> Vec<Command> {
    let alpha = lowest(state.distances.values(), config.quorum()).unwrap_or(INFINITE);
    if alpha >= state.announced {
        return Vec::new();
    }
    let body = Body::from(TatUb { view: state.view, alpha });
    vec![Command::Announce(alpha), Command::Say(To::All, body)]
}

/// To vote, if the leader is slower than a correct one would be.
fn evaluate(state: &State, config: &Config, rules: &Monitoring, now: Time) -> Vec<Command> {
    if state.suspects {
        return Vec::new();
    }
    let acceptable = lowest(state.bounds.values(), config.quorum()).unwrap_or(INFINITE);
    let reported: Vec<u64> =
        state.reports.values().map(|report| counts_for(report, rules, now)).collect();
    let given = lowest(reported.iter(), config.one_available()).unwrap_or(0);
    if given > acceptable { vote(state) } else { Vec::new() }
}

// ---- What is taken of others ----

/// What a message says of itself.
struct Claim {
    view: View,
    sender: ReplicaId,
    entitled: bool,
}

/// A condition, and why a message is refused that meets it.
type Guard<C> = (fn(&State, &C) -> bool, Reject);

const BARRIERS: [Guard<Claim>; 2] = [
    (|state, claim| claim.view != state.view, Reject::WrongView),
    (|_, claim| !claim.entitled, Reject::NotEntitled),
];

/// The first refusal in `table` whose condition holds.
fn refusal<C>(table: &[Guard<C>], state: &State, case: &C) -> Option<Reject> {
    table.iter().find(|(holds, _)| holds(state, case)).map(|(_, reject)| *reject)
}

/// Most messages taken of one server in one period.
fn allowance(config: &Config) -> u32 {
    4 * (5 + u32::from(config.n))
}

/// To count one more message of `row`; `None` if it said enough in this period.
fn take(
    state: &State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    row: usize,
) -> Option<Vec<Command>> {
    let known = *state.taken.get(row)?;
    if later(state.counted_from, rules.period) <= now {
        return Some(vec![Command::Recount(now), Command::Taken(row, 1)]);
    }
    (known < allowance(config)).then(|| vec![Command::Taken(row, known.saturating_add(1))])
}

/// Whether the message may be acted on. Then it was counted; else it was refused.
fn admit(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    claim: &Claim,
    effects: &mut Effects,
) -> bool {
    let verdict = match refusal(&BARRIERS, state, claim) {
        Some(reject) => Err(reject),
        None => {
            let counted = take(state, config, rules, now, row_or_none(claim.sender));
            counted.ok_or(Reject::Full)
        }
    };
    let admitted = verdict.is_ok();
    let commands = verdict.unwrap_or_else(|reject| vec![Command::Refuse(claim.sender, reject)]);
    carry_out(state, commands, effects);
    admitted
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
    let (sender, RttPing { view, seq }) = (message.signer(), message.body().clone());
    let claim = Claim { view, sender, entitled: sender != state.me };
    if admit(state, config, rules, now, &claim, effects) {
        let body = Body::from(RttPong { view, pinger: sender, seq });
        carry_out(state, [Command::Say(To::One(sender), body)], effects);
    }
}

/// An answer to a ping.
struct Pong {
    row: usize,
    seq: u64,
}

const PONGS: [Guard<Pong>; 3] = [
    (|state, pong| pong.seq > state.ping_seq, Reject::Invalid),
    (
        |state, pong| state.answered.get(pong.row).is_none_or(|last| pong.seq <= *last),
        Reject::Duplicate,
    ),
    (|state, pong| !state.pings.contains_key(&pong.seq), Reject::Stale),
];

/// Takes an RTT-Pong of its signer and tells the signer what it shows.
pub fn on_rtt_pong(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttPong>,
    effects: &mut Effects,
) {
    let (sender, RttPong { view, pinger, seq }) = (message.signer(), message.body().clone());
    let entitled = pinger == state.me && sender != state.me;
    let claim = Claim { view, sender, entitled };
    if !admit(state, config, rules, now, &claim, effects) {
        return;
    }
    let pong = Pong { row: row_or_none(sender), seq };
    let commands = match (refusal(&PONGS, state, &pong), state.pings.get(&seq)) {
        (Some(reject), _) => vec![Command::Refuse(sender, reject)],
        (None, None) => Vec::new(),
        (None, Some(sent)) => {
            let rtt = since(*sent, now);
            let body = Body::from(RttMeasure { view, to: sender, rtt });
            vec![Command::Answered(pong.row, seq), Command::Say(To::One(sender), body)]
        }
    };
    carry_out(state, commands, effects);
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
    let (sender, RttMeasure { view, to, rtt }) = (message.signer(), message.body().clone());
    let claim = Claim { view, sender, entitled: to == state.me && sender != state.me };
    if !admit(state, config, rules, now, &claim, effects) {
        return;
    }
    let (row, tat) = (row_or_none(sender), tat_if_leader(rules, rtt));
    let falls = state.distances.get(row).is_some_and(|known| tat < *known);
    carry_out(state, falls.then_some(Command::Distance(row, tat)), effects);
    let commands = announce(state, config);
    carry_out(state, commands, effects);
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
    let (sender, TatUb { view, alpha }) = (message.signer(), message.body().clone());
    let claim = Claim { view, sender, entitled: true };
    if !admit(state, config, rules, now, &claim, effects) {
        return;
    }
    let row = row_or_none(sender);
    let falls = state.bounds.get(row).is_some_and(|known| alpha < *known);
    carry_out(state, falls.then_some(Command::Bound(row, alpha)), effects);
    let commands = evaluate(state, config, rules, now);
    carry_out(state, commands, effects);
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
    let (sender, TatMeasure { view, tat }) = (message.signer(), message.body().clone());
    let claim = Claim { view, sender, entitled: true };
    if !admit(state, config, rules, now, &claim, effects) {
        return;
    }
    let row = row_or_none(sender);
    let counts = state.reports.get(row).map(|report| counts_for(report, rules, now));
    let kept = counts.is_some_and(|known| match rules.mode {
        Mode::Report => tat > known,
        // Equal words renew what was heard.
        Mode::Robust { .. } => tat >= known,
    });
    let report = Reported { tat, heard: now };
    carry_out(state, kept.then_some(Command::Report(row, report)), effects);
    let commands = evaluate(state, config, rules, now);
    carry_out(state, commands, effects);
}

// ---- Votes ----

/// A vote that came.
struct Ballot {
    row: usize,
    view: View,
}

const BALLOTS: [Guard<Ballot>; 2] = [
    (|state, ballot| ballot.view <= state.reached(), Reject::Stale),
    (
        |state, ballot| {
            let held = state.votes.get(ballot.row).and_then(Option::as_ref);
            held.is_some_and(|vote| vote.body().view >= ballot.view)
        },
        Reject::Duplicate,
    ),
];

/// Counts a New-Leader vote of its signer, who may be this server.
pub fn on_new_leader(
    state: &mut State,
    config: &Config,
    message: &Verified<NewLeader>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let ballot = Ballot { row: row_or_none(sender), view: message.body().view };
    if let Some(reject) = refusal(&BALLOTS, state, &ballot) {
        carry_out(state, [Command::Refuse(sender, reject)], effects);
        return;
    }
    // Of a server without a row nothing can be held, so nothing comes of it.
    if state.votes.get(ballot.row).is_none() {
        return;
    }
    carry_out(state, [Command::Vote(ballot.row, message.clone())], effects);
    let proof = elected(config, &state.votes, state.reached());
    carry_out(state, proof.into_iter().flat_map(elect), effects);
}

/// A proof that came: whether it is one, and of which view.
struct Showing {
    valid: bool,
    view: View,
}

const SHOWINGS: [Guard<Showing>; 3] = [
    (|_, showing| !showing.valid, Reject::Invalid),
    (|state, showing| showing.view == state.reached(), Reject::Duplicate),
    (|state, showing| showing.view < state.reached(), Reject::Stale),
];

fn valid(config: &Config, votes: &[Signed<NewLeader>]) -> bool {
    let pairs = || votes.iter().zip(votes.iter().skip(1));
    votes.len() >= config.quorum()
        && pairs().all(|(one, next)| one.signer < next.signer && one.body.view == next.body.view)
}

/// Takes a New-Leader-Proof.
pub fn on_new_leader_proof(
    state: &mut State,
    config: &Config,
    message: &Verified<NewLeaderProof>,
    effects: &mut Effects,
) {
    let proof = message.body();
    let showing = Showing { valid: valid(config, &proof.votes), view: view_of(proof) };
    if let Some(reject) = refusal(&SHOWINGS, state, &showing) {
        carry_out(state, [Command::Refuse(message.signer(), reject)], effects);
        return;
    }
    carry_out(state, elect(proof.clone()), effects);
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
    // Nobody shows himself what he holds.
    if peer == state.me {
        return false;
    }
    let row = row_or_none(peer);
    let Some(shown) = state.shown.get(row).copied() else { return false };
    let recently = shown.is_some_and(|at| later(at, rules.period) > now);
    let Some(proof) = state.proof.as_ref().filter(|_| view < state.proven() && !recently) else {
        return false;
    };
    let commands =
        [Command::Shown(row, now), Command::Say(To::One(peer), Body::from(proof.clone()))];
    carry_out(state, commands, effects);
    true
}

/// Takes note that there is proof that the leader of `view` contradicted itself.
pub fn accuse(state: &mut State, config: &Config, view: View, effects: &mut Effects) {
    let culprit = config.leader_of(view);
    carry_out(state, [Command::Accuse(culprit)], effects);
    // What was proven of others before does not count again.
    if culprit == config.leader_of(state.view) {
        let commands = vote(state);
        carry_out(state, commands, effects);
    }
}

/// To vote, if the leader that begins is one of the accused.
fn denounce(state: &State, config: &Config) -> Vec<Command> {
    let accused = state.accused.contains(&config.leader_of(state.view));
    if accused { vote(state) } else { Vec::new() }
}

/// Notes that something was executed in the installed view `view`.
pub fn settle(state: &mut State, view: View) {
    state.settled |= view == state.view;
}

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(state: &mut State, record: &Record<Prime>) {
    let Record::Promise(Body::NewLeaderProof(proof)) = record else { return };
    if view_of(proof) > state.reached() {
        settle_in(state, Command::Elect(proof.clone()));
    }
}

// ---- What the leader owes ----

/// Ends the measurements that `over` says are over, in the order begun.
fn end(state: &mut State, rules: &Monitoring, now: Time, over: impl Fn(&Awaited) -> bool) {
    let samples = &mut state.samples;
    let before = state.open.len();
    state.open.retain(|owed| {
        let ends = over(&owed.awaited);
        if ends {
            keep_sample(samples, rules, now, since(owed.since, now));
        }
        !ends
    });
    if state.open.is_empty() && before > 0 {
        state.watch_at = None;
    }
}

/// To begin a measurement, if there is room.
fn ask(state: &State, rules: &Monitoring, now: Time, awaited: Awaited) -> Option<Command> {
    let watch_at = rules.stall_min.map(|least| later(now, least));
    let owed = Measurement { since: now, awaited };
    (state.open.len() < MAX_OPEN).then(|| Command::Ask(owed, watch_at))
}

/// Begins to measure how long the leader takes to cover `matrix`.
pub fn on_proof_matrix_sent(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    matrix: &Matrix,
) {
    let same = |owed: &Measurement| match &owed.awaited {
        Awaited::Matrix(known) => known.same(matrix),
        Awaited::Replay(_) => false,
    };
    let idle = state.leads(config)
        || state.open.len() >= MAX_OPEN
        // The latest first: most likely it is that one.
        || state.open.iter().rev().any(same);
    if idle {
        return;
    }
    if let Some(command) = ask(state, rules, now, Awaited::Matrix(matrix.clone())) {
        settle_in(state, command);
    }
}

/// Begins to measure how long the leader takes to send a Replay.
pub fn on_vc_proof(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    proof: &VcProof,
) {
    if state.leads(config) || state.replay_asked {
        return;
    }
    settle_in(state, Command::ReplayAsked);
    if let Some(command) = ask(state, rules, now, Awaited::Replay(Box::new(proof.clone()))) {
        settle_in(state, command);
    }
}

/// Ends every measurement whose matrix is covered by `preceding`.
pub fn on_proposal(
    state: &mut State,
    rules: &Monitoring,
    now: Time,
    blacklist: &BTreeSet<ReplicaId>,
    preceding: &Matrix,
) {
    end(state, rules, now, |awaited| match awaited {
        Awaited::Matrix(matrix) => covers(blacklist, preceding, matrix),
        Awaited::Replay(_) => false,
    });
}

/// Ends the measurement for a Replay.
pub fn on_replay(state: &mut State, rules: &Monitoring, now: Time) {
    settle_in(state, Command::ReplayAsked);
    end(state, rules, now, |awaited| matches!(awaited, Awaited::Replay(_)));
}

// ---- Time ----

/// Looks at the clock, at the beginning of every step.
pub fn exclude_stall(state: &mut State, rules: &Monitoring, now: Time) {
    let (Some(least), Some(watch_at)) = (rules.stall_min, state.watch_at) else { return };
    if now < watch_at {
        return;
    }
    let late = since(watch_at, now);
    if late > least {
        for owed in &mut state.open {
            owed.since = later(owed.since, late).min(now);
        }
    }
    state.watch_at = Some(later(now, least));
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
    if view < state.view {
        return;
    }
    let mut fresh = State::new(config, state.me);
    fresh.view = view;
    fresh.distances.note(row_or_none(state.me), tat_if_leader(rules, 0));
    fresh.tick_at = Some(later(now, rules.period));
    fresh.counted_from = now;
    // What is about votes goes on.
    fresh.accused = std::mem::take(&mut state.accused);
    fresh.proof = state.proof.take().filter(|proof| view_of(proof) >= view);
    for (row, vote) in state.votes.values().enumerate() {
        if vote.as_ref().is_some_and(|vote| vote.body().view > view) {
            fresh.votes.note(row, vote.clone());
        }
    }
    *state = fresh;
    let commands = ping(state, now);
    carry_out(state, commands, effects);
    let commands = denounce(state, config);
    carry_out(state, commands, effects);
}

/// To report what was measured, if there is anything, unless this server leads.
fn report(state: &State, config: &Config, rules: &Monitoring, now: Time) -> Option<Command> {
    if state.leads(config) {
        return None;
    }
    let tat = measured(rules, &state.samples, &state.open, now);
    let body = || Body::from(TatMeasure { view: state.view, tat });
    (tat > 0).then(|| Command::Say(To::All, body()))
}

/// A condition, and what is said again under it.
type Again = (fn(&State) -> bool, fn(&State, &Config) -> Option<(To, Body)>);

const AGAIN: [Again; 4] = [
    (
        |state| state.announced != INFINITE,
        |state, _| {
            let body = TatUb { view: state.view, alpha: state.announced };
            Some((To::Others, body.into()))
        },
    ),
    (|state| state.suspects, |state, _| Some((To::Others, ballot(state)))),
    (
        |state| !state.settled,
        |state, _| state.proof.clone().map(|proof| (To::Others, proof.into())),
    ),
    (
        |state| !state.open.is_empty(),
        |state, config| {
            let body = match &state.open.first()?.awaited {
                Awaited::Matrix(matrix) => ProofMatrix { matrix: matrix.clone() }.into(),
                Awaited::Replay(proof) => Body::from(proof.as_ref().clone()),
            };
            Some((To::One(config.leader_of(state.view)), body))
        },
    ),
];

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
    state.tick_at = Some(later(now, rules.period));
    let commands = ping(state, now);
    carry_out(state, commands, effects);
    let again = AGAIN.iter().filter(|(holds, _)| holds(state));
    let again = again.filter_map(|(_, words)| words(state, config));
    let again = again.map(|(to, body)| Command::Say(to, body));
    let commands: Vec<Command> =
        report(state, config, rules, now).into_iter().chain(again).collect();
    carry_out(state, commands, effects);
}
