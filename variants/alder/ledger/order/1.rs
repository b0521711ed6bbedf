//! Global ordering, dense: slots lie in one arena, two rings of integer handles (what counts now, what
//! came early) say which number has which slot, and a slot's votes stand in arrays by server, with a word
//! of bits that says which are there. Handlers decide first and act afterwards.

use prime::order::model::Effects;
use prime::order::model::OrderSlot;
use prime::order::model::TOKENS;
use prime::pre_order::covers;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::Arc;
use wire::Config;
use wire::Digest;
use wire::Effect;
use wire::List;
use wire::PoSeq;
use wire::Record;
use wire::Reject;
use wire::ReplicaId;
use wire::Seq;
use wire::Signable;
use wire::Signed;
use wire::Time;
use wire::To;
use wire::Verified;
use wire::View;
use wire::auth::Context;
use wire::config::MAX_REPLICAS;
use wire::prime::Body;
use wire::prime::Certificate;
use wire::prime::Commit;
use wire::prime::Incoming;
use wire::prime::MAX_REPLAY;
use wire::prime::Matrix;
use wire::prime::OrderedCertificate;
use wire::prime::PoAru;
use wire::prime::PrePrepare;
use wire::prime::PrePrepareConflict;
use wire::prime::Prepare;
use wire::prime::Prime;

// ---- votes of one kind, by server ----

/// Servers that a word of bits and an array have room for: 1 to 64.
const ROOM: u32 = 64;

/// Votes by server. Those of servers 1 to 64 stand in `row`, at the server's number less one, and `held`
/// has the bit of that place; any others stand in `odd`, ascending.
#[derive(Clone, Debug)]
struct Votes<T: Signable> {
    held: u64,
    row: Vec<Option<Verified<T>>>,
    odd: Vec<(u16, Verified<T>)>,
}

/// The place of a server in arrays and words of bits, if it has one.
fn place_of(id: ReplicaId) -> Option<usize> {
    let number = u32::from(id.0);
    if number >= 1 && number <= ROOM { Some(usize::from(id.0) - 1) } else { None }
}

impl<T: Signable> Votes<T> {
    fn new() -> Self {
        Self { held: 0, row: Vec::new(), odd: Vec::new() }
    }

    fn clear(&mut self) {
        self.held = 0;
        self.row.clear();
        self.odd.clear();
    }

    fn count(&self) -> usize {
        self.held.count_ones() as usize + self.odd.len()
    }

