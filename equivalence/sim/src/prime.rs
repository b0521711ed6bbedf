//! What no correct replica says in Prime.
//!
//! A promise binds a replica over restarts, so nothing here is ever forgotten during a run.

use crate::adversary::{Adversary, Attack, of_prime};
use crate::delay::{TurnAround, Words};
use crate::monitor::{Monitor, Watched};
use crate::view_changes::ViewChanges;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Debug;
use wire::prime::{Commit, Incoming, LIFE, PoAcks, PoAru, PoAruConflict, PoRequest, Prime};
use wire::{Config, Digest, PoSeq, ReplicaId, Seq, Verified, View};

/// Where a proposal or a vote stands.
type Place = (ReplicaId, View, Seq);

/// The lives that one sender announced.
#[derive(Debug, Default)]
struct Lives {
    last: PoSeq,
    announced: u64,
    /// How many it has used to pass over numbers.
    used: u64,
}

/// Everything that was promised so far.
#[derive(Debug, Default)]
pub struct PrimeMonitor {
    /// Against whom there may be proofs.
    faulty: BTreeMap<ReplicaId, Attack>,
    /// By who said so: against whom it has proof, and whether that is about rows alone.
    proved: BTreeMap<ReplicaId, BTreeMap<ReplicaId, bool>>,
    replicas: Vec<ReplicaId>,
    quorum: usize,
    /// Who lost its log, and the first life that it announced since; 0: none yet.
    forgetful: BTreeMap<ReplicaId, PoSeq>,
    po_requests: BTreeMap<(ReplicaId, PoSeq), Digest>,
    lives: BTreeMap<ReplicaId, Lives>,
    po_acks: BTreeMap<(ReplicaId, ReplicaId, PoSeq), Digest>,
    /// By sender, then by the sum of the entries: in a chain a sum determines the vector.
    po_arus: BTreeMap<(ReplicaId, u64), Vec<PoSeq>>,
    pre_prepares: BTreeMap<Place, Digest>,
    prepares: BTreeMap<Place, Digest>,
    commits: BTreeMap<Place, Digest>,
    /// What any correct replica holds a prepare certificate for.
    prepared: BTreeMap<(View, Seq), Digest>,
    changes: ViewChanges,
    words: Words,
}

impl Watched for Prime {
    type Monitor = PrimeMonitor;

    fn adversary(attack: Attack) -> Option<Box<dyn Adversary<Self>>> {
        of_prime(attack)
    }
}

/// Holds `digest` against what stands at `key`.
pub(crate) fn once<K: Ord + Debug>(
    held: &mut BTreeMap<K, Digest>,
    key: K,
    digest: Digest,
    what: &str,
) -> Result<(), String> {
    match held.entry(key) {
        Entry::Vacant(place) => {
            place.insert(digest);
        }
        Entry::Occupied(before) if *before.get() == digest => {}
        Entry::Occupied(before) => {
            let (key, before) = (before.key(), before.get());
            return Err(format!("{what} {key:?}: first {before:?}, then {digest:?}"));
        }
    }
    Ok(())
}

