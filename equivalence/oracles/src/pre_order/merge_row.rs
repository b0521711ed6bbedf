//! What `pre_order.merge_row` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::{PoAru, Prime};
use wire::{Config, Effect, Verified};

/// `Last_PO_Aru[]` keeps the most up-to-date row of each server (4.1; 4.2, "Blacklisting Servers").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    row: &Verified<PoAru>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("merge_row", config, before);

    expected.since("newer replaces, same and older change nothing, inconsistent blacklists");
    expected.merge(row.signed(), |_| row.digest());
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{aru, config, state, trips};
    use wire::prime::{PoAru, PoAruConflict, Prime};
    use wire::{Effect, ReplicaId, To, Verified};

    fn proof(first: &Verified<PoAru>, second: &Verified<PoAru>) -> [Effect<Prime>; 1] {
        let (first, second) = (first.signed().clone(), second.signed().clone());
        [Effect::Send { to: To::All, body: PoAruConflict { first, second }.into() }]
    }

    #[test]
    fn the_more_up_to_date_row_is_kept() {
        let (config, nothing) = (config(), state());
        let (old, new) = (aru(2, &[1, 1, 0, 0]), aru(2, &[2, 1, 0, 0]));
        let mut with_old = nothing.clone();
        with_old.rows[1] = Some(old.clone());
        let mut with_new = nothing.clone();
        with_new.rows[1] = Some(new.clone());
        assert_eq!(check(&config, &nothing, &old, &with_old, &[]), Ok(()));
        assert_eq!(check(&config, &with_old, &new, &with_new, &[]), Ok(()));
        assert_eq!(check(&config, &with_new, &old, &with_new, &[]), Ok(()));
        assert_eq!(check(&config, &with_new, &new, &with_new, &[]), Ok(()));
        trips(check(&config, &with_new, &old, &with_old, &[]), "rows[r2]");
        trips(check(&config, &with_old, &new, &with_old, &[]), "rows[r2]");
        trips(check(&config, &nothing, &old, &nothing, &[]), "rows[r2]");
    }

    #[test]
    fn who_contradicts_himself_is_blacklisted_once() {
        let (config, mut before) = (config(), state());
        let (held, new) = (aru(2, &[1, 1, 0, 0]), aru(2, &[2, 0, 0, 0]));
        before.rows[1] = Some(held.clone());
        let mut after = before.clone();
        after.blacklist.insert(ReplicaId(2));
        let effects = proof(&held, &new);
        assert_eq!(check(&config, &before, &new, &after, &effects), Ok(()));
        trips(check(&config, &before, &new, &after, &[]), "effects");
        trips(check(&config, &before, &new, &after, &proof(&new, &held)), "effect 0");
        trips(check(&config, &before, &new, &before, &effects), "blacklist");
        assert_eq!(check(&config, &after, &new, &after, &[]), Ok(()));
        trips(check(&config, &after, &new, &after, &effects), "effect 0");
        let mut replaced = after.clone();
        replaced.rows[1] = Some(new.clone());
        trips(check(&config, &before, &new, &replaced, &effects), "rows[r2]");
    }
}
