//! BOUNDED-DELAY: while the network is stable, an update of a correct server is executed within a
//! time that no leader who stays in power can exceed (report, definition 2.5 and section 6).
//!
//! [`Bound::of`] computes that time from the configuration and from what links and hosts may cost,
//! never from a run. `Delays` holds runs against it.
//!
//! # What is measured
//!
//! From the step in which a correct originator takes the update from its client to the step in which
//! the last correct replica executes it. An update that its client signed after others is executed
//! after them, so its time begins no earlier than theirs; and where no correct replica was asked, it
//! does not begin at all.
//!
//! The report owes the bound to updates of *stable* servers (definitions 2.3 and 2.5). A server that lost
//! its log is none before it has recovered: it counts among those that may fail, and refuses what it is
//! asked until its new life is ordered. Nor is one that is down, which may have forgotten what it took, or
//! stay down. What only such servers were asked begins with whoever takes it next, and what its client
//! signed after it begins no earlier.
//!
//! # The bound, step by step
//!
//! Let L* ([`Bound::way`]) be the longest time from a correct server's decision to say something to the
//! step in which another correct server takes it: the longest link, its jitter, and what both hosts
//! add. A *wait* is the period that the configuration names, and what a host adds to its own timer, by
//! a clock that may be slow.
//! All correct servers are 2f+k+1 = Q or more. In the worst case nobody else says anything.
//!
//! | step | most | why no faulty server can make it longer |
//! |---|---|---|
//! | the originator waits for a number | see below | alone at the originator. The report has no window |
//! | the originator gathers | `po_request` | alone at the originator. The report's clock starts after it |
//! | PO-Request | L* | |
//! | PO-Acks | L* | Q - 1 correct servers beside the originator acknowledge; more are not needed |
//! | the last correct server may say its PO-ARU | `po_aru` | alone at that server |
//! | PO-ARU | L* | Q correct rows make the update eligible |
//! | the last correct server may say its Proof-Matrix | `proof_matrix` | alone at that server |
//! | turn-around | see below | or the leader is replaced |
//! | flooding | L* | whoever got the Pre-Prepare passes it on |
//! | Prepares | L* | Q - 1 correct servers beside the leader |
//! | Commits | L* | Q correct servers |
//!
//! Content that some correct server lacks comes within the last two: at first sight of the
//! Pre-Prepare, f+1 correct ones of the Q chosen senders send their parts.
//!
//! *Turn-around.* A leader stays while some correct server's report is at most TAT_acceptable, which
//! with f liars is at most what a correct server says of itself:
//! `B = K_Lat * max(2 L*, rtt_floor) + delta_pp + sched_slack` (Property 4.1).
//! - [`Mode::Report`]: the same correct server always, for its largest ever: B.
//! - [`Mode::Robust`]: at each moment some correct server, for half of what it has waited longest.
//!   Once all correct servers have waited 2 B for something, the next report of each, at most one
//!   `period` later, exceeds B: `2 B + period`. The `outliers` that are passed over, and the `window`
//!   after which they are forgotten, say how often a leader may come near that, not how near. `stall_min`
//!   adds nothing where timers are no later than the hosts' costs say.
//!
//! *A number.* An originator has `preorder / 2` numbers under way at most (`prime`'s
//! `pre_order::make_po_request`), one a period `po_request`. If the clients may have more updates under way,
//! one waits until the oldest number is executed: `steps - preorder / 2 * po_request`, where steps are all
//! others. The report's originators have no window.
//!
//! *New lives.* A faulty server may say that it lost its log. Then each server that is idle passes over
//! numbers of its own (`prime::rejoin`), and what a client asks of it before that is ordered may stand in
//! one of them: it is originated again, once, since nothing idle is passed over then. The first number
//! beyond those that were passed over may reach servers which did not execute the life yet, and do not keep
//! it: it is said again, two periods `retransmit` later, and those after it wait. An update that meets all
//! of that takes up to twice the bound and these periods. A server does that once in `timing.renewal` for the sake of each other one, so
//! for f faulty servers at most f times in that time; all other updates are held to the bound.
//!
//! In sum: `6 L* + po_request + po_aru + proof_matrix + turn-around`, and the wait for a number. With all three periods and
//! `delta_pp` equal to D_agg, no gathering, and the report's mode, floor and slack, this is the report's
//! `6 L* + 2 K_Lat L* + 3 D_agg`; for its D_agg is the longest of those periods.
//!
//! # What faults leave behind
//!
//! Each step above supposes that what was said before has come. An originator's numbers are certified
//! in their order, and those whose PO-Requests the faults took are said again: at most 8 to a peer at a
//! time, no more after those that fill a batch, and, as a row that grew is given time to grow on its own,
//! once in two periods `retransmit`. Until they have come, numbers after them wait, and once `preorder / 2`
//! numbers wait the originator gives out none. Where f+k servers do not acknowledge, for whatever
//! reason, all others must have a number, so there it takes no more than one of them that had lost many.
//! Updates do not show that: their clients ask others too, and by these they are executed.
//!
//! Proposals that were lost are said again too, as many as have 256 rows in a period `retransmit`: a server
//! that is restarted lacks up to a window of them, and everybody may need its votes.
//!
//! So the bound is owed at the earliest when the last of these proposals must have been said again, and a
//! bound after that ([`Bound::owed_after`]); and once no correct originator has a number under way for
//! longer than the bound, as the rows of Q correct servers tell; and from the time on when that must be
//! so, whether it is or not: `2 * (preorder / 2) / 8` periods `retransmit` and a bound later. A number that
//! never gets through is thus found by its delay, and once the cluster is steady nothing new is excused. How
//! long updates take meanwhile is no excuse. A server that faults left behind fetches what was ordered, or a
//! state, while the others go on, and until it is abreast of them it is not looked at.
//!
//! # How tight it is
//!
//! [`Attack::SlowLeader`](crate::Attack::SlowLeader) in the scenario
//! [`LeaderDelay`](crate::Scenario::LeaderDelay) comes within 1 % of it, with 4, 7 and 10 replicas: the
//! leader reaches 99.9 % of TAT_acceptable, and some of a few hundred updates come at the worst moment of
//! every wait. No step is loose. Each is reached because the faulty say nothing that others could use:
//! where they acknowledge or vote, a quorum may be complete without the slowest correct server, but on
//! links that are all alike that changes nothing.
//!
//! With robust rules ([`LeaderDelayRobust`](crate::Scenario::LeaderDelayRobust)) updates reach 84 %
//! of it. What is left: 7 % are the `period`, which a leader that knew when the favoured server reports
//! would win too, and the pause comes but once in a window, so that few updates meet it in the worst
//! moment of the other waits.
//! It must not ask too much: all Proof-Matrices that wait for longer than B count, so where more of them
//! than `outliers` fall into one B, the leader is replaced, and B, not 2 B, is what it can reach.
//!
//! # One more step
//!
//! A server measures at most 64 Proof-Matrices at a time (`prime`'s `MAX_OPEN`). Where the turn-around is
//! longer than 64 periods `proof_matrix`, the one that asks for the update may not be among them. Then
//! the oldest, sent at least 64 periods before, is answered first, and one period later the server
//! measures again: to the turn-around comes `turn-around - 63 proof_matrix`. The report measures any
//! number.

