//! Reconciliation, kept as logs: of each identifier a dossier of what happened about it, of each
//! requester a log of answers. What counts is folded out of them; how much of each sender is held,
//! and where parts and wishes are, stands in folds that are kept up with the logs. Refusals stand in
//! tables; what follows is drawn up as commands, which [`carry_out`] executes.

use prime::pre_order::Column;
use prime::pre_order::Content;
use prime::pre_order::PoSlot;
use prime::pre_order::RequestBody;
use prime::recon::model;
use prime::recon::model::Effects;
use prime::recon::model::Identifier;
use prime::recon::model::MAX_ANSWER_BYTES;
use prime::recon::model::MAX_ANSWERS;
use prime::recon::model::MAX_BODY;
use prime::recon::model::MAX_HELD;
use prime::recon::model::MAX_HELD_BYTES;
use prime::recon::model::MAX_WANTED;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;
use wire::Blob;
use wire::Config;
use wire::Digest;
use wire::Effect;
use wire::PoSeq;
use wire::Record;
use wire::Reject;
use wire::ReplicaId;
use wire::Time;
use wire::To;
use wire::Verified;
use wire::auth::Context;
use wire::merkle::Tree;
use wire::prime::Body;
use wire::prime::Incoming;
use wire::prime::Matrix;
use wire::prime::PoRequest;
use wire::prime::Prime;
use wire::prime::Recon;
use wire::prime::ReconRequest;

// ---- Logs ----

/// What may happen about one identifier.
#[derive(Clone)]
enum Event {
    /// An entry of receivers was begun.
    Addressed,
    /// The own part went there.
    Sent(ReplicaId),
    /// A part came, into this row.
    Shelved(usize, Verified<Recon>),
    /// It was asked for, and may be again then.
    Wanted(Time),
    /// It was executed.
    Archived(Content),
}

/// All that happened about one identifier, in that order, as far as it still counts.
#[derive(Clone, Default)]
struct Dossier(Vec<Event>);

impl Dossier {
    fn wanted(&self) -> Option<Time> {
        self.0.iter().rev().find_map(|event| match event {
            Event::Wanted(at) => Some(*at),
            _ => None,
        })
    }

    fn archived(&self) -> Option<&Content> {
        self.0.iter().rev().find_map(|event| match event {
            Event::Archived(content) => Some(content),
            _ => None,
        })
    }

    fn shelved(&self) -> impl Iterator<Item = (usize, &Verified<Recon>)> {
        self.0.iter().filter_map(|event| match event {
            Event::Shelved(row, part) => Some((*row, part)),
            _ => None,
        })
    }

    /// The part in `row`.
    fn part(&self, row: usize) -> Option<&Verified<Recon>> {
        self.shelved().find(|(place, _)| *place == row).map(|(_, part)| part)
    }

    /// To whom the own part went; `None` if nothing is noted of that.
    fn receivers(&self) -> Option<BTreeSet<ReplicaId>> {
        let mut receivers = None;
        for event in &self.0 {
            match event {
                Event::Addressed => {
                    receivers.get_or_insert_with(BTreeSet::new);
                }
                Event::Sent(to) => {
                    receivers.get_or_insert_with(BTreeSet::new).insert(*to);
                }
                Event::Shelved(..) | Event::Wanted(_) | Event::Archived(_) => {}
            }
        }
        receivers
    }

    /// The parts that say the same as `about`, ascending by row.
    fn group(&self, about: &Recon) -> Vec<Verified<Recon>> {
        let mut group: Vec<(usize, &Verified<Recon>)> =
            self.shelved().filter(|(_, part)| same(part.body(), about)).collect();
        group.sort_unstable_by_key(|(row, _)| *row);
        group.into_iter().map(|(_, part)| part.clone()).collect()
    }
}

/// Whether both parts are of one content.
fn same(one: &Recon, other: &Recon) -> bool {
    let name = |part: &Recon| (part.originator, part.seq, part.digest, part.root, part.length);
    name(one) == name(other)
}

