//! Authenticated, encrypted byte streams between replicas: Noise IK.
//!
//! The dialling side knows the other's key beforehand and sends its own, encrypted, in the first
//! message; the answering side looks that key up. Cluster, epoch and the format of the messages
//! are bound as the prologue: sides that disagree on any of them cannot shake hands.
//!
//! The first message proves nothing about who sends it now: whoever recorded one can send it again. So
//! the dialling side confirms the answer with a record of nothing, which takes the keys of this very
//! handshake, and before that has come the answering side treats the other as a stranger.
//!
//! On the wire every handshake message and every record is a length (`u16`, little-endian) and
//! that many bytes. The records' plaintexts, joined, are a sequence of packets: a length (`u32`,
//! at most [`codec::MAX_FRAME`]) and a frame.

use crate::pipe::Seal;
use layout::{LinkKey, LinkSecret};
use snow::{Builder, HandshakeState, TransportState};
use std::io::{self, Error, ErrorKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use wire::{Config, codec};

/// AES-GCM, for which processors have instructions: small records are most of what a lightly loaded
/// cluster sends, and ChaCha20-Poly1305 spends several times as long on each.
const PATTERN: &str = "Noise_IK_25519_AESGCM_BLAKE2s";

/// Largest ciphertext of a record.
const MAX_RECORD: usize = 65_535;

/// What encryption adds to a record.
const TAG: usize = 16;

/// Largest handshake message that is accepted; real ones have 96 and 48 bytes.
const MAX_HANDSHAKE: usize = 256;

/// What both sides must agree on before they talk.
pub(crate) fn prologue(config: &Config) -> Vec<u8> {
    codec::encode(&("patchy link 2", codec::FORMAT, config.cluster, config.epoch))
}

fn failed(error: snow::Error) -> Error {
    Error::new(ErrorKind::InvalidData, format!("the handshake failed ({error})"))
}

fn builder<'a>(secret: &'a LinkSecret, prologue: &'a [u8]) -> Result<Builder<'a>, snow::Error> {
    let params = PATTERN.parse().expect("a pattern that snow knows");
    Builder::new(params).local_private_key(secret.bytes())?.prologue(prologue)
}

async fn send(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).expect("handshake messages are small");
    stream.write_all(&[&length.to_le_bytes()[..], message].concat()).await
}

async fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = usize::from(stream.read_u16_le().await?);
    if length > MAX_HANDSHAKE {
        return Err(Error::new(ErrorKind::InvalidData, "no handshake message is that long"));
    }
    let mut message = vec![0; length];
    stream.read_exact(&mut message).await?;
    Ok(message)
}

fn write(state: &mut HandshakeState) -> io::Result<Vec<u8>> {
    let mut message = vec![0; MAX_HANDSHAKE];
    let length = state.write_message(&[], &mut message).map_err(failed)?;
    message.truncate(length);
    Ok(message)
}

/// Dials: only the holder of `remote`'s secret can answer.
pub(crate) async fn dial(
    stream: &mut TcpStream,
    secret: &LinkSecret,
    remote: &LinkKey,
    prologue: &[u8],
) -> io::Result<Sealer> {
    let mut state = builder(secret, prologue)
        .and_then(|builder| builder.remote_public_key(&remote.0)?.build_initiator())
        .map_err(failed)?;
    send(stream, &write(&mut state)?).await?;
    let answer = receive(stream).await?;
    state.read_message(&answer, &mut []).map_err(failed)?;
    let mut transport = state.into_transport_mode().map_err(failed)?;
    let mut confirmation = vec![0; TAG];
    transport.write_message(&[], &mut confirmation).map_err(failed)?;
    send(stream, &confirmation).await?;
    Ok(Sealer { transport, plain: Vec::new() })
}

