//! Linearizability, from what clients saw alone: when they submitted, when they had an answer, and
//! what it was.
//!
//! That correct replicas answer what execution gives is checked elsewhere; here it is what f+1 equal answers,
//! whoever gave them, made a client believe.
//!
//! Nothing that replicas say of themselves enters but the one order in which updates were executed.
//! That order explains what clients saw if it respects their real time (an update that was answered
//! before another was submitted stands before it), and if a service that takes the updates in that
//! order gives the very answers.

use crate::violation::{Finding, Kind};
use std::collections::{BTreeMap, BTreeSet};
use wire::client::Outcome;
use wire::{ClientId, ClientSeq, Service, Update, Verified};

/// One update as its client sees it. Times are in microseconds.
struct Operation {
    submitted: u64,
    answered: Option<(u64, Outcome)>,
}

/// What clients saw in one run.
#[derive(Default)]
pub(crate) struct Seen {
    /// By client; the first has number 1.
    operations: BTreeMap<ClientId, Vec<Operation>>,
}

impl Seen {
    pub(crate) fn submitted(&mut self, now: u64, client: ClientId, seq: ClientSeq) {
        let operations = self.operations.entry(client).or_default();
        assert_eq!(seq.0, operations.len() as u64 + 1, "clients count from 1");
        operations.push(Operation { submitted: now, answered: None });
    }

    fn operation(&self, client: ClientId, seq: ClientSeq) -> Option<&Operation> {
        let place = usize::try_from(seq.0.checked_sub(1)?).ok()?;
        self.operations.get(&client)?.get(place)
    }

    pub(crate) fn answered(&mut self, now: u64, client: ClientId, seq: ClientSeq, result: Outcome) {
        let place = usize::try_from(seq.0.saturating_sub(1)).ok();
        let operations = self.operations.get_mut(&client);
        if let Some(operation) = operations.zip(place).and_then(|(all, place)| all.get_mut(place)) {
            operation.answered = Some((now, result));
        }
    }

    /// Holds what was seen against `order`, which `service` (in its first state) executes again.
    pub(crate) fn check(
        &self,
        order: &[&Verified<Update>],
        service: &mut dyn Service,
    ) -> Result<(), Finding> {
        let placed: Vec<_> =
            order.iter().map(|update| ((update.signer(), update.body().seq), *update)).collect();
        self.respects_time(&placed)?;
        for ((client, seq), update) in &placed {
            let result = service.execute(*client, &update.body().payload);
            let seen = self.operation(*client, *seq);
            if let Some((_, Outcome::Done(answer))) = seen.and_then(|seen| seen.answered.as_ref())
                && answer[..] != result[..]
            {
                let detail = format!("client {client}'s {seq} was answered {answer:?}");
                return Err((Kind::Linearizability, format!("{detail}, not {result:?}")));
            }
        }
        let known = |(client, seq): &(ClientId, ClientSeq)| self.operation(*client, *seq).is_some();
        let count = placed.iter().filter(|(id, _)| known(id)).count();
        let placed: BTreeSet<_> = placed.into_iter().map(|(id, _)| id).collect();
        for (client, operations) in &self.operations {
            for (seen, seq) in operations.iter().zip((1..).map(ClientSeq)) {
                if seen.answered.is_some() && !placed.contains(&(*client, seq)) {
                    let detail = format!("client {client}'s {seq} was answered");
                    let detail = format!("{detail}; {count} were executed");
                    return Err((Kind::Linearizability, detail));
                }
            }
        }
        Ok(())
    }

    /// From the last to the first: nobody later may have been answered before this was submitted.
    fn respects_time(
        &self,
        placed: &[((ClientId, ClientSeq), &Verified<Update>)],
    ) -> Result<(), Finding> {
        let mut first_answer: Option<(u64, (ClientId, ClientSeq))> = None;
        for (id, _) in placed.iter().rev() {
            let Some(seen) = self.operation(id.0, id.1) else { continue };
            if let Some((at, later)) = first_answer.filter(|(at, _)| *at < seen.submitted) {
                let detail = format!(
                    "{later:?}, answered at {at} us, was executed after {id:?}, submitted at {} us",
                    seen.submitted
                );
                return Err((Kind::Linearizability, detail));
            }
            if let Some((at, _)) = &seen.answered
                && first_answer.is_none_or(|(first, _)| *at < first)
            {
                first_answer = Some((*at, *id));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kv::{Command, Key, Store, Value};
    use std::sync::Arc;
    use wire::auth::Context;
    use wire::stub::Stub;
    use wire::{Blob, Digest, Signer};

    fn update(client: u32, command: &Command) -> Verified<Update> {
        let context = Context { cluster: Digest::default(), epoch: 1 };
        let signer = Signer::new(context, Arc::new(Stub(ClientId(client).into())));
        let payload = Blob::new(command.encode()).unwrap();
        signer.sign_all(ClientId(client), vec![Update { seq: ClientSeq(1), payload }]).remove(0)
    }

    fn key() -> Key {
        Key::new(b"k".to_vec()).unwrap()
    }

    /// Client 1 writes, then client 2, whose time `read` is, reads what a store in `order` gives.
    fn check(read: (u64, u64), order: [usize; 2], answered_in: [usize; 2]) -> Option<Kind> {
        let put = Command::Put { key: key(), value: Value::new(b"v".to_vec()).unwrap() };
        let updates = [update(1, &put), update(2, &Command::Get { key: key() })];
        let mut store = Store::default();
        let mut seen = Seen::default();
        let times = [(10, 20), read];
        for index in answered_in {
            let (client, seq) = (updates[index].signer(), ClientSeq(1));
            let result = store.execute(client, &updates[index].body().payload);
            seen.submitted(times[index].0, client, seq);
            seen.answered(times[index].1, client, seq, Outcome::Done(Blob::new(result).unwrap()));
        }
        let order = order.map(|index| &updates[index]);
        seen.check(&order, &mut Store::default()).err().map(|(kind, _)| kind)
    }

    #[test]
    fn a_read_that_overlaps_a_write_may_see_it_or_not() {
        assert_eq!(check((15, 25), [0, 1], [0, 1]), None);
        assert_eq!(check((15, 25), [1, 0], [1, 0]), None);
        assert_eq!(check((20, 25), [1, 0], [1, 0]), None);
    }

    #[test]
    fn an_order_against_real_time_is_found() {
        assert_eq!(check((21, 25), [0, 1], [0, 1]), None);
        assert_eq!(check((21, 25), [1, 0], [1, 0]), Some(Kind::Linearizability));
        assert_eq!(check((1, 9), [0, 1], [0, 1]), Some(Kind::Linearizability));
    }

    #[test]
    fn an_answer_that_the_order_does_not_give_is_found() {
        assert_eq!(check((15, 25), [0, 1], [1, 0]), Some(Kind::Linearizability));
        let mut seen = Seen::default();
        seen.submitted(1, ClientId(1), ClientSeq(1));
        let result = || Outcome::Done(Blob::new(Vec::new()).unwrap());
        seen.answered(2, ClientId(1), ClientSeq(1), result());
        let found = seen.check(&[], &mut Store::default()).err();
        assert_eq!(found.map(|(kind, _)| kind), Some(Kind::Linearizability));
    }
}
