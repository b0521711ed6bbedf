//! The client port: updates in, replies out.
//!
//! See [`layout::port`] for what is said. Connections are capped, those of strangers apart from those
//! of clients that have introduced themselves ([`Places`]), each connection's updates and replies are
//! capped, and a client that does not read its replies loses the oldest: it asks again and gets the
//! cached answer.

use crate::counters::Counters;
use crate::mailbox::{Event, Mailbox, Parcel};
use crate::pipe::{Pipe, Plain};
use crate::places::{Place, Places};
use crate::say::{is_worth_saying, say};
use crate::verify::Verifier;
use layout::port::{self, Answer, Hello, MAX_HELLO, Packets, Refusal, Request};
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use wire::machine::Protocol;
use wire::{ClientId, ClientSeq, ReplicaId, Reply, Signed, Update, Verified, codec};

/// Most connections of clients at once.
const CONNECTIONS: usize = 1024;

/// Most connections of one client; a newer one replaces the oldest.
const CONNECTIONS_OF_ONE: usize = 8;

/// Most connections that have not introduced themselves.
const STRANGERS: usize = 256;

/// Most of them from one address.
const STRANGERS_OF_ONE: usize = 64;

/// Most bytes of one connection that wait for the core.
const SHARE: usize = 2 * port::MAX_PACKET;

/// Most bytes of replies that wait for one connection.
const REPLIES: usize = 8 << 20;

/// How long a connection may take, whatever it sends, to say whose it is.
const INTRODUCTION: Duration = Duration::from_secs(5);

/// How long a connection that was refused may take to read that and close.
const LINGER: Duration = Duration::from_secs(1);

/// Updates that are verified before others get their turn, and at most after one was forged.
const CHUNK: usize = 64;

/// Connections of one client, by number. About [`CONNECTIONS_OF_ONE`]: those that were replaced end soon.
type Pipes = Vec<(u64, Arc<Pipe>)>;

/// Who is to get whose replies.
#[derive(Default)]
pub(crate) struct Subscriptions {
    by_client: Mutex<BTreeMap<ClientId, Pipes>>,
    connections: AtomicU64,
}

/// A connection's wish for its client's replies, until it is dropped.
struct Subscription<'a> {
    all: &'a Subscriptions,
    client: ClientId,
    connection: u64,
}

impl Subscriptions {
    /// Sends replies to all connections of their clients.
    pub(crate) fn deliver(&self, replies: Vec<Verified<Reply>>) {
        let mut by_client: BTreeMap<ClientId, Vec<Answer>> = BTreeMap::new();
        for reply in replies {
            let answers = by_client.entry(reply.body().client).or_default();
            answers.push(Answer::Reply(reply.signed().clone()));
        }
        let connections = self.by_client.lock().unwrap_or_else(PoisonError::into_inner);
        for (client, answers) in by_client {
            let Some(pipes) = connections.get(&client) else { continue };
            let packet = packet(answers);
            pipes.iter().for_each(|(_, pipe)| pipe.send(Arc::clone(&packet)));
        }
    }

    fn add(&self, client: ClientId, pipe: &Arc<Pipe>) -> Subscription<'_> {
        let connection = self.connections.fetch_add(1, Ordering::Relaxed);
        let mut by_client = self.by_client.lock().unwrap_or_else(PoisonError::into_inner);
        by_client.entry(client).or_default().push((connection, Arc::clone(pipe)));
        Subscription { all: self, client, connection }
    }
}

impl Drop for Subscription<'_> {
    fn drop(&mut self) {
        let mut by_client = self.all.by_client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pipes) = by_client.get_mut(&self.client) {
            pipes.retain(|(held, _)| *held != self.connection);
            if pipes.is_empty() {
                by_client.remove(&self.client);
            }
        }
    }
}

fn packet(answers: impl IntoIterator<Item = Answer>) -> Arc<[u8]> {
    let mut bytes = Vec::new();
    port::pack(answers, &mut bytes);
    bytes.into()
}

/// The client port of one replica.
pub(crate) struct Clients<P: Protocol> {
    pub(crate) me: ReplicaId,
    pub(crate) verifier: Arc<Verifier<P>>,
    pub(crate) mailbox: Arc<Mailbox<P>>,
    pub(crate) subscriptions: Arc<Subscriptions>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) places: ClientPlaces,
}

/// Places for all connections of the port.
pub(crate) struct ClientPlaces {
    strangers: Arc<Places<IpAddr>>,
    clients: Arc<Places<ClientId>>,
}

impl ClientPlaces {
    pub(crate) fn new() -> Self {
        Self {
            strangers: Places::new(STRANGERS, STRANGERS_OF_ONE),
            clients: Places::new(CONNECTIONS, CONNECTIONS_OF_ONE),
        }
    }
}

/// A connection's place: one of the two at any time.
enum Seat {
    Stranger(Place<IpAddr>),
    Client(Place<ClientId>),
}

impl Seat {
    async fn is_lost(&mut self) {
        match self {
            Self::Stranger(place) => place.is_lost().await,
            Self::Client(place) => place.is_lost().await,
        }
    }
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The other side closed it, it failed, or it gave up its place.
    Gone,
    /// It was told that something on it is refused.
    Refused,
}

