//! Reliable broadcast, in flat sorted rows: entries and votes each lie in one vector of sorted runs,
//! and what is to be done is worked out by small functions from what was to what will be.

use prime::broadcast::model::AHEAD;
use prime::broadcast::model::ANSWERS;
use prime::broadcast::model::Effects;
use prime::broadcast::model::Instance;
use prime::broadcast::model::Tag;
use prime::broadcast::model::UNANNOUNCED;
use prime::broadcast::model;
use std::collections::BTreeMap;
use std::ops::Bound;
use wire::Config;
use wire::Digest;
use wire::Effect;
use wire::Record;
use wire::Reject;
use wire::ReplicaId;
use wire::Time;
use wire::To;
use wire::Verified;
use wire::View;
use wire::prime::Body;
use wire::prime::Incoming;
use wire::prime::MAX_REPLAY;
use wire::prime::Payload;
use wire::prime::Prime;
use wire::prime::RbEcho;
use wire::prime::RbInit;
use wire::prime::RbReady;
use wire::prime::RbRequest;

/// Most entries said again at a time.
const SAID_AGAIN: usize = 128;

/// Each run is at least this many times as long as the next.
const RATIO: usize = 4;

/// Keyed rows in one vector: sorted runs one behind the other, each key once in all. A new row begins
/// a run or lengthens the last one; runs that come too close in length are merged. What was removed
/// stays as an empty row until half of all are.
#[derive(Clone, Debug)]
struct Shelf<K, V> {
    rows: Vec<(K, Option<V>)>,
    /// Where each run begins.
    runs: Vec<usize>,
}

impl<K: Ord + Copy, V> Shelf<K, V> {
    /// Of rows that ascend strictly.
    fn of(sorted: impl Iterator<Item = (K, V)>) -> Self {
        let rows: Vec<_> = sorted.map(|(key, value)| (key, Some(value))).collect();
        let runs = if rows.is_empty() { Vec::new() } else { vec![0] };
        Self { rows, runs }
    }

    fn slices(&self) -> impl Iterator<Item = (usize, &[(K, Option<V>)])> {
        let ends = self.runs.iter().skip(1).copied().chain(Some(self.rows.len()));
        self.runs.iter().zip(ends).map(|(&start, end)| {
            (start, self.rows.get(start..end).unwrap_or_default())
        })
    }

    fn place(&self, key: &K) -> Option<usize> {
        self.slices().find_map(|(start, run)| {
            run.binary_search_by(|row| row.0.cmp(key)).ok().map(|place| start + place)
        })
    }

    fn get(&self, key: &K) -> Option<&V> {
        self.place(key).and_then(|place| self.rows.get(place)).and_then(|row| row.1.as_ref())
    }

