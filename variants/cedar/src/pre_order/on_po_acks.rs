//! Acknowledgements, one guard table each.

use prime::pre_order::{Effects, State, advance_aru};
use wire::prime::{PoAck, PoAcks};
use wire::{Config, Reject, ReplicaId, Verified};

/// Works the message off as a list; each entry is refused by its first objection or counted.
pub fn on_po_acks(
    state: &mut State,
    config: &Config,
    message: &Verified<PoAcks>,
    effects: &mut Effects,
) {
    let voter = message.signer();
    let mut rest: &[PoAck] = &message.body().acks;
    while let [ack, later @ ..] = rest {
        rest = later;
        if let Some(reason) = objection(state, config, voter, ack) {
            effects.reject(voter, reason);
            continue;
        }
        let slots = &mut state.columns[ack.originator.index()].slots;
        slots.entry(ack.seq).or_default().acks.entry(voter).or_insert(ack.digest);
        advance_aru(state, config, ack.originator);
    }
}

fn objection(state: &State, config: &Config, voter: ReplicaId, ack: &PoAck) -> Option<Reject> {
    if !config.is_replica(ack.originator) {
        return Some(Reject::Invalid);
    }
    let column = &state.columns[ack.originator.index()];
    let earlier = column.slots.get(&ack.seq).and_then(|slot| slot.acks.get(&voter));
    let ahead = ack.seq.0.saturating_sub(column.retired.0);
    [
        (voter == ack.originator, Reject::NotEntitled),
        (ahead == 0, Reject::Stale),
        (ahead > config.windows.preorder, Reject::BeyondWindow),
        (earlier == Some(&ack.digest), Reject::Duplicate),
        (earlier.is_some(), Reject::Equivocation),
    ]
    .into_iter()
    .find_map(|(objects, reason)| objects.then_some(reason))
}
