//! Peers and strangers that do not play by the rules, over real sockets.

use super::incoming::{Incoming, Peer};
use super::noise;
use crate::counters::Counters;
use crate::mailbox::{Event, Mailbox, Parcel};
use crate::pipe::Seal;
use crate::verify::Verifier;
use layout::{Cluster, Host, LinkSecret};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wire::auth::{Claim, Context};
use wire::ed25519::SecretKey;
use wire::machine::{Input, Protocol};
use wire::prime::{Body, Prime, RttPing};
use wire::{
    Config, Digest, Gate, Principal, Reject, ReplicaId, Scheme, Signature, Signer, View, codec,
};

const ME: ReplicaId = ReplicaId(1);
const TWO: ReplicaId = ReplicaId(2);
const THREE: ReplicaId = ReplicaId(3);

/// Longest that anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Signs by a byte, and takes its time to look at it.
struct Slow {
    takes: Duration,
    /// Roots that were looked at, by signer.
    seen: [AtomicUsize; 4],
}

impl Scheme for Slow {
    fn sign(&self, _: &Digest) -> Signature {
        Signature([7; 64])
    }

    fn verify(&self, claim: &Claim) -> bool {
        if let Principal::Replica(id) = claim.signer {
            self.seen[usize::from(id.0 - 1)].fetch_add(1, Ordering::Relaxed);
        }
        std::thread::sleep(self.takes);
        claim.signature == Signature([7; 64])
    }
}

/// Replica 1's receiving end, and what the others need to dial it.
struct Port {
    config: Config,
    scheme: Arc<Slow>,
    secrets: BTreeMap<ReplicaId, LinkSecret>,
    incoming: Arc<Incoming<Prime>>,
    address: SocketAddr,
}

impl Port {
    /// Listens; every signature takes `takes` to verify.
    async fn open(takes: Duration) -> Self {
        let config = Config::new(Digest([7; 32]), 4, 1, 0);
        let secret =
            |id: ReplicaId| (id, LinkSecret::from_bytes([u8::try_from(id.0).unwrap(); 32]));
        let secrets: BTreeMap<_, _> = config.replicas().map(secret).collect();
        let nowhere: SocketAddr = "127.0.0.1:1".parse().unwrap();
        let key = SecretKey::from_seed(&[1; 32]).public();
        let host = |(id, secret): (&ReplicaId, &LinkSecret)| {
            let link = secret.public();
            (*id, Host { key, link, peer: nowhere, client: nowhere, status: nowhere })
        };
        let replicas = secrets.iter().map(host).collect();
        let (clients, threshold) = (BTreeMap::new(), None);
        let cluster = Cluster { config: config.clone(), replicas, clients, threshold };
        let scheme = Arc::new(Slow { takes, seen: Default::default() });
        let gate = Gate::new(Context::from(&config), scheme.clone());
        let counters = Arc::new(Counters::new(Arc::new(wire::verifier::Zebra)));
        let verifier = Verifier {
            decoder: Arc::new(|bytes| codec::decode(bytes).map_err(|_| Reject::Malformed)),
            gate: Arc::new(gate),
            counters: Arc::clone(&counters),
            keeps_bytes: false,
        };
        let incoming = Arc::new(Incoming {
            secret: secrets[&ME].clone(),
            prologue: noise::prologue(&config),
            verifier: Arc::new(verifier),
            mailbox: Arc::new(Mailbox::new()),
            counters,
            peers: Peer::all(&cluster, ME),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(Arc::clone(&incoming).accept(listener));
        Self { config, scheme, secrets, incoming, address }
    }

    /// Dials as replica `from`.
    async fn dial(&self, from: ReplicaId, address: SocketAddr) -> std::io::Result<Link> {
        let mut stream = TcpStream::connect(address).await?;
        let (secret, key) = (&self.secrets[&from], self.secrets[&ME].public());
        let prologue = noise::prologue(&self.config);
        let sealer = noise::dial(&mut stream, secret, &key, &prologue).await?;
        Ok(Link { stream, sealer })
    }

    /// Pings of replica `from`, each signed for itself.
    fn pings(&self, from: ReplicaId, seqs: std::ops::Range<u64>) -> Vec<Vec<u8>> {
        let signer = Signer::new(Context::from(&self.config), self.scheme.clone());
        let seal = |seq| {
            let ping = Body::from(RttPing { view: View(0), seq });
            let (messages, _) = signer.seal::<Prime>(from, vec![ping], Vec::new());
            codec::encode(&Prime::message(&messages[0]))
        };
        seqs.map(seal).collect()
    }

    /// Waits for the next message that reaches the core; its sender.
    async fn heard(&self) -> ReplicaId {
        let mailbox = Arc::clone(&self.incoming.mailbox);
        let take = move || {
            let mut parcels: VecDeque<Parcel<Prime>> = VecDeque::new();
            mailbox.take(&mut parcels, Some(Instant::now() + PATIENCE));
            let first = parcels.pop_front().expect("a message in time").events.swap_remove(0);
            parcels.into_iter().for_each(|parcel| mailbox.put(parcel));
            match first {
                Event::Input(arrived) => match arrived.input {
                    Input::Message(message) => Prime::sender(&message),
                    other => panic!("{other:?}"),
                },
                Event::Status(_) | Event::Stop => panic!("no message"),
            }
        };
        tokio::task::spawn_blocking(take).await.unwrap()
    }
}

struct Link {
    stream: TcpStream,
    sealer: noise::Sealer,
}

impl Link {
    async fn send(&mut self, messages: Vec<Vec<u8>>) -> std::io::Result<()> {
        let mut sealed = Vec::new();
        for frame in codec::frames(messages) {
            self.sealer.seal(&frame, &mut sealed)?;
        }
        self.stream.write_all(&sealed).await
    }

    /// Waits until the other side closes.
    async fn is_closed(&mut self) {
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut [0; 1])).await;
        assert!(matches!(read, Ok(Ok(0) | Err(_))), "{read:?}");
    }
}

