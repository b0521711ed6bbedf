//! Asking for what execution lacks.

use crate::recon::{Effects, Identifier, MAX_WANTED, State};
use slots::slot;
use std::collections::BTreeSet;
use wire::prime::ReconRequest;
use wire::{Config, Time, To};

/// Asks everybody for content without which execution cannot go on.
///
/// `missing` has the identifiers that ordered numbers are blocked on, most urgent first. Whether they have
/// been missing for long enough to ask is the caller's decision. Only the first `MAX_WANTED` of them count:
/// 1. entries of `state.want` for any other identifier are dropped;
/// 2. for each, in the order given: if `state.want` has no time for it or one at or before `now`,
///    emits `Send` of a `ReconRequest` for it to `To::Others` and sets its time to
///    `now + timing.retransmit`.
///
/// With nothing missing, `state.want` becomes empty. Other state is unchanged.
///
/// Requires: each stands in `missing` once.
///
/// Invariant: at most `MAX_WANTED` entries in `state.want`.
/// Invariant: while it stays among the first, an identifier is asked for at most once in
/// `timing.retransmit`.
/// Paper: none. Deviation: the report leaves lost parts open.
#[slot(recon.request_missing)]
pub fn request_missing(
    state: &mut State,
    config: &Config,
    now: Time,
    missing: &[Identifier],
    effects: &mut Effects,
) {
    let urgent = &missing[..missing.len().min(MAX_WANTED)];
    let wanted: BTreeSet<Identifier> = urgent.iter().copied().collect();
    state.want.retain(|identifier, _| wanted.contains(identifier));
    for &(originator, seq) in urgent {
        let wait = state.want.get(&(originator, seq)).is_some_and(|&again| now < again);
        if !wait {
            effects.send(To::Others, ReconRequest { originator, seq });
            state.want.insert((originator, seq), now.after(config.timing.retransmit));
        }
    }
    assert!(state.want.len() <= MAX_WANTED);
}
