//! Which states a component may meet, as far as the documentation of their fields says: a recorded
//! state that was changed is used only if it is one of these.
//!
//! What is written nowhere, but follows from how states come about, is asked for as well where a
//! slot may rely on it: where no handler is under way, votes that decide have decided. A predicate
//! may be too narrow: then fewer states are tried. It must not be too wide: then right versions could
//! differ.

mod broadcast;
mod catch_up;
mod checkpoint;
mod execute;
mod order;
mod recon;
mod suspect;
mod view_change;

pub(crate) use broadcast::broadcast;
pub(crate) use catch_up::catch_up;
pub(crate) use checkpoint::checkpoint;
pub(crate) use execute::execute;
pub(crate) use order::{order, order_slot};
pub(crate) use recon::recon;
pub(crate) use suspect::suspect;
pub(crate) use view_change::view_change;

use crate::tree::{Node, known as typed};
use std::collections::{BTreeMap, BTreeSet};
use wire::prime::Matrix;
use wire::{Config, Digest, ReplicaId, Signable, Verified};

/// Whether a slot may be called with `args`, as far as its contract asks that they go together: what is
/// asked of each alone says [`Node::fits`].
pub(crate) fn arguments(slot: &str, config: &Config, args: &dyn Node) -> bool {
    match slot {
        "catch_up.keep" => order::about(config, typed(args)),
        "execute.order_of" => execute::near(config, typed(args)),
        "recon.request_missing" => recon::once(typed(args)),
        "recon.senders" => recon::numbered(typed(args)),
        "suspect.elected" => suspect::by_row(config, typed(args)),
        "view_change.on_proposal_request" => view_change::elsewhere(typed(args)),
        _ => true,
    }
}

/// Whether each message stands under its signer, who is a replica.
fn keyed<T: Signable<Signer = ReplicaId>>(
    config: &Config,
    votes: &BTreeMap<ReplicaId, Verified<T>>,
) -> bool {
    votes.iter().all(|(id, vote)| config.is_replica(*id) && vote.signer() == *id)
}

/// Whether all keys are replicas.
fn replicas<V>(config: &Config, votes: &BTreeMap<ReplicaId, V>) -> bool {
    votes.keys().all(|id| config.is_replica(*id))
}

/// How many of `votes` name `digest`.
fn count(votes: &BTreeMap<ReplicaId, Digest>, digest: Digest) -> usize {
    votes.values().filter(|named| **named == digest).count()
}

/// Whether these are messages of `least` replicas or more, ascending by signer.
fn ascending(
    config: &Config,
    least: usize,
    votes: impl Iterator<Item = ReplicaId> + Clone,
) -> bool {
    let next = votes.clone().skip(1);
    votes.clone().zip(next).all(|(one, next)| one < next)
        && votes.clone().all(|id| config.is_replica(id))
        && votes.count() >= least
}

/// Whether each row is null or of the server whose row it is, with N entries.
fn square(config: &Config, matrix: &Matrix) -> bool {
    let mut rows = (1..).map(ReplicaId).zip(matrix.rows.iter());
    matrix.rows.len() == config.size()
        && rows.all(|(id, row)| {
            row.as_ref().is_none_or(|row| row.signer == id && row.body.vec.len() == config.size())
        })
}

