//! From an identity to an owner id, and the proof with which a key is bound to it.
//!
//! `OwnerId = first 24 bytes of blake2_256("specie/owner/v1" ‖ network id (u32, little-endian) ‖ PRF(identity))`.
//! The identity is normalised first, so that two spellings of one phone number are one owner. It never leaves
//! the wallet or the bank's counter: the chain sees the owner id alone. PRF is an oblivious function that nobody computes
//! without the issuer's identity service; the crate `specie-prf` has it, `docs/protocol/owner-id.md` specifies it.

use crate::{AccountId, BankId, BlockNumber, Hash, OwnerClass, OwnerId, PersonTag};
use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Domain tag of [`OwnerId`].
pub const OWNER_TAG: &[u8] = b"specie/owner/v1";
/// Domain tag of [`PersonTag`].
pub const PERSON_TAG: &[u8] = b"specie/person/v1";
/// Domain tag of [`RegistrationProof`].
pub const REGISTRATION_TAG: &[u8; 24] = b"specie/registration/v1\0\0";
/// Domain tag of [`RotationProof`].
pub const ROTATION_TAG: &[u8; 24] = b"specie/rotation/v1\0\0\0\0\0\0";
/// Domain tag of [`ClassProof`].
pub const CLASS_TAG: &[u8; 24] = b"specie/class/v1\0\0\0\0\0\0\0\0\0";
/// Domain tag of [`RebindProof`].
pub const REBIND_TAG: &[u8; 24] = b"specie/rebind/v1\0\0\0\0\0\0\0\0";

/// Kinds of identity, each with a spelling of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityKind {
    /// E.164: `+`, then 7 to 15 digits.
    Phone,
    /// Lower-case e-mail address.
    Email,
    /// Code of an organisation: upper-case letters and digits.
    Organisation,
    /// Any other name of 3 to 64 letters, digits, `.`, `_` and `-`, lower-case.
    Alias,
}

/// What is wrong with an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityError {
    /// A phone number must be written internationally.
    Phone,
    /// Not an e-mail address.
    Email,
    /// Not an organisation code.
    Organisation,
    /// Not an alias.
    Alias,
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Phone => "a phone number is written internationally: +, country code, number, 7 to 15 digits in all",
            Self::Email => "an e-mail address has one @, a name before it and a domain with a dot behind it",
            Self::Organisation => "an organisation code has 2 to 35 letters and digits",
            Self::Alias => "an alias has 3 to 64 letters a-z, digits, '.', '_' and '-'",
        })
    }
}

#[cfg(feature = "std")]
impl std::error::Error for IdentityError {}

/// An identity in the one spelling that is hashed: `kind:text`.
#[derive(Clone, PartialEq, Eq)]
pub struct NormalisedIdentity(String);

impl fmt::Debug for NormalisedIdentity {
    // Identities stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NormalisedIdentity(…)")
    }
}

impl NormalisedIdentity {
    /// Normalises `text` as an identity of `kind`.
    pub fn new(kind: IdentityKind, text: &str) -> Result<Self, IdentityError> {
        let text = text.trim();
        match kind {
            IdentityKind::Phone => Self::phone(text),
            IdentityKind::Email => Self::email(text),
            IdentityKind::Organisation => Self::organisation(text),
            IdentityKind::Alias => Self::alias(text),
        }
    }

    /// Guesses the kind: `+…` is a phone number, `…@…` an e-mail address, `org:…` an organisation, all else an alias.
    pub fn guess(text: &str) -> Result<Self, IdentityError> {
        let text = text.trim();
        if let Some(code) = text.strip_prefix("org:") {
            Self::new(IdentityKind::Organisation, code)
        } else if text.starts_with('+') || text.starts_with("00") {
            Self::new(IdentityKind::Phone, text)
        } else if text.contains('@') {
            Self::new(IdentityKind::Email, text)
        } else {
            Self::new(IdentityKind::Alias, text)
        }
    }

    fn phone(text: &str) -> Result<Self, IdentityError> {
        let rest = text.strip_prefix('+').or_else(|| text.strip_prefix("00")).ok_or(IdentityError::Phone)?;
        let mut digits = String::new();
        for sign in rest.chars() {
            match sign {
                '0'..='9' => digits.push(sign),
                ' ' | '-' | '.' | '/' | '(' | ')' => {},
                _ => return Err(IdentityError::Phone),
            }
        }
        if !(7..=15).contains(&digits.len()) || digits.starts_with('0') {
            return Err(IdentityError::Phone);
        }
        Ok(Self(alloc::format!("phone:+{digits}")))
    }

    fn email(text: &str) -> Result<Self, IdentityError> {
        let text = text.to_lowercase();
        let (name, domain) = text.rsplit_once('@').ok_or(IdentityError::Email)?;
        let plain =
            |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@');
        if !plain(name)
            || !plain(domain)
            || !domain.contains('.')
            || domain.starts_with('.')
            || domain.ends_with('.')
            || text.len() > 254
        {
            return Err(IdentityError::Email);
        }
        Ok(Self(alloc::format!("email:{text}")))
    }

