//! The three APIs: where a question goes, how it is written, and where in the reply the answer is.

use crate::{Answer, Api, Message, Question, Refusal};
use serde_json::{Value, json};

/// Most tokens of an answer, where the API wants to be told and nobody says.
const TOKENS: u64 = 16_000;

impl Api {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
            Self::Ollama => "ollama",
        }
    }

    pub(crate) const fn endpoint(self) -> &'static str {
        match self {
            Self::Openai => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com",
            Self::Ollama => "http://127.0.0.1:11434",
        }
    }

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Openai => "/chat/completions",
            Self::Anthropic => "/v1/messages",
            Self::Ollama => "/api/chat",
        }
    }

    /// The variable with the key; Ollama asks for none.
    pub(crate) const fn key(self) -> Option<&'static str> {
        match self {
            Self::Openai => Some("OPENAI_API_KEY"),
            Self::Anthropic => Some("ANTHROPIC_API_KEY"),
            Self::Ollama => None,
        }
    }

    pub(crate) fn headers(self, key: Option<&str>) -> Vec<(&'static str, String)> {
        match (self, key) {
            (Self::Openai, Some(key)) => vec![("authorization", format!("Bearer {key}"))],
            (Self::Anthropic, key) => {
                let version = ("anthropic-version", "2023-06-01".to_owned());
                key.map(|key| ("x-api-key", key.to_owned())).into_iter().chain([version]).collect()
            }
            (Self::Openai | Self::Ollama, _) => Vec::new(),
        }
    }

    pub(crate) fn body(self, question: &Question) -> Value {
        let messages: &[Message] = &question.messages;
        let mut body = json!({ "model": question.model, "messages": messages, "stream": false });
        match (self, question.max_tokens) {
            (Self::Openai, Some(most)) => body["max_completion_tokens"] = most.into(),
            (Self::Anthropic, most) => body["max_tokens"] = most.unwrap_or(TOKENS).into(),
            (Self::Ollama, Some(most)) => body["options"] = json!({ "num_predict": most }),
            (Self::Openai | Self::Ollama, None) => {}
        }
        body
    }

    /// The answer in a reply.
    pub(crate) fn answer(self, reply: &Value) -> Result<Answer, Refusal> {
        let (text, finish, tokens_in, tokens_out) = match self {
            Self::Openai => {
                let choice = &reply["choices"][0];
                let text = choice["message"]["content"].as_str().map(str::to_owned);
                let usage = &reply["usage"];
                (
                    text,
                    &choice["finish_reason"],
                    &usage["prompt_tokens"],
                    &usage["completion_tokens"],
                )
            }
            Self::Anthropic => {
                let blocks = reply["content"].as_array();
                let texts = |blocks: &Vec<Value>| {
                    blocks.iter().filter_map(|block| block["text"].as_str()).collect::<String>()
                };
                let usage = &reply["usage"];
                let text = blocks.map(texts);
                (text, &reply["stop_reason"], &usage["input_tokens"], &usage["output_tokens"])
            }
            Self::Ollama => {
                let text = reply["message"]["content"].as_str().map(str::to_owned);
                let (tokens_in, tokens_out) = (&reply["prompt_eval_count"], &reply["eval_count"]);
                (text, &reply["done_reason"], tokens_in, tokens_out)
            }
        };
        let Some(text) = text else {
            let name = self.name();
            return Err(Refusal::Usage(format!(
                "the endpoint's reply is not one of the API {name}: name another with --api"
            )));
        };
        let finish = finish.as_str().unwrap_or("unknown").to_owned();
        let complete = !matches!(finish.as_str(), "length" | "max_tokens");
        let count = |tokens: &Value| tokens.as_u64().unwrap_or(0);
        let (tokens_in, tokens_out) = (count(tokens_in), count(tokens_out));
        Ok(Answer { text, complete, finish, tokens_in, tokens_out, retried: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_api_has_its_answer_elsewhere() {
        let replies = [
            (
                Api::Openai,
                json!({ "choices": [{ "message": { "role": "assistant", "content": "hi" },
                    "finish_reason": "length" }],
                    "usage": { "prompt_tokens": 3, "completion_tokens": 4 } }),
            ),
            (
                Api::Anthropic,
                json!({ "content": [{ "type": "text", "text": "h" }, { "type": "text", "text": "i" }],
                    "stop_reason": "max_tokens",
                    "usage": { "input_tokens": 3, "output_tokens": 4 } }),
            ),
            (
                Api::Ollama,
                json!({ "message": { "role": "assistant", "content": "hi" }, "done": true,
                    "done_reason": "length", "prompt_eval_count": 3, "eval_count": 4 }),
            ),
        ];
        for (api, reply) in replies {
            let answer = api.answer(&reply).unwrap();
            assert_eq!((answer.text.as_str(), answer.complete), ("hi", false), "{api:?}");
            assert_eq!((answer.tokens_in, answer.tokens_out), (3, 4), "{api:?}");
            assert!(api.answer(&json!({ "strange": true })).is_err(), "{api:?}");
        }
    }
}
