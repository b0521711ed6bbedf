//! Authenticators, and the only two ways to a [`Verified`] message.
//!
//! A signature covers the root of a Merkle tree whose leaves are messages; each message carries
//! the path from its leaf. One signature thus serves a whole batch while each message stays
//! provable alone. A leaf binds cluster, epoch, signer, kind of message and content, so nothing
//! signed for one place means anything in another.
//!
//! Nothing is keyed on signature bytes: a message's identity is its leaf digest.

use crate::threshold::{PointClaim, ThresholdScheme};
use crate::{Config, Digest, Principal, Protocol, ReplicaId, digest::Hasher, merkle};
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::VecDeque;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Signature bytes. What they mean is the [`Scheme`]'s business.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sig:{:02x}{:02x}", self.0[0], self.0[1])
    }
}

/// A signature over a Merkle root, and the way from one message's leaf to that root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Auth {
    /// Over the root, by the signer.
    pub signature: Signature,
    /// Position of the leaf, below `2^path.len()`.
    pub index: u32,
    /// Siblings from the leaf up.
    pub path: merkle::Path,
}

/// What may be signed.
pub trait Signable: Clone + fmt::Debug + BorshSerialize + BorshDeserialize {
    /// Replica or client.
    type Signer: Copy
        + fmt::Debug
        + Ord
        + Into<Principal>
        + BorshSerialize
        + BorshDeserialize
        + Send
        + Sync;

    /// Distinguishes this type from every other that is signed.
    const KIND: u16;

    /// Feeds what the leaf covers. All of the encoding, unless the type says otherwise.
    fn content(&self, hasher: &mut Hasher) {
        hasher.put_value(self);
    }

    /// Adds the claims of every signed message inside this one.
    ///
    /// # Errors
    /// An inner authenticator that cannot lead to any root.
    fn inner_claims(&self, _context: &Context, _claims: &mut Claims) -> Result<(), AuthError> {
        Ok(())
    }

    /// What this message claims of a threshold signature when `signer` signs it.
    fn point(&self, _signer: Self::Signer, _context: &Context) -> Option<PointClaim> {
        None
    }

    /// Adds what the signer's host alone can, before the message is signed: its own share of a
    /// threshold signature, or the signature that the shares inside amount to.
    fn endorse(&mut self, _context: &Context, _scheme: &dyn ThresholdScheme) {}
}

/// What every leaf binds beside the message.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Context {
    /// See [`Config::cluster`].
    pub cluster: Digest,
    /// See [`Config::epoch`].
    pub epoch: u32,
}

impl From<&Config> for Context {
    fn from(config: &Config) -> Self {
        Self { cluster: config.cluster, epoch: config.epoch }
    }
}

impl Context {
    /// The leaf of `body` signed by `signer`: the message's identity.
    #[must_use]
    pub fn leaf<T: Signable>(&self, signer: T::Signer, body: &T) -> Digest {
        let mut hasher = Hasher::new("patchy leaf 1");
        hasher.put_value(self);
        hasher.put_value(&signer.into());
        hasher.put_value(&T::KIND);
        body.content(&mut hasher);
        hasher.finish()
    }
}

/// A message with its authenticator, as it stands on the wire. Proves nothing by itself.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Signed<T: Signable> {
    /// Who claims to have signed.
    pub signer: T::Signer,
    /// The message.
    pub body: T,
    /// The proof.
    pub auth: Auth,
}

/// "This principal signed this root": what is left to check after hashing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Claim {
    /// Who.
    pub signer: Principal,
    /// What.
    pub root: Digest,
    /// The evidence.
    pub signature: Signature,
}

/// All that is left to check of a message and those inside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// Of signatures.
    pub signatures: Vec<Claim>,
    /// Of threshold signatures and their shares.
    pub points: Vec<PointClaim>,
}

/// Spread by the digest alone: what else there is in equal claims is equal too.
impl Hash for Claim {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.root.hash(state);
    }
}

