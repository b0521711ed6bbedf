//! The slots of view changes.

use prime::view_change::{Effects, State, Statement};
use std::collections::BTreeMap;
use wire::prime::{
    CatchUpRequest, Certificate, InstallCertificate, Payload, PrePrepare, Prime, ProposalRequest,
    RbInit, Replay, ReplayCommit, ReplayConflict, ReplayPrepare, Report, Resolution,
    ResolutionAnswer, ResolutionRequest, VcList, VcPartialSig, VcProof,
};
use wire::{Config, Digest, Record, ReplicaId, Seq, Time, Verified, View};

super::adapter::table! {
    /// Versions of the slots of view changes.
    ViewChange of view_change, sound: Some(crate::sound::view_change);
    complete(state: &State, originator: ReplicaId, executed: Seq,) -> bool;
        [] oracle;
    content_valid(
        config: &Config, view: View, report: &Report, entries: &[Certificate],
    ) -> Option<Statement>;
        [] oracle;
    finish(
        state: &mut State, config: &Config, install: &InstallCertificate, executed: Seq,
        effects: &mut Effects,
    ) -> BTreeMap<Seq, Option<Verified<PrePrepare>>>;
        [] oracle;
    installed(
        state: &State, config: &Config, ordered: Seq, executed: Seq,
    ) -> Option<InstallCertificate>;
        [] oracle;
    make_partials(state: &mut State, _config: &Config, executed: Seq, effects: &mut Effects,);
        [] oracle;
    make_replay(state: &mut State, config: &Config, effects: &mut Effects,);
        [] oracle;
    make_replay_commit(state: &mut State, config: &Config, executed: Seq, effects: &mut Effects,);
        [] oracle;
    make_replay_prepare(state: &mut State, config: &Config, effects: &mut Effects,);
        [] oracle;
    make_requests(
        state: &mut State, config: &Config, now: Time, executed: Seq, effects: &mut Effects,
    );
        [] oracle;
    make_vc_list(state: &mut State, config: &Config, executed: Seq, effects: &mut Effects,);
        [] oracle;
    make_vc_proof(state: &mut State, config: &Config, effects: &mut Effects,);
        [] oracle;
    on_delivered(
        state: &mut State, config: &Config, message: &Verified<RbInit>, effects: &mut Effects,
    );
        [] oracle;
    on_install_certificate(
        state: &mut State, config: &Config, message: &Verified<InstallCertificate>, ordered: Seq,
        effects: &mut Effects,
    );
        [Stale Duplicate Invalid Premature] oracle;
    on_proposal(
        state: &mut State, config: &Config, message: &Verified<PrePrepare>, executed: Seq,
    ) -> bool;
        [] oracle;
    on_proposal_request(
        state: &mut State, config: &Config, now: Time, message: &Verified<ProposalRequest>,
        elsewhere: Option<&Verified<PrePrepare>>, effects: &mut Effects,
    );
        [Full] oracle;
    on_replay(
        state: &mut State, config: &Config, message: &Verified<Replay>, effects: &mut Effects,
    );
        [Stale BeyondWindow NotEntitled Duplicate Equivocation Invalid] oracle;
    on_replay_commit(
        state: &mut State, _config: &Config, message: &Verified<ReplayCommit>,
        effects: &mut Effects,
    );
        [Stale BeyondWindow Duplicate Equivocation] oracle;
    on_replay_conflict(
        state: &mut State, config: &Config, message: &Verified<ReplayConflict>,
        effects: &mut Effects,
    );
        [Invalid Stale BeyondWindow Duplicate] oracle;
    on_replay_prepare(
        state: &mut State, config: &Config, message: &Verified<ReplayPrepare>,
        effects: &mut Effects,
    );
        [Stale BeyondWindow NotEntitled Duplicate Equivocation] oracle;
    on_resolution_answer(
        state: &mut State, config: &Config, message: &Verified<ResolutionAnswer>,
        effects: &mut Effects,
    );
        [Duplicate Stale] oracle;
    on_resolution_request(
        state: &mut State, config: &Config, now: Time, message: &Verified<ResolutionRequest>,
        effects: &mut Effects,
    );
        [Full] oracle;
    on_vc_list(
        state: &mut State, config: &Config, message: &Verified<VcList>, effects: &mut Effects,
    );
        [Stale BeyondWindow Invalid Duplicate Equivocation] oracle;
    on_vc_partial_sig(
        state: &mut State, config: &Config, message: &Verified<VcPartialSig>,
        effects: &mut Effects,
    );
        [Stale BeyondWindow Invalid Duplicate Equivocation Full] oracle;
    on_vc_proof(
        state: &mut State, config: &Config, message: &Verified<VcProof>, effects: &mut Effects,
    );
        [Stale BeyondWindow Duplicate Invalid] oracle;
    preinstall(
        state: &mut State, _config: &Config, view: View, executed: Seq, entries: Vec<Certificate>,
    ) -> Vec<Payload>;
        [] oracle;
    recover(state: &mut State, config: &Config, record: &Record<Prime>,);
        [] oracle;
    resolve(members: &[&Statement], held: &BTreeMap<Digest, Resolution>,) -> Option<Resolution>;
        [] oracle;
    resume(state: &mut State, config: &Config, effects: &mut Effects,);
        [] oracle;
    retire(state: &mut State, floor: Seq,);
        [] oracle;
    retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects,);
        [] oracle;
    serve(
        state: &mut State, config: &Config, now: Time, message: &Verified<CatchUpRequest>,
        effects: &mut Effects,
    );
        [] oracle;
}
