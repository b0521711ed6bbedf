//! `checkpoint.covers`: what a state stands for.

use wire::prime::{Body, Incoming, Prime};
use wire::{PoSeq, Record, ReplicaId, Seq};

/// What a record is about, as far as a state can stand for it.
enum About {
    /// A request of an originator.
    Request(ReplicaId, PoSeq),
    /// A global number.
    Number(Seq),
    /// A state.
    State,
    /// Anything else.
    Other,
}

/// What a promise of `me` is about.
fn of_promise(me: ReplicaId, body: &Body) -> About {
    match body {
        Body::PoRequest(request) => About::Request(me, request.seq),
        Body::PrePrepare(proposal) => About::Number(proposal.seq),
        Body::Prepare(vote) => About::Number(vote.seq),
        Body::Commit(vote) => About::Number(vote.seq),
        Body::CheckpointProof(_) | Body::StateChunk(_) => About::State,
        _ => About::Other,
    }
}

/// What somebody's message is about.
fn of_held(message: &Incoming) -> About {
    match message {
        Incoming::PoRequest(request) => About::Request(request.signer(), request.body().seq),
        Incoming::Recon(part) => About::Request(part.body().originator, part.body().seq),
        Incoming::PrePrepare(proposal) => About::Number(proposal.body().seq),
        Incoming::Prepare(vote) => About::Number(vote.body().seq),
        Incoming::Commit(vote) => About::Number(vote.body().seq),
        Incoming::OrderedCertificate(shown) => About::Number(shown.body().pre_prepare.body.seq),
        _ => About::Other,
    }
}

/// Whether the log can do without `record` once it begins with the state after `seq`.
pub fn covers(me: ReplicaId, seq: Seq, prefix: &[PoSeq], record: &Record<Prime>) -> bool {
    let about = match record {
        Record::Promise(body) => of_promise(me, body),
        Record::Held(message) => of_held(message),
    };
    match about {
        About::Request(originator, number) => usize::from(originator.0)
            .checked_sub(1)
            .and_then(|place| prefix.get(place))
            .is_some_and(|&executed| number <= executed),
        About::Number(number) => number <= seq,
        About::State => true,
        About::Other => false,
    }
}
