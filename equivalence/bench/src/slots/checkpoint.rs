//! The slots of checkpoints.

use prime::checkpoint::{Contents, Snapshot, State, Transfer};
use prime::execute;
use prime::pre_order::Effects;
use wire::prime::{Checkpoint as Vote, CheckpointProof, Prime, StateChunk, StateId, StateRequest};
use wire::{Config, PoSeq, Record, ReplicaId, Seq, Time, Verified};

super::adapter::table! {
    /// Versions of the slots of checkpoints.
    Checkpoint of checkpoint, sound: Some(crate::sound::checkpoint);
    assemble(transfer: &Transfer,) -> Option<Vec<u8>>;
        [] oracle;
    covers(me: ReplicaId, seq: Seq, prefix: &[PoSeq], record: &Record<Prime>,) -> bool;
        [] oracle;
    cut(seq: Seq, bytes: Vec<u8>,) -> (StateId, Snapshot);
        [] oracle;
    log(state: &mut State,) -> Option<Vec<Record<Prime>>>;
        [] oracle;
    make_checkpoint(state: &mut State, config: &Config, now: Time, effects: &mut Effects,);
        [] oracle;
    make_checkpoint_proof(
        state: &mut State, config: &Config, now: Time, peer: ReplicaId, effects: &mut Effects,
    );
        [Full] oracle;
    make_state_requests(
        state: &mut State, config: &Config, now: Time, executed: Seq, effects: &mut Effects,
    );
        [] oracle;
    on_checkpoint(
        state: &mut State, config: &Config, message: &Verified<Vote>, effects: &mut Effects,
    ) -> bool;
        [Invalid Stale Duplicate Equivocation] oracle;
    on_checkpoint_proof(
        state: &mut State, config: &Config, now: Time, executed: Seq,
        message: &Verified<CheckpointProof>, effects: &mut Effects,
    );
        [Invalid Stale Full] oracle;
    on_state_chunk(
        state: &mut State, _config: &Config, now: Time, message: &Verified<StateChunk>,
        effects: &mut Effects,
    );
        [Stale Duplicate Invalid] oracle;
    on_state_request(
        state: &mut State, config: &Config, now: Time, message: &Verified<StateRequest>,
        effects: &mut Effects,
    );
        [Premature Invalid Full] oracle;
    open(config: &Config, seq: Seq, bytes: &[u8],) -> Result<(Contents, execute::State), String>;
        [] oracle;
    outdated(seq: Seq, records: &[Record<Prime>],) -> Vec<bool>;
        [] oracle;
    recover(state: &mut State, _config: &Config, record: &Record<Prime>,) -> bool;
        [] oracle;
    settle(state: &mut State, config: &Config, now: Time, effects: &mut Effects,);
        [Invalid] oracle;
    take(
        state: &mut State, config: &Config, now: Time, seq: Seq, bytes: Vec<u8>, prefix: &[PoSeq],
        effects: &mut Effects,
    );
        [] oracle;
}