mod backlog;
mod checker;
mod renewals;
mod watch;
mod words;

pub(crate) use backlog::Backlog;
pub(crate) use checker::Delays;
pub use checker::Measured;
pub(crate) use renewals::Renewals;
pub use words::{TurnAround, Words};

use crate::parameters::{Hosts, Level, Parameters};
use wire::Config;
use wire::monitoring::{Mode, Monitoring};

/// Rows of matrices in the proposals that a server says again at a time (`prime`'s `order::retransmit`).
const ROWS_AGAIN: u64 = 256;

/// Most Proof-Matrices that a server measures at a time.
const MEASURED_AT_ONCE: u64 = 64;

/// How long an update may take, by its parts (report, section 6). Unit: microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// L*: from a correct server's decision to say something to the step in which another one takes
    /// it.
    pub way: u64,
    /// Longest wait for the originator's PO-Request.
    pub po_request: u64,
    /// Longest wait for a PO-ARU.
    pub po_aru: u64,
    /// Longest wait for a Proof-Matrix.
    pub proof_matrix: u64,
    /// Longest turn-around time that a leader who stays in power gives to every correct server.
    pub turn_around: u64,
    /// Longest wait for a number where an originator has as many under way as it may.
    pub held: u64,
}

impl Bound {
    /// What a cluster owes once faults of links and processes have ended. Nothing if its leaders are not
    /// monitored, or where a way depends on how much else
    /// is said: with narrow uplinks, and processors that spend time on signatures.
    #[must_use]
    pub fn of(parameters: &Parameters) -> Option<Self> {
        let (links, hosts, timing) =
            (&parameters.links, &parameters.hosts, &parameters.config.timing);
        let rules = parameters.config.monitoring.as_ref()?;
        if links.uplink > 0 || hosts.sign > 0 || hosts.verify > 0 {
            return None;
        }
        // A write waits for the one before it, and so does a sync.
        let kept = match hosts.level {
            Level::Process => 2 * hosts.write,
            Level::Power => 2 * hosts.write + 2 * hosts.sync,
        };
        // A round of work waits for the rest after the one before.
        let way = links.latency.1 + links.jitter + kept + hosts.busy;
        let wait = |period| wait(hosts, period);
        let turn_around = stretched(hosts, turn_around(rules, way, late(hosts)));
        let proof_matrix = wait(timing.proof_matrix);
        // The first that may not be measured is sent so long after the oldest that is.
        let measured = MEASURED_AT_ONCE * timing.proof_matrix;
        let unmeasured = turn_around.checked_sub(measured).map_or(0, |rest| rest + proof_matrix);
        let mut bound = Self {
            way,
            po_request: wait(timing.po_request),
            po_aru: wait(timing.po_aru),
            proof_matrix,
            turn_around: unmeasured + turn_around,
            held: 0,
        };
        bound.held = bound.held(parameters);
        Some(bound)
    }

