//! What holds of every state, and of every step from one state to the next.

use crate::Finding;
use crate::pre_order::definitions::at_least_as_up_to_date;
use prime::pre_order::{Column, PoSlot, State};
use std::fmt::Debug;
use wire::{Config, PoSeq, ReplicaId, Verified};

/// A rule with what was found against it, unless it holds.
fn holds(rule: &str, place: impl Debug, found: impl Debug, holds: bool) -> Result<(), Finding> {
    if holds {
        return Ok(());
    }
    Err(Finding {
        rule: format!("pre_order::State: {rule}"),
        expected: format!("it holds of {place:?}"),
        got: format!("{found:?}"),
    })
}

/// Holds a state of pre-ordering, of a server that has started, against its invariants.
///
/// While the log is read slots may lie above the window: see `pre_order.recover`.
///
/// # Errors
/// The first one that is broken.
pub fn check(config: &Config, state: &State) -> Result<(), Finding> {
    let n = config.size();
    let shapes = [
        state.columns.len(),
        state.rows.len(),
        state.proof_matrices.len(),
        state.sent_aru.len(),
        state.retransmit_known.len(),
    ];
    holds("vectors by server have n entries", "all", shapes, shapes == [n; 5])?;
    let known = &state.retransmit_known;
    let square = known.iter().all(|row| row.len() == n);
    holds("retransmit_known has shape [n][n]", "all", known, square)?;
    holds("me is a replica", "me", state.me, config.is_replica(state.me))?;
    pending(config, state)?;
    for (index, column) in state.columns.iter().enumerate() {
        of_column(config, ReplicaId::from_index(index), column)?;
    }
    rows(config, state)?;
    acks(config, state)?;
    let convicted = [&state.blacklist, &state.equivocators];
    let strangers = convicted.iter().any(|set| !set.iter().all(|&i| config.is_replica(i)));
    holds("blacklist and equivocators name replicas", "all", convicted, !strangers)
}

fn pending(config: &Config, state: &State) -> Result<(), Finding> {
    let length = state.pending.len();
    let fits = length as u64 <= config.windows.pending;
    holds("pending has at most windows.pending updates", "pending", length, fits)?;
    for update in &state.pending {
        let number = (update.signer(), update.body().seq);
        let known = state.preordered.contains(&number);
        holds("every pending update has its number in preordered", "pending", number, known)?;
    }
    Ok(())
}

fn of_column(config: &Config, o: ReplicaId, column: &Column) -> Result<(), Finding> {
    let Column { aru, retired, slots } = column;
    holds("retired <= aru", o, (retired, aru), retired <= aru)?;
    let window = config.windows.preorder;
    for (&s, slot) in slots {
        let inside = s > *retired && s.0 - retired.0 <= window;
        holds("slots lie in (retired, retired + windows.preorder]", (o, s), retired, inside)?;
        of_slot(config, o, s, slot)?;
    }
    // Dense: `aru - retired` of them, one for each number.
    let certified = slots.range(..=*aru).filter(|(_, slot)| slot.certified.is_some()).count();
    let all = certified as u64 == aru.0 - retired.0;
    holds("every number in (retired, aru] is certified", o, (retired, aru, certified), all)
}

fn of_slot(config: &Config, o: ReplicaId, s: PoSeq, slot: &PoSlot) -> Result<(), Finding> {
    let PoSlot { request, adopted, acks, certified } = slot;
    let named = request.as_ref().is_none_or(|it| it.signer() == o && it.body().seq == s);
    holds("request is of its originator and number", (o, s), request, named)?;
    let numbered = adopted.as_ref().is_none_or(|content| content.body.seq == s);
    holds("adopted content has the slot's number", (o, s), adopted, numbered)?;
    let senders = acks.keys().all(|&i| i != o && config.is_replica(i));
    holds("acks are of servers other than the originator", (o, s), acks, senders)?;
    let held =
        [request.as_ref().map(Verified::digest), adopted.as_ref().map(|content| content.digest)];
    let bound = certified.is_none() || held.contains(certified);
    holds("request or adopted has the certified digest", (o, s), (certified, held), bound)
}

