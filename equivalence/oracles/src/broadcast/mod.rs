//! The slots of reliable broadcast (report, sections 5.2 and 5.3, "Preliminaries"; Bracha's
//! protocol, with digests in place of payloads).

mod definitions;
#[cfg(test)]
mod kit;

pub mod advance;
pub mod on_rb_echo;
pub mod on_rb_init;
pub mod on_rb_ready;
pub mod on_rb_request;
pub mod recover;
pub mod resume;
pub mod retransmit;
pub mod start;
pub mod take;
