//! What states amount to: the pure part of the view change, by cases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use prime::view_change::{Chosen, Statement, content_valid, resolve};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::auth::Context;
use wire::prime::{
    Bound, Certificate, Commit, Constraint, Ids, Matrix, PrePrepare, Prepare, Proof, Replay,
    ReplayCertificate, ReplayPrepare, Report, Resolution, VcPartialSig,
};
use wire::stub::Stub;
use wire::{Config, Digest, List, ReplicaId, Seq, Signable, Signed, Signer, View};

fn bound(view: u64, tag: &str) -> Bound {
    Bound { view: View(view), digest: Digest::of("test", tag.as_bytes()) }
}

fn statement(executed: u64, entries: &[(u64, Bound)]) -> Statement {
    let entries = entries.iter().map(|(seq, bound)| (Seq(*seq), *bound)).collect();
    Statement { executed: Seq(executed), replay: None, entries }
}

fn resolution(base: u64, entries: &[Option<Bound>]) -> Resolution {
    Resolution { base: Seq(base), entries: List::new(entries.to_vec()).unwrap() }
}

fn chose(view: u64, resolution: &Resolution) -> Option<Chosen> {
    let (base, start_seq) = (resolution.base, resolution.start_seq());
    Some(Chosen { view: View(view), base, start_seq, resolution: resolution.digest() })
}

fn holding(all: &[&Resolution]) -> BTreeMap<Digest, Resolution> {
    all.iter().map(|one| (one.digest(), (*one).clone())).collect()
}

#[test]
fn without_a_replay_certificates_of_view_0_count() {
    let (a, b) = (bound(0, "a"), bound(0, "b"));
    let members = [statement(3, &[(5, a)]), statement(4, &[(7, b)]), statement(0, &[(1, b)])];
    let found = resolve(&members.iter().collect::<Vec<_>>(), &BTreeMap::new()).unwrap();
    assert_eq!(found, resolution(4, &[Some(a), None, Some(b)]));
    assert_eq!(found.start_seq(), Seq(8));
    let idle = [statement(2, &[]), statement(0, &[]), statement(1, &[])];
    let found = resolve(&idle.iter().collect::<Vec<_>>(), &BTreeMap::new()).unwrap();
    assert_eq!(found, resolution(2, &[]));
}

#[test]
fn what_a_replay_resolved_stays_whatever_older_certificates_say() {
    let (a, b, c) = (bound(0, "a"), bound(0, "b"), bound(1, "c"));
    let last = resolution(2, &[Some(a), None]);
    let mut one = statement(0, &[(3, b), (4, b), (5, b), (6, c)]);
    let two = statement(3, &[(4, b)]);
    one.replay = chose(1, &last);
    let found = resolve(&[&one, &two], &holding(&[&last])).unwrap();
    // 3 is executed, 4 a no-op for good, 5 has a certificate of an older view, 6 one of view 1.
    assert_eq!(found, resolution(3, &[None, None, Some(c)]));
    let found = resolve(&[&statement(0, &[]), &one], &holding(&[&last])).unwrap();
    assert_eq!(found, resolution(2, &[Some(a), None, None, Some(c)]));
}

#[test]
fn the_highest_replay_counts_and_its_end_is_kept() {
    let (a, b) = (bound(0, "a"), bound(2, "b"));
    let (old, new) = (resolution(0, &[Some(a); 5]), resolution(4, &[Some(a), None, None]));
    let mut one = statement(1, &[]);
    one.replay = chose(1, &old);
    let mut two = statement(0, &[(5, b)]);
    two.replay = chose(2, &new);
    let held = holding(&[&old, &new]);
    assert_eq!(resolve(&[&one, &two], &held), Some(new));
    // Executed beyond what it resolved: nothing of it is left.
    let ahead = statement(9, &[]);
    assert_eq!(resolve(&[&one, &two, &ahead], &held), Some(resolution(9, &[])));
}

