//! Why something is refused.

use core::fmt;

/// What is wrong. The names are part of the protocol: vectors and other implementations use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The bytes end too early.
    Truncated,
    /// Bytes are left over.
    TrailingBytes,
    /// Another version of the encoding.
    UnknownVersion,
    /// No such kind of certificate.
    UnknownKind,
    /// A flag without a meaning.
    UnknownFlags,
    /// No such algorithm, or none that signs.
    UnknownAlgorithm,
    /// Not a point.
    NotOnCurve,
    /// A point in another encoding than the one.
    NonCanonicalKey,
    /// A point whose secret is everybody's.
    SmallOrderKey,
    /// A point outside the subgroup of prime order.
    MixedOrderKey,
    /// Ends before it begins.
    EmptyValidity,
    /// An algorithm that this kind of certificate does not admit.
    AlgorithmNotAllowed,
    /// A field or flag that this kind of certificate leaves at zero.
    FieldNotAllowed,
    /// No owner where one must be.
    OwnerMissing,
    /// More hops than allowed.
    TooManyHops,
    /// A root that names another issuer.
    NotSelfSigned,
    /// Not a root, but its own issuer.
    SelfSigned,
    /// Not the root that is trusted.
    WrongRoot,
    /// Made for another network.
    WrongNetwork,
    /// Nothing to check.
    EmptyChain,
    /// More certificates than a chain has.
    ChainTooLong,
    /// This kind does not stand in this place.
    WrongKind,
    /// Names another issuer than the one above it.
    WrongIssuer,
    /// Names another bank than the one above it.
    WrongBank,
    /// Its time has not come.
    NotYetValid,
    /// Its time is over.
    Expired,
    /// The signature's algorithm is not the key's.
    WrongAlgorithm,
    /// The larger of the two values that a P-256 signature could have.
    HighS,
    /// Not signed by this key, or altered.
    BadSignature,
    /// On the revocation list, or a hit in the digest.
    Revoked,
    /// A renewal for another key.
    OtherKey,
    /// A renewal for another bank or owner.
    OtherHolder,
    /// Not newer than what it should replace.
    NotNewer,
    /// A batch without coins.
    EmptyBatch,
    /// A coin without value.
    ZeroValue,
    /// The batch has no coin with this index.
    NotInBatch,
    /// More entries than a list may have.
    TooManyEntries,
    /// Entries out of order, or one twice.
    NotAscending,
    /// No such reason.
    UnknownReason,
    /// The digest's code is not the one encoding of its values.
    BadCode,
    /// A printed serial has 20 signs.
    SerialLength,
    /// A sign that printed serials do not use.
    SerialSign,
    /// The check sign does not match.
    SerialCheck,
}

impl Fault {
    /// The same for people.
    pub fn text(self) -> &'static str {
        match self {
            Self::Truncated => "the bytes end too early",
            Self::TrailingBytes => "bytes are left over",
            Self::UnknownVersion => "this version of the encoding is not known",
            Self::UnknownKind => "there is no such kind of certificate",
            Self::UnknownFlags => "a flag is set that has no meaning",
            Self::UnknownAlgorithm => "there is no such algorithm",
            Self::NotOnCurve => "the key is not a point of its curve",
            Self::NonCanonicalKey => "the key is not in its canonical encoding",
            Self::SmallOrderKey => "the key has a small order: anybody can sign for it",
            Self::MixedOrderKey => "the key lies outside the subgroup of prime order",
            Self::EmptyValidity => "it ends before it begins",
            Self::AlgorithmNotAllowed => "this kind of certificate does not admit the key's algorithm",
            Self::FieldNotAllowed => "a field is set that this kind of certificate leaves at zero",
            Self::OwnerMissing => "the owner is missing",
            Self::TooManyHops => "it grants more hops than allowed",
            Self::NotSelfSigned => "a root names itself as its issuer",
            Self::SelfSigned => "only a root is its own issuer",
            Self::WrongRoot => "this is not the trusted root",
            Self::WrongNetwork => "it was made for another network",
            Self::EmptyChain => "the chain is empty",
            Self::ChainTooLong => "the chain is too long",
            Self::WrongKind => "a certificate of this kind does not stand in this place",
            Self::WrongIssuer => "it was issued by another key than the one above it",
            Self::WrongBank => "it names another bank than the certificate above it",
            Self::NotYetValid => "it is not valid yet",
            Self::Expired => "it has expired",
            Self::WrongAlgorithm => "the signature's algorithm is not that of the signer's key",
            Self::HighS => "the signature is not in its low form",
            Self::BadSignature => "the signature does not match",
            Self::Revoked => "it has been revoked",
            Self::OtherKey => "a renewal keeps the key",
            Self::OtherHolder => "a renewal keeps the bank and the owner",
            Self::NotNewer => "it is not newer than the one it should replace",
            Self::EmptyBatch => "a batch has at least one coin",
            Self::ZeroValue => "a coin is worth at least one minor unit",
            Self::NotInBatch => "the batch has no coin with this index",
            Self::TooManyEntries => "the list has too many entries",
            Self::NotAscending => "the entries are not in strictly ascending order",
            Self::UnknownReason => "there is no such reason for a revocation",
            Self::BadCode => "the digest's code is not canonical",
            Self::SerialLength => "a printed serial has 20 signs",
            Self::SerialSign => "a printed serial has digits and the letters A to Z without I, L, O and U",
            Self::SerialCheck => "the serial's check sign does not match",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for Fault {}

/// A fault and where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// 0 is the root, 1 the certificate below it, and so on down to what was to be checked.
    pub position: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

impl Refused {
    /// For `map_err`: a fault at a position.
    pub(crate) fn at(position: usize) -> impl Fn(Fault) -> Self {
        move |fault| Self { position, fault }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            0 => write!(f, "root: {}", self.fault),
            position => write!(f, "{position} below the root: {}", self.fault),
        }
    }
}

impl core::error::Error for Refused {}
