//! The abstract state of view changes: what contracts, oracles and recorded inputs speak of.
//!
//! It stays when another version takes the component's place. The reference works on it as it is.

use borsh::BorshSerialize;
use std::collections::BTreeMap;
use wire::prime::{
    Bound, Constraint, Ids, InstallCertificate, PrePrepare, Prime, RbInit, Replay,
    ReplayCertificate, ReplayCommit, ReplayConflict, ReplayPrepare, Resolution, VcPartialSig,
    VcProof,
};
use wire::{Config, Digest, ReplicaId, Seq, Time, Verified, View};

/// The effects of view changes are those of Prime.
pub type Effects = wire::Effects<Prime>;

/// How many views above the preinstalled one are remembered already.
pub const AHEAD: u64 = 1;

/// Most resolutions and Pre-Prepares handed to one server in `timing.retransmit`, together.
pub const ANSWERS: u32 = 256;

/// Most Pre-Prepares asked for at a time.
pub const ASKED: usize = 64;

/// What a Replay certificate chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Chosen {
    /// Its view.
    pub view: View,
    /// See [`Resolution::base`].
    pub base: Seq,
    /// See [`Resolution::start_seq`].
    pub start_seq: Seq,
    /// R.
    pub resolution: Digest,
}

impl Chosen {
    /// What `constraint` says of its view.
    #[must_use]
    pub fn of(constraint: &Constraint) -> Self {
        let Constraint { view, base, start_seq, resolution, .. } = *constraint;
        Self { view, base, start_seq, resolution }
    }
}

/// What a server's broadcasts say.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Statement {
    /// Its execution ARU.
    pub executed: Seq,
    /// Its Replay certificate.
    pub replay: Option<Chosen>,
    /// Its PC-Set, by number; all above `executed`, at most `MAX_REPLAY` above.
    pub entries: BTreeMap<Seq, Bound>,
}

/// What came of one server's broadcasts.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Delivered {
    /// By number: the Report at 0, entries from 1.
    pub inits: BTreeMap<u32, Verified<RbInit>>,
    /// What they say, once all are there, if that is valid.
    pub statement: Option<Statement>,
}

/// What is known of the change to one view.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Round {
    /// Broadcasts delivered, by originator.
    pub delivered: BTreeMap<ReplicaId, Delivered>,
    /// The own list, once promised.
    pub listed: Option<Ids>,
    /// By who announced it, the first of each.
    pub lists: BTreeMap<ReplicaId, Ids>,
    /// Lists that this server signed, and what it found in them.
    pub signed: BTreeMap<Ids, Constraint>,
    /// Partial signatures by signer and list, the first of each; at most N lists a signer.
    pub partials: BTreeMap<ReplicaId, BTreeMap<Ids, Verified<VcPartialSig>>>,
    /// The proof built or received first.
    pub proof: Option<VcProof>,
    /// Whether the proof was sent on.
    pub proof_sent: bool,
    /// The own Replay, if the log promised one.
    pub promised: Option<Replay>,
    /// The proven Replay that came first.
    pub replay: Option<Verified<Replay>>,
    /// By sender, one each, the first that came. Never the leader's.
    pub prepares: BTreeMap<ReplicaId, Verified<ReplayPrepare>>,
    /// By sender, one each, the first that came.
    pub commits: BTreeMap<ReplicaId, Verified<ReplayCommit>>,
    /// Which Replay was accepted here (logged and, unless this server leads, voted for).
    pub prepared: Option<Digest>,
    /// For which Replay the own Replay-Commit was promised.
    pub committed: Option<Digest>,
    /// Proof that the leader sent two Replays, once known.
    pub conflict: Option<Verified<ReplayConflict>>,
    /// Whether such a proof was sent or passed on by this server.
    pub accused: bool,
}

impl Round {
    /// All Replay-Prepares held of others than the Replay's signer for the Replay held (with its digest),
    /// ascending by signer; `None` without a Replay or if they are fewer than Q - 1.
    #[must_use]
    pub fn certificate(&self, config: &Config) -> Option<Vec<Verified<ReplayPrepare>>> {
        let replay = self.replay.as_ref()?;
        let votes = self.prepares.values().filter(|vote| {
            vote.signer() != replay.signer() && vote.body().digest == replay.digest()
        });
        let votes: Vec<_> = votes.cloned().collect();
        (votes.len() >= config.votes_beside_proposer()).then_some(votes)
    }

    /// All Replay-Commits held for the Replay held (with its digest), ascending by signer; `None` without
    /// a Replay or if they are fewer than Q.
    #[must_use]
    pub fn quorum(&self, config: &Config) -> Option<Vec<Verified<ReplayCommit>>> {
        let digest = self.replay.as_ref()?.digest();
        let votes = self.commits.values().filter(|vote| vote.body().digest == digest);
        let votes: Vec<_> = votes.cloned().collect();
        (votes.len() >= config.quorum()).then_some(votes)
    }
}

/// All that view changes remember.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct State {
    /// This server.
    pub me: ReplicaId,
    /// The view in which this server is. Never decreases.
    pub preinstalled: View,
    /// The view that is installed; at most `preinstalled`. Never decreases.
    pub installed: View,
    /// By view: `preinstalled`, while it is not installed (then it is there), and what came early, up to
    /// `preinstalled + AHEAD`. None is made by a message that is rejected.
    pub rounds: BTreeMap<View, Round>,
    /// The Replay certificate of the highest view for which a Replay-Commit was promised.
    pub certificate: Option<ReplayCertificate>,
    /// By digest: those used in the preinstalled view, and those of `certificate`, `installs` and
    /// `offered`.
    pub resolutions: BTreeMap<Digest, Resolution>,
    /// Pre-Prepares that resolutions held or entries delivered name.
    pub proposals: BTreeMap<(Seq, Bound), Verified<PrePrepare>>,
    /// Valid certificates of views above `installed` that wait for execution or for Pre-Prepares: the
    /// one of the highest view, and that of the highest view that could be installed as far as
    /// execution is concerned.
    pub offered: BTreeMap<View, InstallCertificate>,
    /// By view: why views were installed here, bases ascending, each until a stable checkpoint covers
    /// all numbers that belong to it, or another with the same or a lower base follows: whoever could
    /// use the former can use the latter. The last one is always kept.
    pub installs: BTreeMap<View, InstallCertificate>,
    /// Whether evidence turned up that more than f servers are faulty.
    pub alarmed: bool,
    /// When each server was last shown an install certificate. Shape `[n]`.
    pub served: Vec<Option<Time>>,
    /// When the count of answers began, and the count (0: there is none), by receiver. Shape `[n]`.
    pub answered: Vec<(Time, u32)>,
    /// When what is lacking may be asked for again. Keys: (R, 0, none), or the zero digest and a number
    /// with what it is bound to.
    pub asked: BTreeMap<(Digest, Seq, Option<Bound>), Time>,
    /// When unfinished business is said again.
    pub retransmit_at: Time,
}
