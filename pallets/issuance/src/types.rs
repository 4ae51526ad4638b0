//! What issuance stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use specie_primitives::{AccountId, Denomination};

/// Coins minted together. One record whatever the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Batch<BlockNumber> {
    /// Face value of every coin.
    pub denomination: Denomination,
    /// Number of coins.
    pub count: u32,
    /// What printed serials are derived from.
    pub seed: [u8; 32],
    /// Block in which it was minted.
    pub minted: BlockNumber,
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
    /// Last block in which it may be approved.
    pub expires: BlockNumber,
}
