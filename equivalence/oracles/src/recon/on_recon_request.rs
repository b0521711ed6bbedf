//! What `recon.on_recon_request` must do.

use super::definitions::{certified, judge, own_part, whole};
use crate::Finding;
use crate::expected::Expected;
use crate::pre_order::definitions::PreOrder;
use prime::recon::State;
use wire::prime::{Prime, ReconRequest};
use wire::{Config, Effect, Reject, Time, To, Verified};

/// Most answers to one requester within `timing.retransmit`.
const MAX_ANSWERS: usize = 256;

/// Most bytes of parts that one requester is given within `timing.retransmit`.
const MAX_ANSWER_BYTES: u128 = 4 * 1024 * 1024;

/// Whoever asks gets this server's part, executed or not, but not again at once.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    pre_order: &PreOrder,
    message: &Verified<ReconRequest>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("recon.on_recon_request", config, before);
    let ReconRequest { originator, seq } = *message.body();
    let (identifier, sender) = ((originator, seq), message.signer());
    if !config.is_replica(originator) {
        expected.since("rejects `Invalid` if o is not a replica of this cluster");
        expected.reject(sender, Reject::Invalid);
        return judge(&expected, after, effects);
    }
    let archived = before.archive.get(&identifier).map(whole);
    let Some(content) = certified(pre_order, identifier).or(archived) else {
        expected.since("rejects `Premature`, naming nobody, if the content is not here");
        expected.reject(None, Reject::Premature);
        return judge(&expected, after, effects);
    };
    let answered = &mut expected.state.answered[sender.index()];
    answered.retain(|_, (at, _)| at.after(config.timing.retransmit) > now);
    let part = own_part(config, before.me, originator, content);
    let bytes = part.part.len() as u64;
    let sum = u128::from(bytes) + answered.values().map(|(_, of)| u128::from(*of)).sum::<u128>();
    if answered.contains_key(&identifier) {
        expected.since("rejects `Duplicate` if an entry for (o, s) is left");
        expected.reject(sender, Reject::Duplicate);
    } else if answered.len() >= MAX_ANSWERS {
        expected.since("rejects `Full` if `MAX_ANSWERS` entries are left");
        expected.reject(sender, Reject::Full);
    } else if sum > MAX_ANSWER_BYTES {
        expected.since("rejects `Full` if the bytes come to more than `MAX_ANSWER_BYTES`");
        expected.reject(sender, Reject::Full);
    } else {
        answered.insert(identifier, (now, bytes));
        expected.since("the own part goes to the sender alone, `answered` says when and how long");
        expected.send(To::One(sender), part);
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::pre_order::definitions::PreOrder;
    use crate::recon::kit::{
        certified, config, content, effects, id, part, reject, request, sign, state, trips,
        unordered,
    };
    use prime::recon::State;
    use wire::prime::{Prime, ReconRequest};
    use wire::{Effect, PoSeq, Reject, ReplicaId, Time, To};

    /// Asked by server 3.
    fn outcome(
        (before, pre_order, now): (&State, &PreOrder, u64),
        (o, s): (u16, u64),
        after: &State,
        made: &[Effect<Prime>],
    ) -> Result<(), Finding> {
        let message = sign(3, ReconRequest { originator: ReplicaId(o), seq: PoSeq(s) });
        check(&config(), before, Time(now), pre_order, &message, after, made)
    }

    fn sent(of: u64, to: To) -> Vec<Effect<Prime>> {
        effects(|e| e.send(to, part(1, &request(2, 1, of))))
    }

    /// How long each part of `request(2, 1, 1)` is.
    fn length() -> u64 {
        part(1, &request(2, 1, 1)).part.len() as u64
    }

    /// Server 3 was answered about these, with parts as long as that of `request(2, 1, 1)`.
    fn answered(of: &[(u64, u64)]) -> State {
        let mut state = state();
        let entry = |&(s, at): &(u64, u64)| (id(2, s), (Time(at), length()));
        state.answered[2] = of.iter().map(entry).collect();
        state
    }

    const THIRD: To = To::One(ReplicaId(3));

    #[test]
    fn certified_and_archived_content_is_given() {
        let (period, request) = (config().timing.retransmit, request(2, 1, 1));
        let known = certified(&[&request]);
        let now = period + 7;
        let before = answered(&[(1, 7), (5, 8)]);
        let after = answered(&[(1, now), (5, 8)]);
        let case = (&before, &known, now);
        assert_eq!(outcome(case, (2, 1), &after, &sent(1, THIRD)), Ok(()));
        trips(outcome(case, (2, 1), &after, &sent(1, To::All)), "effect 0");
        trips(outcome(case, (2, 1), &after, &[]), "effects");
        trips(outcome(case, (2, 1), &before, &sent(1, THIRD)), "answered");
        let pruned = answered(&[(1, now)]);
        trips(outcome(case, (2, 1), &pruned, &sent(1, THIRD)), "answered");
        let mut noted = after.clone();
        noted.sent.insert(id(2, 1), [ReplicaId(3)].into());
        trips(outcome(case, (2, 1), &noted, &sent(1, THIRD)), "sent");

        let (mut before, mut after) = (before, after);
        for state in [&mut before, &mut after] {
            state.archive.insert(id(2, 1), content(&request));
        }
        assert_eq!(outcome((&before, &unordered(), now), (2, 1), &after, &sent(1, THIRD)), Ok(()));
    }

    #[test]
    fn requests_are_rejected_in_this_order() {
        let known = certified(&[&request(2, 1, 1)]);
        let period = config().timing.retransmit;
        let old = answered(&[(9, 0)]);
        // What is rejected early drops nothing.
        let (bad, early) = (
            [reject(3, Reject::Invalid)],
            [Effect::Reject { from: None, reason: Reject::Premature }],
        );
        let case = (&old, &known, period);
        assert_eq!(outcome(case, (5, 1), &old, &bad), Ok(()));
        assert_eq!(outcome(case, (2, 2), &old, &early), Ok(()));
        trips(outcome(case, (2, 2), &old, &[reject(3, Reject::Premature)]), "effect 0");
        trips(outcome(case, (2, 2), &state(), &early), "answered");

        let mut many: Vec<_> = (1..=256).map(|s| (s, 5)).collect();
        let twice = answered(&many);
        let (again, full) = ([reject(3, Reject::Duplicate)], [reject(3, Reject::Full)]);
        let case = (&twice, &known, 4 + period);
        assert_eq!(outcome(case, (2, 1), &twice, &again), Ok(()));
        trips(outcome(case, (2, 1), &twice, &full), "effect 0");
        many[0].0 = 999;
        let before = answered(&many);
        let case = (&before, &known, 4 + period);
        assert_eq!(outcome(case, (2, 1), &before, &full), Ok(()));
        trips(outcome(case, (2, 1), &before, &sent(1, THIRD)), "effect 0");
        // One place left: the oldest has just gone.
        many[1].1 = 4;
        let (before, now) = (answered(&many), 4 + period);
        many[1] = (1, now);
        let after = answered(&many);
        assert_eq!(outcome((&before, &known, now), (2, 1), &after, &sent(1, THIRD)), Ok(()));
    }

    #[test]
    fn what_is_given_is_counted_in_bytes_too() {
        let known = certified(&[&request(2, 1, 1)]);
        let given = |bytes: u64| {
            let mut state = answered(&[(1, 8), (5, 8), (6, 8)]);
            state.answered[2].get_mut(&id(2, 5)).unwrap().1 = bytes;
            state.answered[2].remove(&id(2, 1));
            state
        };
        let fitting = (4 << 20) - 2 * length();
        let full = [reject(3, Reject::Full)];
        for more in [fitting + 1, u64::MAX] {
            let before = given(more);
            let case = (&before, &known, 9);
            assert_eq!(outcome(case, (2, 1), &before, &full), Ok(()));
            trips(outcome(case, (2, 1), &before, &sent(1, THIRD)), "effect 0");
        }
        let before = given(fitting);
        let mut after = before.clone();
        after.answered[2].insert(id(2, 1), (Time(9), length()));
        let case = (&before, &known, 9);
        assert_eq!(outcome(case, (2, 1), &after, &sent(1, THIRD)), Ok(()));
        trips(outcome(case, (2, 1), &before, &full), "effect 0");
        after.answered[2].insert(id(2, 1), (Time(9), length() + 1));
        trips(outcome(case, (2, 1), &after, &sent(1, THIRD)), "answered");
    }
}
