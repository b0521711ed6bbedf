//! Arguments of slots: made smaller, and shown to people.

use crate::clip::clipped;
use crate::make::messages::Bytes;
use crate::state::{show_slot, smaller_slot};
use crate::world::World;
use prime::pre_order::{Content, PoSlot};
use std::collections::BTreeSet;
use wire::prime::{
    Incoming, Matrix, Message, PoAcks, PoAru, PoAruConflict, PoRequest, PoRequestConflict, Prime,
    ProofMatrix,
};
use wire::{List, PoSeq, Record, ReplicaId, Signed, Time, Update, Verified};

/// What a slot is called with, beside state, configuration and effects.
pub(crate) trait Argument: Clone + Send {
    /// The same with something less in it.
    fn smaller(&self, _world: &World) -> Vec<Self> {
        Vec::new()
    }

    /// For a person.
    fn show(&self) -> String;
}

fn matrix_text(matrix: &Matrix) -> String {
    let row = |row: &Option<Signed<PoAru>>| match row {
        Some(row) => format!("{:?}:{:?}", row.signer, &row.body.vec[..]),
        None => String::from("null"),
    };
    matrix.rows.iter().map(row).collect::<Vec<_>>().join(" ")
}

fn request_text(signer: ReplicaId, request: &PoRequest) -> String {
    let updates = request.updates.iter();
    let updates: Vec<String> =
        updates.map(|update| format!("{:?}.{:?}", update.signer, update.body.seq)).collect();
    format!("({signer:?}, {:?}) [{}]", request.seq, updates.join(" "))
}

fn smaller_matrices(matrix: &Matrix) -> Vec<Matrix> {
    let without = |at: usize| {
        let mut less = matrix.clone();
        less.rows[at] = None;
        less
    };
    (0..matrix.rows.len()).filter(|at| matrix.rows[*at].is_some()).map(without).collect()
}

fn smaller_vectors(vector: &[PoSeq]) -> Vec<Vec<PoSeq>> {
    let mut all = Vec::new();
    for (at, entry) in vector.iter().enumerate() {
        for lower in [0, entry.0 / 2, entry.0.saturating_sub(1)] {
            if lower < entry.0 {
                let mut less = vector.to_vec();
                less[at] = PoSeq(lower);
                all.push(less);
            }
        }
    }
    all
}

impl Argument for () {
    fn show(&self) -> String {
        String::from("no arguments")
    }
}

impl Argument for ReplicaId {
    fn show(&self) -> String {
        format!("originator {self:?}")
    }
}

impl Argument for Time {
    fn show(&self) -> String {
        format!("now {self:?}")
    }
}

impl Argument for Verified<PoAcks> {
    fn smaller(&self, world: &World) -> Vec<Self> {
        let acks = &self.body().acks;
        let again = |acks: Vec<_>| {
            let acks = List::new(acks).expect("fewer than before");
            world.sign(self.signer(), PoAcks { acks })
        };
        let mut all = Vec::new();
        if acks.len() > 2 {
            let (front, back) = acks.split_at(acks.len() / 2);
            all.extend([again(front.to_vec()), again(back.to_vec())]);
        }
        for at in 0..if acks.len() > 1 { acks.len() } else { 0 } {
            let mut less = acks.to_vec();
            less.remove(at);
            all.push(again(less));
        }
        all
    }

    fn show(&self) -> String {
        let acks = self.body().acks.iter();
        let acks: Vec<String> = acks
            .map(|ack| format!("({:?}, {:?}, {:?})", ack.originator, ack.seq, ack.digest))
            .collect();
        format!("PoAcks by {:?}: {}", self.signer(), acks.join(" "))
    }
}

impl Argument for Verified<PoAru> {
    fn smaller(&self, world: &World) -> Vec<Self> {
        let vectors = smaller_vectors(&self.body().vec).into_iter();
        vectors.map(|vec| world.sign_aru(self.signer(), vec)).collect()
    }

    fn show(&self) -> String {
        format!("PoAru by {:?}: {:?}", self.signer(), &self.body().vec[..])
    }
}

impl Argument for Verified<PoRequest> {
    fn smaller(&self, world: &World) -> Vec<Self> {
        let body = self.body();
        if body.updates.len() < 2 {
            return Vec::new();
        }
        let updates = List::new(body.updates[..1].to_vec()).expect("one update");
        vec![world.sign(self.signer(), PoRequest { seq: body.seq, updates })]
    }

    fn show(&self) -> String {
        format!("PoRequest {} {:?}", request_text(self.signer(), self.body()), self.digest())
    }
}

impl Argument for Verified<PoAruConflict> {
    fn show(&self) -> String {
        let side = |aru: &Signed<PoAru>| format!("{:?}:{:?}", aru.signer, &aru.body.vec[..]);
        let body = self.body();
        format!(
            "PoAruConflict by {:?}: {} against {}",
            self.signer(),
            side(&body.first),
            side(&body.second)
        )
    }
}

impl Argument for Verified<PoRequestConflict> {
    fn show(&self) -> String {
        let side = |request: &Signed<PoRequest>| request_text(request.signer, &request.body);
        let body = self.body();
        format!(
            "PoRequestConflict by {:?}: {} against {}",
            self.signer(),
            side(&body.first),
            side(&body.second)
        )
    }
}