impl<T: Signable> Signed<T> {
    /// Adds the claims of this message and of those inside it; returns its leaf.
    ///
    /// # Errors
    /// [`AuthError::Path`] when index and path do not fit.
    pub fn claims(&self, context: &Context, out: &mut Claims) -> Result<Digest, AuthError> {
        let leaf = context.leaf(self.signer, &self.body);
        let root = merkle::fold(leaf, self.auth.index, &self.auth.path).ok_or(AuthError::Path)?;
        let (signer, signature) = (self.signer.into(), self.auth.signature);
        out.signatures.push(Claim { signer, root, signature });
        out.points.extend(self.body.point(self.signer, context));
        self.body.inner_claims(context, out)?;
        Ok(leaf)
    }
}

/// Why a message is not authentic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The path leads nowhere.
    #[error("the authenticator's path does not fit its index")]
    Path,
    /// The signature is not the signer's, or the signer is not enrolled.
    #[error("a signature does not verify")]
    Signature,
    /// A threshold signature is not the cluster's, or a share not its signer's.
    #[error("a threshold signature, or a share of one, does not verify")]
    Point,
}

/// Signs roots for one principal and verifies those of all. A provider of the shared base.
///
/// Every scheme of one cluster must decide alike on every input; see [`crate::ed25519`].
pub trait Scheme: Send + Sync {
    /// Signs `root` as the principal that holds this scheme's secret.
    fn sign(&self, root: &Digest) -> Signature;

    /// Whether `claim` holds.
    fn verify(&self, claim: &Claim) -> bool;

    /// Whether all `claims` hold; must agree with [`Scheme::verify`] on each.
    fn verify_all(&self, claims: &[Claim]) -> bool {
        claims.iter().all(|claim| self.verify(claim))
    }
}

/// A message that was authenticated here, or signed here. Cheap to clone.
pub struct Verified<T: Signable> {
    signed: Arc<Signed<T>>,
    digest: Digest,
}

impl<T: Signable> Clone for Verified<T> {
    fn clone(&self) -> Self {
        Self { signed: Arc::clone(&self.signed), digest: self.digest }
    }
}

impl<T: Signable> fmt::Debug for Verified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} by {:?} {:?}", self.signed.body, self.signed.signer, self.digest)
    }
}

/// Equal when signer and content are: authenticators may differ.
impl<T: Signable> PartialEq for Verified<T> {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl<T: Signable> Eq for Verified<T> {}

impl<T: Signable> PartialOrd for Verified<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Signable> Ord for Verified<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.digest.cmp(&other.digest)
    }
}

/// The encoding is the digest: this is how abstract states are compared. To put the message
/// itself on the wire, encode [`Verified::signed`].
impl<T: Signable> BorshSerialize for Verified<T> {
    fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
        self.digest.serialize(writer)
    }
}

impl<T: Signable> Verified<T> {
    /// Who signed it.
    #[must_use]
    pub fn signer(&self) -> T::Signer {
        self.signed.signer
    }

    /// The message.
    #[must_use]
    pub fn body(&self) -> &T {
        &self.signed.body
    }

    /// Its leaf: binds cluster, epoch, signer, kind and content.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The message with its authenticator.
    #[must_use]
    pub fn signed(&self) -> &Signed<T> {
        &self.signed
    }

    pub(crate) fn trust_inner(signed: Signed<T>, context: &Context) -> Self {
        let digest = context.leaf(signed.signer, &signed.body);
        Self { signed: Arc::new(signed), digest }
    }
}

/// Shows that a message was signed by this process; only [`Signer`] can make one.
#[derive(Debug)]
pub struct Own(());

impl Own {
    pub(crate) fn seal<T: Signable>(
        &self,
        signer: T::Signer,
        body: T,
        auth: Auth,
        digest: Digest,
    ) -> Verified<T> {
        Verified { signed: Arc::new(Signed { signer, body, auth }), digest }
    }
}

