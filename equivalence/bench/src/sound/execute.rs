//! States of execution.

use prime::execute::{ClientTable, State};
use wire::{Config, PoSeq};

/// Whether all that lies between the prefixes could be preordered between two numbers: at most a window
/// of each originator.
pub(super) fn near(config: &Config, (old, new): &(Vec<PoSeq>, Vec<PoSeq>)) -> bool {
    let few = |(old, new): (&PoSeq, &PoSeq)| new.0.saturating_sub(old.0) <= config.windows.preorder;
    old.len() == new.len() && old.iter().zip(new).all(few)
}

/// Whether execution may meet `state`.
pub(crate) fn execute(config: &Config, _before: &State, state: &State) -> bool {
    let executed = state.clients.values().map(|table| u128::from(table.low.0)).sum::<u128>();
    state.prefix.len() == config.size()
        && executed == u128::from(state.index)
        && state.clients.values().all(|table| fits(config, table))
}

fn fits(config: &Config, table: &ClientTable) -> bool {
    let (low, window) = (table.low.0, config.windows.client);
    let answered = low.saturating_sub(window) + 1..=low;
    let waiting = low.saturating_add(2)..=low.saturating_add(window);
    let kept = table.replies.keys().map(|number| number.0);
    kept.eq(answered)
        && table
            .held
            .iter()
            .all(|(number, update)| waiting.contains(&number.0) && update.seq == *number)
        && (low > 0 || !table.held.is_empty())
}
