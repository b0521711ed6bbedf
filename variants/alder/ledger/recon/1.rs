//! Reconciliation, dense: contents, receivers and parts in three arenas; for each originator a ring
//! of numbers and handles that ascends. Who sent or got a part is a bit of a word. The code works
//! with products from a table and weights that are computed once a set of points.

use prime::pre_order;
use prime::pre_order::{Content, PoSlot, RequestBody};
use prime::recon::model;
use prime::recon::model::{
    Effects, Identifier, MAX_ANSWER_BYTES, MAX_ANSWERS, MAX_BODY, MAX_HELD, MAX_HELD_BYTES,
    MAX_WANTED,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;
use wire::auth::Context;
use wire::prime::{Incoming, Matrix, PoRequest, Prime, Recon, ReconRequest};
use wire::{Blob, Config, Digest, PoSeq, Record, Reject, ReplicaId, Time, To, Verified, codec, merkle};

// ---- the field -------------------------------------------------------------------------------

/// Powers of x, twice over.
const POWERS: &[u8; 512] = &powers();
/// Of which power of x each element is.
const LOGARITHMS: &[u16; 256] = &logarithms();
/// All products.
const PRODUCTS: &[[u8; 256]; 256] = &products();

const fn powers() -> [u8; 512] {
    let mut powers = [0; 512];
    let mut element = 1u16;
    let mut at = 0;
    while at < 512 {
        powers[at] = element as u8;
        element <<= 1;
        if element & 0x100 != 0 {
            element ^= 0x11d;
        }
        at += 1;
    }
    powers
}

const fn logarithms() -> [u16; 256] {
    let powers = powers();
    let mut logarithms = [0; 256];
    let mut at = 0;
    while at < 255 {
        logarithms[powers[at] as usize] = at as u16;
        at += 1;
    }
    logarithms
}

const fn products() -> [[u8; 256]; 256] {
    let powers = powers();
    let logarithms = logarithms();
    let mut products = [[0; 256]; 256];
    let mut left = 1;
    while left < 256 {
        let mut right = 1;
        while right < 256 {
            products[left][right] = powers[(logarithms[left] + logarithms[right]) as usize];
            right += 1;
        }
        left += 1;
    }
    products
}

/// The products of one element.
fn table(element: u8) -> &'static [u8; 256] {
    match PRODUCTS.get(usize::from(element)) {
        Some(table) => table,
        None => &[0; 256],
    }
}

fn product(left: u8, right: u8) -> u8 {
    match table(left).get(usize::from(right)) {
        Some(product) => *product,
        None => 0,
    }
}

/// The inverse of an element that is not 0.
fn inverse(element: u8) -> u8 {
    let logarithm = match LOGARITHMS.get(usize::from(element)) {
        Some(logarithm) => usize::from(*logarithm),
        None => 0,
    };
    match POWERS.get(255 - logarithm) {
        Some(power) => *power,
        None => 0,
    }
}

/// Adds to each byte of `sums` what `products` has for the byte of `bytes`; they are of one length.
fn add(sums: &mut [u8], bytes: &[u8], products: &[u8; 256]) {
    let length = sums.len();
    let bytes = match bytes.get(..length) {
        Some(bytes) => bytes,
        None => return,
    };
    for at in 0..length {
        if let Some(sum) = sums.get_mut(at)
            && let Some(byte) = bytes.get(at)
            && let Some(product) = products.get(usize::from(*byte))
        {
            *sum ^= *product;
        }
    }
}

// ---- the code --------------------------------------------------------------------------------

/// A polynomial given at some points, each with its bytes.
struct Given<'a> {
    points: Vec<u8>,
    bytes: Vec<&'a [u8]>,
    /// By point: the inverse of the product of its distances from the others.
    weights: Vec<u8>,
}

impl<'a> Given<'a> {
    fn new(points: Vec<u8>, bytes: Vec<&'a [u8]>) -> Self {
        let mut weights = Vec::with_capacity(points.len());
        for point in &points {
            let mut distances = 1;
            for other in &points {
                if other != point {
                    distances = product(distances, point ^ other);
                }
            }
            weights.push(inverse(distances));
        }
        Self { points, bytes, weights }
    }

    /// Its bytes at `target`, which is none of the points.
    fn at(&self, target: u8, length: usize) -> Vec<u8> {
        let mut all = 1;
        for point in &self.points {
            all = product(all, target ^ point);
        }
        let mut out = vec![0u8; length];
        let mut place = 0;
        while let (Some(point), Some(weight), Some(bytes)) =
            (self.points.get(place), self.weights.get(place), self.bytes.get(place))
        {
            let factor = product(product(all, inverse(target ^ point)), *weight);
            add(&mut out, bytes, table(factor));
            place += 1;
        }
        out
    }
}

