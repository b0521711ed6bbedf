//! Questions to endpoints on loopback that speak the three APIs.

#![expect(clippy::unwrap_used, reason = "helpers of tests are not known to be tests")]

mod server;

use generate::{Answer, Api, Message, Question, Refusal, Role, ask};
use serde_json::json;
use server::{Heard, Say, Server, openai};
use std::time::{Duration, Instant};

fn question(api: Api) -> Question {
    Question {
        api,
        endpoint: None,
        model: "m-1".to_owned(),
        messages: vec![Message { role: Role::User, content: "Weigh.".to_owned() }],
        max_tokens: Some(50),
        timeout_seconds: 20,
        retries: 2,
        longest_wait_seconds: 2,
    }
}

/// Puts a question to a server that follows a script.
fn put(question: &Question, script: Vec<Say>) -> (Result<Answer, Refusal>, Vec<Heard>) {
    let server = Server::start(script);
    let question = Question { endpoint: Some(server.address.clone() + "/"), ..question.clone() };
    let answer = ask(&question, &|name| Some(format!("key-of-{name}")));
    (answer, server.end())
}

#[test]
fn openai_is_spoken() {
    let (answer, heard) = put(&question(Api::Openai), vec![openai("six", "stop")]);
    let answer = answer.unwrap();
    assert_eq!((answer.text.as_str(), answer.complete, answer.retried), ("six", true, 0));
    assert_eq!((answer.tokens_in, answer.tokens_out), (100, 10));
    assert_eq!(heard[0].path, "/chat/completions");
    assert_eq!(heard[0].header("authorization"), Some("Bearer key-of-OPENAI_API_KEY"));
    let body = json!({ "model": "m-1", "stream": false, "max_completion_tokens": 50,
        "messages": [{ "role": "user", "content": "Weigh." }] });
    assert_eq!(heard[0].body, body);
}

#[test]
fn anthropic_is_spoken() {
    let reply = json!({ "id": "msg_1", "type": "message", "role": "assistant", "model": "m-1",
        "content": [{ "type": "text", "text": "six" }], "stop_reason": "end_turn",
        "stop_sequence": null, "usage": { "input_tokens": 7, "output_tokens": 8 } });
    let (answer, heard) = put(&question(Api::Anthropic), vec![Say::Body(reply)]);
    let answer = answer.unwrap();
    assert_eq!((answer.text.as_str(), answer.finish.as_str()), ("six", "end_turn"));
    assert_eq!((answer.tokens_in, answer.tokens_out), (7, 8));
    assert_eq!(heard[0].path, "/v1/messages");
    assert_eq!(heard[0].header("x-api-key"), Some("key-of-ANTHROPIC_API_KEY"));
    assert_eq!(heard[0].header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(heard[0].header("authorization"), None);
    assert_eq!(heard[0].body["max_tokens"], 50);
    let unsaid = Question { max_tokens: None, ..question(Api::Anthropic) };
    let (_, heard) = put(&unsaid, vec![Say::Body(json!({}))]);
    assert!(heard[0].body["max_tokens"].as_u64().unwrap() > 1000, "the API wants a number");
}

#[test]
fn ollama_is_spoken() {
    let reply = json!({ "model": "m-1", "created_at": "2026-11-28T00:00:00Z", "done": true,
        "message": { "role": "assistant", "content": "six" }, "done_reason": "stop",
        "prompt_eval_count": 5, "eval_count": 6 });
    let (answer, heard) = put(&question(Api::Ollama), vec![Say::Body(reply)]);
    let answer = answer.unwrap();
    assert_eq!((answer.text.as_str(), answer.tokens_in, answer.tokens_out), ("six", 5, 6));
    assert_eq!(heard[0].path, "/api/chat");
    assert_eq!(heard[0].body["options"], json!({ "num_predict": 50 }));
    assert_eq!((heard[0].header("authorization"), heard[0].header("x-api-key")), (None, None));
}

#[test]
fn whoever_is_too_busy_is_asked_again_when_it_says() {
    let busy = |after| Say::Status(429, after, "{\"error\":{\"message\":\"slow down\"}}");
    let start = Instant::now();
    let script = vec![busy(Some("0")), busy(Some("1")), openai("six", "stop")];
    let (answer, heard) = put(&question(Api::Openai), script);
    assert_eq!((answer.unwrap().retried, heard.len()), (2, 3));
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(1), "it did not stay away: {took:?}");

    let overloaded = Say::Status(529, None, "");
    let (answer, _) = put(&question(Api::Openai), vec![overloaded, openai("six", "stop")]);
    assert_eq!(answer.unwrap().retried, 1);

    let (answer, heard) = put(&question(Api::Openai), vec![busy(Some("0")); 3]);
    let refusal = answer.unwrap_err();
    assert_eq!((refusal.exit_code(), heard.len()), (3, 3));
    let sentence = refusal.to_string();
    let end = "says 429 (slow down), after 2 more tries: come again later, or raise --retries";
    assert!(sentence.ends_with(end), "{sentence}");

    let (answer, heard) = put(&question(Api::Openai), vec![busy(Some("3600"))]);
    let sentence = answer.unwrap_err().to_string();
    let end = "wants to be asked again in 3600 s, which is more than 2 s: come again then, or raise \
               --wait";
    assert!(sentence.ends_with(end), "{sentence}");
    assert_eq!(heard.len(), 1);
}