/// How much of one sender is held.
#[derive(Clone, Copy, Default)]
struct Shelf {
    parts: usize,
    bytes: usize,
}

/// One answer.
#[derive(Clone, Copy)]
struct Answer {
    identifier: Identifier,
    at: Time,
    bytes: u64,
}

/// The logs and what is folded out of them.
#[derive(Clone)]
pub struct State {
    me: ReplicaId,
    dossiers: BTreeMap<Identifier, Dossier>,
    /// Answers by requester.
    answers: Vec<Vec<Answer>>,
    /// A fold: how much of each sender is in the dossiers.
    shelves: Vec<Shelf>,
    /// A fold: the dossiers that have parts.
    shelved: BTreeSet<Identifier>,
    /// A fold: the dossiers that have a wish.
    wishes: BTreeSet<Identifier>,
}

impl State {
    /// A state for an abstract one.
    #[must_use]
    pub fn from_abstract(state: &model::State) -> Self {
        let log = |entries: &BTreeMap<Identifier, (Time, u64)>| {
            let answer =
                |(&identifier, &(at, bytes)): (&Identifier, &(Time, u64))| Answer { identifier, at, bytes };
            entries.iter().map(answer).collect()
        };
        let mut fresh = Self {
            me: state.me,
            dossiers: BTreeMap::new(),
            answers: state.answered.iter().map(log).collect(),
            shelves: vec![Shelf::default(); state.parts.len()],
            shelved: BTreeSet::new(),
            wishes: BTreeSet::new(),
        };
        // First, for it strikes out what was before it.
        for (identifier, content) in &state.archive {
            fresh.note(*identifier, Event::Archived(content.clone()));
        }
        for (identifier, receivers) in &state.sent {
            fresh.note(*identifier, Event::Addressed);
            receivers.iter().for_each(|to| fresh.note(*identifier, Event::Sent(*to)));
        }
        for (row, parts) in state.parts.iter().enumerate() {
            for (identifier, part) in parts {
                fresh.note(*identifier, Event::Shelved(row, part.clone()));
            }
        }
        for (identifier, at) in &state.want {
            fresh.note(*identifier, Event::Wanted(*at));
        }
        fresh
    }

    /// The abstract state.
    #[must_use]
    pub fn to_abstract(&self) -> model::State {
        let entries = |log: &Vec<Answer>| {
            log.iter().map(|answer| (answer.identifier, (answer.at, answer.bytes))).collect()
        };
        let mut state = model::State {
            me: self.me,
            sent: BTreeMap::new(),
            archive: BTreeMap::new(),
            parts: vec![BTreeMap::new(); self.shelves.len()],
            want: BTreeMap::new(),
            answered: self.answers.iter().map(entries).collect(),
        };
        for (identifier, dossier) in &self.dossiers {
            if let Some(receivers) = dossier.receivers() {
                state.sent.insert(*identifier, receivers);
            }
            if let Some(content) = dossier.archived() {
                state.archive.insert(*identifier, content.clone());
            }
            if let Some(at) = dossier.wanted() {
                state.want.insert(*identifier, at);
            }
            for (row, part) in dossier.shelved() {
                if let Some(parts) = state.parts.get_mut(row) {
                    parts.insert(*identifier, part.clone());
                }
            }
        }
        state
    }

