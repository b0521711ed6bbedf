//! Plans: which version of each slot, which providers and which compiler choices each replica has.
//!
//! A plan is TOML, made by [`crate::make_plan`] and editable by hand:
//!
//! ```toml
//! format = 1
//! seed = 7
//! tolerate = 1
//! recovering = 0
//!
//! [[replica]]
//! id = 1
//! family = "reference"
//!
//! [[replica]]
//! id = 2
//! family = "heron"
//! slots = { "pre_order.covers" = "ibis", "broadcast" = "crane" }
//! providers = { allocator = "system", signatures = "ring" }
//! compiler = { opt-level = 3, codegen-units = 16, section-shuffle = 7 }
//! ```
//!
//! A component is named as a whole, or some of its slots are. A family that has a version of the whole
//! gives that, unless the plan names one of the component's slots: then all are taken one by one.

use crate::error::{Error, Result, near};
use crate::files;
use crate::inventory::REFERENCE;
use serde::{Deserialize, Serialize};
use slot_syntax::SlotPath;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use thiserror::Error as ThisError;
use toml::Spanned;
use wire::config::MAX_REPLICAS;

/// The format that this library reads and writes.
pub const FORMAT: u32 = 1;

/// What a whole cluster is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// [`FORMAT`].
    pub format: u32,
    /// The seed from which the plan was made.
    pub seed: u64,
    /// f: how many replicas may be faulty at once; also how many may share a version.
    pub tolerate: u32,
    /// k: how many replicas may be recovering at once.
    pub recovering: u32,
    /// Components in all slots of which the sharing bound is asked for. If empty, it is asked for
    /// those slots alone of which some family has a version that may be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<String>,
    /// Set for experiments: the sharing bound is not asked for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub waive_sharing_bound: bool,
    /// Versions, as `family/component.slot`, that are used although they may not vote or were
    /// rejected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub override_rejected: Vec<String>,
    /// Versions, as `family/component.slot`, that are used although nobody judged them, or nothing
    /// could be decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub override_unjudged: Vec<String>,
    /// The replicas, in order of the file.
    #[serde(rename = "replica")]
    pub replicas: Vec<ReplicaPlan>,
    /// Where the plan was read from, for error messages.
    #[serde(skip)]
    pub origin: Origin,
}

/// What one replica is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplicaPlan {
    /// The replica's number: its place in the plan, from 1.
    pub id: u32,
    /// The family of which it takes every version there is; the reference for the rest.
    pub family: String,
    /// Slots, and whole components, taken from another family.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub slots: BTreeMap<String, String>,
    /// What its program stands on beside the versions, by what is provided; the project's manifest
    /// says what there is, and what is taken where nothing is named.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub providers: BTreeMap<String, String>,
    /// How it is compiled.
    pub compiler: Compiler,
}

/// Choices that change the binary and not the behaviour.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Compiler {
    /// Optimisation level, 0 to 3.
    #[serde(default = "default_opt_level")]
    pub opt_level: u8,
    /// Into how many parts the protocol is split for code generation, from 1.
    #[serde(default = "default_codegen_units")]
    pub codegen_units: u16,
    /// Seed by which the linker shuffles all functions; in the order of the source if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section_shuffle: Option<u32>,
}

impl Default for Compiler {
    fn default() -> Self {
        Self {
            opt_level: default_opt_level(),
            codegen_units: default_codegen_units(),
            section_shuffle: None,
        }
    }
}

const fn default_opt_level() -> u8 {
    3
}

const fn default_codegen_units() -> u16 {
    16
}

/// The lines of a plan's file at which its parts stand; all 0 for a plan made in memory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The file.
    pub file: PathBuf,
    pub(crate) components: Vec<usize>,
    /// Of `override-rejected`, then of `override-unjudged`.
    pub(crate) overrides: Vec<usize>,
    pub(crate) replicas: Vec<ReplicaLines>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ReplicaLines {
    pub(crate) id: usize,
    pub(crate) family: usize,
    pub(crate) slots: BTreeMap<String, usize>,
    pub(crate) providers: BTreeMap<String, usize>,
    pub(crate) compiler: usize,
}

