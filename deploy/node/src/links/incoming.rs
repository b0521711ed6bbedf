//! The receiving end of links: accept, authenticate, verify, hand to the core.

use super::{HANDSHAKE, noise};
use crate::counters::Counters;
use crate::mailbox::{Mailbox, Parcel};
use crate::say::{is_worth_saying, say};
use crate::verify::Verifier;
use layout::{Cluster, LinkKey, LinkSecret};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;
use wire::ReplicaId;
use wire::codec::MAX_FRAME;
use wire::machine::Protocol;

/// Most connections that have not shaken hands yet.
const STRANGERS: usize = 128;

/// Most bytes of one peer that wait for the core; its connection is not read beyond that.
const SHARE: usize = 2 * MAX_FRAME;

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
    /// Its connection. A newer one replaces it: the peer knows best which of them works.
    current: Mutex<Option<AbortHandle>>,
}

impl Peer {
    /// The other replicas of `cluster`, by link key.
    pub(crate) fn all(cluster: &Cluster, me: ReplicaId) -> BTreeMap<LinkKey, Self> {
        let others = cluster.replicas.iter().filter(|(id, _)| **id != me);
        let peer =
            |id| Self { id, share: Arc::new(Semaphore::new(SHARE)), current: Mutex::new(None) };
        others.map(|(id, host)| (host.link, peer(*id))).collect()
    }
}

impl<P: Protocol> Incoming<P> {
    /// Accepts links, for ever.
    pub(crate) async fn accept(self: Arc<Self>, listener: TcpListener) {
        let strangers = Arc::new(Semaphore::new(STRANGERS));
        loop {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    say!("no link can be accepted for now: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            // Without a place it is dropped; a peer dials again.
            let Ok(place) = Arc::clone(&strangers).try_acquire_owned() else { continue };
            let this = Arc::clone(&self);
            tokio::spawn(async move {
                let from = stream.peer_addr();
                let shaken = tokio::time::timeout(HANDSHAKE, this.shake_hands(stream)).await;
                drop(place);
                let error = match shaken {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => "it did not finish the handshake".to_string(),
                };
                let count = this.counters.links_refused.add(1);
                if is_worth_saying(count) {
                    let from = from.map_or_else(|_| "?".to_string(), |from| from.to_string());
                    say!("link from {from} refused: {error} ({count} refused so far)");
                }
            });
        }
    }

    async fn shake_hands(self: &Arc<Self>, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let known = |key| self.peers.contains_key(&key).then_some(key);
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

    async fn read(self: Arc<Self>, key: LinkKey, mut opener: noise::Opener) {
        let peer = &self.peers[&key];
        loop {
            match opener.next().await {
                Ok(Some(packets)) => {
                    if let Err(error) = self.take(peer, &packets).await {
                        say!("link from replica {} closed: it sent {error}", peer.id);
                        return;
                    }
                }
                Ok(None) => return,
                Err(error) => {
                    say!("link from replica {} closed: {error}", peer.id);
                    return;
                }
            }
        }
    }

    async fn take(&self, peer: &Peer, packets: &[Vec<u8>]) -> Result<(), wire::codec::Malformed> {
        for packet in packets {
            let size = u32::try_from(packet.len()).expect("a packet is at most a frame");
            let share = Arc::clone(&peer.share).acquire_many_owned(size).await;
            let events = self.verifier.frame(packet)?;
            if !events.is_empty() {
                self.mailbox.put(Parcel { events, share: share.ok() });
            }
        }
        Ok(())
    }
}
