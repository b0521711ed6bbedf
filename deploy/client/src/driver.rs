//! The task behind a [`Client`]: numbers, signs, sends, counts answers, sends again.

use crate::ClientError;
use crate::connection::{Connection, Heard};
use crate::journal::Journal;
use crate::pending::{Asker, Pending, Table};
use layout::port::{self, Answer, Refusal, Request};
use layout::{ClientFile, Cluster, Durability, Secrets};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout, timeout_at};
use wire::auth::Context;
use wire::client::{MAX_PAYLOAD, Outcome};
use wire::ed25519::Ed25519;
use wire::{Blob, ClientId, ClientSeq, Config, Gate, ReplicaId, Scheme, Signed, Signer, Update};

/// Most updates that are numbered, signed and journalled together.
const BATCH: usize = 256;

/// Packets that wait for one connection; beyond that they are sent again when their time comes.
const PACKETS: usize = 1024;

/// How often it is checked whether anything is to be sent again.
const TICK: Duration = Duration::from_millis(20);

/// How a client signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signing {
    /// One signature for each update.
    #[default]
    Each,
    /// One signature for all that are submitted at the same moment.
    Batch,
}

/// How a client behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// See [`Signing`].
    pub signing: Signing,
    /// What the client's own numbers must survive. See [`crate::journal`].
    pub durability: Durability,
    /// How long an answer is waited for before the update is sent to others. Doubles each time.
    pub retry: Duration,
    /// Where doubling stops.
    pub longest_retry: Duration,
    /// How long [`Client::connect`] waits for f+1 replicas.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            signing: Signing::Each,
            durability: Durability::Process,
            retry: Duration::from_millis(500),
            longest_retry: Duration::from_secs(5),
            patience: Duration::from_secs(5),
        }
    }
}

struct Submission {
    payload: Blob<MAX_PAYLOAD>,
    asker: Asker,
}

/// An enrolled client, connected to all replicas. Cloning shares the connections.
#[derive(Clone, Debug)]
pub struct Client {
    submissions: mpsc::Sender<Submission>,
    /// How many replicas are connected; closed when the driver ends.
    connected: watch::Receiver<usize>,
}

impl Client {
    /// Connects as the client whose folder is `dir`, a folder in `clients/` of a cluster's
    /// folder, and sends again what its earlier life left unanswered.
    ///
    /// # Errors
    /// [`ClientError`]: a bad folder, another process with the same client, or fewer than f+1
    /// replicas that answer within [`Options::patience`].
    pub async fn connect(dir: &Path, options: Options) -> Result<Self, ClientError> {
        let wrong = |what: &str| ClientError::Folder { path: dir.to_path_buf(), what: what.into() };
        let folder = dir.parent().and_then(Path::parent);
        let folder = folder.ok_or_else(|| wrong("is not in `clients/` of a cluster's folder"))?;
        let cluster = Cluster::read(folder)?;
        let id = ClientFile::read(dir)?.id();
        let secrets = Secrets::read(&dir.join("secret.key"))?;
        let enrolled = cluster.clients.get(&id).map(|client| client.key);
        if enrolled != Some(secrets.signing.public()) {
            return Err(wrong("this client, or its key, is not enrolled in cluster.toml"));
        }
        let is_synced = options.durability == Durability::Power;
        let journal = Journal::open(dir, cluster.config.cluster, id, is_synced)?;
        let patience = options.patience;
        let needed = cluster.config.one_correct();
        let (submissions, submitted) = mpsc::channel(BATCH);
        let (tell_connected, mut connected) = watch::channel(0);
        let scheme: Arc<dyn Scheme> = Arc::new(Ed25519::new(secrets.signing, cluster.roster()));
        let driver = Driver::new(&cluster, id, &scheme, journal, options, tell_connected);
        let task = tokio::spawn(driver.drive(submitted));
        let enough = connected.wait_for(|connected| *connected >= needed);
        let is_enough = matches!(timeout(patience, enough).await, Ok(Ok(_)));
        if is_enough {
            Ok(Self { submissions, connected })
        } else {
            task.abort();
            let connected = *connected.borrow();
            Err(ClientError::Unreachable { connected, needed })
        }
    }

