//! Votes to commit the Replay.

use prime::view_change::{Effects, State, numbers};
use wire::prime::{
    Prime, ReplayCertificate, ReplayCommit, ReplayPrepare, Resolution, ResolutionAnswer,
};
use wire::{Config, List, Record, Seq, To, Verified};

/// What the vote rests on.
struct Grounds {
    commit: ReplayCommit,
    certificate: ReplayCertificate,
    records: Vec<Record<Prime>>,
}

/// Votes once this server can stand for the Replay.
pub fn make_replay_commit(
    state: &mut State,
    config: &Config,
    executed: Seq,
    effects: &mut Effects,
) {
    let Some(grounds) = grounds(state, config, executed) else {
        return;
    };
    for record in grounds.records {
        effects.persist(record);
    }
    if let Some(round) = state.rounds.get_mut(&grounds.commit.view) {
        round.committed = Some(grounds.commit.digest);
    }
    state.certificate = Some(grounds.certificate);
    effects.promise(To::All, grounds.commit);
}

fn grounds(state: &State, config: &Config, executed: Seq) -> Option<Grounds> {
    let round = state.round().filter(|round| round.committed.is_none())?;
    let replay = round.replay.as_ref().filter(|held| round.prepared == Some(held.digest()))?;
    let prepares = round.certificate(config)?;
    let name = replay.body().constraint.resolution;
    if !state.holds(name, executed) {
        return None;
    }
    let resolution = state.resolutions.get(&name)?;
    Some(Grounds {
        commit: ReplayCommit { view: state.preinstalled, digest: replay.digest() },
        records: records(state, &prepares, resolution, executed),
        certificate: ReplayCertificate {
            replay: replay.signed().clone(),
            prepares: List::take(&mut prepares.iter().map(|vote| vote.signed().clone())),
        },
    })
}

/// What goes to the log before the vote.
fn records(
    state: &State,
    prepares: &[Verified<ReplayPrepare>],
    resolution: &Resolution,
    executed: Seq,
) -> Vec<Record<Prime>> {
    let answer = ResolutionAnswer { resolution: resolution.clone() };
    let proposals = numbers(resolution)
        .filter(|(seq, _)| *seq > executed)
        .filter_map(|(seq, bound)| state.proposals.get(&(seq, bound?)))
        .map(|proposal| Record::Held(proposal.clone().into()));
    prepares
        .iter()
        .map(|vote| Record::Held(vote.clone().into()))
        .chain([Record::Promise(answer.into())])
        .chain(proposals)
        .collect()
}