    /// The first place in `odd` of a server of that number or a higher one.
    fn odd_from(&self, number: u32) -> usize {
        let mut low = 0;
        let mut high = self.odd.len();
        while low < high {
            let middle = low + (high - low) / 2;
            let below = match self.odd.get(middle) {
                Some(entry) => u32::from(entry.0) < number,
                None => false,
            };
            if below {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn get(&self, id: ReplicaId) -> Option<&Verified<T>> {
        if let Some(place) = place_of(id) {
            return match self.row.get(place) {
                Some(Some(vote)) => Some(vote),
                _ => None,
            };
        }
        match self.odd.get(self.odd_from(u32::from(id.0))) {
            Some(entry) if entry.0 == id.0 => Some(&entry.1),
            _ => None,
        }
    }

    fn put(&mut self, id: ReplicaId, vote: Verified<T>) {
        if let Some(place) = place_of(id) {
            if self.row.len() <= place {
                self.row.resize(place + 1, None);
            }
            if let Some(entry) = self.row.get_mut(place) {
                *entry = Some(vote);
                self.held |= 1 << place;
            }
            return;
        }
        let at = self.odd_from(u32::from(id.0));
        if let Some(entry) = self.odd.get_mut(at)
            && entry.0 == id.0
        {
            entry.1 = vote;
            return;
        }
        self.odd.insert(at, (id.0, vote));
    }

    /// The vote of the lowest server of that number or a higher one, with the server's number.
    fn next(&self, from: u32) -> Option<(u32, &Verified<T>)> {
        let mut found = None;
        if from <= ROOM {
            let skip = from.saturating_sub(1);
            let rest = self.held & (u64::MAX << skip);
            if rest != 0 {
                let place = rest.trailing_zeros();
                if let Some(Some(vote)) = self.row.get(place as usize) {
                    found = Some((place + 1, vote));
                }
            }
        }
        if self.odd.is_empty() {
            return found;
        }
        let Some(entry) = self.odd.get(self.odd_from(from)) else { return found };
        let number = u32::from(entry.0);
        match found {
            Some((first, _)) if first < number => found,
            _ => Some((number, &entry.1)),
        }
    }
}

/// What Prepares and Commits say.
trait Vote: Signable {
    fn view(&self) -> View;
    fn seq(&self) -> Seq;
    fn names(&self) -> Digest;
}

impl Vote for Prepare {
    fn view(&self) -> View {
        self.view
    }

    fn seq(&self) -> Seq {
        self.seq
    }

    fn names(&self) -> Digest {
        self.digest
    }
}

impl Vote for Commit {
    fn view(&self) -> View {
        self.view
    }

    fn seq(&self) -> Seq {
        self.seq
    }

    fn names(&self) -> Digest {
        self.digest
    }
}

/// Whether at least `need` votes have view, number and digest of `proposal`, that of `except` not counted.
fn backed<T: Vote>(
    votes: &Votes<T>,
    proposal: &Verified<PrePrepare>,
    except: Option<ReplicaId>,
    need: usize,
) -> bool {
    let mut missing = need;
    if missing == 0 {
        return true;
    }
    if votes.count() < missing {
        return false;
    }
    let passed_over = match except {
        Some(id) => u32::from(id.0),
        None => u32::MAX,
    };
    let body = proposal.body();
    let digest = proposal.digest();
    let mut from = 0;
    while let Some((number, vote)) = votes.next(from) {
        from = number + 1;
        let said = vote.body();
        if number == passed_over
            || said.view() != body.view
            || said.seq() != body.seq
            || said.names() != digest
        {
            continue;
        }
        missing -= 1;
        if missing == 0 {
            return true;
        }
    }
    false
}

/// Which servers were met.
struct Met {
    bits: u64,
    odd: Vec<u16>,
}

impl Met {
    fn new() -> Self {
        Self { bits: 0, odd: Vec::new() }
    }

    fn add(&mut self, id: ReplicaId) {
        if let Some(place) = place_of(id) {
            self.bits |= 1 << place;
            return;
        }
        for &other in &self.odd {
            if other == id.0 {
                return;
            }
        }
        self.odd.push(id.0);
    }

    fn count(&self) -> usize {
        self.bits.count_ones() as usize + self.odd.len()
    }
}

// ---- one number's slot, and where it lies ----

const PREPARED: u8 = 1;
const COMMITTED: u8 = 2;
const REPLAYED: u8 = 4;

/// A slot in the arena.
#[derive(Clone, Debug)]
struct Cell {
    pre_prepare: Option<Verified<PrePrepare>>,
    prepares: Votes<Prepare>,
    commits: Votes<Commit>,
    flags: u8,
}

impl Cell {
    fn new() -> Self {
        Self { pre_prepare: None, prepares: Votes::new(), commits: Votes::new(), flags: 0 }
    }

    fn reset(&mut self) {
        self.pre_prepare = None;
        self.prepares.clear();
        self.commits.clear();
        self.flags = 0;
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Whether a commit certificate is held.
    fn certified(&self, config: &Config) -> bool {
        match &self.pre_prepare {
            Some(proposal) => backed(&self.commits, proposal, None, config.quorum()),
            None => false,
        }
    }

    fn fill(&mut self, slot: &OrderSlot) {
        self.reset();
        self.pre_prepare = slot.pre_prepare.clone();
        for (&id, vote) in &slot.prepares {
            self.prepares.put(id, vote.clone());
        }
        for (&id, vote) in &slot.commits {
            self.commits.put(id, vote.clone());
        }
        if slot.prepared {
            self.flags |= PREPARED;
        }
        if slot.committed {
            self.flags |= COMMITTED;
        }
        if slot.replayed {
            self.flags |= REPLAYED;
        }
    }

    fn to_slot(&self) -> OrderSlot {
        OrderSlot {
            pre_prepare: self.pre_prepare.clone(),
            prepares: by_sender(&self.prepares),
            commits: by_sender(&self.commits),
            prepared: self.has(PREPARED),
            committed: self.has(COMMITTED),
            replayed: self.has(REPLAYED),
        }
    }
}

fn by_sender<T: Signable>(votes: &Votes<T>) -> BTreeMap<ReplicaId, Verified<T>> {
    let mut answer = BTreeMap::new();
    let mut from = 0;
    while let Some((number, vote)) = votes.next(from) {
        from = number + 1;
        if let Ok(id) = u16::try_from(number) {
            answer.insert(ReplicaId(id), vote.clone());
        }
    }
    answer
}

/// A number and the handle of its slot.
#[derive(Clone, Copy, Debug)]
struct Place {
    seq: u64,
    cell: usize,
}

/// Handles by number, strictly ascending. Mostly without gaps, so that a number's place is where it would
/// be without any.
#[derive(Clone, Debug)]
struct Ring {
    places: VecDeque<Place>,
}

impl Ring {
    fn new() -> Self {
        Self { places: VecDeque::new() }
    }

    /// The first place of `seq` or a higher number, and whether it is that of `seq`.
    fn locate(&self, seq: u64) -> (usize, bool) {
        let (Some(first), Some(last)) = (self.places.front(), self.places.back()) else {
            return (0, false);
        };
        if seq <= first.seq {
            return (0, seq == first.seq);
        }
        let length = self.places.len();
        if seq > last.seq {
            return (length, false);
        }
        // Numbers ascend strictly: the place is at most as far from the front as the number.
        let mut high = match usize::try_from(seq - first.seq) {
            Ok(offset) if offset < length => offset,
            _ => length,
        };
        if let Some(place) = self.places.get(high)
            && place.seq == seq
        {
            return (high, true);
        }
        let mut low = 1;
        while low < high {
            let middle = low + (high - low) / 2;
            let below = match self.places.get(middle) {
                Some(place) => place.seq < seq,
                None => false,
            };
            if below {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        match self.places.get(low) {
            Some(place) => (low, place.seq == seq),
            None => (length, false),
        }
    }

    /// The handle of the slot of `seq`.
    fn find(&self, seq: u64) -> Option<usize> {
        let (at, there) = self.locate(seq);
        if !there {
            return None;
        }
        match self.places.get(at) {
            Some(place) => Some(place.cell),
            None => None,
        }
    }
}

/// Which ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    /// `slots`.
    Now,
    /// `early`.
    Early,
}

/// A matrix, or the Pre-Prepare that it is in: cheap to clone.
#[derive(Clone, Debug)]
enum Source {
    Plain(Arc<Matrix>),
    Of(Verified<PrePrepare>),
}

impl Source {
    fn matrix(&self) -> &Matrix {
        match self {
            Self::Plain(matrix) => matrix,
            Self::Of(proposal) => &proposal.body().matrix,
        }
    }

    fn plain(matrix: &Matrix) -> Self {
        Self::Plain(Arc::new(matrix.clone()))
    }
}

// ---- the state ----

/// All that ordering remembers.
#[derive(Clone, Debug)]
pub struct State {
    me: ReplicaId,
    view: View,
    preinstalled: View,
    start_seq: Seq,
    accepted: Seq,
    preceding: Source,
    ordered: Seq,
    ordered_matrix: Source,
    retired: Seq,
    proposed: Seq,
    proposal: Source,
    /// Ascending by number, each once.
    promised: Vec<(u64, PrePrepare)>,
    leader_proof: Option<Verified<PrePrepareConflict>>,
    leader_accused: bool,
    next_pre_prepare_at: Time,
    tokens: u64,
    filled_at: Time,
    retransmit_at: Time,
    slots: Ring,
    early: Ring,
    /// The arena of both rings.
    cells: Vec<Cell>,
    /// Handles of cells in neither ring, which are empty.
    free: Vec<usize>,
}

impl State {
    /// A state of this kind for an abstract one.
    pub fn from_abstract(state: &prime::order::model::State) -> Self {
        let mut answer = Self {
            me: state.me,
            view: state.view,
            preinstalled: state.preinstalled,
            start_seq: state.start_seq,
            accepted: state.accepted,
            preceding: Source::plain(&state.preceding),
            ordered: state.ordered,
            ordered_matrix: Source::plain(&state.ordered_matrix),
            retired: state.retired,
            proposed: state.proposed,
            proposal: Source::plain(&state.proposal),
            promised: Vec::with_capacity(state.promised.len()),
            leader_proof: state.leader_proof.clone(),
            leader_accused: state.leader_accused,
            next_pre_prepare_at: state.next_pre_prepare_at,
            tokens: state.tokens,
            filled_at: state.filled_at,
            retransmit_at: state.retransmit_at,
            slots: Ring::new(),
            early: Ring::new(),
            cells: Vec::with_capacity(state.slots.len() + state.early.len()),
            free: Vec::new(),
        };
        for (seq, proposal) in &state.promised {
            answer.promised.push((seq.0, proposal.clone()));
        }
        for (seq, slot) in &state.slots {
            let handle = answer.make(Lane::Now, seq.0);
            if let Some(cell) = answer.cells.get_mut(handle) {
                cell.fill(slot);
            }
        }
        for (seq, slot) in &state.early {
            let handle = answer.make(Lane::Early, seq.0);
            if let Some(cell) = answer.cells.get_mut(handle) {
                cell.fill(slot);
            }
        }
        answer
    }

    /// The abstract state.
    pub fn to_abstract(&self) -> prime::order::model::State {
        let mut promised = BTreeMap::new();
        for (seq, proposal) in &self.promised {
            promised.insert(Seq(*seq), proposal.clone());
        }
        prime::order::model::State {
            me: self.me,
            view: self.view,
            preinstalled: self.preinstalled,
            start_seq: self.start_seq,
            early: self.lane_map(Lane::Early),
            accepted: self.accepted,
            preceding: self.preceding.matrix().clone(),
            ordered: self.ordered,
            ordered_matrix: self.ordered_matrix.matrix().clone(),
            retired: self.retired,
            slots: self.lane_map(Lane::Now),
            proposed: self.proposed,
            proposal: self.proposal.matrix().clone(),
            promised,
            leader_proof: self.leader_proof.clone(),
            leader_accused: self.leader_accused,
            next_pre_prepare_at: self.next_pre_prepare_at,
            tokens: self.tokens,
            filled_at: self.filled_at,
            retransmit_at: self.retransmit_at,
        }
    }

    /// Nothing known, view 0 installed.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        let mut rows = Vec::new();
        while rows.len() < config.size() && rows.len() < MAX_REPLICAS {
            rows.push(None);
        }
        let rows = match List::new(rows) {
            Ok(rows) => rows,
            Err(_) => List::empty(),
        };
        let nothing = Source::Plain(Arc::new(Matrix { rows }));
        Self {
            me,
            view: View(0),
            preinstalled: View(0),
            start_seq: Seq(1),
            accepted: Seq(0),
            preceding: nothing.clone(),
            ordered: Seq(0),
            ordered_matrix: nothing.clone(),
            retired: Seq(0),
            proposed: Seq(0),
            proposal: nothing,
            promised: Vec::new(),
            leader_proof: None,
            leader_accused: false,
            next_pre_prepare_at: Time(0),
            tokens: config.windows.order,
            filled_at: Time(0),
            retransmit_at: Time(0),
            slots: Ring::new(),
            early: Ring::new(),
            cells: Vec::new(),
            free: Vec::new(),
        }
    }

    /// `view`.
    #[must_use]
    pub fn view(&self) -> View {
        self.view
    }

    /// `preinstalled`.
    #[must_use]
    pub fn preinstalled(&self) -> View {
        self.preinstalled
    }

    /// Whether this server may vote in the installed view: no other one is preinstalled.
    #[must_use]
    pub fn votes(&self) -> bool {
        self.preinstalled == self.view
    }

    /// `accepted`.
    #[must_use]
    pub fn accepted(&self) -> Seq {
        self.accepted
    }

    /// `preceding`.
    #[must_use]
    pub fn preceding(&self) -> &Matrix {
        self.preceding.matrix()
    }

    /// `ordered`.
    #[must_use]
    pub fn ordered(&self) -> Seq {
        self.ordered
    }

    /// `ordered_matrix`.
    #[must_use]
    pub fn ordered_matrix(&self) -> &Matrix {
        self.ordered_matrix.matrix()
    }

    /// `retired`.
    #[must_use]
    pub fn retired(&self) -> Seq {
        self.retired
    }

    /// The highest number that may be remembered.
    #[must_use]
    pub fn horizon(&self, config: &Config) -> Seq {
        let window = config.windows.order;
        let mut whole = window.saturating_mul(16);
        if whole > MAX_REPLAY as u64 {
            whole = MAX_REPLAY as u64;
        }
        let beyond_ordered = self.ordered.0.saturating_add(window);
        let beyond_retired = self.retired.0.saturating_add(whole);
        if beyond_ordered < beyond_retired { Seq(beyond_ordered) } else { Seq(beyond_retired) }
    }

    /// The Pre-Prepare in the slot of `seq` in `slots`, if there is one.
    #[must_use]
    pub fn pre_prepare(&self, seq: Seq) -> Option<&Verified<PrePrepare>> {
        match self.cell(seq.0) {
            Some(cell) => cell.pre_prepare.as_ref(),
            None => None,
        }
    }

    /// The digest of the Pre-Prepare in the slot of `seq` in `slots`, if there is one.
    #[must_use]
    pub fn digest_at(&self, seq: Seq) -> Option<Digest> {
        match self.pre_prepare(seq) {
            Some(proposal) => Some(proposal.digest()),
            None => None,
        }
    }

    /// What the ordered number `seq` is bound to: the Pre-Prepare in its slot, `None` for a no-op.
    #[must_use]
    pub fn bound_to(&self, seq: Seq) -> Option<&Verified<PrePrepare>> {
        self.pre_prepare(seq)
    }

    /// The slot of the ordered number `seq`.
    #[must_use]
    pub fn ordered_slot(&self, seq: Seq) -> Cow<'_, OrderSlot> {
        match self.cell(seq.0) {
            Some(cell) => Cow::Owned(cell.to_slot()),
            None => Cow::Owned(OrderSlot::default()),
        }
    }

    /// Whether there is anything in `slots`, so that a lost message could hold it up.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.slots.places.is_empty()
    }

    /// Whether a number above `ordered` is in `slots`, or this server may not vote.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        if !self.votes() {
            return true;
        }
        match self.slots.places.back() {
            Some(place) => place.seq > self.ordered.0,
            None => false,
        }
    }

