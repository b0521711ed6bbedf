//! The definitions that several contracts of leader monitoring rest on (report, section 4.2 and
//! Figure 4), and what one slot does that others end with.

use crate::expected::Expected;
use prime::suspect::{Awaited, Measurement, Reported, State};
use std::collections::VecDeque;
use wire::monitoring::{MAX_SAMPLES, Mode};
use wire::prime::{NewLeader, NewLeaderProof, ProofMatrix, RttPing, TatMeasure, TatUb};
use wire::{Config, List, Monitoring, Reject, ReplicaId, Time, To, Verified, View};

/// A bound that is not known.
pub(super) const INFINITE: u64 = u64::MAX;

/// Most measurements under way.
pub(super) const MAX_OPEN: usize = 64;

/// Most own pings whose answers are waited for.
pub(super) const MAX_PINGS: usize = 16;

/// What a contract of leader monitoring calls for.
type Wanted<'a> = Expected<'a, State>;

/// The least entry that `n` entries, itself among them, do not exceed.
fn nth_lowest(values: &[u64], n: usize) -> Option<u64> {
    let up_to = |bound: u64| values.iter().filter(|&&value| value <= bound).count();
    values.iter().copied().filter(|&value| up_to(value) >= n).min()
}

/// Figure 4, C3 and E3: the Q-th lowest. Of all servers' bounds, one of the others, or this one, is
/// what a correct server says.
pub(super) fn quorum_lowest(config: &Config, bounds: &[u64]) -> u64 {
    nth_lowest(bounds, config.quorum()).unwrap_or(INFINITE)
}

/// Figure 4, E5: the (f+k+1)-th lowest.
pub(super) fn tat_leader_of(config: &Config, reported: &[u64]) -> u64 {
    nth_lowest(reported, config.one_available()).unwrap_or_default()
}

/// Figure 4, B10: `rtt * K_Lat + Delta_pp`, with floor and slack, never infinite.
pub(super) fn tat_if_leader_of(rules: &Monitoring, rtt: u64) -> u64 {
    let way = u128::from(rtt.max(rules.rtt_floor)) * u128::from(rules.k_lat) / 100;
    let granted = way + u128::from(rules.delta_pp) + u128::from(rules.sched_slack);
    u64::try_from(granted).unwrap_or(INFINITE).min(INFINITE - 1)
}

/// What a report counts for: in robust mode nothing once it is older than the window.
pub(super) fn counts_for(rules: &Monitoring, reported: &Reported, now: Time) -> u64 {
    match rules.mode {
        Mode::Robust { window, .. } if now.since(reported.heard) > window => 0,
        Mode::Robust { .. } | Mode::Report => reported.tat,
    }
}

/// Figure 4, D2: what is reported of the leader. The n-th largest is the largest that n samples
/// reach.
pub(super) fn measured_of(
    rules: &Monitoring,
    samples: &VecDeque<(Time, u64)>,
    open: &[Measurement],
    now: Time,
) -> u64 {
    let oldest = open.iter().map(|owed| now.since(owed.since)).max().unwrap_or_default();
    let (outliers, window, counted) = match rules.mode {
        Mode::Report => (0, u64::MAX, oldest),
        Mode::Robust { outliers, window } => (usize::from(outliers), window, oldest / 2),
    };
    let recent = || samples.iter().filter(|&&(ended, _)| now.since(ended) <= window);
    let reach = |tat: u64| recent().filter(|&&(_, other)| other >= tat).count();
    let sampled = recent().map(|&(_, tat)| tat).filter(|&tat| reach(tat) > outliers).max();
    sampled.unwrap_or_default().max(counted)
}

