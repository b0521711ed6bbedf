//! Right versions that rely on what their contract requires of inputs, and may, or that spend a moment more
//! than the reference does where much is held: the bench finds nothing in them.

mod common;

use bench::Registry;
use common::of;
use prime::pre_order::Effects;
use prime::recon;
use verdict::Decision;
use wire::prime::{NewLeader, NewLeaderProof, Recon};
use wire::{Config, List, PoSeq, ReplicaId, Verified, View};

macro_rules! passes {
    ($component:ident.$slot:ident = $version:expr) => {{
        let mut registry = Registry::default();
        registry.$component.$slot.push(("alpha", $version));
        let verdict = of(&registry, concat!(stringify!($component), ".", stringify!($slot)));
        assert_ne!(verdict.verdict, Decision::Rejected, "{verdict:?}");
        assert!(verdict.cases >= 10_000, "{verdict:?}");
    }};
}

#[test]
fn what_a_contract_requires_of_inputs_holds() {
    /// Each vote under its signer, wherever it stands: the same, since each stands in its signer's row.
    fn elected(
        config: &Config,
        votes: &[Option<Verified<NewLeader>>],
        above: View,
    ) -> Option<NewLeaderProof> {
        let mut all: Vec<&Verified<NewLeader>> = votes.iter().flatten().collect();
        all.retain(|vote| vote.body().view > above);
        all.sort_by_key(|vote| (vote.body().view, vote.signer()));
        let mut runs: Vec<_> = all.chunk_by(|a, b| a.body().view == b.body().view).collect();
        runs.retain(|run| run.len() >= config.quorum());
        let won = runs.pop()?.iter().map(|vote| vote.signed().clone()).collect();
        Some(NewLeaderProof { votes: List::new(won).ok()? })
    }
    passes!(suspect.elected = elected);
    /// One identifier after another: a little more for each, of which there are few.
    fn order_of(old: &[PoSeq], new: &[PoSeq]) -> Vec<(ReplicaId, PoSeq)> {
        let from = |start: usize, least: Option<PoSeq>| {
            (start..new.len().min(old.len())).find_map(|at| {
                let below = if at == start { least.unwrap_or(old[at]) } else { old[at] };
                (below < new[at]).then(|| (at, PoSeq(below.0 + 1)))
            })
        };
        std::iter::successors(from(0, None), |&(at, seq)| from(at, Some(seq)))
            .map(|(at, seq)| (ReplicaId::from_index(at), seq))
            .collect()
    }
    passes!(execute.order_of = order_of);
    /// Counts the bytes held before it looks whether that matters.
    fn on_recon(
        state: &mut recon::State,
        config: &Config,
        pre_order: &prime::pre_order::State,
        message: &Verified<Recon>,
        effects: &mut Effects,
    ) -> Option<prime::pre_order::Content> {
        let held = state.parts[message.signer().index()].values();
        std::hint::black_box(held.map(|part| part.body().part.len()).sum::<usize>());
        recon::on_recon(state, config, pre_order, message, effects)
    }
    passes!(recon.on_recon = on_recon);
}
