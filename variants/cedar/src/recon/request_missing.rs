//! What is wanted is drawn up anew from what was wanted before and what is missing now; what is asked
//! for comes out of it as a list.

use prime::recon::{Effects, Identifier, MAX_WANTED, State};
use std::collections::BTreeMap;
use std::mem;
use wire::prime::ReconRequest;
use wire::{Config, Time, To};

/// Asks everybody for content without which execution cannot go on.
pub fn request_missing(
    state: &mut State,
    config: &Config,
    now: Time,
    missing: &[Identifier],
    effects: &mut Effects,
) {
    let before = mem::take(&mut state.want);
    let next = Time(now.0.saturating_add(config.timing.retransmit));
    let mut want: BTreeMap<Identifier, Time> = BTreeMap::new();
    for identifier in missing.iter().take(MAX_WANTED) {
        if want.contains_key(identifier) {
            continue;
        }
        let waits = before.get(identifier).copied().filter(|until| *until > now);
        want.insert(*identifier, waits.unwrap_or(next));
        if waits.is_none() {
            let (originator, seq) = *identifier;
            effects.send(To::Others, ReconRequest { originator, seq });
        }
    }
    state.want = want;
}
