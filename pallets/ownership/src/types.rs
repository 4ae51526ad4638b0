//! What the register stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use specie_primitives::{Balance, Holder};

/// Rare facts about a coin, a bit each; what more there is to say stands in sparse maps of the pallets concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CoinFlags(u8);

impl CoinFlags {
    /// The supervisor holds the coin: nobody moves it.
    const HELD: u8 = 1;

    /// Whether the supervisor holds the coin.
    pub fn is_held(&self) -> bool {
        self.0 & Self::HELD != 0
    }

    /// The same facts, but for this one.
    pub fn with_held(self, held: bool) -> Self {
        Self(if held { self.0 | Self::HELD } else { self.0 & !Self::HELD })
    }
}

/// Entry of a coin. 30 bytes, so that the state trie keeps it inline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CoinEntry {
    /// Who holds it.
    pub holder: Holder,
    /// How often it changed hands since it left its range. Never decreases.
    pub revision: u32,
    /// Rare facts.
    pub flags: CoinFlags,
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
