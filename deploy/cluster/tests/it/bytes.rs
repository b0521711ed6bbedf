//! Bytes that mean nothing, on every port.

use crate::harness::{Four, put, until};
use layout::Cluster;
use layout::port::{self, Request};
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

#[test]
fn updates_that_nobody_signed_are_refused_one_by_one() {
    let four = Four::started(|_| {});
    let other = Four::created(|_| {});
    let client = ports(&four)[1];
    let folder = other.dir().join("clients/kv");
    let secrets = layout::Secrets::read(&folder.join("secret.key")).unwrap();
    let stranger = Cluster::read(&other.dir()).unwrap();
    let scheme = wire::ed25519::Ed25519::new(secrets.signing, stranger.roster());
    let context = wire::auth::Context::from(&stranger.config);
    let signer = wire::Signer::new(context, std::sync::Arc::new(scheme));
    let update = |seq| wire::Update { seq: wire::ClientSeq(seq), payload: wire::Blob::default() };
    let signed = signer.sign_all(wire::ClientId(1), (1..=50).map(update).collect());
    let mut bytes = Vec::new();
    port::pack(signed.iter().map(|u| Request::Update(u.signed().clone())), &mut bytes);
    is_closed_after(client, &bytes);
    let refused = || four.status()[0].details["counters"]["client_refused"].as_u64().unwrap();
    until("all are refused", || refused() >= 50);
    assert_eq!(four.status()[0].updates, Some(0));
    four.kv().run(&put("a", "1")).unwrap();
}

#[test]
fn connections_that_say_nothing_leave_room_for_others() {
    let four = Four::started(|_| {});
    let [peer, client, status] = ports(&four);
    let silent: Vec<_> = [peer, client, status]
        .iter()
        .flat_map(|port| (0..50).map(move |_| TcpStream::connect(port).unwrap()))
        .collect();
    four.kv().run(&put("a", "1")).unwrap();
    four.agree(&[1, 2, 3, 4]);
    drop(silent);
}