impl Plan {
    /// A replica by its number.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownReplica`].
    pub fn replica(&self, id: u32) -> Result<&ReplicaPlan> {
        self.replicas.iter().find(|replica| replica.id == id).ok_or_else(|| Error::UnknownReplica {
            id,
            known: self.replicas.iter().map(|replica| replica.id).collect(),
        })
    }

    /// The plan as TOML.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // Every field is a number, a text or a table of texts, so this cannot fail.
        toml::to_string(self).unwrap_or_default()
    }
}

impl ReplicaPlan {
    /// A replica of one family with nothing else chosen.
    #[must_use]
    pub fn of_family(id: u32, family: &str) -> Self {
        Self {
            id,
            family: family.to_owned(),
            slots: BTreeMap::new(),
            providers: BTreeMap::new(),
            compiler: Compiler::default(),
        }
    }

    /// The family that an override names for a slot, else the replica's own.
    #[must_use]
    pub fn family_for(&self, slot: &SlotPath) -> &str {
        self.slots.get(&slot.to_string()).unwrap_or(&self.family)
    }

    /// Whether the replica is the plain reference.
    #[must_use]
    pub fn is_reference(&self) -> bool {
        self.family == REFERENCE && self.slots.values().all(|family| family == REFERENCE)
    }
}

/// One thing wrong in a plan, with its place and mend.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[error("{}:{line}: {problem}", file.display())]
pub struct PlanError {
    /// The plan's file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: PlanProblem,
}

