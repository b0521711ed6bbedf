//! Two rules, tried in order, each of which draws up what a certificate allows; a separate function
//! carries it out.

use prime::order::{Effects, OrderSlot, State, committed, prepared, settle};
use wire::prime::{Commit, Incoming, PrePrepare};
use wire::{Config, Record, Seq, To, Verified};

/// A mark of the slot that is set with a certificate.
enum Mark {
    Prepared,
    Committed,
}

/// What is to be done.
struct Order {
    /// The mark to set.
    mark: Mark,
    /// What to log, in this order.
    held: Vec<Incoming>,
    /// What to promise then.
    vote: Option<Commit>,
}

/// What the rules look at.
struct Facts<'a> {
    state: &'a State,
    config: &'a Config,
    seq: Seq,
    slot: &'a OrderSlot,
    pre_prepare: &'a Verified<PrePrepare>,
}

/// Draws up what is to be done, if anything.
type Rule = fn(&Facts<'_>) -> Option<Order>;

/// In the order in which they are tried.
const RULES: [Rule; 2] = [commit, order];

/// A prepare certificate of the installed view, where this server may vote and did not yet.
fn commit(facts: &Facts<'_>) -> Option<Order> {
    let PrePrepare { view, seq, .. } = *facts.pre_prepare.body();
    let due = facts.state.votes()
        && !facts.slot.prepared
        && facts.seq <= facts.state.accepted
        && view == facts.state.view
        && prepared(facts.config, facts.slot);
    let digest = facts.pre_prepare.digest();
    due.then(|| {
        let votes = facts.slot.prepares.values().filter(|vote| vote.body().digest == digest);
        Order {
            mark: Mark::Prepared,
            held: votes.cloned().map(Incoming::from).collect(),
            vote: Some(Commit { view, seq, digest }),
        }
    })
}

/// A commit certificate that was not counted yet.
fn order(facts: &Facts<'_>) -> Option<Order> {
    let due = !facts.slot.committed && committed(facts.config, facts.slot);
    let digest = facts.pre_prepare.digest();
    due.then(|| {
        let votes = facts.slot.commits.values().filter(|vote| vote.body().digest == digest);
        // What is not accepted was not logged.
        let proposal = (facts.seq > facts.state.accepted).then_some(facts.pre_prepare);
        Order {
            mark: Mark::Committed,
            held: proposal
                .cloned()
                .map(Incoming::from)
                .into_iter()
                .chain(votes.cloned().map(Incoming::from))
                .collect(),
            vote: None,
        }
    })
}

/// What `rule` finds for `seq`.
fn find(state: &State, config: &Config, seq: Seq, rule: Rule) -> Option<Order> {
    let slot = state.slots.get(&seq)?;
    let pre_prepare = slot.pre_prepare.as_ref()?;
    rule(&Facts { state, config, seq, slot, pre_prepare })
}

/// Carries out `order` for `seq`.
fn perform(state: &mut State, seq: Seq, order: Order, effects: &mut Effects) {
    if let Some(slot) = state.slots.get_mut(&seq) {
        match order.mark {
            Mark::Prepared => slot.prepared = true,
            Mark::Committed => slot.committed = true,
        }
    }
    for message in order.held {
        effects.persist(Record::Held(message));
    }
    if let Some(vote) = order.vote {
        effects.promise(To::All, vote);
    }
}

/// Does what the votes held for `seq` allow.
pub fn advance(state: &mut State, config: &Config, seq: Seq, effects: &mut Effects) {
    if !state.slots.contains_key(&seq) {
        return;
    }
    for rule in RULES {
        if let Some(order) = find(state, config, seq, rule) {
            perform(state, seq, order, effects);
        }
    }
    settle(state);
}
