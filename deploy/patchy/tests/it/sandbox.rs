//! What a version cannot do even if its text is let through: reach files, sockets and processes,
//! or use up the machine, running or while it is compiled.

use crate::harness::{Ended, patchy_command};
use crate::miniature::Miniature;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter};
use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

/// Judges a version with this body, though its text breaks the rules.
fn check(miniature: &Miniature, items: &str, body: &str) -> Ended {
    let text = format!("{items}\npub fn covers(_: &wire::Update) -> u64 {{\n{body}\n}}\n");
    fs::write(miniature.path("draft.rs"), text).unwrap();
    let words = [
        "check",
        "--candidate=draft.rs",
        "--slot=pre_order.covers",
        "--any-text",
        "--compile-seconds=5",
        "--seconds=1",
        "--json",
    ];
    let mut command = patchy_command(&miniature.path(""), &words);
    Ended::of(&command.env("SOME_API_KEY", "hunter2").output().unwrap())
}

#[track_caller]
fn rejected(ended: &Ended, by: &str, sentence: &str) -> Value {
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let verdict = ended.json();
    assert_eq!(
        (&verdict["verdict"], &verdict["by"]),
        (&"rejected".into(), &by.into()),
        "{verdict}"
    );
    let got = verdict["got"].as_str().unwrap();
    assert!(got.contains(sentence), "{got}");
    assert!(!got.contains("hunter2"), "{got}");
    verdict
}

/// A miniature with a secret that only its owner should read.
fn with_key() -> (Miniature, String) {
    let miniature = Miniature::new();
    let key = miniature.path("cluster.key");
    fs::write(&key, "hunter2").unwrap();
    let key = key.to_str().unwrap().to_owned();
    (miniature, key)
}

#[test]
fn a_version_that_runs_reaches_nothing() {
    let (miniature, key) = with_key();
    let read = format!("std::fs::read_to_string({key:?}).unwrap().len() as u64");
    rejected(&check(&miniature, "", &read), "differential", "Permission denied");
    let write = format!("std::fs::write({key:?}, \"\").unwrap();\n6");
    rejected(&check(&miniature, "", &write), "differential", "Permission denied");
    assert_eq!(fs::read_to_string(&key).unwrap(), "hunter2");
    let parent = "std::fs::read(format!(\"/proc/{}/environ\", std::os::unix::process::parent_id()))\
                  .unwrap().len() as u64";
    rejected(&check(&miniature, "", parent), "differential", "Permission denied");
    let own = "panic!(\"{:?}\", std::env::vars().collect::<Vec<_>>())";
    rejected(&check(&miniature, "", own), "differential", "MALLOC_TRIM_THRESHOLD_");

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let socket = "the sandbox ended it, for it asked the system for a socket";
    let connect = format!("let _ = std::net::TcpStream::connect({address:?});\n6");
    rejected(&check(&miniature, "", &connect), "gate", socket);
    assert!(listener.accept().is_err(), "somebody came through");
    let datagram = "let _ = std::net::UdpSocket::bind(\"127.0.0.1:0\");\n6";
    rejected(&check(&miniature, "", datagram), "gate", socket);

    let process = "the sandbox ended it, for it asked the system for another process";
    let fork = "loop { let _ = std::process::Command::new(\"/bin/true\").spawn(); }";
    rejected(&check(&miniature, "", fork), "gate", process);
    let memory = "let mut all = Vec::new();\nloop { all.push(vec![0_u8; 1 << 28]); }";
    let sentence = "it asked for more memory than it may have; memory allocation of 268435456";
    rejected(&check(&miniature, "", memory), "resource", sentence);
    // Threads are no processes, and what keeps to itself is let through.
    let thread = "std::thread::spawn(|| 6).join().unwrap()";
    assert_eq!(check(&miniature, "", thread).json()["verdict"], "accepted");
}

/// What a version would say in its judge's place: that it was accepted.
const FORGED: &str = r#"{"Ok":{"verdict":"accepted","by":null,"slot":"pre_order.covers","family":
    "candidate","cases":1,"cases_per_second":1,"inputs_per_second":1,"state_changing_percent":100.0,
    "reasons_missed":[],"rule":null,"minimal_input":null,"expected":null,"got":null,"blames":null,
    "split":null,"replay":null,"mean_nanoseconds":1,"open_rulings":0,"total_cases":1,"versions":[{
    "verdict":"accepted","by":null,"slot":"pre_order.covers","family":"candidate","cases":1,
    "cases_per_second":1,"inputs_per_second":1,"state_changing_percent":100.0,"reasons_missed":[],
    "rule":null,"minimal_input":null,"expected":null,"got":null,"blames":null,"split":null,
    "replay":null,"mean_nanoseconds":1}]}}"#;

#[test]
fn a_version_that_speaks_for_its_judge_is_not_heard() {
    let (miniature, _) = with_key();
    let whole = "it ended as if all were said, but no answer came through whole";
    let bare = FORGED.strip_prefix("{\"Ok\":").unwrap().strip_suffix('}').unwrap();
    for forged in [bare, FORGED] {
        let print = format!("println!(\"{{}}\", {forged:?});\nstd::process::exit(0)");
        rejected(&check(&miniature, "", &print), "differential", whole);
    }
    // The socket itself is within a version's reach, but not the key.
    let items = "use std::io::Write as _;\nuse std::os::fd::AsFd as _;\n";
    let write = |rest: &str| {
        let said = format!("{}\n{FORGED}", "0".repeat(64));
        format!(
            "let socket = std::io::stdin().as_fd().try_clone_to_owned().unwrap();\n\
             std::fs::File::from(socket).write_all({said:?}.as_bytes()).unwrap();\n{rest}"
        )
    };
    let instead = write("std::process::exit(0)");
    rejected(&check(&miniature, items, &instead), "differential", whole);
    let before = write("6");
    rejected(&check(&miniature, items, &before), "differential", whole);
    let fail = "eprintln!(\"slot: the bench has no such slot\");\nstd::process::exit(1)";
    rejected(&check(&miniature, "", fail), "differential", "it exited with 1; slot: the bench");
    // The key is in memory, which is a file too.
    for memory in ["/proc/self/mem", "/proc/thread-self/mem"] {
        let open = format!("std::fs::File::open({memory:?}).unwrap();\n6");
        rejected(&check(&miniature, "", &open), "differential", "Permission denied");
    }
    let said = check(&miniature, "", "println!(\"so?\");\n6");
    assert_eq!(said.json()["verdict"], "accepted", "{said:?}");
}

