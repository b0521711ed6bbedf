//! What must never happen, read off a state.

use crate::action::value_name;
use crate::model::Model;
use crate::state::{NOOP, State, Value, view_of};
use std::fmt;

/// A property that a state breaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Broken {
    /// Two correct servers can execute different things at one number.
    Agreement(usize),
    /// Of two numbers that are executed, the later one holds the proposal of an earlier view: its
    /// matrix was built without the other one.
    Monotony(usize),
    /// A certified list held a prepare certificate of a view above its carried Replay certificate.
    Alarm(usize),
    /// After all faults stopped, the last view did not bring everything through.
    Progress,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agreement(number) => {
                write!(f, "agreement: two values can be executed at {number}")
            }
            Self::Monotony(number) => {
                write!(f, "monotony: {number} holds an earlier view's proposal")
            }
            Self::Progress => write!(f, "progress: the last view cannot execute everything"),
            Self::Alarm(view) => {
                write!(f, "alarm: a certificate above the carried one in view {view}")
            }
        }
    }
}

impl Model {
    /// Everything that a certificate, of Commits or of a Replay, lets a server execute at a number.
    pub fn evidence(&self, state: &State, number: usize) -> impl Iterator<Item = Value> {
        (0..self.scope.views).flat_map(move |view| {
            let ordered = self.ordered(state, view, number);
            ordered.into_iter().chain(self.replayed(state, view, number))
        })
    }

    /// The last number that can be executed: up to it there is something at every number.
    #[must_use]
    pub fn reach(&self, state: &State) -> usize {
        let covered = |number: &usize| self.evidence(state, *number).next().is_some();
        (1..=self.scope.numbers).take_while(covered).count()
    }

    /// What a state breaks, if anything.
    ///
    /// Certificates do not go away, and who is behind can execute by them what others did. So two
    /// certificates that disagree at a number within reach let two correct servers execute
    /// different things there.
    #[must_use]
    pub fn broken(&self, state: &State) -> Option<Broken> {
        let mut latest = 0;
        let mut monotone = None;
        for number in 1..=self.reach(state) {
            let mut evidence = self.evidence(state, number);
            let value = evidence.next().unwrap_or(NOOP);
            if evidence.any(|other| other != value) {
                return Some(Broken::Agreement(number));
            }
            let view = view_of(value).unwrap_or(latest);
            if view < latest && self.monotony {
                monotone = monotone.or(Some(Broken::Monotony(number)));
            }
            latest = latest.max(view);
        }
        let alarm = (0..self.scope.views).find(|view| state.views[*view].resolution.alarm == 1);
        monotone.or_else(|| alarm.map(Broken::Alarm))
    }

    /// In words, everything that certificates let a server execute.
    #[must_use]
    pub fn executable(&self, state: &State) -> Vec<String> {
        let mut lines = Vec::new();
        for number in 1..=self.scope.numbers {
            for view in 0..self.scope.views {
                if let Some(value) = self.ordered(state, view, number) {
                    lines.push(format!(
                        "{number} is {} by Commits of view {view}",
                        value_name(value)
                    ));
                }
                if let Some(value) = self.replayed(state, view, number) {
                    lines.push(format!(
                        "{number} is {} by Replay of view {view}",
                        value_name(value)
                    ));
                }
            }
        }
        lines
    }
}
