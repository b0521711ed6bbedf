//! Leader monitoring: a leader that is slower than others would be is voted out (report, section
//! 4.2, Figure 4, "Suspect-Leader").
//!
//! Upon preinstalling a view ([`start`], block A), and once every `period` ([`tick`]), a server
//! - pings all others ([`make_ping`], B1), answers their pings ([`on_rtt_ping`], B4), and tells each
//!   how far away it found it ([`on_rtt_pong`], B6);
//! - computes from what it is told ([`on_rtt_measure`], [`tat_if_leader`], B9) how slow anybody could
//!   find it if it led ([`alpha`], C2), and announces that ([`make_tat_ub`], C4, [`on_tat_ub`], C5);
//! - announces how slow it finds the leader ([`make_tat_measure`], [`measured`], D1,
//!   [`on_tat_measure`], D4).
//!
//! Upon asking the leader for something, by a Proof-Matrix ([`on_proof_matrix_sent`]) or by the
//! view's first VC-Proof ([`on_vc_proof`]),
//! - it measures until a valid Pre-Prepare of the view covers the matrix ([`on_proposal`]), or a
//!   valid Replay comes ([`on_replay`]).
//!
//! Upon any change of these numbers ([`evaluate`], block E),
//! - it votes for a new leader ([`vote`]) if [`tat_leader`] exceeds [`tat_acceptable`];
//!
//! and upon proof that the leader contradicted itself ([`accuse`]), at once.
//!
//! Upon Q votes for one later view ([`on_new_leader`], [`elected`]), or the proof that there are such
//! votes ([`on_new_leader_proof`]),
//! - it preinstalls that view, whatever lies between, and shows the proof to the others ([`elect`]):
//!   to all until it has executed something in the view ([`settle`]), later to whoever is seen in a
//!   lower view ([`on_peer_view`]).
//!
//! Everywhere `now` is when the message arrived, or the time of the step before if that is later.
//! A message that is lost costs a leader `timing.retransmit`, which is more than B on a local network,
//! where it stands between what it was asked and its answer: certificates and views that it lacks are
//! therefore asked for, and shown, at once (`catch_up`, `view_change::finish`).
//!
//! # What a leader can do and stay
//!
//! Let L* be the largest latency between correct servers and
//! `B = K_Lat * max(2 L*, rtt_floor) + delta_pp + sched_slack`.
//!
//! With [`Mode::Report`](wire::monitoring::Mode), some correct server never waits longer than B, which
//! is the report's Property 4.1, and an update executes within `6 L* + B + 2 D_agg` (section 6).
//!
//! With [`Mode::Robust`](wire::monitoring::Mode), some correct server never waits longer than
//! `2 B + period`, and in no `window` more than `outliers` times longer than B: an update executes
//! within `6 L* + 2 B + period + 2 D_agg`. On a local network, with the default constants, B is 60 ms.
//! To both comes the time for which that correct server itself did not run; and, where the time in
//! question is longer than [`MAX_OPEN`] periods `timing.proof_matrix`, once more that time less
//! `MAX_OPEN - 1` periods, because what asks for the update may then be measured late.
//!
//! # Deviations from the report
//!
//! - Thresholds count k recovering servers: Q and f+k+1 for the report's 2f+1 and f+1.
//! - Own values count: the way to oneself is 0, and so is the turn-around time that a leader gives
//!   itself. What is awaited counts with its age, or a silent leader would have given no time at all.
//! - Block E runs at every change. An upper bound is announced when it falls as well as
//!   periodically.
//! - A Pre-Prepare counts once all before it, from the view's first on, have come: else a leader could
//!   withhold one, send the next, and nothing would be executed.
//! - In robust mode a reported value is forgotten `window` after it was last heard, because the window
//!   is about what is so *now*. TAT-Measures carry no count; so who passes on an old one of the same
//!   view can prolong or revive what its signer said, and can never lower it: at worst nothing is
//!   forgotten, as in the report ([`on_tat_measure`]).
//! - Votes are kept, and said again, until the view changes. Nobody is voted for beyond the next view,
//!   and nobody joins a vote because others voted.

mod accuse;
mod admit;
mod alpha;
mod elect;
mod elected;
mod evaluate;
mod exclude_stall;
pub mod interface;
mod keep_sample;
mod make_ping;
mod make_tat_measure;
mod make_tat_ub;
mod measured;
pub mod model;
mod on_new_leader;
mod on_new_leader_proof;
mod on_peer_view;
mod on_proof_matrix_sent;
mod on_proposal;
mod on_replay;
mod on_rtt_measure;
mod on_rtt_ping;
mod on_rtt_pong;
mod on_tat_measure;
mod on_tat_ub;
mod on_vc_proof;
mod recover;
mod say_again;
mod settle;
mod start;
mod state;
mod take;
mod tat_acceptable;
mod tat_if_leader;
mod tat_leader;
mod tick;
mod vote;

pub use accuse::accuse;
pub use alpha::alpha;
pub use elect::elect;
pub use elected::elected;
pub use evaluate::evaluate;
pub use exclude_stall::exclude_stall;
pub use keep_sample::keep_sample;
pub use make_ping::make_ping;
pub use make_tat_measure::make_tat_measure;
pub use make_tat_ub::make_tat_ub;
pub use measured::measured;
pub use model::{Awaited, Effects, INFINITE, MAX_OPEN, MAX_PINGS, Measurement, Reported, State};
pub use on_new_leader::on_new_leader;
pub use on_new_leader_proof::on_new_leader_proof;
pub use on_peer_view::on_peer_view;
pub use on_proof_matrix_sent::on_proof_matrix_sent;
pub use on_proposal::on_proposal;
pub use on_replay::on_replay;
pub use on_rtt_measure::on_rtt_measure;
pub use on_rtt_ping::on_rtt_ping;
pub use on_rtt_pong::on_rtt_pong;
pub use on_tat_measure::on_tat_measure;
pub use on_tat_ub::on_tat_ub;
pub use on_vc_proof::on_vc_proof;
pub use recover::recover;
pub use say_again::say_again;
pub use settle::settle;
pub use start::start;
pub use state::allowance;
pub use take::take;
pub use tat_acceptable::tat_acceptable;
pub use tat_if_leader::tat_if_leader;
pub use tat_leader::tat_leader;
pub use tick::tick;
pub use vote::vote;
