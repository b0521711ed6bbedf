//! What the rest of the crate uses of lost logs.
//!
//! All numbers and times that there are by server stand in one flat table, sorted by column and seat.
//! What happens is worked out by small functions of what was, as a sorted list of cells that change,
//! which is then merged into the table; or they say by [`Idle`] that nothing happens. Only [`Open`] is
//! kept as it is, since it is lent out.

use prime::checkpoint::Journal;
use prime::rejoin::model;
use prime::rejoin::model::{Loss, Open, Other, Others, Own};
use wire::auth::Context;
use wire::prime::{
    Body, CatchUpRequest, Incoming, InstallCertificate, LIFE, Matrix, PoAcks, PoAru, PoAruConflict, Prime,
    ReconRequest, ReplayCertificate, ReplayPrepare,
};
use wire::{
    Config, Digest, Effects, List, PoSeq, Record, ReplicaId, Seq, Signed, Time, Verified, View,
};

/// The bits of a nonce that tell one life from another.
const LOW: u64 = (1 << 40) - 1;

/// A column of the table. The order is that of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    /// `floor` of the loss.
    Floor,
    /// The numbers of the witness.
    Bar,
    /// `life` of the others, and so on.
    Life,
    Pardoned,
    PardonAt,
    Until,
    RenewAt,
}

/// Where a cell stands: its column, and the place of the server in it, from 0. Columns have no gaps.
type Place = (Column, usize);

/// A cell. Times and numbers are alike here.
type Cell = (Place, u64);

/// Nothing is to be done or said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Idle;

/// What there is of a loss beside the flat lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Memory {
    nonce: u64,
    life: PoSeq,
    announced: bool,
    speak_at: Time,
    /// The view of the witness, whose numbers are [`Column::Bar`].
    witness: Option<View>,
}

/// What concerns lost logs.
#[derive(Clone, Debug)]
pub struct State {
    me: ReplicaId,
    /// Whom the others' lives name as this server.
    keeper: ReplicaId,
    /// Of one's own loss, if there is one. Without it the table has neither floor nor bar, and there
    /// are no `prepares` and no `open`.
    memory: Option<Memory>,
    /// Sorted by place, each once.
    table: Vec<Cell>,
    /// Sorted by originator, each once.
    noted: Vec<(ReplicaId, PoSeq)>,
    /// Sorted by sender, each once.
    prepares: Vec<(ReplicaId, Verified<ReplayPrepare>)>,
    /// As they came.
    votes: Vec<Verified<ReplayPrepare>>,
    again_at: Time,
    held: Option<(PoSeq, Time)>,
    /// Lent out as it is.
    open: Option<Open>,
}

// Sorted lists.

/// `old` and `new`, both sorted and each key once, as one such list; `new` counts where both have a key.
fn merge<K: Ord, V>(old: Vec<(K, V)>, new: Vec<(K, V)>) -> Vec<(K, V)> {
    if new.is_empty() {
        return old;
    }
    let merged = Vec::with_capacity(old.len().saturating_add(new.len()));
    let mut fresh = new.into_iter().peekable();
    let mut merged = old.into_iter().fold(merged, |mut merged, entry| {
        merged.extend(std::iter::from_fn(|| fresh.next_if(|next| next.0 < entry.0)));
        merged.push(fresh.next_if(|next| next.0 == entry.0).unwrap_or(entry));
        merged
    });
    merged.extend(fresh);
    merged
}

/// [`merge`] with a single entry.
fn put<K: Ord, V>(mut old: Vec<(K, V)>, key: K, value: V) -> Vec<(K, V)> {
    match old.binary_search_by(|entry| entry.0.cmp(&key)) {
        Ok(at) => {
            if let Some(entry) = old.get_mut(at) {
                *entry = (key, value);
            }
        }
        Err(at) => old.insert(at, (key, value)),
    }
    old
}

/// What a sorted list has under `key`.
fn find<K: Ord, V: Copy>(list: &[(K, V)], key: &K) -> Option<V> {
    let at = list.binary_search_by(|entry| entry.0.cmp(key)).ok()?;
    list.get(at).map(|entry| entry.1)
}

/// The cells of `column`.
fn column(table: &[Cell], column: Column) -> &[Cell] {
    let start = table.partition_point(|((of, _), _)| *of < column);
    let rest = table.get(start..).unwrap_or_default();
    let end = rest.partition_point(|((of, _), _)| *of == column);
    rest.get(..end).unwrap_or_default()
}

