//! What a client and a replica say to each other on a client port.
//!
//! Each direction is a sequence of packets: a length (`u32`, little-endian, at most
//! [`MAX_PACKET`]) and a frame of [`wire::codec`], whose messages are [`Request`]s or
//! [`Answer`]s. The replica opens with a [`Answer::Challenge`], and the client's first packet holds
//! its signature of that ([`Hello`]) and nothing else, in at most [`MAX_HELLO`] bytes; what follows are
//! updates. Nothing is encrypted: updates and replies are signed, so what the port adds is privacy at
//! most.
//!
//! A replica waits for the introduction for a bounded time, and closes the connection after it has
//! refused anything on it, since no client of this cluster sends what must be refused.

use borsh::{BorshDeserialize, BorshSerialize};
use std::io::{Error, ErrorKind, Result};
use tokio::io::{AsyncRead, AsyncReadExt};
use wire::{ClientId, ClientSeq, ReplicaId, Reply, Signable, Signed, Update, codec};

/// Largest packet. Unit: bytes.
pub const MAX_PACKET: usize = 1 << 20;

/// Largest first packet of a client. Unit: bytes.
pub const MAX_HELLO: usize = 1 << 10;

/// Proves to one replica, on one connection, that the signer is the client.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Hello {
    /// To whom.
    pub replica: ReplicaId,
    /// Out of the replica's challenge.
    pub nonce: [u8; 32],
}

impl Signable for Hello {
    type Signer = ClientId;
    const KIND: u16 = 0x4001;
}

/// Client to replica.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Request {
    /// "It is I; send my replies here." The first request on a connection, and only that.
    Hello(Signed<Hello>),
    /// "Originate this."
    Update(Signed<Update>),
}

/// Replica to client.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Answer {
    /// The first thing said on a connection.
    Challenge {
        /// Who speaks. Unproven.
        replica: ReplicaId,
        /// To be signed.
        nonce: [u8; 32],
    },
    /// An update was executed.
    Reply(Signed<Reply>),
    /// This replica will not originate the update. Unsigned: a hint, no proof.
    Refused {
        /// Which; 0 where it was not an update.
        seq: ClientSeq,
        /// Why.
        why: Refusal,
    },
}

/// Why a replica refuses a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, thiserror::Error)]
pub enum Refusal {
    /// The client is not enrolled, or it signed for another cluster or with another key.
    #[error("the signature is not that of an enrolled client of this cluster")]
    Unauthentic,
    /// What was sent is no request, or not the one that has its place there.
    #[error("it sent what is no request, or no introduction where one belongs, or a second one")]
    OutOfPlace,
}

/// Packs `messages` into packets, each with its length in front, appended to `out`.
///
/// Panics on a message larger than a packet: requests and answers are smaller.
pub fn pack<T: BorshSerialize>(messages: impl IntoIterator<Item = T>, out: &mut Vec<u8>) {
    let mut batch = Vec::new();
    let mut size = 0;
    let mut close = |batch: &mut Vec<Vec<u8>>| {
        for frame in codec::frames(std::mem::take(batch)) {
            assert!(frame.len() <= MAX_PACKET);
            let length = u32::try_from(frame.len()).expect("a packet's length fits");
            out.extend_from_slice(&length.to_le_bytes());
            out.extend_from_slice(&frame);
        }
    };
    for message in messages {
        let bytes = codec::encode(&message);
        if size + bytes.len() + 4 > MAX_PACKET - 16 {
            close(&mut batch);
            size = 0;
        }
        size += bytes.len() + 4;
        batch.push(bytes);
    }
    close(&mut batch);
}

/// Reads packets off a stream, as many at once as have arrived.
#[derive(Debug)]
pub struct Packets<R> {
    stream: R,
    buffer: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Packets<R> {
    /// Reads from `stream`.
    pub fn new(stream: R) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// The encoded messages of all packets that have arrived; waits for at least one packet.
    /// `None` when the other side has closed. Cancelling loses nothing.
    ///
    /// # Errors
    /// The connection failed, or what arrived is no packet.
    pub async fn next(&mut self) -> Result<Option<Vec<Vec<u8>>>> {
        loop {
            let (mut messages, mut used) = (Vec::new(), 0);
            while let Some((more, end)) = unpack(&self.buffer[used..], MAX_PACKET)? {
                messages.extend(more);
                used += end;
            }
            self.buffer.drain(..used);
            if !messages.is_empty() {
                return Ok(Some(messages));
            }
            if self.fill().await? == 0 {
                return Ok(None);
            }
        }
    }

    /// The encoded messages of the next packet alone, which may have `most` bytes: for one who is not
    /// known yet. Otherwise as [`Packets::next`].
    ///
    /// # Errors
    /// As for [`Packets::next`].
    pub async fn one(&mut self, most: usize) -> Result<Option<Vec<Vec<u8>>>> {
        loop {
            if let Some((messages, end)) = unpack(&self.buffer, most)? {
                self.buffer.drain(..end);
                return Ok(Some(messages));
            }
            if self.fill().await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Reads and forgets, until the other side closes or the connection fails.
    pub async fn drain(&mut self) {
        while matches!(self.fill().await, Ok(read) if read > 0) {
            self.buffer.clear();
        }
    }

    async fn fill(&mut self) -> Result<usize> {
        self.buffer.reserve(16 << 10);
        self.stream.read_buf(&mut self.buffer).await
    }
}

/// The messages of the packet that `bytes` begin with, and where it ends; `None` if it is not all
/// there.
fn unpack(bytes: &[u8], most: usize) -> Result<Option<(Vec<Vec<u8>>, usize)>> {
    let Some(header) = bytes.first_chunk::<4>() else { return Ok(None) };
    let length = u32::from_le_bytes(*header) as usize;
    if length > most {
        let what = format!("a packet of {length} bytes where {most} are allowed");
        return Err(Error::new(ErrorKind::InvalidData, what));
    }
    let Some(packet) = bytes.get(4..4 + length) else { return Ok(None) };
    let messages = codec::unframe(packet)
        .map_err(|malformed| Error::new(ErrorKind::InvalidData, malformed))?;
    Ok(Some((messages, 4 + length)))
}
