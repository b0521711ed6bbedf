//! A round trip over the broadcasts of the view, from the cursor on: each is turned into commands by
//! a table, and a separate function carries them out.

use prime::broadcast::{Effects, Instance, State, Tag};
use std::ops::Bound::{Excluded, Included};
use wire::prime::{Body, Incoming, RbEcho, RbReady, RbRequest};
use wire::{Config, Digest, Effect, ReplicaId, Time, To};

/// Most broadcasts that are taken at once, whether or not there is something to say about them.
const AT_ONCE: usize = 128;

/// What is looked at.
struct Facts<'a> {
    me: ReplicaId,
    config: &'a Config,
    tag: Tag,
    instance: &'a Instance,
}

/// What is to be done.
enum Command {
    /// Say a body to the others.
    Say(Body),
    /// Pass the Init on to one that is not known to have it.
    Pass(ReplicaId, Incoming),
}

/// Adds commands for one broadcast.
type Rule = fn(&Facts<'_>, &mut Vec<Command>);

/// In the order in which it is said.
const RULES: [Rule; 4] = [init, echo, ready, request];

fn init(facts: &Facts<'_>, commands: &mut Vec<Command>) {
    if facts.tag.originator != facts.me {
        return;
    }
    if let Some(init) = &facts.instance.init {
        commands.extend(
            facts
                .config
                .replicas()
                .filter(|peer| *peer != facts.me && !facts.instance.echoes.contains_key(peer))
                .map(|peer| Command::Pass(peer, Incoming::from(init.clone()))),
        );
    }
}

fn echo(facts: &Facts<'_>, commands: &mut Vec<Command>) {
    let Tag { view, originator, seq } = facts.tag;
    let Facts { me, config, instance, .. } = *facts;
    // Whoever is ready needs no Echo any more.
    let waited_for = |_: &Digest| {
        config.replicas().any(|peer| peer != me && !instance.readies.contains_key(&peer))
    };
    commands.extend(
        instance
            .echoed
            .filter(waited_for)
            .map(|digest| Command::Say(RbEcho { originator, view, seq, digest }.into())),
    );
}

fn ready(facts: &Facts<'_>, commands: &mut Vec<Command>) {
    let Tag { view, originator, seq } = facts.tag;
    commands.extend(
        facts
            .instance
            .readied
            .map(|digest| Command::Say(RbReady { originator, view, seq, digest }.into())),
    );
}

fn request(facts: &Facts<'_>, commands: &mut Vec<Command>) {
    let Tag { view, originator, seq } = facts.tag;
    let lacking = facts.instance.decided.filter(|digest| {
        facts.instance.init.as_ref().is_none_or(|init| init.digest() != *digest)
    });
    commands.extend(
        lacking.map(|digest| Command::Say(RbRequest { originator, view, seq, digest }.into())),
    );
}

/// Carries out `command`.
fn perform(command: Command, effects: &mut Effects) {
    match command {
        Command::Say(body) => effects.send(To::Others, body),
        Command::Pass(peer, message) => {
            effects.push(Effect::Relay { to: To::One(peer), message });
        }
    }
}

/// The first and the last tag that a broadcast of the preinstalled view may have.
fn ends(state: &State) -> (Tag, Tag) {
    let view = state.view;
    (
        Tag { view, originator: ReplicaId(0), seq: 0 },
        Tag { view, originator: ReplicaId(u16::MAX), seq: u32::MAX },
    )
}

/// Says again what this server said in broadcasts of the preinstalled view.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
    let (first, last) = ends(state);
    // A cursor of another view is none.
    let cursor = state.cursor.filter(|tag| tag.view == state.view);
    let (above, below) = match cursor {
        Some(cursor) => {
            let above = if cursor < last { Some((Excluded(cursor), Included(last))) } else { None };
            (above, Some((Included(first), Included(cursor))))
        }
        None => (Some((Included(first), Included(last))), None),
    };
    let round = above
        .into_iter()
        .chain(below)
        .flat_map(|span| state.instances.range::<Tag, _>(span));
    let mut commands = Vec::new();
    let mut reached = None;
    for (tag, instance) in round.take(AT_ONCE) {
        let facts = Facts { me: state.me, config, tag: *tag, instance };
        for rule in RULES {
            rule(&facts, &mut commands);
        }
        commands.drain(..).for_each(|command| perform(command, effects));
        reached = Some(*tag);
    }
    state.cursor = reached.or(state.cursor);
}
