//! The slots of execution.

use prime::execute::{Effects, State};
use prime::pre_order::Content;
use wire::{ClientId, Config, PoSeq, ReplicaId, Seq, Service, Update};

super::adapter::table! {
    /// Versions of the slots of execution.
    Execute of execute, sound: Some(crate::sound::execute);
    apply_request(
        state: &mut State, config: &Config, service: &mut dyn Service, content: &Content,
        effects: &mut Effects,
    );
        [] oracle;
    apply_update(
        state: &mut State, config: &Config, service: &mut dyn Service, client: ClientId,
        update: &Update, effects: &mut Effects,
    );
        [] oracle;
    finish_number(state: &mut State, config: &Config, seq: Seq, new: &[PoSeq],);
        [] oracle;
    order_of(old: &[PoSeq], new: &[PoSeq],) -> Vec<(ReplicaId, PoSeq)>;
        [] oracle;
    restore_tables(config: &Config, bytes: &[u8],) -> Result<State, String>;
        [] oracle;
    snapshot(state: &State,) -> Vec<u8>;
        [] oracle;
}
