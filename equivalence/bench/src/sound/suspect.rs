//! States of leader monitoring.

use super::{known, square};
use prime::suspect::{Awaited, INFINITE, MAX_OPEN, MAX_PINGS, Measurement, State, allowance};
use std::collections::BTreeMap;
use wire::monitoring::{MAX_SAMPLES, Mode};
use wire::prime::{NewLeader, NewLeaderProof};
use wire::{Config, Verified, View};

/// Whether each vote stands in its signer's row.
pub(super) fn by_row(
    config: &Config,
    (votes, _): &(Vec<Option<Verified<NewLeader>>>, View),
) -> bool {
    let stands = |(row, vote): (usize, &Option<Verified<NewLeader>>)| {
        vote.as_ref().is_none_or(|vote| vote.signer().index() == row)
    };
    votes.len() == config.size() && votes.iter().enumerate().all(stands)
}

/// Whether leader monitoring may meet `state` where no handler is under way.
pub(crate) fn suspect(config: &Config, _before: &State, state: &State) -> bool {
    let n = config.size();
    let lengths = [
        state.tats_if_leader.len(),
        state.bounds.len(),
        state.reported.len(),
        state.answered.len(),
        state.taken.len(),
        state.votes.len(),
        state.shown.len(),
    ];
    config.is_replica(state.me)
        && lengths.iter().all(|length| *length == n)
        && pings(state)
        && state.taken.iter().all(|taken| *taken <= allowance(config))
        && open(config, state)
        && samples(config, state)
        && votes(config, state)
        && state.accused.len() <= usize::from(config.f)
        && known(config, &state.accused)
        && state.proof.as_ref().is_none_or(|proof| proves(config, state.view, proof))
        && (state.announced == INFINITE || state.announced > 0)
}

fn pings(state: &State) -> bool {
    state.pings.len() <= MAX_PINGS
        && state.pings.keys().all(|seq| (1..=state.ping_seq).contains(seq))
        && state.answered.iter().all(|seq| *seq <= state.ping_seq)
}

/// Nothing is awaited of oneself, and only one Replay, which was asked for.
fn open(config: &Config, state: &State) -> bool {
    let leads = config.leader_of(state.view) == state.me;
    let replays = state.open.iter().filter(|one| matches!(one.awaited, Awaited::Replay(_)));
    let fits = |one: &Measurement| match &one.awaited {
        Awaited::Matrix(matrix) => square(config, matrix),
        Awaited::Replay(proof) => proof.constraint.view == state.view,
    };
    state.open.len() <= MAX_OPEN
        && (!leads || state.open.is_empty())
        && replays.count() <= usize::from(state.replay_asked)
        && state.open.iter().all(fits)
        && state.open.is_empty() == state.watch_at.is_none()
}

fn samples(config: &Config, state: &State) -> bool {
    let report = config.monitoring.as_ref().is_none_or(|rules| rules.mode == Mode::Report);
    let times = state.samples.iter().map(|(time, _)| *time);
    state.samples.len() <= if report { 1 } else { MAX_SAMPLES }
        && times.clone().zip(times.skip(1)).all(|(one, next)| one <= next)
}

/// Votes for later views alone, and nobody elected by them.
fn votes(config: &Config, state: &State) -> bool {
    let mut by_view: BTreeMap<View, usize> = BTreeMap::new();
    let fits = state.votes.iter().enumerate().all(|(row, vote)| {
        vote.as_ref().is_none_or(|vote| {
            *by_view.entry(vote.body().view).or_default() += 1;
            vote.signer().index() == row && vote.body().view > state.view
        })
    });
    fits && by_view.values().all(|count| *count < config.quorum())
}

fn proves(config: &Config, view: View, proof: &NewLeaderProof) -> bool {
    let signers = proof.votes.iter().map(|vote| vote.signer);
    super::ascending(config, config.quorum(), signers)
        && proof.votes.iter().all(|vote| vote.body.view == view)
}
