//! Messages of every kind, the kept corpus, and a mutator that depends on its seed alone.

use std::path::Path;
use std::sync::Arc;
use wire::auth::Context;
use wire::prime::{
    Body, Bound, CHUNK, CatchUpRequest, Certificate, Checkpoint, CheckpointProof, Commit,
    Constraint, InstallCertificate, Matrix, Message, NewLeader, NewLeaderProof, OrderedCertificate,
    Payload, PoAck, PoAcks, PoAru, PoAruConflict, PoRequest, PoRequestConflict, PrePrepare,
    PrePrepareConflict, Prepare, Prime, Proof, ProofMatrix, ProposalRequest, RbEcho, RbInit,
    RbReady, RbRequest, Recon, ReconRequest, Replay, ReplayCertificate, ReplayCommit,
    ReplayConflict, ReplayPrepare, Report, Resolution, ResolutionAnswer, ResolutionRequest,
    RttMeasure, RttPing, RttPong, StateChunk, StateId, StateRequest, TatMeasure, TatUb, VcList,
    VcPartialSig, VcProof,
};
use wire::stub::Stub;
use wire::{
    Blob, ClientId, ClientSeq, Config, Digest, List, PoSeq, Point, Protocol, ReplicaId, Seq,
    Signable, Signed, Signer, Update, View,
};

/// Four replicas.
pub(crate) fn config() -> Config {
    Config::new(Digest::of("corpus", b"decode"), 4, 1, 0)
}

fn signed<T: Signable<Signer = ReplicaId>>(id: u16, body: T) -> Signed<T> {
    let id = ReplicaId(id);
    let signer = Signer::new(Context::from(&config()), Arc::new(Stub(id.into())));
    signer.sign_all(id, vec![body])[0].signed().clone()
}

fn request(seq: u64) -> PoRequest {
    let client = ClientId(5);
    let signer = Signer::new(Context::from(&config()), Arc::new(Stub(client.into())));
    let payload = Blob::new(b"put key value".to_vec()).unwrap();
    let updates = vec![
        Update { seq: ClientSeq(seq), payload: payload.clone() },
        Update { seq: ClientSeq(seq + 1), payload },
    ];
    let updates = signer.sign_all(client, updates).iter().map(|u| u.signed().clone()).collect();
    PoRequest { seq: PoSeq(seq), updates: List::new(updates).unwrap() }
}

fn row(id: u16, entry: u64) -> Signed<PoAru> {
    signed(id, PoAru { vec: List::new(vec![PoSeq(entry); 4]).unwrap() })
}

fn matrix() -> Matrix {
    let rows = vec![Some(row(1, 2)), None, Some(row(3, 1)), Some(row(4, 2))];
    Matrix { rows: List::new(rows).unwrap() }
}

fn pre_prepare(seq: u64) -> PrePrepare {
    PrePrepare { view: View(0), seq: Seq(seq), matrix: matrix() }
}

/// One message of each kind, by the name of its file.
pub(crate) fn samples() -> Vec<(String, Message)> {
    let digest = Digest::of("corpus", b"something");
    let vote = |id| signed(id, Commit { view: View(0), seq: Seq(1), digest });
    let mut bodies: Vec<Body> = vec![
        request(1).into(),
        PoAcks {
            acks: List::new(vec![PoAck { originator: ReplicaId(2), seq: PoSeq(1), digest }; 3])
                .unwrap(),
        }
        .into(),
        row(1, 3).body.into(),
        PoRequestConflict { first: signed(2, request(1)), second: signed(2, request(1)) }.into(),
        PoAruConflict { first: row(2, 1), second: row(2, 2) }.into(),
        ProofMatrix { matrix: matrix() }.into(),
        pre_prepare(1).into(),
        Prepare { view: View(0), seq: Seq(1), digest }.into(),
        Commit { view: View(0), seq: Seq(1), digest }.into(),
        PrePrepareConflict { first: signed(1, pre_prepare(1)), second: signed(1, pre_prepare(1)) }
            .into(),
        Recon {
            originator: ReplicaId(2),
            seq: PoSeq(1),
            digest,
            root: digest,
            length: 7,
            part: Blob::new(vec![1, 2, 3, 4]).unwrap(),
            path: List::new(vec![digest; 2]).unwrap(),
        }
        .into(),
        ReconRequest { originator: ReplicaId(2), seq: PoSeq(1) }.into(),
        CatchUpRequest { view: View(1), installed: View(0), ordered: Seq(3), executed: Seq(2) }
            .into(),
        OrderedCertificate {
            pre_prepare: signed(1, pre_prepare(1)),
            commits: List::new(vec![vote(1), vote(2), vote(4)]).unwrap(),
        }
        .into(),
    ];
    bodies.extend(monitoring());
    bodies.extend(view_change());
    bodies.extend(checkpoints());
    let me = ReplicaId(3);
    let signer = Signer::new(Context::from(&config()), Arc::new(Stub(me.into())));
    let names: Vec<_> = bodies.iter().map(Prime::kind).collect();
    let (sealed, _) = signer.seal::<Prime>(me, bodies, Vec::new());
    let mut samples: Vec<(String, Message)> = Vec::new();
    for (name, message) in names.iter().zip(sealed.iter().map(Prime::message)) {
        let kind = |held: &str| held.split('-').next() == Some(name);
        let again = samples.iter().filter(|(held, _)| kind(held)).count();
        let suffix = if again == 0 { String::new() } else { format!("-{}", again + 1) };
        samples.push((format!("{name}{suffix}"), message));
    }
    samples
}

