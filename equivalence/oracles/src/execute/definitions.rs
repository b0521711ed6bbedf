//! What becomes of an update that was ordered.

use crate::expected::Expected;
use prime::execute::State;
use wire::auth::Context;
use wire::client::Outcome;
use wire::prime::Prime;
use wire::{Blob, ClientId, ClientSeq, Effect, Reply, Update};

/// `apply_update`: executed if its turn has come, with what waited for it; else answered again,
/// held back or refused.
///
/// What the service answers is not known here: whatever stands in a `Reply` of `got` at its place,
/// if it is of the service's kind, must stand in the state as well.
pub(super) fn apply(
    expected: &mut Expected<'_, State>,
    client: ClientId,
    update: &Update,
    got: &[Effect<Prime>],
) {
    let window = expected.config.windows.client;
    let table = expected.state.clients.get(&client).cloned().unwrap_or_default();
    let (low, seq) = (table.low, update.seq);
    if seq <= low {
        expected.since("u <= low: the answer kept for u, or `Forgotten`");
        let result = table.replies.get(&seq).cloned().unwrap_or(Outcome::Forgotten);
        expected.reply(Reply { client, seq, result });
    } else if seq == low.next() {
        expected.since("u = low + 1: it is executed, and what was held without a gap after it");
        let waiting = (seq.0..u64::MAX).map_while(|n| table.held.get(&ClientSeq(n + 1)));
        for update in std::iter::once(update).chain(waiting) {
            execute(expected, client, update, got);
        }
    } else if seq.0 <= low.0.saturating_add(window) {
        expected.since("low + 1 < u <= low + w: it is held back, unless one is");
        let table = expected.state.clients.entry(client).or_default();
        table.held.entry(seq).or_insert_with(|| update.clone());
    } else {
        expected.since("low + w < u: `BeyondWindow`, and nothing is remembered");
        expected.reply(Reply { client, seq, result: Outcome::BeyondWindow });
    }
}

/// The number after the last one executed counts as executed.
fn execute(
    expected: &mut Expected<'_, State>,
    client: ClientId,
    update: &Update,
    got: &[Effect<Prime>],
) {
    let (window, seq) = (expected.config.windows.client, update.seq);
    expected.state.index = expected.state.index.saturating_add(1);
    let leaf = Context::from(expected.config).leaf(client, update);
    expected.executed(expected.state.index, client, leaf);
    let result = match got.get(expected.emitted()) {
        Some(Effect::Reply(Reply { result: Outcome::Done(answer), .. })) => answer.clone(),
        _ => Blob::default(),
    };
    let result = Outcome::Done(result);
    let table = expected.state.clients.entry(client).or_default();
    table.low = seq;
    table.held.remove(&seq);
    table.replies.insert(seq, result.clone());
    table.replies.retain(|n, _| n.0.checked_add(window) != Some(seq.0));
    expected.reply(Reply { client, seq, result });
}
