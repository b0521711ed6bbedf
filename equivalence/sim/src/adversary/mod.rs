//! Byzantine replicas: an [`Adversary`] sits between one replica's correct core and the world.
//!
//! [`Faulty`] joins the two into a [`wire::Machine`], whatever the core is: linked in, or loaded
//! from a library. So what breaks a simulated cluster can stand in a real one.
//!
//! # What an adversary can do
//!
//! It hears whatever reaches its replica, and passes that on to the core, holds it or drops it. It
//! is asked about everything that the core wants to say, and says that, something else, other
//! things to each receiver, later, or nothing. It says things of its own when it likes. It knows
//! the configuration, the time, its core's status and a source of chance.
//!
//! What it says is sealed by the host under its own replica's identity: nobody's signature is
//! forged. It may put into its messages whatever was signed by others and reached it.
//!
//! # What the checkers make of it
//!
//! [`Parameters::faulty`](crate::Parameters::faulty) says who is faulty, and how. Nothing that a
//! faulty replica does or says is a violation; everything that correct ones do is, under the same
//! rules as ever. They may hold faulty replicas for faulty, and nobody else. The faulty stay faulty
//! to the end: in the calm phase the correct ones must serve in spite of them.
//!
//! # Which there are
//!
//! [`Attack`] names them. The head of each one's module says what it does, which defence that is
//! aimed at and where report or design describe it. `tests/adversaries` shows that the reference
//! stands each, and what harm it does where that defence is taken away, around a replica or in its source;
//! `tests/delay.rs` does so for those that only cost time. Friends-only harms nobody, as its head says.
//!
//! Proof mutes: correct replicas vote a convicted leader out whenever it leads, and ask no matrix
//! to cover what a convicted server signed. Adversaries that equivocate therefore choose, once in
//! each life, which lie to spend their conviction on.

mod anything;
mod aru_liar;
mod attack;
mod bogus_change;
mod equivocating_leader;
mod equivocating_originator;
mod faulty;
mod flooder;
mod friends_only;
mod garbage_parts;
mod life_announcer;
mod lying_answers;
mod mixed;
mod one_server;
mod player;
mod proposals;
mod replayer;
mod selective_sender;
mod silent_leader;
mod slanderer;
mod slow_leader;
mod stale_matrices;
mod turn;
mod withheld_number;

pub(crate) use attack::of_prime;
pub use attack::{Adversaries, Attack};
pub use faulty::Faulty;
pub(crate) use player::Player;
pub use turn::{Saying, Turn};

use wire::{Input, Protocol, Reply, Time, To};

/// Tampers with one replica of protocol `P`. Every method may act through the [`Turn`]; the default
/// ones make a correct replica.
///
/// Deterministic: all chance comes from [`Turn::rng`].
pub trait Adversary<P: Protocol>: Send {
    /// A message or a client's update reaches the replica; the core gets what is given to
    /// [`Turn::hear`]. Its own broadcasts come back here too, as the host sealed them.
    fn hears(&mut self, turn: &mut Turn<'_, P>, input: Input<P>) {
        turn.hear(input);
    }

    /// The core wants to say something. Must not call [`Turn::hear`].
    fn says(&mut self, turn: &mut Turn<'_, P>, to: To, saying: Saying<P>) {
        turn.say(to, saying);
    }

    /// The core wants to answer a client.
    fn answers(&mut self, turn: &mut Turn<'_, P>, reply: Reply) {
        turn.answer(reply);
    }

    /// When [`Adversary::wakes`] is to be called, whatever the core does.
    fn deadline(&self) -> Option<Time> {
        None
    }

    /// Its deadline has come. Afterwards there is a later one, or none.
    fn wakes(&mut self, _turn: &mut Turn<'_, P>) {}

    /// A copy that goes its own way.
    fn fork(&self) -> Box<dyn Adversary<P>>;
}
