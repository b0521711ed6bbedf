//! Clients at the ends of their windows and of all numbers, and those of whom much waits.

use super::Stage;
use prime::execute::{ClientTable, State, snapshot};
use std::collections::BTreeMap;
use wire::client::Outcome;
use wire::{Blob, ClientId, ClientSeq, Update};

const SLOT: &str = "execute.apply_update";

/// How many numbers above `low` wait in the tables that are made.
const WAITING: u64 = 3;

/// A client of whom all numbers up to `low` were executed, and those that wait follow the next one.
fn table(window: u64, low: u64, waiting: u64, update: &Update) -> ClientTable {
    let answer = |seq: u64| Outcome::Done(Blob::new(seq.to_le_bytes().to_vec()).expect("8 bytes"));
    let answered = (low.saturating_sub(window) + 1)..=low;
    let held = (low.saturating_add(2)..=low.saturating_add(1 + waiting)).take_while(|n| *n > low);
    let update = |seq: u64| Update { seq: ClientSeq(seq), ..update.clone() };
    ClientTable {
        low: ClientSeq(low),
        replies: answered.map(|seq| (ClientSeq(seq), answer(seq))).collect(),
        held: held.map(|seq| (ClientSeq(seq), update(seq))).collect(),
    }
}

/// A client's next, last answered and forgotten, last admitted and too far numbers, wherever it is; its
/// next number where all that it may have waiting waits; and the bytes of such states.
pub(super) fn apply_update(stage: &mut Stage<'_>) {
    let (state, (client, update)) = stage.call::<State, (ClientId, Update)>();
    let window = stage.hand.config.windows.client;
    let alone = |table: ClientTable| State {
        index: table.low.0,
        clients: BTreeMap::from([(*client, table)]),
        ..state.clone()
    };
    let end = u64::MAX - 2 * WAITING;
    for low in [window, window + 1, 1 << 16, 1 << 32, end] {
        let state = alone(table(window, low, WAITING, update));
        let far = low.saturating_add(window);
        for seq in [low + 1, low + 2, low - window + 1, low - window, far, far.saturating_add(1)] {
            let again = Update { seq: ClientSeq(seq), payload: Blob::default() };
            stage.edge("ends of a window", SLOT, state.clone(), (*client, again));
        }
    }
    let all = alone(table(window, 0, window - 1, update));
    let first = Update { seq: ClientSeq(1), ..update.clone() };
    stage.edge("all that may wait", SLOT, all, (*client, first));
    for low in [0, window - 1, window, window + 1, u64::MAX - window, end, u64::MAX] {
        for waiting in [0, WAITING, window - 1, window] {
            bytes(stage, &alone(table(window, low, waiting, update)));
        }
    }
}

/// The bytes of a state, and of some that cannot be.
fn bytes(stage: &mut Stage<'_>, state: &State) {
    let more = State { index: state.index.wrapping_add(1), ..state.clone() };
    let mut fewer = state.clone();
    let mut early = state.clone();
    for table in fewer.clients.values_mut() {
        table.replies.pop_first();
    }
    for table in early.clients.values_mut() {
        if let Some((_, mut update)) = table.held.pop_last() {
            update.seq = table.low.next();
            table.held.insert(update.seq, update);
        }
    }
    for state in [state, &more, &fewer, &early] {
        stage.edge("ends of a window", "execute.restore_tables", (), (snapshot(state),));
    }
}