impl PrimeMonitor {
    fn po_aru(&mut self, sender: ReplicaId, vec: &[PoSeq]) -> Result<(), String> {
        let sum = vec.iter().map(|seq| seq.0).sum();
        let covers =
            |a: &[PoSeq], b: &[PoSeq]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a >= b);
        let below = self.po_arus.range((sender, 0)..=(sender, sum)).next_back();
        let above = self.po_arus.range((sender, sum)..=(sender, u64::MAX)).next();
        let incomparable = [
            below.filter(|(_, held)| !covers(vec, held)),
            above.filter(|(_, held)| !covers(held, vec)),
        ];
        if let Some((_, held)) = incomparable.into_iter().flatten().next() {
            return Err(format!("incomparable PO-ARUs {held:?} and {vec:?}"));
        }
        self.po_arus.insert((sender, sum), vec.to_vec());
        let life = vec.get(sender.index()).copied().filter(|life| *life >= LIFE);
        let lives = self.lives.entry(sender).or_default();
        if let Some(life) = life.filter(|life| *life > lives.last) {
            lives.last = life;
            lives.announced += 1;
            if let Some(first) = self.forgetful.get_mut(&sender).filter(|first| **first < LIFE) {
                *first = life;
            }
        }
        Ok(())
    }

    /// PO-Requests have successive numbers; for each life that it announced a server may leave some out
    /// once.
    fn po_request(
        &mut self,
        sender: ReplicaId,
        request: &Verified<PoRequest>,
    ) -> Result<(), String> {
        let seq = request.body().seq;
        let follows = seq.0 == 1
            || self.po_requests.contains_key(&(sender, PoSeq(seq.0.saturating_sub(1))))
            || self.po_requests.contains_key(&(sender, seq));
        if !follows {
            let lives = self.lives.entry(sender).or_default();
            lives.used += 1;
            if lives.used > lives.announced {
                return Err(format!("PO-Request {seq} before the one below it"));
            }
        }
        once(&mut self.po_requests, (sender, seq), request.digest(), "PO-Request")
    }

    fn po_acks(&mut self, sender: ReplicaId, acks: &PoAcks) -> Result<(), String> {
        acks.acks.iter().try_for_each(|ack| {
            let key = (sender, ack.originator, ack.seq);
            once(&mut self.po_acks, key, ack.digest, "PO-Ack")
        })
    }

    fn commit(&mut self, sender: ReplicaId, vote: &Commit) -> Result<(), String> {
        once(&mut self.commits, (sender, vote.view, vote.seq), vote.digest, "Commit")?;
        once(&mut self.prepared, (vote.view, vote.seq), vote.digest, "Commits by two at")
    }

    /// A row of before the loss of a log may contradict one after it: whoever has not executed the new
    /// life yet takes that for a proof.
    fn rows_contradict(&self, proof: &PoAruConflict) -> Result<(), String> {
        let accused = proof.first.signer;
        let own = |row: &PoAru| row.vec.get(accused.index()).copied().unwrap_or_default();
        let oldest = own(&proof.first.body).min(own(&proof.second.body));
        let excused = self.forgetful.get(&accused).is_some_and(|life| oldest < *life);
        if excused { Ok(()) } else { self.accused(accused) }
    }

    /// Against whom `message` is a proof, and whether it is about rows. These are made void by a new life
    /// after the loss of a log, or by what others take for one, so they count where there are no lives.
    fn accuses(&self, message: &Incoming) -> Option<(ReplicaId, bool)> {
        match message {
            Incoming::PoRequestConflict(proof) => Some((proof.body().first.signer, false)),
            Incoming::PrePrepareConflict(proof) => Some((proof.body().first.signer, false)),
            Incoming::ReplayConflict(proof) => Some((proof.body().first.signer, false)),
            Incoming::PoAruConflict(proof) => {
                let lives = self.faulty.values().any(|attack| attack.announces_lives());
                let counts = !lives && self.forgetful.is_empty();
                counts.then_some((proof.body().first.signer, true))
            }
            _ => None,
        }
    }

    fn accused(&self, accused: ReplicaId) -> Result<(), String> {
        if self.faulty.contains_key(&accused) {
            return Ok(());
        }
        Err(format!("a proof against replica {accused}, which is correct"))
    }
}

impl Monitor<Prime> for PrimeMonitor {
    fn new(config: &Config, faulty: &BTreeMap<ReplicaId, Attack>) -> Self {
        let (replicas, quorum) = (config.replicas().collect(), config.quorum());
        let changes = ViewChanges::new(quorum, faulty.len());
        Self { faulty: faulty.clone(), replicas, quorum, changes, ..Self::default() }
    }

    fn excuse(&mut self, replica: ReplicaId) {
        self.forgetful.insert(replica, PoSeq(0));
        self.proved.values_mut().for_each(|held| held.retain(|_, rows| !*rows));
        self.po_arus.retain(|(sender, _), _| *sender != replica);
        self.lives.entry(replica).or_default().last = PoSeq(0);
        self.changes.excuse(replica);
    }

    fn sent(&mut self, sender: ReplicaId, message: &Incoming) -> Result<(), String> {
        self.words.sent(sender, message);
        if let Some((accused, rows)) = self.accuses(message) {
            *self.proved.entry(sender).or_default().entry(accused).or_insert(rows) &= rows;
        }
        match message {
            Incoming::PoRequest(request) => self.po_request(sender, request),
            Incoming::PoAcks(acks) => self.po_acks(sender, acks.body()),
            Incoming::PrePrepare(proposal) => {
                let key = (sender, proposal.body().view, proposal.body().seq);
                once(&mut self.pre_prepares, key, proposal.digest(), "Pre-Prepare")
            }
            Incoming::Prepare(vote) => {
                let key = (sender, vote.body().view, vote.body().seq);
                once(&mut self.prepares, key, vote.body().digest, "Prepare")
            }
            Incoming::PoAru(aru) => self.po_aru(sender, &aru.body().vec),
            Incoming::Commit(vote) => {
                self.changes.committed(sender, vote.body().view, vote.body().seq);
                self.commit(sender, vote.body())
            }
            Incoming::PoRequestConflict(proof) => self.accused(proof.body().first.signer),
            Incoming::PoAruConflict(proof) => self.rows_contradict(proof.body()),
            Incoming::PrePrepareConflict(proof) => self.accused(proof.body().first.signer),
            Incoming::ReplayConflict(proof) => self.accused(proof.body().first.signer),
            _ => self.changes.sent(sender, message),
        }
    }