/// The values of `column`, by seat.
fn values(table: &[Cell], of: Column) -> impl Iterator<Item = u64> + '_ {
    column(table, of).iter().map(|(_, value)| *value)
}

/// `values` as the cells of `column`.
fn cells(column: Column, values: impl Iterator<Item = u64>) -> impl Iterator<Item = Cell> {
    values.enumerate().map(move |(seat, value)| ((column, seat), value))
}

/// The numbers of `column`.
fn numbers(table: &[Cell], of: Column) -> Vec<PoSeq> {
    values(table, of).map(PoSeq).collect()
}

/// The table without what only a loss has.
fn blank(table: Vec<Cell>) -> Vec<Cell> {
    table.into_iter().filter(|((of, _), _)| *of > Column::Bar).collect()
}

// Servers and their entries.

/// The place of a server in what there is by server, from 0. None has number 0.
fn seat(server: ReplicaId) -> Option<usize> {
    usize::from(server.0).checked_sub(1)
}

/// What `table` has for `server` in `column`.
fn cell(table: &[Cell], column: Column, server: ReplicaId) -> Option<u64> {
    find(table, &(column, seat(server)?))
}

/// The entry of `row` for `server`, if it is there.
fn entry(row: &[PoSeq], server: ReplicaId) -> Option<PoSeq> {
    row.get(seat(server)?).copied()
}

/// The entry of `row` for `server`, 0 if it is not there.
fn entry_or_none(row: &[PoSeq], server: ReplicaId) -> PoSeq {
    entry(row, server).unwrap_or_default()
}

/// What is noted of `server`, 0 if nothing is.
fn noted_of(noted: &[(ReplicaId, PoSeq)], server: ReplicaId) -> PoSeq {
    find(noted, &server).unwrap_or_default()
}

/// The entry of `server` for itself in `matrix`, 0 if it is not there.
fn own_entry(matrix: &Matrix, server: ReplicaId) -> PoSeq {
    let row = seat(server).and_then(|seat| matrix.rows.get(seat)).and_then(Option::as_ref);
    row.map_or(PoSeq(0), |row| entry_or_none(&row.body.vec, server))
}

/// `number` and `more`, at most the highest number.
fn beyond(number: PoSeq, more: u64) -> PoSeq {
    PoSeq(number.0.saturating_add(more))
}

/// Who begins a new life with `matrix` after `preceding`, and which, ascending by server.
fn newborn<'a>(
    config: &Config,
    preceding: &'a Matrix,
    matrix: &'a Matrix,
) -> impl Iterator<Item = (ReplicaId, PoSeq)> + 'a {
    config
        .replicas()
        .map(|server| (server, own_entry(matrix, server)))
        .filter(|(server, life)| *life >= LIFE && *life > own_entry(preceding, *server))
}

/// Whether a life is begun because a log was lost.
fn of_loss(life: PoSeq) -> bool {
    life.0 % 2 == 0
}

/// Those of [`newborn`] who lost their logs.
fn bereft<'a>(
    config: &Config,
    preceding: &'a Matrix,
    matrix: &'a Matrix,
) -> impl Iterator<Item = (ReplicaId, PoSeq)> + 'a {
    newborn(config, preceding, matrix).filter(|(_, life)| of_loss(*life))
}

// One's own loss.

/// The life next after `number` by `nonce`.
fn life_after(number: PoSeq, nonce: u64) -> PoSeq {
    beyond(PoSeq((number.0 | 1).saturating_add(1)), (nonce & LOW) * 2)
}

/// A new loss, with `life`.
fn unborn(life: PoSeq) -> Memory {
    Memory { nonce: 0, life, announced: false, speak_at: Time(0), witness: None }
}

/// The loss that begins after `life`.
fn begun(memory: Memory, config: &Config, now: Time, life: PoSeq) -> Memory {
    Memory {
        nonce: life.0.saturating_sub(LIFE.0) / 2,
        life: life_after(life, 0),
        speak_at: now.after(config.timing.retransmit.saturating_mul(4)),
        ..memory
    }
}

/// The promise that tells of a loss with `life`.
fn obituary(life: PoSeq) -> Record<Prime> {
    let (none, ordered) = (View(0), Seq(life.0));
    reached(none, ordered, Seq(0))
}

/// The promise of a Catch-Up-Request with `view` for both views.
fn reached(view: View, ordered: Seq, executed: Seq) -> Record<Prime> {
    let body = CatchUpRequest { view, installed: view, ordered, executed };
    Record::Promise(Body::CatchUpRequest(body))
}

