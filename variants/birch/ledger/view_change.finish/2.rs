//! `view_change.finish`: the view is installed.

use prime::view_change::{Effects, State, numbers};
use std::collections::BTreeMap;
use wire::prime::{Body, Incoming, InstallCertificate, PrePrepare, ResolutionAnswer};
use wire::{Config, Record, Seq, To, Verified};

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

/// Logs `install` after what it names, counts its view as installed, and shows it to the leader.
pub fn finish(
    state: &mut State,
    config: &Config,
    install: &InstallCertificate,
    executed: Seq,
    effects: &mut Effects,
) -> BTreeMap<Seq, Option<Verified<PrePrepare>>> {
    let bound = bindings(state, install, executed);
    let answer = ResolutionAnswer { resolution: install.resolution.clone() };
    let content = bound
        .values()
        .flatten()
        .map(|proposal| Record::Held(Incoming::PrePrepare(proposal.clone())));
    [Record::Promise(Body::ResolutionAnswer(answer))]
        .into_iter()
        .chain(content)
        .chain([Record::Promise(Body::InstallCertificate(install.clone()))])
        .for_each(|record| effects.persist(record));
    state.install(install.clone());
    let leader = config.leader_of(install.replay.body.constraint.view);
    if leader != state.me {
        effects.send(To::One(leader), install.clone());
    }
    bound
}
