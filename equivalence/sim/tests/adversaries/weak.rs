//! Prime with one defence undone: correct replicas that lose or rewrite something on its way in or
//! out.
//!
//! Votes are rewritten under their senders' names: the scheme of the simulator has no cryptography.

use std::collections::BTreeMap;
use std::sync::Arc;
use wire::auth::Context;
use wire::machine::{Decoder, Status};
use wire::prime::{Body, Incoming, PoAck, PoAcks, Prime, RbEcho, RbInit, RbReady};
use wire::stub::Stub;
use wire::{
    Config, Digest, Effect, Effects, Input, List, Machine, PoSeq, Protocol, ReplicaId, Seq,
    Service, Signer, Time, Verified, View,
};

/// What a replica lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// It passes on no Pre-Prepare (report, 4.2, "Pre-Prepare Flooding").
    Flooding,
    /// It takes no notice of a second proposal for one number, nor of proofs that there is one.
    Proofs,
    /// A PO-Ack counts for whatever request it holds under that identifier.
    Digests,
    /// It reconciles nobody.
    Reconciliation,
    /// It believes the first f+1 parts that come.
    Groups,
    /// It counts one vote for a new leader as everybody's.
    Votes,
    /// It takes what an originator says in a view change for what all were told, and hears no echo.
    Broadcast,
}

/// Names one PO-Request or proposal.
type Tag = (ReplicaId, u64, u64);

/// See the module.
pub(super) struct Weak {
    inner: prime::Replica,
    config: Config,
    lack: Lack,
    /// What it held first, by what it stands for.
    first: BTreeMap<Tag, Digest>,
    /// Votes for what it does not hold yet.
    early: BTreeMap<Tag, Vec<Incoming>>,
    /// Parts that came, by identifier.
    parts: BTreeMap<Tag, usize>,
}

impl Weak {
    pub(super) fn with(config: &Config, me: ReplicaId, lack: Lack) -> Self {
        let inner = prime::Replica::new(config, me, Box::new(kv::Store::default()));
        let (first, early, parts) = Default::default();
        Self { inner, config: config.clone(), lack, first, early, parts }
    }

    /// `body` as if `sender` had signed it.
    fn sealed(&self, sender: ReplicaId, body: Body) -> Incoming {
        let signer = Signer::new(Context::from(&self.config), Arc::new(Stub(sender.into())));
        signer.seal::<Prime>(sender, vec![body], vec![]).0.remove(0)
    }

    /// Notes what stands at `tag` first, and lets the votes for it through that came before it.
    fn hold(&mut self, tag: Tag, digest: Digest, message: Incoming) -> Vec<Incoming> {
        self.first.entry(tag).or_insert(digest);
        let early = self.early.remove(&tag).unwrap_or_default();
        let early = early.into_iter().flat_map(|vote| self.heard(vote)).collect::<Vec<_>>();
        std::iter::once(message).chain(early).collect()
    }

    /// A vote of `sender` for what is held at `tag`, as `body` makes it.
    fn vote(
        &mut self,
        tag: Tag,
        sender: ReplicaId,
        vote: Incoming,
        body: impl Fn(Digest) -> Body,
    ) -> Vec<Incoming> {
        match self.first.get(&tag) {
            Some(digest) => vec![self.sealed(sender, body(*digest))],
            None => {
                self.early.entry(tag).or_default().push(vote);
                Vec::new()
            }
        }
    }

    fn acks(&mut self, sender: ReplicaId, acks: &PoAcks) -> Vec<Incoming> {
        let one = |ack| PoAcks { acks: List::new(vec![ack]).expect("one") };
        let each = acks.acks.iter().flat_map(|ack| {
            let (tag, seq) = ((ack.originator, 0, ack.seq.0), ack.seq);
            let originator = ack.originator;
            let vote = self.sealed(sender, one(*ack).into());
            self.vote(tag, sender, vote, |digest| one(PoAck { originator, seq, digest }).into())
        });
        each.collect()
    }

