//! Messages of every kind, the kept corpus, and a mutator that depends on its seed alone.

use std::path::Path;
use std::sync::Arc;
use wire::auth::Context;
use wire::prime::{
    Body, CatchUpRequest, Commit, Matrix, Message, OrderedCertificate, PoAck, PoAcks, PoAru,
    PoAruConflict, PoRequest, PoRequestConflict, PrePrepare, PrePrepareConflict, Prepare, Prime,
    ProofMatrix, Recon, ReconRequest,
};
use wire::stub::Stub;
use wire::{
    Blob, ClientId, ClientSeq, Config, Digest, List, PoSeq, Protocol, ReplicaId, Seq, Signable,
    Signed, Signer, Update, View,
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
    let bodies: Vec<Body> = vec![
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
        CatchUpRequest { view: View(0), ordered: Seq(3) }.into(),
        OrderedCertificate {
            pre_prepare: signed(1, pre_prepare(1)),
            commits: List::new(vec![vote(1), vote(2), vote(4)]).unwrap(),
        }
        .into(),
    ];
    let me = ReplicaId(3);
    let signer = Signer::new(Context::from(&config()), Arc::new(Stub(me.into())));
    let names: Vec<_> = bodies.iter().map(Prime::kind).collect();
    let (sealed, _) = signer.seal::<Prime>(me, bodies, Vec::new());
    names.iter().map(ToString::to_string).zip(sealed.iter().map(Prime::message)).collect()
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
