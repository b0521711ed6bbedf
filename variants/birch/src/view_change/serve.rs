//! `view_change.serve`: shows a view that was installed here.

use prime::view_change::{Effects, State};
use wire::prime::{CatchUpRequest, InstallCertificate};
use wire::{Config, Time, To, Verified};

/// The newest certificate that one so far can use.
fn usable<'a>(state: &'a State, request: &CatchUpRequest) -> Option<&'a InstallCertificate> {
    state
        .installs
        .iter()
        .rev()
        .take_while(|(view, _)| **view > request.installed)
        .map(|(_, install)| install)
        .find(|install| install.replay.body.constraint.base <= request.ordered)
}

/// Sends it.
pub fn serve(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<CatchUpRequest>,
    effects: &mut Effects,
) {
    let peer = message.signer();
    let place = usize::from(peer.0).checked_sub(1).filter(|place| {
        peer != state.me
            && state.served.get(*place).is_some_and(|last| {
                last.is_none_or(|last| now >= last.after(config.timing.retransmit))
            })
    });
    let found = place.and_then(|_| usable(state, message.body())).cloned();
    let served = place.and_then(|place| state.served.get_mut(place));
    if let Some((install, served)) = found.zip(served) {
        effects.send(To::One(peer), install);
        *served = Some(now);
    }
}