    fn organisation(text: &str) -> Result<Self, IdentityError> {
        let code: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect::<String>().to_ascii_uppercase();
        if !(2..=35).contains(&code.len()) || !code.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(IdentityError::Organisation);
        }
        Ok(Self(alloc::format!("org:{code}")))
    }

    fn alias(text: &str) -> Result<Self, IdentityError> {
        let name = text.to_ascii_lowercase();
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if !(3..=64).contains(&name.len()) || !name.chars().all(allowed) {
            return Err(IdentityError::Alias);
        }
        Ok(Self(alloc::format!("alias:{name}")))
    }

    /// The bytes that the pseudo-random function takes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Public key of the function behind a network's owner ids: the encoding of a point of ristretto255, which RFC 9496
/// specifies. Wallets check every answer of the identity service against it. All zeros encode the neutral point, which is
/// nobody's key: there is none.
///
/// Text form: 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct OwnerIdKey(pub [u8; 32]);

impl OwnerIdKey {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        self.0 == [0; 32]
    }
}

impl fmt::Display for OwnerIdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for OwnerIdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnerIdKey({self})")
    }
}

impl core::str::FromStr for OwnerIdKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut raw = [0u8; 32];
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut raw)
            .map_err(|_| "a public key is 64 hexadecimal digits")?;
        Ok(Self(raw))
    }
}

impl Serialize for OwnerIdKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OwnerIdKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Last step of the derivation, from the function's value.
pub fn owner_id(network: u32, prf: &[u8; 32]) -> OwnerId {
    let mut message = Vec::with_capacity(OWNER_TAG.len() + 4 + 32);
    message.extend_from_slice(OWNER_TAG);
    message.extend_from_slice(&network.to_le_bytes());
    message.extend_from_slice(prf);
    let hash = sp_crypto_hashing::blake2_256(&message);
    let mut id = [0u8; 24];
    id.copy_from_slice(&hash[..24]);
    OwnerId(id)
}

/// The tag of a person or firm: `blake2_256("specie/person/v1" ‖ network id (u32, little-endian) ‖ secret ‖ kind ‖ code)`,
/// with the kind `person:` or `firm:` and the code of a normalised [`IdentityKind::Organisation`], without its kind. The
/// secret is one for the whole network, so that all banks write the same tag for one person.
pub fn person_tag(network: u32, secret: &[u8; 32], class: OwnerClass, number: &NormalisedIdentity) -> PersonTag {
    let code = number.as_bytes().strip_prefix(b"org:").unwrap_or(number.as_bytes());
    let kind: &[u8] = if class == OwnerClass::Firm { b"firm:" } else { b"person:" };
    PersonTag(sp_crypto_hashing::blake2_256(&[PERSON_TAG, &network.to_le_bytes(), secret, kind, code].concat()))
}

/// What a key signs (sr25519, the SCALE encoding, raw) when a bank registers it for an owner: possession of the
/// key, and that its holder wants this bank, this owner, this class and this network.
/// 24 + 32 + 24 + 4 + 32 + 1 + 4 = 121 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct RegistrationProof {
    /// [`REGISTRATION_TAG`].
    pub tag: [u8; 24],
    /// Hash of the network's first block.
    pub genesis: Hash,
    /// The owner to be.
    pub owner: OwnerId,
    /// The bank that registers.
    pub bank: BankId,
    /// The key that signs this.
    pub key: AccountId,
    /// The owner's class.
    pub class: OwnerClass,
    /// Last block in which it may be used.
    pub expiry: BlockNumber,
}

impl RegistrationProof {
    /// The payload for these facts.
    pub fn new(
        genesis: Hash,
        owner: OwnerId,
        bank: BankId,
        key: AccountId,
        class: OwnerClass,
        expiry: BlockNumber,
    ) -> Self {
        Self { tag: *REGISTRATION_TAG, genesis, owner, bank, key, class, expiry }
    }
}

/// What the new key signs when an owner replaces the old one. 24 + 32 + 24 + 32 + 4 = 116 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct RotationProof {
    /// [`ROTATION_TAG`].
    pub tag: [u8; 24],
    /// Hash of the network's first block.
    pub genesis: Hash,
    /// The owner.
    pub owner: OwnerId,
    /// The key that signs this.
    pub key: AccountId,
    /// Last block in which it may be used.
    pub expiry: BlockNumber,
}

impl RotationProof {
    /// The payload for these facts.
    pub fn new(genesis: Hash, owner: OwnerId, key: AccountId, expiry: BlockNumber) -> Self {
        Self { tag: *ROTATION_TAG, genesis, owner, key, expiry }
    }
}

