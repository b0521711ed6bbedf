//! Belongs to no slot.
