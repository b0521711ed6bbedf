//! Sends this server's parts of what a Pre-Prepare would make eligible.

use prime::pre_order;
use prime::pre_order::Content;
use prime::recon::Effects;
use prime::recon::Identifier;
use prime::recon::State;
use std::iter::repeat;
use std::ops::Bound::Excluded;
use std::ops::Bound::Included;
use wire::Config;
use wire::PoSeq;
use wire::ReplicaId;
use wire::To;
use wire::prime::Matrix;

/// 4.1, "Reconciliation", Figure 3
pub fn on_eligible(
    state: &mut State,
    config: &Config,
    pre_order: &pre_order::State,
    matrix: &Matrix,
    old: &[PoSeq],
    new: &[PoSeq],
    effects: &mut Effects,
) {
    eligible(pre_order, old, new)
        .filter(|((originator, seq), _)| {
            prime::recon::senders(config, matrix, *originator, *seq).contains(&state.me)
        })
        .collect::<Vec<_>>()
        .into_iter()
        .for_each(|(identifier, content)| {
            let receivers = receivers(state, config, pre_order, identifier);
            if !receivers.is_empty() {
                let part = prime::recon::encode(config, &content).message(
                    state.me,
                    identifier.0,
                    &content,
                );
                receivers
                    .iter()
                    .for_each(|receiver| effects.send(To::One(*receiver), part.clone()));
                state.sent.entry(identifier).or_default().extend(receivers);
            }
        });
}

/// What is between the prefixes and held here with its certificate, in total order.
fn eligible<'a>(
    pre_order: &'a pre_order::State,
    old: &'a [PoSeq],
    new: &'a [PoSeq],
) -> impl Iterator<Item = (Identifier, Content)> + 'a {
    (1..=u16::MAX)
        .map(ReplicaId)
        .zip(&pre_order.columns)
        .zip(old.iter().chain(repeat(&PoSeq(0))).zip(new))
        .filter(|(_, (before, after))| before < after)
        .flat_map(|((originator, column), (before, after))| {
            column
                .slots
                .range((Excluded(*before), Included(*after)))
                .map(move |(seq, slot)| ((originator, *seq), slot))
        })
        .filter_map(|(identifier, slot)| {
            pre_order::content(slot).map(|content| (identifier, content))
        })
}

/// Who lacks the content, as far as is known, and was not sent the part.
fn receivers(
    state: &State,
    config: &Config,
    pre_order: &pre_order::State,
    identifier: Identifier,
) -> Vec<ReplicaId> {
    let (originator, seq) = identifier;
    let sent = state.sent.get(&identifier);
    config
        .replicas()
        .filter(|receiver| *receiver != state.me)
        .filter(|receiver| sent.is_none_or(|sent| !sent.contains(receiver)))
        .filter(|receiver| prime::recon::needs(pre_order, *receiver, originator, seq))
        .collect()
}
