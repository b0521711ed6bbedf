//! Execution: ordered updates reach the service, each once (report, section 4.1, "Global Ordering
//! Phase").
//!
//! Upon a global number being ordered, with every lower one executed and all content at hand,
//! - its new identifiers are taken in order ([`order_of`]), and the updates of each in the order of
//!   its request ([`apply_request`]);
//! - each update is executed, held back, answered again or refused by its client's count
//!   ([`apply_update`]);
//! - then the number counts as executed ([`finish_number`]).
//!
//! Upon a checkpoint or a transfer of state,
//! - everything replicated here becomes bytes ([`snapshot`]) and comes back from them
//!   ([`restore_tables`]).
//!
//! All of [`State`] is replicated: it is equal at all correct servers that executed equally far.
//!
//! # Deviations from the report
//!
//! - The report lets a client have one update under way and does not say what a repeated one does.
//!   Here a client may use `windows.client` numbers from its lowest unanswered one on; each number is
//!   executed once, in the client's order, decided at execution and so alike everywhere. An update that
//!   comes before its predecessor is held back, one too far ahead is refused; other clients do not wait.
//! - Answers are kept, because a lost one is asked for again: those of the last `windows.client`
//!   numbers, so a client within its window is never told that its answer is forgotten.

mod apply_request;
mod apply_update;
mod finish_number;
pub mod interface;
pub mod model;
mod order_of;
mod restore_tables;
mod snapshot;

pub use apply_request::apply_request;
pub use apply_update::apply_update;
pub use finish_number::finish_number;
pub use model::{ClientTable, Effects, State};
pub use order_of::order_of;
pub use restore_tables::restore_tables;
pub use snapshot::snapshot;
