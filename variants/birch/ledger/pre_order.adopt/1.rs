//! Content vouched for by Reconciliation takes its place.

use prime::pre_order::{Column, Content, Effects, PoSlot, State, advance_aru};
use wire::{Config, Reject, ReplicaId};

/// Binds the identifier of `content` to it, on the word of f+1 Reconciliation senders.
///
/// What is over, out of the window or bound already is rejected without blaming anybody.
pub fn adopt(
    state: &mut State,
    config: &Config,
    originator: ReplicaId,
    content: &Content,
    effects: &mut Effects,
) {
    let column = &mut state.columns[originator.index()];
    match admissible(config, column, content) {
        Err(reason) => effects.reject(None::<ReplicaId>, reason),
        Ok(()) => {
            let old = column.slots.remove(&content.body.seq).unwrap_or_default();
            column.slots.insert(content.body.seq, bound(old, content));
            advance_aru(state, config, originator);
        }
    }
}

/// The window first, then what the slot says of itself.
fn admissible(config: &Config, column: &Column, content: &Content) -> Result<(), Reject> {
    let (seq, base) = (content.body.seq.0, column.retired.0);
    (seq > base)
        .then_some(seq)
        .ok_or(Reject::Stale)
        .and_then(|seq| {
            (seq <= base.saturating_add(config.windows.preorder))
                .then_some(())
                .ok_or(Reject::BeyondWindow)
        })
        .and_then(|()| {
            let certified = column.slots.get(&content.body.seq).and_then(|slot| slot.certified);
            certified.map_or(Ok(()), |digest| Err(already(digest == content.digest)))
        })
}

/// What is wrong with content for a slot that is certified.
fn already(same: bool) -> Reject {
    if same { Reject::Duplicate } else { Reject::Equivocation }
}

/// The slot once it is bound to `content`.
fn bound(old: PoSlot, content: &Content) -> PoSlot {
    let first = old.request.as_ref().is_some_and(|request| request.digest() == content.digest);
    let adopted = if first { old.adopted } else { Some(content.clone()) };
    PoSlot { adopted, certified: Some(content.digest), ..old }
}
