//! What a state of the model is: the messages that were sent, and what each server promised.

use crate::scope::{LISTS, NUMBERS, SERVERS, Scope, VIEWS};

/// What stands at a number: nothing, a no-op, or a proposal of some view.
pub type Value = u8;

/// Nothing stands there.
pub(crate) const NONE: Value = 0;
/// A no-op.
pub(crate) const NOOP: Value = 1;

/// The proposal of a view's leader; an equivocating leader has a second one, the twin.
///
/// Proposals of two views, or of two numbers, are always different values: the worst case.
#[must_use]
pub(crate) fn proposal(view: usize, twin: bool) -> Value {
    small(2 + 2 * view + usize::from(twin))
}

/// The view whose leader proposed it; `None` for nothing and for a no-op.
#[must_use]
pub(crate) fn view_of(value: Value) -> Option<usize> {
    (value > NOOP).then(|| usize::from((value - 2) / 2))
}

/// A view, number or identifier as it is stored.
///
/// # Panics
/// If it is not small, which nothing within a [`Scope`] is.
#[must_use]
pub(crate) fn small(number: usize) -> u8 {
    u8::try_from(number).expect("a scope's numbers are small")
}

/// One server's own state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Server {
    /// The preinstalled view.
    pub view: u8,
    /// The last number it is known to have executed; it may execute more where it helps.
    pub aru: u8,
    /// The highest view whose Replay certificate its next Report carries; 0 is the first view.
    pub held: u8,
}

/// The state which a server reliably broadcasts on preinstalling a view: Report and PC-Set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Whether it was sent.
    pub sent: u8,
    /// The reported execution ARU.
    pub aru: u8,
    /// The view of the carried Replay certificate; 0 is the first view.
    pub carried: u8,
    /// The PC-Set: a prepare certificate, named by its value, for each number.
    pub certificates: [Value; NUMBERS + 1],
}

/// How far a view's replay has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Phase {
    /// State is being collected; no list is certified.
    #[default]
    Open,
    /// There is a Replay certificate.
    Certified,
    /// Q Replay-Commits stand: the view can be installed.
    Committed,
    /// No Replay certificate can come about any more.
    Dead,
}

/// What a list resolves to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Resolution {
    /// Numbers up to here are executed by someone and not replayed.
    pub base: u8,
    /// The first number that the view's leader may propose.
    pub start: u8,
    /// The highest ARU that the list's members report.
    pub need: u8,
    /// 1 if a faulty leader stated it and the list resolves to something else.
    pub lie: u8,
    /// 1 if a certificate of a view above the carried one was met.
    pub alarm: u8,
    /// What stands at each number in `(base, start)`.
    pub bound: [Value; NUMBERS + 1],
}

/// Everything that was sent for one view. A mask has a bit for each correct server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct View {
    /// How far its replay has come.
    pub phase: Phase,
    /// What the certified list resolves to.
    pub resolution: Resolution,
    /// Each server's view-change state.
    pub reports: [Report; SERVERS],
    /// Who partially signed each list.
    pub signers: [u8; LISTS],
    /// The Replay which a correct leader sent; 0 is none.
    pub replay: u8,
    /// The Replay for which each server sent its Replay-Prepare; 0 is none.
    pub picks: [u8; SERVERS],
    /// Who sent a Replay-Commit.
    pub replay_commits: u8,
    /// Who made up its mind about the Replay-Commit.
    pub replay_decided: u8,
    /// Who installed the view.
    pub installed: u8,
    /// Who made up its mind about installing.
    pub install_decided: u8,
    /// Who sent a Prepare, for each number.
    pub prepares: [u8; NUMBERS + 1],
    /// Who among them prepared the twin.
    pub twins: [u8; NUMBERS + 1],
    /// Who sent a Commit, for each number.
    pub commits: [u8; NUMBERS + 1],
    /// Who made up its mind about the Commit, for each number.
    pub decided: [u8; NUMBERS + 1],
    /// A bit for each number with Q Commits.
    pub ordered: u8,
}

/// A state of the whole system.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct State {
    /// Each server.
    pub servers: [Server; SERVERS],
    /// Each view.
    pub views: [View; VIEWS],
}

impl Phase {
    fn number(self) -> u8 {
        match self {
            Self::Open => 0,
            Self::Certified => 1,
            Self::Committed => 2,
            Self::Dead => 3,
        }
    }

    fn of(number: u8) -> Self {
        match number {
            0 => Self::Open,
            1 => Self::Certified,
            2 => Self::Committed,
            _ => Self::Dead,
        }
    }
}

impl View {
    /// Whether a list was certified, committed or not.
    #[must_use]
    pub fn certified(&self) -> bool {
        matches!(self.phase, Phase::Certified | Phase::Committed)
    }

    fn each(&mut self, scope: &Scope, visit: &mut impl FnMut(&mut u8)) {
        let mut phase = self.phase.number();
        visit(&mut phase);
        self.phase = Phase::of(phase);
        let Resolution { base, start, need, lie, alarm, .. } = &mut self.resolution;
        for byte in [base, start, need, lie, alarm] {
            visit(byte);
        }
        for report in &mut self.reports[..scope.servers] {
            visit(&mut report.sent);
            visit(&mut report.aru);
            visit(&mut report.carried);
            report.certificates[1..=scope.numbers].iter_mut().for_each(&mut *visit);
        }
        self.signers[..scope.lists.len()].iter_mut().for_each(&mut *visit);
        self.picks[..scope.servers].iter_mut().for_each(&mut *visit);
        visit(&mut self.replay);
        visit(&mut self.replay_commits);
        visit(&mut self.replay_decided);
        visit(&mut self.installed);
        visit(&mut self.install_decided);
        for number in 1..=scope.numbers {
            visit(&mut self.resolution.bound[number]);
            visit(&mut self.prepares[number]);
            visit(&mut self.twins[number]);
            visit(&mut self.commits[number]);
            visit(&mut self.decided[number]);
        }
        visit(&mut self.ordered);
    }
}

impl State {
    /// Visits every byte which the scope uses, always in the same order.
    fn each(&mut self, scope: &Scope, visit: &mut impl FnMut(&mut u8)) {
        for server in &mut self.servers[..scope.servers] {
            visit(&mut server.view);
            visit(&mut server.aru);
            visit(&mut server.held);
        }
        for view in &mut self.views[..scope.views] {
            view.each(scope, visit);
        }
    }

    /// The state as bytes, as many for each state of a scope.
    #[must_use]
    pub fn pack(&self, scope: &Scope) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        let mut copy = *self;
        copy.each(scope, &mut |byte| bytes.push(*byte));
        bytes
    }

    /// The state whose bytes these are.
    #[must_use]
    pub fn unpack(scope: &Scope, bytes: &[u8]) -> Self {
        let mut state = Self::default();
        let mut rest = bytes.iter();
        state.each(scope, &mut |byte| *byte = rest.next().copied().unwrap_or_default());
        state
    }
}
