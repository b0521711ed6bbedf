//! Broadcasting, kept as logs: each broadcast has a ledger of what happened in it, in the order in
//! which it happened, and a fold of that ledger which every new line is added to. What is decided
//! stands in tables of guards; what follows is drawn up as commands, which [`carry_out`] executes.

use prime::broadcast::model;
use prime::broadcast::model::AHEAD;
use prime::broadcast::model::ANSWERS;
use prime::broadcast::model::Effects;
use prime::broadcast::model::Tag;
use prime::broadcast::model::UNANNOUNCED;
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

/// Most broadcasts said again in one round.
const ROUND: usize = ANSWERS as usize;

// ---- The log of one broadcast ----

/// The two kinds of votes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ballot {
    Echo,
    Ready,
}

/// What may happen in a broadcast.
#[derive(Clone)]
enum Event {
    /// An Init came, the first or the decided one.
    Opened(Verified<RbInit>),
    /// Somebody's vote came.
    Voted(Ballot, ReplicaId, Digest),
    /// The own vote was promised.
    Vowed(Ballot, Digest),
    /// Q Readys name this.
    Decided(Digest),
    /// It was handed out.
    Delivered,
}

/// How many votes of one kind name a digest.
#[derive(Clone)]
struct Tally {
    ballot: Ballot,
    digest: Digest,
    votes: usize,
}

/// What a ledger amounts to.
#[derive(Clone, Default)]
struct Fold {
    init: Option<Verified<RbInit>>,
    echoed: Option<Digest>,
    readied: Option<Digest>,
    decided: Option<Digest>,
    delivered: bool,
    tallies: Vec<Tally>,
}

impl Fold {
    fn add(&mut self, event: &Event) {
        match event {
            Event::Opened(init) => self.init = Some(init.clone()),
            Event::Voted(ballot, _, digest) => {
                let known = self
                    .tallies
                    .iter_mut()
                    .find(|tally| tally.ballot == *ballot && tally.digest == *digest);
                match known {
                    Some(tally) => tally.votes += 1,
                    None => {
                        self.tallies.push(Tally { ballot: *ballot, digest: *digest, votes: 1 });
                    }
                }
            }
            Event::Vowed(Ballot::Echo, digest) => self.echoed = Some(*digest),
            Event::Vowed(Ballot::Ready, digest) => self.readied = Some(*digest),
            Event::Decided(digest) => self.decided = Some(*digest),
            Event::Delivered => self.delivered = true,
        }
    }

    fn opening(&self) -> Option<Digest> {
        self.init.as_ref().map(Verified::digest)
    }

    /// The decided digest, while the Init held is not the decided one.
    fn lacking(&self) -> Option<Digest> {
        self.decided.filter(|digest| self.opening() != Some(*digest))
    }
}

/// The events of one broadcast and their fold.
#[derive(Clone, Default)]
struct Ledger {
    events: Vec<Event>,
    fold: Fold,
}

impl Ledger {
    /// Appends a line. An Init that another follows is struck out, so that a ledger has at most one.
    fn note(&mut self, event: Event) {
        if matches!(event, Event::Opened(_)) && self.fold.init.is_some() {
            self.events.retain(|old| !matches!(old, Event::Opened(_)));
        }
        self.fold.add(&event);
        self.events.push(event);
    }

    /// What `sender` voted.
    fn vote_of(&self, ballot: Ballot, sender: ReplicaId) -> Option<Digest> {
        self.events.iter().find_map(|event| match event {
            Event::Voted(kind, by, digest) if *kind == ballot && *by == sender => Some(*digest),
            _ => None,
        })
    }

    /// Which digest at least `need` votes name; of several that of the lowest sender.
    fn backed(&self, ballot: Ballot, need: usize) -> Option<Digest> {
        let enough = |tally: &&Tally| tally.ballot == ballot && tally.votes >= need;
        let mut found = self.fold.tallies.iter().filter(enough);
        let first = found.next()?;
        if found.next().is_none() {
            return Some(first.digest);
        }
        let backed = |digest: Digest| {
            self.fold.tallies.iter().filter(enough).any(|tally| tally.digest == digest)
        };
        let votes = self.events.iter().filter_map(|event| match event {
            Event::Voted(kind, by, digest) if *kind == ballot && backed(*digest) => {
                Some((*by, *digest))
            }
            _ => None,
        });
        votes.min().map(|(_, digest)| digest)
    }

