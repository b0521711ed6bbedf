//! One type for each message. What a signature covers is the whole body, except in [`Matrix`],
//! where a row counts by signer and vector: whoever relays a matrix may hold a row under another
//! authenticator of the same server, and that makes no other matrix.

use crate::auth::{AuthError, Claims, Context};
use crate::config::MAX_REPLICAS;
use crate::digest::Hasher;
use crate::{
    Blob, Digest, List, PoSeq, ReplicaId, Seq, Signable, Signed, Update, Verified, View, merkle,
};
use borsh::{BorshDeserialize, BorshSerialize};

/// Most updates in one PO-Request.
pub const MAX_BATCH: usize = 256;

/// Most bytes of update payload in one PO-Request; the originator closes the batch before.
pub const MAX_BATCH_BYTES: usize = 512 << 10;

/// Most acknowledgements in one PO-Ack message.
pub const MAX_ACKS: usize = 512;

/// Largest part in a Reconciliation message. Unit: bytes.
pub const MAX_PART: usize = 1 << 20;

/// Gives a verified message its signed parts, verified with it.
macro_rules! has_inner {
    ($field:ident: $type:ty, $doc:literal) => {
        #[doc = $doc]
        pub fn $field<'a>(
            &'a self,
            context: &'a $crate::auth::Context,
        ) -> impl Iterator<Item = Verified<$type>> + 'a {
            let parts = self.body().$field.iter();
            parts.map(|part| Verified::trust_inner(part.clone(), context))
        }
    };
}
pub(super) use has_inner;

/// PO-Request (4.1): the originator, its signer, preorders a batch of its clients' updates.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PoRequest {
    /// The originator's own count, gap-free from 1.
    pub seq: PoSeq,
    /// Signed by their clients. Not empty in a valid request.
    pub updates: List<Signed<Update>, MAX_BATCH>,
}

impl Signable for PoRequest {
    type Signer = ReplicaId;
    const KIND: u16 = 16;

    fn inner_claims(&self, context: &Context, claims: &mut Claims) -> Result<(), AuthError> {
        self.updates.iter().try_for_each(|update| update.claims(context, claims).map(drop))
    }
}

impl Verified<PoRequest> {
    /// The updates, whose signatures were verified with the request's.
    pub fn updates<'a>(
        &'a self,
        context: &'a Context,
    ) -> impl Iterator<Item = Verified<Update>> + 'a {
        let updates = self.body().updates.iter();
        updates.map(|update| Self::inner(update, context))
    }

    fn inner(update: &Signed<Update>, context: &Context) -> Verified<Update> {
        Verified::trust_inner(update.clone(), context)
    }
}

/// One acknowledgement: "this is the request that I saw first under this preorder identifier".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct PoAck {
    /// Whose request.
    pub originator: ReplicaId,
    /// Which.
    pub seq: PoSeq,
    /// Its digest.
    pub digest: Digest,
}

/// PO-Ack (4.1), many at once.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PoAcks {
    /// In any order. Not empty in a valid message.
    pub acks: List<PoAck, MAX_ACKS>,
}

impl Signable for PoAcks {
    type Signer = ReplicaId;
    const KIND: u16 = 17;
}

/// A PO-ARU's entry for its own signer is a *life* from here on: it says nothing about requests, but
/// that the signer begins its stream of them anew, above all numbers that it may have used. No server
/// comes to originate so many.
pub const LIFE: PoSeq = PoSeq(1 << 48);

/// PO-ARU (4.1): up to where the signer holds preorder certificates without a gap.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PoAru {
    /// By originator; N entries in a valid message.
    pub vec: List<PoSeq, MAX_REPLICAS>,
}

impl Signable for PoAru {
    type Signer = ReplicaId;
    const KIND: u16 = 18;
}

/// A proof matrix (4.1): row i is a PO-ARU signed by server i, or null.
#[derive(Clone, Debug, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub struct Matrix {
    /// By server; N rows in a valid message.
    pub rows: List<Option<Signed<PoAru>>, MAX_REPLICAS>,
}

