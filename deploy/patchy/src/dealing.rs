//! Keys for threshold signatures: dealt by a program of its own, built when it is asked for first,
//! because the library that it links takes a C compiler.

use crate::exit::{Failure, Result};
use crate::process::{self, Input, Job};
use crate::progress::building;
use patcher::{Inventory, Project, Run, Runner, build_runner};
use std::collections::BTreeMap;
use std::time::Duration;
use wire::threshold::Dealt;

/// How long dealing may take. Unit: seconds.
const LONGEST: u64 = 60;

/// Deals keys for `n` replicas, any `quorum` of which can sign.
pub(crate) fn deal(
    project: &Project,
    inventory: &Inventory,
    n: u16,
    quorum: usize,
) -> Result<Dealt> {
    let runner = Runner {
        main: "fn main() -> std::process::ExitCode {\n    threshold::main()\n}\n".to_owned(),
        dependencies: BTreeMap::from([("threshold".to_owned(), Vec::new())]),
        ..Runner::default()
    };
    let built = building("building", |watch| build_runner(project, inventory, &runner, watch))?;
    let Run::Ready { path, .. } = built else {
        return Err(Failure::internal("a runner without versions has broken ones"));
    };
    let ended = process::run(&Job {
        program: &path,
        arguments: vec![n.to_string().into(), quorum.to_string().into()],
        limits: None,
        timeout: Duration::from_secs(LONGEST),
        heard: true,
        environment: &[],
        input: Input::Nothing,
    })?;
    let dealt = Dealt::from_text(&ended.stdout).filter(|_| ended.code == Some(0));
    dealt.ok_or_else(|| Failure::internal(format!("the dealer did not end well: {}", ended.why())))
}
