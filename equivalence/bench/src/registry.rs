//! Which versions there are: one typed list for each slot.

use crate::calls::Function;
use crate::engine::{self, Plan, Searched, Sense};
use crate::slots::Judged;
use crate::slots::table::*;
use crate::slots::{Broadcast, CatchUp, Checkpoint, Execute, Order, Recon, Suspect, ViewChange};
use crate::spread::spread;
use crate::world::Corpus;
use std::collections::BTreeMap;
use verdict::{KeptInput, Stale, Verdict};

/// Versions of one slot: whose, and the function.
pub type Versions<F> = Vec<(&'static str, F)>;

/// What is to be judged where.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// This slot alone, as `component.slot`, or these, joined by commas.
    pub slot: Option<&'a str>,
    /// Verdicts on this family alone; the others vote all the same.
    pub family: Option<&'a str>,
}

impl Selection<'_> {
    /// Whether a slot is to be judged that has versions or not, an oracle or not, `any` slot having
    /// some. Of several that are named those are passed over of which nothing could be said.
    pub(crate) fn wants(&self, slot: &str, any: bool, versions: bool, oracle: bool) -> bool {
        let Some(names) = self.slot else { return !any || versions };
        let alone = !names.contains(',');
        names.split(',').any(|name| name == slot) && (alone || versions || oracle)
    }
}

/// The versions of one component's slots, and how they are judged.
macro_rules! component {
    ($(#[$doc:meta])* $name:ident: $($slot:ident: $function:ty, $adapter:ty;)*) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub struct $name {
            $(
                #[doc = concat!("Versions of `", stringify!($slot), "`.")]
                pub $slot: $crate::registry::Versions<$function>,
            )*
        }

        impl $name {
            /// Names of the slots.
            pub const SLOTS: &'static [&'static str] =
                &[$(<$adapter as $crate::slots::Slot>::FACTS.name),*];

            /// The slots, of which no version is linked.
            pub(crate) const BARE: &'static [&'static dyn $crate::slots::Judged] =
                &[$(&$crate::slots::Linked::<$adapter>(&[])),*];

            /// The slots with the versions that are linked.
            pub(crate) fn linked(&self) -> Vec<Box<dyn $crate::slots::Judged + '_>> {
                vec![$(Box::new($crate::slots::Linked::<$adapter>(&self.$slot))),*]
            }

            /// Where the code of every version begins, that of the reference first in each slot.
            pub(crate) fn functions(&self) -> Vec<$crate::calls::Function> {
                let mut all = Vec::new();
                $(
                    let slot = <$adapter as $crate::slots::Slot>::FACTS.name;
                    let reference: $function = <$adapter as $crate::slots::Slot>::reference();
                    let versions = self.$slot.iter().copied();
                    for (family, function) in std::iter::once(("reference", reference)).chain(versions)
                    {
                        let address = (function as *const ()).addr();
                        all.push($crate::calls::Function { slot, family, address });
                    }
                )*
                all
            }

            /// Enters the reference itself as a version of every slot, under another name.
            pub(crate) fn again(&mut self, name: &'static str) {
                $(self.$slot.push((name, <$adapter as $crate::slots::Slot>::reference()));)*
            }
        }
    };
}
pub(crate) use component;

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

