//! A view is installed.

use crate::view_change::{Effects, State, numbers};
use slots::slot;
use std::collections::BTreeMap;
use wire::prime::{InstallCertificate, PrePrepare, ResolutionAnswer};
use wire::{Config, Record, Seq, To, Verified};

/// Logs `install` and counts its view as installed.
///
/// Requires: [`installed`](super::installed) returned it in this state, for this `executed`: so its view is
/// above `state.installed`, its resolution is what its constraint names, and that is held.
///
/// Returns what its resolution binds each number above `executed` to: a Pre-Prepare, or `None` for a
/// no-op. Emitted are, in this order: the resolution, as `Persist` of a ResolutionAnswer as
/// `Promise`; `Persist` as `Held` of each Pre-Prepare returned, ascending; `Persist` of the
/// certificate as `Promise`. Then [`State::install`]. Then, unless this server leads the view, the
/// certificate is emitted as `Send` to the view's leader alone: it is timed from now on, and may have
/// been left out by those whose votes came first.
///
/// Invariant: after a restart the view is installed again, with the same numbers bound alike.
/// Paper: 5.3, "Replay Phase". Deviation: none.
#[slot(view_change.finish)]
pub fn finish(
    state: &mut State,
    config: &Config,
    install: &InstallCertificate,
    executed: Seq,
    effects: &mut Effects,
) -> BTreeMap<Seq, Option<Verified<PrePrepare>>> {
    let view = install.replay.body.constraint.view;
    assert!(view > state.installed, "views are installed in ascending order");
    assert!(
        state.holds(install.replay.body.constraint.resolution, executed),
        "it can be installed"
    );
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
    let leader = config.leader_of(view);
    if leader != state.me {
        effects.send(To::One(leader), install.clone());
    }
    bound
}
