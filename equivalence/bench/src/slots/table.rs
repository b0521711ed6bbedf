//! The table of adapters that have makers of their own.

use super::{Came, Cases, Draw, Facts, Outcome, Slot, Sound, Typed, Use, changed, unchanged};
use crate::case::Made;
use crate::make;
use crate::make::messages::Bytes;
use crate::rng::Rng;
use crate::world::{Kind, World};
use oracles::{Finding, decode as decode_oracle, pre_order as oracle};
use prime::pre_order::{Content, Effects, PoSlot, Relation, State};
use std::collections::BTreeSet;
use wire::prime::{
    Matrix, Message, PoAcks, PoAru, PoAruConflict, PoRequest, PoRequestConflict, Prime, ProofMatrix,
};
use wire::{Config, Digest, PoSeq, Record, Reject, ReplicaId, Time, Update, Verified};

/// What all adapters have in common.
macro_rules! common {
    ($component:ident, $slot:ident, $fun:ident, $args:ty, $out:ty, $use:ident, [$($why:ident)*]) => {
        type State = State;
        type Function = $fun;
        type Args = $args;
        type Output = $out;
        const FACTS: Facts = Facts {
            name: concat!(stringify!($component), ".", stringify!($slot)),
            uses: Use::$use,
            rejects: &[$(Reject::$why),*],
            oracle: true,
            cases: 100_000,
            arguments: &[],
        };
        const SOUND: Option<Sound<State>> = None;

        fn reference() -> Self::Function {
            prime::$component::$slot
        }

        fn cases() -> &'static dyn Cases {
            const { &Made::<Self>::NEW }
        }
    };
}

/// How an adapter's cases are made.
macro_rules! typed {
    ($name:ident, $kind:expr, $group:literal, $prepare:expr, $make:expr, $scope:expr) => {
        impl Typed for $name {
            const KIND: Option<Kind> = $kind;
            const GROUP: u64 = $group;

            fn prepare(rng: &mut Rng, world: &World, state: &mut State, now: Time) {
                $prepare(rng, world, state, now);
            }

            fn make(draw: &mut Draw<'_>) -> Self::Args {
                $make(draw)
            }

            fn scope(world: &World, index: u64) -> Option<Self::Args> {
                $scope(world, index)
            }
        }
    };
}

/// A slot that changes the state. `call` sees function, state, configuration, arguments and
/// effects; `check` sees configuration, state before, arguments, state after and effects.
macro_rules! handler {
    ($name:ident: $slot:ident as $fun:ident = $type:ty; $args:ty; [$($why:ident)*];
     $kind:expr, $group:literal, $prepare:expr, $make:expr;
     |$f:ident, $s:ident, $c:ident, $a:pat_param, $e:pat_param| $call:expr;
     |$cc:ident, $b:ident, $ca:pat_param, $ns:ident, $ce:pat_param| $check:expr) => {
        #[doc = concat!("The type of `", stringify!($slot), "`.")]
        pub(crate) type $fun = $type;

        pub(crate) enum $name {}

        typed!($name, $kind, $group, $prepare, $make, make::scopes::none);

        impl Slot for $name {
            common!(pre_order, $slot, $fun, $args, (), Changes, [$($why)*]);

            fn run($f: $fun, $c: &Config, state: &State, $a: &$args) -> Outcome {
                changed(state, |$s, $e, _| $call)
            }

            fn check(
                $cc: &Config,
                $b: &State,
                $ca: &$args,
                came: &Came<'_, Self>,
            ) -> Result<(), Finding> {
                let ($ns, $ce) = (came.state, came.effects);
                $check
            }
        }
    };
}

