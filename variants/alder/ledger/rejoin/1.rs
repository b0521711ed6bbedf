//! What a server that lost its log may say, and what others do for it.
//!
//! Everything that is known of servers stands in arrays by server, one for each thing that is known;
//! what only some servers have stands in a [`Shelf`]: a word that says who has it, and an arena in
//! which the number of bits below one's own is one's place. Each function decides first and then
//! acts, once.

use prime::checkpoint::Journal;
use prime::rejoin::model::Open;
use prime::rejoin::model::Own;
use wire::Config;
use wire::Digest;
use wire::Effects;
use wire::List;
use wire::PoSeq;
use wire::ReplicaId;
use wire::Seq;
use wire::Time;
use wire::Verified;
use wire::View;
use wire::auth::Context;
use wire::machine::Record;
use wire::prime::Body;
use wire::prime::CatchUpRequest;
use wire::prime::Incoming;
use wire::prime::InstallCertificate;
use wire::prime::LIFE;
use wire::prime::Matrix;
use wire::prime::PoAruConflict;
use wire::prime::Prime;
use wire::prime::ReconRequest;
use wire::prime::ReplayCertificate;
use wire::prime::ReplayPrepare;

/// Bits of a nonce that go into a life.
const NONCE: u64 = (1 << 40) - 1;

/// Ids below this have a bit in a shelf's word: more than there can be servers.
const BITS: u16 = 128;

/// Rows that have an index of this or above have no id.
const IDS: usize = u16::MAX as usize;

/// Something that some servers have.
#[derive(Clone, Debug)]
struct Shelf<T> {
    /// Bit i: whether id i has it.
    held: u128,
    /// What they have, ascending by id.
    cells: Vec<T>,
    /// What ids have that are no server's, ascending.
    beyond: Vec<(u16, T)>,
}

impl<T> Shelf<T> {
    fn empty() -> Self {
        Self { held: 0, cells: Vec::new(), beyond: Vec::new() }
    }

    /// Whether `id`, below `BITS`, has it, and where that is or would be in `cells`.
    fn rank(&self, id: u16) -> (bool, usize) {
        let bit = 1u128 << id;
        (self.held & bit != 0, (self.held & (bit - 1)).count_ones() as usize)
    }