#[test]
fn whoever_is_too_slow_is_given_up() {
    let hasty = Question { timeout_seconds: 1, ..question(Api::Openai) };
    let (answer, _) = put(&hasty, vec![Say::Nothing]);
    let refusal = answer.unwrap_err();
    assert_eq!(refusal.exit_code(), 3);
    let sentence = refusal.to_string();
    assert!(
        sentence.ends_with("did not answer within 1 s: give it more with --timeout"),
        "{sentence}"
    );
}

#[test]
fn what_an_endpoint_says_of_a_key_is_not_passed_on() {
    let said = "{\"error\":{\"message\":\"Incorrect API key: key-of-OPENAI_API_KEY\"}}";
    let (answer, _) = put(&question(Api::Openai), vec![Say::Status(401, None, said)]);
    let refusal = answer.unwrap_err();
    assert_eq!(refusal.exit_code(), 1);
    let sentence = refusal.to_string();
    let end = "says 401 (Incorrect API key: ***): look at OPENAI_API_KEY";
    assert!(sentence.ends_with(end), "{sentence}");
}

#[test]
fn what_is_no_answer_is_named() {
    let (answer, _) = put(&question(Api::Openai), vec![Say::Body(json!({ "hello": "world" }))]);
    let sentence = answer.unwrap_err().to_string();
    let expected = "the endpoint's reply is not one of the API openai: name another with --api";
    assert_eq!(sentence, expected);
    let (answer, _) = put(&question(Api::Openai), vec![Say::Status(404, None, "no such model")]);
    let sentence = answer.unwrap_err().to_string();
    assert!(sentence.ends_with("says 404 (no such model): look at --model and --endpoint"));
    // Nobody is sent elsewhere with the key.
    let (answer, heard) = put(&question(Api::Openai), vec![Say::Status(307, None, "")]);
    assert_eq!((answer.unwrap_err().exit_code(), heard.len()), (1, 1));
}

#[test]
fn without_a_key_the_usual_endpoints_are_not_asked() {
    let sentence = ask(&question(Api::Anthropic), &|_| None).unwrap_err().to_string();
    let tls = cfg!(feature = "tls");
    let expected = match tls {
        true => {
            "the API anthropic wants a key: set the variable ANTHROPIC_API_KEY, or name your own \
                 --endpoint"
        }
        false => {
            "--endpoint https://api.anthropic.com/v1/messages: this program was built without TLS"
        }
    };
    assert_eq!(sentence, expected);
}
