//! The messages of Prime (report, sections 4 and 5), under the report's names.

mod messages;
mod protocol;

pub use messages::*;
pub use protocol::{Body, Incoming, Message, Prime};
