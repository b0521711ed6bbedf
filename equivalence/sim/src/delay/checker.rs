//! Holds the time that updates take against the bound.
//!
//! The bound is owed while one leader stays in power. Whether one does is seen when everybody's status
//! is looked at, now and then: the cluster is *steady* from a look at which all correct replicas have
//! installed the same view and have elected nobody for a later one, and no number of a correct originator
//! is under way for longer than the bound, or it is so late that none can be because of faults ([`Backlog`]).
//! How long updates take at that look is not asked: a delay that set in with the faults and lasts is a
//! delay. It is steady until a look at which the views are others. Replicas that the faults left behind
//! are waited for by nobody: one counts from the look on at which it has executed all numbers that anybody
//! has, but for those that can be under way to it, for good. An update is judged if it began and ended in a steady time, at the first look after its end, or while it
//! has not ended, at every look. That view changes end, and how many there are, is for other checks.

use super::{Backlog, Bound, Renewals, TurnAround};
use crate::violation::{Finding, Kind};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use wire::{ClientId, ClientSeq, ReplicaId};

/// What one run came to. Times are in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// How long an update may take.
    pub bound: Bound,
    /// How long the slowest took that was held against it.
    pub worst: u64,
    /// How many were held against it.
    pub judged: u64,
    /// By second of the run in which they began: how long the slowest took that were executed
    /// everywhere, held against the bound or not; 0 for none.
    pub worst_of_second: Vec<u64>,
    /// How the leader that was nearest to replacement did, if any was measured.
    pub turn_around: Option<TurnAround>,
}

/// When an update was taken by a correct replica first, and by which one.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Begin {
    at: u64,
    originator: ReplicaId,
}

/// Updates of one client, which are executed in the order of their numbers.
#[derive(Default)]
struct Client {
    executed: u64,
    /// How the last executed one began.
    began: Begin,
    /// By number, in the order in which correct replicas took them; none is empty.
    waiting: BTreeMap<u64, Vec<Begin>>,
}

impl Client {
    /// `originator` remembers nothing of what it took.
    fn forget(&mut self, originator: ReplicaId) {
        self.waiting.retain(|_, taken| {
            taken.retain(|begin| begin.originator != originator);
            !taken.is_empty()
        });
    }

    /// When an update under way was taken first.
    fn first(taken: &[Begin]) -> Begin {
        *taken.first().expect("somebody took it")
    }
}

/// All replicas that count have installed `view` since `since`, and elected nobody else.
#[derive(Clone, Copy)]
struct Steady {
    view: u64,
    since: u64,
}

/// What a look at the replicas that count showed.
pub(crate) struct Look {
    /// The view that all of them have installed and whose leader all of them elected last, if there
    /// is such.
    pub(crate) view: Option<u64>,
    /// The number up to which each has executed that none of the faults left behind.
    pub(crate) abreast: u64,
    /// Up to which number each of them has executed.
    pub(crate) reached: BTreeMap<ReplicaId, u64>,
}

/// The checker of one run.
pub(crate) struct Delays {
    bound: Bound,
    /// From when on the bound is owed.
    from: u64,
    clients: BTreeMap<ClientId, Client>,
    /// Place in the history, and how it began: executed somewhere and not everywhere.
    spreading: VecDeque<(u64, Begin)>,
    /// How they began, and how long they took: not judged yet.
    ended: Vec<(Begin, u64)>,
    renewals: Renewals,
    backlog: Backlog,
    steady: Option<Steady>,
    /// Who was left behind by faults and did not catch up yet.
    behind: BTreeSet<ReplicaId>,
    worst: u64,
    judged: u64,
    worst_of_second: Vec<u64>,
}

impl Delays {
    pub(crate) fn new(bound: Bound, from: u64, renewals: Renewals, backlog: Backlog) -> Self {
        Self {
            bound,
            renewals,
            backlog,
            from,
            clients: BTreeMap::new(),
            spreading: VecDeque::new(),
            ended: Vec::new(),
            steady: None,
            behind: BTreeSet::new(),
            worst: 0,
            judged: 0,
            worst_of_second: Vec::new(),
        }
    }