/// The promise of a Recon-Request.
fn wanted((originator, seq): (ReplicaId, PoSeq)) -> Record<Prime> {
    Record::Promise(Body::ReconRequest(ReconRequest { originator, seq }))
}

/// The loss with the life that the log is due, and its promise; nothing if it has one.
fn revived(
    memory: Memory,
    now: Time,
    (sent, log): (PoSeq, &Journal),
) -> Result<(Memory, Record<Prime>), Idle> {
    if memory.life > LIFE {
        return Err(Idle);
    }
    let Digest(bytes) = Digest::of_value("patchy prime life 1", &(now, log));
    let chance = bytes.iter().take(5).rev().fold(0, |sum: u64, byte| (sum << 8) | u64::from(*byte));
    let life = life_after(sent.max(LIFE), chance);
    Ok((Memory { life, ..memory }, obituary(life)))
}

/// The loss once it spoke, if it is time.
fn spoken(
    memory: Memory,
    config: &Config,
    now: Time,
    (floor, ordered): (PoSeq, PoSeq),
) -> Result<Memory, Idle> {
    if memory.witness.is_some() || now < memory.speak_at {
        return Err(Idle);
    }
    let seen = if memory.announced { ordered } else { ordered.max(floor) };
    let highest = memory.life.max(floor).max(ordered);
    let over = seen >= memory.life;
    let life = if over { life_after(highest, memory.nonce) } else { memory.life };
    let speak_at = now.after(config.timing.retransmit);
    Ok(Memory { life, speak_at, announced: true, ..memory })
}

/// The loss with the witness that a number of `view` is, if `born` is the life it waits for.
fn witnessed(memory: Memory, view: View, born: PoSeq) -> Result<Memory, Idle> {
    if !memory.announced || memory.witness.is_some() || born != memory.life {
        return Err(Idle);
    }
    Ok(Memory { witness: Some(view), ..memory })
}

/// How this server takes part again, and the promises that say so.
fn opened(
    memory: Memory,
    config: &Config,
    acks: Vec<PoSeq>,
    (view, executed): (View, Seq),
) -> Result<(Open, Vec<Record<Prime>>), Idle> {
    if memory.witness.is_none_or(|witness| witness > view) {
        return Err(Idle);
    }
    let owed = config.replicas().map(|server| wanted((server, entry_or_none(&acks, server))));
    let said = owed.chain(std::iter::once(reached(view, executed, executed))).collect();
    Ok((Open { view, upto: horizon(config, executed), acks }, said))
}

/// Up to where nothing is voted for in the view in which a server opens.
fn horizon(config: &Config, executed: Seq) -> Seq {
    Seq(executed.0.saturating_add(config.windows.order))
}

/// The cells of `floor` that `row` raises.
fn raised(table: &[Cell], row: &[PoSeq]) -> Vec<Cell> {
    let floor = column(table, Column::Floor).iter().zip(row);
    let above = floor.filter(|((_, held), found)| *held < found.0);
    above.map(|((place, _), found)| (*place, found.0)).collect()
}

/// The votes among `prepares` for the Replay of `install`, if they are enough; else those that fit.
fn elected(
    config: &Config,
    install: &InstallCertificate,
    prepares: Vec<(ReplicaId, Verified<ReplayPrepare>)>,
) -> Result<Vec<Verified<ReplayPrepare>>, Vec<(ReplicaId, Verified<ReplayPrepare>)>> {
    let replay = &install.replay;
    let view = replay.body.constraint.view;
    let near = |vote: &Verified<ReplayPrepare>| {
        vote.body().view == view && vote.signer() != replay.signer
    };
    let mut prepares = prepares;
    prepares.retain(|(_, vote)| near(vote));
    // The leaf is worked out only if there is something to hold against it.
    let leaf = (!prepares.is_empty())
        .then(|| Context::from(config).leaf(replay.signer, &replay.body));
    prepares.retain(|(_, vote)| Some(vote.body().digest) == leaf);
    if prepares.len() < config.votes_beside_proposer() {
        return Err(prepares);
    }
    let mut votes: Vec<_> = prepares.into_iter().map(|(_, vote)| vote).collect();
    votes.sort_by_key(Verified::signer);
    Ok(votes)
}

// Others' lives.

