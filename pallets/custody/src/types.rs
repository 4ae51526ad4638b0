//! Names of what is held in custody, and what waits.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
pub use specie_primitives::AssetId;
use specie_primitives::{
    Balance, BankId, BlockNumber, OwnerId, Selection, TransferId, MAX_COINS_PER_CALL, MAX_FRESH_PER_CALL,
};

/// A transfer that waits in the queue of the payer's bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Queued {
    /// Its number.
    pub transfer: TransferId,
    /// Who pays.
    pub from: OwnerId,
    /// The bank that is to owe the payee.
    pub to_bank: BankId,
    /// Who is paid.
    pub to: OwnerId,
    /// Minor units.
    pub amount: Balance,
    /// Last block in which it settles, counted without those in which payments stood still.
    pub expires: BlockNumber,
}

/// What waits of one payer, in all queues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Waiting {
    /// How many transfers.
    pub count: u32,
    /// Their value in minor units.
    pub value: Balance,
}

/// Coins that a withdrawal is charged for. It is refused when it names more.
pub(crate) fn counted(selection: &Selection) -> u32 {
    let most = MAX_FRESH_PER_CALL.saturating_add(MAX_COINS_PER_CALL);
    u32::try_from(selection.len()).unwrap_or(u32::MAX).min(most)
}
