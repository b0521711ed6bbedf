//! Versions by a model, which here is a script on loopback or a recording.

use crate::harness::{Ended, example, patchy_command};
use crate::miniature::Miniature;
use crate::server::{Heard, Say, Server, openai};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const RIGHT: &str = "Nothing is ambiguous.\n\n`src/pre_order/covers.rs`\n\n```rust\nuse wire::Update;\n\n\
    /// The sum.\npub fn covers(update: &Update) -> u64 {\n    update.payload.iter().map(|byte| \
    u64::from(*byte)).sum()\n}\n```\n";

const WRONG: &str = "One may count or add; I count.\n\n```rust\npub fn covers(update: &wire::Update) \
    -> u64 {\n    update.payload.len() as u64\n}\n```\n";

const MALICIOUS: &str = "```rust\npub fn covers(_: &wire::Update) -> u64 {\n    \
    include_bytes!(\"/etc/shadow\").len() as u64\n}\n```\n";

const WORDS: [&str; 6] =
    ["generate", "pre_order.covers", "--family=wren", "--model=m-1", "--api=openai", "--json"];

const KEY: &str = "sk-hunter2";

/// Runs the tool against a script; gives what it did and what was asked.
fn generate(miniature: &Miniature, script: Vec<Say>, more: &[&str]) -> (Ended, Vec<Heard>) {
    let server = Server::start(script);
    let client = example("ask");
    let (client, endpoint) = (format!("--client={}", client.display()), server.address.clone());
    let own = [client.as_str(), "--endpoint", &endpoint];
    let words = [&WORDS[..], &own, more].concat();
    let mut command = patchy_command(&miniature.path(""), &words);
    let ended = Ended::of(&command.env("OPENAI_API_KEY", KEY).output().unwrap());
    (ended, server.end())
}

fn record(miniature: &Miniature) -> Value {
    let file = miniature.path("variants/wren/ledger/pre_order.covers/record.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Whether any file below a folder holds a text.
fn holds(folder: &Path, text: &str) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => holds(&path, text),
            false => String::from_utf8_lossy(&fs::read(path).unwrap()).contains(text),
        }
    })
}