/// The proof that the highest view above `above` with Q votes was voted for: all votes for it.
pub(super) fn elected_of(
    config: &Config,
    votes: &[Option<Verified<NewLeader>>],
    above: View,
) -> Option<NewLeaderProof> {
    let given = || votes.iter().flatten();
    let backing = |view: View| given().filter(move |vote| vote.body().view == view);
    let views = given().map(|vote| vote.body().view).filter(|&view| view > above);
    let view = views.filter(|&view| backing(view).count() >= config.quorum()).max()?;
    let votes = List::take(&mut backing(view).map(|vote| vote.signed().clone()));
    Some(NewLeaderProof { votes })
}

/// For which view a proof is; 0 without votes.
pub(super) fn view_of(proof: &NewLeaderProof) -> View {
    proof.votes.first().map_or(View(0), |vote| vote.body.view)
}

/// Whether `time` or more passed from `from` to `now`.
pub(super) fn passed(from: Time, now: Time, time: u64) -> bool {
    from <= now && now.since(from) >= time
}

/// Whether this server leads the preinstalled view.
pub(super) fn leads(config: &Config, state: &State) -> bool {
    config.leader_of(state.view) == state.me
}

fn next(view: View) -> View {
    View(view.0.saturating_add(1))
}

/// `vote`
pub(super) fn vote(wanted: &mut Wanted<'_>) {
    if !wanted.state.suspects {
        wanted.since("`suspects` is set and the vote for the next view goes to all, once");
        wanted.state.suspects = true;
        wanted.send(To::All, NewLeader { view: next(wanted.state.view) });
    }
}

/// `evaluate`: Figure 4, block E.
pub(super) fn evaluate(wanted: &mut Wanted<'_>, rules: &Monitoring, now: Time) {
    let counting = wanted.state.reported.iter().map(|reported| counts_for(rules, reported, now));
    let tat_leader = tat_leader_of(wanted.config, &counting.collect::<Vec<_>>());
    if tat_leader > quorum_lowest(wanted.config, &wanted.state.bounds) {
        vote(wanted);
    }
}

/// `elect`
pub(super) fn elect(wanted: &mut Wanted<'_>, proof: NewLeaderProof) {
    wanted.state.proof = Some(proof.clone());
    wanted.promise(To::Others, proof);
}

/// `make_ping`: Figure 4, B1 to B3.
pub(super) fn make_ping(wanted: &mut Wanted<'_>, now: Time) {
    let State { view, ping_seq, .. } = wanted.state;
    let seq = ping_seq.saturating_add(1);
    wanted.state.ping_seq = seq;
    wanted.state.pings.insert(seq, now);
    if wanted.state.pings.len() > MAX_PINGS {
        wanted.state.pings.pop_first();
    }
    wanted.send(To::Others, RttPing { view, seq });
}

/// `make_tat_measure`: Figure 4, D1 to D3.
pub(super) fn make_tat_measure(wanted: &mut Wanted<'_>, rules: &Monitoring, now: Time) {
    let State { view, samples, open, .. } = &wanted.state;
    let (view, tat) = (*view, measured_of(rules, samples, open, now));
    if tat != 0 && !leads(wanted.config, &wanted.state) {
        wanted.send(To::All, TatMeasure { view, tat });
    }
}

/// `make_tat_ub`: Figure 4, C1 to C4.
pub(super) fn make_tat_ub(wanted: &mut Wanted<'_>) {
    let (view, alpha) =
        (wanted.state.view, quorum_lowest(wanted.config, &wanted.state.tats_if_leader));
    if alpha < wanted.state.announced {
        wanted.since("`announced` becomes alpha, which is below it, and goes to all");
        wanted.state.announced = alpha;
        wanted.send(To::All, TatUb { view, alpha });
    }
}

/// `say_again`
pub(super) fn say_again(wanted: &mut Wanted<'_>) {
    let State { view, announced, suspects, settled, .. } = wanted.state;
    if announced != INFINITE {
        wanted.send(To::Others, TatUb { view, alpha: announced });
    }
    if suspects {
        wanted.send(To::Others, NewLeader { view: next(view) });
    }
    if let Some(proof) = wanted.state.proof.clone().filter(|_| !settled) {
        wanted.send(To::Others, proof);
    }
    let leader = To::One(wanted.config.leader_of(view));
    match wanted.state.open.last().map(|owed| owed.awaited.clone()) {
        Some(Awaited::Matrix(matrix)) => wanted.send(leader, ProofMatrix { matrix }),
        Some(Awaited::Replay(proof)) => wanted.send(leader, *proof),
        None => {}
    }
}