/// Lets one connection through to `target`, and gives the first `count` bytes that the dialling
/// side sent.
async fn tap(target: SocketAddr, count: usize) -> (SocketAddr, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let recorded = tokio::spawn(async move {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut far = TcpStream::connect(target).await.unwrap();
        let mut first = vec![0; count];
        near.read_exact(&mut first).await.unwrap();
        far.write_all(&first).await.unwrap();
        tokio::spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await });
        first
    });
    (address, recorded)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_handshake_s_first_message_sent_again_leaves_the_link_alone() {
    let port = Port::open(Duration::ZERO).await;
    // Length and 96 bytes.
    let (address, recorded) = tap(port.address, 98).await;
    let mut link = port.dial(TWO, address).await.unwrap();
    link.send(port.pings(TWO, 0..1)).await.unwrap();
    assert_eq!(port.heard().await, TWO);
    let first = recorded.await.unwrap();
    let mut replays = Vec::new();
    for seq in 1..6 {
        let mut replay = TcpStream::connect(port.address).await.unwrap();
        replay.write_all(&first).await.unwrap();
        // The answer: it was taken for a dial of replica 2.
        replay.read_exact(&mut [0; 50]).await.unwrap();
        replays.push(replay);
        link.send(port.pings(TWO, seq..seq + 1)).await.unwrap();
        assert_eq!(port.heard().await, TWO);
    }
    // One that goes on with what is no confirmation is refused, and again nothing happens.
    for mut replay in replays {
        replay.write_all(&[&[16, 0][..], &[9; 16]].concat()).await.unwrap();
        let closed = tokio::time::timeout(PATIENCE, replay.read(&mut [0; 1])).await;
        assert!(matches!(closed, Ok(Ok(0) | Err(_))), "{closed:?}");
    }
    link.send(port.pings(TWO, 6..7)).await.unwrap();
    assert_eq!(port.heard().await, TWO);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_peer_that_dials_again_replaces_its_link() {
    let port = Port::open(Duration::ZERO).await;
    let mut older = port.dial(TWO, port.address).await.unwrap();
    let mut newer = port.dial(TWO, port.address).await.unwrap();
    older.is_closed().await;
    newer.send(port.pings(TWO, 0..1)).await.unwrap();
    assert_eq!(port.heard().await, TWO);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_peer_that_sends_forged_signatures_is_cut_off_and_refused() {
    let port = Port::open(Duration::ZERO).await;
    let mut link = port.dial(TWO, port.address).await.unwrap();
    let mut forged = port.pings(TWO, 0..500);
    // The signature's bytes are the same everywhere; the last byte that is one of them.
    for message in &mut forged {
        let at = message.iter().rposition(|byte| *byte == 7).unwrap();
        message[at] = 8;
    }
    link.send(forged).await.unwrap();
    link.is_closed().await;
    assert_eq!(port.scheme.seen[1].load(Ordering::Relaxed), 4, "of 500");
    let standing = &port.incoming.standings()[&TWO];
    assert_eq!((standing.forged(), standing.is_refused(Instant::now())), (4, true));
    assert!(port.dial(TWO, port.address).await.is_err());
    // That is no harm to others.
    let mut link = port.dial(THREE, port.address).await.unwrap();
    link.send(port.pings(THREE, 0..1)).await.unwrap();
    assert_eq!(port.heard().await, THREE);
    assert!(!port.incoming.standings()[&THREE].is_refused(Instant::now()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn one_peer_s_many_signatures_do_not_keep_the_others_waiting() {
    const MANY: u64 = 1000;
    let port = Port::open(Duration::from_millis(2)).await;
    let mut busy = port.dial(TWO, port.address).await.unwrap();
    let mut other = port.dial(THREE, port.address).await.unwrap();
    busy.send(port.pings(TWO, 0..MANY)).await.unwrap();
    // It is at work on one frame of a thousand.
    while port.scheme.seen[1].load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    other.send(port.pings(THREE, 0..1)).await.unwrap();
    assert_eq!(port.heard().await, THREE);
    let done = port.scheme.seen[1].load(Ordering::Relaxed);
    assert!(done < 200, "{done} of {MANY} came first");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn strangers_that_say_nothing_keep_no_peer_out() {
    let port = Port::open(Duration::ZERO).await;
    let mut idle = Vec::new();
    for _ in 0..600 {
        idle.push(TcpStream::connect(port.address).await.unwrap());
    }
    let mut link = port.dial(TWO, port.address).await.unwrap();
    link.send(port.pings(TWO, 0..1)).await.unwrap();
    assert_eq!(port.heard().await, TWO);
    drop(idle);
}
