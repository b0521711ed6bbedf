//! Global ordering: the leader proposes proof matrices, everybody agrees on their order
//! (report, section 4.1, "Global Ordering Phase").
//!
//! Upon rows that make something eligible, or a Proof-Matrix that is not covered, the leader
//! - sends a Pre-Prepare with its `Last_PO_Aru` under the next number ([`make_pre_prepare`]).
//!
//! Upon holding the Pre-Prepare of a number and, valid, that of the number before
//! ([`on_pre_prepare`], [`accept`]), a server
//! - logs it, floods it, and, unless it is the leader, promises a Prepare.
//!
//! Upon a prepare certificate, the Pre-Prepare and Q - 1 matching Prepares ([`prepared`]), it
//! - logs the certificate and promises a Commit.
//!
//! Upon a commit certificate, the Pre-Prepare and Q matching Commits ([`committed`]),
//! - the number is ordered; numbers are handed on for execution without gaps.
//!
//! Upon an ordered certificate, a Pre-Prepare with Q Commits shown by anyone
//! ([`on_ordered_certificate`]),
//! - the number is ordered, whatever was seen of it before.
//!
//! Upon another view being preinstalled ([`preinstall`], [`pc_set`]),
//! - it says which numbers cannot be bound to anything else, and votes no more in the installed view;
//!   commit certificates of it may still come together. What comes of the new view is kept.
//!
//! Upon that view being installed ([`install`]),
//! - the numbers below its startSeq are ordered as resolved, the rest of the old view is dropped, and
//!   ordering goes on with what was kept.
//!
//! # Deviations from the report
//!
//! - Thresholds count k recovering servers: Q = 2f+k+1.
//! - The leader sends on news only, at a bounded rate, with a bounded number outstanding.
//! - Two different Pre-Prepares of a leader for one (view, number) are kept and broadcast as proof.
//! - Flooding goes to everybody but the leader; by whom a copy was passed on is not known here, so
//!   one may come back once; it is dropped as a duplicate.
//! - An ordered certificate counts whatever its view: with at most f faulty servers no two views
//!   order two things under one number.
//! - A leader's rate is bounded by a token bucket ([`refill`]): what it sends faster waits.

mod accept;
mod advance;
mod build_matrix;
mod committed;
mod eligible;
mod follows;
mod install;
pub mod interface;
mod jump;
mod make_pre_prepare;
pub mod model;
mod on_commit;
mod on_ordered_certificate;
mod on_pre_prepare;
mod on_pre_prepare_conflict;
mod on_prepare;
mod pc_set;
mod preinstall;
mod prepared;
mod recount;
mod recover;
mod refill;
mod resume;
mod retire;
mod retransmit;
mod settle;
mod state;

pub use accept::accept;
pub use advance::advance;
pub use build_matrix::build_matrix;
pub use committed::committed;
pub use eligible::eligible;
pub use follows::follows;
pub use install::install;
pub use interface::interval;
pub use jump::jump;
pub use make_pre_prepare::make_pre_prepare;
pub use model::{Effects, OrderSlot, State, TOKENS};
pub use on_commit::on_commit;
pub use on_ordered_certificate::on_ordered_certificate;
pub use on_pre_prepare::on_pre_prepare;
pub use on_pre_prepare_conflict::on_pre_prepare_conflict;
pub use on_prepare::on_prepare;
pub use pc_set::pc_set;
pub use preinstall::preinstall;
pub use prepared::prepared;
pub use recount::recount;
pub use recover::recover;
pub use refill::refill;
pub use resume::resume;
pub use retire::retire;
pub use retransmit::retransmit;
pub use settle::settle;