    /// `proposal`.
    #[must_use]
    pub fn proposal(&self) -> &Matrix {
        self.proposal.matrix()
    }

    /// `next_pre_prepare_at`.
    #[must_use]
    pub fn next_pre_prepare_at(&self) -> Time {
        self.next_pre_prepare_at
    }

    /// `filled_at`.
    #[must_use]
    pub fn filled_at(&self) -> Time {
        self.filled_at
    }

    /// Whether the leader's next Pre-Prepare is here and waits for a token.
    #[must_use]
    pub fn delayed(&self) -> bool {
        if !self.votes() || self.tokens != 0 {
            return false;
        }
        let Some(next) = self.accepted.0.checked_add(1) else { return false };
        let Some(cell) = self.cell(next) else { return false };
        if cell.has(COMMITTED) {
            return false;
        }
        match &cell.pre_prepare {
            Some(proposal) => proposal.signer() != self.me,
            None => false,
        }
    }

    /// `leader_accused`.
    #[must_use]
    pub fn has_accused(&self) -> bool {
        self.leader_accused
    }

    /// `retransmit_at`.
    #[must_use]
    pub fn retransmit_at(&self) -> Time {
        self.retransmit_at
    }

    /// `retransmit_at` becomes `time`.
    pub fn set_retransmit_at(&mut self, time: Time) {
        self.retransmit_at = time;
    }
}

impl State {
    fn ring(&self, lane: Lane) -> &Ring {
        match lane {
            Lane::Now => &self.slots,
            Lane::Early => &self.early,
        }
    }

