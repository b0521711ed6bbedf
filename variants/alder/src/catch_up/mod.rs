//! Versions of the slots of `catch_up`, one a file.

pub mod component;
pub mod forget;
pub mod keep;
pub mod make_catch_up_request;
pub mod on_catch_up_request;
