//! What the register stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use specie_primitives::{Balance, Holder};

/// Entry of a coin. 29 bytes, so that the state trie keeps it inline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CoinEntry {
    /// Who holds it.
    pub holder: Holder,
    /// How often it changed hands since it left its range. Never decreases.
    pub revision: u32,
}

/// What an owner holds, counted as coins come and go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Purse {
    /// Number of coins.
    pub coins: u32,
    /// Their value in minor units.
    pub value: Balance,
}
