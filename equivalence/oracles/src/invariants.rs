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

#[cfg(test)]
mod tests {
    use super::{check, check_step};
    use crate::pre_order::kit::{
        ack, aru, config, content, matrix, number, request, sign, slot, slot_mut, state, trips,
        update, vector,
    };
    use prime::pre_order::State;
    use wire::prime::ProofMatrix;
    use wire::{Digest, PoSeq, ReplicaId};

    type Change = (&'static str, fn(&mut State));

    /// One slot certified, one request merely held, one row, one update pending, and so on.
    fn typical() -> State {
        let mut state = state();
        let (a, b) = (request(2, 2, 1), request(2, 3, 2));
        *slot_mut(&mut state, 2, 2) = slot(&a, &[1, 3]);
        slot_mut(&mut state, 2, 2).certified = Some(a.digest());
        *slot_mut(&mut state, 2, 3) = slot(&b, &[]);
        state.columns[1].retired = PoSeq(1);
        state.columns[1].aru = PoSeq(2);
        state.unsent_acks = vec![ack(&b)];
        state.pending = [update(1, 9, b"x")].into();
        state.preordered = [number(1, 9)].into();
        state.rows[1] = Some(aru(2, &[0, 2, 0, 0]));
        let matrix = matrix(&[&[], &[], &[], &[]]);
        state.proof_matrices[2] = Some(sign(3, ProofMatrix { matrix }));
        state.blacklist.insert(ReplicaId(4));
        state.equivocators.insert(ReplicaId(4));
        state.sent_aru = vector(&[0, 1, 0, 0]);
        state.last_own = PoSeq(1);
        state
    }

    const BROKEN: [Change; 18] = [
        ("vectors by server", |s| s.rows.truncate(3)),
        ("retransmit_known", |s| s.retransmit_known[0] = vector(&[0])),
        ("me is a replica", |s| s.me = ReplicaId(5)),
        ("number in preordered", |s| s.preordered.clear()),
        ("retired <= aru", |s| s.columns[0].retired = PoSeq(1)),
        ("slots lie in", |s| {
            slot_mut(s, 2, 1);
        }),
        ("slots lie in", |s| {
            slot_mut(s, 2, 258);
        }),
        ("in (retired, aru] is certified", |s| s.columns[1].aru = PoSeq(3)),
        ("of its originator and number", |s| {
            *slot_mut(s, 3, 1) = slot(&request(2, 1, 1), &[]);
        }),
        ("has the slot's number", |s| {
            slot_mut(s, 3, 1).adopted = Some(content(&request(3, 2, 1)));
        }),
        ("other than the originator", |s| {
            slot_mut(s, 2, 3).acks.insert(ReplicaId(2), Digest::default());
        }),
        ("has the certified digest", |s| slot_mut(s, 2, 3).certified = Some(Digest::default())),
        ("row is its server's", |s| s.rows[0] = Some(aru(2, &[0, 0, 0, 0]))),
        ("row is its server's", |s| s.rows[1] = Some(aru(2, &[0, 0, 0]))),
        ("held as its signer's", |s| s.proof_matrices.swap(0, 2)),
        ("of other servers' requests", |s| s.unsent_acks[0].originator = ReplicaId(1)),
        ("request seen first", |s| s.unsent_acks[0].digest = Digest::default()),
        ("name replicas", |s| {
            s.equivocators.insert(ReplicaId(5));
        }),
    ];

    #[test]
    fn every_broken_invariant_is_found() {
        assert_eq!(check(&config(), &state()), Ok(()));
        assert_eq!(check(&config(), &typical()), Ok(()));
        for (rule, change) in BROKEN {
            let mut state = typical();
            change(&mut state);
            trips(check(&config(), &state), rule);
        }
        let mut narrow = config();
        narrow.windows.pending = 0;
        trips(check(&narrow, &typical()), "windows.pending");
    }

    const BACKWARDS: [Change; 14] = [
        ("me never changes", |s| s.me = ReplicaId(2)),
        ("last_own", |s| s.last_own = PoSeq(0)),
        ("sent_aru", |s| s.sent_aru = vector(&[0, 0, 0, 0])),
        ("aru never decreases", |s| s.columns[1].aru = PoSeq(1)),
        ("retired never decreases", |s| s.columns[1].retired = PoSeq(0)),
        ("is kept", |s| {
            s.columns[1].slots.remove(&PoSeq(3));
        }),
        ("request never changes", |s| {
            slot_mut(s, 2, 3).request = Some(request(2, 3, 7));
        }),
        ("certified never changes", |s| slot_mut(s, 2, 2).certified = None),
        ("first ack", |s| {
            slot_mut(s, 2, 2).acks.insert(ReplicaId(3), Digest::default());
        }),
        ("less up to date", |s| s.rows[1] = Some(aru(2, &[5, 1, 5, 5]))),
        ("less up to date", |s| s.rows[1] = None),
        ("only ever replaced", |s| s.proof_matrices[2] = None),
        ("leaves the blacklist", |s| s.blacklist.clear()),
        ("leaves equivocators", |s| s.equivocators.clear()),
    ];

    #[test]
    fn every_step_backwards_is_found() {
        let before = typical();
        assert_eq!(check_step(&before, &before), Ok(()));
        assert_eq!(check_step(&state(), &before), Ok(()));
        for (rule, change) in BACKWARDS {
            let mut after = before.clone();
            change(&mut after);
            trips(check_step(&before, &after), rule);
        }
        let mut retired = before.clone();
        retired.columns[1].slots.remove(&PoSeq(2));
        retired.columns[1].retired = PoSeq(2);
        assert_eq!(check_step(&before, &retired), Ok(()));
    }
}
