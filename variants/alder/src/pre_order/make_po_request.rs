//! Waiting updates become this server's next PO-Request.

use prime::pre_order::{Effects, State};
use wire::prime::{MAX_BATCH, MAX_BATCH_BYTES, PoRequest};
use wire::{Config, List, PoSeq, Time, To};

/// What the timer finds.
enum Plan {
    /// Nothing may be sent now.
    Wait,
    /// The number to use, and how many updates from the front go under it.
    Batch(PoSeq, usize),
}

/// Promises everybody one batch of the oldest waiting updates under the next own number, unless
/// it is too early or the number is beyond what others would keep.
pub fn make_po_request(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let (seq, count) = match plan(state, config, now) {
        Plan::Wait => return,
        Plan::Batch(seq, count) => (seq, count),
    };
    let mut updates = Vec::with_capacity(count);
    while updates.len() < count {
        match state.pending.pop_front() {
            Some(update) => updates.push(update.signed().clone()),
            None => break,
        }
    }
    state.last_own = seq;
    state.next_request_at = now.after(config.timing.po_request);
    match List::new(updates) {
        Ok(updates) => effects.promise(To::All, PoRequest { seq, updates }),
        Err(_) => unreachable!("at most MAX_BATCH were counted"),
    }
}

fn plan(state: &State, config: &Config, now: Time) -> Plan {
    if state.pending.is_empty() || now < state.next_request_at || state.last_own.0 == u64::MAX {
        return Plan::Wait;
    }
    let seq = state.last_own.next();
    let retired = state.columns[state.me.index()].retired;
    if seq.0 > retired.0.saturating_add(config.windows.preorder.div_ceil(2)) {
        return Plan::Wait;
    }
    let mut bytes = state.pending[0].body().payload.len();
    let mut count = 1;
    while count < state.pending.len() && count < MAX_BATCH {
        bytes += state.pending[count].body().payload.len();
        if bytes > MAX_BATCH_BYTES {
            break;
        }
        count += 1;
    }
    Plan::Batch(seq, count)
}
