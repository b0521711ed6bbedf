//! What no correct replica says in a view change or about a checkpoint.

use crate::prime::once;
use std::collections::BTreeMap;
use wire::prime::{Incoming, Payload, RbInit, Report};
use wire::{Digest, ReplicaId, Seq, View};

/// A broadcast: whose, in which view, which of them.
type Tag = (ReplicaId, View, u32);

/// What one replica's Report of a view and the PC-Set after it say.
#[derive(Debug)]
struct Told {
    executed: Seq,
    count: u32,
    replay: View,
    /// By number, the view of its certificate; by broadcast, so that one said again counts once.
    entries: BTreeMap<u32, (Seq, View)>,
}

/// Everything that was promised so far in view changes.
#[derive(Debug, Default)]
pub(crate) struct ViewChanges {
    inits: BTreeMap<Tag, Digest>,
    echoes: BTreeMap<(ReplicaId, Tag), Digest>,
    readies: BTreeMap<(ReplicaId, Tag), Digest>,
    /// By view and list: what any correct replica finds in the states of the list's servers.
    constraints: BTreeMap<(View, Vec<ReplicaId>), Digest>,
    replays: BTreeMap<(ReplicaId, View), Digest>,
    prepares: BTreeMap<(ReplicaId, View), Digest>,
    commits: BTreeMap<(ReplicaId, View), Digest>,
    /// What any correct replica holds a Replay certificate for.
    prepared: BTreeMap<View, Digest>,
    /// By number: the state that any correct replica vouches for.
    checkpoints: BTreeMap<Seq, Digest>,
    told: BTreeMap<(ReplicaId, View), Told>,
    /// By sender and number: the highest view of which it sent a Commit.
    voted: BTreeMap<(ReplicaId, Seq), View>,
    /// The highest view of which each sender broadcast anything.
    highest: BTreeMap<ReplicaId, View>,
    /// Up to which view a sender that lost its log may broadcast anew what it forgot: that binds nobody.
    forgotten: BTreeMap<ReplicaId, View>,
    /// With Replay-Commits of so many of those that are watched a view may be installed; the others'
    /// may make up the rest.
    installing: usize,
}

impl ViewChanges {
    /// Nothing was said yet; `unwatched` servers' words are not shown to it.
    pub(crate) fn new(quorum: usize, unwatched: usize) -> Self {
        Self { installing: quorum.saturating_sub(unwatched), ..Self::default() }
    }

    /// `sender` lost its log.
    pub(crate) fn excuse(&mut self, sender: ReplicaId) {
        let said = self.highest.get(&sender).copied().unwrap_or_default();
        self.forgotten.insert(sender, said);
    }

    /// `sender` sends a Commit of `view` for `seq`, which it must own up to in later Reports.
    pub(crate) fn committed(&mut self, sender: ReplicaId, view: View, seq: Seq) {
        let held = self.voted.entry((sender, seq)).or_default();
        *held = view.max(*held);
    }

    /// `sender` sends `message`; others than these are looked at elsewhere.
    pub(crate) fn sent(&mut self, sender: ReplicaId, message: &Incoming) -> Result<(), String> {
        let broadcast = match message {
            Incoming::RbInit(m) => Some(m.body().view),
            Incoming::RbEcho(m) => Some(m.body().view),
            Incoming::RbReady(m) => Some(m.body().view),
            _ => None,
        };
        if let Some(view) = broadcast {
            if self.forgotten.get(&sender).is_some_and(|forgotten| view <= *forgotten) {
                return Ok(());
            }
            let highest = self.highest.entry(sender).or_default();
            *highest = view.max(*highest);
        }
        match message {
            Incoming::RbInit(m) => {
                let tag = (sender, m.body().view, m.body().seq);
                once(&mut self.inits, tag, m.digest(), "RB-Init")?;
                self.told(sender, m.body())
            }
            Incoming::RbEcho(m) => {
                let tag = (m.body().originator, m.body().view, m.body().seq);
                once(&mut self.echoes, (sender, tag), m.body().digest, "RB-Echo")
            }
            Incoming::RbReady(m) => {
                let tag = (m.body().originator, m.body().view, m.body().seq);
                once(&mut self.readies, (sender, tag), m.body().digest, "RB-Ready")
            }
            Incoming::VcPartialSig(m) => {
                let constraint = &m.body().constraint;
                let list = (constraint.view, constraint.ids.to_vec());
                let digest = Digest::of_value("patchy constraint 1", constraint);
                once(&mut self.constraints, list, digest, "VC-Partial-Sig of")
            }
            Incoming::Replay(m) => {
                let key = (sender, m.body().constraint.view);
                once(&mut self.replays, key, m.digest(), "Replay")
            }
            Incoming::ReplayPrepare(m) => {
                let key = (sender, m.body().view);
                once(&mut self.prepares, key, m.body().digest, "Replay-Prepare")
            }
            Incoming::ReplayCommit(m) => {
                let (view, digest) = (m.body().view, m.body().digest);
                once(&mut self.commits, (sender, view), digest, "Replay-Commit")?;
                once(&mut self.prepared, view, digest, "Replay-Commits by two of")
            }
            Incoming::Checkpoint(m) => {
                let state = &m.body().state;
                let digest = Digest::of_value("patchy state name 1", state);
                once(&mut self.checkpoints, state.seq, digest, "Checkpoint of")
            }
            _ => Ok(()),
        }
    }

