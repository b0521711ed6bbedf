//! A small machine: each round looks at the number that is next in turn, a table of obstacles decides
//! what becomes of it, and what follows is carried out as a list of commands.

use prime::order::{Effects, State, advance, follows};
use wire::prime::{Incoming, Matrix, PrePrepare, Prepare};
use wire::{Config, Effect, Record, Reject, ReplicaId, Seq, To, Verified};

/// What the decision depends on.
struct Facts<'a> {
    state: &'a State,
    config: &'a Config,
    pre_prepare: &'a Verified<PrePrepare>,
    /// Whether Q servers are known to have committed it.
    committed: bool,
}

impl Facts<'_> {
    fn own(&self) -> bool {
        self.pre_prepare.signer() == self.state.me
    }

    /// Whether a token must be taken, and the number flooded and voted for.
    fn costly(&self) -> bool {
        !self.committed && !self.own()
    }
}

/// What becomes of the Pre-Prepare that is next in turn.
#[derive(Clone, Copy)]
enum Verdict {
    /// It stays where it is.
    Wait,
    /// It is removed.
    Refuse,
    /// It is accepted.
    Accept,
}

/// An obstacle, and what becomes of the Pre-Prepare that meets it.
type Obstacle = (fn(&Facts<'_>) -> bool, Verdict);

/// Tried in order.
const OBSTACLES: [Obstacle; 2] = [
    (|facts| facts.costly() && facts.state.tokens == 0, Verdict::Wait),
    (
        |facts| {
            !facts.committed
                && !follows(
                    facts.config,
                    &facts.state.preceding,
                    &facts.pre_prepare.body().matrix,
                )
        },
        Verdict::Refuse,
    ),
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

/// What one round comes to.
struct Round {
    seq: Seq,
    pre_prepare: Verified<PrePrepare>,
    verdict: Verdict,
    /// Whether it takes a token if it is accepted.
    costly: bool,
}

/// Judges the Pre-Prepare that is next in turn, if there is one.
fn judge(state: &State, config: &Config) -> Option<Round> {
    let seq = Seq(state.accepted.0.checked_add(1)?);
    let slot = state.slots.get(&seq)?;
    let pre_prepare = slot.pre_prepare.as_ref()?;
    let facts = Facts { state, config, pre_prepare, committed: slot.committed };
    let met = OBSTACLES.iter().find(|(meets, _)| meets(&facts));
    Some(Round {
        seq,
        pre_prepare: pre_prepare.clone(),
        verdict: met.map_or(Verdict::Accept, |(_, verdict)| *verdict),
        costly: facts.costly(),
    })
}

/// What is to be done about a Pre-Prepare that is accepted.
fn draw_up(me: ReplicaId, config: &Config, round: &Round) -> Vec<Command> {
    let mut commands = vec![Command::Hold];
    if round.costly {
        let leader = round.pre_prepare.signer();
        let others = config.replicas().filter(|peer| *peer != me && *peer != leader);
        commands.extend(others.map(Command::Flood));
        commands.push(Command::Vote);
    }
    commands
}

/// Carries out `command` about `pre_prepare`.
fn perform(command: Command, pre_prepare: &Verified<PrePrepare>, effects: &mut Effects) {
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

/// Notes that number `seq` with `matrix` is accepted.
fn note(state: &mut State, seq: Seq, matrix: &Matrix, costly: bool) {
    state.accepted = seq;
    state.preceding = matrix.clone();
    if state.proposed < seq {
        state.proposed = seq;
        state.proposal = matrix.clone();
    }
    if costly {
        state.tokens = state.tokens.saturating_sub(1);
    }
}

/// Accepts every Pre-Prepare that is next in turn, in order.
pub fn accept(state: &mut State, config: &Config, effects: &mut Effects) {
    while state.votes()
        && let Some(round) = judge(state, config)
    {
        match round.verdict {
            Verdict::Wait => return,
            Verdict::Refuse => {
                if let Some(slot) = state.slots.get_mut(&round.seq) {
                    slot.pre_prepare = None;
                }
                effects.reject(round.pre_prepare.signer(), Reject::Invalid);
                return;
            }
            Verdict::Accept => {
                note(state, round.seq, &round.pre_prepare.body().matrix, round.costly);
                for command in draw_up(state.me, config, &round) {
                    perform(command, &round.pre_prepare, effects);
                }
                advance(state, config, round.seq, effects);
            }
        }
    }
}
