//! What was said to a model and by it, as it is kept.
//!
//! No key ever comes near it: the program that asks reads keys from its environment itself. Of the
//! endpoint's address what may be a password or a token is left out.

use crate::commands::check::text;
use crate::exit::{Failure, Result};
use crate::ledger;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Of the files.
const FORMAT: u32 = 1;

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    User,
    Assistant,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    pub(crate) role: Role,
    pub(crate) content: String,
}

impl Message {
    pub(crate) fn of(role: Role, content: &str) -> Self {
        Self { role, content: content.to_owned() }
    }
}

/// What the model said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    pub(crate) text: String,
    /// Whether it ends where the model wanted it to.
    pub(crate) complete: bool,
    /// Why it ended, as the endpoint calls it.
    pub(crate) finish: String,
    pub(crate) tokens_in: u64,
    pub(crate) tokens_out: u64,
    /// How often the endpoint said to come later.
    pub(crate) retried: u32,
}

/// A question's last message, and the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    pub(crate) said: Message,
    pub(crate) answer: Answer,
}

/// One conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cassette {
    pub(crate) format: u32,
    /// As `component.slot`.
    pub(crate) slot: String,
    pub(crate) api: String,
    /// Without what may be a secret; the API's usual one if absent.
    pub(crate) endpoint: Option<String>,
    pub(crate) model: String,
    pub(crate) exchanges: Vec<Exchange>,
}

impl Cassette {
    /// Nothing said yet.
    pub(crate) fn new(slot: &str, api: &str, endpoint: Option<&str>, model: &str) -> Self {
        Self {
            format: FORMAT,
            slot: slot.to_owned(),
            api: api.to_owned(),
            endpoint: endpoint.map(without_secrets),
            model: model.to_owned(),
            exchanges: Vec::new(),
        }
    }

    pub(crate) fn read(file: &Path) -> Result<Self> {
        let cassette: Self = serde_json::from_str(&text(file)?).map_err(|error| {
            Failure::usage(format!(
                "{}:{}: this is no recording of a conversation: {error}; name a run-1.json of a \
                 ledger",
                file.display(),
                error.line()
            ))
        })?;
        if cassette.format != FORMAT {
            return Err(Failure::usage(format!(
                "{}: the format is {} and not {FORMAT}: record it again",
                file.display(),
                cassette.format
            )));
        }
        Ok(cassette)
    }

    pub(super) fn write(&self, file: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Failure::internal(format!("a recording: {error}")))?;
        ledger::write(file, &(text + "\n"))
    }
}

/// An address without user, password and query.
fn without_secrets(address: &str) -> String {
    let plain = address.split(['?', '#']).next().unwrap_or_default();
    match (plain.split_once("://"), plain.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        _ => plain.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn an_address_is_kept_without_secrets() {
        let plain = "https://models.example/v1";
        for address in [plain, "https://me:word@models.example/v1?key=secret#x"] {
            assert_eq!(without_secrets(address), plain);
        }
    }
}
