//! Inputs that every check meets before all others: those of rulings, and what searches came to.

use crate::corpus;
use crate::exit::{Failure, Result};
use crate::rulings::{Ruling, Rulings};
use patcher::{Inventory, Project, sha256};
use std::collections::BTreeSet;
use verdict::{KeptInput, Stale};

/// All kept inputs of a project.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) rulings: Rulings,
    inputs: Vec<KeptInput>,
}

impl Kept {
    /// Reads the rulings and the corpora.
    pub(crate) fn read(project: &Project, inventory: &Inventory) -> Result<Self> {
        let rulings = Rulings::read(project, inventory)?;
        let mut inputs: Vec<KeptInput> = rulings.iter().map(Ruling::kept).collect();
        inputs.extend(corpus::read(project, inventory)?);
        Ok(Self { rulings, inputs })
    }

    /// Those of some slots.
    pub(crate) fn of(&self, slots: &BTreeSet<String>) -> Vec<&KeptInput> {
        self.inputs.iter().filter(|input| slots.contains(&input.slot)).collect()
    }

    /// A hash over those of one slot; empty if there are none.
    pub(crate) fn hash(&self, slot: &str) -> String {
        let of_slot = self.inputs.iter().filter(|input| input.slot == slot);
        let texts: Vec<String> = of_slot.map(|input| input.input.to_string()).collect();
        if texts.is_empty() { String::new() } else { sha256(texts.join("\n").as_bytes()) }
    }

    /// Refuses a ruling whose input nobody can meet any more.
    pub(crate) fn all_met(&self, stale: &[Stale]) -> Result<()> {
        let of_ruling = |one: &&Stale| self.rulings.iter().any(|it| it.name() == one.name);
        match stale.iter().find(of_ruling) {
            None => Ok(()),
            Some(Stale { name, why }) => Err(Failure::usage(format!(
                "{name}: its input does not fit the slot any more ({why}): mend the field `input`, or \
                 delete the file and rule on the same thing when it is found again"
            ))),
        }
    }
}