    /// Nothing known.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        Self {
            me,
            dossiers: BTreeMap::new(),
            answers: vec![Vec::new(); config.size()],
            shelves: vec![Shelf::default(); config.size()],
            shelved: BTreeSet::new(),
            wishes: BTreeSet::new(),
        }
    }

    /// Appends to a dossier; what the event supersedes is struck out.
    fn note(&mut self, identifier: Identifier, event: Event) {
        match &event {
            Event::Addressed | Event::Sent(_) => {}
            Event::Shelved(row, part) => {
                let row = *row;
                if self.dossiers.get(&identifier).is_some_and(|dossier| dossier.part(row).is_some()) {
                    let old = |event: &Event| matches!(event, Event::Shelved(at, _) if *at == row);
                    self.strike(identifier, old);
                }
                if let Some(shelf) = self.shelves.get_mut(row) {
                    shelf.parts += 1;
                    shelf.bytes += part.body().part.len();
                }
                self.shelved.insert(identifier);
            }
            Event::Wanted(_) => {
                if !self.wishes.insert(identifier) {
                    self.strike(identifier, |event| matches!(event, Event::Wanted(_)));
                    self.wishes.insert(identifier);
                }
            }
            Event::Archived(_) => self.strike(identifier, |_| true),
        }
        self.dossiers.entry(identifier).or_default().0.push(event);
    }

    /// Strikes out of a dossier what `goes` says, and the folds follow.
    fn strike(&mut self, identifier: Identifier, goes: impl Fn(&Event) -> bool) {
        let Some(dossier) = self.dossiers.get_mut(&identifier) else { return };
        let shelves = &mut self.shelves;
        let (mut parts, mut wishes) = (false, false);
        dossier.0.retain(|event| {
            let gone = goes(event);
            match event {
                Event::Shelved(row, part) if gone => {
                    if let Some(shelf) = shelves.get_mut(*row) {
                        shelf.parts = shelf.parts.saturating_sub(1);
                        shelf.bytes = shelf.bytes.saturating_sub(part.body().part.len());
                    }
                }
                Event::Shelved(..) => parts = true,
                Event::Wanted(_) => wishes |= !gone,
                Event::Addressed | Event::Sent(_) | Event::Archived(_) => {}
            }
            !gone
        });
        if dossier.0.is_empty() {
            self.dossiers.remove(&identifier);
        }
        if !parts {
            self.shelved.remove(&identifier);
        }
        if !wishes {
            self.wishes.remove(&identifier);
        }
    }

    fn drop_parts(&mut self, identifier: Identifier) {
        self.strike(identifier, |event| matches!(event, Event::Shelved(..)));
    }

    /// Drops the parts of all settled identifiers.
    fn purge(&mut self, columns: &[Column]) {
        let settled: Vec<Identifier> =
            self.shelved.iter().filter(|held| settled(columns, **held)).copied().collect();
        settled.into_iter().for_each(|identifier| self.drop_parts(identifier));
    }

    fn part(&self, row: usize, identifier: Identifier) -> Option<&Verified<Recon>> {
        self.dossiers.get(&identifier)?.part(row)
    }

    fn group(&self, about: &Recon) -> Vec<Verified<Recon>> {
        let dossier = self.dossiers.get(&(about.originator, about.seq));
        dossier.map(|dossier| dossier.group(about)).unwrap_or_default()
    }

    /// Whether `sender`'s row would hold too much with `more` bytes in one more part.
    fn crowded(&self, row: usize, more: usize) -> bool {
        self.shelves.get(row).is_none_or(|shelf| {
            shelf.parts >= MAX_HELD || shelf.bytes.saturating_add(more) > MAX_HELD_BYTES
        })
    }
}

/// The row of a server.
fn row_of(id: ReplicaId) -> Option<usize> {
    usize::from(id.0).checked_sub(1)
}

fn column(columns: &[Column], originator: ReplicaId) -> Option<&Column> {
    columns.get(row_of(originator)?)
}

/// Whether nothing more need be known of the content: it is executed or certified.
fn settled(columns: &[Column], (originator, seq): Identifier) -> bool {
    column(columns, originator).is_some_and(|column| {
        seq <= column.retired
            || column.slots.get(&seq).is_some_and(|slot| slot.certified.is_some())
    })
}

/// The certified content of a slot.
fn certified(slot: &PoSlot) -> Option<Content> {
    let digest = slot.certified?;
    let first = slot.request.as_ref().filter(|request| request.digest() == digest);
    let first = first.map(|request| Content {
        digest,
        body: RequestBody::Signed(request.clone()),
    });
    first.or_else(|| slot.adopted.clone().filter(|content| content.digest == digest))
}

