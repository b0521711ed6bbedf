//! Catch-up, in flat sorted rows: Pre-Prepares and Commits each lie in one vector of sorted runs, and
//! who is answered is decided by a small function from what a server got to what it will have got.

use prime::catch_up::model::ANSWERS;
use prime::catch_up::model::Answered;
use prime::catch_up::model::CERTIFICATES;
use prime::catch_up::model::Certificate;
use prime::catch_up::model;
use prime::order::OrderSlot;
use prime::order;
use std::ops::Bound;
use wire::Config;
use prime::pre_order::Effects;
use wire::List;
use wire::Reject;
use wire::ReplicaId;
use wire::Seq;
use wire::Time;
use wire::To;
use wire::Verified;
use wire::prime::CatchUpRequest;
use wire::prime::Commit;
use wire::prime::OrderedCertificate;
use wire::prime::PrePrepare;

/// Each run is at least this many times as long as the next.
const RATIO: usize = 4;

/// Keyed rows in one vector: sorted runs one behind the other, each key once in all. A new row begins
/// a run or lengthens the last one; runs that come too close in length are merged. What was removed
/// stays as an empty row until a quarter of all are empty.
#[derive(Clone, Debug)]
struct Shelf<K, V> {
    rows: Vec<(K, Option<V>)>,
    /// Where each run begins.
    runs: Vec<usize>,
    /// How many rows are empty.
    empty: usize,
}

