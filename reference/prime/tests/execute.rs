//! Execution: the order, and each update once.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use prime::execute::{
    ClientTable, Effects, State, apply_request, apply_update, finish_number, order_of,
    restore_tables, snapshot,
};
use prime::pre_order::Content;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use wire::auth::Context;
use wire::client::Outcome;
use wire::prime::PoRequest;
use wire::stub::Stub;
use wire::{
    Blob, ClientId, ClientSeq, Config, Digest, Effect, List, PoSeq, ReplicaId, Reply, Seq, Service,
    Signer, Update, codec,
};

/// Remembers what it was asked to do and answers with how much that was.
#[derive(Clone, Default)]
struct Journal(Vec<(u32, Vec<u8>)>);

impl Service for Journal {
    fn execute(&mut self, client: ClientId, payload: &[u8]) -> Vec<u8> {
        self.0.push((client.0, payload.to_vec()));
        vec![u8::try_from(self.0.len() % 256).unwrap()]
    }

    fn query(&self, _payload: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    fn snapshot(&self) -> Vec<u8> {
        codec::encode(&self.0)
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.0 = codec::decode(snapshot).map_err(|error| error.to_string())?;
        Ok(())
    }

    fn fork(&self) -> Box<dyn Service> {
        Box::new(self.clone())
    }
}

struct Server {
    config: Config,
    state: State,
    journal: Journal,
    effects: Effects,
}

impl Server {
    fn new(window: u64) -> Self {
        let mut config = Config::new(Digest::default(), 4, 1, 0);
        config.windows.client = window;
        let state = State::new(&config);
        Self { config, state, journal: Journal::default(), effects: Effects::default() }
    }

    /// Client 1 asks for `seq`; what came of it, in short.
    fn ask(&mut self, seq: u64) -> Vec<String> {
        self.apply(1, &update(seq, seq.to_le_bytes().to_vec()))
    }

    fn apply(&mut self, client: u32, update: &Update) -> Vec<String> {
        let Self { config, state, journal, effects } = self;
        apply_update(state, config, journal, ClientId(client), update, effects);
        effects.drain().iter().map(short).collect()
    }