    /// The first place in `beyond` that is not below `id`.
    fn seat(&self, id: u16) -> usize {
        let (mut low, mut high) = (0, self.beyond.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.beyond.get(middle) {
                Some(entry) if entry.0 < id => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    fn get(&self, id: ReplicaId) -> Option<&T> {
        if id.0 < BITS {
            let (held, place) = self.rank(id.0);
            return if held { self.cells.get(place) } else { None };
        }
        match self.beyond.get(self.seat(id.0)) {
            Some((key, item)) if *key == id.0 => Some(item),
            _ => None,
        }
    }

    /// Puts `item` in the place of what `id` had.
    fn put(&mut self, id: ReplicaId, item: T) {
        if id.0 < BITS {
            let (held, place) = self.rank(id.0);
            if !held {
                self.held |= 1u128 << id.0;
                self.cells.insert(place, item);
            } else if let Some(cell) = self.cells.get_mut(place) {
                *cell = item;
            }
            return;
        }
        let place = self.seat(id.0);
        match self.beyond.get_mut(place) {
            Some((key, cell)) if *key == id.0 => *cell = item,
            _ => self.beyond.insert(place, (id.0, item)),
        }
    }

    /// Who has it, ascending.
    fn ids(&self) -> Vec<ReplicaId> {
        let mut ids = Vec::with_capacity(self.cells.len() + self.beyond.len());
        let mut left = self.held;
        while left != 0 {
            ids.push(ReplicaId(left.trailing_zeros() as u16));
            left &= left - 1;
        }
        for entry in &self.beyond {
            ids.push(ReplicaId(entry.0));
        }
        ids
    }
}

/// The own loss.
#[derive(Clone, Debug)]
struct Lapse {
    nonce: u64,
    life: PoSeq,
    floor: Vec<PoSeq>,
    announced: bool,
    speak_at: Time,
    witness: Option<(View, Vec<PoSeq>)>,
    prepares: Shelf<Verified<ReplayPrepare>>,
    open: Option<Open>,
}

impl Lapse {
    fn new(config: &Config) -> Self {
        Self {
            nonce: 0,
            life: PoSeq(0),
            floor: vec![PoSeq(0); config.size()],
            announced: false,
            speak_at: Time(0),
            witness: None,
            prepares: Shelf::empty(),
            open: None,
        }
    }

    /// It begins, after the number `last` above `LIFE`.
    fn begin(&mut self, config: &Config, now: Time, last: PoSeq) {
        self.nonce = last.0.saturating_sub(LIFE.0) / 2;
        self.life = life_after(last, 0);
        self.speak_at = later(now, config.timing.retransmit.saturating_mul(4));
    }
}

/// What is known of lost logs, by index of the server (its id less 1) where it is of servers.
#[derive(Clone, Debug)]
pub struct State {
    me: ReplicaId,
    lapse: Option<Lapse>,
    votes: Vec<Verified<ReplayPrepare>>,
    noted: Shelf<PoSeq>,
    /// This server, for what follows.
    self_of_others: ReplicaId,
    /// The five arrays are of one length.
    lives: Vec<PoSeq>,
    pardoned: Vec<PoSeq>,
    pardon_at: Vec<Time>,
    until: Vec<PoSeq>,
    renew_at: Vec<Time>,
    again_at: Time,
    held: Option<(PoSeq, Time)>,
}

/// The index of a server; that of id 0 is in no array.
fn place(id: ReplicaId) -> usize {
    usize::from(id.0).wrapping_sub(1)
}

/// The server of an index below `IDS`.
fn server(index: usize) -> ReplicaId {
    ReplicaId((index as u16).wrapping_add(1))
}

/// The entry at `index`, 0 if it is not there.
fn at<T: Copy + Default>(row: &[T], index: usize) -> T {
    match row.get(index) {
        Some(entry) => *entry,
        None => T::default(),
    }
}

/// Makes `value` the entry at `index`, if that is there.
fn set<T>(row: &mut [T], index: usize, value: T) {
    if let Some(entry) = row.get_mut(index) {
        *entry = value;
    }
}

/// The entry of the server at `index` for itself, 0 if it is not there.
fn own_entry(matrix: &Matrix, index: usize) -> PoSeq {
    match matrix.rows.get(index) {
        Some(Some(row)) => at(&row.body.vec, index),
        _ => PoSeq(0),
    }
}

fn raised(number: PoSeq, by: u64) -> PoSeq {
    PoSeq(number.0.saturating_add(by))
}

fn later(time: Time, by: u64) -> Time {
    Time(time.0.saturating_add(by))
}

/// The life next after `number` by `nonce`.
fn life_after(number: PoSeq, nonce: u64) -> PoSeq {
    let even = (number.0 | 1).saturating_add(1);
    PoSeq(even.saturating_add(2 * (nonce & NONCE)))
}

/// The record of a loss with `life`.
fn loss_record(life: PoSeq) -> Record<Prime> {
    Record::Promise(Body::CatchUpRequest(CatchUpRequest {
        view: View(0),
        installed: View(0),
        ordered: Seq(life.0),
        executed: Seq(0),
    }))
}

/// The record of a number of an originator.
fn number_record(originator: ReplicaId, seq: PoSeq) -> Record<Prime> {
    Record::Promise(Body::ReconRequest(ReconRequest { originator, seq }))
}

/// The servers that begin a life with `matrix`, lost logs or not: bit i for index i. A matrix has no more
/// rows than the word has bits.
fn born(config: &Config, preceding: &Matrix, matrix: &Matrix) -> u64 {
    let mut set = 0u64;
    let mut index = 0;
    while index < matrix.rows.len() && index < config.size() && index < 64 {
        let entry = own_entry(matrix, index);
        if entry >= LIFE && entry > own_entry(preceding, index) {
            set |= 1 << index;
        }
        index += 1;
    }
    set
}

/// Those of `born` whose life is even.
fn born_even(config: &Config, preceding: &Matrix, matrix: &Matrix) -> u64 {
    let mut set = born(config, preceding, matrix);
    let mut left = set;
    while left != 0 {
        let index = left.trailing_zeros();
        left &= left - 1;
        if own_entry(matrix, index as usize).0 & 1 != 0 {
            set &= !(1 << index);
        }
    }
    set
}

/// Which servers begin a new life with `matrix`, executed next after `preceding`, because they lost
/// their logs, ascending.
#[must_use]
pub fn born_of_loss(config: &Config, preceding: &Matrix, matrix: &Matrix) -> Vec<ReplicaId> {
    let mut left = born_even(config, preceding, matrix);
    let mut servers = Vec::with_capacity(left.count_ones() as usize);
    while left != 0 {
        servers.push(server(left.trailing_zeros() as usize));
        left &= left - 1;
    }
    servers
}

/// Passes over whatever those who begin a new life with `matrix`, executed next after `preceding`, had
/// originated.
pub fn skip(config: &Config, preceding: &Matrix, matrix: &Matrix, prefix: &mut [PoSeq]) {
    let mut left = born(config, preceding, matrix);
    while left != 0 {
        if let Some(entry) = prefix.get_mut(left.trailing_zeros() as usize) {
            *entry = raised(*entry, config.windows.preorder);
        }
        left &= left - 1;
    }
}

impl State {
    /// A state for an abstract one.
    #[must_use]
    pub fn from_abstract(state: &prime::rejoin::model::State) -> Self {
        let mut lapse = None;
        if let Some(loss) = &state.loss {
            let mut prepares = Shelf::empty();
            for (id, vote) in &loss.prepares {
                prepares.put(*id, vote.clone());
            }
            lapse = Some(Lapse {
                nonce: loss.nonce,
                life: loss.life,
                floor: loss.floor.clone(),
                announced: loss.announced,
                speak_at: loss.speak_at,
                witness: loss.witness.clone(),
                prepares,
                open: loss.open.clone(),
            });
        }
        let mut noted = Shelf::empty();
        for (id, number) in &state.noted {
            noted.put(*id, *number);
        }
        let count = state.others.list.len();
        let mut made = Self {
            me: state.me,
            lapse,
            votes: state.votes.clone(),
            noted,
            self_of_others: state.others.me,
            lives: Vec::with_capacity(count),
            pardoned: Vec::with_capacity(count),
            pardon_at: Vec::with_capacity(count),
            until: Vec::with_capacity(count),
            renew_at: Vec::with_capacity(count),
            again_at: state.others.again_at,
            held: state.others.held,
        };
        for other in &state.others.list {
            made.lives.push(other.life);
            made.pardoned.push(other.pardoned);
            made.pardon_at.push(other.pardon_at);
            made.until.push(other.until);
            made.renew_at.push(other.renew_at);
        }
        made
    }

    /// The abstract state.
    #[must_use]
    pub fn to_abstract(&self) -> prime::rejoin::model::State {
        let mut made = prime::rejoin::model::State {
            me: self.me,
            loss: None,
            votes: self.votes.clone(),
            others: prime::rejoin::model::Others {
                me: self.self_of_others,
                list: Vec::with_capacity(self.lives.len()),
                again_at: self.again_at,
                held: self.held,
            },
            noted: Default::default(),
        };
        for index in 0..self.lives.len() {
            made.others.list.push(prime::rejoin::model::Other {
                life: at(&self.lives, index),
                pardoned: at(&self.pardoned, index),
                pardon_at: at(&self.pardon_at, index),
                until: at(&self.until, index),
                renew_at: at(&self.renew_at, index),
            });
        }
        for id in self.noted.ids() {
            if let Some(number) = self.noted.get(id) {
                made.noted.insert(id, *number);
            }
        }
        if let Some(lapse) = &self.lapse {
            let mut loss = prime::rejoin::model::Loss {
                nonce: lapse.nonce,
                life: lapse.life,
                floor: lapse.floor.clone(),
                announced: lapse.announced,
                speak_at: lapse.speak_at,
                witness: lapse.witness.clone(),
                prepares: Default::default(),
                open: lapse.open.clone(),
            };
            for id in lapse.prepares.ids() {
                if let Some(vote) = lapse.prepares.get(id) {
                    loss.prepares.insert(id, vote.clone());
                }
            }
            made.loss = Some(loss);
        }
        made
    }

    /// Nothing was lost.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        let count = config.size();
        Self {
            me,
            lapse: None,
            votes: Vec::new(),
            noted: Shelf::empty(),
            self_of_others: me,
            lives: vec![PoSeq(0); count],
            pardoned: vec![PoSeq(0); count],
            pardon_at: vec![Time(0); count],
            until: vec![PoSeq(0); count],
            renew_at: vec![Time(0); count],
            again_at: Time(0),
            held: None,
        }
    }

    /// The log is lost; `nonce` is what nobody could guess.
    pub fn lose(&mut self, config: &Config, now: Time, nonce: u64, out: &mut Effects<Prime>) {
        let life = life_after(LIFE, nonce);
        let mut lapse = Lapse::new(config);
        lapse.begin(config, now, life);
        out.persist(loss_record(life));
        self.lapse = Some(lapse);
    }

    /// Takes one record of the log.
    pub fn recover(&mut self, config: &Config, record: &Record<Prime>) {
        match record {
            Record::Promise(Body::CatchUpRequest(request)) if request.executed == Seq(0) => {
                let life = PoSeq(request.ordered.0);
                match &mut self.lapse {
                    Some(lapse) => lapse.life = life,
                    None => {
                        let mut lapse = Lapse::new(config);
                        lapse.life = life;
                        self.lapse = Some(lapse);
                    }
                }
            }
            Record::Promise(Body::CatchUpRequest(request)) => {
                let Some(lapse) = &mut self.lapse else { return };
                let mut acks = vec![PoSeq(0); config.size()];
                for index in 0..acks.len() {
                    if let Some(number) = self.noted.get(server(index)) {
                        set(&mut acks, index, *number);
                    }
                }
                let upto = Seq(request.executed.0.saturating_add(config.windows.order));
                lapse.open = Some(Open { view: request.installed, upto, acks });
                self.noted = Shelf::empty();
            }
            Record::Promise(Body::ReconRequest(request)) => {
                self.noted.put(request.originator, request.seq);
            }
            Record::Held(Incoming::ReplayPrepare(vote)) => {
                if let Some(lapse) = &mut self.lapse {
                    lapse.prepares.put(vote.signer(), vote.clone());
                }
            }
            _ => {}
        }
    }

    /// The log was read: `sent` is the own entry of the last row promised, `log` what else it has.
    pub fn resume(
        &mut self,
        config: &Config,
        now: Time,
        (sent, log): (PoSeq, &Journal),
        out: &mut Effects<Prime>,
    ) {
        let Some(lapse) = &mut self.lapse else { return };
        if lapse.open.is_some() {
            return;
        }
        let mut life = lapse.life;
        if life <= LIFE {
            let Digest(bytes) = Digest::of_value("patchy prime life 1", &(now, log));
            let [a, b, c, d, e, ..] = bytes;
            let nonce = u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]);
            life = life_after(if sent > LIFE { sent } else { LIFE }, nonce);
            out.persist(loss_record(life));
        }
        lapse.begin(config, now, if sent > life { sent } else { life });
    }

