//! What `recon.needs` must answer.

use super::definitions::lacks;
use crate::Finding;
use prime::pre_order::State;
use wire::{PoSeq, ReplicaId};

/// Figure 3, A11, where acknowledgements count too.
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(
    pre_order: &State,
    receiver: ReplicaId,
    originator: ReplicaId,
    seq: PoSeq,
    got: &bool,
) -> Result<(), Finding> {
    let expected = lacks(pre_order, receiver, (originator, seq));
    crate::answer("recon.needs: nothing tells that the receiver has (o, s)", &expected, got)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::aru;
    use crate::recon::kit::{certified, request, slot_mut, trips};
    use prime::pre_order::State;
    use wire::{PoSeq, ReplicaId};

    fn is(pre_order: &State, receiver: u16, s: u64, expected: bool) {
        let run = |got| check(pre_order, ReplicaId(receiver), ReplicaId(2), PoSeq(s), &got);
        assert_eq!(run(expected), Ok(()));
        trips(run(!expected), "nothing tells");
    }

    #[test]
    fn who_has_it_by_any_account_needs_nothing() {
        let (a, other) = (request(2, 1, 1), request(2, 1, 2));
        let mut known = certified(&[&a]);
        // Not this server, not the originator; the others as long as nothing is known.
        for (receiver, expected) in [(1, false), (2, false), (3, true), (4, true)] {
            is(&known, receiver, 1, expected);
        }
        known.rows[2] = Some(aru(3, &[9, 1, 9, 9]));
        is(&known, 3, 1, false);
        is(&known, 3, 2, true);
        let slot = slot_mut(&mut known, 2, 1);
        slot.acks.insert(ReplicaId(4), a.digest());
        is(&known, 4, 1, false);
        // Another's acknowledgement, and one for what is not certified, tell nothing.
        slot_mut(&mut known, 2, 1).acks.insert(ReplicaId(4), other.digest());
        is(&known, 4, 1, true);
        let slot = slot_mut(&mut known, 2, 1);
        slot.acks.insert(ReplicaId(4), a.digest());
        slot.certified = None;
        is(&known, 4, 1, true);
    }

    #[test]
    fn blacklisted_servers_are_served() {
        let mut known = certified(&[&request(2, 1, 1)]);
        known.blacklist.insert(ReplicaId(3));
        is(&known, 3, 1, true);
    }
}
