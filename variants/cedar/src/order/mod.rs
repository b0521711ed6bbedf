//! Versions of the slots of `order`, one a file.

pub mod accept;
pub mod advance;
pub mod build_matrix;
pub mod committed;
pub mod eligible;
pub mod follows;
pub mod install;
pub mod jump;
pub mod make_pre_prepare;
pub mod on_commit;
pub mod on_ordered_certificate;
pub mod on_pre_prepare;
pub mod on_pre_prepare_conflict;
pub mod on_prepare;
pub mod pc_set;
pub mod preinstall;
pub mod prepared;
pub mod recount;
pub mod recover;
pub mod refill;
pub mod resume;
pub mod retire;
pub mod retransmit;
pub mod settle;