// ---- The erasure code ----
//
// Part r is, byte by byte, the value at r of the polynomial of degree f whose values at 0..=f are the
// data parts, over GF(2^8).

/// The field's polynomial.
const MODULUS: u16 = 0x11d;

/// The products of all pairs, and the inverse of each (0 of 0).
struct Field {
    products: [[u8; 256]; 256],
    inverses: [u8; 256],
}

const fn field() -> Field {
    // Powers of 2, twice around, and their exponents.
    let mut powers = [0u8; 510];
    let mut logs = [0u8; 256];
    let mut value: u16 = 1;
    let mut exponent = 0;
    while exponent < 255 {
        powers[exponent] = value as u8;
        powers[exponent + 255] = value as u8;
        logs[value as usize] = exponent as u8;
        value <<= 1;
        if value & 0x100 != 0 {
            value ^= MODULUS;
        }
        exponent += 1;
    }
    let mut field = Field { products: [[0; 256]; 256], inverses: [0; 256] };
    let mut a = 1;
    while a < 256 {
        let mut b = 1;
        while b < 256 {
            field.products[a][b] = powers[logs[a] as usize + logs[b] as usize];
            b += 1;
        }
        field.inverses[a] = powers[255 - logs[a] as usize];
        a += 1;
    }
    field
}

const FIELD: &Field = &field();

/// What `a` makes of each value.
fn multiples(field: &Field, a: u8) -> &[u8; 256] {
    &field.products[usize::from(a)]
}

fn times(a: u8, b: u8) -> u8 {
    multiples(FIELD, a)[usize::from(b)]
}

fn over(a: u8, b: u8) -> u8 {
    times(a, FIELD.inverses[usize::from(b)])
}

/// The coefficients with which the values at `points` (which differ) add up to the value at `target`.
fn weights(points: &[u8], target: u8) -> Vec<u8> {
    let weight = |(place, point): (usize, &u8)| {
        let others = points.iter().enumerate().filter(|(other, _)| *other != place);
        let (above, below) = others.fold((1, 1), |(above, below), (_, other)| {
            (times(above, target ^ other), times(below, point ^ other))
        });
        over(above, below)
    };
    points.iter().enumerate().map(weight).collect()
}

/// Adds `weight` times `from` to `to`.
fn add_scaled(to: &mut [u8], weight: u8, from: &[u8]) {
    if weight == 0 {
        return;
    }
    let products = multiples(FIELD, weight);
    for (sum, byte) in to.iter_mut().zip(from) {
        *sum ^= products[usize::from(*byte)];
    }
}

/// The value at `target` of what has `values` at `points`.
fn interpolate(points: &[u8], values: &[&[u8]], target: u8) -> Vec<u8> {
    if let Some((_, value)) = points.iter().zip(values).find(|(point, _)| **point == target) {
        return value.to_vec();
    }
    let mut sum = vec![0; values.first().map_or(0, |value| value.len())];
    for (weight, value) in weights(points, target).into_iter().zip(values) {
        add_scaled(&mut sum, weight, value);
    }
    sum
}

fn part_length(config: &Config, length: usize) -> usize {
    length.div_ceil(config.one_correct())
}

fn path_length(config: &Config) -> usize {
    let size = config.size();
    (0..).take_while(|depth| *depth < 16 && 1usize << depth < size).count()
}

fn leaf(part: &[u8]) -> Digest {
    Digest::of("patchy recon part 1", part)
}

/// All parts of an encoding, and their tree.
struct Coded {
    length: u32,
    parts: Vec<Vec<u8>>,
    tree: Tree,
}