impl Argument for Verified<ProofMatrix> {
    fn smaller(&self, world: &World) -> Vec<Self> {
        let matrices = smaller_matrices(&self.body().matrix).into_iter();
        matrices.map(|matrix| world.sign(self.signer(), ProofMatrix { matrix })).collect()
    }

    fn show(&self) -> String {
        format!("ProofMatrix by {:?}: {}", self.signer(), matrix_text(&self.body().matrix))
    }
}

impl Argument for Verified<Update> {
    fn show(&self) -> String {
        let (body, bytes) = (self.body(), self.body().payload.len());
        format!("Update {:?}.{:?}, {bytes} bytes, {:?}", self.signer(), body.seq, self.digest())
    }
}

impl Argument for (ReplicaId, Content) {
    fn show(&self) -> String {
        format!("content {:?} of {}", self.1.digest, request_text(self.0, &self.1.body))
    }
}

impl Argument for (ReplicaId, PoSlot) {
    fn smaller(&self, _world: &World) -> Vec<Self> {
        smaller_slot(&self.1).into_iter().map(|slot| (self.0, slot)).collect()
    }

    fn show(&self) -> String {
        format!("originator {:?}, slot{}", self.0, show_slot(&self.1))
    }
}

impl Argument for PoSlot {
    fn smaller(&self, _world: &World) -> Vec<Self> {
        smaller_slot(self)
    }

    fn show(&self) -> String {
        format!("slot{}", show_slot(self))
    }
}

impl Argument for (BTreeSet<ReplicaId>, Matrix, Matrix) {
    fn smaller(&self, _world: &World) -> Vec<Self> {
        let mut all = Vec::new();
        for id in &self.0 {
            let mut less = self.clone();
            less.0.remove(id);
            all.push(less);
        }
        let first = smaller_matrices(&self.1).into_iter();
        all.extend(first.map(|matrix| (self.0.clone(), matrix, self.2.clone())));
        let second = smaller_matrices(&self.2).into_iter();
        all.extend(second.map(|matrix| (self.0.clone(), self.1.clone(), matrix)));
        all
    }

    fn show(&self) -> String {
        let (given, expected) = (matrix_text(&self.1), matrix_text(&self.2));
        format!("blacklist {:?}\nPre-Prepare {given}\nProof-Matrix {expected}", self.0)
    }
}

impl Argument for Matrix {
    fn smaller(&self, _world: &World) -> Vec<Self> {
        smaller_matrices(self)
    }

    fn show(&self) -> String {
        format!("matrix {}", matrix_text(self))
    }
}

impl Argument for (Time, ReplicaId, Matrix) {
    fn smaller(&self, _world: &World) -> Vec<Self> {
        let matrices = smaller_matrices(&self.2).into_iter();
        matrices.map(|matrix| (self.0, self.1, matrix)).collect()
    }

    fn show(&self) -> String {
        format!("now {:?}, leader {:?}, proposed {}", self.0, self.1, matrix_text(&self.2))
    }
}

impl Argument for Record<Prime> {
    fn show(&self) -> String {
        match self {
            Self::Held(Incoming::PoRequest(request)) => format!("Held {}", request.show()),
            other => clipped(other, 600),
        }
    }
}

impl Argument for Vec<PoSeq> {
    fn smaller(&self, _world: &World) -> Vec<Self> {
        smaller_vectors(self)
    }

    fn show(&self) -> String {
        format!("executed {self:?}")
    }
}

impl Argument for (Vec<PoSeq>, Vec<PoSeq>) {
    fn smaller(&self, _world: &World) -> Vec<Self> {
        let mut all = Vec::new();
        let shorter = |vector: &Vec<PoSeq>| vector[..vector.len().saturating_sub(1)].to_vec();
        if !self.0.is_empty() || !self.1.is_empty() {
            all.push((shorter(&self.0), shorter(&self.1)));
            all.push((shorter(&self.0), self.1.clone()));
            all.push((self.0.clone(), shorter(&self.1)));
        }
        all.extend(smaller_vectors(&self.0).into_iter().map(|less| (less, self.1.clone())));
        all.extend(smaller_vectors(&self.1).into_iter().map(|less| (self.0.clone(), less)));
        all.retain(|less| less != self);
        all
    }

    fn show(&self) -> String {
        format!("{:?} against {:?}", self.0, self.1)
    }
}

impl Argument for Bytes {
    fn smaller(&self, _world: &World) -> Vec<Self> {
        let length = self.0.len();
        let cuts = [length / 2, length - length / 8, length.saturating_sub(1)];
        let cuts = cuts.into_iter().filter(|cut| *cut < length);
        cuts.map(|cut| Self(self.0[..cut].to_vec())).collect()
    }

    fn show(&self) -> String {
        let shown = self.0.iter().take(400).map(|byte| format!("{byte:02x}"));
        let text: String = shown.collect();
        let more = if self.0.len() > 400 { "..." } else { "" };
        format!("{} bytes: {text}{more}", self.0.len())
    }
}

impl Argument for Message {
    fn show(&self) -> String {
        clipped(self, 1200)
    }
}
