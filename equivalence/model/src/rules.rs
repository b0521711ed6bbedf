//! The rules of the view change, each with a switch.

/// Which rules hold. Switching one off must break something, or the rule is not needed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// A Report carries the Replay certificate of the highest view.
    pub carry_replay: bool,
    /// It does so from the Replay-Commit on; off: only once the view was installed.
    pub carry_from_commit: bool,
    /// Who got an install certificate carries the Replay too, without a Replay-Commit of its own.
    pub carry_from_install: bool,
    /// A PC-Set keeps numbers that are ordered but not executed.
    pub keep_ordered: bool,
    /// The base of a replay window is not below the base of the carried one.
    pub base_of_carried: bool,
    /// Below the carried startSeq, numbers stay as resolved there; off: certificates override.
    pub keep_resolved: bool,
    /// From there on only certificates of the carried view count; off: the highest view's.
    pub only_carried_view: bool,
    /// Partial signatures cover the resolution; off: a faulty leader may state a false one.
    pub sign_resolution: bool,
    /// No new vote for a view below the preinstalled one.
    pub no_stale_votes: bool,
    /// No Prepare and no Commit of a view before it is installed.
    pub install_first: bool,
    /// A server's state is complete only to who executed as far as that server reports.
    pub own_execution: bool,
}

type Switch = fn(&mut Rules) -> &mut bool;

const SWITCHES: [(&str, Switch); 11] = [
    ("carry-replay", |rules| &mut rules.carry_replay),
    ("carry-from-commit", |rules| &mut rules.carry_from_commit),
    ("carry-from-install", |rules| &mut rules.carry_from_install),
    ("keep-ordered", |rules| &mut rules.keep_ordered),
    ("base-of-carried", |rules| &mut rules.base_of_carried),
    ("keep-resolved", |rules| &mut rules.keep_resolved),
    ("only-carried-view", |rules| &mut rules.only_carried_view),
    ("sign-resolution", |rules| &mut rules.sign_resolution),
    ("no-stale-votes", |rules| &mut rules.no_stale_votes),
    ("install-first", |rules| &mut rules.install_first),
    ("own-execution", |rules| &mut rules.own_execution),
];

impl Rules {
    /// The rules as this project implements them: all of them.
    #[must_use]
    pub fn ours() -> Self {
        Self {
            carry_replay: true,
            carry_from_commit: true,
            carry_from_install: true,
            keep_ordered: true,
            base_of_carried: true,
            keep_resolved: true,
            only_carried_view: true,
            sign_resolution: true,
            no_stale_votes: true,
            install_first: true,
            own_execution: true,
        }
    }

    /// The view change as section 5.3 of the technical report states it.
    ///
    /// A Report is an execution ARU, a PC-Set leaves out what is globally ordered, a replay window
    /// starts above the highest reported ARU and binds each number to the certificate of the
    /// highest view. What the text leaves open (stale votes, Prepares before installation) is read
    /// in its favour.
    #[must_use]
    pub fn report() -> Self {
        Self {
            carry_replay: false,
            carry_from_commit: false,
            carry_from_install: false,
            keep_ordered: false,
            base_of_carried: false,
            keep_resolved: false,
            only_carried_view: false,
            sign_resolution: false,
            ..Self::ours()
        }
    }

    /// Whether a carried Replay certificate overrules all certificates of views before it.
    pub(crate) fn carried_first(&self) -> bool {
        self.carry_replay && self.keep_resolved && self.only_carried_view
    }

    /// The names of the rules, as on the command line.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        SWITCHES.iter().map(|(name, _)| *name).collect()
    }

    /// The same rules without one; `None` if there is no rule of that name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Option<Self> {
        let (_, switch) = SWITCHES.iter().find(|(known, _)| *known == name)?;
        *switch(&mut self) = false;
        Some(self)
    }
}
