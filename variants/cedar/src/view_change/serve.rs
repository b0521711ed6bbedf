//! Helps a server into a view.

use prime::view_change::{Effects, State};
use wire::prime::CatchUpRequest;
use wire::{Config, Time, To, Verified};

/// Sends the signer an install certificate that it can use.
pub fn serve(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<CatchUpRequest>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    if signer == state.me {
        return;
    }
    let body = message.body();
    let usable = state
        .installs
        .iter()
        .rev()
        .take_while(|(view, _)| **view > body.installed)
        .find(|(_, install)| install.resolution.base <= body.ordered)
        .map(|(_, install)| install);
    let served = state.served.get_mut(usize::from(signer.0).wrapping_sub(1));
    let (Some(install), Some(served)) = (usable, served) else {
        return;
    };
    let pause = config.timing.retransmit;
    if served.is_none_or(|last| now.0 >= last.0.saturating_add(pause)) {
        *served = Some(now);
        effects.send(To::One(signer), install.clone());
    }
}
