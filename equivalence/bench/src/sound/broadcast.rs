//! States of broadcasting.

use super::{count, replicas};
use prime::broadcast::{AHEAD, ANSWERS, Instance, State, Tag};
use std::collections::BTreeSet;
use wire::prime::MAX_REPLAY;
use wire::{Config, Digest, Verified};

/// Whether broadcasting may meet `state` where no handler is under way.
pub(crate) fn broadcast(config: &Config, _before: &State, state: &State) -> bool {
    let fresh: BTreeSet<Tag> = state.fresh.iter().copied().collect();
    let delivered = |tag: &Tag| state.instances.get(tag).is_some_and(|instance| instance.delivered);
    config.is_replica(state.me)
        && state.answered.len() == config.size()
        && state.answered.iter().all(|(_, count)| *count <= ANSWERS)
        && fresh.len() == state.fresh.len()
        && fresh.iter().all(delivered)
        && state.cursor.is_none_or(|tag| tag.view == state.view)
        && state.promised.iter().all(|(seq, init)| init.seq == *seq && init.view == state.view)
        && state.instances.iter().all(|(tag, instance)| {
            stands(config, state, *tag, instance)
                && if tag.view == state.view {
                    settled(config, instance)
                } else {
                    untouched(instance)
                }
        })
}

fn stands(config: &Config, state: &State, tag: Tag, instance: &Instance) -> bool {
    let views = state.view.0..=state.view.0.saturating_add(AHEAD);
    let own = |init: &Verified<wire::prime::RbInit>| {
        let body = init.body();
        (init.signer(), body.view, body.seq) == (tag.originator, tag.view, tag.seq)
    };
    views.contains(&tag.view.0)
        && config.is_replica(tag.originator)
        && usize::try_from(tag.seq).is_ok_and(|seq| seq <= MAX_REPLAY)
        && instance.init.as_ref().is_none_or(own)
        && replicas(config, &instance.echoes)
        && replicas(config, &instance.readies)
}

/// Of a view that is not preinstalled, votes are counted and nothing is said.
fn untouched(instance: &Instance) -> bool {
    let said = [instance.echoed, instance.readied, instance.decided];
    said.iter().all(Option::is_none) && !instance.delivered
}

/// What is held has had its consequences.
fn settled(config: &Config, instance: &Instance) -> bool {
    let held = instance.init.as_ref().map(Verified::digest);
    let Instance { echoes, readies, .. } = instance;
    let backed = |digest: &Digest| {
        count(echoes, *digest) >= config.quorum() || count(readies, *digest) >= config.one_correct()
    };
    let decides = |digest: &&Digest| count(readies, **digest) >= config.quorum();
    let ready = echoes.values().chain(readies.values()).any(backed);
    let decided = readies.values().find(decides).copied();
    (instance.echoed.is_some() || held.is_none())
        && (instance.readied.is_some() || !ready)
        && instance.decided == decided
        && instance.delivered == (decided.is_some() && decided == held)
}