    /// A correct `originator` takes an update from its client.
    pub(crate) fn begun(
        &mut self,
        now: u64,
        originator: ReplicaId,
        client: ClientId,
        seq: ClientSeq,
    ) {
        let client = self.clients.entry(client).or_default();
        if seq.0 <= client.executed {
            return;
        }
        let taken = client.waiting.entry(seq.0).or_default();
        if taken.iter().all(|begin| begin.originator != originator) {
            taken.push(Begin { at: now, originator });
        }
    }

    /// `originator` is down. What it took it may have forgotten, and may never be up again.
    pub(crate) fn went_down(&mut self, originator: ReplicaId) {
        self.clients.values_mut().for_each(|client| client.forget(originator));
    }

    /// A correct replica has announced so many lives, and passed over numbers of its own so often.
    pub(crate) fn passes_over(&mut self, now: u64, replica: ReplicaId, counts: (u64, u64)) {
        self.renewals.saw(now, replica, counts);
    }

    /// A correct replica has given out numbers of its own up to `number`.
    pub(crate) fn gave_out(&mut self, now: u64, replica: ReplicaId, number: u64) {
        self.backlog.gave_out(now, replica, number);
    }

    /// Of each replica that counts, enough correct ones acknowledge all numbers up to `upto`.
    pub(crate) fn acknowledged(&mut self, upto: &BTreeMap<ReplicaId, u64>) {
        self.backlog.acknowledged(upto);
    }

    /// The next update of `client` takes its place in the history, now and at one replica.
    pub(crate) fn placed(&mut self, now: u64, client: ClientId, index: u64) {
        let client = self.clients.entry(client).or_default();
        client.executed += 1;
        let late = Begin { at: now, ..Begin::default() };
        let taken = client.waiting.remove(&client.executed);
        let own = taken.map_or(late, |taken| Client::first(&taken));
        client.began = client.began.max(own);
        self.spreading.push_back((index, client.began));
    }

    /// All replicas that count have executed `everywhere` updates.
    pub(crate) fn spread(&mut self, now: u64, everywhere: u64) {
        while let Some((_, began)) = self.spreading.pop_front_if(|(index, _)| *index <= everywhere)
        {
            let took = now - began.at;
            self.ended.push((began, took));
            let second = usize::try_from(began.at / 1_000_000).expect("runs are short");
            if self.worst_of_second.len() <= second {
                self.worst_of_second.resize(second + 1, 0);
            }
            self.worst_of_second[second] = self.worst_of_second[second].max(took);
        }
    }

    /// Longest way of a message.
    pub(crate) const fn way(&self) -> u64 {
        self.bound.way
    }

    /// Whether `replica` executes what the others do as they do it, as far as is known.
    pub(crate) fn is_abreast(&self, replica: ReplicaId) -> bool {
        !self.behind.contains(&replica)
    }

    /// Judges what can be judged.
    pub(crate) fn look(&mut self, now: u64, look: Look) -> Result<(), Finding> {
        let settled = !self.backlog.excuses(now, self.bound.total());
        if self.steady.is_none() {
            self.behind = look.reached.keys().copied().collect();
        }
        self.behind.retain(|id| look.reached.get(id).is_some_and(|at| *at < look.abreast));
        let ended = std::mem::take(&mut self.ended);
        match self.steady {
            Some(steady) if look.view == Some(steady.view) => {
                for (began, took) in ended.iter().filter(|(began, _)| began.at >= steady.since) {
                    self.judged += 1;
                    self.worst = self.worst.max(self.counted(*began, *took));
                }
                self.judge(self.age(now, steady.since))
            }
            _ => {
                let view = look.view.filter(|_| settled && now >= self.from);
                self.steady = view.map(|view| Steady { view, since: now });
                Ok(())
            }
        }
    }