    fn ring_mut(&mut self, lane: Lane) -> &mut Ring {
        match lane {
            Lane::Now => &mut self.slots,
            Lane::Early => &mut self.early,
        }
    }

    fn lane_map(&self, lane: Lane) -> BTreeMap<Seq, OrderSlot> {
        let mut answer = BTreeMap::new();
        for place in &self.ring(lane).places {
            if let Some(cell) = self.cells.get(place.cell) {
                answer.insert(Seq(place.seq), cell.to_slot());
            }
        }
        answer
    }

    /// The slot of `seq` in `slots`.
    fn cell(&self, seq: u64) -> Option<&Cell> {
        match self.slots.find(seq) {
            Some(handle) => self.cells.get(handle),
            None => None,
        }
    }

    /// The slot of `seq` in a ring.
    fn cell_in(&self, lane: Lane, seq: u64) -> Option<&Cell> {
        match self.ring(lane).find(seq) {
            Some(handle) => self.cells.get(handle),
            None => None,
        }
    }

    /// The handle of the slot of `seq` in a ring, made if need be.
    fn make(&mut self, lane: Lane, seq: u64) -> usize {
        let (at, there) = self.ring(lane).locate(seq);
        if there && let Some(place) = self.ring(lane).places.get(at) {
            return place.cell;
        }
        let cell = match self.free.pop() {
            Some(handle) => handle,
            None => {
                self.cells.push(Cell::new());
                self.cells.len() - 1
            }
        };
        self.ring_mut(lane).places.insert(at, Place { seq, cell });
        cell
    }

    /// The slot of `seq` in a ring, made if need be.
    fn make_cell(&mut self, lane: Lane, seq: u64) -> Option<&mut Cell> {
        let handle = self.make(lane, seq);
        self.cells.get_mut(handle)
    }

    /// Empties the cell of a handle that no ring has any more.
    fn release(&mut self, handle: usize) {
        if let Some(cell) = self.cells.get_mut(handle) {
            cell.reset();
            self.free.push(handle);
        }
    }

    /// Drops the slots of a ring at or below `seq`.
    fn drop_to(&mut self, lane: Lane, seq: u64) {
        loop {
            match self.ring(lane).places.front() {
                Some(place) if place.seq <= seq => {}
                _ => return,
            }
            if let Some(place) = self.ring_mut(lane).places.pop_front() {
                self.release(place.cell);
            }
        }
    }

    /// Drops what came early.
    fn drop_early(&mut self) {
        while let Some(place) = self.early.places.pop_front() {
            self.release(place.cell);
        }
    }

    /// The ring for what is said of `view`.
    fn lane_of(&self, view: View) -> Option<Lane> {
        if view == self.view {
            return Some(Lane::Now);
        }
        if view == self.preinstalled {
            return Some(Lane::Early);
        }
        None
    }

    /// Why nothing may be remembered of `seq` in `view`, if so.
    fn outside(&self, config: &Config, view: View, seq: Seq) -> Option<Reject> {
        if seq <= self.ordered {
            return Some(Reject::Stale);
        }
        if let Some(cell) = self.cell(seq.0)
            && cell.has(COMMITTED)
            && let Some(proposal) = &cell.pre_prepare
            && proposal.body().view != view
        {
            return Some(Reject::Stale);
        }
        if seq > self.horizon(config) {
            return Some(Reject::BeyondWindow);
        }
        None
    }

    /// Binds the number of `proposal` to it, with those of `commits` that are for it. Returns what it took
    /// the place of.
    fn bind(
        &mut self,
        proposal: &Verified<PrePrepare>,
        commits: Vec<Verified<Commit>>,
    ) -> Option<Verified<PrePrepare>> {
        let view = proposal.body().view;
        let seq = proposal.body().seq;
        let digest = proposal.digest();
        let mut displaced = None;
        let mut enters = true;
        let cell = self.make_cell(Lane::Now, seq.0)?;
        if let Some(held) = &cell.pre_prepare {
            if held.digest() == digest {
                enters = false;
            } else {
                displaced = Some(held.clone());
            }
        }
        if let Some(held) = &displaced
            && held.body().view != view
        {
            cell.flags &= !PREPARED;
        }
        if enters {
            cell.pre_prepare = Some(proposal.clone());
        }
        for commit in commits {
            let said = commit.body();
            if said.view == view && said.seq == seq && said.digest == digest {
                cell.commits.put(commit.signer(), commit);
            }
        }
        cell.flags |= COMMITTED;
        if enters && seq == self.accepted {
            self.preceding = Source::Of(proposal.clone());
        }
        if enters && seq == self.proposed {
            self.proposal = Source::Of(proposal.clone());
        }
        displaced
    }
}

// ---- what other handlers end with ----

/// Counts as ordered what follows without a gap.
fn settle(state: &mut State) {
    let mut last = None;
    while let Some(next) = state.ordered.0.checked_add(1) {
        let Some(cell) = state.cell(next) else { break };
        if !cell.has(COMMITTED) {
            break;
        }
        if let Some(proposal) = &cell.pre_prepare {
            last = Some(proposal.clone());
        }
        state.ordered = Seq(next);
    }
    if let Some(proposal) = last {
        state.ordered_matrix = Source::Of(proposal);
    }
    if state.ordered > state.accepted {
        state.accepted = state.ordered;
        state.preceding = state.ordered_matrix.clone();
    }
    if state.ordered > state.proposed {
        state.proposed = state.ordered;
        state.proposal = state.ordered_matrix.clone();
    }
}

/// Does what the votes held for `seq` allow.
fn advance(state: &mut State, config: &Config, seq: u64, effects: &mut Effects) {
    let Some(handle) = state.slots.find(seq) else { return };
    let may_vote = state.votes();
    let (view, accepted) = (state.view, state.accepted.0);
    let Some(cell) = state.cells.get_mut(handle) else { return };
    if let Some(proposal) = cell.pre_prepare.clone() {
        let digest = proposal.digest();
        let prepares = may_vote
            && !cell.has(PREPARED)
            && seq <= accepted
            && proposal.body().view == view
            && backed(
                &cell.prepares,
                &proposal,
                Some(proposal.signer()),
                config.votes_beside_proposer(),
            );
        let commits = !cell.has(COMMITTED) && cell.certified(config);
        if prepares {
            cell.flags |= PREPARED;
            let mut from = 0;
            while let Some((number, vote)) = cell.prepares.next(from) {
                from = number + 1;
                if vote.body().digest == digest {
                    effects.persist(Record::Held(Incoming::Prepare(vote.clone())));
                }
            }
            effects.promise(To::All, Commit { view, seq: Seq(seq), digest });
        }
        if commits {
            cell.flags |= COMMITTED;
            if seq > accepted {
                effects.persist(Record::Held(Incoming::PrePrepare(proposal)));
            }
            let mut from = 0;
            while let Some((number, vote)) = cell.commits.next(from) {
                from = number + 1;
                if vote.body().digest == digest {
                    effects.persist(Record::Held(Incoming::Commit(vote.clone())));
                }
            }
        }
    }
    settle(state);
}

