//! The vector of certified prefixes goes out.

use prime::pre_order::{Effects, State};
use wire::prime::PoAru;
use wire::{Config, List, PoSeq, Time, To};

/// Promises the vector of certified prefixes to all, when it has grown and the interval is over.
pub fn make_po_aru(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let grown = Some(&*state)
        .filter(|state| now >= state.next_aru_at)
        .map(joined)
        .filter(|vector| *vector != state.sent_aru);
    if let Some(vector) = grown {
        let vec = List::take(&mut vector.iter().copied());
        state.sent_aru = vector;
        state.next_aru_at = now.after(config.timing.po_aru);
        effects.promise(To::All, PoAru { vec });
    }
}

/// Entry by entry the larger of what is certified here and what was promised.
fn joined(state: &State) -> Vec<PoSeq> {
    let promised = state.sent_aru.iter();
    state.columns.iter().zip(promised).map(|(column, sent)| column.aru.max(*sent)).collect()
}
