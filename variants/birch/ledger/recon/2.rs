//! Reconciliation, in flat sorted rows: contents, receivers, parts and answers each lie in one vector of
//! sorted runs, and what is refused is decided by small functions that change nothing.

use prime::pre_order::Content;
use prime::pre_order::RequestBody;
use prime::pre_order;
use prime::recon::model::Effects;
use prime::recon::model::Identifier;
use prime::recon::model::MAX_ANSWER_BYTES;
use prime::recon::model::MAX_ANSWERS;
use prime::recon::model::MAX_BODY;
use prime::recon::model::MAX_HELD;
use prime::recon::model::MAX_HELD_BYTES;
use prime::recon::model::MAX_WANTED;
use prime::recon::model;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;
use wire::Blob;
use wire::Config;
use wire::Digest;
use wire::PoSeq;
use wire::Record;
use wire::Reject;
use wire::ReplicaId;
use wire::Time;
use wire::To;
use wire::Verified;
use wire::auth::Context;
use wire::merkle::Path;
use wire::merkle::Tree;
use wire::prime::Incoming;
use wire::prime::Matrix;
use wire::prime::PoRequest;
use wire::prime::Prime;
use wire::prime::Recon;
use wire::prime::ReconRequest;

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

    /// Of rows in any order, each key once.
    fn sorted(rows: impl Iterator<Item = (K, V)>) -> Self {
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        Self::of(rows.into_iter())
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
}

/// How much is held of one sender.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    parts: usize,
    bytes: usize,
}

impl Load {
    fn with(self, bytes: usize) -> Self {
        Self { parts: self.parts + 1, bytes: self.bytes + bytes }
    }

    fn without(self, bytes: usize) -> Self {
        Self {
            parts: self.parts.saturating_sub(1),
            bytes: self.bytes.saturating_sub(bytes),
        }
    }
}

/// All that reconciliation remembers.
#[derive(Clone, Debug)]
pub struct State {
    me: ReplicaId,
    /// By identifier and receiver; none stands for an identifier as such.
    sent: Shelf<(Identifier, Option<ReplicaId>), ()>,
    archive: Shelf<Identifier, Content>,
    /// By identifier and the sender's row.
    parts: Shelf<(Identifier, usize), Verified<Recon>>,
    /// By the sender's row: what its parts come to.
    loads: Vec<Load>,
    want: Shelf<Identifier, Time>,
    /// By the requester's row and identifier.
    answered: Shelf<(usize, Identifier), (Time, u64)>,
    /// How many rows `answered` has.
    requesters: usize,
}

fn empty<K: Ord + Copy, V>() -> Shelf<K, V> {
    Shelf::of(std::iter::empty())
}

fn loads(rows: usize, parts: &Shelf<(Identifier, usize), Verified<Recon>>) -> Vec<Load> {
    let held = parts.rows.iter().filter_map(|(key, part)| part.as_ref().map(|part| (key.1, part)));
    held.fold(vec![Load::default(); rows], |mut loads, (row, part)| {
        if let Some(load) = loads.get_mut(row) {
            *load = load.with(part.body().part.len());
        }
        loads
    })
}

fn row_of(id: ReplicaId) -> Option<usize> {
    usize::from(id.0).checked_sub(1)
}

fn id_of(row: usize) -> Option<ReplicaId> {
    row.checked_add(1).and_then(|id| u16::try_from(id).ok()).map(ReplicaId)
}

