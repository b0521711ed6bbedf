//! What `view_change.on_delivered` must do.

use super::content_valid::says;
use super::definitions::{changing, judge, key_of, round_mut};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use std::collections::BTreeMap;
use wire::auth::Context;
use wire::prime::{Certificate, Payload, Prime, RbInit, Report};
use wire::{Config, Effect, Reject, Verified};

/// A delivered broadcast is kept, and each originator is judged once, when all of its are there (5.3,
/// "State Dissemination Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<RbInit>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.on_delivered", config, before);
    let (signer, RbInit { view, seq, .. }) = (message.signer(), message.body());
    if changing(before) && *view == before.preinstalled {
        expected.since("it is kept under its number in the signer's `delivered`");
        let from = round_mut(&mut expected.state, *view).delivered.entry(signer).or_default();
        from.inits.insert(*seq, message.clone());
        let open = from.statement.is_none();
        let inits = from.inits.clone();
        if let Some((report, entries)) = announced(&inits, *seq).filter(|_| open) {
            judged(&mut expected, message, &report, &entries);
        }
    }
    judge(&expected, after, effects)
}

/// What `content_valid` returns becomes the statement.
fn judged(
    expected: &mut Expected<'_, State>,
    message: &Verified<RbInit>,
    report: &Report,
    entries: &[Verified<RbInit>],
) {
    let (signer, view) = (message.signer(), message.body().view);
    let certificates: Vec<Certificate> = entries.iter().filter_map(certificate).collect();
    if let Some(statement) = says(expected.config, view, report, &certificates) {
        expected.since("that becomes its `statement`, and its Pre-Prepares enter `proposals`");
        let context = Context::from(expected.config);
        let proposals = entries.iter().filter_map(|init| init.pre_prepare(&context));
        expected.state.proposals.extend(proposals.map(|proposal| (key_of(&proposal), proposal)));
        let from = round_mut(&mut expected.state, view).delivered.entry(signer).or_default();
        from.statement = Some(statement);
    } else {
        expected.since("if it returns `None`, `Invalid` is rejected, naming the signer");
        expected.reject(signer, Reject::Invalid);
    }
}

fn certificate(init: &Verified<RbInit>) -> Option<Certificate> {
    match &init.body().payload {
        Payload::Entry(entry) => Some(entry.clone()),
        Payload::Report(_) => None,
    }
}

/// The Report, and what it announces, if all of that is there and `seq` is among it.
fn announced(
    inits: &BTreeMap<u32, Verified<RbInit>>,
    seq: u32,
) -> Option<(Report, Vec<Verified<RbInit>>)> {
    let Payload::Report(report) = &inits.get(&0)?.body().payload else { return None };
    let among: Vec<_> = inits.range(1..).take_while(|&(&i, _)| i <= report.count).collect();
    let all = u32::try_from(among.len()) == Ok(report.count) && seq <= report.count;
    all.then(|| (report.clone(), among.into_iter().map(|(_, init)| init.clone()).collect()))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, config, entry, now_in, prepared, proposal, reject, sign, statement, trips,
    };
    use prime::view_change::{Delivered, State};
    use std::slice::from_ref;
    use wire::prime::{Payload, RbInit, Report};
    use wire::{Reject, ReplicaId, Seq, Verified, View};

    fn init(view: u64, seq: u32, payload: Payload) -> Verified<RbInit> {
        sign(3, RbInit { view: View(view), seq, payload })
    }

    fn report(seq: u32, count: u32) -> Verified<RbInit> {
        let report = Report { executed: Seq(4), count, replay: None };
        init(5, seq, Payload::Report(report))
    }

    /// An entry about number 4 + `seq`, by so many votes.
    fn pc(seq: u32, votes: &[u16]) -> Verified<RbInit> {
        let at = proposal(3, 4 + u64::from(seq));
        init(5, seq, Payload::Entry(prepared(&at, votes)))
    }

    fn from(state: &mut State) -> &mut Delivered {
        now_in(state).delivered.entry(ReplicaId(3)).or_default()
    }

    fn with(inits: &[Verified<RbInit>]) -> State {
        let mut state = changing(5);
        let keyed = inits.iter().map(|init| (init.body().seq, init.clone()));
        from(&mut state).inits = keyed.collect();
        state
    }

    #[test]
    fn the_last_to_come_brings_the_statement() {
        let config = config();
        let all = [report(0, 2), pc(1, &[1, 2]), pc(2, &[1, 2])];
        for last in 0..3 {
            let (mut others, mut after) = (all.to_vec(), with(&all));
            let message = others.remove(last);
            let before = with(&others);
            let mut says = statement(4, None);
            for seq in [5, 6] {
                let (key, at) = entry(&proposal(3, seq));
                says.entries.insert(key.0, key.1);
                after.proposals.insert(key, at);
            }
            from(&mut after).statement = Some(says);
            assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
            trips(check(&config, &before, &message, &with(&all), &[]), "statement");
            let invalid = [reject(3, Reject::Invalid)];
            trips(check(&config, &before, &message, &after, &invalid), "effect 0");
            let mut lost = after.clone();
            lost.proposals.pop_first();
            trips(check(&config, &before, &message, &lost, &[]), "proposals");
            // A number above `count` is kept and no more.
            let beyond = pc(3, &[]);
            let mut kept = after.clone();
            from(&mut kept).inits.insert(3, beyond.clone());
            assert_eq!(check(&config, &after, &beyond, &kept, &[]), Ok(()));
            trips(check(&config, &after, &beyond, &after, &[]), "inits");
        }
    }

    #[test]
    fn what_is_invalid_is_judged_once() {
        let config = config();
        let wrong = [report(0, 1), pc(1, &[1])];
        let mixed = [report(0, 1), report(1, 0)];
        for all in [wrong, mixed] {
            let (before, after) = (with(&all[..1]), with(&all));
            let invalid = [reject(3, Reject::Invalid)];
            assert_eq!(check(&config, &before, &all[1], &after, &invalid), Ok(()));
            trips(check(&config, &before, &all[1], &after, &[]), "effects");
            let mut counted = after.clone();
            from(&mut counted).statement = Some(statement(4, None));
            trips(check(&config, &before, &all[1], &counted, &invalid), "statement");
            let beyond = pc(2, &[]);
            let mut kept = after.clone();
            from(&mut kept).inits.insert(2, beyond.clone());
            assert_eq!(check(&config, &after, &beyond, &kept, &[]), Ok(()));
            trips(check(&config, &after, &beyond, &kept, &invalid), "effect 0");
        }
    }

    #[test]
    fn nothing_is_judged_early_and_no_other_view_counts() {
        let config = config();
        let (first, second) = (report(0, 2), pc(2, &[1, 2]));
        let (before, after) = (with(from_ref(&first)), with(&[first, second.clone()]));
        assert_eq!(check(&config, &before, &second, &after, &[]), Ok(()));
        let entry_first = init(5, 0, pc(1, &[1, 2]).body().payload.clone());
        let kept = with(from_ref(&entry_first));
        assert_eq!(check(&config, &with(&[]), &entry_first, &kept, &[]), Ok(()));
        let mut over = before.clone();
        over.installed = View(5);
        let payload = report(0, 0).body().payload.clone();
        let foreign = |view| init(view, 0, payload.clone());
        for (before, message) in [(&before, foreign(4)), (&before, foreign(6)), (&over, foreign(5))]
        {
            assert_eq!(check(&config, before, &message, before, &[]), Ok(()));
            trips(check(&config, before, &message, &after, &[]), "[");
        }
    }
}
