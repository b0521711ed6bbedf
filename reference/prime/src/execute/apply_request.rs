//! The updates of one PO-Request.

use crate::execute::{Effects, State, apply_update};
use crate::pre_order::Content;
use slots::slot;
use wire::{Config, Service};

/// Hands every update of an executable PO-Request to [`apply_update`], in the request's order.
///
/// The client of each is the signer that stands with it: whoever vouched for the content verified
/// the clients' signatures, so they are not looked at again. The same update may stand in several
/// requests, or twice in one; [`apply_update`] sees to it that it is executed once.
/// Does, emits and changes nothing else.
///
/// Paper: 4.1, "Global Ordering Phase". Deviation: requests carry batches.
///
/// Invariant: the updates of a request meet their clients' tables in the request's order, and each
/// is applied as if it had come alone.
/// Invariant: `prefix` and `executed` do not change.
#[slot(execute.apply_request)]
pub fn apply_request(
    state: &mut State,
    config: &Config,
    service: &mut dyn Service,
    content: &Content,
    effects: &mut Effects,
) {
    for update in content.body.updates.iter() {
        apply_update(state, config, service, update.signer, &update.body, effects);
    }
}
