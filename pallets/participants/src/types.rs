//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use specie_primitives::{AccountId, BankId, BankStatus, Institution, Role};

/// Most keys of one role.
pub const MAX_ROLE_KEYS: u32 = 16;
/// Fewest keys of the role issuing: two people for every mint.
pub const MIN_ISSUING_KEYS: usize = 2;
/// Most delegates of one institution.
pub const MAX_DELEGATES: u32 = 16;
/// Most nominees of one institution, those that validate included.
pub const MAX_NOMINEES: u32 = 32;
/// Most validators.
pub const MAX_VALIDATORS: u32 = 100;
/// Fewest members of a committee: two thirds of fewer would be all of them, or one alone.
pub const MIN_COMMITTEE: u32 = 3;
/// Most members of a committee.
pub const MAX_COMMITTEE: u32 = 32;
/// Longest name of a bank in bytes.
pub const MAX_NAME: u32 = 64;

/// Name of a bank: 1 to 64 bytes of UTF-8, without control characters.
pub type BankName = BoundedVec<u8, ConstU32<MAX_NAME>>;
/// Keys of a role.
pub type RoleKeys = BoundedVec<AccountId, ConstU32<MAX_ROLE_KEYS>>;

/// What the network knows about a bank.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct BankRecord {
    /// The account that holds its reserve and signs for it; of a closed bank, the last one.
    pub account: AccountId,
    /// Its name.
    pub name: BankName,
    /// Its standing.
    pub status: BankStatus,
}

/// What an account is to the network. An account has at most one capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// Key of a role.
    Role(Role),
    /// Account of a bank, whatever the bank's standing.
    Bank(BankId),
    /// Account that a bank used before.
    Retired(BankId),
    /// Delegate of an institution.
    Delegate(Institution),
    /// Nominee of an institution; it may be one of the validators.
    Nominee(Institution),
    /// Member of the committee.
    Committee,
}