/// Whether `first` is at least as up to date as `second`; the shorter one is filled up with zeros.
fn at_least(first: &[PoSeq], second: &[PoSeq]) -> bool {
    let mut i = 0;
    for &other in second {
        let own = match first.get(i) {
            Some(&entry) => entry,
            None => PoSeq(0),
        };
        if own < other {
            return false;
        }
        i += 1;
    }
    true
}

/// Row `i`, if it is there and not null.
fn row_of(matrix: &Matrix, i: usize) -> Option<&Signed<PoAru>> {
    match matrix.rows.get(i) {
        Some(Some(row)) => Some(row),
        _ => None,
    }
}

/// Whether `matrix` may be proposed directly after `preceding`.
fn follows(config: &Config, preceding: &Matrix, matrix: &Matrix) -> bool {
    let size = config.size();
    if matrix.rows.len() != size {
        return false;
    }
    let mut differs = false;
    let mut i = 0;
    while i < size {
        match (row_of(matrix, i), row_of(preceding, i)) {
            (None, None) => {}
            (None, Some(_)) => return false,
            (Some(row), before) => {
                if usize::from(row.signer.0) != i + 1 || row.body.vec.len() != size {
                    return false;
                }
                match before {
                    None => differs = true,
                    Some(before) => {
                        if !at_least(&row.body.vec, &before.body.vec) {
                            return false;
                        }
                        if !differs && *row.body.vec != *before.body.vec {
                            differs = true;
                        }
                    }
                }
            }
        }
        i += 1;
    }
    differs
}

/// The Q-th largest of `entries`, whose order it changes; 0 if they are fewer.
fn quorum_entry(config: &Config, entries: &mut [PoSeq]) -> PoSeq {
    let quorum = config.quorum();
    let count = entries.len();
    if quorum == 0 || quorum > count {
        return PoSeq(0);
    }
    let (_, entry, _) = entries.select_nth_unstable(count - quorum);
    *entry
}

/// Entry `o` of a row, 0 where it is null or short.
fn entry_of(row: Option<&Signed<PoAru>>, o: usize) -> PoSeq {
    let Some(row) = row else { return PoSeq(0) };
    match row.body.vec.get(o) {
        Some(&entry) => entry,
        None => PoSeq(0),
    }
}

/// Whether the rows `new` make something eligible that `old` does not.
fn gains(config: &Config, new: &[Option<&Signed<PoAru>>], old: &Matrix) -> bool {
    let size = config.size();
    let mut after: Vec<PoSeq> = Vec::with_capacity(size);
    let mut before: Vec<PoSeq> = Vec::with_capacity(size);
    let mut o = 0;
    while o < size {
        after.clear();
        before.clear();
        let mut grows = false;
        let mut i = 0;
        while i < size {
            let row = match new.get(i) {
                Some(row) => *row,
                None => None,
            };
            let (now, then) = (entry_of(row, o), entry_of(row_of(old, i), o));
            grows = grows || now > then;
            after.push(now);
            before.push(then);
            i += 1;
        }
        if grows && quorum_entry(config, &mut after) > quorum_entry(config, &mut before) {
            return true;
        }
        o += 1;
    }
    false
}

// ---- what is called from outside ----

/// How long a token takes.
#[must_use]
pub fn interval(config: &Config) -> u64 {
    let half = config.timing.pre_prepare / TOKENS;
    if half == 0 { 1 } else { half }
}

/// Accepts every Pre-Prepare that is next in turn, in order.
pub fn accept(state: &mut State, config: &Config, effects: &mut Effects) {
    if !state.votes() {
        return;
    }
    let me = state.me;
    while let Some(next) = state.accepted.0.checked_add(1) {
        // Decide.
        let Some(handle) = state.slots.find(next) else { return };
        let Some(cell) = state.cells.get(handle) else { return };
        let Some(held) = &cell.pre_prepare else { return };
        let proposal = held.clone();
        let signer = proposal.signer();
        let foreign = signer != me;
        let committed = cell.has(COMMITTED);
        let pays = foreign && !committed;
        if pays && state.tokens == 0 {
            return;
        }
        let valid =
            committed || follows(config, state.preceding.matrix(), &proposal.body().matrix);

        // Act.
        if !valid {
            if let Some(cell) = state.cells.get_mut(handle) {
                cell.pre_prepare = None;
            }
            effects.reject(signer, Reject::Invalid);
            return;
        }
        state.accepted = Seq(next);
        state.preceding = Source::Of(proposal.clone());
        if state.accepted > state.proposed {
            state.proposed = state.accepted;
            state.proposal = state.preceding.clone();
        }
        effects.persist(Record::Held(Incoming::PrePrepare(proposal.clone())));
        if pays {
            state.tokens -= 1;
            let mut id = 1;
            while id <= config.n {
                let other = ReplicaId(id);
                if other != signer && other != me {
                    let message = Incoming::PrePrepare(proposal.clone());
                    effects.push(Effect::Relay { to: To::One(other), message });
                }
                if id == u16::MAX {
                    break;
                }
                id += 1;
            }
            let view = proposal.body().view;
            effects.promise(To::All, Prepare { view, seq: Seq(next), digest: proposal.digest() });
        }
        advance(state, config, next, effects);
    }
}

/// By originator, up to which preorder number updates are eligible under `matrix`.
pub fn eligible(config: &Config, matrix: &Matrix, prefix: &[PoSeq]) -> Vec<PoSeq> {
    let size = config.size();
    let mut answer = Vec::with_capacity(size);
    let mut column: Vec<PoSeq> = Vec::with_capacity(size);
    let mut o = 0;
    while o < size {
        column.clear();
        let mut i = 0;
        while i < size {
            column.push(entry_of(row_of(matrix, i), o));
            i += 1;
        }
        let mut entry = quorum_entry(config, &mut column);
        if let Some(&least) = prefix.get(o)
            && least > entry
        {
            entry = least;
        }
        answer.push(entry);
        o += 1;
    }
    answer
}

