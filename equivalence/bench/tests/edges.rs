//! Versions that are wrong only at a bound that their contract names, or where two choices are equally
//! good: the bench has such inputs, and finds each by comparison with the reference alone.

mod common;

use bench::Registry;
use common::of;
use prime::pre_order::Effects;
use prime::{execute, suspect, view_change};
use std::collections::{BTreeMap, BTreeSet};
use verdict::Decision;
use wire::monitoring::Monitoring;
use wire::prime::{Certificate, MAX_REPLAY, Report, Resolution};
use wire::{ClientId, ClientSeq, Config, Digest, ReplicaId, Service, Time, Update, View};

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
}

#[test]
fn numbers_reach_to_the_greatest() {
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
