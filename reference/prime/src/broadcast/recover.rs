//! What the log says about broadcasts.

use crate::broadcast::{State, Tag};
use slots::slot;
use wire::prime::{Body, Incoming, Prime};
use wire::{Config, Record};

/// Takes one record of the log, in the order written, before the server starts.
///
/// - `Promise` of an RbInit, or of an Install-Certificate, of a view above `state.view`: that view
///   begins ([`State::enter`]).
/// - `Promise` of an RbInit of what is now `state.view`, the one that began it included: it enters
///   `promised` under its number.
/// - `Promise` of an Echo or a Ready of `state.view`: the entry's `echoed` or `readied` becomes its
///   digest.
/// - `Held` Init of `state.view`: it becomes the entry's `init`, in place of one held before. (Whether
///   it was echoed or delivered follows later: see [`resume`](super::resume).)
/// - Anything else is not for broadcasting: nothing happens.
///
/// Entries are made as needed and no window applies. Emits nothing.
///
/// Invariant: after a restart no Init, Echo or Ready is contradicted.
/// Paper: none; the report's servers do not forget. Deviation: none.
#[slot(broadcast.recover)]
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
        Record::Promise(Body::RbEcho(echo)) if echo.view == state.view => {
            let tag = Tag { view: echo.view, originator: echo.originator, seq: echo.seq };
            state.instances.entry(tag).or_default().echoed = Some(echo.digest);
        }
        Record::Promise(Body::RbReady(ready)) if ready.view == state.view => {
            let tag = Tag { view: ready.view, originator: ready.originator, seq: ready.seq };
            state.instances.entry(tag).or_default().readied = Some(ready.digest);
        }
        Record::Held(Incoming::RbInit(init)) if init.body().view == state.view => {
            let (view, seq) = (init.body().view, init.body().seq);
            let tag = Tag { view, originator: init.signer(), seq };
            state.instances.entry(tag).or_default().init = Some(init.clone());
        }
        Record::Promise(_) | Record::Held(_) => {}
    }
}
