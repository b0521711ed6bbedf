//! One ordered update meets its client's count.

use crate::execute::{ClientTable, Effects, State};
use slots::slot;
use wire::auth::Context;
use wire::client::Outcome;
use wire::{Blob, ClientId, ClientSeq, Config, Effect, Reply, Service, Update};

/// Executes an ordered update of `client` if its turn has come, and what was waiting for it.
///
/// Let u be its number, w = `windows.client`, and low the client's `low` (0, with empty maps, for
/// a client without a table). Exactly one of:
/// - u <= low: emits `Reply` with the answer kept for u, or with `Forgotten` if none is kept. This
///   goes by the number alone, whatever the payload; 0 counts as forgotten, also of a client without a
///   table, for which none is made.
/// - u = low + 1: executes it, then, as long as `held` has the number after the last one executed,
///   removes that from `held` and executes it.
/// - low + 1 < u <= low + w: holds it back, unless one with that number is held already: the
///   first one wins. Emits nothing.
/// - low + w < u (a sum that does not fit is the highest number): emits `Reply` with `BeyondWindow`.
///   Nothing is remembered.
///
/// To execute an update is: call `service.execute(client, payload)`; increment `state.index`; set
/// `low` to its number; keep `Done(answer)` in `replies` under its number and drop from `replies`
/// the number lower by w, if there is one (none is below 0); emit `Executed` with the new index, the client and the
/// update's leaf (`Context::from(config).leaf(client, update)`); emit `Reply` with client, number
/// and answer.
///
/// A table is added for the client only where something is executed or held back. The service is
/// called for nothing else. It owes an answer of at most `MAX_PAYLOAD` bytes: see
/// `wire::Service::execute`; a longer one stops the server.
///
/// Invariant: each (client, number) is executed at most once, in the order of numbers.
/// Example: w = 1024, low = 3, 5 is held: 4 comes; emits Executed and Reply for 4, then for 5.
/// Paper: 4.1, "Global Ordering Phase". Deviation: the client window, see the component's head.
///
/// Invariant: `prefix` and `executed` never change; of the tables only the client's.
/// Invariant: `index` grows by exactly the number of calls of the service, and so does the client's
/// `low`.
/// Invariant: every `Executed` stands right before the `Reply` for the same number.
#[slot(execute.apply_update)]
pub fn apply_update(
    state: &mut State,
    config: &Config,
    service: &mut dyn Service,
    client: ClientId,
    update: &Update,
    effects: &mut Effects,
) {
    let seq = update.seq;
    let table = state.clients.get(&client);
    let low = table.map_or(ClientSeq(0), |table| table.low);
    if seq <= low {
        let kept = table.and_then(|table| table.replies.get(&seq)).cloned();
        let result = kept.unwrap_or(Outcome::Forgotten);
        return effects.push(Effect::Reply(Reply { client, seq, result }));
    }
    if seq.0 - low.0 > config.windows.client {
        let result = Outcome::BeyondWindow;
        return effects.push(Effect::Reply(Reply { client, seq, result }));
    }
    let table = state.clients.entry(client).or_default();
    if seq != low.next() {
        table.held.entry(seq).or_insert_with(|| update.clone());
        return;
    }
    state.index += 1;
    execute(table, config, service, client, update, state.index, effects);
    while let Some(waited) = table.held.remove(&table.low.next()) {
        state.index += 1;
        execute(table, config, service, client, &waited, state.index, effects);
    }
    let table = &state.clients[&client];
    assert!(seq <= table.low);
    assert!(table.held.first_key_value().is_none_or(|(first, _)| *first > table.low.next()));
}

/// Executes the update whose turn it is.
fn execute(
    table: &mut ClientTable,
    config: &Config,
    service: &mut dyn Service,
    client: ClientId,
    update: &Update,
    index: u64,
    effects: &mut Effects,
) {
    let seq = update.seq;
    assert_eq!(seq, table.low.next());
    let answer = Blob::new(service.execute(client, &update.payload));
    let result = Outcome::Done(answer.expect("a service answers in at most MAX_PAYLOAD bytes"));
    table.low = seq;
    table.replies.insert(seq, result.clone());
    if let Some(forgotten) = seq.0.checked_sub(config.windows.client) {
        table.replies.remove(&ClientSeq(forgotten));
    }
    let leaf = Context::from(config).leaf(client, update);
    effects.push(Effect::Executed { index, client, update: leaf });
    effects.push(Effect::Reply(Reply { client, seq, result }));
}
