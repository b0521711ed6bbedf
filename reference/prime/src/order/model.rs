//! The abstract state of ordering: what contracts, oracles and recorded inputs speak of.
//!
//! It stays when another version takes the component's place. The reference works on it as it is.

use borsh::BorshSerialize;
use std::collections::BTreeMap;
use wire::prime::{Commit, Matrix, PrePrepare, PrePrepareConflict, Prepare, Prime};
use wire::{ReplicaId, Seq, Time, Verified, View};

/// The effects of ordering are those of Prime.
pub type Effects = wire::Effects<Prime>;

/// Tokens that come in `timing.pre_prepare`: a correct leader sends one Pre-Prepare in that time by its
/// own clock, which may run faster than this server's.
pub const TOKENS: u64 = 2;

/// What is known of one global number.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct OrderSlot {
    /// The Pre-Prepare seen first, or the one that a commit certificate names. Valid if its number
    /// is at or below `accepted`.
    pub pre_prepare: Option<Verified<PrePrepare>>,
    /// By sender, one each, the first that came; from the log, the last read. Never the leader's.
    pub prepares: BTreeMap<ReplicaId, Verified<Prepare>>,
    /// By sender, one each, the first that came, or the one in an Ordered-Certificate that bound the
    /// number; from the log, the last read.
    pub commits: BTreeMap<ReplicaId, Verified<Commit>>,
    /// Whether a Commit was promised here.
    pub prepared: bool,
    /// Whether a commit certificate is held; then so is its Pre-Prepare. Or the number is
    /// `replayed`.
    pub committed: bool,
    /// Whether it was ordered by installing a view. Then there need be no Commits, and without a
    /// Pre-Prepare it is a no-op.
    pub replayed: bool,
}

/// All that ordering remembers.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct State {
    /// This server.
    pub me: ReplicaId,
    /// The installed view.
    pub view: View,
    /// The preinstalled view, at least `view`. While it is above, nothing is voted for.
    pub preinstalled: View,
    /// Where the numbers of the installed view begin. At most `ordered + 1`.
    pub start_seq: Seq,
    /// What came of the preinstalled view before it is installed; numbers above `ordered`, at most
    /// the horizon at the time it came. Votes and Pre-Prepares only. Empty unless
    /// `preinstalled > view`.
    pub early: BTreeMap<Seq, OrderSlot>,
    /// Every number up to here has a valid Pre-Prepare in this view. At least `ordered`.
    pub accepted: Seq,
    /// The matrix of number `accepted`; N null rows before the first.
    pub preceding: Matrix,
    /// Every number up to here is ordered. At least `retired`. Never decreases.
    pub ordered: Seq,
    /// The matrix of the highest number up to `ordered` that is no no-op; N null rows before the
    /// first.
    pub ordered_matrix: Matrix,
    /// Numbers up to here were executed and dropped. Never decreases.
    pub retired: Seq,
    /// Slots by number, all in `(retired, horizon]`; while the log is read, above `retired`. All that
    /// one holds is about its number, and, unless it is `committed`, of the installed view.
    pub slots: BTreeMap<Seq, OrderSlot>,
    /// The highest number that is proposed (by this server, as leader of the view), accepted or
    /// ordered. The next own proposal is for the one after it.
    pub proposed: Seq,
    /// The matrix of number `proposed`; of the highest number below that is no no-op, if `proposed` is
    /// `ordered` or bound by a view change.
    pub proposal: Matrix,
    /// Own proposals for the installed view that the log promised. Filled by `recover`; emptied by
    /// `preinstall`, `install` and `resume`; so empty wherever this server may not vote.
    pub promised: BTreeMap<Seq, PrePrepare>,
    /// Proof that the leader of the view equivocated, once known.
    pub leader_proof: Option<Verified<PrePrepareConflict>>,
    /// Whether such a proof was sent or passed on by this server.
    pub leader_accused: bool,
    /// When the next Pre-Prepare may go out.
    pub next_pre_prepare_at: Time,
    /// Pre-Prepares of the leader that may be accepted at once. At most `windows.order`.
    pub tokens: u64,
    /// Up to when tokens were handed out. Never decreases.
    pub filled_at: Time,
    /// When unfinished business is sent again.
    pub retransmit_at: Time,
}