/// What can be wrong in a plan.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum PlanProblem {
    /// It is no TOML or has other fields than a plan has.
    #[error("{0}")]
    Syntax(String),
    /// It is of another format.
    #[error("the plan has format {0}, and this tool reads format 1: make the plan anew")]
    Format(u32),
    /// There is nothing in its file.
    #[error("the file is empty: make a plan with `patchy plan`")]
    Nothing,
    /// Its file ends in the middle of something.
    #[error("{0}; the file ends there: if it was cut off, make the plan anew with `patchy plan`")]
    Truncated(String),
    /// A field is not there.
    #[error("{0}: add it, or make the plan anew with `patchy plan` if the file was cut off")]
    Missing(String),
    /// It has no replicas.
    #[error(
        "the plan has no replicas: add a `[[replica]]` table, or make the plan anew with `patchy \
         plan` if the file was cut off"
    )]
    Empty,
    /// A replica's number is not its place.
    #[error(
        "replicas are numbered from 1 in order, without gaps: change `id = {id}` to {expected}"
    )]
    Number {
        /// What it is.
        id: u32,
        /// What it must be.
        expected: u32,
    },
    /// No component has this name.
    #[error("no component is called `{name}`{}", near(.name, .known))]
    UnknownComponent {
        /// The name.
        name: String,
        /// All that there are.
        known: Vec<String>,
    },
    /// No slot has this name.
    #[error("no slot is called `{name}`{}", near(.name, .known))]
    UnknownSlot {
        /// The name.
        name: String,
        /// All that there are.
        known: Vec<String>,
    },
    /// No family has this name.
    #[error("no family is called `{name}`{}", near(.name, .known))]
    UnknownFamily {
        /// The name.
        name: String,
        /// All that there are.
        known: Vec<String>,
    },
    /// The override names a family without a version of the slot.
    #[error("the family `{family}` has no version of `{slot}`: choose another for this slot")]
    NoVersion {
        /// The family.
        family: String,
        /// The slot.
        slot: String,
    },
    /// The plan names a component and one of its slots.
    #[error(
        "`{slot}` is a part of `{component}`, for which the plan names a version of the whole: leave \
         one of the two out"
    )]
    TakenWhole {
        /// The slot.
        slot: String,
        /// Its component.
        component: String,
    },
    /// A chosen version does not fit its slot.
    #[error("the version `{version}` cannot be used: {reason}")]
    Unfit {
        /// `family/component.slot`.
        version: String,
        /// What is wrong with it, with its own place and mend.
        reason: String,
    },
    /// A chosen version may not vote and no override names it.
    #[error(
        "the version `{0}` may not vote: choose another, or name it in `override-rejected` to use \
         it all the same"
    )]
    NotVotable(String),
    /// A chosen version was rejected and no override names it.
    #[error(
        "the version `{version}` was rejected (by {by}, see `patchy check --slot {slot}`): choose \
         another, or name it in `override-rejected` to use it all the same"
    )]
    Rejected {
        /// `family/component.slot`.
        version: String,
        /// `component.slot`.
        slot: String,
        /// By what.
        by: String,
    },
    /// Nothing could be decided about a chosen version and no override names it.
    #[error(
        "nothing was decided about the version `{version}` ({why}): try `patchy check --slot \
         {slot}`, choose another, or name it in `override-unjudged` to use it all the same"
    )]
    Undecided {
        /// `family/component.slot`.
        version: String,
        /// `component.slot`.
        slot: String,
        /// Why nothing was.
        why: String,
    },
    /// Nobody judged a chosen version and no override names it.
    #[error(
        "nobody has judged the version `{version}` as it stands: run `patchy check --slot {slot}`, \
         or name it in `override-unjudged` to use it all the same"
    )]
    Unjudged {
        /// `family/component.slot`.
        version: String,
        /// `component.slot`.
        slot: String,
    },
    /// Nothing is provided under this name.
    #[error("no provider can be chosen for `{what}`: for {known} there are several")]
    UnknownProvided {
        /// The name.
        what: String,
        /// All that there are.
        known: String,
    },
    /// No provider has this name.
    #[error("no provider of `{what}` is called `{name}`: there are {known}")]
    UnknownProvider {
        /// What is provided.
        what: String,
        /// The name.
        name: String,
        /// All that there are.
        known: String,
    },
    /// A compiler choice is out of range.
    #[error("{0}")]
    Compiler(String),
    /// More replicas than a cluster can have.
    #[error("a cluster has at most {MAX_REPLICAS} replicas, and these are {0}: take fewer")]
    TooMany(usize),
    /// Too few replicas for f and k.
    #[error(
        "{replicas} replicas cannot tolerate {tolerate} while {recovering} recover: that takes \
         {need} (3f+2k+1); add replicas, or tolerate less"
    )]
    TooFew {
        /// How many there are.
        replicas: usize,
        /// f.
        tolerate: u32,
        /// k.
        recovering: u32,
        /// How many it takes.
        need: usize,
    },
    /// Too many replicas share one version.
    #[error(
        "{sharing} replicas share the version `{version}` and at most {bound} may: give some of \
         them another family, or write `waive-sharing-bound = true` for an experiment"
    )]
    SharedVersion {
        /// `family/component.slot`.
        version: String,
        /// How many share it.
        sharing: usize,
        /// How many may.
        bound: usize,
    },
    /// Too many replicas are of one family.
    #[error(
        "{sharing} replicas are of the family `{family}` and at most {bound} may be: give some of \
         them another family, or write `waive-sharing-bound = true` for an experiment"
    )]
    SharedFamily {
        /// The family.
        family: String,
        /// How many are of it.
        sharing: usize,
        /// How many may be.
        bound: usize,
    },
}

/// All that is wrong in a plan; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanErrors(pub Vec<PlanError>);