    /// A Report or an entry of a PC-Set: together they must own up to every vote of lower views.
    fn told(&mut self, sender: ReplicaId, init: &RbInit) -> Result<(), String> {
        let key = (sender, init.view);
        match &init.payload {
            Payload::Report(report) => {
                self.owns_replay(key, report)?;
                let replay = report.replay.as_ref();
                let replay = replay.map_or(View(0), |held| held.replay.body.constraint.view);
                let (executed, count, entries) = (report.executed, report.count, BTreeMap::new());
                self.told.entry(key).or_insert(Told { executed, count, replay, entries });
            }
            Payload::Entry(entry) => {
                let proposal = &entry.pre_prepare().body;
                let Some(told) = self.told.get_mut(&key) else {
                    return Err(format!(
                        "an entry of a PC-Set of {:?} before the Report",
                        init.view
                    ));
                };
                told.entries.insert(init.seq, (proposal.seq, proposal.view));
            }
        }
        self.owns_commits(key)
    }

    fn owns_replay(&self, key: (ReplicaId, View), report: &Report) -> Result<(), String> {
        let (sender, view) = key;
        let below = self.commits.range((sender, View(0))..key).next_back();
        let named = report.replay.as_ref().map(|held| held.replay.body.constraint.view);
        match below {
            Some(((_, voted), _)) if named.is_none_or(|named| named < *voted) => Err(format!(
                "the Report of {view:?} names the Replay of {named:?} after a Replay-Commit of \
                 {voted:?}"
            )),
            _ => Ok(()),
        }
    }

    /// Once the PC-Set is whole: whether every number above the reported one for which the sender
    /// voted to commit, in the view of its Replay certificate or a later one, is in it. A number of a
    /// view that another one was installed over is settled by that one's Replay: whoever installed it
    /// by others' certificate has no Replay certificate to report, but f+k+1 correct servers have.
    fn owns_commits(&self, key: (ReplicaId, View)) -> Result<(), String> {
        let (sender, view) = key;
        let told = &self.told[&key];
        if told.entries.len() < told.count as usize {
            return Ok(());
        }
        let named: BTreeMap<Seq, View> = told.entries.values().copied().collect();
        let above = (sender, told.executed.next())..=(sender, Seq(u64::MAX));
        for ((_, seq), voted) in self.voted.range(above) {
            let owed = (told.replay..view).contains(voted) && !self.settled(*voted, view);
            if owed && named.get(seq).is_none_or(|named| named < voted) {
                return Err(format!(
                    "the PC-Set of {view:?} leaves out {seq}, after a Commit of {voted:?}"
                ));
            }
        }
        Ok(())
    }