    fn has(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// Puts `value` under `key`, in place of what is there.
    fn put(&mut self, key: K, value: V) {
        match self.place(&key).and_then(|place| self.rows.get_mut(place)) {
            Some(row) => row.1 = Some(value),
            None => self.add(key, value),
        }
    }

    fn add(&mut self, key: K, value: V) {
        if self.rows.last().is_none_or(|last| last.0 >= key) {
            self.runs.push(self.rows.len());
        }
        self.rows.push((key, Some(value)));
        while let [.., before, last] = self.runs[..]
            && last - before < RATIO * (self.rows.len() - last)
        {
            // The sort finds both runs and merges them.
            if let Some(tail) = self.rows.get_mut(before..) {
                tail.sort_by(|a, b| a.0.cmp(&b.0));
            }
            self.runs.pop();
        }
    }

    /// Keeps those rows of which `keep` says so, in one run.
    fn keep(&mut self, keep: impl Fn(&K, &V) -> bool) {
        self.rows.retain(|(key, value)| value.as_ref().is_some_and(|value| keep(key, value)));
        self.rows.sort_by(|a, b| a.0.cmp(&b.0));
        self.runs = if self.rows.is_empty() { Vec::new() } else { vec![0] };
    }

    /// Those at or behind `lower`, ascending.
    fn from(&self, lower: Bound<K>) -> impl Iterator<Item = (&K, &V)> {
        let before = move |key: &K| match &lower {
            Bound::Unbounded => false,
            Bound::Included(least) => key < least,
            Bound::Excluded(last) => key <= last,
        };
        let mut fronts: Vec<&[(K, Option<V>)]> = self
            .slices()
            .map(|(_, run)| {
                let skipped = run.partition_point(|row| before(&row.0));
                run.get(skipped..).unwrap_or_default()
            })
            .filter(|front| !front.is_empty())
            .collect();
        let mut next = move || {
            let fronts = fronts.iter_mut().filter(|front| !front.is_empty());
            let least = fronts.min_by(|a, b| {
                a.first().map(|row| &row.0).cmp(&b.first().map(|row| &row.0))
            })?;
            let (row, rest) = least.split_first()?;
            *least = rest;
            Some(row)
        };
        std::iter::from_fn(move || next())
            .filter_map(|(key, value)| value.as_ref().map(|value| (key, value)))
    }

    /// Those from `lower` on, as far as they are `inside`, ascending.
    fn gather(&self, lower: K, inside: impl Fn(&K) -> bool) -> Vec<(&K, &V)> {
        let parts = self.slices().flat_map(|(_, run)| {
            let skipped = run.partition_point(|row| row.0 < lower);
            run.get(skipped..).unwrap_or_default().iter().take_while(|row| inside(&row.0))
        });
        let rows = parts.filter_map(|(key, value)| value.as_ref().map(|value| (key, value)));
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by(|a, b| a.0.cmp(b.0));
        rows
    }

    fn all(&self) -> impl Iterator<Item = (&K, &V)> {
        self.from(Bound::Unbounded)
    }
}

/// Which of the two votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Echo,
    Ready,
}

/// What is known of one broadcast, votes aside.
#[derive(Clone, Debug, Default)]
struct Entry {
    init: Option<Verified<RbInit>>,
    echoed: Option<Digest>,
    readied: Option<Digest>,
    decided: Option<Digest>,
    delivered: bool,
    /// How many Echoes there are among the votes.
    echoes: usize,
    /// How many Readys there are among the votes.
    readies: usize,
}

impl Entry {
    fn digest(&self) -> Option<Digest> {
        self.init.as_ref().map(Verified::digest)
    }

    /// What is decided, if that is not the Init held.
    fn lacking(&self) -> Option<Digest> {
        self.decided.filter(|&decided| self.digest() != Some(decided))
    }

    /// The same with one vote more.
    fn counting(self, phase: Phase) -> Self {
        match phase {
            Phase::Echo => Self { echoes: self.echoes + 1, ..self },
            Phase::Ready => Self { readies: self.readies + 1, ..self },
        }
    }

    /// Whether there are enough votes of a kind for anything to follow.
    fn ripe(&self, config: &Config) -> bool {
        let backed = self.echoes >= config.quorum() || self.readies >= config.one_correct();
        self.readied.is_none() && backed
            || self.decided.is_none() && self.readies >= config.quorum()
    }
}

/// All that broadcasting remembers.
#[derive(Clone, Debug)]
pub struct State {
    me: ReplicaId,
    view: View,
    entries: Shelf<Tag, Entry>,
    votes: Shelf<(Tag, Phase, ReplicaId), Digest>,
    fresh: Vec<Tag>,
    promised: Shelf<u32, RbInit>,
    answered: Vec<(Time, u32)>,
    retransmit_at: Time,
    cursor: Option<Tag>,
}

