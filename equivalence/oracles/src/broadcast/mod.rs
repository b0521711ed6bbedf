//! The slots of reliable broadcast (report, sections 5.2 and 5.3, "Preliminaries"; Bracha's
//! protocol, with digests in place of payloads).

mod definitions;

pub mod on_rb_echo;
pub mod on_rb_request;
