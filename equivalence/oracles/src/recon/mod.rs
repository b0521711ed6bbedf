//! The slots of reconciliation (report, section 4.1, "Reconciliation", Figure 3).

mod code;
mod definitions;
#[cfg(test)]
pub(crate) mod kit;

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
