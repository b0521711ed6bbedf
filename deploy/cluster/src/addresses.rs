//! Where replicas listen.

use crate::ClusterError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use wire::ReplicaId;

/// The three addresses of one replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addresses {
    /// For replicas.
    pub peer: SocketAddr,
    /// For clients.
    pub client: SocketAddr,
    /// For whoever wants to know how it is.
    pub status: SocketAddr,
}

/// Lowest port that is chosen.
const LOWEST: u16 = 10_000;

/// Where the system's own choice of ports begins, if it does not say.
const EPHEMERAL: u16 = 32_768;

/// Ports that are tried before giving up.
const TRIES: usize = 10_000;

/// Free loopback ports for `n` replicas.
///
/// They lie below the range from which the system takes ports for outgoing connections: else a
/// replica that is restarted could find its port taken by somebody's connection.
pub(crate) fn free(n: u16) -> Result<BTreeMap<ReplicaId, Addresses>, ClusterError> {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range");
    let low = range.ok().and_then(|text| text.split_whitespace().next()?.parse().ok());
    let low = low.unwrap_or(EPHEMERAL).max(LOWEST + 10_000);
    let mut held = Vec::new();
    let mut tries = 0;
    while held.len() < usize::from(n) * 3 {
        let mut random = [0; 2];
        getrandom::fill(&mut random).map_err(std::io::Error::other)?;
        let port = LOWEST + u16::from_le_bytes(random) % (low - LOWEST);
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(listener) => held.push((SocketAddr::from((Ipv4Addr::LOCALHOST, port)), listener)),
            Err(error) if error.kind() != ErrorKind::AddrInUse => return Err(error.into()),
            Err(_) if tries < TRIES => tries += 1,
            Err(_) => return Err(ClusterError::NoPorts { from: LOWEST, to: low - 1 }),
        }
    }
    let addresses = held.chunks_exact(3).map(|three| Addresses {
        peer: three[0].0,
        client: three[1].0,
        status: three[2].0,
    });
    Ok((1..=n).map(ReplicaId).zip(addresses).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HostsFile {
    host: Vec<HostLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HostLine {
    id: u16,
    peer: SocketAddr,
    client: SocketAddr,
    status: SocketAddr,
}

/// Reads a hosts file: TOML with a `[[host]]` for each replica, each with `id`, `peer`, `client`
/// and `status`, the latter three as `IP:PORT`.
///
/// # Errors
/// [`ClusterError::Hosts`]: not such a file, or a replica of `1..=n` is missing.
pub fn read_hosts(path: &Path, n: u16) -> Result<BTreeMap<ReplicaId, Addresses>, ClusterError> {
    let wrong = |what: String| ClusterError::Hosts { path: path.to_path_buf(), what };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let file: HostsFile = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
        wrong(format!("line {line}: {}", error.message()))
    })?;
    let hosts: BTreeMap<_, _> = file
        .host
        .into_iter()
        .map(|HostLine { id, peer, client, status }| {
            (ReplicaId(id), Addresses { peer, client, status })
        })
        .collect();
    match (1..=n).find(|id| !hosts.contains_key(&ReplicaId(*id))) {
        Some(id) => Err(wrong(format!("there is no [[host]] with id = {id}"))),
        None => Ok(hosts),
    }
}