/// The cells that change when `lives`, ascending by server, are heard of. Up to `debt` one's own numbers
/// are owed to those others who lost their logs.
fn mourned(table: &[Cell], keeper: ReplicaId, debt: PoSeq, lives: &[(ReplicaId, PoSeq)]) -> Vec<Cell> {
    let known = |(server, life): &(ReplicaId, PoSeq)| {
        let seat = seat(*server)?;
        find(table, &(Column::Life, seat))?;
        Some(((Column::Life, seat), life.0))
    };
    let owed = |(server, life): &(ReplicaId, PoSeq)| {
        let place = (Column::Until, seat(*server)?);
        let until = find(table, &place)?;
        (*server != keeper && of_loss(*life)).then(|| (place, until.max(debt.0)))
    };
    lives.iter().filter_map(known).chain(lives.iter().filter_map(owed)).collect()
}

/// Up to where one's own numbers are owed to one whose life begins when `prefix` is executed.
fn debt(config: &Config, keeper: ReplicaId, prefix: &[PoSeq]) -> PoSeq {
    beyond(entry_or_none(prefix, keeper), config.windows.preorder)
}

/// Whose newer life is heeded at `now`, and which, by seat.
fn pardonable(table: &[Cell], now: Time) -> impl Iterator<Item = (usize, u64)> + '_ {
    let lives = column(table, Column::Life).iter();
    let rows = lives.zip(values(table, Column::Pardoned)).zip(values(table, Column::PardonAt));
    rows.filter(move |(((_, life), pardoned), at)| life > pardoned && *at <= now.0)
        .map(|((((_, seat), life), _), _)| (*seat, *life))
}

/// The `renew_at` of those to whom numbers above `executed` are owed.
fn creditors(table: &[Cell], executed: PoSeq) -> impl Iterator<Item = Cell> + '_ {
    let rows = values(table, Column::Until).zip(column(table, Column::RenewAt));
    rows.filter(move |(until, _)| *until > executed.0).map(|(_, cell)| *cell)
}

/// What `held` becomes.
fn holding(held: Option<(PoSeq, Time)>, now: Time, own: Own) -> Option<(PoSeq, Time)> {
    let fresh = || Some((own.executed, now));
    let going = held.filter(|(executed, _)| *executed == own.executed).or_else(fresh);
    going.filter(|_| !own.idle)
}

/// Ten times the time after which things are sent again.
fn patience(config: &Config) -> u64 {
    config.timing.retransmit.saturating_mul(10)
}

/// When one's own numbers should be passed over, if ever.
fn awaited(
    table: &[Cell],
    config: &Config,
    (again_at, held): (Time, Option<(PoSeq, Time)>),
    own: Own,
) -> Result<Time, Idle> {
    let at = if own.idle {
        creditors(table, own.executed).map(|(_, at)| Time(at)).min()
    } else {
        held.filter(|(executed, _)| *executed == own.executed)
            .filter(|_| values(table, Column::Life).any(|life| life > 0))
            .map(|(_, since)| since.after(config.timing.renewal.max(patience(config))))
    };
    at.map(|at| if own.announced { again_at } else { at }).ok_or(Idle)
}

// What may be said.

/// The view of a vote or proposal, and the number if it is one of ordering; not of anything else.
fn ballot(body: &Body) -> Result<(View, Option<Seq>), Idle> {
    match body {
        Body::PrePrepare(body) => Ok((body.view, Some(body.seq))),
        Body::Prepare(body) => Ok((body.view, Some(body.seq))),
        Body::Commit(body) => Ok((body.view, Some(body.seq))),
        Body::RbInit(body) => Ok((body.view, None)),
        Body::RbEcho(body) => Ok((body.view, None)),
        Body::RbReady(body) => Ok((body.view, None)),
        Body::VcList(body) => Ok((body.view, None)),
        Body::VcPartialSig(body) => Ok((body.constraint.view, None)),
        Body::Replay(body) => Ok((body.constraint.view, None)),
        Body::ReplayPrepare(body) => Ok((body.view, None)),
        Body::ReplayCommit(body) => Ok((body.view, None)),
        _ => Err(Idle),
    }
}

/// Whether a vote or proposal may go once this server is open.
fn votable(open: &Open, (view, number): (View, Option<Seq>)) -> bool {
    view > open.view || (view == open.view && number.is_some_and(|number| number > open.upto))
}

/// The acknowledgements that may go once this server is open.
fn acknowledgeable(open: &Open, body: PoAcks) -> PoAcks {
    let mut acks = body.acks.into_vec();
    acks.retain(|ack| entry(&open.acks, ack.originator).is_some_and(|upto| ack.seq > upto));
    PoAcks { acks: List::new(acks).unwrap_or_default() }
}

