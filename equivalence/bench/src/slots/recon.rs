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
        [] oracle;
    encode(config: &Config, content: &Content,) -> Parts;
        [] oracle;
    forget(state: &mut State, covered: &[PoSeq],);
        [] oracle;
    needs(
        pre_order: &pre_order::State, receiver: ReplicaId, originator: ReplicaId, seq: PoSeq,
    ) -> bool;
        [] oracle;
    on_eligible(
        state: &mut State, config: &Config, pre_order: &pre_order::State, matrix: &Matrix,
        old: &[PoSeq], new: &[PoSeq], effects: &mut Effects,
    );
        [] oracle;
    on_recon(
        state: &mut State, config: &Config, pre_order: &pre_order::State,
        message: &Verified<ReconPart>, effects: &mut Effects,
    ) -> Option<Content>;
        [Invalid Stale BeyondWindow Duplicate Equivocation Full] oracle;
    on_recon_request(
        state: &mut State, config: &Config, now: Time, pre_order: &pre_order::State,
        message: &Verified<ReconRequest>, effects: &mut Effects,
    );
        [Invalid Premature Duplicate Full] oracle;
    recover(
        state: &mut State, config: &Config, record: &Record<Prime>,
    ) -> Option<(ReplicaId, Content)>;
        [] oracle;
    request_missing(
        state: &mut State, config: &Config, now: Time, missing: &[Identifier],
        effects: &mut Effects,
    );
        [] oracle;
    retire(state: &mut State, originator: ReplicaId, content: &Content,);
        [] oracle;
    senders(config: &Config, matrix: &Matrix, originator: ReplicaId, seq: PoSeq,) -> Vec<ReplicaId>;
        [] oracle;
}
