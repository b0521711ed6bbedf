//! A reminder to the leader, on a fuse.

use prime::pre_order::{Effects, State, has_news, last_matrix};
use wire::prime::{Matrix, ProofMatrix};
use wire::{Config, ReplicaId, Time, To};

/// The fuse's states.
enum Fuse {
    Out,
    Lit,
    Burning,
    Burnt,
}

/// Looks at the fuse, and lights, watches or fires it.
pub fn make_proof_matrix(
    state: &mut State,
    config: &Config,
    now: Time,
    leader: ReplicaId,
    proposed: &Matrix,
    effects: &mut Effects,
) {
    let wanted = leader != state.me && has_news(state, config, proposed);
    let fuse = match (wanted, state.proof_matrix_at) {
        (false, _) => Fuse::Out,
        (true, None) => Fuse::Lit,
        (true, Some(at)) if at > now => Fuse::Burning,
        (true, Some(_)) => Fuse::Burnt,
    };
    if let Fuse::Burnt = fuse {
        effects.send(To::One(leader), ProofMatrix { matrix: last_matrix(state) });
    }
    state.proof_matrix_at = match fuse {
        Fuse::Out => None,
        Fuse::Burning => state.proof_matrix_at,
        Fuse::Lit | Fuse::Burnt => Some(now.after(config.timing.proof_matrix)),
    };
}
