//! The slots of ordering.

use prime::order::{OrderSlot, State};
use prime::pre_order::{self, Effects};
use std::collections::BTreeMap;
use wire::prime::{
    Certificate, Commit, Matrix, OrderedCertificate, PrePrepare, PrePrepareConflict, Prepare, Prime,
};
use wire::{Config, PoSeq, Record, Seq, Time, Verified, View};

super::adapter::table! {
    /// Versions of the slots of ordering.
    Order of order, sound: Some(crate::sound::order);
    accept(state: &mut State, config: &Config, effects: &mut Effects,);
        [] oracle;
    advance(state: &mut State, config: &Config, seq: Seq, effects: &mut Effects,);
        [] oracle;
    build_matrix(pre_order: &pre_order::State, preceding: &Matrix,) -> Matrix;
        [] oracle;
    committed(config: &Config, slot: &OrderSlot,) -> bool;
        [] oracle;
    eligible(config: &Config, matrix: &Matrix, prefix: &[PoSeq],) -> Vec<PoSeq>;
        [] oracle;
    follows(config: &Config, preceding: &Matrix, matrix: &Matrix,) -> bool;
        [] oracle;
    install(
        state: &mut State, config: &Config, view: View, start_seq: Seq,
        bound: &BTreeMap<Seq, Option<Verified<PrePrepare>>>, effects: &mut Effects,
    );
        [] oracle;
    jump(state: &mut State, config: &Config, seq: Seq, preceding: &Matrix,);
        [] oracle;
    make_pre_prepare(
        state: &mut State, config: &Config, now: Time, pre_order: &pre_order::State,
        effects: &mut Effects,
    );
        [] oracle;
    on_commit(
        state: &mut State, config: &Config, message: &Verified<Commit>, effects: &mut Effects,
    );
        [WrongView Stale BeyondWindow Duplicate Equivocation] oracle;
    on_ordered_certificate(
        state: &mut State, config: &Config, message: &Verified<OrderedCertificate>,
        effects: &mut Effects,
    );
        [Stale BeyondWindow Duplicate Invalid] oracle;
    on_pre_prepare(
        state: &mut State, config: &Config, message: &Verified<PrePrepare>, effects: &mut Effects,
    );
        [WrongView NotEntitled Stale BeyondWindow Duplicate Equivocation] oracle;
    on_pre_prepare_conflict(
        state: &mut State, config: &Config, message: &Verified<PrePrepareConflict>,
        effects: &mut Effects,
    );
        [Invalid WrongView Duplicate] oracle;
    on_prepare(
        state: &mut State, config: &Config, message: &Verified<Prepare>, effects: &mut Effects,
    );
        [WrongView NotEntitled Stale BeyondWindow Duplicate Equivocation] oracle;
    pc_set(state: &State, config: &Config, view: View, executed: Seq,) -> Vec<Certificate>;
        [] oracle;
    preinstall(state: &mut State, view: View,);
        [] oracle;
    prepared(config: &Config, slot: &OrderSlot,) -> bool;
        [] oracle;
    recount(state: &mut State, config: &Config,);
        [] oracle;
    recover(state: &mut State, config: &Config, record: &Record<Prime>,);
        [] oracle;
    refill(state: &mut State, config: &Config, now: Time,);
        [] oracle;
    resume(state: &mut State, config: &Config, effects: &mut Effects,);
        [] oracle;
    retire(state: &mut State, executed: Seq,);
        [] oracle;
    retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects,);
        [] oracle;
    settle(state: &mut State,);
        [] oracle;
}
