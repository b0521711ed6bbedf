//! What view changes remember.

use crate::view_change::{AHEAD, numbers};
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};
use wire::prime::{
    Bound, Constraint, Ids, InstallCertificate, PrePrepare, RbInit, Replay, ReplayCertificate,
    ReplayCommit, ReplayConflict, ReplayPrepare, Resolution, VcPartialSig, VcProof,
};
use wire::{Config, Digest, Reject, ReplicaId, Seq, Time, Verified, View};

/// What a Replay certificate chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Chosen {
    /// Its view.
    pub view: View,
    /// See [`Resolution::base`].
    pub base: Seq,
    /// See [`Resolution::start_seq`].
    pub start_seq: Seq,
    /// R.
    pub resolution: Digest,
}

impl Chosen {
    /// What `constraint` says of its view.
    #[must_use]
    pub fn of(constraint: &Constraint) -> Self {
        let Constraint { view, base, start_seq, resolution, .. } = *constraint;
        Self { view, base, start_seq, resolution }
    }
}

/// What a server's broadcasts say.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Statement {
    /// Its execution ARU.
    pub executed: Seq,
    /// Its Replay certificate.
    pub replay: Option<Chosen>,
    /// Its PC-Set, by number; all above `executed`, at most `MAX_REPLAY` above.
    pub entries: BTreeMap<Seq, Bound>,
}

/// What came of one server's broadcasts.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Delivered {
    /// By number: the Report at 0, entries from 1.
    pub inits: BTreeMap<u32, Verified<RbInit>>,
    /// What they say, once all are there, if that is valid.
    pub statement: Option<Statement>,
}

/// What is known of the change to one view.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Round {
    /// Broadcasts delivered, by originator.
    pub delivered: BTreeMap<ReplicaId, Delivered>,
    /// The own list, once promised.
    pub listed: Option<Ids>,
    /// By who announced it, the first of each.
    pub lists: BTreeMap<ReplicaId, Ids>,
    /// Lists that this server signed, and what it found in them.
    pub signed: BTreeMap<Ids, Constraint>,
    /// Partial signatures by signer and list, the first of each; at most N lists a signer.
    pub partials: BTreeMap<ReplicaId, BTreeMap<Ids, Verified<VcPartialSig>>>,
    /// The proof built or received first.
    pub proof: Option<VcProof>,
    /// Whether the proof was sent on.
    pub proof_sent: bool,
    /// The own Replay, if the log promised one.
    pub promised: Option<Replay>,
    /// The proven Replay that came first.
    pub replay: Option<Verified<Replay>>,
    /// By sender, one each, the first that came. Never the leader's.
    pub prepares: BTreeMap<ReplicaId, Verified<ReplayPrepare>>,
    /// By sender, one each, the first that came.
    pub commits: BTreeMap<ReplicaId, Verified<ReplayCommit>>,
    /// Which Replay was accepted here (logged and, unless this server leads, voted for).
    pub prepared: Option<Digest>,
    /// For which Replay the own Replay-Commit was promised.
    pub committed: Option<Digest>,
    /// Proof that the leader sent two Replays, once known.
    pub conflict: Option<Verified<ReplayConflict>>,
    /// Whether such a proof was sent or passed on by this server.
    pub accused: bool,
}

impl Round {
    /// All Replay-Prepares held of others than the Replay's signer for the Replay held (with its digest),
    /// ascending by signer; `None` without a Replay or if they are fewer than Q - 1.
    #[must_use]
    pub fn certificate(&self, config: &Config) -> Option<Vec<Verified<ReplayPrepare>>> {
        let replay = self.replay.as_ref()?;
        let votes = self.prepares.values().filter(|vote| {
            vote.signer() != replay.signer() && vote.body().digest == replay.digest()
        });
        let votes: Vec<_> = votes.cloned().collect();
        (votes.len() >= config.votes_beside_proposer()).then_some(votes)
    }

    /// All Replay-Commits held for the Replay held (with its digest), ascending by signer; `None` without
    /// a Replay or if they are fewer than Q.
    #[must_use]
    pub fn quorum(&self, config: &Config) -> Option<Vec<Verified<ReplayCommit>>> {
        let digest = self.replay.as_ref()?.digest();
        let votes = self.commits.values().filter(|vote| vote.body().digest == digest);
        let votes: Vec<_> = votes.cloned().collect();
        (votes.len() >= config.quorum()).then_some(votes)
    }
}