/// Signs in batches for one principal.
#[derive(Clone)]
pub struct Signer {
    context: Context,
    scheme: Arc<dyn Scheme>,
    threshold: Option<Arc<dyn ThresholdScheme>>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// A signer for the principal whose secret `scheme` holds.
    #[must_use]
    pub fn new(context: Context, scheme: Arc<dyn Scheme>) -> Self {
        Self { context, scheme, threshold: None }
    }

    /// The same, which endorses what it signs by `threshold`.
    #[must_use]
    pub fn with_threshold(self, threshold: Arc<dyn ThresholdScheme>) -> Self {
        Self { threshold: Some(threshold), ..self }
    }

    /// Signs all of `bodies`, endorsed, under one root.
    #[must_use]
    pub fn sign_all<T: Signable>(&self, signer: T::Signer, mut bodies: Vec<T>) -> Vec<Verified<T>> {
        if let Some(threshold) = &self.threshold {
            bodies.iter_mut().for_each(|body| body.endorse(&self.context, threshold.as_ref()));
        }
        let leaves: Vec<_> = bodies.iter().map(|body| self.context.leaf(signer, body)).collect();
        let auths = self.authenticate(&leaves);
        let parts = bodies.into_iter().zip(auths).zip(leaves);
        parts.map(|((body, auth), leaf)| Own(()).seal(signer, body, auth, leaf)).collect()
    }

    /// Signs a batch of protocol messages, endorsed, and replies, all under one root.
    #[must_use]
    pub fn seal<P: Protocol>(
        &self,
        me: ReplicaId,
        mut bodies: Vec<P::Body>,
        replies: Vec<crate::Reply>,
    ) -> (Vec<P::Incoming>, Vec<Verified<crate::Reply>>) {
        if let Some(threshold) = &self.threshold {
            bodies.iter_mut().for_each(|body| P::endorse(body, &self.context, threshold.as_ref()));
        }
        let mut leaves: Vec<_> =
            bodies.iter().map(|body| P::leaf(&self.context, me, body)).collect();
        leaves.extend(replies.iter().map(|reply| self.context.leaf(me, reply)));
        let mut proofs = self.authenticate(&leaves).into_iter().zip(leaves);
        let own = Own(());
        let messages = bodies
            .into_iter()
            .zip(proofs.by_ref())
            .map(|(body, (auth, leaf))| P::seal(&own, me, body, auth, leaf))
            .collect();
        let replies = replies
            .into_iter()
            .zip(proofs)
            .map(|(reply, (auth, leaf))| own.seal(me, reply, auth, leaf))
            .collect();
        (messages, replies)
    }

    fn authenticate(&self, leaves: &[Digest]) -> Vec<Auth> {
        let mut auths = Vec::with_capacity(leaves.len());
        for batch in leaves.chunks(1 << merkle::MAX_DEPTH) {
            let tree = merkle::Tree::new(batch.to_vec());
            let signature = self.scheme.sign(&tree.root());
            let auth = |index| Auth { signature, index, path: tree.path(index as usize) };
            auths.extend((0u32..).zip(batch).map(|(index, _)| auth(index)));
        }
        auths
    }
}

/// Turns signed messages into verified ones.
///
/// Claims that held once are remembered (a bounded number, oldest forgotten first), so that the
/// second message under one root, or a row met again in another matrix, costs hashing only. The
/// memory holds whole claims, signature included: what a replica accepts never depends on it.
pub struct Gate {
    context: Context,
    scheme: Arc<dyn Scheme>,
    threshold: Option<Arc<dyn ThresholdScheme>>,
    signatures: Mutex<Memory<Claim>>,
    points: Mutex<Memory<PointClaim>>,
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}

/// Claims of each kind remembered by one gate.
const REMEMBERED: usize = 8192;

#[expect(clippy::disallowed_types, reason = "asked for members alone, whose order is nowhere seen")]
type Set<T> = std::collections::HashSet<T>;

struct Memory<T> {
    held: Set<T>,
    order: VecDeque<T>,
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self { held: Set::default(), order: VecDeque::new() }
    }
}