impl State {
    /// Nothing known.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        Self {
            me,
            sent: empty(),
            archive: empty(),
            parts: empty(),
            loads: vec![Load::default(); config.size()],
            want: empty(),
            answered: empty(),
            requesters: config.size(),
        }
    }

    /// The state that `state` stands for.
    #[must_use]
    pub fn from_abstract(state: &model::State) -> Self {
        let sent = state.sent.iter().flat_map(|(&id, receivers)| {
            let bare = Some(((id, None), ()));
            bare.into_iter().chain(receivers.iter().map(move |&to| ((id, Some(to)), ())))
        });
        let parts = state.parts.iter().enumerate().flat_map(|(row, parts)| {
            parts.iter().map(move |(&id, part)| ((id, row), part.clone()))
        });
        let answered = state.answered.iter().enumerate().flat_map(|(row, answers)| {
            answers.iter().map(move |(&id, &answer)| ((row, id), answer))
        });
        let parts = Shelf::sorted(parts);
        Self {
            me: state.me,
            sent: Shelf::of(sent),
            archive: Shelf::of(state.archive.iter().map(|(&id, content)| (id, content.clone()))),
            loads: loads(state.parts.len(), &parts),
            parts,
            want: Shelf::of(state.want.iter().map(|(&id, &at)| (id, at))),
            answered: Shelf::of(answered),
            requesters: state.answered.len(),
        }
    }

    /// The abstract state.
    #[must_use]
    pub fn to_abstract(&self) -> model::State {
        let sent = self.sent.all().fold(
            BTreeMap::<Identifier, BTreeSet<ReplicaId>>::new(),
            |mut sent, (&(id, receiver), ())| {
                sent.entry(id).or_default().extend(receiver);
                sent
            },
        );
        let parts = self.parts.all().fold(
            vec![BTreeMap::new(); self.loads.len()],
            |mut rows: Vec<BTreeMap<Identifier, Verified<Recon>>>, (&(id, row), part)| {
                if let Some(parts) = rows.get_mut(row) {
                    parts.insert(id, part.clone());
                }
                rows
            },
        );
        let answered = self.answered.all().fold(
            vec![BTreeMap::new(); self.requesters],
            |mut rows: Vec<BTreeMap<Identifier, (Time, u64)>>, (&(row, id), &answer)| {
                if let Some(answers) = rows.get_mut(row) {
                    answers.insert(id, answer);
                }
                rows
            },
        );
        model::State {
            me: self.me,
            sent,
            archive: self.archive.all().map(|(&id, content)| (id, content.clone())).collect(),
            parts,
            want: self.want.all().map(|(&id, &at)| (id, at)).collect(),
            answered,
        }
    }

    fn unload(&mut self, dropped: Vec<((Identifier, usize), Verified<Recon>)>) {
        dropped.iter().for_each(|((_, row), part)| {
            if let Some(load) = self.loads.get_mut(*row) {
                *load = load.without(part.body().part.len());
            }
        });
    }

    fn drop_parts(&mut self, id: Identifier) {
        let dropped = self.parts.cut((id, 0), |key| key.0 == id);
        self.unload(dropped);
    }

    /// Holds `part` in `row`, in place of nothing.
    fn hold(&mut self, id: Identifier, row: usize, part: &Verified<Recon>) {
        let old = self.parts.put((id, row), part.clone());
        self.unload(old.map(|old| ((id, row), old)).into_iter().collect());
        if let Some(load) = self.loads.get_mut(row) {
            *load = load.with(part.body().part.len());
        }
    }

    /// The parts that say the same as `about`, ascending by sender.
    fn group(&self, about: &Recon) -> Vec<Verified<Recon>> {
        let id = (about.originator, about.seq);
        let held = self.parts.from(Bound::Included((id, 0))).take_while(|(key, _)| key.0 == id);
        held.map(|(_, part)| part).filter(|part| same(part.body(), about)).cloned().collect()
    }

    /// What the parts held about `about` amount to, if they are just enough, with those parts.
    fn gathered(&self, config: &Config, about: &Recon) -> Option<(Content, Vec<Verified<Recon>>)> {
        let group = self.group(about);
        let enough = group.len() == config.one_correct();
        let content = if enough { decoded(config, about, &group) } else { None };
        content.map(|content| (content, group))
    }
}

fn same(one: &Recon, other: &Recon) -> bool {
    let key = |recon: &Recon| {
        (recon.originator, recon.seq, recon.digest, recon.root, recon.length)
    };
    key(one) == key(other)
}

/// Products in GF(2^8), with x^8 + x^4 + x^3 + x^2 + 1.
const PRODUCTS: &[[u8; 256]; 256] = &products();

const fn products() -> [[u8; 256]; 256] {
    let mut powers = [0u8; 510];
    let mut logs = [0usize; 256];
    let (mut power, mut exponent) = (1u16, 0);
    while exponent < 255 {
        powers[exponent] = power as u8;
        powers[exponent + 255] = power as u8;
        logs[power as usize] = exponent;
        power <<= 1;
        if power > 255 {
            power ^= 0x11d;
        }
        exponent += 1;
    }
    let mut table = [[0u8; 256]; 256];
    let mut a = 1;
    while a < 256 {
        let mut b = 1;
        while b < 256 {
            table[a][b] = powers[logs[a] + logs[b]];
            b += 1;
        }
        a += 1;
    }
    table
}

