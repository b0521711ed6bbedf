//! What all measurements have in common.

use crate::suspect::{State, take};
use wire::monitoring::Monitoring;
use wire::{Config, Reject, ReplicaId, Time, View};

/// Whether a message of `sender` about leader monitoring in `view` is for this server to look at;
/// `entitled` says whether it may come from there. Counts it.
///
/// # Errors
/// The first reason against it: `WrongView` if `view` is not the preinstalled one, `NotEntitled`,
/// `Full` if [`take`] says so.
pub(super) fn admit(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    (sender, view): (ReplicaId, View),
    entitled: bool,
) -> Result<(), Reject> {
    if view != state.view {
        return Err(Reject::WrongView);
    }
    if !entitled {
        return Err(Reject::NotEntitled);
    }
    if take(state, config, rules, now, sender) { Ok(()) } else { Err(Reject::Full) }
}
