//! Q signatures make a proof.

use crate::view_change::{Effects, State};
use slots::slot;
use std::collections::BTreeMap;
use wire::prime::{Constraint, Proof, VcProof};
use wire::{Config, List, Signed, To};

/// Builds a proof from the partial signatures held, or sends on the one received.
///
/// Nothing happens unless a change is under way and its proof was not sent yet (`proof_sent`). Then
/// - if no `proof` is held and some constraint was signed by at least Q servers, the lowest such:
///   `proof` becomes it with the certificate of those signatures, ascending by signer. Where
///   `config.proofs` is `Threshold` they have shares, which the host combines whenever it is sent;
/// - if a `proof` is held now, `proof_sent` is set and the proof is emitted as `Send` of an own
///   VC-Proof: to `To::All` if it was built here, to the leader alone if it was received and this
///   server is not the leader. The leader that received it emits nothing.
///
/// From then on the leader has what it needs for its Replay: this is where its time begins.
///
/// Paper: 5.3, "Proof Generation Phase". Deviation: where `config.proofs` is `Certificate`, signatures
/// instead of a threshold signature.
///
/// Invariant: at most one proof is sent in a change, and the proof held is never replaced.
#[slot(view_change.make_vc_proof)]
pub fn make_vc_proof(state: &mut State, config: &Config, effects: &mut Effects) {
    let Some(round) = state.round().filter(|round| !round.proof_sent) else { return };
    let view = state.preinstalled;
    let leader = config.leader_of(view);
    let received = round.proof.clone();
    let built = match received {
        Some(_) => None,
        None => {
            let mut signed: BTreeMap<&Constraint, Vec<Signed<_>>> = BTreeMap::new();
            for partial in round.partials.values().flat_map(BTreeMap::values) {
                let same = signed.entry(&partial.body().constraint).or_default();
                same.push(partial.signed().clone());
            }
            let whole = signed.into_iter().find(|(_, partials)| partials.len() >= config.quorum());
            whole.map(|(constraint, partials)| VcProof {
                constraint: constraint.clone(),
                proof: Proof::Certificate(
                    List::new(partials).expect("at most one for each replica"),
                ),
            })
        }
    };
    let own = built.is_some();
    let Some(proof) = built.or(received) else { return };
    let round = state.rounds.entry(view).or_default();
    round.proof = Some(proof.clone());
    round.proof_sent = true;
    if own {
        effects.send(To::All, proof);
    } else if leader != state.me {
        effects.send(To::One(leader), proof);
    }
}
