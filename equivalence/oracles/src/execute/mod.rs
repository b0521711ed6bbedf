//! The slots of execution (report, section 4.1, "Global Ordering Phase").

mod definitions;
pub(crate) mod encoding;
#[cfg(test)]
pub(crate) mod kit;

pub mod apply_request;
pub mod apply_update;
pub mod finish_number;
pub mod order_of;
pub mod restore_tables;
pub mod snapshot;