    /// Proofs are in no log: the next contradiction is another one.
    fn ended(&mut self, replica: ReplicaId) {
        self.proved.remove(&replica);
    }

    fn proved(&self, sender: ReplicaId) -> Vec<ReplicaId> {
        self.proved.get(&sender).into_iter().flat_map(BTreeMap::keys).copied().collect()
    }

    fn passes_over(&self, sender: ReplicaId) -> (u64, u64) {
        self.lives.get(&sender).map_or((0, 0), |lives| (lives.announced, lives.used))
    }

    fn gave_out(&self, sender: ReplicaId) -> u64 {
        let own = (sender, PoSeq(0))..=(sender, PoSeq(u64::MAX));
        self.po_requests.range(own).next_back().map_or(0, |((_, seq), _)| seq.0)
    }

    /// As rows say it: the Q-th highest entry.
    fn acknowledged(&self, originator: ReplicaId) -> u64 {
        let last = |id: &ReplicaId| self.po_arus.range((*id, 0)..=(*id, u64::MAX)).next_back();
        let rows = self.replicas.iter().filter_map(|id| last(id).map(|(_, row)| row));
        let mut entries: Vec<u64> =
            rows.map(|row| row.get(originator.index()).map_or(0, |seq| seq.0)).collect();
        entries.sort_unstable_by(|a, b| b.cmp(a));
        self.quorum.checked_sub(1).and_then(|last| entries.get(last).copied()).unwrap_or(0)
    }