impl Matrix {
    fn content(&self, hasher: &mut Hasher) {
        for row in self.rows.iter() {
            hasher.put_value(&row.as_ref().map(|row| (row.signer, &row.body)));
        }
    }

    pub(super) fn claims(&self, context: &Context, claims: &mut Claims) -> Result<(), AuthError> {
        self.rows.iter().flatten().try_for_each(|row| row.claims(context, claims).map(drop))
    }

    /// What server `i` acknowledges of originator `o`; 0 where the row is null or short.
    #[must_use]
    pub fn acknowledged(&self, i: ReplicaId, o: ReplicaId) -> PoSeq {
        let row = self.rows.get(i.index()).and_then(Option::as_ref);
        row.and_then(|row| row.body.vec.get(o.index())).copied().unwrap_or_default()
    }

    /// Whether both hold the same vectors of the same servers.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        fn key(row: &Option<Signed<PoAru>>) -> Option<(ReplicaId, &PoAru)> {
            row.as_ref().map(|row| (row.signer, &row.body))
        }
        self.rows.len() == other.rows.len()
            && self.rows.iter().zip(other.rows.iter()).all(|(a, b)| key(a) == key(b))
    }
}

/// Proof-Matrix (4.2): what its signer expects the next Pre-Prepare to cover.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ProofMatrix {
    /// The signer's Last_PO_Aru.
    pub matrix: Matrix,
}

impl Signable for ProofMatrix {
    type Signer = ReplicaId;
    const KIND: u16 = 19;

    fn content(&self, hasher: &mut Hasher) {
        self.matrix.content(hasher);
    }

    fn inner_claims(&self, context: &Context, claims: &mut Claims) -> Result<(), AuthError> {
        self.matrix.claims(context, claims)
    }
}

/// Pre-Prepare (4.1): the leader, its signer, proposes what becomes eligible at one number.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PrePrepare {
    /// In which view.
    pub view: View,
    /// At which number.
    pub seq: Seq,
    /// The leader's Last_PO_Aru.
    pub matrix: Matrix,
}

impl Signable for PrePrepare {
    type Signer = ReplicaId;
    const KIND: u16 = 20;

    fn content(&self, hasher: &mut Hasher) {
        hasher.put_value(&(self.view, self.seq));
        self.matrix.content(hasher);
    }

    fn inner_claims(&self, context: &Context, claims: &mut Claims) -> Result<(), AuthError> {
        self.matrix.claims(context, claims)
    }
}

/// Gives a verified message the rows of a matrix in it, verified with it.
macro_rules! has_rows {
    ($type:ty, $field:ident) => {
        impl Verified<$type> {
            /// The rows, verified with the message. Row i may claim any signer: see `validate`.
            pub fn rows<'a>(
                &'a self,
                context: &'a Context,
            ) -> impl Iterator<Item = Option<Verified<PoAru>>> + 'a {
                let rows = self.body().$field.rows.iter();
                rows.map(|row| row.clone().map(|row| Verified::trust_inner(row, context)))
            }
        }
    };
}
pub(super) use has_rows;

has_rows!(ProofMatrix, matrix);
has_rows!(PrePrepare, matrix);

/// Prepare (4.1): the signer accepts the leader's proposal as the first for (view, seq).
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Prepare {
    /// In which view.
    pub view: View,
    /// At which number.
    pub seq: Seq,
    /// Of the Pre-Prepare.
    pub digest: Digest,
}

impl Signable for Prepare {
    type Signer = ReplicaId;
    const KIND: u16 = 21;
}

/// Commit (4.1): the signer holds a prepare certificate.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Commit {
    /// In which view.
    pub view: View,
    /// At which number.
    pub seq: Seq,
    /// Of the Pre-Prepare.
    pub digest: Digest,
}

impl Signable for Commit {
    type Signer = ReplicaId;
    const KIND: u16 = 22;
}

