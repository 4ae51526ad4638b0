//! Payments by order of which a part is changed on the way: as a payer's own call with change, with bounds that leave an
//! order small. Byte for byte they are specified in `docs/protocol/orders.md`.

use crate::{bounds, ChangeFrom, CoinRef, Lot, OwnerId, Selection};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Most coins of the payer that go to the payee as they are.
pub const MAX_OWN: u32 = 256;
/// Most coins that are given for others.
pub const MAX_GIVEN: u32 = 16;
/// Most coins that circulated before and come for them, for either side.
pub const MAX_NAMED: u32 = 128;

/// What comes for the coins that are given, for one side: as in [`Selection`], with fewer names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ChangePart {
    /// So many never-issued coins of each face value.
    pub fresh: BoundedVec<Lot, bounds::Denominations>,
    /// Coins that circulated before and lie in the vault.
    pub coins: BoundedVec<CoinRef, ConstU32<MAX_NAMED>>,
}

impl From<ChangePart> for Selection {
    fn from(ChangePart { fresh, coins }: ChangePart) -> Self {
        Self { fresh, coins: widened(coins) }
    }
}

impl TryFrom<Selection> for ChangePart {
    type Error = &'static str;

    fn try_from(Selection { fresh, coins }: Selection) -> Result<Self, Self::Error> {
        let coins = coins.into_inner().try_into().map_err(|_| "too many coins for the change of an order")?;
        Ok(Self { fresh, coins })
    }
}

/// A payment with change: `coins` and what `pay` names go to the payee, `change` comes back to the payer. What is given is
/// worth exactly `pay` and `change` together.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ChangePayment {
    /// Who is paid.
    pub to: OwnerId,
    /// Coins that go to the payee as they are.
    pub coins: BoundedVec<CoinRef, ConstU32<MAX_OWN>>,
    /// Where the others are given and taken.
    pub at: ChangeFrom,
    /// Coins that are given there.
    pub give: BoundedVec<CoinRef, ConstU32<MAX_GIVEN>>,
    /// What the payee gets for them.
    pub pay: ChangePart,
    /// What the payer gets back.
    pub change: ChangePart,
}

/// The same coins under the bound of a call, which is wider.
pub fn widened<const N: u32>(coins: BoundedVec<CoinRef, ConstU32<N>>) -> BoundedVec<CoinRef, bounds::CoinsPerCall> {
    BoundedVec::truncate_from(coins.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CoinId, Denomination, MAX_COINS_PER_CALL};
    use alloc::vec::Vec;

    fn coins(count: u32) -> Vec<CoinRef> {
        (0..count).map(|index| CoinRef { coin: CoinId { batch: 1, index }, revision: 2 }).collect()
    }

    #[test]
    fn every_bound_is_narrower_than_that_of_a_call() {
        for bound in [MAX_OWN, MAX_GIVEN, MAX_NAMED] {
            assert!(bound <= MAX_COINS_PER_CALL);
        }
        let most: BoundedVec<CoinRef, ConstU32<MAX_OWN>> = coins(MAX_OWN).try_into().expect("so many");
        assert_eq!(widened(most).into_inner(), coins(MAX_OWN));
    }

    #[test]
    fn a_part_is_a_selection_with_fewer_names() {
        let fresh: BoundedVec<_, _> =
            alloc::vec![Lot { denomination: Denomination(100), count: 3 }].try_into().expect("one");
        let of = |count| Selection { fresh: fresh.clone(), coins: coins(count).try_into().expect("few") };
        let part = ChangePart::try_from(of(MAX_NAMED)).expect("so many");
        assert_eq!(Selection::from(part), of(MAX_NAMED));
        assert!(ChangePart::try_from(of(MAX_NAMED + 1)).is_err());
    }
}
