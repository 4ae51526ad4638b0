//! Public keys and signatures, each with its algorithm in front.

use crate::{bytes::Reader, hash, ids::hexadecimal, Fault, Item, KeyId};
use alloc::vec::Vec;
use core::fmt;
use curve25519_dalek::{edwards::CompressedEdwardsY, ristretto::CompressedRistretto, traits::IsIdentity};
use p256::ecdsa::signature::Verifier;

/// Domain tag of the hash of a key.
pub const KEY_TAG: &[u8; 24] = b"specie/key/v1\0\0\0\0\0\0\0\0\0\0\0";
/// Length of an encoded signature.
pub const SIGNATURE_LEN: usize = 65;

/// Modulus of the field of P-256, big-endian.
const P256_MODULUS: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff,
];

/// Kinds of keys. The number is the tag in front of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// Ed25519 (RFC 8032), verified by the rules of ZIP-215. Key 32 bytes, signature 64.
    Ed25519 = 1,
    /// ECDSA with SHA-256 on P-256, as the secure hardware of phones has it. Key 33 bytes (SEC 1, compressed),
    /// signature r ‖ s, big-endian, s at most half the order.
    P256 = 2,
    /// sr25519, the algorithm of owners' accounts. Key 32 bytes. It is certified, but signs nothing here.
    Sr25519 = 3,
}

impl Algorithm {
    /// The algorithm with this tag.
    pub fn from_tag(tag: u8) -> Result<Self, Fault> {
        match tag {
            1 => Ok(Self::Ed25519),
            2 => Ok(Self::P256),
            3 => Ok(Self::Sr25519),
            _ => Err(Fault::UnknownAlgorithm),
        }
    }

    /// Whether certificates, batches and revocations may be signed with it.
    pub fn signs(self) -> bool {
        !matches!(self, Self::Sr25519)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Point {
    Ed25519([u8; 32]),
    P256([u8; 33]),
    Sr25519([u8; 32]),
}

/// A public key that may be certified: a canonically encoded point of the subgroup of prime order, not the identity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey(Point);

impl PublicKey {
    /// Reads tag and point, which are all there is.
    pub fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(bytes);
        let key = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(key)
    }

    /// As [`PublicKey::decode`], without the costly checks of the point: for a key that passed them before, such as one
    /// that a chain keeps in its state.
    pub fn decode_trusted(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(bytes);
        let key = Self::read_unchecked(&mut reader)?;
        reader.finish()?;
        Ok(key)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let key = Self::read_unchecked(reader)?;
        match key.0 {
            Point::Ed25519(point) => check_ed25519(point)?,
            Point::P256(point) => check_p256(&point)?,
            Point::Sr25519(point) => check_sr25519(point)?,
        }
        Ok(key)
    }

    fn read_unchecked(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self(match Algorithm::from_tag(reader.u8()?)? {
            Algorithm::Ed25519 => Point::Ed25519(reader.array()?),
            Algorithm::P256 => Point::P256(reader.array()?),
            Algorithm::Sr25519 => Point::Sr25519(reader.array()?),
        }))
    }

    /// Tag and point: 33 bytes, 34 for P-256.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(34);
        self.encode_to(&mut bytes);
        bytes
    }

    pub(crate) fn encode_to(&self, bytes: &mut Vec<u8>) {
        bytes.push(self.algorithm() as u8);
        bytes.extend_from_slice(self.point());
    }

    /// Its algorithm.
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Point::Ed25519(_) => Algorithm::Ed25519,
            Point::P256(_) => Algorithm::P256,
            Point::Sr25519(_) => Algorithm::Sr25519,
        }
    }

    /// The point without the tag.
    pub fn point(&self) -> &[u8] {
        match &self.0 {
            Point::Ed25519(point) | Point::Sr25519(point) => point,
            Point::P256(point) => point,
        }
    }

    /// Under which name it is revoked: `blake2_256(tag ‖ encoded key)`, 16 bytes of it.
    pub fn item(&self) -> Item {
        Item::of(hash(&[KEY_TAG, &self.encode()]))
    }

    /// Under which name it issues: the first half of [`PublicKey::item`].
    pub fn id(&self) -> KeyId {
        let mut id = [0; 8];
        id.iter_mut().zip(self.item().0).for_each(|(to, from)| *to = from);
        KeyId(id)
    }

    /// Checks a signature.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), Fault> {
        match (&self.0, signature) {
            (Point::Ed25519(point), Signature::Ed25519(bytes)) => verify_ed25519(point, message, bytes),
            (Point::P256(point), Signature::P256(bytes)) => verify_p256(point, message, bytes),
            _ => Err(Fault::WrongAlgorithm),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}(", self.algorithm())?;
        hexadecimal(self.point(), f)?;
        f.write_str(")")
    }
}

