//! From a peer's frame to inputs: decode, check the shape, authenticate. Runs on the readers'
//! tasks, so that the core meets verified messages only and verification uses every processor.

use crate::counters::Counters;
use crate::mailbox::{Arrived, Event};
use std::sync::Arc;
use wire::codec::{self, Malformed};
use wire::machine::{Decoder, Input, Machine, Protocol, Reject};
use wire::{Gate, Verified};

/// Everything needed to judge bytes.
pub(crate) struct Verifier<P: Protocol> {
    pub(crate) decoder: Decoder<P>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) counters: Arc<Counters>,
    /// Whether inputs keep their bytes.
    pub(crate) keeps_bytes: bool,
}

impl<P: Protocol> Verifier<P> {
    /// A verifier that decodes as `machine` does.
    pub(crate) fn new<M: Machine<Protocol = P>>(
        machine: &M,
        gate: Arc<Gate>,
        counters: Arc<Counters>,
        keeps_bytes: bool,
    ) -> Self {
        Self { decoder: machine.decoder(), gate, counters, keeps_bytes }
    }

    /// The messages of one frame, as they came, in order.
    ///
    /// # Errors
    /// [`Malformed`] when the frame itself is none.
    pub(crate) fn unframe(&self, frame: &[u8]) -> Result<Vec<Vec<u8>>, Malformed> {
        let messages = codec::unframe(frame)?;
        self.counters.received_messages.add(messages.len());
        self.counters.received_bytes.add(frame.len());
        Ok(messages)
    }

    /// One message of a peer, if it holds.
    ///
    /// # Errors
    /// Why it does not. That is counted.
    pub(crate) fn message(&self, bytes: Vec<u8>) -> Result<Event<P>, Reject> {
        let admitted = self.admit(&bytes);
        let incoming = admitted.inspect_err(|reason| self.counters.reject(*reason))?;
        let bytes = self.keeps_bytes.then_some(bytes);
        Ok(Event::Input(Arrived { input: Input::Message(incoming), bytes }))
    }

    /// One message.
    pub(crate) fn admit(&self, bytes: &[u8]) -> Result<P::Incoming, Reject> {
        if bytes.len() > codec::MAX_MESSAGE {
            return Err(Reject::Malformed);
        }
        let message = (self.decoder)(bytes)?;
        P::admit(&self.gate, message).map_err(|_| Reject::Unauthentic)
    }

    /// An update of a client, already authenticated.
    pub(crate) fn update(&self, update: Verified<wire::Update>) -> Event<P> {
        let bytes = self.keeps_bytes.then(|| codec::encode(update.signed()));
        Event::Input(Arrived { input: Input::Update(update), bytes })
    }
}
