//! Wrong keys, open secrets, and folders that do not belong together.

use crate::harness::{Four, edit, put, until};
use cluster::ClusterError;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use wire::ReplicaId;

fn refusal(four: &Four, id: u16) -> String {
    match cluster::start_one(&four.dir(), ReplicaId(id)) {
        Err(ClusterError::EndedAtOnce { lines, how, .. }) => {
            assert!(how.contains("exit status: 1"), "{how}");
            lines
        }
        other => panic!("{other:?}"),
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn each_host_holds_its_own_secret_alone_and_nobody_else_can_read_it() {
    let four = Four::created(|_| {});
    for id in 1..=4 {
        assert_eq!(mode(&four.host(id)), 0o700);
        assert_eq!(mode(&four.host(id).join("secret.key")), 0o600);
        let secret = fs::read_to_string(four.host(id).join("secret.key")).unwrap();
        let signing = secret.lines().find(|line| line.starts_with("signing")).unwrap();
        for other in (1..=4).filter(|other| *other != id) {
            for entry in fs::read_dir(four.host(other)).unwrap() {
                let text = fs::read_to_string(entry.unwrap().path()).unwrap_or_default();
                assert!(!text.contains(&signing[11..40]));
            }
        }
    }
    assert_eq!(mode(&four.dir().join("clients/kv/secret.key")), 0o600);
}

#[test]
fn a_secret_that_others_can_read_is_refused_with_the_mend() {
    let four = Four::created(|_| {});
    let secret = four.host(1).join("secret.key");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o640)).unwrap();
    let said = refusal(&four, 1);
    assert!(said.contains("chmod 600") && said.contains("secret.key"), "{said}");
}

#[test]
fn secrets_of_another_replica_are_refused() {
    let four = Four::created(|_| {});
    fs::copy(four.host(2).join("secret.key"), four.host(1).join("secret.key")).unwrap();
    let said = refusal(&four, 1);
    assert!(said.contains("secret.key: these are not the secrets of replica 1"), "{said}");
}

/// The value of `key` in the `index`-th table `[[replica]]` of a cluster file.
fn value(path: &Path, key: &str, index: usize) -> String {
    let text = fs::read_to_string(path).unwrap();
    let table = text.split("[[replica]]").nth(index).unwrap();
    let line = table.lines().find(|line| line.starts_with(&format!("{key} ="))).unwrap();
    line.split('"').nth(1).unwrap().to_string()
}

#[test]
fn a_replica_with_a_wrong_link_key_is_refused_counted_and_harms_nobody() {
    let mut four = Four::created(|_| {});
    // Replica 4 has keys of its own making, which nobody else knows.
    let other = Four::created(|_| {});
    let file = four.host(4).join("cluster.toml");
    let (right, wrong) =
        (value(&file, "link", 4), value(&other.host(4).join("cluster.toml"), "link", 4));
    edit(&file, &right, &wrong);
    let wrong_secret = fs::read_to_string(other.host(4).join("secret.key")).unwrap();
    let line = |text: &str| text.lines().find(|line| line.starts_with("link")).unwrap().to_string();
    let right_secret = fs::read_to_string(four.host(4).join("secret.key")).unwrap();
    edit(&four.host(4).join("secret.key"), &line(&right_secret), &line(&wrong_secret));
    four.up();
    let kv = four.kv();
    (0..10).for_each(|i| drop(kv.run(&put(&format!("{i}"), "v")).unwrap()));
    four.agree(&[1, 2, 3]);
    until("the refusal is told", || four.log(1).contains("its key is not that of a replica"));
    let refused = |status: &cluster::ReplicaStatus| {
        status.details["counters"]["links_refused"].as_u64().unwrap()
    };
    assert!(four.status()[..3].iter().all(|status| refused(status) > 0));
    assert!(four.log(4).contains("refuses the link"), "{}", four.log(4));
}

#[test]
fn a_replica_of_another_epoch_cannot_shake_hands() {
    let mut four = Four::created(|_| {});
    edit(&four.host(4).join("cluster.toml"), "epoch = 1", "epoch = 2");
    four.up();
    let kv = four.kv();
    (0..5).for_each(|i| drop(kv.run(&put(&format!("{i}"), "v")).unwrap()));
    until("the refusal is told", || four.log(1).contains("the handshake failed"));
    assert_eq!(four.status()[3].updates, Some(0));
}

#[test]
fn a_client_with_a_key_of_another_cluster_is_told_so() {
    let four = Four::started(|_| {});
    let other = Four::created(|_| {});
    // It believes to be enrolled; the replicas know better.
    let folder = other.dir().join("clients/kv");
    for index in 1..=4 {
        let place = |four: &Four, key| value(&four.dir().join("cluster.toml"), key, index);
        edit(&other.dir().join("cluster.toml"), &place(&other, "client"), &place(&four, "client"));
    }
    assert!(folder.exists());
    let answer = cluster::kv(&other.dir(), &put("a", "1"), crate::harness::PATIENCE);
    let error = answer.unwrap_err().to_string();
    assert!(error.contains("refuse this client's signature"), "{error}");
    assert_eq!(four.agree(&[1, 2, 3, 4]).updates, Some(0));
}
