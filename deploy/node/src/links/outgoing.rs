//! The sending end of a link: dial, send, dial again.

use super::{HANDSHAKE, noise};
use crate::pipe::Pipe;
use crate::say::{is_worth_saying, say};
use layout::{LinkKey, LinkSecret};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::time::{sleep, timeout};
use wire::ReplicaId;

/// First pause before dialling again; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// Longest pause before dialling again.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// One peer that we send to.
pub(crate) struct Outgoing {
    pub(crate) peer: ReplicaId,
    pub(crate) address: SocketAddr,
    pub(crate) key: LinkKey,
    pub(crate) secret: LinkSecret,
    pub(crate) prologue: Vec<u8>,
    pub(crate) pipe: Arc<Pipe>,
}

impl Outgoing {
    /// Keeps the link up, for ever.
    pub(crate) async fn keep(self) {
        let mut pause = FIRST_PAUSE;
        let mut failures = 0;
        loop {
            match timeout(HANDSHAKE, self.dial()).await.unwrap_or_else(|_| {
                Err(io::Error::new(io::ErrorKind::TimedOut, "it does not answer"))
            }) {
                Ok((stream, sealer)) => {
                    say!("link to replica {} at {} is up", self.peer, self.address);
                    let (back, out) = stream.into_split();
                    let why = tokio::select! {
                        error = self.pipe.drive(out, Box::new(sealer)) => error.to_string(),
                        () = closed(back) => "closed by the other side".to_string(),
                    };
                    say!("link to replica {} is down: {why}", self.peer);
                    (pause, failures) = (FIRST_PAUSE, 0);
                }
                Err(error) => {
                    failures += 1;
                    if is_worth_saying(failures) {
                        self.explain(&error, failures);
                    }
                }
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn dial(&self) -> io::Result<(TcpStream, noise::Sealer)> {
        let mut stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let sealer = noise::dial(&mut stream, &self.secret, &self.key, &self.prologue).await?;
        Ok((stream, sealer))
    }

    fn explain(&self, error: &io::Error, failures: u64) {
        let Self { peer, address, .. } = self;
        let refused = matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof
                | io::ErrorKind::InvalidData
                | io::ErrorKind::ConnectionReset
        );
        if refused {
            say!(
                "replica {peer} at {address} refuses the link or is not who it should be \
                 ({error}, {failures} times): our cluster.toml and its own differ in a link key, \
                 in cluster, epoch or version"
            );
        } else {
            say!("replica {peer} at {address} cannot be reached: {error} ({failures} times)");
        }
    }
}

/// Returns when the other side closes, or says something, which it should not.
async fn closed(mut back: OwnedReadHalf) {
    let _ = back.read(&mut [0; 1]).await;
}
