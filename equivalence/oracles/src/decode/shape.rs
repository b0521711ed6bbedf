//! What `decode.shape` must answer.

use super::parts::{Part, parts};
use crate::Finding;
use wire::merkle::MAX_DEPTH;
use wire::prime::{
    CHUNK, Constraint, MAX_BATCH_BYTES, MAX_REPLAY, Matrix, Message, Payload, PoAru, PoRequest,
    Proof, RbInit, StateChunk, VcPartialSig,
};
use wire::{Config, Proofs, Reject, ReplicaId, View};

/// What must hold of every part of a message that it is about.
pub(super) struct Bullet {
    pub(super) says: &'static str,
    holds: fn(&Config, &Part<'_>) -> bool,
}

/// In the contract's order and words.
pub(super) const BULLETS: [Bullet; 11] = [
    Bullet {
        says: "decode.shape: every replica that is named is one of 1..=n; numbers of PO-Requests, \
               acknowledgements, Pre-Prepares, votes, proposals asked for, pings and checkpointed \
               states are above 0",
        holds: names_and_numbers,
    },
    Bullet {
        says: "decode.shape: a PO-Request has an update and at most MAX_BATCH_BYTES bytes of \
               payload in all, a PO-Ack message has an acknowledgement",
        holds: batches,
    },
    Bullet {
        says: "decode.shape: a PO-ARU has N entries; a matrix has N rows, and row i is null or \
               signed by server i with N entries",
        holds: vectors,
    },
    Bullet {
        says: "decode.shape: whatever stands in a proof or certificate ascends strictly by signer",
        holds: certificates,
    },
    Bullet {
        says: "decode.shape: New-Leader votes, broadcasts and the votes on them, lists, \
               constraints, Replay-Prepares and Replay-Commits are of a view above 0; the votes \
               of a New-Leader-Proof are not empty and all for one view",
        holds: views,
    },
    Bullet {
        says: "decode.shape: nobody answers his own ping or measures the way to himself",
        holds: ways,
    },
    Bullet {
        says: "decode.shape: a catch-up request has `installed <= view` and `executed <= ordered`",
        holds: catch_up,
    },
    Bullet {
        says: "decode.shape: a broadcast 0 carries a Report with `count` at most MAX_REPLAY, \
               every other one an entry, and no broadcast's number is above MAX_REPLAY",
        holds: broadcasts,
    },
    Bullet {
        says: "decode.shape: a list has exactly Q members, strictly ascending; a constraint has \
               `base < start_seq` and at most MAX_REPLAY numbers between the two",
        holds: lists,
    },
    Bullet {
        says: "decode.shape: what proves the constraint of a VC-Proof or Replay is what \
               `config.proofs` says: a certificate, whose partial signatures are all for that \
               message's constraint and without a share, or a threshold signature; a \
               VC-Partial-Sig that is sent by itself has a share just where that is `Threshold`",
        holds: proofs,
    },
    Bullet {
        says: "decode.shape: a state is at most `CHUNK << MAX_DEPTH` bytes long; a chunk's index \
               is below `StateId::chunks`; each chunk but the last has CHUNK bytes and the last \
               the rest; the Checkpoints of a proof are not empty and all for one state",
        holds: states,
    },
];

pub(super) const ALL_HOLD: &str = "decode.shape: what breaks no rule passes";

/// Whether the message is refused if and only if it breaks one of the contract's rules. The
/// finding names the first that it breaks.
///
/// # Errors
/// The answer that the rules give, if it is another.
pub fn check(
    config: &Config,
    message: &Message,
    result: &Result<(), Reject>,
) -> Result<(), Finding> {
    match broken(config, message).next() {
        Some(bullet) => crate::answer(bullet.says, &Err(Reject::Malformed), result),
        None => crate::answer(ALL_HOLD, &Ok(()), result),
    }
}

/// The rules that the message breaks.
pub(super) fn broken(config: &Config, message: &Message) -> impl Iterator<Item = &'static Bullet> {
    let parts = parts(message);
    BULLETS.iter().filter(move |bullet| !parts.iter().all(|part| (bullet.holds)(config, part)))
}

fn ascends(ids: &[ReplicaId]) -> bool {
    ids.is_sorted_by(|one, next| one < next)
}

fn names_and_numbers(config: &Config, part: &Part<'_>) -> bool {
    match part {
        Part::Replica(id) => (1..=config.n).contains(&id.0),
        Part::Number(number) => *number > 0,
        _ => true,
    }
}

