//! Two rules, tried in order, each of which draws up what a certificate allows; a separate function
//! carries it out.

use prime::order::{OrderSlot, State, accept, committed, prepared, settle};
use wire::prime::{Commit, Incoming, Prepare, PrePrepare, Prime};
use wire::{Config, Effects, Record, Seq, To, Verified};

/// What is to be done.
enum Command {
    /// Log these and promise the Commit.
    Commit(Vec<Verified<Prepare>>, Commit),
    /// Log these and count the number as committed.
    Order(Vec<Verified<Commit>>),
}

/// What the rules look at.
struct Facts<'a> {
    state: &'a State,
    config: &'a Config,
    slot: &'a OrderSlot,
    pre_prepare: &'a Verified<PrePrepare>,
}

/// In the order in which they are tried.
const RULES: [fn(&Facts<'_>) -> Option<Command>; 2] = [commit, order];

/// A prepare certificate, where this server may vote and did not yet.
fn commit(facts: &Facts<'_>) -> Option<Command> {
    let PrePrepare { view, seq, .. } = *facts.pre_prepare.body();
    let due = !facts.slot.prepared
        && facts.state.votes()
        && view == facts.state.view
        && prepared(facts.config, facts.slot);
    let digest = facts.pre_prepare.digest();
    let leader = facts.pre_prepare.signer();
    due.then(|| {
        let votes = facts.slot.prepares.iter().filter(|(signer, vote)| {
            **signer != leader && *vote.body() == Prepare { view, seq, digest }
        });
        Command::Commit(
            votes.map(|(_, vote)| vote.clone()).collect(),
            Commit { view, seq, digest },
        )
    })
}

/// A commit certificate that was not counted yet.
fn order(facts: &Facts<'_>) -> Option<Command> {
    let PrePrepare { view, seq, .. } = *facts.pre_prepare.body();
    let due = !facts.slot.committed && committed(facts.config, facts.slot);
    let digest = facts.pre_prepare.digest();
    due.then(|| {
        let votes =
            facts.slot.commits.values().filter(|vote| *vote.body() == Commit { view, seq, digest });
        Command::Order(votes.cloned().collect())
    })
}

/// What `rule` finds for `seq`. Nothing for a number that is not accepted: its Pre-Prepare is neither
/// known to be valid nor logged.
fn find(
    state: &State,
    config: &Config,
    seq: Seq,
    rule: fn(&Facts<'_>) -> Option<Command>,
) -> Option<Command> {
    if seq > state.accepted {
        return None;
    }
    let slot = state.slots.get(&seq)?;
    let pre_prepare = slot.pre_prepare.as_ref()?;
    rule(&Facts { state, config, slot, pre_prepare })
}

/// Carries out `command` for `seq`.
fn perform(
    state: &mut State,
    config: &Config,
    seq: Seq,
    command: Command,
    effects: &mut Effects<Prime>,
) {
    match command {
        Command::Commit(votes, commit) => {
            if let Some(slot) = state.slots.get_mut(&seq) {
                slot.prepared = true;
            }
            for vote in votes {
                effects.persist(Record::Held(Incoming::from(vote)));
            }
            effects.promise(To::All, commit);
        }
        Command::Order(votes) => {
            if let Some(slot) = state.slots.get_mut(&seq) {
                slot.committed = true;
            }
            for vote in votes {
                effects.persist(Record::Held(Incoming::from(vote)));
            }
            let accepted = state.accepted;
            settle(state);
            // Only numbers that were committed before they were accepted make more acceptable.
            if state.accepted > accepted {
                accept(state, config, effects);
            }
        }
    }
}

/// Does what the votes held for `seq` allow.
pub fn advance(state: &mut State, config: &Config, seq: Seq, effects: &mut Effects<Prime>) {
    for rule in RULES {
        if let Some(command) = find(state, config, seq, rule) {
            perform(state, config, seq, command, effects);
        }
    }
}
