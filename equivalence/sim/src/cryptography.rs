//! With what the replicas and clients of a simulated cluster sign.
//!
//! Under [`Cryptography::Real`] signing and verifying is what it is at a deployed host, by the same code
//! ([`wire::ed25519`]). Keys are derived from the cluster's name, which every seed makes anew, so a run
//! is a function of its seed still. Shares of threshold signatures stay stubs: the library that makes
//! real ones is C, stands to the right of the simulator, and would have to stand in every replica that
//! is loaded.

use crate::host::Counting;
use boundary::SchemeKind;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use wire::auth::Scheme;
use wire::ed25519::{Ed25519, PublicKey, SecretKey};
use wire::stub::Stub;
use wire::{ClientId, Config, Digest, Principal, ReplicaId};

/// What signatures are in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cryptography {
    /// Digests that anyone can make ([`wire::stub`]).
    #[default]
    Stub,
    /// Ed25519, as in a deployed cluster.
    Real,
}

impl FromStr for Cryptography {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "stub" => Ok(Self::Stub),
            "real" => Ok(Self::Real),
            _ => Err(format!("--cryptography takes real or stub, not `{name}`")),
        }
    }
}

impl fmt::Display for Cryptography {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stub => "stub",
            Self::Real => "real",
        })
    }
}

/// The keys of one cluster.
pub(crate) struct Keys {
    cluster: Digest,
    /// Everybody's, if signatures are real.
    roster: Option<BTreeMap<Principal, PublicKey>>,
}

impl Keys {
    /// Those of the replicas of `config` and of so many clients.
    pub(crate) fn new(cryptography: Cryptography, config: &Config, clients: u32) -> Self {
        let cluster = config.cluster;
        let roster = || {
            let replicas = config.replicas().map(Principal::from);
            let all = replicas.chain((1..=clients).map(|id| ClientId(id).into()));
            all.map(|principal| (principal, secret(&cluster, principal).public())).collect()
        };
        Self { cluster, roster: (cryptography == Cryptography::Real).then(roster) }
    }

    /// Signs for `principal`, and verifies nobody.
    pub(crate) fn signing(&self, principal: Principal) -> Arc<dyn Scheme> {
        match &self.roster {
            None => Arc::new(Stub(principal)),
            Some(_) => {
                Arc::new(Ed25519::new(secret(&self.cluster, principal), BTreeMap::default()))
            }
        }
    }

    /// Verifies everybody, and the count of what it verified.
    pub(crate) fn verifying(&self) -> (Counting, Arc<AtomicU64>) {
        let me = ReplicaId(1).into();
        match &self.roster {
            None => Counting::new(Stub(me)),
            Some(roster) => Counting::new(Ed25519::new(secret(&self.cluster, me), roster.clone())),
        }
    }

    /// What a machine in a library verifies with.
    pub(crate) fn kind(&self) -> SchemeKind {
        match &self.roster {
            None => SchemeKind::Stub,
            Some(roster) => {
                SchemeKind::Ed25519(roster.iter().map(|(id, key)| (*id, key.bytes())).collect())
            }
        }
    }
}

/// The key of `principal` in a simulated cluster: whoever knows the cluster's name knows it.
fn secret(cluster: &Digest, principal: Principal) -> SecretKey {
    SecretKey::from_seed(&Digest::of_value("patchy simulated key 1", &(cluster, principal)).0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::gate;
    use wire::auth::{AuthError, Context};
    use wire::prime::Prepare;
    use wire::{Seq, Signed, Signer, View};

    fn config(seed: u64) -> Config {
        Config::new(Digest::of_value("test", &seed), 4, 1, 0)
    }

    /// A vote in the name of replica 2, signed by `scheme`.
    fn vote(config: &Config, scheme: Arc<dyn Scheme>) -> Signed<Prepare> {
        let body = Prepare { view: View(0), seq: Seq(1), digest: Digest::default() };
        let signer = Signer::new(Context::from(config), scheme);
        signer.sign_all(ReplicaId(2), vec![body]).remove(0).signed().clone()
    }

    #[test]
    fn only_the_key_that_is_enrolled_under_a_name_signs_for_it() {
        let real = |seed| Keys::new(Cryptography::Real, &config(seed), 1);
        let keys = real(1);
        let verdict = |scheme| {
            let (scheme_of_gate, _) = keys.verifying();
            let gate = gate(&config(1), scheme_of_gate);
            gate.verify(vote(&config(1), scheme)).err()
        };
        let two = Principal::from(ReplicaId(2));
        assert_eq!(verdict(real(1).signing(two)), None, "keys are a function of the cluster");
        let others: [Arc<dyn Scheme>; 4] = [
            keys.signing(ReplicaId(3).into()),
            keys.signing(ClientId(2).into()),
            real(2).signing(two),
            Arc::new(Stub(two)),
        ];
        for other in others {
            assert_eq!(verdict(other), Some(AuthError::Signature));
        }
    }

    #[test]
    fn names_are_read_as_they_are_printed() {
        for cryptography in [Cryptography::Stub, Cryptography::Real] {
            assert_eq!(cryptography.to_string().parse(), Ok(cryptography));
        }
        let error = "rsa".parse::<Cryptography>().unwrap_err();
        assert!(error.contains("`rsa`"), "{error}");
    }
}
