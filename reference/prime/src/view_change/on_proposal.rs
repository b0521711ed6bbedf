//! A Pre-Prepare arrives that a resolution may name.

use crate::view_change::State;
use slots::slot;
use wire::prime::{Bound, PrePrepare};
use wire::{Config, Seq, Verified};

/// Keeps a Pre-Prepare, wherever it comes from, if some resolution in `state.needed` lacks it
/// ([`State::lacks`] for `executed`), and says whether it did.
///
/// It then enters `state.proposals`. Its digest, which Q servers signed for, is all that it is judged by.
///
/// Paper: none. Deviation: none.
///
/// Invariant: a Pre-Prepare is kept only if a needed resolution names its view and digest; nothing
/// kept is replaced, and nothing is emitted.
#[slot(view_change.on_proposal)]
pub fn on_proposal(
    state: &mut State,
    config: &Config,
    message: &Verified<PrePrepare>,
    executed: Seq,
) -> bool {
    let bound = Bound { view: message.body().view, digest: message.digest() };
    let key = (message.body().seq, bound);
    let needed = state.needed(config).into_iter();
    let lacks = |digest| state.lacks(digest, executed).is_some_and(|all| all.contains(&key));
    let wanted = needed.into_iter().any(lacks);
    if wanted {
        state.proposals.insert(key, message.clone());
    }
    wanted
}
