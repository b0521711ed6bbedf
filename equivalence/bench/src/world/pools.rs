//! Pools of signed messages, recorded and made.

use super::{ACTIVE, CLIENTS, World, cluster::Cluster};
use crate::rng::Rng;
use wire::prime::{Incoming, Matrix, PoAru, PoRequest};
use wire::{ClientId, Config, List, PoSeq, ReplicaId, Update, Verified};

/// Numbers of each originator in the pool, where the window is not wider.
const NUMBERS: u64 = 18;

/// Contents under each identifier.
const CONTENTS: usize = 4;

/// Runs recorded in one world, and steps in each for every pair of servers.
const RUNS: u64 = 10;
const STEPS: usize = 45;

impl World {
    /// Fills a world: pools first, then clusters that run in it.
    pub(super) fn record(config: Config, rng: &mut Rng) -> Self {
        let mut world = Self::bare(config);
        world.make_updates(rng);
        world.make_requests(rng);
        world.make_extremes();
        world.make_arus(rng);
        let size = world.config.size();
        for run in 0..RUNS {
            let seed = Rng::of(&[rng.draw(), run]);
            Cluster::new(&mut world, seed).run(STEPS * size * size);
        }
        world.make_matrices(rng);
        world
    }

    fn make_updates(&mut self, rng: &mut Rng) {
        for client in (1..=ACTIVE).map(ClientId) {
            for (seq, payload) in (1..=8).flat_map(|seq| [(seq, b"a"), (seq, b"b")]) {
                let update = self.update(client, seq, payload);
                self.updates.push(update);
            }
        }
        // Numbers that no cluster uses: they are fresh in every recorded state.
        for seq in 40..45 {
            for client in (1..=CLIENTS).map(ClientId) {
                let update = self.update(client, seq, b"f");
                self.updates.push(update);
            }
        }
        let large = vec![rng.draw().to_le_bytes()[0]; wire::client::MAX_PAYLOAD];
        for seq in 20..32 {
            // The last ones are shorter by a byte: batches end above, at and below the cap.
            let length = large.len() - usize::from(seq > 28);
            let update = self.update(ClientId(1), seq, &large[..length]);
            self.large_updates.push(update);
        }
    }

    fn make_requests(&mut self, rng: &mut Rng) {
        let numbers = NUMBERS.max(self.config.windows.preorder + 4);
        for originator in self.config.replicas() {
            let column = (1..=numbers).map(|seq| {
                let made = (0..CONTENTS - 1)
                    .map(|index| self.request(rng, originator, PoSeq(seq), 1 + index % 2));
                made.collect()
            });
            self.requests[originator.index()] = column.collect();
        }
    }

    /// Requests as large as they may be, a byte below and above that, and without any update.
    fn make_extremes(&mut self) {
        let full = wire::prime::MAX_BATCH_BYTES / wire::client::MAX_PAYLOAD;
        let signed = |update: &Verified<Update>| update.signed().clone();
        let large: Vec<_> = self.large_updates.iter().map(signed).collect();
        let little = self.updates.iter().map(signed).next();
        let at: Vec<_> = large[..full].to_vec();
        let below = large[large.len() - full..].to_vec();
        let above = at.iter().cloned().chain(little).collect();
        for originator in self.config.replicas() {
            for seq in (1..=3).map(PoSeq) {
                for updates in [&at, &below, &above, &Vec::new()] {
                    let updates = List::new(updates.clone()).expect("a few updates");
                    let request = self.sign(originator, PoRequest { seq, updates });
                    self.extremes.push(request);
                }
            }
        }
    }

    fn make_arus(&mut self, rng: &mut Rng) {
        for signer in self.config.replicas() {
            for _ in 0..24 {
                let top = rng.choose([1, 3, 6]);
                let entry = |_| PoSeq(rng.below(top + 1));
                let vec = (0..self.config.size()).map(entry).collect();
                let aru = self.sign_aru(signer, vec);
                self.arus[signer.index()].push(aru);
            }
        }
    }

    /// Matrices of the pool's rows, beside those that clusters sent.
    fn make_matrices(&mut self, rng: &mut Rng) {
        for _ in 0..48 {
            let rows = self.arus.iter().map(|arus| {
                let row = if rng.percent(20) { None } else { rng.pick(arus) };
                row.map(|row| row.signed().clone())
            });
            let rows = List::new(rows.collect()).expect("N rows");
            self.matrices.push(Matrix { rows });
        }
    }

    /// A PO-ARU of `signer`.
    pub(crate) fn sign_aru(&self, signer: ReplicaId, vec: Vec<PoSeq>) -> Verified<PoAru> {
        self.sign(signer, PoAru { vec: List::new(vec).expect("about N entries") })
    }

    /// Keeps a message that a cluster sent, if a pool has room for it.
    pub(super) fn learn(&mut self, message: &Incoming) {
        match message {
            Incoming::PoRequest(request) => {
                let index = usize::try_from(request.body().seq.0.wrapping_sub(1));
                let column = &mut self.requests[request.signer().index()];
                let Some(known) = index.ok().and_then(|index| column.get_mut(index)) else {
                    return;
                };
                // One content of each identifier is a recorded one.
                if known.len() < CONTENTS && !known.contains(request) {
                    known.push(request.clone());
                }
            }
            Incoming::PoAru(aru) => {
                let known = &mut self.arus[aru.signer().index()];
                if known.len() < 96 && !known.contains(aru) {
                    known.push(aru.clone());
                }
            }
            Incoming::ProofMatrix(message) if self.matrices.len() < 64 => {
                self.matrices.push(message.body().matrix.clone());
            }
            Incoming::PrePrepare(message) if self.matrices.len() < 128 => {
                self.matrices.push(message.body().matrix.clone());
            }
            _ => {}
        }
    }
}