    fn from_instance(instance: &model::Instance) -> Self {
        let mut ledger = Self::default();
        if let Some(init) = &instance.init {
            ledger.note(Event::Opened(init.clone()));
        }
        for (sender, digest) in &instance.echoes {
            ledger.note(Event::Voted(Ballot::Echo, *sender, *digest));
        }
        for (sender, digest) in &instance.readies {
            ledger.note(Event::Voted(Ballot::Ready, *sender, *digest));
        }
        if let Some(digest) = instance.echoed {
            ledger.note(Event::Vowed(Ballot::Echo, digest));
        }
        if let Some(digest) = instance.readied {
            ledger.note(Event::Vowed(Ballot::Ready, digest));
        }
        if let Some(digest) = instance.decided {
            ledger.note(Event::Decided(digest));
        }
        if instance.delivered {
            ledger.note(Event::Delivered);
        }
        ledger
    }

    fn to_instance(&self) -> model::Instance {
        let mut instance = model::Instance::default();
        for event in &self.events {
            match event {
                Event::Opened(init) => instance.init = Some(init.clone()),
                Event::Voted(Ballot::Echo, by, digest) => {
                    instance.echoes.insert(*by, *digest);
                }
                Event::Voted(Ballot::Ready, by, digest) => {
                    instance.readies.insert(*by, *digest);
                }
                Event::Vowed(Ballot::Echo, digest) => instance.echoed = Some(*digest),
                Event::Vowed(Ballot::Ready, digest) => instance.readied = Some(*digest),
                Event::Decided(digest) => instance.decided = Some(*digest),
                Event::Delivered => instance.delivered = true,
            }
        }
        instance
    }
}

// ---- The state ----

/// The ledgers of all broadcasts, and what belongs to none of them.
#[derive(Clone)]
pub struct State {
    me: ReplicaId,
    view: View,
    ledgers: BTreeMap<Tag, Ledger>,
    /// The log of deliveries, as far as it was not taken.
    fresh: Vec<Tag>,
    promised: BTreeMap<u32, RbInit>,
    answered: Vec<(Time, u32)>,
    retransmit_at: Time,
    cursor: Option<Tag>,
}

impl State {
    /// A state for an abstract one.
    #[must_use]
    pub fn from_abstract(state: &model::State) -> Self {
        let ledger = |(tag, instance): (&Tag, &model::Instance)| {
            (*tag, Ledger::from_instance(instance))
        };
        Self {
            me: state.me,
            view: state.view,
            ledgers: state.instances.iter().map(ledger).collect(),
            fresh: state.fresh.clone(),
            promised: state.promised.clone(),
            answered: state.answered.clone(),
            retransmit_at: state.retransmit_at,
            cursor: state.cursor,
        }
    }

    /// The abstract state.
    #[must_use]
    pub fn to_abstract(&self) -> model::State {
        let instance = |(tag, ledger): (&Tag, &Ledger)| (*tag, ledger.to_instance());
        model::State {
            me: self.me,
            view: self.view,
            instances: self.ledgers.iter().map(instance).collect(),
            fresh: self.fresh.clone(),
            promised: self.promised.clone(),
            answered: self.answered.clone(),
            retransmit_at: self.retransmit_at,
            cursor: self.cursor,
        }
    }

