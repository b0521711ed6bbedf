//! What `broadcast.recover` must do.

use super::definitions::enter;
use crate::Finding;
use crate::expected::Expected;
use prime::broadcast::{State, Tag};
use wire::prime::{Body, Incoming, Prime, RbEcho, RbReady};
use wire::{Config, Record};

/// What was promised and held in the preinstalled view is known again.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    record: &Record<Prime>,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("broadcast.recover", config, before);
    let state = &mut expected.state;
    let begins = match record {
        Record::Promise(Body::RbInit(init)) => Some(init.view),
        Record::Promise(Body::InstallCertificate(it)) => Some(it.replay.body.constraint.view),
        _ => None,
    };
    if let Some(view) = begins.filter(|&view| view > state.view) {
        enter(state, view);
    }
    let view = state.view;
    match record {
        Record::Promise(Body::RbInit(init)) if init.view == view => {
            state.promised.insert(init.seq, init.clone());
        }
        Record::Promise(Body::RbEcho(echo)) if echo.view == view => {
            let RbEcho { originator, view, seq, digest } = *echo;
            let tag = Tag { view, originator, seq };
            state.instances.entry(tag).or_default().echoed = Some(digest);
        }
        Record::Promise(Body::RbReady(ready)) if ready.view == view => {
            let RbReady { originator, view, seq, digest } = *ready;
            let tag = Tag { view, originator, seq };
            state.instances.entry(tag).or_default().readied = Some(digest);
        }
        Record::Held(Incoming::RbInit(init)) if init.body().view == view => {
            let tag = Tag { view, originator: init.signer(), seq: init.body().seq };
            state.instances.entry(tag).or_default().init = Some(init.clone());
        }
        _ => {}
    }
    expected.since("a higher view begins; Inits promised and held, Echos and Readys enter");
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::broadcast::kit::{TAG, at, config, echo, init, init_of, ready, sign, state, trips};
    use prime::broadcast::{State, Tag};
    use wire::prime::{Body, Constraint, InstallCertificate, Prime, Replay, Resolution};
    use wire::{Digest, List, Record, ReplicaId, Seq, View};

    fn promised(body: impl Into<Body>) -> Record<Prime> {
        Record::Promise(body.into())
    }

    fn is(before: &State, record: &Record<Prime>, after: &State) {
        assert_eq!(check(&config(), before, record, after), Ok(()));
        if before != after {
            assert!(check(&config(), before, record, before).is_err());
        }
    }

    #[test]
    fn promises_and_inits_of_the_view_enter() {
        let (other, digest) = (Digest::of("test", b"other"), init(0).digest());
        let mut before = state();
        at(&mut before, TAG).init = Some(init(1));
        let with = |change: &dyn Fn(&mut State)| {
            let mut after = before.clone();
            change(&mut after);
            after
        };
        let far = Tag { seq: 999, ..TAG };
        is(&before, &promised(echo(TAG, other)), &with(&|s| at(s, TAG).echoed = Some(other)));
        is(&before, &promised(echo(far, other)), &with(&|s| at(s, far).echoed = Some(other)));
        is(&before, &promised(ready(TAG, digest)), &with(&|s| at(s, TAG).readied = Some(digest)));
        let replaced = with(&|s| at(s, TAG).init = Some(init(0)));
        is(&before, &Record::Held(init(0).into()), &replaced);
        let own = init_of(Tag { originator: ReplicaId(1), ..TAG }, 0);
        let after = with(&|s| drop(s.promised.insert(0, own.body().clone())));
        is(&before, &promised(own.body().clone()), &after);
        // An Init that is held was neither echoed nor delivered by that.
        let echoed = with(&|s| {
            at(s, TAG).init = Some(init(0));
            at(s, TAG).echoed = Some(digest);
        });
        trips(check(&config(), &before, &Record::Held(init(0).into()), &echoed), "echoed");
        // Of other views, and other kinds of record.
        let next = Tag { view: View(2), ..TAG };
        for record in [
            promised(echo(next, other)),
            promised(ready(next, other)),
            Record::Held(init_of(next, 0).into()),
            Record::Held(sign(3, echo(TAG, other)).into()),
            promised(init_of(Tag { view: View(0), ..TAG }, 0).body().clone()),
        ] {
            is(&before, &record, &before);
            trips(check(&config(), &before, &record, &echoed), "init");
        }
    }

    #[test]
    fn a_higher_view_begins_with_its_first_init_or_its_certificate() {
        let mut before = state();
        at(&mut before, TAG).init = Some(init(0));
        before.fresh = vec![TAG];
        before.promised.insert(3, init(0).body().clone());
        before.cursor = Some(TAG);
        let mut after = state();
        after.view = View(2);
        let resolution = Resolution::default();
        let constraint = Constraint {
            view: View(2),
            ids: List::empty(),
            base: Seq(0),
            start_seq: Seq(1),
            resolution: resolution.digest(),
        };
        let replay = Replay { constraint, proof: wire::prime::Proof::Certificate(List::empty()) };
        let replay = sign(3, replay).signed().clone();
        let record = promised(InstallCertificate { replay, commits: List::empty(), resolution });
        is(&before, &record, &after);
        let placed = State { cursor: before.cursor, ..after.clone() };
        trips(check(&config(), &before, &record, &placed), "cursor");
        let opened = init_of(Tag { view: View(2), originator: ReplicaId(1), seq: 4 }, 0);
        let record = promised(opened.body().clone());
        let unnamed = after.clone();
        after.promised.insert(4, opened.body().clone());
        is(&before, &record, &after);
        trips(check(&config(), &before, &record, &unnamed), "promised");
        after.fresh = vec![TAG];
        trips(check(&config(), &before, &record, &after), "fresh");
    }
}
