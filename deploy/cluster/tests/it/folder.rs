//! Folders, ports, programs and disks that are not as they should be.

use crate::harness::{Four, edit, found, get, program, put, until};
use cluster::{ClusterError, Init, Running, Starting};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use wire::ReplicaId;

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("precious"), "data").unwrap();
    let created = cluster::init(&Init::new(dir.path().into(), 4, program("replica")));
    assert!(matches!(created, Err(ClusterError::NotEmpty(_))));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn numbers_and_programs_that_do_not_fit_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let init = |change: fn(&mut Init)| {
        let mut init = Init::new(at("c"), 4, program("replica"));
        change(&mut init);
        cluster::init(&init).unwrap_err().to_string()
    };
    assert!(init(|init| init.f = 2).contains("need 7"));
    assert!(init(|init| init.programs = vec![]).contains("0 programs for 4 replicas"));
    assert!(
        init(|init| init.programs = vec!["/no/such".into()]).contains("/no/such: No such file")
    );
    assert!(init(|init| init.programs = vec!["/etc/passwd".into()]).contains("not a program"));
    assert!(!at("c").exists());
}

#[test]
fn a_port_in_use_is_one_clear_sentence() {
    let four = Four::created(|_| {});
    let cluster = layout::Cluster::read(&four.dir()).unwrap();
    let address = cluster.replicas[&ReplicaId(2)].client;
    let taken = TcpListener::bind(address).unwrap();
    let error = cluster::up(&four.dir()).unwrap_err().to_string();
    assert!(error.contains(&format!("{address}: in use by another program")), "{error}");
    assert!(!error.contains('\n'));
    drop(taken);
}

#[test]
fn mistakes_in_files_are_told_with_file_and_line() {
    let four = Four::created(|_| {});
    let refusal = || cluster::start_one(&four.dir(), ReplicaId(1)).unwrap_err().to_string();
    let node = four.host(1).join("node.toml");
    edit(&node, "flight = false", "fright = false");
    let said = refusal();
    assert!(said.contains("node.toml, line 5") && said.contains("fright"), "{said}");
    edit(&node, "fright = false", "flight = false");
    edit(&node, "format = 1", "format = 9");
    assert!(refusal().contains("format 9, but this program knows 1"));
    edit(&node, "format = 9", "format = 1");
    edit(&four.host(1).join("cluster.toml"), "f = 1", "f = 2");
    assert!(refusal().contains("cluster.toml: n = 4 replicas, but f = 2"), "{}", refusal());
}

#[test]
fn a_damaged_log_is_named_with_its_place_and_left_alone() {
    let four = Four::started(|_| {});
    let kv = four.kv();
    (0..20).for_each(|i| drop(kv.run(&put(&format!("{i}"), "v")).unwrap()));
    four.kill(2);
    let log = four.host(2).join("log/00000001.log");
    let mut bytes = fs::read(&log).unwrap();
    // In the middle, and in the last batch.
    for at in [500, bytes.len() - 2] {
        bytes[at] ^= 1;
        fs::write(&log, &bytes).unwrap();
        let error = cluster::start_one(&four.dir(), ReplicaId(2)).unwrap_err().to_string();
        assert!(error.contains("00000001.log: corrupt at offset"), "{error}");
        assert!(error.contains("exit status: 1"), "{error}");
        assert_eq!(fs::read(&log).unwrap(), bytes);
        bytes[at] ^= 1;
    }
}

#[test]
fn a_torn_tail_is_cut_off_and_told() {
    let mut four = Four::started(|_| {});
    let kv = four.kv();
    (0..20).for_each(|i| drop(kv.run(&put(&format!("{i}"), "v")).unwrap()));
    four.kill(2);
    let log = four.host(2).join("log/00000001.log");
    let mut bytes = fs::read(&log).unwrap();
    // The beginning of a batch that never got further.
    bytes.extend([b"PBAT".as_slice(), &[0x55; 20]].concat());
    fs::write(&log, &bytes).unwrap();
    four.start(2);
    assert!(four.log(2).contains("an incomplete batch of 24 bytes"), "{}", four.log(2));
    kv.run(&put("after", "v")).unwrap();
    four.agree(&[1, 2, 3, 4]);
}