impl<T: Copy + Ord + Hash> Memory<T> {
    fn add(&mut self, claim: T) {
        if self.order.is_empty() {
            // Most gates get to hold all of it, and growing costs more than room.
            self.held.reserve(REMEMBERED + 1);
            self.order.reserve(REMEMBERED + 1);
        }
        if self.held.insert(claim) {
            self.order.push_back(claim);
            if self.order.len() > REMEMBERED
                && let Some(oldest) = self.order.pop_front()
            {
                self.held.remove(&oldest);
            }
        }
    }

    /// Whether all `claims` hold, of which `check` looks at those not remembered, each once. If they
    /// do, they are remembered.
    fn hold(memory: &Mutex<Self>, claims: &[T], check: impl FnOnce(&[T]) -> bool) -> bool {
        if claims.is_empty() {
            return true;
        }
        let lock = || memory.lock().unwrap_or_else(PoisonError::into_inner);
        if let [one] = claims {
            let held = lock().held.contains(one);
            return held
                || (check(claims) && {
                    lock().add(*one);
                    true
                });
        }
        let mut fresh: Vec<T> = Vec::with_capacity(claims.len());
        {
            let memory = lock();
            fresh.extend(claims.iter().filter(|claim| !memory.held.contains(claim)));
        }
        if fresh.is_empty() {
            return true;
        }
        fresh.sort_unstable();
        fresh.dedup();
        let all_hold = check(&fresh);
        if all_hold {
            let mut memory = lock();
            fresh.into_iter().for_each(|claim| memory.add(claim));
        }
        all_hold
    }
}

impl Gate {
    /// A gate that lets through what `scheme` verifies, and nothing with a threshold signature.
    #[must_use]
    pub fn new(context: Context, scheme: Arc<dyn Scheme>) -> Self {
        let (signatures, points) = Default::default();
        Self { context, scheme, threshold: None, signatures, points }
    }

    /// The same for a cluster with threshold signatures, which `threshold` verifies.
    #[must_use]
    pub fn with_threshold(self, threshold: Arc<dyn ThresholdScheme>) -> Self {
        Self { threshold: Some(threshold), ..self }
    }

    /// What the signatures bind.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Authenticates `signed` and every signed message inside it.
    ///
    /// # Errors
    /// [`AuthError`], whoever is to blame; one bad inner signature spoils the whole.
    pub fn verify<T: Signable>(&self, signed: Signed<T>) -> Result<Verified<T>, AuthError> {
        let mut claims = Claims::default();
        let digest = signed.claims(&self.context, &mut claims)?;
        if !self.signatures_hold(&claims.signatures) {
            return Err(AuthError::Signature);
        }
        // Last, because these cost the most.
        if !self.points_hold(&claims.points) {
            return Err(AuthError::Point);
        }
        Ok(Verified { signed: Arc::new(signed), digest })
    }

    /// Authenticates many at once: cheaper than one by one when all are good, and a bad one does
    /// not spoil the others.
    #[must_use]
    pub fn verify_each<T: Signable>(
        &self,
        messages: Vec<Signed<T>>,
    ) -> Vec<Result<Verified<T>, AuthError>> {
        let mut claims = Claims::default();
        for signed in &messages {
            // A path that does not fit is reported by `verify` below.
            let _ = signed.claims(&self.context, &mut claims);
        }
        self.signatures_hold(&claims.signatures);
        messages.into_iter().map(|signed| self.verify(signed)).collect()
    }

    fn signatures_hold(&self, claims: &[Claim]) -> bool {
        Memory::hold(&self.signatures, claims, |fresh| match fresh {
            [one] => self.scheme.verify(one),
            many => self.scheme.verify_all(many),
        })
    }

    fn points_hold(&self, claims: &[PointClaim]) -> bool {
        Memory::hold(&self.points, claims, |fresh| {
            let scheme = self.threshold.as_deref();
            scheme.is_some_and(|scheme| fresh.iter().all(|claim| scheme.verify(claim)))
        })
    }
}