fn product(a: u8, b: u8) -> u8 {
    let multiples = PRODUCTS.get(usize::from(a));
    multiples.and_then(|multiples| multiples.get(usize::from(b))).copied().unwrap_or_default()
}

/// `a` to the power of 254: one divided by it, 0 for 0.
fn inverse(a: u8) -> u8 {
    let squares = std::iter::successors(Some(product(a, a)), |&square| Some(product(square, square)));
    squares.take(7).fold(1, product)
}

/// For each point, one divided by the product of its distances to the others.
fn weights(points: &[u8]) -> Vec<u8> {
    let distances = |&point: &u8| {
        let others = points.iter().filter(move |&&other| other != point);
        others.fold(1, |all, &other| product(all, point ^ other))
    };
    points.iter().map(distances).map(inverse).collect()
}

/// The value at `at` of the polynomial that has the values `parts` at `points`, bytewise.
fn value_at(at: u8, points: &[u8], weights: &[u8], parts: &[&[u8]], size: usize) -> Vec<u8> {
    if let Some((_, part)) = points.iter().zip(parts).find(|(point, _)| **point == at) {
        return part.to_vec();
    }
    let all = points.iter().fold(1, |all, point| product(all, at ^ point));
    let factors = points
        .iter()
        .zip(weights)
        .map(|(point, &weight)| product(product(all, weight), inverse(at ^ point)));
    factors.zip(parts).fold(vec![0; size], |mut sum, (factor, part)| {
        if let Some(multiples) = PRODUCTS.get(usize::from(factor)) {
            let multiple = |byte: u8| multiples.get(usize::from(byte)).copied().unwrap_or_default();
            sum.iter_mut().zip(*part).for_each(|(sum, &byte)| *sum ^= multiple(byte));
        }
        sum
    })
}

fn part_length(config: &Config, length: usize) -> usize {
    length.div_ceil(config.one_correct())
}

fn path_length(config: &Config) -> u32 {
    config.size().next_power_of_two().trailing_zeros()
}

fn part_leaf(part: &[u8]) -> Digest {
    Digest::of("patchy recon part 1", part)
}

/// The points of the first `count` rows.
fn points(count: usize) -> Option<Vec<u8>> {
    (0..count).map(|row| u8::try_from(row).ok()).collect()
}

fn body_of(content: &Content) -> Vec<u8> {
    wire::codec::encode::<PoRequest>(&content.body)
}

/// The message with `sender`'s part of `originator`'s content, whose body is encoded in `bytes`.
fn part_of(
    config: &Config,
    sender: ReplicaId,
    originator: ReplicaId,
    content: &Content,
    mut bytes: Vec<u8>,
) -> Option<Recon> {
    let row = row_of(sender).filter(|&row| row < config.size())?;
    let length = u32::try_from(bytes.len()).ok()?;
    let (count, size) = (config.one_correct(), part_length(config, bytes.len()).max(1));
    bytes.resize(count * size, 0);
    let data: Vec<&[u8]> = bytes.chunks_exact(size).collect();
    let first = points(count)?;
    let weights = weights(&first);
    let all: Vec<Vec<u8>> = points(config.size())?
        .into_iter()
        .map(|at| value_at(at, &first, &weights, &data, size))
        .collect();
    let tree = Tree::new(all.iter().map(|part| part_leaf(part)).collect());
    Some(Recon {
        originator,
        seq: content.body.seq,
        digest: content.digest,
        root: tree.root(),
        length,
        part: Blob::new(all.into_iter().nth(row)?).ok()?,
        path: tree.path(row),
    })
}

