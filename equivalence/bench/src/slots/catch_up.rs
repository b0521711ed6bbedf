//! The slots of catch-up.

use prime::catch_up::State;
use prime::order::{self, OrderSlot};
use prime::pre_order::Effects;
use wire::prime::CatchUpRequest;
use wire::{Config, Seq, Time, Verified};

super::adapter::table! {
    /// Versions of the slots of catch-up.
    CatchUp of catch_up, sound: Some(crate::sound::catch_up);
    forget(state: &mut State, floor: Seq,);
        [] oracle;
    keep(state: &mut State, seq: Seq, slot: &OrderSlot,);
        [] oracle;
    make_catch_up_request(
        state: &mut State, config: &Config, now: Time, order: &order::State,
        effects: &mut Effects,
    );
        [] oracle;
    on_catch_up_request(
        state: &mut State, config: &Config, now: Time, message: &Verified<CatchUpRequest>,
        effects: &mut Effects,
    );
        [Full] oracle;
}
