//! Bytes that mean nothing, on every port.

use crate::harness::{Four, put, until};
use crate::raw::{answers, introduced, signer};
use layout::Cluster;
use layout::port::{self, Answer, Refusal, Request};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

fn ports(four: &Four) -> [SocketAddr; 3] {
    let host = &Cluster::read(&four.dir()).unwrap().replicas[&wire::ReplicaId(1)];
    [host.peer, host.client, host.status]
}

/// Sends `bytes` and waits until the other side closes.
fn is_closed_after(address: SocketAddr, bytes: &[u8]) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // The other side may close, or reset, before all is written.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}"),
    }
}

/// A reproducible sequence of bytes.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let next = |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    std::iter::successors(Some(seed), next)
        .skip(8)
        .map(|s| s.to_be_bytes()[0])
        .take(length)
        .collect()
}

#[test]
fn garbage_on_every_port_is_dropped_and_the_replica_goes_on() {
    let four = Four::started(|_| {});
    for port in ports(&four) {
        for (seed, length) in (1..).zip([0, 1, 2, 3, 50, 98, 5_000, 200_000]) {
            is_closed_after(port, &noise(seed, length));
        }
        is_closed_after(port, &[0; 1000]);
        is_closed_after(port, &[0xff; 1000]);
    }
    four.kv().run(&put("a", "1")).unwrap();
    four.agree(&[1, 2, 3, 4]);
    assert!(!four.log(1).contains("panic"), "{}", four.log(1));
}

#[test]
fn an_oversized_packet_is_refused_at_its_length() {
    let four = Four::started(|_| {});
    let [peer, client, _] = ports(&four);
    let length = u32::try_from(port::MAX_PACKET + 1).unwrap();
    is_closed_after(client, &length.to_le_bytes());
    is_closed_after(client, &u32::MAX.to_le_bytes());
    is_closed_after(peer, &u16::MAX.to_le_bytes());
    until("the refusals are told", || {
        let log = four.log(1);
        log.contains("no handshake message is that long")
    });
    four.kv().run(&put("a", "1")).unwrap();
}

/// Updates as client `kv` of `keys`' cluster signs them.
fn updates(keys: &Four, count: u64) -> Vec<u8> {
    let (id, signer) = signer(keys);
    let update = |seq| wire::Update { seq: wire::ClientSeq(seq), payload: wire::Blob::default() };
    let signed = signer.sign_all(id, (1..=count).map(update).collect());
    let mut bytes = Vec::new();
    port::pack(signed.iter().map(|u| Request::Update(u.signed().clone())), &mut bytes);
    bytes
}

fn refused(four: &Four) -> u64 {
    four.status()[0].details["counters"]["client_refused"].as_u64().unwrap()
}

#[test]
fn updates_that_nobody_signed_are_refused_one_by_one_and_end_the_connection() {
    let four = Four::started(|_| {});
    let other = Four::created(|_| {});
    let mut stream = introduced(&four);
    stream.write_all(&updates(&other, 50)).unwrap();
    let mut told = Vec::new();
    while told.len() < 50 {
        told.extend(answers(&mut stream));
    }
    let is_refusal =
        |answer: &Answer| matches!(answer, Answer::Refused { why: Refusal::Unauthentic, .. });
    assert!(told.iter().all(is_refusal), "{told:?}");
    assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0, "it is closed");
    assert_eq!((refused(&four), four.status()[0].updates), (50, Some(0)));
    four.kv().run(&put("a", "1")).unwrap();
}

#[test]
fn one_who_has_not_introduced_himself_is_told_so_and_costs_no_signature() {
    let four = Four::started(|_| {});
    let mut stream = TcpStream::connect(ports(&four)[1]).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    assert!(matches!(answers(&mut stream)[..], [Answer::Challenge { .. }]));
    stream.write_all(&updates(&four, 1)).unwrap();
    let told = answers(&mut stream);
    assert!(matches!(told[..], [Answer::Refused { why: Refusal::OutOfPlace, .. }]), "{told:?}");
    assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0, "it is closed");
    assert_eq!(four.status()[0].details["counters"]["client_updates"], 0);
    assert_eq!((refused(&four), four.status()[0].updates), (1, Some(0)));
}

#[test]
fn a_stranger_that_sends_a_byte_now_and_then_is_closed_all_the_same() {
    let four = Four::started(|_| {});
    let mut stream = TcpStream::connect(ports(&four)[1]).unwrap();
    assert!(matches!(answers(&mut stream)[..], [Answer::Challenge { .. }]));
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    // The length of a packet that never comes to its end.
    stream.write_all(&1000_u32.to_le_bytes()).unwrap();
    until("it is closed", || {
        let _ = stream.write_all(&[0]);
        match stream.read(&mut [0; 1]) {
            Ok(read) => read == 0,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    });
}

#[test]
fn a_client_s_ninth_connection_replaces_its_first() {
    let four = Four::started(|_| {});
    let mut first = introduced(&four);
    let rest: Vec<_> = (0..8).map(|_| introduced(&four)).collect();
    assert_eq!(first.read(&mut [0; 1]).unwrap(), 0, "it is closed");
    for mut stream in rest {
        stream.set_nonblocking(true).unwrap();
        let read = stream.read(&mut [0; 1]);
        assert!(read.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
    }
}

#[test]
fn connections_that_say_nothing_leave_room_for_others() {
    let four = Four::started(|_| {});
    let mut silent = Vec::new();
    for (port, count) in ports(&four).into_iter().zip([300, 1200, 50]) {
        silent.extend((0..count).map(|_| TcpStream::connect(port).unwrap()));
    }
    // All replicas are needed for agreement in the end, the one with the silent ones too.
    let kv = four.kv();
    for key in ["a", "b", "c", "d"] {
        kv.run(&put(key, "1")).unwrap();
    }
    until("the real client is connected to replica 1", || {
        four.status()[0].details["counters"]["client_updates"].as_u64() > Some(0)
    });
    four.agree(&[1, 2, 3, 4]);
    drop(silent);
}
