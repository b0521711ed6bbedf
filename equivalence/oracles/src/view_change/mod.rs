//! The slots of view changes (report, section 5.3, as the head of the component changes it).

mod definitions;
#[cfg(test)]
mod kit;

pub mod complete;
pub mod content_valid;
pub mod finish;
pub mod installed;
pub mod make_partials;
pub mod make_replay;
pub mod make_replay_commit;
pub mod make_replay_prepare;
pub mod make_requests;
pub mod make_vc_list;
pub mod make_vc_proof;
pub mod on_delivered;
pub mod on_install_certificate;
pub mod on_proposal;
pub mod on_proposal_request;
pub mod on_replay;
pub mod on_replay_commit;
pub mod on_replay_conflict;
pub mod on_replay_prepare;
pub mod on_resolution_answer;
pub mod on_resolution_request;
pub mod on_vc_list;
pub mod on_vc_partial_sig;
pub mod on_vc_proof;
pub mod preinstall;
pub mod recover;
pub mod resolve;
pub mod resume;
pub mod retire;
pub mod retransmit;
pub mod serve;
