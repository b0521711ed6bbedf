//! The store's behaviour through the two interfaces that others use: commands and payloads.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use kv::{Answer, Command, Key, MAX_KEY, MAX_SCAN, MAX_VALUE, Refusal, Store, Value};
use wire::client::MAX_PAYLOAD;
use wire::service::DIGEST_DOMAIN;
use wire::{ClientId, Digest, Service};

fn key(text: &str) -> Key {
    Key::new(text.into()).unwrap()
}

fn value(text: &str) -> Value {
    Value::new(text.into()).unwrap()
}

fn put(store: &mut Store, k: &str, v: &str) -> Answer {
    run(store, &Command::Put { key: key(k), value: value(v) })
}

fn run(store: &mut Store, command: &Command) -> Answer {
    Answer::decode(&store.execute(ClientId(1), &command.encode())).unwrap()
}

#[test]
fn what_is_put_is_got_until_it_is_deleted() {
    let mut store = Store::new();
    assert_eq!(run(&mut store, &Command::Get { key: key("a") }), Answer::Missing);
    assert_eq!(put(&mut store, "a", "1"), Answer::Stored { replaced: false });
    assert_eq!(put(&mut store, "a", "2"), Answer::Stored { replaced: true });
    assert_eq!(run(&mut store, &Command::Get { key: key("a") }), Answer::Found(value("2")));
    assert_eq!(run(&mut store, &Command::Delete { key: key("a") }), Answer::Deleted);
    assert_eq!(run(&mut store, &Command::Delete { key: key("a") }), Answer::Missing);
    assert!(store.is_empty());
}

#[test]
fn scan_gives_the_prefix_in_order_and_says_when_there_is_more() {
    let mut store = Store::new();
    for k in ["b2", "a", "b1", "b", "c", "b3"] {
        put(&mut store, k, k);
    }
    let keys = |answer: Answer| match answer {
        Answer::Entries { entries, more } => {
            let keys = entries.iter().map(|e| String::from_utf8(e.key.to_vec()).unwrap());
            (keys.collect::<Vec<_>>().join(" "), more)
        }
        other => panic!("{other:?}"),
    };
    let scan = |store: &mut Store, p: &str, limit| {
        keys(run(store, &Command::Scan { prefix: key(p), limit }))
    };
    assert_eq!(scan(&mut store, "b", 10), ("b b1 b2 b3".into(), false));
    assert_eq!(scan(&mut store, "b", 4), ("b b1 b2 b3".into(), false));
    assert_eq!(scan(&mut store, "b", 2), ("b b1".into(), true));
    assert_eq!(scan(&mut store, "", u32::MAX), ("a b b1 b2 b3 c".into(), false));
    assert_eq!(scan(&mut store, "x", 5), (String::new(), false));
}

#[test]
fn the_largest_answers_fit_a_result() {
    let mut store = Store::new();
    let big = Value::new(vec![7; MAX_VALUE]).unwrap();
    let long = Key::new(vec![b'k'; MAX_KEY]).unwrap();
    let command = Command::Put { key: long.clone(), value: big };
    assert!(command.encode().len() <= MAX_PAYLOAD);
    run(&mut store, &command);
    put(&mut store, "kk", "small");
    for command in [Command::Get { key: long }, Command::Scan { prefix: key(""), limit: u32::MAX }]
    {
        assert!(store.execute(ClientId(1), &command.encode()).len() <= MAX_PAYLOAD);
    }
    let mut many = Store::new();
    for i in 0..2 * MAX_SCAN {
        put(&mut many, &format!("{i:06}"), "0123456789");
    }
    let answer =
        many.execute(ClientId(1), &Command::Scan { prefix: key(""), limit: u32::MAX }.encode());
    assert!(answer.len() <= MAX_PAYLOAD);
    assert!(matches!(Answer::decode(&answer).unwrap(), Answer::Entries { more: true, .. }));
}

#[test]
fn nonsense_is_refused_and_changes_nothing() {
    let mut store = Store::new();
    put(&mut store, "a", "1");
    let before = store.snapshot();
    let mut long = Command::Get { key: key("a") }.encode();
    long.push(0);
    let cases: [&[u8]; 5] = [b"", b"\xff", b"\0\xff\xff\xff\xff", &long, &[9; 70_000]];
    for payload in cases {
        let answer = Answer::decode(&store.execute(ClientId(1), payload)).unwrap();
        assert_eq!(answer, Answer::Refused(Refusal::Malformed));
        assert_eq!(Answer::decode(&store.query(payload)).unwrap(), answer);
    }
    let put = Command::Put { key: key("b"), value: value("2") }.encode();
    assert_eq!(Answer::decode(&store.query(&put)).unwrap(), Answer::Refused(Refusal::ReadOnly));
    assert_eq!(store.snapshot(), before);
}

#[test]
fn a_full_store_refuses_and_still_replaces_and_deletes() {
    let mut store = Store::with_limit(2 * 66);
    put(&mut store, "a", "1");
    put(&mut store, "b", "2");
    assert_eq!(put(&mut store, "c", "3"), Answer::Refused(Refusal::Full));
    assert_eq!(put(&mut store, "a", "9"), Answer::Stored { replaced: true });
    assert_eq!(run(&mut store, &Command::Delete { key: key("b") }), Answer::Deleted);
    assert_eq!(put(&mut store, "c", "3"), Answer::Stored { replaced: false });
}

#[test]
fn snapshots_are_canonical_and_restore_to_the_same_state() {
    let (mut one, mut two) = (Store::new(), Store::new());
    put(&mut one, "a", "1");
    put(&mut one, "b", "2");
    put(&mut two, "b", "old");
    put(&mut two, "a", "1");
    put(&mut two, "b", "2");
    assert_eq!(one.snapshot(), two.snapshot());
    assert_eq!(one.digest(), two.digest());
    assert_eq!(one.digest(), Digest::of(DIGEST_DOMAIN, &one.snapshot()));
    let mut three = Store::new();
    three.restore(&one.snapshot()).unwrap();
    assert_eq!(three.digest(), one.digest());
    let fork = three.fork();
    put(&mut three, "c", "3");
    assert_eq!(fork.digest(), one.digest());
    assert_ne!(three.digest(), one.digest());
}

#[test]
fn what_is_no_snapshot_is_refused_and_changes_nothing() {
    let mut store = Store::new();
    put(&mut store, "a", "1");
    put(&mut store, "b", "2");
    let good = store.snapshot();
    let mut swapped = good.clone();
    swapped[14] = b'z';
    let mut other_format = good.clone();
    other_format[0] = 9;
    let longer = [&good[..], b"x"].concat();
    let huge_count = [&1u16.to_le_bytes()[..], &u64::MAX.to_le_bytes()].concat();
    for bad in [&good[..good.len() - 1], &swapped, &other_format, &longer, &huge_count, b""] {
        store.restore(bad).unwrap_err();
        assert_eq!(store.snapshot(), good);
    }
}
