//! The key of the function.

use crate::{encoding, Hardened, PrfError, PrfOutput, Request};
use rand::{CryptoRng, RngCore};
use serde::{de::Error as _, Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use voprf::{Group, Ristretto255, VoprfServer};
use zeroize::Zeroizing;

/// The public part of a key: what a network's state holds and wallets check answers against. Written as 64
/// hexadecimal digits, also with `0x` in front.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey {
    bytes: [u8; 32],
    point: <Ristretto255 as Group>::Elem,
}

impl PublicKey {
    /// From the encoding of a point other than the neutral one.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, PrfError> {
        let point = Ristretto255::deserialize_elem(&bytes).map_err(|_| PrfError::PublicKey)?;
        Ok(Self { bytes, point })
    }

    /// Its encoding.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.bytes
    }

    pub(crate) fn point(&self) -> <Ristretto255 as Group>::Elem {
        self.point
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.bytes))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl FromStr for PublicKey {
    type Err = PrfError;

    fn from_str(text: &str) -> Result<Self, PrfError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut bytes).map_err(|_| PrfError::PublicKey)?;
        Self::from_bytes(bytes)
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Seed of the key of test networks, as public as this line.
const DEVELOPMENT_SEED: &[u8; 32] = b"specie/development/prf-key/v1\0\0\0";

/// The secret key. Whoever has it can try identities one by one, as fast as argon2 lets them; whoever loses it can
/// compute no owner id any more. Wiped when dropped.
pub struct Key(VoprfServer<Ristretto255>);

impl fmt::Debug for Key {
    // The secret stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.public())
    }
}

impl Key {
    /// A fresh key.
    pub fn generate<R: RngCore + CryptoRng>(rng: &mut R) -> Self {
        let mut seed = Zeroizing::new([0u8; 32]);
        loop {
            rng.fill_bytes(&mut *seed);
            // Fails with a chance of one in 2^(252 · 256).
            if let Ok(key) = Self::derive(&seed, &[]) {
                return key;
            }
        }
    }

    /// The key of test networks. Everybody has it.
    pub fn development() -> Result<Self, PrfError> {
        Self::derive(DEVELOPMENT_SEED, &[])
    }

    /// `DeriveKeyPair(seed, info)` of RFC 9497: the same key for the same input.
    pub fn derive(seed: &[u8; 32], info: &[u8]) -> Result<Self, PrfError> {
        VoprfServer::new_from_seed(seed, info).map(Self).map_err(|_| PrfError::SecretKey)
    }

    /// From its 32 bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, PrfError> {
        VoprfServer::new_with_key(bytes).map(Self).map_err(|_| PrfError::SecretKey)
    }

    /// Its bytes: a scalar, little-endian.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        let both = Zeroizing::new(<[u8; 64]>::from(self.0.serialize()));
        let mut secret = Zeroizing::new([0u8; 32]);
        secret.copy_from_slice(&both[..32]);
        secret
    }

    /// Its public part.
    pub fn public(&self) -> PublicKey {
        let point = self.0.get_public_key();
        PublicKey { bytes: Ristretto255::serialize_elem(point).into(), point }
    }

    /// Evaluates every element of a request and proves it, with one proof for all. The response's bytes.
    pub fn evaluate<R: RngCore + CryptoRng>(&self, request: &Request, rng: &mut R) -> Result<Vec<u8>, PrfError> {
        let result =
            self.0.batch_blind_evaluate(rng, request.elements()).map_err(|_| PrfError::Count(request.count()))?;
        Ok(encoding::encode_response(&result.messages, &result.proof))
    }

    /// The function's value without blinding, which only the holder of the key can compute. What
    /// [`finish`](crate::finish) gives is the same.
    pub fn output(&self, hardened: &Hardened) -> Result<PrfOutput, PrfError> {
        self.output_of(hardened.as_bytes())
    }

    pub(crate) fn output_of(&self, input: &[u8]) -> Result<PrfOutput, PrfError> {
        PrfOutput::from_rfc(&self.0.evaluate(input).map_err(|_| PrfError::Input)?)
    }
}
