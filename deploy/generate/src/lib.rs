//! Asks a language model over HTTP: one question in, one answer out, as JSON.
//!
//! A program of its own, because what it takes to speak to the world (TLS, HTTP) is needed by nobody
//! else: `patchy generate` builds it when it is used first, writes a [`Question`] to its standard
//! input and reads an [`Answer`] or a [`Refusal`] from its standard output. It knows three APIs, and
//! nothing of versions and gates. Keys are read from the environment, sent to the endpoint, and
//! written nowhere: not even what an endpoint says back is passed on with one in it.

mod ask;
mod shape;

pub use ask::ask;

use serde::{Deserialize, Serialize};
use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use thiserror::Error;

/// How an endpoint is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Api {
    /// Chat completions, of OpenAI and of the many that are compatible.
    Openai,
    /// Messages, of Anthropic.
    Anthropic,
    /// Chat, of Ollama: models on one's own machine.
    Ollama,
}

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Whoever asks.
    User,
    /// The model.
    Assistant,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Who.
    pub role: Role,
    /// What.
    pub content: String,
}

/// What is asked, and how patiently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The endpoint's.
    pub api: Api,
    /// The API's address without its own path, as `https://api.openai.com/v1`; the API's usual one
    /// if absent.
    pub endpoint: Option<String>,
    /// As the endpoint calls it.
    pub model: String,
    /// So far; the last is the user's.
    pub messages: Vec<Message>,
    /// Most tokens of the answer; the endpoint's own limit if absent.
    pub max_tokens: Option<u64>,
    /// For one request, until all of the answer is there. Unit: seconds.
    pub timeout_seconds: u64,
    /// How often a request is made again after the endpoint said to come later.
    pub retries: u32,
    /// The longest pause before that. Unit: seconds.
    pub longest_wait_seconds: u64,
}

/// What the model said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The text.
    pub text: String,
    /// Whether the answer ends where the model wanted it to, and not at a limit.
    pub complete: bool,
    /// Why it ended, as the endpoint calls it.
    pub finish: String,
    /// Tokens of the question, as the endpoint counts.
    pub tokens_in: u64,
    /// Tokens of the answer.
    pub tokens_out: u64,
    /// How often the endpoint said to come later.
    pub retried: u32,
}

/// Why there is no answer, in a sentence with the mend.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The question cannot be put so.
    #[error("{0}")]
    Usage(String),
    /// The endpoint does not answer, or not in time, or not now.
    #[error("{0}")]
    Unavailable(String),
}

impl Refusal {
    /// 1 if the question must change, 3 if it may be put again.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 1,
            Self::Unavailable(_) => 3,
        }
    }
}

/// Reads a question, puts it, and prints what came of it: the answer, or `error`.
#[must_use]
pub fn main() -> ExitCode {
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    let question = read.map_err(|error| error.to_string()).and_then(|_| {
        serde_json::from_str::<Question>(&text).map_err(|error| format!("the question: {error}"))
    });
    let outcome = question
        .map_err(Refusal::Usage)
        .and_then(|question| ask(&question, &|name| std::env::var(name).ok()));
    let (object, code) = match outcome {
        Ok(answer) => (serde_json::json!(answer), 0),
        Err(refusal) => (serde_json::json!({ "error": refusal.to_string() }), refusal.exit_code()),
    };
    // Where nobody reads there is nobody to tell.
    let _ = writeln!(std::io::stdout(), "{object}");
    ExitCode::from(code)
}
