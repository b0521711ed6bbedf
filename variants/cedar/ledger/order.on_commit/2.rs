//! Guards tried in order; what none of them refuses is counted.

use prime::order::{Effects, State, advance};
use wire::prime::Commit;
use wire::{Config, Digest, Reject, ReplicaId, Seq, Verified, View};

/// What the decision depends on.
struct Facts<'a> {
    state: &'a State,
    config: &'a Config,
    signer: ReplicaId,
    view: View,
    seq: Seq,
    digest: Digest,
}

impl Facts<'_> {
    /// What the signer's vote is for that is held.
    fn held(&self) -> Option<Digest> {
        let slots =
            if self.view == self.state.view { &self.state.slots } else { &self.state.early };
        slots.get(&self.seq)?.commits.get(&self.signer).map(|vote| vote.body().digest)
    }
}

/// A condition under which the vote is refused, and the reason.
type Guard = (fn(&Facts<'_>) -> bool, Reject);

/// Tried in order.
const GUARDS: [Guard; 5] = [
    (
        |facts| facts.view != facts.state.view && facts.view != facts.state.preinstalled,
        Reject::WrongView,
    ),
    (
        |facts| {
            facts.seq <= facts.state.ordered
                || facts.state.ordered_elsewhere(facts.view, facts.seq)
        },
        Reject::Stale,
    ),
    (|facts| facts.seq > facts.state.horizon(facts.config), Reject::BeyondWindow),
    (|facts| facts.held() == Some(facts.digest), Reject::Duplicate),
    (|facts| facts.held().is_some(), Reject::Equivocation),
];

/// Counts a Commit of its signer.
pub fn on_commit(
    state: &mut State,
    config: &Config,
    message: &Verified<Commit>,
    effects: &mut Effects,
) {
    let Commit { view, seq, digest } = *message.body();
    let signer = message.signer();
    let refused = {
        let facts = Facts { state, config, signer, view, seq, digest };
        GUARDS.iter().find(|(applies, _)| applies(&facts)).map(|(_, reason)| *reason)
    };
    if let Some(reason) = refused {
        effects.reject(signer, reason);
        return;
    }
    if let Some(slot) = state.slot_of(view, seq) {
        slot.commits.insert(signer, message.clone());
    }
    if view == state.view {
        advance(state, config, seq, effects);
    }
}
