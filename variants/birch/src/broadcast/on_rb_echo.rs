//! Counts an Echo of its signer.

use prime::broadcast::Effects;
use prime::broadcast::Instance;
use prime::broadcast::State;
use prime::broadcast::Tag;
use wire::Config;
use wire::Digest;
use wire::Reject;
use wire::ReplicaId;
use wire::Verified;
use wire::prime::RbEcho;

/// 5.3, "Preliminaries"
pub fn on_rb_echo(
    state: &mut State,
    config: &Config,
    message: &Verified<RbEcho>,
    effects: &mut Effects,
) {
    let &RbEcho {
        originator,
        view,
        seq,
        digest,
    } = message.body();
    let tag = Tag {
        view,
        originator,
        seq,
    };
    let signer = message.signer();
    match state
        .outside(tag)
        .map_or(Ok(()), Err)
        .and_then(|()| new(state.instances.get(&tag), signer, digest))
    {
        Err(reason) => effects.reject(signer, reason),
        Ok(()) => {
            state
                .instances
                .entry(tag)
                .or_default()
                .echoes
                .insert(signer, digest);
            prime::broadcast::advance(state, config, tag, effects);
        }
    }
}

/// Whether this is the signer's first Echo.
fn new(instance: Option<&Instance>, signer: ReplicaId, digest: Digest) -> Result<(), Reject> {
    match instance.and_then(|instance| instance.echoes.get(&signer)) {
        None => Ok(()),
        Some(held) if *held == digest => Err(Reject::Duplicate),
        Some(_) => Err(Reject::Equivocation),
    }
}
