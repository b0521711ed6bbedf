//! A record is read into commands by the first reader that knows it; then they are carried out.

use prime::pre_order::{Content, PoSlot, RequestBody, State};
use wire::auth::Context;
use wire::prime::{Body, Incoming, PoRequest, Prime};
use wire::{ClientId, ClientSeq, Config, PoSeq, Record, ReplicaId, Verified};

/// What a reading rests on.
struct Case<'a> {
    state: &'a State,
    config: &'a Config,
    record: &'a Record<Prime>,
}

impl Case<'_> {
    /// The slot of an identifier that is not over: it may still have to be made.
    fn open(&self, originator: ReplicaId, seq: PoSeq) -> Option<Option<&PoSlot>> {
        let column = self.state.columns.get(row(originator)?)?;
        (seq > column.retired).then(|| column.slots.get(&seq))
    }
}

/// What is to be done, one thing each.
enum Command {
    /// One's own numbers up to here are used.
    Count(PoSeq),
    Place(ReplicaId, PoSeq, Verified<PoRequest>),
    Adopt(ReplicaId, PoSeq, Content),
    Remember(ClientId, ClientSeq),
    /// The entry of this row rises by so much.
    Raise(usize, u64),
}

type Reader = fn(&Case<'_>) -> Option<Vec<Command>>;

const READERS: [Reader; 3] = [own_request, own_aru, held_request];

fn own_request(case: &Case<'_>) -> Option<Vec<Command>> {
    let Record::Promise(Body::PoRequest(request)) = case.record else { return None };
    let (me, seq) = (case.state.me, request.seq);
    let mut commands = vec![Command::Count(seq)];
    if case.open(me, seq).is_some() {
        let digest = Context::from(case.config).leaf(me, request);
        let body = RequestBody::from(request.clone());
        commands.push(Command::Adopt(me, seq, Content { digest, body }));
        let updates = request.updates.iter();
        commands.extend(updates.map(|update| Command::Remember(update.signer, update.body.seq)));
    }
    Some(commands)
}

fn own_aru(case: &Case<'_>) -> Option<Vec<Command>> {
    let Record::Promise(Body::PoAru(aru)) = case.record else { return None };
    let pairs = case.state.sent_aru.iter().zip(aru.vec.iter()).enumerate();
    let gains = pairs.map(|(row, (old, new))| (row, new.0.saturating_sub(old.0)));
    Some(gains.filter(|&(_, gain)| gain > 0).map(|(row, gain)| Command::Raise(row, gain)).collect())
}

fn held_request(case: &Case<'_>) -> Option<Vec<Command>> {
    let Record::Held(Incoming::PoRequest(request)) = case.record else { return None };
    let (originator, seq) = (request.signer(), request.body().seq);
    let slot = case.open(originator, seq)?;
    let first = slot.and_then(|slot| slot.request.as_ref());
    Some(match first.map(|first| first.digest() == request.digest()) {
        None => vec![Command::Place(originator, seq, request.clone())],
        Some(false) => vec![Command::Adopt(originator, seq, Content::of(request))],
        Some(true) => Vec::new(),
    })
}

fn row(id: ReplicaId) -> Option<usize> {
    usize::from(id.0).checked_sub(1)
}

fn change(
    state: &mut State,
    originator: ReplicaId,
    seq: PoSeq,
    with: impl FnOnce(&mut PoSlot),
) {
    let column = row(originator).and_then(|row| state.columns.get_mut(row));
    if let Some(column) = column {
        with(column.slots.entry(seq).or_default());
    }
}

fn carry_out(command: Command, state: &mut State) {
    match command {
        Command::Count(seq) => state.last_own = state.last_own.max(seq),
        Command::Place(originator, seq, request) => {
            change(state, originator, seq, |slot| slot.request = Some(request));
        }
        Command::Adopt(originator, seq, content) => {
            change(state, originator, seq, |slot| slot.adopted = Some(content));
        }
        Command::Remember(client, number) => {
            state.preordered.insert((client, number));
        }
        Command::Raise(row, gain) => {
            let entry = state.sent_aru.get_mut(row).into_iter();
            entry.for_each(|entry| *entry = PoSeq(entry.0.saturating_add(gain)));
        }
    }
}

/// Takes one record of the log, if it is about pre-ordering.
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    let case = Case { state, config, record };
    let commands = READERS.iter().find_map(|reader| reader(&case));
    for command in commands.into_iter().flatten() {
        carry_out(command, state);
    }
}
