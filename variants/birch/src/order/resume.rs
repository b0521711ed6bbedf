//! What the log promised, said again.

use prime::order::Effects;
use prime::order::OrderSlot;
use prime::order::State;
use std::mem::take;
use std::ops::Bound::Excluded;
use std::ops::Bound::Included;
use wire::Config;
use wire::To;
use wire::Verified;
use wire::prime::Body;
use wire::prime::Commit;
use wire::prime::PrePrepare;
use wire::prime::Prepare;

/// Rebuilds what follows from the log's certificates, then says again what was promised.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    prime::order::recount(state, config);
    prime::order::accept(state, config, effects);
    if !state.votes() {
        return;
    }
    let leads = config.leader_of(state.view) == state.me;
    let until = state.accepted.max(state.ordered);
    state
        .slots
        .range((Excluded(state.ordered), Included(until)))
        .filter_map(|(_, slot)| slot.pre_prepare.as_ref().map(|held| (slot, held)))
        .filter(|(_, held)| held.body().view == state.view)
        .flat_map(|(slot, held)| votes(leads, slot, held))
        .for_each(|vote| effects.send(To::All, vote));
    take(&mut state.promised)
        .into_iter()
        .filter(|(seq, _)| *seq > state.accepted)
        .for_each(|(_, proposal)| effects.send(To::All, proposal));
}

/// What was said for the Pre-Prepare held.
fn votes(
    leads: bool,
    slot: &OrderSlot,
    held: &Verified<PrePrepare>,
) -> impl Iterator<Item = Body> + use<> {
    let (view, seq, digest) = (held.body().view, held.body().seq, held.digest());
    let prepare = (!leads && !slot.committed).then(|| Body::from(Prepare { view, seq, digest }));
    let commit = slot
        .prepared
        .then(|| Body::from(Commit { view, seq, digest }));
    prepare.into_iter().chain(commit)
}