impl Coded {
    /// `None` for an encoding or a cluster that nothing is coded for.
    fn of(config: &Config, bytes: &[u8]) -> Option<Self> {
        let each = part_length(config, bytes.len());
        let data = config.one_correct();
        let rows = u8::try_from(config.size()).ok()?;
        if each == 0 || data > config.size() {
            return None;
        }
        let mut padded = bytes.to_vec();
        padded.resize(each.checked_mul(data)?, 0);
        let values: Vec<&[u8]> = padded.chunks(each).collect();
        let points: Vec<u8> = (0..rows).take(data).collect();
        let parts: Vec<Vec<u8>> =
            (0..rows).map(|row| interpolate(&points, &values, row)).collect();
        let tree = Tree::new(parts.iter().map(|part| leaf(part)).collect());
        Some(Self { length: u32::try_from(bytes.len()).ok()?, parts, tree })
    }

    /// The message with which `sender` sends its part.
    fn message(&self, sender: ReplicaId, originator: ReplicaId, content: &Content) -> Option<Recon> {
        let row = row_of(sender)?;
        let part = self.parts.get(row)?;
        Some(Recon {
            originator,
            seq: content.body.seq,
            digest: content.digest,
            root: self.tree.root(),
            length: self.length,
            part: Blob::new(part.clone()).ok()?,
            path: self.tree.path(row),
        })
    }
}

fn bytes_of(content: &Content) -> Vec<u8> {
    let request: &PoRequest = &content.body;
    wire::codec::encode(request)
}

/// The content that the parts of `group` are of.
fn decode(config: &Config, about: &Recon, group: &[Verified<Recon>]) -> Option<Content> {
    let length = usize::try_from(about.length).ok()?;
    let (each, data) = (part_length(config, length), config.one_correct());
    if length == 0 || length > MAX_BODY {
        return None;
    }
    let mut rows: BTreeMap<u8, &[u8]> = BTreeMap::new();
    for part in group {
        let row = row_of(part.signer()).filter(|row| *row < config.size())?;
        if part.body().part.len() != each {
            return None;
        }
        rows.insert(u8::try_from(row).ok()?, &part.body().part);
    }
    let (points, values): (Vec<u8>, Vec<&[u8]>) = rows.into_iter().take(data).unzip();
    if points.len() < data {
        return None;
    }
    let mut bytes = Vec::with_capacity(each.checked_mul(data)?);
    for row in (0..=u8::MAX).take(data) {
        bytes.extend(interpolate(&points, &values, row));
    }
    bytes.truncate(length);
    let request: PoRequest = wire::codec::decode(&bytes).ok()?;
    let digest = Context::from(config).leaf(about.originator, &request);
    let root = Coded::of(config, &bytes)?.tree.root();
    (request.seq == about.seq && digest == about.digest && root == about.root)
        .then(|| Content { digest, body: RequestBody::Vouched(Arc::new(request)) })
}

// ---- Commands ----

/// What is to be done.
enum Command {
    /// A line of a dossier.
    Note(Identifier, Event),
    /// All parts of it go.
    DropParts(Identifier),
    /// It is wanted no longer.
    Unwish(Identifier),
    /// A line of the answers to this row.
    Answered(usize, Answer),
    /// A record of the log on disk.
    Log(Record<Prime>),
    /// To sign and send.
    Say(To, Body),
    /// Why something was dropped, and by whose fault.
    Refuse(Option<ReplicaId>, Reject),
}

fn carry_out(
    state: &mut State,
    commands: impl IntoIterator<Item = Command>,
    effects: &mut Effects,
) {
    for command in commands {
        match command {
            Command::Note(identifier, event) => state.note(identifier, event),
            Command::DropParts(identifier) => state.drop_parts(identifier),
            Command::Unwish(identifier) => {
                state.strike(identifier, |event| matches!(event, Event::Wanted(_)));
            }
            Command::Answered(row, answer) => {
                if let Some(log) = state.answers.get_mut(row) {
                    log.push(answer);
                }
            }
            Command::Log(record) => effects.persist(record),
            Command::Say(to, body) => effects.push(Effect::Send { to, body }),
            Command::Refuse(from, reason) => effects.reject(from, reason),
        }
    }
}

// ---- What becomes eligible ----

