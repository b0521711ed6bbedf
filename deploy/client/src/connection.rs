//! One connection to one replica's client port, kept up.

use layout::port::{self, Answer, Hello, Packets, Request};
use std::io::{self, Error, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use wire::{ClientId, ReplicaId, Signer, codec};

/// First pause before connecting again; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// Longest pause before connecting again.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Longest that connecting, or writing one packet, may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a connection tells the driver.
pub(crate) enum Heard {
    /// Introduced; updates may be sent.
    Up(ReplicaId),
    Down(ReplicaId),
    Answers(ReplicaId, Vec<Answer>),
}

/// The task's side of a connection.
pub(crate) struct Connection {
    pub(crate) replica: ReplicaId,
    pub(crate) address: SocketAddr,
    pub(crate) client: ClientId,
    pub(crate) signer: Signer,
    /// Packets to be sent.
    pub(crate) out: mpsc::Receiver<Vec<u8>>,
    pub(crate) heard: mpsc::Sender<Heard>,
}

impl Connection {
    /// Keeps the connection up until the driver is gone.
    pub(crate) async fn keep(mut self) {
        let mut pause = FIRST_PAUSE;
        loop {
            if let Ok(Ok((packets, write))) = timeout(PATIENCE, self.open()).await {
                pause = FIRST_PAUSE;
                if self.heard.send(Heard::Up(self.replica)).await.is_err() {
                    return;
                }
                let _ = tokio::select! {
                    ended = listen(self.replica, packets, &self.heard) => ended,
                    ended = speak(write, &mut self.out) => ended,
                };
                if self.heard.send(Heard::Down(self.replica)).await.is_err() {
                    return;
                }
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            // What was meant for the old connection is sent again when its time comes.
            loop {
                match self.out.try_recv() {
                    Ok(_) => {}
                    Err(mpsc::error::TryRecvError::Empty) => break,
                    Err(mpsc::error::TryRecvError::Disconnected) => return,
                }
            }
        }
    }

    /// Connects and answers the replica's challenge.
    async fn open(&self) -> io::Result<(Packets<OwnedReadHalf>, OwnedWriteHalf)> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (read, mut write) = stream.into_split();
        let mut packets = Packets::new(read);
        let first = packets.next().await?.ok_or(ErrorKind::UnexpectedEof)?;
        let challenge = first.first().and_then(|message| codec::decode(message).ok());
        let Some(Answer::Challenge { nonce, .. }) = challenge else {
            return Err(Error::new(
                ErrorKind::InvalidData,
                "the replica does not open as it should",
            ));
        };
        let hello = Hello { replica: self.replica, nonce };
        let mut bytes = Vec::new();
        let signed = self.signer.sign_all(self.client, vec![hello]);
        port::pack(signed.iter().map(|hello| Request::Hello(hello.signed().clone())), &mut bytes);
        write.write_all(&bytes).await?;
        Ok((packets, write))
    }
}

async fn listen(
    replica: ReplicaId,
    mut packets: Packets<OwnedReadHalf>,
    heard: &mpsc::Sender<Heard>,
) -> io::Result<()> {
    while let Some(messages) = packets.next().await? {
        let answers = messages.iter().map(|message| codec::decode(message));
        let answers: Result<Vec<Answer>, _> = answers.collect();
        let answers = answers.map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
        let told = heard.send(Heard::Answers(replica, answers)).await;
        told.map_err(|_| Error::from(ErrorKind::BrokenPipe))?;
    }
    Ok(())
}

async fn speak(mut write: OwnedWriteHalf, out: &mut mpsc::Receiver<Vec<u8>>) -> io::Result<()> {
    while let Some(mut packet) = out.recv().await {
        while packet.len() < port::MAX_PACKET
            && let Ok(more) = out.try_recv()
        {
            packet.extend(more);
        }
        timeout(PATIENCE, write.write_all(&packet)).await??;
    }
    Err(ErrorKind::BrokenPipe.into())
}