/// All that view changes remember.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct State {
    /// This server.
    pub me: ReplicaId,
    /// The view in which this server is. Never decreases.
    pub preinstalled: View,
    /// The view that is installed; at most `preinstalled`. Never decreases.
    pub installed: View,
    /// By view: `preinstalled`, while it is not installed (then it is there), and what came early, up to
    /// `preinstalled + AHEAD`. None is made by a message that is rejected.
    pub rounds: BTreeMap<View, Round>,
    /// The Replay certificate of the highest view for which a Replay-Commit was promised.
    pub certificate: Option<ReplayCertificate>,
    /// By digest: those used in the preinstalled view, and those of `certificate`, `installs` and
    /// `offered`.
    pub resolutions: BTreeMap<Digest, Resolution>,
    /// Pre-Prepares that resolutions held or entries delivered name.
    pub proposals: BTreeMap<(Seq, Bound), Verified<PrePrepare>>,
    /// Valid certificates of views above `installed` that wait for execution or for Pre-Prepares: the
    /// one of the highest view, and that of the highest view that could be installed as far as
    /// execution is concerned.
    pub offered: BTreeMap<View, InstallCertificate>,
    /// By view: why views were installed here, bases ascending, each until a stable checkpoint covers
    /// all numbers that belong to it, or another with the same or a lower base follows: whoever could
    /// use the former can use the latter. The last one is always kept.
    pub installs: BTreeMap<View, InstallCertificate>,
    /// Whether evidence turned up that more than f servers are faulty.
    pub alarmed: bool,
    /// When each server was last shown an install certificate. Shape `[n]`.
    pub served: Vec<Option<Time>>,
    /// When the count of answers began, and the count (0: there is none), by receiver. Shape `[n]`.
    pub answered: Vec<(Time, u32)>,
    /// When what is lacking may be asked for again. Keys: (R, 0, none), or the zero digest and a number
    /// with what it is bound to.
    pub asked: BTreeMap<(Digest, Seq, Option<Bound>), Time>,
    /// When unfinished business is said again.
    pub retransmit_at: Time,
}

impl State {
    /// View 0, installed.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        Self {
            me,
            preinstalled: View(0),
            installed: View(0),
            rounds: BTreeMap::new(),
            certificate: None,
            resolutions: BTreeMap::new(),
            proposals: BTreeMap::new(),
            offered: BTreeMap::new(),
            installs: BTreeMap::new(),
            alarmed: false,
            served: vec![None; config.size()],
            answered: vec![(Time(0), 0); config.size()],
            asked: BTreeMap::new(),
            retransmit_at: Time(0),
        }
    }

    /// Whether the preinstalled view is not installed yet.
    #[must_use]
    pub fn changing(&self) -> bool {
        self.installed < self.preinstalled
    }

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

    /// Which Pre-Prepares of numbers above `executed` the resolution R names and this server lacks,
    /// ascending; `None` if it lacks the resolution.
    #[must_use]
    pub fn lacks(&self, resolution: Digest, executed: Seq) -> Option<Vec<(Seq, Bound)>> {
        let resolution = self.resolutions.get(&resolution)?;
        let named = numbers(resolution).filter_map(|(seq, bound)| Some((seq, bound?)));
        let lacking = named.filter(|key| key.0 > executed && !self.proposals.contains_key(key));
        Some(lacking.collect())
    }

    /// Whether the resolution R is held: with every Pre-Prepare of a number above `executed`.
    #[must_use]
    pub fn holds(&self, resolution: Digest, executed: Seq) -> bool {
        self.lacks(resolution, executed).is_some_and(|lacking| lacking.is_empty())
    }

    /// The resolutions that are needed. While a change is under way: those named by the statements
    /// delivered in its round, and the one named by its Replay, if that resolution is in `resolutions` or
    /// Q servers committed the Replay ([`Round::quorum`]). Always, also while none is: those named by the
    /// certificates in `offered`. Ascending by digest.
    #[must_use]
    pub fn needed(&self, config: &Config) -> BTreeSet<Digest> {
        let mut needed: BTreeSet<Digest> = BTreeSet::new();
        if let Some(round) = self.round() {
            let delivered = round.delivered.values();
            let statements = delivered.filter_map(|held| held.statement.as_ref());
            needed.extend(statements.filter_map(|said| Some(said.replay?.resolution)));
            let replay = round.replay.as_ref().map(|replay| replay.body().constraint.resolution);
            let sure = |digest: &Digest| {
                self.resolutions.contains_key(digest) || round.quorum(config).is_some()
            };
            needed.extend(replay.filter(sure));
        }
        let offered = self.offered.values();
        needed.extend(offered.map(|offer| offer.replay.body.constraint.resolution));
        needed
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
