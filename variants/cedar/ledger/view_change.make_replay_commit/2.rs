//! Votes to commit the Replay.

use prime::view_change::{Effects, Round, State, complete, numbers};
use wire::prime::{
    Prime, Replay, ReplayCertificate, ReplayCommit, ReplayPrepare, Resolution, ResolutionAnswer,
};
use wire::{Config, List, Record, Reject, Seq, To, Verified};

/// What is to be done.
enum Command {
    /// What was signed here contradicts what was chosen.
    Alarm,
    Vote(Box<Grounds>),
}

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
    if let Some(command) = command(state, config, executed) {
        carry_out(state, command, effects);
    }
}

fn command(state: &State, config: &Config, executed: Seq) -> Option<Command> {
    let round = state.round().filter(|round| round.committed.is_none())?;
    let replay = round.replay.as_ref().filter(|held| round.prepared == Some(held.digest()))?;
    let prepares = round.certificate(config)?;
    let constraint = &replay.body().constraint;
    let found = round.signed.get(&constraint.ids)?;
    if !constraint.ids.iter().all(|member| complete(state, *member, executed)) {
        return None;
    }
    if found != constraint {
        return (!state.alarmed).then_some(Command::Alarm);
    }
    let name = constraint.resolution;
    if !state.holds(name, executed) {
        return None;
    }
    let resolution = state.resolutions.get(&name)?;
    let records = records(state, &prepares, resolution, executed);
    Some(Command::Vote(Box::new(grounds(state, replay, &prepares, records))))
}

fn grounds(
    state: &State,
    replay: &Verified<Replay>,
    prepares: &[Verified<ReplayPrepare>],
    records: Vec<Record<Prime>>,
) -> Grounds {
    Grounds {
        commit: ReplayCommit { view: state.preinstalled, digest: replay.digest() },
        certificate: ReplayCertificate {
            replay: replay.signed().clone(),
            prepares: List::take(&mut prepares.iter().map(|vote| vote.signed().clone())),
        },
        records,
    }
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

fn carry_out(state: &mut State, command: Command, effects: &mut Effects) {
    match command {
        Command::Alarm => {
            state.alarmed = true;
            effects.reject(None, Reject::Invalid);
        }
        Command::Vote(grounds) => {
            state.certificate = Some(grounds.certificate);
            for record in grounds.records {
                effects.persist(record);
            }
            let committed = Some(grounds.commit.digest);
            let round: Option<&mut Round> = state.rounds.get_mut(&grounds.commit.view);
            if let Some(round) = round {
                round.committed = committed;
            }
            effects.promise(To::All, grounds.commit);
        }
    }
}
