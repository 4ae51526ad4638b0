//! Certificates and revocations as the chain keeps them and wallets ask for them.
//!
//! The bytes are specified in `docs/protocol/certificates.md`; the crate `specie-certificates` reads and checks them.

use crate::{BankId, BlockNumber, Denomination, Hash, Institution};
use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, str::FromStr};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest public key with its algorithm's tag, in bytes.
pub const MAX_KEY_LEN: u32 = 34;
/// Longest certificate in bytes.
pub const MAX_CERTIFICATE_LEN: u32 = 188;
/// Length of a batch's certificate in bytes.
pub const BATCH_CERTIFICATE_LEN: u32 = 158;
/// Length of a signature with its algorithm's tag, in bytes.
pub const SIGNATURE_LEN: u32 = 65;

/// A public key: algorithm tag and point.
pub type KeyBytes = BoundedVec<u8, ConstU32<MAX_KEY_LEN>>;
/// A certificate.
pub type CertificateBytes = BoundedVec<u8, ConstU32<MAX_CERTIFICATE_LEN>>;
/// A batch's certificate.
pub type BatchCertificateBytes = BoundedVec<u8, ConstU32<BATCH_CERTIFICATE_LEN>>;
/// A signature: algorithm tag and bytes.
pub type SignatureBytes = BoundedVec<u8, ConstU32<SIGNATURE_LEN>>;

/// What the issuer signs about a batch, besides network and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchFacts {
    /// Face value of every coin.
    pub denomination: Denomination,
    /// Number of coins.
    pub count: u32,
    /// What printed serials are derived from.
    pub seed: [u8; 32],
}

/// What was minted. Provided from the state of `issuance`.
pub trait Batches {
    /// The batch with this number.
    fn facts(batch: u32) -> Option<BatchFacts>;
}

/// What is revoked: the first 16 bytes of a key's hash, or of the hash of what was signed.
///
/// Text form: 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct RevokedItem(pub [u8; 16]);

impl fmt::Display for RevokedItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for RevokedItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RevokedItem({self})")
    }
}

impl FromStr for RevokedItem {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut raw = [0u8; 16];
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut raw)
            .map_err(|_| "what is revoked is named by 32 hexadecimal digits")?;
        Ok(Self(raw))
    }
}

impl Serialize for RevokedItem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RevokedItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Bytes that JSON has in hexadecimal with 0x in front.
#[derive(Clone, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct HexBytes(pub Vec<u8>);

impl fmt::Debug for HexBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(&self.0))
    }
}

impl<S> From<BoundedVec<u8, S>> for HexBytes {
    fn from(bytes: BoundedVec<u8, S>) -> Self {
        Self(bytes.into_inner())
    }
}

impl Serialize for HexBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        hex::decode(text.strip_prefix("0x").unwrap_or(&text)).map(Self).map_err(serde::de::Error::custom)
    }
}

/// Why something was revoked. The numbers are those of a revocation list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationReason {
    /// Somebody else may know the secret.
    #[codec(index = 1)]
    Compromised,
    /// The device was lost or stolen.
    #[codec(index = 2)]
    Lost,
    /// Another certificate or key took its place.
    #[codec(index = 3)]
    Replaced,
    /// Its holder spent twice.
    #[codec(index = 4)]
    Convicted,
    /// The bank or the owner left.
    #[codec(index = 5)]
    Withdrawn,
}

impl RevocationReason {
    /// Every reason.
    pub const ALL: [Self; 5] = [Self::Compromised, Self::Lost, Self::Replaced, Self::Convicted, Self::Withdrawn];
}

/// A signed revocation digest, as the issuer announced it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct DigestAnchor {
    /// Serial of the registry key's certificate under which it was signed.
    pub registry: u64,
    /// Number of the edition. A later registry certificate outranks any number.
    pub number: u32,
    /// Blake2b with 32 bytes of output over the signed digest.
    pub hash: Hash,
    /// Revocations in it: the first so many of the chain's.
    pub entries: u32,
    /// Block in which it was announced.
    pub block: BlockNumber,
}

/// A batch, as far as its coins' certificate goes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct BatchInfo {
    /// The batch.
    pub batch: u32,
    /// Face value of every coin in minor units.
    pub denomination: Denomination,
    /// Number of coins.
    pub count: u32,
    /// What printed serials are derived from, 32 bytes.
    pub seed: HexBytes,
    /// Whether the issuer's signature on it was published.
    pub certified: bool,
}

/// A batch's certificate and the certificates above it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct BatchCertificateInfo {
    /// The batch.
    pub batch: u32,
    /// Its certificate.
    pub certificate: HexBytes,
    /// The certificate of the issuing key that signed it.
    pub issuing: HexBytes,
    /// The root that certified the issuing key.
    pub root: HexBytes,
}

/// A root key that the network knows.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct RootKeyInfo {
    /// The key with its algorithm's tag.
    pub key: HexBytes,
    /// Last block in which a key that was replaced is known; `None` for the current one.
    pub until: Option<BlockNumber>,
    /// Its description of itself, once it was published.
    pub certificate: Option<HexBytes>,
}

/// The issuer's certificate keys.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct RootKeysInfo {
    /// Root keys that are known in this block, the current one last.
    pub roots: Vec<RootKeyInfo>,
    /// Certificates of keys that sign batches.
    pub issuing: Vec<HexBytes>,
    /// Certificates of keys that sign revocation digests.
    pub registry: Vec<HexBytes>,
}

/// A revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct RevocationInfo {
    /// Its number, from one.
    pub number: u32,
    /// What is revoked.
    pub item: RevokedItem,
    /// Why.
    pub reason: RevocationReason,
    /// What was recorded below this block still counts.
    pub since: BlockNumber,
    /// Who revoked it.
    pub by: Institution,
}

/// A page of the revocation list.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct RevocationsInfo {
    /// Entries by number, ascending.
    pub entries: Vec<RevocationInfo>,
    /// Number of the last revocation: how many there are.
    pub total: u32,
    /// The digest that was announced last.
    pub digest: Option<DigestAnchor>,
}

sp_api::decl_runtime_apis! {
    /// What wallets ask about certificates.
    pub trait CertificatesApi {
        /// A batch.
        fn batch(batch: u32) -> Option<BatchInfo>;
        /// The certificate of a batch, with those above it.
        fn certificate(batch: u32) -> Option<BatchCertificateInfo>;
        /// The issuer's certificate keys.
        fn root_keys() -> RootKeysInfo;
        /// Certificates of a bank's note keys.
        fn bank_certificates(bank: BankId) -> Vec<HexBytes>;
        /// Revocations whose numbers are above `after`, at most `limit`.
        fn revocations(after: u32, limit: u32) -> RevocationsInfo;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_and_bytes_have_one_text_form() {
        let item = RevokedItem([0xab; 16]);
        assert_eq!(item.to_string(), "ab".repeat(16));
        assert_eq!(item.to_string().parse(), Ok(item));
        assert_eq!(alloc::format!("0x{item}").parse(), Ok(item));
        for wrong in ["", "ab", &"ab".repeat(17), &"zz".repeat(16)] {
            assert!(wrong.parse::<RevokedItem>().is_err(), "{wrong}");
        }
        assert_eq!(alloc::format!("{:?}", HexBytes(alloc::vec![1, 0xff])), "0x01ff");
    }

    #[test]
    fn reasons_have_the_numbers_of_a_revocation_list() {
        let numbers: Vec<u8> = RevocationReason::ALL.iter().flat_map(Encode::encode).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
    }
}
