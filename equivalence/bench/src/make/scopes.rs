//! Small scopes of pure slots, gone through from end to end: n = 4, tiny values.

use crate::world::World;
use prime::pre_order::{Content, PoSlot};
use std::collections::BTreeSet;
use wire::prime::{Matrix, PoRequest};
use wire::{Digest, List, PoSeq, ReplicaId, Verified};

/// Takes a position apart, one choice after the other.
struct Choices(u64);

impl Choices {
    fn of(&mut self, count: u64) -> u64 {
        let choice = self.0 % count;
        self.0 /= count;
        choice
    }

    /// The position lay within the scope.
    fn spent(&self) -> bool {
        self.0 == 0
    }
}

/// No scope.
pub(crate) fn none<A>(_world: &World, _index: u64) -> Option<A> {
    None
}

/// All vectors of up to three entries up to 2, against each other.
pub(crate) fn vectors(_world: &World, index: u64) -> Option<(Vec<PoSeq>, Vec<PoSeq>)> {
    let mut choices = Choices(index);
    let mut vector = || -> Vec<PoSeq> {
        let length = choices.of(4);
        (0..length).map(|_| PoSeq(choices.of(3))).collect()
    };
    let pair = (vector(), vector());
    choices.spent().then_some(pair)
}

/// All slots over two contents: who acknowledged which, what is held, what is certified.
fn slot(world: &World, choices: &mut Choices, originator: ReplicaId) -> PoSlot {
    let contents: Vec<&Verified<PoRequest>> =
        world.contents(originator, PoSeq(1)).iter().take(2).collect();
    let content = |choice: u64| {
        let at = usize::try_from(choice.wrapping_sub(1)).ok();
        at.and_then(|at| contents.get(at)).copied()
    };
    let mut slot = PoSlot {
        request: content(choices.of(3)).cloned(),
        adopted: content(choices.of(3)).map(Content::of),
        certified: content(choices.of(3)).map(|request| request.digest()),
        ..PoSlot::default()
    };
    for sender in world.config.replicas() {
        let named = match choices.of(4) {
            3 => Some(Digest::default()),
            choice => content(choice).map(|request| request.digest()),
        };
        slot.acks.extend(named.map(|digest| (sender, digest)));
    }
    slot
}

/// All slots of two contents and four servers, whoever originated.
pub(crate) fn owned_slots(world: &World, index: u64) -> Option<(ReplicaId, PoSlot)> {
    let mut choices = Choices(index);
    let originator = ReplicaId(1 + u16::try_from(choices.of(2)).ok()?);
    let slot = slot(world, &mut choices, originator);
    choices.spent().then_some((originator, slot))
}

/// The same slots by themselves.
pub(crate) fn lone_slots(world: &World, index: u64) -> Option<PoSlot> {
    let mut choices = Choices(index);
    let slot = slot(world, &mut choices, ReplicaId(1));
    choices.spent().then_some(slot)
}

/// All matrices of up to two rows of two entries up to 1, against each other, whoever is
/// blacklisted.
pub(crate) fn covers(world: &World, index: u64) -> Option<(BTreeSet<ReplicaId>, Matrix, Matrix)> {
    let mut choices = Choices(index);
    let listed = choices.of(4);
    let blacklist = [1, 2].into_iter().filter(|id| listed & u64::from(*id) > 0);
    let blacklist = blacklist.map(ReplicaId).collect();
    let mut matrix = || {
        let rows = (1..=2).map(|id| {
            let row = choices.of(5);
            let vec = vec![PoSeq(row & 1), PoSeq(row >> 1 & 1)];
            (row < 4).then(|| world.sign_aru(ReplicaId(id), vec).signed().clone())
        });
        let mut rows: Vec<_> = rows.collect();
        if choices.of(4) == 0 {
            rows.pop();
        }
        Matrix { rows: List::new(rows).expect("two rows") }
    };
    let (given, expected) = (matrix(), matrix());
    choices.spent().then_some((blacklist, given, expected))
}
