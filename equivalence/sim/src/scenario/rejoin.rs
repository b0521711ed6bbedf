//! *Rejoin*: one server is away for a minute of full load, later another one starts with an empty disk, and
//! the cluster serves meanwhile.
//!
//! Load, links and hosts are those of the steady load: 1,000 updates of 512 bytes a second. Which two servers it
//! is, the first leader maybe, is the seed's choice. The second goes once the first must be back, so that
//! no more than one is missing at a time.
//!
//! What it is to show: whoever was away executes along with the others within [`ALONG`]; the one with the
//! empty disk takes part in everything within [`BACK`], for at full load originators are never
//! idle, so they pass nothing over for its sake, and it waits for 256 numbers of each, one in 100 ms; and
//! clients, taken together, never wait for an answer for longer than [`PAUSE`].

use super::steady_load;
use crate::absence::Absence;
use crate::parameters::Parameters;
use crate::rng::Rng;
use wire::{Digest, ReplicaId};

/// When the first goes. Unit: microseconds, as below.
const FROM: u64 = 1_000_000;

/// How long it is away.
const AWAY: u64 = 60_000_000;

/// How long the other is down. Its disk is what is lost, not its time.
const DOWN: u64 = 100_000;

/// Within what time of its start a server executes along.
const ALONG: u64 = 4_000_000;

/// Within what time of its start one with an empty disk takes part in everything.
const BACK: u64 = 40_000_000;

/// Longest time between two answers.
const PAUSE: u64 = 2_000_000;

/// The run of `seed`.
pub(super) fn parameters(seed: u64, n: u16, k: u16) -> Parameters {
    let mut rng = Rng::new(seed ^ 0x7265_6a6f_696e);
    let mut parameters = steady_load::parameters(seed, n, k);
    parameters.config.cluster = Digest::of_value("patchy rejoin 1", &seed);
    // As in a swarm: what others do for one without its log they do within the run.
    parameters.config.timing.renewal = 2_000_000;
    let mut others: Vec<ReplicaId> = parameters.config.replicas().collect();
    let mut draw = || others.swap_remove(rng.index(others.len()));
    let (long, empty) = (draw(), draw());
    let (until, pause) = (FROM + AWAY, PAUSE);
    let lost = until + ALONG;
    parameters.crashes.absences = vec![
        Absence {
            replica: long,
            from: FROM,
            until,
            loses_disk: false,
            along: ALONG,
            back: ALONG,
            pause,
        },
        Absence {
            replica: empty,
            from: lost,
            until: lost + DOWN,
            loses_disk: true,
            along: ALONG,
            back: BACK,
            pause,
        },
    ];
    let load = &mut parameters.load;
    parameters.active = lost + DOWN + BACK;
    load.updates = parameters.active / load.think;
    parameters.stable_from = None;
    parameters
}
