//! From a host folder to a running replica.

use crate::clients::{ClientPlaces, Clients, Subscriptions};
use crate::clock::Clock;
use crate::counters::{Counted, Counters};
use crate::engine::Engine;
use crate::flight::Recorder;
use crate::flight::format::Header;
use crate::links::incoming::{Incoming, Peer};
use crate::links::noise;
use crate::links::outgoing::Outgoing;
use crate::log::{Identity, Log, LogError};
use crate::mailbox::{Arrived, Event, Mailbox};
use crate::outbox::{Outbox, SyncThread};
use crate::pipe::Pipe;
use crate::recover;
use crate::say::say;
use crate::status::StatusPort;
use crate::verify::Verifier;
use layout::{Cluster, LayoutError, LinkSecret, NodeFile, Secrets};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use wire::auth::Context;
use wire::ed25519::Ed25519;
use wire::machine::{Effects, Input, Machine, Protocol};
use wire::threshold::Provider;
use wire::{Gate, ReplicaId, Scheme, Signer, ThresholdScheme};

/// Most bytes of frames that wait for one peer.
const FOR_ONE_PEER: usize = 32 << 20;

/// Why a replica cannot run. Each is one sentence that names the place and the mend.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Layout(#[from] LayoutError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("{}: {what}", path.display())]
    Folder { path: PathBuf, what: String },
    #[error(
        "{address}: the address for {what} is in use; is the replica running already? else change \
         `{key}` of replica {id} in every cluster.toml"
    )]
    InUse { address: SocketAddr, what: &'static str, key: &'static str, id: ReplicaId },
    #[error("{address}: cannot listen for {what}: {source}")]
    Listen { address: SocketAddr, what: &'static str, source: io::Error },
    #[error("the system refuses: {0}")]
    System(#[from] io::Error),
}

/// What a host folder says.
struct Folder {
    path: PathBuf,
    me: ReplicaId,
    cluster: Cluster,
    node: NodeFile,
    secrets: Secrets,
    link: LinkSecret,
}

impl Folder {
    fn read(path: &Path) -> Result<Self, Failure> {
        let wrong = |file: &str, what: String| Failure::Folder { path: path.join(file), what };
        let secrets = Secrets::read(&path.join("secret.key"))?;
        let cluster = Cluster::read(path)?;
        let node = NodeFile::read(path)?;
        let me = node.id();
        let host = cluster
            .replicas
            .get(&me)
            .ok_or_else(|| wrong("node.toml", format!("cluster.toml names no replica {me}")))?;
        let link = secrets.link.clone();
        let link = link.ok_or_else(|| wrong("secret.key", "the link key is missing".into()))?;
        if secrets.signing.public() != host.key || link.public() != host.link {
            let what = format!("these are not the secrets of replica {me} in cluster.toml");
            return Err(wrong("secret.key", what));
        }
        Ok(Self { path: path.to_path_buf(), me, cluster, node, secrets, link })
    }

    /// The threshold scheme of this replica, if its cluster has one.
    fn threshold(
        &self,
        provider: &dyn Provider,
    ) -> Result<Option<Arc<dyn ThresholdScheme>>, Failure> {
        let wrong = |file: &str, what| Failure::Folder { path: self.path.join(file), what };
        let Some(keys) = &self.cluster.threshold else { return Ok(None) };
        let Some(secret) = &self.secrets.threshold else {
            let what = "the share of the threshold secret is missing; put back the file that \
                        `patchy init` wrote";
            return Err(wrong("secret.key", what.to_string()));
        };
        let opened = provider.open(keys, self.cluster.config.quorum(), self.me, &secret.0);
        opened.map(Some).map_err(|what| wrong("cluster.toml", what))
    }

    /// What signs for this replica, and what lets through what others signed.
    fn authorities(
        &self,
        scheme: Arc<dyn Scheme>,
        threshold: &dyn Provider,
    ) -> Result<(Signer, Arc<Gate>), Failure> {
        let context = Context::from(&self.cluster.config);
        let gate = Gate::new(context.clone(), Arc::clone(&scheme));
        let signer = Signer::new(context, scheme);
        Ok(match self.threshold(threshold)? {
            None => (signer, Arc::new(gate)),
            Some(scheme) => {
                let gate = gate.with_threshold(Arc::clone(&scheme));
                (signer.with_threshold(scheme), Arc::new(gate))
            }
        })
    }
}

/// The libraries that a replica's program was built with.
pub(crate) struct Providers<'a> {
    /// Checks signatures.
    pub(crate) signatures: Arc<dyn wire::verifier::Verifier>,
    /// For threshold signatures.
    pub(crate) threshold: &'a dyn Provider,
}

