//! Content that execution waits for is asked for.

use prime::recon::{Effects, Identifier, MAX_WANTED, State};
use wire::prime::ReconRequest;
use wire::{Config, Time, To};

/// Asks everybody for what is missing, each once in a while.
pub fn request_missing(
    state: &mut State,
    config: &Config,
    now: Time,
    missing: &[Identifier],
    effects: &mut Effects,
) {
    let mut wanted = missing;
    if let Some(first) = missing.get(..MAX_WANTED) {
        wanted = first;
    }

    let mut others = Vec::new();
    for (identifier, _) in &state.want {
        if !wanted.contains(identifier) {
            others.push(*identifier);
        }
    }
    for identifier in others {
        state.want.remove(&identifier);
    }

    let next = Time(now.0.saturating_add(config.timing.retransmit));
    for identifier in wanted {
        if let Some(time) = state.want.get(identifier)
            && *time > now
        {
            continue;
        }
        state.want.insert(*identifier, next);
        let (originator, seq) = *identifier;
        effects.send(To::Others, ReconRequest { originator, seq });
    }
}