fn monitoring() -> Vec<Body> {
    let view = View(1);
    let votes = [1, 2, 4].map(|id| signed(id, NewLeader { view })).to_vec();
    vec![
        RttPing { view, seq: 1 }.into(),
        RttPong { view, pinger: ReplicaId(1), seq: 1 }.into(),
        RttMeasure { view, to: ReplicaId(1), rtt: 250 }.into(),
        TatUb { view, alpha: 41_000 }.into(),
        TatMeasure { view, tat: 2_000 }.into(),
        NewLeader { view }.into(),
        NewLeaderProof { votes: List::new(votes).unwrap() }.into(),
    ]
}

fn resolution() -> Resolution {
    let bound = Bound { view: View(0), digest: Digest::of("corpus", b"bound") };
    Resolution { base: Seq(6), entries: List::new(vec![Some(bound), None]).unwrap() }
}

fn constraint() -> Constraint {
    let ids = List::new(vec![ReplicaId(1), ReplicaId(3), ReplicaId(4)]).unwrap();
    let (base, start_seq) = (Seq(6), Seq(9));
    Constraint { view: View(1), ids, base, start_seq, resolution: resolution().digest() }
}

fn replay(ids: [u16; 3]) -> Replay {
    let constraint = constraint();
    let partial = |id| signed(id, VcPartialSig { constraint: constraint.clone(), share: None });
    let proof = Proof::Certificate(List::new(ids.map(partial).to_vec()).unwrap());
    Replay { constraint, proof }
}

fn view_change() -> Vec<Body> {
    let (view, digest) = (View(1), Digest::of("corpus", b"something"));
    let prepare = |id| signed(id, Prepare { view: View(0), seq: Seq(1), digest });
    let commit = |id| signed(id, Commit { view: View(0), seq: Seq(1), digest });
    let replay_prepare = |id| signed(id, ReplayPrepare { view, digest });
    let replay_commit = |id| signed(id, ReplayCommit { view, digest });
    let held = ReplayCertificate {
        replay: signed(2, replay([1, 2, 3])),
        prepares: List::new([1, 3].map(replay_prepare).to_vec()).unwrap(),
    };
    let report = Report { executed: Seq(6), count: 2, replay: Some(held) };
    let prepared = List::new([2, 3].map(prepare).to_vec()).unwrap();
    let committed = List::new([1, 2, 3].map(commit).to_vec()).unwrap();
    let bound = Bound { view: View(0), digest };
    let (originator, seq) = (ReplicaId(2), 1);
    let Replay { constraint, proof } = replay([1, 2, 4]);
    vec![
        RbInit { view: View(2), seq: 0, payload: Payload::Report(report) }.into(),
        RbEcho { originator, view, seq, digest }.into(),
        RbReady { originator, view, seq, digest }.into(),
        RbRequest { originator, view, seq, digest }.into(),
        VcList { view, ids: constraint.ids.clone() }.into(),
        VcPartialSig { constraint: constraint.clone(), share: None }.into(),
        VcProof { constraint, proof }.into(),
        replay([1, 2, 3]).into(),
        ReplayPrepare { view, digest }.into(),
        ReplayCommit { view, digest }.into(),
        ReplayConflict {
            first: signed(2, replay([1, 2, 3])),
            second: signed(2, replay([1, 2, 4])),
        }
        .into(),
        InstallCertificate {
            replay: signed(2, replay([1, 2, 3])),
            commits: List::new([1, 2, 3].map(replay_commit).to_vec()).unwrap(),
            resolution: resolution(),
        }
        .into(),
        ResolutionRequest { digest }.into(),
        ResolutionAnswer { resolution: resolution() }.into(),
        ProposalRequest { seq: Seq(7), bound }.into(),
    ]
    .into_iter()
    .chain(entries(prepared, committed))
    .collect()
}

