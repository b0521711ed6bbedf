//! A broadcast was delivered.

use crate::view_change::{Effects, State, content_valid};
use slots::slot;
use wire::auth::Context;
use wire::prime::{Bound, Payload, RbInit};
use wire::{Config, Reject, Verified};

/// Takes a delivered broadcast of its signer.
///
/// If its view is not the preinstalled one, or that is installed, nothing happens. Otherwise it is
/// kept under its number in the signer's `delivered` (made if need be), in place of one that is there. If the signer has no statement yet, the Report
/// (number 0, with a Report as payload) is there and so are all of the numbers 1 to its `count`, and
/// this one is among those, they are looked at by [`content_valid`] (a Report under another number is
/// no entry):
/// - what it returns becomes the signer's `statement`, and the Pre-Prepare of each entry enters
///   `state.proposals`;
/// - if it returns `None`, `Invalid` is rejected, naming the signer; its state will never count.
///
/// Numbers above `count` are kept and otherwise ignored. So each originator is judged once.
///
/// Paper: 5.3, "State Dissemination Phase". Deviation: none.
///
/// Invariant: a `statement`, once there, never changes; each originator is judged at most once in a
/// change.
#[slot(view_change.on_delivered)]
pub fn on_delivered(
    state: &mut State,
    config: &Config,
    message: &Verified<RbInit>,
    effects: &mut Effects,
) {
    let (view, originator) = (message.body().view, message.signer());
    if view != state.preinstalled || !state.changing() {
        return;
    }
    let round = state.rounds.entry(view).or_default();
    let delivered = round.delivered.entry(originator).or_default();
    delivered.inits.insert(message.body().seq, message.clone());
    if delivered.statement.is_some() {
        return;
    }
    let first = delivered.inits.get(&0).map(Verified::body);
    let Some(RbInit { payload: Payload::Report(report), .. }) = first else { return };
    let rest = delivered.inits.range(1..).take_while(|(seq, _)| **seq <= report.count);
    let entries: Vec<_> = rest.map(|(_, init)| init).collect();
    if message.body().seq > report.count || entries.len() != report.count as usize {
        return;
    }
    let certificates = entries.iter().filter_map(|init| match &init.body().payload {
        Payload::Report(_) => None,
        Payload::Entry(entry) => Some(entry.clone()),
    });
    let certificates: Vec<_> = certificates.collect();
    let Some(statement) = content_valid(config, view, report, &certificates) else {
        return effects.reject(originator, Reject::Invalid);
    };
    let context = Context::from(config);
    for proposal in entries.into_iter().filter_map(|init| init.pre_prepare(&context)) {
        let bound = Bound { view: proposal.body().view, digest: proposal.digest() };
        state.proposals.insert((proposal.body().seq, bound), proposal);
    }
    delivered.statement = Some(statement);
}
