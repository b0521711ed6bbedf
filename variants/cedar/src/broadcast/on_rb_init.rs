//! Guards tried in order; what none of them refuses is held.

use prime::broadcast::{Effects, State, Tag, advance};
use wire::prime::RbInit;
use wire::{Config, Digest, Reject, Verified};

/// What the decision depends on.
struct Facts {
    /// What the state says of the tag.
    outside: Option<Reject>,
    /// The digest of the Init held.
    held: Option<Digest>,
    /// What was decided.
    decided: Option<Digest>,
    /// The digest of the one that came.
    came: Digest,
}

/// Each gives a reason to refuse, or none.
const GUARDS: [fn(&Facts) -> Option<Reject>; 3] = [
    |facts| facts.outside,
    |facts| (facts.held == Some(facts.came)).then_some(Reject::Duplicate),
    |facts| {
        (facts.held.is_some() && facts.decided != Some(facts.came)).then_some(Reject::Equivocation)
    },
];

/// Takes an Init of its signer.
pub fn on_rb_init(
    state: &mut State,
    config: &Config,
    message: &Verified<RbInit>,
    effects: &mut Effects,
) {
    let body = message.body();
    let tag = Tag { view: body.view, originator: message.signer(), seq: body.seq };
    let instance = state.instances.get(&tag);
    let facts = Facts {
        outside: state.outside(tag),
        held: instance.and_then(|instance| instance.init.as_ref()).map(Verified::digest),
        decided: instance.and_then(|instance| instance.decided),
        came: message.digest(),
    };
    match GUARDS.iter().find_map(|guard| guard(&facts)) {
        Some(reason) => effects.reject(tag.originator, reason),
        None => {
            state.instances.entry(tag).or_default().init = Some(message.clone());
            advance(state, config, tag, effects);
        }
    }
}