impl<P: Protocol> Clients<P> {
    /// Accepts clients, for ever.
    pub(crate) async fn accept(self: Arc<Self>, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, from)) => {
                    let seat = Seat::Stranger(self.places.strangers.take(from.ip()));
                    let this = Arc::clone(&self);
                    tokio::spawn(async move { this.serve(stream, seat).await });
                }
                Err(error) => {
                    say!("no client can be accepted for now: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    /// Whatever fails, it is the connection's end and nobody's business.
    async fn serve(&self, stream: TcpStream, mut seat: Seat) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut nonce = [0; 32];
        getrandom::fill(&mut nonce).map_err(io::Error::other)?;
        let (back, out) = stream.into_split();
        let pipe = Arc::new(Pipe::new(REPLIES));
        let mut packets = Packets::new(back);
        pipe.send(packet([Answer::Challenge { replica: self.me, nonce }]));
        let end = tokio::select! {
            // First, so that whatever is said has a connection to go to.
            biased;
            _ = pipe.drive(out, Box::new(Plain)) => End::Gone,
            end = self.talk(&pipe, &mut packets, nonce, &mut seat) => end?,
        };
        if end == End::Refused {
            // Our side is closed by now. Closing the other with bytes unread would throw away what
            // the client was told.
            tokio::select! {
                _ = timeout(LINGER, packets.drain()) => {}
                () = seat.is_lost() => {}
            }
        }
        Ok(())
    }

    async fn talk(
        &self,
        pipe: &Arc<Pipe>,
        packets: &mut Packets<OwnedReadHalf>,
        nonce: [u8; 32],
        seat: &mut Seat,
    ) -> io::Result<End> {
        let introduced = tokio::select! {
            introduced = timeout(INTRODUCTION, self.introduce(packets, nonce)) => introduced??,
            () = seat.is_lost() => return Ok(End::Gone),
        };
        let client = match introduced {
            Some(Ok(client)) => client,
            Some(Err(refusal)) => {
                self.refuse(pipe, ClientSeq(0), refusal);
                return Ok(End::Refused);
            }
            None => return Ok(End::Gone),
        };
        *seat = Seat::Client(self.places.clients.take(client));
        let _subscription = self.subscriptions.add(client, pipe);
        tokio::select! {
            end = self.read(pipe, packets) => end,
            () = seat.is_lost() => Ok(End::Gone),
        }
    }

    /// Reads who it is; `None` if the other side closes.
    async fn introduce(
        &self,
        packets: &mut Packets<OwnedReadHalf>,
        nonce: [u8; 32],
    ) -> io::Result<Option<Result<ClientId, Refusal>>> {
        let Some(messages) = packets.one(MAX_HELLO).await? else { return Ok(None) };
        let [message] = &messages[..] else { return Ok(Some(Err(Refusal::OutOfPlace))) };
        let Ok(Request::Hello(hello)) = codec::decode(message) else {
            return Ok(Some(Err(Refusal::OutOfPlace)));
        };
        if hello.body != (Hello { replica: self.me, nonce }) {
            return Ok(Some(Err(Refusal::Unauthentic)));
        }
        let hello = self.verifier.gate.verify(hello);
        Ok(Some(hello.map(|hello| hello.signer()).map_err(|_| Refusal::Unauthentic)))
    }

    async fn read(&self, pipe: &Pipe, packets: &mut Packets<OwnedReadHalf>) -> io::Result<End> {
        let shares = Arc::new(Semaphore::new(SHARE));
        while let Some(messages) = packets.next().await? {
            let size = messages.iter().map(Vec::len).sum::<usize>().min(SHARE);
            let size = u32::try_from(size).expect("a share is small");
            let share = Arc::clone(&shares).acquire_many_owned(size).await.ok();
            let mut events = Vec::new();
            let end = self.admit_all(pipe, &messages, &mut events).await;
            if !events.is_empty() {
                self.mailbox.put(Parcel { events, share });
            }
            if let Some(end) = end {
                return Ok(end);
            }
        }
        Ok(End::Gone)
    }

    /// Verifies a few updates at a time, until some do not hold: that is the connection's end.
    async fn admit_all(
        &self,
        pipe: &Pipe,
        messages: &[Vec<u8>],
        events: &mut Vec<Event<P>>,
    ) -> Option<End> {
        for chunk in messages.chunks(CHUNK) {
            let updates: Result<Vec<_>, _> = chunk.iter().map(|bytes| update(bytes)).collect();
            let Ok(updates) = updates else {
                self.refuse(pipe, ClientSeq(0), Refusal::OutOfPlace);
                return Some(End::Refused);
            };
            let held = events.len() + updates.len();
            self.admit(pipe, updates, events);
            if events.len() < held {
                return Some(End::Refused);
            }
            tokio::task::yield_now().await;
        }
        None
    }

    /// Adds those updates that hold, and refuses the others.
    fn admit(&self, pipe: &Pipe, updates: Vec<Signed<Update>>, events: &mut Vec<Event<P>>) {
        self.counters.client_updates.add(updates.len());
        let seqs: Vec<_> = updates.iter().map(|update| update.body.seq).collect();
        let verified = self.verifier.gate.verify_each(updates);
        for (seq, verified) in seqs.into_iter().zip(verified) {
            match verified {
                Ok(update) => events.push(self.verifier.update(update)),
                Err(_) => self.refuse(pipe, seq, Refusal::Unauthentic),
            }
        }
    }

    fn refuse(&self, pipe: &Pipe, seq: ClientSeq, why: Refusal) {
        let count = self.counters.client_refused.add(1);
        if is_worth_saying(count) {
            say!("a client was refused: {why} ({count} so far)");
        }
        pipe.send(packet([Answer::Refused { seq, why }]));
    }
}

fn update(bytes: &[u8]) -> Result<Signed<Update>, codec::Malformed> {
    match codec::decode(bytes)? {
        Request::Update(update) => Ok(update),
        Request::Hello(_) => Err(codec::Malformed::Encoding("a second introduction".to_string())),
    }
}