impl State {
    /// Nothing known, nothing broadcast.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        Self {
            me,
            view: View(0),
            entries: Shelf::of(std::iter::empty()),
            votes: Shelf::of(std::iter::empty()),
            fresh: Vec::new(),
            promised: Shelf::of(std::iter::empty()),
            answered: vec![(Time(0), 0); config.size()],
            retransmit_at: Time(0),
            cursor: None,
        }
    }

    /// The state that `state` stands for.
    #[must_use]
    pub fn from_abstract(state: &model::State) -> Self {
        let entry = |instance: &Instance| Entry {
            init: instance.init.clone(),
            echoed: instance.echoed,
            readied: instance.readied,
            decided: instance.decided,
            delivered: instance.delivered,
            echoes: instance.echoes.len(),
            readies: instance.readies.len(),
        };
        let votes = state.instances.iter().flat_map(|(&tag, instance)| {
            let row = move |phase| {
                move |(&sender, &digest): (&ReplicaId, &Digest)| ((tag, phase, sender), digest)
            };
            let echoes = instance.echoes.iter().map(row(Phase::Echo));
            echoes.chain(instance.readies.iter().map(row(Phase::Ready)))
        });
        Self {
            me: state.me,
            view: state.view,
            entries: Shelf::of(state.instances.iter().map(|(&tag, one)| (tag, entry(one)))),
            votes: Shelf::of(votes),
            fresh: state.fresh.clone(),
            promised: Shelf::of(state.promised.iter().map(|(&seq, init)| (seq, init.clone()))),
            answered: state.answered.clone(),
            retransmit_at: state.retransmit_at,
            cursor: state.cursor,
        }
    }

    /// The abstract state.
    #[must_use]
    pub fn to_abstract(&self) -> model::State {
        let bare = self.entries.all().map(|(&tag, entry)| {
            let instance = Instance {
                init: entry.init.clone(),
                echoes: BTreeMap::new(),
                readies: BTreeMap::new(),
                echoed: entry.echoed,
                readied: entry.readied,
                decided: entry.decided,
                delivered: entry.delivered,
            };
            (tag, instance)
        });
        let instances = self.votes.all().fold(
            bare.collect::<BTreeMap<Tag, Instance>>(),
            |mut instances, (&(tag, phase, sender), &digest)| {
                let instance = instances.entry(tag).or_default();
                let votes = match phase {
                    Phase::Echo => &mut instance.echoes,
                    Phase::Ready => &mut instance.readies,
                };
                votes.insert(sender, digest);
                instances
            },
        );
        model::State {
            me: self.me,
            view: self.view,
            instances,
            fresh: self.fresh.clone(),
            promised: self.promised(),
            answered: self.answered.clone(),
            retransmit_at: self.retransmit_at,
            cursor: self.cursor,
        }
    }

    /// The preinstalled view.
    #[must_use]
    pub const fn view(&self) -> View {
        self.view
    }

    /// When unfinished broadcasts are said again.
    #[must_use]
    pub const fn retransmit_at(&self) -> Time {
        self.retransmit_at
    }

    /// Own Inits that the log promised. Asked for once, after a restart.
    #[must_use]
    pub fn promised(&self) -> BTreeMap<u32, RbInit> {
        self.promised.all().map(|(&seq, init)| (seq, init.clone())).collect()
    }

    /// `init`, which was promised just now, enters `promised` under its number, where nothing is.
    pub fn add_promised(&mut self, init: RbInit) {
        if !self.promised.has(&init.seq) {
            self.promised.put(init.seq, init);
        }
    }

    fn enter(&mut self, view: View) {
        if view > self.view {
            self.view = view;
            self.entries.keep(|tag, _| tag.view >= view);
            self.votes.keep(|key, _| key.0.view >= view);
            self.fresh.clear();
            self.promised = Shelf::of(std::iter::empty());
            self.cursor = None;
        }
    }

    fn entry(&self, tag: Tag) -> Entry {
        self.entries.get(&tag).cloned().unwrap_or_default()
    }

    fn in_view(&self) -> impl Iterator<Item = (&Tag, &Entry)> {
        let first = Tag { view: self.view, originator: ReplicaId(0), seq: 0 };
        self.entries.from(Bound::Included(first)).take_while(|(tag, _)| tag.view == self.view)
    }

    /// The votes under `tag`: Echoes before Readys, each by sender.
    fn votes_on(&self, tag: Tag) -> Vec<(Phase, ReplicaId, Digest)> {
        let votes = self.votes.gather((tag, Phase::Echo, ReplicaId(0)), |key| key.0 == tag);
        votes.into_iter().map(|(key, &digest)| (key.1, key.2, digest)).collect()
    }

    fn ballots(&self, tag: Tag) -> Ballots {
        let votes = self.votes_on(tag);
        let readies = votes.partition_point(|vote| vote.0 == Phase::Echo);
        let digests = |votes: Option<&[(Phase, ReplicaId, Digest)]>| {
            votes.unwrap_or_default().iter().map(|vote| vote.2).collect()
        };
        Ballots { echoes: digests(votes.get(..readies)), readies: digests(votes.get(readies..)) }
    }
}

