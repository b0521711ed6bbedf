//! What correct replicas say about their leaders.

use std::collections::BTreeMap;
use wire::prime::Incoming;
use wire::{ReplicaId, View};

/// How slow a leader was and might have been. Unit: microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TurnAround {
    /// The longest turn-around time that it gave the correct replica that it treated best, of those
    /// that ever reported one.
    pub given: u64,
    /// TAT_acceptable, as the correct replicas' own bounds make it.
    pub acceptable: u64,
}

#[derive(Debug, Default)]
struct OfView {
    bounds: BTreeMap<ReplicaId, u64>,
    reports: BTreeMap<ReplicaId, u64>,
}

/// The lowest bound and the largest report of each correct replica, by view.
#[derive(Debug, Default)]
pub struct Words {
    views: BTreeMap<View, OfView>,
}

impl Words {
    /// `sender`, which is correct, says `message`.
    pub fn sent(&mut self, sender: ReplicaId, message: &Incoming) {
        if let Incoming::TatUb(said) = message {
            let view = self.views.entry(said.body().view).or_default();
            let held = view.bounds.entry(sender).or_insert(u64::MAX);
            *held = said.body().alpha.min(*held);
        } else if let Incoming::TatMeasure(said) = message {
            let view = self.views.entry(said.body().view).or_default();
            let held = view.reports.entry(sender).or_default();
            *held = said.body().tat.max(*held);
        }
    }

    /// The leader that went nearest to what `quorum` bounds made acceptable, or furthest beyond it;
    /// nothing if there never were so many bounds and a report.
    #[must_use]
    pub fn turn_around(&self, quorum: usize) -> Option<TurnAround> {
        let of = |view: &OfView| {
            let mut bounds: Vec<u64> = view.bounds.values().copied().collect();
            bounds.sort_unstable();
            let acceptable = *bounds.get(quorum - 1)?;
            Some(TurnAround { given: *view.reports.values().min()?, acceptable })
        };
        let product = |a: u64, b: u64| u128::from(a) * u128::from(b);
        self.views
            .values()
            .filter_map(of)
            .max_by(|a, b| product(a.given, b.acceptable).cmp(&product(b.given, a.acceptable)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use wire::auth::Context;
    use wire::prime::{Body, TatMeasure, TatUb};
    use wire::stub::Stub;
    use wire::{Digest, Signer};

    fn words(said: Vec<(u16, Body)>) -> Words {
        let mut words = Words::default();
        for (sender, body) in said {
            let context = Context { cluster: Digest::default(), epoch: 1 };
            let sender = ReplicaId(sender);
            let signer = Signer::new(context, Arc::new(Stub(sender.into())));
            let (sealed, _) = signer.seal::<wire::prime::Prime>(sender, vec![body], vec![]);
            words.sent(sender, &sealed[0]);
        }
        words
    }

    fn bound(view: u64, alpha: u64) -> Body {
        TatUb { view: View(view), alpha }.into()
    }

    fn report(view: u64, tat: u64) -> Body {
        TatMeasure { view: View(view), tat }.into()
    }

    #[test]
    fn the_best_treated_is_held_against_the_bound_of_a_quorum() {
        let mut said = vec![(2, bound(0, 30)), (3, bound(0, 20)), (4, bound(0, 40))];
        said.extend([(3, bound(0, 50)), (2, report(0, 7)), (2, report(0, 9)), (3, report(0, 12))]);
        let words = words(said);
        assert_eq!(words.turn_around(3), Some(TurnAround { given: 9, acceptable: 40 }));
        assert_eq!(words.turn_around(2), Some(TurnAround { given: 9, acceptable: 30 }));
        assert_eq!(words.turn_around(4), None);
    }

    #[test]
    fn the_worst_leader_of_all_views_is_told() {
        let said = vec![
            (2, bound(0, 100)),
            (2, report(0, 60)),
            (2, bound(1, 50)),
            (2, report(1, 40)),
            (2, bound(2, 90)),
        ];
        let worst = TurnAround { given: 40, acceptable: 50 };
        assert_eq!(words(said).turn_around(1), Some(worst));
    }
}
