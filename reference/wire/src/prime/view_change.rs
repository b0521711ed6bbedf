//! The messages of the view change (report, section 5.3). What the report leaves out and these
//! carry: the Replay certificate of the highest view a server voted to commit, certificates of
//! ordered but not executed numbers, and the digest of the resolution under every signature.

use super::messages::{Commit, PrePrepare, Prepare, has_inner};
use crate::auth::{AuthError, Claims, Context};
use crate::config::MAX_REPLICAS;
use crate::digest::Hasher;
use crate::threshold::{Point, PointClaim, ThresholdScheme};
use crate::{Digest, List, ReplicaId, Seq, Signable, Signed, Verified, View};
use borsh::{BorshDeserialize, BorshSerialize};

/// Most numbers that one view change resolves: no server orders further beyond what it executed.
pub const MAX_REPLAY: usize = 1024;

/// Servers of a list, ascending, each once; Q of them in a valid list.
pub type Ids = List<ReplicaId, MAX_REPLICAS>;

/// What a number is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Bound {
    /// The view of the Pre-Prepare.
    pub view: View,
    /// Its digest.
    pub digest: Digest,
}

/// What a list of servers' states resolves to: pure data, equal at all who hold those states.
#[derive(Clone, Debug, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub struct Resolution {
    /// Every number up to here was executed by a server of the list.
    pub base: Seq,
    /// What number `base + 1 + i` is bound to; `None`: to nothing, a no-op.
    pub entries: List<Option<Bound>, MAX_REPLAY>,
}

impl Resolution {
    /// Where the new view's own numbers begin: one above the last entry.
    #[must_use]
    pub fn start_seq(&self) -> Seq {
        Seq(self.base.0.saturating_add(1).saturating_add(self.entries.len() as u64))
    }

    /// Its digest, the R that lists, proofs and Replays carry.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_value("patchy resolution 1", self)
    }
}

/// A server's state at the beginning of a view change (5.3), its first broadcast in the view.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Report {
    /// The report's execution ARU: backed by certificates or a checkpoint on disk.
    pub executed: Seq,
    /// How many [`Certificate`]s follow as broadcasts 1 to `count`. At most [`MAX_REPLAY`].
    pub count: u32,
    /// The Replay certificate of the highest view for which Replay-Commit was sent; none before
    /// the first.
    pub replay: Option<ReplayCertificate>,
}

/// An entry of a PC-Set (5.3): why a number cannot be bound to anything else.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Certificate {
    /// A Pre-Prepare and 2f+k Prepares of others for it, ascending by signer.
    Prepared(Signed<PrePrepare>, List<Signed<Prepare>, MAX_REPLICAS>),
    /// A Pre-Prepare and Q Commits for it, ascending by signer.
    Committed(Signed<PrePrepare>, List<Signed<Commit>, MAX_REPLICAS>),
}

impl Certificate {
    /// What it is about.
    #[must_use]
    pub fn pre_prepare(&self) -> &Signed<PrePrepare> {
        match self {
            Self::Prepared(proposal, _) | Self::Committed(proposal, _) => proposal,
        }
    }

    fn claims(&self, context: &Context, claims: &mut Claims) -> Result<(), AuthError> {
        self.pre_prepare().claims(context, claims)?;
        match self {
            Self::Prepared(_, votes) => {
                votes.iter().try_for_each(|vote| vote.claims(context, claims).map(drop))
            }
            Self::Committed(_, votes) => {
                votes.iter().try_for_each(|vote| vote.claims(context, claims).map(drop))
            }
        }
    }
}

/// What is broadcast.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Payload {
    /// REPORT, at broadcast 0.
    Report(Report),
    /// PC-SET, at broadcasts 1 to `count`.
    Entry(Certificate),
}

/// RB-Init: opens the signer's reliable broadcast `seq` of `view`, with the payload.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RbInit {
    /// The preinstalled view.
    pub view: View,
    /// Which of the signer's broadcasts in that view, from 0.
    pub seq: u32,
    /// What is broadcast.
    pub payload: Payload,
}

impl Signable for RbInit {
    type Signer = ReplicaId;
    const KIND: u16 = 37;

    fn inner_claims(&self, context: &Context, claims: &mut Claims) -> Result<(), AuthError> {
        match &self.payload {
            Payload::Report(report) => match &report.replay {
                Some(certificate) => certificate.claims(context, claims),
                None => Ok(()),
            },
            Payload::Entry(certificate) => certificate.claims(context, claims),
        }
    }
}

impl Verified<RbInit> {
    /// The Pre-Prepare of a PC-Set entry, verified with the broadcast.
    #[must_use]
    pub fn pre_prepare(&self, context: &Context) -> Option<Verified<PrePrepare>> {
        match &self.body().payload {
            Payload::Report(_) => None,
            Payload::Entry(entry) => {
                Some(Verified::trust_inner(entry.pre_prepare().clone(), context))
            }
        }
    }
}