/// Whether `me` is one of those that send their parts of (originator, seq).
fn sends(config: &Config, matrix: &Matrix, me: ReplicaId, (originator, seq): Identifier) -> bool {
    let has = |id: ReplicaId| matrix.acknowledged(id, originator) >= seq;
    let before = || config.replicas().take_while(|id| *id < me).filter(|id| has(*id)).count();
    config.is_replica(me) && has(me) && before() < config.quorum()
}

/// Whether `receiver` may lack the content of the slot.
fn needs(
    pre_order: &prime::pre_order::State,
    receiver: ReplicaId,
    (originator, seq): Identifier,
    slot: &PoSlot,
) -> bool {
    let entry = || {
        let row = pre_order.rows.get(row_of(receiver)?)?.as_ref()?;
        row.body().vec.get(row_of(originator)?).copied()
    };
    receiver != pre_order.me
        && receiver != originator
        && entry().is_none_or(|acknowledged| acknowledged < seq)
        && !slot.acks.get(&receiver).is_some_and(|digest| Some(*digest) == slot.certified)
}

/// Sends this server's parts of what a Pre-Prepare, seen for the first time, would make eligible.
pub fn on_eligible(
    state: &mut State,
    config: &Config,
    pre_order: &prime::pre_order::State,
    matrix: &Matrix,
    old: &[PoSeq],
    new: &[PoSeq],
    effects: &mut Effects,
) {
    let columns = config.replicas().zip(&pre_order.columns).zip(old.iter().zip(new));
    for ((originator, column), (old, new)) in columns.filter(|(_, (old, new))| old < new) {
        for (seq, slot) in column.slots.range((Bound::Excluded(*old), Bound::Included(*new))) {
            let identifier = (originator, *seq);
            if slot.certified.is_none() || !sends(config, matrix, state.me, identifier) {
                continue;
            }
            let commands = parts_for(state, config, pre_order, identifier, slot);
            carry_out(state, commands, effects);
        }
    }
}

/// To send the own part of a slot's content to whoever needs it and was not sent it.
fn parts_for(
    state: &State,
    config: &Config,
    pre_order: &prime::pre_order::State,
    identifier: Identifier,
    slot: &PoSlot,
) -> Vec<Command> {
    let served = state.dossiers.get(&identifier).and_then(Dossier::receivers).unwrap_or_default();
    let lacks = |to: &ReplicaId| {
        *to != state.me && !served.contains(to) && needs(pre_order, *to, identifier, slot)
    };
    let receivers: Vec<ReplicaId> = config.replicas().filter(lacks).collect();
    let message = || {
        let content = certified(slot)?;
        Coded::of(config, &bytes_of(&content))?.message(state.me, identifier.0, &content)
    };
    if receivers.is_empty() {
        return Vec::new();
    }
    let Some(message) = message() else { return Vec::new() };
    let to_one = |to| {
        let said = Command::Say(To::One(to), Body::from(message.clone()));
        [Command::Note(identifier, Event::Sent(to)), said]
    };
    receivers.into_iter().flat_map(to_one).collect()
}

// ---- Parts ----

/// A part that came, and what it meets.
struct Case<'a> {
    state: &'a State,
    config: &'a Config,
    columns: &'a [Column],
    message: &'a Verified<Recon>,
    identifier: Identifier,
    /// The sender's.
    row: usize,
}

impl Case<'_> {
    fn held(&self) -> Option<&Verified<Recon>> {
        self.state.part(self.row, self.identifier)
    }

    fn proven(&self) -> bool {
        let Recon { root, length, part, path, .. } = self.message.body();
        let length = usize::try_from(*length).unwrap_or(usize::MAX);
        let fits = (1..=MAX_BODY).contains(&length)
            && part.len() == part_length(self.config, length)
            && path.len() == path_length(self.config)
            && self.row < self.state.shelves.len();
        let index = u32::try_from(self.row);
        fits && index.is_ok_and(|index| wire::merkle::fold(leaf(part), index, path) == Some(*root))
    }

    fn beyond(&self) -> bool {
        let retired = column(self.columns, self.identifier.0).map_or(0, |column| column.retired.0);
        self.identifier.1.0 > retired.saturating_add(self.config.windows.preorder)
    }
}

