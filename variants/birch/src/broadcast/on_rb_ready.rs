//! Counts a Ready of its signer.

use prime::broadcast::Effects;
use prime::broadcast::Instance;
use prime::broadcast::State;
use prime::broadcast::Tag;
use wire::Config;
use wire::Digest;
use wire::Reject;
use wire::ReplicaId;
use wire::Verified;
use wire::prime::RbReady;

/// 5.3, "Preliminaries"
pub fn on_rb_ready(
    state: &mut State,
    config: &Config,
    message: &Verified<RbReady>,
    effects: &mut Effects,
) {
    let &RbReady {
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
                .readies
                .insert(signer, digest);
            prime::broadcast::advance(state, config, tag, effects);
        }
    }
}

/// Whether this is the signer's first Ready.
fn new(instance: Option<&Instance>, signer: ReplicaId, digest: Digest) -> Result<(), Reject> {
    match instance.and_then(|instance| instance.readies.get(&signer)) {
        None => Ok(()),
        Some(held) if *held == digest => Err(Reject::Duplicate),
        Some(_) => Err(Reject::Equivocation),
    }
}
