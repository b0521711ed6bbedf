//! What the tests of execution's oracles are made of, beside what all are: a client window of 4.

pub(crate) use crate::kit::{effects, trips};

use prime::execute::{ClientTable, State};
use wire::auth::Context;
use wire::client::Outcome;
use wire::prime::Prime;
use wire::{Blob, ClientId, ClientSeq, Config, Effects, PoSeq, Reply, Seq, Update};

/// The client of most tests.
pub(crate) const CLIENT: ClientId = ClientId(7);

/// Four servers, a window of 4.
pub(crate) fn config() -> Config {
    let mut config = crate::kit::config();
    config.windows.client = 4;
    config
}

/// Number `seq` of a client.
pub(crate) fn update(seq: u64) -> Update {
    Update { seq: ClientSeq(seq), payload: Blob::new(b"do".to_vec()).unwrap() }
}

/// The service answered so.
pub(crate) fn done(answer: &str) -> Outcome {
    Outcome::Done(Blob::new(answer.as_bytes().to_vec()).unwrap())
}

/// Of 7's updates all up to 6 were executed, and 8, 9 and 10 are held.
pub(crate) fn state() -> State {
    let table = ClientTable {
        low: ClientSeq(6),
        replies: (3..7).map(|n| (ClientSeq(n), done("old"))).collect(),
        held: (8..11).map(|n| (ClientSeq(n), update(n))).collect(),
    };
    State {
        prefix: [4, 2, 0, 0].map(PoSeq).to_vec(),
        executed: Seq(5),
        index: 6,
        clients: [(CLIENT, table)].into(),
    }
}

/// The table of client 7.
pub(crate) fn table(state: &mut State) -> &mut ClientTable {
    state.clients.entry(CLIENT).or_default()
}

/// Number `seq` of `client` was executed as the `index`-th.
pub(crate) fn executed(e: &mut Effects<Prime>, index: u64, client: ClientId, seq: u64) {
    let leaf = Context::from(&config()).leaf(client, &update(seq));
    e.push(wire::Effect::Executed { index, client, update: leaf });
    replied(e, client, seq, done("new"));
}

/// Number `seq` of `client` was answered.
pub(crate) fn replied(e: &mut Effects<Prime>, client: ClientId, seq: u64, result: Outcome) {
    e.push(wire::Effect::Reply(Reply { client, seq: ClientSeq(seq), result }));
}

/// `state()` after 7 came, and with it what was held.
pub(crate) fn caught_up() -> State {
    let mut state = state();
    state.index = 10;
    let table = table(&mut state);
    table.low = ClientSeq(10);
    table.replies = (7..11).map(|n| (ClientSeq(n), done("new"))).collect();
    table.held.clear();
    state
}
