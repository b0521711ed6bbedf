//! Which versions there are: one typed list for each slot.

use crate::engine::{self, Plan};
use crate::slots::{Slot, table};
use crate::world::Corpus;
use verdict::Verdict;

/// Versions of one slot: whose, and the function.
pub type Versions<F> = Vec<(&'static str, F)>;

/// What is to be judged where.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// This slot alone, as `component.slot`.
    pub slot: Option<&'a str>,
    /// Verdicts on this family alone; the others vote all the same.
    pub family: Option<&'a str>,
}

macro_rules! component {
    ($(#[$doc:meta])* $name:ident: $($slot:ident: $function:ident, $adapter:ident;)*) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub struct $name {
            $(
                #[doc = concat!("Versions of `", stringify!($slot), "`.")]
                pub $slot: Versions<table::$function>,
            )*
        }

        impl $name {
            /// Names of the slots.
            pub const SLOTS: &'static [&'static str] = &[$(table::$adapter::NAME),*];

            /// The reasons for rejecting that each slot's verdict waits for.
            fn reasons() -> Vec<(&'static str, Vec<String>)> {
                let words = |reasons: &[wire::Reject]| {
                    reasons.iter().map(|reason| format!("{reason:?}")).collect()
                };
                vec![$((table::$adapter::NAME, words(table::$adapter::REJECTS))),*]
            }

            fn has_versions(&self) -> bool {
                false $(|| !self.$slot.is_empty())*
            }

            fn judge(
                &self,
                corpus: &Corpus,
                selection: &Selection<'_>,
                plan: &Plan,
                any: bool,
                give_up: &(dyn Fn(Verdict) + Sync),
                verdicts: &mut Vec<Verdict>,
            ) {
                $(
                    let wanted = match selection.slot {
                        Some(slot) => slot == table::$adapter::NAME,
                        None => !any || !self.$slot.is_empty(),
                    };
                    if wanted {
                        let slot = engine::run::<table::$adapter>(
                            corpus, &self.$slot, plan, |verdict| give_up(verdict));
                        verdicts.extend(slot);
                    }
                )*
            }
        }
    };
}

component! {
    /// Versions of the slots of pre-ordering.
    PreOrder:
    adopt: AdoptFn, Adopt;
    advance_aru: AdvanceAruFn, AdvanceAru;
    certificate: CertificateFn, Certificate;
    content: ContentFn, ContentOf;
    covers: CoversFn, Covers;
    has_news: HasNewsFn, HasNews;
    last_matrix: LastMatrixFn, LastMatrix;
    make_po_acks: MakePoAcksFn, MakePoAcks;
    make_po_aru: MakePoAruFn, MakePoAru;
    make_po_request: MakePoRequestFn, MakePoRequest;
    make_proof_matrix: MakeProofMatrixFn, MakeProofMatrix;
    merge_row: MergeRowFn, MergeRow;
    on_po_acks: OnPoAcksFn, OnPoAcks;
    on_po_aru: OnPoAruFn, OnPoAru;
    on_po_aru_conflict: OnPoAruConflictFn, OnPoAruConflict;
    on_po_request: OnPoRequestFn, OnPoRequest;
    on_po_request_conflict: OnPoRequestConflictFn, OnPoRequestConflict;
    on_proof_matrix: OnProofMatrixFn, OnProofMatrix;
    on_update: OnUpdateFn, OnUpdate;
    recover: RecoverFn, Recover;
    recover_content: RecoverContentFn, RecoverContent;
    recover_promises: RecoverPromisesFn, RecoverPromises;
    relation: RelationFn, RelationOf;
    resume: ResumeFn, Resume;
    retire: RetireFn, Retire;
    retransmit: RetransmitFn, Retransmit;
}

component! {
    /// Versions of the slots of decoding.
    Decode:
    message: DecodeMessageFn, DecodeMessage;
    shape: DecodeShapeFn, DecodeShape;
}

/// All versions that a runner links. The reference votes in every slot without being entered.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// Of the component `decode`.
    pub decode: Decode,
    /// Of the component `pre_order`.
    pub pre_order: PreOrder,
}

impl Registry {
    /// Whether the bench has an adapter for `slot`, given as `component.slot`.
    #[must_use]
    pub fn knows(slot: &str) -> bool {
        Decode::SLOTS.contains(&slot) || PreOrder::SLOTS.contains(&slot)
    }

    /// Judges what is selected: slots that have versions, or all if none has any. `give_up` gets
    /// the verdict on a version that does not come back, and should end the process.
    #[must_use]
    pub fn judge(
        &self,
        corpus: &Corpus,
        selection: &Selection<'_>,
        plan: &Plan,
        give_up: &(dyn Fn(Verdict) + Sync),
    ) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        // Without any versions the reference alone is judged, in every slot.
        let any = self.decode.has_versions() || self.pre_order.has_versions();
        self.decode.judge(corpus, selection, plan, any, give_up, &mut verdicts);
        self.pre_order.judge(corpus, selection, plan, any, give_up, &mut verdicts);
        if let Some(family) = selection.family {
            verdicts.retain(|verdict| verdict.family == family);
        }
        verdicts
    }
}

/// Each slot with the reasons for rejecting that some input must reach before a version of it is
/// accepted.
#[must_use]
pub fn reasons() -> Vec<(&'static str, Vec<String>)> {
    let mut all = Decode::reasons();
    all.extend(PreOrder::reasons());
    all
}
