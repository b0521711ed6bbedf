//! Catch-up: servers that were away are shown what was ordered meanwhile.
//!
//! Upon being stalled, and now and then in any case, a server
//! - tells the others how far it has ordered ([`make_catch_up_request`]).
//!
//! It does so at once ([`State::ask_now`], called by whoever joins the components) when it has reason
//! to believe that it lacks something: it preinstalled or installed a view (the leader of a new view is
//! timed and must not wait); a Report that was delivered says that its server executed more; f+1
//! servers vouch for a checkpoint more than an interval ahead; it adopted a state; or all that one
//! answer can hold was ordered by certificates ([`State::follow`]). At anybody's word, a proposal or
//! vote of the installed view beyond the horizon, it does so soon ([`State::ask_soon`]).
//!
//! Upon such a word from a server that is behind,
//! - it is sent the next ordered certificates ([`on_catch_up_request`]).
//!
//! Upon a stable checkpoint,
//! - what it covers is dropped ([`forget`]); who lacks that is given the state (component
//!   `checkpoint`).
//!
//! # Deviations from the report
//!
//! The report assumes that messages between correct servers arrive, and keeps everything.

mod forget;
pub mod interface;
mod keep;
mod make_catch_up_request;
pub mod model;
mod on_catch_up_request;

pub use forget::forget;
pub use keep::keep;
pub use make_catch_up_request::make_catch_up_request;
pub use model::{ANSWERS, Answered, CERTIFICATES, Certificate, State};
pub use on_catch_up_request::on_catch_up_request;
