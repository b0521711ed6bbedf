//! What `view_change.on_proposal` must do.

use super::definitions::{judge, key_of, lacks, needed};
use crate::expected::Expected;
use crate::{Finding, answer};
use prime::view_change::State;
use wire::prime::PrePrepare;
use wire::{Config, Seq, Verified};

/// A Pre-Prepare is kept if a resolution that is needed lacks it.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<PrePrepare>,
    executed: Seq,
    after: &State,
    got: &bool,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.on_proposal", config, before);
    let key = key_of(message);
    let lacking = needed(config, before).into_iter().filter_map(|r| lacks(before, r, executed));
    let lacked = lacking.flatten().any(|missing| missing == key);
    if lacked {
        expected.since("kept if some resolution in `state.needed` lacks it");
        expected.state.proposals.insert(key, message.clone());
    }
    judge(&expected, after, &[])?;
    answer(&expected.rule("says whether it did"), &lacked, got)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, config, deliver, entry, hold, proposal, proposal_with, resolution, statement,
        trips,
    };
    use wire::Seq;

    #[test]
    fn what_a_resolution_lacks_is_kept_and_nothing_else() {
        let config = config();
        let named = resolution(4, &[true, false, true]);
        let mut before = changing(5);
        deliver(&mut before, &[4], &statement(0, Some((3, &named))));
        before.resolutions.insert(named.digest(), named.clone());
        let wanted = proposal(0, 7);
        let mut after = before.clone();
        after.proposals.extend([entry(&wanted)]);
        assert_eq!(check(&config, &before, &wanted, Seq(6), &after, &true), Ok(()));
        trips(check(&config, &before, &wanted, Seq(6), &after, &false), "says whether");
        trips(check(&config, &before, &wanted, Seq(6), &before, &true), "proposals");

        // Executed, another one, a no-op, of another view, held already, or nobody needs it.
        let mut held = changing(5);
        hold(&mut held, &named);
        deliver(&mut held, &[4], &statement(0, Some((3, &named))));
        let mut idle = changing(5);
        idle.resolutions.insert(named.digest(), named);
        for (before, message, executed) in [
            (&before, wanted.clone(), 7),
            (&before, proposal_with(0, 7, 3), 4),
            (&before, proposal(0, 6), 4),
            (&before, proposal(1, 7), 4),
            (&held, wanted.clone(), 4),
            (&idle, wanted, 4),
        ] {
            let executed = Seq(executed);
            assert_eq!(check(&config, before, &message, executed, before, &false), Ok(()));
            trips(check(&config, before, &message, executed, before, &true), "says whether");
            let mut kept = before.clone();
            kept.proposals.extend([entry(&proposal(3, 9))]);
            trips(check(&config, before, &message, executed, &kept, &false), "proposals");
        }
    }
}