/// The digests voted for under one tag, by sender.
#[derive(Debug, Default)]
struct Ballots {
    echoes: Vec<Digest>,
    readies: Vec<Digest>,
}

/// Says how many of `votes` name a digest.
fn counter(votes: &[Digest]) -> impl Fn(&Digest) -> usize {
    let mut sorted = votes.to_vec();
    sorted.sort_unstable();
    move |digest| {
        let upto = sorted.partition_point(|vote| vote <= digest);
        upto - sorted.partition_point(|vote| vote < digest)
    }
}

/// What follows from what is known of a broadcast.
enum Word {
    Hold(Verified<RbInit>),
    Echo(Digest),
    Ready(Digest),
    Request(Digest),
    Deliver,
}

type Step = (Entry, Vec<Word>);

/// The first Init is echoed, once it is logged.
fn echo(entry: &Entry) -> Option<Step> {
    let init = entry.init.as_ref().filter(|_| entry.echoed.is_none())?;
    let next = Entry { echoed: Some(init.digest()), ..entry.clone() };
    Some((next, vec![Word::Hold(init.clone()), Word::Echo(init.digest())]))
}

/// Q Echoes or f+1 Readys show that nothing else can be delivered.
fn ready(entry: &Entry, ballots: &Ballots, config: &Config) -> Option<Step> {
    let few = ballots.echoes.len() < config.quorum() && ballots.readies.len() < config.one_correct();
    if entry.readied.is_some() || few {
        return None;
    }
    let (echoes, readies) = (counter(&ballots.echoes), counter(&ballots.readies));
    let digest = ballots.echoes.iter().chain(&ballots.readies).copied().find(|digest| {
        echoes(digest) >= config.quorum() || readies(digest) >= config.one_correct()
    })?;
    Some((Entry { readied: Some(digest), ..entry.clone() }, vec![Word::Ready(digest)]))
}

/// Q Readys decide; who decides without having the payload asks for it.
fn decide(entry: &Entry, ballots: &Ballots, config: &Config) -> Option<Step> {
    if entry.decided.is_some() || ballots.readies.len() < config.quorum() {
        return None;
    }
    let readies = counter(&ballots.readies);
    let digest = ballots.readies.iter().copied().find(|digest| readies(digest) >= config.quorum())?;
    let next = Entry { decided: Some(digest), ..entry.clone() };
    let words = next.lacking().map(Word::Request).into_iter().collect();
    Some((next, words))
}

/// What is decided and held is delivered, once it is logged.
fn deliver(entry: &Entry) -> Option<Step> {
    let decided = entry.decided.filter(|_| !entry.delivered)?;
    let init = entry.init.as_ref().filter(|init| init.digest() == decided)?;
    let unlogged = Some(init).filter(|_| entry.echoed != Some(decided)).cloned();
    let words = unlogged.map(Word::Hold).into_iter().chain(Some(Word::Deliver)).collect();
    Some((Entry { delivered: true, ..entry.clone() }, words))
}

