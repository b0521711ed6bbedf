//! The updates of a request as a work list, taken from its head until it is empty.

use prime::execute::{Effects, State, apply_update};
use prime::pre_order::Content;
use wire::{Config, Service, Signed, Update};

/// One item of work: the update at the head of what is left, and the rest.
fn next(work: &[Signed<Update>]) -> Option<(&Signed<Update>, &[Signed<Update>])> {
    work.split_first()
}

/// Hands every update of the request to `apply_update`, in the request's order.
pub fn apply_request(
    state: &mut State,
    config: &Config,
    service: &mut dyn Service,
    content: &Content,
    effects: &mut Effects,
) {
    let mut work: &[Signed<Update>] = &content.body.updates;
    while let Some((update, rest)) = next(work) {
        apply_update(state, config, &mut *service, update.signer, &update.body, effects);
        work = rest;
    }
}
