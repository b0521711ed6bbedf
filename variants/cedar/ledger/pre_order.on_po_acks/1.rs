//! An agenda: each acknowledgement is judged, and what follows of it is put on top.

use prime::pre_order::{Column, Effects, PoSlot, State, advance_aru};
use wire::prime::{PoAck, PoAcks};
use wire::{Config, Digest, Reject, ReplicaId, Verified};

/// One acknowledgement before its judge.
struct Case<'a> {
    state: &'a State,
    config: &'a Config,
    signer: ReplicaId,
    ack: PoAck,
}

impl Case<'_> {
    fn column(&self) -> Option<&Column> {
        self.state.columns.get(row(self.ack.originator)?)
    }

    /// How far the number lies beyond what was retired; at most 0 is over.
    fn ahead(&self) -> i128 {
        let retired = self.column().map_or(0, |column| column.retired.0);
        i128::from(self.ack.seq.0) - i128::from(retired)
    }

    /// What the signer acknowledged before under the same identifier.
    fn before(&self) -> Option<Digest> {
        let slot: &PoSlot = self.column()?.slots.get(&self.ack.seq)?;
        slot.acks.get(&self.signer).copied()
    }
}

/// What is to be done, one thing each.
#[derive(Clone, Copy)]
enum Item {
    Judge(PoAck),
    Blame(Reject),
    Enter(PoAck),
    Advance(ReplicaId),
}

type Guard = (fn(&Case<'_>) -> bool, Reject);

/// The first whose condition holds decides.
const GUARDS: [Guard; 6] = [
    (
        |case| !case.config.is_replica(case.ack.originator) || case.column().is_none(),
        Reject::Invalid,
    ),
    (|case| case.signer == case.ack.originator, Reject::NotEntitled),
    (|case| case.ahead() <= 0, Reject::Stale),
    (|case| case.ahead() > i128::from(case.config.windows.preorder), Reject::BeyondWindow),
    (|case| case.before() == Some(case.ack.digest), Reject::Duplicate),
    (|case| case.before().is_some(), Reject::Equivocation),
];

fn row(id: ReplicaId) -> Option<usize> {
    usize::from(id.0).checked_sub(1)
}

/// What follows of an acknowledgement, the last thing first.
fn judge(case: &Case<'_>) -> Vec<Item> {
    let guard = GUARDS.iter().find(|(condition, _)| condition(case));
    guard.map_or_else(
        || vec![Item::Advance(case.ack.originator), Item::Enter(case.ack)],
        |&(_, reason)| vec![Item::Blame(reason)],
    )
}

fn enter(state: &mut State, signer: ReplicaId, ack: PoAck) {
    let column = row(ack.originator).and_then(|row| state.columns.get_mut(row));
    if let Some(column) = column {
        let slot = column.slots.entry(ack.seq).or_default();
        slot.acks.entry(signer).or_insert(ack.digest);
    }
}

/// Counts the acknowledgements of one message, each after all that the one before led to.
pub fn on_po_acks(
    state: &mut State,
    config: &Config,
    message: &Verified<PoAcks>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let mut agenda: Vec<Item> =
        message.body().acks.iter().rev().map(|&ack| Item::Judge(ack)).collect();
    while let Some(item) = agenda.pop() {
        match item {
            Item::Judge(ack) => agenda.extend(judge(&Case { state, config, signer, ack })),
            Item::Blame(reason) => effects.reject(signer, reason),
            Item::Enter(ack) => enter(state, signer, ack),
            Item::Advance(originator) => advance_aru(state, config, originator),
        }
    }
}
