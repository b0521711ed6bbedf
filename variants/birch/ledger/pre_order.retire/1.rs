//! What was executed is dropped.

use prime::pre_order::{Column, Content, PoSlot, RequestBody, State, advance_aru, content};
use std::collections::BTreeMap;
use std::mem::replace;
use wire::{ClientId, ClientSeq, Config, PoSeq, ReplicaId};

/// The name of an update.
type Key = (ClientId, ClientSeq);

/// Cuts every column at `executed`, forgets the updates that stood below the cut, and goes on
/// certifying where the cut has closed a gap.
pub fn retire(state: &mut State, config: &Config, executed: &[PoSeq]) {
    let arus = state.columns.iter().map(|column| column.aru);
    let raised: Vec<ReplicaId> = config
        .replicas()
        .zip(arus.zip(executed))
        .filter(|(_, (aru, upto))| *upto > aru)
        .map(|(originator, _)| originator)
        .collect();

    let me = state.me;
    let columns = config.replicas().zip(state.columns.iter_mut().zip(executed));
    let names = columns.flat_map(|(originator, (column, upto))| {
        let dropped = cut(column, *upto).into_values();
        dropped.filter_map(move |slot| settled(slot, originator == me)).flat_map(keys)
    });
    let names = sorted(names.collect());
    forget(state, &names);

    raised.into_iter().for_each(|originator| advance_aru(state, config, originator));
}

/// Moves both bounds of the column to `upto` at least; returns the slots that this drops.
fn cut(column: &mut Column, upto: PoSeq) -> BTreeMap<PoSeq, PoSlot> {
    column.retired = column.retired.max(upto);
    column.aru = column.aru.max(upto);
    if column.slots.first_key_value().is_some_and(|(first, _)| *first <= upto) {
        let kept = column.slots.split_off(&upto.next());
        replace(&mut column.slots, kept)
    } else {
        BTreeMap::new()
    }
}

/// The request whose updates are done with: the certified one; of an own slot, any.
fn settled(slot: PoSlot, own: bool) -> Option<RequestBody> {
    let certified = content(&slot);
    let held = || slot.adopted.or_else(|| slot.request.as_ref().map(Content::of));
    certified.or_else(|| own.then(held).flatten()).map(|content| content.body)
}

/// The names of a request's updates.
fn keys(body: RequestBody) -> Vec<Key> {
    body.updates.iter().map(|update| (update.signer, update.body.seq)).collect()
}

/// The names, ascending.
fn sorted(mut names: Vec<Key>) -> Vec<Key> {
    names.sort_unstable();
    names
}

/// Takes the updates of these names, ascending, out of the index and the queue.
fn forget(state: &mut State, names: &[Key]) {
    names.iter().for_each(|name| {
        state.preordered.remove(name);
    });
    if !names.is_empty() {
        state
            .pending
            .retain(|update| names.binary_search(&(update.signer(), update.body().seq)).is_err());
    }
}