    fn table(&self, client: u32) -> &ClientTable {
        &self.state.clients[&ClientId(client)]
    }
}

fn update(seq: u64, payload: Vec<u8>) -> Update {
    Update { seq: ClientSeq(seq), payload: Blob::new(payload).unwrap() }
}

fn short<P: wire::Protocol>(effect: &Effect<P>) -> String {
    match effect {
        Effect::Executed { index, client, .. } => format!("executed {index} {client}"),
        Effect::Reply(Reply { client, seq, result }) => match result {
            Outcome::Done(answer) => format!("{client} {seq} = {:?}", &answer[..]),
            other => format!("{client} {seq} {other:?}"),
        },
        other => format!("{other:?}"),
    }
}

#[test]
fn identifiers_come_by_originator_then_number() {
    let vector = |entries: &[u64]| entries.iter().map(|&entry| PoSeq(entry)).collect::<Vec<_>>();
    let pairs = |old: &[u64], new: &[u64]| -> Vec<(u16, u64)> {
        let order = order_of(&vector(old), &vector(new));
        order.into_iter().map(|(originator, seq)| (originator.0, seq.0)).collect()
    };
    assert_eq!(pairs(&[2, 0, 5], &[4, 1, 5]), vec![(1, 3), (1, 4), (2, 1)]);
    assert_eq!(pairs(&[3, 3], &[3, 1]), vec![]);
    assert_eq!(pairs(&[u64::MAX], &[u64::MAX]), vec![]);
    assert_eq!(pairs(&[u64::MAX - 1], &[u64::MAX]), vec![(1, u64::MAX)]);
    assert_eq!(pairs(&[], &[]), vec![]);
}

#[test]
fn a_number_in_turn_is_executed_and_answered() {
    let mut server = Server::new(8);
    assert_eq!(server.ask(1), ["executed 1 1", "1 1 = [1]"]);
    assert_eq!(server.ask(2), ["executed 2 1", "1 2 = [2]"]);
    assert_eq!(server.apply(7, &update(1, vec![])), ["executed 3 7", "7 1 = [3]"]);
    assert_eq!(server.state.index, 3);
    assert_eq!(server.table(1).low, ClientSeq(2));
    assert_eq!(server.journal.0.len(), 3);
}

#[test]
fn the_effect_names_the_updates_leaf() {
    let mut server = Server::new(8);
    let update = update(1, vec![5]);
    let Server { config, state, journal, effects } = &mut server;
    apply_update(state, config, journal, ClientId(3), &update, effects);
    let leaf = Context::from(&*config).leaf(ClientId(3), &update);
    let executed = Effect::Executed { index: 1, client: ClientId(3), update: leaf };
    assert_eq!(effects.as_slice()[0], executed);
}

#[test]
fn a_number_executed_before_gets_its_answer_again() {
    let mut server = Server::new(8);
    server.ask(1);
    server.ask(2);
    let before = server.state.clone();
    assert_eq!(server.ask(1), ["1 1 = [1]"]);
    assert_eq!(server.apply(1, &update(2, b"something else".to_vec())), ["1 2 = [2]"]);
    assert_eq!(server.ask(0), ["1 0 Forgotten"]);
    assert_eq!(server.state, before);
    assert_eq!(server.journal.0.len(), 2);
}

#[test]
fn answers_are_kept_for_a_window_and_then_forgotten() {
    let mut server = Server::new(3);
    for seq in 1..=5 {
        server.ask(seq);
    }
    let kept: Vec<u64> = server.table(1).replies.keys().map(|seq| seq.0).collect();
    assert_eq!(kept, [3, 4, 5]);
    assert_eq!(server.ask(2), ["1 2 Forgotten"]);
    assert_eq!(server.ask(3), ["1 3 = [3]"]);
}

#[test]
fn a_number_out_of_turn_waits_for_the_gap_to_fill() {
    let mut server = Server::new(8);
    assert_eq!(server.ask(2), Vec::<String>::new());
    assert_eq!(server.ask(3), Vec::<String>::new());
    assert_eq!(server.ask(5), Vec::<String>::new());
    assert_eq!(server.journal.0.len(), 0);
    assert_eq!(
        server.ask(1),
        ["executed 1 1", "1 1 = [1]", "executed 2 1", "1 2 = [2]", "executed 3 1", "1 3 = [3]"]
    );
    assert_eq!(server.table(1).held.len(), 1);
    assert_eq!(server.ask(4), ["executed 4 1", "1 4 = [4]", "executed 5 1", "1 5 = [5]"]);
    assert!(server.table(1).held.is_empty());
}

#[test]
fn of_two_held_under_one_number_the_first_wins() {
    let mut server = Server::new(8);
    server.apply(1, &update(2, b"first".to_vec()));
    let before = server.state.clone();
    assert_eq!(server.apply(1, &update(2, b"second".to_vec())), Vec::<String>::new());
    assert_eq!(server.state, before);
    server.ask(1);
    assert_eq!(server.journal.0[1].1, b"first");
}

#[test]
fn a_number_beyond_the_window_is_refused_and_leaves_no_trace() {
    let mut server = Server::new(4);
    let nothing = server.state.clone();
    assert_eq!(server.ask(5), ["1 5 BeyondWindow"]);
    assert_eq!(server.ask(u64::MAX), [format!("1 {} BeyondWindow", u64::MAX)]);
    assert_eq!(server.ask(0), ["1 0 Forgotten"]);
    assert_eq!(server.state, nothing);
    assert_eq!(server.ask(4), Vec::<String>::new());
    server.ask(1);
    assert_eq!(server.ask(5), Vec::<String>::new());
    assert_eq!(server.ask(6), ["1 6 BeyondWindow"]);
    let mut narrow = Server::new(1);
    assert_eq!(narrow.ask(2), ["1 2 BeyondWindow"]);
    assert_eq!(narrow.ask(1), ["executed 1 1", "1 1 = [1]"]);
}

#[test]
fn the_updates_of_a_request_are_applied_in_its_order() {
    let mut server = Server::new(8);
    let context = Context::from(&server.config);
    let signed = |client: u32, seq: u64| {
        let client = ClientId(client);
        let signer = Signer::new(context.clone(), Arc::new(Stub(client.into())));
        signer.sign_all(client, vec![update(seq, vec![])]).remove(0).signed().clone()
    };
    let updates = vec![signed(2, 1), signed(1, 2), signed(1, 1), signed(2, 1)];
    let body = PoRequest { seq: PoSeq(1), updates: List::new(updates).unwrap() };
    let digest = context.leaf(ReplicaId(3), &body);
    let content = Content { digest, body: body.into() };
    let Server { config, state, journal, effects } = &mut server;
    apply_request(state, config, journal, &content, effects);
    let effects: Vec<String> = effects.drain().iter().map(short).collect();
    assert_eq!(
        effects,
        [
            "executed 1 2",
            "2 1 = [1]",
            "executed 2 1",
            "1 1 = [2]",
            "executed 3 1",
            "1 2 = [3]",
            "2 1 = [1]"
        ]
    );
}

#[test]
fn a_finished_number_moves_the_prefix() {
    let mut server = Server::new(8);
    let prefix = [3, 0, 1, 0].map(PoSeq);
    finish_number(&mut server.state, &server.config, Seq(1), &prefix);
    finish_number(&mut server.state, &server.config, Seq(2), &prefix);
    assert_eq!(server.state.prefix, prefix);
    assert_eq!(server.state.executed, Seq(2));
}

fn busy() -> Server {
    let mut server = Server::new(3);
    for seq in [1, 2, 3, 4, 6, 7] {
        server.ask(seq);
    }
    server.apply(2, &update(3, b"held".to_vec()));
    server.apply(5, &update(1, b"".to_vec()));
    finish_number(&mut server.state, &server.config, Seq(1), &[9, 8, 7, 6].map(PoSeq));
    server
}

#[test]
fn a_snapshot_gives_the_state_back() {
    let Server { config, state, .. } = busy();
    assert_eq!(restore_tables(&config, &snapshot(&state)), Ok(state));
    let nothing = State::new(&config);
    assert_eq!(restore_tables(&config, &snapshot(&nothing)), Ok(nothing));
}

#[test]
fn bytes_that_are_no_reachable_state_are_refused() {
    let Server { config, state, .. } = busy();
    let refuse = |change: &dyn Fn(&mut State)| {
        let mut state = state.clone();
        change(&mut state);
        restore_tables(&config, &snapshot(&state)).unwrap_err();
    };
    fn table(state: &mut State, client: u32) -> &mut ClientTable {
        state.clients.entry(ClientId(client)).or_default()
    }
    refuse(&|state| state.prefix.push(PoSeq(1)));
    refuse(&|state| state.index += 1);
    refuse(&|state| drop(table(state, 1).replies.pop_first()));
    refuse(&|state| drop(table(state, 1).replies.insert(ClientSeq(1), Outcome::Forgotten)));
    refuse(&|state| drop(table(state, 1).held.insert(ClientSeq(5), update(5, vec![]))));
    refuse(&|state| drop(table(state, 1).held.insert(ClientSeq(8), update(8, vec![]))));
    refuse(&|state| drop(table(state, 1).held.insert(ClientSeq(6), update(7, vec![]))));
    refuse(&|state| table(state, 8).held.clear());
    refuse(&|state| table(state, 9).low = ClientSeq(u64::MAX));

    let bytes = snapshot(&state);
    for length in 0..bytes.len() {
        restore_tables(&config, &bytes[..length]).unwrap_err();
    }
    restore_tables(&config, &[bytes, vec![0]].concat()).unwrap_err();
    // Two clients in the wrong order encode the same map, but not canonically.
    let clients: Vec<(ClientId, ClientTable)> = state.clients.clone().into_iter().rev().collect();
    let swapped = codec::encode(&(&state.prefix, state.executed, state.index, &clients));
    restore_tables(&config, &swapped).unwrap_err();
}

#[test]
#[should_panic(expected = "MAX_PAYLOAD")]
fn a_service_that_answers_at_too_great_length_stops_the_server() {
    #[derive(Clone)]
    struct Verbose;
    impl Service for Verbose {
        fn execute(&mut self, _client: ClientId, _payload: &[u8]) -> Vec<u8> {
            vec![0; wire::client::MAX_PAYLOAD + 1]
        }
        fn query(&self, _payload: &[u8]) -> Vec<u8> {
            Vec::new()
        }
        fn snapshot(&self) -> Vec<u8> {
            Vec::new()
        }
        fn restore(&mut self, _snapshot: &[u8]) -> Result<(), String> {
            Ok(())
        }
        fn fork(&self) -> Box<dyn Service> {
            Box::new(Self)
        }
    }
    let Server { config, mut state, mut effects, .. } = Server::new(8);
    let first = update(1, vec![]);
    apply_update(&mut state, &config, &mut Verbose, ClientId(1), &first, &mut effects);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn each_number_is_executed_at_most_once_and_in_turn(
        asks in proptest::collection::vec((1u32..4, 0u64..14), 0..80),
        window in 1u64..6,
    ) {
        let mut server = Server::new(window);
        for (client, seq) in &asks {
            server.apply(*client, &update(*seq, seq.to_le_bytes().to_vec()));
            let restored = restore_tables(&server.config, &snapshot(&server.state));
            prop_assert_eq!(restored.as_ref(), Ok(&server.state));
        }
        for client in 1..4 {
            let done = server.journal.0.iter().filter(|(who, _)| *who == client);
            let numbers: Vec<Vec<u8>> = done.map(|(_, payload)| payload.clone()).collect();
            let turn: Vec<Vec<u8>> =
                (1u64..).take(numbers.len()).map(|seq| seq.to_le_bytes().to_vec()).collect();
            prop_assert_eq!(&numbers, &turn);
            let asked: BTreeSet<u64> =
                asks.iter().filter(|(who, _)| *who == client).map(|(_, seq)| *seq).collect();
            prop_assert!((1..=numbers.len() as u64).all(|seq| asked.contains(&seq)));
        }
    }
}
