//! Types, encodings, hashes and signing payloads that the runtime, the node and the wallet share.
//!
//! Whatever two parts of Specie must agree on to the byte stands here and nowhere else.
//! Amounts are integers in minor units throughout.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod accumulator;
pub mod api;
pub mod books;
pub mod cards;
pub mod certificates;
pub mod change;
pub mod codes;
pub mod custody;
pub mod entries;
pub mod escrow;
pub mod flow;
pub mod identity;
pub mod instruments;
pub mod joint;
pub mod limits;
pub mod money;
pub mod orders;
pub mod payment_codes;
pub mod people;
pub mod pickup;
pub mod supervision;
pub mod traits;

pub use cards::{CardNumber, CardState};
pub use custody::{CustodyTransfer, QueuePolicy, TransferId, TransferOutcome};
pub use escrow::{AtExpiry, EscrowTerms};
pub use identity::{IdentityKind, NormalisedIdentity, OwnerIdKey, RegistrationProof};
pub use instruments::{AssetId, InstrumentId, Leg, Terms};
pub use joint::{ManagerSet, SigningRule};
pub use limits::{ClassLimits, OwnerClass, PersonTag, Subject};
pub use money::{
    total_value, ChangeFrom, ChangePolicy, CoinId, CoinRange, CoinRef, Counts, Denomination, Holder, Lot, PickupId,
    Selection, VaultId,
};
pub use orders::{Order, OrderId, SignedOrder, Verdict};
pub use payment_codes::{PaymentCode, Scan};
pub use people::{BankId, BankStatus, Institution, OwnerId, OwnerStatus, Role, SuspendedBy};
pub use pickup::{PickupClaim, PickupReceiver};
pub use supervision::{AlertKind, Reason, Target};

/// Amounts of money in minor units.
pub type Balance = u128;
/// Number of a block.
pub type BlockNumber = u32;
/// Number of extrinsics an account has signed.
pub type Nonce = u32;
/// A public key as an account.
pub type AccountId = sp_runtime::AccountId32;
/// A 32-byte Blake2 hash.
pub type Hash = sp_core::H256;

/// Time between two blocks in milliseconds: also the slot of Aura. It can never change on a running network.
pub const MILLISECS_PER_BLOCK: u64 = 1_000;
/// Most banks that a network admits. Counters of every bank are checked in every block.
pub const MAX_BANKS: u32 = 64;
/// Most face values of the denomination policy.
pub const MAX_DENOMINATIONS: u32 = 16;
/// Most single coins that one call names.
pub const MAX_COINS_PER_CALL: u32 = 512;
/// Most coins that one call takes out of ranges.
pub const MAX_FRESH_PER_CALL: u32 = 512;
/// Most coins that wait to be picked up together.
pub const MAX_COINS_PER_PICKUP: u32 = 64;
/// Most payments of one payer that wait to be picked up.
pub const MAX_PICKUPS: u32 = 64;
/// Most transfers that wait for one bank's reserve.
pub const MAX_QUEUED: u32 = 64;
/// Most of them that are one payer's, at all banks.
pub const MAX_QUEUED_OF_PAYER: u32 = 8;
/// From so many on a payer with one at that bank gets no other one in: a few payers must not take all places.
pub const CROWDED_QUEUE: u32 = MAX_QUEUED / 2;
/// Most of them that are looked at together.
pub const MAX_NETTED: u32 = 128;
/// Most escrows of one payer that are open.
pub const MAX_ESCROWS_OF_PAYER: u32 = 64;
/// Most never-issued ranges of one denomination in one vault.
pub const MAX_RANGES: u32 = 128;

/// Bounds as types, for storage.
pub mod bounds {
    use frame_support::traits::ConstU32;

    /// See [`crate::MAX_BANKS`].
    pub type Banks = ConstU32<{ crate::MAX_BANKS }>;
    /// See [`crate::MAX_DENOMINATIONS`].
    pub type Denominations = ConstU32<{ crate::MAX_DENOMINATIONS }>;
    /// See [`crate::MAX_COINS_PER_CALL`].
    pub type CoinsPerCall = ConstU32<{ crate::MAX_COINS_PER_CALL }>;
    /// See [`crate::instruments::MAX_COINS_PER_LEG`].
    pub type CoinsPerLeg = ConstU32<{ crate::instruments::MAX_COINS_PER_LEG }>;
    /// See [`crate::MAX_COINS_PER_PICKUP`].
    pub type CoinsPerPickup = ConstU32<{ crate::MAX_COINS_PER_PICKUP }>;
    /// See [`crate::MAX_PICKUPS`].
    pub type Pickups = ConstU32<{ crate::MAX_PICKUPS }>;
    /// See [`crate::MAX_QUEUED`].
    pub type Queued = ConstU32<{ crate::MAX_QUEUED }>;
    /// See [`crate::MAX_RANGES`].
    pub type Ranges = ConstU32<{ crate::MAX_RANGES }>;
}