/// All that follows, from the entry as it was to the entry as it will be.
fn follow(entry: Entry, ballots: &Ballots, config: &Config) -> Step {
    let rules: [&dyn Fn(&Entry) -> Option<Step>; 4] = [
        &echo,
        &|entry| ready(entry, ballots, config),
        &|entry| decide(entry, ballots, config),
        &deliver,
    ];
    rules.iter().fold((entry, Vec::new()), |(entry, mut said), rule| match rule(&entry) {
        Some((next, words)) => {
            said.extend(words);
            (next, said)
        }
        None => (entry, said),
    })
}

fn echo_of(tag: Tag, digest: Digest) -> RbEcho {
    RbEcho { originator: tag.originator, view: tag.view, seq: tag.seq, digest }
}

fn ready_of(tag: Tag, digest: Digest) -> RbReady {
    RbReady { originator: tag.originator, view: tag.view, seq: tag.seq, digest }
}

fn request_of(tag: Tag, digest: Digest) -> RbRequest {
    RbRequest { originator: tag.originator, view: tag.view, seq: tag.seq, digest }
}

/// Puts `entry` under `tag`, with what follows from it if it is of the view.
fn advance(state: &mut State, config: &Config, tag: Tag, entry: Entry, effects: &mut Effects) {
    if tag.view != state.view {
        state.entries.put(tag, entry);
        return;
    }
    let ballots = if entry.ripe(config) { state.ballots(tag) } else { Ballots::default() };
    let (entry, words) = follow(entry, &ballots, config);
    state.entries.put(tag, entry);
    words.into_iter().for_each(|word| match word {
        Word::Hold(init) => effects.persist(Record::Held(init.into())),
        Word::Echo(digest) => effects.promise(To::All, echo_of(tag, digest)),
        Word::Ready(digest) => effects.promise(To::All, ready_of(tag, digest)),
        Word::Request(digest) => effects.send(To::Others, request_of(tag, digest)),
        Word::Deliver => state.fresh.push(tag),
    });
}

/// Advances every entry of the view, ascending.
fn advance_all(state: &mut State, config: &Config, effects: &mut Effects) {
    let tags: Vec<Tag> = state.in_view().map(|(&tag, _)| tag).collect();
    tags.into_iter().for_each(|tag| {
        let entry = state.entry(tag);
        advance(state, config, tag, entry, effects);
    });
}

fn allowance(state: &State, originator: ReplicaId, view: View) -> u32 {
    let report = state.entries.get(&Tag { view, originator, seq: 0 });
    let count = report.and_then(|entry| entry.init.as_ref()).map(|init| match &init.body().payload {
        Payload::Report(report) => report.count,
        Payload::Entry(_) => 0,
    });
    let most = u32::try_from(MAX_REPLAY).unwrap_or(u32::MAX);
    count.unwrap_or(0).max(UNANNOUNCED).min(most)
}

/// Whether anything about `tag` may be remembered.
fn inside(state: &State, tag: Tag) -> Result<(), Reject> {
    if tag.view < state.view {
        Err(Reject::Stale)
    } else if tag.view.0 > state.view.0.saturating_add(AHEAD)
        || tag.seq > allowance(state, tag.originator, tag.view)
    {
        Err(Reject::BeyondWindow)
    } else {
        Ok(())
    }
}

/// The entry with `init` in it.
fn with_init(state: &State, tag: Tag, init: &Verified<RbInit>) -> Result<Entry, Reject> {
    inside(state, tag)?;
    let entry = state.entry(tag);
    match entry.digest() {
        Some(held) if held == init.digest() => Err(Reject::Duplicate),
        Some(_) if entry.decided != Some(init.digest()) => Err(Reject::Equivocation),
        _ => Ok(Entry { init: Some(init.clone()), ..entry }),
    }
}

/// Whether the vote may be counted.
fn countable(
    state: &State,
    (tag, phase, sender): (Tag, Phase, ReplicaId),
    digest: Digest,
) -> Result<(), Reject> {
    inside(state, tag)?;
    match state.votes.get(&(tag, phase, sender)) {
        Some(&held) if held == digest => Err(Reject::Duplicate),
        Some(_) => Err(Reject::Equivocation),
        None => Ok(()),
    }
}

