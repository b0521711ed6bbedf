//! A view is installed.

use prime::view_change::{Effects, State, numbers};
use std::collections::BTreeMap;
use wire::prime::{Body, Incoming, InstallCertificate, PrePrepare, ResolutionAnswer};
use wire::{Config, Record, Seq, To, Verified};

/// Logs `install`, counts its view as installed, and returns what numbers above `executed` are bound to.
pub fn finish(
    state: &mut State,
    config: &Config,
    install: &InstallCertificate,
    executed: Seq,
    effects: &mut Effects,
) -> BTreeMap<Seq, Option<Verified<PrePrepare>>> {
    let leader = config.leader_of(install.replay.body.constraint.view);
    let mut bound: BTreeMap<Seq, Option<Verified<PrePrepare>>> = BTreeMap::new();
    for (seq, what) in numbers(&install.resolution) {
        if seq <= executed {
            continue;
        }
        match what {
            None => {
                bound.insert(seq, None);
            }
            Some(what) => {
                if let Some(proposal) = state.proposals.get(&(seq, what)) {
                    bound.insert(seq, Some(proposal.clone()));
                }
            }
        }
    }

    let answer = ResolutionAnswer { resolution: install.resolution.clone() };
    effects.persist(Record::Promise(Body::ResolutionAnswer(answer)));
    for what in bound.values() {
        if let Some(proposal) = what {
            effects.persist(Record::Held(Incoming::PrePrepare(proposal.clone())));
        }
    }
    effects.persist(Record::Promise(Body::InstallCertificate(install.clone())));
    state.install(install.clone());
    if leader != state.me {
        effects.send(To::One(leader), install.clone());
    }
    bound
}
