//! Somebody shows what Q servers committed.

use prime::order::{Effects, State};
use wire::auth::Context;
use wire::prime::{Commit, OrderedCertificate, PrePrepare, PrePrepareConflict};
use wire::{Config, Record, Reject, ReplicaId, To, Verified};

/// The Commits that are for the Pre-Prepare.
fn votes_for(message: &Verified<PrePrepare>, commits: Vec<Verified<Commit>>) -> Vec<Verified<Commit>> {
    let digest = message.digest();
    let body = message.body();
    let mut votes = Vec::with_capacity(commits.len());
    for commit in commits {
        let vote = commit.body();
        if vote.view == body.view && vote.seq == body.seq && vote.digest == digest {
            votes.push(commit);
        }
    }
    votes
}

/// From how many servers the votes come.
fn servers(votes: &[Verified<Commit>]) -> usize {
    let mut ids: Vec<ReplicaId> = Vec::with_capacity(votes.len());
    for vote in votes {
        ids.push(vote.signer());
    }
    ids.sort_unstable();
    ids.dedup();
    ids.len()
}

/// Takes a Pre-Prepare together with Commits for it, of whatever view.
pub fn on_ordered_certificate(
    state: &mut State,
    config: &Config,
    message: &Verified<OrderedCertificate>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let shown = &message.body().pre_prepare;
    let view = shown.body.view;
    let seq = shown.body.seq;

    let mut refused = None;
    if seq <= state.ordered {
        refused = Some(Reject::Stale);
    } else if seq > state.horizon(config) {
        refused = Some(Reject::BeyondWindow);
    } else if let Some(slot) = state.slots.get(&seq)
        && slot.committed
    {
        refused = Some(Reject::Duplicate);
    } else if shown.signer != config.leader_of(view)
        || shown.body.matrix.rows.len() != config.size()
    {
        refused = Some(Reject::Invalid);
    }
    if let Some(reason) = refused {
        effects.reject(sender, reason);
        return;
    }
    let (proposal, commits) = message.parts(&Context::from(config));
    let votes = votes_for(&proposal, commits);
    if servers(&votes) < config.quorum() {
        effects.reject(sender, Reject::Invalid);
        return;
    }

    let mut accused = None;
    let slot = state.slots.entry(seq).or_default();
    let mut same = false;
    if let Some(held) = &slot.pre_prepare {
        same = held.digest() == proposal.digest();
    }
    if !same {
        if let Some(held) = slot.pre_prepare.take() {
            if held.body().view != view {
                slot.prepared = false;
            } else if view == state.view && !state.leader_accused {
                accused = Some(PrePrepareConflict {
                    first: held.signed().clone(),
                    second: proposal.signed().clone(),
                });
            }
        }
        if seq == state.accepted {
            state.preceding = proposal.body().matrix.clone();
        }
        if seq == state.proposed {
            state.proposal = proposal.body().matrix.clone();
        }
        slot.pre_prepare = Some(proposal);
    }
    for vote in votes {
        slot.commits.insert(vote.signer(), vote);
    }
    slot.committed = true;

    if let Some(conflict) = accused {
        state.leader_accused = true;
        effects.send(To::All, conflict);
    }
    effects.persist(Record::Held(message.clone().into()));
    prime::order::settle(state);
    prime::order::accept(state, config, effects);
}
