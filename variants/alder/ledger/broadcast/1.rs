//! Reliable broadcast, dense: entries in arenas, one for each of the two views that may be
//! remembered, found by a table of three levels (64 originators a page, a row each, numbers up to
//! `MAX_REPLAY`) whose occupied places are bits of words. Votes are digests with the set of the
//! servers that name them as the bits of one word. What fits nowhere there (only a log or an odd
//! state has such) is in a third arena, by a sorted list of handles.

use prime::broadcast::model;
use prime::broadcast::model::{AHEAD, ANSWERS, Effects, Tag, UNANNOUNCED};
use std::collections::BTreeMap;
use wire::prime::{Body, Incoming, MAX_REPLAY, Payload, Prime, RbEcho, RbInit, RbReady, RbRequest};
use wire::{Config, Digest, Effect, Record, Reject, ReplicaId, Time, To, Verified, View};

/// Highest number that a table has a place for.
const TOP: u32 = MAX_REPLAY as u32;
/// Words for the numbers 0 to `TOP`.
const WORDS: usize = MAX_REPLAY / 64 + 1;
/// Pages for all originators that an id can name.
const PAGES: usize = 1024;
/// Words for the pages.
const PAGE_WORDS: usize = PAGES / 64;
/// Most entries said again at once.
const AGAIN: usize = 128;
/// The arena of what has no place in a table.
const LOOSE: usize = 2;

/// The bit of a server; 0 for ids that have none.
const fn bit(id: ReplicaId) -> u64 {
    if id.0 >= 1 && id.0 <= 64 { 1u64 << (id.0 - 1) } else { 0 }
}

/// The lowest place at or after `from` of which the bit is set.
fn next_bit(words: &[u64], from: usize) -> Option<usize> {
    let mut at = from / 64;
    let mut mask = u64::MAX << (from % 64);
    while let Some(word) = words.get(at) {
        let rest = *word & mask;
        if rest != 0 {
            return Some(at * 64 + rest.trailing_zeros() as usize);
        }
        mask = u64::MAX;
        at += 1;
    }
    None
}

fn set_bit(words: &mut [u64], place: usize) {
    if let Some(word) = words.get_mut(place / 64) {
        *word |= 1u64 << (place % 64);
    }
}

/// A digest and who names it.
#[derive(Clone, Copy)]
struct Choice {
    digest: Digest,
    /// Servers 1 to 64.
    servers: u64,
    /// How many name it, those without a bit included.
    named: usize,
}

/// One vote a server.
#[derive(Clone, Default)]
struct Votes {
    /// Whoever of 1 to 64 voted.
    all: u64,
    /// Each digest once.
    choices: Vec<Choice>,
    /// Voters without a bit, ascending, with the place of their choice.
    strays: Vec<(ReplicaId, usize)>,
}

