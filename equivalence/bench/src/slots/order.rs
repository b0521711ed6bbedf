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
        [] none;
    advance(state: &mut State, config: &Config, seq: Seq, effects: &mut Effects,);
        [] none;
    build_matrix(pre_order: &pre_order::State, preceding: &Matrix,) -> Matrix;
        [] none;
    committed(config: &Config, slot: &OrderSlot,) -> bool;
        [] none;
    eligible(config: &Config, matrix: &Matrix, prefix: &[PoSeq],) -> Vec<PoSeq>;
        [] none;
    follows(config: &Config, preceding: &Matrix, matrix: &Matrix,) -> bool;
        [] none;
    install(
        state: &mut State, config: &Config, view: View, start_seq: Seq,
        bound: &BTreeMap<Seq, Option<Verified<PrePrepare>>>, effects: &mut Effects,
    );
        [] none;
    jump(state: &mut State, config: &Config, seq: Seq, preceding: &Matrix,);
        [] none;
    make_pre_prepare(
        state: &mut State, config: &Config, now: Time, pre_order: &pre_order::State,
        effects: &mut Effects,
    );
        [] none;
    on_commit(
        state: &mut State, config: &Config, message: &Verified<Commit>, effects: &mut Effects,
    );
        [WrongView Stale BeyondWindow Duplicate Equivocation] none;
    on_ordered_certificate(
        state: &mut State, config: &Config, message: &Verified<OrderedCertificate>,
        effects: &mut Effects,
    );
        [Stale BeyondWindow Duplicate Invalid] none;
    on_pre_prepare(
        state: &mut State, config: &Config, message: &Verified<PrePrepare>, effects: &mut Effects,
    );
        [WrongView NotEntitled Stale BeyondWindow Duplicate Equivocation] none;
    on_pre_prepare_conflict(
        state: &mut State, config: &Config, message: &Verified<PrePrepareConflict>,
        effects: &mut Effects,
    );
        [Invalid WrongView Duplicate] none;
    on_prepare(
        state: &mut State, config: &Config, message: &Verified<Prepare>, effects: &mut Effects,
    );
        [WrongView NotEntitled Stale BeyondWindow Duplicate Equivocation] none;
    pc_set(state: &State, config: &Config, view: View, executed: Seq,) -> Vec<Certificate>;
        [] none;
    preinstall(state: &mut State, view: View,);
        [] none;
    prepared(config: &Config, slot: &OrderSlot,) -> bool;
        [] none;
    recount(state: &mut State, config: &Config,);
        [] none;
    recover(state: &mut State, config: &Config, record: &Record<Prime>,);
        [] none;
    refill(state: &mut State, config: &Config, now: Time,);
        [] none;
    resume(state: &mut State, config: &Config, effects: &mut Effects,);
        [] none;
    retire(state: &mut State, executed: Seq,);
        [] none;
    retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects,);
        [] none;
    settle(state: &mut State,);
        [] none;
}
