//! The slots of leader monitoring (report, section 4.2 and Figure 4).

mod definitions;
#[cfg(test)]
mod kit;

pub mod accuse;
pub mod alpha;
pub mod elect;
pub mod elected;
pub mod evaluate;
pub mod exclude_stall;
pub mod keep_sample;
pub mod make_ping;
pub mod make_tat_measure;
pub mod make_tat_ub;
pub mod measured;
pub mod on_new_leader;
pub mod on_new_leader_proof;
pub mod on_peer_view;
pub mod on_proof_matrix_sent;
pub mod on_proposal;
pub mod on_replay;
pub mod on_rtt_measure;
pub mod on_rtt_ping;
pub mod on_rtt_pong;
pub mod on_tat_measure;
pub mod on_tat_ub;
pub mod on_vc_proof;
pub mod recover;
pub mod say_again;
pub mod settle;
pub mod start;
pub mod take;
pub mod tat_acceptable;
pub mod tat_if_leader;
pub mod tat_leader;
pub mod tick;
pub mod vote;
