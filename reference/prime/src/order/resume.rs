//! After a restart: what was ordered is ordered again, and open promises are said again.

use crate::order::{Effects, State, accept, recount};
use slots::slot;
use wire::prime::{Commit, Prepare};
use wire::{Config, To};

/// Rebuilds what follows from the log's certificates, then says again what was promised about
/// numbers that are not ordered. Called once, after the log was read.
///
/// 1. [`recount`].
/// 2. [`accept`]: a Pre-Prepare may have waited for what is ordered now, or have been accepted before
///    without the log's order telling.
/// 3. If this server may vote (`state.votes()`): for each slot above `ordered` and at or below
///    `accepted` that holds a Pre-Prepare of the installed view, ascending: unless this server leads
///    the view or the slot is `committed` (then the Pre-Prepare may not be the one that was voted
///    for), the Prepare for it is emitted as `Send` to `To::All`; then, if the slot is `prepared`, the
///    Commit likewise. No `Persist`: they were promised before. If it may not vote, nothing more
///    happens (`promised` is empty then, see [`State::promised`]).
/// 4. Each Pre-Prepare in `promised` with a number above `accepted`, ascending, is emitted as `Send`
///    to `To::All`: it did not come back before the crash. `promised` is emptied.
///
/// Requires: `promised` is empty if this server may not vote.
/// Invariant: says nothing that was not said, or about to be said, before.
/// Paper: none; the report's servers do not forget. Deviation: none.
#[slot(order.resume)]
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    recount(state, config);
    accept(state, config, effects);
    let view = state.view;
    if !state.votes() {
        return;
    }
    let leads = config.leader_of(view) == state.me;
    let open = state.slots.range(state.ordered.next()..);
    for (&seq, slot) in open.take_while(|(seq, _)| **seq <= state.accepted) {
        let current = slot.pre_prepare.as_ref().filter(|held| held.body().view == view);
        let Some(proposal) = current else { continue };
        let digest = proposal.digest();
        if !leads && !slot.committed {
            effects.send(To::All, Prepare { view, seq, digest });
        }
        if slot.prepared {
            effects.send(To::All, Commit { view, seq, digest });
        }
    }
    let promised = std::mem::take(&mut state.promised);
    for (_, proposal) in promised.into_iter().filter(|(seq, _)| *seq > state.accepted) {
        effects.send(To::All, proposal);
    }
}
