//! Versions for counting.

mod on_update;
mod weigh;

pub use on_update::on_update;
pub use weigh::weigh;
