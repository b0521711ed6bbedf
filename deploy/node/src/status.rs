//! The status port: whoever connects is told how the replica is, as one line of JSON.

use crate::counters::Counters;
use crate::links::standing::Standing;
use crate::log::Syncer;
use crate::mailbox::{Event, Mailbox};
use crate::pipe::Pipe;
use layout::Durability;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use wire::machine::{Protocol, Status};
use wire::{Digest, ReplicaId};

/// Most askers at once.
const ASKERS: usize = 16;

/// Longest that the core may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// An answer digests the whole state: the core is left alone for this many times as long as the
/// last answer took.
const REST: u32 = 10;

/// Longest that the core is left alone.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// What the core says: its status, and the fingerprint of what is replicated.
pub(crate) type Said = (Status, Digest);

/// What the core said last.
pub(crate) struct Told {
    asked: Instant,
    said: Said,
    rest_until: Instant,
}

/// Everything that is told.
pub(crate) struct StatusPort<P: Protocol> {
    pub(crate) me: ReplicaId,
    pub(crate) level: Durability,
    pub(crate) provenance: Value,
    pub(crate) mailbox: Arc<Mailbox<P>>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) syncer: Syncer,
    pub(crate) peers: BTreeMap<ReplicaId, Arc<Pipe>>,
    pub(crate) standings: BTreeMap<ReplicaId, Arc<Standing>>,
    pub(crate) last: Mutex<Option<Told>>,
}

impl<P: Protocol> StatusPort<P> {
    /// Tells whoever asks, for ever.
    pub(crate) async fn accept(self: Arc<Self>, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(ASKERS));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let Ok((mut stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let this = Arc::clone(&self);
            tokio::spawn(async move {
                let asked = Arc::clone(&this);
                let said = tokio::task::spawn_blocking(move || asked.ask()).await;
                if let Ok(Some(said)) = said {
                    let text = format!("{}\n", this.json(&said));
                    let write = stream.write_all(text.as_bytes());
                    let _ = tokio::time::timeout(PATIENCE, write).await;
                }
                drop(place);
            });
        }
    }

    /// Asks the core, or shares an answer that was asked for later than this. `None` if the core
    /// does not answer.
    fn ask(&self) -> Option<Said> {
        let wanted = Instant::now();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Told { asked, said, rest_until }) = &*last {
            if *asked >= wanted {
                return Some(said.clone());
            }
            std::thread::sleep(rest_until.saturating_duration_since(Instant::now()));
        }
        let asked = Instant::now();
        let (answer, answered) = sync_channel(1);
        self.mailbox.put_event(Event::Status(answer));
        let said = answered.recv_timeout(PATIENCE).ok()?;
        let rest_until = Instant::now() + (asked.elapsed() * REST).min(LONGEST_REST);
        *last = Some(Told { asked, said: said.clone(), rest_until });
        Some(said)
    }

    fn json(&self, (status, state): &Said) -> Value {
        let links = self.peers.iter().map(|(peer, pipe)| {
            let standing = self.standings.get(peer);
            let link = json!({
                "up": pipe.is_connected(),
                "dropped_frames": pipe.dropped(),
                "forged": standing.map_or(0, |standing| standing.forged()),
                "refused": standing.is_some_and(|standing| standing.is_refused(Instant::now())),
            });
            (peer.to_string(), link)
        });
        json!({
            "id": self.me.0,
            "pid": std::process::id(),
            "view": status.view,
            "preinstalled": status.preinstalled,
            "suspects_leader": status.suspects,
            "recovering": status.recovering,
            "executed": status.executed,
            "updates": status.updates,
            "state": state.to_string(),
            "blacklisted": status.blacklisted.iter().map(|id| id.0).collect::<Vec<_>>(),
            "composition": self.provenance.get("composition").unwrap_or(&Value::Null),
            "durability": self.level.word(),
            "links": links.collect::<serde_json::Map<_, _>>(),
            "fsyncs": self.syncer.syncs(),
            "counters": self.counters.json(),
        })
    }
}
