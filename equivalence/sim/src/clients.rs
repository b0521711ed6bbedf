//! Simulated clients: several updates under way, sent to one replica each, then to others.

use crate::cryptography::Keys;
use crate::parameters::Load;
use crate::rng::Rng;
use std::collections::BTreeMap;
use wire::auth::Context;
use wire::{Blob, ClientId, ClientSeq, Config, ReplicaId, Reply, Signer, Update, Verified};

/// Makes the payload of one update.
pub type Payload = fn(&mut Rng, &Load) -> Vec<u8>;

struct Pending {
    update: Verified<Update>,
    submitted: u64,
    /// When the client loses patience.
    retry: u64,
    answers: Vec<Verified<Reply>>,
}

struct Client {
    id: ClientId,
    signer: Signer,
    last: ClientSeq,
    /// Updates still to be submitted.
    left: u64,
    next_burst: u64,
    pending: BTreeMap<ClientSeq, Pending>,
    home: usize,
    wake: Option<u64>,
}

/// What a client does when it wakes.
#[derive(Default)]
pub(crate) struct Moves {
    /// Signed just now.
    pub(crate) submitted: Vec<Verified<Update>>,
    /// To be sent.
    pub(crate) requests: Vec<(ReplicaId, Verified<Update>)>,
}

/// All clients of a run.
pub(crate) struct Clients {
    clients: Vec<Client>,
    load: Load,
    payload: Payload,
    rng: Rng,
    /// Replicas, matching answers, and others to ask.
    counts: (usize, usize, usize),
    /// Numbers that a client may have in use from its lowest unanswered one on: the last of so many
    /// is not refused, and the first one's answer is still kept when all the others are executed.
    window: u64,
    /// If there are any: each update goes to one of these, in turn, and to nobody else.
    only: Vec<ReplicaId>,
}

impl Client {
    /// How many updates may be submitted now.
    fn room(&self, load: &Load, window: u64) -> u64 {
        let unanswered = self.pending.len() as u64;
        let lowest = self.pending.first_key_value();
        let span = lowest.map_or(0, |(lowest, _)| self.last.next().0 - lowest.0);
        let outstanding = (load.outstanding as u64).saturating_sub(unanswered);
        outstanding.min(window.saturating_sub(span)).min(self.left)
    }
}

/// Which of `only` is asked for a client's update `seq`; none if there are none.
fn turn(only: &[ReplicaId], seq: ClientSeq) -> Option<ReplicaId> {
    let place = seq.0.checked_rem(only.len() as u64)?;
    only.get(usize::try_from(place).expect("below the number of replicas")).copied()
}

impl Clients {
    pub(crate) fn new(
        config: &Config,
        keys: &Keys,
        load: Load,
        payload: Payload,
        mut rng: Rng,
    ) -> Self {
        let clients = (1..=load.clients)
            .map(|id| {
                let id = ClientId(id);
                let signer = Signer::new(Context::from(config), keys.signing(id.into()));
                Client {
                    id,
                    signer,
                    last: ClientSeq(0),
                    left: load.updates,
                    next_burst: rng.around(load.think),
                    pending: BTreeMap::new(),
                    home: rng.index(config.size()),
                    wake: None,
                }
            })
            .collect();
        let others = config.one_available().min(config.size());
        let counts = (config.size(), config.one_correct(), others);
        let (window, only) = (config.windows.client, Vec::new());
        Self { clients, load, payload, rng, counts, window, only }
    }

    pub(crate) fn count(&self) -> usize {
        self.clients.len()
    }

    /// Which client an id means.
    pub(crate) fn index(id: ClientId) -> usize {
        usize::try_from(id.0).expect("small") - 1
    }

    /// The faults have ended: each client submits a few more, soon, to see whether it is served.
    pub(crate) fn probe(&mut self, now: u64) {
        self.load.think = self.load.probe_think;
        for client in &mut self.clients {
            client.left = self.load.probes;
            client.next_burst = client.next_burst.min(now + self.rng.below(50_000));
        }
    }

    /// Each client asks each of `targets` for one update, and nobody else for that.
    pub(crate) fn ask_each(&mut self, now: u64, targets: Vec<ReplicaId>) {
        self.load.probes = targets.len() as u64;
        self.only = targets;
        self.probe(now);
    }

    /// No client submits anything any more.
    pub(crate) fn stop(&mut self) {
        self.clients.iter_mut().for_each(|client| client.left = 0);
    }

    /// When client `index` wants to be woken, if that is earlier than what was planned before.
    pub(crate) fn plan(&mut self, index: usize, now: u64) -> Option<u64> {
        let client = &mut self.clients[index];
        let room = client.room(&self.load, self.window) > 0;
        let retry = client.pending.values().map(|pending| pending.retry).min();
        let burst = room.then_some(client.next_burst);
        let at = burst.into_iter().chain(retry).min()?.max(now);
        let earlier = client.wake.is_none_or(|planned| at < planned);
        earlier.then(|| {
            client.wake = Some(at);
            at
        })
    }

    /// Client `index` wakes. Nothing, if it has been planned anew since.
    pub(crate) fn wake(&mut self, index: usize, now: u64) -> Moves {
        let mut moves = Moves::default();
        if self.clients[index].wake != Some(now) {
            return moves;
        }
        self.clients[index].wake = None;
        self.submit(index, now, &mut moves);
        self.retry(index, now, &mut moves);
        moves
    }

