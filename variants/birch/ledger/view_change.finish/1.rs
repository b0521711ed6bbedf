//! `view_change.finish`: the view is installed.

use prime::view_change::{Effects, State, numbers};
use std::collections::BTreeMap;
use wire::auth::Context;
use wire::prime::{Body, Incoming, InstallCertificate, PrePrepare};
use wire::{Config, Record, Seq, Verified};

/// Whether this server voted to commit the Replay, and so logged what it names.
fn logged(state: &State, config: &Config, install: &InstallCertificate) -> bool {
    let replay = &install.replay;
    state
        .rounds
        .get(&replay.body.constraint.view)
        .and_then(|round| round.committed)
        .is_some_and(|digest| digest == Context::from(config).leaf(replay.signer, &replay.body))
}

/// What the numbers above `executed` are bound to.
fn bindings(
    state: &State,
    install: &InstallCertificate,
    executed: Seq,
) -> BTreeMap<Seq, Option<Verified<PrePrepare>>> {
    numbers(&install.resolution)
        .filter(|(seq, _)| *seq > executed)
        .filter_map(|(seq, bound)| match bound {
            None => Some((seq, None)),
            Some(bound) => {
                state.proposals.get(&(seq, bound)).map(|proposal| (seq, Some(proposal.clone())))
            }
        })
        .collect()
}

/// Logs `install` with what it names, and counts its view as installed.
pub fn finish(
    state: &mut State,
    config: &Config,
    install: &InstallCertificate,
    executed: Seq,
    effects: &mut Effects,
) -> BTreeMap<Seq, Option<Verified<PrePrepare>>> {
    let bound = bindings(state, install, executed);
    effects.persist(Record::Promise(Body::InstallCertificate(install.clone())));
    if !logged(state, config, install) {
        bound.values().flatten().for_each(|proposal| {
            effects.persist(Record::Held(Incoming::PrePrepare(proposal.clone())));
        });
    }
    state.install(install.clone());
    bound
}