/// Whether all are replicas.
fn known(config: &Config, ids: &BTreeSet<ReplicaId>) -> bool {
    ids.iter().all(|id| config.is_replica(*id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use crate::slots::Sound;
    use crate::taps::Taps;
    use crate::tree::{Hand, Pools, Tree, known};
    use prime::order::OrderSlot;
    use wire::prime::{Bound, PrePrepare, Prepare, ProposalRequest};
    use wire::{List, PoSeq, Seq, Time, View};

    /// Most states that a handler of the component met are sound, and none is once it is broken.
    fn holds<S: Tree>(taps: &Taps, slot: &str, sound: Sound<S>, breaks: &[fn(&mut S)]) {
        let (mut met, mut fit) = (0, 0);
        let samples = taps.of(slot).flat_map(|(_, kept)| &kept.samples);
        for sample in samples.filter(|sample| sample.recorded) {
            let config = &taps.clusters[sample.cluster].config;
            let state: &S = known(&*sample.state);
            met += 1;
            if !sound(config, state, state) {
                continue;
            }
            fit += 1;
            for (number, change) in breaks.iter().enumerate() {
                let mut broken = state.clone();
                change(&mut broken);
                assert!(!sound(config, state, &broken), "{slot}: break {number} passes");
            }
        }
        println!("{slot}: {fit} of {met} are sound");
        assert!(met >= 10 && 2 * fit > met, "{slot}: {fit} of {met} are sound");
    }

    #[test]
    fn what_servers_meet_is_sound_and_what_is_broken_is_not() {
        let taps = Taps::some(1, 12);
        holds::<prime::broadcast::State>(
            &taps,
            "broadcast.on_rb_echo",
            broadcast,
            &[|s| s.answered.truncate(1), |s| s.answered[0].1 = 65, |s| s.me = ReplicaId(0)],
        );
        holds::<prime::catch_up::State>(
            &taps,
            "catch_up.on_catch_up_request",
            catch_up,
            &[|s| s.answered.truncate(1), |s| s.answered[0].count = 1_000],
        );
        holds::<prime::checkpoint::State>(
            &taps,
            "checkpoint.on_checkpoint",
            checkpoint,
            &[|s| s.floor = Seq(u64::MAX), |s| s.votes.truncate(1), |s| s.given[0] = (Time(0), 65)],
        );
        holds::<prime::execute::State>(
            &taps,
            "execute.apply_update",
            execute,
            &[|s| s.index += 1, |s| s.prefix.truncate(1)],
        );
        holds::<prime::order::State>(
            &taps,
            "order.on_commit",
            order,
            &[
                |s| s.ordered = s.accepted.next(),
                |s| s.tokens = u64::MAX,
                |s| s.accepted = s.proposed.next(),
            ],
        );
        holds::<prime::recon::State>(
            &taps,
            "recon.on_recon",
            recon,
            &[|s| s.parts.truncate(1), |s| s.me = ReplicaId(0)],
        );
        holds::<prime::suspect::State>(
            &taps,
            "suspect.on_new_leader",
            suspect,
            &[|s| s.bounds.truncate(1), |s| s.answered[0] = s.ping_seq + 1],
        );
        holds::<prime::view_change::State>(
            &taps,
            "view_change.on_vc_list",
            view_change,
            &[|s| s.preinstalled = View(s.preinstalled.0 + 1), |s| s.served.truncate(1)],
        );
    }

    #[test]
    fn arguments_go_together_and_a_slot_holds_no_leaders_vote() {
        let config = Config::new(Digest::default(), 4, 1, 0);
        let (pools, view) = (Pools::default(), View(0));
        let hand = Hand::new(&config, &pools, Rng::of(&[]));
        let leader = config.leader_of(view);
        let nothing = Matrix { rows: List::new(vec![None; 4]).unwrap() };
        let held = hand.sign(leader, PrePrepare { view, seq: Seq(2), matrix: nothing });
        let digest = held.digest();
        let go_together = |seq| {
            let bound = Bound { view, digest };
            let wanted = hand.sign(ReplicaId(3), ProposalRequest { seq, bound });
            arguments(
                "view_change.on_proposal_request",
                &config,
                &(Time(0), wanted, Some(held.clone())),
            )
        };
        assert!(go_together(Seq(2)) && !go_together(Seq(3)));
        let missing = |numbers: [u64; 2]| {
            let missing: Vec<_> = numbers.map(|seq| (leader, PoSeq(seq))).into();
            arguments("recon.request_missing", &config, &(Time(0), missing))
        };
        assert!(missing([1, 2]) && !missing([2, 2]));
        let kept = |seq| {
            let slot = OrderSlot { pre_prepare: Some(held.clone()), ..OrderSlot::default() };
            arguments("catch_up.keep", &config, &(seq, slot))
        };
        assert!(kept(Seq(2)) && !kept(Seq(u64::MAX)));

        let mut slot = OrderSlot { pre_prepare: Some(held.clone()), ..OrderSlot::default() };
        for (id, right) in [(ReplicaId(3), true), (leader, false)] {
            slot.prepares.insert(id, hand.sign(id, Prepare { view, seq: Seq(2), digest }));
            assert_eq!(order_slot(&config, &slot), right);
        }
    }
}
