//! A server signs what it finds in lists.

use crate::view_change::{Effects, State, Statement, complete, numbers, resolve};
use slots::slot;
use std::collections::BTreeSet;
use wire::prime::{Constraint, Ids, Resolution, ResolutionAnswer, VcPartialSig};
use wire::{Config, Digest, Record, Reject, ReplicaId, Seq, To};

/// Signs every list announced whose members' states are all complete, each list once.
///
/// Nothing happens unless a change is under way. Looked at are the round's `lists`, by announcer
/// ascending, then the list of the `replay` held, one after the other: what is found for one counts when
/// the next is looked at. For each that is not in `signed` yet and for each of whose members [`complete`]
/// holds:
/// - if [`resolve`] finds a resolution in the members' statements (in the list's order), what these rest
///   on is logged: of each resolution that a member's Replay certificate names, ascending by digest, and
///   that of no member of a list in `signed`, a ResolutionAnswer is emitted as `Persist` as `Promise`,
///   then each Pre-Prepare that it names of a number above `executed`, ascending, as `Persist` as `Held`.
///   Then what was found enters `state.resolutions`, the constraint that it makes (view, list, base,
///   startSeq, R) enters `signed` under the list, and a VC-Partial-Sig of it, without a share (the host
///   adds it where `config.proofs` is `Threshold`), is emitted as `Send` to `To::All`;
/// - if not, more than f servers are faulty: unless `state.alarmed`, that is set and `Invalid` is
///   rejected, naming nobody.
///
/// That may be N + 1 lists, one more than others keep of this signer: whoever has no room for the last
/// holds N, among them that of a correct announcer.
///
/// Invariant: what is signed for a list is the same at all correct servers, always. Whoever signed can
/// stand for the list and hand out what it rests on until the next change, also across restarts, when
/// those that named it say nothing any more.
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
        keep(state, &ids, executed, effects);
        let (base, start_seq) = (resolution.base, resolution.start_seq());
        let view = state.preinstalled;
        let digest = resolution.digest();
        let constraint = Constraint { view, ids: ids.clone(), base, start_seq, resolution: digest };
        state.resolutions.insert(digest, resolution);
        state.rounds.entry(view).or_default().signed.insert(ids, constraint.clone());
        effects.send(To::All, VcPartialSig { constraint, share: None });
    }
}

/// The resolutions that the Replay certificates of `ids` name.
fn named<'a>(state: &State, ids: impl IntoIterator<Item = &'a ReplicaId>) -> BTreeSet<Digest> {
    let delivered = state.round().map(|round| &round.delivered);
    let statements = ids.into_iter().filter_map(|id| delivered?.get(id)?.statement.as_ref());
    statements.filter_map(|said| Some(said.replay?.resolution)).collect()
}

/// Logs what the states of `ids` rest on and was not logged for a list before.
fn keep(state: &State, ids: &Ids, executed: Seq, effects: &mut Effects) {
    let signed = state.round().into_iter().flat_map(|round| round.signed.keys());
    let before = named(state, signed.flat_map(|ids| ids.iter()));
    for digest in named(state, ids.iter()).difference(&before) {
        let resolution = state.resolutions.get(digest).expect("its members are complete").clone();
        let above: Vec<_> = numbers(&resolution).filter(|(seq, _)| *seq > executed).collect();
        effects.persist(Record::Promise(ResolutionAnswer { resolution }.into()));
        for key in above.into_iter().filter_map(|(seq, bound)| Some((seq, bound?))) {
            let proposal = state.proposals.get(&key).expect("its members are complete");
            effects.persist(Record::Held(proposal.clone().into()));
        }
    }
}

/// What the complete states of `ids` resolve to.
fn found(state: &State, ids: &Ids) -> Option<Resolution> {
    let round = state.round()?;
    let statement = |id| round.delivered.get(id).and_then(|delivered| delivered.statement.as_ref());
    let members: Option<Vec<&Statement>> = ids.iter().map(statement).collect();
    resolve(&members?, &state.resolutions)
}