/// A condition, and why a part is refused that meets it.
type Guard = (fn(&Case<'_>) -> bool, Reject);

const GUARDS: [Guard; 6] = [
    (|case| !case.config.is_replica(case.identifier.0), Reject::Invalid),
    (|case| settled(case.columns, case.identifier), Reject::Stale),
    (|case| case.beyond(), Reject::BeyondWindow),
    (|case| case.held() == Some(case.message), Reject::Duplicate),
    (|case| case.held().is_some(), Reject::Equivocation),
    (|case| !case.proven(), Reject::Invalid),
];

/// Keeps a part, and returns the content once f+1 servers say the same about it.
pub fn on_recon(
    state: &mut State,
    config: &Config,
    pre_order: &prime::pre_order::State,
    message: &Verified<Recon>,
    effects: &mut Effects,
) -> Option<Content> {
    let (sender, about) = (message.signer(), message.body());
    let identifier = (about.originator, about.seq);
    let row = row_of(sender).unwrap_or(usize::MAX);
    let columns = &pre_order.columns;
    let case = Case { state, config, columns, message, identifier, row };
    let mut refusal = GUARDS.iter().find(|(holds, _)| holds(&case)).map(|(_, reject)| *reject);
    let free = state.wishes.contains(&identifier);
    if refusal.is_none() && !free && state.crowded(row, about.part.len()) {
        state.purge(columns);
        refusal = state.crowded(row, about.part.len()).then_some(Reject::Full);
    }
    if let Some(reject) = refusal {
        carry_out(state, [Command::Refuse(Some(sender), reject)], effects);
        return None;
    }
    carry_out(state, [Command::Note(identifier, Event::Shelved(row, message.clone()))], effects);
    let group = state.group(about);
    if group.len() != config.one_correct() {
        return None;
    }
    let Some(content) = decode(config, about, &group) else {
        // One of f+1 equal messages is a lie, and nobody knows whose. They stay, so that they are not
        // decoded again.
        carry_out(state, [Command::Refuse(None, Reject::Invalid)], effects);
        return None;
    };
    let held = group.into_iter().map(|part| Command::Log(Record::Held(Incoming::from(part))));
    carry_out(state, held.chain([Command::DropParts(identifier)]), effects);
    Some(content)
}

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(
    state: &mut State,
    config: &Config,
    record: &Record<Prime>,
) -> Option<(ReplicaId, Content)> {
    let Record::Held(Incoming::Recon(part)) = record else { return None };
    let about = part.body();
    let identifier = (about.originator, about.seq);
    let row = row_of(part.signer()).filter(|row| *row < state.shelves.len())?;
    // As when they come: the first part of a sender stays.
    if state.part(row, identifier).is_some() {
        return None;
    }
    state.note(identifier, Event::Shelved(row, part.clone()));
    let group = state.group(about);
    if group.len() < config.one_correct() {
        return None;
    }
    let content = decode(config, about, &group)?;
    state.drop_parts(identifier);
    Some((about.originator, content))
}

// ---- Requests ----

/// What an answer would come to.
struct Demand<'a> {
    answers: &'a [Answer],
    identifier: Identifier,
    bytes: u64,
}

impl Demand<'_> {
    fn too_much(&self) -> bool {
        let sum = self.answers.iter().try_fold(self.bytes, |sum, answer| sum.checked_add(answer.bytes));
        self.answers.len() >= MAX_ANSWERS || sum.is_none_or(|sum| sum > MAX_ANSWER_BYTES)
    }

    fn answered(&self) -> bool {
        self.answers.iter().any(|answer| answer.identifier == self.identifier)
    }
}