fn on_vote(
    state: &mut State,
    config: &Config,
    key: (Tag, Phase, ReplicaId),
    digest: Digest,
    effects: &mut Effects,
) {
    match countable(state, key, digest) {
        Err(reason) => effects.reject(key.2, reason),
        Ok(()) => {
            state.votes.put(key, digest);
            let entry = state.entry(key.0).counting(key.1);
            advance(state, config, key.0, entry, effects);
        }
    }
}

/// Counts an Echo of its signer.
pub fn on_rb_echo(
    state: &mut State,
    config: &Config,
    message: &Verified<RbEcho>,
    effects: &mut Effects,
) {
    let body = message.body();
    let tag = Tag { view: body.view, originator: body.originator, seq: body.seq };
    on_vote(state, config, (tag, Phase::Echo, message.signer()), body.digest, effects);
}

/// Takes an Init of its signer.
pub fn on_rb_init(
    state: &mut State,
    config: &Config,
    message: &Verified<RbInit>,
    effects: &mut Effects,
) {
    let body = message.body();
    let tag = Tag { view: body.view, originator: message.signer(), seq: body.seq };
    match with_init(state, tag, message) {
        Err(reason) => effects.reject(message.signer(), reason),
        Ok(entry) => advance(state, config, tag, entry, effects),
    }
}

/// Counts a Ready of its signer.
pub fn on_rb_ready(
    state: &mut State,
    config: &Config,
    message: &Verified<RbReady>,
    effects: &mut Effects,
) {
    let body = message.body();
    let tag = Tag { view: body.view, originator: body.originator, seq: body.seq };
    on_vote(state, config, (tag, Phase::Ready, message.signer()), body.digest, effects);
}

/// What a sender's count becomes with one more answer.
fn one_more((since, count): (Time, u32), now: Time, retransmit: u64) -> Result<(Time, u32), Reject> {
    let goes_on = count > 0 && now < since.after(retransmit);
    match (goes_on, count) {
        (true, ANSWERS..) => Err(Reject::Full),
        (true, count) => Ok((since, count + 1)),
        (false, _) => Ok((now, 1)),
    }
}

/// Answers an RbRequest of its signer.
pub fn on_rb_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<RbRequest>,
    effects: &mut Effects,
) {
    let (body, signer) = (message.body(), message.signer());
    let tag = Tag { view: body.view, originator: body.originator, seq: body.seq };
    let held = state.entries.get(&tag).and_then(|entry| entry.init.as_ref());
    let asked = held.filter(|init| signer != state.me && init.digest() == body.digest);
    let row = usize::from(signer.0).checked_sub(1);
    let count = row.and_then(|row| state.answered.get_mut(row));
    if let (Some(init), Some(count)) = (asked, count) {
        match one_more(*count, now, config.timing.retransmit) {
            Err(reason) => effects.reject(signer, reason),
            Ok(next) => {
                *count = next;
                effects.push(Effect::Relay { to: To::One(signer), message: init.clone().into() });
            }
        }
    }
}

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(state: &mut State, _config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(Body::RbInit(init)) => {
            state.enter(init.view);
            if init.view == state.view {
                state.promised.put(init.seq, init.clone());
            }
        }
        Record::Promise(Body::InstallCertificate(install)) => {
            state.enter(install.replay.body.constraint.view);
        }
        Record::Promise(Body::RbEcho(echo)) if echo.view == state.view => {
            let tag = Tag { view: echo.view, originator: echo.originator, seq: echo.seq };
            let entry = Entry { echoed: Some(echo.digest), ..state.entry(tag) };
            state.entries.put(tag, entry);
        }
        Record::Promise(Body::RbReady(ready)) if ready.view == state.view => {
            let tag = Tag { view: ready.view, originator: ready.originator, seq: ready.seq };
            let entry = Entry { readied: Some(ready.digest), ..state.entry(tag) };
            state.entries.put(tag, entry);
        }
        Record::Held(Incoming::RbInit(init)) if init.body().view == state.view => {
            let (view, seq) = (init.body().view, init.body().seq);
            let tag = Tag { view, originator: init.signer(), seq };
            let entry = Entry { init: Some(init.clone()), ..state.entry(tag) };
            state.entries.put(tag, entry);
        }
        _ => {}
    }
}

