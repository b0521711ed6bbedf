//! A server that is behind is shown why a view is installed.

use crate::view_change::{Effects, State};
use slots::slot;
use wire::prime::CatchUpRequest;
use wire::{Config, Effect, Time, To, Verified};

/// Sends an install certificate to a server that says how far it is.
///
/// Of the certificates in `installs` whose view is above the request's `installed` and whose base is
/// at or below its `ordered` (it could do nothing with another), the one of the highest view is
/// emitted as `Send` to the request's signer alone, and `state.served` of it becomes `now`. Nothing
/// happens if there is none, if the signer is this server, or if `state.served` of it is some t and `now`
/// is before `t + timing.retransmit`.
///
/// Paper: none; the report assumes channels that do not lose. Deviation: none.
///
/// Invariant: nothing but `served` of the signer changes; a server is served at most once in
/// `timing.retransmit`.
#[slot(view_change.serve)]
pub fn serve(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<CatchUpRequest>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let request = message.body();
    let useful = state.installs.iter().rev().find(|(view, install)| {
        **view > request.installed && install.resolution.base <= request.ordered
    });
    let Some((_, install)) = useful.filter(|_| sender != state.me) else { return };
    let served = &mut state.served[sender.index()];
    if served.is_some_and(|at| now.since(at) < config.timing.retransmit) {
        return;
    }
    *served = Some(now);
    let body = install.clone().into();
    effects.push(Effect::Send { to: To::One(sender), body });
}
