//! The slots of reconciliation.

use prime::pre_order::{self, Content};
use prime::recon::{Effects, Identifier, Parts, State};
use std::collections::BTreeMap;
use wire::prime::{Matrix, Prime, Recon as ReconPart, ReconRequest};
use wire::{Config, PoSeq, Record, ReplicaId, Time, Verified};

super::adapter::table! {
    /// Versions of the slots of reconciliation.
    Recon of recon, sound: Some(crate::sound::recon);
    decode(
        config: &Config, about: &ReconPart, parts: &BTreeMap<ReplicaId, Vec<u8>>,
    ) -> Option<Content>;
        [] none;
    encode(config: &Config, content: &Content,) -> Parts;
        [] none;
    forget(state: &mut State, covered: &[PoSeq],);
        [] none;
    needs(
        pre_order: &pre_order::State, receiver: ReplicaId, originator: ReplicaId, seq: PoSeq,
    ) -> bool;
        [] none;
    on_eligible(
        state: &mut State, config: &Config, pre_order: &pre_order::State, matrix: &Matrix,
        old: &[PoSeq], new: &[PoSeq], effects: &mut Effects,
    );
        [] none;
    on_recon(
        state: &mut State, config: &Config, pre_order: &pre_order::State,
        message: &Verified<ReconPart>, effects: &mut Effects,
    ) -> Option<Content>;
        [Invalid Stale BeyondWindow Duplicate Equivocation Full] none;
    on_recon_request(
        state: &mut State, config: &Config, now: Time, pre_order: &pre_order::State,
        message: &Verified<ReconRequest>, effects: &mut Effects,
    );
        [Invalid Premature Duplicate Full] none;
    recover(
        state: &mut State, config: &Config, record: &Record<Prime>,
    ) -> Option<(ReplicaId, Content)>;
        [] none;
    request_missing(
        state: &mut State, config: &Config, now: Time, missing: &[Identifier],
        effects: &mut Effects,
    );
        [] none;
    retire(state: &mut State, originator: ReplicaId, content: &Content,);
        [] none;
    senders(config: &Config, matrix: &Matrix, originator: ReplicaId, seq: PoSeq,) -> Vec<ReplicaId>;
        [] none;
}
