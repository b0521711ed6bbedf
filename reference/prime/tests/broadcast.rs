//! Reliable broadcast: instances joined by a scheduler that drops, repeats and reorders.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use prime::broadcast::{self, State, Tag};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::auth::Context;
use wire::prime::{Body, Incoming, Payload, Prime, RbEcho, RbInit, RbReady, RbRequest, Report};
use wire::stub::Stub;
use wire::{
    Config, Digest, Effect, Effects, Protocol, Record, Reject, ReplicaId, Seq, Signer, Time, To,
    Verified, View,
};

const VIEW: View = View(1);

fn report(executed: u64) -> Payload {
    Payload::Report(Report { executed: Seq(executed), count: 0, replay: None })
}

fn sign(config: &Config, id: u16, body: impl Into<Body>) -> Incoming {
    let id = ReplicaId(id);
    let signer = Signer::new(Context::from(config), Arc::new(Stub(id.into())));
    signer.seal::<Prime>(id, vec![body.into()], Vec::new()).0.remove(0)
}

fn init(config: &Config, id: u16, seq: u32, payload: Payload) -> Verified<RbInit> {
    match sign(config, id, RbInit { view: VIEW, seq, payload }) {
        Incoming::RbInit(init) => init,
        other => panic!("{other:?}"),
    }
}

struct Peer {
    state: State,
    log: Vec<Record<Prime>>,
    delivered: BTreeMap<Tag, Digest>,
}

struct Net {
    config: Config,
    seed: u64,
    now: Time,
    /// The last `f` servers are not here: they are the test.
    peers: BTreeMap<ReplicaId, Peer>,
    wire: Vec<(ReplicaId, Incoming)>,
    rejects: Vec<Reject>,
}

impl Net {
    fn new(n: u16, f: u16, k: u16, seed: u64) -> Self {
        let config = Config::new(Digest::of("test", b"broadcast"), n, f, k);
        let peer = |id: ReplicaId| Peer {
            state: State::new(&config, id),
            log: Vec::new(),
            delivered: BTreeMap::new(),
        };
        let peers = config.replicas().take(usize::from(n - f)).map(|id| (id, peer(id))).collect();
        let (wire, rejects) = (Vec::new(), Vec::new());
        Self { config, seed: seed ^ 0x9E37_79B9_7F4A_7C15, now: Time(1), peers, wire, rejects }
    }

    fn random(&mut self, below: usize) -> usize {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        usize::try_from(self.seed % below as u64).unwrap()
    }

    fn with(&mut self, id: ReplicaId, act: impl FnOnce(&mut State, &Config, &mut Effects<Prime>)) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let mut effects = Effects::default();
        act(&mut peer.state, &self.config, &mut effects);
        for init in broadcast::take(&mut peer.state) {
            let tag =
                Tag { view: init.body().view, originator: init.signer(), seq: init.body().seq };
            let before = peer.delivered.insert(tag, init.digest());
            assert!(
                before.is_none_or(|before| before == init.digest()),
                "delivered two of {tag:?}"
            );
        }
        for effect in effects.drain() {
            let (to, message) = match effect {
                Effect::Persist { record, .. } => {
                    peer.log.push(record);
                    continue;
                }
                Effect::Send { to, body } => (to, sign(&self.config, id.0, body)),
                Effect::Relay { to, message } => (to, message),
                Effect::Reject { reason, .. } => {
                    self.rejects.push(reason);
                    continue;
                }
                other => panic!("{other:?}"),
            };
            let addressed = self.config.replicas().filter(|peer| match to {
                To::All => true,
                To::Others => *peer != id,
                To::One(one) => *peer == one,
            });
            self.wire.extend(addressed.map(|to| (to, message.clone())));
        }
    }

    fn deliver(&mut self, to: ReplicaId, message: &Incoming) {
        let now = self.now;
        self.with(to, |state, config, effects| match message {
            Incoming::RbInit(m) => broadcast::on_rb_init(state, config, m, effects),
            Incoming::RbEcho(m) => broadcast::on_rb_echo(state, config, m, effects),
            Incoming::RbReady(m) => broadcast::on_rb_ready(state, config, m, effects),
            Incoming::RbRequest(m) => broadcast::on_rb_request(state, config, now, m, effects),
            other => panic!("{other:?}"),
        });
    }

    /// Delivers what is under way in a random order; loses `loss` percent of what is not to oneself.
    fn run(&mut self, rounds: u32, loss: usize) {
        for _ in 0..rounds {
            for _ in 0..self.wire.len() {
                let at = self.random(self.wire.len());
                let (to, message) = self.wire.swap_remove(at);
                if Prime::sender(&message) == to || self.random(100) >= loss {
                    self.deliver(to, &message);
                }
            }
            self.now = self.now.after(self.config.timing.retransmit);
            let now = self.now;
            for id in self.peers.keys().copied().collect::<Vec<_>>() {
                self.with(id, |s, config, effects| broadcast::retransmit(s, config, now, effects));
            }
        }
    }

    fn start_all(&mut self) {
        for id in self.peers.keys().copied().collect::<Vec<_>>() {
            let payloads = vec![report(u64::from(id.0)), report(100), report(200)];
            self.with(id, |s, config, effects| {
                broadcast::start(s, config, VIEW, payloads, effects);
            });
        }
    }

    fn restart(&mut self, id: ReplicaId) {
        let peer = self.peers.get_mut(&id).unwrap();
        peer.state = State::new(&self.config, id);
        for record in &peer.log {
            broadcast::recover(&mut peer.state, &self.config, record);
        }
        self.with(id, broadcast::resume);
    }
}