    fn submit(&mut self, index: usize, now: u64, moves: &mut Moves) {
        let (load, rng) = (&self.load, &mut self.rng);
        let client = &mut self.clients[index];
        if client.left == 0 || now < client.next_burst {
            return;
        }
        let burst = rng.range(1..=load.burst);
        let room = client.room(load, self.window);
        let home = if rng.chance(700_000) { client.home } else { rng.index(self.counts.0) };
        for _ in 0..burst.min(room) {
            client.last = client.last.next();
            client.left -= 1;
            let payload = Blob::new((self.payload)(rng, load)).expect("payloads are small");
            let update = Update { seq: client.last, payload };
            let signed = client.signer.sign_all(client.id, vec![update]);
            let update = signed.into_iter().next().expect("one in, one out");
            let retry = now + load.retry + rng.below(load.retry);
            let pending =
                Pending { update: update.clone(), submitted: now, retry, answers: Vec::new() };
            client.pending.insert(client.last, pending);
            moves.submitted.push(update.clone());
            let target = turn(&self.only, client.last);
            let target = target.unwrap_or_else(|| ReplicaId::from_index(home));
            moves.requests.push((target, update));
        }
        client.next_burst = now + rng.around(load.think);
    }

    fn retry(&mut self, index: usize, now: u64, moves: &mut Moves) {
        let (size, _, others) = self.counts;
        for (seq, pending) in &mut self.clients[index].pending {
            if now < pending.retry {
                continue;
            }
            pending.retry = now + self.load.retry + self.rng.below(self.load.retry);
            if let Some(target) = turn(&self.only, *seq) {
                moves.requests.push((target, pending.update.clone()));
                continue;
            }
            let first = self.rng.index(size);
            for target in (0..others).map(|step| (first + step) % size) {
                moves.requests.push((ReplicaId::from_index(target), pending.update.clone()));
            }
        }
    }

    /// Counts a reply; f+1 equal ones are the answer. If they are there now: how long that took.
    pub(crate) fn answer(&mut self, now: u64, reply: &Verified<Reply>) -> Option<u64> {
        let body = reply.body();
        let client = self.clients.get_mut(Self::index(body.client))?;
        let pending = client.pending.get_mut(&body.seq)?;
        if pending.answers.iter().any(|held| held.signer() == reply.signer()) {
            return None;
        }
        pending.answers.push(reply.clone());
        let equal = pending.answers.iter().filter(|held| held.body().result == body.result).count();
        if equal < self.counts.1 {
            return None;
        }
        let latency = now - pending.submitted;
        client.pending.remove(&body.seq);
        Some(latency)
    }

    /// Updates submitted and not answered.
    pub(crate) fn unanswered(&self) -> usize {
        self.clients.iter().map(|client| client.pending.len()).sum()
    }

    /// Updates that are still to be submitted.
    pub(crate) fn left(&self) -> u64 {
        self.clients.iter().map(|client| client.left).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cryptography::Cryptography;
    use wire::Digest;
    use wire::client::Outcome;

    /// A replica may refuse what lies beyond the window, and forget the answer to what lies a window
    /// back: a client that lacks an answer waits for it, however many later ones it has.
    #[test]
    fn nothing_is_submitted_a_window_beyond_the_lowest_unanswered() {
        let mut config = Config::new(Digest::of("test", b"clients"), 4, 1, 0);
        config.windows.client = 8;
        let load = Load {
            clients: 1,
            outstanding: 3,
            updates: 100,
            probes: 0,
            think: 10,
            probe_think: 10,
            probe_time: 0,
            burst: 2,
            payload: (1, 1),
            retry: 1_000_000,
        };
        let keys = Keys::new(Cryptography::Stub, &config, load.clients);
        let mut clients = Clients::new(&config, &keys, load, |_, _| Vec::new(), Rng::new(1));
        let context = Context::from(&config);
        let reply = |from: u16, seq: u64| {
            let result = Outcome::Done(Blob::new(Vec::new()).unwrap());
            let reply = Reply { client: ClientId(1), seq: ClientSeq(seq), result };
            let from = ReplicaId(from);
            let signer = Signer::new(context.clone(), keys.signing(from.into()));
            signer.sign_all(from, vec![reply]).remove(0)
        };
        let mut highest = 0;
        // All are answered but the first.
        while let Some(now) = clients.plan(0, 0).filter(|now| *now < 1_000_000) {
            for update in clients.wake(0, now).submitted {
                highest = update.body().seq.0;
                if highest > 1 {
                    let answer = |from| clients.answer(now, &reply(from, highest));
                    assert_eq!([1, 2].map(answer).iter().flatten().count(), 1);
                }
            }
        }
        assert_eq!(highest, 8);
        let last = [1, 2].map(|from| clients.answer(1_000_000, &reply(from, 1)));
        assert!(last[1].is_some() && clients.unanswered() == 0);
        let more = clients.plan(0, 1_000_000).map(|now| clients.wake(0, now).submitted.len());
        assert!(more.is_some_and(|more| more > 0));
    }
}
