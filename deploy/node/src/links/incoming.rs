//! The receiving end of links: accept, authenticate, verify, hand to the core.

use super::{HANDSHAKE, noise, standing::Standing};
use crate::counters::Counters;
use crate::mailbox::{Event, Mailbox, Parcel};
use crate::places::Places;
use crate::say::{is_worth_saying, say};
use crate::verify::Verifier;
use layout::{Cluster, LinkKey, LinkSecret};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;
use wire::ReplicaId;
use wire::codec::{self, MAX_FRAME};
use wire::machine::{Protocol, Reject};

/// Most connections that have not shaken hands yet.
const STRANGERS: usize = 256;

/// Most of them from one address.
const STRANGERS_OF_ONE: usize = 64;

/// Most bytes of one peer that wait for the core; its connection is not read beyond that.
const SHARE: usize = 2 * MAX_FRAME;

/// A larger message is verified apart from the tasks of other links. Unit: bytes.
const LARGE: usize = 32 << 10;

/// What verifying a message costs beyond its length, in bytes that cost as much.
const SIGNATURE: usize = 1 << 10;

/// Everything that a reading task needs.
pub(crate) struct Incoming<P: Protocol> {
    pub(crate) secret: LinkSecret,
    pub(crate) prologue: Vec<u8>,
    pub(crate) verifier: Arc<Verifier<P>>,
    pub(crate) mailbox: Arc<Mailbox<P>>,
    pub(crate) counters: Arc<Counters>,
    /// The other replicas.
    pub(crate) peers: BTreeMap<LinkKey, Peer>,
}

/// One replica that may dial us.
pub(crate) struct Peer {
    id: ReplicaId,
    share: Arc<Semaphore>,
    standing: Arc<Standing>,
    /// Its connection. A newer one that has shaken hands replaces it: the peer knows best which of
    /// them works.
    current: Mutex<Option<AbortHandle>>,
}

impl Peer {
    /// The other replicas of `cluster`, by link key.
    pub(crate) fn all(cluster: &Cluster, me: ReplicaId) -> BTreeMap<LinkKey, Self> {
        let others = cluster.replicas.iter().filter(|(id, _)| **id != me);
        let peer = |id| Self {
            id,
            share: Arc::new(Semaphore::new(SHARE)),
            standing: Arc::default(),
            current: Mutex::new(None),
        };
        others.map(|(id, host)| (host.link, peer(*id))).collect()
    }
}

impl<P: Protocol> Incoming<P> {
    /// Accepts links, for ever.
    pub(crate) async fn accept(self: Arc<Self>, listener: TcpListener) {
        let strangers = Places::new(STRANGERS, STRANGERS_OF_ONE);
        loop {
            let (stream, from) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    say!("no link can be accepted for now: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let mut place = strangers.take(from.ip());
            let this = Arc::clone(&self);
            tokio::spawn(async move {
                let shaken = tokio::select! {
                    shaken = tokio::time::timeout(HANDSHAKE, this.shake_hands(stream)) => shaken,
                    () = place.is_lost() => {
                        Ok(Err(io::Error::other("it gave way to newer ones before its handshake")))
                    }
                };
                drop(place);
                let error = match shaken {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => "it did not finish the handshake".to_string(),
                };
                let count = this.counters.links_refused.add(1);
                if is_worth_saying(count) {
                    say!("link from {from} refused: {error} ({count} refused so far)");
                }
            });
        }
    }

    async fn shake_hands(self: &Arc<Self>, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let known = |key| self.may_dial(key).map(|()| key);
        let (key, transport) =
            noise::answer(&mut stream, &self.secret, &self.prologue, known).await?;
        let (read, write) = stream.into_split();
        // Dropping it would close our direction, and the peer would take that for our end.
        write.forget();
        let opener = noise::Opener::new(read, transport);
        let task = tokio::spawn(Arc::clone(self).read(key, opener));
        let mut current = self.peers[&key].current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(older) = current.replace(task.abort_handle()) {
            older.abort();
        }
        Ok(())
    }

    fn may_dial(&self, key: LinkKey) -> io::Result<()> {
        let denied = |what: String| io::Error::new(io::ErrorKind::PermissionDenied, what);
        match self.peers.get(&key) {
            None => Err(denied("its key is not that of a replica".to_string())),
            Some(peer) if peer.standing.is_refused(Instant::now()) => {
                Err(denied(format!("replica {} sent forged signatures a short while ago", peer.id)))
            }
            Some(_) => Ok(()),
        }
    }

    /// How each peer stands with us.
    pub(crate) fn standings(&self) -> BTreeMap<ReplicaId, Arc<Standing>> {
        self.peers.values().map(|peer| (peer.id, Arc::clone(&peer.standing))).collect()
    }

    async fn read(self: Arc<Self>, key: LinkKey, mut opener: noise::Opener) {
        let peer = &self.peers[&key];
        let why = loop {
            let packets = match opener.next().await {
                Ok(Some(packets)) => packets,
                Ok(None) => return,
                Err(error) => break error.to_string(),
            };
            if let Err(why) = self.take(peer, &packets).await {
                break why.to_string();
            }
        };
        say!("link from replica {} closed: {why}", peer.id);
    }

    async fn take(&self, peer: &Peer, packets: &[Vec<u8>]) -> Result<(), Misbehaviour> {
        for packet in packets {
            let size = u32::try_from(packet.len()).expect("a packet is at most a frame");
            let share = Arc::clone(&peer.share).acquire_many_owned(size).await;
            let mut events = Vec::new();
            let verified = self.verify(peer, packet, &mut events).await;
            if !events.is_empty() {
                self.mailbox.put(Parcel { events, share: share.ok() });
            }
            verified?;
        }
        Ok(())
    }

    /// Verifies the messages of one frame, in order. The other links get their turn in between: this
    /// one's peer decides how much there is to verify, but must not decide who waits for it.
    async fn verify(
        &self,
        peer: &Peer,
        frame: &[u8],
        events: &mut Vec<Event<P>>,
    ) -> Result<(), Misbehaviour> {
        let mut cost = 0;
        for bytes in self.verifier.unframe(frame)? {
            let size = bytes.len();
            let verified = if size > LARGE {
                tokio::task::block_in_place(|| self.verifier.message(bytes))
            } else {
                self.verifier.message(bytes)
            };
            match verified {
                Ok(event) => events.push(event),
                Err(Reject::Unauthentic) if peer.standing.note_forgery(Instant::now()) => {
                    return Err(Misbehaviour::Forged);
                }
                Err(_) => {}
            }
            cost += size + SIGNATURE;
            if cost > LARGE {
                cost = 0;
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }
}

/// What no correct replica sends.
#[derive(Debug, thiserror::Error)]
enum Misbehaviour {
    #[error("it sent {0}")]
    Malformed(#[from] codec::Malformed),
    #[error("it sent several messages whose signatures do not verify; it is refused for a while")]
    Forged,
}
