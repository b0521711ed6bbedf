//! What the votes for one number allow.

use prime::order::{Effects, State};
use wire::prime::Commit;
use wire::{Config, Record, Seq, To};

/// Does what the votes held for `seq` allow.
pub fn advance(state: &mut State, config: &Config, seq: Seq, effects: &mut Effects) {
    let may_vote = state.votes();
    let view = state.view;
    let accepted = seq <= state.accepted;
    let Some(slot) = state.slots.get_mut(&seq) else {
        return;
    };

    if let Some(message) = &slot.pre_prepare {
        let body = message.body();
        let digest = message.digest();
        let prepare = may_vote
            && accepted
            && !slot.prepared
            && body.view == view
            && prime::order::prepared(config, slot);
        let commit = !slot.committed && prime::order::committed(config, slot);

        if prepare {
            for (_, vote) in &slot.prepares {
                if vote.body().digest == digest {
                    effects.persist(Record::Held(vote.clone().into()));
                }
            }
            effects.promise(To::All, Commit { view: body.view, seq: body.seq, digest });
        }
        if commit {
            if !accepted {
                effects.persist(Record::Held(message.clone().into()));
            }
            for (_, vote) in &slot.commits {
                if vote.body().digest == digest {
                    effects.persist(Record::Held(vote.clone().into()));
                }
            }
        }
        if prepare {
            slot.prepared = true;
        }
        if commit {
            slot.committed = true;
        }
    }
    prime::order::settle(state);
}