    /// Nothing known, nothing broadcast.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        Self {
            me,
            view: View(0),
            ledgers: BTreeMap::new(),
            fresh: Vec::new(),
            promised: BTreeMap::new(),
            answered: vec![(Time(0), 0); config.size()],
            retransmit_at: Time(0),
            cursor: None,
        }
    }

    /// `view`.
    #[must_use]
    pub const fn view(&self) -> View {
        self.view
    }

    /// `retransmit_at`.
    #[must_use]
    pub const fn retransmit_at(&self) -> Time {
        self.retransmit_at
    }

    /// `promised`. Asked for once, after a restart.
    #[must_use]
    pub fn promised(&self) -> BTreeMap<u32, RbInit> {
        self.promised.clone()
    }

    /// `init`, which was promised just now, enters `promised` under its number, where nothing is.
    pub fn add_promised(&mut self, init: RbInit) {
        self.promised.entry(init.seq).or_insert(init);
    }

    /// Whether `view` was above the own one; then it is entered.
    fn enter(&mut self, view: View) -> bool {
        if view <= self.view {
            return false;
        }
        self.view = view;
        self.ledgers = self.ledgers.split_off(&first_of(view));
        self.fresh.clear();
        self.promised.clear();
        self.cursor = None;
        true
    }

    /// The highest number of `originator`'s that may be remembered in `view`.
    fn allowance(&self, originator: ReplicaId, view: View) -> u32 {
        let opening = Tag { view, originator, seq: 0 };
        let init = self.ledgers.get(&opening).and_then(|ledger| ledger.fold.init.as_ref());
        let announced = match init.map(|init| &init.body().payload) {
            Some(Payload::Report(report)) => report.count,
            Some(Payload::Entry(_)) | None => 0,
        };
        UNANNOUNCED.max(announced).min(u32::try_from(MAX_REPLAY).unwrap_or(u32::MAX))
    }

    /// Why nothing about `tag` may be remembered.
    fn outside(&self, tag: &Tag) -> Option<Reject> {
        OUTSIDE.iter().find(|(holds, _)| holds(self, tag)).map(|(_, reject)| *reject)
    }
}

const fn first_of(view: View) -> Tag {
    Tag { view, originator: ReplicaId(0), seq: 0 }
}

const fn last_of(view: View) -> Tag {
    Tag { view, originator: ReplicaId(u16::MAX), seq: u32::MAX }
}

// ---- Tables ----

/// A condition upon what is known of a tag, and why nothing about it may be remembered then.
type Barrier = (fn(&State, &Tag) -> bool, Reject);

const OUTSIDE: [Barrier; 3] = [
    (|state, tag| tag.view < state.view, Reject::Stale),
    (|state, tag| tag.view.0 > state.view.0.saturating_add(AHEAD), Reject::BeyondWindow),
    (|state, tag| tag.seq > state.allowance(tag.originator, tag.view), Reject::BeyondWindow),
];

/// What a vote meets: what was held of its sender, and what it says.
type Objection = (fn(Option<Digest>, Digest) -> bool, Reject);

const VOTES: [Objection; 2] = [
    (|held, new| held == Some(new), Reject::Duplicate),
    (|held, _| held.is_some(), Reject::Equivocation),
];

/// What an Init meets in its ledger.
type Hindrance = (fn(&Fold, Digest) -> bool, Reject);

const INITS: [Hindrance; 2] = [
    (|fold, new| fold.opening() == Some(new), Reject::Duplicate),
    (|fold, new| fold.init.is_some() && fold.decided != Some(new), Reject::Equivocation),
];

/// A step of a broadcast: for which digest it is due, and what it consists of.
type Step = (fn(&Ledger, &Config) -> Option<Digest>, fn(Tag, Digest, &Ledger) -> Vec<Command>);

/// In this order; each sees what the former did.
const STEPS: [Step; 4] = [
    (may_echo, plan_echo),
    (may_ready, plan_ready),
    (may_decide, plan_decision),
    (may_deliver, plan_delivery),
];

fn may_echo(ledger: &Ledger, _: &Config) -> Option<Digest> {
    match ledger.fold.echoed {
        Some(_) => None,
        None => ledger.fold.opening(),
    }
}

fn plan_echo(tag: Tag, digest: Digest, ledger: &Ledger) -> Vec<Command> {
    let held = ledger.fold.init.iter().map(|init| Command::Log(Record::Held(init.clone().into())));
    let words = vow(tag, Ballot::Echo, digest);
    held.chain(words).collect()
}

fn may_ready(ledger: &Ledger, config: &Config) -> Option<Digest> {
    if ledger.fold.readied.is_some() {
        return None;
    }
    ledger
        .backed(Ballot::Echo, config.quorum())
        .or_else(|| ledger.backed(Ballot::Ready, config.one_correct()))
}

fn plan_ready(tag: Tag, digest: Digest, _: &Ledger) -> Vec<Command> {
    vow(tag, Ballot::Ready, digest).into_iter().collect()
}

fn may_decide(ledger: &Ledger, config: &Config) -> Option<Digest> {
    match ledger.fold.decided {
        Some(_) => None,
        None => ledger.backed(Ballot::Ready, config.quorum()),
    }
}

fn plan_decision(tag: Tag, digest: Digest, ledger: &Ledger) -> Vec<Command> {
    let mut commands = vec![Command::Note(tag, Event::Decided(digest))];
    if ledger.fold.opening() != Some(digest) {
        commands.push(Command::Say(To::Others, request(tag, digest)));
    }
    commands
}

