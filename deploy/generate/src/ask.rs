//! Putting a question: again and again while the endpoint is too busy, and not for ever.

use crate::{Answer, Api, Question, Refusal};
use serde_json::Value;
use std::time::Duration;
use ureq::http::{Response, Uri};
use ureq::{Agent, Body, Error};

/// The longest reply that is read. Unit: bytes.
const LONGEST: u64 = 8 << 20;

/// What an endpoint's own words are cut to. Unit: characters.
const WORDS: usize = 300;

/// Puts a question; `variable` reads the environment.
///
/// # Errors
///
/// See [`Refusal`].
pub fn ask(
    question: &Question,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Answer, Refusal> {
    let api = question.api;
    let endpoint = question.endpoint.as_deref().unwrap_or_else(|| api.endpoint());
    let key = api.key().and_then(variable).filter(|key| !key.is_empty());
    let address = format!("{}{}", endpoint.trim_end_matches('/'), api.path());
    let uri = check(&address, key.is_some())?;
    if key.is_none()
        && question.endpoint.is_none()
        && let Some(name) = api.key()
    {
        return Err(Refusal::Usage(format!(
            "the API {} wants a key: set the variable {name}, or name your own --endpoint",
            api.name()
        )));
    }
    let call = Call { question, api, key, uri };
    let mut retried = 0;
    loop {
        match call.once()? {
            Outcome::Answer(answer) => return Ok(Answer { retried, ..answer }),
            Outcome::Later { said, after } => {
                let pause = after.unwrap_or_else(|| 1_u64 << retried.min(16));
                call.may_wait(&said, pause, retried)?;
                std::thread::sleep(Duration::from_secs(pause));
                retried += 1;
            }
        }
    }
}

/// Refuses what is no address, and to send a key where others can read it.
fn check(address: &str, has_key: bool) -> Result<Uri, Refusal> {
    let refuse = |what: &str| {
        Err(Refusal::Usage(format!("--endpoint {}: {what}", without_secrets(address))))
    };
    let Ok(uri) = address.parse::<Uri>() else {
        return refuse("this is no address: write it as https://host/path");
    };
    let host = uri.host().unwrap_or_default().to_owned();
    let own = matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]");
    match uri.scheme_str() {
        Some("https") if cfg!(feature = "tls") => Ok(uri),
        Some("https") => refuse("this program was built without TLS"),
        Some("http") if own || !has_key => Ok(uri),
        Some("http") => {
            refuse("a key is not sent unencrypted: use https, or unset the key's variable")
        }
        _ => refuse("this is no address: begin it with https:// or http://"),
    }
}

/// An address without what may be a password or a token in it.
fn without_secrets(address: &str) -> String {
    let plain = address.split(['?', '#']).next().unwrap_or_default();
    match (plain.split_once("://"), plain.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        _ => plain.to_owned(),
    }
}

enum Outcome {
    Answer(Answer),
    /// The endpoint is too busy. Unit: seconds.
    Later {
        said: String,
        after: Option<u64>,
    },
}

struct Call<'a> {
    question: &'a Question,
    api: Api,
    key: Option<String>,
    uri: Uri,
}

impl Call<'_> {
    fn once(&self) -> Result<Outcome, Refusal> {
        let config = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(self.question.timeout_seconds)))
            .http_status_as_error(false)
            // Whoever answers is whoever was asked.
            .max_redirects(0)
            .user_agent(concat!("patchy/", env!("CARGO_PKG_VERSION")))
            .build();
        let mut request = Agent::new_with_config(config)
            .post(&self.uri)
            .header("content-type", "application/json");
        for (name, value) in self.api.headers(self.key.as_deref()) {
            request = request.header(name, value);
        }
        let body = self.api.body(self.question).to_string();
        match request.send(body) {
            Ok(response) => self.read(response),
            Err(error) => self.failed(&error),
        }
    }

    fn read(&self, mut response: Response<Body>) -> Result<Outcome, Refusal> {
        let status = response.status().as_u16();
        let after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let after = after.and_then(|value| value.trim().parse().ok());
        let text = response.body_mut().with_config().limit(LONGEST).read_to_string();
        let text = match text {
            Ok(text) => text,
            Err(error) => return self.failed(&error),
        };
        if status == 200 {
            let reply: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
            return self.api.answer(&reply).map(Outcome::Answer);
        }
        let said = format!("{} says {status}{}", self.host(), self.words(&text));
        match status {
            429 | 500..=599 => Ok(Outcome::Later { said, after }),
            401 | 403 => {
                let name = self.api.key().unwrap_or("the key's variable");
                Err(Refusal::Usage(format!("{said}: look at {name}")))
            }
            404 => Err(Refusal::Usage(format!("{said}: look at --model and --endpoint"))),
            _ => Err(Refusal::Usage(said)),
        }
    }

    fn failed(&self, error: &Error) -> Result<Outcome, Refusal> {
        let host = self.host();
        match error {
            Error::Timeout(_) => Err(Refusal::Unavailable(format!(
                "{host} did not answer within {} s: give it more with --timeout",
                self.question.timeout_seconds
            ))),
            Error::BodyExceedsLimit(most) => Err(Refusal::Usage(format!(
                "{host} says more than {most} bytes, which nobody asked for"
            ))),
            Error::HostNotFound | Error::BadUri(_) | Error::RequireHttpsOnly(_) => {
                Err(Refusal::Usage(format!("{host}: {error}: look at --endpoint")))
            }
            // A connection that is not made, or breaks off.
            _ => Ok(Outcome::Later { said: self.hidden(&format!("{host}: {error}")), after: None }),
        }
    }

    /// Whether to come again after so many seconds.
    fn may_wait(&self, said: &str, pause: u64, retried: u32) -> Result<(), Refusal> {
        let Question { retries, longest_wait_seconds, .. } = self.question;
        if retried >= *retries {
            return Err(Refusal::Unavailable(format!(
                "{said}, after {retried} more tries: come again later, or raise --retries"
            )));
        }
        if pause > *longest_wait_seconds {
            return Err(Refusal::Unavailable(format!(
                "{said}, and wants to be asked again in {pause} s, which is more than \
                 {longest_wait_seconds} s: come again then, or raise --wait"
            )));
        }
        Ok(())
    }

    fn host(&self) -> String {
        self.uri.authority().map_or_else(String::new, |authority| {
            let host = authority.as_str();
            host.rsplit_once('@').map_or(host, |(_, host)| host).to_owned()
        })
    }

    /// What the endpoint says of an error, on a line and without the key.
    fn words(&self, text: &str) -> String {
        let parsed: Value = serde_json::from_str(text).unwrap_or(Value::Null);
        let message = parsed["error"]["message"].as_str().or_else(|| parsed["error"].as_str());
        let line = message.unwrap_or(text).split_whitespace().collect::<Vec<_>>().join(" ");
        let line: String = self.hidden(&line).chars().take(WORDS).collect();
        if line.is_empty() { line } else { format!(" ({line})") }
    }

    fn hidden(&self, text: &str) -> String {
        match &self.key {
            Some(key) => text.replace(key.as_str(), "***"),
            None => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_looked_at_before_a_key_is_sent() {
        assert!(check("http://127.0.0.1:1/v1/x", true).is_ok());
        assert!(check("http://models.example/v1/x", false).is_ok());
        let said = |address: &str| check(address, true).unwrap_err().to_string();
        assert_eq!(
            said("http://me:word@models.example/x?key=secret"),
            "--endpoint http://models.example/x: a key is not sent unencrypted: use https, or unset \
             the key's variable"
        );
        assert!(said("models.example").contains("this is no address"));
    }
}
