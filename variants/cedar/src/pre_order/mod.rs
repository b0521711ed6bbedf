//! Versions of the slots of pre-ordering, one a file.

pub mod adopt;
pub mod advance_aru;
pub mod certificate;
pub mod content;
pub mod covers;
pub mod has_news;
pub mod last_matrix;
pub mod make_po_acks;
pub mod make_po_aru;
pub mod make_po_request;
pub mod make_proof_matrix;
pub mod merge_row;
pub mod on_po_acks;
pub mod on_po_aru;
pub mod on_po_aru_conflict;
pub mod on_po_request;
pub mod on_po_request_conflict;
pub mod on_proof_matrix;
pub mod on_update;
pub mod recover;
pub mod recover_content;
pub mod recover_promises;
pub mod relation;
pub mod resume;
pub mod retire;
pub mod retransmit;
