//! What a hostile peer can make a replica remember: no more after ten times as much of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/hostile.rs"]
mod hostile;

use cap::Cap;
use hostile::{Hostile, KINDS, name};
use std::alloc::System;

#[global_allocator]
static ALLOCATED: Cap<System> = Cap::new(System, usize::MAX);

/// Bytes by which containers may move without growing: rows are replaced by longer ones, the last
/// places of windows are filled.
const SLACK: usize = 8 << 10;

/// A row that is older than the one held is met all the time, and a question about what is not held
/// has no answer. Nothing else is passed over without being counted.
const UNCOUNTED: [&str; 5] =
    ["CatchUpRequest", "PoAru", "ProposalRequest", "RbRequest", "ResolutionRequest"];

/// Bytes held after `count` things and after ten times as many more.
fn held(hostile: &mut Hostile, kind: Option<usize>, count: usize) -> (usize, usize) {
    hostile.attack(kind, count);
    let early = ALLOCATED.allocated();
    hostile.attack(kind, 10 * count);
    (early, ALLOCATED.allocated())
}

/// All in one test, as nothing else may allocate meanwhile.
#[test]
fn memory_under_a_hostile_peer_is_flat_and_every_drop_is_counted() {
    for (peer, changing) in [(4, false), (1, true)] {
        for kind in (0..KINDS).map(Some).chain([None]) {
            let mut hostile = Hostile::new(peer, changing, 1);
            let count = if kind.is_some() { 300 } else { 20_000 };
            let (early, late) = held(&mut hostile, kind, count);
            let what = kind.map_or("everything", name);
            println!("{peer} {changing} {what:<20} {early:>9} {late:>9}");
            let grown = late.saturating_sub(early);
            assert!(grown <= SLACK, "{what} by {peer}, changing {changing}: {grown} more bytes");
            let unheard = &hostile.unheard;
            assert!(unheard.keys().all(|kind| UNCOUNTED.contains(kind)), "{unheard:?}");
            if kind.is_none() {
                println!("refused: {:?}", hostile.rejects);
                assert!(hostile.rejects.len() > 6, "every reason is met");
            }
        }
    }
}
