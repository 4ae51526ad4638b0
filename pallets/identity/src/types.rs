//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use specie_primitives::{AccountId, BankId, BlockNumber, OwnerStatus};

/// What the network knows about an owner.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct OwnerRecord {
    /// The bank that registered it.
    pub bank: BankId,
    /// Its current key; of a closed owner, the last one.
    pub key: AccountId,
    /// Its standing.
    pub status: OwnerStatus,
    /// Block in which it was registered.
    pub registered: BlockNumber,
}