    /// Has `payload` executed once and gives the service's answer. Waits as long as it takes;
    /// dropping the future stops the waiting, not the update.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn submit(&self, payload: Vec<u8>) -> Result<Vec<u8>, ClientError> {
        let length = payload.len();
        let payload = Blob::new(payload).map_err(|_| ClientError::TooLarge(length))?;
        let (asker, answer) = oneshot::channel();
        let submission = Submission { payload, asker };
        self.submissions.send(submission).await.map_err(|_| ClientError::Closed)?;
        answer.await.map_err(|_| ClientError::Closed)?
    }

    /// Returns when everything submitted is answered and the journal says so, or after
    /// `patience`. What is left is sent again by the client's next life.
    pub async fn close(self, patience: Duration) {
        let Self { submissions, mut connected } = self;
        drop(submissions);
        let end = Instant::now() + patience;
        // The driver drops the other end when it is done.
        while let Ok(Ok(())) = timeout_at(end, connected.changed()).await {}
    }

    /// How many replicas are connected.
    #[must_use]
    pub fn connected(&self) -> usize {
        *self.connected.borrow()
    }
}

struct Driver {
    id: ClientId,
    config: Config,
    signer: Signer,
    gate: Gate,
    journal: Journal,
    options: Options,
    table: Table,
    outs: BTreeMap<ReplicaId, mpsc::Sender<Vec<u8>>>,
    up: BTreeSet<ReplicaId>,
    connected: watch::Sender<usize>,
    /// Replicas that refuse our signature.
    refused: BTreeSet<ReplicaId>,
    heard: mpsc::Receiver<Heard>,
    /// Counts updates, for taking originators in turn.
    turn: usize,
}

impl Driver {
    fn new(
        cluster: &Cluster,
        id: ClientId,
        scheme: &Arc<dyn Scheme>,
        journal: Journal,
        options: Options,
        connected: watch::Sender<usize>,
    ) -> Self {
        let context = Context::from(&cluster.config);
        let signer = Signer::new(context.clone(), Arc::clone(scheme));
        let (tell, heard) = mpsc::channel(PACKETS);
        let mut outs = BTreeMap::new();
        for (replica, host) in &cluster.replicas {
            let (out, packets) = mpsc::channel(PACKETS);
            outs.insert(*replica, out);
            let connection = Connection {
                replica: *replica,
                address: host.client,
                client: id,
                signer: signer.clone(),
                out: packets,
                heard: tell.clone(),
            };
            tokio::spawn(connection.keep());
        }
        Self {
            id,
            config: cluster.config.clone(),
            signer,
            gate: Gate::new(context, Arc::clone(scheme)),
            journal,
            options,
            table: Table::default(),
            outs,
            up: BTreeSet::new(),
            connected,
            refused: BTreeSet::new(),
            heard,
            // Two clients should not start at the same replica.
            turn: id.0 as usize,
        }
    }

    /// Most numbers in use beyond the lowest unanswered: within every replica's window.
    fn window(&self) -> u64 {
        (self.config.windows.client / 2).max(1)
    }

    async fn drive(mut self, mut submitted: mpsc::Receiver<Submission>) {
        self.resume();
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_closed = false;
        let mut batch = Vec::new();
        while !(is_closed && self.table.0.is_empty()) {
            let room = self.window().saturating_sub(self.journal.span());
            let room = usize::try_from(room).unwrap_or(BATCH).min(BATCH);
            tokio::select! {
                biased;
                Some(heard) = self.heard.recv() => self.hear(heard),
                count = submitted.recv_many(&mut batch, room), if room > 0 && !is_closed => {
                    is_closed = count == 0;
                    self.submit(std::mem::take(&mut batch));
                }
                _ = tick.tick() => self.send_again(),
            }
        }
        // Notes that are lost cost one more sending each.
        let _ = self.journal.commit();
    }

    /// Takes up what an earlier life left unanswered.
    fn resume(&mut self) {
        let left = self.journal.unanswered().iter();
        let updates: Vec<_> =
            left.map(|(seq, payload)| Update { seq: *seq, payload: payload.clone() }).collect();
        for update in self.sign(updates) {
            let pending = Pending::new(update, None, Duration::ZERO);
            self.table.0.insert(pending.update.body.seq, pending);
        }
    }

    fn sign(&self, updates: Vec<Update>) -> Vec<Signed<Update>> {
        let sign = |updates| self.signer.sign_all(self.id, updates);
        let signed: Vec<_> = match self.options.signing {
            Signing::Each => updates.into_iter().flat_map(|update| sign(vec![update])).collect(),
            Signing::Batch => sign(updates),
        };
        signed.into_iter().map(|update| update.signed().clone()).collect()
    }

