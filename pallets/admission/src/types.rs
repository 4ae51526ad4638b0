//! What a signer is, and what the pallet counts.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use specie_primitives::{codes::Refusal, BankId, BlockNumber, Nonce, OwnerId};

/// What a signer is to the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A key of the issuer or a member of its committee.
    Institution,
    /// A key that an institution lists for its multisigs and proxies.
    Delegate,
    /// An account that an institution nominated to validate.
    Validator,
    /// The account of a bank.
    Bank(BankId),
    /// The current key of an active owner.
    Owner {
        /// The owner.
        owner: OwnerId,
        /// The bank that registered it.
        bank: BankId,
    },
    /// The current key of a suspended owner, which may object to another key and do nothing else.
    Suspended {
        /// The owner.
        owner: OwnerId,
        /// The bank that registered it.
        bank: BankId,
    },
}

/// Tells who signers are and what they may call. Provided by the runtime, which knows all pallets.
pub trait ClassifySigner<AccountId, Call> {
    /// What a signer is; the refusal says why it may send nothing at all.
    fn classify(who: &AccountId) -> Result<Standing, Refusal>;
    /// Whether a signer of this standing may make this call now; the refusal says why not.
    fn allowed(who: &AccountId, standing: &Standing, call: &Call) -> Result<(), Refusal>;
}

/// A key's use of its quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct QuotaUse {
    /// First block of the window.
    pub window: BlockNumber,
    /// Nonce of the account when it sent its first transaction in the window.
    pub start: Nonce,
    /// What the window counts besides that nonce: heavy transactions beyond one each, and those of the key before.
    pub extra: u32,
}

/// A registering bank's use of its quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct BankUse {
    /// First block of the window.
    pub window: BlockNumber,
    /// Transactions of the bank's owners in it; a heavy one counts as several.
    pub count: u32,
}
