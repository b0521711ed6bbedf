//! What the slots of view changes have in common.

use crate::view_change::{AHEAD, Round, State, numbers};
use std::collections::BTreeSet;
use wire::prime::{Bound, InstallCertificate};
use wire::{Config, Digest, Reject, ReplicaId, Seq, Time, View};

impl State {
    /// What is known of the change under way: the round of `preinstalled`, while that is not installed.
    #[must_use]
    pub fn round(&self) -> Option<&Round> {
        self.rounds.get(&self.preinstalled).filter(|_| self.changing())
    }

    /// Why nothing about the change to `view` may be remembered, if so, in this precedence: `Stale` if it is over (a
    /// view below the preinstalled one, or the installed one), `BeyondWindow` above
    /// `preinstalled + AHEAD`.
    #[must_use]
    pub fn outside(&self, view: View) -> Option<Reject> {
        if view < self.preinstalled || view <= self.installed {
            return Some(Reject::Stale);
        }
        (view.0 > self.preinstalled.0.saturating_add(AHEAD)).then_some(Reject::BeyondWindow)
    }

    /// If `view` is above `preinstalled`: that becomes `view`, the rounds of lower views are dropped, and
    /// then [`State::prune`]. Otherwise nothing happens.
    pub fn enter(&mut self, view: View) {
        if view <= self.preinstalled {
            return;
        }
        self.preinstalled = view;
        self.rounds = self.rounds.split_off(&view);
        self.prune();
    }

    /// Counts the view v of `install` as installed, in this order:
    /// 1. its resolution enters `resolutions` under the constraint's R;
    /// 2. certificates in `installs` whose resolution's base is not below its own are dropped, and it
    ///    enters there under v;
    /// 3. `installed` becomes v, if that is higher;
    /// 4. certificates in `offered` and rounds of v and lower views are dropped;
    /// 5. [`State::enter`] of v: so what the certificate names outlasts the pruning, and what only those
    ///    named that were dropped does not.
    pub fn install(&mut self, install: InstallCertificate) {
        let constraint = &install.replay.body.constraint;
        let view = constraint.view;
        self.resolutions.insert(constraint.resolution, install.resolution.clone());
        self.installs.retain(|_, held| held.resolution.base < install.resolution.base);
        self.installs.insert(view, install);
        self.installed = self.installed.max(view);
        self.offered = self.offered.split_off(&View(view.0.saturating_add(1)));
        self.rounds = self.rounds.split_off(&View(view.0.saturating_add(1)));
        self.enter(view);
    }

    /// Of `resolutions` those stay whose R is named by the constraint of the Replay in `certificate`, of
    /// one in `installs` or of one in `offered`; of `proposals` those that one of the resolutions that
    /// stayed binds a number to; `asked` becomes empty.
    pub fn prune(&mut self) {
        let own = self.certificate.iter().map(|held| held.replay.body.constraint.resolution);
        let installs = self.installs.values().chain(self.offered.values());
        let installs = installs.map(|held| held.replay.body.constraint.resolution);
        let kept: BTreeSet<Digest> = own.chain(installs).collect();
        self.resolutions.retain(|digest, _| kept.contains(digest));
        let named: BTreeSet<(Seq, Bound)> = self
            .resolutions
            .values()
            .flat_map(|resolution| numbers(resolution).collect::<Vec<_>>())
            .filter_map(|(seq, bound)| bound.map(|bound| (seq, bound)))
            .collect();
        self.proposals.retain(|key, _| named.contains(key));
        self.asked.clear();
    }

    /// Whether the resolution R is held: with every Pre-Prepare of a number above `executed`.
    #[must_use]
    pub fn holds(&self, resolution: Digest, executed: Seq) -> bool {
        self.lacks(resolution, executed).is_some_and(|lacking| lacking.is_empty())
    }

    /// Counts one more answer to `peer`; false, and nothing changed, if it got `ANSWERS`
    /// in its period. A period begins with the first answer after the end of the last, and ends
    /// `timing.retransmit` later: at that time the next may begin. A count of 0 is no period.
    #[must_use]
    pub fn may_answer(&mut self, config: &Config, now: Time, peer: ReplicaId) -> bool {
        let answered = &mut self.answered[peer.index()];
        if answered.1 == 0 || now.since(answered.0) >= config.timing.retransmit {
            *answered = (now, 0);
        }
        let may = answered.1 < super::ANSWERS;
        answered.1 += u32::from(may);
        may
    }
}
