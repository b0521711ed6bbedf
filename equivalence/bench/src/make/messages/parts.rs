//! What messages are made of.

use crate::rng::Rng;
use wire::auth::{Auth, Signature};
use wire::prime::{
    Bound, Constraint, Ids, MAX_REPLAY, Matrix, PoAru, PoRequest, PrePrepare, Proof, Replay,
    VcPartialSig,
};
use wire::{
    Blob, ClientId, ClientSeq, Config, Digest, List, PoSeq, Point, Proofs, ReplicaId, Seq,
    Signable, Signed, Update, View,
};

/// Draws parts; now and then one that no correct server would send, if `mischief` is wanted.
pub(super) struct Parts<'a> {
    pub(super) rng: &'a mut Rng,
    pub(super) config: &'a Config,
    mischief: bool,
}

impl<'a> Parts<'a> {
    pub(super) fn new(rng: &'a mut Rng, config: &'a Config, mischief: bool) -> Self {
        Self { rng, config, mischief }
    }

    /// Whether something is to be out of place here.
    pub(super) fn off(&mut self, share: u64) -> bool {
        self.mischief && self.rng.percent(share)
    }

    pub(super) fn id(&mut self) -> ReplicaId {
        if self.off(8) {
            return ReplicaId(self.rng.choose([0, self.config.n + 1, u16::MAX]));
        }
        ReplicaId::from_index(self.rng.index(self.config.size()))
    }

    /// Somebody else, mostly.
    pub(super) fn other(&mut self, than: ReplicaId) -> ReplicaId {
        if self.off(15) {
            return than;
        }
        let ids: Vec<ReplicaId> = self.config.replicas().filter(|id| *id != than).collect();
        self.rng.pick(&ids).copied().unwrap_or(than)
    }

    /// A number above 0.
    pub(super) fn number(&mut self) -> u64 {
        if self.off(8) {
            return 0;
        }
        self.rng.choose([1, 2, 3, 7, 300, u64::MAX])
    }

    pub(super) fn view(&mut self) -> View {
        View(self.rng.choose([0, 1, 2, 9]))
    }

    /// A view above 0.
    pub(super) fn late_view(&mut self) -> View {
        View(self.number())
    }

    pub(super) fn digest(&mut self) -> Digest {
        Digest::of_value("bench part", &self.rng.below(4))
    }

    fn auth(&mut self) -> Auth {
        let length = self.rng.choose([0, 0, 1, 2, 16]);
        let path = (0..length).map(|_| self.digest()).collect();
        let path = List::new(path).expect("at most the deepest tree");
        let byte = u8::try_from(self.rng.below(256)).unwrap_or_default();
        Auth { signature: Signature([byte; 64]), index: 0, path }
    }

    pub(super) fn signed<T: Signable>(&mut self, signer: T::Signer, body: T) -> Signed<T> {
        Signed { signer, body, auth: self.auth() }
    }

    /// `body`, signed by anyone.
    pub(super) fn by_anyone<T: Signable<Signer = ReplicaId>>(&mut self, body: T) -> Signed<T> {
        let signer = self.id();
        self.signed(signer, body)
    }

    /// Ascending servers, `count` of them.
    pub(super) fn ascending(&mut self, count: usize) -> Vec<ReplicaId> {
        let mut ids: Vec<ReplicaId> = self.config.replicas().collect();
        while ids.len() > count {
            let at = self.rng.index(ids.len());
            ids.remove(at);
        }
        if ids.len() > 1 && self.off(15) {
            let at = self.rng.index(ids.len() - 1);
            match self.rng.below(3) {
                0 => ids.swap(at, at + 1),
                1 => ids[at] = ids[at + 1],
                _ => ids[at] = ReplicaId(self.rng.choose([0, self.config.n + 1])),
            }
        }
        ids
    }

    /// Votes of ascending servers; some quorum or other.
    pub(super) fn votes<T: Signable<Signer = ReplicaId>, const MAX: usize>(
        &mut self,
        least: usize,
        mut vote: impl FnMut(&mut Self) -> T,
    ) -> List<Signed<T>, MAX> {
        let span = self.config.size() + 1 - least;
        let count = least + self.rng.index(span);
        let votes = self.ascending(count).into_iter().map(|id| {
            let body = vote(self);
            self.signed(id, body)
        });
        List::new(votes.collect()).expect("at most one for each server")
    }

