//! Accepts every Pre-Prepare that is next in turn, in order.

use prime::order::Effects;
use prime::order::State;
use wire::Config;
use wire::Effect;
use wire::Record;
use wire::Reject;
use wire::ReplicaId;
use wire::Seq;
use wire::To;
use wire::Verified;
use wire::prime::Matrix;
use wire::prime::PrePrepare;
use wire::prime::Prepare;

/// How the next number is accepted.
enum Turn {
    /// Nobody needs this server's vote: it proposed it itself, or a commit certificate is held.
    Silently(Verified<PrePrepare>),
    /// The leader proposed it: flooded and voted for.
    Voting(Verified<PrePrepare>),
}

/// Why nothing more is accepted.
enum Wait {
    /// Nothing may be voted for, no Pre-Prepare is there, or the leader is too fast.
    Now,
    /// What `ReplicaId` proposed under this number may not follow.
    Invalid(Seq, ReplicaId),
}

/// 4.1, "Global Ordering Phase"; 4.2, "Pre-Prepare Flooding"
pub fn accept(state: &mut State, config: &Config, effects: &mut Effects) {
    let end = loop {
        match next(state, config) {
            Ok((seq, turn)) => take(state, config, seq, turn, effects),
            Err(wait) => break wait,
        }
    };
    if let Wait::Invalid(seq, from) = end {
        if let Some(slot) = state.slots.get_mut(&seq) {
            slot.pre_prepare = None;
        }
        effects.reject(from, Reject::Invalid);
    }
}

/// The number that is next in turn, if it may be accepted now.
fn next(state: &State, config: &Config) -> Result<(Seq, Turn), Wait> {
    if !state.votes() {
        return Err(Wait::Now);
    }
    let seq = state.accepted.0.checked_add(1).map(Seq).ok_or(Wait::Now)?;
    let slot = state.slots.get(&seq).ok_or(Wait::Now)?;
    let pre_prepare = slot.pre_prepare.as_ref().ok_or(Wait::Now)?;
    let voting = !slot.committed && pre_prepare.signer() != state.me;
    if voting && state.tokens == 0 {
        Err(Wait::Now)
    } else if !slot.committed
        && !prime::order::follows(config, &state.preceding, &pre_prepare.body().matrix)
    {
        Err(Wait::Invalid(seq, pre_prepare.signer()))
    } else if voting {
        Ok((seq, Turn::Voting(pre_prepare.clone())))
    } else {
        Ok((seq, Turn::Silently(pre_prepare.clone())))
    }
}

/// Accepts number `seq`.
fn take(state: &mut State, config: &Config, seq: Seq, turn: Turn, effects: &mut Effects) {
    match turn {
        Turn::Silently(pre_prepare) => {
            enter(state, seq, pre_prepare.body().matrix.clone());
            effects.persist(Record::Held(pre_prepare.into()));
        }
        Turn::Voting(pre_prepare) => {
            state.tokens = state.tokens.saturating_sub(1);
            enter(state, seq, pre_prepare.body().matrix.clone());
            effects.persist(Record::Held(pre_prepare.clone().into()));
            config
                .replicas()
                .filter(|other| *other != state.me && *other != pre_prepare.signer())
                .for_each(|other| {
                    effects.push(Effect::Relay {
                        to: To::One(other),
                        message: pre_prepare.clone().into(),
                    });
                });
            effects.promise(
                To::All,
                Prepare {
                    view: pre_prepare.body().view,
                    seq: pre_prepare.body().seq,
                    digest: pre_prepare.digest(),
                },
            );
        }
    }
    prime::order::advance(state, config, seq, effects);
}

/// Number `seq` is accepted, with this matrix.
fn enter(state: &mut State, seq: Seq, matrix: Matrix) {
    if seq > state.proposed {
        state.proposed = seq;
        state.proposal = matrix.clone();
    }
    state.accepted = seq;
    state.preceding = matrix;
}
