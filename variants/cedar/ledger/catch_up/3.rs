//! Catch-up, kept as logs: one of certificates, in the order in which they were kept, and one of
//! deliveries to each server in its period; of words about oneself the last line is enough. Decisions
//! stand in tables; what follows is drawn up as commands, which [`carry_out`] executes.

use prime::catch_up::model;
use prime::catch_up::model::ANSWERS;
use prime::catch_up::model::Answered;
use prime::catch_up::model::CERTIFICATES;
use prime::catch_up::model::Certificate;
use prime::order::OrderSlot;
use std::collections::BTreeMap;
use std::ops::Bound;
use wire::Config;
use wire::Effect;
use prime::pre_order::Effects;
use wire::List;
use wire::Reject;
use wire::ReplicaId;
use wire::Seq;
use wire::Time;
use wire::To;
use wire::Verified;
use wire::prime::Body;
use wire::prime::CatchUpRequest;
use wire::prime::OrderedCertificate;
use wire::prime::PrePrepare;
use wire::prime::Prime;

/// How many times `timing.retransmit` without reason lie between two words.
const PATIENCE: u64 = 10;

/// Struck lines that a log may always have before it is written anew.
const SLACK: usize = 16;

// ---- Logs ----

/// Certificates in the order in which they were kept. Struck lines stay empty until there are more of
/// them than others.
#[derive(Clone, Default)]
struct Ledger {
    lines: Vec<Option<(Seq, Certificate)>>,
    /// A fold: the line of each number.
    places: BTreeMap<Seq, usize>,
}

impl Ledger {
    fn keep(&mut self, seq: Seq, certificate: Certificate) {
        if let Some(old) = self.places.insert(seq, self.lines.len()) {
            self.strike(old);
        }
        self.lines.push(Some((seq, certificate)));
        self.compact();
    }

    fn forget(&mut self, floor: Seq) {
        while let Some(entry) = self.places.first_entry() {
            if *entry.key() > floor {
                break;
            }
            let place = entry.remove();
            self.strike(place);
        }
        self.compact();
    }

    fn strike(&mut self, place: usize) {
        if let Some(line) = self.lines.get_mut(place) {
            *line = None;
        }
    }

    fn compact(&mut self) {
        if self.lines.len() <= 2 * self.places.len() + SLACK {
            return;
        }
        self.lines.retain(Option::is_some);
        let lines = self.lines.iter().enumerate();
        let place = lines.filter_map(|(place, line)| line.as_ref().map(|(seq, _)| (*seq, place)));
        self.places = place.collect();
    }

    fn get(&self, seq: Seq) -> Option<&Certificate> {
        self.at(*self.places.get(&seq)?)
    }

    fn at(&self, place: usize) -> Option<&Certificate> {
        self.lines.get(place)?.as_ref().map(|(_, certificate)| certificate)
    }

    /// Those of numbers above `seq`, ascending.
    fn above(&self, seq: Seq) -> impl Iterator<Item = (Seq, &Certificate)> {
        let places = self.places.range((Bound::Excluded(seq), Bound::Unbounded));
        places.filter_map(|(seq, place)| self.at(*place).map(|certificate| (*seq, certificate)))
    }
}

/// Certificates that went to one server at once.
#[derive(Clone, Copy)]
struct Delivery {
    at: Time,
    count: u64,
    upto: Seq,
}

/// What went to one server since its period began.
#[derive(Clone, Default)]
struct Deliveries(Vec<Delivery>);

impl Deliveries {
    fn fold(&self) -> Answered {
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else {
            return Answered::default();
        };
        let count = self.0.iter().fold(0, |sum: u64, delivery| sum.saturating_add(delivery.count));
        Answered { since: first.at, count, upto: last.upto }
    }

    fn from_fold(answered: &Answered) -> Self {
        if *answered == Answered::default() {
            return Self::default();
        }
        let Answered { since, count, upto } = *answered;
        Self(vec![Delivery { at: since, count, upto }])
    }
}

/// The last line of what was said of oneself, and when there shall be another.
#[derive(Clone, Copy)]
struct Word {
    at: Time,
    ordered: Seq,
    next: Time,
}

/// The logs.
#[derive(Clone)]
pub struct State {
    me: ReplicaId,
    ledger: Ledger,
    deliveries: Vec<Deliveries>,
    word: Word,
}

