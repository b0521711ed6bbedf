//! The client port: updates in, replies out.
//!
//! See [`layout::port`] for what is said. Connections are capped, each connection's updates and
//! replies are capped, and a client that does not read its replies loses the oldest: it asks
//! again and gets the cached answer.

use crate::counters::Counters;
use crate::mailbox::{Event, Mailbox, Parcel};
use crate::pipe::{Pipe, Plain};
use crate::say::{is_worth_saying, say};
use crate::verify::Verifier;
use layout::port::{self, Answer, Hello, Packets, Refusal, Request};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use wire::machine::Protocol;
use wire::{ClientId, ClientSeq, ReplicaId, Reply, Signed, Update, Verified, codec};

/// Most client connections at once.
const CONNECTIONS: usize = 1024;

/// Most connections of one client; a newer one replaces the oldest.
const CONNECTIONS_OF_ONE: usize = 8;

/// Most bytes of one connection that wait for the core.
const SHARE: usize = 2 * port::MAX_PACKET;

/// Most bytes of replies that wait for one connection.
const REPLIES: usize = 8 << 20;

/// How long a connection may stay silent about whose it is.
const INTRODUCTION: Duration = Duration::from_secs(10);

/// Connections of one client, oldest first, by number. At most [`CONNECTIONS_OF_ONE`].
type Pipes = VecDeque<(u64, Arc<Pipe>)>;

/// Who is to get whose replies.
#[derive(Default)]
pub(crate) struct Subscriptions {
    by_client: Mutex<BTreeMap<ClientId, Pipes>>,
    connections: AtomicU64,
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

    fn add(&self, client: ClientId, connection: u64, pipe: &Arc<Pipe>) {
        let mut by_client = self.by_client.lock().unwrap_or_else(PoisonError::into_inner);
        let pipes = by_client.entry(client).or_default();
        if pipes.iter().any(|(held, _)| *held == connection) {
            return;
        }
        pipes.push_back((connection, Arc::clone(pipe)));
        if pipes.len() > CONNECTIONS_OF_ONE {
            pipes.pop_front();
        }
    }

    fn remove(&self, client: ClientId, connection: u64) {
        let mut by_client = self.by_client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pipes) = by_client.get_mut(&client) {
            pipes.retain(|(held, _)| *held != connection);
            if pipes.is_empty() {
                by_client.remove(&client);
            }
        }
    }
}

fn packet(answers: impl IntoIterator<Item = Answer>) -> Arc<[u8]> {
    let mut bytes = Vec::new();
    port::pack(answers, &mut bytes);
    bytes.into()
}

/// Everything that a client's connection needs.
pub(crate) struct Clients<P: Protocol> {
    pub(crate) me: ReplicaId,
    pub(crate) verifier: Arc<Verifier<P>>,
    pub(crate) mailbox: Arc<Mailbox<P>>,
    pub(crate) subscriptions: Arc<Subscriptions>,
    pub(crate) counters: Arc<Counters>,
}

/// One connection.
struct Connection {
    id: u64,
    nonce: [u8; 32],
    pipe: Arc<Pipe>,
    share: Arc<Semaphore>,
    /// Those who introduced themselves.
    clients: Vec<ClientId>,
}

impl<P: Protocol> Clients<P> {
    /// Accepts clients, for ever.
    pub(crate) async fn accept(self: Arc<Self>, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let this = Arc::clone(&self);
                    tokio::spawn(async move {
                        let _ = this.serve(stream).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    say!("no client can be accepted for now: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    async fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut nonce = [0; 32];
        getrandom::fill(&mut nonce).map_err(io::Error::other)?;
        let (back, out) = stream.into_split();
        let mut connection = Connection {
            id: self.subscriptions.connections.fetch_add(1, Ordering::Relaxed),
            nonce,
            pipe: Arc::new(Pipe::new(REPLIES)),
            share: Arc::new(Semaphore::new(SHARE)),
            clients: Vec::new(),
        };
        let pipe = Arc::clone(&connection.pipe);
        pipe.send(packet([Answer::Challenge { replica: self.me, nonce }]));
        let outcome = tokio::select! {
            error = pipe.drive(out, Box::new(Plain)) => Err(error),
            read = self.read(&mut connection, Packets::new(back)) => read,
        };
        for client in &connection.clients {
            self.subscriptions.remove(*client, connection.id);
        }
        outcome
    }

    async fn read(
        &self,
        connection: &mut Connection,
        mut packets: Packets<OwnedReadHalf>,
    ) -> io::Result<()> {
        loop {
            let messages = if connection.clients.is_empty() {
                tokio::time::timeout(INTRODUCTION, packets.next()).await??
            } else {
                packets.next().await?
            };
            let Some(messages) = messages else { return Ok(()) };
            if let Err(malformed) = self.take(connection, messages).await {
                let count = self.counters.client_refused.add(1);
                if is_worth_saying(count) {
                    say!("a client's connection was closed: it sent {malformed}");
                }
                return Ok(());
            }
        }
    }

    async fn take(
        &self,
        connection: &mut Connection,
        messages: Vec<Vec<u8>>,
    ) -> Result<(), codec::Malformed> {
        let size = messages.iter().map(Vec::len).sum::<usize>().min(SHARE);
        let size = u32::try_from(size).expect("a share is small");
        let share = Arc::clone(&connection.share).acquire_many_owned(size).await;
        let mut updates = Vec::new();
        for message in messages {
            match codec::decode(&message)? {
                Request::Hello(hello) => self.welcome(connection, hello),
                Request::Update(update) => updates.push(update),
            }
        }
        let events = self.admit(connection, updates);
        if !events.is_empty() {
            self.mailbox.put(Parcel { events, share: share.ok() });
        }
        Ok(())
    }

    fn welcome(&self, connection: &mut Connection, hello: Signed<Hello>) {
        let is_for_here = hello.body == Hello { replica: self.me, nonce: connection.nonce };
        match self.verifier.gate.verify(hello) {
            Ok(hello) if is_for_here && connection.clients.len() < CONNECTIONS_OF_ONE => {
                let client = hello.signer();
                connection.clients.push(client);
                self.subscriptions.add(client, connection.id, &connection.pipe);
            }
            _ => self.refuse(connection, ClientSeq(0)),
        }
    }

    fn admit(&self, connection: &Connection, updates: Vec<Signed<Update>>) -> Vec<Event<P>> {
        self.counters.client_updates.add(updates.len());
        let seqs: Vec<_> = updates.iter().map(|update| update.body.seq).collect();
        let verified = self.verifier.gate.verify_each(updates);
        let mut events = Vec::with_capacity(verified.len());
        for (seq, verified) in seqs.into_iter().zip(verified) {
            match verified {
                Ok(update) => events.push(self.verifier.update(update)),
                Err(_) => self.refuse(connection, seq),
            }
        }
        events
    }

    fn refuse(&self, connection: &Connection, seq: ClientSeq) {
        let count = self.counters.client_refused.add(1);
        if is_worth_saying(count) {
            say!("a client was refused: {} ({count} so far)", Refusal::Unauthentic);
        }
        connection.pipe.send(packet([Answer::Refused { seq, why: Refusal::Unauthentic }]));
    }
}
