//! A cluster's life by the command line, and what goes wrong with its files.

use crate::harness::{Ended, example, patchy_in};
use cluster::Init;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A cluster of four references; stopped when dropped.
struct Four(TempDir);

impl Four {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("cluster");
        cluster::init(&Init::new(dir, 4, example("reference"))).unwrap();
        Self(folder)
    }

    fn dir(&self) -> PathBuf {
        self.0.path().join("cluster")
    }

    fn host(&self, id: u16) -> PathBuf {
        self.dir().join(format!("replica-{id}"))
    }

    /// Runs a command on the cluster, from a folder that is in no project.
    fn run(&self, command: &str, rest: &[&str]) -> Ended {
        let words = [&[command, "--json", "cluster"], rest].concat();
        patchy_in(self.0.path(), &words)
    }

    fn alive(&self) -> usize {
        let status = cluster::status(&self.dir()).unwrap();
        status.replicas.iter().filter(|replica| replica.alive).count()
    }
}

impl Drop for Four {
    fn drop(&mut self) {
        let _ = cluster::down(&self.dir());
    }
}

#[test]
fn a_cluster_starts_works_and_stops() {
    let four = Four::new();
    let up = four.run("up", &[]);
    assert_eq!(up.code, Some(0), "{up:?}");
    assert_eq!(up.json()["started"], 4);
    assert_eq!(four.run("kv", &["put", "colour", "green"]).json()["stored"], true);
    assert_eq!(four.run("kv", &["get", "colour"]).json()["value"], "green");
    assert_eq!(four.run("kv", &["scan"]).json()["entries"][0]["key"], "colour");
    assert_eq!(four.run("kv", &["delete", "colour"]).json()["deleted"], true);
    let gone = four.run("kv", &["get", "colour"]);
    gone.fails(1, "there is no such key");
    assert_eq!(gone.json()["found"], false);
    assert_eq!(four.run("kv", &["delete", "colour"]).code, Some(0));
    let bench = four.run("bench", &["--seconds", "1", "--clients", "8"]);
    assert_eq!(bench.code, Some(0), "{bench:?}");
    let bench = bench.json();
    assert!(bench["throughput"].as_f64().unwrap() > 0.0, "{bench}");
    assert_eq!(bench["durability"], "process");
    assert_eq!(bench["errors"], 0);
    let status = four.run("status", &[]);
    assert_eq!(status.code, Some(0), "{status:?}");
    let status = status.json();
    for replica in status["replicas"].as_array().unwrap() {
        assert_eq!((&replica["alive"], &replica["view"]), (&true.into(), &0.into()), "{status}");
        assert_eq!(replica["composition"], "reference");
        assert_eq!(replica["suspected"], false);
    }
    let down = four.run("down", &[]);
    assert_eq!(down.code, Some(0), "{down:?}");
    assert_eq!(four.alive(), 0);
    let dead = four.run("status", &[]);
    assert_eq!(dead.code, Some(3), "{dead:?}");
    assert!(dead.json()["replicas"][0]["pid"].is_null(), "{dead:?}");
    let silent = four.run("kv", &["get", "colour"]);
    assert_eq!(silent.code, Some(3), "{silent:?}");
}

#[test]
fn a_port_in_use_is_named_and_nothing_is_left_running() {
    let four = Four::new();
    let address = layout::Cluster::read(&four.dir()).unwrap().replicas[&wire::ReplicaId(3)].client;
    let _taken = TcpListener::bind(address).unwrap();
    let sentence = format!(
        "{address}: in use by another program, but replica 3 should listen there for clients; \
         stop that program, or create the cluster anew on other ports"
    );
    four.run("up", &[]).fails(1, &sentence);
    assert_eq!(four.alive(), 0);
}

#[test]
fn a_wrong_key_is_named_and_nothing_is_left_running() {
    let four = Four::new();
    let (own, other) = (four.host(2).join("secret.key"), four.host(1).join("secret.key"));
    fs::copy(&other, &own).unwrap();
    let sentence = format!(
        "replica 2 cannot start: {}: these are not the secrets of replica 2 in cluster.toml",
        own.canonicalize().unwrap().display()
    );
    four.run("up", &[]).fails(1, &sentence);
    assert_eq!(four.alive(), 0);
}

/// Flips a bit in the middle of the longest file of a log.
fn damage(log: &Path) {
    let files = fs::read_dir(log).unwrap().map(|entry| entry.unwrap().path());
    let longest = files.max_by_key(|file| fs::metadata(file).unwrap().len()).unwrap();
    let mut bytes = fs::read(&longest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&longest, bytes).unwrap();
}

