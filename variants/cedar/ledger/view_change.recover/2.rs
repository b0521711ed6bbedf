//! Takes a record of the log.

use prime::view_change::{Round, State, bound_at};
use wire::prime::{Body, Bound, Incoming, PrePrepare, Prime, ReplayCertificate, ReplayCommit};
use wire::{Config, List, Record, Verified, View};

/// Restores what was promised and what it rests on.
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(body) => promised(state, config, body),
        Record::Held(message) => held(state, message),
    }
}

fn promised(state: &mut State, config: &Config, body: &Body) {
    match body {
        Body::RbInit(it) if it.view > state.preinstalled => {
            state.enter(it.view);
            state.rounds.insert(it.view, Round::default());
        }
        Body::VcList(it) => {
            if let Some(round) = under_way(state, it.view) {
                round.listed = Some(it.ids.clone());
            }
        }
        Body::Replay(it) => {
            if let Some(round) = under_way(state, it.constraint.view) {
                round.promised = Some(it.clone());
            }
        }
        Body::ReplayPrepare(it) => {
            if let Some(round) = under_way(state, it.view) {
                round.prepared = Some(it.digest);
            }
        }
        Body::ReplayCommit(it) => committed(state, config, it),
        Body::ResolutionAnswer(it) => {
            state.resolutions.insert(it.resolution.digest(), it.resolution.clone());
        }
        Body::InstallCertificate(it) if it.replay.body.constraint.view > state.installed => {
            state.install(it.clone());
        }
        _ => {}
    }
}

fn held(state: &mut State, message: &Incoming) {
    match message {
        Incoming::Replay(it) => {
            if let Some(round) = under_way(state, it.body().constraint.view) {
                round.replay = Some(it.clone());
            }
        }
        Incoming::ReplayPrepare(it) => {
            if let Some(round) = under_way(state, it.body().view) {
                round.prepares.insert(it.signer(), it.clone());
            }
        }
        Incoming::PrePrepare(it) => keep(state, it),
        _ => {}
    }
}

/// The round of `view`, if that is the change under way.
fn under_way(state: &mut State, view: View) -> Option<&mut Round> {
    let open = state.changing() && view == state.preinstalled;
    state.rounds.get_mut(&view).filter(|_| open)
}

/// What was committed makes the Replay certificate.
fn committed(state: &mut State, config: &Config, commit: &ReplayCommit) {
    let Some(round) = under_way(state, commit.view) else {
        return;
    };
    round.committed = Some(commit.digest);
    if let (Some(replay), Some(prepares)) = (&round.replay, round.certificate(config)) {
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
        state.proposals.insert((body.seq, bound), proposal.clone());
    }
}
