//! States of view changes.
//!
//! What a server holds of a change hangs together over several components, and what may be combined
//! with what is written nowhere. So only that may change which each server says by itself, and what is
//! about this server's own turns.

use super::keyed;
use prime::view_change::{ANSWERS, Round, State};
use wire::prime::{PrePrepare, ProposalRequest};
use wire::{Config, Time, Verified, View};

/// Whether the Pre-Prepare that others hold is of the number that is asked for.
pub(super) fn elsewhere(
    (_, asked, held): &(Time, Verified<ProposalRequest>, Option<Verified<PrePrepare>>),
) -> bool {
    held.as_ref().is_none_or(|held| held.body().seq == asked.body().seq)
}

/// Whether view changes may meet `state`, given that they met `before`.
pub(crate) fn view_change(config: &Config, before: &State, state: &State) -> bool {
    let mut same = before.clone();
    same.served.clone_from(&state.served);
    same.answered.clone_from(&state.answered);
    same.asked.clone_from(&state.asked);
    same.retransmit_at = state.retransmit_at;
    same.alarmed = state.alarmed;
    for (view, round) in &mut same.rounds {
        if let Some(changed) = state.rounds.get(view) {
            loosen(round, changed);
        }
    }
    same == *state
        && state.served.len() == config.size()
        && state.answered.len() == config.size()
        && state.answered.iter().all(|(_, count)| *count <= ANSWERS)
        && state.rounds.iter().all(|(view, round)| fits(config, *view, round))
}

fn loosen(round: &mut Round, changed: &Round) {
    round.lists.clone_from(&changed.lists);
    round.prepares.clone_from(&changed.prepares);
    round.commits.clone_from(&changed.commits);
    round.proof_sent = changed.proof_sent;
}

fn fits(config: &Config, view: View, round: &Round) -> bool {
    let leader = config.leader_of(view);
    let lists = round.lists.iter().all(|(id, list)| {
        config.is_replica(*id)
            && list.iter().all(|member| config.is_replica(*member))
            && super::ascending(config, config.quorum(), list.iter().copied())
            && list.len() == config.quorum()
    });
    lists
        && keyed(config, &round.prepares)
        && keyed(config, &round.commits)
        && !round.prepares.contains_key(&leader)
        && round.prepares.values().all(|vote| vote.body().view == view)
        && round.commits.values().all(|vote| vote.body().view == view)
        && (!round.proof_sent || round.proof.is_some())
}
