//! What `view_change.make_vc_list` must do.

use super::definitions::{collected, judge, list, round, round_mut};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::{Prime, VcList};
use wire::{Config, Effect, ReplicaId, Seq, To};

/// The Q lowest servers whose states are complete are announced, once.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    executed: Seq,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.make_vc_list", config, before);
    let complete = config.replicas().filter(|&i| collected(before, i, executed));
    let lowest: Vec<ReplicaId> = complete.take(config.quorum()).collect();
    let silent = round(before).is_some_and(|round| round.listed.is_none());
    if silent && lowest.len() == config.quorum() {
        expected.since("`listed` becomes the Q lowest of them, promised to all");
        let (view, ids) = (before.preinstalled, list(lowest));
        round_mut(&mut expected.state, view).listed = Some(ids.clone());
        expected.promise(To::All, VcList { view, ids });
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, config, deliver, effects, ids, now_in, sent, statement, trips,
    };
    use wire::prime::VcList;
    use wire::{Seq, To, View};

    #[test]
    fn the_q_lowest_are_promised_to_all() {
        let (config, mut before) = (config(), changing(5));
        deliver(&mut before, &[1, 2, 3, 4], &statement(4, None));
        deliver(&mut before, &[2], &statement(9, None));
        let body = VcList { view: View(5), ids: ids(&[1, 3, 4]) };
        let mut after = before.clone();
        now_in(&mut after).listed = Some(body.ids.clone());
        let made = effects(|e| e.promise(To::All, body.clone()));
        let executed = Seq(4);
        assert_eq!(check(&config, &before, executed, &after, &made), Ok(()));
        trips(check(&config, &before, executed, &before, &made), "listed");
        trips(check(&config, &before, executed, &before, &[]), "effects");
        let sent = [sent(To::All, body)];
        trips(check(&config, &before, executed, &after, &sent), "effect 0");

        // Once only, and of the lowest ones.
        assert_eq!(check(&config, &after, executed, &after, &[]), Ok(()));
        trips(check(&config, &after, executed, &after, &made), "effect 0");
        trips(check(&config, &before, Seq(9), &after, &made), "effect 0");
    }

    #[test]
    fn nothing_is_announced_one_short() {
        let (config, mut before) = (config(), changing(5));
        deliver(&mut before, &[1, 4], &statement(4, None));
        let mut after = before.clone();
        now_in(&mut after).listed = Some(ids(&[1, 4]));
        let body = VcList { view: View(5), ids: ids(&[1, 4]) };
        let made = effects(|e| e.promise(To::All, body));
        assert_eq!(check(&config, &before, Seq(4), &before, &[]), Ok(()));
        trips(check(&config, &before, Seq(4), &after, &made), "effect 0");
        trips(check(&config, &before, Seq(4), &after, &[]), "listed");
        let mut over = before;
        deliver(&mut over, &[2], &statement(4, None));
        over.installed = View(5);
        assert_eq!(check(&config, &over, Seq(4), &over, &[]), Ok(()));
    }
}