/// A slot that changes nothing. `call` sees function, state, configuration and arguments; `check`
/// sees configuration, state, arguments and result.
macro_rules! pure {
    ($name:ident: $component:ident::$slot:ident as $fun:ident = $type:ty; $args:ty => $out:ty;
     $use:ident; [$($why:ident)*];
     $group:literal, $prepare:expr, $make:expr, $scope:expr;
     |$f:ident, $s:pat_param, $c:pat_param, $a:pat_param| $call:expr;
     |$cc:pat_param, $b:pat_param, $ca:pat_param, $r:ident| $check:expr) => {
        #[doc = concat!("The type of `", stringify!($slot), "`.")]
        pub(crate) type $fun = $type;

        pub(crate) enum $name {}

        typed!($name, None, $group, $prepare, $make, $scope);

        impl Slot for $name {
            common!($component, $slot, $fun, $args, $out, $use, [$($why)*]);

            fn run($f: $fun, $c: &Config, $s: &State, $a: &$args) -> Outcome {
                unchanged(|| $call)
            }

            fn check(
                $cc: &Config,
                $b: &State,
                $ca: &$args,
                came: &Came<'_, Self>,
            ) -> Result<(), Finding> {
                let $r = came.output;
                $check
            }
        }
    };
}

handler!(OnPoAcks: on_po_acks
    as OnPoAcksFn = fn(&mut State, &Config, &Verified<PoAcks>, &mut Effects);
    Verified<PoAcks>; [Invalid NotEntitled Stale BeyondWindow Duplicate Equivocation];
    Some(Kind::PoAcks), 8, make::as_it_is, make::acks;
    |f, s, c, a, e| f(s, c, a, e);
    |c, b, a, s, e| oracle::on_po_acks::check(c, b, a, s, e));

handler!(OnPoRequest: on_po_request
    as OnPoRequestFn = fn(&mut State, &Config, &Verified<PoRequest>, &mut Effects);
    Verified<PoRequest>; [Invalid Stale BeyondWindow Duplicate Equivocation];
    Some(Kind::PoRequest), 8, make::as_it_is, make::request;
    |f, s, c, a, e| f(s, c, a, e);
    |c, b, a, s, e| oracle::on_po_request::check(c, b, a, s, e));

handler!(OnPoAru: on_po_aru
    as OnPoAruFn = fn(&mut State, &Config, &Verified<PoAru>, &mut Effects);
    Verified<PoAru>; [Invalid];
    Some(Kind::PoAru), 8, make::as_it_is, make::aru;
    |f, s, c, a, e| f(s, c, a, e);
    |c, b, a, s, e| oracle::on_po_aru::check(c, b, a, s, e));

handler!(MergeRow: merge_row
    as MergeRowFn = fn(&mut State, &Config, &Verified<PoAru>, &mut Effects);
    Verified<PoAru>; [];
    Some(Kind::PrePrepare), 8, make::as_it_is, make::row;
    |f, s, c, a, e| f(s, c, a, e);
    |c, b, a, s, e| oracle::merge_row::check(c, b, a, s, e));

handler!(OnPoAruConflict: on_po_aru_conflict
    as OnPoAruConflictFn = fn(&mut State, &Config, &Verified<PoAruConflict>, &mut Effects);
    Verified<PoAruConflict>; [Invalid Duplicate];
    Some(Kind::PoAruConflict), 8, make::as_it_is, make::aru_conflict;
    |f, s, c, a, e| f(s, c, a, e);
    |c, b, a, s, e| oracle::on_po_aru_conflict::check(c, b, a, s, e));

handler!(OnPoRequestConflict: on_po_request_conflict
    as OnPoRequestConflictFn = fn(&mut State, &Config, &Verified<PoRequestConflict>, &mut Effects);
    Verified<PoRequestConflict>; [Invalid Duplicate];
    Some(Kind::PoRequestConflict), 8, make::as_it_is, make::request_conflict;
    |f, s, c, a, e| f(s, c, a, e);
    |c, b, a, s, e| oracle::on_po_request_conflict::check(c, b, a, s, e));

handler!(OnProofMatrix: on_proof_matrix
    as OnProofMatrixFn = fn(&mut State, &Config, &Verified<ProofMatrix>, &mut Effects);
    Verified<ProofMatrix>; [Invalid];
    Some(Kind::ProofMatrix), 8, make::as_it_is, make::proof_matrix;
    |f, s, c, a, e| f(s, c, a, e);
    |c, b, a, s, e| oracle::on_proof_matrix::check(c, b, a, s, e));