/// Runs the replica of host folder `dir` until it is told to stop.
///
/// # Errors
/// [`Failure`]: it cannot start or cannot go on.
pub(crate) fn run<M: Machine>(
    dir: &Path,
    provenance: &str,
    providers: Providers<'_>,
) -> Result<(), Failure> {
    let folder = Folder::read(dir)?;
    let config = &folder.cluster.config;
    let counters = Arc::new(Counters::new(providers.signatures));
    let (signing, roster) = (folder.secrets.signing.clone(), folder.cluster.roster());
    let scheme = Ed25519::with_verifier(signing, roster, counters.verifier());
    let scheme: Arc<dyn Scheme> = Arc::new(Counted { scheme, counters: Arc::clone(&counters) });
    let (signer, gate) = folder.authorities(scheme, providers.threshold)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers())
        .enable_all()
        .build()?;
    let listeners = Listeners::open(&runtime, &folder)?;
    let mut machine = M::new(config, folder.me, Box::new(kv::Store::new()));
    let flight = folder.node.flight;
    let verifier = Arc::new(Verifier::new(&machine, gate, Arc::clone(&counters), flight));
    let mut recorder = start_recorder(&folder, provenance)?;
    let clock = Clock::start();
    let mut effects = Effects::default();
    let log_folder = folder.path.join("log");
    let mut feed = |inputs: Vec<Arrived<M::Protocol>>| {
        let now = clock.now();
        if let Some(recorder) = &mut recorder {
            recorder.record(now, &inputs);
        }
        for Arrived { input, .. } in inputs {
            machine.step(now, input, &mut effects);
        }
    };
    let (log, memory) =
        recover::log(&log_folder, &identity(&folder), &folder.node, &verifier).feed(&mut feed)?;
    let mailbox = Arc::new(Mailbox::new());
    let outbox = Arc::new(Outbox {
        peers: pipes(config.replicas().filter(|id| *id != folder.me)),
        subscriptions: Arc::new(Subscriptions::default()),
        mailbox: Arc::clone(&mailbox),
        counters: Arc::clone(&counters),
    });
    let sync_thread = SyncThread::start(Arc::clone(&outbox), log.syncer(), log_folder)?;
    let services = Services { folder: &folder, verifier, outbox: &outbox, counters: &counters };
    services.start(&runtime, listeners, provenance, &log)?;
    let engine = Engine {
        machine,
        config: config.clone(),
        me: folder.me,
        level: folder.node.durability,
        clock,
        mailbox,
        signer,
        log,
        recorder,
        outbox: Arc::clone(&outbox),
        sync_thread,
        counters: Arc::clone(&counters),
        effects,
        waiting: VecDeque::new(),
        own: vec![Arrived { input: Input::Start(memory), bytes: None }],
    };
    say!("replica {} of cluster {} runs", folder.me, config.cluster.short());
    engine.run()?;
    runtime.shutdown_background();
    say!("replica {} stopped", folder.me);
    Ok(())
}

fn identity(folder: &Folder) -> Identity {
    let config = &folder.cluster.config;
    Identity { cluster: config.cluster, epoch: config.epoch, replica: folder.me }
}