/// All components, by the name of each and the feature with which its slots can be judged.
macro_rules! registry {
    ($($field:ident in $feature:literal: $component:ident),* $(,)?) => {
        /// All versions that a runner links. The reference votes in every slot without being entered.
        #[derive(Clone, Debug, Default)]
        pub struct Registry {
            $(
                #[doc = concat!("Of the component `", stringify!($field), "`.")]
                pub $field: $component,
            )*
        }

        /// The slots that can be judged, as `component.slot`.
        #[must_use]
        pub fn slots() -> Vec<&'static str> {
            let all: Vec<&[&str]> = vec![$(#[cfg(feature = $feature)] $component::SLOTS),*];
            all.concat()
        }

        /// Each slot with the reasons for rejecting that some input must reach before a version of
        /// it is accepted.
        #[must_use]
        pub fn reasons() -> Vec<(&'static str, Vec<String>)> {
            let all: Vec<&[&dyn Judged]> = vec![$(#[cfg(feature = $feature)] $component::BARE),*];
            all.concat().into_iter().map(reasons_of).collect()
        }

        impl Registry {
            /// Enters the reference itself as a version of every slot, under another name: to see
            /// how fast the bench is, and what it says of what cannot differ.
            pub fn again(&mut self, name: &'static str) {
                $(self.$field.again(name);)*
            }

            /// Judges what is selected: slots that have versions, or all if none has any. `give_up`
            /// gets the verdict on a version that does not come back, and should end the process.
            #[must_use]
            pub fn judge(
                &self,
                corpus: &Corpus,
                selection: &Selection<'_>,
                plan: &Plan,
                give_up: &(dyn Fn(Verdict) + Sync),
            ) -> Vec<Verdict> {
                judge(&self.linked(), corpus, selection, plan, give_up)
            }

            /// Judges the versions of each component by sequences of calls, over all slots of which
            /// some are linked: one verdict for each family, on the component.
            #[must_use]
            pub fn sequences(
                &self,
                corpus: &Corpus,
                selection: &Selection<'_>,
                plan: &Plan,
                give_up: &(dyn Fn(Verdict) + Sync),
            ) -> Vec<Verdict> {
                sequences(&self.linked(), corpus, selection, plan, give_up)
            }

            /// Those of the kept inputs that do not fit their slots any more. Of a slot that cannot be
            /// judged here nothing is said.
            #[must_use]
            pub fn stale(&self, kept: &[KeptInput]) -> Vec<Stale> {
                stale(&self.linked(), kept)
            }

            /// Judges one slot, by its name, upon inputs that are searched for by what `sense` says of
            /// them; `None` for a slot that cannot be judged here. While it goes on no other thread
            /// may run versions, if that is what `sense` notices.
            #[must_use]
            pub fn search(
                &self,
                corpus: &Corpus,
                slot: &str,
                plan: &Plan,
                sense: &mut dyn Sense,
                give_up: &(dyn Fn(Verdict) + Sync),
            ) -> Option<Searched> {
                let all = self.linked();
                let slot = all.iter().find(|linked| linked.facts().name == slot)?;
                Some(engine::search(corpus, &**slot, plan, sense, give_up))
            }

            /// Where the code of every version begins, of the slots that can be judged here.
            #[must_use]
            pub fn functions(&self) -> Vec<Function> {
                std::iter::empty()
                    $(.chain({
                        #[cfg(feature = $feature)]
                        let functions = self.$field.functions();
                        #[cfg(not(feature = $feature))]
                        let functions = Vec::new();
                        functions
                    }))*
                    .collect()
            }

            /// All slots that can be judged, each with its versions.
            pub(crate) fn linked(&self) -> Vec<Box<dyn Judged + '_>> {
                std::iter::empty()
                    $(.chain({
                        #[cfg(feature = $feature)]
                        let linked = self.$field.linked();
                        #[cfg(not(feature = $feature))]
                        let linked = Vec::new();
                        linked
                    }))*
                    .collect()
            }
        }
    };
}

/// The reasons for rejecting that a slot's verdict waits for.
fn reasons_of(slot: &dyn Judged) -> (&'static str, Vec<String>) {
    let facts = slot.facts();
    (facts.name, facts.rejects.iter().map(|reason| format!("{reason:?}")).collect())
}

/// Judges what is selected, as many slots at once as there are processors.
fn judge(
    all: &[Box<dyn Judged + '_>],
    corpus: &Corpus,
    selection: &Selection<'_>,
    plan: &Plan,
    give_up: &(dyn Fn(Verdict) + Sync),
) -> Vec<Verdict> {
    // Without any versions the reference alone is judged, in every slot.
    let any = all.iter().any(|slot| !slot.families().is_empty());
    let wanted: Vec<&dyn Judged> = all
        .iter()
        .map(AsRef::as_ref)
        .filter(|slot| {
            let facts = slot.facts();
            selection.wants(facts.name, any, !slot.families().is_empty(), facts.oracle)
        })
        .collect();
    let verdicts =
        spread(wanted.len(), |number| engine::run(corpus, wanted[number], plan, give_up));
    let asked = |verdict: &Verdict| selection.family.is_none_or(|it| it == verdict.family);
    verdicts.into_iter().flatten().filter(asked).collect()
}

/// Judges by sequences of calls, component by component.
fn sequences(
    all: &[Box<dyn Judged + '_>],
    corpus: &Corpus,
    selection: &Selection<'_>,
    plan: &Plan,
    give_up: &(dyn Fn(Verdict) + Sync),
) -> Vec<Verdict> {
    let mut components: BTreeMap<&str, Vec<&dyn Judged>> = BTreeMap::new();
    for slot in all.iter().map(AsRef::as_ref).filter(|slot| !slot.families().is_empty()) {
        let component = slot.facts().name.split('.').next().unwrap_or_default();
        components.entry(component).or_default().push(slot);
    }
    let components: Vec<(&str, Vec<&dyn Judged>)> = components.into_iter().collect();
    let verdicts = spread(components.len(), |number| {
        let (name, slots) = &components[number];
        engine::sequences(corpus, name, slots, plan, give_up)
    });
    let asked = |verdict: &Verdict| selection.family.is_none_or(|it| it == verdict.family);
    verdicts.into_iter().flatten().filter(asked).collect()
}

/// Those of the kept inputs that do not fit their slots, each with the place.
fn stale(all: &[Box<dyn Judged + '_>], kept: &[KeptInput]) -> Vec<Stale> {
    let misfit = |input: &KeptInput| {
        let slot = all.iter().find(|slot| slot.facts().name == input.slot)?;
        let why = slot.had(&input.input).err()?.to_string();
        Some(Stale { name: input.name.clone(), why })
    };
    kept.iter().filter_map(misfit).collect()
}

/// All slots whose calls are recorded: those of all components or of none, so that a seed means the
/// same calls and the same cases in every runner that judges such a component.
pub(crate) fn tapped() -> Vec<&'static dyn Judged> {
    #[cfg(feature = "recorded")]
    let all = [
        Broadcast::BARE,
        CatchUp::BARE,
        Checkpoint::BARE,
        Execute::BARE,
        Order::BARE,
        Recon::BARE,
        Suspect::BARE,
        ViewChange::BARE,
    ];
    #[cfg(not(feature = "recorded"))]
    let all: [&[&dyn Judged]; 0] = [];
    all.concat()
}

registry! {
    broadcast in "broadcast": Broadcast,
    catch_up in "catch_up": CatchUp,
    checkpoint in "checkpoint": Checkpoint,
    decode in "decode": Decode,
    execute in "execute": Execute,
    order in "order": Order,
    pre_order in "pre_order": PreOrder,
    recon in "recon": Recon,
    suspect in "suspect": Suspect,
    view_change in "view_change": ViewChange,
}
