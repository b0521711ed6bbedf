//! A world: one configuration, what its simulated clusters did, and messages to draw from.
//!
//! States and inputs are recorded from clusters of reference replicas that lose, repeat and
//! reorder messages, that restart, and of which one lies. Beside them stand pools of signed
//! messages, because signing is what costs most when a case is made.

mod cluster;
mod liar;
mod pools;
mod sample;
mod service;

pub(crate) use sample::{Kind, Sample, Samples};

use crate::rng::Rng;
use crate::spread::spread;
use crate::taps::Taps;
use std::sync::{Arc, OnceLock};
use wire::auth::Context;
use wire::prime::{Matrix, PoAru, PoRequest};
use wire::stub::{Stub, StubThreshold};
use wire::{
    ClientId, ClientSeq, Config, Digest, PoSeq, Proofs, ReplicaId, Signable, Signer, Update,
    Verified,
};

/// Clients that are enrolled in every world: enough to fill a queue in which each has its share.
const CLIENTS: u32 = 40;

/// Those of them that ask the recorded clusters for something.
const ACTIVE: u32 = 4;

/// One configuration and everything drawn from under it.
pub(crate) struct World {
    /// What its replicas are told.
    pub(crate) config: Arc<Config>,
    replicas: Vec<Signer>,
    clients: Vec<Signer>,
    /// Recorded inputs with the states that they met.
    pub(crate) samples: Samples,
    /// PO-Requests by originator and number (from 1): several contents each, all signed.
    requests: Vec<Vec<Vec<Verified<PoRequest>>>>,
    /// Requests as large as they may be, too large, or empty; for the numbers 1 to 3.
    pub(crate) extremes: Vec<Verified<PoRequest>>,
    /// Updates, some with equal client numbers and different payloads.
    pub(crate) updates: Vec<Verified<Update>>,
    /// Updates whose payloads are as large as they may be.
    pub(crate) large_updates: Vec<Verified<Update>>,
    /// PO-ARUs by signer.
    pub(crate) arus: Vec<Vec<Verified<PoAru>>>,
    /// Matrices of Pre-Prepares and Proof-Matrices.
    pub(crate) matrices: Vec<Matrix>,
}

impl World {
    /// An empty world with its signers.
    fn bare(config: Config) -> Self {
        let context = Context::from(&config);
        let signer = |principal| Signer::new(context.clone(), Arc::new(Stub(principal)));
        let replica = |id: ReplicaId| match config.proofs {
            Proofs::Certificate => signer(id.into()),
            Proofs::Threshold => {
                signer(id.into()).with_threshold(Arc::new(StubThreshold::new(&config, id)))
            }
        };
        let size = config.size();
        Self {
            replicas: config.replicas().map(replica).collect(),
            clients: (1..=CLIENTS).map(|id| signer(ClientId(id).into())).collect(),
            config: Arc::new(config),
            samples: Samples::default(),
            requests: vec![Vec::new(); size],
            extremes: Vec::new(),
            updates: Vec::new(),
            large_updates: Vec::new(),
            arus: vec![Vec::new(); size],
            matrices: Vec::new(),
        }
    }

    /// `body` as replica `by` signs it.
    pub(crate) fn sign<T: Signable<Signer = ReplicaId>>(
        &self,
        by: ReplicaId,
        body: T,
    ) -> Verified<T> {
        let signed = self.replicas[by.index()].sign_all(by, vec![body]).pop();
        signed.expect("one body, one message")
    }

    /// An update of client `client`, signed.
    pub(crate) fn update(&self, client: ClientId, seq: u64, payload: &[u8]) -> Verified<Update> {
        let payload = wire::Blob::new(payload.to_vec()).expect("payloads here are small");
        let body = Update { seq: ClientSeq(seq), payload };
        let signer = &self.clients[usize::try_from(client.0 - 1).expect("a small id")];
        signer.sign_all(client, vec![body]).pop().expect("one body, one update")
    }

    /// Any replica.
    pub(crate) fn anyone(&self, rng: &mut Rng) -> ReplicaId {
        ReplicaId::from_index(rng.index(self.config.size()))
    }

    /// Any replica but `not`.
    pub(crate) fn other(&self, rng: &mut Rng, not: ReplicaId) -> ReplicaId {
        let other = ReplicaId::from_index(rng.index(self.config.size() - 1));
        if other >= not { ReplicaId(other.0 + 1) } else { other }
    }

    /// The contents known under (o, s); empty for numbers beyond the pool.
    pub(crate) fn contents(&self, originator: ReplicaId, seq: PoSeq) -> &[Verified<PoRequest>] {
        let column = &self.requests[originator.index()];
        let index = usize::try_from(seq.0.wrapping_sub(1)).unwrap_or(usize::MAX);
        column.get(index).map_or(&[][..], Vec::as_slice)
    }

    /// Signs a request with `count` of the pool's updates.
    pub(crate) fn request(
        &self,
        rng: &mut Rng,
        originator: ReplicaId,
        seq: PoSeq,
        count: usize,
    ) -> Verified<PoRequest> {
        let updates = (0..count.max(1)).filter_map(|_| rng.pick(&self.updates));
        let updates = updates.map(|update| update.signed().clone()).collect();
        let updates = wire::List::new(updates).expect("callers keep below the cap");
        self.sign(originator, PoRequest { seq, updates })
    }

    /// A digest that belongs to nothing.
    pub(crate) fn no_digest(rng: &mut Rng) -> Digest {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&rng.draw().to_le_bytes());
        Digest(bytes)
    }
}

/// All worlds of one seed.
pub struct Corpus {
    pub(crate) seed: u64,
    pub(crate) worlds: Vec<World>,
    taps: OnceLock<Taps>,
}

/// Position of the world whose windows are wide: for inputs that cost.
pub(crate) const WIDE: usize = 3;

impl Corpus {
    /// Records the worlds of `seed`.
    #[must_use]
    pub fn record(seed: u64) -> Self {
        // n, f, k, window of preordering, window of pending updates
        let shapes: [(u16, u16, u16, u64, u64); 4] =
            [(4, 1, 0, 4, 32), (7, 2, 0, 6, 47), (6, 1, 1, 12, 15), (4, 1, 0, 140, 700)];
        let make = |index: usize| {
            let (n, f, k, preorder, pending) = shapes[index];
            let mut config = Config::new(Digest::of("bench world", &[]), n, f, k);
            config.windows.preorder = preorder;
            config.windows.pending = pending;
            config.windows.client = 16;
            config.windows.order = 16;
            config.windows.checkpoint = 128;
            if index == 1 {
                config.proofs = Proofs::Threshold;
            }
            // No two periods alike: else one could be taken for another.
            config.timing.pre_prepare = 1_300;
            World::record(config, &mut Rng::of(&[seed, 0x77, index as u64]))
        };
        Self { seed, worlds: spread(shapes.len(), make), taps: OnceLock::new() }
    }

    /// What was recorded of the slots without makers of their own, the first time that it is asked for.
    pub(crate) fn taps(&self) -> &Taps {
        self.taps.get_or_init(|| Taps::record(self.seed))
    }
}
