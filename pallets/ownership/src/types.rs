//! What the register stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedBTreeMap;
use scale_info::TypeInfo;
use specie_primitives::{bounds, Balance, Denomination, Holder, Selection, MAX_FRESH_PER_CALL};

/// Numbers of coins by face value.
pub type Counter = BoundedBTreeMap<Denomination, u64, bounds::Denominations>;

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

/// Coins that come out of change, as far as a call is charged for them. It is refused when it names more.
pub(crate) fn counted(selections: &[&Selection]) -> u32 {
    let (mut fresh, mut single) = (0u64, 0u64);
    for selection in selections {
        single = single.saturating_add(selection.coins.len() as u64);
        fresh = fresh.saturating_add(selection.len().saturating_sub(selection.coins.len() as u64));
    }
    let all = fresh.min(MAX_FRESH_PER_CALL.into()).saturating_add(single);
    u32::try_from(all).unwrap_or(u32::MAX)
}
