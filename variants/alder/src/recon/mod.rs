//! Versions of the slots of `recon`, one a file.

pub mod component;
pub mod decode;
pub mod encode;
pub mod forget;
pub mod needs;
pub mod on_eligible;
pub mod on_recon;
pub mod on_recon_request;
pub mod recover;
pub mod request_missing;
pub mod retire;
pub mod senders;