/// What an owner's current key signs when its bank changes the owner's class. 24 + 32 + 24 + 4 + 1 + 1 or 33 + 4 = 90 or
/// 122 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ClassProof {
    /// [`CLASS_TAG`].
    pub tag: [u8; 24],
    /// Hash of the network's first block.
    pub genesis: Hash,
    /// The owner.
    pub owner: OwnerId,
    /// The bank that registered it.
    pub bank: BankId,
    /// The class to be.
    pub class: OwnerClass,
    /// The tag to be.
    pub person: Option<PersonTag>,
    /// Last block in which it may be used. Above that of the last such proof that was used.
    pub expiry: BlockNumber,
}

impl ClassProof {
    /// The payload for these facts.
    pub fn new(
        genesis: Hash,
        owner: OwnerId,
        bank: BankId,
        class: OwnerClass,
        person: Option<PersonTag>,
        expiry: BlockNumber,
    ) -> Self {
        Self { tag: *CLASS_TAG, genesis, owner, bank, class, person, expiry }
    }
}

/// What the new key signs when a bank asks to bind it to an owner whose key was lost. 24 + 32 + 24 + 4 + 32 + 4 = 120
/// bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct RebindProof {
    /// [`REBIND_TAG`].
    pub tag: [u8; 24],
    /// Hash of the network's first block.
    pub genesis: Hash,
    /// The owner.
    pub owner: OwnerId,
    /// The bank that asks.
    pub bank: BankId,
    /// The key that signs this.
    pub key: AccountId,
    /// Last block in which it may be used to ask.
    pub expiry: BlockNumber,
}

impl RebindProof {
    /// The payload for these facts.
    pub fn new(genesis: Hash, owner: OwnerId, bank: BankId, key: AccountId, expiry: BlockNumber) -> Self {
        Self { tag: *REBIND_TAG, genesis, owner, bank, key, expiry }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Result<String, IdentityError> {
        NormalisedIdentity::guess(text).map(|id| id.0)
    }

    #[test]
    fn spellings_of_one_identity_are_one() {
        for text in ["+49 (171) 555-0101", "00491715550101", " +491715550101 "] {
            assert_eq!(bytes(text).as_deref(), Ok("phone:+491715550101"));
        }
        assert_eq!(bytes("Ann.Example@Mail.Test").as_deref(), Ok("email:ann.example@mail.test"));
        assert_eq!(bytes("org:de-hrb 1234").as_deref(), Ok("org:DEHRB1234"));
        assert_eq!(bytes("Ann_1").as_deref(), Ok("alias:ann_1"));
    }

    #[test]
    fn bad_identities_are_refused() {
        assert_eq!(bytes("+49 call me"), Err(IdentityError::Phone));
        assert_eq!(bytes("+123"), Err(IdentityError::Phone));
        assert_eq!(bytes("+0123456789"), Err(IdentityError::Phone));
        assert_eq!(bytes("ann@"), Err(IdentityError::Email));
        assert_eq!(bytes("a b@c.d"), Err(IdentityError::Email));
        assert_eq!(bytes("org:!"), Err(IdentityError::Organisation));
        assert_eq!(bytes("ab"), Err(IdentityError::Alias));
        assert_eq!(bytes("0171 555"), Err(IdentityError::Alias));
    }

    #[test]
    fn owner_ids_differ_by_network() {
        assert_ne!(owner_id(1, &[7; 32]), owner_id(2, &[7; 32]));
        let account = owner_id(1, &[7; 32]).account();
        assert_eq!(OwnerId::from_account(&account), Some(owner_id(1, &[7; 32])));
        assert_eq!(OwnerId::from_account(&AccountId::new([1; 32])), None);
    }

    #[test]
    fn keys_of_the_function_are_written_in_hexadecimal() {
        let key = OwnerIdKey([0xab; 32]);
        assert_eq!((key.to_string(), key.encode()), ("ab".repeat(32), [0xab; 32].to_vec()));
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!(alloc::format!("0x{key}").parse(), Ok(key));
        assert!("ab".parse::<OwnerIdKey>().is_err());
        assert!(OwnerIdKey::default().is_none() && !key.is_none());
    }

    #[test]
    fn proofs_have_the_documented_length() {
        let key = AccountId::new([1; 32]);
        let owner = OwnerId([2; 24]);
        let (genesis, bank, class) = (Hash::zero(), BankId(1), OwnerClass::Person);
        assert_eq!(RegistrationProof::new(genesis, owner, bank, key.clone(), class, 9).encode().len(), 121);
        assert_eq!(RotationProof::new(genesis, owner, key.clone(), 9).encode().len(), 116);
        assert_eq!(ClassProof::new(genesis, owner, bank, OwnerClass::Phone, None, 9).encode().len(), 90);
        assert_eq!(ClassProof::new(genesis, owner, bank, class, Some(PersonTag([3; 32])), 9).encode().len(), 122);
        assert_eq!(RebindProof::new(genesis, owner, bank, key, 9).encode().len(), 120);
    }
}
