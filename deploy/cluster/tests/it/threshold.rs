//! A cluster whose proofs are threshold signatures.

use crate::harness::{Four, edit, found, get, program, put, until};
use cluster::{ClusterError, Init};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use wire::{Proofs, ReplicaId};

/// Makes it one.
fn threshold(init: &mut Init) {
    init.programs = vec![program("threshold")];
    init.threshold = Some(threshold::deal(4, 3).unwrap());
}

/// What replica `id` says, which does not start.
fn refusal(four: &Four, id: u16) -> String {
    match cluster::start_one(&four.dir(), ReplicaId(id)) {
        Err(ClusterError::EndedAtOnce { lines, .. }) => lines,
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_loses_its_leader_and_goes_on() {
    let mut four = Four::started(threshold);
    assert_eq!(layout::Cluster::read(&four.dir()).unwrap().config.proofs, Proofs::Threshold);
    let kv = four.kv();
    (0..5).for_each(|i| drop(kv.run(&put(&format!("before-{i}"), "v")).unwrap()));
    four.kill(1);
    (0..5).for_each(|i| drop(kv.run(&put(&format!("after-{i}"), "v")).unwrap()));
    until("a view is installed", || {
        four.status()[1..].iter().all(|replica| replica.view > Some(0))
    });
    // One more must not be missing now: the one that was killed comes back for it.
    four.start(1);
    four.agree(&[1, 2, 3, 4]);
    four.kill(2);
    drop(kv.run(&put("last", "v")).unwrap());
    for key in ["before-0", "before-4", "after-0", "after-4", "last"] {
        assert_eq!(kv.run(&get(key)).unwrap(), found("v"), "{key}");
    }
    // From its log, which holds Replays with such proofs.
    four.start(2);
    four.agree(&[1, 2, 3, 4]);
}

#[test]
fn each_host_holds_its_own_share_alone() {
    let four = Four::created(threshold);
    let share = |id| {
        let secret = four.host(id).join("secret.key");
        assert_eq!(fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(secret).unwrap();
        let line = text.lines().find(|line| line.starts_with("threshold")).unwrap();
        line.split('"').nth(1).unwrap().to_string()
    };
    let shares: Vec<String> = (1..=4).map(share).collect();
    for id in 1..=4 {
        let others = (1..).zip(&shares).filter(|(owner, _)| *owner != id);
        for (_, share) in others {
            for file in ["secret.key", "cluster.toml", "node.toml"] {
                let text = fs::read_to_string(four.host(id).join(file)).unwrap();
                assert!(!text.contains(share.as_str()), "{file} of replica {id}");
            }
        }
    }
}

#[test]
fn a_share_that_does_not_fit_and_a_program_without_the_library_are_refused() {
    let four = Four::created(threshold);
    let line = |id| {
        let text = fs::read_to_string(four.host(id).join("secret.key")).unwrap();
        text.lines().find(|line| line.starts_with("threshold")).unwrap().to_string()
    };
    let (one, two) = (line(1), line(2));
    edit(&four.host(1).join("secret.key"), &one, &two);
    let said = refusal(&four, 1);
    assert!(said.contains("this replica's share of the threshold secret does not fit"), "{said}");
    edit(&four.host(2).join("secret.key"), &two, "");
    let said = refusal(&four, 2);
    assert!(said.contains("secret.key: the share of the threshold secret is missing"), "{said}");
    let (with, without) = (program("threshold"), program("replica"));
    let node = four.host(3).join("node.toml");
    edit(&node, with.to_str().unwrap(), without.to_str().unwrap());
    let said = refusal(&four, 3);
    assert!(said.contains("this program has no library"), "{said}");
}

#[test]
fn keys_that_were_not_dealt_together_are_refused() {
    let four = Four::created(threshold);
    let cluster = four.host(4).join("cluster.toml");
    let text = fs::read_to_string(&cluster).unwrap();
    let keys: Vec<&str> = text.lines().filter(|line| line.starts_with("threshold = ")).collect();
    assert_eq!(keys.len(), 4);
    edit(&cluster, keys[1], keys[2]);
    let said = refusal(&four, 4);
    assert!(said.contains("cluster.toml: the threshold keys do not belong together"), "{said}");
    fs::write(&cluster, text.replace(&format!("{}\n", keys[1]), "")).unwrap();
    let said = refusal(&four, 4);
    assert!(said.contains("replica 2 has no `threshold` key"), "{said}");
}
