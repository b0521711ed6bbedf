//! What the log says of ordering.

use prime::order::State;
use wire::auth::Context;
use wire::prime::{Body, Incoming, OrderedCertificate, Prime};
use wire::{Config, Record, Verified};

/// Binds a number to what was shown to be committed.
fn bind(state: &mut State, config: &Config, message: &Verified<OrderedCertificate>) {
    let seq = message.body().pre_prepare.body.seq;
    if seq <= state.retired {
        return;
    }
    let (proposal, commits) = message.parts(&Context::from(config));
    let view = proposal.body().view;
    let digest = proposal.digest();

    let slot = state.slots.entry(seq).or_default();
    let mut same = false;
    if let Some(held) = &slot.pre_prepare {
        same = held.digest() == digest;
        if !same && held.body().view != view {
            slot.prepared = false;
        }
    }
    if !same {
        if seq == state.accepted {
            state.preceding = proposal.body().matrix.clone();
        }
        if seq == state.proposed {
            state.proposal = proposal.body().matrix.clone();
        }
        slot.pre_prepare = Some(proposal);
    }
    for commit in commits {
        let vote = commit.body();
        if vote.view == view && vote.seq == seq && vote.digest == digest {
            slot.commits.insert(commit.signer(), commit);
        }
    }
    slot.committed = true;
}

/// Takes one record of the log.
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(Body::PrePrepare(body)) => {
            if body.view != state.view || body.seq <= state.retired {
                return;
            }
            if body.seq > state.proposed {
                state.proposed = body.seq;
                state.proposal = body.matrix.clone();
            }
            state.promised.insert(body.seq, body.clone());
        }
        Record::Held(Incoming::PrePrepare(message)) => {
            let body = message.body();
            if body.view != state.view || body.seq <= state.retired {
                return;
            }
            let slot = state.slots.entry(body.seq).or_default();
            slot.pre_prepare = Some(message.clone());
            // A number above `accepted` is 1 or more.
            if body.seq > state.accepted && body.seq.0 - 1 == state.accepted.0 {
                state.accepted = body.seq;
                state.preceding = body.matrix.clone();
                if body.seq > state.proposed {
                    state.proposed = body.seq;
                    state.proposal = body.matrix.clone();
                }
            }
        }
        Record::Held(Incoming::Prepare(message)) => {
            let body = message.body();
            if body.view != state.view || body.seq <= state.retired {
                return;
            }
            let slot = state.slots.entry(body.seq).or_default();
            slot.prepares.insert(message.signer(), message.clone());
        }
        Record::Held(Incoming::Commit(message)) => {
            let body = message.body();
            if body.view != state.view || body.seq <= state.retired {
                return;
            }
            let slot = state.slots.entry(body.seq).or_default();
            slot.commits.insert(message.signer(), message.clone());
        }
        Record::Promise(Body::Commit(body)) => {
            if body.view != state.view || body.seq <= state.retired {
                return;
            }
            let slot = state.slots.entry(body.seq).or_default();
            slot.prepared = true;
        }
        Record::Held(Incoming::OrderedCertificate(message)) => bind(state, config, message),
        Record::Promise(Body::RbInit(body)) => {
            if body.view > state.preinstalled {
                prime::order::preinstall(state, body.view);
            }
        }
        _ => {}
    }
}