#[test]
fn what_correct_servers_broadcast_is_delivered_everywhere_whatever_is_lost() {
    for seed in 0..30 {
        let (n, f, k) = [(4, 1, 0), (6, 1, 1), (7, 2, 0)][usize::try_from(seed % 3).unwrap()];
        let mut net = Net::new(n, f, k, seed);
        net.start_all();
        net.run(3, 40);
        if seed % 2 == 0 {
            let id = ReplicaId(u16::try_from(seed % u64::from(n - f)).unwrap() + 1);
            net.restart(id);
        }
        net.run(25, 40);
        net.run(3, 0);
        let correct = usize::from(n - f);
        let expected = &net.peers[&ReplicaId(1)].delivered;
        assert_eq!(expected.len(), 3 * correct, "seed {seed}");
        assert!(net.peers.values().all(|peer| peer.delivered == *expected), "seed {seed}");
    }
}

#[test]
fn an_originator_that_says_two_things_is_delivered_alike_or_not_at_all() {
    let (mut delivered, mut silent) = (0, 0);
    for seed in 0..120 {
        let (n, f, k) = [(4, 1, 0), (6, 1, 1)][usize::try_from(seed % 2).unwrap()];
        let mut net = Net::new(n, f, k, seed);
        net.start_all();
        let inits = [init(&net.config, n, 0, report(1)), init(&net.config, n, 0, report(2))];
        let split = net.random(usize::from(n - f) + 1);
        for id in net.peers.keys().copied().collect::<Vec<_>>() {
            let init = &inits[usize::from(usize::from(id.0) > split)];
            net.wire.push((id, init.clone().into()));
            // The faulty server votes for both, for one to each.
            let (view, seq, originator) = (VIEW, 0, ReplicaId(n));
            for _ in 0..2 {
                let digest = inits[net.random(2)].digest();
                let echo = sign(&net.config, n, RbEcho { originator, view, seq, digest });
                net.wire.push((id, echo));
                let digest = inits[net.random(2)].digest();
                let ready = sign(&net.config, n, RbReady { originator, view, seq, digest });
                net.wire.push((id, ready));
            }
        }
        net.run(25, 30);
        net.run(3, 0);
        let tag = Tag { view: VIEW, originator: ReplicaId(n), seq: 0 };
        let seen: Vec<_> = net.peers.values().map(|peer| peer.delivered.get(&tag)).collect();
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "seed {seed}: {seen:?}");
        if seen[0].is_some() { delivered += 1 } else { silent += 1 }
    }
    assert!(delivered > 20 && silent > 20, "both happen: {delivered} and {silent}");
}

#[test]
fn the_payload_is_pulled_by_who_was_left_out() {
    let mut net = Net::new(4, 1, 0, 1);
    net.start_all();
    net.run(2, 0);
    let sent = init(&net.config, 4, 0, report(9));
    for id in [1, 2] {
        net.deliver(ReplicaId(id), &sent.clone().into());
    }
    let (view, seq, originator, digest) = (VIEW, 0, ReplicaId(4), sent.digest());
    for id in [1, 2, 3] {
        let echo = sign(&net.config, 4, RbEcho { originator, view, seq, digest });
        net.deliver(ReplicaId(id), &echo);
    }
    net.run(4, 0);
    let tag = Tag { view: VIEW, originator, seq: 0 };
    assert!(net.peers.values().all(|peer| peer.delivered.get(&tag) == Some(&digest)));
    let held = |record: &Record<Prime>| matches!(record, Record::Held(Incoming::RbInit(init)) if init.digest() == digest);
    assert!(net.peers[&ReplicaId(3)].log.iter().any(held), "kept by whoever delivers it");
}

