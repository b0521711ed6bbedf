//! The slots of reliable broadcast.

use prime::broadcast::{Effects, State, Tag};
use wire::prime::{Payload, Prime, RbEcho, RbInit, RbReady, RbRequest};
use wire::{Config, Record, Time, Verified, View};

super::adapter::table! {
    /// Versions of the slots of reliable broadcast.
    Broadcast of broadcast, sound: Some(crate::sound::broadcast);
    advance(state: &mut State, config: &Config, tag: Tag, effects: &mut Effects,);
        [] oracle;
    on_rb_echo(
        state: &mut State, config: &Config, message: &Verified<RbEcho>, effects: &mut Effects,
    );
        [Stale BeyondWindow Duplicate Equivocation] oracle;
    on_rb_init(
        state: &mut State, config: &Config, message: &Verified<RbInit>, effects: &mut Effects,
    );
        [Stale BeyondWindow Duplicate Equivocation] oracle;
    on_rb_ready(
        state: &mut State, config: &Config, message: &Verified<RbReady>, effects: &mut Effects,
    );
        [Stale BeyondWindow Duplicate Equivocation] oracle;
    on_rb_request(
        state: &mut State, config: &Config, now: Time, message: &Verified<RbRequest>,
        effects: &mut Effects,
    );
        [Full] oracle;
    recover(state: &mut State, _config: &Config, record: &Record<Prime>,);
        [] oracle;
    resume(state: &mut State, config: &Config, effects: &mut Effects,);
        [] oracle;
    retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects,);
        [] oracle;
    start(
        state: &mut State, config: &Config, view: View, payloads: Vec<Payload>,
        effects: &mut Effects,
    );
        [] oracle;
    take(state: &mut State,) -> Vec<Verified<RbInit>>;
        [] oracle;
}
