//! Versions of the slots of `checkpoint`, one a file.

pub mod assemble;
pub mod covers;
pub mod cut;
pub mod log;
pub mod make_checkpoint;
pub mod make_checkpoint_proof;
pub mod make_state_requests;
pub mod on_checkpoint;
pub mod on_checkpoint_proof;
pub mod on_state_chunk;
pub mod on_state_request;
pub mod open;
pub mod outdated;
pub mod recover;
pub mod settle;
pub mod take;
