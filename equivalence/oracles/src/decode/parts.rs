//! What a message says about which its shape is judged: everything of a kind, wherever in the
//! message it stands.

use wire::prime::{
    CatchUpRequest, Certificate, Checkpoint, CheckpointProof, Commit, Constraint, Ids,
    InstallCertificate, Matrix, Message, NewLeader, NewLeaderProof, OrderedCertificate, Payload,
    PoAcks, PoAru, PoAruConflict, PoRequest, PoRequestConflict, PrePrepare, PrePrepareConflict,
    Prepare, Proof, ProofMatrix, ProposalRequest, RbEcho, RbInit, RbReady, RbRequest, Recon,
    ReconRequest, Replay, ReplayCertificate, ReplayCommit, ReplayConflict, ReplayPrepare,
    ResolutionAnswer, ResolutionRequest, RttMeasure, RttPing, RttPong, StateChunk, StateId,
    StateRequest, TatMeasure, TatUb, VcList, VcPartialSig, VcProof,
};
use wire::{ReplicaId, Signable, Signed, View};

/// One thing that a message says.
pub(super) enum Part<'a> {
    /// This replica is named.
    Replica(ReplicaId),
    /// This is the number of one of the things that are counted from 1.
    Number(u64),
    /// A PO-Request.
    PoRequest(&'a PoRequest),
    /// Acknowledgements.
    PoAcks(&'a PoAcks),
    /// A PO-ARU.
    PoAru(&'a PoAru),
    /// A matrix.
    Matrix(&'a Matrix),
    /// What stands in a proof or certificate is signed by these.
    Signers(Vec<ReplicaId>),
    /// Something of the view change is of this view.
    View(View),
    /// A New-Leader-Proof.
    NewLeaderProof(&'a NewLeaderProof),
    /// The first addresses the second about the way between them.
    Way(ReplicaId, ReplicaId),
    /// A catch-up request.
    CatchUp(&'a CatchUpRequest),
    /// A broadcast with its payload.
    Broadcast(&'a RbInit),
    /// A broadcast's number.
    BroadcastNumber(u32),
    /// A list.
    List(&'a Ids),
    /// A constraint.
    Constraint(&'a Constraint),
    /// A constraint and what proves it.
    Proven(&'a Constraint, &'a Proof),
    /// A partial signature that is a message by itself.
    Alone(&'a VcPartialSig),
    /// A state.
    State(&'a StateId),
    /// A chunk's index.
    Index(&'a StateId, u32),
    /// A chunk.
    Chunk(&'a StateChunk),
    /// The Checkpoints of a proof.
    CheckpointProof(&'a CheckpointProof),
}

/// All that `message` says.
pub(super) fn parts(message: &Message) -> Vec<Part<'_>> {
    macro_rules! of_each {
        ($($name:ident)*) => {
            match message { $(Message::$name(message) => gather(message),)* }
        };
    }
    let mut parts = of_each! {
        PoRequest PoAcks PoAru PoRequestConflict PoAruConflict ProofMatrix PrePrepare Prepare
        Commit PrePrepareConflict Recon ReconRequest CatchUpRequest OrderedCertificate RttPing
        RttPong RttMeasure TatUb TatMeasure NewLeader NewLeaderProof RbInit RbEcho RbReady
        RbRequest VcList VcPartialSig VcProof Replay ReplayPrepare ReplayCommit ReplayConflict
        InstallCertificate ResolutionRequest ResolutionAnswer ProposalRequest Checkpoint
        CheckpointProof StateRequest StateChunk
    };
    if let Message::VcPartialSig(partial) = message {
        parts.push(Part::Alone(&partial.body));
    }
    parts
}

fn gather<T: Says>(message: &Signed<T>) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    signed(message, &mut parts);
    parts
}

/// The body of a message that servers sign.
trait Says: Signable<Signer = ReplicaId> {
    /// Adds all that the body says when `signer` signs it.
    fn says<'a>(&'a self, signer: ReplicaId, to: &mut Vec<Part<'a>>);
}

fn signed<'a, T: Says>(message: &'a Signed<T>, to: &mut Vec<Part<'a>>) {
    to.push(Part::Replica(message.signer));
    message.body.says(message.signer, to);
}

fn certified<'a, T: Says>(messages: &'a [Signed<T>], to: &mut Vec<Part<'a>>) {
    to.push(Part::Signers(messages.iter().map(|message| message.signer).collect()));
    messages.iter().for_each(|message| signed(message, to));
}

fn matrix<'a>(matrix: &'a Matrix, to: &mut Vec<Part<'a>>) {
    to.push(Part::Matrix(matrix));
    matrix.rows.iter().flatten().for_each(|row| signed(row, to));
}

fn list<'a>(view: View, ids: &'a Ids, to: &mut Vec<Part<'a>>) {
    to.extend([Part::View(view), Part::List(ids)]);
    to.extend(ids.iter().copied().map(Part::Replica));
}

fn constraint<'a>(constraint: &'a Constraint, to: &mut Vec<Part<'a>>) {
    to.push(Part::Constraint(constraint));
    list(constraint.view, &constraint.ids, to);
}

fn proven<'a>(of: &'a Constraint, proof: &'a Proof, to: &mut Vec<Part<'a>>) {
    to.push(Part::Proven(of, proof));
    constraint(of, to);
    if let Proof::Certificate(partials) = proof {
        certified(partials, to);
    }
}

fn state<'a>(state: &'a StateId, to: &mut Vec<Part<'a>>) {
    to.extend([Part::State(state), Part::Number(state.seq.0)]);
}

/// For each message, what its body says.
macro_rules! says {
    ($($name:ident: |$body:ident, $signer:pat_param, $to:ident| $says:block)*) => {$(
        impl Says for $name {
            fn says<'a>(&'a self, $signer: ReplicaId, $to: &mut Vec<Part<'a>>) {
                let $body = self;
                $says
            }
        }
    )*};
}

says! {
    PoRequest: |body, _, to| {
        to.extend([Part::Number(body.seq.0), Part::PoRequest(body)]);
    }
    PoAcks: |body, _, to| {
        to.push(Part::PoAcks(body));
        for ack in body.acks.iter() {
            to.extend([Part::Replica(ack.originator), Part::Number(ack.seq.0)]);
        }
    }
    PoAru: |body, _, to| { to.push(Part::PoAru(body)); }
    PoRequestConflict: |body, _, to| { signed(&body.first, to); signed(&body.second, to); }
    PoAruConflict: |body, _, to| { signed(&body.first, to); signed(&body.second, to); }
    ProofMatrix: |body, _, to| { matrix(&body.matrix, to); }
    PrePrepare: |body, _, to| {
        to.push(Part::Number(body.seq.0));
        matrix(&body.matrix, to);
    }
    Prepare: |body, _, to| { to.push(Part::Number(body.seq.0)); }
    Commit: |body, _, to| { to.push(Part::Number(body.seq.0)); }
    PrePrepareConflict: |body, _, to| { signed(&body.first, to); signed(&body.second, to); }
    Recon: |body, _, to| {
        to.extend([Part::Replica(body.originator), Part::Number(body.seq.0)]);
    }
    ReconRequest: |body, _, to| {
        to.extend([Part::Replica(body.originator), Part::Number(body.seq.0)]);
    }
    CatchUpRequest: |body, _, to| { to.push(Part::CatchUp(body)); }
    OrderedCertificate: |body, _, to| {
        signed(&body.pre_prepare, to);
        certified(&body.commits, to);
    }
}

// Leader monitoring.
says! {
    RttPing: |body, _, to| { to.push(Part::Number(body.seq)); }
    RttPong: |body, signer, to| {
        to.extend([Part::Replica(body.pinger), Part::Number(body.seq)]);
        to.push(Part::Way(signer, body.pinger));
    }
    RttMeasure: |body, signer, to| {
        to.extend([Part::Replica(body.to), Part::Way(signer, body.to)]);
    }
    TatUb: |_body, _, _to| {}
    TatMeasure: |_body, _, _to| {}
    NewLeader: |body, _, to| { to.push(Part::View(body.view)); }
    NewLeaderProof: |body, _, to| {
        to.push(Part::NewLeaderProof(body));
        certified(&body.votes, to);
    }
}

fn certificate<'a>(certificate: &'a Certificate, to: &mut Vec<Part<'a>>) {
    match certificate {
        Certificate::Prepared(proposal, votes) => {
            signed(proposal, to);
            certified(votes, to);
        }
        Certificate::Committed(proposal, votes) => {
            signed(proposal, to);
            certified(votes, to);
        }
    }
}

fn payload<'a>(payload: &'a Payload, to: &mut Vec<Part<'a>>) {
    match payload {
        Payload::Report(report) => {
            if let Some(ReplayCertificate { replay, prepares }) = &report.replay {
                signed(replay, to);
                certified(prepares, to);
            }
        }
        Payload::Entry(entry) => certificate(entry, to),
    }
}

fn broadcast(originator: ReplicaId, view: View, number: u32, to: &mut Vec<Part<'_>>) {
    to.extend([Part::Replica(originator), Part::View(view), Part::BroadcastNumber(number)]);
}

// View changes.
says! {
    RbInit: |body, signer, to| {
        to.push(Part::Broadcast(body));
        broadcast(signer, body.view, body.seq, to);
        payload(&body.payload, to);
    }
    RbEcho: |body, _, to| { broadcast(body.originator, body.view, body.seq, to); }
    RbReady: |body, _, to| { broadcast(body.originator, body.view, body.seq, to); }
    RbRequest: |body, _, to| { broadcast(body.originator, body.view, body.seq, to); }
    VcList: |body, _, to| { list(body.view, &body.ids, to); }
    VcPartialSig: |body, _, to| { constraint(&body.constraint, to); }
    VcProof: |body, _, to| { proven(&body.constraint, &body.proof, to); }
    Replay: |body, _, to| { proven(&body.constraint, &body.proof, to); }
    ReplayPrepare: |body, _, to| { to.push(Part::View(body.view)); }
    ReplayCommit: |body, _, to| { to.push(Part::View(body.view)); }
    ReplayConflict: |body, _, to| { signed(&body.first, to); signed(&body.second, to); }
    InstallCertificate: |body, _, to| {
        signed(&body.replay, to);
        certified(&body.commits, to);
    }
    ResolutionRequest: |_body, _, _to| {}
    ResolutionAnswer: |_body, _, _to| {}
    ProposalRequest: |body, _, to| { to.push(Part::Number(body.seq.0)); }
}

// Checkpoints.
says! {
    Checkpoint: |body, _, to| { state(&body.state, to); }
    CheckpointProof: |body, _, to| {
        to.push(Part::CheckpointProof(body));
        certified(&body.checkpoints, to);
        matrix(&body.preceding, to);
    }
    StateRequest: |body, _, to| {
        state(&body.state, to);
        to.push(Part::Index(&body.state, body.index));
    }
    StateChunk: |body, _, to| {
        state(&body.state, to);
        to.extend([Part::Index(&body.state, body.index), Part::Chunk(body)]);
    }
}