    /// Whether there is a loss that is not open.
    #[must_use]
    pub fn silent(&self) -> bool {
        match &self.lapse {
            Some(lapse) => lapse.open.is_none(),
            None => false,
        }
    }

    /// What may still not be said, once the server is open again.
    #[must_use]
    pub fn open(&self) -> Option<&Open> {
        match &self.lapse {
            Some(lapse) => lapse.open.as_ref(),
            None => None,
        }
    }

    /// Whether this server still counts among those that recover.
    #[must_use]
    pub fn recovering(&self, config: &Config, reached: (View, Seq), prefix: &[PoSeq]) -> bool {
        let Some(lapse) = &self.lapse else { return false };
        let Some(open) = &lapse.open else { return true };
        if reached.0 == open.view && reached.1 < open.upto {
            return true;
        }
        let own = place(self.me);
        let mut spare = config.f;
        for index in 0..open.acks.len() {
            if index == own || at(prefix, index) >= at(&open.acks, index) {
                continue;
            }
            if spare == 0 {
                return true;
            }
            spare -= 1;
        }
        false
    }

    /// How much of `promised` says that what is held here was certified here, if `executed` is.
    #[must_use]
    pub fn believed(&self, originator: ReplicaId, executed: PoSeq, promised: PoSeq) -> PoSeq {
        let Some(lapse) = &self.lapse else { return promised };
        if originator == self.me {
            return promised;
        }
        let Some(open) = &lapse.open else { return PoSeq(0) };
        if let Some(entry) = open.acks.get(place(originator))
            && executed >= *entry
        {
            return promised;
        }
        match self.noted.get(originator) {
            Some(number) if *number < promised => *number,
            Some(_) => promised,
            None => PoSeq(0),
        }
    }

