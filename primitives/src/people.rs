//! Who is known to the chain: owners by the hash of their identity, institutions by name.

use crate::AccountId;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Number of an admitted commercial bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BankId(pub u32);

impl fmt::Display for BankId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The only name of a person or firm on chain: 24 bytes derived from an identity, see [`crate::identity`].
///
/// Text form: 48 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct OwnerId(pub [u8; 24]);

/// First eight bytes of every owner's account id; no sr25519 key of a wallet is ever admitted under it.
pub const OWNER_ACCOUNT_TAG: [u8; 8] = *b"sp/owner";

impl OwnerId {
    /// The account under which pallets that count by account keep this owner's balances: tag ‖ owner id.
    pub fn account(&self) -> AccountId {
        let mut raw = [0u8; 32];
        raw[..8].copy_from_slice(&OWNER_ACCOUNT_TAG);
        raw[8..].copy_from_slice(&self.0);
        AccountId::new(raw)
    }

    /// The owner behind an account made by [`OwnerId::account`].
    pub fn from_account(account: &AccountId) -> Option<Self> {
        let raw: &[u8] = account.as_ref();
        let (tag, id) = raw.split_at_checked(8)?;
        (tag == OWNER_ACCOUNT_TAG).then(|| id.try_into().ok().map(Self)).flatten()
    }
}

impl fmt::Display for OwnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for OwnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnerId({self})")
    }
}

impl core::str::FromStr for OwnerId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut raw = [0u8; 24];
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut raw)
            .map_err(|_| "an owner id is 48 hexadecimal digits")?;
        Ok(Self(raw))
    }
}

impl Serialize for OwnerId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OwnerId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::string::String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Departments of the issuer. Each has keys of its own; no key may have two roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Mints and retires coins, credits and debits reserves; two people for every mint.
    Issuing,
    /// Suspends and reinstates owners and banks.
    Supervising,
    /// Admits and closes banks and their validators.
    Admitting,
    /// Runs the issuer's nodes.
    Operating,
    /// Countersigns slips of offline money.
    Registry,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 5] = [Role::Issuing, Role::Supervising, Role::Admitting, Role::Operating, Role::Registry];
}

/// Who runs a validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Institution {
    /// The central bank.
    Issuer,
    /// A commercial bank.
    Bank(BankId),
}

/// Standing of a bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BankStatus {
    /// Takes part in everything.
    Active,
    /// Holds what it holds; moves nothing.
    Suspended,
    /// Gone for good, with nothing left behind.
    Closed,
}

/// Who suspended an owner; only the same side reinstates, the supervisor may reinstate both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspendedBy {
    /// The bank that registered the owner, for instance after a loss report.
    Bank,
    /// The supervising role.
    Supervisor,
}

/// Standing of an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerStatus {
    /// Pays and is paid.
    Active,
    /// Is paid, but cannot pay.
    Suspended(SuspendedBy),
    /// Left with nothing; the id stays taken and the key stays bound.
    Closed,
}
