//! What the states of a list amount to.

use crate::view_change::{Statement, bound_at};
use slots::slot;
use std::collections::BTreeMap;
use wire::prime::{Bound, MAX_REPLAY, Resolution};
use wire::{Digest, List, Seq, View};

/// Returns what a new view must begin with, given the complete states of a list's members.
///
/// A pure function: whoever holds the same states finds the same. `held` has the resolution of
/// every Replay certificate that `members` name (more do no harm).
///
/// Let w be the highest view among the members' Replay certificates and W the resolution that the
/// certificate of w names; without any certificate w is view 0 and W is empty: base 0, so startSeq
/// 1. Then
/// - `base` is the largest of the members' `executed` and of W's base;
/// - the numbers n above `base` and below W's startSeq are bound exactly as in W;
/// - the numbers n above `base`, from W's startSeq on, are bound to the entry of *view w* for n that
///   any member has, and to nothing (a no-op) if none has one. Entries of lower views are passed
///   over: what they could hold is in W;
/// - the last number is the largest of `base`, W's startSeq - 1, and the highest number that got an
///   entry; so there are no no-ops at the end but those of W.
///
/// Returns `None` if the evidence is such as cannot occur with at most f faulty servers: an entry
/// of a view above w; two certificates of view w that differ in base, startSeq or R; two entries of
/// view w for one number above `base` with different digests; W not held or not of that base and
/// startSeq; or more than `MAX_REPLAY` numbers.
///
/// Example: executed 3 and 4, no certificates, entries of view 0 for 5 and 7: base 4, 5 bound, 6 a
/// no-op, 7 bound, startSeq 8.
/// Invariant: neither base nor startSeq is below W's.
/// Paper: 5.3, "Replay Phase". Deviation: the report takes the certificate of the highest view for
/// each number by itself and forgets what an earlier Replay decided.
#[slot(view_change.resolve)]
pub fn resolve(members: &[&Statement], held: &BTreeMap<Digest, Resolution>) -> Option<Resolution> {
    let certificates = || members.iter().filter_map(|member| member.replay.as_ref());
    let highest = certificates().max_by_key(|chosen| chosen.view);
    let view = highest.map_or(View(0), |chosen| chosen.view);
    let last = match highest {
        None => Resolution::default(),
        Some(chosen) => {
            let last = held.get(&chosen.resolution)?;
            let fits = (last.base, last.start_seq()) == (chosen.base, chosen.start_seq);
            let alone = certificates().all(|other| other.view < view || other == chosen);
            (fits && alone).then(|| last.clone())?
        }
    };
    let executed = members.iter().map(|member| member.executed);
    let base = executed.fold(last.base, Seq::max);
    let start = last.start_seq();
    let mut bound: BTreeMap<Seq, Bound> = BTreeMap::new();
    for (&seq, &entry) in members.iter().flat_map(|member| &member.entries) {
        if entry.view > view {
            return None;
        }
        if entry.view == view && seq > base && seq >= start {
            let other = bound.insert(seq, entry);
            if other.is_some_and(|other| other != entry) {
                return None;
            }
        }
    }
    let end = bound.keys().copied().fold(base.max(start.prev()), Seq::max);
    if end.0 - base.0 > MAX_REPLAY as u64 {
        return None;
    }
    let numbers = (base.0 + 1..=end.0).map(Seq);
    let entries = numbers
        .map(|seq| if seq < start { bound_at(&last, seq) } else { bound.get(&seq).copied() })
        .collect();
    Some(Resolution { base, entries: List::new(entries).ok()? })
}
