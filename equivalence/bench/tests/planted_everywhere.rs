//! Wrong versions of slots of every component: the bench finds each by comparison with the reference
//! alone, and says so with an input that a person can read. And right ones, unusually written, in
//! which it finds nothing.

use bench::{Corpus, Judges, Plan, Registry, Selection};
use prime::pre_order::Effects;
use prime::{broadcast, catch_up, checkpoint, execute, order, recon, suspect, view_change};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use verdict::{Blames, By, Decision, Verdict};
use wire::prime::{
    CatchUpRequest, Checkpoint, Matrix, NewLeader, Prepare, RbReady, Recon, Resolution, VcList,
};
use wire::{
    ClientId, Config, Digest, Effect, PoSeq, Reject, ReplicaId, Seq, Service, Time, Update,
    Verified,
};

fn corpus() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(|| Corpus::record(11))
}

/// The verdict on version `alpha` by comparison alone.
fn of(registry: &Registry, slot: &str) -> Verdict {
    let judges = Judges { oracle: false, differential: true };
    let plan =
        Plan { cases: Some(20_000), time: Duration::from_secs(20), judges, ..Plan::default() };
    let selection = Selection { slot: Some(slot), family: Some("alpha") };
    registry.judge(corpus(), &selection, &plan, &|lost| panic!("{lost:?}")).remove(0)
}

/// The bench rejects it, shows an input that fits on a screen, and finds the same by that position
/// alone.
#[track_caller]
fn caught(registry: &Registry, slot: &str, by: By) {
    let start = Instant::now();
    let verdict = of(registry, slot);
    // Whoever says more than he should says something else, too.
    let seen = verdict.by == Some(by) || verdict.by == Some(By::Resource);
    assert!(verdict.verdict == Decision::Rejected && seen, "{verdict:?}");
    assert_eq!(verdict.blames, Some(Blames::Version));
    let input = verdict.minimal_input.unwrap_or_default();
    assert!(input.lines().count() <= 60 && input.len() < 8_100, "{input}");
    assert!(verdict.got != verdict.expected && verdict.replay.is_some());
    println!(
        "{slot}: {:?} after {} cases, {:?}\n{input}\n",
        verdict.rule,
        verdict.cases,
        start.elapsed()
    );
}

macro_rules! registry {
    ($component:ident.$slot:ident = $version:expr) => {{
        let mut registry = Registry::default();
        registry.$component.$slot.push(("alpha", $version));
        registry
    }};
}

/// The cluster with a quorum of one vote less.
fn one_vote_less(config: &Config) -> Config {
    let mut less = config.clone();
    less.n -= 2;
    assert_eq!(less.quorum() + 1, config.quorum());
    less
}

fn ready_too_early(
    state: &mut broadcast::State,
    config: &Config,
    tag: broadcast::Tag,
    effects: &mut Effects,
) {
    broadcast::advance(state, &one_vote_less(config), tag, effects);
}

#[test]
fn a_quorum_off_by_one() {
    caught(&registry!(broadcast.advance = ready_too_early), "broadcast.advance", By::Differential);
    fn eligible(config: &Config, matrix: &Matrix, prefix: &[PoSeq]) -> Vec<PoSeq> {
        let column = |o: ReplicaId| {
            let mut entries: Vec<_> =
                config.replicas().map(|i| matrix.acknowledged(i, o)).collect();
            entries.sort_unstable();
            entries[config.size() - config.quorum() + 1]
        };
        config.replicas().zip(prefix).map(|(o, old)| column(o).max(*old)).collect()
    }
    caught(&registry!(order.eligible = eligible), "order.eligible", By::Differential);
    fn prepared(config: &Config, slot: &order::OrderSlot) -> bool {
        order::prepared(&one_vote_less(config), slot)
    }
    caught(&registry!(order.prepared = prepared), "order.prepared", By::Differential);
}

fn any_view(
    state: &mut broadcast::State,
    config: &Config,
    message: &Verified<RbReady>,
    effects: &mut Effects,
) {
    let RbReady { originator, view, seq, digest } = *message.body();
    let tag = broadcast::Tag { view, originator, seq };
    let held = &mut state.instances.entry(tag).or_default().readies;
    match held.get(&message.signer()) {
        Some(first) if *first == digest => effects.reject(message.signer(), Reject::Duplicate),
        Some(_) => effects.reject(message.signer(), Reject::Equivocation),
        None => {
            held.insert(message.signer(), digest);
            broadcast::advance(state, config, tag, effects);
        }
    }
}

