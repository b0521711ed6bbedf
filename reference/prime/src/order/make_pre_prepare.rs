//! The leader proposes.

use crate::order::{Effects, State, build_matrix, eligible};
use crate::pre_order::{self, covers};
use slots::slot;
use wire::prime::PrePrepare;
use wire::{Config, PoSeq, Time, To};

/// Proposes the next number, if this server leads the view and has a reason to.
///
/// Let the last proposal be `state.proposal` under number `state.proposed`. Nothing happens if this
/// server is not the leader of `state.view` or may not vote in it (`state.votes()`), if
/// `now < state.next_pre_prepare_at`, or if the next number, `proposed + 1`, lies beyond
/// `state.horizon(config)` (too many are outstanding).
///
/// Otherwise let M be [`build_matrix`] over `pre_order` and the last proposal. There is a reason if
/// M makes something eligible beyond what the last proposal does ([`eligible`], prefix of zeros), or
/// if some Proof-Matrix in `pre_order.proof_matrices` is not covered by the last proposal
/// ([`covers`] with `pre_order.blacklist`) and M is not the same as the last proposal (`Matrix::same`:
/// in all vectors). Without a reason nothing happens.
/// With one, `state.proposed` grows by one, `state.proposal` becomes M, `next_pre_prepare_at`
/// becomes `now + timing.pre_prepare`, and the Pre-Prepare (view, proposed, M) is emitted as a
/// promise to all.
///
/// Invariant: at most one proposal per (view, number), also across restarts.
/// Paper: 4.1, "Global Ordering Phase"; 4.2, "Enforcing up-to-date Pre-Prepare messages".
/// Deviation: sent on news only, not periodically.
#[slot(order.make_pre_prepare)]
pub fn make_pre_prepare(
    state: &mut State,
    config: &Config,
    now: Time,
    pre_order: &pre_order::State,
    effects: &mut Effects,
) {
    let seq = state.proposed.next();
    let leads = config.leader_of(state.view) == state.me && state.votes();
    if !leads || now < state.next_pre_prepare_at || seq > state.horizon(config) {
        return;
    }
    let matrix = build_matrix(pre_order, &state.proposal);
    let nothing = vec![PoSeq(0); config.size()];
    let old = eligible(config, &state.proposal, &nothing);
    let advances = eligible(config, &matrix, &nothing).iter().zip(&old).any(|(new, old)| new > old);
    let mut held = pre_order.proof_matrices.iter().flatten();
    let uncovered = held
        .any(|held| !covers(&pre_order.blacklist, &state.proposal, &held.body().matrix))
        && !matrix.same(&state.proposal);
    if !advances && !uncovered {
        return;
    }
    state.proposed = seq;
    state.proposal = matrix.clone();
    state.next_pre_prepare_at = now.after(config.timing.pre_prepare);
    effects.promise(To::All, PrePrepare { view: state.view, seq, matrix });
}