/// The content of which `group` has enough parts, if they are parts of what `about` names.
fn decoded(config: &Config, about: &Recon, group: &[Verified<Recon>]) -> Option<Content> {
    let length = usize::try_from(about.length).ok()?;
    let (count, size) = (config.one_correct(), part_length(config, length));
    let rows = group.iter().take(count).map(|part| {
        row_of(part.signer()).and_then(|row| u8::try_from(row).ok())
    });
    let rows: Vec<u8> = rows.collect::<Option<_>>()?;
    let parts: Vec<&[u8]> = group.iter().take(count).map(|part| &part.body().part[..]).collect();
    if rows.len() < count || parts.iter().any(|part| part.len() != size) {
        return None;
    }
    let weights = weights(&rows);
    let data = points(count)?.into_iter().flat_map(|at| value_at(at, &rows, &weights, &parts, size));
    let bytes: Vec<u8> = data.take(length).collect();
    let body: PoRequest = wire::codec::decode(&bytes).ok()?;
    let digest = Context::from(config).leaf(about.originator, &body);
    (digest == about.digest && body.seq == about.seq)
        .then(|| Content { digest, body: RequestBody::Vouched(Arc::new(body)) })
}

/// Whether content of `id` is here or was executed: no part of it is of use.
fn settled(
    archive: &Shelf<Identifier, Content>,
    pre_order: &pre_order::State,
    id: Identifier,
) -> bool {
    let column = row_of(id.0).and_then(|row| pre_order.columns.get(row));
    column.is_some_and(|column| {
        id.1 <= column.retired
            || column.slots.get(&id.1).and_then(pre_order::content).is_some()
    }) || archive.has(&id)
}

/// Whether `receiver` lacks what has `certified` under (o, s), for all that is known here. The
/// originator has what it signed.
fn needs(
    pre_order: &pre_order::State,
    slot: &pre_order::PoSlot,
    receiver: ReplicaId,
    (originator, seq): Identifier,
    certified: Digest,
) -> bool {
    let row = row_of(receiver).and_then(|row| pre_order.rows.get(row)).and_then(Option::as_ref);
    let column = row_of(originator);
    let known = row.and_then(|row| row.body().vec.get(column?).copied());
    receiver != originator
        && known.unwrap_or_default() < seq
        && slot.acks.get(&receiver) != Some(&certified)
}

/// Whether `me` is one of the Q lowest servers that acknowledge (o, s) in `matrix`.
fn sends(config: &Config, matrix: &Matrix, me: ReplicaId, (originator, seq): Identifier) -> bool {
    let acknowledge = |id: &ReplicaId| matrix.acknowledged(*id, originator) >= seq;
    config.replicas().filter(acknowledge).take(config.quorum()).any(|id| id == me)
}

/// Drops everything about identifiers at or below `covered`.
pub fn forget(state: &mut State, covered: &[PoSeq]) {
    let limits = covered.iter().enumerate().filter_map(|(row, &upto)| Some((id_of(row)?, upto)));
    limits.for_each(|(originator, upto)| {
        let lower: Identifier = (originator, PoSeq(0));
        let inside = move |id: &Identifier| id.0 == originator && id.1 <= upto;
        state.archive.cut(lower, inside);
        state.want.cut(lower, inside);
        state.sent.cut((lower, None), |key| inside(&key.0));
        let dropped = state.parts.cut((lower, 0), |key| inside(&key.0));
        state.unload(dropped);
    });
}

/// Sends this server's parts of what a Pre-Prepare, seen for the first time, would make eligible.
pub fn on_eligible(
    state: &mut State,
    config: &Config,
    pre_order: &pre_order::State,
    matrix: &Matrix,
    old: &[PoSeq],
    new: &[PoSeq],
    effects: &mut Effects,
) {
    let me = state.me;
    let ranges = old.iter().zip(new).zip(&pre_order.columns).enumerate();
    let slots = ranges.filter(|(_, ((old, new), _))| old < new).flat_map(|(row, ((old, new), column))| {
        let slots = column.slots.range((Bound::Excluded(*old), Bound::Included(*new)));
        slots.filter_map(move |(&seq, slot)| Some(((id_of(row)?, seq), slot)))
    });
    slots.filter(|(id, _)| sends(config, matrix, me, *id)).for_each(|(id, slot)| {
        let Some(content) = pre_order::content(slot) else { return };
        let before = state.sent.from(Bound::Included((id, None))).map(|(key, ())| *key);
        let before = before.take_while(|key| key.0 == id).filter_map(|key| key.1);
        let before: Vec<ReplicaId> = before.collect();
        let receivers: Vec<ReplicaId> = config
            .replicas()
            .filter(|to| *to != me && before.binary_search(to).is_err())
            .filter(|&to| needs(pre_order, slot, to, id, content.digest))
            .collect();
        if receivers.is_empty() {
            return;
        }
        let Some(part) = part_of(config, me, id.0, &content, body_of(&content)) else { return };
        receivers.into_iter().for_each(|to| {
            effects.send(To::One(to), part.clone());
            state.sent.put((id, Some(to)), ());
        });
    });
}

