//! Nodes under a signature: whatever changes inside is signed anew.

use super::types::message_of;
use super::{Hand, Pools, Tree};
use std::any::Any;
use wire::{Config, ReplicaId, Signable, Signed, Verified};

/// How often a signed message is exchanged for another, and its signer for another. Percent.
const EXCHANGED: u64 = 15;

impl<T: Tree + Signable<Signer: Tree>> Tree for Verified<T> {
    fn is_empty(&self) -> bool {
        false
    }

    fn collect(&self, pools: &mut Pools) {
        pools.offer(self);
        self.digest().collect(pools);
        self.body().collect(pools);
    }

    fn change(&mut self, hand: &mut Hand<'_>) {
        if hand.rng.percent(EXCHANGED)
            && let Some(other) = hand.met()
        {
            *self = other;
            return;
        }
        let (mut signer, mut body) = (self.signer(), self.body().clone());
        if hand.rng.percent(EXCHANGED) {
            let hostile = std::mem::replace(&mut hand.hostile, false);
            signer.change(hand);
            hand.hostile = hostile;
        } else {
            let hostile = std::mem::replace(&mut hand.hostile, hand.arguments);
            body.change(hand);
            hand.hostile = hostile;
        }
        *self = hand.sign(signer, body);
    }

    fn steps(&self) -> usize {
        self.body().steps()
    }

    fn lessen(&mut self, step: usize, hand: &Hand<'_>) {
        let mut body = self.body().clone();
        body.lessen(step, hand);
        *self = hand.sign(self.signer(), body);
    }

    fn sign_as(&mut self, signer: ReplicaId, hand: &Hand<'_>) {
        if let Some(signer) = (&signer as &dyn Any).downcast_ref::<T::Signer>() {
            *self = hand.sign(*signer, self.body().clone());
        }
    }

    fn fits(&self, config: &Config) -> bool {
        message_of(self).is_none_or(|message| prime::decode::shape(config, &message).is_ok())
    }
}

impl<T: Tree + Signable<Signer: Tree>> Tree for Signed<T> {
    fn is_empty(&self) -> bool {
        false
    }

    fn collect(&self, pools: &mut Pools) {
        pools.offer(self);
        self.body.collect(pools);
    }

    fn change(&mut self, hand: &mut Hand<'_>) {
        let mut verified = hand.sign(self.signer, self.body.clone());
        verified.change(hand);
        *self = verified.signed().clone();
    }

    fn steps(&self) -> usize {
        self.body.steps()
    }

    fn lessen(&mut self, step: usize, hand: &Hand<'_>) {
        let mut body = self.body.clone();
        body.lessen(step, hand);
        *self = hand.sign(self.signer, body).signed().clone();
    }

    fn sign_as(&mut self, signer: ReplicaId, hand: &Hand<'_>) {
        if let Some(signer) = (&signer as &dyn Any).downcast_ref::<T::Signer>() {
            *self = hand.sign(*signer, self.body.clone()).signed().clone();
        }
    }
}
