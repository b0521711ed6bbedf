//! Signs lists: each is judged by guards first, then comes to a verdict, which is carried out.

use std::collections::BTreeSet;

use prime::view_change::{Effects, State, Statement, complete, numbers, resolve};
use wire::prime::{
    Constraint, Ids, Prime, Resolution, ResolutionAnswer, VcPartialSig,
};
use wire::{Config, Digest, Record, Reject, Seq, To};

/// What is asked of a list.
struct Question<'a> {
    state: &'a State,
    ids: &'a Ids,
    executed: Seq,
}

/// Each says that nothing is to be done about the list.
const IDLE: [fn(&Question<'_>) -> bool; 2] = [
    |question| question.state.round().is_none_or(|round| round.signed.contains_key(question.ids)),
    |question| {
        let Question { state, ids, executed } = question;
        !ids.iter().all(|member| complete(state, *member, *executed))
    },
];

/// Signs every list announced whose members' states are complete.
pub fn make_partials(state: &mut State, _config: &Config, executed: Seq, effects: &mut Effects) {
    // What the lists signed rest on, once that is asked for.
    let mut logged: Option<BTreeSet<Digest>> = None;
    for ids in announced(state) {
        let question = Question { state: &*state, ids: &ids, executed };
        if IDLE.iter().any(|idle| idle(&question)) {
            continue;
        }
        match resolve(&statements(state, &ids), &state.resolutions) {
            Some(resolution) => {
                let logged = logged.get_or_insert_with(|| rested_on(state));
                for name in named(state, &ids) {
                    if logged.insert(name) {
                        for record in records(state, name, executed) {
                            effects.persist(record);
                        }
                    }
                }
                let constraint = sign(state, ids, resolution);
                effects.send(To::All, VcPartialSig { constraint, share: None });
            }
            None if state.alarmed => {}
            None => {
                state.alarmed = true;
                effects.reject(None, Reject::Invalid);
            }
        }
    }
}

/// The lists to be looked at, in order: those announced, then that of the Replay.
fn announced(state: &State) -> Vec<Ids> {
    let Some(round) = state.round() else {
        return Vec::new();
    };
    let replay = round.replay.iter().map(|replay| &replay.body().constraint.ids);
    let lists = round.lists.values().chain(replay);
    lists.filter(|ids| !round.signed.contains_key(*ids)).cloned().collect()
}

/// The members' statements, in the list's order.
fn statements<'a>(state: &'a State, ids: &Ids) -> Vec<&'a Statement> {
    let Some(round) = state.round() else {
        return Vec::new();
    };
    ids.iter().filter_map(|id| round.delivered.get(id)?.statement.as_ref()).collect()
}

/// The resolutions that the members' Replay certificates name, ascending.
fn named(state: &State, ids: &Ids) -> BTreeSet<Digest> {
    let chosen = statements(state, ids).into_iter().filter_map(|statement| statement.replay);
    chosen.map(|chosen| chosen.resolution).collect()
}

/// The resolutions that members of lists signed name.
fn rested_on(state: &State) -> BTreeSet<Digest> {
    let signed = state.round().into_iter().flat_map(|round| round.signed.keys());
    signed.flat_map(|ids| named(state, ids)).collect()
}

/// What the log needs of a resolution, in order: itself, and what it names above `executed`.
fn records(state: &State, name: Digest, executed: Seq) -> Vec<Record<Prime>> {
    let Some(resolution) = state.resolutions.get(&name) else {
        return Vec::new();
    };
    let answer = ResolutionAnswer { resolution: resolution.clone() };
    let proposals = numbers(resolution)
        .filter(|(seq, _)| *seq > executed)
        .filter_map(|(seq, bound)| state.proposals.get(&(seq, bound?)))
        .map(|proposal| Record::Held(proposal.clone().into()));
    std::iter::once(Record::Promise(answer.into())).chain(proposals).collect()
}

/// Keeps what was found for the list, and returns what it makes.
fn sign(state: &mut State, ids: Ids, resolution: Resolution) -> Constraint {
    let view = state.preinstalled;
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
    constraint
}