handler!(OnUpdate: on_update
    as OnUpdateFn = fn(&mut State, &Config, &Verified<Update>, &mut Effects);
    Verified<Update>; [Duplicate Full];
    Some(Kind::Update), 8, make::with_crowded_queue, make::update;
    |f, s, c, a, e| f(s, c, a, e);
    |c, b, a, s, e| oracle::on_update::check(c, b, a, s, e));

handler!(Adopt: adopt
    as AdoptFn = fn(&mut State, &Config, ReplicaId, &Content, &mut Effects);
    (ReplicaId, Content); [Stale BeyondWindow Duplicate Equivocation];
    None, 8, make::as_it_is, make::adopted;
    |f, s, c, a, e| f(s, c, a.0, &a.1, e);
    |c, b, a, s, e| oracle::adopt::check(c, b, a.0, &a.1, s, e));

handler!(AdvanceAru: advance_aru
    as AdvanceAruFn = fn(&mut State, &Config, ReplicaId);
    ReplicaId; [];
    None, 2, make::unsettle, make::anyone;
    |f, s, c, a, _| f(s, c, *a);
    |c, b, a, s, _| oracle::advance_aru::check(c, b, *a, s));

handler!(MakePoRequest: make_po_request
    as MakePoRequestFn = fn(&mut State, &Config, Time, &mut Effects);
    Time; [];
    Some(Kind::Timer), 2, make::with_waiting_updates, make::request_time;
    |f, s, c, a, e| f(s, c, *a, e);
    |c, b, a, s, e| oracle::make_po_request::check(c, b, *a, s, e));

handler!(MakePoAcks: make_po_acks
    as MakePoAcksFn = fn(&mut State, &Config, &mut Effects);
    (); [];
    Some(Kind::Timer), 1, make::with_unsent_acks, make::nothing;
    |f, s, c, (), e| f(s, c, e);
    |c, b, (), s, e| oracle::make_po_acks::check(c, b, s, e));

handler!(MakePoAru: make_po_aru
    as MakePoAruFn = fn(&mut State, &Config, Time, &mut Effects);
    Time; [];
    Some(Kind::Timer), 2, make::with_grown_aru, make::aru_time;
    |f, s, c, a, e| f(s, c, *a, e);
    |c, b, a, s, e| oracle::make_po_aru::check(c, b, *a, s, e));

handler!(MakeProofMatrix: make_proof_matrix
    as MakeProofMatrixFn = fn(&mut State, &Config, Time, ReplicaId, &Matrix, &mut Effects);
    (Time, ReplicaId, Matrix); [];
    Some(Kind::Timer), 4, make::with_proof_time, make::proof_time;
    |f, s, c, a, e| f(s, c, a.0, a.1, &a.2, e);
    |c, b, a, s, e| oracle::make_proof_matrix::check(c, b, a.0, a.1, &a.2, s, e));

handler!(Retransmit: retransmit
    as RetransmitFn = fn(&mut State, &Config, Time, &mut Effects);
    Time; [];
    Some(Kind::Timer), 2, make::with_stuck_peers, make::retransmit_time;
    |f, s, c, a, e| f(s, c, *a, e);
    |c, b, a, s, e| oracle::retransmit::check(c, b, *a, s, e));

handler!(Retire: retire
    as RetireFn = fn(&mut State, &Config, &[PoSeq]);
    Vec<PoSeq>; [];
    None, 4, make::as_it_is, make::executed;
    |f, s, c, a, _| f(s, c, a);
    |c, b, a, s, _| oracle::retire::check(c, b, a, s));

handler!(Recover: recover
    as RecoverFn = fn(&mut State, &Config, &Record<Prime>);
    Record<Prime>; [];
    Some(Kind::Recovered), 8, make::recovering, make::log_record;
    |f, s, c, a, _| f(s, c, a);
    |c, b, a, s, _| oracle::recover::check(c, b, a, s));

