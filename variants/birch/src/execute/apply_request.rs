//! Every update of an executable PO-Request, in the request's order.

use prime::execute::Effects;
use prime::execute::State;
use prime::pre_order::Content;
use wire::Config;
use wire::Service;

/// 4.1, "Global Ordering Phase"
pub fn apply_request(
    state: &mut State,
    config: &Config,
    service: &mut dyn Service,
    content: &Content,
    effects: &mut Effects,
) {
    content
        .body
        .updates
        .iter()
        .map(|signed| (signed.signer, &signed.body))
        .for_each(|(client, update)| {
            prime::execute::apply_update(state, config, service, client, update, effects);
        });
}
