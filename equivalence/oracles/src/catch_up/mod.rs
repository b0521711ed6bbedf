//! The slots of catch-up. The report has none: there, messages between correct servers arrive.

mod ordering;

pub mod forget;
pub mod keep;
pub mod make_catch_up_request;
pub mod on_catch_up_request;
