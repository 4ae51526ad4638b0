//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use specie_primitives::{AccountId, BankId, CardState, OwnerId};

/// A card.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Card {
    /// Its ed25519 key.
    pub key: AccountId,
    /// The sr25519 key of its loss code.
    pub loss_key: AccountId,
    /// The bank that it was made for. Who looks after it later is the purse's to tell.
    pub bank: BankId,
    /// Where it is in its life.
    pub state: CardState,
    /// The purse that its key signs for, while it is in use or lost.
    pub purse: Option<OwnerId>,
    /// The owner that it is or was bound to.
    pub holder: Option<OwnerId>,
}