/// Whether `body` may go once this server is open; of acknowledgements some may stay behind.
fn spoken_open(open: &Open, body: &mut Body) -> bool {
    if let Body::PoAcks(body) = body {
        let acks = std::mem::replace(&mut body.acks, List::empty());
        *body = acknowledgeable(open, PoAcks { acks });
        return !body.acks.is_empty();
    }
    ballot(body).map_or(true, |ballot| votable(open, ballot))
}

/// Whether `body` may go while this server is not open.
fn spoken_silent(memory: Memory, me: ReplicaId, body: &mut Body, lacking: bool) -> bool {
    match body {
        Body::CatchUpRequest(body) => {
            body.installed = if lacking { View(0) } else { body.installed };
            true
        }
        Body::PoAru(body) => {
            memory.announced && entry(&body.vec, me).is_some_and(|life| life >= memory.life)
        }
        Body::ProofMatrix(_) => memory.announced,
        Body::StateRequest(_)
        | Body::ReconRequest(_)
        | Body::ResolutionRequest(_)
        | Body::ProposalRequest(_) => true,
        _ => false,
    }
}

impl State {
    /// A state for an abstract one.
    #[must_use]
    pub fn from_abstract(state: &model::State) -> Self {
        let loss = state.loss.as_ref();
        let list = &state.others.list;
        let of_loss = |numbers: Option<&Vec<PoSeq>>| numbers.cloned().unwrap_or_default();
        let floor = of_loss(loss.map(|loss| &loss.floor));
        let bar = loss.and_then(|loss| loss.witness.as_ref()).map(|(_, numbers)| numbers);
        let bar = of_loss(bar);
        let table = cells(Column::Floor, floor.into_iter().map(|number| number.0))
            .chain(cells(Column::Bar, bar.into_iter().map(|number| number.0)))
            .chain(cells(Column::Life, list.iter().map(|other| other.life.0)))
            .chain(cells(Column::Pardoned, list.iter().map(|other| other.pardoned.0)))
            .chain(cells(Column::PardonAt, list.iter().map(|other| other.pardon_at.0)))
            .chain(cells(Column::Until, list.iter().map(|other| other.until.0)))
            .chain(cells(Column::RenewAt, list.iter().map(|other| other.renew_at.0)))
            .collect();
        let memory = loss.map(|loss| Memory {
            nonce: loss.nonce,
            life: loss.life,
            announced: loss.announced,
            speak_at: loss.speak_at,
            witness: loss.witness.as_ref().map(|(view, _)| *view),
        });
        let prepares = loss.into_iter().flat_map(|loss| &loss.prepares);
        Self {
            me: state.me,
            keeper: state.others.me,
            memory,
            table,
            noted: state.noted.iter().map(|(server, number)| (*server, *number)).collect(),
            prepares: prepares.map(|(sender, vote)| (*sender, vote.clone())).collect(),
            votes: state.votes.clone(),
            again_at: state.others.again_at,
            held: state.others.held,
            open: loss.and_then(|loss| loss.open.clone()),
        }
    }

    /// The abstract state.
    #[must_use]
    pub fn to_abstract(&self) -> model::State {
        let table = &self.table;
        let loss = self.memory.map(|memory| Loss {
            nonce: memory.nonce,
            life: memory.life,
            floor: numbers(table, Column::Floor),
            announced: memory.announced,
            speak_at: memory.speak_at,
            witness: memory.witness.map(|view| (view, numbers(table, Column::Bar))),
            prepares: self.prepares.iter().cloned().collect(),
            open: self.open.clone(),
        });
        let lives = values(table, Column::Life)
            .zip(values(table, Column::Pardoned))
            .zip(values(table, Column::PardonAt))
            .zip(values(table, Column::Until))
            .zip(values(table, Column::RenewAt));
        let list = lives.map(|((((life, pardoned), pardon_at), until), renew_at)| Other {
            life: PoSeq(life),
            pardoned: PoSeq(pardoned),
            pardon_at: Time(pardon_at),
            until: PoSeq(until),
            renew_at: Time(renew_at),
        });
        model::State {
            me: self.me,
            loss,
            votes: self.votes.clone(),
            others: Others {
                me: self.keeper,
                list: list.collect(),
                again_at: self.again_at,
                held: self.held,
            },
            noted: self.noted.iter().copied().collect(),
        }
    }