    /// What of the time that an update took is held against the bound: not what is granted to it because
    /// its originator passed numbers over.
    fn counted(&self, began: Begin, took: u64) -> u64 {
        let granted = self.renewals.grant(began.originator, began.at, self.bound.total());
        took.saturating_sub(granted)
    }

    /// How long the oldest update is under way of those that began at `since` or later; 0 if there is
    /// none.
    fn age(&self, now: u64, since: u64) -> u64 {
        let waiting = self.clients.values().flat_map(|client| {
            // Whoever waits for an earlier one that no correct replica took does not count.
            let whole = (client.executed + 1..).zip(&client.waiting);
            let whole = whole.take_while(|(due, (seq, _))| due == *seq);
            whole.scan(client.began, |began, (_, (_, taken))| {
                *began = Client::first(taken).max(*began);
                Some(*began)
            })
        });
        let spreading = self.spreading.iter().map(|(_, began)| *began);
        let under_way = waiting.chain(spreading).filter(|began| began.at >= since);
        under_way.map(|began| self.counted(began, now - began.at)).max().unwrap_or(0)
    }

    fn judge(&self, under_way: u64) -> Result<(), Finding> {
        let bound = self.bound.total();
        let slowest = self.worst.max(under_way);
        if slowest <= bound {
            return Ok(());
        }
        let so_far = if slowest == self.worst { "" } else { " so far" };
        let detail = format!("an update took {slowest} us{so_far}; the bound is {bound} us");
        Err((Kind::BoundedDelay, detail))
    }