impl State {
    /// A state for an abstract one.
    #[must_use]
    pub fn from_abstract(state: &model::State) -> Self {
        let mut ledger = Ledger::default();
        for (seq, certificate) in &state.archive {
            ledger.keep(*seq, certificate.clone());
        }
        Self {
            me: state.me,
            ledger,
            deliveries: state.answered.iter().map(Deliveries::from_fold).collect(),
            word: Word { at: state.said_at, ordered: state.said, next: state.request_at },
        }
    }

    /// The abstract state.
    #[must_use]
    pub fn to_abstract(&self) -> model::State {
        let kept = self.ledger.lines.iter().flatten();
        model::State {
            me: self.me,
            archive: kept.map(|(seq, certificate)| (*seq, certificate.clone())).collect(),
            answered: self.deliveries.iter().map(Deliveries::fold).collect(),
            request_at: self.word.next,
            said_at: self.word.at,
            said: self.word.ordered,
        }
    }

    /// Nothing known.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        Self {
            me,
            ledger: Ledger::default(),
            deliveries: vec![Deliveries::default(); config.size()],
            word: Word { at: Time(0), ordered: Seq(0), next: Time(0) },
        }
    }

    /// The highest number in the archive, if there is any.
    #[must_use]
    pub fn kept(&self) -> Option<Seq> {
        self.ledger.places.last_key_value().map(|(seq, _)| *seq)
    }

    /// The Pre-Prepare of the certificate in the archive under `seq`, if there is one.
    #[must_use]
    pub fn proposal(&self, seq: Seq) -> Option<Verified<PrePrepare>> {
        self.ledger.get(seq).map(|certificate| certificate.pre_prepare.clone())
    }

    /// `request_at`.
    #[must_use]
    pub const fn request_at(&self) -> Time {
        self.word.next
    }

    /// `said_at`.
    #[must_use]
    pub const fn said_at(&self) -> Time {
        self.word.at
    }

    /// There is reason to believe that something is lacking.
    pub fn ask_now(&mut self, now: Time) {
        self.word.next = self.word.next.min(now);
    }

    /// Somebody says so.
    pub fn ask_soon(&mut self, config: &Config) {
        self.ask_now(later(self.word.at, config.timing.retransmit));
    }

    /// An ordered certificate brought this server to `ordered`.
    pub fn follow(&mut self, now: Time, ordered: Seq) {
        if ordered.0.checked_sub(self.word.ordered.0).is_some_and(|more| more >= CERTIFICATES) {
            self.ask_now(now);
        }
    }
}

const fn later(time: Time, delay: u64) -> Time {
    Time(time.0.saturating_add(delay))
}

// ---- Commands ----

/// What is to be done.
enum Command {
    /// A line of the ledger.
    Keep(Seq, Certificate),
    /// Lines up to here are struck.
    Forget(Seq),
    /// A word was said.
    Said(Word),
    /// The deliveries of this row begin anew.
    Renew(usize),
    /// A line of the deliveries of this row.
    Delivered(usize, Delivery),
    /// To sign and send.
    Say(To, Body),
    /// Whose message was dropped, and why.
    Refuse(ReplicaId, Reject),
}

/// Does to the state what of `command` concerns it; what is left goes out.
fn settle(state: &mut State, command: Command) -> Option<Effect<Prime>> {
    match command {
        Command::Keep(seq, certificate) => state.ledger.keep(seq, certificate),
        Command::Forget(floor) => state.ledger.forget(floor),
        Command::Said(word) => state.word = word,
        Command::Renew(row) => {
            if let Some(deliveries) = state.deliveries.get_mut(row) {
                deliveries.0.clear();
            }
        }
        Command::Delivered(row, delivery) => {
            if let Some(deliveries) = state.deliveries.get_mut(row) {
                deliveries.0.push(delivery);
            }
        }
        Command::Say(to, body) => return Some(Effect::Send { to, body }),
        Command::Refuse(from, reason) => {
            return Some(Effect::Reject { from: Some(from), reason });
        }
    }
    None
}

fn carry_out(state: &mut State, commands: Vec<Command>, effects: &mut Effects) {
    for command in commands {
        if let Some(effect) = settle(state, command) {
            effects.push(effect);
        }
    }
}

// ---- The archive ----

/// A slot, and why there is nothing in it to keep.
const NOTHING_TO_KEEP: [fn(&OrderSlot) -> bool; 2] =
    [|slot| slot.replayed, |slot| slot.pre_prepare.is_none()];

/// Keeps the certificate of `seq`.
pub fn keep(state: &mut State, seq: Seq, slot: &OrderSlot) {
    if NOTHING_TO_KEEP.iter().any(|holds| holds(slot)) {
        return;
    }
    let Some(pre_prepare) = slot.pre_prepare.clone() else { return };
    let named = (pre_prepare.body().view, pre_prepare.digest());
    let commits = slot.commits.values();
    let commits = commits.filter(|commit| (commit.body().view, commit.body().digest) == named);
    let commits = commits.cloned().collect();
    settle(state, Command::Keep(seq, Certificate { pre_prepare, commits }));
}