macro_rules! broadcast_vote {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
        pub struct $name {
            /// Whose broadcast.
            pub originator: ReplicaId,
            /// In which view.
            pub view: View,
            /// Which of the originator's.
            pub seq: u32,
            /// Of its [`RbInit`].
            pub digest: Digest,
        }

        impl Signable for $name {
            type Signer = ReplicaId;
            const KIND: u16 = $kind;
        }
    };
}

broadcast_vote! {
    /// RB-Echo: the signer received this Init first.
    RbEcho, 38
}
broadcast_vote! {
    /// RB-Ready: the signer knows that no other Init can be delivered under this tag.
    RbReady, 39
}
broadcast_vote! {
    /// Asks for the Init itself, by one who may deliver it but lacks it.
    RbRequest, 40
}

/// VC-List (5.3): the signer has collected complete state from these servers.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct VcList {
    /// The preinstalled view.
    pub view: View,
    /// Q of them.
    pub ids: Ids,
}

impl Signable for VcList {
    type Signer = ReplicaId;
    const KIND: u16 = 41;
}

/// What a list's states amount to: the content of VC-Partial-Sig, VC-Proof and Replay.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Constraint {
    /// The preinstalled view.
    pub view: View,
    /// Whose states.
    pub ids: Ids,
    /// See [`Resolution::base`].
    pub base: Seq,
    /// See [`Resolution::start_seq`].
    pub start_seq: Seq,
    /// See [`Resolution::digest`].
    pub resolution: Digest,
}

impl Constraint {
    /// What a threshold signature on it covers.
    #[must_use]
    pub fn digest(&self, context: &Context) -> Digest {
        Digest::of_value("patchy constraint 1", &(context, self))
    }
}

/// VC-Partial-Sig (5.3): the signer has the complete state of the list and finds this in it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct VcPartialSig {
    /// What is signed.
    pub constraint: Constraint,
    /// The signer's share of the threshold signature on it; `None` in a cluster of certificates, and
    /// until the signer's host endorses it.
    pub share: Option<Point>,
}

impl Signable for VcPartialSig {
    type Signer = ReplicaId;
    const KIND: u16 = 42;

    fn point(&self, signer: ReplicaId, context: &Context) -> Option<PointClaim> {
        let (by, digest) = (Some(signer), self.constraint.digest(context));
        self.share.map(|point| PointClaim { by, digest, point })
    }

    fn endorse(&mut self, context: &Context, scheme: &dyn ThresholdScheme) {
        let own = || scheme.share(&self.constraint.digest(context));
        self.share = self.share.or_else(|| Some(own()));
    }
}

/// Who signed a constraint.
pub type Partials = List<Signed<VcPartialSig>, MAX_REPLICAS>;

/// Why a constraint may be chosen: Q servers signed it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Proof {
    /// At least Q of their signatures, ascending by signer, each for the constraint beside. In a cluster of
    /// threshold signatures this is what a core has until its host combines the shares; nobody takes
    /// it from others there.
    Certificate(Partials),
    /// The cluster's threshold signature on the constraint beside.
    Threshold(Point),
}

impl Proof {
    fn inner_claims(&self, context: &Context, claims: &mut Claims) -> Result<(), AuthError> {
        match self {
            Self::Certificate(partials) => {
                partials.iter().try_for_each(|partial| partial.claims(context, claims).map(drop))
            }
            Self::Threshold(_) => Ok(()),
        }
    }

    fn point(&self, of: &Constraint, context: &Context) -> Option<PointClaim> {
        match self {
            Self::Certificate(_) => None,
            Self::Threshold(point) => {
                Some(PointClaim { by: None, digest: of.digest(context), point: *point })
            }
        }
    }

    /// Puts the signature that the shares amount to in their place, if they are enough.
    fn combine(&mut self, of: &Constraint, context: &Context, scheme: &dyn ThresholdScheme) {
        let Self::Certificate(partials) = self else { return };
        let same = partials.iter().filter(|partial| partial.body.constraint == *of);
        let shares = same.filter_map(|partial| Some((partial.signer, partial.body.share?)));
        let shares: Vec<(ReplicaId, Point)> = shares.collect();
        if let Some(whole) = scheme.combine(&of.digest(context), &shares) {
            *self = Self::Threshold(whole);
        }
    }
}

/// VC-Proof (5.3): Q servers signed this constraint.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct VcProof {
    /// What is proven.
    pub constraint: Constraint,
    /// By this.
    pub proof: Proof,
}

impl Signable for VcProof {
    type Signer = ReplicaId;
    const KIND: u16 = 43;

    fn inner_claims(&self, context: &Context, claims: &mut Claims) -> Result<(), AuthError> {
        self.proof.inner_claims(context, claims)
    }

    fn point(&self, _: ReplicaId, context: &Context) -> Option<PointClaim> {
        self.proof.point(&self.constraint, context)
    }

    fn endorse(&mut self, context: &Context, scheme: &dyn ThresholdScheme) {
        self.proof.combine(&self.constraint, context, scheme);
    }
}

