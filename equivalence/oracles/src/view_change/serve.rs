//! What `view_change.serve` must do.

use super::definitions::{judge, view_of};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::{CatchUpRequest, Prime};
use wire::{Config, Effect, Time, To, Verified};

/// Who is behind is shown the install certificate that it can use.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    message: &Verified<CatchUpRequest>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.serve", config, before);
    let (signer, asked) = (message.signer(), message.body());
    let period = config.timing.retransmit;
    let lately = before.served[signer.index()].is_some_and(|at| now.since(at) < period);
    let usable = before
        .installs
        .values()
        .filter(|held| view_of(held) > asked.installed && held.resolution.base <= asked.ordered);
    let due = usable.max_by_key(|held| view_of(held));
    if let Some(install) = due.filter(|_| signer != before.me && !lately) {
        expected.since("the one of the highest view is emitted as `Send` to the signer alone");
        expected.state.served[signer.index()] = Some(now);
        expected.send(To::One(signer), install.clone());
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{changing, config, install, resolution, sent, sign, trips};
    use prime::view_change::State;
    use wire::prime::CatchUpRequest;
    use wire::{ReplicaId, Seq, Time, To, Verified, View};

    /// View v was installed with base 2v.
    fn state() -> State {
        let mut state = changing(5);
        for view in 1..=3 {
            state.installs.insert(View(view), install(view, &resolution(2 * view, &[])));
        }
        state
    }

    fn ask(by: u16, installed: u64, ordered: u64) -> Verified<CatchUpRequest> {
        let installed = View(installed);
        let (ordered, executed) = (Seq(ordered), Seq(0));
        sign(by, CatchUpRequest { view: View(5), installed, ordered, executed })
    }

    #[test]
    fn the_highest_that_the_signer_can_use_goes_to_it() {
        let (config, now) = (config(), Time(1 << 40));
        let just = now.0 - config.timing.retransmit;
        for (installed, ordered, served, view) in [
            (0, 9, None, Some(3)),
            (2, 6, None, Some(3)),
            (0, 5, None, Some(2)),
            (0, 2, Some(just), Some(1)),
            (0, 9, Some(just + 1), None),
            (0, 1, None, None),
            (3, 9, None, None),
        ] {
            let mut before = state();
            before.served[2] = served.map(Time);
            let message = ask(3, installed, ordered);
            let mut told = before.clone();
            told.served[2] = Some(now);
            let to = |view: u64| {
                let install = state().installs.remove(&View(view)).unwrap();
                [sent(To::One(ReplicaId(3)), install)]
            };
            let check =
                |after, effects: &[_]| check(&config, &before, now, &message, after, effects);
            if let Some(view) = view {
                assert_eq!(check(&told, &to(view)), Ok(()));
                trips(check(&told, &to(view % 3 + 1)), "effect 0");
                trips(check(&before, &to(view)), "served");
                trips(check(&told, &[]), "effects");
            } else {
                assert_eq!(check(&before, &[]), Ok(()));
                trips(check(&told, &to(3)), "effect 0");
                trips(check(&told, &[]), "served");
            }
        }
    }

    #[test]
    fn nobody_serves_itself() {
        let (config, before) = (config(), state());
        let message = ask(1, 0, 9);
        assert_eq!(check(&config, &before, Time(9), &message, &before, &[]), Ok(()));
        let install = state().installs.remove(&View(3)).unwrap();
        let made = [sent(To::One(ReplicaId(1)), install)];
        trips(check(&config, &before, Time(9), &message, &before, &made), "effect 0");
    }
}
