//! The messages of Prime (report, sections 4 and 5), under the report's names.

mod checkpoint;
mod messages;
mod protocol;
mod suspect;
mod view_change;

pub use checkpoint::*;
pub use messages::*;
pub use protocol::{Body, Incoming, Message, Prime};
pub use suspect::*;
pub use view_change::*;