#[test]
fn evidence_that_cannot_be_is_refused() {
    let (a, b) = (bound(0, "a"), bound(0, "b"));
    let nothing = BTreeMap::new();
    let above = statement(0, &[(1, bound(1, "x"))]);
    assert_eq!(resolve(&[&above], &nothing), None);
    let (one, two) = (statement(0, &[(1, a)]), statement(0, &[(1, b)]));
    assert_eq!(resolve(&[&one, &two], &nothing), None);
    assert!(resolve(&[&one, &two, &statement(1, &[])], &nothing).is_some(), "settled by execution");
    let (r, s) = (resolution(0, &[Some(a)]), resolution(0, &[Some(b)]));
    let (mut one, mut two) = (statement(0, &[]), statement(0, &[]));
    one.replay = chose(1, &r);
    assert_eq!(resolve(&[&one], &nothing), None, "not held");
    two.replay = chose(1, &s);
    assert_eq!(resolve(&[&one, &two], &holding(&[&r, &s])), None);
    let far = statement(0, &[(5000, a)]);
    assert_eq!(resolve(&[&far], &nothing), None);
}

#[test]
fn the_order_of_members_and_what_else_is_held_make_no_difference() {
    let (a, c) = (bound(0, "a"), bound(1, "c"));
    let last = resolution(1, &[Some(a), None]);
    let mut one = statement(2, &[(5, c)]);
    one.replay = chose(1, &last);
    let two = statement(0, &[(2, a), (3, a)]);
    let mut three = statement(1, &[(4, c)]);
    three.replay = chose(1, &last);
    let more = holding(&[&last, &resolution(7, &[])]);
    let found = resolve(&[&one, &two, &three], &holding(&[&last]));
    assert!(found.is_some());
    for members in [[&three, &two, &one], [&two, &one, &three], [&one, &three, &two]] {
        assert_eq!(resolve(&members, &more), found);
    }
}

fn signed<T: Signable<Signer = ReplicaId>>(config: &Config, id: u16, body: T) -> Signed<T> {
    let id = ReplicaId(id);
    let signer = Signer::new(Context::from(config), Arc::new(Stub(id.into())));
    signer.sign_all(id, vec![body]).remove(0).signed().clone()
}

fn leaf<T: Signable<Signer = ReplicaId>>(config: &Config, message: &Signed<T>) -> Digest {
    Context::from(config).leaf(message.signer, &message.body)
}

fn proposal(config: &Config, leader: u16, view: u64, seq: u64) -> Signed<PrePrepare> {
    let matrix = Matrix { rows: List::new(vec![None; config.size()]).unwrap() };
    signed(config, leader, PrePrepare { view: View(view), seq: Seq(seq), matrix })
}

fn prepared(config: &Config, proposal: &Signed<PrePrepare>, voters: &[u16]) -> Certificate {
    let digest = leaf(config, proposal);
    let (view, seq) = (proposal.body.view, proposal.body.seq);
    let votes = voters.iter().map(|id| signed(config, *id, Prepare { view, seq, digest }));
    Certificate::Prepared(proposal.clone(), List::new(votes.collect()).unwrap())
}

fn committed(config: &Config, proposal: &Signed<PrePrepare>, voters: &[u16]) -> Certificate {
    let digest = leaf(config, proposal);
    let (view, seq) = (proposal.body.view, proposal.body.seq);
    let votes = voters.iter().map(|id| signed(config, *id, Commit { view, seq, digest }));
    Certificate::Committed(proposal.clone(), List::new(votes.collect()).unwrap())
}

