//! From an identity to an owner id that nobody computes without the issuer's identity service.
//!
//! The wallet hardens an identity with argon2id, blinds it and hands the blinded element to the service; the service
//! multiplies it with its key and proves that it did; the wallet checks the proof, takes the blind off and hashes. The
//! service sees a random element and nothing else, the wallet learns one value of the function and nothing of the key.
//! It is the VOPRF of RFC 9497 in its verifiable mode, suite ristretto255-SHA512:
//!
//! ```text
//! hardened = argon2id(identity, salt = "specie/owner-prf/v2" ‖ network (u32 LE), 32 MiB, 3 passes, 1 lane)   32 bytes
//! prf      = first 32 bytes of VOPRF(key, hardened)
//! owner id = first 24 bytes of blake2_256("specie/owner/v1" ‖ network (u32 LE) ‖ prf)
//! ```
//!
//! [`docs/protocol/owner-id.md`](../../../docs/protocol/owner-id.md) is the specification, with test vectors.
//!
//! ```
//! # use specie_prf::*;
//! # let mut rng = rand::rngs::OsRng;
//! # let hardened = Hardened::from_bytes([7; 32]);
//! // The service.
//! let key = Key::generate(&mut rng);
//! let public = key.public();
//! // A wallet: `Blinded::new(identity, network, …)` hardens as well.
//! let blinded = [Blinded::from_hardened(hardened, 1, &mut rng)?];
//! let request = Request::new(&blinded)?.encode();
//! // The service.
//! let response = key.evaluate(&Request::decode(&request)?, &mut rng)?;
//! // The wallet.
//! let outputs = finish(&blinded, &response, &public)?;
//! let owner: [u8; 24] = outputs[0].owner_id(1);
//! # Ok::<(), PrfError>(())
//! ```

mod encoding;
mod key;
mod sealed;
#[cfg(test)]
mod tests;

pub use encoding::Request;
pub use key::{Key, PublicKey};
pub use sealed::{Header, Kdf, SealError, SealedKey};

use argon2::{Algorithm, Argon2, Params, Version};
use rand::{CryptoRng, RngCore};
use voprf::{Ristretto255, VoprfClient};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Start of the salt that hardens an identity; the network id follows, little-endian.
pub const SALT_TAG: &[u8] = b"specie/owner-prf/v2";
/// Memory of hardening one identity in KiB: 32 MiB.
pub const MEMORY_KIB: u32 = 32 * 1024;
/// Passes over that memory.
pub const PASSES: u32 = 3;
/// Lanes.
pub const LANES: u32 = 1;
/// Domain tag of an owner id, the same as in `specie_primitives::identity`.
pub const OWNER_TAG: &[u8] = b"specie/owner/v1";
/// Elements in one request at most.
pub const MAX_BATCH: usize = 64;
/// Longest identity in bytes.
pub const MAX_IDENTITY: usize = 1024;
/// First byte of requests and responses.
pub const VERSION: u8 = 1;

/// What can go wrong. No message repeats an identity or an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrfError {
    /// Not something that [`Blinded::new`] takes.
    #[error("an identity has 1 to {MAX_IDENTITY} bytes, this one {0}")]
    Identity(usize),
    /// Argon2 refused to run, for want of memory.
    #[error("the identity could not be hardened: {0}")]
    Hardening(argon2::Error),
    /// The hash of this input is no usable element; happens with a chance of one in 2^252.
    #[error("this identity has no element")]
    Input,
    /// An empty batch, or one that is too large.
    #[error("a batch has 1 to {MAX_BATCH} elements, this one {0}")]
    Count(usize),
    /// Elements that belong to different networks are not asked for together.
    #[error("the identities of one batch were hardened for different networks")]
    Networks,
    /// Written by another version.
    #[error("version {VERSION} is spoken here, this is version {0}")]
    Version(u8),
    /// Bytes are missing, or there are more than there should be.
    #[error("{expected} bytes are expected, these are {found}")]
    Length {
        /// What the count in the message asks for.
        expected: usize,
        /// What there was.
        found: usize,
    },
    /// Not the encoding of a point, or the neutral one. Counted from 0.
    #[error("element {0} is not a valid point of ristretto255")]
    Element(usize),
    /// A response to another request.
    #[error("{asked} elements were asked for, {answered} answered")]
    Answer {
        /// Elements in the request.
        asked: usize,
        /// Elements in the response.
        answered: usize,
    },
    /// Not two scalars.
    #[error("the proof is not the encoding of two scalars")]
    ProofEncoding,
    /// The response was made with another key, or for another request, or altered.
    #[error("the proof does not hold: the answer was not made with the key that was expected")]
    Proof,
    /// Not a public key.
    #[error("a public key is the encoding of a point, 32 bytes, written as 64 hexadecimal digits")]
    PublicKey,
    /// Not a secret key.
    #[error("a secret key is a scalar other than zero in its canonical encoding, 32 bytes")]
    SecretKey,
}

/// A hardened identity. Whoever has it still needs the service to get at the owner id, but no longer pays for argon2:
/// it is kept as secret as the identity.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Hardened([u8; 32]);