fn rows(config: &Config, state: &State) -> Result<(), Finding> {
    for (index, row) in state.rows.iter().enumerate() {
        let i = ReplicaId::from_index(index);
        let valid = row
            .as_ref()
            .is_none_or(|row| row.signer() == i && row.body().vec.len() == config.size());
        holds("a row is its server's and has N entries", i, row, valid)?;
    }
    for (index, message) in state.proof_matrices.iter().enumerate() {
        let i = ReplicaId::from_index(index);
        let own = message.as_ref().is_none_or(|message| message.signer() == i);
        holds("a Proof-Matrix is held as its signer's", i, message, own)?;
    }
    Ok(())
}

/// At most one digest per identifier is ever acknowledged, the first seen; never one's own.
fn acks(config: &Config, state: &State) -> Result<(), Finding> {
    for ack in &state.unsent_acks {
        let others = ack.originator != state.me && config.is_replica(ack.originator);
        holds("acknowledgements are of other servers' requests", "unsent_acks", ack, others)?;
        let slot = state.slot(ack.originator, ack.seq);
        let first = slot.and_then(|slot| slot.request.as_ref()).map(Verified::digest);
        let seen_first = slot.is_none() || first == Some(ack.digest);
        holds("what is acknowledged is the request seen first", first, ack, seen_first)?;
    }
    Ok(())
}

/// Holds a step of pre-ordering against what never changes back.
///
/// # Errors
/// The first one that is broken.
pub fn check_step(before: &State, after: &State) -> Result<(), Finding> {
    let own = (before.last_own, after.last_own);
    holds("me never changes", before.me, after.me, before.me == after.me)?;
    holds("last_own never decreases", "last_own", own, own.0 <= own.1)?;
    let grown = at_least_as_up_to_date(&after.sent_aru, &before.sent_aru);
    let sent = (&before.sent_aru, &after.sent_aru);
    holds("sent_aru never decreases in any entry", "sent_aru", sent, grown)?;
    for (index, (old, new)) in before.columns.iter().zip(&after.columns).enumerate() {
        step_of_column(ReplicaId::from_index(index), old, new)?;
    }
    for (old, new) in before.rows.iter().zip(&after.rows) {
        let (Some(old_row), new_row) = (old, new) else { continue };
        let kept = new_row.as_ref().is_some_and(|new_row| {
            at_least_as_up_to_date(&new_row.body().vec, &old_row.body().vec)
        });
        holds("a row held never becomes less up to date", old, new, kept)?;
    }
    for (old, new) in before.proof_matrices.iter().zip(&after.proof_matrices) {
        let kept = old.is_none() || new.is_some();
        holds("a Proof-Matrix is only ever replaced", old, new, kept)?;
    }
    let convicted = before.blacklist.is_subset(&after.blacklist);
    holds("nobody leaves the blacklist", &before.blacklist, &after.blacklist, convicted)?;
    let (old, new) = (&before.equivocators, &after.equivocators);
    holds("nobody leaves equivocators", old, new, old.is_subset(new))
}

fn step_of_column(o: ReplicaId, old: &Column, new: &Column) -> Result<(), Finding> {
    holds("aru never decreases", o, (old.aru, new.aru), old.aru <= new.aru)?;
    let retired = (old.retired, new.retired);
    holds("retired never decreases", o, retired, retired.0 <= retired.1)?;
    for (&s, slot) in old.slots.range(new.retired.next()..) {
        let Some(later) = new.slots.get(&s) else {
            return holds("a slot above retired is kept", (o, s), "no such slot", false);
        };
        let first = slot.request.is_none() || slot.request == later.request;
        holds("request never changes", (o, s), (&slot.request, &later.request), first)?;
        let bound = slot.certified.is_none() || slot.certified == later.certified;
        holds("certified never changes", (o, s), (slot.certified, later.certified), bound)?;
        let counted = slot.acks.iter().all(|(i, digest)| later.acks.get(i) == Some(digest));
        holds("the first ack of each server stays", (o, s), (&slot.acks, &later.acks), counted)?;
    }
    Ok(())
}