fn start_recorder(folder: &Folder, provenance: &str) -> Result<Option<Recorder>, Failure> {
    if !folder.node.flight {
        return Ok(None);
    }
    let header = Header {
        config: folder.cluster.config.clone(),
        replica: folder.me,
        provenance: provenance.to_string(),
    };
    let recorder = Recorder::start(&folder.path, &header, folder.node.flight_limit);
    recorder.map(Some).map_err(|error| Failure::Folder {
        path: folder.path.join(crate::flight::FILE),
        what: format!("cannot be written: {error}"),
    })
}

fn pipes(peers: impl Iterator<Item = ReplicaId>) -> BTreeMap<ReplicaId, Arc<Pipe>> {
    peers.map(|peer| (peer, Arc::new(Pipe::new(FOR_ONE_PEER)))).collect()
}

/// Threads for links and verification: half of the processors. The core, the log and whatever else
/// runs on the host need theirs, and threads that wait for a processor only add switches.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, |count| (count.get() / 2).max(1))
}

/// The three ports, open before anything else happens: a port in use is found at once.
struct Listeners {
    peer: TcpListener,
    client: TcpListener,
    status: TcpListener,
}

impl Listeners {
    fn open(runtime: &Runtime, folder: &Folder) -> Result<Self, Failure> {
        let id = folder.me;
        let host = &folder.cluster.replicas[&id];
        let open = |address: SocketAddr, what, key| {
            runtime.block_on(TcpListener::bind(address)).map_err(|source| match source.kind() {
                io::ErrorKind::AddrInUse => Failure::InUse { address, what, key, id },
                _ => Failure::Listen { address, what, source },
            })
        };
        Ok(Self {
            peer: open(host.peer, "replicas", "peer")?,
            client: open(host.client, "clients", "client")?,
            status: open(host.status, "status", "status")?,
        })
    }
}

/// What runs beside the core.
struct Services<'a, P: Protocol> {
    folder: &'a Folder,
    verifier: Arc<Verifier<P>>,
    outbox: &'a Arc<Outbox<P>>,
    counters: &'a Arc<Counters>,
}

impl<P: Protocol> Services<'_, P> {
    fn start(
        self,
        runtime: &Runtime,
        listeners: Listeners,
        provenance: &str,
        log: &Log,
    ) -> Result<(), Failure> {
        let Folder { me, cluster, node, link, .. } = self.folder;
        let mailbox = &self.outbox.mailbox;
        let prologue = noise::prologue(&cluster.config);
        let incoming = Arc::new(Incoming {
            secret: link.clone(),
            prologue: prologue.clone(),
            verifier: Arc::clone(&self.verifier),
            mailbox: Arc::clone(mailbox),
            counters: Arc::clone(self.counters),
            peers: Peer::all(cluster, *me),
        });
        let standings = incoming.standings();
        runtime.spawn(incoming.accept(listeners.peer));
        for (peer, pipe) in &self.outbox.peers {
            let host = &cluster.replicas[peer];
            let outgoing = Outgoing {
                peer: *peer,
                address: host.peer,
                key: host.link,
                secret: link.clone(),
                prologue: prologue.clone(),
                pipe: Arc::clone(pipe),
            };
            runtime.spawn(outgoing.keep());
        }
        let clients = Arc::new(Clients {
            me: *me,
            verifier: Arc::clone(&self.verifier),
            mailbox: Arc::clone(mailbox),
            subscriptions: Arc::clone(&self.outbox.subscriptions),
            counters: Arc::clone(self.counters),
            places: ClientPlaces::new(),
        });
        runtime.spawn(clients.accept(listeners.client));
        let status = Arc::new(StatusPort {
            me: *me,
            level: node.durability,
            provenance: serde_json::from_str(provenance).unwrap_or_default(),
            mailbox: Arc::clone(mailbox),
            counters: Arc::clone(self.counters),
            syncer: log.syncer(),
            peers: self.outbox.peers.clone(),
            standings,
            last: Mutex::new(None),
        });
        runtime.spawn(status.accept(listeners.status));
        let _in_runtime = runtime.enter();
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mailbox = Arc::clone(mailbox);
        runtime.spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            mailbox.put_event(Event::Stop);
        });
        Ok(())
    }
}
