//! Holds a state against the one that a contract calls for, field by field.

use super::expected::Expected;
use crate::Finding;
use prime::pre_order::{Column, Content, PoSlot, State};
use std::fmt::Debug;
use wire::prime::PoAru;
use wire::{PoSeq, ReplicaId, Signed, Update, Verified};

fn finding(
    expected: &Expected<'_>,
    place: &str,
    wanted: impl Debug,
    got: impl Debug,
) -> Result<(), Finding> {
    Err(Finding {
        rule: expected.rule(place),
        expected: format!("{wanted:?}"),
        got: format!("{got:?}"),
    })
}

fn same<T: PartialEq + Debug + ?Sized>(
    expected: &Expected<'_>,
    place: &str,
    wanted: &T,
    got: &T,
) -> Result<(), Finding> {
    if wanted == got { Ok(()) } else { finding(expected, place, wanted, got) }
}

/// The first field of `after` that is not as expected. Names every field of the state, so that a
/// field that is added without an oracle does not compile.
pub(super) fn state(expected: &Expected<'_>, after: &State) -> Result<(), Finding> {
    let State {
        me,
        pending: _,
        preordered: _,
        last_own,
        columns,
        rows: _,
        proof_matrices: _,
        blacklist: _,
        equivocators: _,
        unsent_acks: _,
        sent_aru,
        next_request_at,
        next_aru_at,
        proof_matrix_at,
        retransmit_at,
        retransmit_known,
    } = after;
    let before = expected.before;
    same(expected, "me", &before.me, me)?;
    pending(expected, after)?;
    preordered(expected, after)?;
    same(expected, "last_own", &expected.last_own, last_own)?;
    same(expected, "columns.len()", &before.columns.len(), &columns.len())?;
    for (index, (old, new)) in before.columns.iter().zip(columns).enumerate() {
        column(expected, ReplicaId::from_index(index), old, new)?;
    }
    rows(expected, after)?;
    proof_matrices(expected, after)?;
    servers(expected, after)?;
    unsent_acks(expected, after)?;
    let wanted = expected.sent_aru.as_ref().unwrap_or(&before.sent_aru);
    same(expected, "sent_aru", wanted, sent_aru)?;
    same(expected, "next_request_at", &expected.next_request_at, next_request_at)?;
    same(expected, "next_aru_at", &expected.next_aru_at, next_aru_at)?;
    same(expected, "proof_matrix_at", &expected.proof_matrix_at, proof_matrix_at)?;
    same(expected, "retransmit_at", &expected.retransmit_at, retransmit_at)?;
    let wanted = expected.retransmit_known.as_ref().unwrap_or(&before.retransmit_known);
    same(expected, "retransmit_known", wanted, retransmit_known)
}

fn pending(expected: &Expected<'_>, after: &State) -> Result<(), Finding> {
    let number = |update: &Verified<Update>| (update.signer(), update.body().seq);
    let waiting = expected.before.pending.iter().skip(expected.taken);
    let kept = waiting.filter(|update| !expected.left.contains(&number(update)));
    let wanted = kept.chain(expected.queued);
    if wanted.clone().eq(&after.pending) {
        return Ok(());
    }
    let wanted: Vec<_> = wanted.map(number).collect();
    let got: Vec<_> = after.pending.iter().map(number).collect();
    finding(expected, "pending", wanted, got)
}

fn preordered(expected: &Expected<'_>, after: &State) -> Result<(), Finding> {
    let with = expected.before.preordered.union(&expected.entered);
    let wanted = with.filter(|&number| !expected.left.contains(number));
    if wanted.clone().eq(&after.preordered) {
        return Ok(());
    }
    finding(expected, "preordered", wanted.collect::<Vec<_>>(), &after.preordered)
}

fn column(
    expected: &Expected<'_>,
    o: ReplicaId,
    old: &Column,
    new: &Column,
) -> Result<(), Finding> {
    if (expected.aru(o), expected.retired(o)) != (new.aru, new.retired) {
        let wanted = (expected.aru(o), expected.retired(o));
        let place = format!("columns[{o:?}].(aru, retired)");
        return finding(expected, &place, wanted, (new.aru, new.retired));
    }
    for (&s, got) in &new.slots {
        match expected.slot(o, s) {
            Some(wanted) => slot(expected, o, s, wanted, got)?,
            None => return finding(expected, &at(o, s, ""), "no such slot", got),
        }
    }
    let made = expected.columns.get(&o).map(|change| &change.slots);
    let mut numbers = old.slots.keys().chain(made.into_iter().flat_map(|slots| slots.keys()));
    let lost = numbers.find(|&&s| s > new.retired && !new.slots.contains_key(&s));
    match lost {
        Some(&s) => finding(expected, &at(o, s, ""), expected.slot(o, s), "no such slot"),
        None => Ok(()),
    }
}