#[test]
fn a_corrupt_log_is_named_and_nothing_is_left_running() {
    let four = Four::new();
    assert_eq!(four.run("up", &[]).code, Some(0));
    let bench = four.run("bench", &["--seconds", "1", "--clients", "8"]);
    assert_eq!(bench.code, Some(0), "{bench:?}");
    assert_eq!(four.run("down", &[]).code, Some(0));
    damage(&four.host(4).join("log"));
    let ended = four.run("up", &[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let error = ended.json()["error"].as_str().unwrap().to_owned();
    let log = four.host(4).canonicalize().unwrap().join("log");
    let start = format!("replica 4 cannot start: {}", log.display());
    assert!(error.starts_with(&start), "{error}");
    assert_eq!(four.alive(), 0);
}

/// Replaces the value of `key` in the table of replica 3 of the cluster's own file.
fn exchange(four: &Four, key: &str, bytes: [u8; 32]) -> PathBuf {
    let file = four.dir().join("cluster.toml");
    let text = fs::read_to_string(&file).unwrap();
    let table = text.split("[[replica]]").nth(3).unwrap();
    let line = table.lines().find(|line| line.starts_with(&format!("{key} ="))).unwrap();
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(&file, text.replace(line, &format!("{key} = \"{digits}\""))).unwrap();
    file
}

#[test]
fn an_enrolled_key_that_anybody_can_use_is_named_with_the_mend() {
    let mut one = [0; 32];
    one[0] = 1;
    let four = Four::new();
    exchange(&four, "key", one);
    let sentence = "cluster/cluster.toml: the key of replica 3 is a point with a component of small \
                    order, so anybody might sign in its name; put back the `key` that belongs to the \
                    `signing` in its secret.key";
    for command in ["up", "status", "down"] {
        four.run(command, &[]).fails(1, sentence);
    }
    for small in [[0; 32], one] {
        let four = Four::new();
        exchange(&four, "link", small);
        let sentence = "cluster/cluster.toml: the link key of replica 3 is a point of small order, so \
                        anybody might dial in its name; put back the `link` that belongs to the \
                        `link` in its secret.key";
        four.run("up", &[]).fails(1, sentence);
    }
}

#[test]
fn a_program_that_is_missing_or_none_is_named_and_nothing_is_left_running() {
    let four = Four::new();
    let file = four.host(3).canonicalize().unwrap().join("node.toml");
    let text = fs::read_to_string(&file).unwrap();
    let old = layout::NodeFile::read(&four.host(3)).unwrap().binary;
    let gone = four.dir().join("gone");
    for (path, what) in [
        (&gone, "does not exist"),
        (&file, "is no program that may be run"),
        (&four.dir(), "is no program that may be run"),
    ] {
        let new = text.replace(old.to_str().unwrap(), path.to_str().unwrap());
        fs::write(&file, new).unwrap();
        let sentence = format!(
            "{}: `binary` names {}, which {what}; put the program back, or name another one there",
            file.display(),
            path.display()
        );
        four.run("up", &[]).fails(1, &sentence);
        assert_eq!(four.alive(), 0);
    }
}

#[test]
fn a_file_that_is_no_text_is_named_with_its_line() {
    let four = Four::new();
    let file = four.dir().join("cluster.toml");
    let mut bytes = fs::read(&file).unwrap();
    let third = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).unwrap().0 + 1;
    bytes[third] = 0xff;
    fs::write(&file, bytes).unwrap();
    let sentence = "cluster/cluster.toml, line 3: the file is not text in UTF-8; save it as that";
    four.run("up", &[]).fails(1, sentence);
}

#[test]
fn churn_says_what_clients_saw() {
    let four = Four::new();
    assert_eq!(four.run("up", &[]).code, Some(0));
    let churn = four.run("churn", &["--seconds", "4", "--clients", "8"]);
    assert_eq!(churn.code, Some(0), "{churn:?}");
    let churn = churn.json();
    assert_eq!((&churn["lost"], &churn["repeated"]), (&0.into(), &0.into()), "{churn}");
    assert!(churn["updates"].as_u64() > Some(0) && churn["kills"].as_u64() > Some(0), "{churn}");
    assert_eq!(four.alive(), 4);
}

#[test]
fn a_folder_without_a_cluster_is_named() {
    let four = Four::new();
    fs::remove_file(four.dir().join("cluster.toml")).unwrap();
    for command in ["up", "status", "down", "bench"] {
        let ended = four.run(command, &[]);
        let sentence = "cluster: this is no cluster's folder, for it holds no cluster.toml; name \
                        another, or make a cluster in an empty one with `patchy init`";
        ended.fails(1, sentence);
    }
}

#[test]
fn a_replica_s_folder_is_not_taken_for_the_cluster_s() {
    let four = Four::new();
    let sentence = format!(
        "cluster/replica-2: this is the folder of one replica; name the cluster's, {}",
        four.dir().canonicalize().unwrap().display()
    );
    for words in [
        &["up", "cluster/replica-2", "--json"][..],
        &["status", "cluster/replica-2", "--json"],
        &["down", "cluster/replica-2", "--json"],
        &["kv", "cluster/replica-2", "get", "colour", "--json"],
    ] {
        patchy_in(four.0.path(), words).fails(1, &sentence);
    }
    let sentence = "gone: there is no such folder; make a cluster there with `patchy init`";
    patchy_in(four.0.path(), &["down", "gone", "--json"]).fails(1, sentence);
}
