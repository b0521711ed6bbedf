//! `checkpoint.on_checkpoint`: votes for states.

use prime::checkpoint::{Effects, MAX_VOTES, State, is_due};
use std::collections::BTreeMap;
use wire::prime::{Checkpoint, StateId};
use wire::{Config, Reject, Seq, Verified};

/// Whether a vote for `named` may enter its signer's row.
fn admissible(
    row: &BTreeMap<Seq, Verified<Checkpoint>>,
    stable: Seq,
    config: &Config,
    named: &StateId,
) -> Result<(), Reject> {
    let below_all = row.len() >= MAX_VOTES
        && row.first_key_value().is_some_and(|(lowest, _)| named.seq < *lowest);
    let held = row.get(&named.seq).map(|vote| vote.body().state == *named);
    match held {
        _ if !is_due(config, named.seq) => Err(Reject::Invalid),
        _ if named.seq <= stable || below_all => Err(Reject::Stale),
        Some(true) => Err(Reject::Duplicate),
        Some(false) => Err(Reject::Equivocation),
        None => Ok(()),
    }
}

/// Counts a vote; whether it is the (f+1)-th for its state.
pub fn on_checkpoint(
    state: &mut State,
    config: &Config,
    message: &Verified<Checkpoint>,
    effects: &mut Effects,
) -> bool {
    let (from, named) = (message.signer(), message.body().state);
    let row = usize::from(from.0).checked_sub(1).and_then(|place| state.votes.get_mut(place));
    let Some(row) = row else {
        return false;
    };
    if let Err(reason) = admissible(row, state.stable, config, &named) {
        effects.reject(from, reason);
        return false;
    }
    row.insert(named.seq, message.clone());
    while row.len() > MAX_VOTES {
        row.pop_first();
    }
    let equal = state
        .votes
        .iter()
        .filter_map(|row| row.get(&named.seq))
        .filter(|vote| vote.body().state == named)
        .count();
    equal == config.one_correct()
}
