//! Versions of the slots of `execute`, one a file.

pub mod apply_request;
pub mod apply_update;
pub mod finish_number;
pub mod order_of;
pub mod restore_tables;
pub mod snapshot;
