//! Guards, then a plan: each line of the plan that applies is one command, carried out in turn.

use prime::pre_order::{Column, Content, Effects, PoSlot, State, advance_aru};
use wire::prime::{Incoming, MAX_BATCH_BYTES, PoAck, PoRequest, PoRequestConflict};
use wire::{Config, Digest, PoSeq, Record, Reject, ReplicaId, To, Verified};

/// What a decision rests on.
struct Case<'a> {
    state: &'a State,
    config: &'a Config,
    request: &'a Verified<PoRequest>,
}

impl Case<'_> {
    fn originator(&self) -> ReplicaId {
        self.request.signer()
    }

    fn digest(&self) -> Digest {
        self.request.digest()
    }

    fn column(&self) -> Option<&Column> {
        self.state.columns.get(row(self.originator())?)
    }

    fn slot(&self) -> Option<&PoSlot> {
        self.column()?.slots.get(&self.request.body().seq)
    }

    fn first(&self) -> Option<&Verified<PoRequest>> {
        self.slot()?.request.as_ref()
    }

    fn adopted(&self) -> Option<&Content> {
        self.slot()?.adopted.as_ref()
    }

    /// How far the number lies beyond what was retired; at most 0 is over.
    fn ahead(&self) -> i128 {
        let retired = self.column().map_or(0, |column| column.retired.0);
        i128::from(self.request.body().seq.0) - i128::from(retired)
    }

    /// What is left of the bytes that a batch may have.
    fn room(&self) -> Option<usize> {
        let mut sizes = self.request.body().updates.iter().map(|update| update.body.payload.len());
        sizes.try_fold(MAX_BATCH_BYTES, usize::checked_sub)
    }

    /// Acknowledgements of others than the originator that name this request.
    fn votes(&self) -> usize {
        let acks = self.slot().into_iter().flat_map(|slot| &slot.acks);
        acks.filter(|&(&voter, &vote)| voter != self.originator() && vote == self.digest()).count()
    }
}

type Condition = fn(&Case<'_>) -> bool;

/// The first whose condition holds decides.
const GUARDS: [(Condition, Reject); 5] = [
    (
        |case| !case.config.is_replica(case.originator()) || case.column().is_none(),
        Reject::Invalid,
    ),
    (|case| case.request.body().updates.is_empty() || case.room().is_none(), Reject::Invalid),
    (|case| case.ahead() <= 0, Reject::Stale),
    (|case| case.ahead() > i128::from(case.config.windows.preorder), Reject::BeyondWindow),
    (
        |case| {
            case.first().is_some_and(|first| {
                let held = [Some(first.digest()), case.adopted().map(|content| content.digest)];
                held.contains(&Some(case.digest()))
            })
        },
        Reject::Duplicate,
    ),
];

/// What a request is to its slot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    /// The first seen.
    First,
    /// Another, which the votes have made the one that counts.
    Elected,
    /// Another, and no more than that.
    Rival,
}

/// The first whose condition holds decides.
const RANKS: [(Condition, Rank); 3] = [
    (|case| case.first().is_none(), Rank::First),
    (
        |case| {
            case.slot().is_some_and(|slot| slot.certified.is_none() && slot.adopted.is_none())
                && case.votes() >= case.config.votes_beside_proposer()
        },
        Rank::Elected,
    ),
    (|_| true, Rank::Rival),
];

/// What is to be done, one thing each.
#[derive(Clone, Copy)]
enum Command {
    Place,
    Log,
    Acknowledge,
    Accuse,
    Adopt,
    Advance,
    Blame(Reject),
}

/// All lines whose rank and condition fit, in this order.
const PLAN: [(Rank, Condition, Command); 10] = [
    (Rank::First, |_| true, Command::Place),
    (Rank::First, is_foreign, Command::Log),
    (Rank::First, is_foreign, Command::Acknowledge),
    (Rank::First, |_| true, Command::Advance),
    (Rank::Elected, is_news, Command::Accuse),
    (Rank::Elected, |_| true, Command::Log),
    (Rank::Elected, |_| true, Command::Adopt),
    (Rank::Elected, |_| true, Command::Advance),
    (Rank::Rival, is_news, Command::Accuse),
    (Rank::Rival, |_| true, Command::Blame(Reject::Equivocation)),
];

fn is_foreign(case: &Case<'_>) -> bool {
    case.originator() != case.state.me
}

fn is_news(case: &Case<'_>) -> bool {
    !case.state.equivocators.contains(&case.originator())
}

fn row(id: ReplicaId) -> Option<usize> {
    usize::from(id.0).checked_sub(1)
}

fn plan(case: &Case<'_>) -> Vec<Command> {
    if let Some((_, reason)) = GUARDS.iter().find(|(condition, _)| condition(case)) {
        return vec![Command::Blame(*reason)];
    }
    let rank = RANKS.iter().find(|(condition, _)| condition(case)).map(|(_, rank)| *rank);
    let lines = PLAN.iter().filter(|(of, condition, _)| Some(*of) == rank && condition(case));
    lines.map(|(_, _, command)| *command).collect()
}

fn slot_mut(state: &mut State, originator: ReplicaId, seq: PoSeq) -> Option<&mut PoSlot> {
    let column = state.columns.get_mut(row(originator)?)?;
    Some(column.slots.entry(seq).or_default())
}

fn carry_out(
    command: Command,
    state: &mut State,
    config: &Config,
    request: &Verified<PoRequest>,
    effects: &mut Effects,
) {
    let (originator, seq, digest) = (request.signer(), request.body().seq, request.digest());
    match command {
        Command::Place => {
            if let Some(slot) = slot_mut(state, originator, seq) {
                slot.request = Some(request.clone());
            }
        }
        Command::Log => effects.persist(Record::Held(Incoming::PoRequest(request.clone()))),
        Command::Acknowledge => state.unsent_acks.push(PoAck { originator, seq, digest }),
        Command::Accuse => {
            let first = Case { state, config, request }.first().map(|it| it.signed().clone());
            if let Some(first) = first {
                state.equivocators.insert(originator);
                let second = request.signed().clone();
                effects.send(To::All, PoRequestConflict { first, second });
            }
        }
        Command::Adopt => {
            if let Some(slot) = slot_mut(state, originator, seq) {
                slot.adopted = Some(Content::of(request));
            }
        }
        Command::Advance => advance_aru(state, config, originator),
        Command::Blame(reason) => effects.reject(originator, reason),
    }
}

/// Takes a request of its signer: the first under its number, or proof that there are two.
pub fn on_po_request(
    state: &mut State,
    config: &Config,
    message: &Verified<PoRequest>,
    effects: &mut Effects,
) {
    for command in plan(&Case { state, config, request: message }) {
        carry_out(command, state, config, message, effects);
    }
}