    fn submit(&mut self, batch: Vec<Submission>) {
        let mut updates = Vec::with_capacity(batch.len());
        let mut askers = Vec::with_capacity(batch.len());
        for Submission { payload, asker } in batch {
            let seq = self.journal.submit(payload.clone());
            updates.push(Update { seq, payload });
            askers.push(asker);
        }
        if let Err(error) = self.journal.commit() {
            let what = error.to_string();
            for asker in askers {
                let source = std::io::Error::other(what.clone());
                let path = crate::journal::FILE.into();
                let _ = asker.send(Err(ClientError::Journal { path, source }));
            }
            return;
        }
        let mut requests: BTreeMap<ReplicaId, Vec<Request>> = BTreeMap::new();
        for (update, asker) in self.sign(updates).into_iter().zip(askers) {
            let mut pending = Pending::new(update.clone(), Some(asker), self.options.retry);
            match self.next_originator() {
                Some(replica) => {
                    requests.entry(replica).or_default().push(Request::Update(update));
                }
                None => pending.again = Instant::now(),
            }
            self.table.0.insert(pending.update.body.seq, pending);
        }
        self.send(requests);
    }

    fn next_originator(&mut self) -> Option<ReplicaId> {
        self.turn += 1;
        let count = self.up.len().max(1);
        self.up.iter().nth(self.turn % count).copied()
    }

    fn send(&self, requests: BTreeMap<ReplicaId, Vec<Request>>) {
        for (replica, requests) in requests {
            let mut packets = Vec::new();
            port::pack(requests, &mut packets);
            if let Some(out) = self.outs.get(&replica) {
                // A full or broken connection: the updates' time to be sent again will come.
                let _ = out.try_send(packets);
            }
        }
    }

    /// Sends what is due to f+k+1 replicas: one of them is correct and not recovering.
    fn send_again(&mut self) {
        if self.up.is_empty() {
            return;
        }
        let due = self.table.due(Instant::now(), self.options.longest_retry);
        let mut requests: BTreeMap<ReplicaId, Vec<Request>> = BTreeMap::new();
        for update in due {
            for _ in 0..self.config.one_available() {
                if let Some(replica) = self.next_originator() {
                    let request = Request::Update(update.clone());
                    requests.entry(replica).or_default().push(request);
                }
            }
        }
        self.send(requests);
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Up(replica) => {
                self.up.insert(replica);
                self.connected.send_replace(self.up.len());
            }
            Heard::Down(replica) => {
                self.up.remove(&replica);
                self.connected.send_replace(self.up.len());
            }
            Heard::Answers(from, answers) => self.count(from, answers),
        }
    }

    fn count(&mut self, from: ReplicaId, answers: Vec<Answer>) {
        let mut replies = Vec::new();
        for answer in answers {
            match answer {
                Answer::Reply(reply) if self.table.0.contains_key(&reply.body.seq) => {
                    replies.push(reply);
                }
                Answer::Reply(_) | Answer::Challenge { .. } => {}
                Answer::Refused { why: Refusal::Unauthentic, .. } => self.refuse(from),
                // No correct replica says that of what this client sends.
                Answer::Refused { why: Refusal::OutOfPlace, .. } => {}
            }
        }
        let needed = self.config.one_correct();
        for reply in self.gate.verify_each(replies).into_iter().flatten() {
            if reply.body().client != self.id {
                continue;
            }
            let (seq, outcome) = (reply.body().seq, &reply.body().result);
            if let Some((pending, outcome)) = self.table.vote(seq, reply.signer(), outcome, needed)
            {
                self.finish(seq, pending, outcome);
            }
        }
    }

    fn finish(&mut self, seq: ClientSeq, pending: Pending, outcome: Outcome) {
        self.journal.answer(seq);
        let answer = match outcome {
            Outcome::Done(result) => Ok(result.into_vec()),
            Outcome::BeyondWindow => Err(ClientError::BeyondWindow),
            Outcome::Forgotten => Err(ClientError::Forgotten),
        };
        if let Some(asker) = pending.asker {
            // Whoever asked may have stopped waiting.
            let _ = asker.send(answer);
        }
    }

    /// When one correct replica refuses our signature, all will.
    fn refuse(&mut self, from: ReplicaId) {
        self.refused.insert(from);
        if self.refused.len() >= self.config.one_correct() {
            for pending in self.table.0.values_mut() {
                if let Some(asker) = pending.asker.take() {
                    let _ = asker.send(Err(ClientError::NotEnrolled));
                }
            }
        }
    }
}
