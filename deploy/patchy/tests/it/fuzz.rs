//! Searches, and what they leave behind.

use crate::harness::Ended;
use crate::miniature::Miniature;
use serde_json::json;
use std::fs;
use std::path::PathBuf;

const HERON: &str = "variants/heron/src/pre_order/covers.rs";
/// Sees nothing but what is kept.
const BLIND: [&str; 6] = ["check", "--slot", "pre_order.covers", "--cases", "1", "--json"];

fn fuzz(miniature: &Miniature, seed: &str) -> Ended {
    let words = ["fuzz", "--slot", "pre_order.covers", "--seconds", "1", "--json", "--seed", seed];
    miniature.run(&words)
}

fn corpus(miniature: &Miniature) -> Vec<PathBuf> {
    let folder = fs::read_dir(miniature.path("equivalence/corpus/pre_order.covers"));
    folder.into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_search_counts_edges_and_what_it_keeps_is_met_by_every_check() {
    let miniature = Miniature::new();
    assert_eq!(miniature.run(&BLIND).code, Some(0));
    assert_eq!(miniature.unjudged(), 3);
    let ended = fuzz(&miniature, "7");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let json = ended.json();
    assert!(json["edges"].as_u64().unwrap() > 0, "{json}");
    assert_eq!((&json["features"], &json["corpus"]), (&json!(1), &json!(1)));
    assert_eq!(json["corpus_folder"], "equivalence/corpus/pre_order.covers");
    let [file] = &corpus(&miniature)[..] else { panic!("{:?}", corpus(&miniature)) };
    assert_eq!(fs::read_to_string(file).unwrap(), "{\"payload\":[7]}\n");
    // The verdicts before knew nothing of it.
    assert_eq!(miniature.unjudged(), 6);

    miniature.edit(HERON, ".sum()", ".sum::<u64>() + 1");
    let ended = miniature.run(&BLIND);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let json = ended.json();
    let name = file.strip_prefix(miniature.path("")).unwrap();
    assert_eq!(json["kept"], json!(name), "{json}");
    assert_eq!((&json["input"], &json["ruling"]), (&json!({ "payload": [7] }), &json!(null)));
}

#[test]
fn the_next_search_replaces_what_the_last_one_kept() {
    let miniature = Miniature::new();
    for seed in ["7", "8"] {
        assert_eq!(fuzz(&miniature, seed).code, Some(0));
        let [file] = &corpus(&miniature)[..] else { panic!("{:?}", corpus(&miniature)) };
        assert_eq!(fs::read_to_string(file).unwrap(), format!("{{\"payload\":[{seed}]}}\n"));
    }
    let [file] = &corpus(&miniature)[..] else { panic!("{:?}", corpus(&miniature)) };
    fs::write(file, "{\"load\":[8]}\n").unwrap();
    let told = miniature.run(&BLIND[..5]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.stdout.contains("1 kept inputs do not fit their slots any more"), "{told:?}");
    fs::write(file, "{").unwrap();
    let error = miniature.run(&BLIND).json()["error"].as_str().unwrap_or_default().to_owned();
    assert!(error.contains(".json:1: this is no JSON ("), "{error}");
    assert!(error.ends_with(": delete the file"), "{error}");
}

#[test]
fn what_a_search_finds_is_a_verdict_that_can_be_ruled_on() {
    let miniature = Miniature::new();
    miniature.edit(HERON, ".sum()", ".sum::<u64>() + 1");
    let ended = fuzz(&miniature, "7");
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let rule = ["--rule", "version", "--because", "bytes weigh what they say"];
    let ended = miniature.run(&[&BLIND[..], &rule].concat());
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(miniature.path(ended.json()["ruled"].as_str().unwrap()).is_file(), "{ended:?}");
}

#[test]
fn a_search_of_what_is_no_slot_says_so() {
    let miniature = Miniature::new();
    let words = ["fuzz", "--slot", "pre_order", "--json"];
    let ended = miniature.run(&words);
    assert_eq!(ended.code, Some(1), "{ended:?}");
}

#[test]
fn an_exported_target_is_a_workspace_with_versions_and_inputs() {
    let miniature = Miniature::new();
    let export = ["export", "fuzz", "--slot", "pre_order.covers", "-o", "out", "--json"];
    let sentence = "no inputs are kept of pre_order.covers, and a fuzzer has to begin with some: \
                    `patchy fuzz --slot pre_order.covers` finds them";
    miniature.run(&export).fails(1, sentence);
    assert_eq!(fuzz(&miniature, "7").code, Some(0));
    miniature.edit("Cargo.toml", "edge =", "libfuzzer-sys = \"0.4\"\nedge =");
    let ended = miniature.run(&export);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let json = ended.json();
    let versions = json["versions"].as_array().unwrap();
    assert_eq!((versions.len(), &json["inputs"]), (3, &json!(1)), "{json}");

    let read = |file: &str| fs::read_to_string(miniature.path("out").join(file)).unwrap();
    let main = read("compositions/fuzz-pre_order-covers/src/main.rs");
    for version in versions {
        let family = version.as_str().unwrap().split('/').next().unwrap();
        assert!(main.contains(&format!("\"{family}\", versions::{family}::")), "{main}");
    }
    let manifest: toml::Table =
        toml::from_str(&read("compositions/fuzz-pre_order-covers/Cargo.toml")).unwrap();
    assert_eq!(manifest["dependencies"]["libfuzzer-sys"]["workspace"].as_bool(), Some(true));
    let root: toml::Table = toml::from_str(&read("Cargo.toml")).unwrap();
    for member in root["workspace"]["members"].as_array().unwrap() {
        let manifest = format!("out/{}/Cargo.toml", member.as_str().unwrap());
        assert!(miniature.path(&manifest).is_file(), "{manifest}");
    }
    let config: toml::Table = toml::from_str(&read(".cargo/config.toml")).unwrap();
    assert!(config["build"]["target"].as_str().unwrap().contains('-'), "{config}");
    let mut corpus = fs::read_dir(miniature.path("out/corpus")).unwrap();
    let input = fs::read_to_string(corpus.next().unwrap().unwrap().path()).unwrap();
    assert_eq!(input, "{\"payload\":[7]}");
    miniature.run(&export).fails(1, "out: the folder is not empty: name another");
}
