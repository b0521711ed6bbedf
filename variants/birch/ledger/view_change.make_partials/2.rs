//! `view_change.make_partials`: signs what complete states amount to.

use prime::view_change::{Effects, Round, State, complete, numbers, resolve};
use wire::prime::{
    Body, Constraint, Ids, Incoming, Prime, Resolution, ResolutionAnswer, VcPartialSig,
};
use wire::{Config, Digest, Record, Reject, ReplicaId, Seq, To};

/// Why a list is not signed.
enum Not {
    /// It is signed already, or a member's state is not complete.
    Now,
    /// Its members' states amount to nothing.
    Ever,
}

/// What was found out so far; all of it lasts, for resolutions and signatures are only added.
#[derive(Default)]
struct Known {
    /// Whose states are complete, ascending; not all that are.
    complete: Vec<ReplicaId>,
    /// What the Replay certificates of members of lists signed name, ascending; looked up when a list
    /// is signed first.
    logged: Option<Vec<Digest>>,
}

/// The lists to look at that are not signed yet: those announced, by announcer, then the Replay's.
fn candidates(round: &Round) -> Vec<Ids> {
    round
        .lists
        .values()
        .chain(round.replay.iter().map(|replay| &replay.body().constraint.ids))
        .filter(|ids| !round.signed.contains_key(*ids))
        .cloned()
        .collect()
}

/// `one` and `other` together, ascending, each once.
fn union<T: Ord>(one: Vec<T>, other: Vec<T>) -> Vec<T> {
    let mut all: Vec<T> = one.into_iter().chain(other).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// What the Replay certificates of `members` name, ascending, each once.
fn named<'a>(round: &Round, members: impl Iterator<Item = &'a ReplicaId>) -> Vec<Digest> {
    let digests = members
        .filter_map(|id| round.delivered.get(id)?.statement.as_ref()?.replay)
        .map(|chosen| chosen.resolution)
        .collect();
    union(digests, Vec::new())
}

/// What the Replay certificates of members of lists signed name, ascending, each once.
fn logged(round: &Round) -> Vec<Digest> {
    let members = union(round.signed.keys().flat_map(|ids| ids.iter()).collect(), Vec::new());
    named(round, members.into_iter())
}

/// The members of `ids` not known to be complete, if they are so too.
fn completed(
    state: &State,
    known: &[ReplicaId],
    ids: &Ids,
    executed: Seq,
) -> Result<Vec<ReplicaId>, Not> {
    ids.iter()
        .copied()
        .filter(|id| known.binary_search(id).is_err())
        .map(|id| complete(state, id, executed).then_some(id).ok_or(Not::Now))
        .collect()
}

/// What the states of `ids`, all complete, amount to.
fn amount(state: &State, round: &Round, ids: &Ids) -> Result<(Constraint, Resolution), Not> {
    let members: Option<Vec<_>> =
        ids.iter().map(|id| round.delivered.get(id)?.statement.as_ref()).collect();
    let resolution = resolve(&members.ok_or(Not::Now)?, &state.resolutions).ok_or(Not::Ever)?;
    let constraint = Constraint {
        view: state.preinstalled,
        ids: ids.clone(),
        base: resolution.base,
        start_seq: resolution.start_seq(),
        resolution: resolution.digest(),
    };
    Ok((constraint, resolution))
}

/// What is signed for `ids`, if it can be now.
fn found(
    state: &State,
    known: &mut Known,
    ids: &Ids,
    executed: Seq,
) -> Result<(Constraint, Resolution), Not> {
    let round = state.round().filter(|round| !round.signed.contains_key(ids)).ok_or(Not::Now)?;
    let more = completed(state, &known.complete, ids, executed)?;
    if !more.is_empty() {
        known.complete = union(std::mem::take(&mut known.complete), more);
    }
    amount(state, round, ids)
}

/// What goes to the log for the resolution R: itself, and its Pre-Prepares of numbers above `executed`,
/// ascending.
fn records(state: &State, digest: Digest, executed: Seq) -> impl Iterator<Item = Record<Prime>> {
    state.resolutions.get(&digest).into_iter().flat_map(move |resolution| {
        let answer = ResolutionAnswer { resolution: resolution.clone() };
        let content = numbers(resolution)
            .filter(move |(seq, _)| *seq > executed)
            .filter_map(|(seq, bound)| state.proposals.get(&(seq, bound?)).cloned())
            .map(|held| Record::Held(Incoming::PrePrepare(held)));
        [Record::Promise(Body::ResolutionAnswer(answer))].into_iter().chain(content)
    })
}

/// Logs what the states of `ids` rest on, as far as it is not logged for another list signed.
fn log(state: &State, known: &mut Known, ids: &Ids, executed: Seq, effects: &mut Effects) {
    let Some(round) = state.round() else {
        return;
    };
    let before = known.logged.take().unwrap_or_else(|| logged(round));
    let new: Vec<Digest> = named(round, ids.iter())
        .into_iter()
        .filter(|digest| before.binary_search(digest).is_err())
        .collect();
    new.iter()
        .flat_map(|digest| records(state, *digest, executed))
        .for_each(|record| effects.persist(record));
    known.logged = Some(if new.is_empty() { before } else { union(before, new) });
}

/// Signs every list whose members' states are all complete.
pub fn make_partials(state: &mut State, _config: &Config, executed: Seq, effects: &mut Effects) {
    let lists = state.round().map(candidates).unwrap_or_default();
    let mut known = Known::default();
    for ids in lists {
        match found(state, &mut known, &ids, executed) {
            Ok((constraint, resolution)) => {
                log(state, &mut known, &ids, executed, effects);
                state.resolutions.insert(constraint.resolution, resolution);
                if let Some(round) = state.rounds.get_mut(&constraint.view) {
                    round.signed.insert(ids, constraint.clone());
                }
                effects.send(To::All, VcPartialSig { constraint, share: None });
            }
            Err(Not::Ever) => {
                if !std::mem::replace(&mut state.alarmed, true) {
                    effects.reject(None::<ReplicaId>, Reject::Invalid);
                }
            }
            Err(Not::Now) => {}
        }
    }
}