/// `keep_sample`: the report's maximum of the view, or what ended within the window.
pub(super) fn keep_sample(wanted: &mut Wanted<'_>, rules: &Monitoring, now: Time, tat: u64) {
    let samples = &mut wanted.state.samples;
    match rules.mode {
        Mode::Report => {
            if samples.iter().all(|&(_, held)| held < tat) {
                *samples = VecDeque::from([(now, tat)]);
            }
        }
        Mode::Robust { window, .. } => {
            samples.retain(|&(ended, _)| now.since(ended) <= window);
            samples.push_back((now, tat));
            let smallest = samples.iter().map(|&(_, tat)| tat).min();
            let oldest = samples.iter().position(|&(_, tat)| Some(tat) == smallest);
            if let Some(oldest) = oldest.filter(|_| samples.len() > MAX_SAMPLES) {
                samples.remove(oldest);
            }
        }
    }
}

/// `State::reached`: the highest view whose leader is known to be elected.
pub(super) fn reached(state: &State) -> View {
    state.view.max(state.proof.as_ref().map(view_of).unwrap_or_default())
}

/// The clock is looked at while something is open.
pub(super) fn watch(wanted: &mut Wanted<'_>, rules: &Monitoring, now: Time) {
    if wanted.state.watch_at.is_none() {
        wanted.state.watch_at = rules.stall_min.map(|least| now.after(least));
    }
}

/// Ends the measurements of what came, in order: each is a sample of its age.
pub(super) fn end(
    wanted: &mut Wanted<'_>,
    rules: &Monitoring,
    now: Time,
    mut came: impl FnMut(&Awaited) -> bool,
) {
    let open = wanted.state.open.clone().into_iter();
    let (ended, open): (Vec<_>, Vec<_>) = open.partition(|owed| came(&owed.awaited));
    for owed in ended {
        keep_sample(wanted, rules, now, now.since(owed.since));
    }
    if open.is_empty() {
        wanted.state.watch_at = None;
    }
    wanted.state.open = open;
}

/// Most messages taken of one server in a period: four times the five that a correct one sends and
/// the N falls of its bound.
pub(super) fn allowance(config: &Config) -> u32 {
    4 * (5 + u32::from(config.n))
}

/// `take`: no server is heard more often in a period than that.
pub(super) fn take(
    wanted: &mut Wanted<'_>,
    rules: &Monitoring,
    now: Time,
    sender: ReplicaId,
) -> bool {
    let most = allowance(wanted.config);
    let state = &mut wanted.state;
    if passed(state.counted_from, now, rules.period) {
        state.counted_from = now;
        state.taken.fill(0);
    }
    let taken = &mut state.taken[sender.index()];
    let room = *taken < most;
    if room {
        *taken += 1;
    }
    room
}

/// Whether a message of `signer` about `view` is looked at, and counted; else it is rejected.
pub(super) fn heard(
    wanted: &mut Wanted<'_>,
    rules: &Monitoring,
    now: Time,
    signer: ReplicaId,
    view: View,
    entitled: bool,
) -> bool {
    let refused = if view != wanted.state.view {
        wanted.since("rejects `WrongView` if its view is not the preinstalled one");
        Some(Reject::WrongView)
    } else if !entitled {
        wanted.since("rejects `NotEntitled` if it is not between this server and another");
        Some(Reject::NotEntitled)
    } else if !take(wanted, rules, now, signer) {
        wanted.since("rejects `Full` if `take` says so");
        Some(Reject::Full)
    } else {
        None
    };
    if let Some(reason) = refused {
        wanted.reject(signer, reason);
    }
    refused.is_none()
}
