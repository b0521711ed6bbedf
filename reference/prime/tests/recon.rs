//! Reconciliation: the code, who sends to whom, what is kept, what is refused.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use prime::pre_order::{self, Content, PoSlot};
use prime::recon::{
    Effects, MAX_ANSWERS, MAX_BODY, MAX_HELD, MAX_HELD_BYTES, MAX_WANTED, Parts, State, decode,
    encode, needs, on_eligible, on_recon, on_recon_request, part_leaf, part_length, recover,
    request_missing, retire, senders,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::auth::Context;
use wire::prime::{
    Body, Incoming, MAX_BATCH, MAX_BATCH_BYTES, Matrix, PoAru, PoRequest, Prime, Recon,
    ReconRequest,
};
use wire::stub::Stub;
use wire::{
    Blob, ClientId, ClientSeq, Config, Digest, Effect, List, PoSeq, Record, Reject, ReplicaId,
    Signable, Signer, Time, To, Update, Verified, codec, merkle,
};

/// (n, f, k) of the clusters tried.
const CLUSTERS: [(u16, u16, u16); 6] =
    [(1, 0, 0), (2, 0, 0), (4, 1, 0), (6, 1, 1), (7, 2, 0), (13, 4, 0)];

fn config(n: u16, f: u16, k: u16) -> Config {
    let config = Config::new(Digest::default(), n, f, k);
    config.check().unwrap();
    config
}

fn four() -> Config {
    config(4, 1, 0)
}

const fn r(id: u16) -> ReplicaId {
    ReplicaId(id)
}

const fn s(seq: u64) -> PoSeq {
    PoSeq(seq)
}

fn sign<T: Signable<Signer = ReplicaId>>(config: &Config, id: ReplicaId, body: T) -> Verified<T> {
    let signer = Signer::new(Context::from(config), Arc::new(Stub(id.into())));
    signer.sign_all(id, vec![body]).remove(0)
}

fn update(config: &Config, client: u32, seq: u64, payload: Vec<u8>) -> Verified<Update> {
    let client = ClientId(client);
    let signer = Signer::new(Context::from(config), Arc::new(Stub(client.into())));
    let payload = Blob::new(payload).unwrap();
    signer.sign_all(client, vec![Update { seq: ClientSeq(seq), payload }]).remove(0)
}

/// A request of `originator` with one update of `size` bytes.
fn content(config: &Config, originator: ReplicaId, seq: u64, size: usize) -> Content {
    let payload = (0..size).map(|i| u8::try_from((i * 7 + 3) % 251).unwrap()).collect();
    let updates = List::new(vec![update(config, 9, seq, payload).signed().clone()]).unwrap();
    Content::of(&sign(config, originator, PoRequest { seq: s(seq), updates }))
}

fn message(config: &Config, parts: &Parts, from: u16, content: &Content) -> Verified<Recon> {
    sign(config, r(from), parts.message(r(from), r(1), content))
}

/// The messages of all servers about a content of server 1.
fn messages(config: &Config, content: &Content) -> Vec<Verified<Recon>> {
    let parts = encode(config, content);
    config.replicas().map(|id| message(config, &parts, id.0, content)).collect()
}

fn rejects(effects: &mut Effects) -> Vec<(Option<ReplicaId>, Reject)> {
    let reject = |effect| match effect {
        Effect::Reject { from, reason } => (from, reason),
        other => panic!("not a reject: {other:?}"),
    };
    effects.drain().into_iter().map(reject).collect()
}

/// A server that takes parts, and the pre-ordering state it looks at.
struct Receiver {
    config: Config,
    state: State,
    pre_order: pre_order::State,
    effects: Effects,
}

impl Receiver {
    fn new(config: &Config, me: u16) -> Self {
        Self {
            config: config.clone(),
            state: State::new(config, r(me)),
            pre_order: pre_order::State::new(config, r(me)),
            effects: Effects::default(),
        }
    }

    fn take(&mut self, message: &Verified<Recon>) -> Option<Content> {
        on_recon(&mut self.state, &self.config, &self.pre_order, message, &mut self.effects)
    }

    fn refused(&mut self, message: &Verified<Recon>) -> Reject {
        let before = self.state.clone();
        assert_eq!(self.take(message), None);
        assert_eq!(self.state, before);
        let rejects = rejects(&mut self.effects);
        assert_eq!(rejects.len(), 1);
        assert_eq!(rejects[0].0, Some(message.signer()));
        rejects[0].1
    }

    /// Makes (1, seq) certified, content held.
    fn certify(&mut self, content: &Content) {
        let slot = PoSlot {
            certified: Some(content.digest),
            adopted: Some(content.clone()),
            ..PoSlot::default()
        };
        self.pre_order.columns[0].slots.insert(content.body.seq, slot);
    }
}

/// Multiplies in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1, bit by bit.
fn multiply(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    while b != 0 {
        if b & 1 == 1 {
            product ^= a;
        }
        a = if a & 0x80 == 0 { a << 1 } else { (a << 1) ^ 0x1d };
        b >>= 1;
    }
    product
}

fn inverse(a: u8) -> u8 {
    (1..=255).find(|&b| multiply(a, b) == 1).unwrap()
}

/// The value at `x` of the polynomial through (0, ys[0]), (1, ys[1]), ...
fn interpolate(ys: &[u8], x: u8) -> u8 {
    let mut sum = 0;
    for (i, &y) in (0u8..).zip(ys) {
        let others = (0u8..).take(ys.len()).filter(|&j| j != i);
        sum ^= others.fold(y, |term, j| multiply(term, multiply(x ^ j, inverse(i ^ j))));
    }
    sum
}

#[test]
fn parts_are_values_of_the_polynomial_that_the_head_describes() {
    for (n, f, k) in CLUSTERS {
        let config = config(n, f, k);
        let content = content(&config, r(1), 3, 20);
        let made = encode(&config, &content);
        let bytes = codec::encode(&*content.body);
        assert_eq!(made.length as usize, bytes.len());
        let size = bytes.len().div_ceil(config.one_correct());
        let mut padded = bytes;
        padded.resize(size * config.one_correct(), 0);
        for (x, part) in (0u8..).zip(&made.parts) {
            assert_eq!(part.len(), size);
            for (at, &byte) in part.iter().enumerate() {
                let data: Vec<u8> = padded.chunks(size).map(|data| data[at]).collect();
                assert_eq!(byte, interpolate(&data, x), "n = {n}, part {x}, byte {at}");
            }
            let row = u32::from(x);
            let root = merkle::fold(part_leaf(part), row, &made.paths[usize::from(x)]);
            assert_eq!(root, Some(made.root));
        }
        assert_eq!(made.parts.len(), config.size());
        assert_eq!(made.paths.len(), config.size());
    }
}

#[test]
fn the_largest_request_fits_into_a_message() {
    let config = config(2, 0, 0);
    let payload = vec![7; MAX_BATCH_BYTES / MAX_BATCH];
    // Signed in one batch, so that the paths are long.
    let signer = Signer::new(Context::from(&config), Arc::new(Stub(ClientId(1).into())));
    let bodies = (1..=MAX_BATCH as u64)
        .map(|seq| Update { seq: ClientSeq(seq), payload: Blob::new(payload.clone()).unwrap() })
        .collect();
    let updates = signer.sign_all(ClientId(1), bodies);
    let updates = List::new(updates.iter().map(|one| one.signed().clone()).collect()).unwrap();
    let content = Content::of(&sign(&config, r(1), PoRequest { seq: s(1), updates }));
    let parts = encode(&config, &content);
    assert!(parts.length as usize <= MAX_BODY);
    let one = message(&config, &parts, 2, &content);
    assert!(codec::encode(one.signed()).len() <= codec::MAX_MESSAGE);
    assert_eq!(Receiver::new(&config, 2).take(&one), Some(content));
}

/// All subsets of `size` of `0..n`.
fn subsets(n: usize, size: usize) -> Vec<Vec<usize>> {
    (0u32..1 << n)
        .filter(|mask| mask.count_ones() as usize == size)
        .map(|mask| (0..n).filter(|bit| mask >> bit & 1 == 1).collect())
        .collect()
}

#[test]
fn any_f_plus_1_parts_give_the_content_back() {
    for (n, f, k) in CLUSTERS {
        let config = config(n, f, k);
        for size in [0, 1, 2, 3, 100, 1021] {
            let content = content(&config, r(1), 1, size);
            let made = encode(&config, &content);
            let about = made.message(r(1), r(1), &content);
            let chosen = subsets(config.size(), config.one_correct());
            for subset in chosen.iter().step_by(if n > 7 { 97 } else { 1 }) {
                let parts = subset
                    .iter()
                    .map(|&row| (ReplicaId::from_index(row), made.parts[row].clone()))
                    .collect();
                let decoded = decode(&config, &about, &parts).unwrap();
                assert_eq!(decoded.digest, content.digest);
                assert_eq!(*decoded.body, *content.body, "n = {n}, {subset:?}");
            }
        }
    }
}

#[test]
fn decoding_refuses_what_does_not_fit_together() {
    let config = four();
    let content = content(&config, r(1), 5, 64);
    let made = encode(&config, &content);
    let about = made.message(r(1), r(1), &content);
    let of = |rows: &[usize]| -> BTreeMap<ReplicaId, Vec<u8>> {
        rows.iter().map(|&row| (ReplicaId::from_index(row), made.parts[row].clone())).collect()
    };
    let good = of(&[1, 3]);
    assert!(decode(&config, &about, &good).is_some());

    assert_eq!(decode(&config, &about, &of(&[2])), None);
    let wrong = |change: &dyn Fn(&mut Recon)| {
        let mut about = about.clone();
        change(&mut about);
        decode(&config, &about, &good)
    };
    assert_eq!(wrong(&|about| about.root = Digest([1; 32])), None);
    assert_eq!(wrong(&|about| about.digest = Digest([1; 32])), None);
    assert_eq!(wrong(&|about| about.originator = r(2)), None);
    assert_eq!(wrong(&|about| about.seq = s(6)), None);
    assert_eq!(wrong(&|about| about.length -= 1), None);
    assert_eq!(wrong(&|about| about.length += 1), None);
    assert_eq!(wrong(&|about| about.length = 0), None);
    assert_eq!(wrong(&|about| about.length = u32::MAX), None);

    let mut garbage = good.clone();
    garbage.get_mut(&r(4)).unwrap()[10] ^= 1;
    assert_eq!(decode(&config, &about, &garbage), None);
    let mut short = good.clone();
    short.get_mut(&r(4)).unwrap().pop();
    assert_eq!(decode(&config, &about, &short), None);

    // Only the f+1 lowest count.
    let mut more = of(&[0, 1, 3]);
    more.insert(r(4), vec![]);
    assert!(decode(&config, &about, &more).is_some());
}

#[test]
fn decoding_refuses_a_tree_over_parts_with_other_padding() {
    // Same bytes and digest, but the padding is not zero: another root, of no honest server.
    let config = four();
    let content = (0..8)
        .map(|size| content(&config, r(1), 1, size))
        .find(|content| codec::encode(&*content.body).len() % config.one_correct() != 0);
    let content = content.unwrap();
    let made = encode(&config, &content);
    let mut data = made.parts[..2].to_vec();
    *data[1].last_mut().unwrap() = 1;
    let coded = |x: u8| -> Vec<u8> {
        data[0].iter().zip(&data[1]).map(|(&a, &b)| interpolate(&[a, b], x)).collect()
    };
    let coded: Vec<Vec<u8>> = (0..4).map(coded).collect();
    let root = merkle::Tree::new(coded.iter().map(|part| part_leaf(part)).collect()).root();
    let parts = config.replicas().zip(coded).skip(2).collect();
    let honest = made.message(r(1), r(1), &content);
    assert!(decode(&config, &honest, &parts).is_some(), "padding is not part of the bytes");
    assert_eq!(decode(&config, &Recon { root, ..honest }, &parts), None);
}

#[test]
fn f_plus_1_parts_of_one_group_are_decoded_logged_and_dropped() {
    let config = config(7, 2, 0);
    let content = content(&config, r(1), 2, 50);
    let messages = messages(&config, &content);
    let mut receiver = Receiver::new(&config, 7);
    assert_eq!(receiver.take(&messages[5]), None);
    assert_eq!(receiver.take(&messages[0]), None);
    assert!(receiver.effects.as_slice().is_empty());
    let taken = receiver.take(&messages[3]).unwrap();
    assert_eq!(taken, content);
    assert_eq!(*taken.body, *content.body);
    let held = |row: usize, token| Effect::Persist {
        token,
        record: Record::Held(messages[row].clone().into()),
    };
    let effects = receiver.effects.drain();
    assert_eq!(effects, vec![held(0, 1), held(3, 2), held(5, 3)]);
    assert_eq!(receiver.state, State::new(&config, r(7)));

    // A restart decodes again from what was logged.
    let mut again = State::new(&config, r(7));
    let records = effects.into_iter().filter_map(|effect| match effect {
        Effect::Persist { record, .. } => Some(record),
        _ => None,
    });
    let recovered: Vec<_> =
        records.filter_map(|record| recover(&mut again, &config, &record)).collect();
    assert_eq!(recovered, vec![(r(1), content)]);
    assert_eq!(again, State::new(&config, r(7)));
}

#[test]
fn recovery_takes_neither_duplicates_nor_other_records() {
    let config = four();
    let messages = messages(&config, &content(&config, r(1), 2, 50));
    let mut state = State::new(&config, r(4));
    let promise: Record<Prime> =
        Record::Promise(Body::ReconRequest(ReconRequest { originator: r(1), seq: s(1) }));
    assert_eq!(recover(&mut state, &config, &promise), None);
    assert_eq!(state, State::new(&config, r(4)));
    let held = Record::Held(Incoming::from(messages[1].clone()));
    assert_eq!(recover(&mut state, &config, &held), None);
    assert_eq!(recover(&mut state, &config, &held), None);
    let other = Record::Held(Incoming::from(messages[2].clone()));
    assert!(recover(&mut state, &config, &other).is_some());
}

#[test]
fn groups_are_not_mixed() {
    let config = config(7, 2, 0);
    let (one, other) = (content(&config, r(1), 1, 40), content(&config, r(1), 1, 41));
    assert_ne!(one.digest, other.digest);
    let (one, other) = (messages(&config, &one), messages(&config, &other));
    let mut receiver = Receiver::new(&config, 7);
    for from in [0, 1] {
        assert_eq!(receiver.take(&one[from]), None);
        assert_eq!(receiver.take(&other[from + 2]), None);
    }
    let taken = receiver.take(&one[4]).unwrap();
    assert_eq!(taken.digest, one[0].body().digest);
    assert!(receiver.state.parts.iter().all(BTreeMap::is_empty), "the other group goes too");
}

#[test]
fn a_false_root_makes_a_group_of_its_own_and_decodes_to_nothing() {
    // More than f servers agree on a tree over garbage: no panic, one rejection, one attempt.
    let config = four();
    let content = content(&config, r(1), 1, 40);
    let mut made = encode(&config, &content);
    made.parts[2][0] ^= 1;
    let tree = merkle::Tree::new(made.parts.iter().map(|part| part_leaf(part)).collect());
    made.root = tree.root();
    made.paths = (0..config.size()).map(|row| tree.path(row)).collect();

    let mut receiver = Receiver::new(&config, 4);
    assert_eq!(receiver.take(&message(&config, &made, 2, &content)), None);
    assert_eq!(receiver.take(&message(&config, &made, 3, &content)), None);
    assert_eq!(rejects(&mut receiver.effects), vec![(None, Reject::Invalid)]);
    assert_eq!(receiver.take(&message(&config, &made, 1, &content)), None);
    assert!(receiver.effects.as_slice().is_empty());
    assert_eq!(receiver.state.parts.iter().map(BTreeMap::len).sum::<usize>(), 3);
}

#[test]
fn a_part_that_is_not_the_senders_is_refused() {
    let config = four();
    let content = content(&config, r(1), 1, 40);
    let made = encode(&config, &content);
    let mut receiver = Receiver::new(&config, 4);
    let mut refused = |change: &dyn Fn(&mut Recon)| {
        let mut body = made.message(r(2), r(1), &content);
        change(&mut body);
        receiver.refused(&sign(&config, r(2), body))
    };
    let garbage = Blob::new(vec![0; made.parts[1].len()]).unwrap();
    assert_eq!(refused(&|body| body.part = garbage.clone()), Reject::Invalid);
    assert_eq!(refused(&|body| body.part = Blob::default()), Reject::Invalid);
    assert_eq!(refused(&|body| body.root = Digest([3; 32])), Reject::Invalid);
    assert_eq!(refused(&|body| body.path = List::empty()), Reject::Invalid);
    assert_eq!(refused(&|body| body.length += 2), Reject::Invalid);
    assert_eq!(refused(&|body| body.length = 0), Reject::Invalid);
    assert_eq!(refused(&|body| body.length = u32::MAX), Reject::Invalid);
    assert_eq!(refused(&|body| body.originator = r(0)), Reject::Invalid);
    assert_eq!(refused(&|body| body.originator = r(5)), Reject::Invalid);
    assert_eq!(refused(&|body| *body = made.message(r(3), r(1), &content)), Reject::Invalid);
    assert_eq!(refused(&|body| body.seq = s(0)), Reject::Stale);
    assert_eq!(refused(&|body| body.seq = s(257)), Reject::BeyondWindow);
    assert_eq!(refused(&|body| body.seq = s(u64::MAX)), Reject::BeyondWindow);
}

#[test]
fn a_sender_has_one_part_an_identifier() {
    let config = four();
    let (one, other) = (content(&config, r(1), 1, 40), content(&config, r(1), 1, 41));
    let (one, other) = (messages(&config, &one), messages(&config, &other));
    let mut receiver = Receiver::new(&config, 4);
    assert_eq!(receiver.take(&one[1]), None);
    assert_eq!(receiver.refused(&one[1]), Reject::Duplicate);
    assert_eq!(receiver.refused(&other[1]), Reject::Equivocation);
}

#[test]
fn what_is_settled_is_stale() {
    let config = four();
    let content = content(&config, r(1), 3, 40);
    let messages = messages(&config, &content);
    let mut receiver = Receiver::new(&config, 4);
    receiver.certify(&content);
    assert_eq!(receiver.refused(&messages[1]), Reject::Stale);
    receiver.pre_order.columns[0].slots.clear();
    receiver.pre_order.columns[0].aru = s(3);
    assert_eq!(receiver.refused(&messages[1]), Reject::Stale);
}

#[test]
fn a_sender_fills_its_own_share_and_no_more() {
    let mut config = four();
    config.windows.preorder = 2 * MAX_HELD as u64;
    let mut receiver = Receiver::new(&config, 4);
    let nth = |seq: usize| {
        let content = content(&config, r(1), seq as u64, 1);
        (messages(&config, &content), content)
    };
    for seq in 1..=MAX_HELD {
        assert_eq!(receiver.take(&nth(seq).0[1]), None);
    }
    let (late, content) = nth(MAX_HELD + 1);
    assert_eq!(receiver.refused(&late[1]), Reject::Full);
    assert_eq!(receiver.take(&late[2]), None, "others have shares of their own");

    // What execution waits for is let in all the same.
    let wanted = (r(1), s(MAX_HELD as u64 + 1));
    receiver.state.want.insert(wanted, Time(0));
    assert_eq!(receiver.take(&late[1]), Some(content));
    receiver.state.want.clear();
    receiver.effects.drain();

    // Parts of what is settled meanwhile make room.
    receiver.pre_order.columns[0].aru = s(10);
    assert_eq!(receiver.take(&nth(MAX_HELD + 2).0[1]), None);
    assert!(receiver.effects.as_slice().is_empty());
    assert_eq!(receiver.state.parts[1].len(), MAX_HELD - 10 + 1);
}

#[test]
fn a_sender_fills_no_more_bytes_than_its_share() {
    let config = config(2, 0, 0);
    // With f = 0 one part decodes, so put them in by hand.
    let mut receiver = Receiver::new(&config, 2);
    let large = content(&config, r(1), 200, 64 << 10);
    let one = messages(&config, &large).remove(1);
    let size = one.body().part.len();
    assert_eq!(size, part_length(&config, one.body().length as usize));
    let fitting = MAX_HELD_BYTES / size;
    for seq in 1..=fitting as u64 {
        receiver.state.parts[1].insert((r(1), s(seq)), one.clone());
    }
    assert_eq!(receiver.refused(&one), Reject::Full);
    receiver.state.parts[1].pop_first();
    assert_eq!(receiver.take(&one), Some(large));
}

/// A matrix whose column of server 1 is `column`; 0 is a null row.
fn matrix(config: &Config, column: &[u64]) -> Matrix {
    let rows = config.replicas().zip(column).map(|(id, &entry)| {
        let mut vec = vec![s(0); config.size()];
        vec[0] = s(entry);
        let row = sign(config, id, PoAru { vec: List::new(vec).unwrap() });
        (entry > 0).then(|| row.signed().clone())
    });
    Matrix { rows: List::new(rows.collect()).unwrap() }
}

#[test]
fn senders_are_the_first_q_that_acknowledge() {
    let config = four();
    let matrix = matrix(&config, &[5, 2, 7, 6]);
    let of = |seq| senders(&config, &matrix, r(1), s(seq));
    assert_eq!(of(5), vec![r(1), r(3), r(4)]);
    assert_eq!(of(2), vec![r(1), r(2), r(3)]);
    assert_eq!(of(7), vec![r(3)]);
    assert_eq!(of(8), vec![]);
    assert_eq!(senders(&config, &matrix, r(2), s(1)), vec![]);
    let null = Matrix::default();
    assert_eq!(senders(&config, &null, r(1), s(1)), vec![]);
}

#[test]
fn needs_goes_by_row_and_acknowledgement() {
    let config = four();
    let content = content(&config, r(1), 3, 40);
    let mut receiver = Receiver::new(&config, 2);
    receiver.certify(&content);
    let needy = |receiver: &Receiver| -> Vec<u16> {
        let needs = |id: &ReplicaId| needs(&receiver.pre_order, *id, r(1), s(3));
        config.replicas().filter(needs).map(|id| id.0).collect()
    };
    assert_eq!(needy(&receiver), vec![3, 4], "neither the originator nor itself");

    let mut vec = vec![s(0); 4];
    vec[0] = s(2);
    let row = |vec: &[PoSeq]| sign(&config, r(3), PoAru { vec: List::new(vec.to_vec()).unwrap() });
    receiver.pre_order.rows[2] = Some(row(&vec));
    assert_eq!(needy(&receiver), vec![3, 4]);
    vec[0] = s(3);
    receiver.pre_order.rows[2] = Some(row(&vec));
    assert_eq!(needy(&receiver), vec![4]);

    let slot = receiver.pre_order.columns[0].slots.get_mut(&s(3)).unwrap();
    slot.acks.insert(r(4), Digest([9; 32]));
    assert_eq!(needy(&receiver), vec![4], "it acknowledged something else");
    let slot = receiver.pre_order.columns[0].slots.get_mut(&s(3)).unwrap();
    slot.acks.insert(r(4), content.digest);
    assert_eq!(needy(&receiver), vec![]);
    receiver.pre_order.columns[0].slots.get_mut(&s(3)).unwrap().certified = None;
    assert_eq!(needy(&receiver), vec![4]);
}

#[test]
fn parts_go_out_once_in_order_to_those_in_need() {
    let config = four();
    let contents: Vec<Content> = (1..=3).map(|seq| content(&config, r(1), seq, 30)).collect();
    let mut server = Receiver::new(&config, 2);
    contents.iter().for_each(|content| server.certify(content));
    server.pre_order.columns[0].slots.get_mut(&s(2)).unwrap().certified = None;
    let go = |server: &mut Receiver, column: &[u64], old: u64, new: u64| {
        let vector = |entry| vec![s(entry), s(0), s(0), s(0)];
        let matrix = matrix(&config, column);
        let (old, new) = (vector(old), vector(new));
        let Receiver { state, config, pre_order, effects } = server;
        on_eligible(state, config, pre_order, &matrix, &old, &new, effects);
        effects.drain()
    };
    let send = |seq: u64, to: u16| {
        let content = &contents[usize::try_from(seq).unwrap() - 1];
        let part = encode(&config, content).message(r(2), r(1), content);
        Effect::Send { to: To::One(r(to)), body: part.into() }
    };
    assert_eq!(go(&mut server, &[3, 0, 3, 3], 0, 3), vec![], "it is no sender");
    assert_eq!(go(&mut server, &[3, 3, 3, 0], 1, 1), vec![]);
    assert_eq!(
        go(&mut server, &[3, 3, 3, 0], 0, u64::MAX),
        vec![send(1, 3), send(1, 4), send(3, 3), send(3, 4)],
        "identifier 2 is not certified"
    );
    assert_eq!(go(&mut server, &[3, 3, 3, 3], 0, 3), vec![]);
    assert_eq!(
        server.state.sent.keys().copied().collect::<Vec<_>>(),
        vec![(r(1), s(1)), (r(1), s(3))]
    );

    retire(&mut server.state, r(1), &contents[0]);
    assert_eq!(server.state.sent.len(), 1);
    assert_eq!(server.state.archive[&(r(1), s(1))], contents[0]);
}

#[test]
fn what_is_missing_is_asked_for_once_a_period() {
    let config = four();
    let mut state = State::new(&config, r(1));
    let missing: Vec<_> = (1..=68).map(|seq| (r(2), s(seq))).collect();
    let ask = |state: &mut State, now: u64, missing: &[(ReplicaId, PoSeq)]| -> Vec<u64> {
        let mut effects = Effects::default();
        request_missing(state, &config, Time(now), missing, &mut effects);
        let asked = effects.drain().into_iter().map(|effect| match effect {
            Effect::Send { to: To::Others, body: Body::ReconRequest(body) } => body.seq.0,
            other => panic!("{other:?}"),
        });
        asked.collect()
    };
    let period = config.timing.retransmit;
    assert_eq!(ask(&mut state, 5, &missing), (1..=64).collect::<Vec<_>>());
    assert_eq!(state.want.len(), MAX_WANTED);
    assert_eq!(ask(&mut state, 4 + period, &missing), Vec::<u64>::new());
    assert_eq!(ask(&mut state, 4 + period, &missing[2..]), vec![65, 66]);
    assert_eq!(ask(&mut state, 5 + period, &missing[2..]), (3..=64).collect::<Vec<_>>());
    assert_eq!(ask(&mut state, 6 + period, &[]), Vec::<u64>::new());
    assert!(state.want.is_empty());
}

#[test]
fn requests_are_answered_from_slot_and_archive_at_a_bounded_rate() {
    let config = four();
    let mut server = Receiver::new(&config, 2);
    let (live, done) = (content(&config, r(1), 500, 30), content(&config, r(1), 1, 30));
    server.certify(&live);
    retire(&mut server.state, r(1), &done);
    let ask = |server: &mut Receiver, now: u64, from: u16, originator: u16, seq: u64| {
        let body = ReconRequest { originator: r(originator), seq: s(seq) };
        let message = sign(&config, r(from), body);
        let Receiver { state, config, pre_order, effects } = server;
        on_recon_request(state, config, Time(now), pre_order, &message, effects);
        effects.drain()
    };
    let refusal = |from: Option<u16>, reason| vec![Effect::Reject { from: from.map(r), reason }];
    let answer = |content: &Content, to: u16| {
        let part = encode(&config, content).message(r(2), r(1), content);
        vec![Effect::Send { to: To::One(r(to)), body: part.into() }]
    };
    assert_eq!(ask(&mut server, 1, 4, 9, 1), refusal(Some(4), Reject::Invalid));
    assert_eq!(ask(&mut server, 1, 4, 0, 1), refusal(Some(4), Reject::Invalid));
    assert_eq!(ask(&mut server, 1, 4, 1, 2), refusal(None, Reject::Premature));
    assert_eq!(ask(&mut server, 1, 4, 1, 500), answer(&live, 4));
    assert_eq!(ask(&mut server, 2, 4, 1, 1), answer(&done, 4));
    assert_eq!(ask(&mut server, 2, 3, 1, 1), answer(&done, 3));
    let period = config.timing.retransmit;
    assert_eq!(ask(&mut server, period, 4, 1, 500), refusal(Some(4), Reject::Duplicate));
    assert_eq!(ask(&mut server, period + 1, 4, 1, 500), answer(&live, 4));
    assert_eq!(ask(&mut server, period + 1, 4, 1, 1), refusal(Some(4), Reject::Duplicate));

    for seq in 0..MAX_ANSWERS as u64 {
        retire(&mut server.state, r(1), &content(&config, r(1), 1_000 + seq, 1));
    }
    for seq in 0..MAX_ANSWERS as u64 {
        assert_eq!(ask(&mut server, 7 * period, 4, 1, 1_000 + seq).len(), 1);
    }
    assert_eq!(server.state.answered[3].len(), MAX_ANSWERS);
    assert_eq!(ask(&mut server, 7 * period, 4, 1, 1), refusal(Some(4), Reject::Full));
    assert_eq!(ask(&mut server, 7 * period, 3, 1, 1), answer(&done, 3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn decoding_survives_any_parts(
        length in any::<u32>(),
        small in 0u32..300,
        parts in btree_map(1u16..=7, vec(any::<u8>(), 0..100), 0..7),
    ) {
        let config = config(7, 2, 0);
        let parts = parts.into_iter().map(|(id, part)| (r(id), part)).collect();
        for length in [length, small] {
            let about = Recon {
                originator: r(1),
                seq: s(1),
                digest: Digest::default(),
                root: Digest::default(),
                length,
                part: Blob::default(),
                path: List::empty(),
            };
            prop_assert_eq!(decode(&config, &about, &parts), None);
        }
    }

    #[test]
    fn whatever_the_order_f_plus_1_honest_senders_suffice(
        order in Just((0..7usize).collect::<Vec<_>>()).prop_shuffle(),
        liars in proptest::sample::subsequence((0..7usize).collect::<Vec<_>>(), 2),
    ) {
        let config = config(7, 2, 0);
        let truth = content(&config, r(1), 1, 77);
        let honest = messages(&config, &truth);
        let lies = messages(&config, &content(&config, r(1), 1, 78));
        let mut receiver = Receiver::new(&config, 7);
        let mut seen = 0;
        for row in order {
            let lie = liars.contains(&row);
            let taken = receiver.take(if lie { &lies[row] } else { &honest[row] });
            seen += usize::from(!lie);
            prop_assert_eq!(taken.is_some(), seen == 3 && !lie);
            if let Some(taken) = taken {
                prop_assert_eq!(&taken, &truth);
                receiver.certify(&taken);
            }
        }
    }
}
