//! A record of the log.

use prime::view_change::{Round, State, bound_at};
use wire::config::MAX_REPLICAS;
use wire::prime::{
    Body, Bound, Incoming, PrePrepare, Prime, ReplayCertificate, ReplayCommit,
};
use wire::{Config, List, Record, Verified, View};

/// The round of the change under way, if that is to `view`.
fn round_of(state: &mut State, view: View) -> Option<&mut Round> {
    if view != state.preinstalled || !state.changing() {
        return None;
    }
    state.rounds.get_mut(&view)
}

/// Whether a resolution held names the Pre-Prepare with `bound`.
fn named(state: &State, proposal: &Verified<PrePrepare>, bound: Bound) -> bool {
    for resolution in state.resolutions.values() {
        if bound_at(resolution, proposal.body().seq) == Some(bound) {
            return true;
        }
    }
    false
}

/// The Replay certificate that `round` holds.
fn certificate(round: &Round, config: &Config) -> Option<ReplayCertificate> {
    let replay = round.replay.as_ref()?;
    let votes = round.certificate(config)?;
    let mut prepares = Vec::with_capacity(votes.len());
    for vote in &votes {
        if prepares.len() < MAX_REPLICAS {
            prepares.push(vote.signed().clone());
        }
    }
    match List::new(prepares) {
        Ok(prepares) => Some(ReplayCertificate { replay: replay.signed().clone(), prepares }),
        Err(_) => None,
    }
}

/// Takes an own Replay-Commit.
fn committed(state: &mut State, config: &Config, vote: &ReplayCommit) {
    let Some(round) = round_of(state, vote.view) else {
        return;
    };
    round.committed = Some(vote.digest);
    if let Some(found) = certificate(round, config) {
        state.certificate = Some(found);
    }
}

/// Takes what this server said.
fn promised(state: &mut State, config: &Config, body: &Body) {
    match body {
        Body::RbInit(init) => {
            if init.view > state.preinstalled {
                state.enter(init.view);
                state.rounds.insert(init.view, Round::default());
            }
        }
        Body::VcList(list) => {
            if let Some(round) = round_of(state, list.view) {
                round.listed = Some(list.ids.clone());
            }
        }
        Body::Replay(replay) => {
            if let Some(round) = round_of(state, replay.constraint.view) {
                round.promised = Some(replay.clone());
            }
        }
        Body::ReplayPrepare(vote) => {
            if let Some(round) = round_of(state, vote.view) {
                round.prepared = Some(vote.digest);
            }
        }
        Body::ReplayCommit(vote) => committed(state, config, vote),
        Body::ResolutionAnswer(answer) => {
            let digest = answer.resolution.digest();
            state.resolutions.insert(digest, answer.resolution.clone());
        }
        Body::InstallCertificate(install) => {
            if install.replay.body.constraint.view > state.installed {
                state.install(install.clone());
            }
        }
        _ => {}
    }
}

/// Takes what this server held.
fn held(state: &mut State, incoming: &Incoming) {
    match incoming {
        Incoming::Replay(replay) => {
            if let Some(round) = round_of(state, replay.body().constraint.view) {
                round.replay = Some(replay.clone());
            }
        }
        Incoming::ReplayPrepare(vote) => {
            if let Some(round) = round_of(state, vote.body().view) {
                round.prepares.insert(vote.signer(), vote.clone());
            }
        }
        Incoming::PrePrepare(proposal) => {
            let bound = Bound { view: proposal.body().view, digest: proposal.digest() };
            if named(state, proposal, bound) {
                state.proposals.insert((proposal.body().seq, bound), proposal.clone());
            }
        }
        _ => {}
    }
}

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(body) => promised(state, config, body),
        Record::Held(incoming) => held(state, incoming),
    }
}