/// Whether the part is new and what it seems, and of which row.
fn acceptable(
    state: &State,
    config: &Config,
    pre_order: &pre_order::State,
    message: &Verified<Recon>,
) -> Result<usize, Reject> {
    let body = message.body();
    let id = (body.originator, body.seq);
    if !config.is_replica(body.originator) {
        return Err(Reject::Invalid);
    }
    if settled(&state.archive, pre_order, id) {
        return Err(Reject::Stale);
    }
    let column = row_of(body.originator).and_then(|row| pre_order.columns.get(row));
    let retired = column.map_or(PoSeq(0), |column| column.retired);
    if body.seq.0 > retired.0.saturating_add(config.windows.preorder) {
        return Err(Reject::BeyondWindow);
    }
    let row = row_of(message.signer()).filter(|&row| row < state.loads.len());
    let row = row.ok_or(Reject::Invalid)?;
    match state.parts.get(&(id, row)) {
        Some(held) if held == message => Err(Reject::Duplicate),
        Some(_) => Err(Reject::Equivocation),
        None => well_made(config, body, row).map(|()| row),
    }
}

/// Whether the part is the row's under the root.
fn well_made(config: &Config, body: &Recon, row: usize) -> Result<(), Reject> {
    let length = usize::try_from(body.length).unwrap_or(usize::MAX);
    let path: &Path = &body.path;
    let shaped = (1..=MAX_BODY).contains(&length)
        && body.part.len() == part_length(config, length)
        && u32::try_from(path.len()) == Ok(path_length(config));
    let folds = || {
        let index = u32::try_from(row).ok()?;
        wire::merkle::fold(part_leaf(&body.part), index, path)
    };
    if shaped && folds() == Some(body.root) { Ok(()) } else { Err(Reject::Invalid) }
}

/// Whether a part of `bytes` more has room.
fn room(load: Load, bytes: usize) -> Result<(), Reject> {
    let then = load.with(bytes);
    if then.parts > MAX_HELD || then.bytes > MAX_HELD_BYTES { Err(Reject::Full) } else { Ok(()) }
}

/// Keeps a part, and returns the content once f+1 servers say the same about it.
pub fn on_recon(
    state: &mut State,
    config: &Config,
    pre_order: &pre_order::State,
    message: &Verified<Recon>,
    effects: &mut Effects,
) -> Option<Content> {
    let (body, sender) = (message.body(), message.signer());
    let id = (body.originator, body.seq);
    let row = match acceptable(state, config, pre_order, message) {
        Ok(row) => row,
        Err(reason) => {
            effects.reject(sender, reason);
            return None;
        }
    };
    let load = |state: &State| state.loads.get(row).copied().unwrap_or_default();
    if !state.want.has(&id) && room(load(state), body.part.len()).is_err() {
        let archive = &state.archive;
        state.parts.keep(|key, _| !settled(archive, pre_order, key.0));
        state.loads = loads(state.loads.len(), &state.parts);
        if let Err(reason) = room(load(state), body.part.len()) {
            effects.reject(sender, reason);
            return None;
        }
    }
    state.hold(id, row, message);
    let (content, group) = state.gathered(config, body)?;
    group.into_iter().for_each(|part| effects.persist(Record::Held(part.into())));
    state.drop_parts(id);
    Some(content)
}

/// The content of `id` that is here.
fn content_of(state: &State, pre_order: &pre_order::State, id: Identifier) -> Option<Content> {
    let column = row_of(id.0).and_then(|row| pre_order.columns.get(row));
    let certified = column.and_then(|column| column.slots.get(&id.1)).and_then(pre_order::content);
    certified.or_else(|| state.archive.get(&id).cloned())
}

