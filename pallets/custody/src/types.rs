//! Names of what is held in custody.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use specie_primitives::{BankId, Selection, MAX_COINS_PER_CALL, MAX_FRESH_PER_CALL};

/// Assets of the underlying pallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub enum AssetId {
    /// Money that a bank owes.
    Custody(BankId),
    /// Anything else, by number.
    Other(u32),
}

/// Coins that a withdrawal is charged for. It is refused when it names more.
pub(crate) fn counted(selection: &Selection) -> u32 {
    let most = MAX_FRESH_PER_CALL.saturating_add(MAX_COINS_PER_CALL);
    u32::try_from(selection.len()).unwrap_or(u32::MAX).min(most)
}