    /// How long an update waits for a number at most: until the oldest of those under way is executed,
    /// after which as many others were given out as may be.
    fn held(&self, parameters: &Parameters) -> u64 {
        let (config, load) = (&parameters.config, &parameters.load);
        let most = u64::from(load.clients) * load.outstanding as u64;
        let ahead = ahead(config);
        if most <= ahead {
            return 0;
        }
        let fast = 1_000_000 - u64::from(parameters.hosts.drift);
        self.total().saturating_sub(ahead * config.timing.po_request * fast / 1_000_000)
    }

    /// The sum of all steps.
    #[must_use]
    pub fn total(&self) -> u64 {
        let waits = self.po_request + self.po_aru + self.proof_matrix;
        6 * self.way + waits + self.turn_around + self.held
    }

    /// How long after the last fault the bound is owed at the earliest: what is under way then takes up to
    /// one bound, once all proposals that the faults took were said again. Unit: microseconds.
    #[must_use]
    pub fn owed_after(&self, parameters: &Parameters) -> u64 {
        let config = &parameters.config;
        let rounds = config.windows.order.div_ceil(ROWS_AGAIN / u64::from(config.n));
        rounds * wait(&parameters.hosts, config.timing.retransmit) + self.total()
    }
}

/// How many numbers an originator has under way at most.
fn ahead(config: &Config) -> u64 {
    config.windows.preorder.div_ceil(2)
}

/// How much later than it should a timer of a host may fire.
fn late(hosts: &Hosts) -> u64 {
    hosts.busy + if hosts.late > 0 { hosts.late_us } else { 0 }
}

/// How long `time` may seem: one clock may be slow where the other is fast.
fn stretched(hosts: &Hosts, time: u64) -> u64 {
    time + time * 3 * u64::from(hosts.drift) / 1_000_000
}

/// The longest wait of a host for something that comes once in `period`.
fn wait(hosts: &Hosts, period: u64) -> u64 {
    stretched(hosts, period) + late(hosts)
}

