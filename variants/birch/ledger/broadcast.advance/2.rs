//! Echo, Ready, decision and delivery of one broadcast.

use prime::broadcast::Effects;
use prime::broadcast::Instance;
use prime::broadcast::State;
use prime::broadcast::Tag;
use std::collections::BTreeMap;
use wire::Config;
use wire::Digest;
use wire::Record;
use wire::ReplicaId;
use wire::To;
use wire::Verified;
use wire::prime::RbEcho;
use wire::prime::RbInit;
use wire::prime::RbReady;
use wire::prime::RbRequest;

/// 5.3, "Preliminaries"
pub fn advance(state: &mut State, config: &Config, tag: Tag, effects: &mut Effects) {
    let State {
        view,
        instances,
        fresh,
        ..
    } = state;
    let Some(instance) = instances.get_mut(&tag).filter(|_| tag.view == *view) else {
        return;
    };
    let Tag {
        view,
        originator,
        seq,
    } = tag;

    if let Ok(init) = to_echo(instance) {
        let digest = init.digest();
        effects.persist(Record::Held(init.into()));
        effects.promise(
            To::All,
            RbEcho {
                originator,
                view,
                seq,
                digest,
            },
        );
        instance.echoed = Some(digest);
    }
    if let Ok(digest) = to_ready(instance, config) {
        effects.promise(
            To::All,
            RbReady {
                originator,
                view,
                seq,
                digest,
            },
        );
        instance.readied = Some(digest);
    }
    if let Ok(digest) = to_decide(instance, config) {
        instance.decided = Some(digest);
        if instance.init.as_ref().map(Verified::digest) != Some(digest) {
            effects.send(
                To::Others,
                RbRequest {
                    originator,
                    view,
                    seq,
                    digest,
                },
            );
        }
    }
    if let Ok(init) = to_deliver(instance) {
        if instance.echoed != Some(init.digest()) {
            effects.persist(Record::Held(init.into()));
        }
        instance.delivered = true;
        fresh.push(tag);
    }
}

/// Why one of the steps is not taken now.
enum Not {
    /// It was before.
    Again,
    /// Something is missing.
    Yet,
}

/// The Init that came first, if it was not echoed.
fn to_echo(instance: &Instance) -> Result<Verified<RbInit>, Not> {
    match instance.echoed {
        Some(_) => Err(Not::Again),
        None => instance.init.clone().ok_or(Not::Yet),
    }
}

/// The lowest of what Q Echos and of what a correct server's Ready name.
fn to_ready(instance: &Instance, config: &Config) -> Result<Digest, Not> {
    match instance.readied {
        Some(_) => Err(Not::Again),
        None => named(&instance.echoes, config.quorum())
            .into_iter()
            .chain(named(&instance.readies, config.one_correct()))
            .min()
            .ok_or(Not::Yet),
    }
}

/// What Q Readys name.
fn to_decide(instance: &Instance, config: &Config) -> Result<Digest, Not> {
    match instance.decided {
        Some(_) => Err(Not::Again),
        None => named(&instance.readies, config.quorum()).ok_or(Not::Yet),
    }
}

/// The decided Init.
fn to_deliver(instance: &Instance) -> Result<Verified<RbInit>, Not> {
    if instance.delivered {
        return Err(Not::Again);
    }
    instance
        .init
        .as_ref()
        .filter(|init| Some(init.digest()) == instance.decided)
        .cloned()
        .ok_or(Not::Yet)
}

/// The lowest digest that at least `least` of `votes` name.
fn named(votes: &BTreeMap<ReplicaId, Digest>, least: usize) -> Option<Digest> {
    if votes.len() < least {
        return None;
    }
    let mut digests: Vec<Digest> = votes.values().copied().collect();
    digests.sort_unstable();
    digests
        .chunk_by(|one, other| one == other)
        .find(|equal| equal.len() >= least)
        .and_then(|equal| equal.first().copied())
}
