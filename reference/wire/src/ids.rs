//! Identifiers and counters. All are plain numbers with a type of their own.

use borsh::{BorshDeserialize, BorshSerialize};
use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty), $prefix:literal) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default,
            BorshSerialize, BorshDeserialize,
        )]
        pub struct $name(pub $inner);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

number! {
    /// A server, `1..=n` (report, section 2).
    ReplicaId(u16), "r"
}
number! {
    /// An enrolled client. Each has one key.
    ClientId(u32), "c"
}
number! {
    /// A view; [`crate::Config::leader_of`] names its leader. Starts at 0.
    View(u64), "v"
}
number! {
    /// A global sequence number: the position of a Pre-Prepare. The first is 1; 0 is "none yet".
    Seq(u64), "n"
}
number! {
    /// A preorder sequence number, counted by each originator. The first is 1; 0 is "none yet".
    PoSeq(u64), "s"
}
number! {
    /// A client's own count of its updates. The first is 1.
    ClientSeq(u64), "u"
}
number! {
    /// A moment on the host's monotone clock. Unit: microseconds since an arbitrary start.
    Time(u64), "t"
}

impl ReplicaId {
    /// The row of this replica in a vector indexed by replica.
    ///
    /// Panics for id 0, which [`crate::Config`] and the gate never let through.
    #[must_use]
    pub fn index(self) -> usize {
        assert!(self.0 > 0, "replica ids start at 1");
        usize::from(self.0) - 1
    }

    /// The replica of row `index`. Inverse of [`ReplicaId::index`].
    #[must_use]
    pub fn from_index(index: usize) -> Self {
        Self(u16::try_from(index + 1).expect("at most MAX_REPLICAS rows"))
    }
}

impl PoSeq {
    /// The next one; saturates, so that a hostile maximum cannot wrap.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl Seq {
    /// The next one; saturates.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The one before; 0 stays 0.
    #[must_use]
    pub fn prev(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl ClientSeq {
    /// The next one; saturates.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl Time {
    /// This moment plus `micros`; saturates.
    #[must_use]
    pub fn after(self, micros: u64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Microseconds from `earlier` to this moment; 0 if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Who signs: replicas and clients have keys of their own, never one key in two roles.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub enum Principal {
    /// A server.
    Replica(ReplicaId),
    /// A client.
    Client(ClientId),
}

impl From<ReplicaId> for Principal {
    fn from(id: ReplicaId) -> Self {
        Self::Replica(id)
    }
}

impl From<ClientId> for Principal {
    fn from(id: ClientId) -> Self {
        Self::Client(id)
    }
}
