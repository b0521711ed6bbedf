//! What `recon.retire` must do.

use super::definitions::{drop_parts, judge};
use crate::Finding;
use crate::expected::Expected;
use prime::pre_order::Content;
use prime::recon::State;
use wire::{Config, ReplicaId};

/// Executed content is in the archive alone.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    originator: ReplicaId,
    content: &Content,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("recon.retire", config, before);
    expected.since("archive[(o, s)] is the content; (o, s) leaves parts, sent and want");
    let identifier = (originator, content.body.seq);
    let state = &mut expected.state;
    state.archive.insert(identifier, content.clone());
    state.sent.remove(&identifier);
    state.want.remove(&identifier);
    drop_parts(state, |of| of == identifier);
    judge(&expected, after, &[])
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::recon::kit::{config, content, hold, id, request, signed_part, state, trips};
    use prime::recon::State;
    use wire::{ReplicaId, Time};

    #[test]
    fn what_was_executed_moves_to_the_archive() {
        let mut before = state();
        for s in [1, 2] {
            before.sent.entry(id(2, s)).or_default().insert(ReplicaId(3));
            before.want.insert(id(2, s), Time(1));
            before.answered[3].insert(id(2, s), (Time(1), 9));
            for i in [3, 4] {
                hold(&mut before, &signed_part(i, &request(2, s, 1)));
            }
        }
        let request = request(2, 1, 1);
        let mut after = before.clone();
        after.archive.insert(id(2, 1), content(&request));
        after.sent.remove(&id(2, 1));
        after.want.remove(&id(2, 1));
        after.parts.iter_mut().for_each(|of| drop(of.remove(&id(2, 1))));
        let run =
            |after: &State| check(&config(), &before, ReplicaId(2), &content(&request), after);
        assert_eq!(run(&after), Ok(()));
        let trip = |change: fn(&mut State), place| {
            let mut wrong = after.clone();
            change(&mut wrong);
            trips(run(&wrong), place);
        };
        trip(|s| s.archive.clear(), "archive");
        trip(|s| drop(s.sent.insert(id(2, 1), [ReplicaId(3)].into())), "sent");
        trip(
            |s| {
                s.want.insert(id(2, 1), Time(1));
            },
            "want",
        );
        trip(|s| s.want.clear(), "want");
        trip(
            |s| {
                s.answered[3].remove(&id(2, 1));
            },
            "answered",
        );
        trip(|s| drop(s.parts[3].remove(&id(2, 2))), "parts");
        trip(
            |s| {
                let of = crate::recon::kit::request(2, 1, 1);
                hold(s, &signed_part(4, &of));
            },
            "parts",
        );
    }
}
