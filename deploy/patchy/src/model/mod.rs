//! Having a model write a version: a conversation in which the gate answers.
//!
//! The model gets the prompt. Of each reply the code block goes through the gate, and what the gate
//! says goes back as the next message, until it is let through or the attempts are used up. Every
//! exchange is kept, and can be had again without the network.

mod cassette;
mod client;
mod reply;

pub(crate) use client::{Asking, Client};

use crate::author::keep;
use crate::context::Context;
use crate::exit::Result;
use crate::gate::{self, Class, Passage, Reason};
use crate::judge::Effort;
use crate::ledger::{Ledger, Origin, Tried};
use cassette::{Message, Role};
use patcher::{Inventory, Kept, Lineage, Project};
use slot_syntax::Slot;
use std::path::{Path, PathBuf};

/// Who is to write what, and how it is judged.
pub(crate) struct Commission<'a> {
    pub(crate) context: &'a Context,
    pub(crate) project: &'a Project,
    pub(crate) inventory: &'a Inventory,
    pub(crate) slot: &'a Slot,
    pub(crate) lineage: &'a Lineage,
    pub(crate) origin: &'a Origin,
    pub(crate) prompt: &'a str,
    pub(crate) attempts: u32,
    pub(crate) effort: &'a Effort,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) kept: Option<Kept>,
    pub(crate) attempts: u32,
    /// Of all attempts, in order.
    pub(crate) reasons: Vec<(u32, Reason)>,
    pub(crate) tokens_in: u64,
    pub(crate) tokens_out: u64,
    /// Where the exchanges are.
    pub(crate) cassette: Option<PathBuf>,
}

/// What became of one reply.
enum Step {
    Through(Kept),
    Refused(Vec<Reason>),
}

impl Commission<'_> {
    /// Has it written.
    pub(crate) fn run(&self, client: &mut Client) -> Result<Outcome> {
        let path = &self.slot.path;
        let mut ledger = Ledger::open(self.project, self.inventory, self.lineage, path)?;
        let mut outcome = Outcome::default();
        let mut messages = vec![Message::of(Role::User, self.prompt)];
        let mut shown: Vec<String> = Vec::new();
        while outcome.attempts < self.attempts {
            self.context.note(&format!(
                "{}: attempt {} of at most {}",
                self.slot.path,
                outcome.attempts + 1,
                self.attempts
            ));
            let answer = client.ask(&messages)?;
            outcome.cassette = client.write(|| ledger.cassette())?;
            outcome.attempts += 1;
            outcome.tokens_in += answer.tokens_in;
            outcome.tokens_out += answer.tokens_out;
            let mut tried = Tried {
                shown: shown.clone(),
                tokens_in: answer.tokens_in,
                tokens_out: answer.tokens_out,
                ..Tried::default()
            };
            let step = match reply::read(&answer, &self.slot.path.name) {
                Ok(draft) => {
                    tried.ambiguities = draft.before;
                    self.judge(&mut ledger, draft.code, tried)?
                }
                Err(reason) => {
                    let noted = ledger.begin(self.origin, tried)?;
                    ledger.judged(noted, Err(&reason))?;
                    Step::Refused(vec![reason])
                }
            };
            match step {
                Step::Through(kept) => {
                    outcome.kept = Some(kept);
                    break;
                }
                Step::Refused(reasons) => {
                    let finding = finding(&reasons);
                    let number = outcome.attempts;
                    outcome.reasons.extend(reasons.into_iter().map(|reason| (number, reason)));
                    messages.push(Message::of(Role::Assistant, &answer.text));
                    messages.push(Message::of(Role::User, &finding));
                    shown.push(finding);
                }
            }
        }
        Ok(outcome)
    }

    fn judge(&self, ledger: &mut Ledger, code: String, tried: Tried) -> Result<Step> {
        let tried = Tried { text: Some(code.clone()), ..tried };
        let noted = ledger.begin(self.origin, tried)?;
        if let Err(reason) = gate::check_length(&code) {
            ledger.judged(noted, Err(&reason))?;
            return Ok(Step::Refused(vec![reason]));
        }
        let file = self.slot.path.file();
        let version = gate::read(
            self.inventory,
            &self.slot.path,
            &self.lineage.name,
            Path::new(&file),
            code,
        )?;
        let passage = gate::pass(self.project, self.inventory, &version, self.effort)?;
        let Passage { reasons, verdict } = &passage;
        ledger.judged(noted, Ok(&passage))?;
        if !passage.is_through() {
            return Ok(Step::Refused(reasons.clone()));
        }
        let Self { context, project, inventory, lineage, .. } = *self;
        let kept = keep(context, project, inventory, lineage, &version, verdict)?;
        ledger.kept(noted)?;
        Ok(Step::Through(kept))
    }
}

/// What the model is told of its last reply. Unit of the bound: characters.
fn finding(reasons: &[Reason]) -> String {
    const MOST: usize = 6_000;
    let said = |reason: &Reason| format!("{}: {}", reason.class.name(), reason.sentence);
    let said: Vec<String> = reasons.iter().map(said).collect();
    let said: String = said.join("\n").chars().take(MOST).collect();
    let what = match reasons.first().map(|reason| reason.class) {
        Some(Class::Reply) => "Your reply holds no version",
        _ => "Your version is refused",
    };
    format!(
        "{what}:\n\n{said}\n\nGive the whole file again, mended, in one code block. Keep to the mandate \
         and to what is forbidden."
    )
}