/// f+1 and N, where the code can work with them.
fn shape(config: &Config) -> Option<(usize, usize)> {
    let data = usize::from(config.f) + 1;
    let all = usize::from(config.n);
    if all == 0 || all > 256 || data > 256 { None } else { Some((data, all)) }
}

fn part_length(config: &Config, length: usize) -> usize {
    length.div_ceil(usize::from(config.f) + 1)
}

fn path_length(config: &Config) -> usize {
    usize::from(config.n).next_power_of_two().trailing_zeros() as usize
}

fn part_leaf(part: &[u8]) -> Digest {
    Digest::of("patchy recon part 1", part)
}

/// The row of a server.
fn row_of(id: ReplicaId) -> Option<usize> {
    if id.0 == 0 { None } else { Some(usize::from(id.0) - 1) }
}

/// An encoding in parts, of which one was kept.
struct Coded {
    tree: merkle::Tree,
    own: Vec<u8>,
}

/// Codes `bytes`; keeps the part of row `own`, if that is a row.
fn code(config: &Config, bytes: &[u8], own: usize) -> Option<Coded> {
    let (data, all) = shape(config)?;
    let length = part_length(config, bytes.len());
    let mut padded = Vec::with_capacity(length * data);
    padded.extend_from_slice(bytes);
    padded.resize(length * data, 0);
    let mut points = Vec::with_capacity(data);
    let mut parts = Vec::with_capacity(data);
    for place in 0..data {
        points.push(place as u8);
        parts.push(padded.get(place * length..(place + 1) * length)?);
    }
    let given = Given::new(points, parts);
    let mut leaves = Vec::with_capacity(all);
    let mut kept = Vec::new();
    for row in 0..all {
        if let Some(part) = given.bytes.get(row) {
            leaves.push(part_leaf(part));
            if row == own {
                kept = part.to_vec();
            }
        } else {
            let part = given.at(row as u8, length);
            leaves.push(part_leaf(&part));
            if row == own {
                kept = part;
            }
        }
    }
    Some(Coded { tree: merkle::Tree::new(leaves), own: kept })
}

/// How long the encoding of a PO-Request is: number, count, and of each update what
/// `model::MAX_UPDATE_OVERHEAD` counts, with its true path and payload.
fn encoded_length(request: &PoRequest) -> usize {
    let fixed = model::MAX_UPDATE_OVERHEAD - 32 * merkle::MAX_DEPTH;
    let mut length = 8 + 4;
    for update in request.updates.iter() {
        length += fixed + 32 * update.auth.path.len() + update.body.payload.len();
    }
    length
}

/// The message with which `me` sends its part.
fn part_message(
    config: &Config,
    me: ReplicaId,
    originator: ReplicaId,
    content: &Content,
) -> Option<Recon> {
    let request: &PoRequest = &content.body;
    let row = row_of(me)?;
    if row >= usize::from(config.n) {
        return None;
    }
    let bytes = codec::encode(request);
    let coded = code(config, &bytes, row)?;
    let part = match Blob::new(coded.own) {
        Ok(part) => part,
        Err(_) => return None,
    };
    Some(Recon {
        originator,
        seq: request.seq,
        digest: content.digest,
        root: coded.tree.root(),
        length: bytes.len() as u32,
        part,
        path: coded.tree.path(row),
    })
}

/// The content that `about` describes, from the parts of f+1 rows, ascending.
fn decode(config: &Config, about: &Recon, group: &[Part]) -> Option<Content> {
    let (data, all) = shape(config)?;
    let length = about.length as usize;
    if length == 0 || length > MAX_BODY || group.len() < data {
        return None;
    }
    let size = part_length(config, length);
    let mut points = Vec::with_capacity(data);
    let mut parts = Vec::with_capacity(data);
    for held in group {
        if points.len() == data {
            break;
        }
        let bytes: &[u8] = &held.message.body().part;
        if bytes.len() != size || held.row >= all {
            return None;
        }
        points.push(held.row as u8);
        parts.push(bytes);
    }
    let given = Given::new(points, parts);
    let mut bytes = Vec::with_capacity(size * data);
    // Points ascend, so those that are data parts come first, in order.
    let mut next = 0;
    for place in 0..data {
        match (given.points.get(next), given.bytes.get(next)) {
            (Some(point), Some(part)) if usize::from(*point) == place => {
                bytes.extend_from_slice(part);
                next += 1;
            }
            _ => bytes.extend_from_slice(&given.at(place as u8, size)),
        }
    }
    bytes.truncate(length);
    let request: PoRequest = match codec::decode(&bytes) {
        Ok(request) => request,
        Err(_) => return None,
    };
    if request.seq != about.seq || codec::encode(&request) != bytes {
        return None;
    }
    if Context::from(config).leaf(about.originator, &request) != about.digest {
        return None;
    }
    if code(config, &bytes, all)?.tree.root() != about.root {
        return None;
    }
    Some(Content { digest: about.digest, body: RequestBody::from(request) })
}

