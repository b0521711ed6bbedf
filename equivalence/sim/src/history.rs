//! The one history that all replicas must agree on, kept outside of them.
//!
//! The first replica to execute at some place writes the history there; everybody else, and that
//! replica after a restart, must execute the same. The history is never shortened, so an update
//! that was executed anywhere cannot be lost everywhere without being found missing.

use crate::violation::{Finding, Kind};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use wire::client::Outcome;
use wire::{ClientId, ClientSeq, Digest, ReplicaId, Reply, Service, Update, Verified};

/// What is known of one executed or submitted update.
struct Known {
    client: ClientId,
    update: Verified<Update>,
    executed: bool,
}

/// Hashes digests to what they begin with: simulated clients do not choose theirs.
#[derive(Default)]
struct Start(u64);

impl Hasher for Start {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(start) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*start);
        }
    }

    /// The length of what follows.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Checks agreement, validity, exactly-once and the results of execution.
pub(crate) struct History {
    entries: Vec<Digest>,
    known: HashMap<Digest, Known, BuildHasherDefault<Start>>,
    /// By client: what came of its updates, of which the first has number 1.
    results: BTreeMap<ClientId, Vec<Outcome>>,
    /// By replica: index of the last update executed in this life.
    reached: Vec<u64>,
    service: Box<dyn Service>,
}

impl History {
    /// An empty history of `size` replicas; `service` is in the state in which theirs begin.
    pub(crate) fn new(size: usize, service: Box<dyn Service>) -> Self {
        Self {
            entries: Vec::new(),
            known: HashMap::default(),
            results: BTreeMap::new(),
            reached: vec![0; size],
            service,
        }
    }

    /// A client signed `update`.
    pub(crate) fn submitted(&mut self, update: &Verified<Update>) {
        let known = Known { client: update.signer(), update: update.clone(), executed: false };
        self.known.insert(update.digest(), known);
    }

    /// `replica` lost its memory, though not its log.
    pub(crate) fn restarted(&mut self, replica: ReplicaId) {
        self.reached[replica.index()] = 0;
    }

    /// `replica` says that its state is now that after `index` updates: somebody executed them.
    pub(crate) fn restored(&mut self, replica: ReplicaId, index: u64) -> Result<(), Finding> {
        let reached = &mut self.reached[replica.index()];
        if index < *reached || index > self.entries.len() as u64 {
            let detail = format!(
                "restored the state after {index} updates at {reached} of {}",
                self.entries.len()
            );
            return Err((Kind::Agreement, detail));
        }
        *reached = index;
        Ok(())
    }

    /// `replica` says that it executed `update` of `client` at `index`.
    pub(crate) fn executed(
        &mut self,
        replica: ReplicaId,
        index: u64,
        client: ClientId,
        update: &Digest,
    ) -> Result<(), Finding> {
        let reached = &mut self.reached[replica.index()];
        if index != *reached + 1 {
            let detail = format!("executed number {index} after number {reached}");
            return Err((Kind::Agreement, detail));
        }
        *reached = index;
        let place = usize::try_from(index - 1).expect("as many as were executed");
        match self.entries.get(place) {
            Some(held) if held == update => Ok(()),
            Some(held) => Err((
                Kind::Agreement,
                format!("executed {update:?} at {index} where the history has {held:?}"),
            )),
            None => self.append(client, update),
        }
    }

    fn append(&mut self, client: ClientId, digest: &Digest) -> Result<(), Finding> {
        let Some(known) = self.known.get_mut(digest).filter(|known| known.client == client) else {
            return Err((Kind::Validity, format!("no client {client} signed {digest:?}")));
        };
        let body = known.update.body();
        let results = self.results.entry(client).or_default();
        let last = ClientSeq(results.len() as u64);
        if known.executed || body.seq != last.next() {
            let detail = format!("client {client}'s {} executed after its {last}", body.seq);
            return Err((Kind::ExactlyOnce, detail));
        }
        known.executed = true;
        let result = wire::Blob::new(self.service.execute(client, &body.payload))
            .map_err(|error| (Kind::Answer, format!("the service's answer: {error}")))?;
        results.push(Outcome::Done(result));
        self.entries.push(*digest);
        Ok(())
    }

    /// What execution gave.
    fn result(&self, client: ClientId, seq: ClientSeq) -> Option<&Outcome> {
        let place = usize::try_from(seq.0.checked_sub(1)?).ok()?;
        self.results.get(&client)?.get(place)
    }

    /// A correct replica answers.
    pub(crate) fn replied(&self, reply: &Reply) -> Result<(), Finding> {
        let executed = self.result(reply.client, reply.seq);
        let right = match &reply.result {
            Outcome::Done(_) => executed == Some(&reply.result),
            Outcome::Forgotten => executed.is_some(),
            // Simulated clients never run further ahead than the window.
            Outcome::BeyondWindow => false,
        };
        if right {
            return Ok(());
        }
        let detail = format!("answered {reply:?} where execution gives {executed:?}");
        Err((Kind::Answer, detail))
    }