/// Says again what the log promised.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    state.promised.all().for_each(|(_, init)| effects.send(To::All, init.clone()));
    state.promised = Shelf::of(std::iter::empty());
    state.in_view().for_each(|(&tag, entry)| {
        entry.echoed.into_iter().for_each(|digest| effects.send(To::All, echo_of(tag, digest)));
        entry.readied.into_iter().for_each(|digest| effects.send(To::All, ready_of(tag, digest)));
    });
    advance_all(state, config, effects);
}

/// What is said again of one broadcast.
fn again(state: &State, config: &Config, tag: Tag, entry: &Entry, effects: &mut Effects) {
    let others = || config.replicas().filter(|&id| id != state.me);
    let votes = state.votes_on(tag);
    let lacks = |phase| {
        let votes = &votes;
        move |id: &ReplicaId| votes.binary_search_by_key(&(phase, *id), |vote| (vote.0, vote.1)).is_err()
    };
    let own = entry.init.as_ref().filter(|_| tag.originator == state.me);
    own.into_iter().for_each(|init| {
        others().filter(lacks(Phase::Echo)).for_each(|id| {
            effects.push(Effect::Relay { to: To::One(id), message: init.clone().into() });
        });
    });
    let echoed = entry.echoed.filter(|_| others().any(|id| lacks(Phase::Ready)(&id)));
    echoed.into_iter().for_each(|digest| effects.send(To::Others, echo_of(tag, digest)));
    let readied = entry.readied.into_iter();
    readied.for_each(|digest| effects.send(To::Others, ready_of(tag, digest)));
    let lacking = entry.lacking();
    lacking.into_iter().for_each(|digest| effects.send(To::Others, request_of(tag, digest)));
}

/// Says again what this server said in broadcasts of the preinstalled view.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    state.retransmit_at = now.after(config.timing.retransmit);
    let view = state.view;
    let first = Tag { view, originator: ReplicaId(0), seq: 0 };
    let (behind, upto) = match state.cursor {
        Some(cursor) if cursor >= first => (Bound::Excluded(cursor), Some(cursor)),
        _ => (Bound::Included(first), None),
    };
    let in_view = |tag: &Tag| tag.view == view;
    let taken = {
        let behind = state.entries.from(behind).take_while(|(tag, _)| in_view(tag));
        let before = state.in_view().take_while(|(tag, _)| upto.is_some_and(|upto| **tag <= upto));
        behind.chain(before).take(SAID_AGAIN).fold(state.cursor, |_, (&tag, entry)| {
            again(state, config, tag, entry, effects);
            Some(tag)
        })
    };
    state.cursor = taken;
}

/// Begins the broadcasts of `view`.
pub fn start(
    state: &mut State,
    config: &Config,
    view: View,
    payloads: Vec<Payload>,
    effects: &mut Effects,
) {
    state.enter(view);
    (0u32..).zip(payloads).for_each(|(seq, payload)| {
        effects.promise(To::All, RbInit { view, seq, payload });
    });
    if view == state.view {
        advance_all(state, config, effects);
    }
}

/// Empties `fresh` and returns the Init of each tag that stood there, in that order.
pub fn take(state: &mut State) -> Vec<Verified<RbInit>> {
    let fresh = std::mem::take(&mut state.fresh);
    let inits = fresh.iter().filter_map(|tag| state.entries.get(tag)?.init.clone());
    inits.collect()
}