    /// Whether a view between the two may be installed somewhere.
    fn settled(&self, after: View, before: View) -> bool {
        let mut votes: BTreeMap<View, usize> = BTreeMap::new();
        for (_, view) in self.commits.keys().filter(|(_, view)| *view > after && *view < before) {
            *votes.entry(*view).or_default() += 1;
        }
        votes.values().any(|count| *count >= self.installing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use wire::auth::Context;
    use wire::prime::{
        Body, Checkpoint, Constraint, Prime, Proof, RbEcho, RbReady, Replay, ReplayCommit,
        ReplayPrepare, StateId, VcPartialSig,
    };
    use wire::stub::Stub;
    use wire::{List, Signer};

    fn sealed(sender: u16, body: Body) -> Incoming {
        let context = Context { cluster: Digest::default(), epoch: 1 };
        let signer = Signer::new(context, Arc::new(Stub(ReplicaId(sender).into())));
        signer.seal::<Prime>(ReplicaId(sender), vec![body], vec![]).0.remove(0)
    }

    /// Whether the last of `bodies`, each sent by the replica beside it, is the first found fault.
    fn last_is_caught(held: &mut ViewChanges, bodies: Vec<(u16, Body)>) -> bool {
        let count = bodies.len();
        let found = bodies.into_iter().position(|(sender, body)| {
            held.sent(ReplicaId(sender), &sealed(sender, body)).is_err()
        });
        found == Some(count - 1)
    }

    fn digest(tag: u8) -> Digest {
        Digest::of("test", &[tag])
    }

    fn constraint(tag: u8) -> Constraint {
        let ids = List::new((1..=3).map(ReplicaId).collect()).unwrap();
        let (base, start_seq) = (Seq(0), Seq(1));
        Constraint { view: View(1), ids, base, start_seq, resolution: digest(tag) }
    }

    fn report(executed: u64) -> Body {
        let report = Report { executed: Seq(executed), count: 0, replay: None };
        RbInit { view: View(2), seq: 0, payload: Payload::Report(report) }.into()
    }

    #[test]
    fn a_second_word_of_one_sender_is_caught() {
        const ONE: ReplicaId = ReplicaId(1);
        const VIEW: View = View(1);
        let says: [fn(Digest) -> Body; 4] = [
            |digest| RbEcho { originator: ONE, view: VIEW, seq: 0, digest }.into(),
            |digest| RbReady { originator: ONE, view: VIEW, seq: 0, digest }.into(),
            |digest| ReplayPrepare { view: VIEW, digest }.into(),
            |digest| ReplayCommit { view: VIEW, digest }.into(),
        ];
        for say in says {
            let say = |tag| say(digest(tag));
            let bodies = vec![(2, say(0)), (2, say(0)), (3, say(0)), (2, say(1))];
            assert!(last_is_caught(&mut ViewChanges::default(), bodies));
        }
        let proof = Proof::Certificate(List::empty());
        let replay = |tag| Replay { constraint: constraint(tag), proof: proof.clone() }.into();
        let bodies = vec![(2, replay(0)), (2, replay(0)), (2, replay(1))];
        assert!(last_is_caught(&mut ViewChanges::default(), bodies));
        let bodies = vec![(2, report(5)), (3, report(6)), (2, report(6))];
        assert!(last_is_caught(&mut ViewChanges::default(), bodies));
    }

    #[test]
    fn two_correct_servers_of_two_minds_are_caught() {
        let partial = |tag| VcPartialSig { constraint: constraint(tag), share: None }.into();
        let bodies = vec![(1, partial(0)), (2, partial(0)), (3, partial(1))];
        assert!(last_is_caught(&mut ViewChanges::default(), bodies));
        let commit = |tag| ReplayCommit { view: View(1), digest: digest(tag) }.into();
        let bodies = vec![(1, commit(0)), (2, commit(1))];
        assert!(last_is_caught(&mut ViewChanges::default(), bodies));
        let checkpoint = |tag| {
            let state = StateId { seq: Seq(8), root: digest(tag), length: 1 };
            Checkpoint { state }.into()
        };
        let bodies = vec![(1, checkpoint(0)), (2, checkpoint(1))];
        assert!(last_is_caught(&mut ViewChanges::default(), bodies));
    }

    #[test]
    fn a_vote_that_a_later_replay_settled_need_not_be_reported() {
        let voted = || {
            let mut held = ViewChanges::new(3, 1);
            held.committed(ReplicaId(2), View(0), Seq(6));
            held
        };
        let replayed = |sender| (sender, ReplayCommit { view: View(1), digest: digest(0) }.into());
        let one = vec![replayed(1), (2, report(5))];
        assert!(last_is_caught(&mut voted(), one));
        let enough = vec![replayed(1), replayed(3), (2, report(5))];
        assert!(!last_is_caught(&mut voted(), enough));
    }

    #[test]
    fn one_that_lost_its_log_may_report_anew_where_it_did_before_and_nowhere_else() {
        let mut held = ViewChanges::default();
        let said = |held: &mut ViewChanges, view, executed| {
            let report = Report { executed: Seq(executed), count: 0, replay: None };
            let init = RbInit { view: View(view), seq: 0, payload: Payload::Report(report) };
            held.sent(ReplicaId(2), &sealed(2, init.into())).is_ok()
        };
        assert!(said(&mut held, 2, 5) && !said(&mut held, 2, 6));
        held.excuse(ReplicaId(2));
        assert!(said(&mut held, 2, 6) && said(&mut held, 3, 7) && !said(&mut held, 3, 8));
    }

    #[test]
    fn a_report_that_hides_a_vote_is_caught() {
        let mut held = ViewChanges::default();
        held.committed(ReplicaId(2), View(0), Seq(6));
        assert!(last_is_caught(&mut held, vec![(3, report(5)), (2, report(5))]));
        let mut held = ViewChanges::default();
        held.committed(ReplicaId(2), View(0), Seq(6));
        assert!(held.sent(ReplicaId(2), &sealed(2, report(6))).is_ok());
        let commit = ReplayCommit { view: View(1), digest: digest(0) }.into();
        let bodies = vec![(2, commit), (3, report(0)), (2, report(0))];
        assert!(last_is_caught(&mut ViewChanges::default(), bodies));
    }
}