#[test]
fn a_restarted_server_repeats_its_votes_and_makes_no_others() {
    let mut net = Net::new(4, 1, 0, 3);
    net.start_all();
    let [a, b] = [report(1), report(2)].map(|payload| init(&net.config, 4, 0, payload));
    net.deliver(ReplicaId(1), &a.clone().into());
    net.restart(ReplicaId(1));
    net.wire.clear();
    net.deliver(ReplicaId(1), &b.into());
    assert_eq!(net.rejects.pop(), Some(Reject::Equivocation));
    assert!(net.wire.is_empty());
    net.restart(ReplicaId(1));
    let echoed = net.wire.iter().any(|(_, message)| {
        matches!(message, Incoming::RbEcho(echo) if echo.body().digest == a.digest())
    });
    assert!(echoed);
    let inits = net
        .wire
        .iter()
        .filter(|(to, message)| *to == ReplicaId(2) && matches!(message, Incoming::RbInit(_)));
    assert_eq!(inits.count(), 3, "the exact bytes promised");
}

/// The log may end between an Init and the Echo for it. Nobody else makes up for that if it happens to
/// many at once.
#[test]
fn an_init_that_was_logged_is_echoed_after_a_restart() {
    let mut net = Net::new(4, 1, 0, 4);
    net.start_all();
    let sent = init(&net.config, 4, 0, report(1));
    for id in [1, 2, 3].map(ReplicaId) {
        net.deliver(id, &sent.clone().into());
        let log = &mut net.peers.get_mut(&id).unwrap().log;
        let promised = |record: &Record<Prime>| matches!(record, Record::Promise(Body::RbEcho(_)));
        let last = log.iter().rposition(promised).unwrap();
        assert_eq!(last, log.len() - 1);
        log.truncate(last);
    }
    net.wire.clear();
    for id in [1, 2, 3].map(ReplicaId) {
        net.restart(id);
    }
    net.run(5, 0);
    let tag = Tag { view: VIEW, originator: ReplicaId(4), seq: 0 };
    assert!(net.peers.values().all(|peer| peer.delivered.get(&tag) == Some(&sent.digest())));
}

#[test]
fn nothing_grows_beyond_its_window() {
    let mut net = Net::new(4, 1, 0, 5);
    net.start_all();
    net.wire.clear();
    let digest = Digest::of("test", b"any");
    for view in [0, 1, 2, 3, u64::MAX] {
        for seq in 0..=1024 {
            let echo = RbEcho { originator: ReplicaId(4), view: View(view), seq, digest };
            let message = sign(&net.config, 4, echo);
            net.deliver(ReplicaId(1), &message);
        }
    }
    let held = net.peers[&ReplicaId(1)].state.instances.len();
    assert_eq!(held, 2 * (1 + broadcast::UNANNOUNCED as usize));
    // A Report that announces more makes room for it.
    let payload = Payload::Report(Report { executed: Seq(0), count: 70, replay: None });
    let message = init(&net.config, 4, 0, payload);
    net.deliver(ReplicaId(1), &message.into());
    for (seq, reason) in [(70, None), (71, Some(Reject::BeyondWindow))] {
        net.rejects.clear();
        let echo = RbEcho { originator: ReplicaId(4), view: VIEW, seq, digest };
        let message = sign(&net.config, 4, echo);
        net.deliver(ReplicaId(1), &message);
        assert_eq!(net.rejects.last().copied(), reason);
    }
}

#[test]
fn answers_are_rationed_by_time() {
    let mut net = Net::new(4, 1, 0, 6);
    net.start_all();
    net.run(5, 0);
    net.wire.clear();
    let digest =
        net.peers[&ReplicaId(1)].delivered[&Tag { view: VIEW, originator: ReplicaId(2), seq: 0 }];
    let request = RbRequest { originator: ReplicaId(2), view: VIEW, seq: 0, digest };
    let request = sign(&net.config, 4, request);
    for _ in 0..500 {
        net.deliver(ReplicaId(1), &request);
    }
    assert_eq!(net.wire.len(), broadcast::ANSWERS as usize);
    assert_eq!(net.rejects.last(), Some(&Reject::Full));
    net.now = net.now.after(net.config.timing.retransmit);
    net.deliver(ReplicaId(1), &request);
    assert_eq!(net.wire.len(), broadcast::ANSWERS as usize + 1);
}