    pub(super) fn request(&mut self) -> Signed<PoRequest> {
        let count = if self.off(20) { 0 } else { 1 + self.rng.index(3) };
        let updates = (0..count).map(|_| {
            let size = self.rng.choose([0, 1, 9, 512]);
            let payload = Blob::new(vec![7; size]).expect("a small payload");
            let seq = ClientSeq(self.rng.below(5));
            let client = ClientId(u32::try_from(self.rng.below(9)).unwrap_or_default());
            self.signed(client, Update { seq, payload })
        });
        let mut updates: Vec<_> = updates.collect();
        if self.off(2) {
            updates = self.oversized();
        }
        let updates = List::new(updates).expect("below the cap");
        let seq = PoSeq(self.number());
        self.by_anyone(PoRequest { seq, updates })
    }

    /// Updates that are too many bytes together, by one byte or just not.
    fn oversized(&mut self) -> Vec<Signed<Update>> {
        let last = self.rng.choose([64 << 10, (64 << 10) - 1, 0]);
        let sizes = [64 << 10; 8].into_iter().chain([1]).take(if last == 0 { 9 } else { 8 });
        let sizes: Vec<usize> = sizes.collect();
        let sizes =
            sizes.iter().map(|size| if *size == 64 << 10 && last > 0 { last } else { *size });
        let updates = sizes.map(|size| {
            let payload = Blob::new(vec![0; size]).expect("at most the largest payload");
            self.signed(ClientId(1), Update { seq: ClientSeq(1), payload })
        });
        updates.collect()
    }

    pub(super) fn aru(&mut self) -> PoAru {
        let mut vec: Vec<PoSeq> =
            (0..self.config.size()).map(|_| PoSeq(self.rng.below(9))).collect();
        if self.off(15) {
            let length = self.rng.choose([0, vec.len() - 1, vec.len() + 1]);
            vec.resize(length, PoSeq(1));
        }
        PoAru { vec: List::new(vec).expect("at most one entry too many") }
    }

    pub(super) fn matrix(&mut self) -> Matrix {
        let mut rows = Vec::new();
        for owner in self.config.replicas() {
            let signer = if self.off(4) { self.id() } else { owner };
            let row = self.aru();
            let null = self.rng.percent(30);
            rows.push((!null).then(|| self.signed(signer, row)));
        }
        if self.off(8) {
            let length = self.rng.choose([0, rows.len() - 1, rows.len() + 1]);
            rows.resize(length, None);
        }
        Matrix { rows: List::new(rows).expect("at most one row too many") }
    }

    pub(super) fn proposal(&mut self) -> Signed<PrePrepare> {
        let (view, seq) = (self.view(), Seq(self.number()));
        let matrix = self.matrix();
        self.by_anyone(PrePrepare { view, seq, matrix })
    }

    pub(super) fn bound(&mut self) -> Bound {
        Bound { view: self.view(), digest: self.digest() }
    }

    pub(super) fn ids(&mut self) -> Ids {
        let quorum = self.config.quorum();
        let count =
            if self.off(15) { self.rng.choose([0, quorum - 1, quorum + 1]) } else { quorum };
        List::new(self.ascending(count)).expect("at most all servers")
    }

    pub(super) fn constraint(&mut self) -> Constraint {
        let most = MAX_REPLAY as u64;
        let base = self.rng.choose([0, 1, 5, 1 << 40]);
        let span = match self.off(20) {
            true => self.rng.choose([0, most + 2, u64::MAX - (1 << 41)]),
            false => self.rng.choose([1, 2, 9, most + 1]),
        };
        Constraint {
            view: self.late_view(),
            ids: self.ids(),
            base: Seq(base),
            start_seq: Seq(base + span),
            resolution: self.digest(),
        }
    }

    /// Whether the cluster's proofs are threshold signatures; now and then the opposite.
    fn threshold(&mut self, share: u64) -> bool {
        (self.config.proofs == Proofs::Threshold) != self.off(share)
    }

    fn point(&mut self) -> Point {
        Point([u8::try_from(self.rng.below(256)).unwrap_or_default(); 48])
    }

    pub(super) fn partial(&mut self) -> VcPartialSig {
        let constraint = self.constraint();
        let share = self.threshold(15).then(|| self.point());
        VcPartialSig { constraint, share }
    }

    pub(super) fn proof(&mut self, constraint: &Constraint) -> Proof {
        if self.threshold(10) {
            return Proof::Threshold(self.point());
        }
        let quorum = self.config.quorum();
        Proof::Certificate(self.votes(quorum, |parts| {
            let mut constraint = constraint.clone();
            if parts.off(6) {
                constraint.resolution = Digest::default();
            }
            let share = parts.off(4).then(|| parts.point());
            VcPartialSig { constraint, share }
        }))
    }

    pub(super) fn replay(&mut self) -> Signed<Replay> {
        let constraint = self.constraint();
        let proof = self.proof(&constraint);
        self.by_anyone(Replay { constraint, proof })
    }
}
