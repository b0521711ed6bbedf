//! What the checker is shown of a cluster.

use super::Measured;
use super::checker::Look;
use crate::cluster::Cluster;
use crate::monitor::{Monitor, Watched};
use boundary::catch;
use wire::machine::Status;
use wire::{ClientId, Machine, ReplicaId, Update, Verified};

impl<M: Machine<Protocol: Watched>> Cluster<'_, M> {
    /// The replica at `host` takes `update` from its client. One that lost its log refuses what it is
    /// asked before its new life is ordered, and no longer.
    pub(crate) fn begun(&mut self, host: usize, update: &Verified<Update>) {
        let originator = self.hosts[host].id;
        if self.delays.is_none() || self.is_faulty(originator) || self.refuses(host) {
            return;
        }
        // One that faults left behind originates nothing before it knows what was executed of its own.
        if let Some(delays) = self.delays.as_mut().filter(|held| held.is_abreast(originator)) {
            delays.begun(self.now, originator, update.signer(), update.body().seq);
        }
    }

    /// Whether the replica at `host`, which is up, lost its log and is silent for that.
    fn refuses(&self, host: usize) -> bool {
        let machine = self.hosts[host].machine.as_ref().filter(|_| self.hosts[host].lost);
        // One that panics over it does so at the next look, where it is found.
        machine.is_some_and(|machine| catch(|| machine.status()).is_ok_and(|own| own.silent))
    }

    /// A correct replica has executed an update of `client`, or restored a state; there were `known`
    /// updates in the history before.
    pub(crate) fn spread(&mut self, client: Option<ClientId>, known: u64) {
        let (length, everywhere) = (self.history.length(), self.everywhere());
        let Some(delays) = &mut self.delays else { return };
        if let Some(client) = client.filter(|_| length > known) {
            delays.placed(self.now, client, length);
        }
        delays.spread(self.now, everywhere);
    }

    /// Everybody who counts was looked at: `seen`, fewer if some are down for now.
    pub(crate) fn look_at_delays(&mut self, seen: &[Status]) {
        let all = self.running().count() == seen.len();
        let view = seen.first().map(|status| status.view);
        let agreed =
            |status: &Status| Some(status.view) == view && Some(status.preinstalled) == view;
        let view = view.filter(|_| all && seen.iter().all(agreed));
        let counting = || self.running().map(|host| self.hosts[host].id);
        // Numbers, of which some have no updates: who has all updates may still be far behind.
        let numbers = seen.iter().map(|status| status.executed);
        let abreast = numbers.clone().max().unwrap_or(0).saturating_sub(self.under_way());
        let reached = match all {
            true => counting().zip(numbers).collect(),
            false => counting().map(|id| (id, 0)).collect(),
        };
        let look = Look { view, abreast, reached };
        let upto = counting().map(|id| (id, self.monitor.acknowledged(id))).collect();
        if let Some(delays) = &mut self.delays {
            delays.acknowledged(&upto);
        }
        let found = self.delays.as_mut().map(|delays| delays.look(self.now, look));
        if let Some(Err(finding)) = found {
            self.fail(None, finding);
        }
    }

    /// How many numbers one server may have executed before another that nothing holds up: those that a
    /// leader proposes, at twice its pace, while a message is on its way.
    fn under_way(&self) -> u64 {
        let pace = self.parameters.config.timing.pre_prepare.max(1);
        self.delays.as_ref().map_or(0, |delays| 2 + 2 * delays.way() / pace)
    }

    /// What came of it, at the end.
    pub(crate) fn measured(&mut self) -> Option<Measured> {
        let quorum = self.parameters.config.quorum();
        let turn_around = self.monitor.turn_around(quorum);
        let measured = self.delays.take().map(|delays| delays.measured(turn_around));
        self.measured.take().or(measured)
    }

    /// How many updates every replica has executed that counts and that no faults left behind.
    fn everywhere(&self) -> u64 {
        let abreast = |id: &ReplicaId| self.delays.as_ref().is_none_or(|d| d.is_abreast(*id));
        let counting = self.running().map(|host| self.hosts[host].id).filter(abreast);
        counting.map(|id| self.history.reached(id)).min().unwrap_or(0)
    }
}
