//! What the log says of broadcasts.

use prime::broadcast::{State, Tag};
use wire::prime::{Body, Incoming, Prime};
use wire::{Config, Record};

/// Takes one record of the log.
pub fn recover(state: &mut State, _config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(Body::RbInit(init)) => {
            if init.view > state.view {
                state.enter(init.view);
            }
            if init.view == state.view {
                state.promised.insert(init.seq, init.clone());
            }
        }
        Record::Promise(Body::InstallCertificate(install)) => {
            let view = install.replay.body.constraint.view;
            if view > state.view {
                state.enter(view);
            }
        }
        Record::Promise(Body::RbEcho(echo)) => {
            if echo.view == state.view {
                let tag = Tag { view: echo.view, originator: echo.originator, seq: echo.seq };
                state.instances.entry(tag).or_default().echoed = Some(echo.digest);
            }
        }
        Record::Promise(Body::RbReady(ready)) => {
            if ready.view == state.view {
                let tag = Tag { view: ready.view, originator: ready.originator, seq: ready.seq };
                state.instances.entry(tag).or_default().readied = Some(ready.digest);
            }
        }
        Record::Held(Incoming::RbInit(init)) => {
            let body = init.body();
            if body.view == state.view {
                let tag = Tag { view: body.view, originator: init.signer(), seq: body.seq };
                state.instances.entry(tag).or_default().init = Some(init.clone());
            }
        }
        _ => {}
    }
}
