//! The way into the core: everything that happens, in order of arrival.

use crate::status::Said;
use std::collections::VecDeque;
use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::OwnedSemaphorePermit;
use wire::machine::{Input, Protocol};

/// An input with, where a flight recorder wants them, its bytes.
pub(crate) struct Arrived<P: Protocol> {
    pub(crate) input: Input<P>,
    /// The encoded message, update or log record.
    pub(crate) bytes: Option<Vec<u8>>,
}

/// Something for the core to do.
pub(crate) enum Event<P: Protocol> {
    Input(Arrived<P>),
    /// Somebody wants to know how things are.
    Status(SyncSender<Said>),
    /// Finish what is at hand, and end.
    Stop,
}

/// Events that arrived together.
pub(crate) struct Parcel<P: Protocol> {
    pub(crate) events: Vec<Event<P>>,
    /// The sender's share of memory; given back when the parcel is dropped.
    pub(crate) share: Option<OwnedSemaphorePermit>,
}

/// Parcels that wait for the core. Bounded by the shares of those who send.
pub(crate) struct Mailbox<P: Protocol> {
    state: Mutex<State<P>>,
    bell: Condvar,
}

struct State<P: Protocol> {
    parcels: VecDeque<Parcel<P>>,
    is_awaited: bool,
}

impl<P: Protocol> Mailbox<P> {
    pub(crate) fn new() -> Self {
        let state = State { parcels: VecDeque::new(), is_awaited: false };
        Self { state: Mutex::new(state), bell: Condvar::new() }
    }

    /// Adds a parcel.
    pub(crate) fn put(&self, parcel: Parcel<P>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.parcels.push_back(parcel);
        let is_awaited = std::mem::take(&mut state.is_awaited);
        drop(state);
        if is_awaited {
            self.bell.notify_one();
        }
    }

    /// Adds one event that takes nobody's share.
    pub(crate) fn put_event(&self, event: Event<P>) {
        self.put(Parcel { events: vec![event], share: None });
    }

    /// Moves all that waits to `taken`; if there is nothing, waits for something until `until`
    /// (`None`: for ever).
    pub(crate) fn take(&self, taken: &mut VecDeque<Parcel<P>>, until: Option<Instant>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.parcels.is_empty() {
            state.is_awaited = true;
            state = match until {
                None => self.bell.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let Some(left) = until.checked_duration_since(Instant::now()) else { break };
                    let waited = self.bell.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        state.is_awaited = false;
        taken.append(&mut state.parcels);
    }
}
