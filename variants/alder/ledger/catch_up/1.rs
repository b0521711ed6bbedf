//! Catch-up, dense: certificates in an arena, their numbers and handles in a ring that ascends by
//! number; where numbers have no gaps the place in the ring is a difference.

use prime::catch_up::model;
use prime::catch_up::model::{ANSWERS, Answered, CERTIFICATES, Certificate};
use prime::order;
use prime::order::OrderSlot;
use std::collections::{BTreeMap, VecDeque};
use wire::prime::{CatchUpRequest, OrderedCertificate, PrePrepare};
use wire::{Config, List, Reject, ReplicaId, Seq, Time, To, Verified};

/// The effects of catch-up are those of Prime.
type Effects = wire::Effects<wire::prime::Prime>;

/// A number and where its certificate is.
#[derive(Clone, Copy)]
struct Place {
    seq: Seq,
    handle: usize,
}

/// Certificates by number.
#[derive(Clone)]
struct Archive {
    /// Ascending by number, each once.
    ring: VecDeque<Place>,
    cells: Vec<Option<Certificate>>,
    /// Handles of empty cells.
    free: Vec<usize>,
}

impl Archive {
    fn new() -> Self {
        Self { ring: VecDeque::new(), cells: Vec::new(), free: Vec::new() }
    }

