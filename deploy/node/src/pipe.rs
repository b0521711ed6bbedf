//! A bounded way out to one connection that may be slow, dead or not there yet.
//!
//! Whoever sends writes to the socket at once where it takes the bytes; what it does not take is
//! left to a task. A sender never waits: beyond the cap the oldest packets are dropped and
//! counted, since a protocol core retransmits from its state and a client asks again.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::Notify;

/// Longest that a connection may take no byte before it counts as dead.
const STALL: Duration = Duration::from_secs(5);

/// Where sealing packets into one write stops. Unit: bytes.
const WRITE: usize = 256 << 10;

/// Turns a packet into what goes over the wire.
pub(crate) trait Seal: Send {
    /// Appends the sealed `packet` to `out`.
    fn seal(&mut self, packet: &[u8], out: &mut Vec<u8>) -> io::Result<()>;
}

/// Packets go out as they are.
pub(crate) struct Plain;

impl Seal for Plain {
    fn seal(&mut self, packet: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        out.extend_from_slice(packet);
        Ok(())
    }
}

/// One addressee's packets, and the connection to it while there is one.
pub(crate) struct Pipe {
    state: Mutex<State>,
    /// Rung when there is something for [`Pipe::drive`] to do.
    bell: Notify,
    /// Most bytes that wait.
    limit: usize,
    dropped: AtomicU64,
}

#[derive(Default)]
struct State {
    connection: Option<Connection>,
    /// Not sealed yet.
    queue: VecDeque<Arc<[u8]>>,
    /// Bytes in `queue`. At most the pipe's limit, or one packet.
    queued: usize,
}

struct Connection {
    stream: Arc<OwnedWriteHalf>,
    seal: Box<dyn Seal>,
    /// Sealed; the first `sent` bytes are out.
    sealed: Vec<u8>,
    sent: usize,
}

/// What a sender left behind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    Something,
}

impl Pipe {
    /// A pipe in which at most `limit` bytes wait.
    pub(crate) fn new(limit: usize) -> Self {
        Self { state: Mutex::default(), bell: Notify::new(), limit, dropped: AtomicU64::new(0) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends `packet` as soon as the connection takes it. Never waits.
    pub(crate) fn send(&self, packet: Arc<[u8]>) {
        let mut state = self.lock();
        state.queued += packet.len();
        state.queue.push_back(packet);
        while state.queued > self.limit && state.queue.len() > 1 {
            let oldest = state.queue.pop_front().map_or(0, |packet| packet.len());
            state.queued -= oldest;
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        if matches!(state.connection.is_some().then(|| state.pump()), Some(Ok(Left::Nothing))) {
            return;
        }
        drop(state);
        self.bell.notify_one();
    }

    /// Packets that were dropped so far.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Whether there is a connection.
    pub(crate) fn is_connected(&self) -> bool {
        self.lock().connection.is_some()
    }

    /// Sends over `stream`, what waits first, until the connection fails; then detaches it. What
    /// was sealed for it is lost, what was not waits for the next one.
    pub(crate) async fn drive(&self, stream: OwnedWriteHalf, seal: Box<dyn Seal>) -> io::Error {
        let stream = Arc::new(stream);
        let _detach_at_end = Attached(self);
        let connection =
            Connection { stream: Arc::clone(&stream), seal, sealed: Vec::new(), sent: 0 };
        self.lock().connection = Some(connection);
        loop {
            let pumped = self.lock().pump();
            match pumped {
                Ok(Left::Nothing) => self.bell.notified().await,
                Ok(Left::Something) => match tokio::time::timeout(STALL, stream.writable()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => return error,
                    Err(_) => return io::Error::new(io::ErrorKind::TimedOut, "it takes no bytes"),
                },
                Err(error) => return error,
            }
        }
    }
}

impl State {
    /// Writes until nothing is left or the socket takes no more.
    fn pump(&mut self) -> io::Result<Left> {
        let Some(connection) = &mut self.connection else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        loop {
            if connection.sent == connection.sealed.len() {
                connection.sealed.clear();
                connection.sent = 0;
                while connection.sealed.len() < WRITE
                    && let Some(packet) = self.queue.pop_front()
                {
                    self.queued -= packet.len();
                    connection.seal.seal(&packet, &mut connection.sealed)?;
                }
                if connection.sealed.is_empty() {
                    return Ok(Left::Nothing);
                }
            }
            match connection.stream.try_write(&connection.sealed[connection.sent..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => connection.sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(Left::Something);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Detaches the connection even where the task that drives it is cancelled.
struct Attached<'a>(&'a Pipe);

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        self.0.lock().connection = None;
    }
}