/// Begins ordering in `view` with number `start_seq`.
pub fn install(
    state: &mut State,
    config: &Config,
    view: View,
    start_seq: Seq,
    bound: &BTreeMap<Seq, Option<Verified<PrePrepare>>>,
    effects: &mut Effects,
) {
    // Decide.
    let mut resolved = Vec::new();
    let mut number = state.ordered.0.saturating_add(1);
    while number < start_seq.0 {
        let committed = match state.cell(number) {
            Some(cell) => cell.has(COMMITTED),
            None => false,
        };
        if !committed {
            let entry = bound.get(&Seq(number));
            assert!(entry.is_some(), "every number below the new view's is resolved");
            if let Some(entry) = entry {
                resolved.push((number, entry));
            }
        }
        number += 1;
    }

    // Act.
    for (number, entry) in resolved {
        if let Some(cell) = state.make_cell(Lane::Now, number) {
            cell.reset();
            cell.pre_prepare = entry.clone();
            cell.flags = COMMITTED | REPLAYED;
        }
    }
    let mut left = state.slots.places.len();
    while left > 0 {
        left -= 1;
        let Some(place) = state.slots.places.pop_front() else { break };
        let stays = match state.cells.get(place.cell) {
            Some(cell) => place.seq < start_seq.0 || cell.has(COMMITTED),
            None => false,
        };
        if stays {
            state.slots.places.push_back(place);
        } else {
            state.release(place.cell);
        }
    }
    settle(state);

    state.view = view;
    state.start_seq = start_seq;
    if view > state.preinstalled {
        state.preinstalled = view;
        state.drop_early();
    }
    state.accepted = state.ordered;
    state.proposed = state.ordered;
    state.preceding = state.ordered_matrix.clone();
    state.proposal = state.ordered_matrix.clone();
    state.leader_proof = None;
    state.promised.clear();
    state.leader_accused = false;
    state.tokens = config.windows.order;

    if view != state.preinstalled {
        return;
    }
    let mut entered = Vec::new();
    while let Some(place) = state.early.places.pop_front() {
        let (at, there) = state.slots.locate(place.seq);
        if there || place.seq <= state.ordered.0 {
            state.release(place.cell);
        } else {
            state.slots.places.insert(at, place);
            entered.push(place.seq);
        }
    }
    accept(state, config, effects);
    for number in entered {
        advance(state, config, number, effects);
    }
}

/// Counts every number up to `seq` as ordered and executed.
pub fn jump(state: &mut State, _config: &Config, seq: Seq, preceding: &Matrix) {
    if seq <= state.retired {
        return;
    }
    state.drop_to(Lane::Now, seq.0);
    state.drop_to(Lane::Early, seq.0);
    let mut gone = 0;
    for (number, _) in &state.promised {
        if *number > seq.0 {
            break;
        }
        gone += 1;
    }
    state.promised.drain(..gone);
    state.retired = seq;
    if state.ordered < seq {
        state.ordered = seq;
        state.ordered_matrix = Source::plain(preceding);
    }
    settle(state);
}

/// Proposes the next number, if this server leads the view and has a reason to.
pub fn make_pre_prepare(
    state: &mut State,
    config: &Config,
    now: Time,
    pre_order: &prime::pre_order::State,
    effects: &mut Effects,
) {
    // Decide.
    if config.leader_of(state.view) != state.me
        || !state.votes()
        || now < state.next_pre_prepare_at
    {
        return;
    }
    let Some(next) = state.proposed.0.checked_add(1) else { return };
    if next > state.horizon(config).0 {
        return;
    }
    let size = config.size();
    let last = state.proposal.matrix();
    let mut differs = last.rows.len() != size;
    let mut chosen: Vec<Option<&Signed<PoAru>>> = Vec::with_capacity(size);
    let mut i = 0;
    while i < size {
        let old = row_of(last, i);
        let mut row = old;
        if let Some(Some(held)) = pre_order.rows.get(i) {
            let new = held.signed();
            match old {
                None => {
                    row = Some(new);
                    differs = true;
                }
                Some(old) => {
                    if at_least(&new.body.vec, &old.body.vec) {
                        row = Some(new);
                        if old.signer != new.signer || old.body != new.body {
                            differs = true;
                        }
                    }
                }
            }
        }
        chosen.push(row);
        i += 1;
    }
    // The same matrix again makes nothing eligible and covers nothing more.
    if !differs {
        return;
    }
    let mut reason = gains(config, &chosen, last);
    if !reason {
        for held in &pre_order.proof_matrices {
            if let Some(held) = held
                && !covers(&pre_order.blacklist, last, &held.body().matrix)
            {
                reason = true;
                break;
            }
        }
    }
    if !reason {
        return;
    }
    let mut rows = Vec::with_capacity(size);
    for row in chosen {
        match row {
            Some(row) => rows.push(Some(row.clone())),
            None => rows.push(None),
        }
    }
    let Ok(rows) = List::new(rows) else { return };
    let matrix = Matrix { rows };

    // Act.
    state.proposed = Seq(next);
    state.proposal = Source::plain(&matrix);
    state.next_pre_prepare_at = Time(now.0.saturating_add(config.timing.pre_prepare));
    effects.promise(To::All, PrePrepare { view: state.view, seq: Seq(next), matrix });
}

/// Counts a Commit of its signer.
pub fn on_commit(
    state: &mut State,
    config: &Config,
    message: &Verified<Commit>,
    effects: &mut Effects,
) {
    // Decide.
    let signer = message.signer();
    let body = message.body();
    let Some(lane) = state.lane_of(body.view) else {
        effects.reject(signer, Reject::WrongView);
        return;
    };
    let mut refused = state.outside(config, body.view, body.seq);
    if refused.is_none()
        && let Some(cell) = state.cell_in(lane, body.seq.0)
        && let Some(held) = cell.commits.get(signer)
    {
        refused = Some(if held == message { Reject::Duplicate } else { Reject::Equivocation });
    }

    // Act.
    if let Some(reason) = refused {
        effects.reject(signer, reason);
        return;
    }
    if let Some(cell) = state.make_cell(lane, body.seq.0) {
        cell.commits.put(signer, message.clone());
    }
    if lane == Lane::Now {
        advance(state, config, body.seq.0, effects);
    }
}

/// Takes a Pre-Prepare together with Commits for it, of whatever view.
pub fn on_ordered_certificate(
    state: &mut State,
    config: &Config,
    message: &Verified<OrderedCertificate>,
    effects: &mut Effects,
) {
    // Decide.
    let sender = message.signer();
    let shown = &message.body().pre_prepare;
    let (view, seq) = (shown.body.view, shown.body.seq);
    let mut refused = None;
    if seq <= state.ordered {
        refused = Some(Reject::Stale);
    } else if seq > state.horizon(config) {
        refused = Some(Reject::BeyondWindow);
    } else if let Some(cell) = state.cell(seq.0)
        && cell.has(COMMITTED)
    {
        refused = Some(Reject::Duplicate);
    } else if shown.signer != config.leader_of(view)
        || shown.body.matrix.rows.len() != config.size()
    {
        refused = Some(Reject::Invalid);
    } else {
        // Before anything is hashed: are there enough about this number?
        let mut met = Met::new();
        for commit in message.body().commits.iter() {
            if commit.body.view == view && commit.body.seq == seq {
                met.add(commit.signer);
            }
        }
        if met.count() < config.quorum() {
            refused = Some(Reject::Invalid);
        }
    }
    if let Some(reason) = refused {
        effects.reject(sender, reason);
        return;
    }
    let (proposal, commits) = message.parts(&Context::from(config));
    let mut met = Met::new();
    for commit in &commits {
        let said = commit.body();
        if said.view == view && said.seq == seq && said.digest == proposal.digest() {
            met.add(commit.signer());
        }
    }
    if met.count() < config.quorum() {
        effects.reject(sender, Reject::Invalid);
        return;
    }

    // Act.
    let displaced = state.bind(&proposal, commits);
    if let Some(held) = displaced
        && held.body().view == view
        && view == state.view
        && !state.leader_accused
    {
        state.leader_accused = true;
        let (first, second) = (held.signed().clone(), proposal.signed().clone());
        effects.send(To::All, PrePrepareConflict { first, second });
    }
    effects.persist(Record::Held(Incoming::OrderedCertificate(message.clone())));
    settle(state);
    accept(state, config, effects);
}