impl Votes {
    /// Where `id` stands, or would, among the strays.
    fn stray_place(&self, id: ReplicaId) -> usize {
        let mut low = 0;
        let mut high = self.strays.len();
        while low < high {
            let middle = low + (high - low) / 2;
            match self.strays.get(middle) {
                Some(entry) if entry.0 < id => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    fn has(&self, id: ReplicaId) -> bool {
        let own = bit(id);
        if own != 0 {
            return self.all & own != 0;
        }
        match self.strays.get(self.stray_place(id)) {
            Some(entry) => entry.0 == id,
            None => false,
        }
    }

    fn of(&self, id: ReplicaId) -> Option<Digest> {
        let own = bit(id);
        if own == 0 {
            let entry = self.strays.get(self.stray_place(id))?;
            if entry.0 != id {
                return None;
            }
            return Some(self.choices.get(entry.1)?.digest);
        }
        if self.all & own == 0 {
            return None;
        }
        for choice in &self.choices {
            if choice.servers & own != 0 {
                return Some(choice.digest);
            }
        }
        None
    }

    /// Adds the vote of one who has none.
    fn add(&mut self, id: ReplicaId, digest: Digest) {
        let own = bit(id);
        let mut place = self.choices.len();
        let mut at = 0;
        for choice in &self.choices {
            if choice.digest == digest {
                place = at;
                break;
            }
            at += 1;
        }
        if place == self.choices.len() {
            self.choices.push(Choice { digest, servers: 0, named: 0 });
        }
        if let Some(choice) = self.choices.get_mut(place) {
            choice.servers |= own;
            choice.named += 1;
        }
        self.all |= own;
        if own == 0 {
            let stray = self.stray_place(id);
            self.strays.insert(stray, (id, place));
        }
    }

    /// The lowest digest that at least `least` name, if it is below `than`.
    fn lowest(&self, least: usize, than: Option<Digest>) -> Option<Digest> {
        let mut found = than;
        for choice in &self.choices {
            if choice.named < least {
                continue;
            }
            match found {
                Some(lower) if lower <= choice.digest => {}
                _ => found = Some(choice.digest),
            }
        }
        found
    }

    fn make(votes: &BTreeMap<ReplicaId, Digest>) -> Self {
        let mut made = Self::default();
        for (id, digest) in votes {
            made.add(*id, *digest);
        }
        made
    }

    fn map(&self) -> BTreeMap<ReplicaId, Digest> {
        let mut map = BTreeMap::new();
        for choice in &self.choices {
            let mut rest = choice.servers;
            while rest != 0 {
                map.insert(ReplicaId(rest.trailing_zeros() as u16 + 1), choice.digest);
                rest &= rest - 1;
            }
        }
        for (id, place) in &self.strays {
            if let Some(choice) = self.choices.get(*place) {
                map.insert(*id, choice.digest);
            }
        }
        map
    }
}

/// What is known of one broadcast.
#[derive(Clone)]
struct Entry {
    tag: Tag,
    init: Option<Verified<RbInit>>,
    echoes: Votes,
    readies: Votes,
    echoed: Option<Digest>,
    readied: Option<Digest>,
    decided: Option<Digest>,
    delivered: bool,
}

impl Entry {
    fn new(tag: Tag) -> Self {
        Self {
            tag,
            init: None,
            echoes: Votes::default(),
            readies: Votes::default(),
            echoed: None,
            readied: None,
            decided: None,
            delivered: false,
        }
    }

    fn make(tag: Tag, instance: &model::Instance) -> Self {
        Self {
            tag,
            init: instance.init.clone(),
            echoes: Votes::make(&instance.echoes),
            readies: Votes::make(&instance.readies),
            echoed: instance.echoed,
            readied: instance.readied,
            decided: instance.decided,
            delivered: instance.delivered,
        }
    }

    fn instance(&self) -> model::Instance {
        model::Instance {
            init: self.init.clone(),
            echoes: self.echoes.map(),
            readies: self.readies.map(),
            echoed: self.echoed,
            readied: self.readied,
            decided: self.decided,
            delivered: self.delivered,
        }
    }

    /// The digest of the Init held.
    fn init_digest(&self) -> Option<Digest> {
        match &self.init {
            Some(init) => Some(init.digest()),
            None => None,
        }
    }

    fn echo(&self, digest: Digest) -> RbEcho {
        RbEcho { originator: self.tag.originator, view: self.tag.view, seq: self.tag.seq, digest }
    }

    fn ready(&self, digest: Digest) -> RbReady {
        RbReady { originator: self.tag.originator, view: self.tag.view, seq: self.tag.seq, digest }
    }

    fn request(&self, digest: Digest) -> RbRequest {
        RbRequest { originator: self.tag.originator, view: self.tag.view, seq: self.tag.seq, digest }
    }

    /// What is held allows this.
    fn plan(&self, config: &Config) -> Plan {
        let held = self.init_digest();
        let mut plan = Plan::default();
        let mut echoed = self.echoed;
        if echoed.is_none() && held.is_some() {
            plan.echo = held;
            echoed = held;
        }
        if self.readied.is_none() {
            let by_echo = self.echoes.lowest(config.quorum(), None);
            plan.ready = self.readies.lowest(config.one_correct(), by_echo);
        }
        let mut decided = self.decided;
        if decided.is_none() {
            decided = self.readies.lowest(config.quorum(), None);
            plan.decide = decided;
            plan.ask = decided.is_some() && decided != held;
        }
        if decided.is_some() && !self.delivered && decided == held {
            plan.deliver = true;
            plan.keep = echoed != decided;
        }
        plan
    }

    /// Does what was planned.
    fn act(&mut self, plan: Plan, fresh: &mut Vec<Tag>, effects: &mut Effects) {
        if let Some(digest) = plan.echo {
            self.echoed = Some(digest);
            if let Some(init) = &self.init {
                effects.persist(Record::Held(Incoming::from(init.clone())));
            }
            effects.promise(To::All, self.echo(digest));
        }
        if let Some(digest) = plan.ready {
            self.readied = Some(digest);
            effects.promise(To::All, self.ready(digest));
        }
        if let Some(digest) = plan.decide {
            self.decided = Some(digest);
            if plan.ask {
                effects.send(To::Others, self.request(digest));
            }
        }
        if plan.deliver {
            self.delivered = true;
            fresh.push(self.tag);
            if plan.keep
                && let Some(init) = &self.init
            {
                effects.persist(Record::Held(Incoming::from(init.clone())));
            }
        }
    }
}

/// What `advance` does.
#[derive(Clone, Copy, Default)]
struct Plan {
    echo: Option<Digest>,
    ready: Option<Digest>,
    decide: Option<Digest>,
    ask: bool,
    deliver: bool,
    keep: bool,
}

/// The broadcasts of one originator in one view.
#[derive(Clone)]
struct Row {
    held: [u64; WORDS],
    /// By number: the handle of its entry and one; 0 for none.
    slots: Vec<u32>,
}

/// 64 originators.
#[derive(Clone)]
struct Page {
    held: u64,
    rows: [u32; 64],
}

/// One view's broadcasts with numbers up to `TOP`.
#[derive(Clone)]
struct Frame {
    held: [u64; PAGE_WORDS],
    /// By the upper bits of the originator.
    pages: Vec<u32>,
    leaves: Vec<Page>,
    rows: Vec<Row>,
    entries: Vec<Entry>,
}

impl Frame {
    fn new() -> Self {
        Self {
            held: [0; PAGE_WORDS],
            pages: Vec::new(),
            leaves: Vec::new(),
            rows: Vec::new(),
            entries: Vec::new(),
        }
    }

    fn row(&self, originator: usize) -> Option<&Row> {
        let page = originator / 64;
        if *self.held.get(page / 64)? & (1u64 << (page % 64)) == 0 {
            return None;
        }
        let leaf = self.leaves.get(*self.pages.get(page)? as usize)?;
        if leaf.held & (1u64 << (originator % 64)) == 0 {
            return None;
        }
        self.rows.get(*leaf.rows.get(originator % 64)? as usize)
    }

    fn find(&self, originator: ReplicaId, seq: u32) -> Option<usize> {
        let slot = *self.row(usize::from(originator.0))?.slots.get(seq as usize)?;
        if slot == 0 { None } else { Some(slot as usize - 1) }
    }

    /// The lowest originator at or above `from` that has a row.
    fn next_row(&self, from: usize) -> Option<usize> {
        let mut start = from;
        let mut page = next_bit(&self.held, start / 64)?;
        loop {
            if page > start / 64 {
                start = page * 64;
            }
            let leaf = self.leaves.get(*self.pages.get(page)? as usize)?;
            let rest = leaf.held & (u64::MAX << (start % 64));
            if rest != 0 {
                return Some(page * 64 + rest.trailing_zeros() as usize);
            }
            page = next_bit(&self.held, page + 1)?;
        }
    }

    /// The first entry at or after (originator, seq).
    fn next(&self, originator: usize, seq: u32) -> Option<usize> {
        let mut at = self.next_row(originator)?;
        let mut from = if at == originator { seq as usize } else { 0 };
        loop {
            let row = self.row(at)?;
            if let Some(number) = next_bit(&row.held, from) {
                let slot = *row.slots.get(number)?;
                return if slot == 0 { None } else { Some(slot as usize - 1) };
            }
            at = self.next_row(at + 1)?;
            from = 0;
        }
    }

    /// Puts an entry where none is, with a number up to `TOP`; returns its handle.
    fn put(&mut self, entry: Entry) -> usize {
        let originator = usize::from(entry.tag.originator.0);
        let seq = entry.tag.seq as usize;
        let handle = self.entries.len();
        self.entries.push(entry);
        let page = originator / 64;
        if self.pages.len() <= page {
            self.pages.resize(page + 1, 0);
        }
        let known = match self.held.get(page / 64) {
            Some(word) => *word & (1u64 << (page % 64)) != 0,
            None => false,
        };
        if !known {
            set_bit(&mut self.held, page);
            if let Some(leaf) = self.pages.get_mut(page) {
                *leaf = self.leaves.len() as u32;
            }
            self.leaves.push(Page { held: 0, rows: [0; 64] });
        }
        let leaf = match self.pages.get(page) {
            Some(leaf) => *leaf as usize,
            None => return handle,
        };
        let own = 1u64 << (originator % 64);
        if let Some(leaf) = self.leaves.get_mut(leaf)
            && let Some(row) = leaf.rows.get_mut(originator % 64)
        {
            if leaf.held & own == 0 {
                leaf.held |= own;
                *row = self.rows.len() as u32;
                self.rows.push(Row { held: [0; WORDS], slots: Vec::new() });
            }
            if let Some(row) = self.rows.get_mut(*row as usize) {
                if row.slots.len() <= seq {
                    row.slots.resize(seq + 1, 0);
                }
                if let Some(slot) = row.slots.get_mut(seq) {
                    *slot = handle as u32 + 1;
                    set_bit(&mut row.held, seq);
                }
            }
        }
        handle
    }
}

/// Where an entry is: in which arena, under which handle.
#[derive(Clone, Copy)]
struct At {
    arena: usize,
    handle: usize,
}

/// All entries.
#[derive(Clone)]
struct Table {
    view: View,
    /// `view` and the one after it.
    frames: [Frame; 2],
    /// What has no place there.
    loose: Vec<Entry>,
    /// Handles of `loose`, ascending by tag.
    order: Vec<u32>,
}

impl Table {
    fn new(view: View) -> Self {
        Self { view, frames: [Frame::new(), Frame::new()], loose: Vec::new(), order: Vec::new() }
    }

    /// The arena of `tag`.
    fn arena(&self, tag: Tag) -> usize {
        if tag.seq > TOP || tag.view < self.view {
            return LOOSE;
        }
        match tag.view.0 - self.view.0 {
            0 => 0,
            1 => 1,
            _ => LOOSE,
        }
    }

    /// The place in `order` of the first loose entry that is not below `tag`.
    fn loose_place(&self, tag: Tag) -> usize {
        let mut low = 0;
        let mut high = self.order.len();
        while low < high {
            let middle = low + (high - low) / 2;
            let below = match self.loose_at(middle) {
                Some(handle) => match self.loose.get(handle) {
                    Some(entry) => entry.tag < tag,
                    None => false,
                },
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

    fn loose_at(&self, place: usize) -> Option<usize> {
        Some(*self.order.get(place)? as usize)
    }

    fn find(&self, tag: Tag) -> Option<At> {
        let arena = self.arena(tag);
        if let Some(frame) = self.frames.get(arena) {
            let handle = frame.find(tag.originator, tag.seq)?;
            return Some(At { arena, handle });
        }
        let handle = self.loose_at(self.loose_place(tag))?;
        if self.loose.get(handle)?.tag != tag {
            return None;
        }
        Some(At { arena, handle })
    }

    fn get(&self, at: At) -> Option<&Entry> {
        match self.frames.get(at.arena) {
            Some(frame) => frame.entries.get(at.handle),
            None => self.loose.get(at.handle),
        }
    }

    fn get_mut(&mut self, at: At) -> Option<&mut Entry> {
        match self.frames.get_mut(at.arena) {
            Some(frame) => frame.entries.get_mut(at.handle),
            None => self.loose.get_mut(at.handle),
        }
    }

    fn of(&self, tag: Tag) -> Option<&Entry> {
        let at = self.find(tag)?;
        self.get(at)
    }

    /// Puts an entry where none is.
    fn put(&mut self, entry: Entry) -> At {
        let arena = self.arena(entry.tag);
        if let Some(frame) = self.frames.get_mut(arena) {
            return At { arena, handle: frame.put(entry) };
        }
        let place = self.loose_place(entry.tag);
        let handle = self.loose.len();
        self.order.insert(place, handle as u32);
        self.loose.push(entry);
        At { arena, handle }
    }

    /// Where `tag` is, made if need be.
    fn place(&mut self, tag: Tag) -> At {
        match self.find(tag) {
            Some(at) => at,
            None => self.put(Entry::new(tag)),
        }
    }

    /// The first entry of `view` at or after (originator, seq).
    fn next(&self, originator: usize, seq: u32) -> Option<At> {
        let mut found = None;
        let mut lowest = None;
        if let Some(frame) = self.frames.first()
            && let Some(handle) = frame.next(originator, seq)
            && let Some(entry) = frame.entries.get(handle)
        {
            found = Some(At { arena: 0, handle });
            lowest = Some(entry.tag);
        }
        if self.order.is_empty() || originator > usize::from(u16::MAX) {
            return found;
        }
        let from = Tag { view: self.view, originator: ReplicaId(originator as u16), seq };
        if let Some(handle) = self.loose_at(self.loose_place(from))
            && let Some(entry) = self.loose.get(handle)
            && entry.tag.view == self.view
        {
            match lowest {
                Some(tag) if tag < entry.tag => {}
                _ => found = Some(At { arena: LOOSE, handle }),
            }
        }
        found
    }

    /// The first entry of `view` after `tag`.
    fn after(&self, tag: Tag) -> Option<At> {
        let originator = usize::from(tag.originator.0);
        match tag.seq.checked_add(1) {
            Some(seq) => self.next(originator, seq),
            None => self.next(originator + 1, 0),
        }
    }

    fn enter(&mut self, view: View) {
        let before = self.view;
        let mut ahead = Frame::new();
        if let Some(frame) = self.frames.get_mut(1) {
            ahead = std::mem::replace(frame, ahead);
        }
        if let Some(frame) = self.frames.get_mut(0) {
            *frame = if view.0 - before.0 == 1 { ahead } else { Frame::new() };
        }
        self.view = view;
        if self.loose.is_empty() {
            return;
        }
        self.order.clear();
        for entry in std::mem::take(&mut self.loose) {
            if entry.tag.view >= view {
                self.put(entry);
            }
        }
    }
}

/// All that broadcasting remembers.
#[derive(Clone)]
pub struct State {
    me: ReplicaId,
    table: Table,
    fresh: Vec<Tag>,
    /// Ascending by number, each once.
    promised: Vec<(u32, RbInit)>,
    /// By server.
    answered: Vec<(Time, u32)>,
    retransmit_at: Time,
    cursor: Option<Tag>,
}

impl State {
    /// A state for an abstract one.
    pub fn from_abstract(state: &model::State) -> Self {
        let mut table = Table::new(state.view);
        for (tag, instance) in &state.instances {
            table.put(Entry::make(*tag, instance));
        }
        let mut promised = Vec::with_capacity(state.promised.len());
        for (number, init) in &state.promised {
            promised.push((*number, init.clone()));
        }
        Self {
            me: state.me,
            table,
            fresh: state.fresh.clone(),
            promised,
            answered: state.answered.clone(),
            retransmit_at: state.retransmit_at,
            cursor: state.cursor,
        }
    }

    /// The abstract state.
    pub fn to_abstract(&self) -> model::State {
        let mut instances = BTreeMap::new();
        for frame in &self.table.frames {
            for entry in &frame.entries {
                instances.insert(entry.tag, entry.instance());
            }
        }
        for entry in &self.table.loose {
            instances.insert(entry.tag, entry.instance());
        }
        model::State {
            me: self.me,
            view: self.table.view,
            instances,
            fresh: self.fresh.clone(),
            promised: self.promised(),
            answered: self.answered.clone(),
            retransmit_at: self.retransmit_at,
            cursor: self.cursor,
        }
    }

    /// Nothing known, nothing broadcast.
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        Self {
            me,
            table: Table::new(View(0)),
            fresh: Vec::new(),
            promised: Vec::new(),
            answered: vec![(Time(0), 0); config.size()],
            retransmit_at: Time(0),
            cursor: None,
        }
    }

    /// The preinstalled view.
    pub const fn view(&self) -> View {
        self.table.view
    }

    /// When unfinished broadcasts are said again.
    pub const fn retransmit_at(&self) -> Time {
        self.retransmit_at
    }

    /// Own Inits that the log promised.
    pub fn promised(&self) -> BTreeMap<u32, RbInit> {
        let mut map = BTreeMap::new();
        for (number, init) in &self.promised {
            map.insert(*number, init.clone());
        }
        map
    }

    /// `init`, promised just now, enters `promised`.
    pub fn add_promised(&mut self, init: RbInit) {
        let number = init.seq;
        let mut low = 0;
        let mut high = self.promised.len();
        // Numbers mostly ascend.
        match self.promised.last() {
            Some(last) if last.0 < number => low = high,
            _ => {}
        }
        while low < high {
            let middle = low + (high - low) / 2;
            match self.promised.get(middle) {
                Some(entry) if entry.0 < number => low = middle + 1,
                _ => high = middle,
            }
        }
        match self.promised.get_mut(low) {
            Some(entry) if entry.0 == number => entry.1 = init,
            _ => self.promised.insert(low, (number, init)),
        }
    }

    fn enter(&mut self, view: View) {
        if view <= self.table.view {
            return;
        }
        self.table.enter(view);
        self.fresh.clear();
        self.promised.clear();
        self.cursor = None;
    }

    /// Why nothing about `tag` may be remembered, if so.
    fn outside(&self, tag: Tag) -> Option<Reject> {
        if tag.view < self.table.view {
            return Some(Reject::Stale);
        }
        if tag.view.0 > self.table.view.0.saturating_add(AHEAD) {
            return Some(Reject::BeyondWindow);
        }
        if tag.seq <= UNANNOUNCED {
            return None;
        }
        let mut allowance = UNANNOUNCED;
        let first = Tag { view: tag.view, originator: tag.originator, seq: 0 };
        if let Some(entry) = self.table.of(first)
            && let Some(init) = &entry.init
            && let Payload::Report(report) = &init.body().payload
            && report.count > allowance
        {
            allowance = report.count;
        }
        if allowance > TOP {
            allowance = TOP;
        }
        if tag.seq > allowance { Some(Reject::BeyondWindow) } else { None }
    }

    fn advance(&mut self, config: &Config, at: At, effects: &mut Effects) {
        let view = self.table.view;
        if let Some(entry) = self.table.get_mut(at)
            && entry.tag.view == view
        {
            let plan = entry.plan(config);
            entry.act(plan, &mut self.fresh, effects);
        }
    }

    fn advance_all(&mut self, config: &Config, effects: &mut Effects) {
        let mut next = self.table.next(0, 0);
        while let Some(at) = next {
            self.advance(config, at, effects);
            next = match self.table.get(at) {
                Some(entry) => self.table.after(entry.tag),
                None => None,
            };
        }
    }
}

/// Why a vote is not counted, if so.
fn refused(votes: &Votes, signer: ReplicaId, digest: Digest) -> Option<Reject> {
    let held = votes.of(signer)?;
    Some(if held == digest { Reject::Duplicate } else { Reject::Equivocation })
}

/// Counts an Echo of its signer.
pub fn on_rb_echo(
    state: &mut State,
    config: &Config,
    message: &Verified<RbEcho>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    let tag = Tag { view: body.view, originator: body.originator, seq: body.seq };
    let found = state.table.find(tag);
    let mut reason = state.outside(tag);
    if reason.is_none()
        && let Some(at) = found
        && let Some(entry) = state.table.get(at)
    {
        reason = refused(&entry.echoes, signer, body.digest);
    }
    if let Some(reason) = reason {
        effects.reject(signer, reason);
        return;
    }
    let at = match found {
        Some(at) => at,
        None => state.table.put(Entry::new(tag)),
    };
    if let Some(entry) = state.table.get_mut(at) {
        entry.echoes.add(signer, body.digest);
    }
    state.advance(config, at, effects);
}

/// Takes an Init of its signer.
pub fn on_rb_init(
    state: &mut State,
    config: &Config,
    message: &Verified<RbInit>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let digest = message.digest();
    let tag = Tag { view: message.body().view, originator: signer, seq: message.body().seq };
    let found = state.table.find(tag);
    let mut reason = state.outside(tag);
    if reason.is_none()
        && let Some(at) = found
        && let Some(entry) = state.table.get(at)
        && let Some(held) = entry.init_digest()
    {
        if held == digest {
            reason = Some(Reject::Duplicate);
        } else if entry.decided != Some(digest) {
            reason = Some(Reject::Equivocation);
        }
    }
    if let Some(reason) = reason {
        effects.reject(signer, reason);
        return;
    }
    let at = match found {
        Some(at) => at,
        None => state.table.put(Entry::new(tag)),
    };
    if let Some(entry) = state.table.get_mut(at) {
        entry.init = Some(message.clone());
    }
    state.advance(config, at, effects);
}

/// Counts a Ready of its signer.
pub fn on_rb_ready(
    state: &mut State,
    config: &Config,
    message: &Verified<RbReady>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    let tag = Tag { view: body.view, originator: body.originator, seq: body.seq };
    let found = state.table.find(tag);
    let mut reason = state.outside(tag);
    if reason.is_none()
        && let Some(at) = found
        && let Some(entry) = state.table.get(at)
    {
        reason = refused(&entry.readies, signer, body.digest);
    }
    if let Some(reason) = reason {
        effects.reject(signer, reason);
        return;
    }
    let at = match found {
        Some(at) => at,
        None => state.table.put(Entry::new(tag)),
    };
    if let Some(entry) = state.table.get_mut(at) {
        entry.readies.add(signer, body.digest);
    }
    state.advance(config, at, effects);
}

/// Answers an RbRequest of its signer.
pub fn on_rb_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<RbRequest>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    let tag = Tag { view: body.view, originator: body.originator, seq: body.seq };
    if signer == state.me {
        return;
    }
    let init = match state.table.of(tag) {
        Some(entry) => match &entry.init {
            Some(init) if init.digest() == body.digest => init.clone(),
            _ => return,
        },
        None => return,
    };
    let mut answered = None;
    if signer.0 >= 1 {
        answered = state.answered.get_mut(usize::from(signer.0) - 1);
    }
    let answered = match answered {
        Some(answered) => answered,
        None => {
            effects.reject(signer, Reject::NotEntitled);
            return;
        }
    };
    let over = answered.1 == 0 || now.0 >= answered.0.0.saturating_add(config.timing.retransmit);
    if !over && answered.1 >= ANSWERS {
        effects.reject(signer, Reject::Full);
        return;
    }
    if over {
        *answered = (now, 1);
    } else {
        answered.1 += 1;
    }
    effects.push(Effect::Relay { to: To::One(signer), message: Incoming::from(init) });
}

/// Takes one record of the log.
pub fn recover(state: &mut State, _config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(Body::RbInit(init)) => {
            state.enter(init.view);
            if init.view == state.table.view {
                state.add_promised(init.clone());
            }
        }
        Record::Promise(Body::InstallCertificate(install)) => {
            state.enter(install.replay.body.constraint.view);
        }
        Record::Promise(Body::RbEcho(echo)) => {
            if echo.view != state.table.view {
                return;
            }
            let at = state.table.place(Tag {
                view: echo.view,
                originator: echo.originator,
                seq: echo.seq,
            });
            if let Some(entry) = state.table.get_mut(at) {
                entry.echoed = Some(echo.digest);
            }
        }
        Record::Promise(Body::RbReady(ready)) => {
            if ready.view != state.table.view {
                return;
            }
            let at = state.table.place(Tag {
                view: ready.view,
                originator: ready.originator,
                seq: ready.seq,
            });
            if let Some(entry) = state.table.get_mut(at) {
                entry.readied = Some(ready.digest);
            }
        }
        Record::Held(Incoming::RbInit(init)) => {
            if init.body().view != state.table.view {
                return;
            }
            let at = state.table.place(Tag {
                view: init.body().view,
                originator: init.signer(),
                seq: init.body().seq,
            });
            if let Some(entry) = state.table.get_mut(at) {
                entry.init = Some(init.clone());
            }
        }
        _ => {}
    }
}

/// Says again what the log promised.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    for (_, init) in std::mem::take(&mut state.promised) {
        effects.send(To::All, init);
    }
    let mut next = state.table.next(0, 0);
    while let Some(at) = next {
        let entry = match state.table.get(at) {
            Some(entry) => entry,
            None => break,
        };
        if let Some(digest) = entry.echoed {
            effects.send(To::All, entry.echo(digest));
        }
        if let Some(digest) = entry.readied {
            effects.send(To::All, entry.ready(digest));
        }
        next = state.table.after(entry.tag);
    }
    state.advance_all(config, effects);
}

/// Whether the Ready of some other server is not held.
fn lacks_ready(entry: &Entry, config: &Config, me: ReplicaId) -> bool {
    for server in config.replicas() {
        if server != me && !entry.readies.has(server) {
            return true;
        }
    }
    false
}

/// Says one entry again.
fn say(entry: &Entry, config: &Config, me: ReplicaId, effects: &mut Effects) {
    if entry.tag.originator == me
        && let Some(init) = &entry.init
    {
        for server in config.replicas() {
            if server != me && !entry.echoes.has(server) {
                let message = Incoming::from(init.clone());
                effects.push(Effect::Relay { to: To::One(server), message });
            }
        }
    }
    if let Some(digest) = entry.echoed
        && lacks_ready(entry, config, me)
    {
        effects.send(To::Others, entry.echo(digest));
    }
    if let Some(digest) = entry.readied {
        effects.send(To::Others, entry.ready(digest));
    }
    if let Some(digest) = entry.decided
        && entry.init_digest() != Some(digest)
    {
        effects.send(To::Others, entry.request(digest));
    }
}

/// Says again what was said, now and then.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
    let view = state.table.view;
    let mut next = match state.cursor {
        Some(cursor) if cursor.view == view => state.table.after(cursor),
        Some(cursor) if cursor.view > view => None,
        _ => state.table.next(0, 0),
    };
    let mut wrapped = false;
    let mut first = None;
    let mut taken = 0;
    while taken < AGAIN {
        let at = match next {
            Some(at) => at,
            None if wrapped => break,
            None => {
                wrapped = true;
                next = state.table.next(0, 0);
                continue;
            }
        };
        let entry = match state.table.get(at) {
            Some(entry) => entry,
            None => break,
        };
        if first == Some(entry.tag) {
            break;
        }
        if first.is_none() {
            first = Some(entry.tag);
        }
        say(entry, config, state.me, effects);
        taken += 1;
        state.cursor = Some(entry.tag);
        next = state.table.after(entry.tag);
    }
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
    let mut seq = 0u32;
    for payload in payloads {
        effects.promise(To::All, RbInit { view, seq, payload });
        seq = seq.saturating_add(1);
    }
    if view == state.table.view {
        state.advance_all(config, effects);
    }
}

/// Empties `fresh`: the Inits delivered, in that order.
pub fn take(state: &mut State) -> Vec<Verified<RbInit>> {
    let tags = std::mem::take(&mut state.fresh);
    let mut inits = Vec::with_capacity(tags.len());
    for tag in tags {
        if let Some(entry) = state.table.of(tag)
            && let Some(init) = &entry.init
        {
            inits.push(init.clone());
        }
    }
    inits
}
