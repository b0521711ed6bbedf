//! Peers that are given all that they may be given, and those of whom all is taken that may be.

use super::Stage;
use crate::tree::Tree;
use prime::{broadcast, suspect};
use wire::monitoring::Monitoring;
use wire::prime::{RbRequest, RttMeasure, RttPing, RttPong, TatMeasure, TatUb};
use wire::{ReplicaId, Signable, Time, Verified};

/// Asks for an Init that is held.
pub(super) fn on_rb_request(stage: &mut Stage<'_>) {
    let (state, args) = stage.call::<broadcast::State, (Time, Verified<RbRequest>)>();
    let now = args.0;
    let mut inits = state.instances.iter().filter_map(|(tag, it)| Some((tag, it.init.as_ref()?)));
    let Some((tag, init)) = inits.next_back() else { return };
    let (originator, view, seq) = (tag.originator, tag.view, tag.seq);
    let asker = stage.another(state.me);
    let wanted = RbRequest { originator, view, seq, digest: init.digest() };
    let wanted = stage.hand.sign(asker, wanted);
    for counted in stage.counted(now, broadcast::ANSWERS) {
        let mut state = state.clone();
        state.answered[asker.index()] = counted;
        stage.put("broadcast.on_rb_request", state, (now, wanted.clone()));
    }
}

/// The same message of a sender of whom the allowance was taken, all but one or all, in this period or
/// in the one before.
fn taken<T: Signable<Signer = ReplicaId> + Tree>(stage: &mut Stage<'_>, slot: &'static str) {
    let (state, args) = stage.call::<suspect::State, (Monitoring, Time, Verified<T>)>();
    let (rules, now, message) = args;
    let most = suspect::allowance(stage.hand.config);
    let before = |time: u64| Time(now.0.saturating_sub(time));
    let last = before(rules.period.saturating_sub(1));
    for (since, count) in
        [(*now, most - 1), (*now, most), (last, most), (before(rules.period), most)]
    {
        let mut state = state.clone();
        state.counted_from = since;
        state.taken[message.signer().index()] = count;
        stage.put(slot, state, (rules.clone(), *now, message.clone()));
    }
}

pub(super) fn on_rtt_measure(stage: &mut Stage<'_>) {
    taken::<RttMeasure>(stage, "suspect.on_rtt_measure");
}

pub(super) fn on_rtt_ping(stage: &mut Stage<'_>) {
    taken::<RttPing>(stage, "suspect.on_rtt_ping");
}

pub(super) fn on_rtt_pong(stage: &mut Stage<'_>) {
    taken::<RttPong>(stage, "suspect.on_rtt_pong");
}

pub(super) fn on_tat_measure(stage: &mut Stage<'_>) {
    taken::<TatMeasure>(stage, "suspect.on_tat_measure");
}

pub(super) fn on_tat_ub(stage: &mut Stage<'_>) {
    taken::<TatUb>(stage, "suspect.on_tat_ub");
}