#[test]
fn memory_that_a_peer_can_fill() {
    caught(&registry!(broadcast.on_rb_ready = any_view), "broadcast.on_rb_ready", By::Differential);
    fn all_votes(
        state: &mut checkpoint::State,
        config: &Config,
        message: &Verified<Checkpoint>,
        effects: &mut Effects,
    ) -> bool {
        let (signer, name) = (message.signer(), message.body().state);
        let known = state.votes[signer.index()].contains_key(&name.seq);
        let answer = checkpoint::on_checkpoint(state, config, message, effects);
        if !known && name.seq > state.stable {
            state.votes[signer.index()].insert(name.seq, message.clone());
        }
        answer
    }
    caught(
        &registry!(checkpoint.on_checkpoint = all_votes),
        "checkpoint.on_checkpoint",
        By::Differential,
    );
}

#[test]
fn a_share_that_is_not_limited() {
    fn generous(
        state: &mut catch_up::State,
        config: &Config,
        now: Time,
        message: &Verified<CatchUpRequest>,
        effects: &mut Effects,
    ) {
        state.answered[message.signer().index()] = catch_up::Answered::default();
        catch_up::on_catch_up_request(state, config, now, message, effects);
    }
    caught(
        &registry!(catch_up.on_catch_up_request = generous),
        "catch_up.on_catch_up_request",
        By::Differential,
    );
}

#[test]
fn a_dropped_check_of_monotony() {
    fn follows(config: &Config, preceding: &Matrix, matrix: &Matrix) -> bool {
        let rows = matrix.rows.iter().enumerate();
        let fits = rows.flat_map(|(index, row)| row.iter().map(move |row| (index, row)));
        let fits = fits.into_iter().all(|(index, row)| {
            row.signer == ReplicaId::from_index(index) && row.body.vec.len() == config.size()
        });
        fits && matrix.rows.len() == config.size() && !matrix.same(preceding)
    }
    caught(&registry!(order.follows = follows), "order.follows", By::Differential);
    fn on_new_leader(
        state: &mut suspect::State,
        config: &Config,
        message: &Verified<NewLeader>,
        effects: &mut Effects,
    ) {
        let held = &mut state.votes[message.signer().index()];
        if held.as_ref().is_some_and(|held| held.body().view > message.body().view) {
            *held = None;
        }
        suspect::on_new_leader(state, config, message, effects);
    }
    caught(
        &registry!(suspect.on_new_leader = on_new_leader),
        "suspect.on_new_leader",
        By::Differential,
    );
}

#[test]
fn a_vote_of_one_who_has_none() {
    fn on_prepare(
        state: &mut order::State,
        config: &Config,
        message: &Verified<Prepare>,
        effects: &mut Effects,
    ) {
        let mut nobody_leads = config.clone();
        if config.leader_of(message.body().view) == message.signer() {
            nobody_leads.leaders.rotate_left(1);
        }
        order::on_prepare(state, &nobody_leads, message, effects);
    }
    caught(&registry!(order.on_prepare = on_prepare), "order.on_prepare", By::Differential);
    fn on_vc_list(
        state: &mut view_change::State,
        _config: &Config,
        message: &Verified<VcList>,
        effects: &mut Effects,
    ) {
        let (signer, VcList { view, ids }) = (message.signer(), message.body());
        if let Some(reason) = state.outside(*view) {
            return effects.reject(signer, reason);
        }
        let lists = &mut state.rounds.entry(*view).or_default().lists;
        match lists.get(&signer) {
            None => drop(lists.insert(signer, ids.clone())),
            Some(held) if held == ids => effects.reject(signer, Reject::Duplicate),
            Some(_) => effects.reject(signer, Reject::Equivocation),
        }
    }
    caught(
        &registry!(view_change.on_vc_list = on_vc_list),
        "view_change.on_vc_list",
        By::Differential,
    );
}

#[test]
fn a_wrong_choice_among_equals() {
    fn resolve(
        members: &[&view_change::Statement],
        held: &BTreeMap<Digest, Resolution>,
    ) -> Option<Resolution> {
        // One member's word is passed over.
        view_change::resolve(members.get(1..).unwrap_or_default(), held)
    }
    caught(&registry!(view_change.resolve = resolve), "view_change.resolve", By::Differential);
    fn order_of(old: &[PoSeq], new: &[PoSeq]) -> Vec<(ReplicaId, PoSeq)> {
        let mut all = execute::order_of(old, new);
        all.sort_by_key(|(originator, seq)| (*seq, *originator));
        all
    }
    caught(&registry!(execute.order_of = order_of), "execute.order_of", By::Differential);
    fn senders(config: &Config, matrix: &Matrix, o: ReplicaId, s: PoSeq) -> Vec<ReplicaId> {
        let last = config.replicas().collect::<Vec<_>>().into_iter().rev();
        let mut all: Vec<_> =
            last.filter(|i| matrix.acknowledged(*i, o) >= s).take(config.quorum()).collect();
        all.sort_unstable();
        all
    }
    caught(&registry!(recon.senders = senders), "recon.senders", By::Differential);
}

