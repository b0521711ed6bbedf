//! Ordering just before something is decided, and proof about another view.

use super::Stage;
use prime::order::State;
use wire::prime::{PrePrepare, PrePrepareConflict};
use wire::{Seq, Signed, Verified, View};

/// A number whose votes have come and had no consequences yet.
pub(super) fn advance(stage: &mut Stage<'_>) {
    let (state, (seq,)) = stage.call::<State, (Seq,)>();
    let own = state.slots.iter().filter(|(seq, slot)| slot.prepared && **seq > state.ordered);
    let numbers: Vec<Seq> = own.map(|(seq, _)| *seq).chain([*seq]).collect();
    for seq in numbers {
        let mut state = state.clone();
        let Some(slot) = state.slots.get_mut(&seq) else { continue };
        slot.prepared = false;
        if seq > state.ordered && !slot.replayed {
            slot.committed = false;
        }
        stage.put("order.advance", state, (seq,));
    }
}

/// The same proof about the next view's leader.
pub(super) fn on_pre_prepare_conflict(stage: &mut Stage<'_>) {
    let (state, (message,)) = stage.call::<State, (Verified<PrePrepareConflict>,)>();
    let later = |proposal: &Signed<PrePrepare>| {
        let view = View(state.view.0.saturating_add(1));
        let body = PrePrepare { view, ..proposal.body.clone() };
        stage.hand.sign(stage.hand.config.leader_of(view), body).signed().clone()
    };
    let PrePrepareConflict { first, second } = message.body();
    let proof = PrePrepareConflict { first: later(first), second: later(second) };
    let proof = stage.hand.sign(message.signer(), proof);
    stage.put("order.on_pre_prepare_conflict", state.clone(), (proof,));
}