    fn turn_around(&self, quorum: usize) -> Option<TurnAround> {
        self.words.turn_around(quorum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use wire::auth::Context;
    use wire::prime::{Body, PoAck, PoRequestConflict, Prepare};
    use wire::stub::Stub;
    use wire::{List, Signer};

    fn sealed(sender: u16, body: impl Into<Body>) -> Incoming {
        let context = Context { cluster: Digest::default(), epoch: 1 };
        let signer = Signer::new(context, Arc::new(Stub(ReplicaId(sender).into())));
        signer.seal::<Prime>(ReplicaId(sender), vec![body.into()], vec![]).0.remove(0)
    }

    /// Whether the last of `bodies`, each sent by the replica beside it, is the first found fault.
    fn last_is_caught(bodies: Vec<(u16, Body)>) -> bool {
        let mut monitor = PrimeMonitor::default();
        let count = bodies.len();
        let found = bodies.into_iter().position(|(sender, body)| {
            monitor.sent(ReplicaId(sender), &sealed(sender, body)).is_err()
        });
        found == Some(count - 1)
    }

    fn aru(entries: [u64; 2]) -> Body {
        PoAru { vec: List::new(entries.map(PoSeq).to_vec()).unwrap() }.into()
    }

    fn ack(tag: &[u8]) -> Body {
        let digest = Digest::of("test", tag);
        let ack = PoAck { originator: ReplicaId(1), seq: PoSeq(1), digest };
        PoAcks { acks: List::new(vec![ack]).unwrap() }.into()
    }

    fn vote(tag: &[u8]) -> (View, Seq, Digest) {
        (View(0), Seq(1), Digest::of("test", tag))
    }

    #[test]
    fn incomparable_po_arus_are_caught() {
        assert!(last_is_caught(vec![(1, aru([1, 0])), (1, aru([0, 1]))]));
        assert!(last_is_caught(vec![(1, aru([1, 0])), (1, aru([3, 3])), (1, aru([0, 2]))]));
        assert!(last_is_caught(vec![(1, aru([3, 0])), (1, aru([2, 0])), (1, aru([0, 1]))]));
        let fine = vec![(1, aru([1, 0])), (2, aru([0, 1])), (1, aru([1, 2])), (1, aru([1, 1]))];
        assert!(!last_is_caught(fine));
    }

    #[test]
    fn a_second_digest_under_one_number_is_caught() {
        assert!(last_is_caught(vec![(2, ack(b"a")), (3, ack(b"b")), (2, ack(b"b"))]));
        let prepare = |tag: &[u8]| {
            let (view, seq, digest) = vote(tag);
            Body::from(Prepare { view, seq, digest })
        };
        assert!(last_is_caught(vec![(2, prepare(b"a")), (2, prepare(b"a")), (2, prepare(b"b"))]));
        let commit = |tag: &[u8]| {
            let (view, seq, digest) = vote(tag);
            Body::from(Commit { view, seq, digest })
        };
        assert!(last_is_caught(vec![(2, commit(b"a")), (3, commit(b"b"))]));
    }

    #[test]
    fn gaps_between_po_requests_and_proofs_against_correct_replicas_are_caught() {
        let request = |seq| PoRequest { seq: PoSeq(seq), updates: List::empty() };
        assert!(last_is_caught(vec![(1, request(1).into()), (1, request(3).into())]));
        // A new life passes over numbers once.
        let reborn = |seq| (1, request(seq).into());
        let life = (1, aru([LIFE.0 + 1, 0]));
        assert!(!last_is_caught(vec![life.clone(), reborn(65), reborn(66)]));
        assert!(last_is_caught(vec![life.clone(), reborn(65), reborn(130)]));
        // So do two that were announced before either was used.
        let next = (1, aru([LIFE.0 + 3, 0]));
        let twice = vec![life, next, reborn(65), reborn(130), reborn(195)];
        assert!(last_is_caught(twice));
        let Incoming::PoRequest(held) = sealed(1, request(1)) else { unreachable!() };
        let (first, second) = (held.signed().clone(), held.signed().clone());
        let proof = PoRequestConflict { first, second };
        assert!(last_is_caught(vec![(2, proof.clone().into())]));
        // To have lost a log is no excuse for that.
        let mut monitor = PrimeMonitor::default();
        monitor.excuse(ReplicaId(1));
        assert!(monitor.sent(ReplicaId(2), &sealed(2, proof)).is_err());
    }

    #[test]
    fn what_a_quorum_s_rows_cover_is_acknowledged() {
        let config = Config::new(Digest::default(), 4, 1, 0);
        let mut monitor = PrimeMonitor::new(&config, &BTreeMap::new());
        let row = |entry| PoAru { vec: List::new([0, entry, 0, 0].map(PoSeq).to_vec()).unwrap() };
        let acknowledged = [(1, 5, 0), (2, 7, 0), (3, 4, 4), (3, 6, 5), (4, 9, 6)];
        for (sender, entry, upto) in acknowledged {
            assert_eq!(monitor.sent(ReplicaId(sender), &sealed(sender, row(entry))), Ok(()));
            assert_eq!(monitor.acknowledged(ReplicaId(2)), upto);
        }
        assert_eq!(monitor.gave_out(ReplicaId(2)), 0);
        for seq in [1, 2, 1] {
            let request = PoRequest { seq: PoSeq(seq), updates: List::empty() };
            assert_eq!(monitor.sent(ReplicaId(2), &sealed(2, request)), Ok(()));
        }
        assert_eq!((monitor.gave_out(ReplicaId(1)), monitor.gave_out(ReplicaId(2))), (0, 2));
    }

    #[test]
    fn rows_of_before_a_loss_bind_no_more_and_rows_since_do() {
        let one = ReplicaId(1);
        let rows = |rows: [[u64; 2]; 2]| {
            let [first, second] = rows.map(|row| {
                let Incoming::PoAru(row) = sealed(1, aru(row)) else { unreachable!() };
                row.signed().clone()
            });
            sealed(2, PoAruConflict { first, second })
        };
        let (old, new, newer) = ([3, 7], [LIFE.0 + 2, 5], [LIFE.0 + 2, 6]);
        let mut monitor = PrimeMonitor::default();
        let mut said = |row| monitor.sent(one, &sealed(1, aru(row)));
        assert_eq!(said(old), Ok(()));
        monitor.excuse(one);
        let mut said = |row| monitor.sent(one, &sealed(1, aru(row)));
        assert_eq!((said(new), said(newer)), (Ok(()), Ok(())));
        assert!(said([LIFE.0 + 4, 5]).is_err(), "a row that falls behind one of the same life");
        let proof = rows([old, new]);
        assert_eq!(monitor.sent(ReplicaId(2), &proof), Ok(()));
        assert!(monitor.sent(ReplicaId(2), &rows([new, newer])).is_err());
        assert!(PrimeMonitor::default().sent(ReplicaId(2), &proof).is_err());
    }
}
