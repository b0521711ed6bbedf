//! PO-ARUs, matrices and vectors.

use crate::slots::Draw;
use crate::state::{matrix_near, row_near};
use std::collections::BTreeSet;
use wire::prime::{Incoming, Matrix, PoAru, ProofMatrix};
use wire::{Input, List, PoSeq, ReplicaId, Verified};

/// A row for `Last_PO_Aru`: newer, older, equal, or contradicting.
pub(crate) fn row(draw: &mut Draw<'_>) -> Verified<PoAru> {
    match draw.input {
        Input::Message(Incoming::PoAru(aru)) if draw.rng.percent(20) => return aru.clone(),
        _ => {}
    }
    let signer = draw.world.anyone(draw.rng);
    row_near(draw.rng, draw.world, draw.state, signer)
}

/// A PO-ARU by itself; its length may be wrong.
pub(crate) fn aru(draw: &mut Draw<'_>) -> Verified<PoAru> {
    let whole = row(draw);
    if !draw.rng.percent(4) {
        return whole;
    }
    let mut vec = whole.body().vec.to_vec();
    let length = draw.rng.choose([0, vec.len() - 1, vec.len() + 1, 64]);
    vec.resize(length, PoSeq(1));
    draw.world.sign_aru(whole.signer(), vec)
}

/// A matrix about as far as the rows held.
pub(crate) fn matrix(draw: &mut Draw<'_>) -> Matrix {
    matrix_near(draw.rng, draw.world, draw.state)
}

/// A Proof-Matrix; its shape may be wrong.
pub(crate) fn proof_matrix(draw: &mut Draw<'_>) -> Verified<ProofMatrix> {
    match draw.input {
        Input::Message(Incoming::ProofMatrix(m)) if draw.rng.percent(20) => return m.clone(),
        _ => {}
    }
    let sender = draw.world.anyone(draw.rng);
    let mut matrix = matrix(draw);
    if draw.rng.percent(8) {
        misshape(draw, &mut matrix);
    }
    draw.world.sign(sender, ProofMatrix { matrix })
}

fn misshape(draw: &mut Draw<'_>, matrix: &mut Matrix) {
    let mut rows = matrix.rows.to_vec();
    let at = draw.rng.index(rows.len());
    match draw.rng.below(4) {
        0 => drop(rows.pop()),
        1 => rows.push(None),
        2 => {
            let stranger = draw.world.other(draw.rng, ReplicaId::from_index(at));
            let row = row_near(draw.rng, draw.world, draw.state, stranger);
            rows[at] = Some(row.signed().clone());
        }
        _ => {
            let signer = ReplicaId::from_index(at);
            let length = draw.rng.choose([0, draw.world.config.size() - 1, 9]);
            let row = draw.world.sign_aru(signer, vec![PoSeq(1); length]);
            rows[at] = Some(row.signed().clone());
        }
    }
    matrix.rows = List::new(rows).expect("about N rows");
}

/// A blacklist, a Pre-Prepare's matrix and a Proof-Matrix's that it may cover.
pub(crate) fn cover(draw: &mut Draw<'_>) -> (BTreeSet<ReplicaId>, Matrix, Matrix) {
    let expected = matrix(draw);
    let mut given = if draw.rng.percent(15) { matrix(draw) } else { expected.clone() };
    for at in 0..given.rows.len() {
        if draw.rng.percent(10) {
            let signer = ReplicaId::from_index(at);
            let row = row_near(draw.rng, draw.world, draw.state, signer);
            given.rows[at] = Some(row.signed().clone());
        } else if draw.rng.percent(4) {
            given.rows[at] = None;
        }
    }
    if draw.rng.percent(5) {
        given.rows = List::new(given.rows[..draw.rng.index(given.rows.len())].to_vec())
            .expect("fewer than N rows");
    }
    let mut blacklist = draw.state.blacklist.clone();
    if draw.rng.percent(40) {
        blacklist.insert(draw.world.anyone(draw.rng));
    }
    if draw.rng.percent(50) { (blacklist, given, expected) } else { (blacklist, expected, given) }
}

/// Two vectors of one server.
pub(crate) fn vectors(draw: &mut Draw<'_>) -> (Vec<PoSeq>, Vec<PoSeq>) {
    let signer = draw.world.anyone(draw.rng);
    let first = row_near(draw.rng, draw.world, draw.state, signer).body().vec.to_vec();
    let mut second = if draw.rng.percent(30) {
        row_near(draw.rng, draw.world, draw.state, signer).body().vec.to_vec()
    } else {
        first.clone()
    };
    for _ in 0..draw.rng.below(3) {
        let at = draw.rng.index(second.len());
        if let Some(entry) = second.get_mut(at) {
            let boundary = draw.rng.choose([0, u64::MAX, u64::MAX - 1]);
            *entry = PoSeq(if draw.rng.percent(10) { boundary } else { draw.rng.near(entry.0) });
        }
    }
    if draw.rng.percent(20) {
        let length = draw.rng.index(second.len() + 2);
        second.resize(length, PoSeq(draw.rng.below(2)));
    }
    if draw.rng.percent(50) { (first, second) } else { (second, first) }
}
