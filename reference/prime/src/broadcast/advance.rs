//! A broadcast moves from echoed to ready to decided to delivered.

use crate::broadcast::{Effects, Instance, State, Tag, count};
use slots::slot;
use std::collections::BTreeSet;
use wire::prime::{RbEcho, RbReady, RbRequest};
use wire::{Config, Digest, Record, To, Verified};

/// Does what is held of `tag` allows.
///
/// Nothing happens if there is no entry for `tag` or its view is not `state.view`. Otherwise, in
/// this order:
/// 1. If `init` is held and nothing was `echoed`: `echoed` becomes its digest; emitted are `Persist`
///    of the Init as `Held` and an Echo of it as a promise to all.
/// 2. If nothing was `readied` and some digest is named by Q `echoes` or by f+1 `readies` (or both):
///    `readied` becomes the lowest digest of which either is true, and a Ready for it is promised to
///    all.
/// 3. If nothing is `decided` and some digest is named by Q `readies`: it becomes `decided`, and
///    unless the `init` held has it, an RbRequest for it is emitted as `Send` to `To::Others`.
/// 4. If it is `decided`, not yet `delivered`, and `init` has the decided digest: `delivered` is set,
///    the tag is appended to `state.fresh`, and, unless it was `echoed` with this digest, `Persist`
///    of the Init as `Held` is emitted: whoever delivers keeps and serves it.
///
/// Q is `config.quorum()`, f+1 is `config.one_correct()`. To promise is to emit `Persist` as
/// `Promise`, then `Send`, of the same body.
///
/// Invariant: at most one Echo and one Ready per tag, also across restarts. No two correct servers
/// deliver different Inits under one tag, and if one delivers, all that stay in the view do.
/// Paper: 5.3, "Preliminaries". Deviation: none.
///
/// Invariant: `echoed`, `readied` and `decided`, once there, never change, and `delivered` never
/// becomes false again.
/// Invariant: every Echo and Ready is persisted as a promise before it is sent.
/// Invariant: to advance twice in a row is to advance once.
#[slot(broadcast.advance)]
pub fn advance(state: &mut State, config: &Config, tag: Tag, effects: &mut Effects) {
    if tag.view != state.view {
        return;
    }
    let Some(instance) = state.instances.get_mut(&tag) else { return };
    let Tag { view, originator, seq } = tag;
    if let (None, Some(init)) = (instance.echoed, &instance.init) {
        let digest = init.digest();
        instance.echoed = Some(digest);
        effects.persist(Record::Held(init.clone().into()));
        effects.promise(To::All, RbEcho { originator, view, seq, digest });
    }
    if instance.readied.is_none()
        && let Some(digest) = supported(config, instance)
    {
        instance.readied = Some(digest);
        effects.promise(To::All, RbReady { originator, view, seq, digest });
    }
    let held = instance.init.as_ref().map(Verified::digest);
    if instance.decided.is_none() {
        let named: BTreeSet<Digest> = instance.readies.values().copied().collect();
        let quorum = |digest: &Digest| count(&instance.readies, *digest) >= config.quorum();
        instance.decided = named.into_iter().find(quorum);
        if let Some(digest) = instance.decided.filter(|digest| held != Some(*digest)) {
            effects.send(To::Others, RbRequest { originator, view, seq, digest });
        }
    }
    if !instance.delivered && instance.decided.is_some() && instance.decided == held {
        instance.delivered = true;
        if let Some(init) = instance.init.as_ref().filter(|_| instance.echoed != held) {
            effects.persist(Record::Held(init.clone().into()));
        }
        state.fresh.push(tag);
    }
}

/// What a Ready may be promised for.
fn supported(config: &Config, instance: &Instance) -> Option<Digest> {
    let votes = instance.echoes.values().chain(instance.readies.values());
    let named: BTreeSet<Digest> = votes.copied().collect();
    named.into_iter().find(|&digest| {
        count(&instance.echoes, digest) >= config.quorum()
            || count(&instance.readies, digest) >= config.one_correct()
    })
}