    /// The place in the ring of the first number at or above `seq`.
    fn place(&self, seq: Seq) -> usize {
        let first = match self.ring.front() {
            Some(first) => first.seq,
            None => return 0,
        };
        if seq <= first {
            return 0;
        }
        match self.ring.back() {
            Some(last) if seq <= last.seq => {}
            _ => return self.ring.len(),
        }
        let mut low = 0;
        let mut high = self.ring.len() - 1;
        // Numbers ascend by one or more: none stands further back than this.
        let gapless = seq.0 - first.0;
        if gapless < high as u64 {
            high = gapless as usize;
            if let Some(place) = self.ring.get(high)
                && place.seq == seq
            {
                return high;
            }
        }
        while low < high {
            let middle = low + (high - low) / 2;
            match self.ring.get(middle) {
                Some(place) if place.seq < seq => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    fn at(&self, place: usize) -> Option<(Seq, &Certificate)> {
        let place = self.ring.get(place)?;
        match self.cells.get(place.handle) {
            Some(Some(certificate)) => Some((place.seq, certificate)),
            _ => None,
        }
    }

    /// Keeps `certificate` under `seq`, in place of one that is there.
    fn put(&mut self, seq: Seq, certificate: Certificate) {
        let place = self.place(seq);
        if let Some(known) = self.ring.get(place)
            && known.seq == seq
        {
            if let Some(cell) = self.cells.get_mut(known.handle) {
                *cell = Some(certificate);
            }
            return;
        }
        let handle = match self.free.pop() {
            Some(handle) => handle,
            None => {
                self.cells.push(None);
                self.cells.len() - 1
            }
        };
        if let Some(cell) = self.cells.get_mut(handle) {
            *cell = Some(certificate);
        }
        self.ring.insert(place, Place { seq, handle });
    }

    /// Drops what is at or below `floor`.
    fn drop_to(&mut self, floor: Seq) {
        while let Some(first) = self.ring.front() {
            if first.seq > floor {
                break;
            }
            let handle = first.handle;
            self.ring.pop_front();
            if let Some(cell) = self.cells.get_mut(handle) {
                *cell = None;
            }
            self.free.push(handle);
        }
    }
}

/// All that catch-up remembers.
#[derive(Clone)]
pub struct State {
    me: ReplicaId,
    archive: Archive,
    /// By server.
    answered: Vec<Answered>,
    request_at: Time,
    said_at: Time,
    said: Seq,
}

impl State {
    /// A state for an abstract one.
    pub fn from_abstract(state: &model::State) -> Self {
        let mut archive = Archive::new();
        for (seq, certificate) in &state.archive {
            archive.put(*seq, certificate.clone());
        }
        Self {
            me: state.me,
            archive,
            answered: state.answered.clone(),
            request_at: state.request_at,
            said_at: state.said_at,
            said: state.said,
        }
    }

    /// The abstract state.
    pub fn to_abstract(&self) -> model::State {
        let mut archive = BTreeMap::new();
        for place in 0..self.archive.ring.len() {
            if let Some((seq, certificate)) = self.archive.at(place) {
                archive.insert(seq, certificate.clone());
            }
        }
        model::State {
            me: self.me,
            archive,
            answered: self.answered.clone(),
            request_at: self.request_at,
            said_at: self.said_at,
            said: self.said,
        }
    }

    /// Nothing known.
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        Self {
            me,
            archive: Archive::new(),
            answered: vec![Answered::default(); config.size()],
            request_at: Time(0),
            said_at: Time(0),
            said: Seq(0),
        }
    }

    /// The highest number in the archive, if there is any.
    pub fn kept(&self) -> Option<Seq> {
        Some(self.archive.ring.back()?.seq)
    }

    /// The Pre-Prepare of the certificate under `seq`, if there is one.
    pub fn proposal(&self, seq: Seq) -> Option<Verified<PrePrepare>> {
        let (found, certificate) = self.archive.at(self.archive.place(seq))?;
        if found == seq { Some(certificate.pre_prepare.clone()) } else { None }
    }

    /// When the next word about oneself goes out at the latest.
    pub const fn request_at(&self) -> Time {
        self.request_at
    }

    /// When the last word about oneself went out.
    pub const fn said_at(&self) -> Time {
        self.said_at
    }

    /// The next word goes out at the next turn of the timer.
    pub fn ask_now(&mut self, now: Time) {
        if now < self.request_at {
            self.request_at = now;
        }
    }

    /// The next word goes out when the last one is old enough.
    pub fn ask_soon(&mut self, config: &Config) {
        let soon = Time(self.said_at.0.saturating_add(config.timing.retransmit));
        if soon < self.request_at {
            self.request_at = soon;
        }
    }

    /// An ordered certificate brought this server to `ordered`.
    pub fn follow(&mut self, now: Time, ordered: Seq) {
        if ordered > self.said && ordered.0 - self.said.0 >= CERTIFICATES {
            self.ask_now(now);
        }
    }
}

/// Drops the certificates of all numbers at or below `floor`.
pub fn forget(state: &mut State, floor: Seq) {
    state.archive.drop_to(floor);
}

/// Keeps the certificate of `seq`.
pub fn keep(state: &mut State, seq: Seq, slot: &OrderSlot) {
    if slot.replayed {
        return;
    }
    let pre_prepare = match &slot.pre_prepare {
        Some(pre_prepare) => pre_prepare.clone(),
        None => return,
    };
    let view = pre_prepare.body().view;
    let digest = pre_prepare.digest();
    let mut commits = Vec::with_capacity(slot.commits.len());
    for commit in slot.commits.values() {
        if commit.body().view == view && commit.body().digest == digest {
            commits.push(commit.clone());
        }
    }
    state.archive.put(seq, Certificate { pre_prepare, commits });
}

/// Tells the others how far this server has ordered, when it is time.
pub fn make_catch_up_request(
    state: &mut State,
    config: &Config,
    now: Time,
    order: &order::State,
    effects: &mut Effects,
) {
    let retransmit = config.timing.retransmit;
    if now < state.request_at {
        if now.0 < state.said_at.0.saturating_add(retransmit) {
            return;
        }
        let above = match order.slots.last_key_value() {
            Some((seq, _)) => *seq > order.ordered,
            None => false,
        };
        if !above && order.preinstalled == order.view {
            return;
        }
    }
    state.said_at = now;
    state.said = order.ordered;
    state.request_at = Time(now.0.saturating_add(retransmit.saturating_mul(10)));
    effects.send(
        To::Others,
        CatchUpRequest {
            view: order.preinstalled,
            installed: order.view,
            ordered: order.ordered,
            executed: order.retired,
        },
    );
}

/// What is said of one certificate.
fn message(certificate: &Certificate) -> OrderedCertificate {
    let mut commits = Vec::with_capacity(certificate.commits.len());
    for commit in &certificate.commits {
        commits.push(commit.signed().clone());
    }
    OrderedCertificate {
        pre_prepare: certificate.pre_prepare.signed().clone(),
        commits: List::take(&mut commits.into_iter()),
    }
}

/// Answers a Catch-Up-Request of its signer.
pub fn on_catch_up_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message_in: &Verified<CatchUpRequest>,
    effects: &mut Effects,
) {
    let signer = message_in.signer();
    let ordered = message_in.body().ordered;
    if signer == state.me || ordered.0 == u64::MAX {
        return;
    }
    let last = Seq(ordered.0.saturating_add(CERTIFICATES));
    let first = state.archive.place(Seq(ordered.0 + 1));
    match state.archive.ring.get(first) {
        Some(place) if place.seq <= last => {}
        _ => return,
    }
    let mut row = None;
    if signer.0 >= 1 {
        row = state.answered.get_mut(usize::from(signer.0) - 1);
    }
    let row = match row {
        Some(row) => row,
        None => {
            effects.reject(signer, Reject::NotEntitled);
            return;
        }
    };
    let goes_on =
        row.count > 0 && now.0 < row.since.0.saturating_add(config.timing.retransmit);
    if goes_on && (ordered < row.upto || row.count >= ANSWERS) {
        effects.reject(signer, Reject::Full);
        return;
    }
    if !goes_on {
        *row = Answered { since: now, count: 0, upto: Seq(0) };
    }
    let mut place = first;
    while row.count < ANSWERS {
        match state.archive.at(place) {
            Some((seq, certificate)) if seq <= last => {
                effects.send(To::One(signer), message(certificate));
                row.count += 1;
                row.upto = seq;
            }
            _ => break,
        }
        place += 1;
    }
}