/// Drops the certificates of all numbers at or below `floor`.
pub fn forget(state: &mut State, floor: Seq) {
    settle(state, Command::Forget(floor));
}

// ---- Words ----

/// What the decision whether to speak rests on.
struct Turn<'a> {
    word: Word,
    now: Time,
    period: u64,
    order: &'a prime::order::State,
}

impl Turn<'_> {
    /// Whether anything is known of a number that is not ordered here: it may be elsewhere.
    fn unfinished(&self) -> bool {
        self.order.slots.last_key_value().is_some_and(|(seq, _)| *seq > self.order.ordered)
    }
}

/// Tried in order: whether to speak, if the condition holds.
const TURNS: [(fn(&Turn<'_>) -> bool, bool); 3] = [
    (|turn| turn.now >= turn.word.next, true),
    (|turn| turn.now < later(turn.word.at, turn.period), false),
    (|turn| turn.unfinished(), true),
];

/// Tells the others how far this server has ordered, when it is time.
pub fn make_catch_up_request(
    state: &mut State,
    config: &Config,
    now: Time,
    order: &prime::order::State,
    effects: &mut Effects,
) {
    let period = config.timing.retransmit;
    let turn = Turn { word: state.word, now, period, order };
    let verdict = TURNS.iter().find(|(holds, _)| holds(&turn)).is_some_and(|(_, speak)| *speak);
    if !verdict {
        return;
    }
    let body = CatchUpRequest {
        view: order.preinstalled,
        installed: order.view,
        ordered: order.ordered,
        executed: order.retired,
    };
    let next = later(now, period.saturating_mul(PATIENCE));
    let commands = vec![
        Command::Said(Word { at: now, ordered: order.ordered, next }),
        Command::Say(To::Others, body.into()),
    ];
    carry_out(state, commands, effects);
}

// ---- Answers ----

/// What an answer rests on.
struct Plea {
    answered: Answered,
    /// Whether the period goes on.
    goes_on: bool,
    ordered: Seq,
}

/// A condition, and why a request is refused that meets it.
type Refusal = (fn(&Plea) -> bool, Reject);

const REFUSALS: [Refusal; 2] = [
    (|plea| plea.goes_on && plea.ordered < plea.answered.upto, Reject::Full),
    (|plea| plea.goes_on && plea.answered.count >= ANSWERS, Reject::Full),
];

/// The certificate as it is sent.
fn message(certificate: &Certificate) -> OrderedCertificate {
    let mut commits = certificate.commits.iter().map(|commit| commit.signed().clone());
    OrderedCertificate {
        pre_prepare: certificate.pre_prepare.signed().clone(),
        commits: List::take(&mut commits),
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
    let (sender, ordered) = (message_in.signer(), message_in.body().ordered);
    let Some(row) = usize::from(sender.0).checked_sub(1) else { return };
    let Some(answered) = state.deliveries.get(row).map(Deliveries::fold) else { return };
    let over = later(answered.since, config.timing.retransmit) <= now;
    let plea = Plea { answered, goes_on: answered.count > 0 && !over, ordered };
    let refusal = REFUSALS.iter().find(|(holds, _)| holds(&plea));
    let commands = match refusal {
        Some((_, reject)) => vec![Command::Refuse(sender, *reject)],
        None => answer(state, now, sender, row, &plea),
    };
    carry_out(state, commands, effects);
}

/// What `sender` may have of what it lacks.
fn answer(state: &State, now: Time, sender: ReplicaId, row: usize, plea: &Plea) -> Vec<Command> {
    let spent = if plea.goes_on { plea.answered.count } else { 0 };
    let room = usize::try_from(CERTIFICATES.min(ANSWERS.saturating_sub(spent)));
    let lacking = state.ledger.above(plea.ordered).take(room.unwrap_or(0));
    let mut commands = Vec::new();
    let (mut count, mut upto) = (0, None);
    for (seq, certificate) in lacking {
        commands.push(Command::Say(To::One(sender), message(certificate).into()));
        count += 1;
        upto = Some(seq);
    }
    if let Some(upto) = upto {
        if !plea.goes_on {
            commands.push(Command::Renew(row));
        }
        commands.push(Command::Delivered(row, Delivery { at: now, count, upto }));
    }
    commands
}
