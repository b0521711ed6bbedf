//! The view change: what a new view must begin with, agreed on with as little of its leader as
//! possible (report, section 5).
//!
//! Upon preinstalling a view ([`preinstall`]), a server
//! - broadcasts its Report and its PC-Set; from then on it votes for no lower view.
//!
//! Upon having the complete state of Q servers ([`on_delivered`], [`content_valid`], [`complete`]),
//! - it announces a list of them ([`make_vc_list`]).
//!
//! Upon a list of whose members it has complete state ([`on_vc_list`]),
//! - it signs what these states amount to ([`resolve`], [`make_partials`]).
//!
//! Upon Q equal signatures ([`on_vc_partial_sig`], [`make_vc_proof`], [`on_vc_proof`]),
//! - it sends the proof; the leader chooses it in its Replay at once ([`make_replay`]).
//!
//! Upon the first proven Replay ([`on_replay`]),
//! - it logs it, floods it, and, unless it is the leader, promises a Replay-Prepare
//!   ([`make_replay_prepare`]).
//!
//! Upon the Replay certificate, the complete states behind it, and the resolution with all
//! Pre-Prepares that it names ([`on_replay_prepare`], [`make_replay_commit`]),
//! - it logs all of that and promises a Replay-Commit.
//!
//! Upon Q Replay-Commits and the resolution ([`on_replay_commit`], [`installed`]), or upon somebody's
//! proof of that ([`on_install_certificate`]),
//! - the view is installed ([`finish`]).
//!
//! What is lacking is asked for ([`make_requests`]) and answered by whoever used it
//! ([`on_resolution_request`], [`on_proposal_request`]); who is behind is shown the install
//! certificate ([`serve`]).
//!
//! # Deviations from the report
//!
//! Taken to the letter the report's view change loses ordered numbers. So:
//! - A Report carries the Replay certificate of the highest view for which a Replay-Commit was sent,
//!   and entries are sent of ordered numbers too. What an earlier Replay decided stays decided, and
//!   only entries of that view count beyond it ([`resolve`]).
//! - Signatures and votes cover the digest R of what the states amount to, so a leader cannot pass
//!   off something else as what a list says.
//! - A Replay-Commit is sent with the resolution and its Pre-Prepares on disk: then f+k+1 correct
//!   servers hold them, and they can be had when the broadcasts are gone.
//! - Where `config.proofs` is `Certificate`, Q signatures stand in place of a threshold signature.
//!   Where it is `Threshold`, the report's own is used: a core gathers Q partial signatures, each with
//!   a share that was verified, and has them as a certificate until it says something with it; then
//!   its host combines the shares, and all others see the threshold signature alone.
//! - Of a server that installed a view by certificate without voting for it, the Report carries the
//!   last certificate it voted for. Every list holds a correct server that voted. This rests on whole
//!   logs; what holds for one that lost its log stands in `rejoin`.
//! - Two different Replays of a leader are kept and broadcast as proof.
//!
//! *Holding a resolution* means: the resolution, and every Pre-Prepare that it names of a number
//! above what this server has executed.

mod complete;
mod content_valid;
mod finish;
mod installed;
pub mod interface;
mod make_partials;
mod make_replay;
mod make_replay_commit;
mod make_replay_prepare;
mod make_requests;
mod make_vc_list;
mod make_vc_proof;
pub mod model;
mod on_delivered;
mod on_install_certificate;
mod on_proposal;
mod on_proposal_request;
mod on_replay;
mod on_replay_commit;
mod on_replay_conflict;
mod on_replay_prepare;
mod on_resolution_answer;
mod on_resolution_request;
mod on_vc_list;
mod on_vc_partial_sig;
mod on_vc_proof;
mod preinstall;
mod recover;
mod resolve;
mod resume;
mod retire;
mod retransmit;
mod serve;
mod state;

pub use complete::complete;
pub use content_valid::content_valid;
pub use finish::finish;
pub use installed::installed;
pub use interface::convicts;
pub use make_partials::make_partials;
pub use make_replay::make_replay;
pub use make_replay_commit::make_replay_commit;
pub use make_replay_prepare::make_replay_prepare;
pub use make_requests::make_requests;
pub use make_vc_list::make_vc_list;
pub use make_vc_proof::make_vc_proof;
pub use model::{AHEAD, ANSWERS, ASKED, Chosen, Delivered, Effects, Round, State, Statement};
pub use on_delivered::on_delivered;
pub use on_install_certificate::on_install_certificate;
pub use on_proposal::on_proposal;
pub use on_proposal_request::on_proposal_request;
pub use on_replay::on_replay;
pub use on_replay_commit::on_replay_commit;
pub use on_replay_conflict::on_replay_conflict;
pub use on_replay_prepare::on_replay_prepare;
pub use on_resolution_answer::on_resolution_answer;
pub use on_resolution_request::on_resolution_request;
pub use on_vc_list::on_vc_list;
pub use on_vc_partial_sig::on_vc_partial_sig;
pub use on_vc_proof::on_vc_proof;
pub use preinstall::preinstall;
pub use recover::recover;
pub use resolve::resolve;
pub use resume::resume;
pub use retire::retire;
pub use retransmit::retransmit;
pub use serve::serve;

use std::collections::BTreeSet;
use wire::prime::{Bound, Constraint, Proof, Resolution};
use wire::{Config, Proofs, ReplicaId, Seq};

/// What `resolution` binds `seq` to; `None` for a no-op and for a number at or below its base or at or
/// above its startSeq.
#[must_use]
pub fn bound_at(resolution: &Resolution, seq: Seq) -> Option<Bound> {
    let index = seq.0.checked_sub(resolution.base.0)?.checked_sub(1)?;
    resolution.entries.get(usize::try_from(index).ok()?).copied().flatten()
}

/// The numbers of `resolution`, ascending from one above its base, with what each is bound to, `None` for
/// a no-op.
pub fn numbers(resolution: &Resolution) -> impl Iterator<Item = (Seq, Option<Bound>)> {
    let first = resolution.base.next().0;
    (first..).map(Seq).zip(resolution.entries.iter().copied())
}

/// Whether `proof`, whose signatures were verified, shows that at least Q distinct servers signed
/// `constraint`: by their signatures where `config.proofs` is `Certificate`, by a threshold signature
/// where it is `Threshold`, and by nothing else.
#[must_use]
pub fn proven(config: &Config, constraint: &Constraint, proof: &Proof) -> bool {
    match (config.proofs, proof) {
        (Proofs::Certificate, Proof::Certificate(partials)) => {
            let signed = partials.iter().filter(|partial| partial.body.constraint == *constraint);
            let signers: BTreeSet<ReplicaId> = signed.map(|partial| partial.signer).collect();
            signers.len() >= config.quorum()
        }
        (Proofs::Threshold, Proof::Threshold(_)) => true,
        (Proofs::Certificate, Proof::Threshold(_)) | (Proofs::Threshold, Proof::Certificate(_)) => {
            false
        }
    }
}

/// Whether `resolution` is what `constraint` names.
#[must_use]
pub fn names(constraint: &Constraint, resolution: &Resolution) -> bool {
    (constraint.base, constraint.start_seq) == (resolution.base, resolution.start_seq())
        && constraint.resolution == resolution.digest()
}
