//! Asks everybody for content without which execution cannot go on.

use prime::recon::Effects;
use prime::recon::Identifier;
use prime::recon::MAX_WANTED;
use prime::recon::State;
use wire::Config;
use wire::Time;
use wire::To;
use wire::prime::ReconRequest;

/// Asks everybody for what is missing, most urgent first.
pub fn request_missing(
    state: &mut State,
    config: &Config,
    now: Time,
    missing: &[Identifier],
    effects: &mut Effects,
) {
    let wanted = missing.get(..MAX_WANTED).unwrap_or(missing);
    let again = Time(now.0.saturating_add(config.timing.retransmit));
    state.want.retain(|identifier, _| wanted.contains(identifier));
    wanted.iter().for_each(|identifier| {
        if state.want.get(identifier).is_none_or(|at| *at <= now) {
            let (originator, seq) = *identifier;
            effects.send(To::Others, ReconRequest { originator, seq });
            state.want.insert(*identifier, again);
        }
    });
}
