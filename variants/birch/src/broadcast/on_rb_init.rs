//! Takes an Init of its signer.

use prime::broadcast::Effects;
use prime::broadcast::Instance;
use prime::broadcast::State;
use prime::broadcast::Tag;
use wire::Config;
use wire::Digest;
use wire::Reject;
use wire::Verified;
use wire::prime::RbInit;

/// 5.3, "Preliminaries"
pub fn on_rb_init(
    state: &mut State,
    config: &Config,
    message: &Verified<RbInit>,
    effects: &mut Effects,
) {
    let tag = Tag {
        view: message.body().view,
        originator: message.signer(),
        seq: message.body().seq,
    };
    match state
        .outside(tag)
        .map_or(Ok(()), Err)
        .and_then(|()| welcome(state.instances.get(&tag), message.digest()))
    {
        Err(reason) => effects.reject(message.signer(), reason),
        Ok(()) => {
            state.instances.entry(tag).or_default().init = Some(message.clone());
            prime::broadcast::advance(state, config, tag, effects);
        }
    }
}

/// Whether an Init with this digest is the first, or the decided one while another is held.
fn welcome(instance: Option<&Instance>, digest: Digest) -> Result<(), Reject> {
    let held = instance.and_then(|instance| instance.init.as_ref().map(|init| (instance, init)));
    match held {
        None => Ok(()),
        Some((_, init)) if init.digest() == digest => Err(Reject::Duplicate),
        Some((instance, _)) if instance.decided == Some(digest) => Ok(()),
        Some(_) => Err(Reject::Equivocation),
    }
}
