//! Takes a record of the log.

use prime::view_change::{Round, State, bound_at};
use wire::prime::{Body, Bound, Incoming, PrePrepare, Prime, ReplayCertificate, ReplayCommit};
use wire::{Config, List, Record, Verified, View};

/// Restores what was promised and what it rests on.
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(body) => promised(state, config, body),
        Record::Held(message) => held(state, config, message),
    }
}

fn promised(state: &mut State, config: &Config, body: &Body) {
    match body {
        Body::RbInit(it) => {
            state.enter(it.view);
            if it.view == state.preinstalled {
                round(state, it.view);
            }
        }
        Body::VcList(it) => {
            if let Some(round) = round(state, it.view) {
                round.listed = Some(it.ids.clone());
            }
        }
        Body::Replay(it) => {
            if let Some(round) = round(state, it.constraint.view) {
                round.promised = Some(it.clone());
            }
        }
        Body::ReplayPrepare(it) => {
            if let Some(round) = round(state, it.view) {
                round.prepared = Some(it.digest);
            }
        }
        Body::ReplayCommit(it) => committed(state, config, it),
        Body::ResolutionAnswer(it) => {
            state
                .resolutions
                .entry(it.resolution.digest())
                .or_insert_with(|| it.resolution.clone());
        }
        Body::InstallCertificate(it) => state.install(it.clone()),
        _ => {}
    }
}

fn held(state: &mut State, config: &Config, message: &Incoming) {
    match message {
        Incoming::Replay(it) => {
            let view = it.body().constraint.view;
            let own = state.me == config.leader_of(view);
            if let Some(round) = round(state, view) {
                if own {
                    round.prepared = Some(it.digest());
                }
                round.replay.get_or_insert_with(|| it.clone());
            }
        }
        Incoming::ReplayPrepare(it) => {
            if let Some(round) = round(state, it.body().view) {
                round.prepares.entry(it.signer()).or_insert_with(|| it.clone());
            }
        }
        Incoming::PrePrepare(it) => keep(state, it),
        _ => {}
    }
}

/// The round of `view`, if anything about it may be remembered.
fn round(state: &mut State, view: View) -> Option<&mut Round> {
    if state.outside(view).is_some() {
        return None;
    }
    Some(state.rounds.entry(view).or_default())
}

/// What was committed makes the Replay certificate.
fn committed(state: &mut State, config: &Config, commit: &ReplayCommit) {
    let Some(round) = round(state, commit.view) else {
        return;
    };
    round.committed = Some(commit.digest);
    let replay = round.replay.as_ref().filter(|replay| replay.digest() == commit.digest);
    if let (Some(replay), Some(prepares)) = (replay, round.certificate(config)) {
        let certificate = ReplayCertificate {
            replay: replay.signed().clone(),
            prepares: List::take(&mut prepares.iter().map(|vote| vote.signed().clone())),
        };
        state.certificate = Some(certificate);
    }
}

/// Keeps a Pre-Prepare that a resolution held names.
fn keep(state: &mut State, proposal: &Verified<PrePrepare>) {
    let body = proposal.body();
    let bound = Bound { view: body.view, digest: proposal.digest() };
    let named =
        state.resolutions.values().any(|resolution| bound_at(resolution, body.seq) == Some(bound));
    if named {
        state.proposals.entry((body.seq, bound)).or_insert_with(|| proposal.clone());
    }
}
