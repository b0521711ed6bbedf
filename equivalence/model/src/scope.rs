//! How small the model is, and its thresholds.

/// The most servers a scope may have.
pub const SERVERS: usize = 6;
/// The most views.
pub const VIEWS: usize = 4;
/// The most global sequence numbers.
pub const NUMBERS: usize = 3;
/// The most lists of Q servers: those of six servers.
pub const LISTS: usize = 15;

/// What is explored: servers 0..servers, views 0..views, numbers 1..=numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    /// N = 3f + 2k + 1.
    pub servers: usize,
    /// Q = 2f + k + 1.
    pub quorum: u32,
    /// How many views.
    pub views: usize,
    /// How many global sequence numbers.
    pub numbers: usize,
    /// Every list of exactly Q servers, as a mask.
    pub lists: Vec<u8>,
}

impl Scope {
    /// One fault, and `recovering` servers down at once.
    ///
    /// # Errors
    /// What is too large for the model.
    pub fn new(recovering: usize, views: usize, numbers: usize) -> Result<Self, String> {
        let servers = 4 + 2 * recovering;
        for (what, value, most) in
            [("servers", servers, SERVERS), ("views", views, VIEWS), ("numbers", numbers, NUMBERS)]
        {
            if value > most || value == 0 {
                return Err(format!("{value} {what}: the model holds 1 to {most}"));
            }
        }
        let quorum = if recovering == 0 { 3 } else { 4 };
        let lists = (0..1u8 << servers).filter(|list| list.count_ones() == quorum).collect();
        Ok(Self { servers, quorum, views, numbers, lists })
    }

    /// The leader of a view.
    #[must_use]
    pub fn leader(&self, view: usize) -> usize {
        view % self.servers
    }

    /// The last view: from it no Report follows.
    #[must_use]
    pub fn last(&self) -> usize {
        self.views - 1
    }
}

/// The servers in a mask, in order.
pub(crate) fn members(mask: u8) -> Members {
    Members(mask)
}

/// See [`members`].
#[derive(Clone)]
pub(crate) struct Members(u8);

impl Iterator for Members {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let first = self.0.trailing_zeros() as usize;
        self.0 &= self.0.wrapping_sub(1);
        (first < 8).then_some(first)
    }
}

/// The members of a mask of which something is true, as a mask.
pub(crate) fn select(mask: u8, mut keep: impl FnMut(usize) -> bool) -> u8 {
    members(mask).fold(0, |kept, one| kept | u8::from(keep(one)) << one)
}

/// Whether a server or number is in a mask.
#[must_use]
pub(crate) fn has(mask: u8, bit: usize) -> bool {
    mask >> bit & 1 == 1
}