/// A signature with its algorithm.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signature {
    /// R ‖ S.
    Ed25519([u8; 64]),
    /// r ‖ s, big-endian.
    P256([u8; 64]),
}

impl Signature {
    /// Brings a P-256 signature into its low form: hardware gives either.
    pub fn p256_low(bytes: [u8; 64]) -> Result<Self, Fault> {
        let signature = p256::ecdsa::Signature::from_slice(&bytes).map_err(|_| Fault::BadSignature)?;
        Ok(Self::P256(signature.normalize_s().unwrap_or(signature).to_bytes().into()))
    }

    /// Tag and bytes: [`SIGNATURE_LEN`].
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SIGNATURE_LEN);
        self.encode_to(&mut bytes);
        bytes
    }

    /// Reads tag and bytes, which are all there is.
    pub fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(bytes);
        let signature = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(signature)
    }

    pub(crate) fn encode_to(&self, bytes: &mut Vec<u8>) {
        let (algorithm, signature) = match self {
            Self::Ed25519(signature) => (Algorithm::Ed25519, signature),
            Self::P256(signature) => (Algorithm::P256, signature),
        };
        bytes.push(algorithm as u8);
        bytes.extend_from_slice(signature);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        match Algorithm::from_tag(reader.u8()?)? {
            Algorithm::Ed25519 => Ok(Self::Ed25519(reader.array()?)),
            Algorithm::P256 => Ok(Self::P256(reader.array()?)),
            Algorithm::Sr25519 => Err(Fault::UnknownAlgorithm),
        }
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.encode(), f)
    }
}

/// Checks an Ed25519 signature by ZIP-215, the rules of the chain's own signatures: any encoding of `key` and R that
/// decompresses, S below the group's order, the equation multiplied by the cofactor.
pub fn verify_ed25519(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<(), Fault> {
    let key = ed25519_zebra::VerificationKey::try_from(*key).map_err(|_| Fault::NotOnCurve)?;
    key.verify(&ed25519_zebra::Signature::from_bytes(signature), message).map_err(|_| Fault::BadSignature)
}

fn verify_p256(key: &[u8; 33], message: &[u8], signature: &[u8; 64]) -> Result<(), Fault> {
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).map_err(|_| Fault::NotOnCurve)?;
    let signature = p256::ecdsa::Signature::from_slice(signature).map_err(|_| Fault::BadSignature)?;
    if signature.normalize_s().is_some() {
        return Err(Fault::HighS);
    }
    key.verify(message, &signature).map_err(|_| Fault::BadSignature)
}

fn check_ed25519(bytes: [u8; 32]) -> Result<(), Fault> {
    let point = CompressedEdwardsY(bytes).decompress().ok_or(Fault::NotOnCurve)?;
    if point.compress().0 != bytes {
        Err(Fault::NonCanonicalKey)
    } else if point.is_small_order() {
        Err(Fault::SmallOrderKey)
    } else if !point.is_torsion_free() {
        Err(Fault::MixedOrderKey)
    } else {
        Ok(())
    }
}

fn check_p256(bytes: &[u8; 33]) -> Result<(), Fault> {
    // The curve's order is prime: every point but the one at infinity, which has no such encoding, will do.
    let [form, x @ ..] = bytes;
    if !matches!(form, 2 | 3) || *x >= P256_MODULUS {
        return Err(Fault::NonCanonicalKey);
    }
    p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).map(drop).map_err(|_| Fault::NotOnCurve)
}

fn check_sr25519(bytes: [u8; 32]) -> Result<(), Fault> {
    // Ristretto decodes canonical bytes only, and its group has prime order.
    let point = CompressedRistretto(bytes).decompress().ok_or(Fault::NotOnCurve)?;
    if point.is_identity() {
        return Err(Fault::SmallOrderKey);
    }
    Ok(())
}
