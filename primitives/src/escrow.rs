//! Escrow: custody that a payer and a payee set aside together, until the payer releases it, both agree on its return, its
//! time is over, or the supervisor decides.

use crate::{AccountId, Balance, BankId, BlockNumber, Hash, OrderId, OwnerId};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What becomes of an escrow when its last block has passed, as both sides agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtExpiry {
    /// The payee gets what is left.
    #[codec(index = 0)]
    Pay,
    /// The payer gets it back.
    #[codec(index = 1)]
    Return,
}

/// What both sides agree on. The name of the order that says so is the name of the escrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct EscrowTerms {
    /// The bank that owes the payer, and owes what is set aside.
    pub from_bank: BankId,
    /// The bank that is to owe the payee.
    pub to_bank: BankId,
    /// Minor units.
    pub amount: Balance,
    /// Last block before the outcome that was agreed on, by the clock of orders.
    pub expires: BlockNumber,
    /// That outcome.
    pub at_expiry: AtExpiry,
    /// Hash of the contract, if there is one.
    pub reference: Option<Hash>,
}

/// What orders do with an escrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EscrowStep {
    /// Sets custody aside.
    Hold,
    /// Pays.
    Release,
    /// Gives back.
    Return,
    /// Asks the supervisor.
    Dispute,
}

/// How a part of an escrow came to the payee or back to the payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscrowEnd {
    /// The payer released it.
    Released,
    /// Both agreed on its return.
    Agreed,
    /// Its time was over.
    Expired,
    /// The supervisor decided.
    Decided,
}

/// First eight bytes of the accounts of [`escrow_account`]; no key of a wallet is ever admitted under it.
pub const ESCROW_ACCOUNT_TAG: [u8; 8] = *b"sp/escrw";

/// The account that holds what is in escrow at a bank: tag ‖ bank, little-endian ‖ zeros. The bank owes it as it owes owners.
pub fn escrow_account(bank: BankId) -> AccountId {
    let mut raw = [0u8; 32];
    raw[..8].copy_from_slice(&ESCROW_ACCOUNT_TAG);
    raw[8..12].copy_from_slice(&bank.0.to_le_bytes());
    AccountId::new(raw)
}

/// An escrow that is open. Blocks are those of the clock of orders.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct EscrowInfo {
    /// Its name: that of the order which both signed.
    pub escrow: OrderId,
    /// Who pays.
    pub payer: OwnerId,
    /// The bank that owes what is set aside.
    pub from_bank: BankId,
    /// Who is to be paid.
    pub payee: OwnerId,
    /// The bank that is to owe the payee.
    pub to_bank: BankId,
    /// What was set aside at first, in minor units.
    pub amount: Balance,
    /// What of it was paid.
    pub paid: Balance,
    /// What of it went back to the payer.
    pub returned: Balance,
    /// What is left.
    pub rest: Balance,
    /// The last block that was agreed on.
    pub expires: BlockNumber,
    /// What was agreed on for the time after it.
    pub at_expiry: AtExpiry,
    /// Hash of the contract, if there is one.
    pub reference: Option<Hash>,
    /// Those who asked the supervisor.
    pub disputed_by: Vec<OwnerId>,
    /// Whether the supervisor is asked because the side that was to lose what is left was stopped.
    pub stopped: bool,
    /// Last block before the agreed outcome comes about, disputes considered.
    pub due: BlockNumber,
    /// The present block.
    pub now: BlockNumber,
}

sp_api::decl_runtime_apis! {
    /// What owners ask about escrows.
    pub trait EscrowApi {
        /// An escrow; `None` when it is over, or never was.
        fn escrow(escrow: OrderId) -> Option<EscrowInfo>;
        /// Escrows in which an owner is payer or payee, in the order of their storage keys, after the one with this name.
        fn escrows(owner: OwnerId, after: Option<OrderId>, limit: u32) -> Vec<EscrowInfo>;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::custody::queue_account;

    #[test]
    fn what_is_in_escrow_is_nobodys_account() {
        let (one, two) = (escrow_account(BankId(1)), escrow_account(BankId(2)));
        assert_ne!(one, two);
        assert_ne!(one, queue_account(BankId(1)));
        assert_eq!([one, two].map(|account| OwnerId::from_account(&account)), [None, None]);
        assert_ne!(ESCROW_ACCOUNT_TAG, crate::people::OWNER_ACCOUNT_TAG);
    }

    #[test]
    fn outcomes_keep_their_codes() {
        assert_eq!([AtExpiry::Pay, AtExpiry::Return].map(|outcome| outcome.encode()), [[0u8], [1]]);
    }
}
