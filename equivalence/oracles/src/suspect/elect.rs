//! What `suspect.elect` must do.

use super::definitions::elect;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::{NewLeaderProof, Prime};
use wire::{Config, Effect};

/// A proof is kept, logged and shown before anything of its view is said.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    proof: NewLeaderProof,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.elect", config, before);
    expected.since("the proof is kept and emitted as a promise to the others; the view stays");
    elect(&mut expected, proof);
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{config, each_trips, effects, proof, state, trips};
    use wire::To;

    #[test]
    fn the_proof_is_logged_and_shown_and_the_view_stays() {
        let (config, before, shown) = (config(), state(), proof(2, &[1, 2, 3]));
        let mut after = before.clone();
        after.proof = Some(shown.clone());
        let made = effects(|e| e.promise(To::Others, shown.clone()));
        each_trips(
            &after,
            |after| check(&config, &before, shown.clone(), after, &made),
            &[("proof", |s| s.proof = None), ("view", |s| s.view.0 = 2)],
        );
        let all = effects(|e| e.promise(To::All, shown.clone()));
        for wrong in [&made[..1], &made[1..], &[], &all] {
            trips(check(&config, &before, shown.clone(), &after, wrong), "effect");
        }
    }
}
