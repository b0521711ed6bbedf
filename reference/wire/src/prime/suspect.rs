//! The messages of leader monitoring (report, section 4.2, Figure 4). All times are in microseconds
//! and all messages name the view that they are about.

use super::messages::has_inner;
use crate::auth::{AuthError, Claims, Context};
use crate::config::MAX_REPLICAS;
use crate::{List, ReplicaId, Signable, Signed, Verified, View};
use borsh::{BorshDeserialize, BorshSerialize};

/// RTT-Ping (4.2, Figure 4, B2): asks for a pong.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RttPing {
    /// In which view.
    pub view: View,
    /// The signer's own count in this view, from 1.
    pub seq: u64,
}

impl Signable for RttPing {
    type Signer = ReplicaId;
    const KIND: u16 = 30;
}

/// RTT-Pong (4.2, Figure 4, B5): answers a ping of the addressee.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RttPong {
    /// In which view.
    pub view: View,
    /// Whose ping is answered.
    pub pinger: ReplicaId,
    /// The ping's count.
    pub seq: u64,
}

impl Signable for RttPong {
    type Signer = ReplicaId;
    const KIND: u16 = 31;
}

/// RTT-Measure (4.2, Figure 4, B8): tells a server how far away the signer finds it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RttMeasure {
    /// In which view.
    pub view: View,
    /// To whom the way was measured.
    pub to: ReplicaId,
    /// There and back. Unit: microseconds.
    pub rtt: u64,
}

impl Signable for RttMeasure {
    type Signer = ReplicaId;
    const KIND: u16 = 32;
}

/// TAT-UB (4.2, Figure 4, C4): no correct server would measure a longer turn-around time if the
/// signer were leader.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TatUb {
    /// In which view.
    pub view: View,
    /// The report's alpha. Unit: microseconds.
    pub alpha: u64,
}

impl Signable for TatUb {
    type Signer = ReplicaId;
    const KIND: u16 = 33;
}

/// TAT-Measure (4.2, Figure 4, D3): the turn-around time that the leader gave the signer.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TatMeasure {
    /// In which view.
    pub view: View,
    /// Unit: microseconds.
    pub tat: u64,
}

impl Signable for TatMeasure {
    type Signer = ReplicaId;
    const KIND: u16 = 34;
}

/// New-Leader (4.2): the signer wants `view` to be next.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct NewLeader {
    /// One above the view that the signer is in.
    pub view: View,
}

impl Signable for NewLeader {
    type Signer = ReplicaId;
    const KIND: u16 = 35;
}

/// New-Leader-Proof: Q votes, which preinstall the view.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct NewLeaderProof {
    /// Ascending by signer, all for one view.
    pub votes: List<Signed<NewLeader>, MAX_REPLICAS>,
}

impl Signable for NewLeaderProof {
    type Signer = ReplicaId;
    const KIND: u16 = 36;

    fn inner_claims(&self, context: &Context, claims: &mut Claims) -> Result<(), AuthError> {
        self.votes.iter().try_for_each(|vote| vote.claims(context, claims).map(drop))
    }
}

impl Verified<NewLeaderProof> {
    has_inner!(votes: NewLeader, "The votes, verified with the proof.");
}