/// Those messages that are others in a cluster of threshold signatures, by the names of their files.
pub(crate) fn threshold_samples() -> Vec<(String, Message)> {
    let (view, digest) = (View(1), Digest::of("corpus", b"something"));
    let (constraint, point) = (constraint(), Point([7; 48]));
    let replay = || Replay { constraint: constraint.clone(), proof: Proof::Threshold(point) };
    let prepares = [1, 3].map(|id| signed(id, ReplayPrepare { view, digest })).to_vec();
    let commits = [1, 2, 3].map(|id| signed(id, ReplayCommit { view, digest })).to_vec();
    let held =
        ReplayCertificate { replay: signed(2, replay()), prepares: List::new(prepares).unwrap() };
    let report = Report { executed: Seq(6), count: 2, replay: Some(held) };
    let bodies: Vec<Body> = vec![
        RbInit { view: View(2), seq: 0, payload: Payload::Report(report) }.into(),
        VcPartialSig { constraint: constraint.clone(), share: Some(point) }.into(),
        VcProof { constraint: constraint.clone(), proof: Proof::Threshold(point) }.into(),
        replay().into(),
        ReplayConflict { first: signed(2, replay()), second: signed(2, replay()) }.into(),
        InstallCertificate {
            replay: signed(2, replay()),
            commits: List::new(commits).unwrap(),
            resolution: resolution(),
        }
        .into(),
    ];
    let names: Vec<_> = bodies.iter().map(Prime::kind).collect();
    let me = ReplicaId(3);
    let signer = Signer::new(Context::from(&config()), Arc::new(Stub(me.into())));
    let (sealed, _) = signer.seal::<Prime>(me, bodies, Vec::new());
    let named = names.iter().map(|name| format!("threshold-{name}"));
    named.zip(sealed.iter().map(Prime::message)).collect()
}

/// PC-Set entries of both kinds.
fn entries(prepared: List<Signed<Prepare>, 64>, committed: List<Signed<Commit>, 64>) -> Vec<Body> {
    let proposal = || signed(1, pre_prepare(1));
    let entry = |seq, entry| RbInit { view: View(1), seq, payload: Payload::Entry(entry) };
    vec![
        entry(1, Certificate::Prepared(proposal(), prepared)).into(),
        entry(2, Certificate::Committed(proposal(), committed)).into(),
    ]
}

fn checkpoints() -> Vec<Body> {
    let root = Digest::of("corpus", b"root");
    let state = StateId { seq: Seq(128), root, length: CHUNK as u64 + 5 };
    let checkpoints = [1, 3, 4].map(|id| signed(id, Checkpoint { state })).to_vec();
    vec![
        Checkpoint { state }.into(),
        CheckpointProof { checkpoints: List::new(checkpoints).unwrap(), preceding: matrix() }
            .into(),
        StateRequest { state, index: 1 }.into(),
        StateChunk {
            state,
            index: 1,
            bytes: Blob::new(vec![9; 5]).unwrap(),
            path: List::new(vec![root]).unwrap(),
        }
        .into(),
    ]
}

/// The files of `tests/corpus/decode`, by name.
pub(crate) fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/decode");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut corpus: Vec<_> = files
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    corpus.sort();
    corpus
}

/// Makes hostile bytes out of a corpus.
pub(crate) struct Fuzzer {
    corpus: Vec<Vec<u8>>,
    state: u64,
}

impl Fuzzer {
    /// The same `seed` gives the same bytes.
    pub(crate) fn new(corpus: Vec<(String, Vec<u8>)>, seed: u64) -> Self {
        Self { corpus: corpus.into_iter().map(|(_, bytes)| bytes).collect(), state: seed }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound.max(1) as u64).unwrap()
    }

    /// The next input.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let pick = self.below(self.corpus.len());
        let mut bytes = self.corpus[pick].clone();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            match self.below(7) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                1 if !bytes.is_empty() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][self.below(5)],
                2 => bytes.truncate(at),
                3 => bytes.insert(at, 0xff),
                4 if at + 4 <= bytes.len() => {
                    let count = [0, 1, 63, 64, 65, 256, 512, 513, u32::MAX][self.below(9)];
                    bytes[at..at + 4].copy_from_slice(&count.to_le_bytes());
                }
                5 => {
                    let other = self.below(self.corpus.len());
                    let from = self.below(self.corpus[other].len());
                    bytes.truncate(at);
                    bytes.extend_from_slice(&self.corpus[other][from..]);
                }
                _ => {
                    let until = (at + self.below(16)).min(bytes.len());
                    let piece = bytes[at.min(until)..until].to_vec();
                    bytes.extend(piece);
                }
            }
        }
        bytes
    }
}
