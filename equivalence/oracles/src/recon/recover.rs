//! What `recon.recover` must do.

use super::definitions::{decoded, drop_parts, group, judge, whole};
use crate::Finding;
use crate::expected::Expected;
use prime::pre_order::Content;
use prime::recon::State;
use wire::prime::{Incoming, Prime};
use wire::{Config, Record, ReplicaId};

/// Parts that were logged give the same content again.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    record: &Record<Prime>,
    after: &State,
    got: &Option<(ReplicaId, Content)>,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("recon.recover", config, before);
    let mut content = None;
    if let Record::Held(Incoming::Recon(message)) = record {
        let (body, signer) = (message.body(), message.signer());
        let identifier = (body.originator, body.seq);
        let known = before.parts[signer.index()].contains_key(&identifier);
        if config.is_replica(body.originator) && !known {
            expected.since("it is held, and f+1 that say the same give the content");
            expected.state.parts[signer.index()].insert(identifier, message.clone());
            let members = Some(group(&expected.state, body));
            let enough = members.filter(|members| members.len() == config.one_correct());
            content = enough.and_then(|members| decoded(config, &members));
            if content.is_some() {
                drop_parts(&mut expected.state, |of| of == identifier);
            }
        }
    }
    let content = content.as_ref().map(|(digest, request)| (*digest, request));
    let returned = got.as_ref().map(|(_, content)| whole(content));
    crate::answer(&expected.rule("answer"), &content, &returned)?;
    let originator = match (record, got) {
        (Record::Held(Incoming::Recon(message)), Some(_)) => Some(message.body().originator),
        _ => None,
    };
    crate::answer(&expected.rule("answer"), &originator, &got.as_ref().map(|(o, _)| *o))?;
    judge(&expected, after, &[])
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::recon::kit::{
        config, content, hold, part, request, sign, signed_part, state, trips,
    };
    use prime::pre_order::Content;
    use prime::recon::State;
    use wire::prime::{Body, Recon};
    use wire::{Digest, Record, ReplicaId, Verified};

    fn outcome(
        before: &State,
        message: &Verified<Recon>,
        after: &State,
        got: Option<Content>,
    ) -> Result<(), Finding> {
        let record = Record::Held(message.clone().into());
        check(&config(), before, &record, after, &got.map(|content| (ReplicaId(2), content)))
    }

    fn holding(messages: &[&Verified<Recon>]) -> State {
        let mut state = state();
        messages.iter().for_each(|message| hold(&mut state, message));
        state
    }

    #[test]
    fn logged_parts_give_the_content_again() {
        // However far ahead: the log holds only what was let in.
        let a = request(2, 9999, 1);
        let (first, second) = (signed_part(3, &a), signed_part(4, &a));
        let before = holding(&[&first]);
        assert_eq!(outcome(&state(), &first, &before, None), Ok(()));
        trips(outcome(&state(), &first, &state(), None), "parts");
        assert_eq!(outcome(&before, &second, &state(), Some(content(&a))), Ok(()));
        trips(outcome(&before, &second, &state(), None), "answer");
        trips(outcome(&before, &second, &before, Some(content(&a))), "parts");
        let wrong = [(ReplicaId(3), content(&a)), (ReplicaId(2), content(&request(2, 9999, 2)))];
        for wrong in wrong.map(Some) {
            let record = Record::Held(second.clone().into());
            trips(check(&config(), &before, &record, &state(), &wrong), "answer");
        }
        // The first of a sender stays, and is not decoded twice.
        let other = signed_part(3, &request(2, 9999, 2));
        assert_eq!(outcome(&before, &other, &before, None), Ok(()));
        trips(outcome(&before, &other, &holding(&[&other]), None), "parts");
    }

    #[test]
    fn what_gives_no_content_is_held_and_other_records_change_nothing() {
        let bad = |i| sign(i, Recon { digest: Digest::default(), ..part(i, &request(2, 1, 1)) });
        let (first, second) = (bad(3), bad(4));
        let (before, after) = (holding(&[&first]), holding(&[&first, &second]));
        assert_eq!(outcome(&before, &second, &after, None), Ok(()));
        trips(outcome(&before, &second, &state(), None), "parts");
        let foreign = sign(4, Recon { originator: ReplicaId(5), ..part(4, &request(2, 1, 1)) });
        assert_eq!(outcome(&before, &foreign, &before, None), Ok(()));
        let promised = Record::Promise(Body::Recon(part(1, &request(2, 1, 1))));
        let held = Record::Held(request(2, 1, 1).into());
        for record in [promised, held] {
            assert_eq!(check(&config(), &before, &record, &before, &None), Ok(()));
            trips(check(&config(), &before, &record, &state(), &None), "parts");
            let got = Some((ReplicaId(2), content(&request(2, 1, 1))));
            trips(check(&config(), &before, &record, &before, &got), "answer");
        }
    }
}