fn at(o: ReplicaId, s: PoSeq, field: &str) -> String {
    format!("columns[{o:?}].slots[{s:?}]{field}")
}

fn slot(
    expected: &Expected<'_>,
    o: ReplicaId,
    s: PoSeq,
    wanted: &PoSlot,
    got: &PoSlot,
) -> Result<(), Finding> {
    let PoSlot { request, adopted, acks, certified } = got;
    if wanted.request != *request {
        return finding(expected, &at(o, s, ".request"), &wanted.request, request);
    }
    if !same_content(wanted.adopted.as_ref(), adopted.as_ref()) {
        return finding(expected, &at(o, s, ".adopted"), &wanted.adopted, adopted);
    }
    if wanted.acks != *acks {
        return finding(expected, &at(o, s, ".acks"), &wanted.acks, acks);
    }
    if wanted.certified != *certified {
        return finding(expected, &at(o, s, ".certified"), wanted.certified, certified);
    }
    Ok(())
}

/// Contents are equal by digest; here the body must be the one that goes with it, too.
pub(super) fn same_content(wanted: Option<&Content>, got: Option<&Content>) -> bool {
    match (wanted, got) {
        (None, None) => true,
        (Some(wanted), Some(got)) => {
            let (body, other) = (&*wanted.body, &*got.body);
            wanted.digest == got.digest && (std::ptr::eq(body, other) || body == other)
        }
        _ => false,
    }
}

fn rows(expected: &Expected<'_>, after: &State) -> Result<(), Finding> {
    let before = &expected.before.rows;
    same(expected, "rows.len()", &before.len(), &after.rows.len())?;
    for (index, (old, new)) in before.iter().zip(&after.rows).enumerate() {
        let i = ReplicaId::from_index(index);
        let changed = expected.rows.get(&i);
        let kept = old.as_ref().map(|row| (row.signed(), row.digest()));
        let (row, wanted) = changed.copied().or(kept).unzip();
        if wanted != new.as_ref().map(Verified::digest) {
            let row = row.map(|row: &Signed<PoAru>| (row.signer, &row.body));
            return finding(expected, &format!("rows[{i:?}]"), row, new);
        }
    }
    Ok(())
}

fn proof_matrices(expected: &Expected<'_>, after: &State) -> Result<(), Finding> {
    let before = &expected.before.proof_matrices;
    same(expected, "proof_matrices.len()", &before.len(), &after.proof_matrices.len())?;
    for (index, (old, new)) in before.iter().zip(&after.proof_matrices).enumerate() {
        let i = ReplicaId::from_index(index);
        let replaced = expected.proof_matrix.filter(|message| message.signer() == i);
        let wanted = replaced.or(old.as_ref());
        if wanted != new.as_ref() {
            return finding(expected, &format!("proof_matrices[{i:?}]"), wanted, new);
        }
    }
    Ok(())
}

/// `blacklist` and `equivocators`.
fn servers(expected: &Expected<'_>, after: &State) -> Result<(), Finding> {
    let before = expected.before;
    let wanted = before.blacklist.union(&expected.blacklisted);
    if !wanted.clone().eq(&after.blacklist) {
        return finding(expected, "blacklist", wanted.collect::<Vec<_>>(), &after.blacklist);
    }
    let old = &before.equivocators;
    let entered = expected.equivocated.filter(|o| !old.contains(o));
    let known = |o| old.contains(o) || entered.as_ref() == Some(o);
    let size = old.len() + usize::from(entered.is_some());
    if after.equivocators.len() != size || !after.equivocators.iter().all(known) {
        return finding(expected, "equivocators", (old, "and", entered), &after.equivocators);
    }
    Ok(())
}

