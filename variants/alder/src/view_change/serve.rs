//! A server that is behind is shown an install certificate.

use prime::view_change::{Effects, State};
use std::ops::Bound;
use wire::prime::{CatchUpRequest, InstallCertificate};
use wire::{Config, Time, To, Verified};

/// Sends an install certificate to a server that says how far it is.
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
    let request = message.body();
    let row = usize::from(signer.0).wrapping_sub(1);
    let Some(served) = state.served.get_mut(row) else {
        return;
    };
    if let Some(before) = *served {
        if now.0 < before.0.saturating_add(config.timing.retransmit) {
            return;
        }
    }
    let later = (Bound::Excluded(request.installed), Bound::Unbounded);
    let mut useful: Option<&InstallCertificate> = None;
    for (_, install) in state.installs.range(later).rev() {
        if install.resolution.base <= request.ordered {
            useful = Some(install);
            break;
        }
    }
    let Some(install) = useful else {
        return;
    };

    effects.send(To::One(signer), install.clone());
    *served = Some(now);
}
