//! One record of the log.

use prime::broadcast::Instance;
use prime::broadcast::State;
use prime::broadcast::Tag;
use wire::Config;
use wire::Record;
use wire::prime::Body;
use wire::prime::Incoming;
use wire::prime::Prime;

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(state: &mut State, _config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(Body::RbInit(init)) => {
            state.enter(init.view);
            if init.view == state.view {
                state.promised.insert(init.seq, init.clone());
            }
        }
        Record::Promise(Body::InstallCertificate(install)) => {
            state.enter(install.replay.body.constraint.view);
        }
        Record::Promise(Body::RbEcho(echo)) => {
            let tag = Tag {
                view: echo.view,
                originator: echo.originator,
                seq: echo.seq,
            };
            amend(state, tag, |instance| instance.echoed = Some(echo.digest));
        }
        Record::Promise(Body::RbReady(ready)) => {
            let tag = Tag {
                view: ready.view,
                originator: ready.originator,
                seq: ready.seq,
            };
            amend(state, tag, |instance| instance.readied = Some(ready.digest));
        }
        Record::Held(Incoming::RbInit(init)) => {
            let tag = Tag {
                view: init.body().view,
                originator: init.signer(),
                seq: init.body().seq,
            };
            amend(state, tag, |instance| instance.init = Some(init.clone()));
        }
        _ => {}
    }
}

/// Changes the entry of `tag`, made if need be, if it is one of the preinstalled view.
fn amend(state: &mut State, tag: Tag, change: impl FnOnce(&mut Instance)) {
    if tag.view == state.view {
        change(state.instances.entry(tag).or_default());
    }
}
