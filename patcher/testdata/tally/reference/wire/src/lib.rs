//! What all replicas agree on.

/// Something that a client wants counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// What is counted.
    pub payload: Vec<u8>,
}

/// What a step wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The total so far.
    Total(u64),
    /// Something was dropped.
    Reject(Reason),
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Why something was dropped.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

reasons! {
    /// Nothing is in it.
    Empty,
    /// It is longer than allowed.
    Long,
}

/// Effects in order.
#[derive(Debug, Default)]
pub struct Effects(Vec<Effect>);

impl Effects {
    /// Adds one.
    pub fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }

    /// Takes all.
    pub fn take(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.0)
    }

    fn secret(&self) -> usize {
        self.0.len()
    }
}

/// A replica without sockets.
pub trait Machine {
    /// One that knows nothing.
    fn new() -> Self;
    /// Takes one update.
    fn step(&mut self, update: &Update, effects: &mut Effects);
    /// How many steps a batch has.
    fn batch(&self) -> usize {
        Effects::default().secret() + 1
    }
}
