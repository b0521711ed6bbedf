//! Versions that are wrong only at a bound that their contract names, or where two choices are equally
//! good: the bench has such inputs, and finds each by comparison with the reference alone.

mod common;

use bench::Registry;
use common::of;
use prime::pre_order::Effects;
use prime::{broadcast, execute, order, suspect, view_change};
use std::collections::{BTreeMap, BTreeSet};
use verdict::Decision;
use wire::monitoring::Monitoring;
use wire::prime::{Certificate, InstallCertificate, MAX_REPLAY, Report, Resolution};
use wire::{
    ClientId, ClientSeq, Config, Digest, PoSeq, ReplicaId, Seq, Service, Time, Update, Verified,
    View,
};

macro_rules! caught {
    ($component:ident.$slot:ident = $version:expr) => {{
        let mut registry = Registry::default();
        registry.$component.$slot.push(("alpha", $version));
        let verdict = of(&registry, concat!(stringify!($component), ".", stringify!($slot)));
        assert_eq!(verdict.verdict, Decision::Rejected, "{verdict:?}");
        let input = verdict.minimal_input.unwrap_or_default();
        assert!(verdict.got != verdict.expected && input.len() < 20_000, "{input}");
    }};
}

#[test]
fn a_quorum_is_counted_of_all_servers_also_where_they_are_more_than_need_be() {
    fn committed(config: &Config, slot: &order::OrderSlot) -> bool {
        let Some(proposal) = &slot.pre_prepare else { return false };
        let about = (proposal.body().view, proposal.body().seq, proposal.digest());
        let fits = |vote: &&Verified<wire::prime::Commit>| {
            (vote.body().view, vote.body().seq, vote.body().digest) == about
        };
        let least = 2 * usize::from(config.f) + usize::from(config.k) + 1;
        slot.commits.values().filter(fits).count() >= least
    }
    caught!(order.committed = committed);
}

#[test]
fn a_vote_of_one_server_twice_counts_once() {
    fn content_valid(
        config: &Config,
        view: View,
        report: &Report,
        entries: &[Certificate],
    ) -> Option<view_change::Statement> {
        // As it is without those that vote twice, counted with them.
        let enough = |entry: &Certificate| {
            let signers: Vec<ReplicaId> = match entry {
                Certificate::Prepared(_, votes) => votes.iter().map(|vote| vote.signer).collect(),
                Certificate::Committed(_, votes) => votes.iter().map(|vote| vote.signer).collect(),
            };
            let distinct = signers.iter().collect::<BTreeSet<_>>().len();
            distinct < signers.len() && signers.len() >= config.votes_beside_proposer()
        };
        let right = view_change::content_valid(config, view, report, entries);
        let wrong = || view_change::Statement { executed: report.executed, ..Default::default() };
        right.or_else(|| entries.iter().any(enough).then(wrong))
    }
    caught!(view_change.content_valid = content_valid);
}

#[test]
fn between_equals_the_contract_chooses() {
    fn highest(
        state: &mut broadcast::State,
        config: &Config,
        tag: broadcast::Tag,
        effects: &mut Effects,
    ) {
        let named = |instance: &broadcast::Instance| {
            let votes = instance.echoes.values().chain(instance.readies.values());
            let all: BTreeSet<Digest> = votes.copied().collect();
            let enough = |digest: &Digest| {
                broadcast::count(&instance.echoes, *digest) >= config.quorum()
                    || broadcast::count(&instance.readies, *digest) >= config.one_correct()
            };
            all.into_iter().filter(enough).count()
        };
        let two = state.instances.get(&tag).is_some_and(|held| named(held) > 1);
        broadcast::advance(state, config, tag, effects);
        if let Some(held) = state.instances.get_mut(&tag).filter(|_| two) {
            held.readied = None;
        }
    }
    caught!(broadcast.advance = highest);
    fn installed(
        state: &view_change::State,
        config: &Config,
        ordered: Seq,
        executed: Seq,
    ) -> Option<InstallCertificate> {
        let found = view_change::installed(state, config, ordered, executed)?;
        let offered = state.offered.get(&found.replay.body.constraint.view).cloned();
        offered.or(Some(found))
    }
    caught!(view_change.installed = installed);
    fn keep_sample(state: &mut suspect::State, rules: &Monitoring, now: Time, tat: u64) {
        let mut again = state.clone();
        again.samples = state.samples.iter().rev().copied().collect();
        suspect::keep_sample(&mut again, rules, now, tat);
        suspect::keep_sample(state, rules, now, tat);
        if again.samples.len() == state.samples.len() && state.samples.len() > 100 {
            let last = again.samples.pop_back();
            state.samples = again.samples.into_iter().rev().chain(last).collect();
        }
    }
    caught!(suspect.keep_sample = keep_sample);
}

#[test]
fn lists_are_as_long_as_they_may_be() {
    fn resolve(
        members: &[&view_change::Statement],
        held: &BTreeMap<Digest, Resolution>,
    ) -> Option<Resolution> {
        view_change::resolve(members, held).filter(|found| found.entries.len() < MAX_REPLAY)
    }
    caught!(view_change.resolve = resolve);
    fn make_requests(
        state: &mut view_change::State,
        config: &Config,
        now: Time,
        executed: Seq,
        effects: &mut view_change::Effects,
    ) {
        view_change::make_requests(state, config, now, executed, effects);
        if state.asked.len() == view_change::ASKED {
            state.asked.pop_last();
        }
    }
    caught!(view_change.make_requests = make_requests);
}

#[test]
fn numbers_reach_to_the_greatest() {
    fn tat_if_leader(rules: &Monitoring, rtt: u64) -> u64 {
        let rtt = rtt.max(rules.rtt_floor);
        let granted = rules.delta_pp.saturating_add(rules.sched_slack);
        let tat = (rtt.saturating_mul(u64::from(rules.k_lat)) / 100).saturating_add(granted);
        tat.min(suspect::INFINITE - 1)
    }
    caught!(suspect.tat_if_leader = tat_if_leader);
    fn order_of(old: &[PoSeq], new: &[PoSeq]) -> Vec<(ReplicaId, PoSeq)> {
        assert!(old.iter().all(|old| old.0 < u64::MAX), "overflows");
        execute::order_of(old, new)
    }
    caught!(execute.order_of = order_of);
    fn restore_tables(config: &Config, bytes: &[u8]) -> Result<execute::State, String> {
        let state = execute::restore_tables(config, bytes)?;
        let window = config.windows.client;
        let ends = state.clients.values().all(|table| table.low.0.checked_add(window).is_some());
        if ends { Ok(state) } else { Err(String::from("overflows")) }
    }
    caught!(execute.restore_tables = restore_tables);
}

#[test]
fn a_window_is_passed_through() {
    fn apply_update(
        state: &mut execute::State,
        config: &Config,
        service: &mut dyn Service,
        client: ClientId,
        update: &Update,
        effects: &mut Effects,
    ) {
        let answer = |state: &execute::State| {
            let table = state.clients.get(&client)?;
            let oldest = ClientSeq(table.low.0.checked_sub(config.windows.client - 1)?);
            Some((oldest, table.replies.get(&oldest)?.clone()))
        };
        let kept = answer(state).filter(|(oldest, _)| oldest.0 > 1);
        execute::apply_update(state, config, service, client, update, effects);
        if let (Some((seq, answer)), Some(table)) = (kept, state.clients.get_mut(&client)) {
            table.replies.insert(seq, answer);
        }
    }
    caught!(execute.apply_update = apply_update);
}