/// Replay (5.3): the leader chooses the constraint of its view.
///
/// Identified by the constraint alone: what proves it makes no other Replay.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Replay {
    /// What is chosen.
    pub constraint: Constraint,
    /// Why that may be chosen; as in [`VcProof`].
    pub proof: Proof,
}

impl Signable for Replay {
    type Signer = ReplicaId;
    const KIND: u16 = 44;

    fn content(&self, hasher: &mut Hasher) {
        hasher.put_value(&self.constraint);
    }

    fn inner_claims(&self, context: &Context, claims: &mut Claims) -> Result<(), AuthError> {
        self.proof.inner_claims(context, claims)
    }

    fn point(&self, _: ReplicaId, context: &Context) -> Option<PointClaim> {
        self.proof.point(&self.constraint, context)
    }

    fn endorse(&mut self, context: &Context, scheme: &dyn ThresholdScheme) {
        self.proof.combine(&self.constraint, context, scheme);
    }
}

macro_rules! replay_vote {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
        pub struct $name {
            /// In which view.
            pub view: View,
            /// Of the [`Replay`].
            pub digest: Digest,
        }

        impl Signable for $name {
            type Signer = ReplicaId;
            const KIND: u16 = $kind;
        }
    };
}

replay_vote! {
    /// Replay-Prepare (5.3): the signer accepts the leader's Replay as the view's first.
    ReplayPrepare, 45
}
replay_vote! {
    /// Replay-Commit (5.3): the signer holds the Replay certificate and its resolution, on disk.
    ReplayCommit, 46
}

/// A Replay and 2f+k Replay-Prepares of others for it, ascending by signer.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ReplayCertificate {
    /// Chosen by the leader of its view.
    pub replay: Signed<Replay>,
    /// Votes.
    pub prepares: List<Signed<ReplayPrepare>, MAX_REPLICAS>,
}

impl ReplayCertificate {
    fn claims(&self, context: &Context, claims: &mut Claims) -> Result<(), AuthError> {
        self.replay.claims(context, claims)?;
        self.prepares.iter().try_for_each(|vote| vote.claims(context, claims).map(drop))
    }
}

/// Two Replays of one leader in one view with different digests.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ReplayConflict {
    /// One.
    pub first: Signed<Replay>,
    /// The other.
    pub second: Signed<Replay>,
}

impl Signable for ReplayConflict {
    type Signer = ReplicaId;
    const KIND: u16 = 47;

    fn inner_claims(&self, context: &Context, claims: &mut Claims) -> Result<(), AuthError> {
        self.first.claims(context, claims)?;
        self.second.claims(context, claims).map(drop)
    }
}

impl Verified<ReplayConflict> {
    /// Both Replays, verified with the proof.
    #[must_use]
    pub fn pair(&self, context: &Context) -> (Verified<Replay>, Verified<Replay>) {
        let body = self.body();
        (
            Verified::trust_inner(body.first.clone(), context),
            Verified::trust_inner(body.second.clone(), context),
        )
    }
}

/// Install-Certificate: a Replay, Q Replay-Commits for it and what it resolves to. Installs the
/// view at one who missed the broadcasts, and stands for Ordered-Certificates of the numbers that
/// the view replayed.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct InstallCertificate {
    /// Chosen by the leader of its view.
    pub replay: Signed<Replay>,
    /// Ascending by signer.
    pub commits: List<Signed<ReplayCommit>, MAX_REPLICAS>,
    /// What the Replay's digest stands for.
    pub resolution: Resolution,
}

impl Signable for InstallCertificate {
    type Signer = ReplicaId;
    const KIND: u16 = 48;

    fn inner_claims(&self, context: &Context, claims: &mut Claims) -> Result<(), AuthError> {
        self.replay.claims(context, claims)?;
        self.commits.iter().try_for_each(|commit| commit.claims(context, claims).map(drop))
    }
}

impl Verified<InstallCertificate> {
    has_inner!(commits: ReplayCommit, "The Replay-Commits, verified with the certificate.");

    /// The Replay, verified with the certificate.
    #[must_use]
    pub fn replay(&self, context: &Context) -> Verified<Replay> {
        Verified::trust_inner(self.body().replay.clone(), context)
    }
}

/// Asks for the resolution with this digest: R in a Replay certificate or constraint.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ResolutionRequest {
    /// R.
    pub digest: Digest,
}

impl Signable for ResolutionRequest {
    type Signer = ReplicaId;
    const KIND: u16 = 49;
}

/// Answers a [`ResolutionRequest`]: whoever asked knows the digest, so nothing else is proven.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ResolutionAnswer {
    /// The resolution.
    pub resolution: Resolution,
}

impl Signable for ResolutionAnswer {
    type Signer = ReplicaId;
    const KIND: u16 = 50;
}

/// Asks for a Pre-Prepare that a resolution names; it is passed on as its leader signed it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ProposalRequest {
    /// Of which number.
    pub seq: Seq,
    /// Which.
    pub bound: Bound,
}

impl Signable for ProposalRequest {
    type Signer = ReplicaId;
    const KIND: u16 = 51;
}