impl fmt::Display for PlanErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            write!(formatter, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PlanErrors {}

/// Reads a plan's file. Whether it fits the project is for [`crate::check_plan`].
///
/// # Errors
///
/// The file cannot be read, or its form is wrong: each mistake with its line.
pub fn read_plan(file: &Path) -> Result<Plan> {
    if !file.exists() {
        return Err(Error::NoPlan { file: file.to_owned() });
    }
    parse_plan(file, &files::read_text(file)?)
}

/// Reads a plan's text; `file` is its name in errors.
///
/// # Errors
///
/// [`Error::Plan`] with the line and the mend.
pub fn parse_plan(file: &Path, text: &str) -> Result<Plan> {
    let wrong = |line, problem| {
        let error = PlanError { file: file.to_owned(), line, problem };
        Error::Plan(PlanErrors(vec![error]))
    };
    if text.trim().is_empty() {
        return Err(wrong(1, PlanProblem::Nothing));
    }
    let raw: RawPlan = toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let said = error.message().to_owned();
        // What stands last is there, but is no whole line or table.
        let at_end = span.end >= text.trim_end().len();
        let problem = match (said.starts_with("missing field"), at_end) {
            (true, _) => PlanProblem::Missing,
            (false, true) => PlanProblem::Truncated,
            (false, false) => PlanProblem::Syntax,
        };
        wrong(files::line_of(text, span.start), problem(said))
    })?;
    let line = |span: std::ops::Range<usize>| files::line_of(text, span.start);
    if *raw.format.get_ref() != FORMAT {
        return Err(wrong(line(raw.format.span()), PlanProblem::Format(*raw.format.get_ref())));
    }
    if raw.replicas.is_empty() {
        return Err(wrong(text.lines().count().max(1), PlanProblem::Empty));
    }
    let mut origin = Origin {
        file: file.to_owned(),
        components: raw.components.iter().map(|name| line(name.span())).collect(),
        overrides: raw
            .override_rejected
            .iter()
            .chain(&raw.override_unjudged)
            .map(|name| line(name.span()))
            .collect(),
        replicas: Vec::new(),
    };
    let mut replicas = Vec::new();
    for raw in raw.replicas {
        origin.replicas.push(ReplicaLines {
            id: line(raw.id.span()),
            family: line(raw.family.span()),
            slots: raw.slots.iter().map(|(k, v)| (k.clone(), line(v.span()))).collect(),
            providers: raw.providers.iter().map(|(k, v)| (k.clone(), line(v.span()))).collect(),
            compiler: raw.compiler.as_ref().map_or(0, |compiler| line(compiler.span())),
        });
        replicas.push(raw.into_plan());
    }
    Ok(Plan {
        format: FORMAT,
        seed: raw.seed,
        tolerate: raw.tolerate,
        recovering: raw.recovering,
        components: raw.components.into_iter().map(Spanned::into_inner).collect(),
        waive_sharing_bound: raw.waive_sharing_bound,
        override_rejected: raw.override_rejected.into_iter().map(Spanned::into_inner).collect(),
        override_unjudged: raw.override_unjudged.into_iter().map(Spanned::into_inner).collect(),
        replicas,
        origin,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawPlan {
    format: Spanned<u32>,
    #[serde(default)]
    seed: u64,
    tolerate: u32,
    #[serde(default)]
    recovering: u32,
    #[serde(default)]
    components: Vec<Spanned<String>>,
    #[serde(default)]
    waive_sharing_bound: bool,
    #[serde(default)]
    override_rejected: Vec<Spanned<String>>,
    #[serde(default)]
    override_unjudged: Vec<Spanned<String>>,
    #[serde(default, rename = "replica")]
    replicas: Vec<RawReplica>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReplica {
    id: Spanned<u32>,
    family: Spanned<String>,
    #[serde(default)]
    slots: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    providers: BTreeMap<String, Spanned<String>>,
    compiler: Option<Spanned<Compiler>>,
}

impl RawReplica {
    fn into_plan(self) -> ReplicaPlan {
        let slots = self.slots.into_iter().map(|(slot, family)| (slot, family.into_inner()));
        let providers = self.providers.into_iter().map(|(what, name)| (what, name.into_inner()));
        ReplicaPlan {
            id: self.id.into_inner(),
            family: self.family.into_inner(),
            slots: slots.collect(),
            providers: providers.collect(),
            compiler: self.compiler.map(Spanned::into_inner).unwrap_or_default(),
        }
    }
}