impl<K: Ord + Copy, V> Shelf<K, V> {
    /// Of rows that ascend strictly.
    fn of(sorted: impl Iterator<Item = (K, V)>) -> Self {
        let rows: Vec<_> = sorted.map(|(key, value)| (key, Some(value))).collect();
        let runs = if rows.is_empty() { Vec::new() } else { vec![0] };
        Self { rows, runs, empty: 0 }
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

    /// Puts `value` under `key`; returns what was there.
    fn put(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key).and_then(|place| self.rows.get_mut(place)) {
            Some(row) => {
                let old = row.1.replace(value);
                self.empty -= usize::from(old.is_none());
                old
            }
            None => {
                self.add(key, value);
                None
            }
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

    fn remove(&mut self, key: &K) -> Option<V> {
        let place = self.place(key)?;
        let old = self.rows.get_mut(place)?.1.take()?;
        self.empty += 1;
        if self.empty * 4 > self.rows.len() {
            self.keep(|_, _| true);
        }
        Some(old)
    }

    /// Removes those from `lower` on, as far as they are `inside`, and returns them.
    fn cut(&mut self, lower: K, inside: impl Fn(&K) -> bool) -> Vec<(K, V)> {
        let from = self.from(Bound::Included(lower)).map(|(key, _)| *key);
        let keys: Vec<K> = from.take_while(inside).collect();
        keys.into_iter().filter_map(|key| self.remove(&key).map(|value| (key, value))).collect()
    }

    /// Keeps those rows of which `keep` says so, in one run.
    fn keep(&mut self, keep: impl Fn(&K, &V) -> bool) {
        self.rows.retain(|(key, value)| value.as_ref().is_some_and(|value| keep(key, value)));
        self.rows.sort_by(|a, b| a.0.cmp(&b.0));
        self.runs = if self.rows.is_empty() { Vec::new() } else { vec![0] };
        self.empty = 0;
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

    fn all(&self) -> impl Iterator<Item = (&K, &V)> {
        self.from(Bound::Unbounded)
    }

    /// The highest key.
    fn last(&self) -> Option<K> {
        let lasts = self.slices().filter_map(|(_, run)| run.iter().rev().find(|row| row.1.is_some()));
        lasts.map(|row| row.0).max()
    }
}

/// All that catch-up remembers.
#[derive(Clone, Debug)]
pub struct State {
    me: ReplicaId,
    /// What was ordered, by number.
    proposals: Shelf<Seq, Verified<PrePrepare>>,
    /// By number and place in the certificate.
    commits: Shelf<(Seq, usize), Verified<Commit>>,
    answered: Vec<Answered>,
    request_at: Time,
    said_at: Time,
    said: Seq,
}

impl State {
    /// Nothing known.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        Self {
            me,
            proposals: Shelf::of(std::iter::empty()),
            commits: Shelf::of(std::iter::empty()),
            answered: vec![Answered::default(); config.size()],
            request_at: Time(0),
            said_at: Time(0),
            said: Seq(0),
        }
    }

    /// The state that `state` stands for.
    #[must_use]
    pub fn from_abstract(state: &model::State) -> Self {
        let proposals =
            state.archive.iter().map(|(&seq, certificate)| (seq, certificate.pre_prepare.clone()));
        let commits = state.archive.iter().flat_map(|(&seq, certificate)| {
            let commits = certificate.commits.iter().enumerate();
            commits.map(move |(place, commit)| ((seq, place), commit.clone()))
        });
        Self {
            me: state.me,
            proposals: Shelf::of(proposals),
            commits: Shelf::of(commits),
            answered: state.answered.clone(),
            request_at: state.request_at,
            said_at: state.said_at,
            said: state.said,
        }
    }

    /// The abstract state.
    #[must_use]
    pub fn to_abstract(&self) -> model::State {
        let mut commits = self.commits.all().peekable();
        let archive = self.proposals.all().map(|(&seq, proposal)| {
            let commits =
                std::iter::from_fn(|| commits.next_if(|(key, _)| key.0 == seq)).map(|row| row.1.clone());
            let commits = commits.collect();
            (seq, Certificate { pre_prepare: proposal.clone(), commits })
        });
        model::State {
            me: self.me,
            archive: archive.collect(),
            answered: self.answered.clone(),
            request_at: self.request_at,
            said_at: self.said_at,
            said: self.said,
        }
    }

    /// The highest number in the archive, if there is any.
    #[must_use]
    pub fn kept(&self) -> Option<Seq> {
        self.proposals.last()
    }

    /// The Pre-Prepare of the certificate under `seq`, if there is one.
    #[must_use]
    pub fn proposal(&self, seq: Seq) -> Option<Verified<PrePrepare>> {
        self.proposals.get(&seq).cloned()
    }

    /// When the next word about oneself goes out at the latest.
    #[must_use]
    pub const fn request_at(&self) -> Time {
        self.request_at
    }

    /// When the last word about oneself went out.
    #[must_use]
    pub const fn said_at(&self) -> Time {
        self.said_at
    }

    /// The next word goes out at the next turn of the timer.
    pub fn ask_now(&mut self, now: Time) {
        self.request_at = self.request_at.min(now);
    }

    /// The next word goes out when the last one is `timing.retransmit` old.
    pub fn ask_soon(&mut self, config: &Config) {
        self.ask_now(self.said_at.after(config.timing.retransmit));
    }

    /// An ordered certificate brought this server to `ordered`: there may be more where it came from.
    pub fn follow(&mut self, now: Time, ordered: Seq) {
        if ordered.0.saturating_sub(self.said.0) >= CERTIFICATES {
            self.ask_now(now);
        }
    }

    /// The certificate of `seq`, as it is sent.
    fn certificate(&self, seq: Seq, proposal: &Verified<PrePrepare>) -> OrderedCertificate {
        let commits = self.commits.from(Bound::Included((seq, 0)));
        let mut commits =
            commits.take_while(|(key, _)| key.0 == seq).map(|(_, commit)| commit.signed().clone());
        OrderedCertificate {
            pre_prepare: proposal.signed().clone(),
            commits: List::take(&mut commits),
        }
    }
}

/// Drops the certificates of all numbers at or below `floor`.
pub fn forget(state: &mut State, floor: Seq) {
    state.proposals.cut(Seq(0), |seq| *seq <= floor);
    state.commits.cut((Seq(0), 0), |key| key.0 <= floor);
}

/// Keeps the certificate of `seq`, in place of one that is there.
pub fn keep(state: &mut State, seq: Seq, slot: &OrderSlot) {
    let Some(proposal) = slot.pre_prepare.as_ref().filter(|_| !slot.replayed) else { return };
    let (view, digest) = (proposal.body().view, proposal.digest());
    state.proposals.put(seq, proposal.clone());
    state.commits.cut((seq, 0), |key| key.0 == seq);
    let votes = slot.commits.values();
    let votes = votes.filter(|vote| vote.body().view == view && vote.body().digest == digest);
    votes.enumerate().for_each(|(place, vote)| {
        state.commits.put((seq, place), vote.clone());
    });
}

/// Whether it is time for a word.
fn due(state: &State, config: &Config, now: Time, order: &order::State) -> bool {
    let ahead = order.slots.last_key_value().is_some_and(|(&seq, _)| seq > order.ordered);
    let under_way = ahead || order.preinstalled != order.view;
    now >= state.request_at
        || under_way && now >= state.said_at.after(config.timing.retransmit)
}

/// Tells the others how far this server has ordered, when it is time.
pub fn make_catch_up_request(
    state: &mut State,
    config: &Config,
    now: Time,
    order: &order::State,
    effects: &mut Effects,
) {
    if !due(state, config, now, order) {
        return;
    }
    let word = CatchUpRequest {
        view: order.preinstalled,
        installed: order.view,
        ordered: order.ordered,
        executed: order.retired,
    };
    effects.send(To::Others, word);
    state.said_at = now;
    state.said = order.ordered;
    state.request_at = now.after(config.timing.retransmit.saturating_mul(10));
}

/// The period in which one who has ordered up to `ordered` may be answered at `now`.
fn period(got: Answered, now: Time, retransmit: u64, ordered: Seq) -> Result<Answered, Reject> {
    let goes_on = got.count > 0 && now < got.since.after(retransmit);
    match goes_on {
        true if ordered < got.upto || got.count >= ANSWERS => Err(Reject::Full),
        true => Ok(got),
        false => Ok(Answered { since: now, count: 0, upto: Seq(0) }),
    }
}

/// Answers a Catch-Up-Request of its signer.
pub fn on_catch_up_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<CatchUpRequest>,
    effects: &mut Effects,
) {
    let (signer, ordered) = (message.signer(), message.body().ordered);
    let row = usize::from(signer.0).checked_sub(1).filter(|_| signer != state.me);
    let Some((row, got)) = row.and_then(|row| Some((row, *state.answered.get(row)?))) else { return };
    let last = Seq(ordered.0.saturating_add(CERTIFICATES));
    let lacks = || {
        let above = state.proposals.from(Bound::Excluded(ordered));
        above.take_while(|(seq, _)| **seq <= last)
    };
    if lacks().next().is_none() {
        return;
    }
    let next = match period(got, now, config.timing.retransmit, ordered) {
        Err(reason) => {
            effects.reject(signer, reason);
            return;
        }
        Ok(begun) => {
            let room = usize::try_from(ANSWERS.saturating_sub(begun.count)).unwrap_or(usize::MAX);
            lacks().take(room).fold(begun, |got, (&seq, proposal)| {
                effects.send(To::One(signer), state.certificate(seq, proposal));
                Answered { count: got.count + 1, upto: seq, ..got }
            })
        }
    };
    if let Some(entry) = state.answered.get_mut(row) {
        *entry = next;
    }
}
