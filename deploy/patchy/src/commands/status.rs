//! `patchy status`.

use crate::commands::build::short;
use crate::context::Context;
use crate::exit::{ExitCode, Result};
use crate::report::{Report, table};
use cluster::{ClusterStatus, ReplicaStatus};
use serde_json::json;
use std::path::PathBuf;

/// Asks every replica of a cluster how it is.
///
/// Ends with 3 if fewer replicas answer than order an update: 2f+k+1, which are 3 of 4.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: patchy status /tmp/cluster --json | jq '.replicas[].executed'")]
pub(crate) struct Arguments {
    /// The cluster's folder
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

pub(crate) fn run(arguments: Arguments, _: &Context) -> Result<Report> {
    Ok(report(&cluster::status(&arguments.dir)?))
}

pub(crate) fn report(status: &ClusterStatus) -> Report {
    let head = [
        "replica",
        "pid",
        "alive",
        "view",
        "executed",
        "updates",
        "state",
        "composition",
        "suspected",
    ];
    let mut shown = table(head);
    for replica in &status.replicas {
        let number = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
        let hash = |value: &Option<String>| short(value.as_deref().unwrap_or_default()).to_owned();
        let alive = match (replica.alive, replica.answers) {
            (true, true) if replica.recovering => "recovering",
            (true, true) => "yes",
            (true, false) => "silent",
            (false, true) => "not ours",
            (false, false) => "no",
        };
        shown.add_row([
            replica.id.to_string(),
            number(replica.pid.map(u64::from)),
            alive.to_owned(),
            view(replica),
            number(replica.executed),
            number(replica.updates),
            hash(&replica.state),
            hash(&replica.composition),
            suspected(status, replica).to_owned(),
        ]);
    }
    let code = if status.goes_on() { ExitCode::Done } else { ExitCode::LivenessLost };
    Report::done(json!(status), shown.to_string()).with_code(code)
}

/// Whether another replica holds proof against it, or refuses its link for forged signatures.
fn suspected(status: &ClusterStatus, replica: &ReplicaStatus) -> &'static str {
    let is_refused = status.replicas.iter().any(|other| other.refused.contains(&replica.id));
    match (replica.suspected, is_refused) {
        (true, true) => "yes, link refused",
        (true, false) => "yes",
        (false, _) => "no",
    }
}

/// The installed view, and what is about to follow it.
fn view(replica: &ReplicaStatus) -> String {
    let Some(installed) = replica.view else { return String::new() };
    let elected = replica.details["preinstalled"].as_u64().unwrap_or_default();
    let suspects = replica.details["suspects_leader"].as_bool().unwrap_or_default();
    match (elected > installed, suspects) {
        (true, _) => format!("{installed} ({elected} elected)"),
        (false, true) => format!("{installed} (leader suspected)"),
        (false, false) => installed.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_recovering_or_refused_is_shown() {
        let replica = |id| ReplicaStatus { id, alive: true, answers: true, ..Default::default() };
        let mut replicas: Vec<_> = (1..=3).map(replica).collect();
        replicas[0].refused = vec![2];
        replicas[1].suspected = true;
        replicas[2].recovering = true;
        let shown = report(&ClusterStatus { replicas, quorum: 3 }).text;
        let row = |id: usize| shown.lines().nth(2 + id).unwrap();
        assert!(row(1).contains(" yes ") && row(1).contains(" no "), "{shown}");
        assert!(row(2).contains("yes, link refused"), "{shown}");
        assert!(row(3).contains("recovering"), "{shown}");
    }

    #[test]
    fn a_cluster_goes_on_while_a_quorum_answers() {
        for (answering, code) in
            [(4, ExitCode::Done), (3, ExitCode::Done), (2, ExitCode::LivenessLost)]
        {
            let replica = |id| ReplicaStatus { id, answers: id <= answering, ..Default::default() };
            let status = ClusterStatus { replicas: (1..=4).map(replica).collect(), quorum: 3 };
            assert_eq!(report(&status).code, code, "{answering}");
        }
    }
}
