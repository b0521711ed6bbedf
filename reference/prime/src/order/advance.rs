//! A number moves from accepted to prepared to ordered.

use crate::order::{Effects, State, committed, prepared, settle};
use slots::slot;
use wire::prime::Commit;
use wire::{Config, Record, Seq, To};

/// Does what the votes held for `seq` allow.
///
/// Nothing happens if there is no slot for `seq`. Otherwise, in this order:
/// 1. If this server may vote (`state.votes()`), the slot is not yet `prepared`, `seq` is at or below
///    `accepted`, and the slot holds a prepare certificate ([`prepared`]) of the installed view:
///    `prepared` is set; emitted are `Persist` as `Held` of each Prepare in the slot with the
///    Pre-Prepare's digest, ascending by sender, and the Commit (view, number, digest) as a promise to
///    all.
/// 2. If the slot is not yet `committed` and holds a commit certificate ([`committed`]):
///    `committed` is set; if `seq` is above `accepted`, `Persist` of the Pre-Prepare as `Held` is
///    emitted (it was not logged before); then `Persist` as `Held` of each Commit in the slot with
///    the Pre-Prepare's digest, ascending by sender.
/// 3. [`settle`].
///
/// Requires: all that a slot holds is about its number, and of one view unless it is `committed`.
///
/// Invariant: at most one Commit per (view, number), also across restarts.
/// Paper: 4.1, "Global Ordering Phase". Deviation: none.
#[slot(order.advance)]
pub fn advance(state: &mut State, config: &Config, seq: Seq, effects: &mut Effects) {
    let accepted = seq <= state.accepted;
    let (installed, votes) = (state.view, state.votes());
    let Some(slot) = state.slots.get_mut(&seq) else { return };
    let current = slot.pre_prepare.as_ref().filter(|proposal| proposal.body().view == installed);
    if let Some(proposal) = current.filter(|_| votes && accepted && !slot.prepared)
        && prepared(config, slot)
    {
        slot.prepared = true;
        let (view, digest) = (installed, proposal.digest());
        for vote in slot.prepares.values().filter(|vote| vote.body().digest == digest) {
            effects.persist(Record::Held(vote.clone().into()));
        }
        effects.promise(To::All, Commit { view, seq, digest });
    }
    if !slot.committed && committed(config, slot) {
        slot.committed = true;
        let proposal = slot.pre_prepare.as_ref().expect("part of the certificate");
        if !accepted {
            effects.persist(Record::Held(proposal.clone().into()));
        }
        let digest = proposal.digest();
        for vote in slot.commits.values().filter(|vote| vote.body().digest == digest) {
            effects.persist(Record::Held(vote.clone().into()));
        }
    }
    settle(state);
}