/// A condition, and why a request is refused that meets it.
type Limit = (fn(&Demand<'_>) -> bool, Reject);

const LIMITS: [Limit; 2] = [
    (|demand| demand.answered(), Reject::Duplicate),
    (|demand| demand.too_much(), Reject::Full),
];

/// Answers a Recon-Request with this server's part, if it holds the content.
pub fn on_recon_request(
    state: &mut State,
    config: &Config,
    now: Time,
    pre_order: &prime::pre_order::State,
    message: &Verified<ReconRequest>,
    effects: &mut Effects,
) {
    let (sender, ReconRequest { originator, seq }) = (message.signer(), message.body().clone());
    let identifier = (originator, seq);
    if !config.is_replica(originator) {
        carry_out(state, [Command::Refuse(Some(sender), Reject::Invalid)], effects);
        return;
    }
    let slot = column(&pre_order.columns, originator).and_then(|column| column.slots.get(&seq));
    let archived = || state.dossiers.get(&identifier).and_then(Dossier::archived).cloned();
    let Some(content) = slot.and_then(certified).or_else(archived) else {
        carry_out(state, [Command::Refuse(None, Reject::Premature)], effects);
        return;
    };
    let Some(row) = row_of(sender) else { return };
    let Some(answers) = state.answers.get_mut(row) else { return };
    let period = config.timing.retransmit;
    answers.retain(|answer| answer.at.0.saturating_add(period) > now.0);
    let encoding = bytes_of(&content);
    let length = part_length(config, encoding.len());
    let bytes = u64::try_from(length).unwrap_or(u64::MAX);
    let demand = Demand { answers, identifier, bytes };
    let refusal = LIMITS.iter().find(|(holds, _)| holds(&demand)).map(|(_, reject)| *reject);
    if let Some(reject) = refusal {
        carry_out(state, [Command::Refuse(Some(sender), reject)], effects);
        return;
    }
    let coded = Coded::of(config, &encoding);
    let part = coded.and_then(|coded| coded.message(state.me, originator, &content));
    let Some(part) = part else { return };
    let commands = [
        Command::Answered(row, Answer { identifier, at: now, bytes }),
        Command::Say(To::One(sender), Body::from(part)),
    ];
    carry_out(state, commands, effects);
}

/// Asks everybody for content without which execution cannot go on.
pub fn request_missing(
    state: &mut State,
    config: &Config,
    now: Time,
    missing: &[Identifier],
    effects: &mut Effects,
) {
    let first: &[Identifier] = missing.get(..MAX_WANTED).unwrap_or(missing);
    let wanted: BTreeSet<Identifier> = first.iter().copied().collect();
    let over: Vec<Command> =
        state.wishes.difference(&wanted).map(|identifier| Command::Unwish(*identifier)).collect();
    carry_out(state, over, effects);
    let again = Time(now.0.saturating_add(config.timing.retransmit));
    for identifier in first {
        let at = state.dossiers.get(identifier).and_then(Dossier::wanted);
        if at.is_some_and(|at| at > now) {
            continue;
        }
        let (originator, seq) = *identifier;
        let commands = [
            Command::Note(*identifier, Event::Wanted(again)),
            Command::Say(To::Others, Body::from(ReconRequest { originator, seq })),
        ];
        carry_out(state, commands, effects);
    }
}

// ---- What is over ----

/// Moves executed content of `originator` to the archive.
pub fn retire(state: &mut State, originator: ReplicaId, content: &Content) {
    state.note((originator, content.body.seq), Event::Archived(content.clone()));
}

/// Drops everything about identifiers (o, s) with s at or below entry o of `covered`.
pub fn forget(state: &mut State, covered: &[PoSeq]) {
    for (id, upto) in (1..=u16::MAX).zip(covered) {
        let originator = ReplicaId(id);
        let range = (originator, PoSeq(0))..=(originator, *upto);
        let gone: Vec<Identifier> =
            state.dossiers.range(range).map(|(identifier, _)| *identifier).collect();
        gone.into_iter().for_each(|identifier| state.strike(identifier, |_| true));
    }
}