    pub(crate) fn measured(self, turn_around: Option<TurnAround>) -> Measured {
        let Self { bound, worst, judged, worst_of_second, .. } = self;
        Measured { bound, worst, judged, worst_of_second, turn_around }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: ClientId = ClientId(1);
    const FIRST: ReplicaId = ReplicaId(1);
    const SECOND: ReplicaId = ReplicaId(2);

    /// A checker that owes 100 us and is steady in view 3 from time 10 on.
    fn steady() -> Delays {
        let bound =
            Bound { way: 10, po_request: 5, po_aru: 5, proof_matrix: 10, turn_around: 20, held: 0 };
        assert_eq!(bound.total(), 100);
        let mut delays = Delays::new(bound, 0, Renewals::new(1, 1_000, 30), Backlog::new(5_000));
        assert_eq!(look(&mut delays, 10, Some(3)), None);
        delays
    }

    fn look(delays: &mut Delays, now: u64, view: Option<u64>) -> Option<Kind> {
        let executed = delays.clients.values().map(|client| client.executed).sum();
        let look = Look { view, abreast: executed, reached: [(FIRST, executed)].into() };
        delays.look(now, look).err().map(|(kind, _)| kind)
    }

    #[test]
    fn an_update_that_takes_longer_than_the_bound_is_found() {
        for (took, found) in [(100, None), (101, Some(Kind::BoundedDelay))] {
            let mut delays = steady();
            delays.begun(50, FIRST, ONE, ClientSeq(1));
            delays.placed(60, ONE, 1);
            delays.spread(60, 0);
            delays.spread(50 + took, 1);
            assert_eq!(look(&mut delays, 200, Some(3)), found);
            assert_eq!((delays.judged, delays.worst), (1, took));
        }
    }

    #[test]
    fn an_update_that_is_never_executed_everywhere_is_found() {
        let mut delays = steady();
        delays.begun(50, FIRST, ONE, ClientSeq(1));
        assert_eq!(look(&mut delays, 150, Some(3)), None);
        assert_eq!(look(&mut delays, 151, Some(3)), Some(Kind::BoundedDelay));
        delays.placed(120, ONE, 1);
        assert_eq!(look(&mut delays, 151, Some(3)), Some(Kind::BoundedDelay));
    }

    #[test]
    fn nothing_is_owed_across_a_view_change() {
        let mut delays = steady();
        delays.begun(50, FIRST, ONE, ClientSeq(1));
        delays.begun(60, FIRST, ONE, ClientSeq(2));
        delays.placed(400, ONE, 1);
        delays.spread(400, 1);
        assert_eq!(look(&mut delays, 410, None), None);
        delays.placed(790, ONE, 2);
        delays.spread(790, 2);
        assert_eq!(look(&mut delays, 800, Some(4)), None);
        assert_eq!(look(&mut delays, 900, Some(4)), None);
        delays.begun(900, FIRST, ONE, ClientSeq(3));
        delays.placed(960, ONE, 3);
        delays.spread(1_001, 3);
        assert_eq!(look(&mut delays, 1_100, Some(4)), Some(Kind::BoundedDelay));
        assert_eq!(delays.worst, 101);
    }

    #[test]
    fn whoever_faults_left_behind_is_waited_for_by_nobody_until_it_is_abreast() {
        let mut delays = steady();
        let mut seen = |now, view, abreast, reached| {
            let reached = [(FIRST, abreast), (SECOND, reached)].into();
            assert!(delays.look(now, Look { view, abreast, reached }).is_ok());
            (delays.is_abreast(FIRST), delays.is_abreast(SECOND), delays.steady.is_some())
        };
        assert_eq!(seen(20, None, 9, 2), (true, true, false), "both counted");
        assert_eq!(seen(30, None, 12, 8), (true, false, false));
        assert_eq!(seen(40, Some(3), 12, 11), (true, false, true));
        assert_eq!(seen(50, Some(3), 14, 14), (true, true, true));
        // From now on it counts, whatever it does.
        assert_eq!(seen(60, Some(3), 15, 12), (true, true, true));
    }

    #[test]
    fn a_delay_that_set_in_with_the_faults_and_lasts_is_found() {
        let mut delays = steady();
        delays.steady = None;
        delays.begun(10, FIRST, ONE, ClientSeq(1));
        assert_eq!(look(&mut delays, 111, Some(3)), None);
        assert!(delays.steady.is_some());
        delays.begun(120, FIRST, ONE, ClientSeq(2));
        // What began with the faults is not held against anybody.
        delays.placed(150, ONE, 1);
        delays.spread(150, 1);
        assert_eq!(look(&mut delays, 220, Some(3)), None);
        assert_eq!(delays.judged, 0);
        assert_eq!(look(&mut delays, 221, Some(3)), Some(Kind::BoundedDelay));
    }

    #[test]
    fn numbers_under_way_are_waited_for_as_long_as_they_may_be() {
        for (acknowledged, found) in [(1, None), (0, Some(Kind::BoundedDelay))] {
            let mut delays = steady();
            delays.steady = None;
            delays.gave_out(10, FIRST, 1);
            // Nobody asks the first any more, so no update is under way.
            assert_eq!(look(&mut delays, 200, Some(3)), None);
            assert!(delays.steady.is_none());
            delays.acknowledged(&[(FIRST, acknowledged)].into());
            assert_eq!(look(&mut delays, 4_999, Some(3)), None);
            assert_eq!(delays.steady.is_some(), acknowledged == 1);
            assert_eq!(look(&mut delays, 5_000, Some(3)), None);
            delays.begun(5_001, FIRST, ONE, ClientSeq(1));
            delays.gave_out(5_001, FIRST, 2);
            if acknowledged == 1 {
                delays.placed(5_050, ONE, 1);
                delays.spread(5_050, 1);
            }
            assert_eq!(look(&mut delays, 5_102, Some(3)), found);
        }
    }

    #[test]
    fn numbers_under_way_excuse_nothing_in_a_steady_time() {
        let mut delays = steady();
        delays.gave_out(20, FIRST, 1);
        delays.begun(20, FIRST, ONE, ClientSeq(1));
        assert_eq!(look(&mut delays, 121, Some(3)), Some(Kind::BoundedDelay));
    }

    #[test]
    fn an_update_s_time_begins_with_the_last_of_its_client_s_earlier_ones() {
        let mut delays = steady();
        delays.begun(20, FIRST, ONE, ClientSeq(2));
        // The first went to a faulty replica alone: the second has no clock.
        assert_eq!(look(&mut delays, 500, Some(3)), None);
        delays.begun(500, FIRST, ONE, ClientSeq(1));
        delays.placed(550, ONE, 1);
        delays.placed(560, ONE, 2);
        delays.spread(590, 2);
        assert_eq!(look(&mut delays, 600, Some(3)), None);
        assert_eq!((delays.judged, delays.worst), (2, 90));
        // Retries of what is done begin nothing.
        delays.begun(600, FIRST, ONE, ClientSeq(1));
        assert_eq!(look(&mut delays, 900, Some(3)), None);
    }

    #[test]
    fn what_was_taken_to_the_grave_waits_for_whoever_takes_it_next() {
        let mut delays = steady();
        delays.begun(20, FIRST, ONE, ClientSeq(2));
        delays.went_down(FIRST);
        delays.begun(50, SECOND, ONE, ClientSeq(1));
        delays.placed(60, ONE, 1);
        delays.spread(70, 1);
        // Nobody who is up was asked for the second.
        assert_eq!(look(&mut delays, 200, Some(3)), None);
        delays.begun(200, SECOND, ONE, ClientSeq(2));
        assert_eq!(look(&mut delays, 300, Some(3)), None);
        assert_eq!(look(&mut delays, 301, Some(3)), Some(Kind::BoundedDelay));
    }

    #[test]
    fn one_that_is_down_excuses_nobody_else_who_took_the_update() {
        for (down, found) in [(FIRST, None), (SECOND, Some(Kind::BoundedDelay))] {
            let mut delays = steady();
            delays.begun(50, FIRST, ONE, ClientSeq(1));
            delays.begun(55, SECOND, ONE, ClientSeq(1));
            // Asked again, it goes by when it was asked first.
            delays.begun(60, SECOND, ONE, ClientSeq(1));
            delays.went_down(down);
            assert_eq!(look(&mut delays, 151, Some(3)), found);
            assert_eq!(look(&mut delays, 156, Some(3)), Some(Kind::BoundedDelay));
        }
    }

    /// An update that began at 50 at `FIRST` and took so long, if that does so at the times given.
    fn passed_over(took: u64, originator: u16, events: &[(u64, (u64, u64))]) -> Option<Kind> {
        let mut delays = steady();
        delays.begun(50, ReplicaId(originator), ONE, ClientSeq(1));
        for (at, counts) in events {
            delays.passes_over(*at, FIRST, *counts);
        }
        delays.placed(50 + took, ONE, 1);
        delays.spread(50 + took, 1);
        look(&mut delays, 50 + took, Some(3))
    }

    #[test]
    fn an_update_that_is_originated_again_may_take_twice_the_bound_and_until_that_is_said_again() {
        let late = Some(Kind::BoundedDelay);
        let once = [(40, (1, 0)), (60, (1, 1))];
        assert_eq!(passed_over(230, 1, &once), None);
        assert_eq!(passed_over(231, 1, &once), late);
        assert_eq!(passed_over(101, 2, &once), late, "another's numbers were passed over");
        let before = [(10, (1, 0)), (20, (1, 1))];
        assert_eq!(passed_over(130, 1, &before), None);
        assert_eq!(passed_over(131, 1, &before), late);
        assert_eq!(
            passed_over(101, 1, &[(10, (1, 0)), (19, (1, 1))]),
            late,
            "long before it began"
        );
        assert_eq!(passed_over(101, 1, &[(151, (1, 0)), (160, (1, 1))]), late, "too late for it");
        // One server is faulty, so numbers are passed over once in 1,000 us.
        let again = [(20, (1, 0)), (30, (1, 1)), (40, (2, 1)), (60, (2, 2))];
        assert_eq!(passed_over(131, 1, &again), late);
    }
}