    /// Logs what is certified here, `aru`, until that is beyond what was forgotten.
    pub fn vouch(&mut self, config: &Config, aru: &[PoSeq], out: &mut Effects<Prime>) {
        let Some(lapse) = &self.lapse else { return };
        let Some(open) = &lapse.open else { return };
        let own = place(self.me);
        let mut due: Vec<(ReplicaId, PoSeq)> = Vec::new();
        for index in 0..aru.len() {
            if index >= config.size() || index >= open.acks.len() {
                break;
            }
            let (id, certified) = (server(index), at(aru, index));
            let noted = match self.noted.get(id) {
                Some(number) => *number,
                None => PoSeq(0),
            };
            if index != own && noted < at(&open.acks, index) && noted < certified {
                due.push((id, certified));
            }
        }
        for (id, certified) in due {
            out.persist(number_record(id, certified));
            self.noted.put(id, certified);
        }
    }

    /// The server at `index` began `life`; if `owed`, own numbers up to `until` are not acknowledged by it.
    fn live(&mut self, index: usize, life: PoSeq, owed: bool, until: PoSeq) {
        set(&mut self.lives, index, life);
        if owed && index != place(self.self_of_others) && at(&self.until, index) < until {
            set(&mut self.until, index, until);
        }
    }

    /// A state was taken over, from others or from the log, in which `prefix` was executed.
    pub fn restored(&mut self, config: &Config, preceding: &Matrix, prefix: &[PoSeq]) {
        let until = raised(at(prefix, place(self.self_of_others)), config.windows.preorder);
        let mut index = 0;
        while index < preceding.rows.len() && index < config.size() {
            let entry = own_entry(preceding, index);
            if entry >= LIFE && entry > at(&self.lives, index) {
                self.live(index, entry, entry.0 & 1 == 0, until);
            }
            index += 1;
        }
    }