#[test]
fn what_the_gate_finds_goes_back_until_the_version_comes_through() {
    let miniature = Miniature::new();
    let busy = Say::Status(429, Some("0"), "{}");
    let script =
        vec![openai(WRONG, "stop"), openai(MALICIOUS, "stop"), busy, openai(RIGHT, "stop")];
    let prices = ["--price-in=2", "--price-out=10", "--mandate=fold"];
    let (ended, heard) = generate(&miniature, script, &prices);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let said = ended.json();
    assert_eq!((&said["accepted"], &said["attempts"]), (&json!(true), &json!(3)), "{said}");
    assert_eq!((&said["tokens_in"], &said["tokens_out"]), (&json!(300), &json!(30)), "{said}");
    assert!((said["cost"].as_f64().unwrap() - 0.0009).abs() < 1e-12, "{said}");
    let classes: Vec<&Value> =
        said["reasons"].as_array().unwrap().iter().map(|reason| &reason["class"]).collect();
    assert_eq!(classes, ["oracle", "forbidden"], "{said}");

    let key = heard[0].header("authorization");
    assert_eq!((heard[0].path.as_str(), key), ("/chat/completions", Some("Bearer sk-hunter2")));
    // The prompt first, then each reply with what the gate said of it.
    let prompt = miniature.run(&["prompt", "pre_order.covers", "--mandate=fold", "--json"]).json();
    assert_eq!(heard[0].body["messages"], json!([{ "role": "user", "content": prompt["prompt"] }]));
    let messages = heard[3].body["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 5);
    assert_eq!(messages[1], json!({ "role": "assistant", "content": WRONG }));
    let finding = messages[2]["content"].as_str().unwrap();
    assert!(
        finding.contains("oracle: the rule that is broken: bytes have a sum\ngot: 3"),
        "{finding}"
    );
    let finding = messages[4]["content"].as_str().unwrap();
    assert!(finding.contains("covers.rs:2: the macro `include_bytes!` is forbidden"), "{finding}");

    let record = record(&miniature);
    let attempts = record["attempts"].as_array().unwrap();
    let kept: Vec<&Value> = attempts.iter().map(|attempt| &attempt["kept"]).collect();
    assert_eq!(kept, [false, false, true]);
    assert_eq!(attempts[0]["ambiguities"], "One may count or add; I count.");
    assert_eq!(attempts[0]["shown"], json!([]));
    assert_eq!(attempts[2]["shown"].as_array().unwrap().len(), 2);
    let prompt = prompt["prompt"].as_str().unwrap();
    assert_eq!(attempts[0]["prompt_sha256"], patcher::sha256(prompt.as_bytes()));
    let draft = miniature.path("variants/wren/ledger/pre_order.covers/1.rs");
    assert!(WRONG.contains(&fs::read_to_string(draft).unwrap()));
    assert!(!holds(&miniature.path("variants"), KEY), "the key was written down");
    replays(&miniature);
}

/// The recording gives the same, with nobody to ask.
fn replays(miniature: &Miniature) {
    let recording = "variants/wren/ledger/pre_order.covers/run-1.json";
    let copy = miniature.path("run.json");
    fs::copy(miniature.path(recording), &copy).unwrap();
    let words = ["generate", "pre_order.covers", "--family=lark", "--replay=run.json", "--json"];
    let again = miniature.run(&[&words[..], &["--mandate=fold"]].concat());
    assert_eq!(again.code, Some(0), "{again:?}");
    let said = again.json();
    assert_eq!((&said["attempts"], &said["model"]), (&json!(3), &json!("m-1")), "{said}");
    assert_eq!((&said["recording"], &said["tokens_in"]), (&Value::Null, &json!(300)), "{said}");
    let versions = ["wren", "lark"].map(|family| {
        fs::read_to_string(miniature.path(&format!("variants/{family}/src/pre_order/covers.rs")))
            .unwrap()
    });
    assert_eq!(versions[0], versions[1]);

    let words = ["generate", "pre_order.covers", "--family=finch", "--replay=run.json", "--json"];
    miniature.run(&words).fails(
        1,
        "run.json: this was said to another prompt than `patchy prompt` writes now: ask the model \
         again, without --replay",
    );
    miniature.run(&["generate", "pre_order.on_update", "--family=finch", "--replay=run.json", "--json"])
        .fails(
            1,
            "run.json: this was said about pre_order.covers and not about pre_order.on_update: name \
             another recording",
        );
}

#[test]
fn replies_without_a_version_count_as_attempts() {
    let miniature = Miniature::new();
    let script = vec![
        openai("```rust\npub fn covers(", "length"),
        openai("I would rather not.", "stop"),
        openai("```rust\npub fn covers(", "stop"),
    ];
    let (ended, heard) = generate(&miniature, script, &["--attempts=3"]);
    assert_eq!((ended.code, heard.len()), (Some(2), 3), "{ended:?}");
    let said = ended.json();
    assert_eq!((&said["accepted"], &said["attempts"]), (&json!(false), &json!(3)));
    let sentences: Vec<&str> = said["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| {
            assert_eq!(reason["class"], "reply");
            reason["sentence"].as_str().unwrap()
        })
        .collect();
    assert_eq!(
        sentences,
        [
            "the reply ends at a limit (length) after 10 tokens: say less, or raise --max-tokens",
            "none of 0 code blocks holds the function `covers`: give one file in one block",
            "the code block that begins in line 1 does not end",
        ]
    );
    let record = record(&miniature);
    assert_eq!(record["attempts"].as_array().unwrap().len(), 3);
    assert_eq!(record["attempts"][0]["file"], Value::Null);
    assert!(!miniature.path("variants/wren/src").exists());
}

#[test]
fn a_model_that_does_not_answer_is_named_with_the_code_for_it() {
    let miniature = Miniature::new();
    let (ended, _) = generate(&miniature, vec![Say::Nothing], &["--timeout=1", "--retries=0"]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    let sentence = ended.json()["error"].as_str().unwrap().to_owned();
    assert!(
        sentence.ends_with("did not answer within 1 s: give it more with --timeout"),
        "{sentence}"
    );
    let busy = Say::Status(503, Some("0"), "{}");
    let (ended, heard) = generate(&miniature, vec![busy; 2], &["--retries=1"]);
    assert_eq!((ended.code, heard.len()), (Some(3), 2), "{ended:?}");
    assert!(!miniature.path("variants/wren").exists());
}

#[test]
fn who_has_no_key_is_told_so_before_anything_is_built() {
    let miniature = Miniature::new();
    for (model, api, variable) in
        [("m-1", "openai", "OPENAI_API_KEY"), ("claude-1", "anthropic", "ANTHROPIC_API_KEY")]
    {
        let words = ["generate", "pre_order.covers", "--family=wren", "--model", model, "--json"];
        let mut command = patchy_command(&miniature.path(""), &words);
        command.env_remove("OPENAI_API_KEY").env(variable, "");
        let ended = Ended::of(&command.env_remove("ANTHROPIC_API_KEY").output().unwrap());
        let sentence = format!(
            "the API {api} wants a key: set the variable {variable}, or name your own --endpoint"
        );
        ended.fails(1, &sentence);
    }
    assert!(!miniature.path("target/patchy/ws").exists(), "something was built");
}
