//! Results of slots: compared, and told from the empty result.

use prime::pre_order::{Content, Relation};
use std::fmt::Debug;
use wire::prime::{Matrix, Message};
use wire::{Digest, Reject};

/// What a slot returns.
pub(crate) trait Output: Debug + Send {
    /// Whether both are the same.
    fn same(&self, other: &Self) -> bool;

    /// Whether it says "nothing".
    fn is_empty(&self) -> bool;

    /// The reason for refusing, if it is one.
    fn reason(&self) -> Option<Reject> {
        None
    }
}

impl Output for () {
    fn same(&self, (): &Self) -> bool {
        true
    }

    fn is_empty(&self) -> bool {
        true
    }
}

impl Output for bool {
    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn is_empty(&self) -> bool {
        !self
    }
}

impl Output for Relation {
    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn is_empty(&self) -> bool {
        *self == Self::Same
    }
}

impl Output for Option<Digest> {
    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn is_empty(&self) -> bool {
        self.is_none()
    }
}

impl Output for Option<Content> {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(this), Some(that)) => same_content(this, that),
            (None, None) => true,
            _ => false,
        }
    }

    fn is_empty(&self) -> bool {
        self.is_none()
    }
}

impl Output for Matrix {
    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn is_empty(&self) -> bool {
        self.rows.iter().all(Option::is_none)
    }
}

impl Output for Result<Message, Reject> {
    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn is_empty(&self) -> bool {
        self.is_err()
    }

    fn reason(&self) -> Option<Reject> {
        self.as_ref().err().copied()
    }
}

impl Output for Result<(), Reject> {
    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn is_empty(&self) -> bool {
        self.is_err()
    }

    fn reason(&self) -> Option<Reject> {
        self.as_ref().err().copied()
    }
}

/// Whether two contents have the same digest and the same body.
pub(crate) fn same_content(this: &Content, that: &Content) -> bool {
    let (one, other) = (&*this.body, &*that.body);
    this.digest == that.digest && (std::ptr::eq(one, other) || one == other)
}
