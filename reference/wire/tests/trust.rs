//! What passes the gate, and what a signature binds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;
use wire::auth::{AuthError, Context, Gate};
use wire::prime::{Body, Incoming, Message, PoAru, Prepare, Prime, ProofMatrix};
use wire::stub::Stub;
use wire::{
    ClientSeq, Config, Digest, List, PoSeq, Protocol, ReplicaId, Reply, Seq, Signed, Signer, View,
};

fn config() -> Config {
    Config::new(Digest::of("test", b"trust"), 4, 1, 0)
}

fn signer(config: &Config, id: ReplicaId) -> Signer {
    Signer::new(Context::from(config), Arc::new(Stub(id.into())))
}

fn gate(config: &Config) -> Gate {
    Gate::new(Context::from(config), Arc::new(Stub(ReplicaId(1).into())))
}

fn prepare(seq: u64) -> Prepare {
    Prepare { view: View(0), seq: Seq(seq), digest: Digest::default() }
}

fn row(config: &Config, id: ReplicaId, entry: u64) -> Signed<PoAru> {
    let vec = List::new(vec![PoSeq(entry); 4]).unwrap();
    signer(config, id).sign_all(id, vec![PoAru { vec }])[0].signed().clone()
}

#[test]
fn one_signature_covers_a_batch_and_each_message_stands_alone() {
    let config = config();
    let id = ReplicaId(2);
    let bodies: Vec<Body> = (1..=5).map(|seq| prepare(seq).into()).collect();
    let reply = Reply {
        client: wire::ClientId(1),
        seq: ClientSeq(1),
        result: wire::client::Outcome::BeyondWindow,
    };
    let (sealed, replies) = signer(&config, id).seal::<Prime>(id, bodies, vec![reply]);
    let gate = gate(&config);
    let mut signatures = std::collections::BTreeSet::new();
    for message in &sealed {
        let Message::Prepare(signed) = Prime::message(message) else { unreachable!() };
        signatures.insert(signed.auth.signature);
        assert_eq!(&Prime::admit(&gate, Message::Prepare(signed)).unwrap(), message);
    }
    signatures.insert(replies[0].signed().auth.signature);
    assert_eq!(signatures.len(), 1);
    assert!(gate.verify(replies[0].signed().clone()).is_ok());
}

#[test]
fn a_message_is_encoded_and_compared_as_it_stands_on_the_wire() {
    let config = config();
    let id = ReplicaId(2);
    let bodies: Vec<Body> = vec![prepare(1).into(), prepare(2).into()];
    let (sealed, _) = signer(&config, id).seal::<Prime>(id, bodies, vec![]);
    let mut bytes = Vec::new();
    Prime::encode(&sealed[0], &mut bytes);
    assert_eq!(bytes, wire::codec::encode(&Prime::message(&sealed[0])));
    assert!(Prime::is(&sealed[0], &Prime::message(&sealed[0])));
    assert!(!Prime::is(&sealed[0], &Prime::message(&sealed[1])));
    let (alone, _) = signer(&config, id).seal::<Prime>(id, vec![prepare(1).into()], vec![]);
    assert_eq!(alone[0], sealed[0], "one message");
    assert!(!Prime::is(&sealed[0], &Prime::message(&alone[0])), "under another authenticator");
    let row = PoAru { vec: List::new(vec![PoSeq(1); 4]).unwrap() };
    let (other, _) = signer(&config, id).seal::<Prime>(id, vec![row.into()], vec![]);
    assert!(!Prime::is(&sealed[0], &Prime::message(&other[0])), "of another kind");
}

#[test]
fn a_signature_binds_signer_cluster_epoch_kind_and_content() {
    let config = config();
    let good = signer(&config, ReplicaId(2)).sign_all(ReplicaId(2), vec![prepare(1)]).remove(0);
    let signed = good.signed().clone();
    assert!(gate(&config).verify(signed.clone()).is_ok());

    let renamed = Signed { signer: ReplicaId(3), ..signed.clone() };
    assert_eq!(gate(&config).verify(renamed).err(), Some(AuthError::Signature));
    let changed = Signed { body: prepare(2), ..signed.clone() };
    assert_eq!(gate(&config).verify(changed).err(), Some(AuthError::Signature));
    let prepare = signed.body.clone();
    let commit =
        wire::prime::Commit { view: prepare.view, seq: prepare.seq, digest: prepare.digest };
    let recast = Signed { signer: ReplicaId(2), body: commit, auth: signed.auth.clone() };
    assert_eq!(gate(&config).verify(recast).err(), Some(AuthError::Signature));
    let elsewhere = Config { cluster: Digest::default(), ..config.clone() };
    assert_eq!(gate(&elsewhere).verify(signed.clone()).err(), Some(AuthError::Signature));
    let later = Config { epoch: 2, ..config };
    assert_eq!(gate(&later).verify(signed).err(), Some(AuthError::Signature));
}

#[test]
fn one_bad_row_spoils_a_matrix_and_a_remembered_claim_covers_nothing_else() {
    let config = config();
    let gate = gate(&config);
    let rows = |third: Signed<PoAru>| {
        let rows = vec![Some(row(&config, ReplicaId(1), 1)), None, Some(third), None];
        let matrix = wire::prime::Matrix { rows: List::new(rows).unwrap() };
        let id = ReplicaId(2);
        signer(&config, id).sign_all(id, vec![ProofMatrix { matrix }])[0].signed().clone()
    };
    assert!(gate.verify(rows(row(&config, ReplicaId(3), 1))).is_ok());
    let mut forged = row(&config, ReplicaId(3), 1);
    forged.auth.signature.0[0] ^= 1;
    assert_eq!(gate.verify(rows(forged)).err(), Some(AuthError::Signature));
}

#[test]
fn a_matrix_is_the_same_whoever_relays_it() {
    let config = config();
    let lone = row(&config, ReplicaId(3), 1);
    let other = PoAru { vec: List::new(vec![PoSeq(9); 4]).unwrap() };
    let batched =
        signer(&config, ReplicaId(3)).sign_all(ReplicaId(3), vec![lone.body.clone(), other]);
    assert_ne!(lone.auth, batched[0].signed().auth);
    let digest = |row: Signed<PoAru>| {
        let rows = List::new(vec![None, None, Some(row), None]).unwrap();
        let body: Body = ProofMatrix { matrix: wire::prime::Matrix { rows } }.into();
        Prime::leaf(&Context::from(&config), ReplicaId(2), &body)
    };
    assert_eq!(digest(lone), digest(batched[0].signed().clone()));
}

#[test]
fn each_of_many_is_judged_by_itself() {
    let config = config();
    let mut batch: Vec<_> = (1..=4)
        .map(|seq| {
            let id = ReplicaId(2);
            signer(&config, id).sign_all(id, vec![prepare(seq)])[0].signed().clone()
        })
        .collect();
    batch[2].body = prepare(77);
    let verdicts = gate(&config).verify_each(batch);
    let good: Vec<_> = verdicts.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, true, false, true]);
}

#[test]
fn own_messages_come_back_as_they_were_sent() {
    let config = config();
    let id = ReplicaId(1);
    let body: Body = prepare(3).into();
    let (sealed, _) = signer(&config, id).seal::<Prime>(id, vec![body.clone()], Vec::new());
    let Incoming::Prepare(message) = &sealed[0] else { unreachable!() };
    assert_eq!(Body::from(message.body().clone()), body);
    assert_eq!(message.signer(), id);
}
