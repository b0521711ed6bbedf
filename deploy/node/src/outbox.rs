//! What leaves the core, and when.
//!
//! At level *process* messages leave as soon as the log's batch is handed to the system; at level
//! *power* they wait for the disk. Replies always wait for the disk. Waiting is done on a thread
//! of its own, which syncs once for all that has queued up meanwhile.

use crate::clients::Subscriptions;
use crate::counters::Counters;
use crate::log::Syncer;
use crate::mailbox::{Arrived, Event, Mailbox, Parcel};
use crate::pipe::Pipe;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use wire::machine::Protocol;
use wire::{ReplicaId, Reply, Verified};

/// The effects of one turn of the core, signed and encoded.
pub(crate) struct Dispatch<P: Protocol> {
    /// Log position that must be on disk before anything of this may leave.
    pub(crate) position: u64,
    /// Frames for other replicas.
    pub(crate) frames: Vec<(ReplicaId, Arc<[u8]>)>,
    /// Answers to clients.
    pub(crate) replies: Vec<Verified<Reply>>,
    /// For ourselves: own messages, and what is durable.
    pub(crate) own: Vec<Arrived<P>>,
}

/// Where everything goes.
pub(crate) struct Outbox<P: Protocol> {
    pub(crate) peers: BTreeMap<ReplicaId, Arc<Pipe>>,
    pub(crate) subscriptions: Arc<Subscriptions>,
    pub(crate) mailbox: Arc<Mailbox<P>>,
    pub(crate) counters: Arc<Counters>,
}

impl<P: Protocol> Outbox<P> {
    /// Sends frames to their replicas.
    pub(crate) fn send(&self, frames: Vec<(ReplicaId, Arc<[u8]>)>) {
        for (peer, frame) in frames {
            if let Some(pipe) = self.peers.get(&peer) {
                pipe.send(frame);
            }
        }
    }

    /// Sends replies to their clients.
    pub(crate) fn reply(&self, replies: Vec<Verified<Reply>>) {
        if !replies.is_empty() {
            self.counters.replies.add(replies.len());
            self.subscriptions.deliver(replies);
        }
    }

    fn deliver(&self, dispatch: Dispatch<P>) {
        self.send(dispatch.frames);
        if !dispatch.own.is_empty() {
            let events = dispatch.own.into_iter().map(Event::Input).collect();
            self.mailbox.put(Parcel { events, share: None });
        }
        self.reply(dispatch.replies);
    }
}

/// The thread that waits for the disk.
pub(crate) struct SyncThread<P: Protocol> {
    queue: Sender<Dispatch<P>>,
    thread: JoinHandle<()>,
}

impl<P: Protocol> SyncThread<P> {
    /// Starts it. `dir` is named when the disk fails, which ends the process.
    pub(crate) fn start(
        outbox: Arc<Outbox<P>>,
        syncer: Syncer,
        dir: PathBuf,
    ) -> std::io::Result<Self> {
        let (queue, waiting) = mpsc::channel();
        let run = move || {
            if let Err(error) = deliver_when_synced(&outbox, &syncer, &waiting) {
                let dir = dir.display();
                crate::die(&format!(
                    "{dir}: cannot be synced: {error}; what the disk holds is unknown, so the \
                     replica stops; check the disk before starting it again"
                ));
            }
        };
        let thread = std::thread::Builder::new().name("sync".to_string()).spawn(run)?;
        Ok(Self { queue, thread })
    }

    /// Has `dispatch` delivered once its position is on disk, after all that was put before.
    pub(crate) fn put(&self, dispatch: Dispatch<P>) {
        // The thread ends before its queue only by ending the process.
        let _ = self.queue.send(dispatch);
    }

    /// Returns when all that was put is delivered.
    pub(crate) fn finish(self) {
        drop(self.queue);
        let _ = self.thread.join();
    }
}

fn deliver_when_synced<P: Protocol>(
    outbox: &Outbox<P>,
    syncer: &Syncer,
    waiting: &Receiver<Dispatch<P>>,
) -> std::io::Result<()> {
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        batch.extend(waiting.try_iter());
        let position = batch.iter().map(|dispatch| dispatch.position).max().unwrap_or_default();
        if !syncer.has(position) {
            syncer.sync()?;
        }
        batch.into_iter().for_each(|dispatch| outbox.deliver(dispatch));
    }
    Ok(())
}
