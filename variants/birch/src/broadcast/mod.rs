//! Versions of the slots of `broadcast`, one a file.

pub mod advance;
pub mod component;
pub mod on_rb_echo;
pub mod on_rb_init;
pub mod on_rb_ready;
pub mod on_rb_request;
pub mod recover;
pub mod resume;
pub mod retransmit;
pub mod start;
pub mod take;
