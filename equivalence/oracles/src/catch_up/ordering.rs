//! What ordering remembers, under a name beside that of what catch-up does.

use prime::order::State;

/// The state of ordering.
pub(super) type Ordering = State;