    /// Against whom nothing is held any more at `now`, ascending.
    pub fn pardons(&mut self, config: &Config, now: Time) -> Vec<ReplicaId> {
        let mut heeded = Vec::new();
        let again = later(now, config.timing.renewal);
        for index in 0..self.lives.len() {
            if index >= IDS {
                break;
            }
            let life = at(&self.lives, index);
            if life > at(&self.pardoned, index) && now >= at(&self.pardon_at, index) {
                heeded.push(server(index));
                set(&mut self.pardoned, index, life);
                set(&mut self.pardon_at, index, again);
            }
        }
        heeded
    }

    /// Whether `proof` holds a row of a life that is over against its signer, that of `first`.
    #[must_use]
    pub fn void(&self, proof: &PoAruConflict) -> bool {
        let index = place(proof.first.signer);
        let Some(pardoned) = self.pardoned.get(index) else { return false };
        at(&proof.first.body.vec, index) < *pardoned || at(&proof.second.body.vec, index) < *pardoned
    }

    /// A row of one's own turned up.
    pub fn found(&mut self, row: &[PoSeq]) {
        let Some(lapse) = &mut self.lapse else { return };
        for index in 0..lapse.floor.len() {
            let entry = at(row, index);
            if entry > at(&lapse.floor, index) {
                set(&mut lapse.floor, index, entry);
            }
        }
    }

    /// What `found` does, with each of the two rows of `proof` that `me` signed.
    pub fn found_in(&mut self, me: ReplicaId, proof: &PoAruConflict) {
        if proof.first.signer == me {
            self.found(&proof.first.body.vec);
        }
        if proof.second.signer == me {
            self.found(&proof.second.body.vec);
        }
    }

    /// The row to announce, if it is time.
    pub fn announce(
        &mut self,
        config: &Config,
        now: Time,
        (sent, ordered): (&[PoSeq], PoSeq),
    ) -> Option<Vec<PoSeq>> {
        let own = place(self.me);
        let Some(lapse) = &mut self.lapse else { return None };
        if lapse.open.is_some() || lapse.witness.is_some() || now < lapse.speak_at {
            return None;
        }
        let found = at(&lapse.floor, own);
        let highest = if found > ordered { found } else { ordered };
        let mut life = lapse.life;
        if (if lapse.announced { ordered } else { highest }) >= life {
            // That makes `highest` the highest of the three.
            life = life_after(highest, lapse.nonce);
        }
        let mut row = Vec::with_capacity(config.size());
        for index in 0..config.size() {
            let (said, floor) = (at(sent, index), at(&lapse.floor, index));
            row.push(if said > floor { said } else { floor });
        }
        set(&mut row, own, life);
        lapse.speak_at = later(now, config.timing.retransmit);
        lapse.life = life;
        lapse.announced = true;
        Some(row)
    }

