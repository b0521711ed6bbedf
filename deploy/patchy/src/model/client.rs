//! Whoever answers: a model, asked by a program of its own, or a recording.

use super::cassette::{Answer, Cassette, Exchange, Message};
use crate::exit::{ExitCode, Failure, Result};
use crate::process;
use crate::progress::{Progress, building};
use patcher::{Inventory, Project, Run, Runner, build_runner};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The crate that speaks to endpoints.
const CRATE: &str = "generate";

/// What a request takes beyond waiting. Unit: seconds.
const GRACE: u64 = 30;

/// How an endpoint is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Api {
    /// OpenAI's chat completions, and those of compatible servers
    Openai,
    /// Anthropic's messages
    Anthropic,
    /// Ollama's chat
    Ollama,
}

impl Api {
    /// The one that a model is likely to be behind.
    pub(crate) fn of_model(model: &str) -> Self {
        if model.starts_with("claude") { Self::Anthropic } else { Self::Openai }
    }

    /// The variable with the key that its usual endpoint wants.
    fn key(self) -> Option<&'static str> {
        match self {
            Self::Openai => Some("OPENAI_API_KEY"),
            Self::Anthropic => Some("ANTHROPIC_API_KEY"),
            Self::Ollama => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
            Self::Ollama => "ollama",
        }
    }
}

/// How a model is asked.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Asking {
    /// The API's address without the path of its own, as `https://api.openai.com/v1` [default: the
    /// API's usual one]
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// How the endpoint is spoken to [default: anthropic for models called claude, else openai]
    #[arg(long, value_enum)]
    pub(crate) api: Option<Api>,
    /// Most tokens of a reply
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<u64>,
    /// How long one reply may take
    #[arg(long, value_name = "T", default_value_t = 600)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: u64,
    /// How often to come again when the endpoint is too busy
    #[arg(long, value_name = "N", default_value_t = 6)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) retries: u32,
    /// The longest pause before that
    #[arg(long, value_name = "T", default_value_t = 120)]
    #[arg(value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub(crate) wait: u64,
    /// A program that asks instead of ours: a question as JSON on standard input, an answer on
    /// standard output
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) client: Option<PathBuf>,
}

/// Whoever answers, and what was said so far.
pub(crate) struct Client {
    cassette: Cassette,
    from: From,
}

enum From {
    Model {
        program: PathBuf,
        asking: Asking,
        api: Api,
    },
    /// Answers that were not given yet, the next one last.
    Recording {
        file: PathBuf,
        left: Vec<Exchange>,
    },
}

impl Client {
    /// A model, and the program that asks it: built now, if nobody has used it before.
    pub(crate) fn model(
        project: &Project,
        inventory: &Inventory,
        slot: &str,
        model: &str,
        asking: &Asking,
    ) -> Result<Self> {
        let api = asking.api.unwrap_or_else(|| Api::of_model(model));
        let program = match &asking.client {
            Some(program) => program.clone(),
            None => {
                has_key(api, asking)?;
                build(project, inventory)?
            }
        };
        let cassette = Cassette::new(slot, api.name(), asking.endpoint.as_deref(), model);
        Ok(Self { cassette, from: From::Model { program, asking: asking.clone(), api } })
    }

    /// A recording, in place of the model.
    pub(crate) fn recording(file: &Path, slot: &str) -> Result<Self> {
        let mut cassette = Cassette::read(file)?;
        if cassette.slot != slot {
            return Err(Failure::usage(format!(
                "{}: this was said about {} and not about {slot}: name another recording",
                file.display(),
                cassette.slot
            )));
        }
        let mut left = std::mem::take(&mut cassette.exchanges);
        left.reverse();
        Ok(Self { cassette, from: From::Recording { file: file.to_owned(), left } })
    }

    /// The model's name.
    pub(crate) fn name(&self) -> &str {
        &self.cassette.model
    }