/// Takes a Pre-Prepare of its signer.
pub fn on_pre_prepare(
    state: &mut State,
    config: &Config,
    message: &Verified<PrePrepare>,
    effects: &mut Effects,
) {
    // Decide.
    let signer = message.signer();
    let (view, seq) = (message.body().view, message.body().seq);
    let Some(lane) = state.lane_of(view) else {
        effects.reject(signer, Reject::WrongView);
        return;
    };
    let mut refused = None;
    let mut other = None;
    if signer != config.leader_of(view) {
        refused = Some(Reject::NotEntitled);
    } else if let Some(reason) = state.outside(config, view, seq) {
        refused = Some(reason);
    } else if let Some(cell) = state.cell_in(lane, seq.0)
        && let Some(held) = &cell.pre_prepare
    {
        if held.digest() == message.digest() {
            refused = Some(Reject::Duplicate);
        } else {
            refused = Some(Reject::Equivocation);
            if lane == Lane::Now && !state.leader_accused {
                other = Some(held.clone());
            }
        }
    }

    // Act.
    if let Some(held) = other {
        state.leader_accused = true;
        let (first, second) = (held.signed().clone(), message.signed().clone());
        effects.send(To::All, PrePrepareConflict { first, second });
    }
    if let Some(reason) = refused {
        effects.reject(signer, reason);
        return;
    }
    if let Some(cell) = state.make_cell(lane, seq.0) {
        cell.pre_prepare = Some(message.clone());
    }
    if lane == Lane::Now {
        accept(state, config, effects);
    }
}

/// Takes a proof that a leader signed two different Pre-Prepares for one (view, number).
pub fn on_pre_prepare_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<PrePrepareConflict>,
    effects: &mut Effects,
) {
    // Decide. Two Pre-Prepares of one signer, view and number have different digests exactly if their
    // matrices have not the same vectors of the same servers.
    let first = &message.body().first;
    let second = &message.body().second;
    let mut refused = None;
    if first.signer != second.signer
        || first.body.view != second.body.view
        || first.body.seq != second.body.seq
        || first.signer != config.leader_of(first.body.view)
        || first.body.matrix.same(&second.body.matrix)
    {
        refused = Some(Reject::Invalid);
    } else if first.body.view != state.view {
        refused = Some(Reject::WrongView);
    } else if state.leader_proof.is_some() {
        refused = Some(Reject::Duplicate);
    }

    // Act.
    if let Some(reason) = refused {
        effects.reject(message.signer(), reason);
        return;
    }
    state.leader_proof = Some(message.clone());
    if !state.leader_accused {
        state.leader_accused = true;
        let message = Incoming::PrePrepareConflict(message.clone());
        effects.push(Effect::Relay { to: To::Others, message });
    }
}

/// Counts a Prepare of its signer.
pub fn on_prepare(
    state: &mut State,
    config: &Config,
    message: &Verified<Prepare>,
    effects: &mut Effects,
) {
    // Decide.
    let signer = message.signer();
    let body = message.body();
    let Some(lane) = state.lane_of(body.view) else {
        effects.reject(signer, Reject::WrongView);
        return;
    };
    let mut refused = None;
    if signer == config.leader_of(body.view) {
        refused = Some(Reject::NotEntitled);
    } else if let Some(reason) = state.outside(config, body.view, body.seq) {
        refused = Some(reason);
    } else if let Some(cell) = state.cell_in(lane, body.seq.0)
        && let Some(held) = cell.prepares.get(signer)
    {
        refused = Some(if held == message { Reject::Duplicate } else { Reject::Equivocation });
    }

    // Act.
    if let Some(reason) = refused {
        effects.reject(signer, reason);
        return;
    }
    if let Some(cell) = state.make_cell(lane, body.seq.0) {
        cell.prepares.put(signer, message.clone());
    }
    if lane == Lane::Now {
        advance(state, config, body.seq.0, effects);
    }
}

/// For every number above `executed`, ascending, the certificate of a view below `view` held for it.
pub fn pc_set(state: &State, config: &Config, view: View, executed: Seq) -> Vec<Certificate> {
    let mut answer = Vec::new();
    let Some(lowest) = executed.0.checked_add(1) else { return answer };
    let (mut at, _) = state.slots.locate(lowest);
    while let Some(place) = state.slots.places.get(at) {
        at += 1;
        let Some(cell) = state.cells.get(place.cell) else { continue };
        let Some(proposal) = &cell.pre_prepare else { continue };
        if proposal.body().view >= view {
            continue;
        }
        let (of, digest) = (proposal.body().view, proposal.digest());
        if cell.has(COMMITTED) && cell.commits.count() >= config.quorum() {
            let mut votes: Vec<Signed<Commit>> = Vec::new();
            let mut found = 0;
            let mut from = 0;
            while let Some((number, vote)) = cell.commits.next(from) {
                from = number + 1;
                if vote.body().view == of && vote.body().digest == digest {
                    found += 1;
                    if votes.len() < MAX_REPLICAS {
                        votes.push(vote.signed().clone());
                    }
                }
            }
            if found >= config.quorum()
                && let Ok(votes) = List::new(votes)
            {
                answer.push(Certificate::Committed(proposal.signed().clone(), votes));
                continue;
            }
        }
        if cell.has(PREPARED) && !cell.has(REPLAYED) {
            let own = u32::from(proposal.signer().0);
            let mut votes: Vec<Signed<Prepare>> = Vec::new();
            let mut from = 0;
            while let Some((number, vote)) = cell.prepares.next(from) {
                from = number + 1;
                if number != own
                    && vote.body().view == of
                    && vote.body().digest == digest
                    && votes.len() < MAX_REPLICAS
                {
                    votes.push(vote.signed().clone());
                }
            }
            if let Ok(votes) = List::new(votes) {
                answer.push(Certificate::Prepared(proposal.signed().clone(), votes));
            }
        }
    }
    answer
}

