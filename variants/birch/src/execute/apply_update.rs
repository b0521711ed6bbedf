//! An ordered update: executed, held back or answered at once.

use prime::execute::ClientTable;
use prime::execute::Effects;
use prime::execute::State;
use std::collections::BTreeMap;
use wire::Blob;
use wire::ClientId;
use wire::ClientSeq;
use wire::Config;
use wire::Effect;
use wire::Reply;
use wire::Service;
use wire::Update;
use wire::auth::Context;
use wire::client::MAX_PAYLOAD;
use wire::client::Outcome;

/// What an update within its client's window has come to.
enum Turn {
    /// It is the next one.
    Now,
    /// Its predecessor is missing.
    Later,
}

/// 4.1, "Global Ordering Phase"
pub fn apply_update(
    state: &mut State,
    config: &Config,
    service: &mut dyn Service,
    client: ClientId,
    update: &Update,
    effects: &mut Effects,
) {
    let window = config.windows.client;
    match turn(state.clients.get(&client), window, update.seq) {
        Err(result) => effects.push(answer(client, update.seq, result)),
        Ok(Turn::Later) => {
            state
                .clients
                .entry(client)
                .or_default()
                .held
                .entry(update.seq)
                .or_insert_with(|| update.clone());
        }
        Ok(Turn::Now) => {
            let context = Context::from(config);
            let State { clients, index, .. } = state;
            let table = clients.entry(client).or_default();
            let mut run = |table: &mut ClientTable, update: &Update| {
                let result = done(service.execute(client, &update.payload));
                *index = index.saturating_add(1);
                effects.push(Effect::Executed {
                    index: *index,
                    client,
                    update: context.leaf(client, update),
                });
                effects.push(answer(client, update.seq, result.clone()));
                enter(table, window, update.seq, result);
            };
            run(table, update);
            while let Some(next) = successor(&mut table.held, table.low) {
                run(table, &next);
            }
        }
    }
}

/// Whether number `seq` may be executed now or later; if neither, what is to be answered.
fn turn(table: Option<&ClientTable>, window: u64, seq: ClientSeq) -> Result<Turn, Outcome> {
    let low = table.map_or(ClientSeq(0), |table| table.low);
    match seq.0.checked_sub(low.0) {
        None | Some(0) => Err(table
            .and_then(|table| table.replies.get(&seq))
            .cloned()
            .unwrap_or(Outcome::Forgotten)),
        Some(ahead) if ahead > window => Err(Outcome::BeyondWindow),
        Some(1) => Ok(Turn::Now),
        Some(_) => Ok(Turn::Later),
    }
}

/// The service's answer, cut to what an answer may be.
fn done(mut bytes: Vec<u8>) -> Outcome {
    bytes.truncate(MAX_PAYLOAD);
    Outcome::Done(Blob::new(bytes).unwrap_or_default())
}

/// The effect that answers number `seq` of `client`.
fn answer(client: ClientId, seq: ClientSeq, result: Outcome) -> Effect<wire::prime::Prime> {
    Effect::Reply(Reply {
        client,
        seq,
        result,
    })
}

/// Number `seq` was executed with this result; results that are too old go.
fn enter(table: &mut ClientTable, window: u64, seq: ClientSeq, result: Outcome) {
    table.low = seq;
    table.replies.insert(seq, result);
    let floor = ClientSeq(seq.0.saturating_sub(window));
    std::iter::from_fn(|| {
        table
            .replies
            .first_entry()
            .filter(|oldest| *oldest.key() <= floor)
            .map(|oldest| oldest.remove())
    })
    .for_each(drop);
}

/// Takes the update that stands directly above `low`, if it waits.
fn successor(held: &mut BTreeMap<ClientSeq, Update>, low: ClientSeq) -> Option<Update> {
    held.first_entry()
        .filter(|first| first.key().0.checked_sub(low.0) == Some(1))
        .map(|first| first.remove())
}