    /// What the core hears when `message` reaches it.
    fn heard(&mut self, message: Incoming) -> Vec<Incoming> {
        let sender = Prime::sender(&message);
        match (self.lack, &message) {
            (Lack::Proofs, Incoming::PrePrepareConflict(_) | Incoming::ReplayConflict(_)) => vec![],
            (Lack::Proofs, Incoming::PrePrepare(proposal)) => {
                let (View(view), Seq(seq)) = (proposal.body().view, proposal.body().seq);
                let first =
                    *self.first.entry((sender, view, seq)).or_insert_with(|| proposal.digest());
                if first == proposal.digest() { vec![message] } else { vec![] }
            }
            (Lack::Digests, Incoming::PoRequest(request)) => {
                let PoSeq(seq) = request.body().seq;
                self.hold((sender, 0, seq), request.digest(), message.clone())
            }
            (Lack::Digests, Incoming::PoAcks(acks)) => self.acks(sender, acks.body()),
            (Lack::Groups, Incoming::Recon(part)) => {
                let tag = (part.body().originator, 0, part.body().seq.0);
                let count = self.parts.entry(tag).or_default();
                *count += 1;
                if *count <= self.config.one_correct() { vec![message] } else { vec![] }
            }
            (Lack::Votes, Incoming::NewLeader(vote)) => {
                let everybody = self.config.replicas();
                everybody.map(|id| self.sealed(id, vote.body().clone().into())).collect()
            }
            (Lack::Broadcast, Incoming::RbInit(init)) => self.delivered(sender, init),
            (Lack::Broadcast, Incoming::RbEcho(_) | Incoming::RbReady(_)) => vec![],
            _ => vec![message],
        }
    }

    /// `init` of `originator`, with what everybody would have said of it.
    fn delivered(&self, originator: ReplicaId, init: &Verified<RbInit>) -> Vec<Incoming> {
        let RbInit { view, seq, .. } = *init.body();
        let digest = init.digest();
        let votes = self.config.replicas().flat_map(|id| {
            let echo = RbEcho { originator, view, seq, digest };
            let ready = RbReady { originator, view, seq, digest };
            [self.sealed(id, echo.into()), self.sealed(id, ready.into())]
        });
        std::iter::once(init.clone().into()).chain(votes).collect()
    }

    fn is_lost(&self, effect: &Effect<Prime>) -> bool {
        match self.lack {
            Lack::Flooding => {
                matches!(effect, Effect::Relay { message: Incoming::PrePrepare(_), .. })
            }
            Lack::Reconciliation => {
                matches!(effect, Effect::Send { body: Body::Recon(_), .. })
            }
            Lack::Proofs | Lack::Digests | Lack::Groups | Lack::Votes | Lack::Broadcast => false,
        }
    }
}

impl Machine for Weak {
    type Protocol = Prime;

    fn new(config: &Config, me: ReplicaId, _service: Box<dyn Service>) -> Self {
        Self::with(config, me, Lack::Flooding)
    }

    fn decoder(&self) -> Decoder<Prime> {
        self.inner.decoder()
    }

    fn step(&mut self, now: Time, input: Input<Prime>, effects: &mut Effects<Prime>) {
        let inputs = match input {
            Input::Message(message) => {
                self.heard(message).into_iter().map(Input::Message).collect()
            }
            other => vec![other],
        };
        for input in inputs {
            self.inner.step(now, input, effects);
        }
        for effect in effects.drain() {
            if !self.is_lost(&effect) {
                effects.push(effect);
            }
        }
    }

    fn deadline(&self) -> Option<Time> {
        self.inner.deadline()
    }

    fn status(&self) -> Status {
        self.inner.status()
    }

    fn replicated(&self) -> Digest {
        self.inner.replicated()
    }

    fn fork(&self) -> Self {
        Self {
            inner: self.inner.fork(),
            config: self.config.clone(),
            lack: self.lack,
            first: self.first.clone(),
            early: self.early.clone(),
            parts: self.parts.clone(),
        }
    }

    fn digest(&self) -> Digest {
        self.inner.digest()
    }

    fn snapshot(&self) -> Vec<u8> {
        self.inner.snapshot()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.inner.restore(snapshot)
    }
}