#[test]
fn an_update_that_is_executed_twice() {
    fn apply_update(
        state: &mut execute::State,
        config: &Config,
        service: &mut dyn Service,
        client: ClientId,
        update: &Update,
        effects: &mut Effects,
    ) {
        let low = state.clients.get(&client).map(|table| table.low);
        if low == Some(update.seq) {
            service.execute(client, &update.payload);
        }
        execute::apply_update(state, config, service, client, update, effects);
    }
    caught(
        &registry!(execute.apply_update = apply_update),
        "execute.apply_update",
        By::Differential,
    );
}

#[test]
fn a_panic_on_what_a_peer_may_send() {
    fn on_recon(
        state: &mut recon::State,
        config: &Config,
        pre_order: &prime::pre_order::State,
        message: &Verified<Recon>,
        effects: &mut Effects,
    ) -> Option<prime::pre_order::Content> {
        let depth = recon::path_length(config);
        assert_eq!(message.body().path.len(), depth, "a path of the wrong length");
        recon::on_recon(state, config, pre_order, message, effects)
    }
    caught(&registry!(recon.on_recon = on_recon), "recon.on_recon", By::Differential);
}

#[test]
fn time_that_grows_with_the_square() {
    fn outdated(seq: Seq, records: &[wire::Record<wire::prime::Prime>]) -> Vec<bool> {
        let again = |upto: usize| checkpoint::outdated(seq, &records[..upto]);
        (1..=records.len()).for_each(|upto| drop(std::hint::black_box(again(upto))));
        checkpoint::outdated(seq, records)
    }
    caught(&registry!(checkpoint.outdated = outdated), "checkpoint.outdated", By::Resource);
}

/// The bench finds nothing.
#[track_caller]
fn passes(registry: &Registry, slot: &str) {
    let verdict = of(registry, slot);
    assert_ne!(verdict.verdict, Decision::Rejected, "{verdict:?}");
    assert!(verdict.cases >= 10_000, "{verdict:?}");
}

#[test]
fn what_is_right_is_not_rejected_however_it_is_written() {
    fn eligible(config: &Config, matrix: &Matrix, prefix: &[PoSeq]) -> Vec<PoSeq> {
        let best = |o: ReplicaId| {
            let column = config.replicas().map(|i| matrix.acknowledged(i, o));
            let mut highest: BTreeSet<(PoSeq, usize)> = BTreeSet::new();
            for entry in column.zip(0..) {
                highest.insert(entry);
                if highest.len() > config.quorum() {
                    highest.pop_first();
                }
            }
            highest.first().map_or(PoSeq(0), |(lowest, _)| *lowest)
        };
        config.replicas().zip(prefix).map(|(o, old)| best(o).max(*old)).collect()
    }
    passes(&registry!(order.eligible = eligible), "order.eligible");
    fn tat_leader(config: &Config, reported: &[u64]) -> u64 {
        let below = |tat: u64| reported.iter().filter(|other| **other <= tat).count();
        let enough = reported.iter().copied().filter(|tat| below(*tat) >= config.one_available());
        enough.min().unwrap_or_default()
    }
    passes(&registry!(suspect.tat_leader = tat_leader), "suspect.tat_leader");
    fn on_new_leader(
        state: &mut suspect::State,
        config: &Config,
        message: &Verified<NewLeader>,
        effects: &mut Effects,
    ) {
        // From the last check to the first: each earlier one has the later word.
        let (signer, view) = (message.signer(), message.body().view);
        let mut reason = None;
        if state.votes[signer.index()].as_ref().map(|held| held.body().view) >= Some(view) {
            reason = Some(Reject::Duplicate);
        }
        if view <= state.reached() {
            reason = Some(Reject::Stale);
        }
        if let Some(reason) = reason {
            effects.push(Effect::Reject { from: Some(signer), reason });
            return;
        }
        state.votes[signer.index()].replace(message.clone());
        let won = suspect::elected(config, &state.votes, state.reached());
        won.into_iter().for_each(|proof| suspect::elect(state, proof, effects));
    }
    passes(&registry!(suspect.on_new_leader = on_new_leader), "suspect.on_new_leader");
    fn order_of(old: &[PoSeq], new: &[PoSeq]) -> Vec<(ReplicaId, PoSeq)> {
        let mut all = Vec::new();
        for (index, (old, new)) in old.iter().zip(new).enumerate() {
            let mut seq = *old;
            while seq < *new {
                seq = seq.next();
                all.push((ReplicaId::from_index(index), seq));
            }
        }
        all
    }
    passes(&registry!(execute.order_of = order_of), "execute.order_of");
}
