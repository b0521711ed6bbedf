//! `view_change.recover`: what the log says of view changes.

use prime::view_change::{Round, State, bound_at};
use wire::prime::{
    Body, Bound, Incoming, InstallCertificate, PrePrepare, Prime, RbInit, ReplayCertificate,
    ReplayCommit, Resolution,
};
use wire::{Config, List, Record, Verified, View};

/// The round of the change to `view`, if that is under way.
fn under_way(state: &mut State, view: View) -> Option<&mut Round> {
    let current = state.changing() && state.preinstalled == view;
    state.rounds.get_mut(&view).filter(|_| current)
}

/// A view was entered.
fn entered(state: &mut State, init: &RbInit) {
    if init.view > state.preinstalled {
        state.enter(init.view);
        state.rounds.insert(init.view, Round::default());
    }
}

/// The certificate of the Replay held.
fn certificate(round: &Round, config: &Config) -> Option<ReplayCertificate> {
    let (replay, prepares) = round.replay.as_ref().zip(round.certificate(config))?;
    Some(ReplayCertificate {
        replay: replay.signed().clone(),
        prepares: List::take(&mut prepares.iter().map(|vote| vote.signed().clone())),
    })
}

/// A Replay-Commit was promised.
fn committed(state: &mut State, config: &Config, vote: &ReplayCommit) {
    let chosen = under_way(state, vote.view).and_then(|round| {
        round.committed = Some(vote.digest);
        certificate(round, config)
    });
    state.certificate = chosen.or_else(|| state.certificate.take());
}

/// A view was installed.
fn installed(state: &mut State, install: &InstallCertificate) {
    if install.replay.body.constraint.view > state.installed {
        state.install(install.clone());
    }
}

/// A resolution was promised.
fn resolved(state: &mut State, resolution: &Resolution) {
    state.resolutions.insert(resolution.digest(), resolution.clone());
}

/// A Pre-Prepare was held.
fn proposed(state: &mut State, proposal: &Verified<PrePrepare>) {
    let seq = proposal.body().seq;
    let bound = Bound { view: proposal.body().view, digest: proposal.digest() };
    let named =
        state.resolutions.values().any(|resolution| bound_at(resolution, seq) == Some(bound));
    if named {
        state.proposals.insert((seq, bound), proposal.clone());
    }
}

/// Takes a promise.
fn promise(state: &mut State, config: &Config, body: &Body) {
    match body {
        Body::RbInit(init) => entered(state, init),
        Body::VcList(list) => {
            if let Some(round) = under_way(state, list.view) {
                round.listed = Some(list.ids.clone());
            }
        }
        Body::Replay(replay) => {
            if let Some(round) = under_way(state, replay.constraint.view) {
                round.promised = Some(replay.clone());
            }
        }
        Body::ReplayPrepare(vote) => {
            if let Some(round) = under_way(state, vote.view) {
                round.prepared = Some(vote.digest);
            }
        }
        Body::ReplayCommit(vote) => committed(state, config, vote),
        Body::ResolutionAnswer(answer) => resolved(state, &answer.resolution),
        Body::InstallCertificate(install) => installed(state, install),
        _ => {}
    }
}

/// Takes somebody's message.
fn held(state: &mut State, message: &Incoming) {
    match message {
        Incoming::Replay(replay) => {
            if let Some(round) = under_way(state, replay.body().constraint.view) {
                round.replay = Some(replay.clone());
            }
        }
        Incoming::ReplayPrepare(vote) => {
            if let Some(round) = under_way(state, vote.body().view) {
                round.prepares.insert(vote.signer(), vote.clone());
            }
        }
        Incoming::PrePrepare(proposal) => proposed(state, proposal),
        _ => {}
    }
}

/// Takes one record of the log.
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(body) => promise(state, config, body),
        Record::Held(message) => held(state, message),
    }
}