/// A program that runs the reference with a limit on the size of files: writing beyond it fails
/// as on a full disk.
fn with_small_disk(four: &Four, kilobytes: u32) -> PathBuf {
    let path = four.dir().join("small-disk.sh");
    let replica = program("replica");
    let script = format!(
        "#!/bin/bash\ntrap '' XFSZ\nulimit -f {kilobytes}\nexec {} \"$@\"\n",
        replica.display()
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn a_full_disk_stops_the_replica_cleanly_and_it_comes_back_with_room() {
    let mut four = Four::created(|_| {});
    let node = four.host(4).join("node.toml");
    let binary = |path: &PathBuf| format!("binary = \"{}\"", path.display());
    let (whole, small) =
        (fs::canonicalize(program("replica")).unwrap(), with_small_disk(&four, 64));
    edit(&node, &binary(&whole), &binary(&small));
    four.up();
    let kv = four.kv();
    let mut ended = Vec::new();
    let mut count = 0;
    until("the disk is full", || {
        kv.run(&put(&format!("{count}"), &"x".repeat(2000))).unwrap();
        count += 1;
        ended.extend(four.running.exits());
        !ended.is_empty()
    });
    assert_eq!((ended[0].id, ended[0].code), (4, Some(1)), "{ended:?}");
    let log = four.log(4);
    assert!(log.contains("cannot be extended") && log.contains("make room"), "{log}");
    edit(&node, &binary(&small), &binary(&whole));
    four.start(4);
    assert_eq!(kv.run(&get("0")).unwrap(), found(&"x".repeat(2000)));
    four.agree(&[1, 2, 3, 4]);
}

#[test]
fn a_log_at_its_limit_stops_the_replica_cleanly() {
    let mut four = Four::created(|_| {});
    edit(&four.host(4).join("node.toml"), "log_limit = 68719476736", "log_limit = 30000");
    four.up();
    let kv = four.kv();
    until("the limit is reached", || {
        kv.run(&put("k", &"x".repeat(2000))).unwrap();
        !four.status()[3].alive
    });
    assert!(four.log(4).contains("limit of 30000 bytes"), "{}", four.log(4));
}

#[test]
fn replicas_are_detached_and_inherit_nothing() {
    let mut four = Four::created(|_| {});
    let _held = fs::File::open("/dev/null").unwrap();
    four.up();
    let status = four.status();
    for replica in status {
        let pid = replica.pid.unwrap();
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        assert_eq!(fields[3], pid.to_string(), "leads a session of its own");
        let stdin = fs::read_link(format!("/proc/{pid}/fd/0")).unwrap();
        assert_eq!(stdin, PathBuf::from("/dev/null"));
        for entry in fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten() {
            let number: u32 = entry.file_name().to_str().unwrap().parse().unwrap();
            let target = fs::read_link(entry.path()).unwrap_or_default();
            let own = target.starts_with(four.host(replica.id)) || target.starts_with("/dev/null");
            let anonymous = ["socket:", "anon_inode:", "pipe:"];
            let text = target.to_string_lossy();
            assert!(own || anonymous.iter().any(|kind| text.starts_with(kind)), "{number} {text}");
        }
    }
    four.running = Running::default();
    four.kv().run(&put("a", "1")).unwrap();
}

#[test]
fn nothing_is_started_once_starting_is_closed() {
    let four = Four::created(|_| {});
    let starting = Starting::default();
    starting.close();
    let ended = cluster::up_while(&four.dir(), &starting);
    assert!(matches!(ended, Err(ClusterError::Stopping)), "{ended:?}");
    assert!(four.status().iter().all(|replica| !replica.alive && replica.pid.is_none()));
}

/// Whenever in its start a cluster is ended, nobody is left.
#[test]
fn a_cluster_that_is_ended_while_it_starts_leaves_nobody() {
    let four = Four::created(|_| {});
    for begun in 1..=4 {
        let starting = Starting::default();
        std::thread::scope(|scope| {
            let up = scope.spawn(|| cluster::up_while(&four.dir(), &starting));
            until("some have begun", || {
                four.status().iter().filter(|replica| replica.alive).count() >= begun
            });
            starting.close();
            cluster::down(&four.dir()).unwrap();
            // It may have been done just before.
            let _ = up.join().unwrap();
        });
        assert!(four.status().iter().all(|replica| !replica.alive), "{begun}");
    }
}

#[test]
fn a_part_of_a_cluster_is_not_taken_for_it() {
    let four = Four::created(|_| {});
    let whole = four.dir().canonicalize().unwrap();
    for (part, whose) in [("replica-1", "replica"), ("clients/kv", "client")] {
        let dir = four.dir().join(part);
        let said = format!(
            "{}: this is the folder of one {whose}; name the cluster's, {}",
            dir.display(),
            whole.display()
        );
        for refused in [
            cluster::up(&dir).map(drop),
            cluster::down(&dir).map(drop),
            cluster::status(&dir).map(drop),
        ] {
            assert_eq!(refused.unwrap_err().to_string(), said);
        }
    }
    let said = |dir: PathBuf| cluster::status(&dir).unwrap_err().to_string();
    assert!(said(four.dir().join("clients")).contains("no cluster's folder"));
    assert!(said(four.dir().join("gone")).contains("there is no such folder"));
}
