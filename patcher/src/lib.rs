//! From versions of slots to one different, reproducible binary for each replica.
//!
//! The steps, each a function that takes plain data and gives plain data:
//!
//! 1. [`Project::find`]: where the project is and what its `patchy` table says.
//! 2. [`Inventory::read`]: its slots, families and versions; [`census`](census()) counts them.
//! 3. [`make_plan`], [`read_plan`], [`check_plan`]: which replica is made of what, within the
//!    sharing bound.
//! 4. [`diff`](diff()): what a replica changes against the reference.
//! 5. [`build`](build()): one program or library a replica, cached by composition hash, with
//!    provenance inside and a signature beside it.
//! 6. [`build_runner`]: a program that links a harness with versions, to judge or simulate them.
//!
//! [`keep_version`] puts a new version into its family. [`prompt`](prompt()) writes what a new version's author is given, [`write_stub`] the folder in which
//! it is written, [`plant`](plant()) makes a
//! faulty version for demonstrations, and a [`Mutator`] many with one small fault each. No protocol is linked here: source is data. Everything
//! generated is below `target/patchy` and may be deleted; what was not used for long is removed
//! there from time to time.

mod adapters;
mod as_component;
mod as_version;
mod branches;
mod build;
mod cargo;
mod census;
mod check;
mod compose;
mod diff;
mod error;
mod export;
mod files;
mod inventory;
mod keep;
mod lineage;
mod make;
mod manifest;
mod mutate;
mod plan;
mod plant;
mod project;
mod prompt;
mod prune;
mod random;
mod runner;
mod sign;
mod similarity;
mod stub;
mod toolchain;
mod workspace;

pub use adapters::{ADAPTERS, adapted, adapters};
pub use as_component::reference_as_component;
pub use as_version::reference_as_version;
pub use branches::{Branch, Marked, mark_branches};
pub use build::{Built, How, Target, build};
pub use cargo::{Diagnostic, Place, Progress, Watch};
pub use census::{
    ANEW_BELOW, Census, FamilyCount, SlotCount, census, component_lines, own_text, protocol_lines,
    slot_lines,
};
pub use check::{Sharing, check_plan, choice, distinct_compositions, sharing};
pub use compose::{Choice, Composition, Kind, composed_source, crates_hash};
pub use diff::{diff, diff_version};
pub use error::{Error, Result};
pub use export::export_runner;
pub use files::sha256;
pub use inventory::{Family, Inventory, REFERENCE, Refusal, VersionFile, version_path};
pub use keep::{Kept, keep_version};
pub use lineage::{Differing, Lineage, Specification, check_family, read_lineage};
pub use make::{Infeasible, Lack, Request, make_plan};
pub use mutate::{Mutant, Mutated, Mutator, Operator, sample};
pub use plan::{
    Compiler, FORMAT, Origin, Plan, PlanError, PlanErrors, PlanProblem, ReplicaPlan, parse_plan,
    read_plan,
};
pub use plant::{plant, plantable};
pub use project::{Exchanges, Project, Providers, Settings};
pub use prompt::{PromptRequest, prompt};
pub use runner::{Broken, Run, Runner, build_runner, build_runner_without_broken};
pub use sign::{SignatureFile, builder_public_key, provenance_path, signature_path, verify_binary};
pub use similarity::{Normal, similarity, token_ratio};
pub use stub::write_stub;
pub use toolchain::toolchain;
pub use workspace::counting_compiler;
