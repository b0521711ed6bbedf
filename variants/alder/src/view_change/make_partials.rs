//! Lists whose states are complete are signed.

use prime::view_change::{Effects, Round, State, Statement, numbers};
use std::collections::BTreeSet;
use wire::prime::{
    Body, Constraint, Ids, Incoming, Resolution, ResolutionAnswer, VcPartialSig,
};
use wire::{Config, Digest, Record, Reject, ReplicaId, Seq, To};

/// Whose states were found complete, and whose not, one bit for each server. What is complete stays so;
/// what is not may become so when a resolution is found.
struct Known {
    complete: u64,
    lacking: u64,
}

/// The bit of server `id`, from 1; none beyond a word.
fn bit(id: ReplicaId) -> u64 {
    if id.0 >= 1 && id.0 <= 64 { 1u64 << (id.0 - 1) } else { 0 }
}

/// Whether the states of all of `ids` are complete.
fn all_complete(state: &State, known: &mut Known, ids: &[ReplicaId], executed: Seq) -> bool {
    for &id in ids {
        let mask = bit(id);
        if known.complete & mask != 0 {
            continue;
        }
        if known.lacking & mask != 0 {
            return false;
        }
        if !prime::view_change::complete(state, id, executed) {
            known.lacking |= mask;
            return false;
        }
        known.complete |= mask;
    }
    true
}

/// The statements of `ids`, in that order, if all are there.
fn statements<'a>(round: &'a Round, ids: &[ReplicaId]) -> Option<Vec<&'a Statement>> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.push(round.delivered.get(id)?.statement.as_ref()?);
    }
    Some(found)
}

/// What the Replay certificates of members of signed lists name.
fn signed_names(round: &Round) -> BTreeSet<Digest> {
    let mut looked_at = 0u64;
    let mut names = BTreeSet::new();
    for ids in round.signed.keys() {
        for id in ids.iter() {
            let mask = bit(*id);
            if looked_at & mask != 0 {
                continue;
            }
            looked_at |= mask;
            if let Some(delivered) = round.delivered.get(id) {
                if let Some(statement) = &delivered.statement {
                    if let Some(chosen) = &statement.replay {
                        names.insert(chosen.resolution);
                    }
                }
            }
        }
    }
    names
}

/// Logs `resolution` and its Pre-Prepares above `executed`.
fn persist(state: &State, resolution: &Resolution, executed: Seq, effects: &mut Effects) {
    let answer = ResolutionAnswer { resolution: resolution.clone() };
    effects.persist(Record::Promise(Body::ResolutionAnswer(answer)));
    for (seq, what) in numbers(resolution) {
        if seq <= executed {
            continue;
        }
        if let Some(bound) = what {
            if let Some(proposal) = state.proposals.get(&(seq, bound)) {
                effects.persist(Record::Held(Incoming::PrePrepare(proposal.clone())));
            }
        }
    }
}

/// Signs every list announced whose members' states are all complete, each once.
pub fn make_partials(
    state: &mut State,
    _config: &Config,
    executed: Seq,
    effects: &mut Effects,
) {
    let view = state.preinstalled;
    let mut work: Vec<Ids> = Vec::new();
    {
        let Some(round) = state.round() else {
            return;
        };
        for ids in round.lists.values() {
            if !round.signed.contains_key(ids) {
                work.push(ids.clone());
            }
        }
        if let Some(replay) = &round.replay {
            let ids = &replay.body().constraint.ids;
            if !round.signed.contains_key(ids) {
                work.push(ids.clone());
            }
        }
    }

    let mut known = Known { complete: 0, lacking: 0 };
    let mut logged: Option<BTreeSet<Digest>> = None;
    for ids in work {
        // Decide what the list amounts to.
        let Some(round) = state.round() else {
            return;
        };
        if round.signed.contains_key(&ids) || !all_complete(state, &mut known, &ids, executed) {
            continue;
        }
        let Some(members) = statements(round, &ids) else {
            continue;
        };
        let found = prime::view_change::resolve(&members, &state.resolutions);
        let Some(resolution) = found else {
            if !state.alarmed {
                state.alarmed = true;
                effects.reject(None::<ReplicaId>, Reject::Invalid);
            }
            continue;
        };

        // Log what it rests on.
        let mut before = match logged.take() {
            Some(names) => names,
            None => signed_names(round),
        };
        let mut names: BTreeSet<Digest> = BTreeSet::new();
        for statement in &members {
            if let Some(chosen) = &statement.replay {
                if !before.contains(&chosen.resolution) {
                    names.insert(chosen.resolution);
                }
            }
        }
        for &named in &names {
            if let Some(held) = state.resolutions.get(&named) {
                persist(state, held, executed, effects);
            }
            before.insert(named);
        }
        logged = Some(before);

        // Sign it.
        let digest = resolution.digest();
        let constraint = Constraint {
            view,
            ids: ids.clone(),
            base: resolution.base,
            start_seq: resolution.start_seq(),
            resolution: digest,
        };
        state.resolutions.insert(digest, resolution);
        if let Some(round) = state.rounds.get_mut(&view) {
            round.signed.insert(ids, constraint.clone());
        }
        effects.send(To::All, VcPartialSig { constraint, share: None });
        known.lacking = 0;
    }
}
