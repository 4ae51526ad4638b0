//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use specie_certificates::Kind;
use specie_primitives::{
    certificates::{KeyBytes, RevocationReason, SignatureBytes},
    Institution,
};

/// Most root keys that are known at once, the current one among them.
pub const MAX_ROOTS: u32 = 4;
/// Most certificates of one holder, one for each of its keys.
pub const MAX_CERTIFICATES: u32 = 16;
/// Most revocations by one bank.
pub const MAX_BANK_REVOCATIONS: u32 = 60_000;
/// Most revocations by the issuer. With those of all banks a digest still holds every one.
pub const MAX_ISSUER_REVOCATIONS: u32 = 160_000;
/// Announced digests that are remembered.
pub const MAX_ANCHORS: u32 = 16;

/// A root key and how long it is known.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct RootKey<BlockNumber> {
    /// The key.
    pub key: KeyBytes,
    /// Last block in which it is known after it was replaced; `None` for the current one.
    pub until: Option<BlockNumber>,
}

/// Keys of the issuer that have certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum IssuerKind {
    /// Certifies institutions, itself included.
    Root,
    /// Signs batches.
    Issuing,
    /// Signs revocation digests.
    Registry,
}

impl IssuerKind {
    /// The kind of certificate, if it is one of the issuer's.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Root => Some(Self::Root),
            Kind::Issuing => Some(Self::Issuing),
            Kind::Registry => Some(Self::Registry),
            Kind::Bank | Kind::Owner | Kind::Device => None,
        }
    }
}

/// What a batch's certificate has that `issuance` does not know. The count is kept: the signature covers it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct BatchSignature {
    /// Number of coins that were certified.
    pub count: u32,
    /// When it was signed, in seconds since 1970.
    pub signed_at: u32,
    /// Key id of the issuing key.
    pub issuer: [u8; 8],
    /// The signature.
    pub signature: SignatureBytes,
}

/// A revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Revocation<BlockNumber> {
    /// Its number, from one.
    pub number: u32,
    /// Why.
    pub reason: RevocationReason,
    /// What was recorded below this block still counts.
    pub since: BlockNumber,
    /// Who revoked it.
    pub by: Institution,
}