    /// The answer to a conversation so far.
    pub(super) fn ask(&mut self, messages: &[Message]) -> Result<Answer> {
        let Some(said) = messages.last().cloned() else {
            return Err(Failure::internal("a question without a word"));
        };
        let answer = match &mut self.from {
            From::Model { program, asking, api } => {
                ask(program, asking, *api, &self.cassette.model, messages)?
            }
            From::Recording { file, left } => {
                let exchange = left.pop().ok_or_else(|| {
                    let said = self.cassette.exchanges.len();
                    Failure::usage(format!(
                        "{}: the recording ends after {said} replies, none of which comes through \
                         the gate: ask for at most so many --attempts, or ask the model",
                        file.display()
                    ))
                })?;
                // What findings say may depend on how many cases there was time for.
                if self.cassette.exchanges.is_empty() && exchange.said != said {
                    return Err(Failure::usage(format!(
                        "{}: this was said to another prompt than `patchy prompt` writes now: ask \
                         the model again, without --replay",
                        file.display()
                    )));
                }
                exchange.answer
            }
        };
        self.cassette.exchanges.push(Exchange { said, answer: answer.clone() });
        Ok(answer)
    }

    /// Writes down what was said so far, in a file that the caller names, unless it is there already.
    pub(super) fn write(&self, file: impl FnOnce() -> Result<PathBuf>) -> Result<Option<PathBuf>> {
        match &self.from {
            From::Recording { .. } => Ok(None),
            From::Model { .. } => {
                let file = file()?;
                self.cassette.write(&file)?;
                Ok(Some(file))
            }
        }
    }
}

/// Refuses what the program that asks would refuse, before that is built.
fn has_key(api: Api, asking: &Asking) -> Result<()> {
    let Some(variable) = api.key().filter(|_| asking.endpoint.is_none()) else { return Ok(()) };
    if std::env::var_os(variable).is_some_and(|key| !key.is_empty()) {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "the API {} wants a key: set the variable {variable}, or name your own --endpoint",
        api.name()
    )))
}

/// The program that asks. It is none of those that the tool is built with: what it takes to speak to
/// the world would cost everybody minutes.
fn build(project: &Project, inventory: &Inventory) -> Result<PathBuf> {
    let runner = Runner {
        main: format!("fn main() -> std::process::ExitCode {{\n    {CRATE}::main()\n}}\n"),
        dependencies: BTreeMap::from([(CRATE.to_owned(), vec!["tls".to_owned()])]),
        ..Runner::default()
    };
    let what = "building the program that asks models";
    match building(what, |watch| build_runner(project, inventory, &runner, watch))? {
        Run::Ready { path, .. } => Ok(path),
        Run::Broken(_) => Err(Failure::internal("a runner without versions has broken ones")),
    }
}

fn ask(
    program: &Path,
    asking: &Asking,
    api: Api,
    model: &str,
    messages: &[Message],
) -> Result<Answer> {
    let Asking { timeout, retries, wait, .. } = *asking;
    let question = json!({
        "api": api.name(),
        "endpoint": asking.endpoint,
        "model": model,
        "messages": messages,
        "max_tokens": asking.max_tokens,
        "timeout_seconds": timeout,
        "retries": retries,
        "longest_wait_seconds": wait,
    });
    let progress = Progress::of_minutes("asking");
    progress.say(format!("{model}, {} messages so far", messages.len()));
    let longest = (timeout + wait) * (u64::from(retries) + 1) + GRACE;
    let ended = process::ask(program, &question, None, Duration::from_secs(longest))?;
    drop(progress);
    let said: Value = serde_json::from_str(ended.stdout.trim()).unwrap_or(Value::Null);
    if let Some(sentence) = said["error"].as_str() {
        return Err(Failure::new(ExitCode::of_runner(ended.code), sentence));
    }
    serde_json::from_value(said).map_err(|error| {
        Failure::internal(format!("{}: {}: {error}", program.display(), ended.why()))
            .with_details(ended.stderr.trim())
    })
}
