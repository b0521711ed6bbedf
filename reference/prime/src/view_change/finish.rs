//! A view is installed.

use crate::view_change::{Effects, State, numbers};
use slots::slot;
use std::collections::BTreeMap;
use wire::prime::{InstallCertificate, PrePrepare, ResolutionAnswer};
use wire::{Config, Record, Seq, Verified};

/// Logs `install`, which [`installed`](super::installed) returned, and counts its view as installed.
///
/// Returns what its resolution binds each number above `executed` to: a Pre-Prepare, or `None` for a
/// no-op. Emitted are, in this order: the resolution, as `Persist` of a ResolutionAnswer as
/// `Promise`; `Persist` as `Held` of each Pre-Prepare returned, ascending; `Persist` of the
/// certificate as `Promise`. Then `state.installed` becomes its view (and [`State::enter`] follows, if
/// that is above `preinstalled`), the certificate enters `installs`, and rounds and `offered`
/// certificates of that view and below are dropped.
///
/// Invariant: after a restart the view is installed again, with the same numbers bound alike.
/// Paper: 5.3, "Replay Phase". Deviation: none.
#[slot(view_change.finish)]
pub fn finish(
    state: &mut State,
    _config: &Config,
    install: &InstallCertificate,
    executed: Seq,
    effects: &mut Effects,
) -> BTreeMap<Seq, Option<Verified<PrePrepare>>> {
    let view = install.replay.body.constraint.view;
    assert!(view > state.installed, "views are installed in ascending order");
    let above = numbers(&install.resolution).filter(|(seq, _)| *seq > executed);
    let proposal = |seq, bound| state.proposals.get(&(seq, bound)).expect("held").clone();
    let bound: BTreeMap<_, _> =
        above.map(|(seq, bound)| (seq, bound.map(|bound| proposal(seq, bound)))).collect();
    let resolution = install.resolution.clone();
    effects.persist(Record::Promise(ResolutionAnswer { resolution }.into()));
    for proposal in bound.values().flatten() {
        effects.persist(Record::Held(proposal.clone().into()));
    }
    effects.persist(Record::Promise(install.clone().into()));
    state.install(install.clone());
    bound
}
