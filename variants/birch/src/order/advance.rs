//! What the votes held for a number allow.

use prime::order::Effects;
use prime::order::OrderSlot;
use prime::order::State;
use wire::Config;
use wire::Record;
use wire::Seq;
use wire::To;
use wire::Verified;
use wire::prime::Commit;
use wire::prime::PrePrepare;
use wire::prime::Prepare;

/// 4.1, "Global Ordering Phase"
pub fn advance(state: &mut State, config: &Config, seq: Seq, effects: &mut Effects) {
    let valid = seq <= state.accepted;
    let view = Some(state.view).filter(|_| valid && state.votes());
    let Some(slot) = state.slots.get_mut(&seq) else {
        return;
    };
    if let Some(pre_prepare) = to_commit(config, slot)
        .filter(|pre_prepare| Some(pre_prepare.body().view) == view)
    {
        prepares(slot, &pre_prepare)
            .for_each(|prepare| effects.persist(Record::Held(prepare.into())));
        effects.promise(
            To::All,
            Commit {
                view: pre_prepare.body().view,
                seq: pre_prepare.body().seq,
                digest: pre_prepare.digest(),
            },
        );
        slot.prepared = true;
    }
    if let Some(pre_prepare) = to_order(config, slot) {
        if !valid {
            effects.persist(Record::Held(pre_prepare.clone().into()));
        }
        commits(slot, &pre_prepare)
            .for_each(|commit| effects.persist(Record::Held(commit.into())));
        slot.committed = true;
    }
    prime::order::settle(state);
}

/// The Pre-Prepare for which a Commit is due, once it may be sent.
fn to_commit(config: &Config, slot: &OrderSlot) -> Option<Verified<PrePrepare>> {
    slot.pre_prepare
        .as_ref()
        .filter(|_| !slot.prepared && prime::order::prepared(config, slot))
        .cloned()
}

/// The Pre-Prepare whose commit certificate is complete only now.
fn to_order(config: &Config, slot: &OrderSlot) -> Option<Verified<PrePrepare>> {
    slot.pre_prepare
        .as_ref()
        .filter(|_| !slot.committed && prime::order::committed(config, slot))
        .cloned()
}

/// The Prepares for it, ascending, but its signer's.
fn prepares<'a>(
    slot: &'a OrderSlot,
    pre_prepare: &'a Verified<PrePrepare>,
) -> impl Iterator<Item = Verified<Prepare>> + 'a {
    slot.prepares
        .iter()
        .filter(|(signer, prepare)| {
            let vote = prepare.body();
            **signer != pre_prepare.signer()
                && vote.digest == pre_prepare.digest()
                && vote.view == pre_prepare.body().view
                && vote.seq == pre_prepare.body().seq
        })
        .map(|(_, prepare)| prepare.clone())
}

/// The Commits for it, ascending.
fn commits<'a>(
    slot: &'a OrderSlot,
    pre_prepare: &'a Verified<PrePrepare>,
) -> impl Iterator<Item = Verified<Commit>> + 'a {
    slot.commits
        .values()
        .filter(|commit| {
            let vote = commit.body();
            vote.digest == pre_prepare.digest()
                && vote.view == pre_prepare.body().view
                && vote.seq == pre_prepare.body().seq
        })
        .cloned()
}