handler!(RecoverContent: recover_content
    as RecoverContentFn = fn(&mut State, &Config, ReplicaId, &Content);
    (ReplicaId, Content); [];
    Some(Kind::Recovered), 8, make::recovering, make::adopted;
    |f, s, c, a, _| f(s, c, a.0, &a.1);
    |c, b, a, s, _| oracle::recover_content::check(c, b, a.0, &a.1, s));

handler!(RecoverPromises: recover_promises
    as RecoverPromisesFn = fn(&mut State, &Config);
    (); [];
    Some(Kind::Start), 1, make::recovering, make::nothing;
    |f, s, c, (), _| f(s, c);
    |c, b, (), s, _| oracle::recover_promises::check(c, b, s));

handler!(Resume: resume
    as ResumeFn = fn(&mut State, &Config, &mut Effects);
    (); [];
    Some(Kind::Start), 1, make::recovering, make::nothing;
    |f, s, c, (), e| f(s, c, e);
    |c, b, (), s, e| oracle::resume::check(c, b, s, e));

pure!(Certificate: pre_order::certificate
    as CertificateFn = fn(&Config, ReplicaId, &PoSlot) -> Option<Digest>;
    (ReplicaId, PoSlot) => Option<Digest>; Ignores; [];
    8, make::as_it_is, make::owned_slot, make::scopes::owned_slots;
    |f, _, c, a| f(c, a.0, &a.1);
    |c, _, a, r| oracle::certificate::check(c, a.0, &a.1, r));

pure!(ContentOf: pre_order::content
    as ContentFn = fn(&PoSlot) -> Option<Content>;
    PoSlot => Option<Content>; Ignores; [];
    8, make::as_it_is, make::lone_slot, make::scopes::lone_slots;
    |f, _, _, a| f(a);
    |_, _, a, r| oracle::content::check(a, r));

pure!(Covers: pre_order::covers
    as CoversFn = fn(&BTreeSet<ReplicaId>, &Matrix, &Matrix) -> bool;
    (BTreeSet<ReplicaId>, Matrix, Matrix) => bool; Ignores; [];
    8, make::as_it_is, make::cover, make::scopes::covers;
    |f, _, _, a| f(&a.0, &a.1, &a.2);
    |_, _, a, r| oracle::covers::check(&a.0, &a.1, &a.2, r));

pure!(HasNews: pre_order::has_news
    as HasNewsFn = fn(&State, &Config, &Matrix) -> bool;
    Matrix => bool; Reads; [];
    4, make::with_proof_time, make::matrix, make::scopes::none;
    |f, s, c, a| f(s, c, a);
    |c, s, a, r| oracle::has_news::check(s, c, a, r));

pure!(LastMatrix: pre_order::last_matrix
    as LastMatrixFn = fn(&State) -> Matrix;
    () => Matrix; Reads; [];
    1, make::as_it_is, make::nothing, make::scopes::none;
    |f, s, _, ()| f(s);
    |_, s, (), r| oracle::last_matrix::check(s, r));

pure!(RelationOf: pre_order::relation
    as RelationFn = fn(&[PoSeq], &[PoSeq]) -> Relation;
    (Vec<PoSeq>, Vec<PoSeq>) => Relation; Ignores; [];
    8, make::as_it_is, make::vectors, make::scopes::vectors;
    |f, _, _, a| f(&a.0, &a.1);
    |_, _, a, r| oracle::relation::check(&a.0, &a.1, r));

pure!(DecodeMessage: decode::message
    as DecodeMessageFn = fn(&[u8]) -> Result<Message, Reject>;
    Bytes => Result<Message, Reject>; Ignores; [Malformed];
    64, make::as_it_is, make::messages::bytes, make::scopes::none;
    |f, _, _, a| f(&a.0);
    |_, _, a, r| decode_oracle::message::check(&a.0, r));

pure!(DecodeShape: decode::shape
    as DecodeShapeFn = fn(&Config, &Message) -> Result<(), Reject>;
    Message => Result<(), Reject>; Ignores; [Malformed];
    64, make::as_it_is, make::messages::message, make::scopes::none;
    |f, _, c, a| f(c, a);
    |c, _, a, r| decode_oracle::shape::check(c, a, r));
