//! Guards tried in order; what none of them refuses is counted.

use prime::broadcast::{Effects, State, Tag, advance};
use wire::prime::RbEcho;
use wire::{Config, Digest, Reject, Verified};

/// What the decision depends on.
struct Facts {
    /// What the state says of the tag.
    outside: Option<Reject>,
    /// The signer's digest that is held.
    held: Option<Digest>,
    /// The one that came.
    came: Digest,
}

/// Each gives a reason to refuse, or none.
const GUARDS: [fn(&Facts) -> Option<Reject>; 3] = [
    |facts| facts.outside,
    |facts| (facts.held == Some(facts.came)).then_some(Reject::Duplicate),
    |facts| facts.held.map(|_| Reject::Equivocation),
];

/// Counts an Echo of its signer.
pub fn on_rb_echo(
    state: &mut State,
    config: &Config,
    message: &Verified<RbEcho>,
    effects: &mut Effects,
) {
    let RbEcho { originator, view, seq, digest } = *message.body();
    let tag = Tag { view, originator, seq };
    let signer = message.signer();
    let facts = Facts {
        outside: state.outside(tag),
        held: state
            .instances
            .get(&tag)
            .and_then(|instance| instance.echoes.get(&signer))
            .copied(),
        came: digest,
    };
    match GUARDS.iter().find_map(|guard| guard(&facts)) {
        Some(reason) => effects.reject(signer, reason),
        None => {
            state.instances.entry(tag).or_default().echoes.insert(signer, digest);
            advance(state, config, tag, effects);
        }
    }
}