impl core::fmt::Debug for Hardened {
    // As good as an identity: stays out of logs.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Hardened(…)")
    }
}

impl Hardened {
    /// Argon2id, version 0x13, over a normalised identity (`phone:+49…`); salt [`SALT_TAG`] ‖ network (u32,
    /// little-endian), [`MEMORY_KIB`], [`PASSES`], [`LANES`], 32 bytes. Takes about a tenth of a second.
    pub fn new(identity: &[u8], network: u32) -> Result<Self, PrfError> {
        if identity.is_empty() || identity.len() > MAX_IDENTITY {
            return Err(PrfError::Identity(identity.len()));
        }
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).map_err(PrfError::Hardening)?;
        let salt = [SALT_TAG, &network.to_le_bytes()].concat();
        let mut output = Self([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(identity, &salt, &mut output.0)
            .map_err(PrfError::Hardening)?;
        Ok(output)
    }

    /// One that was computed before.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// An identity on its way: what goes to the service, and the secret with which the answer is opened. Good for one
/// request.
pub struct Blinded {
    input: Zeroizing<Vec<u8>>,
    network: u32,
    client: VoprfClient<Ristretto255>,
    element: [u8; 32],
}

impl core::fmt::Debug for Blinded {
    // Blinded elements and identities stay out of logs.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Blinded(…)")
    }
}

impl Blinded {
    /// Hardens a normalised identity (`NormalisedIdentity::as_bytes`) for a network and blinds it. Takes about a tenth
    /// of a second.
    pub fn new<R: RngCore + CryptoRng>(identity: &[u8], network: u32, rng: &mut R) -> Result<Self, PrfError> {
        Self::from_hardened(Hardened::new(identity, network)?, network, rng)
    }

    /// Blinds what was hardened before, for the same network.
    pub fn from_hardened<R: RngCore + CryptoRng>(
        hardened: Hardened,
        network: u32,
        rng: &mut R,
    ) -> Result<Self, PrfError> {
        Self::from_input(hardened.as_bytes(), network, rng)
    }

    /// Blinds any input: the test vectors of RFC 9497 are not hardened.
    fn from_input<R: RngCore + CryptoRng>(input: &[u8], network: u32, rng: &mut R) -> Result<Self, PrfError> {
        let blinded = VoprfClient::<Ristretto255>::blind(input, rng).map_err(|_| PrfError::Input)?;
        Ok(Self {
            input: Zeroizing::new(input.to_vec()),
            network,
            element: blinded.message.serialize().into(),
            client: blinded.state,
        })
    }

    /// Network that the identity was hardened for.
    pub fn network(&self) -> u32 {
        self.network
    }

    /// What the service gets to see: a point that is as likely for every identity.
    pub fn element(&self) -> &[u8; 32] {
        &self.element
    }
}

/// A value of the function: 32 bytes that nobody computes without the key. A wallet keeps it encrypted, beside the
/// identity it belongs to: that pair is what nobody else may learn.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct PrfOutput([u8; 32]);

impl core::fmt::Debug for PrfOutput {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PrfOutput(…)")
    }
}

impl PrfOutput {
    /// One that was kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes, which `specie_primitives::identity::owner_id` takes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The owner id on a network: first 24 bytes of blake2_256([`OWNER_TAG`] ‖ network (u32, little-endian) ‖ output).
    pub fn owner_id(&self, network: u32) -> [u8; 24] {
        let message = Zeroizing::new([OWNER_TAG, &network.to_le_bytes(), &self.0].concat());
        let hash = sp_crypto_hashing::blake2_256(&message);
        let mut id = [0; 24];
        id.copy_from_slice(&hash[..24]);
        id
    }

    /// The first 32 of the 64 bytes that RFC 9497 gives.
    fn from_rfc(output: &[u8]) -> Result<Self, PrfError> {
        let bytes = output.get(..32).and_then(|bytes| bytes.try_into().ok()).ok_or(PrfError::Input)?;
        Ok(Self(bytes))
    }
}

/// Opens the service's answer to [`Request::new`] of the same elements in the same order. All of it is refused unless
/// it proves that every element was evaluated with the key behind `public`, which the wallet knows from the chain.
pub fn finish(blinded: &[Blinded], response: &[u8], public: &PublicKey) -> Result<Vec<PrfOutput>, PrfError> {
    let (elements, proof) = encoding::decode_response(response)?;
    if elements.len() != blinded.len() {
        return Err(PrfError::Answer { asked: blinded.len(), answered: elements.len() });
    }
    let inputs: Vec<&[u8]> = blinded.iter().map(|blinded| blinded.input.as_slice()).collect();
    let clients: Vec<_> = blinded.iter().map(|blinded| blinded.client.clone()).collect();
    // The lengths are equal, so that nothing but the proof can fail here.
    VoprfClient::<Ristretto255>::batch_finalize(&inputs, &clients, &elements, &proof, public.point())
        .map_err(|_| PrfError::Proof)?
        .map(|output| PrfOutput::from_rfc(&output.map_err(|_| PrfError::Input)?))
        .collect()
}
