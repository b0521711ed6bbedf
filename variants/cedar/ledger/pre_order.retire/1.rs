//! Executed slots are dropped: what is to go is drawn up first, then carried out.

use prime::pre_order::{Content, PoSlot, State, advance_aru, content};
use std::collections::{BTreeMap, BTreeSet};
use wire::{ClientId, ClientSeq, Config, PoSeq, ReplicaId};

/// A client's number.
type Key = (ClientId, ClientSeq);

/// Where a dropped slot's updates are looked for: for all slots or only for own ones, and how.
type Source = (bool, fn(&PoSlot) -> Option<Content>);

/// The first that has something decides.
const SOURCES: [Source; 3] = [
    (false, content),
    (true, |slot| slot.adopted.clone()),
    (true, |slot| slot.request.as_ref().map(Content::of)),
];

/// What is to be done.
enum Command {
    /// Removes the column's slots up to a number, which `retired` and `aru` become at least.
    Cut { index: usize, upto: PoSeq },
    /// Nobody waits for these any more.
    Forget(BTreeSet<Key>),
    Advance(ReplicaId),
}

/// Drops every slot at or below `executed`, which has an entry for each originator.
pub fn retire(state: &mut State, config: &Config, executed: &[PoSeq]) {
    for command in plan(state, executed) {
        carry_out(command, state, config);
    }
}

fn plan(state: &State, executed: &[PoSeq]) -> Vec<Command> {
    let mut cuts = Vec::new();
    let mut keys = BTreeSet::new();
    let mut raised = Vec::new();
    for (index, (column, &upto)) in state.columns.iter().zip(executed).enumerate() {
        let originator = ReplicaId::from_index(index);
        let own = originator == state.me;
        let dropped = column.slots.range(..=upto).map(|(_, slot)| slot);
        keys.extend(dropped.flat_map(|slot| keys_of(slot, own)));
        cuts.push(Command::Cut { index, upto });
        if upto > column.aru {
            raised.push(Command::Advance(originator));
        }
    }
    cuts.into_iter().chain([Command::Forget(keys)]).chain(raised).collect()
}

fn keys_of(slot: &PoSlot, own: bool) -> Vec<Key> {
    let mut sources = SOURCES.iter().filter(|(only_own, _)| own || !only_own);
    let found = sources.find_map(|(_, source)| source(slot));
    let updates = found.iter().flat_map(|content| content.body.updates.iter());
    updates.map(|update| (update.signer, update.body.seq)).collect()
}

fn carry_out(command: Command, state: &mut State, config: &Config) {
    match command {
        Command::Cut { index, upto } => {
            if let Some(column) = state.columns.get_mut(index) {
                let kept = match upto.0.checked_add(1) {
                    Some(first) => column.slots.split_off(&PoSeq(first)),
                    None => BTreeMap::new(),
                };
                column.slots = kept;
                column.retired = column.retired.max(upto);
                column.aru = column.aru.max(upto);
            }
        }
        Command::Forget(keys) if keys.is_empty() => {}
        Command::Forget(keys) => {
            state.preordered.retain(|key| !keys.contains(key));
            state.pending.retain(|update| !keys.contains(&(update.signer(), update.body().seq)));
        }
        Command::Advance(originator) => advance_aru(state, config, originator),
    }
}
