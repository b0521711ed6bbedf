//! What the rest of the crate uses of view changes.
//!
//! They are told what came, what was delivered and how far execution is, and say whether a change is
//! under way, what it lacks, and when its view can be installed.

pub use super::{
    finish, installed, make_partials, make_replay, make_replay_commit, make_replay_prepare,
    make_requests, make_vc_list, make_vc_proof, on_delivered, on_install_certificate, on_proposal,
    on_proposal_request, on_replay, on_replay_commit, on_replay_conflict, on_replay_prepare,
    on_resolution_answer, on_resolution_request, on_vc_list, on_vc_partial_sig, on_vc_proof,
    preinstall, recover, resume, retire, retransmit, serve,
};

use super::{State, numbers};
use std::collections::{BTreeMap, BTreeSet};
use wire::auth::Context;
use wire::prime::{
    Bound, InstallCertificate, PrePrepare, ReplayCertificate, ReplayConflict, ReplayPrepare,
    Resolution, VcProof,
};
use wire::{Config, Digest, ReplicaId, Seq, Time, Verified, View};

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

    /// The abstract state.
    #[must_use]
    pub const fn to_abstract(&self) -> &Self {
        self
    }

    /// `preinstalled`.
    #[must_use]
    pub const fn preinstalled(&self) -> View {
        self.preinstalled
    }

    /// Whether the preinstalled view is not installed yet.
    #[must_use]
    pub fn changing(&self) -> bool {
        self.installed < self.preinstalled
    }

    /// Whether there is anything to do: a change is under way ([`State::changing`]), or a certificate is
    /// in `offered`.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.changing() || !self.offered.is_empty()
    }

    /// Whether a change is under way and its round is in `rounds`, under `preinstalled`. The next four
    /// speak of that round, and of none without it.
    #[must_use]
    pub fn has_round(&self) -> bool {
        self.round().is_some()
    }

    /// Whether a Replay was accepted in the round of the change under way: `prepared` is there.
    #[must_use]
    pub fn has_prepared(&self) -> bool {
        self.round().is_some_and(|round| round.prepared.is_some())
    }

    /// The `proof` in the round of the change under way, if it was sent on (`proof_sent`).
    #[must_use]
    pub fn sent_proof(&self) -> Option<&VcProof> {
        self.round().filter(|round| round.proof_sent)?.proof.as_ref()
    }

    /// Whether the leader of the change under way was `accused` in its round.
    #[must_use]
    pub fn has_accused(&self) -> bool {
        self.round().is_some_and(|round| round.accused)
    }

    /// All Replay-Prepares in the round of the change under way that a Replay certificate would have now:
    /// see `Round::certificate`.
    #[must_use]
    pub fn prepares(&self, config: &Config) -> Option<Vec<Verified<ReplayPrepare>>> {
        self.round()?.certificate(config)
    }

    /// The view of the Replay in `certificate`, 0 without one.
    #[must_use]
    pub fn certified(&self) -> View {
        let held = self.certificate.as_ref();
        held.map(|held| held.replay.body.constraint.view).unwrap_or_default()
    }

    /// `certificate` becomes that.
    pub fn set_certificate(&mut self, certificate: ReplayCertificate) {
        self.certificate = Some(certificate);
    }

    /// The certificate in `installs` under `view`, if there is one.
    #[must_use]
    pub fn install_of(&self, view: View) -> Option<&InstallCertificate> {
        self.installs.get(&view)
    }

    /// The resolutions that are needed. While a change is under way: those named by the statements
    /// delivered in its round, and the one named by its Replay, if that resolution is in `resolutions` or
    /// Q servers committed the Replay (`quorum` of the round). Always, also while none is: those named by the
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

    /// Which Pre-Prepares of numbers above `executed` the resolution R names and this server lacks,
    /// ascending; `None` if it lacks the resolution.
    #[must_use]
    pub fn lacks(&self, resolution: Digest, executed: Seq) -> Option<Vec<(Seq, Bound)>> {
        let resolution = self.resolutions.get(&resolution)?;
        let named = numbers(resolution).filter_map(|(seq, bound)| Some((seq, bound?)));
        let lacking = named.filter(|key| key.0 > executed && !self.proposals.contains_key(key));
        Some(lacking.collect())
    }

    /// What `resolution` binds the numbers above `above` to: for each its Pre-Prepare out of `proposals`,
    /// `None` for a no-op.
    ///
    /// Requires: `proposals` has all of these, as it has once the log was read that far.
    #[must_use]
    pub fn bound_by(
        &self,
        resolution: &Resolution,
        above: Seq,
    ) -> BTreeMap<Seq, Option<Verified<PrePrepare>>> {
        let proposal = |seq, bound| {
            self.proposals.get(&(seq, bound)).expect("logged before the certificate").clone()
        };
        let open = numbers(resolution).filter(|(seq, _)| *seq > above);
        open.map(|(seq, bound)| (seq, bound.map(|bound| proposal(seq, bound)))).collect()
    }

    /// When the first thing lacking may be asked for again: the least time in `asked`, if there is any.
    #[must_use]
    pub fn asks_at(&self) -> Option<Time> {
        self.asked.values().min().copied()
    }

    /// `retransmit_at`.
    #[must_use]
    pub const fn retransmit_at(&self) -> Time {
        self.retransmit_at
    }
}

/// The view whose leader `conflict` convicts: it signed two different Replays there. `None` if it
/// convicts nobody.
#[must_use]
pub fn convicts(config: &Config, conflict: &Verified<ReplayConflict>) -> Option<View> {
    let (first, second) = conflict.pair(&Context::from(config));
    let view = first.body().constraint.view;
    let proves = first.signer() == second.signer()
        && view == second.body().constraint.view
        && first.digest() != second.digest()
        && first.signer() == config.leader_of(view);
    proves.then_some(view)
}