fn may_deliver(ledger: &Ledger, _: &Config) -> Option<Digest> {
    let fold = &ledger.fold;
    fold.decided.filter(|digest| !fold.delivered && fold.opening() == Some(*digest))
}

/// What was echoed is on disk already; another Init must be before anything rests on it.
fn plan_delivery(tag: Tag, digest: Digest, ledger: &Ledger) -> Vec<Command> {
    let unlogged = ledger.fold.init.iter().filter(|_| ledger.fold.echoed != Some(digest));
    let held = unlogged.map(|init| Command::Log(Record::Held(init.clone().into())));
    held.chain([Command::Note(tag, Event::Delivered), Command::Hand(tag)]).collect()
}

// ---- Commands ----

/// What is to be done.
enum Command {
    /// A line of a tag's ledger.
    Note(Tag, Event),
    /// A tag joins those not taken.
    Hand(Tag),
    /// A record of the log on disk.
    Log(Record<Prime>),
    /// To sign and send.
    Say(To, Body),
    /// An Init to pass on.
    Pass(ReplicaId, Verified<RbInit>),
    /// Whose message was dropped, and why.
    Refuse(ReplicaId, Reject),
}

fn carry_out(
    state: &mut State,
    commands: impl IntoIterator<Item = Command>,
    effects: &mut Effects,
) {
    for command in commands {
        match command {
            Command::Note(tag, event) => state.ledgers.entry(tag).or_default().note(event),
            Command::Hand(tag) => state.fresh.push(tag),
            Command::Log(record) => effects.persist(record),
            Command::Say(to, body) => effects.push(Effect::Send { to, body }),
            Command::Pass(to, init) => {
                effects.push(Effect::Relay { to: To::One(to), message: init.into() });
            }
            Command::Refuse(from, reason) => effects.reject(from, reason),
        }
    }
}

fn vote(tag: Tag, ballot: Ballot, digest: Digest) -> Body {
    let Tag { view, originator, seq } = tag;
    match ballot {
        Ballot::Echo => RbEcho { originator, view, seq, digest }.into(),
        Ballot::Ready => RbReady { originator, view, seq, digest }.into(),
    }
}

fn request(tag: Tag, digest: Digest) -> Body {
    let Tag { view, originator, seq } = tag;
    RbRequest { originator, view, seq, digest }.into()
}

/// To promise a vote and to cast it.
fn vow(tag: Tag, ballot: Ballot, digest: Digest) -> [Command; 3] {
    let body = vote(tag, ballot, digest);
    [
        Command::Note(tag, Event::Vowed(ballot, digest)),
        Command::Log(Record::Promise(body.clone())),
        Command::Say(To::All, body),
    ]
}

/// To cast again what was cast in a broadcast.
fn repeat(tag: Tag, fold: &Fold, to: To) -> impl Iterator<Item = Command> {
    let again = |ballot, digest: Option<Digest>| {
        digest.map(|digest| Command::Say(to, vote(tag, ballot, digest)))
    };
    let words = [again(Ballot::Echo, fold.echoed), again(Ballot::Ready, fold.readied)];
    words.into_iter().flatten()
}

/// Takes every step that is due in the broadcast of `tag`, if it is of the preinstalled view.
fn advance(state: &mut State, config: &Config, tag: Tag, effects: &mut Effects) {
    if tag.view != state.view {
        return;
    }
    for (due, plan) in STEPS {
        let Some(ledger) = state.ledgers.get(&tag) else { return };
        let Some(digest) = due(ledger, config) else { continue };
        let commands = plan(tag, digest, ledger);
        carry_out(state, commands, effects);
    }
}

// ---- What comes ----

/// One vote that came.
struct Ticket {
    tag: Tag,
    ballot: Ballot,
    sender: ReplicaId,
    digest: Digest,
}

fn cast(state: &mut State, config: &Config, ticket: &Ticket, effects: &mut Effects) {
    let Ticket { tag, ballot, sender, digest } = *ticket;
    let refusal = state.outside(&tag).or_else(|| {
        let held = state.ledgers.get(&tag).and_then(|ledger| ledger.vote_of(ballot, sender));
        VOTES.iter().find(|(holds, _)| holds(held, digest)).map(|(_, reject)| *reject)
    });
    let command = match refusal {
        Some(reject) => Command::Refuse(sender, reject),
        None => Command::Note(tag, Event::Voted(ballot, sender, digest)),
    };
    carry_out(state, [command], effects);
    if refusal.is_none() {
        advance(state, config, tag, effects);
    }
}

