//! Pre-ordering: every server disseminates its own clients' updates, and all of them
//! acknowledge what they hold (report, section 4.1, "Preordering Phase").
//!
//! Upon receiving an update from a client, the originator
//! - queues it ([`on_update`]) and, when its timer fires, sends what is queued as one PO-Request
//!   under its next preorder sequence number ([`make_po_request`]).
//!
//! Upon receiving a PO-Request (o, s) for the first time, a server
//! - logs it and acknowledges its digest once ([`on_po_request`], [`make_po_acks`]).
//!
//! Upon holding a preorder certificate (the request and enough matching PO-Acks, [`certificate`]),
//! - it extends the gap-free prefix `PO_Aru[o]` ([`advance_aru`]) and announces the vector in its
//!   next PO-ARU ([`make_po_aru`]).
//!
//! Upon receiving a PO-ARU, alone or as a row of a matrix,
//! - it keeps the most up-to-date one of each server ([`merge_row`]), and blacklists a server that
//!   signed two that contradict each other.
//!
//! Upon finding that its rows make something eligible that no Pre-Prepare covers,
//! - it sends them to the leader as a Proof-Matrix ([`make_proof_matrix`]).
//!
//! # Deviations from the report
//!
//! - PO-Requests carry batches, PO-Acks are aggregated.
//! - Certificates need Q - 1 acknowledgements beside the request, Q = 2f+k+1, from servers other
//!   than the originator, because k servers may be recovering.
//! - *Eligibility is not content.* The report binds an identifier to an update by the certificate
//!   but lets any held update be executed. A faulty originator can show one server A and the
//!   others B; so each server keeps at most two contents a slot and uses only the one whose digest
//!   is certified, here or by f+1 Reconciliation senders ([`adopt`]).
//! - An update may be preordered by several originators: that another's request with it is
//!   certified here does not mean that it will ever be eligible, so it is no reason to refuse a
//!   client. Execution sees to it that each update takes effect once.
//! - A server that lost its log may be convicted by a row that it forgot. `replica` takes it off the
//!   blacklist once its new life is ordered (`crate::rejoin`), and no slot does.
//! - Windows and the blacklist are local and enter no other server's decisions: a PO-ARU that runs
//!   ahead of our window is merged like any other.

mod adopt;
mod advance_aru;
mod certificate;
mod content;
mod covers;
mod has_news;
pub mod interface;
mod last_matrix;
mod make_po_acks;
mod make_po_aru;
mod make_po_request;
mod make_proof_matrix;
mod merge_row;
pub mod model;
mod on_po_acks;
mod on_po_aru;
mod on_po_aru_conflict;
mod on_po_request;
mod on_po_request_conflict;
mod on_proof_matrix;
mod on_update;
mod recover;
mod recover_content;
mod recover_promises;
mod relation;
mod resume;
mod retire;
mod retransmit;

pub use adopt::adopt;
pub use advance_aru::advance_aru;
pub use certificate::certificate;
pub use content::content;
pub use covers::covers;
pub use has_news::has_news;
pub use last_matrix::last_matrix;
pub use make_po_acks::make_po_acks;
pub use make_po_aru::make_po_aru;
pub use make_po_request::make_po_request;
pub use make_proof_matrix::make_proof_matrix;
pub use merge_row::merge_row;
pub use model::{Column, Content, Effects, PoSlot, Relation, RequestBody, State};
pub use on_po_acks::on_po_acks;
pub use on_po_aru::on_po_aru;
pub use on_po_aru_conflict::on_po_aru_conflict;
pub use on_po_request::on_po_request;
pub use on_po_request_conflict::on_po_request_conflict;
pub use on_proof_matrix::on_proof_matrix;
pub use on_update::on_update;
pub use recover::recover;
pub use recover_content::recover_content;
pub use recover_promises::recover_promises;
pub use relation::relation;
pub use resume::resume;
pub use retire::retire;
pub use retransmit::retransmit;
