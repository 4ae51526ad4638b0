//! Coins: their names, face values and the places that hold them.

use crate::{bounds, Balance, BankId, OwnerId};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use frame_support::BoundedVec;
use scale_info::TypeInfo;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A face value in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Denomination(pub u64);

impl Denomination {
    /// Value of `count` coins of this face value in minor units. A product of two `u64` always fits.
    pub fn value(&self, count: u64) -> Balance {
        Balance::from(self.0).saturating_mul(Balance::from(count))
    }
}

/// Name of a coin: its batch and its place in the batch. Encoded as eight bytes, both parts little-endian.
///
/// Text form: `batch-index` in decimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CoinId {
    /// The batch that the issuer minted it in.
    pub batch: u32,
    /// Its place in the batch, from zero.
    pub index: u32,
}

impl fmt::Display for CoinId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.batch, self.index)
    }
}

impl fmt::Debug for CoinId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CoinId({self})")
    }
}

impl core::str::FromStr for CoinId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a coin is written batch-index, for instance 3-1041";
        let (batch, index) = text.split_once('-').ok_or(FORM)?;
        Ok(Self { batch: batch.parse().map_err(|_| FORM)?, index: index.parse().map_err(|_| FORM)? })
    }
}

impl Serialize for CoinId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CoinId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::string::String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A coin as its holder knows it. The revision makes a signed move valid once and never again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct CoinRef {
    /// The coin.
    pub coin: CoinId,
    /// How often it has changed hands.
    pub revision: u32,
}

/// Neighbouring coins of one batch that never left a vault: `[start, start + count)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct CoinRange {
    /// Their batch.
    pub batch: u32,
    /// Index of the first.
    pub start: u32,
    /// How many.
    pub count: u32,
}

impl CoinRange {
    /// One past the index of the last coin.
    pub fn end(&self) -> u32 {
        self.start.saturating_add(self.count)
    }

    /// Takes up to `count` coins off the front.
    pub fn take_front(&mut self, count: u32) -> CoinRange {
        let taken = CoinRange { batch: self.batch, start: self.start, count: count.min(self.count) };
        self.start = taken.end();
        self.count = self.count.saturating_sub(taken.count);
        taken
    }

    /// Takes up to `count` coins from its end.
    pub fn take_back(&mut self, count: u32) -> CoinRange {
        let end = self.end();
        self.count = self.count.saturating_sub(count);
        let start = self.end();
        CoinRange { batch: self.batch, start, count: end.saturating_sub(start) }
    }

    /// Whether both have a coin in common.
    pub fn overlaps(&self, other: &CoinRange) -> bool {
        self.batch == other.batch && self.start < other.end() && other.start < self.end()
    }

    /// Whether the coin is one of them.
    pub fn contains(&self, coin: CoinId) -> bool {
        self.batch == coin.batch && (self.start..self.end()).contains(&coin.index)
    }
}

/// A number of coins of one face value, whichever they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct Lot {
    /// Face value in minor units.
    pub denomination: Denomination,
    /// How many.
    pub count: u32,
}

/// What a call takes out of a vault: so many never-issued coins of each face value, and coins named one by one.
#[derive(Clone, Debug, PartialEq, Eq, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Selection {
    /// Taken from the front of the vault's ranges.
    pub fresh: BoundedVec<Lot, bounds::Denominations>,
    /// Coins that circulated before and lie in the vault.
    pub coins: BoundedVec<CoinRef, bounds::CoinsPerCall>,
}

impl Selection {
    /// How many coins this names, of either kind.
    pub fn len(&self) -> u64 {
        let fresh = self.fresh.iter().fold(0u64, |sum, lot| sum.saturating_add(lot.count.into()));
        fresh.saturating_add(self.coins.len() as u64)
    }

    /// Whether it names none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A place that holds coins for an institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VaultId {
    /// The issuer's: the only place where coins are created and destroyed.
    Issue,
    /// A bank's.
    Bank(BankId),
}

/// Number of a payment that waits to be picked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PickupId(pub u64);

impl fmt::Display for PickupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// For whom a bank changes coins against those of its vault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangePolicy {
    /// For nobody.
    Nobody,
    /// For owners that it looks after.
    #[default]
    OwnCustomers,
    /// For every owner.
    Anyone,
}

/// Where coins are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeFrom {
    /// Against coins of a bank's vault.
    Vault(BankId),
    /// The given coins are destroyed and new ones made, as far as the denomination policy allows it.
    Issuer,
}

/// Who holds a coin. 25 bytes at most, so that an entry of the register stays within 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// A person or firm.
    Owner(OwnerId),
    /// A vault.
    Vault(VaultId),
    /// Nobody yet: the coin waits to be picked up.
    Pickup(PickupId),
}

/// Numbers of coins by face value, ascending.
pub type Counts = Vec<(Denomination, u64)>;

/// Sum of the values in minor units.
pub fn total_value(counts: &[(Denomination, u64)]) -> Balance {
    counts.iter().fold(0, |sum, (denomination, count)| denomination.value(*count).saturating_add(sum))
}
