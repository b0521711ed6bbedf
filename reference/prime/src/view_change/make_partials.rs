//! A server signs what it finds in lists.

use crate::view_change::{Effects, State, Statement, complete, resolve};
use slots::slot;
use std::collections::BTreeSet;
use wire::prime::{Constraint, Ids, Resolution, VcPartialSig};
use wire::{Config, Reject, Seq, To};

/// Signs every list announced whose members' states are all complete, each list once.
///
/// Nothing happens unless a change is under way. Looked at are the round's `lists`, by announcer
/// ascending, then the list of the `replay` held, one after the other: what is found for one counts when
/// the next is looked at. For each that is not in `signed` yet and for each of whose members [`complete`]
/// holds:
/// - if [`resolve`] finds a resolution in the members' statements (in the list's order), it enters
///   `state.resolutions`, the constraint that it makes (view, list, base, startSeq, R) enters
///   `signed` under the list, and a VC-Partial-Sig of it, without a share (the host adds it where
///   `config.proofs` is `Threshold`), is emitted as `Send` to `To::All`;
/// - if not, more than f servers are faulty: unless `state.alarmed`, that is set and `Invalid` is
///   rejected, naming nobody.
///
/// That may be N + 1 lists, one more than others keep of this signer: whoever has no room for the last
/// holds N, among them that of a correct announcer.
///
/// Invariant: what is signed for a list is the same at all correct servers, always.
/// Paper: 5.3, "Proof Generation Phase". Deviation: base and R are signed too.
#[slot(view_change.make_partials)]
pub fn make_partials(state: &mut State, _config: &Config, executed: Seq, effects: &mut Effects) {
    let Some(round) = state.round() else { return };
    let mut seen = BTreeSet::new();
    let chosen = round.replay.iter().map(|replay| &replay.body().constraint.ids);
    let lists = round.lists.values().chain(chosen);
    let open = lists.filter(|ids| !round.signed.contains_key(*ids));
    let open: Vec<Ids> = open.filter(|ids| seen.insert(*ids)).cloned().collect();
    for ids in open {
        if !ids.iter().all(|id| complete(state, *id, executed)) {
            continue;
        }
        let Some(resolution) = found(state, &ids) else {
            if !state.alarmed {
                state.alarmed = true;
                effects.reject(None, Reject::Invalid);
            }
            continue;
        };
        let (base, start_seq) = (resolution.base, resolution.start_seq());
        let view = state.preinstalled;
        let digest = resolution.digest();
        let constraint = Constraint { view, ids: ids.clone(), base, start_seq, resolution: digest };
        state.resolutions.insert(digest, resolution);
        state.rounds.entry(view).or_default().signed.insert(ids, constraint.clone());
        effects.send(To::All, VcPartialSig { constraint, share: None });
    }
}

/// What the complete states of `ids` resolve to.
fn found(state: &State, ids: &Ids) -> Option<Resolution> {
    let round = state.round()?;
    let statement = |id| round.delivered.get(id).and_then(|delivered| delivered.statement.as_ref());
    let members: Option<Vec<&Statement>> = ids.iter().map(statement).collect();
    resolve(&members?, &state.resolutions)
}
