//! What `order.resume` must do.

use super::definitions::{accept, recount, votes};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::order::State;
use wire::prime::{Commit, Prepare, Prime};
use wire::{Config, Effect, To};

/// After the log was read, what was promised of open numbers is said again.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.resume", config, before);
    expected.since("`recount`, then `accept`");
    recount(config, &mut expected.state);
    accept(&mut expected);
    if votes(&expected.state) {
        expected.since("promises about accepted and unordered numbers are sent again, unlogged");
        say_again(&mut expected);
    }
    expected.judge(after, Order::Fixed, effects)
}

fn say_again(expected: &mut Expected<'_, State>) {
    let state = expected.state.clone();
    let leads = expected.config.leader_of(state.view) == state.me;
    let open = state.slots.iter().filter(|(n, _)| state.ordered < **n && **n <= state.accepted);
    for (_, slot) in open {
        let Some(proposal) = &slot.pre_prepare else { continue };
        let (view, seq, digest) = (proposal.body().view, proposal.body().seq, proposal.digest());
        if view == state.view {
            if !leads && !slot.committed {
                expected.send(To::All, Prepare { view, seq, digest });
            }
            if slot.prepared {
                expected.send(To::All, Commit { view, seq, digest });
            }
        }
    }
    for proposal in state.promised.values().filter(|it| it.seq > state.accepted) {
        expected.send(To::All, proposal.clone());
    }
    expected.state.promised.clear();
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{
        accepted, at, commit_body, config, done, effects, grown, ordered, prepare_body, proposal,
        proposal_of, slot, state, trips, voted,
    };
    use prime::order::{OrderSlot, State};
    use wire::prime::Prime;
    use wire::{Effect, Seq, To, View};

    /// The log shows 1 ordered, 2 prepared, 3 accepted, 4 committed and 5 waiting.
    fn read() -> State {
        let mut state = state();
        accepted(&mut state, 4);
        *at(&mut state, 1) = slot(&proposal(1), &[3, 4], &[1, 2, 3]);
        *at(&mut state, 2) = OrderSlot { prepared: true, ..slot(&proposal(2), &[3, 4], &[]) };
        *at(&mut state, 3) = slot(&proposal(3), &[], &[]);
        *at(&mut state, 4) = OrderSlot { prepared: true, ..done(&proposal(4)) };
        *at(&mut state, 5) = slot(&proposal(5), &[], &[]);
        state
    }

    fn resumed(before: &State) -> State {
        let mut after = before.clone();
        at(&mut after, 1).committed = true;
        ordered(&mut after, 1);
        accepted(&mut after, 5);
        after.tokens = 2;
        after
    }

    fn said() -> Vec<Effect<Prime>> {
        effects(|e| {
            voted(e, &proposal(5));
            e.send(To::All, prepare_body(&proposal(2)));
            e.send(To::All, commit_body(&proposal(2)));
            e.send(To::All, prepare_body(&proposal(3)));
            e.send(To::All, commit_body(&proposal(4)));
            e.send(To::All, prepare_body(&proposal(5)));
        })
    }

    #[test]
    fn what_was_promised_of_open_numbers_is_said_again() {
        let (config, before) = (config(), read());
        let after = resumed(&before);
        assert_eq!(check(&config, &before, &after, &said()), Ok(()));
        let mut logged = said();
        logged.splice(6..7, effects(|e| e.promise(To::All, commit_body(&proposal(2)))));
        trips(check(&config, &before, &after, &logged), "effect 6");
        let mut again = said();
        let body = prepare_body(&proposal(4)).into();
        again.insert(8, Effect::Send { to: To::All, body });
        trips(check(&config, &before, &after, &again), "effect 8");
        trips(check(&config, &before, &after, &said()[..9]), "effects");
        let mut open = after;
        at(&mut open, 1).committed = false;
        trips(check(&config, &before, &open, &said()), "committed");
    }

    #[test]
    fn between_views_nothing_is_said_but_certificates_count() {
        let (config, mut before) = (config(), read());
        before.preinstalled = View(2);
        let mut after = before.clone();
        at(&mut after, 1).committed = true;
        ordered(&mut after, 1);
        accepted(&mut after, 4);
        assert_eq!(check(&config, &before, &after, &[]), Ok(()));
        trips(check(&config, &before, &after, &said()), "effect 0");
    }

    #[test]
    fn a_leader_sends_its_own_proposals_that_did_not_come_back() {
        let (config, mut before) = (config(), state());
        (before.view, before.preinstalled) = (View(4), View(4));
        let own = |n| proposal_of(4, n, grown(n));
        accepted(&mut before, 1);
        *at(&mut before, 1) = slot(&own(1), &[], &[]);
        before.promised = [1, 2, 3].map(|n| (Seq(n), own(n).body().clone())).into();
        (before.proposed, before.proposal) = (Seq(3), grown(3));
        let mut after = before.clone();
        after.promised.clear();
        let sent =
            |from| effects(|e| (from..4).for_each(|n| e.send(To::All, own(n).body().clone())));
        assert_eq!(check(&config, &before, &after, &sent(2)), Ok(()));
        trips(check(&config, &before, &after, &sent(1)), "effect 0");
        trips(check(&config, &before, &after, &sent(3)), "effect 0");
        trips(check(&config, &before, &before, &sent(2)), "promised");
    }
}
