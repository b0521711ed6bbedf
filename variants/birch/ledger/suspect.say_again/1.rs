//! `suspect.say_again`: messages may be lost, so what still matters is repeated.

use prime::suspect::{Effects, INFINITE, State};
use wire::prime::{Body, NewLeader, TatUb};
use wire::{Config, To, View};

/// Says again the own bound, the own vote and, until the view is settled, the proof of its election.
pub fn say_again(state: &mut State, _config: &Config, effects: &mut Effects) {
    let bound = Some(state.announced).filter(|&alpha| alpha != INFINITE).map(|alpha| {
        (To::All, Body::from(TatUb { view: state.view, alpha }))
    });
    let vote = state.suspects.then(|| {
        (To::All, Body::from(NewLeader { view: View(state.view.0.saturating_add(1)) }))
    });
    let proof = state
        .proof
        .as_ref()
        .filter(|_| !state.settled)
        .map(|proof| (To::Others, Body::from(proof.clone())));
    [bound, vote, proof].into_iter().flatten().for_each(|(to, body)| effects.send(to, body));
}
