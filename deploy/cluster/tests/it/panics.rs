//! A replica whose code panics dies, says where, and can be replayed.

use crate::harness::{Four, program, put, until};
use cluster::Exit;
use serde_json::Value;
use std::process::Command;

const TRIGGER: &str = "the straw that breaks the camel's back";

/// Replica 3 has a planted fault and meets its trigger.
fn fallen() -> (Four, Exit) {
    let mut four = Four::started(|init| {
        init.programs = ["replica", "replica", "fragile", "replica"].map(program).to_vec();
        init.flight = true;
    });
    let kv = four.kv();
    kv.run(&put("a", "harmless")).unwrap();
    kv.run(&put("b", TRIGGER)).unwrap();
    let mut exits = Vec::new();
    until("replica 3 falls", || {
        exits.extend(four.running.exits());
        !exits.is_empty()
    });
    // The others do not share its fault.
    kv.run(&put("c", "afterwards")).unwrap();
    four.agree(&[1, 2, 4]);
    assert_eq!(exits.len(), 1);
    (four, exits.swap_remove(0))
}

#[test]
fn a_panic_ends_the_process_tells_its_place_and_replays() {
    let (four, exit) = fallen();
    assert_eq!((exit.id, exit.code), (3, Some(101)));
    let panic = exit.panic.unwrap();
    assert!(panic.file.ends_with("fragile.rs") && panic.message.contains("planted"), "{panic:?}");
    let record = four.host(3).join("flight.bin");
    let replay = |program_name| {
        let program = program(program_name);
        let output = Command::new(program).arg("--replay").arg(&record).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), report)
    };
    let (code, report) = replay("fragile");
    assert_eq!((code, report["panic"]["kind"].as_str()), (Some(2), Some("message")), "{report}");
    let place = report["panic"]["place"].as_str().unwrap();
    assert!(place.starts_with(&format!("{}:{}:", panic.file, panic.line)), "{place}");
    assert_eq!(report["panic"]["input"], report["steps"]);
    // Another version survives the same inputs.
    let (code, survived) = replay("replica");
    assert_eq!((code, &survived["panic"]), (Some(0), &Value::Null));
    assert!(survived["steps"].as_u64() > report["steps"].as_u64());
}

#[test]
fn a_record_replays_to_the_state_that_was_recorded() {
    let four = Four::started(|init| init.flight = true);
    let kv = four.kv();
    for i in 0..30 {
        kv.run(&put(&format!("k{i}"), "v")).unwrap();
    }
    kv.close();
    four.agree(&[1, 2, 3, 4]);
    cluster::down(&four.dir()).unwrap();
    let digests: Vec<_> = (1..=4).map(|id| replayed(&four, id)).collect();
    // The second replay of one record gives the same.
    assert_eq!(digests[0], replayed(&four, 1));
}

fn replayed(four: &Four, id: u16) -> Value {
    let record = four.host(id).join("flight.bin");
    let output = Command::new(program("replica")).arg("--replay").arg(record).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["digest"].is_string() && report["left_over"] == 0, "{report}");
    report
}

#[test]
fn what_is_no_record_is_said_to_be_none() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("flight.bin");
    for bytes in [&b""[..], b"garbage", b"PATCHFLT\xff\xff\xff\xff"] {
        std::fs::write(&file, bytes).unwrap();
        let output = Command::new(program("replica")).arg("--replay").arg(&file).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("flight.bin: it"), "{said}");
    }
}
