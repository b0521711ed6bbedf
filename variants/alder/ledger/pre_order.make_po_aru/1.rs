//! `PO_Aru[]` is announced.

use prime::pre_order::{Effects, State};
use wire::prime::PoAru;
use wire::{Config, List, PoSeq, Time, To};

/// What the timer finds.
enum Plan {
    /// Too early, or nothing grew.
    Wait,
    /// This vector is to be announced.
    Announce(Vec<PoSeq>),
}

/// Promises everybody the certified prefixes, if one has grown since they were promised last and
/// the least interval has passed.
pub fn make_po_aru(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let vector = match plan(state, now) {
        Plan::Wait => return,
        Plan::Announce(vector) => vector,
    };
    state.next_aru_at = now.after(config.timing.po_aru);
    state.sent_aru.clone_from(&vector);
    match List::new(vector) {
        Ok(vec) => effects.promise(To::All, PoAru { vec }),
        Err(_) => unreachable!("a cluster has at most MAX_REPLICAS servers"),
    }
}

fn plan(state: &State, now: Time) -> Plan {
    if now < state.next_aru_at {
        return Plan::Wait;
    }
    let n = state.sent_aru.len();
    let mut first = 0;
    while first < n && state.columns[first].aru <= state.sent_aru[first] {
        first += 1;
    }
    if first == n {
        return Plan::Wait;
    }
    let mut vector = state.sent_aru.clone();
    for o in first..n {
        if state.columns[o].aru > vector[o] {
            vector[o] = state.columns[o].aru;
        }
    }
    Plan::Announce(vector)
}
