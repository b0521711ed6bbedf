//! The client port spoken by hand, for what the client library never does.

use crate::harness::Four;
use layout::Cluster;
use layout::port::{self, Answer, Hello, Request};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;
use wire::auth::Context;
use wire::{ClientId, ReplicaId, Signer};

/// Signs as client `kv` of `keys`' cluster.
pub(crate) fn signer(keys: &Four) -> (ClientId, Signer) {
    let folder = keys.dir().join("clients/kv");
    let secrets = layout::Secrets::read(&folder.join("secret.key")).unwrap();
    let cluster = Cluster::read(&keys.dir()).unwrap();
    let id = cluster.client_named("kv").unwrap();
    let scheme = wire::ed25519::Ed25519::new(secrets.signing, cluster.roster());
    (id, Signer::new(Context::from(&cluster.config), Arc::new(scheme)))
}

/// The next packet's answers.
pub(crate) fn answers(stream: &mut TcpStream) -> Vec<Answer> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut packet = vec![0; u32::from_le_bytes(length) as usize];
    stream.read_exact(&mut packet).unwrap();
    let messages = wire::codec::unframe(&packet).unwrap();
    messages.iter().map(|message| wire::codec::decode(message).unwrap()).collect()
}

/// A connection to replica 1 that was introduced as client `kv`.
pub(crate) fn introduced(four: &Four) -> TcpStream {
    let address = Cluster::read(&four.dir()).unwrap().replicas[&ReplicaId(1)].client;
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let [Answer::Challenge { replica, nonce }] = answers(&mut stream)[..] else { panic!() };
    let (id, signer) = signer(four);
    let hello = signer.sign_all(id, vec![Hello { replica, nonce }]);
    let mut bytes = Vec::new();
    port::pack(hello.iter().map(|hello| Request::Hello(hello.signed().clone())), &mut bytes);
    stream.write_all(&bytes).unwrap();
    stream
}
