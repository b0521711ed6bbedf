//! Installs a view.

use std::collections::BTreeMap;

use prime::view_change::{Effects, State, numbers};
use wire::prime::{Bound, InstallCertificate, Prime, PrePrepare, ResolutionAnswer};
use wire::{Config, Record, Seq, To, Verified};

/// Logs `install`, counts its view as installed, and returns what numbers above `executed` are bound to.
pub fn finish(
    state: &mut State,
    config: &Config,
    install: &InstallCertificate,
    executed: Seq,
    effects: &mut Effects,
) -> BTreeMap<Seq, Option<Verified<PrePrepare>>> {
    let bound = bound(state, install, executed);
    for record in records(install, &bound) {
        effects.persist(record);
    }
    let leader = config.leader_of(install.replay.body.constraint.view);
    if leader != state.me {
        effects.send(To::One(leader), install.clone());
    }
    state.install(install.clone());
    bound
}

fn bound(
    state: &State,
    install: &InstallCertificate,
    executed: Seq,
) -> BTreeMap<Seq, Option<Verified<PrePrepare>>> {
    let held = |(seq, bound): (Seq, Option<Bound>)| match bound {
        None => Some((seq, None)),
        Some(bound) => {
            state.proposals.get(&(seq, bound)).map(|proposal| (seq, Some(proposal.clone())))
        }
    };
    numbers(&install.resolution).filter(|(seq, _)| *seq > executed).filter_map(held).collect()
}

/// What the log needs, in order: the resolution, what it names, and why it holds.
fn records(
    install: &InstallCertificate,
    bound: &BTreeMap<Seq, Option<Verified<PrePrepare>>>,
) -> Vec<Record<Prime>> {
    let resolution = ResolutionAnswer { resolution: install.resolution.clone() };
    let mut records = vec![Record::Promise(resolution.into())];
    records.extend(bound.values().flatten().map(|proposal| Record::Held(proposal.clone().into())));
    records.push(Record::Promise(install.clone().into()));
    records
}
