//! From a run that goes wrong to a small one that goes wrong in the same way.

use crate::cluster::Setup;
use crate::monitor::Watched;
use crate::overrides::Overrides;
use crate::run::{Options, Report, drawn, run};
use wire::Machine;

/// Most runs that are tried.
const MAX_TRIES: u32 = 200;

/// The smallest run that was found, and how it goes wrong.
#[derive(Clone, Debug)]
pub struct Minimised {
    /// What to change about the seed's run.
    pub overrides: Overrides,
    /// What came of it.
    pub report: Report,
    /// How many runs were tried.
    pub tries: u32,
}

/// Takes faults out of the run of `seed`, and makes its load smaller and the run shorter, one thing
/// after the other, while a violation of the same kind stays. `None` if the run is in order.
///
/// `setup.overrides` are what it begins with, and are as before when it returns.
pub fn minimise<M: Machine<Protocol: Watched>>(
    seed: u64,
    options: &Options,
    setup: &mut Setup<M>,
) -> Option<Minimised> {
    let before = setup.overrides;
    let found = search(seed, options, setup);
    setup.overrides = before;
    found
}

fn search<M: Machine<Protocol: Watched>>(
    seed: u64,
    options: &Options,
    setup: &mut Setup<M>,
) -> Option<Minimised> {
    let report = run(seed, options, setup);
    let kind = report.violation.as_ref()?.kind;
    let mut least = Minimised { overrides: setup.overrides, report, tries: 1 };
    let mut try_it = |least: &mut Minimised, smaller: Overrides| {
        let of = |overrides: Overrides| drawn(seed, options, &overrides);
        let same = format!("{:?}", of(smaller)) == format!("{:?}", of(least.overrides));
        if same || least.tries == MAX_TRIES {
            return false;
        }
        setup.overrides = smaller;
        let report = run(seed, options, setup);
        least.tries += 1;
        let fails = report.violation.as_ref().is_some_and(|violation| violation.kind == kind);
        if fails {
            (least.overrides, least.report) = (smaller, report);
        }
        fails
    };
    for fault in least.overrides.faults_left() {
        let smaller = least.overrides.without_too(fault);
        try_it(&mut least, smaller);
    }
    loop {
        let halves = least.overrides.halves(&drawn(seed, options, &least.overrides));
        if !halves.into_iter().any(|smaller| try_it(&mut least, smaller)) {
            return Some(least);
        }
    }
}