/// What the rules let a leader do to every correct server, where the longest way is `way` and a timer
/// may be `late`.
fn turn_around(rules: &Monitoring, way: u64, late: u64) -> u64 {
    let rtt = (2 * way).max(rules.rtt_floor);
    let acceptable = rtt * u64::from(rules.k_lat) / 100 + rules.delta_pp + rules.sched_slack;
    match rules.mode {
        Mode::Report => acceptable,
        Mode::Robust { .. } => 2 * acceptable + rules.period + late,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::Faults;

    fn parameters() -> Parameters {
        let mut parameters = Parameters::of_seed(1, 4, 0, Faults::None);
        parameters.links.latency = (40_000, 50_000);
        parameters.links.jitter = 0;
        (parameters.hosts.busy, parameters.hosts.write) = (0, 0);
        let timing = &mut parameters.config.timing;
        (timing.po_request, timing.po_aru, timing.proof_matrix) = (0, 20_000, 20_000);
        (parameters.load.clients, parameters.load.outstanding) = (2, 5);
        parameters
    }

    #[test]
    fn the_report_s_rules_give_the_report_s_bound() {
        let mut parameters = parameters();
        assert_eq!(Bound::of(&parameters), None);
        for (k_lat, beta) in [(100, 460_000), (200, 560_000)] {
            let rules = Monitoring { k_lat, delta_pp: 20_000, ..Monitoring::report() };
            parameters.config.monitoring = Some(rules);
            let bound = Bound::of(&parameters).map(|bound| bound.total());
            assert_eq!(bound, Some(6 * 50_000 + 2 * 50_000 * u64::from(k_lat) / 100 + 3 * 20_000));
            assert_eq!(bound, Some(beta));
        }
    }

    #[test]
    fn robust_rules_double_what_is_acceptable_and_add_a_period() {
        let mut parameters = parameters();
        parameters.config.monitoring = Some(Monitoring::robust());
        let acceptable = 250 * 100_000 / 100 + 20_000 + 20_000;
        let bound = Bound::of(&parameters).unwrap();
        assert_eq!(bound.turn_around, 2 * acceptable + 100_000);
        assert_eq!(bound.total(), 6 * 50_000 + 2 * 20_000 + bound.turn_around);
        // On a network so near that the floor counts.
        parameters.links.latency = (50, 100);
        assert_eq!(Bound::of(&parameters).unwrap().turn_around, 2 * 60_000 + 100_000);
    }

    #[test]
    fn an_update_waits_for_a_number_where_clients_fill_the_window() {
        let mut parameters = parameters();
        parameters.config.monitoring = Some(Monitoring::report());
        let mut held = |preorder, po_request| {
            parameters.config.windows.preorder = preorder;
            parameters.config.timing.po_request = po_request;
            let bound = Bound::of(&parameters).unwrap();
            assert_eq!(bound.total() - bound.held, 560_000 + po_request);
            bound.held
        };
        assert_eq!(held(9, 0), 560_000);
        assert_eq!(held(9, 10_000), 570_000 - 5 * 10_000);
        assert_eq!(held(10, 100_000), 160_000);
        assert_eq!(held(11, 200_000), 0, "so many numbers take longer than one of them");
        assert_eq!(held(20, 0), 0, "there are not more updates than numbers");
    }

    #[test]
    fn what_faults_took_is_said_again_before_the_bound_is_owed() {
        let mut parameters = parameters();
        parameters.config.monitoring = Some(Monitoring::report());
        parameters.config.timing.retransmit = 1_000_000;
        for (order, periods) in [(64, 1), (65, 2)] {
            parameters.config.windows.order = order;
            let bound = Bound::of(&parameters).unwrap();
            assert_eq!(bound.owed_after(&parameters), periods * 1_000_000 + bound.total());
        }
    }

    #[test]
    fn what_is_not_measured_at_once_is_measured_later() {
        let mut parameters = parameters();
        parameters.config.monitoring = Some(Monitoring::report());
        let mut turn_around = |proof_matrix| {
            parameters.config.timing.proof_matrix = proof_matrix;
            Bound::of(&parameters).unwrap().turn_around
        };
        assert_eq!(turn_around(4_000), 220_000);
        assert_eq!(turn_around(3_000), 2 * 220_000 - 63 * 3_000);
    }
}
