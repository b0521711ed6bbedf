//! What `pre_order.recover_promises` must do.

use super::definitions::held;
use super::expected::Expected;
use crate::Finding;
use prime::pre_order::{PoSlot, State};
use wire::{Config, Digest, PoSeq, ReplicaId};

/// Every column's `aru` is restored up to what the log's last PO-ARU promised.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(config: &Config, before: &State, after: &State) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("recover_promises", config, before);

    expected.since("walks from aru + 1 up to sent_aru[o] while the slot holds content");
    for (index, &promised) in before.sent_aru.iter().enumerate() {
        restore(&mut expected, ReplicaId::from_index(index), promised);
    }
    expected.judge_state(after)
}

fn restore(expected: &mut Expected<'_>, o: ReplicaId, promised: PoSeq) {
    while expected.aru(o) < promised {
        let next = expected.aru(o).next();
        let Some(digest) = expected.slot(o, next).and_then(announced) else { return };
        expected.certify(o, next, digest);
    }
}

/// The digest that was certified when the number was announced; `None` without content.
fn announced(slot: &PoSlot) -> Option<Digest> {
    let last = held(slot).map(|(digest, _)| digest).last()?;
    Some(slot.certified.unwrap_or(last))
}
