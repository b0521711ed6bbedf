//! What hosts and clients do: the duties of a host, in the order in which `wire::machine` lists
//! them.

use crate::adversary::{Faulty, Player};
use crate::cluster::{Cluster, Event, Sample};
use crate::host::{Arrival, Outgoing, Packet, Refusal};
use crate::monitor::{Monitor, Watched};
use crate::parameters::{Hosts, Level};
use crate::violation::Kind;
use boundary::catch;
use std::rc::Rc;
use wire::machine::Effect;
use wire::{Digest, Input, Machine, Memory, Protocol, Reply, To, Update, Verified};

/// More effects than this in one step are a leak.
const MAX_EFFECTS: usize = 10_000;

fn code(to: To) -> u64 {
    match to {
        To::All => 0,
        To::Others => 1,
        To::One(id) => 2 + u64::from(id.0),
    }
}

impl<M: Machine<Protocol: Watched>> Cluster<'_, M> {
    /// Starts the process of `host` and feeds it its log.
    pub(crate) fn restart(&mut self, host: usize) {
        let config = self.parameters.config.clone();
        let (id, make, scheme) = (self.hosts[host].id, &self.setup.machine, &self.scheme);
        let made = catch(|| {
            let machine = make(&config, id, scheme);
            let decoder = machine.decoder();
            (machine, decoder)
        });
        match made {
            Ok((machine, decoder)) => {
                let player = self.cast(host, machine);
                self.hosts[host].machine = Some(player);
                self.hosts[host].decoder = Some(decoder);
            }
            Err(died) => return self.die(host, died),
        }
        self.hosts[host].disk.sync();
        let log = self.hosts[host].disk.log();
        let length = log.len() as u64;
        self.trace.note(b'S', self.now, id, [length, 0], &Digest::default());
        for record in log {
            if !self.step(host, Input::Recovered(record)) {
                return;
            }
        }
        let memory = if self.hosts[host].lost && length == 0 {
            Memory::Lost { nonce: self.rng.draw() }
        } else {
            Memory::Whole
        };
        if self.step(host, Input::Start(memory)) {
            self.release(host);
        }
    }

    /// Gives the machine of a faulty replica its adversary.
    fn cast(&mut self, host: usize, machine: M) -> Player<M> {
        let (id, life) = (self.hosts[host].id, self.hosts[host].life);
        let attack = self.parameters.faulty.get(&id);
        let Some(adversary) = attack.and_then(|attack| M::Protocol::adversary(*attack)) else {
            return Player::Correct(machine);
        };
        let seed = self.malice ^ (u64::from(id.0) << 48) ^ life;
        let config = &self.parameters.config;
        Player::Faulty(Box::new(Faulty::with(machine, config, id, adversary, seed)))
    }

    /// Something reaches `host`; lost if that is down.
    pub(crate) fn arrive(&mut self, host: usize, arrival: Arrival<M::Protocol>) {
        if self.hosts[host].is_up() {
            self.hosts[host].inbox.push_back(arrival);
            self.schedule(host);
        }
    }

    /// Plans when `host` works next.
    fn schedule(&mut self, host: usize) {
        match self.hosts[host].next_work(self.now) {
            Ok(Some(at)) if self.hosts[host].wake.is_none_or(|planned| at < planned) => {
                self.hosts[host].wake = Some(at);
                self.queue.push(at, Event::Wake(host));
            }
            Ok(_) => {}
            Err(died) => self.die(host, died),
        }
    }

    /// One round of work: all that has arrived, then the timer, then a rest.
    pub(crate) fn work(&mut self, host: usize) {
        if self.hosts[host].wake != Some(self.now) {
            return;
        }
        self.hosts[host].wake = None;
        for _ in 0..self.hosts[host].inbox.len() {
            let Some(arrival) = self.hosts[host].inbox.pop_front() else { break };
            if !self.take(host, arrival) {
                return;
            }
        }
        let current = &self.hosts[host];
        let Some(machine) = &current.machine else { return };
        let due = match catch(|| machine.deadline()) {
            Ok(deadline) => deadline.is_some_and(|at| at <= current.time(self.now)),
            Err(died) => return self.die(host, died),
        };
        if due {
            self.trace.note(b'T', self.now, current.id, [0, 0], &Digest::default());
            if !self.step(host, Input::Timer) {
                return;
            }
        }
        let Hosts { busy, late, late_us, .. } = self.parameters.hosts;
        let rest = 1 + self.rng.below(busy);
        self.hosts[host].late = if self.rng.chance(late) { self.rng.below(late_us) } else { 0 };
        self.hosts[host].busy_until = self.now.max(self.hosts[host].signed_at) + rest;
        self.release(host);
    }

    /// The kernel or the disk of `host` has everything up to `token`.
    pub(crate) fn kept(&mut self, host: usize, level: Level, token: u64) {
        if level == self.parameters.hosts.level {
            self.arrive(host, Arrival::Persisted(token));
        }
        self.release(host);
    }

    /// Steps one arrival. False if the replica is no more.
    fn take(&mut self, host: usize, arrival: Arrival<M::Protocol>) -> bool {
        let (id, now) = (self.hosts[host].id, self.now);
        let input = match arrival {
            Arrival::Persisted(token) => {
                self.trace.note(b'p', now, id, [token, 0], &Digest::default());
                Input::Persisted(token)
            }
            Arrival::Update(update) => {
                self.trace.note(b'u', now, id, [0, 0], &update.digest());
                self.begun(host, &update);
                self.hosts[host].spend(now, self.parameters.hosts.verify);
                Input::Update(update)
            }
            Arrival::Own(message) => Input::Message(message),
            Arrival::Packet(packet) => {
                let Some(decoder) = &self.hosts[host].decoder else { return false };
                let opened = if self.is_faulty(id) {
                    let alone = || packet.open_alone(decoder, &self.gate);
                    catch(|| alone().ok_or_else(|| Refusal::Bytes(String::new())))
                } else {
                    catch(|| packet.open(decoder, &self.gate, &self.verified))
                };
                match opened {
                    Ok(Ok(message)) => {
                        let digest = M::Protocol::digest(&message);
                        self.trace.note(b'm', now, id, [0, 0], &digest);
                        let cost = self.parameters.hosts.verify * packet.verified.get();
                        self.hosts[host].spend(now, cost);
                        Input::Message(message)
                    }
                    Ok(Err(Refusal::Bytes(_))) if self.is_faulty(packet.from) => {
                        self.tally.refused += 1;
                        return true;
                    }
                    Ok(Err(Refusal::Bytes(detail) | Refusal::Decoders(detail))) => {
                        self.judge(host, Err((Kind::Refused, detail)));
                        return true;
                    }
                    Err(died) => {
                        self.die(host, died);
                        return false;
                    }
                }
            }
        };
        self.step(host, input)
    }

    /// One step and what it asks for. False if the replica is no more.
    fn step(&mut self, host: usize, input: Input<M::Protocol>) -> bool {
        let current = &mut self.hosts[host];
        let now = current.time(self.now);
        let Some(machine) = &mut current.machine else { return false };
        if let (Some(recorder), Some(machine)) = (&mut self.recorder, machine.correct()) {
            recorder(&Sample { replica: current.id, machine, input: &input, now });
        }
        self.tally.steps += 1;
        self.trace.tell(self.now, current.id, || format!("<- {input:?}"));
        let effects = &mut current.effects;
        // Inputs are large, and what a closure takes is moved.
        let mut input = Some(input);
        let step = || machine.step(now, input.take().expect("called once"), effects);
        if let Err(died) = catch(step) {
            self.die(host, died);
            return false;
        }
        self.carry_out(host);
        true
    }

    fn carry_out(&mut self, host: usize) {
        let mut effects = std::mem::take(&mut self.taken);
        self.hosts[host].effects.exchange(&mut effects);
        // What had to wait for one number may be executed and answered all at once.
        let is_execution =
            |effect: &&Effect<_>| matches!(effect, Effect::Executed { .. } | Effect::Reply(_));
        if effects.len() > MAX_EFFECTS
            && effects.iter().filter(|effect| !is_execution(effect)).count() > MAX_EFFECTS
        {
            let detail = format!("{} effects of one step", effects.len());
            self.judge(host, Err((Kind::Bound, detail)));
        }
        // The last token given out; later effects wait for it.
        let mut token = self.hosts[host].last_token;
        for effect in effects.drain(..) {
            self.trace.tell(self.now, self.hosts[host].id, || format!("   -> {effect:?}"));
            let current = &mut self.hosts[host];
            match effect {
                Effect::Persist { token: given, record } => {
                    token = given;
                    current.disk.stage(given, record);
                }
                Effect::Send { to, body } => {
                    current.outbox.push_back((token, Outgoing::Send(to, body)));
                }
                Effect::Relay { to, message } => {
                    current.outbox.push_back((token, Outgoing::Relay(to, message)));
                }
                Effect::Reply(reply) => current.replies.push_back((token, reply)),
                Effect::Executed { index, client, update } => {
                    self.trace.note(b'x', self.now, current.id, [index, 0], &update);
                    self.tally.executions += 1;
                    let id = current.id;
                    if !self.is_faulty(id) {
                        let known = self.history.length();
                        let result = self.history.executed(id, index, client, &update);
                        self.judge(host, result);
                        self.spread(Some(client), known);
                    }
                }
                Effect::Rewrite { records } => current.disk.stage_rewrite(token, records),
                Effect::Restored { index } => {
                    self.trace.note(b'i', self.now, current.id, [index, 0], &Digest::default());
                    let id = current.id;
                    if !self.is_faulty(id) {
                        let result = self.history.restored(id, index);
                        self.judge(host, result);
                        self.spread(None, self.history.length());
                    }
                }
                Effect::Reject { from, reason } => {
                    let from = from.map_or(0, |id| u64::from(id.0));
                    let number = [from, reason as u64];
                    self.trace.note(b'r', self.now, current.id, number, &Digest::default());
                    *self.tally.rejects.entry(reason).or_default() += 1;
                }
            }
        }
        self.hosts[host].last_token = token;
        self.taken = effects;
    }

    /// Writes, syncs and sends whatever may go now, and plans the next round.
    pub(crate) fn release(&mut self, host: usize) {
        let current = &mut self.hosts[host];
        let life = current.life;
        if let Some(token) = current.disk.begin_write() {
            let at = self.now + 1 + self.rng.below(self.parameters.hosts.write);
            self.queue.push(at, Event::Written(host, life, token));
        }
        let awaited = match self.parameters.hosts.level {
            Level::Process => current.replies.back().map(|(token, _)| *token),
            Level::Power => Some(current.last_token),
        };
        let needed = awaited.unwrap_or(0);
        if let Some(token) = current.disk.begin_sync(needed) {
            let at = self.now + 1 + self.rng.below(self.parameters.hosts.sync);
            self.queue.push(at, Event::Synced(host, life, token));
        }
        self.send(host);
        let bounds = self.hosts[host].check_bounds();
        self.judge(host, bounds);
        self.schedule(host);
    }

    fn send(&mut self, host: usize) {
        let current = &mut self.hosts[host];
        let (kept, synced) = (current.kept(self.parameters.hosts.level), current.disk.synced());
        let (mut bodies, mut parts, mut replies) = (Vec::new(), Vec::new(), Vec::new());
        while let Some((_, out)) = current.outbox.pop_front_if(|(token, _)| *token <= kept) {
            match out {
                Outgoing::Send(to, body) => {
                    *self.tally.sent.entry(M::Protocol::kind(&body)).or_default() += 1;
                    bodies.push(body);
                    parts.push((to, None));
                }
                Outgoing::Relay(to, message) => parts.push((to, Some(message))),
            }
        }
        while let Some((_, reply)) = current.replies.pop_front_if(|(token, _)| *token <= synced) {
            replies.push(reply);
        }
        if parts.is_empty() && replies.is_empty() {
            return;
        }
        let signs = !(bodies.is_empty() && replies.is_empty());
        let cost = if signs { self.parameters.hosts.sign } else { 0 };
        let leaves = current.spend(self.now, cost);
        let (sealed, replies) = current.signer.seal::<M::Protocol>(current.id, bodies, replies);
        let mut sealed = sealed.into_iter();
        for (to, relayed) in parts {
            let own = relayed.is_none();
            let Some(message) = relayed.or_else(|| sealed.next()) else { break };
            let id = self.hosts[host].id;
            if own && !self.is_faulty(id) {
                let said = self.monitor.sent(id, &message);
                if let Some(delays) = &mut self.delays {
                    delays.passes_over(self.now, id, self.monitor.passes_over(id));
                    delays.gave_out(self.now, id, self.monitor.gave_out(id));
                }
                self.judge(host, said.map_err(|detail| (Kind::Equivocation, detail)));
            }
            self.dispatch(host, leaves, to, message);
        }
        replies.into_iter().for_each(|reply| self.reply(host, leaves, reply));
    }

    /// Puts one signed message on the links, at the time `leaves`.
    fn dispatch(
        &mut self,
        host: usize,
        leaves: u64,
        to: To,
        message: <M::Protocol as Protocol>::Incoming,
    ) {
        let from = self.hosts[host].id;
        let digest = M::Protocol::digest(&message);
        self.trace.note(b's', self.now, from, [code(to), 0], &digest);
        let is_target = |index: usize, id| match to {
            To::All => true,
            To::Others => index != host,
            To::One(one) => id == one,
        };
        let mut packet: Option<Rc<Packet<M::Protocol>>> = None;
        for index in 0..self.hosts.len() {
            let id = self.hosts[index].id;
            if index == host || !is_target(index, id) {
                continue;
            }
            let packet = packet.get_or_insert_with(|| {
                self.encoded.clear();
                M::Protocol::encode(&message, &mut self.encoded);
                Rc::new(Packet::new(from, self.encoded.as_slice().into()))
            });
            let length = packet.bytes.len() as u64;
            for at in self.network.route(leaves, from, id, length).into_iter().flatten() {
                self.tally.bytes += length;
                self.queue.push(at, Event::Packet(index, Rc::clone(packet)));
            }
        }
        if is_target(host, from) {
            self.hosts[host].inbox.push_back(Arrival::Own(message));
        }
    }

    fn reply(&mut self, host: usize, leaves: u64, reply: Verified<Reply>) {
        self.trace.note(b'a', self.now, self.hosts[host].id, [0, 0], &reply.digest());
        let result = self.history.replied(reply.body());
        self.judge(host, result);
        if let Some(at) = self.client_link(leaves) {
            self.queue.push(at, Event::Answer(reply));
        }
    }

    /// When something sent at `leaves` between a client and a replica arrives, if it does.
    fn client_link(&mut self, leaves: u64) -> Option<u64> {
        let links = &self.parameters.links;
        if !self.calm && self.rng.chance(links.lost) {
            return None;
        }
        let way = self.rng.range(links.latency.0..=links.latency.1);
        Some(leaves + way + self.rng.below(links.jitter + 1))
    }

    /// A client submits or asks again.
    pub(crate) fn client(&mut self, client: usize) {
        let moves = self.clients.wake(client, self.now);
        for update in &moves.submitted {
            self.history.submitted(update);
            self.seen.submitted(self.now, update.signer(), update.body().seq);
        }
        for (target, update) in moves.requests {
            self.request(target.index(), update);
        }
        self.plan_client(client);
    }

    fn request(&mut self, host: usize, update: Verified<Update>) {
        if let Some(at) = self.client_link(self.now) {
            self.queue.push(at, Event::Request(host, update));
        }
    }

    pub(crate) fn plan_client(&mut self, client: usize) {
        if let Some(at) = self.clients.plan(client, self.now) {
            self.queue.push(at, Event::Client(client));
        }
    }

    /// A reply reaches its client.
    pub(crate) fn answer(&mut self, reply: &Verified<Reply>) {
        let body = reply.body();
        let Some(latency) = self.clients.answer(self.now, reply) else { return };
        self.tally.accepted(latency);
        self.look_at_pause();
        self.seen.answered(self.now, body.client, body.seq, body.result.clone());
        self.plan_client(crate::clients::Clients::index(body.client));
    }
}
