//! What issuance stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use specie_primitives::{AccountId, Denomination};

/// Coins minted together. One record whatever the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Batch<BlockNumber> {
    /// Face value of every coin.
    pub denomination: Denomination,
    /// Number of coins; of a batch for change, the most that may ever be made.
    pub count: u32,
    /// What printed serials are derived from.
    pub seed: [u8; 32],
    /// Block in which it was minted.
    pub minted: BlockNumber,
}

/// What a batch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Purpose {
    /// All its coins come into the issue vault at once.
    Vault,
    /// Its coins are made one by one when owners have others changed; its count is only a bound.
    Change,
}

/// A batch that waits for the second person.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Proposal<BlockNumber> {
    /// Who proposed.
    pub proposer: AccountId,
    /// Face value.
    pub denomination: Denomination,
    /// Number of coins.
    pub count: u32,
    /// What it is for.
    pub purpose: Purpose,
    /// Last block in which it may be approved.
    pub expires: BlockNumber,
}