fn unsent_acks(expected: &Expected<'_>, after: &State) -> Result<(), Finding> {
    let before = &expected.before.unsent_acks;
    let kept = before.iter().filter(|_| !expected.acks_sent);
    let wanted = kept.chain(&expected.acks_made);
    if wanted.clone().eq(&after.unsent_acks) {
        return Ok(());
    }
    finding(expected, "unsent_acks", wanted.collect::<Vec<_>>(), &after.unsent_acks)
}

#[cfg(test)]
mod tests {
    use crate::Finding;
    use crate::pre_order::kit::{
        ME, ack, aru, config, content, matrix, number, request, sign, slot, slot_mut, state, trips,
        update, vector,
    };
    use crate::pre_order::merge_row;
    use prime::pre_order::State;
    use wire::prime::ProofMatrix;
    use wire::{PoSeq, ReplicaId, Time};

    type Change = (&'static str, fn(&mut State));

    /// One foreign change for each field of the state.
    const CHANGES: [Change; 24] = [
        ("me", |s| s.me = ReplicaId(2)),
        ("pending", |s| s.pending.push_back(update(1, 1, b"x"))),
        ("preordered", |s| {
            s.preordered.insert(number(1, 1));
        }),
        ("last_own", |s| s.last_own = PoSeq(1)),
        ("columns.len()", |s| {
            s.columns.pop();
        }),
        ("columns[r3].(aru, retired)", |s| s.columns[2].aru = PoSeq(1)),
        ("columns[r3].(aru, retired)", |s| s.columns[2].retired = PoSeq(1)),
        ("columns[r3].slots[s1]", |s| {
            slot_mut(s, 3, 1);
        }),
        ("columns[r2].slots[s1]", |s| {
            s.columns[1].slots.clear();
        }),
        ("columns[r2].slots[s1].request", |s| slot_mut(s, 2, 1).request = None),
        ("columns[r2].slots[s1].adopted", |s| slot_mut(s, 2, 1).adopted = None),
        ("columns[r2].slots[s1].adopted", |s| {
            let digest = request(2, 1, 2).digest();
            slot_mut(s, 2, 1).adopted = Some(content(&request(2, 1, 3))).map(|mut content| {
                content.digest = digest;
                content
            });
        }),
        ("columns[r2].slots[s1].acks", |s| slot_mut(s, 2, 1).acks.clear()),
        ("columns[r2].slots[s1].certified", |s| {
            slot_mut(s, 2, 1).certified = Some(request(2, 1, 1).digest());
        }),
        ("rows[r2]", |s| s.rows[1] = Some(aru(2, &[1, 0, 0, 0]))),
        ("proof_matrices[r3]", |s| {
            let matrix = matrix(&[&[], &[], &[], &[]]);
            s.proof_matrices[2] = Some(sign(3, ProofMatrix { matrix }));
        }),
        ("blacklist", |s| {
            s.blacklist.insert(ReplicaId(2));
        }),
        ("equivocators", |s| {
            s.equivocators.insert(ReplicaId(2));
        }),
        ("unsent_acks", |s| s.unsent_acks.push(ack(&request(2, 1, 1)))),
        ("sent_aru", |s| s.sent_aru = vector(&[1, 0, 0, 0])),
        ("next_request_at", |s| s.next_request_at = Time(1)),
        ("next_aru_at", |s| s.next_aru_at = Time(1)),
        ("proof_matrix_at", |s| s.proof_matrix_at = Some(Time(1))),
        ("retransmit_at", |s| s.retransmit_at = Time(1)),
    ];

    /// A row that is held already changes nothing.
    fn outcome(change: fn(&mut State)) -> Result<(), Finding> {
        let mut before = state();
        assert_eq!(before.me, ME);
        *slot_mut(&mut before, 2, 1) = slot(&request(2, 1, 1), &[1]);
        slot_mut(&mut before, 2, 1).adopted = Some(content(&request(2, 1, 2)));
        let row = aru(4, &[0, 0, 0, 0]);
        before.rows[3] = Some(row.clone());
        let mut after = before.clone();
        change(&mut after);
        merge_row::check(&config(), &before, &row, &after, &[])
    }

    #[test]
    fn a_foreign_change_of_any_field_is_found_and_named() {
        assert_eq!(outcome(|_| ()), Ok(()));
        for (place, change) in CHANGES {
            trips(outcome(change), &format!("[{place}"));
        }
        trips(outcome(|s| s.retransmit_known[1] = vector(&[1])), "retransmit_known");
    }
}
