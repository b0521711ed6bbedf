//! What a checkpoint of a large state costs, step by step.
//!
//! ```sh
//! cargo run --release -p prime --example checkpoint_cost -- 100000
//! ```

#![expect(clippy::print_stdout, reason = "it is for people")]
#![expect(clippy::disallowed_types, reason = "it measures time")]

use prime::checkpoint::{self, Contents};
use prime::execute;
use std::time::Instant;
use wire::client::Outcome;
use wire::{Blob, ClientId, ClientSeq, Config, Digest, Seq, Service, codec};

/// Clients, each with a full window of cached replies.
const CLIENTS: u32 = 16;

fn timed<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = act();
    println!("{what:<44} {:>8.1} ms", start.elapsed().as_secs_f64() * 1000.0);
    result
}

fn main() {
    let keys = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(100_000u64);
    let config = Config::new(Digest::of("example", b""), 4, 1, 0);
    let mut store = kv::Store::new();
    for key in 0..keys {
        let key = Blob::new(format!("key-{key:012}").into_bytes()).expect("short");
        let value = Blob::new(vec![7; 100]).expect("short");
        store.execute(ClientId(1), &kv::Command::Put { key, value }.encode());
    }
    let mut tables = execute::State::new(&config);
    for client in 1..=CLIENTS {
        let table = tables.clients.entry(ClientId(client)).or_default();
        table.low = ClientSeq(config.windows.client);
        let answer = Outcome::Done(Blob::new(vec![1; 2]).expect("short"));
        let numbers = (1..=config.windows.client).map(ClientSeq);
        table.replies = numbers.map(|seq| (seq, answer.clone())).collect();
        tables.index += table.low.0;
    }
    tables.executed = Seq(config.windows.checkpoint);
    println!("{keys} keys of 16 and values of 100 bytes, {CLIENTS} clients");
    let service = timed("the service's snapshot", || store.snapshot());
    let tables = timed("the client tables' snapshot", || execute::snapshot(&tables));
    let contents = Contents {
        cluster: config.cluster,
        epoch: config.epoch,
        membership: (config.n, config.f, config.k),
        seq: Seq(config.windows.checkpoint),
        preceding: vec![None; config.size()],
        tables,
        service,
    };
    let bytes = timed("encoding", || codec::encode(&contents));
    println!("{:<44} {:>8} bytes", "the state", bytes.len());
    let (name, snapshot) = timed("cutting and hashing", || checkpoint::cut(contents.seq, bytes));
    println!("{:<44} {:>8}", "chunks", name.chunks());
    let opened = timed("decoding and checking, at a restart", || {
        checkpoint::open(&config, name.seq, &snapshot.bytes)
    });
    let (contents, _) = opened.expect("encoded above");
    timed("the service's restoring", || store.restore(&contents.service)).expect("its own");
}
