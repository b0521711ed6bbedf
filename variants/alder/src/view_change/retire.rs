//! Old certificates and Pre-Prepares are dropped.

use prime::view_change::State;
use wire::{Seq, View};

/// Drops what is kept only for numbers at or below `floor`.
pub fn retire(state: &mut State, floor: Seq) {
    let next = Seq(floor.0.saturating_add(1));
    let mut begun: Option<View> = None;
    for (&view, install) in state.installs.iter().rev() {
        if install.resolution.start_seq() <= next {
            begun = Some(view);
            break;
        }
    }

    if let Some(begun) = begun {
        while let Some(lowest) = state.installs.first_entry() {
            if *lowest.key() >= begun {
                break;
            }
            lowest.remove();
        }
    }
    while let Some(lowest) = state.proposals.first_entry() {
        if lowest.key().0 > floor {
            break;
        }
        lowest.remove();
    }
    if !state.changing() {
        state.prune();
    }
}