/// Answers a dial if `known` finds the other's key; gives what it found, once the other side has
/// shown that it is there and holds that key's secret.
///
/// # Errors
/// The connection failed, the other side is not `known`, or its messages are none of a handshake.
pub(crate) async fn answer<T>(
    stream: &mut TcpStream,
    secret: &LinkSecret,
    prologue: &[u8],
    known: impl FnOnce(LinkKey) -> io::Result<T>,
) -> io::Result<(T, TransportState)> {
    let mut state = builder(secret, prologue).and_then(Builder::build_responder).map_err(failed)?;
    let first = receive(stream).await?;
    state.read_message(&first, &mut []).map_err(failed)?;
    let remote = state.get_remote_static().and_then(|key| <[u8; 32]>::try_from(key).ok());
    let found = known(remote.map(LinkKey).ok_or_else(|| failed(snow::Error::Input))?)?;
    send(stream, &write(&mut state)?).await?;
    let mut transport = state.into_transport_mode().map_err(failed)?;
    let confirmation = receive(stream).await?;
    transport.read_message(&confirmation, &mut [0; MAX_HANDSHAKE]).map_err(failed)?;
    Ok((found, transport))
}

/// Encrypts packets.
pub(crate) struct Sealer {
    transport: TransportState,
    plain: Vec<u8>,
}

impl Seal for Sealer {
    fn seal(&mut self, packet: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let length = u32::try_from(packet.len()).expect("frames are bounded");
        self.plain.clear();
        self.plain.extend_from_slice(&length.to_le_bytes());
        self.plain.extend_from_slice(packet);
        for plain in self.plain.chunks(MAX_RECORD - TAG) {
            let at = out.len();
            let length = plain.len() + TAG;
            let prefix = u16::try_from(length).expect("a record's length fits");
            out.extend_from_slice(&prefix.to_le_bytes());
            out.resize(at + 2 + length, 0);
            self.transport.write_message(plain, &mut out[at + 2..]).map_err(failed)?;
        }
        Ok(())
    }
}

/// Decrypts packets off a stream.
pub(crate) struct Opener {
    stream: OwnedReadHalf,
    transport: TransportState,
    /// Ciphertext that has arrived.
    sealed: Vec<u8>,
    /// Plaintext of an incomplete packet. At most one packet and one record.
    plain: Vec<u8>,
}

impl Opener {
    pub(crate) fn new(stream: OwnedReadHalf, transport: TransportState) -> Self {
        Self { stream, transport, sealed: Vec::new(), plain: Vec::new() }
    }

    /// All packets that have arrived, at least one; `None` when the other side has closed.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Vec<Vec<u8>>>> {
        loop {
            let packets = self.open()?;
            if !packets.is_empty() {
                return Ok(Some(packets));
            }
            self.sealed.reserve(MAX_RECORD + 2);
            if self.stream.read_buf(&mut self.sealed).await? == 0 {
                return Ok(None);
            }
        }
    }

    fn open(&mut self) -> io::Result<Vec<Vec<u8>>> {
        let mut packets = Vec::new();
        let mut used = 0;
        while let Some(header) = self.sealed[used..].first_chunk::<2>() {
            let end = used + 2 + usize::from(u16::from_le_bytes(*header));
            let Some(record) = self.sealed.get(used + 2..end) else { break };
            let at = self.plain.len();
            self.plain.resize(at + record.len(), 0);
            let length =
                self.transport.read_message(record, &mut self.plain[at..]).map_err(failed)?;
            self.plain.truncate(at + length);
            used = end;
            self.split(&mut packets)?;
        }
        self.sealed.drain(..used);
        Ok(packets)
    }

    fn split(&mut self, packets: &mut Vec<Vec<u8>>) -> io::Result<()> {
        let mut used = 0;
        while let Some(header) = self.plain[used..].first_chunk::<4>() {
            let length = u32::from_le_bytes(*header) as usize;
            if length > codec::MAX_FRAME {
                let what = format!("a frame of {length} bytes, {} are allowed", codec::MAX_FRAME);
                return Err(Error::new(ErrorKind::InvalidData, what));
            }
            let Some(packet) = self.plain.get(used + 4..used + 4 + length) else { break };
            packets.push(packet.to_vec());
            used += 4 + length;
        }
        self.plain.drain(..used);
        Ok(())
    }
}
