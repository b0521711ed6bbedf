//! States and messages as trees: changed at random, made smaller, compared and shown, whatever
//! their type.
//!
//! [`Tree`] says for one node what can be done to it; [`types`] has it for every state and message
//! of the protocol, field by field, so that a field that is added without it does not compile. What
//! a type promises holds after each change too: a list keeps its cap, and whatever is inside a
//! signature is signed anew, by whoever is now said to sign it: a Byzantine server may sign
//! anything.

mod hand;
mod holders;
mod leaves;
mod node;
mod pools;
mod signed;
mod structs;
mod types;

pub(crate) use hand::Hand;
pub(crate) use node::{Node, known};
pub(crate) use pools::Pools;

use crate::clip::clipped;
use std::collections::BTreeSet;
use std::fmt::Debug;
use wire::{Config, Reject, ReplicaId};

/// Bytes of one value that a person is shown.
const SHOWN: usize = 500;

/// A value that the bench can take apart.
pub(crate) trait Tree: Clone + Debug + PartialEq + Send + Sync + 'static {
    /// Whether it is as at the beginning, or says "nothing": zero, none, empty.
    fn is_empty(&self) -> bool;

    /// Whether both are the same, in what `==` passes over too.
    fn same(&self, other: &Self) -> bool {
        self == other
    }

    /// How much it holds, in entries of its collections.
    fn size(&self) -> usize {
        0
    }

    /// Which of its fields are empty, a bit for each.
    fn shape(&self) -> u64 {
        u64::from(self.is_empty())
    }

    /// A line for each thing in it that is not empty.
    fn lines(&self, path: &str, lines: &mut Vec<String>) {
        if !self.is_empty() {
            lines.push(format!("{path}: {}", clipped(self, SHOWN)));
        }
    }

    /// Offers itself and what is inside to the pools.
    fn collect(&self, _pools: &mut Pools) {}

    /// Changes something in it; now and then nothing.
    fn change(&mut self, _hand: &mut Hand<'_>) {}

    /// In how many ways [`Tree::lessen`] can make it smaller.
    fn steps(&self) -> usize {
        0
    }

    /// Makes it smaller in way number `step`, below [`Tree::steps`].
    fn lessen(&mut self, _step: usize, _hand: &Hand<'_>) {}

    /// Makes `signer` the one that signed it, if it is signed by a replica.
    fn sign_as(&mut self, _signer: ReplicaId, _hand: &Hand<'_>) {}

    /// Whether it is what decoding lets through, as far as it is a message or a part of one.
    fn fits(&self, _config: &Config) -> bool {
        true
    }

    /// The reason for refusing, if it is one.
    fn reason(&self) -> Option<Reject> {
        None
    }
}

/// A value, a line for each thing in it.
pub(crate) fn show(value: &dyn Node) -> String {
    let mut lines = Vec::new();
    value.lines("state", &mut lines);
    if lines.is_empty() { String::from("state: nothing in it") } else { lines.join("\n") }
}

/// What a step changed: lines gone and lines come.
pub(crate) fn changes(before: &dyn Node, after: &dyn Node) -> String {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    before.lines("state", &mut old);
    after.lines("state", &mut new);
    let (was, is): (BTreeSet<&String>, BTreeSet<&String>) =
        (old.iter().collect(), new.iter().collect());
    let gone = old.iter().filter(|line| !is.contains(line)).map(|line| format!("- {line}"));
    let come = new.iter().filter(|line| !was.contains(line)).map(|line| format!("+ {line}"));
    let all: Vec<String> = gone.chain(come).collect();
    match (all.is_empty(), before.same(after)) {
        (true, true) => String::from("state unchanged"),
        (true, false) => String::from("state changed in what is not shown"),
        (false, _) => all.join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Hand, Tree, changes, known, show};
    use crate::rng::Rng;
    use crate::taps::Taps;
    use prime::view_change::State;
    use std::collections::BTreeSet;
    use std::sync::Arc;
    use wire::auth::Context;
    use wire::prime::{OrderedCertificate, Prime};
    use wire::stub::Stub;
    use wire::{Config, Gate, Protocol, ReplicaId, Verified};

    type Args = (Verified<OrderedCertificate>,);

    /// Every signature in a message holds.
    fn authentic(config: &Config, message: &Verified<OrderedCertificate>) -> bool {
        let gate = Gate::new(Context::from(config), Arc::new(Stub(ReplicaId(1).into())));
        Prime::admit(&gate, Prime::message(&message.clone().into())).is_ok()
    }

    #[test]
    fn whatever_changes_is_signed_anew_and_grows_smaller_to_the_end() {
        let taps = Taps::some(2, 4);
        let calls = || taps.of("order.on_ordered_certificate").flat_map(|(_, kept)| &kept.samples);
        assert!(calls().count() > 3);
        let (mut changed, mut signers) = (0, BTreeSet::new());
        for (number, sample) in (0..).zip(calls()) {
            let recorded = &taps.clusters[sample.cluster];
            let mut hand = Hand::new(&recorded.config, &recorded.pools, Rng::of(&[number]));
            hand.arguments = true;
            let args: &Args = known(&*sample.args);
            for _ in 0..50 {
                let mut other = args.clone();
                other.change(&mut hand);
                changed += u32::from(!other.same(args));
                signers.insert(other.0.signer());
                assert!(authentic(&recorded.config, &other.0), "{other:?}");
            }
            let (mut less, mut step) = (args.clone(), 0);
            while step < less.steps() {
                let mut smaller = less.clone();
                smaller.lessen(step, &hand);
                if smaller.same(&less) {
                    step += 1;
                } else {
                    less = smaller;
                }
            }
            assert!(authentic(&recorded.config, &less.0));
            assert_eq!(less.0.body().pre_prepare.body.seq, wire::Seq(0));
        }
        assert!(changed > 100 && signers.len() > 2, "{changed} {signers:?}");
    }

    #[test]
    fn what_changed_is_told_by_its_path() {
        let config = Config::new(wire::Digest::default(), 4, 1, 0);
        let before = State::new(&config, ReplicaId(2));
        let mut after = before.clone();
        after.alarmed = true;
        after.answered[1].1 = 7;
        let told = changes(&before, &after);
        assert_eq!(told, "+ state.alarmed: true\n+ state.answered[2].second: 7");
        assert_eq!(changes(&before, &before), "state unchanged");
        assert!(show(&before).contains("state.me: r2"));
        assert_ne!(before.shape(), after.shape());
    }
}
