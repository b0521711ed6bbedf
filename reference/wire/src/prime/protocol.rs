//! The sums over all messages: unsigned, signed, verified.

use super::checkpoint::{Checkpoint, CheckpointProof, StateChunk, StateRequest};
use super::messages::{
    CatchUpRequest, Commit, OrderedCertificate, PoAcks, PoAru, PoAruConflict, PoRequest,
    PoRequestConflict, PrePrepare, PrePrepareConflict, Prepare, ProofMatrix, Recon, ReconRequest,
};
use super::suspect::{NewLeader, NewLeaderProof, RttMeasure, RttPing, RttPong, TatMeasure, TatUb};
use super::view_change::{
    InstallCertificate, ProposalRequest, RbEcho, RbInit, RbReady, RbRequest, Replay, ReplayCommit,
    ReplayConflict, ReplayPrepare, ResolutionAnswer, ResolutionRequest, VcList, VcPartialSig,
    VcProof,
};
use crate::auth::{Auth, AuthError, Context, Gate, Own};
use crate::{Digest, Protocol, ReplicaId, Signable, Signed, ThresholdScheme, Verified};
use borsh::{BorshDeserialize, BorshSerialize};

/// Prime, as a type for the traits of [`crate::machine`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prime {}

macro_rules! messages {
    ($($name:ident),* $(,)?) => {
        /// A message before it is signed.
        #[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
        #[expect(missing_docs, reason = "each variant is documented by its message")]
        pub enum Body { $($name($name),)* }

        /// A message off the wire, unverified. Its first byte is the variant's position.
        #[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
        #[expect(missing_docs, reason = "each variant is documented by its message")]
        pub enum Message { $($name(Signed<$name>),)* }

        /// A message that is only encoded, as [`Message`] is.
        #[derive(BorshSerialize)]
        enum Borrowed<'a> { $($name(&'a Signed<$name>),)* }

        /// A message that may be acted on.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is documented by its message")]
        pub enum Incoming { $($name(Verified<$name>),)* }

        $(
            impl From<$name> for Body {
                fn from(body: $name) -> Self { Self::$name(body) }
            }

            impl From<Verified<$name>> for Incoming {
                fn from(message: Verified<$name>) -> Self { Self::$name(message) }
            }
        )*

        impl Protocol for Prime {
            type Body = Body;
            type Message = Message;
            type Incoming = Incoming;

            fn kind(body: &Body) -> &'static str {
                match body { $(Body::$name(_) => stringify!($name),)* }
            }

            fn endorse(body: &mut Body, context: &Context, scheme: &dyn ThresholdScheme) {
                match body { $(Body::$name(body) => body.endorse(context, scheme),)* }
            }

            fn leaf(context: &Context, signer: ReplicaId, body: &Body) -> Digest {
                match body { $(Body::$name(body) => context.leaf(signer, body),)* }
            }

            fn seal(own: &Own, me: ReplicaId, body: Body, auth: Auth, leaf: Digest) -> Incoming {
                match body { $(Body::$name(body) => own.seal(me, body, auth, leaf).into(),)* }
            }

            fn admit(gate: &Gate, message: Message) -> Result<Incoming, AuthError> {
                Ok(match message { $(Message::$name(message) => gate.verify(message)?.into(),)* })
            }

            fn message(incoming: &Incoming) -> Message {
                match incoming { $(Incoming::$name(message) => Message::$name(message.signed().clone()),)* }
            }

            fn encode(incoming: &Incoming, bytes: &mut Vec<u8>) {
                let message = match incoming {
                    $(Incoming::$name(message) => Borrowed::$name(message.signed()),)*
                };
                message.serialize(bytes).expect("writing to a vector cannot fail");
            }

            fn is(incoming: &Incoming, message: &Message) -> bool {
                match (incoming, message) {
                    $((Incoming::$name(held), Message::$name(message)) => held.signed() == message,)*
                    _ => false,
                }
            }

            fn sender(incoming: &Incoming) -> ReplicaId {
                match incoming { $(Incoming::$name(message) => message.signer(),)* }
            }

            fn digest(incoming: &Incoming) -> Digest {
                match incoming { $(Incoming::$name(message) => message.digest(),)* }
            }
        }
    };
}

messages! {
    PoRequest, PoAcks, PoAru, PoRequestConflict, PoAruConflict,
    ProofMatrix, PrePrepare, Prepare, Commit, PrePrepareConflict,
    Recon, ReconRequest, CatchUpRequest, OrderedCertificate,
    RttPing, RttPong, RttMeasure, TatUb, TatMeasure, NewLeader, NewLeaderProof,
    RbInit, RbEcho, RbReady, RbRequest, VcList, VcPartialSig, VcProof,
    Replay, ReplayPrepare, ReplayCommit, ReplayConflict, InstallCertificate,
    ResolutionRequest, ResolutionAnswer, ProposalRequest,
    Checkpoint, CheckpointProof, StateRequest, StateChunk,
}