    /// Nothing was lost: no `loss`, no `votes`, nothing `noted`, and of N `others` no life; all times are 0.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        let zeros = || std::iter::repeat_n(0, config.size());
        let table = cells(Column::Life, zeros())
            .chain(cells(Column::Pardoned, zeros()))
            .chain(cells(Column::PardonAt, zeros()))
            .chain(cells(Column::Until, zeros()))
            .chain(cells(Column::RenewAt, zeros()))
            .collect();
        Self {
            me,
            keeper: me,
            memory: None,
            table,
            noted: Vec::new(),
            prepares: Vec::new(),
            votes: Vec::new(),
            again_at: Time(0),
            held: None,
            open: None,
        }
    }

    /// Merges `changes` into the table.
    fn change(&mut self, changes: Vec<Cell>) {
        self.table = merge(std::mem::take(&mut self.table), changes);
    }

    /// Begins a new loss with what `memory` says.
    fn bereave(&mut self, config: &Config, memory: Memory) {
        let floor = cells(Column::Floor, std::iter::repeat_n(0, config.size())).collect();
        self.table = merge(blank(std::mem::take(&mut self.table)), floor);
        self.prepares = Vec::new();
        self.open = None;
        self.memory = Some(memory);
    }

    /// The loss, unless this server is open.
    fn silence(&self) -> Result<Memory, Idle> {
        self.memory.filter(|_| self.open.is_none()).ok_or(Idle)
    }

    /// The log is lost; `nonce` is what nobody could guess.
    pub fn lose(&mut self, config: &Config, now: Time, nonce: u64, out: &mut Effects<Prime>) {
        let life = life_after(LIFE, nonce);
        self.bereave(config, begun(unborn(life), config, now, life));
        out.persist(obituary(life));
    }

    /// Takes one record of the log.
    pub fn recover(&mut self, config: &Config, record: &Record<Prime>) {
        match record {
            Record::Promise(Body::CatchUpRequest(body)) if body.executed == Seq(0) => {
                let life = PoSeq(body.ordered.0);
                match self.memory {
                    Some(memory) => self.memory = Some(Memory { life, ..memory }),
                    None => self.bereave(config, unborn(life)),
                }
            }
            Record::Promise(Body::CatchUpRequest(body)) if self.memory.is_some() => {
                let noted = std::mem::take(&mut self.noted);
                let acks = config.replicas().map(|server| noted_of(&noted, server)).collect();
                let upto = horizon(config, body.executed);
                self.open = Some(Open { view: body.installed, upto, acks });
            }
            Record::Promise(Body::ReconRequest(body)) => {
                self.noted = put(std::mem::take(&mut self.noted), body.originator, body.seq);
            }
            Record::Held(Incoming::ReplayPrepare(vote)) if self.memory.is_some() => {
                let prepares = std::mem::take(&mut self.prepares);
                self.prepares = put(prepares, vote.signer(), vote.clone());
            }
            _ => {}
        }
    }

    /// The log was read: `sent` is the own entry of the last row promised, `log` what else the log has.
    pub fn resume(
        &mut self,
        config: &Config,
        now: Time,
        (sent, log): (PoSeq, &Journal),
        out: &mut Effects<Prime>,
    ) {
        let Ok(memory) = self.silence() else { return };
        let memory = revived(memory, now, (sent, log)).map_or(memory, |(memory, promise)| {
            out.persist(promise);
            memory
        });
        self.memory = Some(begun(memory, config, now, sent.max(memory.life)));
    }

    /// Whether there is a `loss` that is not open.
    #[must_use]
    pub fn silent(&self) -> bool {
        self.silence().is_ok()
    }

    /// What may still not be said, once the server is open again.
    #[must_use]
    pub fn open(&self) -> Option<&Open> {
        self.open.as_ref()
    }

    /// Whether this server still counts among those that recover.
    #[must_use]
    pub fn recovering(&self, config: &Config, reached: (View, Seq), prefix: &[PoSeq]) -> bool {
        let Some(open) = &self.open else { return self.silent() };
        let (view, number) = reached;
        let behind = config
            .replicas()
            .zip(prefix.iter().zip(&open.acks))
            .filter(|(server, (executed, owed))| *server != self.me && executed < owed);
        (view == open.view && number < open.upto) || behind.count() > usize::from(config.f)
    }

    /// How much of `promised` says that what is held here was certified here.
    pub fn believed(&self, originator: ReplicaId, executed: PoSeq, promised: PoSeq) -> PoSeq {
        if self.memory.is_none() || originator == self.me {
            return promised;
        }
        let Some(open) = &self.open else { return PoSeq(0) };
        if executed >= entry_or_none(&open.acks, originator) {
            return promised;
        }
        promised.min(noted_of(&self.noted, originator))
    }

    /// Logs what is certified here, `aru`, until that is beyond what was forgotten.
    pub fn vouch(&mut self, config: &Config, aru: &[PoSeq], out: &mut Effects<Prime>) {
        let Some(open) = &self.open else { return };
        let known = config.replicas().zip(aru.iter().zip(&open.acks));
        let fresh: Vec<(ReplicaId, PoSeq)> = known
            .filter(|(server, _)| *server != self.me)
            .filter(|(server, (certified, owed))| {
                let noted = noted_of(&self.noted, *server);
                noted < **owed && noted < **certified
            })
            .map(|(server, (certified, _))| (server, *certified))
            .collect();
        fresh.iter().for_each(|said| out.persist(wanted(*said)));
        self.noted = merge(std::mem::take(&mut self.noted), fresh);
    }

    /// A state was taken over, from others or from the log, in which `prefix` was executed.
    pub fn restored(&mut self, config: &Config, preceding: &Matrix, prefix: &[PoSeq]) {
        let newer = |server: ReplicaId, life: PoSeq| {
            cell(&self.table, Column::Life, server).is_some_and(|known| life.0 > known)
        };
        let lives: Vec<(ReplicaId, PoSeq)> = config
            .replicas()
            .map(|server| (server, own_entry(preceding, server)))
            .filter(|(server, life)| *life >= LIFE && newer(*server, *life))
            .collect();
        let debt = debt(config, self.keeper, prefix);
        self.change(mourned(&self.table, self.keeper, debt, &lives));
    }

    /// Against whom nothing is held any more at `now`, ascending.
    pub fn pardons(&mut self, config: &Config, now: Time) -> Vec<ReplicaId> {
        let heeded: Vec<(ReplicaId, (usize, u64))> = pardonable(&self.table, now)
            .filter_map(|(seat, life)| {
                let server = ReplicaId(u16::try_from(seat).ok()?.checked_add(1)?);
                Some((server, (seat, life)))
            })
            .collect();
        let next = now.after(config.timing.renewal).0;
        let lives = heeded.iter().map(|(_, (seat, life))| ((Column::Pardoned, *seat), *life));
        let times = heeded.iter().map(|(_, (seat, _))| ((Column::PardonAt, *seat), next));
        self.change(lives.chain(times).collect());
        heeded.into_iter().map(|(server, _)| server).collect()
    }

    /// Whether `proof` holds a row of a life that is over against its signer.
    #[must_use]
    pub fn void(&self, proof: &PoAruConflict) -> bool {
        let signer = proof.first.signer;
        let own = |row: &Signed<PoAru>| entry_or_none(&row.body.vec, signer).0;
        let over = |pardoned: u64| own(&proof.first).min(own(&proof.second)) < pardoned;
        cell(&self.table, Column::Pardoned, signer).is_some_and(over)
    }

    /// A row of one's own turned up.
    pub fn found(&mut self, row: &[PoSeq]) {
        self.change(raised(&self.table, row));
    }

    /// What [`State::found`] does, with each of the two rows of `proof` that `me` signed.
    pub fn found_in(&mut self, me: ReplicaId, proof: &PoAruConflict) {
        let rows = [&proof.first, &proof.second].into_iter();
        rows.filter(|row| row.signer == me).for_each(|row| self.found(&row.body.vec));
    }

    /// The row to announce, if it is time.
    pub fn announce(
        &mut self,
        config: &Config,
        now: Time,
        (sent, ordered): (&[PoSeq], PoSeq),
    ) -> Option<Vec<PoSeq>> {
        let floor = PoSeq(cell(&self.table, Column::Floor, self.me).unwrap_or_default());
        let said = self.silence().and_then(|memory| spoken(memory, config, now, (floor, ordered)));
        let memory = said.ok()?;
        self.memory = Some(memory);
        let floors = values(&self.table, Column::Floor).map(PoSeq).chain(std::iter::repeat(PoSeq(0)));
        let sent = sent.iter().copied().chain(std::iter::repeat(PoSeq(0)));
        let rows = config.replicas().zip(floors.zip(sent));
        let entry = |(server, (floor, sent)): (ReplicaId, (PoSeq, PoSeq))| {
            if server == self.me { memory.life } else { floor.max(sent) }
        };
        Some(rows.map(entry).collect())
    }

    /// A number was executed by a Pre-Prepare of `view` with `matrix`, which followed `preceding` and left
    /// `prefix`.
    pub fn executed(
        &mut self,
        config: &Config,
        view: View,
        (preceding, matrix): (&Matrix, &Matrix),
        prefix: &[PoSeq],
    ) {
        let lives: Vec<(ReplicaId, PoSeq)> = bereft(config, preceding, matrix).collect();
        let debt = debt(config, self.keeper, prefix);
        self.change(mourned(&self.table, self.keeper, debt, &lives));
        let seen = self.memory.ok_or(Idle);
        if let Ok(memory) = seen.and_then(|memory| witnessed(memory, view, own_entry(matrix, self.me))) {
            let more = config.windows.preorder;
            self.memory = Some(memory);
            self.change(cells(Column::Bar, prefix.iter().map(|number| beyond(*number, more).0)).collect());
        }
    }

    /// Gives back the Replay certificate for the Replay of `install` once there are enough votes for it.
    pub fn collect(
        &mut self,
        config: &Config,
        install: &InstallCertificate,
        vote: Option<&Verified<ReplayPrepare>>,
    ) -> Option<ReplayCertificate> {
        self.memory?;
        let prepares = vote.into_iter().fold(std::mem::take(&mut self.prepares), |prepares, vote| {
            put(prepares, vote.signer(), vote.clone())
        });
        match elected(config, install, prepares) {
            Err(prepares) => {
                self.prepares = prepares;
                None
            }
            Ok(votes) => {
                let prepares = List::take(&mut votes.iter().map(|vote| vote.signed().clone()));
                self.votes = votes;
                Some(ReplayCertificate { replay: install.replay.clone(), prepares })
            }
        }
    }

    /// `votes` becomes that.
    pub fn keep(&mut self, votes: Vec<Verified<ReplayPrepare>>) {
        self.votes = votes;
    }

    /// `votes`, if there are any and the first is of `view`; else none.
    #[must_use]
    pub fn votes(&self, view: View) -> &[Verified<ReplayPrepare>] {
        let first = self.votes.first().filter(|vote| vote.body().view == view);
        first.map(|_| self.votes.as_slice()).unwrap_or_default()
    }

    /// Takes part again if it may.
    pub fn try_open(
        &mut self,
        config: &Config,
        (view, executed): (View, Seq),
        certified: bool,
        effects: &mut Effects<Prime>,
    ) {
        if !certified {
            return;
        }
        let acks = || numbers(&self.table, Column::Bar);
        let may = self.silence().and_then(|memory| opened(memory, config, acks(), (view, executed)));
        if let Ok((open, said)) = may {
            said.into_iter().for_each(|record| effects.persist(record));
            self.open = Some(open);
        }
    }

    /// Whether one's own numbers should be passed over for the sake of one that does not acknowledge them.
    pub fn renews(&mut self, config: &Config, now: Time, own: Own) -> bool {
        if self.silent() {
            return false;
        }
        self.held = holding(self.held, now, own);
        let due = awaited(&self.table, config, (self.again_at, self.held), own);
        if due.map_or(true, |at| at > now) {
            return false;
        }
        self.again_at = now.after(patience(config));
        if !own.announced {
            let next = now.after(config.timing.renewal).0;
            let owed = creditors(&self.table, own.executed);
            self.change(owed.map(|(place, _)| (place, next)).collect());
            self.held = self.held.map(|(executed, _)| (executed, now));
        }
        true
    }

    /// When the timer is wanted, if it is.
    #[must_use]
    pub fn wake_at(&self, config: &Config, own: Own) -> Option<Time> {
        match self.silence() {
            Ok(memory) => memory.witness.is_none().then_some(memory.speak_at),
            Err(Idle) => awaited(&self.table, config, (self.again_at, self.held), own).ok(),
        }
    }

    /// Whether `body` may be sent.
    #[must_use]
    pub fn may_say(&self, body: &mut Body, lacking: bool) -> bool {
        match (self.memory, &self.open) {
            (None, _) => true,
            (Some(_), Some(open)) => spoken_open(open, body),
            (Some(memory), None) => spoken_silent(memory, self.me, body, lacking),
        }
    }
}

/// Which servers begin a new life with `matrix`, executed next after `preceding`, because they lost their
/// logs, ascending.
#[must_use]
pub fn born_of_loss(config: &Config, preceding: &Matrix, matrix: &Matrix) -> Vec<ReplicaId> {
    bereft(config, preceding, matrix).map(|(server, _)| server).collect()
}

/// Passes over whatever those who begin a new life with `matrix`, executed next after `preceding`, had
/// originated.
pub fn skip(config: &Config, preceding: &Matrix, matrix: &Matrix, prefix: &mut [PoSeq]) {
    newborn(config, preceding, matrix).for_each(|(server, _)| {
        let number = seat(server).and_then(|seat| prefix.get_mut(seat));
        number.into_iter().for_each(|number| *number = beyond(*number, config.windows.preorder));
    });
}