/// Counts an Echo of its signer.
pub fn on_rb_echo(
    state: &mut State,
    config: &Config,
    message: &Verified<RbEcho>,
    effects: &mut Effects,
) {
    let RbEcho { originator, view, seq, digest } = *message.body();
    let tag = Tag { view, originator, seq };
    let ticket = Ticket { tag, ballot: Ballot::Echo, sender: message.signer(), digest };
    cast(state, config, &ticket, effects);
}

/// Counts a Ready of its signer.
pub fn on_rb_ready(
    state: &mut State,
    config: &Config,
    message: &Verified<RbReady>,
    effects: &mut Effects,
) {
    let RbReady { originator, view, seq, digest } = *message.body();
    let tag = Tag { view, originator, seq };
    let ticket = Ticket { tag, ballot: Ballot::Ready, sender: message.signer(), digest };
    cast(state, config, &ticket, effects);
}

/// Takes an Init of its signer.
pub fn on_rb_init(
    state: &mut State,
    config: &Config,
    message: &Verified<RbInit>,
    effects: &mut Effects,
) {
    let (sender, body) = (message.signer(), message.body());
    let tag = Tag { view: body.view, originator: sender, seq: body.seq };
    let refusal = state.outside(&tag).or_else(|| {
        let fold = &state.ledgers.get(&tag)?.fold;
        let stands = INITS.iter().find(|(holds, _)| holds(fold, message.digest()));
        stands.map(|(_, reject)| *reject)
    });
    let command = match refusal {
        Some(reject) => Command::Refuse(sender, reject),
        None => Command::Note(tag, Event::Opened(message.clone())),
    };
    carry_out(state, [command], effects);
    if refusal.is_none() {
        advance(state, config, tag, effects);
    }
}

/// Answers a request of its signer.
pub fn on_rb_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<RbRequest>,
    effects: &mut Effects,
) {
    let RbRequest { originator, view, seq, digest } = *message.body();
    let sender = message.signer();
    // Nobody passes on to himself what he holds.
    if sender == state.me {
        return;
    }
    let held = state
        .ledgers
        .get(&Tag { view, originator, seq })
        .and_then(|ledger| ledger.fold.init.as_ref())
        .filter(|init| init.digest() == digest)
        .cloned();
    let row = usize::from(sender.0).checked_sub(1);
    let count = row.and_then(|row| state.answered.get_mut(row));
    let (Some(init), Some(count)) = (held, count) else { return };
    let (began, answers) = *count;
    let over = answers == 0 || began.0.saturating_add(config.timing.retransmit) <= now.0;
    let verdict: [(bool, Option<(Time, u32)>); 3] = [
        (over, Some((now, 1))),
        (answers < ANSWERS, Some((began, answers.saturating_add(1)))),
        (true, None),
    ];
    let next = verdict.into_iter().find(|(holds, _)| *holds).and_then(|(_, next)| next);
    let command = match next {
        Some(next) => {
            *count = next;
            Command::Pass(sender, init)
        }
        None => Command::Refuse(sender, Reject::Full),
    };
    carry_out(state, [command], effects);
}

// ---- Restart ----

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(state: &mut State, _config: &Config, record: &Record<Prime>) {
    let (tag, event) = match record {
        Record::Promise(Body::RbInit(init)) => {
            state.enter(init.view);
            if init.view == state.view {
                state.add_promised(init.clone());
            }
            return;
        }
        Record::Promise(Body::RbEcho(echo)) => {
            let tag = Tag { view: echo.view, originator: echo.originator, seq: echo.seq };
            (tag, Event::Vowed(Ballot::Echo, echo.digest))
        }
        Record::Promise(Body::RbReady(ready)) => {
            let tag = Tag { view: ready.view, originator: ready.originator, seq: ready.seq };
            (tag, Event::Vowed(Ballot::Ready, ready.digest))
        }
        Record::Held(Incoming::RbInit(init)) => {
            let body = init.body();
            let tag = Tag { view: body.view, originator: init.signer(), seq: body.seq };
            (tag, Event::Opened(init.clone()))
        }
        _ => return,
    };
    state.enter(tag.view);
    if tag.view != state.view {
        return;
    }
    let ledger = state.ledgers.entry(tag).or_default();
    let said = match &event {
        Event::Vowed(Ballot::Echo, _) => ledger.fold.echoed.is_some(),
        Event::Vowed(Ballot::Ready, _) => ledger.fold.readied.is_some(),
        _ => false,
    };
    if !said {
        ledger.note(event);
    }
}

