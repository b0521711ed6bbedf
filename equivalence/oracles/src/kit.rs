//! What the oracles' own tests are made of: a cluster of four (f = 1, k = 0, so Q = 3) of which
//! server 1 is the one under test.

use crate::Finding;
use std::sync::Arc;
use wire::auth::Context;
use wire::prime::{Incoming, Prime};
use wire::stub::Stub;
use wire::{
    Config, Digest, Effect, Effects, Principal, Record, Reject, ReplicaId, Signable, Signer,
    Verified,
};

/// The server under test.
pub(crate) const ME: ReplicaId = ReplicaId(1);

/// Four servers, one of which may be faulty.
pub(crate) fn config() -> Config {
    Config::new(Digest::default(), 4, 1, 0)
}

/// Signs for anybody.
pub(crate) fn signer(principal: Principal) -> Signer {
    Signer::new(Context::from(&config()), Arc::new(Stub(principal)))
}

/// `body` by server `i`.
pub(crate) fn sign<T: Signable<Signer = ReplicaId>>(i: u16, body: T) -> Verified<T> {
    let i = ReplicaId(i);
    signer(i.into()).sign_all(i, vec![body]).remove(0)
}

/// What `make` emits.
pub(crate) fn effects(make: impl FnOnce(&mut Effects<Prime>)) -> Vec<Effect<Prime>> {
    let mut effects = Effects::default();
    make(&mut effects);
    effects.drain()
}

/// Rejected.
pub(crate) fn reject(from: u16, reason: Reject) -> Effect<Prime> {
    Effect::Reject { from: Some(ReplicaId(from)), reason }
}

/// Logged as held.
pub(crate) fn held(message: impl Into<Incoming>) -> Effect<Prime> {
    Effect::Persist { token: 1, record: Record::Held(message.into()) }
}

/// The oracle finds fault, and at `place`.
#[track_caller]
pub(crate) fn trips(outcome: Result<(), Finding>, place: &str) {
    let finding = outcome.expect_err("the oracle lets a wrong outcome pass");
    assert!(finding.rule.contains(place), "{finding} is not about {place}");
}

/// What is wrong with an outcome, and at which place that shows.
pub(crate) type Change<S> = (&'static str, fn(&mut S));

/// Each change of the right outcome trips the oracle, and at its place.
#[track_caller]
pub(crate) fn all_trip<S: Clone>(
    right: &S,
    check: impl Fn(&S) -> Result<(), Finding>,
    changes: &[Change<S>],
) {
    assert_eq!(check(right), Ok(()));
    for (place, change) in changes {
        let mut wrong = right.clone();
        change(&mut wrong);
        trips(check(&wrong), place);
    }
}
