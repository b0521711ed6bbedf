//! Signed messages: who, what, and the authenticator.
//!
//! The authenticators of messages inside a message enter its digest, and states hold digests: so they
//! are kept too. Without one (after a change by hand, say) a message is signed anew.

use super::{Kept, Misfit, field, leaves, only};
use crate::tree::Hand;
use serde_json::{Value, json};
use std::sync::Arc;
use wire::auth::Context;
use wire::stub::{Stub, StubThreshold};
use wire::{Gate, ReplicaId, Signable, Signed, Verified, codec};

const FIELDS: [&str; 3] = ["signer", "body", "auth"];

impl<T: Signable<Signer: Kept> + Kept> Kept for Signed<T> {
    fn keep(&self) -> Value {
        let auth = leaves::hex(&codec::encode(&self.auth));
        json!({ "signer": self.signer.keep(), "body": self.body.keep(), "auth": auth })
    }

    fn had(value: &Value, hand: &Hand<'_>) -> Result<Self, Misfit> {
        only(value, &FIELDS)?;
        let (signer, body) = (field(value, "signer", hand)?, field(value, "body", hand)?);
        let Some(auth) = value.get("auth") else {
            return Ok(hand.sign(signer, body).signed().clone());
        };
        let bytes = leaves::bytes(auth).map_err(|misfit| misfit.at("auth"))?;
        let auth = codec::decode(&bytes).map_err(|error| Misfit::new(error).at("auth"))?;
        Ok(Self { signer, body, auth })
    }
}

impl<T: Signable<Signer: Kept> + Kept> Kept for Verified<T> {
    fn keep(&self) -> Value {
        self.signed().keep()
    }

    /// What no gate lets through was made so: whoever signs a message vouches for nothing inside it.
    fn had(value: &Value, hand: &Hand<'_>) -> Result<Self, Misfit> {
        let signed: Signed<T> = Kept::had(value, hand)?;
        let (config, me) = (hand.config, ReplicaId(1));
        let gate = Gate::new(Context::from(config), Arc::new(Stub(me.into())))
            .with_threshold(Arc::new(StubThreshold::new(config, me)));
        Ok(gate.verify(signed.clone()).unwrap_or_else(|_| hand.sign(signed.signer, signed.body)))
    }
}