fn batches(_: &Config, part: &Part<'_>) -> bool {
    let bytes = |request: &PoRequest| -> usize {
        request.updates.iter().map(|update| update.body.payload.len()).sum()
    };
    match part {
        Part::PoRequest(request) => {
            !request.updates.is_empty() && bytes(request) <= MAX_BATCH_BYTES
        }
        Part::PoAcks(message) => !message.acks.is_empty(),
        _ => true,
    }
}

fn vectors(config: &Config, part: &Part<'_>) -> bool {
    let n = usize::from(config.n);
    let full = |aru: &PoAru| aru.vec.len() == n;
    let rows_fit = |matrix: &Matrix| {
        let mut rows = (1..).zip(matrix.rows.iter());
        rows.all(|(i, row)| {
            row.as_ref().is_none_or(|row| row.signer == ReplicaId(i) && full(&row.body))
        })
    };
    match part {
        Part::PoAru(aru) => full(aru),
        Part::Matrix(matrix) => matrix.rows.len() == n && rows_fit(matrix),
        _ => true,
    }
}

fn certificates(_: &Config, part: &Part<'_>) -> bool {
    match part {
        Part::Signers(signers) => ascends(signers),
        _ => true,
    }
}

fn views(_: &Config, part: &Part<'_>) -> bool {
    match part {
        Part::View(view) => *view > View(0),
        Part::NewLeaderProof(proof) => {
            let first = proof.votes.first();
            first.is_some_and(|first| proof.votes.iter().all(|vote| vote.body == first.body))
        }
        _ => true,
    }
}

fn ways(_: &Config, part: &Part<'_>) -> bool {
    match part {
        Part::Way(from, to) => from != to,
        _ => true,
    }
}

fn catch_up(_: &Config, part: &Part<'_>) -> bool {
    match part {
        Part::CatchUp(request) => {
            request.installed <= request.view && request.executed <= request.ordered
        }
        _ => true,
    }
}

fn broadcasts(_: &Config, part: &Part<'_>) -> bool {
    let within = |count: u32| u64::from(count) <= MAX_REPLAY as u64;
    match part {
        Part::BroadcastNumber(number) => within(*number),
        Part::Broadcast(RbInit { seq: 0, payload: Payload::Report(report), .. }) => {
            within(report.count)
        }
        Part::Broadcast(RbInit { seq, payload, .. }) => {
            *seq > 0 && matches!(payload, Payload::Entry(_))
        }
        _ => true,
    }
}

fn lists(config: &Config, part: &Part<'_>) -> bool {
    match part {
        Part::List(ids) => ids.len() == config.quorum() && ascends(ids),
        Part::Constraint(Constraint { base, start_seq, .. }) => {
            base < start_seq && start_seq.0 - base.0 - 1 <= MAX_REPLAY as u64
        }
        _ => true,
    }
}

fn proofs(config: &Config, part: &Part<'_>) -> bool {
    let threshold = matches!(config.proofs, Proofs::Threshold);
    match part {
        Part::Proven(_, Proof::Threshold(_)) => threshold,
        Part::Proven(constraint, Proof::Certificate(partials)) => {
            let bare =
                |body: &VcPartialSig| body.constraint == **constraint && body.share.is_none();
            !threshold && partials.iter().all(|partial| bare(&partial.body))
        }
        Part::Alone(partial) => partial.share.is_some() == threshold,
        _ => true,
    }
}

fn states(_: &Config, part: &Part<'_>) -> bool {
    match part {
        Part::State(state) => state.length <= (CHUNK as u64) << MAX_DEPTH,
        Part::Index(state, index) => u64::from(*index) < state.chunks(),
        Part::Chunk(chunk) => chunk.bytes.len() as u64 == chunk_length(chunk),
        Part::CheckpointProof(proof) => {
            let first = proof.checkpoints.first();
            first.is_some_and(|first| proof.checkpoints.iter().all(|vote| vote.body == first.body))
        }
        _ => true,
    }
}

/// How long the chunk of that index must be: CHUNK bytes, or the rest if it is the last.
fn chunk_length(chunk: &StateChunk) -> u64 {
    let begin = u64::from(chunk.index) * CHUNK as u64;
    chunk.state.length.saturating_sub(begin).min(CHUNK as u64)
}