// ---- the arenas ------------------------------------------------------------------------------

/// A number and the handle of what stands there.
#[derive(Clone, Copy)]
struct Place {
    seq: PoSeq,
    handle: usize,
}

/// Numbers of one originator, ascending, each once.
#[derive(Clone)]
struct Ring {
    originator: ReplicaId,
    places: VecDeque<Place>,
}

impl Ring {
    /// Where the first number at or above `seq` stands.
    fn place(&self, seq: PoSeq) -> usize {
        let first = match self.places.front() {
            Some(first) => first.seq,
            None => return 0,
        };
        if seq <= first {
            return 0;
        }
        match self.places.back() {
            Some(last) if seq <= last.seq => {}
            _ => return self.places.len(),
        }
        let mut low = 0;
        let mut high = self.places.len() - 1;
        // Numbers ascend by one or more: none stands further back than this.
        let gapless = seq.0 - first.0;
        if gapless < high as u64 {
            high = gapless as usize;
            if let Some(place) = self.places.get(high)
                && place.seq == seq
            {
                return high;
            }
        }
        while low < high {
            let middle = low + (high - low) / 2;
            match self.places.get(middle) {
                Some(place) if place.seq < seq => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }
}

/// Something for each of some identifiers.
#[derive(Clone)]
struct Store<T> {
    /// Ascending by originator.
    rings: Vec<Ring>,
    cells: Vec<Option<T>>,
    /// Handles of empty cells.
    free: Vec<usize>,
}

impl<T> Store<T> {
    fn new() -> Self {
        Self { rings: Vec::new(), cells: Vec::new(), free: Vec::new() }
    }

    /// Where the ring of `originator` is, or would be.
    fn ring(&self, originator: ReplicaId) -> usize {
        // In most cases all servers have one.
        if let Some(row) = row_of(originator)
            && let Some(ring) = self.rings.get(row)
            && ring.originator == originator
        {
            return row;
        }
        let mut low = 0;
        let mut high = self.rings.len();
        while low < high {
            let middle = low + (high - low) / 2;
            match self.rings.get(middle) {
                Some(ring) if ring.originator < originator => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    fn known_ring(&self, originator: ReplicaId) -> Option<&Ring> {
        let ring = self.rings.get(self.ring(originator))?;
        if ring.originator == originator { Some(ring) } else { None }
    }

    fn known_ring_mut(&mut self, originator: ReplicaId) -> Option<&mut Ring> {
        let at = self.ring(originator);
        let ring = self.rings.get_mut(at)?;
        if ring.originator == originator { Some(ring) } else { None }
    }

    fn handle(&self, identifier: Identifier) -> Option<usize> {
        let ring = self.known_ring(identifier.0)?;
        let place = ring.places.get(ring.place(identifier.1))?;
        if place.seq == identifier.1 { Some(place.handle) } else { None }
    }

    fn get(&self, identifier: Identifier) -> Option<&T> {
        match self.cells.get(self.handle(identifier)?) {
            Some(Some(cell)) => Some(cell),
            _ => None,
        }
    }

    fn get_mut(&mut self, identifier: Identifier) -> Option<&mut T> {
        let handle = self.handle(identifier)?;
        match self.cells.get_mut(handle) {
            Some(Some(cell)) => Some(cell),
            _ => None,
        }
    }

    /// Puts `value` there, in place of what is there.
    fn put(&mut self, identifier: Identifier, value: T) {
        if let Some(cell) = self.get_mut(identifier) {
            *cell = value;
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
            *cell = Some(value);
        }
        let at = self.ring(identifier.0);
        let known = match self.rings.get(at) {
            Some(ring) => ring.originator == identifier.0,
            None => false,
        };
        if !known {
            let ring = Ring { originator: identifier.0, places: VecDeque::new() };
            self.rings.insert(at, ring);
        }
        if let Some(ring) = self.rings.get_mut(at) {
            let place = ring.place(identifier.1);
            ring.places.insert(place, Place { seq: identifier.1, handle });
        }
    }

    /// Empties a cell.
    fn release(&mut self, handle: usize) -> Option<T> {
        let value = match self.cells.get_mut(handle) {
            Some(cell) => cell.take(),
            None => None,
        };
        self.free.push(handle);
        value
    }

    fn remove(&mut self, identifier: Identifier) -> Option<T> {
        let ring = self.known_ring_mut(identifier.0)?;
        let at = ring.place(identifier.1);
        let place = *ring.places.get(at)?;
        if place.seq != identifier.1 {
            return None;
        }
        ring.places.remove(at);
        self.release(place.handle)
    }

    /// Takes the first of `originator`, if it is at or below `floor`.
    fn take_first(&mut self, originator: ReplicaId, floor: PoSeq) -> Option<T> {
        let ring = self.known_ring_mut(originator)?;
        let place = *ring.places.front()?;
        if place.seq > floor {
            return None;
        }
        ring.places.pop_front();
        self.release(place.handle)
    }
}

// ---- the state -------------------------------------------------------------------------------

/// A part held.
#[derive(Clone)]
struct Part {
    row: usize,
    message: Verified<Recon>,
}

/// The parts of one identifier.
#[derive(Clone)]
struct Parts {
    /// Rows below 64 of which one is held.
    senders: u64,
    /// Ascending by row, each once.
    list: Vec<Part>,
}

impl Parts {
    /// Where the part of `row` stands, or would.
    fn place(&self, row: usize) -> usize {
        if row < 64 {
            return (self.senders & ((1u64 << row) - 1)).count_ones() as usize;
        }
        let mut place = self.senders.count_ones() as usize;
        while let Some(part) = self.list.get(place) {
            if part.row >= row {
                break;
            }
            place += 1;
        }
        place
    }

    fn of(&self, row: usize) -> Option<&Verified<Recon>> {
        let part = self.list.get(self.place(row))?;
        if part.row == row { Some(&part.message) } else { None }
    }

    /// Adds the part of a row that has none.
    fn add(&mut self, row: usize, message: Verified<Recon>) {
        let place = self.place(row);
        if row < 64 {
            self.senders |= 1u64 << row;
        }
        self.list.insert(place, Part { row, message });
    }

    /// Those that say the same as `about`.
    fn group(&self, about: &Recon) -> Vec<Part> {
        let mut group = Vec::new();
        for part in &self.list {
            if same(part.message.body(), about) {
                group.push(part.clone());
            }
        }
        group
    }

    /// How many say the same as `about`.
    fn count(&self, about: &Recon) -> usize {
        let mut count = 0;
        for part in &self.list {
            if same(part.message.body(), about) {
                count += 1;
            }
        }
        count
    }
}

/// Whether both parts are of one group.
fn same(one: &Recon, other: &Recon) -> bool {
    one.originator == other.originator
        && one.seq == other.seq
        && one.length == other.length
        && one.digest == other.digest
        && one.root == other.root
}

/// How much of one sender is held.
#[derive(Clone, Copy, Default)]
struct Held {
    parts: usize,
    bytes: usize,
}

/// To whom a part was sent.
#[derive(Clone, Default)]
struct Receivers {
    /// Servers 1 to 64.
    servers: u64,
    /// Whoever has no bit.
    others: Vec<ReplicaId>,
}

/// An answer given.
#[derive(Clone, Copy)]
struct Answer {
    about: Identifier,
    at: Time,
    bytes: u64,
}

/// The bit of a server; 0 for ids that have none.
const fn bit(id: ReplicaId) -> u64 {
    if id.0 >= 1 && id.0 <= 64 { 1u64 << (id.0 - 1) } else { 0 }
}

/// All that reconciliation remembers.
#[derive(Clone)]
pub struct State {
    me: ReplicaId,
    sent: Store<Receivers>,
    archive: Store<Content>,
    parts: Store<Parts>,
    /// By sender: what `parts` has of it.
    held: Vec<Held>,
    /// Ascending by identifier, each once.
    want: Vec<(Identifier, Time)>,
    /// By requester: in no order, each identifier once.
    answered: Vec<Vec<Answer>>,
}

impl State {
    /// A state for an abstract one.
    pub fn from_abstract(state: &model::State) -> Self {
        let mut made = Self {
            me: state.me,
            sent: Store::new(),
            archive: Store::new(),
            parts: Store::new(),
            held: vec![Held::default(); state.parts.len()],
            want: Vec::with_capacity(state.want.len()),
            answered: Vec::with_capacity(state.answered.len()),
        };
        for (identifier, receivers) in &state.sent {
            let mut entry = Receivers::default();
            for receiver in receivers {
                let own = bit(*receiver);
                entry.servers |= own;
                if own == 0 {
                    entry.others.push(*receiver);
                }
            }
            made.sent.put(*identifier, entry);
        }
        for (identifier, content) in &state.archive {
            made.archive.put(*identifier, content.clone());
        }
        let mut row = 0;
        for parts in &state.parts {
            for (identifier, message) in parts {
                made.hold(*identifier, row, message);
            }
            row += 1;
        }
        for (identifier, at) in &state.want {
            made.want.push((*identifier, *at));
        }
        for answers in &state.answered {
            let mut list = Vec::with_capacity(answers.len());
            for (about, (at, bytes)) in answers {
                list.push(Answer { about: *about, at: *at, bytes: *bytes });
            }
            made.answered.push(list);
        }
        made
    }

    /// The abstract state.
    pub fn to_abstract(&self) -> model::State {
        let mut sent = BTreeMap::new();
        for ring in &self.sent.rings {
            for place in &ring.places {
                if let Some(Some(receivers)) = self.sent.cells.get(place.handle) {
                    let mut set = BTreeSet::new();
                    let mut rest = receivers.servers;
                    while rest != 0 {
                        set.insert(ReplicaId(rest.trailing_zeros() as u16 + 1));
                        rest &= rest - 1;
                    }
                    for other in &receivers.others {
                        set.insert(*other);
                    }
                    sent.insert((ring.originator, place.seq), set);
                }
            }
        }
        let mut archive = BTreeMap::new();
        for ring in &self.archive.rings {
            for place in &ring.places {
                if let Some(Some(content)) = self.archive.cells.get(place.handle) {
                    archive.insert((ring.originator, place.seq), content.clone());
                }
            }
        }
        let mut parts = vec![BTreeMap::new(); self.held.len()];
        for ring in &self.parts.rings {
            for place in &ring.places {
                if let Some(Some(held)) = self.parts.cells.get(place.handle) {
                    for part in &held.list {
                        if let Some(map) = parts.get_mut(part.row) {
                            map.insert((ring.originator, place.seq), part.message.clone());
                        }
                    }
                }
            }
        }
        let mut want = BTreeMap::new();
        for (identifier, at) in &self.want {
            want.insert(*identifier, *at);
        }
        let mut answered = Vec::with_capacity(self.answered.len());
        for list in &self.answered {
            let mut map = BTreeMap::new();
            for answer in list {
                map.insert(answer.about, (answer.at, answer.bytes));
            }
            answered.push(map);
        }
        model::State { me: self.me, sent, archive, parts, want, answered }
    }

    /// Nothing known.
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        Self {
            me,
            sent: Store::new(),
            archive: Store::new(),
            parts: Store::new(),
            held: vec![Held::default(); config.size()],
            want: Vec::new(),
            answered: vec![Vec::new(); config.size()],
        }
    }

    /// Holds a part of a row that has none of this identifier.
    fn hold(&mut self, identifier: Identifier, row: usize, message: &Verified<Recon>) {
        if let Some(held) = self.held.get_mut(row) {
            held.parts += 1;
            held.bytes += message.body().part.len();
        }
        if let Some(parts) = self.parts.get_mut(identifier) {
            parts.add(row, message.clone());
            return;
        }
        let mut parts = Parts { senders: 0, list: Vec::new() };
        parts.add(row, message.clone());
        self.parts.put(identifier, parts);
    }

    /// Counts parts no more that were dropped.
    fn discount(&mut self, parts: &Parts) {
        for part in &parts.list {
            if let Some(held) = self.held.get_mut(part.row) {
                held.parts = held.parts.saturating_sub(1);
                held.bytes = held.bytes.saturating_sub(part.message.body().part.len());
            }
        }
    }

    fn drop_parts(&mut self, identifier: Identifier) {
        if let Some(parts) = self.parts.remove(identifier) {
            self.discount(&parts);
        }
    }

    /// Where `identifier` stands in `want`, or would, and whether it does.
    fn wanted(&self, identifier: Identifier) -> (usize, bool) {
        let mut low = 0;
        let mut high = self.want.len();
        while low < high {
            let middle = low + (high - low) / 2;
            match self.want.get(middle) {
                Some(entry) if entry.0 < identifier => low = middle + 1,
                _ => high = middle,
            }
        }
        match self.want.get(low) {
            Some(entry) => (low, entry.0 == identifier),
            None => (low, false),
        }
    }

    /// Drops all parts of identifiers whose content is here.
    fn drop_settled(&mut self, pre_order: &pre_order::State) {
        let mut id = 0u16;
        for column in &pre_order.columns {
            id = match id.checked_add(1) {
                Some(id) => id,
                None => break,
            };
            let originator = ReplicaId(id);
            while let Some(parts) = self.parts.take_first(originator, column.aru) {
                self.discount(&parts);
            }
            let mut settled = Vec::new();
            if let Some(ring) = self.parts.known_ring_mut(originator) {
                let mut kept = 0;
                for at in 0..ring.places.len() {
                    let place = match ring.places.get(at) {
                        Some(place) => *place,
                        None => break,
                    };
                    if certified(column.slots.get(&place.seq)) {
                        settled.push(place.handle);
                        continue;
                    }
                    if let Some(to) = ring.places.get_mut(kept) {
                        *to = place;
                    }
                    kept += 1;
                }
                ring.places.truncate(kept);
            }
            for handle in settled {
                if let Some(parts) = self.parts.release(handle) {
                    self.discount(&parts);
                }
            }
        }
    }

    /// Whether a sender may not have one more part of so many bytes.
    fn over(&self, row: usize, bytes: usize) -> bool {
        match self.held.get(row) {
            Some(held) => {
                held.parts >= MAX_HELD || held.bytes.saturating_add(bytes) > MAX_HELD_BYTES
            }
            None => false,
        }
    }
}

fn certified(slot: Option<&PoSlot>) -> bool {
    match slot {
        Some(slot) => slot.certified.is_some(),
        None => false,
    }
}

/// Drops everything about numbers up to `covered`.
pub fn forget(state: &mut State, covered: &[PoSeq]) {
    let mut id = 0u16;
    for floor in covered {
        id = match id.checked_add(1) {
            Some(id) => id,
            None => break,
        };
        let originator = ReplicaId(id);
        while state.archive.take_first(originator, *floor).is_some() {}
        while state.sent.take_first(originator, *floor).is_some() {}
        while let Some(parts) = state.parts.take_first(originator, *floor) {
            state.discount(&parts);
        }
    }
    let mut kept = 0;
    for at in 0..state.want.len() {
        let entry = match state.want.get(at) {
            Some(entry) => *entry,
            None => break,
        };
        let (originator, seq) = entry.0;
        if let Some(row) = row_of(originator)
            && let Some(floor) = covered.get(row)
            && seq <= *floor
        {
            continue;
        }
        if let Some(to) = state.want.get_mut(kept) {
            *to = entry;
        }
        kept += 1;
    }
    state.want.truncate(kept);
}

/// Numbers of one originator of which `me` is among the senders: above the first, up to the second.
fn turn(
    config: &Config,
    matrix: &Matrix,
    me: ReplicaId,
    originator: ReplicaId,
) -> (PoSeq, PoSeq) {
    if !config.is_replica(me) {
        return (PoSeq(0), PoSeq(0));
    }
    let mut lower = Vec::with_capacity(usize::from(me.0));
    for server in config.replicas() {
        if server >= me {
            break;
        }
        lower.push(matrix.acknowledged(server, originator));
    }
    // Where Q servers before this one acknowledge, it is none of the first Q.
    lower.sort_unstable();
    let mut floor = PoSeq(0);
    let quorum = config.quorum();
    if quorum == 0 {
        return (floor, floor);
    }
    if lower.len() >= quorum
        && let Some(enough) = lower.get(lower.len() - quorum)
    {
        floor = *enough;
    }
    (floor, matrix.acknowledged(me, originator))
}

/// Sends this server's parts of what a Pre-Prepare would make eligible.
pub fn on_eligible(
    state: &mut State,
    config: &Config,
    pre_order: &pre_order::State,
    matrix: &Matrix,
    old: &[PoSeq],
    new: &[PoSeq],
    effects: &mut Effects,
) {
    for originator in config.replicas() {
        let row = usize::from(originator.0) - 1;
        let (mut low, mut high) = match (old.get(row), new.get(row)) {
            (Some(old), Some(new)) if old < new => (*old, *new),
            _ => continue,
        };
        let column = match pre_order.columns.get(row) {
            Some(column) => column,
            None => continue,
        };
        if column.slots.is_empty() {
            continue;
        }
        let (above, upto) = turn(config, matrix, state.me, originator);
        if above > low {
            low = above;
        }
        if upto < high {
            high = upto;
        }
        if low >= high {
            continue;
        }
        for (seq, slot) in column.slots.range((Bound::Excluded(low), Bound::Included(high))) {
            let identifier = (originator, *seq);
            let receivers = receivers(state, config, pre_order, identifier, slot);
            if receivers == 0 {
                continue;
            }
            let content = match pre_order::content(slot) {
                Some(content) => content,
                None => continue,
            };
            let message = match part_message(config, state.me, originator, &content) {
                Some(message) => message,
                None => continue,
            };
            match state.sent.get_mut(identifier) {
                Some(sent) => sent.servers |= receivers,
                None => {
                    let sent = Receivers { servers: receivers, others: Vec::new() };
                    state.sent.put(identifier, sent);
                }
            }
            let mut rest = receivers;
            while rest != 0 {
                let receiver = ReplicaId(rest.trailing_zeros() as u16 + 1);
                effects.send(To::One(receiver), message.clone());
                rest &= rest - 1;
            }
        }
    }
}

/// Who needs a part and was not sent one.
fn receivers(
    state: &State,
    config: &Config,
    pre_order: &pre_order::State,
    identifier: Identifier,
    slot: &PoSlot,
) -> u64 {
    let certified = match slot.certified {
        Some(certified) => certified,
        None => return 0,
    };
    let (originator, seq) = identifier;
    let column = usize::from(originator.0) - 1;
    let before = match state.sent.get(identifier) {
        Some(sent) => sent.servers,
        None => 0,
    };
    let mut receivers = 0;
    for receiver in config.replicas() {
        let own = bit(receiver);
        if receiver == pre_order.me || receiver == originator || before & own != 0 {
            continue;
        }
        let mut known = PoSeq(0);
        if let Some(Some(row)) = pre_order.rows.get(usize::from(receiver.0) - 1)
            && let Some(entry) = row.body().vec.get(column)
        {
            known = *entry;
        }
        if known >= seq {
            continue;
        }
        match slot.acks.get(&receiver) {
            Some(digest) if *digest == certified => {}
            _ => receivers |= own,
        }
    }
    receivers
}

/// Why a part is not held, whatever is held already, if so.
fn unfit(config: &Config, row: Option<usize>, body: &Recon) -> bool {
    let length = body.length as usize;
    if length == 0
        || length > MAX_BODY
        || body.part.len() != part_length(config, length)
        || body.path.len() != path_length(config)
    {
        return true;
    }
    let row = match row {
        Some(row) if row < usize::from(config.n) => row as u32,
        _ => return true,
    };
    merkle::fold(part_leaf(&body.part), row, &body.path) != Some(body.root)
}

/// Keeps a part, and returns the content once f+1 servers say the same about it.
pub fn on_recon(
    state: &mut State,
    config: &Config,
    pre_order: &pre_order::State,
    message: &Verified<Recon>,
    effects: &mut Effects,
) -> Option<Content> {
    let sender = message.signer();
    let body = message.body();
    let identifier = (body.originator, body.seq);
    let row = row_of(sender);
    let mut reason = None;
    if !config.is_replica(body.originator) {
        reason = Some(Reject::Invalid);
    } else {
        let mut aru = PoSeq(0);
        let mut retired = PoSeq(0);
        let mut bound = false;
        if let Some(column) = pre_order.columns.get(usize::from(body.originator.0) - 1) {
            aru = column.aru;
            retired = column.retired;
            bound = body.seq > aru && certified(column.slots.get(&body.seq));
        }
        if body.seq <= aru || bound {
            reason = Some(Reject::Stale);
        } else if body.seq.0 > retired.0.saturating_add(config.windows.preorder) {
            reason = Some(Reject::BeyondWindow);
        }
    }
    if reason.is_none()
        && let Some(row) = row
        && let Some(parts) = state.parts.get(identifier)
        && let Some(held) = parts.of(row)
    {
        let equal = held.digest() == message.digest();
        reason = Some(if equal { Reject::Duplicate } else { Reject::Equivocation });
    }
    if reason.is_none() && unfit(config, row, body) {
        reason = Some(Reject::Invalid);
    }
    let row = match row {
        Some(row) => row,
        None => 0,
    };
    if reason.is_none() && state.held.get(row).is_none() {
        reason = Some(Reject::NotEntitled);
    }
    if reason.is_none() && state.over(row, body.part.len()) && !state.wanted(identifier).1 {
        state.drop_settled(pre_order);
        if state.over(row, body.part.len()) {
            reason = Some(Reject::Full);
        }
    }
    if let Some(reason) = reason {
        effects.reject(sender, reason);
        return None;
    }
    state.hold(identifier, row, message);
    let enough = config.one_correct();
    let parts = state.parts.get(identifier)?;
    if parts.count(body) != enough {
        return None;
    }
    let group = parts.group(body);
    let content = match decode(config, body, &group) {
        Some(content) => content,
        None => {
            effects.reject(None::<ReplicaId>, Reject::Invalid);
            return None;
        }
    };
    state.drop_parts(identifier);
    for part in group {
        effects.persist(Record::Held(Incoming::from(part.message)));
    }
    Some(content)
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
    let sender = message.signer();
    let identifier = (message.body().originator, message.body().seq);
    if !config.is_replica(identifier.0) {
        effects.reject(sender, Reject::Invalid);
        return;
    }
    let mut content = None;
    if let Some(column) = pre_order.columns.get(usize::from(identifier.0.0) - 1)
        && let Some(slot) = column.slots.get(&identifier.1)
    {
        content = pre_order::content(slot);
    }
    if content.is_none()
        && let Some(archived) = state.archive.get(identifier)
    {
        content = Some(archived.clone());
    }
    let content = match content {
        Some(content) => content,
        None => {
            effects.reject(None::<ReplicaId>, Reject::Premature);
            return;
        }
    };
    let mut answers = None;
    if let Some(row) = row_of(sender) {
        answers = state.answered.get_mut(row);
    }
    let answers = match answers {
        Some(answers) => answers,
        None => {
            effects.reject(sender, Reject::NotEntitled);
            return;
        }
    };
    let mut at = 0;
    let mut total = Some(0u64);
    let mut asked = false;
    while let Some(answer) = answers.get(at) {
        if answer.at.0.saturating_add(config.timing.retransmit) <= now.0 {
            answers.swap_remove(at);
            continue;
        }
        if answer.about == identifier {
            asked = true;
        }
        total = match total {
            Some(sum) => sum.checked_add(answer.bytes),
            None => None,
        };
        at += 1;
    }
    if asked {
        effects.reject(sender, Reject::Duplicate);
        return;
    }
    let bytes = part_length(config, encoded_length(&content.body)) as u64;
    total = match total {
        Some(sum) => sum.checked_add(bytes),
        None => None,
    };
    let fits = match total {
        Some(sum) => sum <= MAX_ANSWER_BYTES,
        None => false,
    };
    if answers.len() >= MAX_ANSWERS || !fits {
        effects.reject(sender, Reject::Full);
        return;
    }
    if let Some(part) = part_message(config, state.me, identifier.0, &content) {
        answers.push(Answer { about: identifier, at: now, bytes });
        effects.send(To::One(sender), part);
    }
}

/// Takes one record of the log.
pub fn recover(
    state: &mut State,
    config: &Config,
    record: &Record<Prime>,
) -> Option<(ReplicaId, Content)> {
    let message = match record {
        Record::Held(Incoming::Recon(message)) => message,
        _ => return None,
    };
    let body = message.body();
    let identifier = (body.originator, body.seq);
    if !config.is_replica(body.originator) {
        return None;
    }
    let row = row_of(message.signer())?;
    state.held.get(row)?;
    if let Some(parts) = state.parts.get(identifier)
        && parts.of(row).is_some()
    {
        return None;
    }
    state.hold(identifier, row, message);
    let parts = state.parts.get(identifier)?;
    if parts.count(body) != config.one_correct() {
        return None;
    }
    let content = decode(config, body, &parts.group(body))?;
    state.drop_parts(identifier);
    Some((body.originator, content))
}

/// Asks everybody for content without which execution cannot go on.
pub fn request_missing(
    state: &mut State,
    config: &Config,
    now: Time,
    missing: &[Identifier],
    effects: &mut Effects,
) {
    let missing = match missing.get(..MAX_WANTED) {
        Some(first) => first,
        None => missing,
    };
    let mut kept = Vec::with_capacity(missing.len());
    for identifier in missing {
        let (place, known) = state.wanted(*identifier);
        if known && let Some(entry) = state.want.get(place) {
            kept.push(*entry);
        }
    }
    kept.sort_unstable();
    kept.dedup();
    state.want = kept;
    let next = Time(now.0.saturating_add(config.timing.retransmit));
    for identifier in missing {
        let (place, known) = state.wanted(*identifier);
        if known {
            match state.want.get_mut(place) {
                Some(entry) if entry.1 <= now => entry.1 = next,
                _ => continue,
            }
        } else {
            state.want.insert(place, (*identifier, next));
        }
        effects.send(
            To::Others,
            ReconRequest { originator: identifier.0, seq: identifier.1 },
        );
    }
}

/// Moves executed content of `originator` to the archive.
pub fn retire(state: &mut State, originator: ReplicaId, content: &Content) {
    let identifier = (originator, content.body.seq);
    state.archive.put(identifier, content.clone());
    state.drop_parts(identifier);
    state.sent.remove(identifier);
    let (place, known) = state.wanted(identifier);
    if known {
        state.want.remove(place);
    }
}
