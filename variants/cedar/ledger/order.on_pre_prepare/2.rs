//! Guards tried in order, the last of which may accuse the leader; what none of them refuses is held.

use prime::order::{Effects, State, accept};
use wire::prime::{PrePrepare, PrePrepareConflict};
use wire::{Config, Reject, Seq, To, Verified, View};

/// What the decision depends on.
struct Facts<'a> {
    state: &'a State,
    config: &'a Config,
    message: &'a Verified<PrePrepare>,
}

impl<'a> Facts<'a> {
    fn view(&self) -> View {
        self.message.body().view
    }

    fn seq(&self) -> Seq {
        self.message.body().seq
    }

    /// The Pre-Prepare that the slot holds.
    fn held(&self) -> Option<&'a Verified<PrePrepare>> {
        let slots =
            if self.view() == self.state.view { &self.state.slots } else { &self.state.early };
        slots.get(&self.seq())?.pre_prepare.as_ref()
    }
}

/// A condition under which the Pre-Prepare is refused, and the reason.
type Guard = (fn(&Facts<'_>) -> bool, Reject);

/// Tried in order.
const GUARDS: [Guard; 6] = [
    (
        |facts| facts.view() != facts.state.view && facts.view() != facts.state.preinstalled,
        Reject::WrongView,
    ),
    (
        |facts| facts.message.signer() != facts.config.leader_of(facts.view()),
        Reject::NotEntitled,
    ),
    (
        |facts| {
            facts.seq() <= facts.state.ordered
                || facts.state.ordered_elsewhere(facts.view(), facts.seq())
        },
        Reject::Stale,
    ),
    (|facts| facts.seq() > facts.state.horizon(facts.config), Reject::BeyondWindow),
    (
        |facts| facts.held().is_some_and(|held| held.digest() == facts.message.digest()),
        Reject::Duplicate,
    ),
    (|facts| facts.held().is_some(), Reject::Equivocation),
];

/// The proof that the leader equivocated, if this is the first time that it is to be shown.
fn proof(facts: &Facts<'_>, reason: Reject) -> Option<PrePrepareConflict> {
    let due = reason == Reject::Equivocation
        && facts.view() == facts.state.view
        && !facts.state.leader_accused;
    let held = facts.held().filter(|_| due)?;
    Some(PrePrepareConflict {
        first: held.signed().clone(),
        second: facts.message.signed().clone(),
    })
}

/// Takes a Pre-Prepare of its signer.
pub fn on_pre_prepare(
    state: &mut State,
    config: &Config,
    message: &Verified<PrePrepare>,
    effects: &mut Effects,
) {
    let refused = {
        let facts = Facts { state, config, message };
        GUARDS
            .iter()
            .find(|(applies, _)| applies(&facts))
            .map(|(_, reason)| (*reason, proof(&facts, *reason)))
    };
    if let Some((reason, proof)) = refused {
        if let Some(proof) = proof {
            state.leader_accused = true;
            effects.send(To::All, proof);
        }
        effects.reject(message.signer(), reason);
        return;
    }
    let PrePrepare { view, seq, .. } = *message.body();
    if let Some(slot) = state.slot_of(view, seq) {
        slot.pre_prepare = Some(message.clone());
    }
    if view == state.view {
        accept(state, config, effects);
    }
}
