//! Accepts every Pre-Prepare that is next in turn, in order.

use prime::order::Effects;
use prime::order::State;
use wire::Config;
use wire::Effect;
use wire::Record;
use wire::Seq;
use wire::To;
use wire::Verified;
use wire::prime::Matrix;
use wire::prime::PrePrepare;
use wire::prime::Prepare;

/// How the next number is accepted.
enum Turn {
    /// It is ordered, or will be: there is nothing to vote for. Without a Pre-Prepare, a no-op.
    Committed(Option<Verified<PrePrepare>>),
    /// This server proposed it itself.
    Own(Verified<PrePrepare>),
    /// The leader proposed it.
    Leader(Verified<PrePrepare>),
}

/// Why nothing is accepted.
enum Wait {
    /// Nothing may be voted for.
    Silent,
    /// No Pre-Prepare that may be accepted is there.
    Nothing,
    /// The leader is too fast.
    Token,
}

/// 4.1, "Global Ordering Phase"; 4.2, "Pre-Prepare Flooding"
pub fn accept(state: &mut State, config: &Config, effects: &mut Effects) {
    while let Ok((seq, turn)) = next(state, config) {
        match turn {
            Turn::Committed(pre_prepare) => {
                let matrix = pre_prepare.map_or_else(
                    || state.preceding.clone(),
                    |pre_prepare| pre_prepare.body().matrix.clone(),
                );
                enter(state, seq, matrix);
            }
            Turn::Own(pre_prepare) => {
                enter(state, seq, pre_prepare.body().matrix.clone());
                effects.persist(Record::Held(pre_prepare.into()));
                prime::order::advance(state, config, seq, effects);
            }
            Turn::Leader(pre_prepare) => {
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
                effects.send(
                    To::All,
                    Prepare {
                        view: pre_prepare.body().view,
                        seq,
                        digest: pre_prepare.digest(),
                    },
                );
                prime::order::advance(state, config, seq, effects);
            }
        }
    }
}

/// The number that is next in turn, if it may be accepted now.
fn next(state: &State, config: &Config) -> Result<(Seq, Turn), Wait> {
    if !state.votes() {
        return Err(Wait::Silent);
    }
    let seq = state.accepted.0.checked_add(1).map(Seq).ok_or(Wait::Nothing)?;
    let slot = state.slots.get(&seq).ok_or(Wait::Nothing)?;
    if slot.committed {
        return Ok((seq, Turn::Committed(slot.pre_prepare.clone())));
    }
    let pre_prepare = slot
        .pre_prepare
        .as_ref()
        .filter(|held| held.body().view == state.view)
        .ok_or(Wait::Nothing)?;
    let own = pre_prepare.signer() == state.me;
    if !own && state.tokens == 0 {
        Err(Wait::Token)
    } else if !prime::order::follows(config, &state.preceding, &pre_prepare.body().matrix) {
        Err(Wait::Nothing)
    } else if own {
        Ok((seq, Turn::Own(pre_prepare.clone())))
    } else {
        Ok((seq, Turn::Leader(pre_prepare.clone())))
    }
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
