//! A small machine: each round looks at the number that is next in turn, a table of obstacles decides
//! whether it is accepted, and what follows is carried out as a list of commands.

use prime::order::{State, advance, follows};
use wire::prime::{Incoming, Matrix, PrePrepare, Prepare, Prime};
use wire::{Config, Effect, Effects, Record, ReplicaId, Seq, To, Verified};

/// What the decision depends on.
struct Facts<'a> {
    state: &'a State,
    config: &'a Config,
    pre_prepare: &'a Verified<PrePrepare>,
    /// Whether a token must be taken: another server's proposal that was not committed by Q servers.
    costly: bool,
}

impl Facts<'_> {
    fn own(&self) -> bool {
        self.pre_prepare.signer() == self.state.me
    }
}

/// Each keeps the Pre-Prepare from being accepted.
const OBSTACLES: [fn(&Facts<'_>) -> bool; 3] = [
    |facts| facts.pre_prepare.body().view != facts.state.view,
    |facts| facts.costly && facts.state.tokens == 0,
    |facts| {
        !follows(facts.config, &facts.state.preceding, &facts.pre_prepare.body().matrix)
    },
];

/// What is to be done once the state says that the number is accepted.
enum Command {
    /// Log the Pre-Prepare.
    Hold,
    /// Pass it on to one server.
    Flood(ReplicaId),
    /// Vote for it.
    Vote,
}

/// The Pre-Prepare that is next in turn, whether it costs a token, and what is to be done, if it may be
/// accepted.
fn next(state: &State, config: &Config) -> Option<(Verified<PrePrepare>, bool, Vec<Command>)> {
    if !state.votes() {
        return None;
    }
    let slot = state.slots.get(&Seq(state.accepted.0.checked_add(1)?))?;
    let pre_prepare = slot.pre_prepare.as_ref()?;
    let costly = !slot.committed && pre_prepare.signer() != state.me;
    let facts = Facts { state, config, pre_prepare, costly };
    if OBSTACLES.iter().any(|obstacle| obstacle(&facts)) {
        return None;
    }
    let mut commands = vec![Command::Hold];
    if !facts.own() {
        let leader = pre_prepare.signer();
        commands.extend(
            config
                .replicas()
                .filter(|peer| *peer != state.me && *peer != leader)
                .map(Command::Flood),
        );
        commands.push(Command::Vote);
    }
    Some((pre_prepare.clone(), costly, commands))
}

/// Carries out `command` about `pre_prepare`.
fn perform(command: Command, pre_prepare: &Verified<PrePrepare>, effects: &mut Effects<Prime>) {
    let message = || Incoming::from(pre_prepare.clone());
    match command {
        Command::Hold => effects.persist(Record::Held(message())),
        Command::Flood(peer) => {
            effects.push(Effect::Relay { to: To::One(peer), message: message() });
        }
        Command::Vote => {
            let PrePrepare { view, seq, .. } = *pre_prepare.body();
            effects.promise(To::All, Prepare { view, seq, digest: pre_prepare.digest() });
        }
    }
}

/// Notes that the number with `matrix` is accepted.
fn note(state: &mut State, matrix: &Matrix, costly: bool) {
    state.accepted = Seq(state.accepted.0.saturating_add(1));
    state.preceding = matrix.clone();
    if state.proposed < state.accepted {
        state.proposed = state.accepted;
        state.proposal = matrix.clone();
    }
    if costly {
        state.tokens = state.tokens.saturating_sub(1);
    }
}

/// Accepts every Pre-Prepare that is next in turn, in order.
pub fn accept(state: &mut State, config: &Config, effects: &mut Effects<Prime>) {
    while let Some((pre_prepare, costly, commands)) = next(state, config) {
        note(state, &pre_prepare.body().matrix, costly);
        for command in commands {
            perform(command, &pre_prepare, effects);
        }
        advance(state, config, state.accepted, effects);
    }
}