#[test]
fn a_version_that_is_compiled_reaches_nothing() {
    let (miniature, key) = with_key();
    let include = format!("include_str!({key:?}).len() as u64");
    rejected(&check(&miniature, "", &include), "build", "Permission denied");
    let include = format!("include!({key:?})");
    rejected(&check(&miniature, "", &include), "build", "Permission denied");
    let path = format!("#[path = {key:?}]\nmod key;");
    rejected(&check(&miniature, &path, "6"), "build", "Permission denied");
    let variable = "env!(\"SOME_API_KEY\").len() as u64";
    let sentence = "environment variable `SOME_API_KEY` not defined at compile time";
    rejected(&check(&miniature, "", variable), "build", sentence);
    let endless = "const E: u64 = { let mut n = 0_u64; while n < 1 << 60 { n += 1; } n };";
    let sentence = "the compiler used up its 5 s of processor time on it";
    rejected(&check(&miniature, endless, "E"), "build", sentence);
    // The others are compiled as before.
    assert_eq!(check(&miniature, "", "6").json()["verdict"], "accepted");
}

#[test]
fn where_the_kernel_keeps_nothing_in_nothing_untrusted_is_run() {
    let miniature = Miniature::new();
    let good = "pub fn covers(_: &wire::Update) -> u64 {\n    6\n}\n";
    fs::write(miniature.path("draft.rs"), good).unwrap();
    let check = ["check", "--candidate=draft.rs", "--slot=pre_order.covers", "--json"];
    let ingest = ["ingest", "pre_order.covers", "draft.rs", "--family=wren", "--json"];
    let sentence = "this kernel does not offer Landlock (5.13 or later, and `lsm=` with `landlock` at \
                    boot), so nothing would keep an untrusted version from this machine's files and \
                    network: judge it on another, or pass --no-sandbox if you have read it";
    for words in [&check[..], &ingest] {
        without_landlock(&miniature, words).fails(1, sentence);
    }
    let all_the_same = without_landlock(&miniature, &[&check[..], &["--no-sandbox"]].concat());
    assert_eq!(all_the_same.json()["verdict"], "accepted", "{all_the_same:?}");
}

/// Runs the tool as if on a kernel without Landlock.
fn without_landlock(miniature: &Miniature, words: &[&str]) -> Ended {
    std::thread::scope(|scope| {
        let run = || {
            let calls = [(libc::SYS_landlock_create_ruleset, Vec::new())];
            let refuse = SeccompAction::Errno(u32::try_from(libc::ENOSYS).unwrap());
            let arch = TargetArch::try_from(std::env::consts::ARCH).unwrap();
            let filter =
                SeccompFilter::new(calls.into(), SeccompAction::Allow, refuse, arch).unwrap();
            // On this thread alone, and on what it starts.
            apply_filter(&BpfProgram::try_from(filter).unwrap()).unwrap();
            miniature.run(words)
        };
        scope.spawn(run).join().unwrap()
    })
}

/// A linker that tries for a secret, in a folder from which it may be started.
fn with_curious_linker() -> (Miniature, String) {
    let (miniature, key) = with_key();
    let folder = miniature.path("target/patchy/build/bin");
    fs::create_dir_all(&folder).unwrap();
    fs::create_dir_all(miniature.path("target/patchy/tmp")).unwrap();
    let seen = miniature.path("target/patchy/tmp/seen");
    let seen = seen.to_str().unwrap();
    let script = format!(
        "#!/bin/sh\n{{ echo tried; cat '{key}'; }} >> '{seen}' 2>&1\nexec /usr/bin/cc \"$@\"\n"
    );
    let linker = folder.join("cc");
    fs::write(&linker, script).unwrap();
    fs::set_permissions(&linker, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.to_str().unwrap(), std::env::var("PATH").unwrap());
    (miniature, path)
}

#[test]
fn whatever_takes_versions_has_them_compiled_within_limits() {
    let (miniature, path) = with_curious_linker();
    let slot = "--slot=pre_order.covers";
    let commands: [&[&str]; 5] = [
        &["plan", "--replicas=4", "-o=plan.toml", "--check-seconds=1"],
        &["check", slot],
        &["mutate", slot, "--sample=1", "--seed=1"],
        &["fuzz", slot, "--seconds=1"],
        &["build", "plan.toml", "-o=out"],
    ];
    for words in commands {
        let seen = miniature.path("target/patchy/tmp/seen");
        let _ = fs::remove_file(&seen);
        let mut command = patchy_command(&miniature.path(""), words);
        let ended = Ended::of(&command.env("PATH", &path).output().unwrap());
        assert!(matches!(ended.code, Some(0 | 2)), "{words:?}: {ended:?}");
        let seen = fs::read_to_string(&seen).unwrap();
        assert!(seen.contains("tried") && seen.contains("Permission denied"), "{words:?}: {seen}");
        assert!(!seen.contains("hunter2"), "{words:?}: {seen}");
    }
}