/// Ends voting in the installed view.
pub fn preinstall(state: &mut State, view: View) {
    state.preinstalled = view;
    state.drop_early();
    state.promised.clear();
}

/// Counts what the log's certificates order.
pub fn recount(state: &mut State, config: &Config) {
    for place in &state.slots.places {
        let Some(cell) = state.cells.get_mut(place.cell) else { continue };
        if cell.has(REPLAYED) || cell.certified(config) {
            cell.flags |= COMMITTED;
        } else {
            cell.flags &= !COMMITTED;
        }
    }
    settle(state);
}

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(Body::PrePrepare(proposal)) => {
            if proposal.view == state.view && proposal.seq > state.retired {
                recover_proposal(state, proposal);
            }
        }
        Record::Promise(Body::Commit(vote)) => {
            if vote.view == state.view
                && vote.seq > state.retired
                && let Some(cell) = state.make_cell(Lane::Now, vote.seq.0)
            {
                cell.flags |= PREPARED;
            }
        }
        Record::Promise(Body::RbInit(init)) => {
            if init.view > state.preinstalled {
                preinstall(state, init.view);
            }
        }
        Record::Held(Incoming::PrePrepare(proposal)) => {
            if proposal.body().view == state.view && proposal.body().seq > state.retired {
                recover_pre_prepare(state, proposal);
            }
        }
        Record::Held(Incoming::Prepare(vote)) => {
            if vote.body().view == state.view
                && vote.body().seq > state.retired
                && let Some(cell) = state.make_cell(Lane::Now, vote.body().seq.0)
            {
                cell.prepares.put(vote.signer(), vote.clone());
            }
        }
        Record::Held(Incoming::Commit(vote)) => {
            if vote.body().view == state.view
                && vote.body().seq > state.retired
                && let Some(cell) = state.make_cell(Lane::Now, vote.body().seq.0)
            {
                cell.commits.put(vote.signer(), vote.clone());
            }
        }
        Record::Held(Incoming::OrderedCertificate(message)) => {
            if message.body().pre_prepare.body.seq > state.retired {
                let (proposal, commits) = message.parts(&Context::from(config));
                let _ = state.bind(&proposal, commits);
            }
        }
        _ => {}
    }
}

/// An own proposal that the log promised.
fn recover_proposal(state: &mut State, proposal: &PrePrepare) {
    if proposal.seq > state.proposed {
        state.proposed = proposal.seq;
        state.proposal = Source::plain(&proposal.matrix);
    }
    // Mostly it is the highest: looked for from the end.
    let mut at = state.promised.len();
    while at > 0 {
        match state.promised.get(at - 1) {
            Some(entry) if entry.0 >= proposal.seq.0 => at -= 1,
            _ => break,
        }
    }
    if let Some(entry) = state.promised.get_mut(at)
        && entry.0 == proposal.seq.0
    {
        entry.1 = proposal.clone();
        return;
    }
    state.promised.insert(at, (proposal.seq.0, proposal.clone()));
}

/// A Pre-Prepare of the installed view that the log held.
fn recover_pre_prepare(state: &mut State, proposal: &Verified<PrePrepare>) {
    let seq = proposal.body().seq;
    if let Some(cell) = state.make_cell(Lane::Now, seq.0) {
        cell.pre_prepare = Some(proposal.clone());
    }
    if state.accepted.0.checked_add(1) != Some(seq.0) {
        return;
    }
    state.accepted = seq;
    state.preceding = Source::Of(proposal.clone());
    if seq > state.proposed {
        state.proposed = seq;
        state.proposal = Source::Of(proposal.clone());
    }
}

/// Fills the bucket from which `accept` takes a token for each Pre-Prepare of the leader.
pub fn refill(state: &mut State, config: &Config, now: Time) {
    let step = interval(config);
    let whole = now.0.saturating_sub(state.filled_at.0) / step;
    let most = config.windows.order;
    let tokens = state.tokens.saturating_add(whole);
    if tokens < most {
        state.tokens = tokens;
        state.filled_at = Time(state.filled_at.0.saturating_add(whole.saturating_mul(step)));
        return;
    }
    state.tokens = most;
    if now > state.filled_at {
        state.filled_at = now;
    }
}

/// Rebuilds what follows from the log's certificates, then says again what was promised about numbers
/// that are not ordered.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    recount(state, config);
    accept(state, config, effects);
    if !state.votes() {
        return;
    }
    let leads = config.leader_of(state.view) == state.me;
    if let Some(lowest) = state.ordered.0.checked_add(1) {
        let (mut at, _) = state.slots.locate(lowest);
        while let Some(place) = state.slots.places.get(at) {
            at += 1;
            if place.seq > state.accepted.0 {
                break;
            }
            let Some(cell) = state.cells.get(place.cell) else { continue };
            let Some(proposal) = &cell.pre_prepare else { continue };
            let view = proposal.body().view;
            if view != state.view {
                continue;
            }
            let (seq, digest) = (Seq(place.seq), proposal.digest());
            if !leads && !cell.has(COMMITTED) {
                effects.send(To::All, Prepare { view, seq, digest });
            }
            if cell.has(PREPARED) {
                effects.send(To::All, Commit { view, seq, digest });
            }
        }
    }
    let accepted = state.accepted.0;
    for (number, proposal) in state.promised.drain(..) {
        if number > accepted {
            effects.send(To::All, proposal);
        }
    }
}

/// Drops every slot at or below `executed`.
pub fn retire(state: &mut State, executed: Seq) {
    state.drop_to(Lane::Now, executed.0);
    if executed > state.retired {
        state.retired = executed;
    }
}

/// Sends again what this server said about the lowest unordered numbers.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
    let Some(lowest) = state.ordered.0.checked_add(1) else { return };
    let mut left = match 256_u16.checked_div(config.n) {
        Some(left) => left,
        None => 256,
    };
    let (mut at, _) = state.slots.locate(lowest);
    while left > 0 {
        let Some(place) = state.slots.places.get(at) else { return };
        at += 1;
        left -= 1;
        let Some(cell) = state.cells.get(place.cell) else { continue };
        if place.seq <= state.accepted.0
            && let Some(proposal) = &cell.pre_prepare
        {
            let message = Incoming::PrePrepare(proposal.clone());
            effects.push(Effect::Relay { to: To::Others, message });
        }
        if let Some(vote) = cell.prepares.get(state.me) {
            let message = Incoming::Prepare(vote.clone());
            effects.push(Effect::Relay { to: To::Others, message });
        }
        if let Some(vote) = cell.commits.get(state.me) {
            let message = Incoming::Commit(vote.clone());
            effects.push(Effect::Relay { to: To::Others, message });
        }
    }
}