    /// A number was executed by a Pre-Prepare of `view` with `matrix`, which followed `preceding` and
    /// left `prefix`.
    pub fn executed(
        &mut self,
        config: &Config,
        view: View,
        (preceding, matrix): (&Matrix, &Matrix),
        prefix: &[PoSeq],
    ) {
        let mut left = born_even(config, preceding, matrix);
        let until = raised(at(prefix, place(self.self_of_others)), config.windows.preorder);
        while left != 0 {
            let index = left.trailing_zeros() as usize;
            left &= left - 1;
            self.live(index, own_entry(matrix, index), true, until);
        }
        let own = place(self.me);
        let Some(lapse) = &mut self.lapse else { return };
        if !lapse.announced || lapse.witness.is_some() || own_entry(matrix, own) != lapse.life {
            return;
        }
        let mut numbers = Vec::with_capacity(prefix.len());
        for entry in prefix {
            numbers.push(raised(*entry, config.windows.preorder));
        }
        lapse.witness = Some((view, numbers));
    }

    /// Gives back the Replay certificate for the Replay of `install`, once there are enough votes.
    pub fn collect(
        &mut self,
        config: &Config,
        install: &InstallCertificate,
        vote: Option<&Verified<ReplayPrepare>>,
    ) -> Option<ReplayCertificate> {
        let Some(lapse) = &mut self.lapse else { return None };
        if let Some(vote) = vote {
            lapse.prepares.put(vote.signer(), vote.clone());
        }
        let replay = &install.replay;
        let view = replay.body.constraint.view;
        let digest = Context::from(config).leaf(replay.signer, &replay.body);
        let mut stay = Shelf::empty();
        for id in lapse.prepares.ids() {
            if let Some(vote) = lapse.prepares.get(id)
                && vote.signer() != replay.signer
                && vote.body().view == view
                && vote.body().digest == digest
            {
                stay.put(id, vote.clone());
            }
        }
        if stay.cells.len() + stay.beyond.len() < config.votes_beside_proposer() {
            lapse.prepares = stay;
            return None;
        }
        let mut votes = stay.cells;
        for (_, vote) in stay.beyond {
            votes.push(vote);
        }
        let mut signed = Vec::with_capacity(votes.len());
        for vote in &votes {
            signed.push(vote.signed().clone());
        }
        lapse.prepares = Shelf::empty();
        self.votes = votes;
        let prepares = List::take(&mut signed.into_iter());
        Some(ReplayCertificate { replay: replay.clone(), prepares })
    }

    /// `votes` becomes that.
    pub fn keep(&mut self, votes: Vec<Verified<ReplayPrepare>>) {
        self.votes = votes;
    }

    /// The votes, if there are any and the first is of `view`; else none.
    #[must_use]
    pub fn votes(&self, view: View) -> &[Verified<ReplayPrepare>] {
        match self.votes.first() {
            Some(vote) if vote.body().view == view => &self.votes,
            _ => &[],
        }
    }

    /// Takes part again if it may.
    pub fn try_open(
        &mut self,
        config: &Config,
        (view, executed): (View, Seq),
        certified: bool,
        effects: &mut Effects<Prime>,
    ) {
        let Some(lapse) = &mut self.lapse else { return };
        let Some((seen, numbers)) = &lapse.witness else { return };
        if lapse.open.is_some() || *seen > view || !certified {
            return;
        }
        for index in 0..numbers.len() {
            if index >= IDS {
                break;
            }
            effects.persist(number_record(server(index), at(numbers, index)));
        }
        effects.persist(Record::Promise(Body::CatchUpRequest(CatchUpRequest {
            view,
            installed: view,
            ordered: executed,
            executed,
        })));
        let upto = Seq(executed.0.saturating_add(config.windows.order));
        lapse.open = Some(Open { view, upto, acks: numbers.clone() });
    }

