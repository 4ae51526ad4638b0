//! Names of what is held in custody.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use specie_primitives::BankId;

/// Assets of the underlying pallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub enum AssetId {
    /// Money that a bank owes.
    Custody(BankId),
    /// Anything else, by number.
    Other(u32),
}
