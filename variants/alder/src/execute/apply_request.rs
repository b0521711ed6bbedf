//! Execution of one PO-Request: its updates in order, each as if it had come alone.

use prime::execute::{Effects, State};
use prime::pre_order::Content;
use wire::{Config, Service};

/// Hands every update of `content` to `apply_update`, in order.
pub fn apply_request(
    state: &mut State,
    config: &Config,
    service: &mut dyn Service,
    content: &Content,
    effects: &mut Effects,
) {
    let updates = &content.body.updates;
    let count = updates.len();
    let mut at = 0;
    while at < count {
        let Some(signed) = updates.get(at) else {
            return;
        };
        prime::execute::apply_update(state, config, service, signed.signer, &signed.body, effects);
        at += 1;
    }
}
