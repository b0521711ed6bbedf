//! The encoding of every message, as data: borsh, as the `wire` crate describes its types.
//!
//! All numbers have a fixed width, so nothing is known of them but how many bytes they take.

use wire::client::MAX_PAYLOAD;
use wire::config::MAX_REPLICAS;
use wire::merkle::MAX_DEPTH;
use wire::prime::{CHUNK, MAX_ACKS, MAX_BATCH, MAX_PART, MAX_REPLAY};

/// How a value stands on the wire.
#[derive(Debug)]
pub(super) enum Layout {
    /// That many bytes, whatever they are.
    Fixed(usize),
    /// A count (`u32`) up to the cap, and that many bytes.
    Blob(usize),
    /// A count (`u32`) up to the cap, and that many items.
    List(usize, &'static Self),
    /// A byte 0; or a byte 1 and the item.
    Optional(&'static Self),
    /// A byte that is the position of one of these, and that one.
    Choice(&'static [Self]),
    /// One after the other.
    Row(&'static [Self]),
}

use Layout::{Blob, Choice, Fixed, List, Optional, Row};

const U32: Layout = Fixed(4);
const U64: Layout = Fixed(8);
const REPLICA: Layout = Fixed(2);
const CLIENT: Layout = Fixed(4);
const DIGEST: Layout = Fixed(32);
const SIGNATURE: Layout = Fixed(64);
/// A share of a threshold signature, or the signature.
const POINT: Layout = Fixed(48);
const PATH: Layout = List(MAX_DEPTH, &DIGEST);

/// Signature, index, path.
const AUTH: Layout = Row(&[SIGNATURE, U32, PATH]);

/// Signer, body, authenticator.
macro_rules! signed {
    ($signer:expr, $body:expr) => {
        Row(&[$signer, $body, AUTH])
    };
    ($body:expr) => {
        signed!(REPLICA, $body)
    };
}

/// As many signed messages as there may be servers.
macro_rules! votes {
    ($body:expr) => {
        List(MAX_REPLICAS, &signed!($body))
    };
}

// Pre-ordering, ordering, reconciliation, catch-up.

/// Number, payload.
const UPDATE: Layout = Row(&[U64, Blob(MAX_PAYLOAD)]);
/// Number, updates.
const PO_REQUEST: Layout = Row(&[U64, List(MAX_BATCH, &signed!(CLIENT, UPDATE))]);
/// Originator, number, digest.
const PO_ACK: Layout = Row(&[REPLICA, U64, DIGEST]);
const PO_ACKS: Layout = List(MAX_ACKS, &PO_ACK);
const PO_ARU: Layout = List(MAX_REPLICAS, &U64);
const MATRIX: Layout = List(MAX_REPLICAS, &Optional(&signed!(PO_ARU)));
/// View, number, matrix.
const PRE_PREPARE: Layout = Row(&[U64, U64, MATRIX]);
/// Prepare or Commit: view, number, digest.
const VOTE: Layout = Row(&[U64, U64, DIGEST]);
/// Originator, number, digest, root, length, part, path.
const RECON: Layout = Row(&[REPLICA, U64, DIGEST, DIGEST, U32, Blob(MAX_PART), PATH]);
/// Originator, number.
const RECON_REQUEST: Layout = Row(&[REPLICA, U64]);
/// View, installed, ordered, executed.
const CATCH_UP_REQUEST: Layout = Row(&[U64, U64, U64, U64]);
/// Pre-Prepare, votes.
const PROPOSAL_AND_VOTES: Layout = Row(&[signed!(PRE_PREPARE), votes!(VOTE)]);

// Leader monitoring.

/// View, count.
const PING: Layout = Row(&[U64, U64]);
/// View, pinger, count; or view, addressee, time.
const PONG_OR_MEASURE: Layout = Row(&[U64, REPLICA, U64]);
/// View, time.
const TURN_AROUND: Layout = Row(&[U64, U64]);
/// View.
const NEW_LEADER: Layout = U64;

// View changes.

/// View, digest.
const BOUND: Layout = Row(&[U64, DIGEST]);
/// Base, entries.
const RESOLUTION: Layout = Row(&[U64, List(MAX_REPLAY, &Optional(&BOUND))]);
const IDS: Layout = List(MAX_REPLICAS, &REPLICA);
/// View, ids, base, start, resolution.
const CONSTRAINT: Layout = Row(&[U64, IDS, U64, U64, DIGEST]);
/// Constraint, share.
const VC_PARTIAL_SIG: Layout = Row(&[CONSTRAINT, Optional(&POINT)]);
/// By a certificate of partial signatures, or by a threshold signature.
const PROOF: Layout = Choice(&[votes!(VC_PARTIAL_SIG), POINT]);
/// VC-Proof or Replay: constraint, proof.
const PROVEN: Layout = Row(&[CONSTRAINT, PROOF]);
/// Replay-Prepare or Replay-Commit: view, digest.
const REPLAY_VOTE: Layout = Row(&[U64, DIGEST]);
/// Replay, votes.
const REPLAY_AND_VOTES: Layout = Row(&[signed!(PROVEN), votes!(REPLAY_VOTE)]);
/// Executed, count, Replay certificate.
const REPORT: Layout = Row(&[U64, U32, Optional(&REPLAY_AND_VOTES)]);
/// By Prepares or by Commits.
const CERTIFICATE: Layout = Choice(&[PROPOSAL_AND_VOTES, PROPOSAL_AND_VOTES]);
/// View, number, payload.
const RB_INIT: Layout = Row(&[U64, U32, Choice(&[REPORT, CERTIFICATE])]);
/// Originator, view, number, digest.
const RB_VOTE: Layout = Row(&[REPLICA, U64, U32, DIGEST]);
/// View, ids.
const VC_LIST: Layout = Row(&[U64, IDS]);
/// Replay, Replay-Commits, resolution.
const INSTALL_CERTIFICATE: Layout = Row(&[signed!(PROVEN), votes!(REPLAY_VOTE), RESOLUTION]);
/// Number, bound.
const PROPOSAL_REQUEST: Layout = Row(&[U64, BOUND]);

// Checkpoints.

/// Number, root, length.
const STATE_ID: Layout = Row(&[U64, DIGEST, U64]);
/// Checkpoints, matrix.
const CHECKPOINT_PROOF: Layout = Row(&[votes!(STATE_ID), MATRIX]);
/// State, index.
const STATE_REQUEST: Layout = Row(&[STATE_ID, U32]);
/// State, index, bytes, path.
const STATE_CHUNK: Layout = Row(&[STATE_ID, U32, Blob(CHUNK), PATH]);

/// Two signed messages.
macro_rules! pair {
    ($body:expr) => {
        Row(&[signed!($body), signed!($body)])
    };
}

/// A message. The first byte says which.
pub(super) static MESSAGE: Layout = Choice(&[
    signed!(PO_REQUEST),
    signed!(PO_ACKS),
    signed!(PO_ARU),
    signed!(pair!(PO_REQUEST)),
    signed!(pair!(PO_ARU)),
    signed!(MATRIX),
    signed!(PRE_PREPARE),
    signed!(VOTE), // Prepare
    signed!(VOTE), // Commit
    signed!(pair!(PRE_PREPARE)),
    signed!(RECON),
    signed!(RECON_REQUEST),
    signed!(CATCH_UP_REQUEST),
    signed!(PROPOSAL_AND_VOTES), // Ordered-Certificate
    signed!(PING),
    signed!(PONG_OR_MEASURE), // RTT-Pong
    signed!(PONG_OR_MEASURE), // RTT-Measure
    signed!(TURN_AROUND),     // TAT-UB
    signed!(TURN_AROUND),     // TAT-Measure
    signed!(NEW_LEADER),
    signed!(votes!(NEW_LEADER)),
    signed!(RB_INIT),
    signed!(RB_VOTE), // RB-Echo
    signed!(RB_VOTE), // RB-Ready
    signed!(RB_VOTE), // RB-Request
    signed!(VC_LIST),
    signed!(VC_PARTIAL_SIG),
    signed!(PROVEN),      // VC-Proof
    signed!(PROVEN),      // Replay
    signed!(REPLAY_VOTE), // Replay-Prepare
    signed!(REPLAY_VOTE), // Replay-Commit
    signed!(pair!(PROVEN)),
    signed!(INSTALL_CERTIFICATE),
    signed!(DIGEST), // Resolution-Request
    signed!(RESOLUTION),
    signed!(PROPOSAL_REQUEST),
    signed!(STATE_ID), // Checkpoint
    signed!(CHECKPOINT_PROOF),
    signed!(STATE_REQUEST),
    signed!(STATE_CHUNK),
]);