    /// The agreed order.
    pub(crate) fn order(&self) -> Vec<&Verified<Update>> {
        self.entries.iter().map(|digest| &self.known[digest].update).collect()
    }

    /// Of the agreed order.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of_value("patchy history 1", &self.entries)
    }

    /// Updates executed anywhere.
    pub(crate) fn length(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Updates that `replica` executed in this life.
    pub(crate) fn reached(&self, replica: ReplicaId) -> u64 {
        self.reached[replica.index()]
    }

    /// Updates that clients signed.
    pub(crate) fn submissions(&self) -> u64 {
        self.known.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use wire::auth::Context;
    use wire::stub::Stub;
    use wire::{Blob, Signer};

    fn history() -> History {
        History::new(2, Box::new(kv::Store::default()))
    }

    fn update(client: u32, seq: u64, payload: &[u8]) -> Verified<Update> {
        let context = Context { cluster: Digest::default(), epoch: 1 };
        let signer = Signer::new(context, Arc::new(Stub(ClientId(client).into())));
        let payload = Blob::new(payload.to_vec()).unwrap();
        signer.sign_all(ClientId(client), vec![Update { seq: ClientSeq(seq), payload }]).remove(0)
    }

    fn kind(result: Result<(), Finding>) -> Option<Kind> {
        result.err().map(|(kind, _)| kind)
    }

    #[test]
    fn a_second_opinion_on_a_place_breaks_agreement() {
        let mut history = history();
        let (a, b) = (update(1, 1, b"a"), update(2, 1, b"b"));
        [&a, &b].into_iter().for_each(|update| history.submitted(update));
        let (one, two) = (ReplicaId(1), ReplicaId(2));
        assert_eq!(kind(history.executed(one, 1, ClientId(1), &a.digest())), None);
        assert_eq!(kind(history.executed(two, 1, ClientId(2), &b.digest())), Some(Kind::Agreement));
        history.restarted(one);
        assert_eq!(kind(history.executed(one, 1, ClientId(1), &a.digest())), None);
        assert_eq!(kind(history.executed(one, 3, ClientId(2), &b.digest())), Some(Kind::Agreement));
    }

    #[test]
    fn a_state_that_nobody_reached_breaks_agreement() {
        let (mut history, one, two) = (history(), ReplicaId(1), ReplicaId(2));
        let (a, b) = (update(1, 1, b"a"), update(2, 1, b"b"));
        [&a, &b].into_iter().for_each(|update| history.submitted(update));
        assert_eq!(kind(history.executed(one, 1, ClientId(1), &a.digest())), None);
        assert_eq!(kind(history.restored(two, 2)), Some(Kind::Agreement));
        assert_eq!(kind(history.restored(two, 1)), None);
        assert_eq!(kind(history.executed(two, 2, ClientId(2), &b.digest())), None);
        assert_eq!(kind(history.restored(two, 1)), Some(Kind::Agreement));
    }

    #[test]
    fn an_update_that_nobody_signed_breaks_validity() {
        let (mut history, one) = (history(), ReplicaId(1));
        let a = update(1, 1, b"a");
        assert_eq!(kind(history.executed(one, 1, ClientId(1), &a.digest())), Some(Kind::Validity));
        history.submitted(&a);
        history.restarted(one);
        assert_eq!(kind(history.executed(one, 1, ClientId(2), &a.digest())), Some(Kind::Validity));
    }

    #[test]
    fn repetition_and_disorder_break_exactly_once() {
        let (mut history, one) = (history(), ReplicaId(1));
        let (first, third) = (update(1, 1, b"a"), update(1, 3, b"c"));
        [&first, &third].into_iter().for_each(|update| history.submitted(update));
        assert_eq!(kind(history.executed(one, 1, ClientId(1), &first.digest())), None);
        let again = history.executed(one, 2, ClientId(1), &first.digest());
        assert_eq!(kind(again), Some(Kind::ExactlyOnce));
        let early = history.executed(one, 3, ClientId(1), &third.digest());
        assert_eq!(kind(early), Some(Kind::ExactlyOnce));
    }

    #[test]
    fn a_wrong_answer_is_found() {
        let (mut history, one) = (history(), ReplicaId(1));
        let a = update(1, 1, b"no command");
        history.submitted(&a);
        let reply = |result| Reply { client: ClientId(1), seq: ClientSeq(1), result };
        let wrong = reply(Outcome::Done(Blob::new(b"wrong".to_vec()).unwrap()));
        assert_eq!(kind(history.replied(&wrong)), Some(Kind::Answer));
        assert_eq!(kind(history.executed(one, 1, ClientId(1), &a.digest())), None);
        assert_eq!(kind(history.replied(&wrong)), Some(Kind::Answer));
        let right = history.result(ClientId(1), ClientSeq(1)).unwrap().clone();
        assert_eq!(kind(history.replied(&reply(right))), None);
        assert_eq!(kind(history.replied(&reply(Outcome::Forgotten))), None);
    }
}