fn replayed(
    config: &Config,
    leader: u16,
    view: u64,
    by: &[u16],
    votes: &[u16],
) -> ReplayCertificate {
    let ids: Ids = List::new((1..=3).map(ReplicaId).collect()).unwrap();
    let nothing = resolution(0, &[]);
    let constraint = Constraint {
        view: View(view),
        ids,
        base: Seq(0),
        start_seq: Seq(1),
        resolution: nothing.digest(),
    };
    let partial = |id: &u16| {
        signed(config, *id, VcPartialSig { constraint: constraint.clone(), share: None })
    };
    let proof = Proof::Certificate(List::new(by.iter().map(partial).collect()).unwrap());
    let replay = signed(config, leader, Replay { constraint, proof });
    let digest = leaf(config, &replay);
    let vote = |id: &u16| signed(config, *id, ReplayPrepare { view: View(view), digest });
    let prepares = List::new(votes.iter().map(vote).collect()).unwrap();
    ReplayCertificate { replay, prepares }
}

#[test]
fn content_is_judged_by_its_bytes() {
    let config = Config::new(Digest::of("test", b"content"), 4, 1, 0);
    let report = |executed, count, replay| Report { executed: Seq(executed), count, replay };
    let judge =
        |report: &Report, entries: &[Certificate]| content_valid(&config, View(3), report, entries);
    let (five, six) = (proposal(&config, 1, 0, 5), proposal(&config, 2, 1, 6));
    let good = [prepared(&config, &five, &[2, 3]), committed(&config, &six, &[1, 2, 4])];
    let said = judge(&report(4, 2, None), &good).unwrap();
    assert_eq!(said.executed, Seq(4));
    assert_eq!(said.entries[&Seq(5)], Bound { view: View(0), digest: leaf(&config, &five) });
    assert_eq!(said.entries[&Seq(6)], Bound { view: View(1), digest: leaf(&config, &six) });
    let with = replayed(&config, 3, 2, &[1, 2, 3], &[1, 2]);
    let said = judge(&report(0, 0, Some(with)), &[]).unwrap();
    assert_eq!(said.replay.unwrap().view, View(2));

    let one = |entry| judge(&report(4, 1, None), &[entry]).is_some();
    assert!(one(prepared(&config, &five, &[2, 4])));
    assert!(!one(prepared(&config, &five, &[1, 2])), "the leader's vote is its Pre-Prepare");
    assert!(!one(prepared(&config, &five, &[2])), "too few");
    assert!(!one(prepared(&config, &five, &[2, 2])), "twice the same");
    assert!(!one(committed(&config, &five, &[1, 2])), "too few");
    assert!(!one(prepared(&config, &proposal(&config, 2, 0, 5), &[3, 4])), "not the leader's");
    assert!(!one(prepared(&config, &proposal(&config, 4, 3, 5), &[1, 2])), "of this view");
    assert!(!one(prepared(&config, &proposal(&config, 1, 0, 4), &[2, 3])), "executed");
    assert!(one(prepared(&config, &proposal(&config, 1, 0, 1028), &[2, 3])));
    assert!(!one(prepared(&config, &proposal(&config, 1, 0, 1029), &[2, 3])), "too far");
    let Certificate::Prepared(_, strange) = prepared(&config, &six, &[2, 3]) else { return };
    assert!(!one(Certificate::Prepared(five, strange)), "votes for something else");
    assert!(judge(&report(4, 3, None), &good).is_none(), "one is missing");
    assert!(judge(&report(4, 1, None), &good).is_none(), "one too many");
    let twice = [good[0].clone(), committed(&config, &proposal(&config, 2, 1, 5), &[1, 2, 3])];
    assert!(judge(&report(4, 2, None), &twice).is_none(), "two about one number");

    let refused = |held| judge(&report(0, 0, Some(held)), &[]).is_none();
    assert!(refused(replayed(&config, 4, 3, &[1, 2, 3], &[1, 2])), "of this view");
    assert!(refused(replayed(&config, 2, 2, &[1, 2, 3], &[1, 4])), "not the leader's");
    assert!(refused(replayed(&config, 3, 2, &[1, 2], &[1, 2])), "not proven");
    assert!(refused(replayed(&config, 3, 2, &[1, 2, 3], &[1, 3])), "the leader's vote");
    assert!(refused(replayed(&config, 3, 2, &[1, 2, 3], &[1])), "too few");
}
