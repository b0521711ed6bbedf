//! A table of rules, each of which draws up at most one command from what is held; the commands are
//! carried out one by one, so that a later rule sees what an earlier one did.

use prime::broadcast::{Effects, Instance, State, Tag};
use std::collections::BTreeMap;
use wire::prime::{Incoming, RbEcho, RbInit, RbReady, RbRequest};
use wire::{Config, Digest, Record, ReplicaId, To, Verified};

/// What is to be done.
enum Command {
    /// Log the Init, promise an Echo for it.
    Echo(Verified<RbInit>),
    /// Promise a Ready.
    Ready(Digest),
    /// Note what was decided, and ask for its Init if that is not held.
    Decide(Digest),
    /// Hand over the Init, which is logged first unless it was when it was echoed.
    Deliver(Option<Verified<RbInit>>),
}

/// Draws up a command, if it is time for it.
type Rule = fn(&Instance, &Config) -> Option<Command>;

/// In the order in which they are tried.
const RULES: [Rule; 4] = [echo, ready, decide, deliver];

/// The votes of an instance and how many of them are enough.
type Support = (fn(&Instance) -> &BTreeMap<ReplicaId, Digest>, fn(&Config) -> usize);

/// What a Ready may rest on.
const SUPPORT: [Support; 2] = [
    (|instance| &instance.echoes, Config::quorum),
    (|instance| &instance.readies, Config::one_correct),
];

/// The lowest digest in `votes` that at least `need` of them name.
fn carried(votes: &BTreeMap<ReplicaId, Digest>, need: usize) -> Option<Digest> {
    if votes.len() < need {
        return None;
    }
    let mut tally: BTreeMap<Digest, usize> = BTreeMap::new();
    for digest in votes.values() {
        *tally.entry(*digest).or_default() += 1;
    }
    tally.into_iter().find(|(_, votes)| *votes >= need).map(|(digest, _)| digest)
}

/// Whether the Init held is the one with `digest`.
fn holds(instance: &Instance, digest: Digest) -> bool {
    instance.init.as_ref().is_some_and(|init| init.digest() == digest)
}

fn echo(instance: &Instance, _config: &Config) -> Option<Command> {
    match (instance.echoed, &instance.init) {
        (None, Some(init)) => Some(Command::Echo(init.clone())),
        _ => None,
    }
}

fn ready(instance: &Instance, config: &Config) -> Option<Command> {
    match instance.readied {
        Some(_) => None,
        None => SUPPORT
            .iter()
            .filter_map(|(votes, need)| carried(votes(instance), need(config)))
            .min()
            .map(Command::Ready),
    }
}

fn decide(instance: &Instance, config: &Config) -> Option<Command> {
    match instance.decided {
        Some(_) => None,
        None => carried(&instance.readies, config.quorum()).map(Command::Decide),
    }
}

fn deliver(instance: &Instance, _config: &Config) -> Option<Command> {
    let due = !instance.delivered
        && instance.decided.is_some_and(|digest| holds(instance, digest));
    let logged = instance.echoed == instance.decided;
    due.then(|| Command::Deliver(instance.init.clone().filter(|_| !logged)))
}

/// Carries out `command`.
fn perform(
    command: Command,
    tag: Tag,
    instance: &mut Instance,
    fresh: &mut Vec<Tag>,
    effects: &mut Effects,
) {
    let Tag { view, originator, seq } = tag;
    match command {
        Command::Echo(init) => {
            let digest = init.digest();
            instance.echoed = Some(digest);
            effects.persist(Record::Held(Incoming::from(init)));
            effects.promise(To::All, RbEcho { originator, view, seq, digest });
        }
        Command::Ready(digest) => {
            instance.readied = Some(digest);
            effects.promise(To::All, RbReady { originator, view, seq, digest });
        }
        Command::Decide(digest) => {
            instance.decided = Some(digest);
            if !holds(instance, digest) {
                effects.send(To::Others, RbRequest { originator, view, seq, digest });
            }
        }
        Command::Deliver(unlogged) => {
            instance.delivered = true;
            if let Some(init) = unlogged {
                effects.persist(Record::Held(Incoming::from(init)));
            }
            fresh.push(tag);
        }
    }
}

/// Does what is held of `tag` allows.
pub fn advance(state: &mut State, config: &Config, tag: Tag, effects: &mut Effects) {
    if tag.view != state.view {
        return;
    }
    let Some(instance) = state.instances.get_mut(&tag) else {
        return;
    };
    for rule in RULES {
        if let Some(command) = rule(instance, config) {
            perform(command, tag, instance, &mut state.fresh, effects);
        }
    }
}