    /// When own numbers should be passed over, with `held`, if at all.
    fn due(&self, config: &Config, own: Own, held: Option<(PoSeq, Time)>) -> Option<Time> {
        let mut due: Option<Time> = None;
        if own.idle {
            for index in 0..self.until.len() {
                if at(&self.until, index) <= own.executed {
                    continue;
                }
                let renew_at = at(&self.renew_at, index);
                match due {
                    Some(least) if least <= renew_at => {}
                    _ => due = Some(renew_at),
                }
            }
        } else if let Some((number, since)) = held
            && number == own.executed
        {
            let least = config.timing.retransmit.saturating_mul(10);
            let renewal = config.timing.renewal;
            for life in &self.lives {
                if *life > PoSeq(0) {
                    due = Some(later(since, if renewal > least { renewal } else { least }));
                    break;
                }
            }
        }
        if due.is_some() && own.announced {
            due = Some(self.again_at);
        }
        due
    }

    /// Whether one's own numbers should be passed over for the sake of one that does not acknowledge
    /// them.
    pub fn renews(&mut self, config: &Config, now: Time, own: Own) -> bool {
        if self.silent() {
            return false;
        }
        let mut held = None;
        if !own.idle {
            held = match self.held {
                Some((number, since)) if number == own.executed => Some((number, since)),
                _ => Some((own.executed, now)),
            };
        }
        let come = match self.due(config, own, held) {
            Some(due) => now >= due,
            None => false,
        };
        if come && !own.announced {
            if let Some((number, _)) = held {
                held = Some((number, now));
            }
            let again = later(now, config.timing.renewal);
            for index in 0..self.until.len() {
                if at(&self.until, index) > own.executed {
                    set(&mut self.renew_at, index, again);
                }
            }
        }
        if come {
            self.again_at = later(now, config.timing.retransmit.saturating_mul(10));
        }
        self.held = held;
        come
    }

    /// When the timer is wanted, if it is.
    #[must_use]
    pub fn wake_at(&self, config: &Config, own: Own) -> Option<Time> {
        match &self.lapse {
            Some(lapse) if lapse.open.is_none() => match lapse.witness {
                None => Some(lapse.speak_at),
                // Nothing is passed over while this server is silent.
                Some(_) => None,
            },
            _ => self.due(config, own, self.held),
        }
    }

    /// Whether `body` may be sent.
    pub fn may_say(&self, body: &mut Body, lacking: bool) -> bool {
        let Some(lapse) = &self.lapse else { return true };
        let Some(open) = &lapse.open else {
            return match body {
                Body::CatchUpRequest(request) => {
                    if lacking {
                        request.installed = View(0);
                    }
                    true
                }
                Body::PoAru(row) => {
                    lapse.announced && at(&row.vec, place(self.me)) >= lapse.life
                }
                Body::ProofMatrix(_) => lapse.announced,
                Body::StateRequest(_)
                | Body::ReconRequest(_)
                | Body::ResolutionRequest(_)
                | Body::ProposalRequest(_) => true,
                _ => false,
            };
        };
        let (view, number) = match body {
            Body::PoAcks(message) => {
                let mut kept = Vec::with_capacity(message.acks.len());
                for ack in message.acks.iter() {
                    if let Some(entry) = open.acks.get(place(ack.originator))
                        && ack.seq > *entry
                    {
                        kept.push(*ack);
                    }
                }
                let any = !kept.is_empty();
                if kept.len() < message.acks.len() {
                    message.acks = List::take(&mut kept.into_iter());
                }
                return any;
            }
            Body::PrePrepare(said) => (said.view, Some(said.seq)),
            Body::Prepare(said) => (said.view, Some(said.seq)),
            Body::Commit(said) => (said.view, Some(said.seq)),
            Body::RbInit(said) => (said.view, None),
            Body::RbEcho(said) => (said.view, None),
            Body::RbReady(said) => (said.view, None),
            Body::VcList(said) => (said.view, None),
            Body::VcPartialSig(said) => (said.constraint.view, None),
            Body::Replay(said) => (said.constraint.view, None),
            Body::ReplayPrepare(said) => (said.view, None),
            Body::ReplayCommit(said) => (said.view, None),
            _ => return true,
        };
        match number {
            Some(seq) => view > open.view || (view == open.view && seq > open.upto),
            None => view > open.view,
        }
    }
}