/// Whether a requester may be given `bytes` more about `id`.
fn grant(state: &State, row: usize, id: Identifier, bytes: u64) -> Result<(), Reject> {
    if state.answered.has(&(row, id)) {
        return Err(Reject::Duplicate);
    }
    let lower = (row, (ReplicaId(0), PoSeq(0)));
    let left = state.answered.from(Bound::Included(lower)).take_while(|(key, _)| key.0 == row);
    let (count, sum) = left.fold((0usize, Some(bytes)), |(count, sum), (_, answer)| {
        (count + 1, sum.and_then(|sum| sum.checked_add(answer.1)))
    });
    if count >= MAX_ANSWERS || sum.is_none_or(|sum| sum > MAX_ANSWER_BYTES) {
        return Err(Reject::Full);
    }
    Ok(())
}

/// Drops the answers to `row` that are old at `now`.
fn expire(state: &mut State, row: usize, now: Time, retransmit: u64) {
    let lower = (row, (ReplicaId(0), PoSeq(0)));
    let held = state.answered.from(Bound::Included(lower)).take_while(|(key, _)| key.0 == row);
    let old = held.filter(|(_, answer)| answer.0.after(retransmit) <= now);
    let old: Vec<_> = old.map(|(key, _)| *key).collect();
    old.iter().for_each(|key| {
        state.answered.remove(key);
    });
}

/// Answers a Recon-Request with this server's part, if it holds the content.
pub fn on_recon_request(
    state: &mut State,
    config: &Config,
    now: Time,
    pre_order: &pre_order::State,
    message: &Verified<ReconRequest>,
    effects: &mut Effects,
) {
    let (body, sender) = (message.body(), message.signer());
    let id = (body.originator, body.seq);
    if !config.is_replica(body.originator) {
        effects.reject(sender, Reject::Invalid);
        return;
    }
    let Some(content) = content_of(state, pre_order, id) else {
        effects.reject(None::<ReplicaId>, Reject::Premature);
        return;
    };
    let Some(row) = row_of(sender).filter(|&row| row < state.requesters) else {
        effects.reject(sender, Reject::Invalid);
        return;
    };
    expire(state, row, now, config.timing.retransmit);
    // Who has had his share, or asks again, is refused before anything is encoded.
    let granted = grant(state, row, id, 0).and_then(|()| {
        let bytes = body_of(&content);
        let size = u64::try_from(part_length(config, bytes.len())).unwrap_or(u64::MAX);
        grant(state, row, id, size).map(|()| (bytes, size))
    });
    let (bytes, size) = match granted {
        Ok(granted) => granted,
        Err(reason) => {
            effects.reject(sender, reason);
            return;
        }
    };
    if let Some(part) = part_of(config, state.me, id.0, &content, bytes) {
        effects.send(To::One(sender), part);
        state.answered.put((row, id), (now, size));
    }
}

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(
    state: &mut State,
    config: &Config,
    record: &Record<Prime>,
) -> Option<(ReplicaId, Content)> {
    let Record::Held(Incoming::Recon(message)) = record else { return None };
    let body = message.body();
    let id = (body.originator, body.seq);
    let row = row_of(message.signer()).filter(|&row| row < state.loads.len())?;
    if !config.is_replica(body.originator) || state.parts.has(&(id, row)) {
        return None;
    }
    state.hold(id, row, message);
    let (content, _) = state.gathered(config, body)?;
    state.drop_parts(id);
    Some((id.0, content))
}

/// Asks everybody for content without which execution cannot go on.
pub fn request_missing(
    state: &mut State,
    config: &Config,
    now: Time,
    missing: &[Identifier],
    effects: &mut Effects,
) {
    let wanted = missing.get(..MAX_WANTED).unwrap_or(missing);
    let mut sorted = wanted.to_vec();
    sorted.sort_unstable();
    state.want.keep(|id, _| sorted.binary_search(id).is_ok());
    wanted.iter().for_each(|&(originator, seq)| {
        let id = (originator, seq);
        if state.want.get(&id).is_none_or(|&at| at <= now) {
            effects.send(To::Others, ReconRequest { originator, seq });
            state.want.put(id, now.after(config.timing.retransmit));
        }
    });
}

/// Moves executed content of `originator` to the archive.
pub fn retire(state: &mut State, originator: ReplicaId, content: &Content) {
    let id = (originator, content.body.seq);
    state.archive.put(id, content.clone());
    state.drop_parts(id);
    state.sent.cut((id, None), |key| key.0 == id);
    state.want.remove(&id);
}
