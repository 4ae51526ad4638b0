//! The key at rest: a JSON file, sealed like the keys of wallets.
//!
//! The header (version, network, public key, parameters of the key derivation) is readable. The secret scalar is sealed
//! with XChaCha20-Poly1305 under a key that argon2id makes from the password; the header is bound into the seal, so
//! that an altered header is noticed.

use crate::{Key, PrfError, PublicKey};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    aead::{Aead, Payload},
    KeyInit, XChaCha20Poly1305, XNonce,
};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Version of the format that this crate writes.
const VERSION: u32 = 1;
const ALGORITHM: &str = "argon2id";
const CIPHER: &str = "xchacha20poly1305";
/// Most memory that a file may ask for, 1 GiB: a forged file shall not exhaust the machine.
const MAX_MEMORY_KIB: u32 = 1024 * 1024;
/// Most passes that a file may ask for.
const MAX_PASSES: u32 = 100;
/// Most lanes that a file may ask for.
const MAX_LANES: u32 = 16;

/// What can go wrong with a sealed key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// An empty password protects nothing.
    #[error("the password is empty")]
    EmptyPassword,
    /// The seal does not open.
    #[error("wrong password, or the file was altered")]
    WrongPassword,
    /// Not a key file, or one of another version.
    #[error("not a key file that this version reads: {0}")]
    Format(String),
    /// What was sealed is no key.
    #[error(transparent)]
    Key(#[from] PrfError),
}

/// The readable part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Version of the format.
    pub version: u32,
    /// Network whose owner ids depend on the key.
    pub network: u32,
    /// Public part of the key.
    pub public_key: PublicKey,
    /// How the password becomes the sealing key.
    pub kdf: Kdf,
    /// How the secret is sealed: `xchacha20poly1305`.
    pub cipher: String,
}

/// Key derivation from the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kdf {
    /// `argon2id`, version 0x13.
    pub algorithm: String,
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// 16 random bytes, hexadecimal.
    pub salt: String,
}

/// A key that a password opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedKey {
    header: Header,
    /// 24 random bytes, hexadecimal.
    nonce: String,
    /// Sealed scalar, 32 + 16 bytes, hexadecimal.
    sealed: String,
}

impl SealedKey {
    /// Memory of opening a key file in KiB, unless a caller has a reason to differ: 64 MiB.
    pub const MEMORY_KIB: u32 = 64 * 1024;

    /// Seals a key of a network. `memory_kib` is what opening it will cost.
    pub fn seal<R: RngCore + CryptoRng>(
        key: &Key,
        network: u32,
        password: &str,
        memory_kib: u32,
        rng: &mut R,
    ) -> Result<Self, SealError> {
        if password.is_empty() {
            return Err(SealError::EmptyPassword);
        }
        let (mut salt, mut nonce) = ([0u8; 16], [0u8; 24]);
        rng.fill_bytes(&mut salt);
        rng.fill_bytes(&mut nonce);
        let kdf = Kdf { algorithm: ALGORITHM.into(), memory_kib, passes: 3, lanes: 1, salt: hex::encode(salt) };
        let header = Header { version: VERSION, network, public_key: key.public(), kdf, cipher: CIPHER.into() };
        let sealed = cipher(&header.kdf, password)?
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: &*key.to_bytes(), aad: &bound(&header) })
            .map_err(|error| SealError::Format(error.to_string()))?;
        Ok(Self { header, nonce: hex::encode(nonce), sealed: hex::encode(sealed) })
    }

    /// Reads the bytes of a file.
    pub fn decode(bytes: &[u8]) -> Result<Self, SealError> {
        let bad = |reason: String| SealError::Format(reason);
        let key: Self = serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?;
        if key.header.version != VERSION {
            return Err(bad(format!("it has version {}, this is {VERSION}", key.header.version)));
        }
        if key.header.cipher != CIPHER {
            return Err(bad("its cipher is unknown".into()));
        }
        Ok(key)
    }

    /// The bytes of a file.
    pub fn encode(&self) -> Result<Vec<u8>, SealError> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|error| SealError::Format(error.to_string()))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The readable part.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Opens it.
    pub fn open(&self, password: &str) -> Result<Key, SealError> {
        let bad = |reason: &str| SealError::Format(reason.into());
        let mut nonce = [0u8; 24];
        hex::decode_to_slice(&self.nonce, &mut nonce).map_err(|_| bad("its nonce is damaged"))?;
        let sealed = hex::decode(&self.sealed).map_err(|_| bad("its content is damaged"))?;
        let opened = cipher(&self.header.kdf, password)?
            .decrypt(XNonce::from_slice(&nonce), Payload { msg: &sealed, aad: &bound(&self.header) })
            .map(Zeroizing::new)
            .map_err(|_| SealError::WrongPassword)?;
        let secret = <&[u8; 32]>::try_from(opened.as_slice()).map_err(|_| bad("its content is no key"))?;
        let key = Key::from_bytes(secret)?;
        if key.public() != self.header.public_key {
            return Err(bad("its public key is not the key's"));
        }
        Ok(key)
    }
}

/// The bytes of a header that the seal covers.
fn bound(header: &Header) -> Vec<u8> {
    let Kdf { algorithm, memory_kib, passes, lanes, salt } = &header.kdf;
    format!(
        "specie/prf-key/{}\n{}\n{}\n{algorithm}\n{memory_kib} {passes} {lanes} {salt}\n{}",
        header.version, header.network, header.public_key, header.cipher,
    )
    .into_bytes()
}

fn cipher(kdf: &Kdf, password: &str) -> Result<XChaCha20Poly1305, SealError> {
    let bad = |reason: String| SealError::Format(reason);
    if kdf.algorithm != ALGORITHM || kdf.memory_kib > MAX_MEMORY_KIB || kdf.passes > MAX_PASSES || kdf.lanes > MAX_LANES
    {
        return Err(bad("its key derivation is unknown or too expensive".into()));
    }
    let params =
        Params::new(kdf.memory_kib, kdf.passes, kdf.lanes, Some(32)).map_err(|error| bad(error.to_string()))?;
    let salt = hex::decode(&kdf.salt).map_err(|_| bad("its salt is damaged".into()))?;
    let mut key = Zeroizing::new([0u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), &salt, &mut *key)
        .map_err(|error| bad(error.to_string()))?;
    Ok(XChaCha20Poly1305::new((&*key).into()))
}
