//! What waits.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedVec;
use scale_info::TypeInfo;
use sp_core::sr25519::Public;
use specie_primitives::{bounds, Balance, BlockNumber, CoinRef, OwnerId};

/// A payment that waits to be picked up.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Pickup {
    /// Who paid.
    pub payer: OwnerId,
    /// For whom it waits, registered or not.
    pub payee: OwnerId,
    /// Whose signature collects it.
    pub claim_key: Public,
    /// Minor units.
    pub value: Balance,
    /// The coins at the revisions that they have while they wait.
    pub coins: BoundedVec<CoinRef, bounds::CoinsPerPickup>,
    /// Last block in which it can be collected, counted without those in which payments stood still.
    pub expires: BlockNumber,
}