/// Says again what the log promised.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    let promised = std::mem::take(&mut state.promised);
    let inits = promised.into_values().map(|init| Command::Say(To::All, init.into()));
    carry_out(state, inits, effects);
    let tags: Vec<Tag> = state.ledgers.keys().copied().collect();
    for tag in tags {
        let ledger = state.ledgers.get(&tag);
        let again: Vec<Command> =
            ledger.into_iter().flat_map(|ledger| repeat(tag, &ledger.fold, To::All)).collect();
        carry_out(state, again, effects);
        advance(state, config, tag, effects);
    }
}

// ---- Time ----

/// The pieces of `view`'s tags in which saying again goes on: after `cursor`, and up to it.
fn course(view: View, cursor: Option<Tag>) -> [Option<(Bound<Tag>, Bound<Tag>)>; 2] {
    let (low, high) = (first_of(view), last_of(view));
    let Some(cursor) = cursor.filter(|cursor| *cursor >= low) else {
        return [Some((Bound::Included(low), Bound::Included(high))), None];
    };
    let rest = (cursor < high).then_some((Bound::Excluded(cursor), Bound::Included(high)));
    [rest, Some((Bound::Included(low), Bound::Included(cursor.min(high))))]
}

/// All that is to be said again of one broadcast.
fn say_again(me: ReplicaId, config: &Config, tag: Tag, ledger: &Ledger) -> Vec<Command> {
    let fold = &ledger.fold;
    let mut commands = Vec::new();
    if tag.originator == me
        && let Some(init) = &fold.init
    {
        let waiting = config
            .replicas()
            .filter(|peer| *peer != me && ledger.vote_of(Ballot::Echo, *peer).is_none());
        commands.extend(waiting.map(|peer| Command::Pass(peer, init.clone())));
    }
    commands.extend(repeat(tag, fold, To::Others));
    commands.extend(fold.lacking().map(|digest| Command::Say(To::Others, request(tag, digest))));
    commands
}

/// Says again what this server said in broadcasts of the preinstalled view, once every
/// `timing.retransmit`.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
    let speaks = |fold: &Fold| {
        fold.echoed.is_some() || fold.readied.is_some() || fold.lacking().is_some()
    };
    let mut commands = Vec::new();
    let mut last = None;
    let pieces = course(state.view, state.cursor).into_iter().flatten();
    let around = pieces.flat_map(|piece| state.ledgers.range(piece));
    for (tag, ledger) in around.filter(|(_, ledger)| speaks(&ledger.fold)).take(ROUND) {
        commands.extend(say_again(state.me, config, *tag, ledger));
        last = Some(*tag);
    }
    state.cursor = last.or(state.cursor);
    carry_out(state, commands, effects);
}

/// Begins the broadcasts of `view`.
pub fn start(
    state: &mut State,
    config: &Config,
    view: View,
    payloads: Vec<Payload>,
    effects: &mut Effects,
) {
    if !state.enter(view) {
        return;
    }
    let inits = (0u32..).zip(payloads).flat_map(|(seq, payload)| {
        let body = Body::from(RbInit { view, seq, payload });
        [Command::Log(Record::Promise(body.clone())), Command::Say(To::All, body)]
    });
    carry_out(state, inits, effects);
    let whole = (Bound::Included(first_of(view)), Bound::Included(last_of(view)));
    let tags: Vec<Tag> = state.ledgers.range(whole).map(|(tag, _)| *tag).collect();
    for tag in tags {
        advance(state, config, tag, effects);
    }
}

/// Empties what is fresh and returns the Init of each tag that stood there, in that order.
pub fn take(state: &mut State) -> Vec<Verified<RbInit>> {
    let fresh = std::mem::take(&mut state.fresh);
    let init = |tag: Tag| state.ledgers.get(&tag).and_then(|ledger| ledger.fold.init.clone());
    fresh.into_iter().filter_map(init).collect()
}
