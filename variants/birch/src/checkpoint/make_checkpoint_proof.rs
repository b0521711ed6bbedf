//! `checkpoint.make_checkpoint_proof`: shows what is on offer.

use prime::checkpoint::{Effects, State};
use wire::{Config, Reject, ReplicaId, Time, To};

/// Whether one who was shown a proof at `last` may be shown it again.
fn may_show(last: Option<Time>, config: &Config, now: Time) -> Result<(), Reject> {
    last.is_none_or(|last| now >= last.after(config.timing.retransmit))
        .then_some(())
        .ok_or(Reject::Full)
}

/// Shows `peer` the proof of the state on offer.
pub fn make_checkpoint_proof(
    state: &mut State,
    config: &Config,
    now: Time,
    peer: ReplicaId,
    effects: &mut Effects,
) {
    let offer = state
        .marks
        .get(&state.offered)
        .and_then(|mark| mark.proof.as_ref())
        .filter(|_| peer != state.me);
    let shown = usize::from(peer.0).checked_sub(1).and_then(|place| state.shown.get_mut(place));
    let Some((proof, shown)) = offer.zip(shown) else {
        return;
    };
    match may_show(*shown, config, now) {
        Err(reason) => effects.reject(peer, reason),
        Ok(()) => {
            effects.send(To::One(peer), proof.clone());
            *shown = Some(now);
        }
    }
}