macro_rules! conflict {
    ($(#[$doc:meta])* $name:ident, $of:ty, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
        pub struct $name {
            /// One.
            pub first: Signed<$of>,
            /// Another by the same server that contradicts it.
            pub second: Signed<$of>,
        }

        impl Signable for $name {
            type Signer = ReplicaId;
            const KIND: u16 = $kind;

            fn inner_claims(
                &self,
                context: &Context,
                claims: &mut Claims,
            ) -> Result<(), AuthError> {
                self.first.claims(context, claims)?;
                self.second.claims(context, claims).map(drop)
            }
        }

        impl Verified<$name> {
            /// Both messages, verified with the proof.
            #[must_use]
            pub fn pair(&self, context: &Context) -> (Verified<$of>, Verified<$of>) {
                let body = self.body();
                (
                    Verified::trust_inner(body.first.clone(), context),
                    Verified::trust_inner(body.second.clone(), context),
                )
            }
        }
    };
}

conflict! {
    /// Two PO-Requests of one originator under one number, with different digests.
    PoRequestConflict, PoRequest, 23
}
conflict! {
    /// Two PO-ARUs of one server, neither at least as up to date as the other (4.2).
    PoAruConflict, PoAru, 24
}
conflict! {
    /// Two Pre-Prepares of one leader for one (view, seq), with different digests.
    PrePrepareConflict, PrePrepare, 25
}

/// Reconciliation (4.1): one erasure-coded part of a PO-Request's body.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Recon {
    /// Whose request.
    pub originator: ReplicaId,
    /// Which.
    pub seq: PoSeq,
    /// Its digest.
    pub digest: Digest,
    /// Merkle root of all N parts.
    pub root: Digest,
    /// Length of the encoded body. Unit: bytes.
    pub length: u32,
    /// The part whose index is the sender's row.
    pub part: Blob<MAX_PART>,
    /// From the part to the root.
    pub path: merkle::Path,
}

impl Signable for Recon {
    type Signer = ReplicaId;
    const KIND: u16 = 26;
}

/// Recon-Request: the signer cannot execute for want of this request's content.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ReconRequest {
    /// Whose request.
    pub originator: ReplicaId,
    /// Which.
    pub seq: PoSeq,
}

impl Signable for ReconRequest {
    type Signer = ReplicaId;
    const KIND: u16 = 27;
}

/// Catch-Up-Request: how far the signer is, so that others send what it lacks.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CatchUpRequest {
    /// Preinstalled view.
    pub view: View,
    /// Installed view; at most `view`.
    pub installed: View,
    /// Up to where the signer has ordered without a gap.
    pub ordered: Seq,
    /// Up to where the signer has executed; at most `ordered`.
    pub executed: Seq,
}

impl Signable for CatchUpRequest {
    type Signer = ReplicaId;
    const KIND: u16 = 28;
}

/// Ordered-Certificate: a Pre-Prepare and Q Commits for it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct OrderedCertificate {
    /// What was ordered.
    pub pre_prepare: Signed<PrePrepare>,
    /// By whom, ascending by signer.
    pub commits: List<Signed<Commit>, MAX_REPLICAS>,
}

impl Signable for OrderedCertificate {
    type Signer = ReplicaId;
    const KIND: u16 = 29;

    fn inner_claims(&self, context: &Context, claims: &mut Claims) -> Result<(), AuthError> {
        self.pre_prepare.claims(context, claims)?;
        self.commits.iter().try_for_each(|commit| commit.claims(context, claims).map(drop))
    }
}

impl Verified<OrderedCertificate> {
    /// Pre-Prepare and Commits, verified with the certificate.
    #[must_use]
    pub fn parts(&self, context: &Context) -> (Verified<PrePrepare>, Vec<Verified<Commit>>) {
        let body = self.body();
        let commits = body.commits.iter();
        (
            Verified::trust_inner(body.pre_prepare.clone(), context),
            commits.map(|commit| Verified::trust_inner(commit.clone(), context)).collect(),
        )
    }
}
